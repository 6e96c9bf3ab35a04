//! What a lock of tfsos is for, as its `Info` says it to whoever meets it
//! without our journal: in which incident, since which step of which plan, and
//! the command that goes on with it.

use std::fmt;

use serde::Serialize;

use super::Holder;

/// How the `Info` and the `Operation` of every lock of ours begin.
pub const SIGN: &str = "tfsos";
const RESUME: &str = "; resume: ";

/// Why tfsos holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Everybody is to be kept out, until somebody thaws it.
    Freeze,
    /// It was taken over from somebody, and stands until it is let go.
    TakeOver,
    /// A state is being put back; the plan itself lets go of it.
    Restore,
}

/// What a lock of tfsos says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Errand {
    pub purpose: Purpose,
    pub incident: String,
    /// The step that took it, as in `3 of 9`.
    pub step: String,
    /// What is done under it, in words.
    pub does: String,
    /// The command that goes on with it where the incident's folder lies.
    pub resume: String,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Freeze => "freeze",
            Self::TakeOver => "take-over",
            Self::Restore => "restore",
        })
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SIGN} {}; incident {}; step {}; {}{RESUME}{}",
            self.purpose, self.incident, self.step, self.does, self.resume
        )
    }
}

impl Errand {
    /// How it goes on, each in a sentence: where its journal lies, and elsewhere.
    pub fn ways(&self) -> [String; 2] {
        [
            format!("where its journal lies: {}", self.resume),
            format!("elsewhere: {}", self.elsewhere()),
        ]
    }

    /// How it goes on where its journal does not lie.
    pub fn elsewhere(&self) -> String {
        format!(
            "tfsos journal export {} -o FILE there, then tfsos --incident FILE here",
            self.incident
        )
    }

    /// What the lock of another tfsos, here or elsewhere, says; none of any other lock.
    pub fn of(holder: &Holder) -> Option<Self> {
        if !is_ours(holder) {
            return None;
        }
        let (rest, resume) = holder.info.rsplit_once(RESUME)?;
        let mut parts = rest.splitn(4, "; ");
        let purpose = match parts.next()?.strip_prefix(SIGN)?.trim_start() {
            "freeze" => Purpose::Freeze,
            "take-over" => Purpose::TakeOver,
            "restore" => Purpose::Restore,
            _ => return None,
        };
        Some(Self {
            purpose,
            incident: parts.next()?.strip_prefix("incident ")?.to_owned(),
            step: parts.next()?.strip_prefix("step ")?.to_owned(),
            does: parts.next()?.to_owned(),
            resume: resume.to_owned(),
        })
    }
}

/// Whether a lock is one that tfsos took, here or on another machine.
pub fn is_ours(holder: &Holder) -> bool {
    holder.operation == SIGN && holder.info.starts_with(SIGN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand(does: &str) -> Errand {
        Errand {
            purpose: Purpose::Freeze,
            incident: "20261122T021407Z-tfb-net".into(),
            step: "1 of 3".into(),
            does: does.into(),
            resume: "tfsos thaw a1 --yes a1".into(),
        }
    }

    fn holder(operation: &str, info: &str) -> Holder {
        Holder {
            operation: operation.into(),
            info: info.into(),
            ..Holder::default()
        }
    }

    #[test]
    fn what_was_written_is_read_whatever_the_reason_holds() {
        for does in [
            "thinking",
            "a; b; resume: nothing",
            "",
            "step 9; incident x",
        ] {
            let errand = errand(does);
            let read = Errand::of(&holder("tfsos", &errand.to_string()));
            assert_eq!(read, Some(errand), "{does}");
        }
    }

    #[test]
    fn nothing_else_is_an_errand() {
        let text = errand("x").to_string();
        assert_eq!(Errand::of(&holder("OperationTypeApply", &text)), None);
        for info in [
            "",
            "tfsos",
            "tfsos restores it",
            "tfsos x; incident y; step z; a; resume: b",
        ] {
            assert_eq!(Errand::of(&holder("tfsos", info)), None, "{info}");
        }
    }
}
