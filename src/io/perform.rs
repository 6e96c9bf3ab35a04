//! What each effect does. One arm a job; the work itself stands in the file
//! that knows how.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::sync::mpsc::Sender;

use super::cache::Cache;
use super::execute::{Executor, Progress, Stop};
use super::incidents::{self, Incidents};
use super::journal::Journal;
use super::remote::Remote;
use super::runbooks::{self, Commands, Keeper};
use super::scour::Ground;
use super::state::{self, Shelf};
use super::watching::Watch;
use super::witness::Witnesses;
use super::{
    discover, follow, here, judge, next_plan, observe, owning, readying, recreating, restoring,
    scenario,
};
use crate::app::effect::{Effect, Ticket};
use crate::app::event::Event;
use crate::app::pane::lock::{Judged, LockJob, LockNews};
use crate::app::pane::runbook::{Errand, RunbookJob, RunbookNews};
use crate::app::pane::situation::{Find, Finds, Lookout};
use crate::app::pane::{PlaceJob, PlaceNews};
use crate::app::plan::{self, Ask, Order, PlanJob, PlanNews, StepState};
use crate::fault::Fault;
use crate::incident::{self, Author, Intent};
use crate::log::mask::mask;
use crate::place::{Caller, Environment, Place};
use crate::recovery::readiness::checks;
use crate::recovery::{Authority, Plan};
use crate::runbook::Ran;

/// What jobs share: the remotes that are already open.
#[derive(Debug, Default)]
pub struct Hands {
    /// What makes every write of this run refused, whatever the console says.
    read_only: Option<String>,
    /// The profile under which plans run, where writes have one of their own.
    write_profile: Option<String>,
    environment: Environment,
    /// The bucket that a state's bucket is copied to, as the configuration names it.
    pub(super) replica: String,
    /// The program that is asked what the next plan would do; empty is whichever is found.
    terraform: String,
    /// Where bodies of versions are kept on disk, if anywhere.
    cache: Option<Cache>,
    /// The logs that were named at the start.
    logs_named: Vec<PathBuf>,
    /// Asked at the end: a running plan goes to its nearest safe point.
    pub stop: Stop,
    remotes: Mutex<Vec<(Arc<Place>, Remote)>>,
    pub(super) shelf: Shelf,
    /// What the search over every state has read.
    pub(super) ground: Ground,
    runs: Keeper,
    commands: Commands,
    logs: Arc<follow::Logs>,
    /// What was held wherever the console looked.
    watch: Watch,
}

impl Hands {
    pub fn new(
        read_only: Option<String>,
        write_profile: Option<String>,
        environment: Environment,
    ) -> Self {
        Self {
            read_only,
            write_profile,
            environment,
            ..Self::default()
        }
    }

    /// The same with logs that were named at the start.
    #[must_use]
    pub fn reading(mut self, logs: Vec<PathBuf>) -> Self {
        self.logs_named = logs;
        self
    }

    /// The same with a bucket that states are copied to.
    #[must_use]
    pub fn with_replica(mut self, replica: String) -> Self {
        self.replica = replica;
        self
    }

    /// The same with a program that says what the next plan would do.
    #[must_use]
    pub fn with_terraform(mut self, terraform: String) -> Self {
        self.terraform = terraform;
        self
    }

    /// The same with a folder for the bodies of versions.
    #[must_use]
    pub fn with_cache(mut self, cache: Option<Cache>) -> Self {
        self.cache = cache;
        self
    }

    /// What journals are found by.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The remote of a place, opened once.
    pub async fn remote(&self, place: &Arc<Place>) -> Result<Remote, Fault> {
        let mut remotes = self.remotes.lock().await;
        if let Some((_, remote)) = remotes.iter().find(|(known, _)| known == place) {
            return Ok(remote.clone());
        }
        let remote = Remote::open(place).await?.caching(self.cache.clone());
        remotes.push((place.clone(), remote.clone()));
        Ok(remote)
    }

    /// Forgets what is open: credentials that were renewed count from the next question on.
    pub async fn forget(&self) {
        self.remotes.lock().await.clear();
    }

