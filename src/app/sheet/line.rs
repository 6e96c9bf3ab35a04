//! One line of text being typed: at its end, with the few keys a shell has
//! taught everybody.

use crate::app::key::{Code, Key};

/// What a key did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    Changed,
    Unused,
}

/// A line of at most [`Line::LONGEST`] characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
}

impl Line {
    /// Longer than any id, regex or note that is typed by hand.
    pub const LONGEST: usize = 1_000;

    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Types the key: characters, backspace, ctrl-w (a word), ctrl-u (all).
    pub fn press(&mut self, key: Key) -> Edit {
        let erased = match (key.ctrl, key.code) {
            (false, Code::Backspace) => self.text.pop().is_some(),
            (true, Code::Char('u')) => !std::mem::take(&mut self.text).is_empty(),
            (true, Code::Char('w')) => self.erase_word(),
            _ => return self.append(key),
        };
        if erased { Edit::Changed } else { Edit::Unused }
    }

    fn append(&mut self, key: Key) -> Edit {
        let Some(letter) = key
            .typed()
            .filter(|_| self.text.chars().count() < Self::LONGEST)
        else {
            return Edit::Unused;
        };
        self.text.push(letter);
        Edit::Changed
    }

    fn erase_word(&mut self) -> bool {
        let kept = self.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
        let erased = kept < self.text.len();
        self.text.truncate(kept);
        erased
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> Line {
        let mut line = Line::default();
        for key in keys.split(' ') {
            line.press(key.parse().unwrap());
        }
        line
    }

    #[test]
    fn the_keys_of_a_shell_work() {
        assert_eq!(typed("a b space c").text(), "ab c");
        assert_eq!(typed("a b space c ctrl-w").text(), "ab ");
        assert_eq!(typed("a b ctrl-u").text(), "");
        assert_eq!(typed("a b backspace").text(), "a");
    }
}
