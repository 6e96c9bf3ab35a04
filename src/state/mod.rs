//! Terraform state: its stored versions, its format, its addresses, its secrets.
//!
//! [`Reading::of`] takes any bytes and says what they are. A [`Snapshot`] keeps
//! the bytes untouched and knows where everything stands in them; what leaves
//! this folder as text to show has its secrets masked.

mod address;
mod attributes;
mod excerpt;
mod json;
mod listing;
mod reader;
mod reading;
mod secret;
mod shown;
mod snapshot;
mod validity;
mod value;
mod version;

pub use address::{Address, Call, Key, Mode, Module, ResourceAddress};
pub use attributes::Attribute;
pub use reading::Reading;
pub use secret::{Path, Step};
pub use shown::{MASK, Shown};
pub use snapshot::{
    Header, Instance, InstanceNo, Output, Resource, Sensitivity, Serial, Snapshot, Status,
};
pub use validity::{Damage, Place, Refusal};

pub use version::{Current, Kind, Version, VersionId, Versioning, Versions};
