//! The text of a page after its Markdown was read: blocks in the order of the
//! page, each ready to be filled, wrapped and styled.
//!
//! Text keeps its placeholders; nothing here knows a width or a color.

use super::directive::Directive;
use super::placeholder::Context;
use super::shell::Shell;
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
        self.fill(context)
            .whole()
            .map_err(|lack| Fault::new("copy", self.subject(), &lack).hint(lack.hint()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Placeholder;

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
