//! The restore of a version, or of a file, as the next version that Terraform
//! accepts: the real locks are taken (or taken over), the present state is read
//! once more and kept, one conditional write puts the candidate back under the
//! next serial, the digest follows, the result is read back, and the locks go.
//! See TERRAFORM.md §5.7; nothing is ever deleted by version id.

mod impact;
mod locks;
mod refusal;
mod steps;
mod undo;

use std::sync::Arc;

use jiff::Timestamp;

pub use impact::Impact;
pub use locks::{Hold, items as lock_items};
pub use refusal::Refusal;
pub use steps::insisted;

use super::confirm::Demand;
use super::digest::{self, Cause};
use super::guard::{Guard, Whole};
use super::own_lock::OwnLock;
use super::plan::{Cargo, Plan, PlanId};
use super::release;
use super::standing::Standing;
use super::write::{Content, Item, Mark, Seen, Slot};
use crate::incident::Intent;
use crate::lock::{Agreement, Sighting};
use crate::place::{Backend, Place};
use crate::state::{Contents, Health, Roll, Serial, VersionId, Versioning, with_serial};

/// Where the bytes to be put back come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Version(VersionId),
    File(String),
}

/// The bytes to be put back, and what they say.
#[derive(Debug)]
pub struct Candidate {
    pub origin: Origin,
    pub bytes: Arc<[u8]>,
    pub mark: Mark,
    pub contents: Contents,
}

impl Candidate {
    /// Judges the bytes.
    pub fn of(origin: Origin, bytes: Arc<[u8]>) -> Self {
        Self {
            origin,
            mark: Mark::of(&bytes),
            contents: Roll::of(Arc::clone(&bytes)).contents(),
            bytes,
        }
    }

    /// The lineage and the serial, where it has both.
    pub fn line(&self) -> Option<(String, Serial)> {
        self.contents.lineage.clone().zip(self.contents.serial)
    }

    /// What `--yes` names: the version's id, or the beginning of the file's hash.
    fn exact(&self) -> String {
        match &self.origin {
            Origin::Version(id) => id.0.clone(),
            Origin::File(_) => exact_of(&self.mark),
        }
    }
}

/// The state as it stands; its bytes are not kept.
#[derive(Debug, Clone)]
pub struct Present {
    pub seen: Seen,
    pub version: Option<VersionId>,
    pub contents: Contents,
}

/// What the history and the directory say beside the present state.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The lineages that the history makes plausible; empty where nothing loads.
    pub lineages: Vec<String>,
    /// Lineage and serial of every body that could be read, salvaged ones and `errored.tfstate` among them.
    pub serials: Vec<(String, Serial)>,
    /// Digest and serial of the versions, newest first: what a stored digest is compared with.
    pub digests: Vec<(String, Option<Serial>)>,
    /// Whether there are older versions that were not read.
    pub more: bool,
    /// How many versions were asked for and could not be read.
    pub unread: usize,
}

/// Everything that a restore is judged by.
#[derive(Debug)]
pub struct Request<'a> {
    pub place: &'a Place,
    pub standing: &'a Standing,
    /// None where there is no object, or a delete marker.
    pub present: Option<&'a Present>,
    pub candidate: Candidate,
    /// What becomes of the resources of the present state.
    pub impact: Impact,
    pub past: &'a Past,
    /// The lock that may be taken over, by its id or the name of its raw body.
    pub take_over: Option<&'a str>,
    pub own: &'a OwnLock,
    /// The file for a second copy of the present state: without versions nothing is overwritten
    /// before it is there. Of a local state it is a backup as Terraform names them.
    pub second_copy: Option<&'a str>,
    /// The restore that this one takes back: it goes on only where that still stands.
    pub undoes: Option<&'a Plan>,
    pub now: Timestamp,
}

/// A plan with what a person weighs before saying yes to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    pub plan: Plan,
    pub impact: Impact,
    pub serial_before: Option<Serial>,
    /// None for an encrypted version, which goes back byte for byte.
    pub serial_after: Option<Serial>,
}

/// Plans the restore, or says why there is none. Of the bytes that are put back
/// only those with the new serial are left.
pub fn plan(mut request: Request<'_>) -> Result<Restoration, Refusal> {
    undo::permitted(&request)?;
    permitted(&request)?;
    let locks = locks::of(&request)?;
    let (bytes, serial) = next(&mut request)?;
    let request = request;
    let mark = Mark::of(&bytes);
    let place = request.place;
    let state =
        state_item(place).ok_or_else(|| Refusal::NotHere("it has no state object".to_owned()))?;
    let title = title(&request, serial);
    let present = request.present.map(|present| &present.seen);
    let demands = demands(&request, &locks);
    let name = place.full_name();
    let parts = ["restore", &name, &request.now.to_string(), &mark.sha256];
    let guard = guard(&request);
    let steps = steps::of(
        &request,
        &locks,
        (&state, present),
        (&mark, &title, &demands),
    );
    let plan = Plan {
        id: PlanId::of(&parts),
        intent: Intent::Restore,
        title,
        lock: request.own.id.clone(),
        subject: request.candidate.exact(),
        steps,
        demands,
        warnings: warnings(&request, &locks, &guard, serial),
        undo: undo::of(&request, &mark),
        guard: Some(guard),
        cargo: Some(Cargo(bytes)),
    };
    Ok(Restoration {
        plan,
        serial_before: request.present.and_then(|present| present.contents.serial),
        serial_after: serial,
        impact: request.impact,
    })
}

