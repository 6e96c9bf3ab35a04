//! `tfsos unlock`: the release of one lock, as a plan that is shown, confirmed,
//! journaled and run. A plan that a crash left open is taken up again by the
//! same command.

mod ask;
mod report;
mod take_over;

use super::plan::{close, enter, needs_whole_place, stop_on_signals};
use super::site::{Ended, Site, unable};
use super::{Answer, Exit};
use crate::args::{RawStore, Unlock};
use crate::config::Settings;
use crate::fault::Fault;
use crate::incident::{Intent, OpenPlan, open_plans};
use crate::io::discover;
use crate::io::execute::{Executor, Report, Stop};
use crate::io::incidents::{self, Incidents};
use crate::io::journal::Journal;
use crate::io::judge::unseen;
use crate::io::remote::Remote;
use crate::lock::Store;
use crate::place::Caller;
use crate::recovery::release::{self, Refusal, Wanted};
use crate::recovery::standing::Standing;
use crate::recovery::{Arming, Authority, Confirmed, Outcome, Plan, by_hand};
use jiff::Timestamp;

pub async fn answer(asked: &Unlock, settings: &Settings) -> Result<Answer, Ended> {
    let (id, arguments) = asked.sorted().map_err(|fault| (Exit::Usage, fault))?;
    let wanted = wanted(id, asked.raw);
    let site = Site::open(&arguments).await?;
    if asked.take_over {
        return take_over::answer(asked, (&site, arguments.words()), settings, &wanted).await;
    }
    let standing = site.standing().await;
    let unlocking = Unlocking {
        incidents: Incidents::of(&discover::environment()).map_err(unable)?,
        asked,
        settings,
        site,
        standing,
        wanted,
    };
    unlocking.answer().await
}

fn wanted(id: Option<&str>, raw: Option<RawStore>) -> Wanted {
    match raw {
        Some(RawStore::DynamoDb) => Wanted::Raw {
            store: Store::DynamoDb,
        },
        Some(RawStore::S3) => Wanted::Raw { store: Store::S3 },
        None => Wanted::Id(id.unwrap_or_default().to_owned()),
    }
}

/// One release from the look before it to the report after it.
struct Unlocking<'a> {
    asked: &'a Unlock,
    settings: &'a Settings,
    site: Site,
    standing: Standing,
    wanted: Wanted,
    incidents: Incidents,
}

