//! Where a command works: the place that its arguments name, open to be asked.

use jiff::Timestamp;

use super::{Answer, Exit, place_json};
use crate::args::{Named, PlaceArguments};
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::cache::Cache;
use crate::io::observe::Look;
use crate::io::remote::Remote;
use crate::io::{discover, observe};
use crate::place::Place;
use crate::recovery::standing::Standing;

/// Why a command ended early, and with which status.
pub type Ended = (Exit, Fault);

/// A place that can be asked.
#[derive(Debug)]
pub struct Site {
    pub place: Place,
    pub remote: Remote,
}

/// The place that the arguments name: one directory's, or that of the flags.
pub async fn place(arguments: &PlaceArguments) -> Result<Place, Ended> {
    let environment = discover::environment();
    let named = arguments.named(&environment);
    match named.map_err(|fault| (Exit::Usage, fault))? {
        Named::Flags(place) => Ok(*place),
        Named::Bucket { root, .. } => Err((Exit::Usage, unnamed(&root))),
        Named::Directory(directory) => discover::find(directory, environment)
            .await
            .and_then(|discovery| discovery.place())
            .map_err(unable),
    }
}

/// A bucket where one state of it is needed.
fn unnamed(bucket: &Place) -> Fault {
    Fault::new("use the bucket", bucket.full_name(), "no state of it is named").hint(
        "--key names one; tfsos --bucket shows them all, tfsos check --all --bucket checks them all",
    )
}

impl Site {
    /// The place that the arguments name with everything beside it, and the beginning of
    /// the keys that are meant. A bucket is enough.
    pub async fn around(arguments: &PlaceArguments) -> Result<(Self, String), Ended> {
        let named = arguments.named(&discover::environment());
        let (place, prefix) = match named.map_err(|fault| (Exit::Usage, fault))? {
            Named::Bucket { root, prefix } => (*root, prefix),
            Named::Directory(_) | Named::Flags(_) => (place(arguments).await?, String::new()),
        };
        let remote = Remote::open(&place).await.map_err(unable)?;
        Ok((Self { place, remote }, prefix))
    }

    pub async fn open(arguments: &PlaceArguments) -> Result<Self, Ended> {
        let place = place(arguments).await?;
        let remote = Remote::open(&place).await.map_err(unable)?;
        Ok(Self { place, remote })
    }

    /// The same, keeping the bodies of versions on disk where that is asked for.
    pub fn caching(self, settings: &Settings) -> Result<Self, Ended> {
        let environment = discover::environment();
        let cache = settings.cache.value.then(|| Cache::open(&environment));
        let cache = cache.transpose().map_err(unable)?;
        Ok(Self {
            remote: self.remote.caching(cache),
            ..self
        })
    }

    /// The remote that a plan runs on: under the profile of writes where there is one.
    pub async fn writer(&self, settings: &Settings) -> Result<Remote, Ended> {
        match settings.writes_as() {
            Some(profile) => Remote::open(&self.place.under_profile(&profile))
                .await
                .map_err(unable),
            None => Ok(self.remote.clone()),
        }
    }

    /// One look at everything around the locks.
    pub async fn standing(&self) -> Standing {
        self.look().await.standing
    }

    /// The same, with the state itself.
    pub async fn look(&self) -> Look {
        let environment = discover::environment();
        observe::look(&self.place, &self.remote, &environment, Timestamp::now()).await
    }

    /// An answer about this place.
    pub fn answer(&self, exit: Exit, text: impl Into<String>) -> Answer {
        Answer {
            place: Some(place_json(&self.place)),
            ..Answer::text(exit, text)
        }
    }
}

/// What could not be looked at ends a command with nothing half done.
pub fn unable(fault: Fault) -> Ended {
    (Exit::Unable, fault)
}
