//! Logs of Terraform: what their lines mean, and which of them to show.
//!
//! A **line** is what a newline ends, a **record** a header line with the
//! lines that continue it. The text stays in its file: [`scan`] turns chunks
//! into summaries, an [`Index`] joins them, and only the records around the
//! view are ever decoded into a [`Record`], masked and safe to show.

pub mod aim;
pub mod display;
pub mod format;
pub mod mask;
pub mod session;
pub mod stamp;

mod account;
mod category;
mod discovery;
mod extract;
mod family;
mod feed;
mod gist;
mod guide;
mod headers;
mod hearing;
mod hits;
mod index;
mod judging;
mod kept;
mod lanes;
mod level;
mod line;
mod lines;
mod locate;
mod milepost;
mod opening;
mod prefix;
mod raw;
mod record;
mod request;
mod scan;
mod search;
mod sieve;
mod signal;
mod stems;
mod told;
mod tolerated;
mod view;
mod weight;
mod window;

pub use account::{
    Account, At, Call, Calls, Histogram, Latest, Operation, Operations, Outcome, Rate, Risk, Run,
    Runs, Sign, Sum, Tally, signs,
};
pub use aim::Aim;
pub use category::{Category, STEMS, is_harmless, is_own, judge, without_name};
pub use discovery::starts_like_a_log;
pub use extract::{Extract, Extracted};
pub use family::Family;
pub use feed::{Feed, Generation, Grown, Input, Restart, Seam};
pub use gist::{Gist, TOLD};
pub use guide::{COSTS, NOTES, RECIPES, Recipe, Shell};
pub use hearing::{Heard, Hearing};
pub use hits::Hits;
pub use index::{Index, RecordNo, Seek};
pub use kept::{Kept, Piece, Shown};
pub use level::Level;

pub use locate::Locator;
pub use milepost::{Milepost, Mileposts};
pub use opening::Opening;
pub use raw::{Form, Raw};
pub use record::{Field, Parts, Record, Source};
pub use scan::{Summary, scan, scan_after};
pub use search::{Pattern, Search, Spotter};
pub use session::Session;
pub use sieve::{Filter, MOST_FILTERS, Sense, Side, Sieve, Sift, Switch};
pub use signal::{
    Act, End, Phase, Request, Response, RunMark, Signal, Step, Teller, of as signal_of,
};
pub use stamp::Millis;
pub use tolerated::Tolerated;
pub use view::{Bucket, Direction, FileNo, Place, RowNo, View};
pub use weight::{Levels, Weight};
pub use window::{Stretch, Window, stretches};

#[cfg(test)]
mod captures;
