//! What a plan that was named adds to the findings of a check.

use std::collections::HashSet;
use std::path::Path;

use tokio::task::spawn_blocking;

use crate::analysis::{Finding, Plan, PlanBase, PlanBeside, of_plan};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::io::remote::Remote;
use crate::io::saved_plan;
use crate::state::{Contents, Kind, Reading, Snapshot};

/// So many versions below the current one are searched for what the plan creates.
const OLDER: usize = 5;
const LISTED: usize = 20;

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
    let mut beside = PlanBeside::default();
    if let Some((contents, reading)) = state {
        beside.current = contents.health.loads().then(|| PlanBase {
            serial: contents.serial,
            lineage: contents.lineage.clone(),
        });
        beside.addresses = reading.snapshot().map(addresses).unwrap_or_default();
    }
    if !plan.created(&beside.addresses).is_empty() {
        match older {
            Older::Versions(remote) => beside.older = versions(remote, unseen).await,
            Older::Backup(reading) => {
                let held = reading.and_then(Reading::snapshot).map(addresses);
                let named = held.map(|held| ("the backup".to_owned(), held));
                beside.older.extend(named);
            }
        }
    }
    of_plan(&plan, &beside)
}

async fn read(path: &Path) -> Result<Plan, Fault> {
    let asking = Asking::new("read the plan", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || saved_plan::plan(&path)).await
}

/// The addresses in the newest versions below the current one, those left out that do not load.
async fn versions(remote: &Remote, unseen: &mut Vec<String>) -> Vec<(String, HashSet<String>)> {
    let listed = match remote.versions(LISTED).await {
        Ok(listed) => listed,
        Err(fault) => {
            unseen.push(fault.to_string());
            return Vec::new();
        }
    };
    unseen.extend(listed.denied.iter().map(Fault::to_string));
    let older = listed.list.iter().skip(1);
    let bodies = older.filter(|version| version.kind == Kind::Object);
    let mut found = Vec::new();
    for version in bodies.take(OLDER) {
        let bytes = match remote.body(&version.id).await {
            Ok(bytes) => bytes,
            Err(fault) => {
                unseen.push(fault.to_string());
                continue;
            }
        };
        let parsed = spawn_blocking(move || Reading::of(bytes).snapshot().map(addresses));
        if let Ok(Some(held)) = parsed.await {
            found.push((format!("version {}", version.id), held));
        }
    }
    found
}

fn addresses(snapshot: &Snapshot) -> HashSet<String> {
    let listed = snapshot.listed().iter();
    listed.filter_map(|no| snapshot.name(*no)).collect()
}
