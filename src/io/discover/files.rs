//! The files of one directory that say where its state lives, read whole and
//! within limits. Configuration that cannot be read is named, never left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::io::disk;
use crate::place::{Directory, Environment, Presence, Source, Unread};

/// A cache or a configuration file larger than this is none that a person wrote.
const FILE_LIMIT: u64 = 4 << 20;
const MOST_SOURCES: usize = 512;

/// Whether the directory was initialized or holds a state of its own.
pub(super) fn has_state(directory: &Path, environment: &Environment) -> bool {
    cache_path(directory, environment).is_file() || directory.join("terraform.tfstate").is_file()
}

fn cache_path(directory: &Path, environment: &Environment) -> PathBuf {
    directory
        .join(environment.data_directory())
        .join("terraform.tfstate")
}

/// Reads the files of a directory that say where its state lives.
pub(super) fn read(directory: &Path, environment: &Environment) -> Result<Directory, Fault> {
    let cache_path = cache_path(directory, environment);
    let workspace = cache_path.with_file_name("environment");
    let (sources, unread) = sources(directory)?;
    Ok(Directory {
        path: directory.to_owned(),
        cache: small(&cache_path)?.map(|bytes| (cache_path, bytes)),
        workspace: small(&workspace)?,
        sources,
        unread,
        state: if directory.join("terraform.tfstate").is_file() {
            Presence::Present
        } else {
            Presence::Absent
        },
    })
}

fn small(path: &Path) -> Result<Option<Vec<u8>>, Fault> {
    disk::read(path, FILE_LIMIT).map_err(|error| fault(path, &error))
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    Fault::new("read", path.display().to_string(), disk::cause(error))
}

/// The configuration files, and those that could not be read with why.
fn sources(directory: &Path) -> Result<(Vec<Source>, Vec<Unread>), Fault> {
    let entries = fs::read_dir(directory).map_err(|error| fault(directory, &error))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_configuration(name))
        .collect();
    names.sort_unstable();
    let (mut sources, mut unread) = (Vec::new(), Vec::new());
    for name in names {
        if sources.len() >= MOST_SOURCES {
            unread.push(Unread {
                name,
                cause: format!("more than {MOST_SOURCES} files"),
            });
            break;
        }
        match disk::read(&directory.join(&name), FILE_LIMIT) {
            Ok(bytes) => sources.push(Source {
                text: String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned(),
                name,
            }),
            Err(error) => unread.push(Unread {
                name,
                cause: disk::cause(&error),
            }),
        }
    }
    Ok((sources, unread))
}

/// Hidden files and editors' copies are ignored, as Terraform does.
fn is_configuration(name: &str) -> bool {
    let ours = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    ours.iter().any(|end| name.ends_with(end)) && !name.starts_with(['.', '#'])
}
