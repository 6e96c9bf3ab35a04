//! The bytes that a reference means: of a version that the place keeps, or of
//! a file, for which no place is needed.

use std::path::Path;
use std::sync::Arc;

use super::site::Site;
use crate::fault::Fault;
use crate::io::others;
use crate::state::{
    Contents, Entry, Kind, LastGood, Reading, Reference, Version, VersionId, last_good,
};

/// How far back a version is looked for that has no name of its own.
const BACK: usize = 100;

/// A state's bytes, and the version that they are.
#[derive(Debug, Clone)]
pub struct Body {
    pub bytes: Arc<[u8]>,
    /// None for a file, and where the store names no versions.
    pub version: Option<VersionId>,
}

impl Body {
    /// The bytes that a reference to the place means.
    pub async fn of(site: &Site, reference: &Reference) -> Result<Self, Fault> {
        let missing = |cause: &str| Fault::new("read", reference.to_string(), cause);
        match reference {
            Reference::Current => {
                let current = site.remote.current().await?;
                let current = current.ok_or_else(|| missing("there is no state here"))?;
                Ok(Self {
                    bytes: current.bytes,
                    version: current.version,
                })
            }
            Reference::Version(id) => Self::version(site, id).await.map_err(|fault| {
                if Path::new(&id.0).is_dir() {
                    return fault.hint(format!("{id} is a directory, which comes after REF: current {id}"));
                }
                fault.hint("REF is current, previous, last-good, a version id, a ./file or s3://BUCKET/KEY; the directory comes after it")
            }),
            Reference::Previous => {
                let versions = site.remote.versions(BACK).await?;
                let version = reference.among(&versions);
                let version =
                    version.ok_or_else(|| missing("there is no version before the current one"))?;
                Self::version(site, &version.id).await
            }
            Reference::LastGood => Self::last_good(site).await,
            Reference::File(path) => Self::file(path).await,
            Reference::Object { bucket, key } => Ok(Self {
                bytes: others::object(&site.remote, bucket, key).await?,
                version: None,
            }),
        }
    }

    /// The bytes of a state file, or of the state in a saved plan.
    pub async fn file(path: &Path) -> Result<Self, Fault> {
        Ok(Self {
            bytes: others::file(path).await?,
            version: None,
        })
    }

    async fn version(site: &Site, id: &VersionId) -> Result<Self, Fault> {
        Ok(Self {
            bytes: site.remote.body(id).await?,
            version: Some(id.clone()),
        })
    }

    /// Reads back through the history until it is known which version is the last good one.
    async fn last_good(site: &Site) -> Result<Self, Fault> {
        let versions = site.remote.versions(BACK).await?;
        let mut read: Vec<(&Version, Contents, Arc<[u8]>)> = Vec::new();
        for version in versions
            .list
            .iter()
            .filter(|version| version.kind == Kind::Object)
        {
            let body = site.remote.body(&version.id).await?;
            let contents = Contents::of(&body, &Reading::of(Arc::clone(&body)));
            read.push((version, contents, body));
            if let Some(body) = judge(&versions.list, &read)? {
                return Ok(body);
            }
        }
        Err(Fault::new(
            "find",
            "the last good version",
            "none that is kept would load",
        ))
    }
}

/// The body of the last good version, once what was read can tell.
fn judge(
    list: &[Version],
    read: &[(&Version, Contents, Arc<[u8]>)],
) -> Result<Option<Body>, Fault> {
    let contents = |version: &Version| {
        let known = read.iter().find(|(known, ..)| *known == version);
        known.map(|(_, contents, _)| contents)
    };
    let entries: Vec<Entry<'_>> = list
        .iter()
        .map(|version| Entry {
            version,
            contents: contents(version),
        })
        .collect();
    let body_of = |id: VersionId| {
        let found = read.iter().find(|(version, ..)| version.id == id);
        found.map(|(.., bytes)| Body {
            bytes: Arc::clone(bytes),
            version: Some(id),
        })
    };
    match last_good(&entries) {
        LastGood::Unread | LastGood::None => Ok(None),
        LastGood::One(id) => Ok(body_of(id)),
        LastGood::Several(ids) => {
            let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
            let fault = Fault::new(
                "choose",
                "the last good version",
                "more than one is plausible",
            );
            Err(fault.hint(format!("name one of them: {}", ids.join(", "))))
        }
    }
}
