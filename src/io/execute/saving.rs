//! What a plan keeps on this disk before it writes: locks, the present state,
//! the bytes that are to go up, and a second copy where one was asked for.

use super::{Ended, Executor, Resumed, changed, was_cut_off};
use crate::fault::Fault;
use crate::incident::Event;
use crate::io::incidents::candidate_name;
use crate::io::journal::{Keeping, Saved};
use crate::io::second_copy;
use crate::lock::Sighting;
use crate::recovery::{Cargo, Content, Item, Mark, Plan, Seen, by_hand};

impl Executor<'_> {
    pub(super) async fn save(&self, plan: &Plan, seen: &[Sighting]) -> Result<(), Fault> {
        for seen in seen {
            let name = by_hand::saved_name(seen);
            let saved = self.journal.save(name, seen.body.bytes().to_vec()).await?;
            self.journal.write(written_down(plan, saved), None).await?;
        }
        Ok(())
    }

    /// Keeps the bytes that the plan is to write.
    pub(super) async fn save_candidate(&self, plan: &Plan, mark: &Mark) -> Result<(), Fault> {
        let Some(Cargo(bytes)) = &plan.cargo else {
            return Err(Fault::new(
                plan.title.clone(),
                "",
                "its bytes are not at hand",
            ));
        };
        let mut keeping = self.journal.keep().await?;
        keeping.take(bytes);
        self.kept(plan, keeping, mark).await
    }

    /// Reads the state once more into `backups/`, and insists that it is what was seen.
    pub(super) async fn save_state(
        &self,
        plan: &Plan,
        item: &Item,
        (seen, next): (Option<&Seen>, &Mark),
        resumed: Resumed,
    ) -> Result<(), Ended> {
        let mut keeping = self.journal.keep().await.map_err(Ended::Failed)?;
        let mut take = |piece: &[u8]| keeping.take(piece);
        let found = self.remote.read_state(item, &mut take).await;
        let found = found.map_err(Ended::Failed)?;
        // After an interruption the write may have arrived already.
        let arrived = found
            .as_ref()
            .is_some_and(|found| found.content == Content::State(next.clone()));
        let same = match (seen, &found) {
            (None, None) => true,
            (Some(seen), Some(found)) => seen.is(found),
            _ => false,
        };
        // What stood there before was kept by the run that was cut off.
        let cut = found
            .as_ref()
            .is_some_and(|found| was_cut_off(plan, (item, found), resumed));
        if cut {
            return Ok(());
        }
        if !(same || arrived) {
            return Err(Ended::Moved(changed(plan, item, found.as_ref())));
        }
        match found.map(|found| found.content) {
            Some(Content::State(mark)) => {
                self.kept(plan, keeping, &mark).await.map_err(Ended::Failed)
            }
            _ => Ok(()),
        }
    }

    /// Keeps the saved bytes a second time where the person said.
    pub(super) async fn save_copy(
        &self,
        plan: &Plan,
        mark: &Mark,
        path: &str,
    ) -> Result<(), Fault> {
        let saved = self.journal.backup(&candidate_name(mark));
        second_copy::keep(saved, path, mark).await?;
        let copied = Event::Copied {
            plan: plan.id.to_string(),
            path: path.to_owned(),
            sha256: mark.sha256.clone(),
            bytes: mark.size,
        };
        self.journal.write(copied, None).await
    }

    async fn kept(&self, plan: &Plan, keeping: Keeping, mark: &Mark) -> Result<(), Fault> {
        let saved = self
            .journal
            .kept(keeping, candidate_name(mark), mark)
            .await?;
        self.journal.write(written_down(plan, saved), None).await
    }
}

/// The entry about a file in `backups/`.
fn written_down(plan: &Plan, saved: Saved) -> Event {
    Event::Saved {
        plan: plan.id.to_string(),
        file: saved.file,
        sha256: saved.sha256,
        bytes: saved.bytes,
    }
}