    /// The remote that a plan runs on: under the profile of writes, which is
    /// then opened for this alone and kept by nobody.
    async fn writer(&self, place: &Arc<Place>) -> Result<Remote, Fault> {
        match &self.write_profile {
            Some(profile) => Remote::open(&place.under_profile(profile)).await,
            None => self.remote(place).await,
        }
    }
}

/// Does one effect and returns the news that answers it; a job that goes on sends more through `news` meanwhile.
pub async fn perform(effect: Effect, hands: Arc<Hands>, news: Sender<Event>) -> Option<Event> {
    match effect {
        Effect::Place(job) => Some(Event::Place(perform_place(job, &hands).await)),
        Effect::Lock(job) => Some(Event::Lock(perform_lock(job, &hands).await)),
        Effect::Plan(PlanJob::Prepare { ticket, place, ask }) => {
            let outcome = prepare(&place, &ask, &hands).await.map(Arc::new);
            Some(Event::Plan(PlanNews::Prepared { ticket, outcome }))
        }
        Effect::Plan(PlanJob::Foresee {
            ticket,
            place,
            compared,
        }) => {
            let asked = next_plan::Asked {
                place: &place,
                environment: &hands.environment,
                program: &hands.terraform,
                leaving: &hands.stop,
            };
            let guard = Box::new(asked.guard(*compared).await);
            Some(Event::Plan(PlanNews::Foreseen { ticket, guard }))
        }
        Effect::Plan(PlanJob::Run(order)) => {
            Some(Event::Plan(perform_plan(*order, &hands, &news).await))
        }
        Effect::State(job) => Some(Event::State(state::perform(job, &hands, &news).await)),
        Effect::Runbook(RunbookJob::Run(errand)) => Some(Event::Runbook(RunbookNews::Ran {
            ticket: errand.ticket,
            outcome: errand_done(&errand, &hands, &news).await,
        })),
        Effect::Runbook(job) => Some(Event::Runbook(
            runbooks::perform(job, (&hands.runs, &hands.commands), &hands.environment).await,
        )),
        Effect::Log(job) => Some(Event::Log(
            follow::perform(job, hands.logs.clone(), &hands.environment, news).await,
        )),
        // The first has ended what was of its lane; the others belong to the
        // terminal, which only the loop holds.
        Effect::Plan(PlanJob::Dismiss) | Effect::Clip(_) | Effect::SignIn(_) | Effect::Suspend => {
            None
        }
    }
}

async fn perform_place(job: PlaceJob, hands: &Hands) -> PlaceNews {
    match job {
        PlaceJob::Discover { ticket, lookout } => {
            let outcome = match lookout {
                Lookout::Named(place) => Ok(named(*place)),
                // Its states are listed by the state pane.
                Lookout::Bucket { .. } => Ok(Finds {
                    found: Vec::new(),
                    evident: None,
                    more: false,
                }),
                Lookout::Directory(directory) => look(directory, &hands.environment).await,
                Lookout::Rehearsal(rehearsal) => match scenario::build(*rehearsal).await {
                    Ok(sandbox) => look(sandbox, &hands.environment).await,
                    Err(fault) => Err(fault),
                },
            };
            PlaceNews::Discovered { ticket, outcome }
        }
        PlaceJob::Identify { ticket, place } => {
            let outcome = async { hands.remote(&place).await?.identity().await }.await;
            PlaceNews::Identified { ticket, outcome }
        }
        PlaceJob::Examine { ticket, place } => PlaceNews::Examined {
            ticket,
            outcome: Ok(Remote::credentials(&place).await.map(Box::new)),
        },
        PlaceJob::Ready { ticket, place } => {
            let checks = async {
                let remote = hands.remote(&place).await?;
                let sights = Box::pin(readying::look(&place, &remote)).await;
                Ok(checks(&place, &sights, None))
            };
            let outcome = checks.await;
            PlaceNews::Readied { ticket, outcome }
        }
        PlaceJob::Authorize { ticket, place } => {
            let outcome = async { hands.writer(&place).await?.caller().await }.await;
            PlaceNews::Authorized { ticket, outcome }
        }
        PlaceJob::Owners {
            ticket,
            place,
            taken,
        } => {
            let outcome = async {
                let remote = hands.remote(&place).await?;
                Ok(Box::pin(owning::search(&place, &remote, &taken)).await)
            };
            PlaceNews::Owned {
                ticket,
                outcome: outcome.await,
            }
        }
        PlaceJob::Recreated {
            ticket,
            place,
            planned,
        } => {
            let outcome = async {
                let remote = hands.remote(&place).await?;
                let found = Box::pin(recreating::look(&place, &remote, &planned)).await?;
                Ok(found.map(Box::new))
            };
            PlaceNews::Recreated {
                ticket,
                outcome: outcome.await,
            }
        }
    }
}

