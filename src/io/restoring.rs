//! What a restore or a digest fix is judged by, gathered from the place: how it
//! stands, the present state, its history with what each body says, the
//! candidate, and an `errored.tfstate` beside the configuration. The console
//! and the commands ask here, so they cannot judge differently.

mod past;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::incidents::{self, Incidents};
use super::remote::Remote;
use super::{here, observe, others, second_copy};
use crate::app::plan::Ask;
use crate::fault::Fault;
use crate::incident::{IncidentId, Intent, OpenPlan, open_plans};
use crate::place::{Environment, Place};
use crate::recovery::restore::{
    self, Candidate, Impact, Origin, Past, Present, Refusal, Request, Restoration,
};
use crate::recovery::{Content, Mark, OwnLock, Plan, Seen, Standing, digest, freeze, take_over};
use crate::state::{LastGood, Reference, Roll, Serial, VersionId};
use past::{Asked, History, Question};

/// Which lock a restore may take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeOver {
    Nothing,
    /// The one of this id, or of this name of its raw body.
    Named(String),
    /// Whatever is held now: the person sees it in the plan and types its id.
    WhatIsHeld,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum Unplanned {
    /// Something could not be read.
    Unable(Fault),
    /// A rule forbids it.
    Refused(Fault),
}

impl Unplanned {
    pub fn fault(self) -> Fault {
        match self {
            Self::Unable(fault) | Self::Refused(fault) => fault,
        }
    }
}

impl From<Fault> for Unplanned {
    fn from(fault: Fault) -> Self {
        Self::Unable(fault)
    }
}

/// Everything around a state that a write to it depends on.
#[derive(Debug)]
pub struct Scene {
    pub standing: Standing,
    pub present: Option<Present>,
    pub past: Past,
    history: History,
}

impl Scene {
    /// Looks at everything.
    pub async fn of(
        place: &Place,
        remote: &Remote,
        environment: &Environment,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let mut scene = Self::around(place, remote, (environment, now), Asked::No).await?;
        scene.look(remote, None).await?;
        Ok(scene)
    }

    /// Looks at everything but the present state.
    async fn around(
        place: &Place,
        remote: &Remote,
        (environment, now): (&Environment, Timestamp),
        last_good: Asked,
    ) -> Result<Self, Fault> {
        let standing = observe::standing(place, remote, environment, now).await;
        let digest = digest::stored(&standing).map(|seen| seen.content);
        let digest = digest.and_then(|content| match content {
            Content::Digest(md5) => Some(md5),
            Content::Lock(_) | Content::State(_) => None,
        });
        let question = Question {
            last_good,
            digest: digest.as_deref(),
        };
        let history = History::of(remote, question).await?;
        let mut past = history.past();
        past.serials.extend(errored(place).await);
        Ok(Self {
            standing,
            present: None,
            past,
            history,
        })
    }

    /// Looks at the present state, and at what becomes of its resources when the
    /// candidate is put in its place. Only what it says stays in memory.
    async fn look(
        &mut self,
        remote: &Remote,
        candidate: Option<&Candidate>,
    ) -> Result<Impact, Fault> {
        let next = candidate.map(|candidate| Arc::clone(&candidate.bytes));
        let current = remote.current().await?;
        let work = tokio::task::spawn_blocking(move || {
            let next = next.map(Roll::of);
            let now = current.as_ref().map(|now| Roll::of(Arc::clone(&now.bytes)));
            let impact = |next| Impact::of(now.as_ref(), next);
            let impact = next.as_ref().map_or_else(Impact::default, impact);
            let present = current.zip(now).map(|(current, roll)| Present {
                seen: Seen {
                    content: Content::State(Mark::of(&current.bytes)),
                    etag: current.etag,
                },
                version: current.version,
                contents: roll.contents(),
            });
            (present, impact)
        });
        // What a panic says may quote the text, and that holds secrets.
        let failed = |_| Fault::new("read", "the state", "it stopped at an internal error");
        let (present, impact) = work.await.map_err(failed)?;
        let contents = present.as_ref().map(|present| &present.contents);
        let serial = contents.and_then(|one| one.lineage.clone().zip(one.serial));
        self.past.serials.extend(serial);
        self.present = present;
        Ok(impact)
    }

