//! Quoting of a value for a shell, in the place where it will stand.
//!
//! The invariant: a filled command has the words that its template has,
//! whatever the value. Where that can't be promised (inside a substitution or a
//! here-document, after a backslash) the answer is `None`, never a guess; a
//! command that hands its words to another shell (`sh -c`, `ssh`) is for lint.
//! What is copied holds no control character of a value, because a terminal
//! obeys those while pasting.

/// Whose rules of quoting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Posix,
    PowerShell,
}

/// Where in a command the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Bare,
    Single,
    Double,
    Comment,
}

/// Reads the literal text of a command from left to right, so that each value
/// is quoted for the place where it lands.
#[derive(Debug)]
pub(super) struct Scanner {
    shell: Shell,
    place: Place,
    /// The last character was an escape that waits for the next one.
    escaped: bool,
    last: Option<char>,
    /// Something was seen after which places can't be told for sure.
    lost: bool,
}

impl Scanner {
    pub(super) fn new(shell: Shell) -> Self {
        Self {
            shell,
            place: Place::Bare,
            escaped: false,
            last: None,
            lost: false,
        }
    }

    /// Takes the literal text up to the next placeholder.
    pub(super) fn read(&mut self, text: &str) {
        for letter in text.chars() {
            self.step(letter);
            self.last = Some(letter);
        }
    }

    /// The value, quoted for this place; `None` where that isn't safe.
    pub(super) fn quote(&mut self, value: &str) -> Option<String> {
        let joined = self.escaped || (self.place == Place::Bare && self.last == Some('$'));
        if self.lost || joined {
            return None;
        }
        self.last = Some('x');
        match self.shell {
            Shell::Posix => Some(self.posix(value)),
            Shell::PowerShell => self.powershell(value),
        }
    }

    /// Whether a value here would begin a word, and could pass for an option.
    pub(super) fn begins_word(&self) -> bool {
        let quote = matches!(self.last, Some('\'' | '"'));
        self.place != Place::Comment && (self.last.is_none_or(char::is_whitespace) || quote)
    }

    fn step(&mut self, letter: char) {
        if std::mem::take(&mut self.escaped) {
            return;
        }
        match self.place {
            Place::Comment if letter == '\n' => self.place = Place::Bare,
            Place::Single if letter == '\'' => self.place = Place::Bare,
            Place::Comment | Place::Single => {}
            Place::Double => self.step_double(letter),
            Place::Bare => self.step_bare(letter),
        }
    }

    fn step_bare(&mut self, letter: char) {
        let begins = self
            .last
            .is_none_or(|last| last.is_whitespace() || ";|&(".contains(last));
        match letter {
            '\'' | '"' if matches!(self.last, Some('$' | '@')) => self.lost = true,
            '(' if self.last == Some('(') => self.lost = true,
            '\'' => self.place = Place::Single,
            '"' => self.place = Place::Double,
            '#' if begins => self.place = Place::Comment,
            '<' if self.last == Some('<') => self.lost = true,
            _ => self.step_common(letter),
        }
    }

    fn step_double(&mut self, letter: char) {
        match letter {
            '"' => self.place = Place::Bare,
            _ => self.step_common(letter),
        }
    }

    fn step_common(&mut self, letter: char) {
        match (self.shell, letter) {
            (Shell::Posix, '\\') | (Shell::PowerShell, '`') => self.escaped = true,
            (Shell::Posix, '`') | (Shell::PowerShell, '\u{2018}'..='\u{201e}') => self.lost = true,
            (_, '(' | '{') if self.last == Some('$') => self.lost = true,
            _ => {}
        }
    }

    fn posix(&self, value: &str) -> String {
        let quoted = posix_word(value);
        match self.place {
            Place::Comment => harmless(value),
            _ if quoted == value => quoted,
            Place::Bare => quoted,
            Place::Single => format!("'{quoted}'"),
            Place::Double => format!("\"{quoted}\""),
        }
    }

    fn powershell(&self, value: &str) -> Option<String> {
        if harmless(value) != value {
            return None;
        }
        match self.place {
            Place::Bare => Some(format!("'{}'", powershell_inner(value))),
            Place::Single => Some(powershell_inner(value)),
            Place::Comment => Some(value.to_owned()),
            Place::Double => None,
        }
    }
}

/// One word of a POSIX shell. Control characters need `$'…'`, which bash, zsh
/// and ksh read.
fn posix_word(value: &str) -> String {
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    if harmless(value) == value {
        return format!("'{}'", value.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for letter in value.chars() {
        match letter {
            '\'' | '\\' => word.extend(['\\', letter]),
            _ if is_harmful(letter) => word.push_str(&escaped_bytes(letter)),
            _ => word.push(letter),
        }
    }
    word.push('\'');
    word
}

fn escaped_bytes(letter: char) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::new();
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        // Three octal digits always: a hexadecimal escape would swallow a digit that follows.
        let _ = write!(escaped, "\\{byte:03o}");
    }
    escaped
}

/// PowerShell takes the typographic quotes for the plain one.
fn powershell_inner(value: &str) -> String {
    let mut inner = String::with_capacity(value.len());
    for letter in value.chars() {
        inner.push(letter);
        if matches!(letter, '\'' | '\u{2018}'..='\u{201b}') {
            inner.push(letter);
        }
    }
    inner
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_./:@%+-".contains(letter)
}

