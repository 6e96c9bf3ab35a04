//! The plan that is shown, confirmed and run: one at a time for the whole
//! console, whichever pane proposed it. Nothing is sent before everything that
//! the plan demands was typed; while it runs its sheet stays, and what each
//! store came to is the last thing that it says.

use std::sync::Arc;

use jiff::Timestamp;

use super::desk::{Desk, Then, Wish};
use super::effect::{Effect, Lane, Ticket};
use super::load::{Load, Settled};
use super::notice::Tone;
use super::role::Role;
use super::sheet::Outcome as Heard;
use super::sheet::confirm::{Confirm, Field};
use super::sheet::read::{Closing, Reading};
use super::sheet::{Asker, Reply, Sheet};
use super::text::capital;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::place::Place;
use crate::recovery::guard::STATEFUL_SIGN;
use crate::recovery::release::Wanted;
use crate::recovery::{Authority, Confirmed, Demand, LIVE, Outcome, Plan, retake};
use crate::state::Reference;

/// A plan that takes a look at the place before it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Put this version back as the next one.
    Restore(Reference),
    /// Make the stored digest that of the state.
    Digest,
    /// Keep everybody out, for this reason.
    Freeze { reason: String },
    /// Make this lock ours, without a moment unlocked.
    TakeOver(Wanted),
}

impl Ask {
    pub fn intent(&self) -> Intent {
        match self {
            Self::Restore(_) => Intent::Restore,
            Self::Digest => Intent::Digest,
            Self::Freeze { .. } => Intent::Freeze,
            Self::TakeOver(_) => Intent::TakeOver,
        }
    }
}

/// What is asked about a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanJob {
    /// Gathers what it is judged by, and makes it.
    Prepare {
        ticket: Ticket,
        place: Arc<Place>,
        ask: Ask,
    },
    /// Runs it: never aborted; the executor checks the authority again.
    Run(Box<Order>),
}

/// A plan to be run, with everything that allows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub ticket: Ticket,
    pub place: Arc<Place>,
    pub plan: Arc<Plan>,
    pub authority: Authority,
    /// Kept in the journal.
    pub reason: Option<String>,
}

/// What came back about a plan.
#[derive(Debug, Clone)]
pub enum PlanNews {
    Prepared {
        ticket: Ticket,
        outcome: Result<Arc<Plan>, Fault>,
    },
    /// A step of the running plan began or ended.
    Stepped {
        ticket: Ticket,
        step: usize,
        state: StepState,
    },
    Ran {
        ticket: Ticket,
        outcome: Result<Ran, Fault>,
    },
}

/// What a plan came to, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub outcome: Outcome,
    /// Each write by itself, in a sentence.
    pub stores: Vec<String>,
    pub fault: Option<Fault>,
    /// The incident whose journal has it.
    pub incident: String,
}

/// What a plan asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanQuestion {
    Confirm,
    Running,
    /// Why there is no plan.
    Refused,
}

/// How far one step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    Waiting,
    Started,
    Done,
    /// What became of the item, in words.
    Settled(String),
    Failed(String),
}

/// Takes the very lock again that the plan on screen has released.
const RETAKE: char = 'z';

impl PlanJob {
    /// A plan that runs is never aborted; one that is made gives way to a newer wish.
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Prepare { .. } => Some(Lane::Plan),
            Self::Run(_) => None,
        }
    }

    pub fn failed(&self, fault: Fault) -> PlanNews {
        match self {
            Self::Prepare { ticket, .. } => PlanNews::Prepared {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Run(order) => PlanNews::Ran {
                ticket: order.ticket,
                outcome: Err(fault),
            },
        }
    }
}

impl PlanNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prepared { .. } => "prepared",
            Self::Stepped { .. } => "stepped",
            Self::Ran { .. } => "ran",
        }
    }
}

impl From<PlanQuestion> for Asker {
    fn from(question: PlanQuestion) -> Self {
        Self::Plan(question)
    }
}

/// The plan at hand.
#[derive(Debug, Default)]
pub struct Plans {
    /// A plan on its way to be shown.
    preparing: Load<Arc<Plan>>,
    /// A plan that is shown and waits to be confirmed.
    pending: Option<Arc<Plan>>,
    /// A plan that runs, or has just ended.
    running: Option<Running>,
}