    /// The newest version that the digest is of, where one that was read is.
    pub fn version_of(&self, md5: &str) -> Option<&VersionId> {
        let mut read = self.history.read.iter();
        Some(&read.find(|(_, contents)| contents.md5 == md5)?.0)
    }

    /// The bytes that a reference means.
    async fn candidate(
        &self,
        remote: &Remote,
        reference: &Reference,
    ) -> Result<Candidate, Unplanned> {
        let missing = |cause: &str| {
            Unplanned::Refused(
                Fault::new("restore", reference.to_string(), cause)
                    .hint("tfsos versions lists what is there"),
            )
        };
        let id = match reference {
            Reference::File(path) => return Ok(file(path).await?),
            Reference::Object { bucket, key } => {
                let bytes = others::object(remote, bucket, key).await?;
                return Ok(judged(Origin::File(reference.to_string()), bytes).await?);
            }
            Reference::Version(id) => id.clone(),
            Reference::Current | Reference::Previous => {
                let version = reference.among(&self.history.versions);
                version
                    .ok_or_else(|| missing("there is no such version"))?
                    .id
                    .clone()
            }
            Reference::LastGood => match self.history.last_good() {
                LastGood::One(id) => id,
                LastGood::None => return Err(missing("no version that is kept would load")),
                LastGood::Unread => return Err(missing("not all versions could be read")),
                LastGood::Several(ids) => {
                    let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
                    let cause = format!("more than one is plausible: {}", ids.join(", "));
                    return Err(missing(&cause));
                }
            },
        };
        let bytes = remote.body(&id).await?;
        Ok(judged(Origin::Version(id), bytes).await?)
    }
}

/// An open plan with everything that is needed to go on with it.
#[derive(Debug)]
pub struct LeftOpen {
    pub incident: IncidentId,
    pub open: OpenPlan,
    /// None where the incident folder does not keep it.
    pub plan: Option<Plan>,
}

/// The plan of this kind that an earlier run left open at this place.
pub async fn left_open(
    place: &Place,
    environment: &Environment,
    intent: Intent,
) -> Result<Option<LeftOpen>, Fault> {
    let incidents = Incidents::of(environment)?;
    let Some((incident, reading)) = incidents.open_at(&incidents::identity(place)).await? else {
        return Ok(None);
    };
    let open = open_plans(&reading.entries).into_iter();
    let Some(open) = open.into_iter().find(|open| open.intent == intent) else {
        return Ok(None);
    };
    let plan = incidents.plan(&incident, &open).await?;
    Ok(Some(LeftOpen {
        incident,
        open,
        plan,
    }))
}

/// The plan that is meant, or the one of its kind that is still open here.
pub async fn prepare(
    place: &Place,
    remote: &Remote,
    environment: &Environment,
    ask: &Ask,
) -> Result<Plan, Fault> {
    let left = left_open(place, environment, ask.intent()).await?;
    if let Some(plan) = left.and_then(|left| left.plan) {
        return Ok(plan);
    }
    let now = Timestamp::now();
    match ask {
        Ask::Restore(reference) => {
            let wanted = Wanted::of(reference, &TakeOver::WhatIsHeld);
            let planned = restoration(place, remote, environment, wanted).await;
            Ok(planned.map_err(Unplanned::fault)?.plan)
        }
        Ask::Undo(done) => {
            let reference = done.undo.reference.as_deref().unwrap_or_default();
            let Ok(reference) = reference.parse::<Reference>();
            // Whoever holds the lock now may be writing: an undo never takes it from them.
            let wanted = Wanted {
                undoes: Some(done),
                ..Wanted::of(&reference, &TakeOver::Nothing)
            };
            let planned = restoration(place, remote, environment, wanted).await;
            Ok(planned.map_err(Unplanned::fault)?.plan)
        }
        Ask::Digest => {
            let scene = Scene::of(place, remote, environment, now).await?;
            let present = scene.present.as_ref();
            let found = digest::diagnose(&scene.standing, present, &scene.past);
            if let Some(fault) = found.and_then(|found| digest::sealing(place, &found)) {
                return Err(fault);
            }
            digest::plan(place, &scene.standing, present, now)
        }
        Ask::Freeze { reason } => {
            let own = own_lock(place, environment, now).await?;
            let standing = observe::standing(place, remote, environment, now).await;
            freeze::plan(place, &standing, (&own, reason), now)
        }
        Ask::TakeOver(lock) => {
            let own = own_lock(place, environment, now).await?;
            let standing = observe::standing(place, remote, environment, now).await;
            let plan = take_over::plan(place, &standing, lock, (&own, now));
            plan.map_err(|refusal| refusal.fault(place))
        }
    }
}

