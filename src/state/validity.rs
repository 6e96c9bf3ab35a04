//! What is wrong with a state that Terraform would refuse, as a sentence, with
//! the place in the text. The text around the place is shown with every value
//! masked: a broken state still holds its secrets.

use std::fmt;

use memchr::{memchr_iter, memrchr};

use super::excerpt;
use super::json::{Flaw, Inside, Shape, Wrong};
use super::shown::visible;

/// The first thing for which Terraform would refuse a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotJson(Flaw),
    /// What Terraform 0.6 and older wrote.
    Binary,
    NoVersion,
    VersionZero,
    VersionNotNumber(Shape),
    /// A format from the future; `by` is the Terraform that wrote it, if it says so.
    Newer {
        format: u64,
        by: Option<String>,
    },
    TerraformVersion,
    /// A field with a value of another shape than it must have.
    Field(&'static str, Shape),
    /// A resource that does not say its mode, type or name.
    Nameless,
    Module,
    Mode,
    Key,
    Status,
    Deposed,
    /// An instance that is there twice.
    Duplicate(String),
}

impl Refusal {
    /// In which order Terraform looks; the smallest rank is what it reports.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NotJson(_) | Self::Binary => 0,
            Self::VersionNotNumber(_) => 1,
            Self::NoVersion | Self::VersionZero | Self::Newer { .. } => 2,
            Self::Field(..) => 3,
            Self::TerraformVersion => 4,
            Self::Nameless
            | Self::Module
            | Self::Mode
            | Self::Key
            | Self::Status
            | Self::Deposed
            | Self::Duplicate(_) => 5,
        }
    }

    /// Terraform's own summary for this refusal.
    pub fn summary(&self) -> &'static str {
        match self.rank() {
            0..=2 => "Unsupported state file format",
            3 => "Invalid state file format",
            4 => "Invalid Terraform version string",
            _ => match self {
                Self::Mode => "Invalid resource mode in state",
                Self::Duplicate(_) => "Duplicate resource instance in state",
                _ => "Invalid resource instance metadata in state",
            },
        }
    }
}

/// A place in the text as an editor counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// As Terraform counts: the bytes that were read up to and with the one that does not fit.
    pub offset: usize,
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
}

/// Why and where a state would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub refusal: Refusal,
    pub place: Place,
    /// How many bytes the state has.
    pub size: usize,
    /// The line around the place, values masked.
    pub excerpt: String,
}

impl Damage {
    pub(super) fn new(text: &[u8], at: usize, refusal: Refusal) -> Self {
        let before = &text[..at.min(text.len())];
        let line_start = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let place = Place {
            offset: (at + 1).min(text.len()),
            line: memchr_iter(b'\n', before).count() + 1,
            column: before.len() - line_start + 1,
        };
        Self {
            refusal,
            place,
            size: text.len(),
            excerpt: excerpt::around(text, before.len()),
        }
    }

    /// Whether every second byte of it may be zero although nothing was lost.
    pub fn is_utf16(&self) -> bool {
        let at = self.place.offset;
        matches!(
            self.refusal,
            Refusal::NotJson(Flaw {
                what: Wrong::Misplaced(0xFE | 0xFF),
                ..
            })
        ) && at == 1
    }

    /// Whether the text is merely cut short: what stands before the end is whole.
    pub fn is_cut(&self) -> bool {
        matches!(
            self.refusal,
            Refusal::NotJson(Flaw {
                what: Wrong::Ends(_),
                ..
            })
        )
    }
}

impl fmt::Display for Damage {
    /// What is wrong and where, as the end of a sentence about the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)?;
        let Place {
            offset,
            line,
            column,
        } = self.place;
        match &self.refusal {
            // What is not there stands nowhere.
            Refusal::NoVersion => Ok(()),
            _ => write!(
                f,
                ", at byte {} of {} (line {line}, column {column})",
                grouped(offset as u64),
                grouped(self.size as u64)
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(flaw) => return flaw.fmt(f),
            Self::VersionNotNumber(shape) => {
                return write!(
                    f,
                    "its version is {shape} instead of a positive whole number"
                );
            }
            Self::Newer { format, by } => {
                write!(
                    f,
                    "it uses format version {format}, which no known Terraform writes"
                )?;
                return by
                    .iter()
                    .try_for_each(|by| write!(f, " (it says it was written by {})", visible(by)));
            }
            Self::Field(field, shape) => return write!(f, "its field {field} is {shape}"),
            Self::Duplicate(name) => return write!(f, "it holds {name} twice"),
            _ => {}
        }
        f.write_str(match self {
            Self::Binary => {
                "it is in the binary format of Terraform 0.6, which newer ones do not read"
            }
            Self::NoVersion => "it has no version field, so it is no Terraform state",
            Self::VersionZero => "its version is zero, a format that never existed",
            Self::TerraformVersion => "its terraform_version is no version number",
            Self::Nameless => "a resource does not say its mode, type and name",
            Self::Module => "a resource has a module path that cannot be read",
            Self::Mode => "a resource has a mode that is neither managed nor data",
            Self::Key => "an instance has a key that is neither a number nor a string",
            Self::Status => "an instance has a status other than tainted",
            _ => "a deposed object has a key that is not eight characters long",
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.what {
            Wrong::Ends(Inside::Text) => "it ends in the middle of a string",
            Wrong::Ends(Inside::Object) => "it ends in the middle of an object",
            Wrong::Ends(Inside::List) => "it ends in the middle of a list",
            Wrong::Ends(Inside::Literal) => "it ends in the middle of a value",
            Wrong::Ends(Inside::Nothing) => "it holds nothing but white space",
            Wrong::Misplaced(0) | Wrong::Control(0) => "it holds zero bytes (NUL)",
            Wrong::Misplaced(0xEF) if self.at == 0 => "it begins with a byte order mark",
            Wrong::Misplaced(0xFE | 0xFF) if self.at == 0 => {
                "it is written in UTF-16, as PowerShell redirects what it prints"
            }
            Wrong::Misplaced(b']' | b'}') => {
                "a bracket closes where a value or another bracket is due"
            }
            Wrong::Misplaced(b',') => "a comma stands where none belongs",
            Wrong::Misplaced(b'"') => "a string begins where a comma or a bracket is due",
            Wrong::Misplaced(b'<' | b'=' | b'>') if self.at == 0 => {
                "it holds a merge conflict or a page instead of JSON"
            }
            Wrong::Misplaced(_) => "it holds a character that does not belong there",
            Wrong::Control(_) => "a string holds a line break or another control character",
            Wrong::Escape => "a string holds an escape that JSON does not have",
            Wrong::Number => "it holds a number that is cut or misspelled",
            Wrong::Literal => "it holds a word that is not true, false or null",
            Wrong::Trailing => "something follows the end of the state",
            Wrong::TooDeep => "it is nested deeper than Terraform reads",
        })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

/// A number with its thousands set apart, as the sentences write bytes.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
