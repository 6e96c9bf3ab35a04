//! Runbooks: what to do about a symptom, one step at a time.
//!
//! A [`Page`] is Markdown that reads well on a code host; a [`Shelf`] holds the
//! built-in pages and those that a team lays over them; a [`Progress`] is how
//! far somebody has come on one page. Nothing here runs a command: a page is
//! text, and what leaves it has been filled from a [`Context`] and quoted for
//! the shell, so that no name found in a bucket can become a command.

mod check;
mod directive;
mod draft;
mod library;
mod lint;
mod markdown;
mod page;
mod placeholder;
mod progress;
mod prose;
mod search;
mod shelf;
mod shell;
mod step;
mod template;
mod track;

pub use check::{Check, Remedy, Verdict};
pub use directive::{Branch, Directive, Target};
pub use draft::draft;
pub use lint::{Problem, lint};
pub use page::{MAX_BYTES, Malformed, Page, Severity, is_id};
pub use placeholder::{Context, Placeholder};
pub use progress::{Kept, Progress};
pub use prose::{Block, Language, Mark, Snippet, Span, Style};
pub use search::{Hit, lead, search};
pub use shelf::{Entry, Origin, Shelf, Source};
pub use step::{Step, StepNo};
pub use template::{Filled, Lack, Manner, Part, fill};
pub use track::{Ended, Evidence, Note, Ran, Status, Stopped, Track};
