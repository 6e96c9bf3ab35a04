//! What the author of a runbook needs of the disk: the pages of any path, to be
//! checked, and a file for a new one. Nothing that is there is ever replaced.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{MOST_PAGES, names, shown, source, team};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::runbook::{Origin, Source, draft};

/// The page that a path names, or every page of the folder that it names. What
/// can't be read is a fault beside the others.
pub async fn gather(path: PathBuf) -> Result<Vec<Result<Source, Fault>>, Fault> {
    let asking = Asking::new("read runbooks of", shown(&path));
    disk::ask(asking, move || {
        if !fs::metadata(&path)?.is_dir() {
            return Ok(vec![source(&path, Origin::Team)]);
        }
        let names = names(&path, ".md")?;
        let pages = names
            .iter()
            .filter(|name| !name.to_lowercase().starts_with("readme"))
            .take(MOST_PAGES)
            .map(|name| source(&path.join(name), Origin::Team));
        Ok(pages.collect())
    })
    .await
}

/// A page that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub path: PathBuf,
    pub text: String,
}

/// Begins a page in the team's folder, which is made where there is none: at
/// the root of the repository, else right here.
pub async fn begin(directory: PathBuf, id: String) -> Result<Draft, Fault> {
    let asking = Asking::new("begin runbook", id.clone());
    disk::ask(asking, move || {
        let folder = match team(&directory) {
            Some(folder) => folder,
            None => root(&directory)?.join(".tfsos/runbooks"),
        };
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{id}.md"));
        let text = draft(&id);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => disk::wrong(format!("{} exists already", shown(&path))),
            _ => error,
        })?;
        file.write_all(text.as_bytes())?;
        Ok(Draft { path, text })
    })
    .await
}

/// The repository that a directory is in; the directory itself where it is in none.
fn root(directory: &Path) -> io::Result<PathBuf> {
    let directory = fs::canonicalize(directory)?;
    let root = directory.ancestors().find(|at| at.join(".git").exists());
    Ok(root.unwrap_or(&directory).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Page;

    #[tokio::test]
    async fn a_new_page_lies_at_the_root_of_the_repository_and_replaces_nothing() {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("live/prod");
        fs::create_dir_all(&below).unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        let begun = begin(below.clone(), "disk-full".into()).await.unwrap();
        let folder = fs::canonicalize(root.path()).unwrap();
        assert_eq!(begun.path, folder.join(".tfsos/runbooks/disk-full.md"));
        assert_eq!(Page::parse(&begun.text).unwrap().id, "disk-full");
        fs::write(&begun.path, "mine").unwrap();
        let again = begin(below, "disk-full".into()).await.unwrap_err();
        assert!(again.cause.ends_with("exists already"), "{again}");
        assert_eq!(fs::read_to_string(&begun.path).unwrap(), "mine");
    }

    #[tokio::test]
    async fn a_folder_is_every_page_in_it_and_no_path_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.md"), "# no front matter").unwrap();
        fs::write(folder.path().join("README.md"), "# ours").unwrap();
        fs::create_dir(folder.path().join("b.md")).unwrap();
        let found = gather(folder.path().to_owned()).await.unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_ok());
        assert_eq!(
            found[1].as_ref().unwrap_err().cause,
            "it is not a regular file"
        );
        let none = gather(folder.path().join("none")).await.unwrap_err();
        assert_eq!(none.cause, "no such file");
    }
}
