//! What a plan that was named adds to the findings of a check.

use std::path::Path;

use crate::analysis::{Finding, Plan, PlanBase, PlanBeside, Planned, of_plan, of_planned};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::io::recreating::{self, addresses};
use crate::io::remote::Remote;
use crate::io::saved_plan;
use crate::state::{Contents, Reading};

/// What is searched for what the plan creates.
pub enum Older<'a> {
    /// The versions that the store keeps.
    Versions(&'a Remote),
    /// The backup beside a state file.
    Backup(Option<&'a Reading>),
}

/// What is wrong with the plan beside the state; a plan that can't be read is said among what was not seen.
pub async fn findings(
    path: &Path,
    state: Option<(&Contents, &Reading)>,
    older: Older<'_>,
    unseen: &mut Vec<String>,
) -> Vec<Finding> {
    let plan = match read(path).await {
        Ok(plan) => plan,
        Err(fault) => {
            unseen.push(fault.to_string());
            return Vec::new();
        }
    };
    let mut beside = beside(state);
    if !plan.created(&beside.addresses).is_empty() {
        match older {
            Older::Versions(remote) => {
                let (older, faults) = recreating::older(remote).await;
                unseen.extend(faults.iter().map(Fault::to_string));
                beside.older = older;
            }
            Older::Backup(reading) => {
                let held = reading.and_then(Reading::snapshot).map(addresses);
                let named = held.map(|held| ("the backup".to_owned(), held));
                beside.older.extend(named);
            }
        }
    }
    of_plan(&plan, &beside)
}

/// What a plan is judged beside, by the state that is there.
pub fn beside(state: Option<(&Contents, &Reading)>) -> PlanBeside {
    let mut beside = PlanBeside::default();
    if let Some((contents, reading)) = state {
        beside.current = contents.health.loads().then(|| PlanBase {
            serial: contents.serial,
            lineage: contents.lineage.clone(),
        });
        beside.addresses = reading.snapshot().map(addresses).unwrap_or_default();
    }
    beside
}

/// What is wrong with the plan that a log shows, beside the state and what was written before.
pub async fn of_log(
    planned: &Planned,
    beside: PlanBeside,
    older: Older<'_>,
    unseen: &mut Vec<String>,
) -> Option<Finding> {
    match older {
        Older::Versions(remote) => {
            let (found, faults) = recreating::told(remote, planned, beside).await;
            unseen.extend(faults.iter().map(Fault::to_string));
            found
        }
        Older::Backup(reading) => {
            let held = reading.and_then(Reading::snapshot).map(addresses);
            let older = held.map(|held| ("the backup".to_owned(), held));
            let older = older.into_iter().collect();
            of_planned(planned, &PlanBeside { older, ..beside })
        }
    }
}

async fn read(path: &Path) -> Result<Plan, Fault> {
    let asking = Asking::new("read the plan", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || saved_plan::plan(&path)).await
}
