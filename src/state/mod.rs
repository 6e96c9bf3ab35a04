//! Terraform state: its stored versions, its format, its addresses.

pub mod version;

pub use version::{Current, Kind, Version, VersionId, Versioning, Versions};
