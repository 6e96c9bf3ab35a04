//! Why a restore is not planned, as a person reads it, with the way on.

use crate::fault::Fault;
use crate::lock::Errand;
use crate::place::Place;
use crate::state::Versioning;

/// The way on where no versions are kept.
const UNVERSIONED: &str = "enable it first: aws s3api put-bucket-versioning --versioning-configuration Status=Enabled; or --unversioned FILE goes on once a second copy of it lies in FILE";

/// Why there is no plan; nothing was or will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Something that the plan depends on could not be looked at.
    Unseen(Fault),
    /// The backend keeps no versions, or cannot be written on a condition.
    NoVersions(Versioning),
    NotHere(String),
    /// What should be put back is no state that Terraform would load.
    Unsound(String),
    /// It is what stands there already.
    Same,
    /// A lock is held: it can be taken over.
    Held {
        lock: String,
        who: String,
        /// What it is for, where a tfsos took it.
        errand: Option<Box<Errand>>,
    },
    /// A process has the local state locked: there is no taking over from it.
    Running {
        who: String,
    },
    /// The lock that may be taken over is not the one that is held.
    AnotherLock {
        wanted: String,
        held: Vec<String>,
    },
    /// The newest apply only lost its digest: a digest fix keeps it.
    DigestFix {
        md5: String,
    },
    /// Neither the history nor the present state tells which lineage is established.
    NoSerial,
    /// An undo: the state or the digest is no longer what the restore wrote.
    WrittenSince(&'static str),
}

impl Refusal {
    /// The refusal as a person reads it.
    pub fn fault(&self, place: &Place, reference: &str) -> Fault {
        let fault = |cause: String| {
            Fault::new(
                "restore",
                format!("{reference} of {}", place.full_name()),
                cause,
            )
        };
        match self {
            Self::Unseen(why) => fault(format!("it could not be looked at whole ({why})"))
                .hint("nothing is restored on half the evidence; try again"),
            Self::NoVersions(Versioning::Off) => fault(
                "versioning is off: the write would destroy the only copy of the present state".into(),
            )
            .hint(UNVERSIONED),
            Self::NoVersions(_) => fault(
                "versioning is suspended: the write would destroy the present state".into(),
            )
            .hint(UNVERSIONED),
            Self::NotHere(why) => fault(why.clone())
                .hint("stop every run, then copy the version over the state by hand"),
            Self::Unsound(why) => fault(format!("it would not load: {why}"))
                .hint("those that do have a ✔: in the State pane, and in what tfsos versions lists"),
            Self::Same => fault("it is what stands there already".into())
                .hint("nothing is to be done"),
            Self::Held {
                lock,
                who,
                errand: Some(errand),
            } => fault(format!(
                "{who} holds the lock {lock} for a {} of tfsos: {}",
                errand.purpose, errand.does
            ))
            .hint(format!(
                "{}; --take-over {lock} leaves that undone",
                errand.elsewhere()
            )),
            Self::Held { lock, who, .. } => fault(format!("{who} holds the lock {lock}"))
                .hint(format!("--take-over {lock} makes the lock ours without a moment unlocked; tfsos locks shows the evidence")),
            Self::Running { who } => {
                let by = match who.as_str() {
                    "" => "a running process".to_owned(),
                    who => format!("a running process of {who}"),
                };
                fault(format!("{by} holds the lock, and only its own end releases it"))
                    .hint("end it with an interrupt; tfsos locks names the process")
            }
            Self::AnotherLock { wanted, held } if held.is_empty() => {
                fault(format!("no store holds the lock {wanted}"))
                    .hint("leave --take-over out: nothing is held")
            }
            Self::AnotherLock { wanted, held } => {
                fault(format!("not {wanted} is held, but {}", held.join(", ")))
                    .hint("a lock that changed is never taken over: look at the new one first")
            }
            Self::DigestFix { md5 } => fault(
                "the present state is whole and only its digest is old: a restore would throw the newest apply away".into(),
            )
            .hint(format!("tfsos digest --fix --yes {md5} keeps it")),
            Self::WrittenSince(what) => fault(format!(
                "somebody has written the {what} since: an undo would throw that away"
            ))
            .hint("look at the newest version; tfsos restore puts any other back"),
            Self::NoSerial => fault("neither it nor the history has a serial".into())
                .hint("terraform state push can begin a new history"),
        }
    }
}
