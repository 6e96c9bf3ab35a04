//! State files as they are read from a disk; of a saved plan the state that
//! it was made from, which is a good one where no version helps.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::disk::{self, wrong};
use crate::analysis::{Plan, PlanBase};
use crate::state::{Contents, Reading};

/// What a zip archive begins with.
const ZIP: &[u8] = b"PK\x03\x04";

/// A plan may hold a few states, and a configuration.
const PLAN_LIMIT: u64 = 1 << 30;

/// The plan itself, and the state that Terraform compares with the one that is there.
const PLAN: &str = "tfplan";
const BASE: &str = "tfstate";

/// The state that the plan goes on from, with the serial and the lineage of the
/// stored one; the other, of before the refresh, has neither (serial 0, no
/// lineage, as Terraform 1.11.4 writes it).
const MEMBERS: [&str; 2] = [BASE, "tfstate-prev"];

/// The bytes of a state file, or of the state in a saved plan, up to `limit`; none where there is no such file.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Arc<[u8]>>> {
    match disk::read_shared(path, limit)? {
        Some(bytes) if bytes.starts_with(ZIP) => state_of(&bytes, limit).map(Some),
        bytes => Ok(bytes),
    }
}

/// The plan in a file: a saved one, what `terraform show -json` prints of it, or the events of
/// `terraform plan -json`.
pub fn plan(path: &Path) -> io::Result<Plan> {
    let bytes = disk::read_shared(path, PLAN_LIMIT)?;
    let bytes = bytes.ok_or_else(|| wrong("no such file"))?;
    if !bytes.starts_with(ZIP) {
        return Plan::of_text(&bytes).map_err(wrong);
    }
    let mut archive = ZipArchive::new(Cursor::new(&*bytes)).map_err(|error| broken(&error))?;
    let saved = member(&mut archive, PLAN, PLAN_LIMIT)?;
    let mut plan = Plan::of_saved(&saved).ok_or_else(|| wrong("the plan in it is damaged"))?;
    let base = member(&mut archive, BASE, PLAN_LIMIT)?;
    let base = Contents::of(&base, &Reading::of(&base[..]));
    plan.base = base.health.loads().then_some(PlanBase {
        serial: base.serial,
        lineage: base.lineage,
    });
    Ok(plan)
}

fn broken(error: &ZipError) -> io::Error {
    wrong(format!("it is no saved plan: {error}"))
}

/// A member of the archive; it may say that it holds less than it unpacks to.
fn member(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let member = archive.by_name(name).map_err(|error| broken(&error))?;
    let read = member.take(limit + 1).read_to_end(&mut bytes)?;
    if read as u64 > limit {
        return Err(wrong(format!("{name} in it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// How large the state in a saved plan is; none where the file is no such plan.
pub fn state_size(path: &Path) -> io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let mut magic = [0; ZIP.len()];
    if file.read_exact(&mut magic).is_err() || magic != ZIP {
        return Ok(None);
    }
    let Ok(mut archive) = ZipArchive::new(file) else {
        return Ok(None);
    };
    let mut members = MEMBERS.iter();
    let found = members.find_map(|name| archive.by_name(name).ok().map(|member| member.size()));
    Ok(found)
}

fn state_of(plan: &[u8], limit: u64) -> io::Result<Arc<[u8]>> {
    let mut archive = ZipArchive::new(Cursor::new(plan)).map_err(|error| broken(&error))?;
    let mut names = MEMBERS.iter();
    let found = names.find(|name| archive.index_for_name(name).is_some());
    let name = found.ok_or_else(|| wrong("it is an archive without a state in it"))?;
    Ok(member(&mut archive, name, limit)?.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(members: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn state(members: &[(&str, &str)]) -> io::Result<String> {
        let bytes = state_of(&archive(members), 10)?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn of_a_saved_plan_the_state_is_read_that_it_was_made_from() {
        let both = [("tfplan", "p"), ("tfstate-prev", "old"), ("tfstate", "new")];
        assert_eq!(state(&both).unwrap(), "new");
        assert_eq!(state(&both[..2]).unwrap(), "old");
    }

    #[test]
    fn the_state_in_a_plan_that_terraform_saved_has_its_serial_and_its_lineage() {
        let plan = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/plan/saved.tfplan"
        );
        let bytes = read(Path::new(plan), 1 << 20).unwrap().unwrap();
        let contents = Contents::of(&bytes, &Reading::of(Arc::clone(&bytes)));
        assert!(contents.serial.is_some_and(|serial| serial.0 > 0));
        assert!(contents.lineage.is_some_and(|lineage| !lineage.is_empty()));
    }

    #[test]
    fn an_archive_without_a_state_or_with_a_bomb_is_refused() {
        let cause = |members: &[(&str, &str)]| disk::cause(&state(members).unwrap_err());
        assert_eq!(
            cause(&[("a", "b")]),
            "it is an archive without a state in it"
        );
        let bomb = "x".repeat(11);
        assert_eq!(
            cause(&[("tfstate", &bomb)]),
            "tfstate in it is larger than 10 bytes"
        );
    }

    #[test]
    fn a_state_file_is_read_as_it_is() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"{}").unwrap();
        assert_eq!(read(file.path(), 10).unwrap().as_deref(), Some(&b"{}"[..]));
        assert_eq!(read(Path::new("/nowhere/at/all"), 10).unwrap(), None);
    }
}
