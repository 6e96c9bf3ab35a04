//! The file that makes a folder a sandbox, and says which bucket, key and
//! table it plays.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::place;

/// The file's name.
pub const NAME: &str = "tfsos-sandbox.json";
const LIMIT: u64 = 64 << 10;

#[derive(Serialize, Deserialize)]
struct Marker {
    schema: u32,
    bucket: String,
    key: String,
    table: Option<String>,
    use_lockfile: bool,
    region: String,
}

/// The sandbox that lives in this folder; none where the folder carries no marker.
pub fn recognize(root: &Path) -> Result<Option<place::Sandbox>, Fault> {
    let path = root.join(NAME);
    let asking = Asking::new("open the sandbox", root.display().to_string());
    let bytes = disk::read(&path, LIMIT).map_err(|error| asking.fault(disk::cause(&error)))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let marker: Marker = serde_json::from_slice(&bytes)
        .map_err(|error| asking.fault(format!("{NAME} is not a marker: {error}")))?;
    if marker.schema != 1 {
        return Err(asking.fault(format!("{NAME} has schema {}, not 1", marker.schema)));
    }
    Ok(Some(place::Sandbox {
        root: root.to_path_buf(),
        bucket: marker.bucket,
        key: marker.key,
        table: marker.table,
        use_lockfile: marker.use_lockfile,
        region: marker.region,
    }))
}

pub fn write(place: &place::Sandbox) -> io::Result<()> {
    let marker = Marker {
        schema: 1,
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        table: place.table.clone(),
        use_lockfile: place.use_lockfile,
        region: place.region.clone(),
    };
    disk::exchange(&place.root.join(NAME), &serde_json::to_vec_pretty(&marker)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_marker_is_no_sandbox() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recognize(folder.path()).unwrap(), None);
    }

    #[test]
    fn a_marker_that_does_not_parse_is_said_not_ignored() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NAME), b"{").unwrap();
        let fault = recognize(folder.path()).unwrap_err();
        assert!(fault.to_string().starts_with("cannot open the sandbox"));
    }

    #[test]
    fn what_was_written_is_recognized() {
        let folder = tempfile::tempdir().unwrap();
        let place = place::Sandbox {
            root: folder.path().to_path_buf(),
            bucket: "b".into(),
            key: "prod/net/terraform.tfstate".into(),
            table: None,
            use_lockfile: true,
            region: "eu-west-1".into(),
        };
        write(&place).unwrap();
        assert_eq!(recognize(folder.path()).unwrap(), Some(place));
    }
}