/// A plan that runs, step by step.
#[derive(Debug, Clone)]
struct Running {
    ticket: Ticket,
    place: Arc<Place>,
    plan: Arc<Plan>,
    since: Timestamp,
    steps: Vec<StepState>,
    ended: Option<Result<Ran, Fault>>,
}

/// Whether a plan has just ended, so that what it changed is to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Ended,
    Nothing,
}

impl Plans {
    /// Whether a plan is under way, so that leaving has to wait.
    pub fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(Running::is_under_way)
    }

    /// Since when a plan is under way.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let running = self.running.as_ref();
        running
            .filter(|running| running.is_under_way())
            .map(|running| running.since)
            .or(self.preparing.waiting_since())
    }

    /// Forgets what was shown at the place before; a plan that runs there is followed to its end.
    pub fn begin_anew(&mut self) {
        self.pending = None;
        self.preparing = Load::default();
    }

    /// Stops waiting for a plan that is being made.
    pub fn give_up(&mut self) {
        self.preparing.give_up();
    }

    /// Has a plan made; it is shown when it is ready.
    pub fn prepare(&mut self, ask: Ask, desk: &mut Desk<'_>) {
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: nothing can be written");
            return desk.say(Tone::Warning, said);
        }
        let Some(place) = desk.place.cloned() else {
            return desk.say(Tone::Note, "there is no place yet");
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Plan(PlanJob::Prepare { ticket, place, ask }));
        self.preparing.expect(ticket, desk.now);
    }

    fn prepared(&mut self, ticket: Ticket, outcome: Result<Arc<Plan>, Fault>, desk: &mut Desk<'_>) {
        if self.preparing.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(fault) = self.preparing.fault() {
            let sheet = Reading::new("No plan", says(Role::Critical, "✖", fault));
            return desk.open(Sheet::Reading(sheet), PlanQuestion::Refused.into());
        }
        if let Some(plan) = self.preparing.shown().cloned() {
            self.propose(plan, desk);
        }
    }

    /// Shows a plan with everything that has to be typed; nothing is sent yet.
    pub fn propose(&mut self, plan: Arc<Plan>, desk: &mut Desk<'_>) {
        if self.is_running() {
            return desk.say(Tone::Warning, "a plan is running: wait for its end");
        }
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: nothing can be written");
            return desk.say(Tone::Warning, said);
        }
        if desk.armed.is_none() {
            return desk.wishes.push(Wish::Arm {
                then: Then::Propose(plan),
            });
        }
        let sheet = question(&plan);
        self.pending = Some(plan);
        desk.open(Sheet::Confirm(sheet), PlanQuestion::Confirm.into());
    }

    /// Takes what a sheet of a plan returned.
    pub fn reply(&mut self, question: PlanQuestion, heard: Heard, desk: &mut Desk<'_>) {
        match (question, heard) {
            (PlanQuestion::Confirm, Heard::Closed(Reply::Texts(texts))) => {
                self.confirmed(&texts, desk);
            }
            (PlanQuestion::Confirm, Heard::Closed(_)) => self.pending = None,
            (PlanQuestion::Confirm, Heard::Asked(_)) => self.copy_commands(desk),
            (PlanQuestion::Running, Heard::Asked(RETAKE)) => self.retake(desk),
            (PlanQuestion::Running, Heard::Closed(_)) => {
                self.running.take_if(|running| !running.is_under_way());
            }
            (PlanQuestion::Running | PlanQuestion::Confirm | PlanQuestion::Refused, _) => {}
        }
    }

    /// Copies the commands that do the same by hand.
    fn copy_commands(&self, desk: &mut Desk<'_>) {
        let Some(plan) = &self.pending else { return };
        let steps = plan.steps.iter();
        let commands: Vec<_> = steps.filter_map(|step| step.by_hand.as_deref()).collect();
        desk.copy(commands.join("\n"), "the commands");
    }

    /// Offers the undo of the release on screen, as a plan of its own.
    fn retake(&mut self, desk: &mut Desk<'_>) {
        let Some(running) = &self.running else { return };
        let Some(place) = desk.place.filter(|place| **place == running.place) else {
            return desk.say(Tone::Warning, "another place is open now");
        };
        match retake::plan(place, &running.plan, desk.now) {
            Some(plan) => self.propose(Arc::new(plan), desk),
            None => desk.say(Tone::Note, "nothing was released"),
        }
    }

    /// Starts the plan with what was typed.
    fn confirmed(&mut self, texts: &[String], desk: &mut Desk<'_>) {
        let Some(plan) = self.pending.take() else {
            return;
        };
        let (Some(place), Some(arming)) = (desk.place.cloned(), desk.armed.cloned()) else {
            return desk.say(Tone::Warning, "no longer armed: nothing was sent");
        };
        let reason = texts
            .get(plan.demands.len())
            .filter(|reason| !reason.trim().is_empty())
            .cloned();
        let typed = plan.demands.iter().zip(texts);
        let confirmed = typed
            .filter_map(|(demand, text)| Confirmed::typed(&demand.prompted(), text))
            .collect();
        let authority = Authority::Armed { arming, confirmed };
        let order = |ticket| Order {
            ticket,
            place: place.clone(),
            plan: plan.clone(),
            authority,
            reason,
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Plan(PlanJob::Run(Box::new(order(ticket)))));
        let steps = plan.steps.iter().map(|_| StepState::Waiting).collect();
        let running = Running {
            ticket,
            place,
            plan,
            since: desk.now,
            steps,
            ended: None,
        };
        desk.open(running.sheet(), PlanQuestion::Running.into());
        self.running = Some(running);
    }

    pub fn hear(&mut self, news: PlanNews, desk: &mut Desk<'_>) -> After {
        if let PlanNews::Prepared { ticket, outcome } = news {
            self.prepared(ticket, outcome, desk);
            return After::Nothing;
        }
        let (PlanNews::Prepared { ticket, .. }
        | PlanNews::Stepped { ticket, .. }
        | PlanNews::Ran { ticket, .. }) = &news;
        let Some(running) = self
            .running
            .as_mut()
            .filter(|running| running.ticket == *ticket)
        else {
            return After::Nothing;
        };
        let after = running.hear(news);
        desk.update(running.sheet(), PlanQuestion::Running.into());
        after
    }
}

