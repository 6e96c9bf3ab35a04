//! Before a secret is shown it is written into the journal who asked for what;
//! where that fails nothing is shown.

use jiff::Timestamp;

use super::here;
use super::incidents::{self, Incidents};
use crate::app::pane::Witness;
use crate::fault::Fault;
use crate::incident::{Author, Event};
use crate::place::Environment;

/// Notes a look at a secret in the journal of its incident.
pub async fn note(witness: &Witness, environment: &Environment) -> Result<(), Fault> {
    let place = witness.place.as_deref().map(incidents::identity);
    let caller = witness.caller.as_ref().map(|caller| caller.arn.clone());
    let author = Author {
        caller: caller.unwrap_or_else(here::who),
        user: here::who(),
        tfsos: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let journal = Incidents::of(environment)?
        .enter(
            &place.unwrap_or_else(|| witness.name.clone()),
            author,
            Timestamp::now(),
        )
        .await?;
    let what = witness.what.clone();
    journal.write(Event::Revealed { what }, None).await
}
