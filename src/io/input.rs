//! Keys from the terminal, read on a thread of their own: blocking there costs
//! nothing, and a terminal that has gone ends the thread instead of spinning.

use crossterm::event::{self, Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::Sender;

use crate::app::event::Input;
use crate::app::key::{Code, Key};

/// Reads until the terminal or the receiver has gone. Dropping the sender tells the loop.
pub fn read(inputs: Sender<Input>) {
    std::thread::spawn(move || {
        while let Ok(raw) = event::read() {
            let Some(input) = translate(raw) else {
                continue;
            };
            if inputs.blocking_send(input).is_err() {
                return;
            }
        }
    });
}

fn translate(raw: Raw) -> Option<Input> {
    match raw {
        Raw::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
        Raw::Paste(text) => Some(Input::Paste(text)),
        Raw::Resize(width, height) => Some(Input::Resize { width, height }),
        Raw::Key(_) | Raw::Mouse(_) | Raw::FocusGained | Raw::FocusLost => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(letter) => Code::Char(letter),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        _ => return None,
    };
    let (ctrl, alt) = (
        event.modifiers.contains(KeyModifiers::CONTROL),
        event.modifiers.contains(KeyModifiers::ALT),
    );
    // Some terminals send ctrl-h for backspace.
    if ctrl && code == Code::Char('h') {
        return Some(Key::plain(Code::Backspace));
    }
    Some(Key { code, ctrl, alt })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_is_the_letter_itself() {
        let shifted = KeyEvent::new(KeyCode::Char('U'), KeyModifiers::SHIFT);
        assert_eq!(key(shifted), "U".parse().ok());
        let reload = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(key(reload), "ctrl-r".parse().ok());
    }

    #[test]
    fn a_key_that_is_let_go_says_nothing() {
        let mut event = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(translate(Raw::Key(event)), None);
    }
}
