//! Other sources of a good state: the files that runs and commands left in the
//! place's directory, the states inside of saved plans there, and the object of
//! a replica bucket. They are looked for, never searched below the directory,
//! and read only when asked for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::disk::{self, Asking};
use super::local;
use super::remote::Remote;
use super::saved_plan;
use crate::fault::Fault;
use crate::place::{Backend, Place};
use crate::state::{Kind, Others, Reference, Source, Version, VersionId, is_backup};

/// What Terraform leaves beside the configuration when it could not write the state.
pub const ERRORED: &str = "errored.tfstate";
/// More than any state that Terraform could still load.
const LARGEST: u64 = 5 << 30;
/// So many names of a directory are looked at, and so many sources told.
const NAMES: usize = 10_000;
const TOLD: usize = 100;

/// Whatever lies beside the history of a place; `replica` is the bucket that its
/// bucket is copied to, in which `{bucket}` stands for its own name.
///
/// Files need no remote: they are found also where the backend cannot be asked.
pub async fn look(place: &Place, remote: Result<&Remote, Fault>, replica: &str) -> Others {
    let (mut list, mut unseen) = (Vec::new(), Vec::new());
    match in_directory(place).await {
        Ok(found) => list.extend(found),
        Err(fault) => unseen.push(fault),
    }
    if let Some((bucket, key)) = place.replica(replica) {
        let about = async { remote?.about(&bucket, &key).await };
        match Box::pin(about).await {
            Ok(found) => list.extend(found.map(|object| Version {
                id: VersionId(Reference::Object { bucket, key }.to_string()),
                kind: Kind::Beside(Source::Replica),
                modified: object.modified,
                size: object.size,
                etag: object.etag,
            })),
            Err(fault) => unseen.push(fault),
        }
    }
    Others::new(list, unseen)
}

/// The bytes of a version, or of what lies beside them.
pub async fn body(version: &Version, remote: &Remote) -> Result<Arc<[u8]>, Fault> {
    match version.reference() {
        Reference::File(path) => file(&path).await,
        Reference::Object { bucket, key } => object(remote, &bucket, &key).await,
        Reference::Current | Reference::Previous | Reference::LastGood | Reference::Version(_) => {
            remote.body(&version.id).await
        }
    }
}

/// The current object of another bucket.
pub async fn object(remote: &Remote, bucket: &str, key: &str) -> Result<Arc<[u8]>, Fault> {
    let found = remote.object(bucket, key).await?;
    let found =
        found.ok_or_else(|| Fault::new("read", format!("{bucket}/{key}"), "no such object"))?;
    Ok(found.bytes)
}

/// The bytes of a state file, or of the state in a saved plan.
pub async fn file(path: &Path) -> Result<Arc<[u8]>, Fault> {
    let asking = Asking::new("read the state file", path.display().to_string());
    let path = path.to_owned();
    let bytes = disk::ask(asking.clone(), move || saved_plan::read(&path, LARGEST)).await?;
    bytes.ok_or_else(|| asking.fault("there is no such file"))
}

async fn in_directory(place: &Place) -> Result<Vec<Version>, Fault> {
    let Some(directory) = place.directory.clone() else {
        return Ok(Vec::new());
    };
    // Those are its history.
    let own = match &place.backend {
        Backend::Local(local) => Some(local.path.clone()),
        Backend::S3(_) | Backend::Sandbox(_) | Backend::Other { .. } => None,
    };
    let asking = Asking::new("look for states in", directory.display().to_string());
    disk::ask(asking, move || found(&directory, own.as_deref())).await
}

fn found(directory: &Path, own: Option<&Path>) -> io::Result<Vec<Version>> {
    let mut list = Vec::new();
    for entry in fs::read_dir(directory)?.take(NAMES) {
        let path = entry?.path();
        let is_own = own.is_some_and(|own| local::is_of(&path, own));
        if list.len() < TOLD && !is_own {
            list.extend(version(&path));
        }
    }
    Ok(list)
}

/// What a file is, if it is any such source; one that cannot be looked at is none.
fn version(path: &Path) -> Option<Version> {
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let name = path.file_name()?.to_str()?;
    let (source, size) = if name == ERRORED {
        (Source::Errored, about.len())
    } else if is_backup(name) {
        (Source::Backup, about.len())
    } else {
        (Source::SavedPlan, saved_plan::state_size(path).ok()??)
    };
    Some(Version {
        id: VersionId(Reference::File(named(path)).to_string()),
        kind: Kind::Beside(source),
        modified: Timestamp::try_from(about.modified().ok()?).ok()?,
        size,
        etag: None,
    })
}

/// The path as a command takes it for a file.
fn named(path: &Path) -> PathBuf {
    let text = path.display().to_string();
    let is_path = ["./", "../", "/"]
        .iter()
        .any(|start| text.starts_with(start));
    if is_path {
        return path.to_owned();
    }
    // Joining would drop the dot where it is compared.
    PathBuf::from(format!("./{text}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(path: &Path, member: &str, text: &str) {
        let mut writer = ZipWriter::new(fs::File::create(path).unwrap());
        writer
            .start_file(member, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap();
    }

    fn names(list: Vec<Version>) -> Vec<String> {
        let others = Others::new(list, Vec::new());
        others.list.iter().map(Version::name).collect()
    }

    #[test]
    fn what_runs_left_in_the_directory_is_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "errored.tfstate",
            "terraform.tfstate.backup",
            "main.tf",
            "terraform.tfstate",
        ] {
            fs::write(folder.path().join(name), "{}").unwrap();
        }
        archive(&folder.path().join("plan.out"), "tfstate-prev", "{}");
        archive(&folder.path().join("lambda.zip"), "index.js", "{}");
        fs::create_dir(folder.path().join("x.tfstate.backup")).unwrap();
        assert_eq!(
            names(found(folder.path(), None).unwrap()),
            ["errored.tfstate", "terraform.tfstate.backup", "plan.out"]
        );
        let own = folder.path().join("terraform.tfstate");
        assert_eq!(
            names(found(folder.path(), Some(&own)).unwrap()),
            ["errored.tfstate", "plan.out"],
            "a local state's own backups are its versions"
        );
    }

    #[tokio::test]
    async fn a_source_is_read_by_the_path_that_names_it_to_a_command() {
        let folder = tempfile::tempdir().unwrap();
        archive(&folder.path().join("plan.out"), "tfstate-prev", "old");
        let plan = found(folder.path(), None).unwrap().remove(0);
        assert_eq!((plan.source(), plan.size), (Some(Source::SavedPlan), 3));
        let Reference::File(path) = plan.reference() else {
            panic!("it is a file: {plan:?}");
        };
        assert_eq!(&*file(&path).await.unwrap(), b"old");
        assert!(file(Path::new("./nowhere")).await.is_err());
    }

    #[test]
    fn a_path_is_always_one_that_a_command_takes_for_a_file() {
        for (path, expected) in [
            ("/work/a", "/work/a"),
            ("./a", "./a"),
            ("../a", "../a"),
            ("net/a", "./net/a"),
            ("a", "./a"),
            (".a", "./.a"),
            ("..a", "./..a"),
        ] {
            assert_eq!(named(Path::new(path)).display().to_string(), expected);
        }
    }
}
