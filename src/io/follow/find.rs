//! Which logs there are without being asked: what `TF_LOG_PATH` names, and the
//! `*.log` files of the directory that start like one.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::log::{Input, starts_like_a_log};
use crate::place::Environment;

/// At most so many files are followed of a directory: the ones written last.
const MOST: usize = 8;

/// At most so many files of a directory are looked into.
const LOOKED_INTO: usize = 200;

/// How much of a file is looked at.
const FIRST: u64 = 16 * 1024;

/// The named logs, then those that are found; each file once.
pub async fn find(
    named: Vec<PathBuf>,
    directory: Option<PathBuf>,
    environment: &Environment,
) -> Result<Vec<Input>, Fault> {
    let subject = directory.as_deref().unwrap_or(Path::new(".")).display();
    let asking = Asking::new("look for logs in", subject.to_string());
    let of_environment = environment.value("TF_LOG_PATH").map(PathBuf::from);
    disk::ask(asking, move || {
        let mut inputs: Vec<Input> = named.iter().map(|path| Input::named(path)).collect();
        let base = directory.clone().unwrap_or_default();
        // Terraform takes the variable's path from the directory it runs in.
        inputs.extend(of_environment.map(|path| Input::Path(base.join(path))));
        let found = directory.map_or_else(Vec::new, |directory| logs_in(&directory));
        inputs.extend(found.into_iter().map(Input::Path));
        Ok(each_once(inputs))
    })
    .await
}

/// The files of a directory that start like a log, the one written last first.
/// A directory that can't be read has none: the place says what is wrong with it.
fn logs_in(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut logs: Vec<(SystemTime, PathBuf)> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .take(LOOKED_INTO)
        .filter_map(|path| Some((written(&path)?, path)))
        .filter(|(_, path)| is_log(path))
        .collect();
    logs.sort_by(|one, other| other.cmp(one));
    logs.truncate(MOST);
    logs.into_iter().map(|(_, path)| path).collect()
}

/// When a regular file was last written; nothing else is opened, because a
/// FIFO would wait for its writer.
fn written(path: &Path) -> Option<SystemTime> {
    let about = path.metadata().ok().filter(fs::Metadata::is_file)?;
    about.modified().ok()
}

fn is_log(path: &Path) -> bool {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FIRST).read_to_end(&mut first));
    read.is_ok() && starts_like_a_log(&first)
}

fn each_once(inputs: Vec<Input>) -> Vec<Input> {
    let mut seen = HashSet::new();
    let is_new = |input: &Input| match input {
        Input::StandardInput => seen.insert(PathBuf::from("-")),
        Input::Path(path) => seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())),
    };
    let mut is_new = is_new;
    inputs.into_iter().filter(|input| is_new(input)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4\n";

    #[test]
    fn only_files_that_start_like_a_log_are_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tf.log"), LINE).unwrap();
        fs::write(folder.path().join("tf.txt"), LINE).unwrap();
        fs::write(folder.path().join("npm.log"), "npm notice\n").unwrap();
        fs::create_dir(folder.path().join("dir.log")).unwrap();
        assert_eq!(logs_in(folder.path()), [folder.path().join("tf.log")]);
        assert!(logs_in(&folder.path().join("nowhere")).is_empty());
    }

    #[test]
    fn a_file_that_is_named_and_found_is_followed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tf.log");
        fs::write(&path, LINE).unwrap();
        let by_detour = folder.path().join(".").join("tf.log");
        let inputs = [path, by_detour, "-".into(), "-".into(), "absent.log".into()];
        let once = each_once(inputs.iter().map(|path| Input::named(path)).collect());
        assert_eq!(once.len(), 3);
    }
}
