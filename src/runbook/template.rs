//! Text with `{{placeholders}}`, filled from a context.
//!
//! A hole that can't be filled stays visible as it was written, and the text
//! is then not whole: it can be read but not copied. Anything in double braces
//! that isn't a dotted lower-case name is text, as in `--format '{{.Names}}'`.

use std::fmt;

use super::placeholder::{Context, Placeholder};
use super::shell::{Scanner, Shell, harmless};

/// How values are put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As they are, for reading.
    Prose,
    /// Quoted for this shell.
    Command(Shell),
}

/// A piece of filled text, so that a screen can show what was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Value(String),
    /// A placeholder that stayed, as it was written.
    Hole(String),
}

/// Text after filling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    pub parts: Vec<Part>,
    pub lacks: Vec<Lack>,
}

/// Why a placeholder stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    NoValue(Placeholder),
    /// No placeholder has this name.
    Unknown(String),
    /// It stands where no quoting is safe.
    Unquotable(Placeholder),
    /// Its value begins with a dash and would be read as an option.
    Option(Placeholder),
}

/// A piece of a template: literal text, or the name in a pair of braces.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Hole { written: &'a str, name: &'a str },
}

/// Puts values in for the placeholders of a text.
pub fn fill(text: &str, context: &Context, manner: Manner) -> Filled {
    let mut filled = Filled::default();
    let mut scanner = match manner {
        Manner::Prose => None,
        Manner::Command(shell) => Some(Scanner::new(shell)),
    };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => {
                if let Some(scanner) = &mut scanner {
                    scanner.read(text);
                }
                filled.parts.push(Part::Text(text.to_owned()));
            }
            Piece::Hole { written, name } => match value(name, context, scanner.as_mut()) {
                Ok(value) => filled.parts.push(Part::Value(value)),
                Err(lack) => {
                    filled.parts.push(Part::Hole(written.to_owned()));
                    filled.lacks.push(lack);
                }
            },
        }
    }
    filled
}

fn value(name: &str, context: &Context, scanner: Option<&mut Scanner>) -> Result<String, Lack> {
    let placeholder = Placeholder::named(name).ok_or_else(|| Lack::Unknown(name.to_owned()))?;
    let value = context
        .value(placeholder)
        .ok_or(Lack::NoValue(placeholder))?;
    let Some(scanner) = scanner else {
        return Ok(harmless(&value));
    };
    if value.starts_with('-') && scanner.begins_word() {
        return Err(Lack::Option(placeholder));
    }
    scanner.quote(&value).ok_or(Lack::Unquotable(placeholder))
}

/// Cuts a text at its placeholders.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        let Some((written, name)) = hole(&text[open..]) else {
            // One brace further, so that `{{{x}}` still finds its placeholder.
            at = open + 1;
            continue;
        };
        if from < open {
            pieces.push(Piece::Text(&text[from..open]));
        }
        pieces.push(Piece::Hole { written, name });
        (from, at) = (open + written.len(), open + written.len());
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// The placeholder at the start of a text: as written, and its name. Looks no
/// further than a name can be long, so that a page full of braces stays cheap.
fn hole(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 64;
    let inner = text.strip_prefix("{{")?;
    let end = inner
        .bytes()
        .take(LONGEST)
        .position(|byte| !(is_name_byte(byte) || byte == b' '))?;
    if !inner[end..].starts_with("}}") {
        return None;
    }
    let name = inner[..end].trim_matches(' ');
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    (starts_well && !name.contains(' ')).then(|| (&text[..end + 4], name))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_'
}

impl Filled {
    /// The text when nothing is missing, else the first thing that is.
    pub fn whole(self) -> Result<String, Lack> {
        match self.lacks.into_iter().next() {
            Some(lack) => Err(lack),
            None => Ok(self.parts.iter().map(Part::as_str).collect()),
        }
    }
}

impl Part {
    /// What it reads as.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Value(text) | Self::Hole(text) => text,
        }
    }
}

impl Lack {
    /// What to do about it, or what the missing thing is.
    pub fn hint(&self) -> String {
        match self {
            Self::NoValue(placeholder) => {
                format!("{} is {}", placeholder.name(), placeholder.sentence())
            }
            Self::Unknown(name) => known_beside(name),
            Self::Unquotable(_) => "put the placeholder outside the substitution".to_owned(),
            Self::Option(_) => "type this command by hand, after reading the value".to_owned(),
        }
    }
}