/// What is to be put back, and on which terms.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub reference: &'a Reference,
    pub take_over: &'a TakeOver,
    /// The file for a second copy of the present state, where the store keeps no versions.
    pub second_copy: Option<&'a str>,
    /// The restore that is taken back by this one.
    pub undoes: Option<&'a Plan>,
}

impl<'a> Wanted<'a> {
    /// A restore of what is kept in versions.
    pub fn of(reference: &'a Reference, take_over: &'a TakeOver) -> Self {
        Self {
            reference,
            take_over,
            second_copy: None,
            undoes: None,
        }
    }
}

/// Plans the restore of what is meant.
pub async fn restoration(
    place: &Place,
    remote: &Remote,
    environment: &Environment,
    wanted: Wanted<'_>,
) -> Result<Restoration, Unplanned> {
    let now = Timestamp::now();
    let Wanted {
        reference,
        take_over,
        second_copy,
        undoes,
    } = wanted;
    let last_good = match reference {
        Reference::LastGood => Asked::Yes,
        Reference::Current
        | Reference::Previous
        | Reference::Version(_)
        | Reference::File(_)
        | Reference::Object { .. } => Asked::No,
    };
    let mut scene = Scene::around(place, remote, (environment, now), last_good).await?;
    let candidate = scene.candidate(remote, reference).await?;
    let impact = scene.look(remote, Some(&candidate)).await?;
    let standing = &scene.standing;
    let theirs = standing.survey.held().find(|seen| !standing.holds(seen));
    let held = || theirs.map(restore::lock_name);
    let take_over = match take_over {
        TakeOver::Nothing => None,
        TakeOver::Named(lock) => Some(lock.clone()),
        TakeOver::WhatIsHeld => held(),
    };
    let own = own_lock(place, environment, now).await?;
    let backup = second_copy::beside(place, now).await?;
    let request = Request {
        place,
        standing: &scene.standing,
        present: scene.present.as_ref(),
        candidate,
        impact,
        past: &scene.past,
        take_over: take_over.as_deref(),
        own: &own,
        second_copy: second_copy.or(backup.as_deref()),
        undoes,
        now,
    };
    restore::plan(request).map_err(|refusal| {
        let fault = refusal.fault(place, &reference.to_string());
        match refusal {
            Refusal::Unseen(_) => Unplanned::Unable(fault),
            _ => Unplanned::Refused(fault),
        }
    })
}

/// A lock of our own that nobody else has, for the incident that is open here
/// or the one that the plan will begin.
pub async fn own_lock(
    place: &Place,
    environment: &Environment,
    now: Timestamp,
) -> Result<OwnLock, Fault> {
    let identity = incidents::identity(place);
    let incident = Incidents::of(environment)?.upcoming(&identity, now).await?;
    let incident = incident.to_string();
    let mut random = [0; 16];
    let filled = rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty());
    match filled {
        Ok(16) => Ok(OwnLock::made(random, here::who(), now, incident)),
        Ok(_) => Err(Fault::new(
            "make",
            "a lock id",
            "the system gave too few random bytes",
        )),
        Err(error) => Err(Fault::new("make", "a lock id", error)),
    }
}

/// The serial of an apply that could not be written; it counts, whether or not it is put back.
async fn errored(place: &Place) -> Option<(String, Serial)> {
    let path = place.directory.as_ref()?.join(others::ERRORED);
    file(&path).await.ok()?.line()
}

async fn file(path: &Path) -> Result<Candidate, Fault> {
    let bytes = others::file(path).await?;
    judged(Origin::File(path.display().to_string()), bytes).await
}

async fn judged(origin: Origin, bytes: Arc<[u8]>) -> Result<Candidate, Fault> {
    let subject = match &origin {
        Origin::Version(id) => id.0.clone(),
        Origin::File(path) => path.clone(),
    };
    let judged = tokio::task::spawn_blocking(move || Candidate::of(origin, bytes)).await;
    judged.map_err(|_| Fault::new("read", subject, "it stopped at an internal error"))
}