impl Running {
    fn is_under_way(&self) -> bool {
        self.ended.is_none()
    }

    fn hear(&mut self, news: PlanNews) -> After {
        match news {
            PlanNews::Prepared { .. } => After::Nothing,
            PlanNews::Stepped { step, state, .. } => {
                if let Some(known) = self.steps.get_mut(step) {
                    // What a store came to says more than that the step is over.
                    let settled =
                        matches!((&*known, &state), (StepState::Settled(_), StepState::Done));
                    if !settled {
                        *known = state;
                    }
                }
                After::Nothing
            }
            PlanNews::Ran { outcome, .. } => {
                self.ended = Some(outcome);
                After::Ended
            }
        }
    }

    /// Whether what it did can be taken back from its sheet.
    fn can_be_retaken(&self) -> bool {
        let done = matches!(&self.ended, Some(Ok(ran)) if ran.outcome == Outcome::Done);
        done && self.plan.intent == Intent::Release
    }

    /// The plan as it stands, for the sheet that stays until the outcome is known.
    fn sheet(&self) -> Sheet {
        let mut rows: Vec<_> = self
            .plan
            .steps
            .iter()
            .zip(&self.steps)
            .enumerate()
            .map(|(number, (step, state))| {
                let (role, sign, says) = match state {
                    StepState::Waiting => (Role::Faint, " ", step.condition.clone()),
                    StepState::Started => (Role::Busy, "⟳", step.condition.clone()),
                    StepState::Done => (Role::Fine, "✔", step.condition.clone()),
                    StepState::Settled(says) => (Role::Sheet, "●", says.clone()),
                    StepState::Failed(why) => (Role::Critical, "✖", why.clone()),
                };
                (
                    role,
                    format!(
                        "{sign} {:>2}  {:<34} {says}",
                        number + 1,
                        step.operation.title()
                    ),
                )
            })
            .collect();
        rows.push((Role::Sheet, String::new()));
        rows.extend(self.end());
        let mut reading = Reading::new(
            format!(
                "{} · plan {} · journaled",
                capital(&self.plan.title),
                self.plan.id
            ),
            rows,
        );
        if self.can_be_retaken() {
            reading.keys.push((RETAKE, "take it again"));
        }
        reading.closing = if self.is_under_way() {
            Closing::Held
        } else {
            Closing::Free
        };
        Sheet::Reading(reading)
    }