impl Unlocking<'_> {
    async fn answer(&self) -> Result<Answer, Ended> {
        let left_open = self.left_open().await?;
        let plan = self
            .standing
            .release(&self.site.place, &self.wanted, Timestamp::now());
        let plan = match (plan, left_open.as_ref()) {
            (Ok(plan), _) => plan,
            // Nothing of the open plan is left to do: whatever was sent has arrived.
            (Err(Refusal::Absent { .. }), Some(open)) if !self.asked.writing.dry_run => {
                return self.conclude(open).await;
            }
            (Err(refusal), _) => return Ok(self.refused(&refusal)),
        };
        if self.asked.writing.dry_run {
            let allowed = self.dry_run(&plan);
            return Ok(self.planned(&plan, allowed));
        }
        let confirmed = match self.confirmed(&plan).await {
            Ok(confirmed) => confirmed,
            Err(fault) => return Ok(self.unconfirmed(&plan, left_open.is_some(), fault)),
        };
        self.run(&plan, confirmed).await
    }

    /// The plan for this lock that an earlier run left open at this place.
    async fn left_open(&self) -> Result<Option<OpenPlan>, Ended> {
        let identity = incidents::identity(&self.site.place);
        let found = self.incidents.open_at(&identity).await.map_err(unable)?;
        let lock = match &self.wanted {
            Wanted::Id(id) => Some(id.as_str()),
            Wanted::Raw { .. } => self.asked.yes.as_deref(),
        };
        let open = found.map(|(_, reading)| open_plans(&reading.entries));
        Ok(open
            .unwrap_or_default()
            .into_iter()
            .find(|open| open.intent == Intent::Release && Some(open.lock.as_str()) == lock))
    }

    /// What a run would say, without one.
    fn dry_run(&self, plan: &Plan) -> Result<(), Fault> {
        self.allowed(plan)?;
        let confirmed = ask::by_flags(self.asked, plan);
        // Without --yes it would be asked for; the words are no less needed then.
        let skipped = usize::from(self.asked.yes.is_none());
        let missing = plan.demands.iter().skip(skipped);
        match missing.into_iter().find(|one| !one.is_met_by(&confirmed)) {
            Some(demand) => Err(ask::missing(plan, demand, self.asked)),
            None => Ok(()),
        }
    }

    /// The rules that no confirmation overrides.
    fn allowed(&self, plan: &Plan) -> Result<(), Fault> {
        if let Some(by) = self.settings.read_only_by() {
            let by = Authority::ReadOnly { by };
            let nobody = Caller {
                account: None,
                arn: String::new(),
            };
            return by.permits(plan, (&self.site.place, &nobody), Timestamp::now());
        }
        Ok(())
    }

    async fn confirmed(&self, plan: &Plan) -> Result<Vec<Confirmed>, Fault> {
        self.allowed(plan)?;
        let place = &self.site.place;
        let whole = needs_whole_place(place, &self.settings.prod.value);
        ask::confirmed(self.asked, plan, place, whole).await
    }

    async fn run(&self, plan: &Plan, confirmed: Vec<Confirmed>) -> Result<Answer, Ended> {
        let remote = self.site.writer(self.settings).await?;
        let caller = remote.caller().await.map_err(unable)?;
        let journal = enter(&self.site, &caller, Some(plan)).await?;
        remote.label(journal.id());
        let Some(proof) = confirmed.first() else {
            let fault = Fault::new(plan.title.clone(), "", "nothing confirms it");
            return Err((Exit::Refused, fault));
        };
        let now = Timestamp::now();
        let authority = Authority::Armed {
            arming: Arming::by_flag(&self.site.place, &caller, proof, now),
            confirmed: confirmed.clone(),
        };
        let stop = stop_on_signals().map_err(unable)?;
        let executor = self.executor((&remote, &caller), &journal, &stop);
        let report = executor.run(plan, &authority, &mut |_| {}).await;
        if report.outcome != Outcome::Open {
            close(&journal, plan.intent, report.after.as_ref()).await;
        }
        Ok(self.ran(plan, &report, &journal, &stop))
    }

    fn executor<'a>(
        &'a self,
        (remote, caller): (&'a Remote, &'a Caller),
        journal: &'a Journal,
        stop: &'a Stop,
    ) -> Executor<'a> {
        Executor {
            place: &self.site.place,
            caller,
            remote,
            journal,
            stop,
        }
    }

    /// Ends an open plan of which nothing is left, and says what each store holds.
    async fn conclude(&self, open: &OpenPlan) -> Result<Answer, Ended> {
        let remote = self.site.writer(self.settings).await?;
        let caller = remote.caller().await.map_err(unable)?;
        let journal = enter(&self.site, &caller, None).await?;
        let stop = Stop::default();
        let executor = self.executor((&remote, &caller), &journal, &stop);
        executor.conclude(open).await.map_err(unable)?;
        close(&journal, open.intent, None).await;
        Ok(self.concluded(open, &journal))
    }

    /// The command that goes on with this release.
    fn resume(&self, lock: &str) -> String {
        let mut words = vec!["tfsos unlock".to_owned()];
        match self.asked.raw {
            None => words.push(by_hand::quote(lock)),
            Some(RawStore::S3) => words.push("--raw s3".to_owned()),
            Some(RawStore::DynamoDb) => words.push("--raw dynamodb".to_owned()),
        }
        let arguments = self.asked.sorted().map(|(_, place)| place.words());
        words.extend(arguments.unwrap_or_default());
        for (given, flag) in [(self.asked.live, "--live"), (self.asked.broken, "--broken")] {
            words.extend(given.then(|| flag.to_owned()));
        }
        words.push(format!("--yes {}", by_hand::quote(lock)));
        words.join(" ")
    }

    fn unseen(&self, report: Option<&Report>) -> Vec<String> {
        let after = report.and_then(|report| report.after.as_ref());
        unseen(after.unwrap_or(&self.standing.survey))
    }
}

/// How a refusal becomes an exit status: what could not be seen is no refusal of ours.
fn exit_of(refusal: &Refusal) -> Exit {
    match refusal {
        Refusal::Unseen { .. } => Exit::Unable,
        Refusal::NoLocking
        | Refusal::Absent { .. }
        | Refusal::HasId { .. }
        | Refusal::NotOurs { .. }
        | Refusal::Local { .. } => Exit::Refused,
    }
}

/// The name of the lock that is wanted, as a person gave it.
fn name_of(wanted: &Wanted, standing: &Standing) -> String {
    match wanted {
        Wanted::Id(id) => id.clone(),
        Wanted::Raw { .. } => release::targets(&standing.survey, wanted)
            .first()
            .map(|seen| release::raw_name(seen))
            .unwrap_or_default(),
    }
}
