//! A repaired copy of a damaged state: read, saved off the runtime's threads,
//! and written under a name that is not there yet. The damaged one stays.

use std::path::Path;
use std::sync::Arc;

use super::disk::{self, Asking};
use crate::fault::Fault;
use crate::state::{Hopeless, Reading, Repaired, repair};

/// Saves what can be saved, compared with a version whose bytes are `known`.
pub async fn copy(
    text: Arc<[u8]>,
    known: Option<Arc<[u8]>>,
) -> Result<Result<Repaired, Hopeless>, Fault> {
    let work = move || {
        let known = known.map(Reading::of);
        let known = known.as_ref().and_then(Reading::snapshot);
        repair(&text, known)
    };
    let saved = tokio::task::spawn_blocking(work).await;
    saved.map_err(|error| Fault::new("repair", "the state", error))
}

/// Writes the copy; a file that is there already is never touched.
pub async fn write(path: &Path, repaired: &Arc<Repaired>) -> Result<(), Fault> {
    let asking = Asking::new("write the copy", path.display().to_string());
    let (path, repaired) = (path.to_owned(), Arc::clone(repaired));
    disk::ask(asking, move || disk::create(&path, &repaired.text)).await
}