async fn look(directory: PathBuf, environment: &Environment) -> Result<Finds, Fault> {
    let found = discover::find(directory, environment.clone()).await;
    found.map(finds)
}

/// A place that flags named stands alone.
fn named(place: Place) -> Finds {
    let find = Find {
        name: place.full_name(),
        outcome: Ok(Arc::new(place)),
    };
    Finds {
        found: vec![find],
        evident: Some(0),
        more: false,
    }
}

fn finds(discovery: discover::Discovery) -> Finds {
    let root = discovery.directory;
    let name = |directory: &Path| match directory.strip_prefix(&root) {
        Ok(below) if !below.as_os_str().is_empty() => below.display().to_string(),
        _ => directory.display().to_string(),
    };
    let found = discovery.found.into_iter();
    let found = found.map(|found| Find {
        name: name(&found.directory),
        outcome: found.outcome.map(Arc::new),
    });
    Finds {
        found: found.collect(),
        evident: discovery.evident,
        more: discovery.more,
    }
}

async fn perform_lock(job: LockJob, hands: &Hands) -> LockNews {
    match job {
        LockJob::Look { ticket, place } => {
            let look = async {
                let remote = hands.remote(&place).await?;
                let now = Timestamp::now();
                let witnesses = Witnesses {
                    environment: &hands.environment,
                    logs: &hands.logs_named,
                };
                let look = observe::look(&place, &remote, witnesses, now).await;
                let seen = (&look.standing.survey, now);
                hands
                    .watch
                    .saw((&place, &remote), &hands.environment, seen)
                    .await;
                let (findings, unseen) = judge::findings(&place, &look, now).await;
                Ok(Box::new(Judged {
                    standing: look.standing,
                    findings,
                    unseen,
                    deed: look.deed,
                }))
            };
            LockNews::Looked {
                ticket,
                outcome: look.await,
            }
        }
    }
}

async fn prepare(place: &Arc<Place>, ask: &Ask, hands: &Hands) -> Result<Plan, Fault> {
    // What is put back comes from where it is stored.
    let remote = hands.remote(place).await?.caching(None);
    Box::pin(restoring::prepare(place, &remote, &hands.environment, ask)).await
}

async fn perform_plan(order: Order, hands: &Hands, news: &Sender<Event>) -> PlanNews {
    let Order {
        ticket,
        place,
        plan,
        authority,
        reason,
    } = order;
    let run = Run {
        ticket,
        place: &place,
        plan: &plan,
        reason,
    };
    PlanNews::Ran {
        ticket,
        outcome: run.perform(authority, hands, news).await,
    }
}

/// A plan on its way to the executor.
struct Run<'a> {
    ticket: Ticket,
    place: &'a Arc<Place>,
    plan: &'a Plan,
    reason: Option<String>,
}