    fn end(&self) -> Vec<(Role, String)> {
        match &self.ended {
            None => Vec::new(),
            Some(Err(fault)) => says(Role::Critical, "✖", fault),
            Some(Ok(ran)) => {
                let (role, sentence) = match ran.outcome {
                    Outcome::Done => (Role::Fine, done(self.plan.intent)),
                    Outcome::Refused => (Role::Warning, "▲ refused: nothing was written"),
                    Outcome::Failed | Outcome::Planned => {
                        (Role::Critical, "✖ not finished: nothing was written")
                    }
                    Outcome::Open => (
                        Role::Critical,
                        "✖ left open: the same key on the same thing goes on with it",
                    ),
                };
                let mut rows = vec![(role, sentence.to_owned())];
                rows.extend(
                    ran.stores
                        .iter()
                        .map(|store| (Role::Sheet, format!("  {store}"))),
                );
                rows.extend(
                    ran.fault
                        .iter()
                        .flat_map(|fault| says(Role::Critical, " ", fault)),
                );
                rows.push((Role::Faint, format!("  incident {}", ran.incident)));
                rows
            }
        }
    }
}

fn done(intent: Intent) -> &'static str {
    match intent {
        Intent::Release => "✔ released",
        Intent::Retake => "✔ taken again",
        Intent::Restore => "✔ restored",
        Intent::Digest => "✔ the digest agrees with the state",
        Intent::Freeze => "✔ frozen: the lock is ours",
        Intent::Thaw => "✔ thawed: the lock is gone",
        Intent::TakeOver => "✔ taken over: the lock is ours; R and D run under it, U lets go of it",
    }
}

/// A fault as rows of a sheet.
pub fn says(role: Role, sign: &str, fault: &Fault) -> Vec<(Role, String)> {
    let hint = fault
        .hint
        .iter()
        .map(|hint| (Role::Note, format!("  {hint}")));
    std::iter::once((role, format!("{sign} {fault}")))
        .chain(hint)
        .collect()
}

/// What will happen, on what, under which condition, and what has to be typed.
fn question(plan: &Plan) -> Confirm {
    let mut rows: Vec<_> = plan
        .warnings
        .iter()
        .map(|warning| {
            if warning.starts_with(STATEFUL_SIGN) {
                (Role::Critical, format!("✖ {warning}"))
            } else {
                (Role::Warning, format!("▲ {warning}"))
            }
        })
        .collect();
    let live = plan.demands.iter().filter_map(|demand| match demand {
        Demand::Words { words, why } if words == LIVE => Some(why),
        Demand::Words { .. }
        | Demand::Lock { .. }
        | Demand::Body { .. }
        | Demand::Place { .. }
        | Demand::Lineage { .. } => None,
    });
    rows.extend(live.map(|why| (Role::Critical, format!("✖ the lock looks alive: {why}"))));
    rows.push((Role::Sheet, String::new()));
    for (number, step) in plan.steps.iter().enumerate() {
        rows.push((
            Role::Sheet,
            format!("{:>2}  {}", number + 1, step.operation.title()),
        ));
        let call = step.operation.call();
        let call = call.map_or_else(String::new, |call| format!("{call}, "));
        rows.push((Role::Faint, format!("    {call}{}", step.condition)));
    }
    rows.push((Role::Sheet, String::new()));
    if let Some(command) = plan.steps.iter().find_map(|step| step.by_hand.as_deref()) {
        rows.push((Role::Faint, format!("same by hand: {command}")));
    }
    rows.push((Role::Sheet, format!("Can be undone: {}.", plan.undo.says)));
    rows.push((Role::Sheet, String::new()));
    let remark = Field::remark("reason, kept in the journal");
    let fields = plan
        .demands
        .iter()
        .map(field)
        .chain(std::iter::once(remark))
        .collect();
    let mut confirm = Confirm::new(capital(&plan.title), rows, fields);
    confirm.copy = Some("the commands".to_owned());
    confirm
}

fn field(demand: &Demand) -> Field {
    let label = match demand {
        Demand::Lock { .. } => "type the first 8 characters of the id".to_owned(),
        Demand::Body { hash } => format!("type the hash of its body, {hash}"),
        Demand::Place { short, .. } => format!("type the place's name, {short}"),
        Demand::Lineage { lineage, .. } => format!("type its lineage, {lineage}"),
        Demand::Words { words, .. } => format!("type `{words}`"),
    };
    Field::exact(label, demand.prompted())
}