/// What the plan does, in a sentence.
fn title(request: &Request<'_>, serial: Option<Serial>) -> String {
    let what = named(request.place, &request.candidate.origin);
    let how = match serial {
        Some(Serial(serial)) => format!("as serial {serial}"),
        None => "byte for byte".to_owned(),
    };
    let undo = match request.undoes {
        Some(_) => "undo a restore: ",
        None => "",
    };
    format!(
        "{undo}restore {what} {how} in {}",
        request.place.full_name()
    )
}

/// What the next plan would do, as far as the two states tell.
fn guard(request: &Request<'_>) -> Guard {
    let health = request.present.map(|present| present.contents.health);
    let present = match health {
        Some(Health::Fine | Health::OlderFormat) => Whole::Yes,
        _ => Whole::No,
    };
    Guard::of(&request.impact, present)
}

/// The rules that are no matter of what is put back.
fn permitted(request: &Request<'_>) -> Result<(), Refusal> {
    let place = request.place;
    if let Backend::Other { kind } = &place.backend {
        return Err(Refusal::NotHere(format!(
            "states in a {kind} backend are beyond tfsos"
        )));
    }
    match &request.standing.versioning {
        Err(fault) => return Err(Refusal::Unseen(fault.clone())),
        Ok(Versioning::Enabled) => {}
        Ok(_) if request.second_copy.is_some() => {}
        Ok(other) => return Err(Refusal::NoVersions(*other)),
    }
    if let Some((_, fault)) = request.standing.survey.unseen().next() {
        return Err(Refusal::Unseen(fault.clone()));
    }
    // A digest that was not seen is not an absent one: the write would meet it.
    if let Some(Err(fault)) = &request.standing.survey.digest {
        return Err(Refusal::Unseen(fault.clone()));
    }
    let contents = &request.candidate.contents;
    match contents.health {
        Health::Fine | Health::Encrypted => {}
        Health::OlderFormat => return Err(Refusal::Unsound("it has an older format".into())),
        Health::Empty | Health::Damaged | Health::Deleted | Health::Unread => {
            return Err(Refusal::Unsound(
                contents
                    .why
                    .clone()
                    .unwrap_or_else(|| "it is no state".into()),
            ));
        }
    }
    let same = request.present.is_some_and(|present| {
        present.seen.content == Content::State(request.candidate.mark.clone())
    });
    let agreement = &request.standing.agreement;
    if same
        && !matches!(
            agreement,
            Agreement::Differs(_) | Agreement::BeingWritten(_)
        )
    {
        return Err(Refusal::Same);
    }
    if let Some(diagnosis) = digest::diagnose(request.standing, request.present, request.past)
        && diagnosis.cause == Cause::WriteFailed
    {
        return Err(Refusal::DigestFix {
            md5: diagnosis.calculated,
        });
    }
    Ok(())
}

/// A lock's id, or the name of its raw body where it has none.
pub fn lock_name(seen: &Sighting) -> String {
    seen.id().unwrap_or_else(|| release::raw_name(seen))
}

/// The bytes of the next version, which take the candidate's place in memory, and its serial.
fn next(request: &mut Request<'_>) -> Result<(Arc<[u8]>, Option<Serial>), Refusal> {
    let bytes = std::mem::take(&mut request.candidate.bytes);
    let contents = &request.candidate.contents;
    if contents.health == Health::Encrypted {
        // Its serial is sealed inside: it can only go back as it is.
        return Ok((bytes, None));
    }
    let lineage = contents.lineage.clone().unwrap_or_default();
    let own = contents.serial;
    let of_lineage = request
        .past
        .serials
        .iter()
        .filter(|(known, _)| *known == lineage)
        .map(|(_, serial)| *serial);
    let Some(Serial(highest)) = of_lineage.chain(own).max() else {
        return Err(Refusal::NoSerial);
    };
    let serial = Serial(highest.saturating_add(1));
    let bytes = with_serial(&bytes, serial)
        .ok_or_else(|| Refusal::Unsound("its serial could not be found".into()))?;
    Ok((bytes, Some(serial)))
}

fn demands(request: &Request<'_>, locks: &[Hold]) -> Vec<Demand> {
    let mut demands = vec![Demand::Place {
        short: request.place.short_name(),
        exact: request.candidate.exact(),
    }];
    let held = locks.iter().find_map(Hold::theirs);
    demands.extend(held.map(|held| match held.id() {
        Some(id) => Demand::Lock { id },
        None => Demand::Body {
            hash: release::raw_name(held),
        },
    }));
    let judged = request.standing.judged();
    let theirs = judged.filter(|(seen, _)| !request.standing.holds(seen));
    demands.extend(Demand::of_the_living(theirs.map(|(_, verdict)| verdict)));
    demands.extend(foreign(request));
    demands
}