/// The placeholders of the same family, for a name that was mistyped.
fn known_beside(name: &str) -> String {
    let family = name.split('.').next().unwrap_or_default();
    let known = |family: &str| -> Vec<&str> {
        Placeholder::all()
            .map(Placeholder::name)
            .filter(|known| known.starts_with(family))
            .collect()
    };
    let mut names = known(family);
    if names.is_empty() {
        names = known("");
    }
    format!("known are {}", names.join(", "))
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue(placeholder) => write!(f, "{} has no value", placeholder.name()),
            Self::Unknown(name) => write!(f, "no placeholder is called {name}"),
            Self::Unquotable(placeholder) => write!(
                f,
                "{} stands where it cannot be quoted safely",
                placeholder.name()
            ),
            Self::Option(placeholder) => write!(
                f,
                "{} begins with a dash and would be read as an option",
                placeholder.name()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    const COMMAND: Manner = Manner::Command(Shell::Posix);

    fn held() -> Context {
        Context::new()
            .with(Placeholder::LockId, "a1b2c3d4")
            .with(Placeholder::StateKey, "env:/my app/x.tfstate")
    }

    #[test]
    fn a_hole_is_a_dotted_name_and_everything_else_is_text() {
        let names = |text| {
            pieces(text)
                .into_iter()
                .filter_map(|piece| match piece {
                    Piece::Hole { name, .. } => Some(name),
                    Piece::Text(_) => None,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names("a {{lock.id}} b {{ state.key }}"),
            ["lock.id", "state.key"]
        );
        assert_eq!(names("{{{lock.id}}}"), ["lock.id"]);
        for text in [
            "{{.Names}}",
            "{{ }}",
            "{{Lock}}",
            "{{a b}}",
            "{{lock.id",
            "{{",
            "}}{{",
        ] {
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn prose_takes_a_value_as_it_is_and_a_command_quotes_it() {
        let text = "key {{state.key}}";
        assert_eq!(
            fill(text, &held(), Manner::Prose).whole().unwrap(),
            "key env:/my app/x.tfstate"
        );
        assert_eq!(
            fill(text, &held(), COMMAND).whole().unwrap(),
            "key 'env:/my app/x.tfstate'"
        );
    }

    #[test]
    fn a_hole_without_a_value_stays_as_it_was_written() {
        let filled = fill("unlock {{ lock.who }} now", &held(), COMMAND);
        assert_eq!(filled.parts[1], Part::Hole("{{ lock.who }}".into()));
        assert_eq!(filled.lacks, [Lack::NoValue(Placeholder::LockWho)]);
        let strange = fill("{{lock.colour}}", &held(), Manner::Prose);
        assert_eq!(strange.lacks, [Lack::Unknown("lock.colour".into())]);
    }

    #[test]
    fn a_value_that_would_pass_for_an_option_is_not_put_in() {
        let context = Context::new().with(Placeholder::LockId, "-force");
        for text in [
            "terraform force-unlock {{lock.id}}",
            "terraform force-unlock \"{{lock.id}}\"",
        ] {
            assert_eq!(
                fill(text, &context, COMMAND).whole(),
                Err(Lack::Option(Placeholder::LockId))
            );
        }
        assert_eq!(
            fill("x --id={{lock.id}}", &context, COMMAND)
                .whole()
                .unwrap(),
            "x --id=-force"
        );
    }

    #[test]
    fn a_control_character_never_reaches_the_page() {
        let context = Context::new().with(Placeholder::LockWho, "eve\u{1b}]52;c;x\u{7}\u{202e}");
        let read = fill("by {{lock.who}}", &context, Manner::Prose)
            .whole()
            .unwrap();
        assert_eq!(read, "by eve\u{fffd}]52;c;x\u{fffd}\u{fffd}");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(2),
            ..ProptestConfig::default()
        })]

        #[test]
        fn the_pieces_of_any_text_join_to_that_text(text in "[{} a.b\u{e9}]{0,40}") {
            let joined: String = pieces(&text)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => *text,
                    Piece::Hole { written, .. } => *written,
                })
                .collect();
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn what_is_copied_holds_no_control_character_of_a_value(value in "\\PC{0,20}\\pC{0,3}") {
            let context = Context::new().with(Placeholder::LockWho, value);
            for manner in [Manner::Prose, COMMAND, Manner::Command(Shell::PowerShell)] {
                if let Ok(text) = fill("x {{lock.who}}", &context, manner).whole() {
                    prop_assert!(!text.chars().any(char::is_control));
                }
            }
        }
    }
}
