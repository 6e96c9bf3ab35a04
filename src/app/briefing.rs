//! What a runbook is told: the values for its placeholders and the answers to
//! its checks, gathered from what the other panes know right now.
//!
//! A value that nobody has seen is not there, and a check that nobody looked
//! at is unknown: nothing here guesses.

use jiff::Timestamp;

use super::pane::state::History;
use super::role::Role;
use super::situation::Card;
use super::text::age;
use super::{App, Share};
use crate::lock::{Agreement, Survey};
use crate::log::Input;
use crate::place::{Backend, Place, S3};
use crate::runbook::{Check, Context, Placeholder, Verdict};
use crate::state::{Health, LastGood, Serial, Shown, VersionId};

const RUNBOOK: &str = "Runbook";

/// Everything that a page can be filled with at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Briefing {
    /// As it is copied.
    pub context: Context,
    /// As it is shown: names and ids are veiled while the screen is shared.
    pub shown: Context,
    verdicts: Vec<(Check, Verdict)>,
}

impl Briefing {
    /// How a check stands.
    pub fn verdict(&self, check: Check) -> Verdict {
        let known = self.verdicts.iter().find(|(of, _)| *of == check);
        known.map_or(Verdict::Unknown, |(_, verdict)| verdict.clone())
    }
}

impl App {
    /// What a runbook is told now.
    pub fn briefing(&self) -> Briefing {
        let mut context = Context::new();
        if let Some(place) = self.place() {
            tell_place(place, &mut context);
        }
        if let Some(survey) = self.locks.survey() {
            self.tell_lock(survey, &mut context);
        }
        if let Some(account) = self
            .situation
            .caller()
            .and_then(|caller| caller.account.as_deref())
        {
            context.set(Placeholder::Account, account);
        }
        self.tell_state(&mut context);
        self.tell_time(&mut context);
        let page = self.runbooks.reading().map(|reading| &reading.page);
        let contact = page.and_then(|page| page.contact.as_ref());
        if let Some(contact) = contact.or(self.start.contact.as_ref()) {
            context.set(Placeholder::Contact, contact);
        }
        if let Some(page) = page {
            self.tell_named(&page.id, &mut context);
        }
        let followed = self.logs.file(self.logs.cursor().place.file);
        if let Some(Input::Path(path)) = followed.map(|followed| &followed.input) {
            context.set(Placeholder::LogPath, path.display().to_string());
        }
        Briefing {
            shown: self.shown_context(&context),
            context,
            verdicts: vec![
                (Check::CredentialsValid, self.credentials_verdict()),
                (Check::DigestAgrees, self.digest_verdict()),
                (Check::LockAbsent, self.lock_verdict()),
                (Check::StateParses, self.state_verdict()),
            ],
        }
    }

    /// How far the open runbook is, or how many there are.
    pub(super) fn runbook_card(&self) -> Card {
        if let Some(reading) = self.runbooks.reading() {
            let progress = &reading.progress;
            let far = format!("{}/{}", progress.settled(), progress.steps.len());
            return Card::new(RUNBOOK, Role::Text, reading.page.id.clone())
                .and(Role::Note, format!(" · {far} steps settled"));
        }
        let Some(pages) = self.runbooks.load().shown() else {
            return Card::new(RUNBOOK, Role::Unknown, "◌ not read yet");
        };
        let count = pages.entries().len();
        let card = Card::new(
            RUNBOOK,
            Role::Faint,
            format!("– none open, {count} at hand"),
        );
        match self.runbooks.faults().count() {
            0 => card,
            faults => card.and(Role::Warning, format!(" · ▲ {faults} not read")),
        }
    }

    /// The runbook for the record under the cursor; where there is no log, how to get one.
    pub(super) fn log_runbook(&self) -> Option<String> {
        if self.logs.is_empty() {
            return Some("enable-logging".to_owned());
        }
        let here = self.logs.cursor().place;
        let (_, kept) = self.logs.shown().find(|(spot, _)| spot.place == here)?;
        self.runbooks.lead(&kept.record.text)
    }

    /// The cards of the other panes, to be read beside a runbook.
    pub fn cards_beside(&self) -> Vec<Card> {
        let mut cards = self.cards();
        cards.retain(|card| card.label != RUNBOOK);
        cards
    }

