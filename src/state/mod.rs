//! Terraform state: its stored versions, its format, its addresses, its secrets.
//!
//! [`Reading::of`] takes any bytes and says what they are. A [`Snapshot`] keeps
//! the bytes untouched and knows where everything stands in them; what leaves
//! this folder as text to show has its secrets masked.

mod address;
mod anatomy;
mod attributes;
mod catalog;
mod contents;
mod dependents;
mod diff;
mod excerpt;
mod history;
mod integrity;
mod json;
pub mod lint;
mod listing;
mod others;
mod reader;
mod reading;
mod reference;
mod repair;
mod roll;
mod search;
mod secret;
mod shown;
mod sides;
mod snapshot;
mod stateful;
mod succession;
mod tree;
mod validity;
mod value;
mod version;
mod walk;

pub use address::{Address, Call, Key, Mode, Module, ResourceAddress, quoted};
pub use anatomy::{Anatomy, Part};
pub use attributes::{Attribute, Exact};
pub use catalog::Catalog;
pub use contents::{Contents, Health};
pub use dependents::{Again, Limb, Reach, Touched, Web};
pub use diff::{
    Became, Change, Comparison, Desk, Difference, Large, Lot, Outline, Stored, Summary, Text,
};
pub use history::{Entry, LastGood, is_settled, last_good, lineages};
pub use integrity::{Dangling, Integrity, Zeros};
pub use others::{Others, Source, is_backup};
pub use reading::Reading;
pub use reference::Reference;
pub use repair::{Fix, FixKind, Hopeless, Lost, Repaired, repair};
pub use roll::Roll;
pub use search::{Addresses, Answer, Hit, Hunt, matched, narrows, searched};
pub use secret::{Path, Step};
pub use shown::{MASK, Shown, visible};
pub use sides::{Side, SideRow, Sides};
pub use snapshot::{
    Header, Instance, InstanceNo, Output, Resource, Sensitivity, Serial, Snapshot, Status,
};
pub use stateful::{is_stateful, type_of};
pub use succession::with_serial;
pub use tree::{Branch, Folds, Node, NodeNo, Tree};
pub use validity::{Damage, Place, Refusal, grouped};
pub use version::{Current, Kind, Version, VersionId, Versioning, Versions};
pub use walk::AttributeChange;