/// The value with everything replaced that a terminal would obey or a reader be
/// misled by: control characters, marks of writing direction, letters without width.
pub(super) fn harmless(value: &str) -> String {
    value
        .chars()
        .map(|letter| {
            if is_harmful(letter) {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

/// The first character of a command that is not seen, or is seen as another: a
/// control character, a mark that turns the reading, something without width, a
/// space that is none to a shell. Line breaks and tabs are what they look like.
pub fn unseen(command: &str) -> Option<char> {
    command.chars().find(|letter| {
        let is_plain = matches!(letter, '\n' | '\t');
        let is_odd = matches!(
            letter,
            '\u{a0}'
                | '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{1680}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{2000}'..='\u{200a}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{2800}'
                | '\u{3000}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        );
        !is_plain && (is_odd || is_harmful(*letter))
    })
}

fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shell: Shell, before: &str, value: &str, after: &str) -> Option<String> {
        let mut scanner = Scanner::new(shell);
        scanner.read(before);
        let quoted = scanner.quote(value)?;
        Some(format!("{before}{quoted}{after}"))
    }

    #[test]
    fn a_plain_value_is_left_as_it_is() {
        assert_eq!(
            put(Shell::Posix, "ls ", "env:/staging/app.tfstate", "").unwrap(),
            "ls env:/staging/app.tfstate"
        );
    }

    #[test]
    fn nothing_that_a_shell_would_expand_stays_bare() {
        for value in [
            "a b", "$(id)", "`id`", "a;b", "~root", "*", "a=b", "{a,b}", "!x", "",
        ] {
            let line = put(Shell::Posix, "ls ", value, "").unwrap();
            assert_eq!(line, format!("ls '{value}'"));
        }
        assert_eq!(
            put(Shell::Posix, "ls ", "it's", "").unwrap(),
            r"ls 'it'\''s'"
        );
    }

    #[test]
    fn a_value_within_quotes_leaves_and_enters_them_again() {
        assert_eq!(
            put(Shell::Posix, "ls \"a ", "$x", " b\"").unwrap(),
            "ls \"a \"'$x'\" b\""
        );
        assert_eq!(
            put(Shell::Posix, "ls 'a ", "it's", " b'").unwrap(),
            r"ls 'a ''it'\''s'' b'"
        );
        assert_eq!(
            put(Shell::Posix, "ls 'a ", "plain", " b'").unwrap(),
            "ls 'a plain b'"
        );
    }

    #[test]
    fn a_control_character_is_written_and_never_sent() {
        assert_eq!(
            put(Shell::Posix, "ls ", "a\u{1b}[201~\nid", "").unwrap(),
            r"ls $'a\033[201~\012id'"
        );
    }

    #[test]
    fn an_apostrophe_in_a_comment_opens_no_quote() {
        assert_eq!(
            put(Shell::Posix, "# don't\nls ", "a b", "").unwrap(),
            "# don't\nls 'a b'"
        );
        assert_eq!(
            put(Shell::Posix, "ls # of ", "a\nid", "").unwrap(),
            "ls # of a\u{fffd}id"
        );
    }

    #[test]
    fn where_quoting_cannot_be_promised_there_is_no_answer() {
        for before in [
            "x=$(ls ",
            "ls `cat ",
            "cat <<END\n",
            "ls \\",
            "ls $",
            "ls \"$(id ",
            "ls $'a",
            "ls ${x:-",
        ] {
            assert_eq!(put(Shell::Posix, before, "v", ""), None, "{before}");
        }
        assert!(put(Shell::Posix, "jq '$(' ", "v", "").is_some());
    }

    #[test]
    fn powershell_doubles_every_kind_of_apostrophe() {
        assert_eq!(
            put(Shell::PowerShell, "$env:X = ", "it's ’fine", "").unwrap(),
            "$env:X = 'it''s ’’fine'"
        );
        assert_eq!(put(Shell::PowerShell, "echo \"", "v", "\""), None);
        assert_eq!(put(Shell::PowerShell, "echo ", "a\nb", ""), None);
    }

    /// The shell itself is asked what it makes of a hostile value.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_every_value_back_as_one_word() {
        let values = [
            "a b",
            "$(echo no)",
            "`echo no`",
            "it's",
            "\"",
            "\\",
            "a\\'b",
            "!!",
            "*",
            "~",
            "#x",
            "$x ${x}",
            "'; echo no; '",
            "\"; echo no; \"",
            "--help",
            "π ‘q’",
            "\\\\'\\",
        ];
        for (before, after) in [
            ("printf %s ", ""),
            ("printf %s \"<", ">\""),
            ("printf %s '<", ">'"),
        ] {
            for value in values {
                let line = put(Shell::Posix, before, value, after).unwrap();
                let said = std::process::Command::new("sh")
                    .args(["-c", &line])
                    .output()
                    .unwrap();
                let said = String::from_utf8(said.stdout).unwrap();
                let inner = said
                    .strip_prefix('<')
                    .and_then(|said| said.strip_suffix('>'));
                assert_eq!(inner.unwrap_or(&said), value, "{line}");
            }
        }
    }
}