    fn tell_lock(&self, survey: &Survey, context: &mut Context) {
        if let Some(Ok(Some(digest))) = &survey.digest {
            context.set(Placeholder::DigestStored, &digest.stored);
        }
        let Some(seen) = self.locks.here().or_else(|| survey.held().next()) else {
            return;
        };
        let Some(holder) = seen.holder() else { return };
        if let Some(created) = holder.created_at() {
            context.set(Placeholder::LockAge, age(self.now, created));
            context.set(Placeholder::LockCreated, format!("{created:.0}"));
        }
        context.set(Placeholder::LockOperation, holder.operation_word());
        context.set(Placeholder::LockId, holder.id);
        context.set(Placeholder::LockWho, holder.who);
    }

    fn tell_state(&self, context: &mut Context) {
        let history = &self.state.history;
        if let Some(current) = history.versions().first() {
            context.set(Placeholder::StateVersion, current.id.to_string());
            context.set(
                Placeholder::StateEtag,
                current.etag.as_deref().unwrap_or_default(),
            );
        }
        if let Some(good) = history.last_good().and_then(LastGood::one) {
            context.set(Placeholder::StateVersionGood, good.to_string());
            if let Some(serial) = highest_serial(history, good) {
                context.set(
                    Placeholder::StateSerialNext,
                    serial.saturating_add(1).to_string(),
                );
            }
        }
        let stands = self.locks.standing().map(|standing| &standing.state);
        if let Some(Ok(Some(contents))) = stands {
            context.set(Placeholder::DigestCalculated, &contents.md5);
        }
        if let Some(address) = self.state.browser.address() {
            context.set(Placeholder::ResourceAddress, address);
        }
        let here = self.state.browser.instance();
        let details = self.state.details.shown();
        let details = details.filter(|details| here == Some(details.instance));
        if let Some(Shown::Plain(id)) = details.and_then(|details| details.id.as_ref()) {
            context.set(Placeholder::ResourceId, id);
        }
    }

    /// What the findings name that lead to the open page: that is meant there, whatever
    /// the cursor of another pane stands on. Where they name several, nobody guesses.
    fn tell_named(&self, page: &str, context: &mut Context) {
        let findings = self.findings().into_iter();
        let leading = findings.filter(|finding| finding.runbook == Some(page));
        let mut named: Vec<(Placeholder, &str)> = Vec::new();
        for finding in leading {
            let own = finding.names.as_ref();
            named.extend(own.map(|(placeholder, name)| (*placeholder, name.as_str())));
            if let Some(taken) = &finding.taken {
                named.push((Placeholder::ResourceAddress, &taken.address));
                named.push((Placeholder::ResourceId, &taken.name));
            }
        }
        for (placeholder, name) in &named {
            let mut alike = named.iter().filter(|(other, _)| other == placeholder);
            if alike.all(|(_, other)| other == name) {
                context.set(*placeholder, *name);
            }
        }
    }

    /// To the minute, so that a page is not laid out anew each second.
    fn tell_time(&self, context: &mut Context) {
        let minute = self.now.as_second().div_euclid(60) * 60;
        let spans = [
            (Placeholder::TimeNow, 0),
            (Placeholder::TimeHourAgo, 1),
            (Placeholder::TimeDayAgo, 24),
            (Placeholder::TimeWeekAgo, 7 * 24),
        ];
        for (placeholder, hours) in spans {
            if let Ok(time) = Timestamp::from_second(minute - hours * 3600) {
                context.set(placeholder, format!("{time:.0}"));
            }
        }
    }

    /// Times, counts and kinds stay readable on a shared screen; what names something does not.
    fn shown_context(&self, context: &Context) -> Context {
        if self.start.share == Share::Off {
            return context.clone();
        }
        let veil = |placeholder, value: &str| match placeholder {
            Placeholder::LockAge
            | Placeholder::LockCreated
            | Placeholder::LockOperation
            | Placeholder::Contact
            | Placeholder::Region
            | Placeholder::StateSerialNext
            | Placeholder::TimeDayAgo
            | Placeholder::TimeHourAgo
            | Placeholder::TimeNow
            | Placeholder::TimeWeekAgo
            | Placeholder::Workspace => value.to_owned(),
            _ => self.veiled(value),
        };
        let mut shown = Context::new();
        for (placeholder, value) in context.told() {
            shown.set(placeholder, veil(placeholder, value));
        }
        shown
    }

    fn credentials_verdict(&self) -> Verdict {
        let caller = &self.situation.identity;
        match (caller.fault(), caller.shown()) {
            (Some(fault), _) => Verdict::Fails(fault.cause.clone()),
            (None, Some(_)) => Verdict::Holds,
            (None, None) => Verdict::Unknown,
        }
    }

