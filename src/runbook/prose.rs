//! The text of a page after its Markdown was read: blocks in the order of the
//! page, each ready to be filled, wrapped and styled.
//!
//! Text keeps its placeholders; nothing here knows a width or a color.

use super::directive::Directive;
use super::placeholder::Context;
use super::shell::{Shell, unseen};
use super::template::{Filled, Manner, fill};
use crate::fault::Fault;

/// One thing of a page, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading below the steps.
    Heading(Vec<Span>),
    Paragraph(Vec<Span>),
    /// An item of a list, `depth` levels in.
    Item {
        depth: u8,
        mark: Mark,
        spans: Vec<Span>,
    },
    Snippet(Snippet),
    Directive(Directive),
}

/// What stands before an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Bullet,
    Number(u64),
}

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// How a run of text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Emphasis,
    Strong,
    Code,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub language: Language,
    /// Without the last newline.
    pub text: String,
}

/// What a fenced block holds, by the word after the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// `sh`: a command for a POSIX shell.
    Shell,
    /// `powershell`: the same for PowerShell.
    PowerShell,
    /// `text`: a message to paste to somebody.
    Message,
    /// `output`: what a command may print. Nothing to copy.
    Output,
    /// Anything else, by its own word: `hcl`, `json`.
    Other(String),
}

impl Language {
    /// The language that the word after a fence means.
    pub fn named(word: &str) -> Self {
        match word {
            "sh" | "bash" | "shell" => Self::Shell,
            "powershell" | "pwsh" => Self::PowerShell,
            "text" => Self::Message,
            "output" | "console" => Self::Output,
            other => Self::Other(other.to_owned()),
        }
    }

    fn manner(&self) -> Manner {
        match self {
            Self::Shell => Manner::Command(Shell::Posix),
            Self::PowerShell => Manner::Command(Shell::PowerShell),
            Self::Message | Self::Output | Self::Other(_) => Manner::Prose,
        }
    }
}

impl Snippet {
    /// Whether there is any use in copying it.
    pub fn is_for_copying(&self) -> bool {
        self.language != Language::Output
    }

    /// The text with its placeholders filled, quoted as its language wants.
    pub fn fill(&self, context: &Context) -> Filled {
        fill(&self.text, context, self.language.manner())
    }

    /// What goes to the clipboard, or what keeps it from being whole: a
    /// command with a hole in it is never copied.
    pub fn copy(&self, context: &Context) -> Result<String, Fault> {
        if let Some(letter) = self.unseen() {
            let cause = format!("it holds a character that is not seen: {}", named(letter));
            let hint = "a command shows what it does: mend the page, or read it with cat -A";
            return Err(Fault::new("copy", self.subject(), cause).hint(hint));
        }
        self.fill(context)
            .whole()
            .map_err(|lack| Fault::new("copy", self.subject(), &lack).hint(lack.hint()))
    }

    /// The first character of a command that a reader does not see.
    pub fn unseen(&self) -> Option<char> {
        match self.language {
            Language::Shell | Language::PowerShell => unseen(&self.text),
            Language::Message | Language::Output | Language::Other(_) => None,
        }
    }

    /// What a person calls it.
    pub fn subject(&self) -> &'static str {
        match self.language {
            Language::Shell | Language::PowerShell => "the command",
            Language::Message => "the message",
            Language::Output | Language::Other(_) => "the text",
        }
    }
}

/// A character by its number, as in `U+202E`.
pub fn named(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Placeholder;

    #[test]
    fn a_command_that_hides_a_part_of_itself_is_never_copied() {
        for hidden in [
            "ls\r rm -rf x",
            "echo \u{1b}[8mrm x\u{1b}[0m",
            "echo a\u{202e}x fr- mr",
            "ls\u{200b} x",
            "rm\u{a0}-rf x",
            "ls \u{e0072}\u{e006d}",
            "echo \u{8}\u{8}x",
            "a\u{3164}=1",
        ] {
            let fault = snippet(Language::Shell, hidden)
                .copy(&Context::new())
                .unwrap_err();
            assert!(
                fault
                    .cause
                    .starts_with("it holds a character that is not seen: U+"),
                "{fault}"
            );
            // What is only read aloud hides no command.
            assert!(
                snippet(Language::Message, hidden)
                    .copy(&Context::new())
                    .is_ok()
            );
        }
        let plain = "jq -r '.a[] | \"é → x\"' f \\\n\t| head\n";
        assert_eq!(
            snippet(Language::Shell, plain)
                .copy(&Context::new())
                .unwrap(),
            plain
        );
    }

    fn snippet(language: Language, text: &str) -> Snippet {
        Snippet {
            language,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_command_is_quoted_and_a_message_is_not() {
        let context = Context::new().with(Placeholder::LockWho, "alice smith@laptop");
        let command = snippet(Language::Shell, "echo {{lock.who}}");
        let message = snippet(Language::Message, "Held by {{lock.who}}.");
        assert_eq!(command.copy(&context).unwrap(), "echo 'alice smith@laptop'");
        assert_eq!(
            message.copy(&context).unwrap(),
            "Held by alice smith@laptop."
        );
    }

    #[test]
    fn a_command_with_a_hole_says_what_is_missing() {
        let command = snippet(Language::Shell, "terraform force-unlock {{lock.id}}");
        let fault = command.copy(&Context::new()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "cannot copy the command: lock.id has no value"
        );
        assert_eq!(fault.hint.as_deref(), Some("lock.id is the id of the lock"));
    }

    #[test]
    fn output_is_read_and_not_copied() {
        assert!(!snippet(Language::named("output"), "x").is_for_copying());
        assert!(snippet(Language::named("hcl"), "x").is_for_copying());
    }
}
