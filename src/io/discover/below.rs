//! The search for places below a directory: bounded in depth, folders and
//! places, and never through a symbolic link, so that it always ends.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{Found, files, sandbox_place};
use crate::io::sandbox;
use crate::place::Environment;

const DEEPEST: usize = 8;
/// A monorepo must not cost the person at the keyboard more than a moment.
const MOST_FOLDERS: usize = 3_000;
const MOST_ENTRIES: usize = 20_000;
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
            fill(&mut found, root, environment)
        };
        found.sort_by(|a: &Found, b: &Found| a.directory.cmp(&b.directory));
        Self { found, more }
    }
}

/// Whether it ended before everything was seen.
fn fill(found: &mut Vec<Found>, root: &Path, environment: &Environment) -> bool {
    let mut level = list(root, environment).folders;
    let mut seen = 0;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for folder in level {
            seen += 1;
            if seen > MOST_FOLDERS || found.len() >= MOST_PLACES {
                return true;
            }
            let listing = list(&folder, environment);
            if listing.hopeful {
                found.extend(initialized(&folder, environment));
            }
            next.extend(listing.folders);
        }
        level = next;
    }
    !level.is_empty()
}

/// What is in a folder, as far as the search cares.
#[derive(Default)]
struct Listing {
    folders: Vec<PathBuf>,
    /// Whether a name in it may lead to a state, so that no other folder costs a second look.
    hopeful: bool,
}

/// Lists a folder; one that cannot be listed leads nowhere.
fn list(folder: &Path, environment: &Environment) -> Listing {
    let mut listing = Listing::default();
    let Ok(entries) = fs::read_dir(folder) else {
        return listing;
    };
    let data = first_part(environment.data_directory());
    for entry in entries.flatten().take(MOST_ENTRIES) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let telling = name == "terraform.tfstate" || name == sandbox::MARKER;
        listing.hopeful |= telling || data.is_none_or(|data| name == data);
        let skipped = name.starts_with('.') || name == "node_modules";
        // A link to a folder is no folder here, so the search cannot go in circles.
        if (!skipped || name == ".terragrunt-cache")
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
        {
            listing.folders.push(entry.path());
        }
    }
    listing
}

/// The name that a relative data directory begins with; none where it begins elsewhere, as `../x` does.
fn first_part(data: &str) -> Option<&str> {
    match Path::new(data).components().next() {
        Some(Component::Normal(name)) => name.to_str(),
        _ => None,
    }
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