/// What has to be typed where the candidate is of another lineage than the history.
fn foreign(request: &Request<'_>) -> Option<Demand> {
    let lineage = request.candidate.contents.lineage.clone();
    let lineage = lineage.unwrap_or_default();
    let known = &request.past.lineages;
    let established = known.len() == 1 && known[0] == lineage || known.is_empty();
    (!established).then(|| Demand::Lineage {
        why: match known.as_slice() {
            [one] => format!("the established lineage is {one}, and this one is {lineage}"),
            _ => format!("the history has several lineages: {}", known.join(", ")),
        },
        lineage,
    })
}

fn warnings(
    request: &Request<'_>,
    locks: &[Hold],
    guard: &Guard,
    serial: Option<Serial>,
) -> Vec<String> {
    let mut warnings = vec![format!("resources: {}", request.impact.sentence())];
    warnings.extend(guard.sentences());
    let local = is_local(request.place);
    if let Some(path) = overwritten(request) {
        warnings.push(if local {
            format!("what stands there now stays in the backup of the incident and in {path}")
        } else {
            format!(
                "no versions are kept: what stands there now is destroyed, and left are the backup of the incident and {path}"
            )
        });
    }
    if local {
        warnings.push(
            "the file's own lock is held for the write alone: stop whatever else would plan or apply here".into(),
        );
    } else if locks.is_empty() {
        warnings
            .push("no locking is configured: nothing keeps a run from starting meanwhile".into());
    }
    if let Some(theirs) = locks.iter().find_map(Hold::theirs) {
        // Who confirms it types a part of the id: it stands where it is read first.
        let lock = theirs.id().map_or_else(String::new, |id| format!(" {id}"));
        warnings.push(format!(
            "the lock{lock} is taken over, and its holder is not stopped: if it still runs, its last write overwrites this one"
        ));
    }
    if locks.iter().any(|hold| hold.ours().is_some()) {
        warnings.push("the lock is ours and stays: tfsos thaw lets go of it afterwards".into());
    }
    if serial.is_none() {
        warnings.push(
            "it is encrypted and goes back with its old serial: clients that know a higher one refuse it".into(),
        );
    }
    match request.past.unread {
        0 => {}
        1 => warnings.push("1 version could not be read: it may have a higher serial".into()),
        count => warnings.push(format!(
            "{count} versions could not be read: one of them may have a higher serial"
        )),
    }
    if request.past.more {
        warnings.push("older versions than those that were read may have a higher serial".into());
    }
    if serial.is_some() {
        warnings.push("saved plans made for the present state become stale".into());
    }
    warnings
}

/// The second copy of a present state that no store keeps a version of.
fn overwritten<'a>(request: &Request<'a>) -> Option<&'a str> {
    let kept = matches!(request.standing.versioning, Ok(Versioning::Enabled));
    request
        .second_copy
        .filter(|_| !kept && request.present.is_some())
}

/// The beginning of the hash of bytes, by which they are named where they have no id.
pub fn exact_of(mark: &Mark) -> String {
    mark.sha256.chars().take(release::HASH_LENGTH).collect()
}

fn named(place: &Place, origin: &Origin) -> String {
    match origin {
        // A local state's versions are files, which have names.
        Origin::Version(id) if is_local(place) => id.0.clone(),
        Origin::Version(id) => format!("version {}", short(&id.0)),
        Origin::File(path) => path.clone(),
    }
}

/// The ends of a long id, which tell it from its neighbors.
fn short(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    if letters.len() <= 12 {
        return id.to_owned();
    }
    let ends = |part: &[char]| part.iter().collect::<String>();
    format!(
        "{}…{}",
        ends(&letters[..4]),
        ends(&letters[letters.len() - 4..])
    )
}

fn is_local(place: &Place) -> bool {
    matches!(place.backend, Backend::Local(_))
}

/// The state object, or the state file, of a place that has one.
pub fn state_item(place: &Place) -> Option<Item> {
    let (slot, container, key) = match &place.backend {
        Backend::S3(s3) => (Slot::State, s3.bucket.clone(), s3.state_key()),
        Backend::Sandbox(sandbox) => (Slot::State, sandbox.bucket.clone(), sandbox.key.clone()),
        Backend::Local(local) => {
            let folder = local.path.parent().unwrap_or(&local.path);
            let (folder, file) = (folder.display(), local.path.display());
            (Slot::StateFile, folder.to_string(), file.to_string())
        }
        Backend::Other { .. } => return None,
    };
    Some(Item {
        slot,
        container,
        key,
    })
}

/// The digest item of a place that keeps one.
pub fn digest_item(place: &Place) -> Option<Item> {
    let (table, key) = match &place.backend {
        Backend::S3(s3) => (s3.dynamodb_table.clone()?, s3.digest_row()),
        Backend::Sandbox(sandbox) => (
            sandbox.table.clone()?,
            format!("{}/{}-md5", sandbox.bucket, sandbox.key),
        ),
        Backend::Local(_) | Backend::Other { .. } => return None,
    };
    Some(Item {
        slot: Slot::DigestRow,
        container: table,
        key,
    })
}
