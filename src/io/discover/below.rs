//! The search for places below a directory: bounded in depth, folders and
//! places, and never through a symbolic link, so that it always ends.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Found, files, sandbox_place};
use crate::io::sandbox;
use crate::place::Environment;

const DEEPEST: usize = 8;
/// A monorepo must not cost the person at the keyboard more than a moment.
const MOST_FOLDERS: usize = 5_000;
const MOST_PLACES: usize = 100;

/// What the search below a directory found, in order of the paths.
pub(super) struct Below {
    pub(super) found: Vec<Found>,
    /// Whether it ended before everything was seen.
    pub(super) more: bool,
}

impl Below {
    /// Searches breadth first, so that what is near is found even where it ends early.
    pub(super) fn search(root: &Path, environment: &Environment) -> Self {
        let mut found = Vec::new();
        let more = if Path::new(environment.data_directory()).is_absolute() {
            // One data directory for everything: nothing below has one of its own.
            false
        } else {
            fill(&mut found, folders(root), environment)
        };
        found.sort_by(|a: &Found, b: &Found| a.directory.cmp(&b.directory));
        Self { found, more }
    }
}

/// Whether it ended before everything was seen.
fn fill(found: &mut Vec<Found>, mut level: Vec<PathBuf>, environment: &Environment) -> bool {
    let mut seen = 0;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for folder in level {
            seen += 1;
            if seen > MOST_FOLDERS || found.len() >= MOST_PLACES {
                return true;
            }
            found.extend(initialized(&folder, environment));
            next.extend(folders(&folder));
        }
        level = next;
    }
    !level.is_empty()
}

/// The folders in a folder that may lead to a state; one that cannot be listed leads nowhere.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        // A link to a folder is no folder here, so the search cannot go in circles.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name == ".terragrunt-cache" || !(name.starts_with('.') || name == "node_modules")
        })
        .map(|entry| entry.path())
        .collect()
}

/// The place of a folder that was initialized, holds a state, or is a sandbox.
fn initialized(folder: &Path, environment: &Environment) -> Option<Found> {
    let found = |outcome| {
        Some(Found {
            directory: folder.to_owned(),
            outcome,
        })
    };
    match sandbox::recognize(folder) {
        Ok(Some(sandbox)) => return found(Ok(sandbox_place(folder, sandbox))),
        Ok(None) => {}
        Err(fault) => return found(Err(fault)),
    }
    if !files::has_state(folder, environment) {
        return None;
    }
    found(files::read(folder, environment).and_then(|read| read.place(environment)))
}