    fn state_verdict(&self) -> Verdict {
        match self.locks.standing().map(|standing| &standing.state) {
            None | Some(Err(_)) => Verdict::Unknown,
            Some(Ok(None)) => Verdict::Fails("there is no state object".to_owned()),
            Some(Ok(Some(contents))) if contents.health == Health::Fine => Verdict::Holds,
            Some(Ok(Some(contents))) => {
                let why = contents.why.as_deref().unwrap_or("it can't be used");
                Verdict::Fails(format!("the current state: {why}"))
            }
        }
    }

    fn digest_verdict(&self) -> Verdict {
        let Some(standing) = self.locks.standing() else {
            return Verdict::Unknown;
        };
        match &standing.agreement {
            Agreement::Agrees => Verdict::Holds,
            Agreement::Differs(_) => {
                Verdict::Fails("the stored digest is not that of the current state".to_owned())
            }
            Agreement::BeingWritten(_) => Verdict::Fails(
                "state and digest differ, and a lock is held: a run may be between its two writes"
                    .to_owned(),
            ),
            Agreement::NotKept => Verdict::Moot("no table is configured, so no digest".to_owned()),
            Agreement::Unverified => {
                Verdict::Moot("no digest is stored: nothing vouches for the state".to_owned())
            }
            Agreement::Unseen(_) => Verdict::Unknown,
        }
    }

    fn lock_verdict(&self) -> Verdict {
        let Some(survey) = self.locks.survey().filter(|_| self.locks.fault().is_none()) else {
            return Verdict::Unknown;
        };
        if let Some(seen) = survey.held().next() {
            let holder = seen.holder().unwrap_or_default();
            let span = holder
                .created_at()
                .map_or_else(String::new, |at| format!(" for {}", age(self.now, at)));
            let who = if holder.who.is_empty() {
                "nobody it names".to_owned()
            } else {
                self.veiled(&holder.who)
            };
            return Verdict::Fails(format!("a lock is held by {who}{span}"));
        }
        if survey.stores.is_empty() || survey.unseen().next().is_some() {
            return Verdict::Unknown;
        }
        Verdict::Holds
    }
}

/// The highest serial of the good version's lineage; none while any version is unread.
fn highest_serial(history: &History, good: &VersionId) -> Option<u64> {
    let lineage = history.contents(good)?.lineage.clone();
    let mut highest = None;
    for version in history.versions() {
        if history.health(version) == Health::Unread {
            return None;
        }
        let contents = history
            .contents(&version.id)
            .filter(|contents| contents.lineage == lineage);
        highest = highest.max(contents.and_then(|contents| contents.serial));
    }
    highest.map(|Serial(serial)| serial)
}

fn tell_place(place: &Place, context: &mut Context) {
    context.set(Placeholder::Place, place.full_name());
    context.set(Placeholder::Workspace, &place.workspace);
    context.set(Placeholder::Profile, place.profile().unwrap_or_default());
    context.set(Placeholder::Region, place.region().unwrap_or_default());
    match &place.backend {
        Backend::S3(s3) => tell_s3(s3, context),
        Backend::Sandbox(sandbox) => {
            context.set(Placeholder::StateBucket, &sandbox.bucket);
            context.set(Placeholder::StateKey, &sandbox.key);
            let row = format!("{}/{}", sandbox.bucket, sandbox.key);
            if sandbox.use_lockfile {
                context.set(Placeholder::LockObject, format!("{}.tflock", sandbox.key));
            }
            if let Some(table) = &sandbox.table {
                context.set(Placeholder::LockTable, table);
                context.set(Placeholder::DigestRow, format!("{row}-md5"));
                context.set(Placeholder::LockRow, row);
            }
        }
        Backend::Local(local) => {
            context.set(Placeholder::StateFile, local.path.display().to_string());
        }
        Backend::Other { .. } => {}
    }
}

fn tell_s3(s3: &S3, context: &mut Context) {
    context.set(Placeholder::StateBucket, &s3.bucket);
    context.set(Placeholder::StateKey, s3.state_key());
    if let Some(role) = &s3.assume_role {
        context.set(Placeholder::Role, &role.role_arn);
    }
    if s3.use_lockfile {
        context.set(Placeholder::LockObject, s3.lockfile_key());
    }
    if let Some(table) = &s3.dynamodb_table {
        context.set(Placeholder::LockTable, table);
        context.set(Placeholder::LockRow, s3.lock_row());
        context.set(Placeholder::DigestRow, s3.digest_row());
    }
}