impl Run<'_> {
    async fn perform(
        self,
        authority: Authority,
        hands: &Hands,
        news: &Sender<Event>,
    ) -> Result<plan::Ran, Fault> {
        // What the console believes does not count here: a read-only run has no other authority.
        let authority = match &hands.read_only {
            Some(by) => Authority::ReadOnly { by: by.clone() },
            None => authority,
        };
        authority.may_write(self.plan)?;
        let remote = hands.writer(self.place).await?;
        // Credentials may have become somebody else's since the arming.
        let caller = remote.caller().await?;
        let journal = self
            .journal(&authority, &caller, &hands.environment)
            .await?;
        remote.label(journal.id());
        let executor = Executor {
            place: self.place,
            caller: &caller,
            remote: &remote,
            journal: &journal,
            stop: &hands.stop,
        };
        let ticket = self.ticket;
        let mut progress = |progress: Progress| {
            let (step, state) = shown(progress);
            // A screen that is slow misses a step and still hears the end.
            let _ = news.try_send(Event::Plan(PlanNews::Stepped {
                ticket,
                step,
                state,
            }));
        };
        let report = executor.run(self.plan, &authority, &mut progress).await;
        // The steps say what became of each write; of a lock each store is said once more.
        let said = matches!(self.plan.intent, Intent::Release | Intent::Thaw);
        let settled = report.settled.iter().filter(|_| said);
        let stores = settled
            .map(|(write, settled)| {
                let word = settled.word(write).replace('_', " ");
                format!("{}: {word}", write.item.slot.store())
            })
            .chain(report.given_back.iter().map(|(write, settled)| {
                let word = settled.word(write).replace('_', " ");
                format!("given back in {}: {word}", write.item.slot.store())
            }));
        Ok(plan::Ran {
            outcome: report.outcome,
            stores: stores.collect(),
            fault: report.fault,
            incident: journal.id().to_string(),
        })
    }

    /// The journal of the place's open incident; a refused run must not even begin one.
    async fn journal(
        &self,
        authority: &Authority,
        caller: &Caller,
        environment: &Environment,
    ) -> Result<Journal, Fault> {
        let now = Timestamp::now();
        authority.permits(self.plan, (self.place, caller), now)?;
        let author = Author {
            caller: caller.arn.clone(),
            user: here::who(),
            tfsos: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let journal = Incidents::of(environment)?
            .enter_for(self.plan, &incidents::identity(self.place), (author, now))
            .await?;
        if let Some(text) = self.reason.clone() {
            journal.write(incident::Event::Noted { text }, None).await?;
        }
        Ok(journal)
    }
}

/// Runs a command of a runbook where writes are allowed here and now, with a
/// line in the journal before it and after.
async fn errand_done(errand: &Errand, hands: &Hands, news: &Sender<Event>) -> Result<Ran, Fault> {
    let refused = |cause: String| Fault::new("run", "the command", cause);
    // What the console believes does not count here.
    if let Some(by) = &hands.read_only {
        return Err(refused(format!("read-only by {by}")));
    }
    let place = &errand.place;
    // Its names may be those of a real bucket, which a program would then reach.
    if place.is_sandbox() {
        return Err(refused("it would leave the sandbox".to_owned()).hint("copy it instead"));
    }
    let caller = hands.writer(place).await?.caller().await?;
    let now = Timestamp::now();
    let lapsed = errand.arming.check(place, &caller, now);
    lapsed.map_err(|lapse| refused(lapse.to_string()).hint("arm again"))?;
    let author = Author {
        caller: caller.arn.clone(),
        user: here::who(),
        tfsos: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let journal = Incidents::of(&hands.environment)?
        .enter(&incidents::identity(place), author, now)
        .await?;
    let command = mask(&errand.command);
    let text = format!("running by {}: {command}", errand.reason);
    journal.write(incident::Event::Noted { text }, None).await?;
    let setting = runbooks::Setting {
        ticket: errand.ticket,
        directory: place.directory.as_deref(),
        commands: &hands.commands,
        leaving: &hands.stop,
        news,
    };
    let ran = runbooks::run(&errand.command, &setting).await?;
    let text = format!("{}: {}", ran.ending(), errand.reason);
    journal.write(incident::Event::Noted { text }, None).await?;
    Ok(ran)
}

fn shown(progress: Progress) -> (usize, StepState) {
    match progress {
        Progress::Started { step } => (step, StepState::Started),
        Progress::Done { step } => (step, StepState::Done),
        Progress::Settled { step, word } => (step, StepState::Settled(word.replace('_', " "))),
        Progress::Failed { step, fault } => (step, StepState::Failed(fault.cause)),
    }
}
