//! The release of a lock on the screen: the question before it, the steps
//! while it runs, and what each store came to.

use std::sync::Arc;

use jiff::Timestamp;

use super::{LockJob, LockPane, LockQuestion, Order, Ran};
use crate::app::action::Action;
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Ticket};
use crate::app::notice::Tone;
use crate::app::pane::lock::LockAction;
use crate::app::role::Role;
use crate::app::sheet::confirm::{Confirm, Field};
use crate::app::sheet::read::{Closing, Reading};
use crate::app::sheet::{Asker, Sheet};
use crate::app::text::span;
use crate::fault::Fault;
use crate::lock::{Body, Look, Verdict, verdict};
use crate::recovery::release::Wanted;
use crate::recovery::{Authority, Confirmed, Demand, LIVE, Outcome, Plan};

/// A plan on screen, waiting for what has to be typed.
#[derive(Debug, Clone)]
pub struct Pending {
    plan: Arc<Plan>,
}

/// A plan that runs, step by step.
#[derive(Debug, Clone)]
pub struct Running {
    ticket: Ticket,
    plan: Arc<Plan>,
    pub since: Timestamp,
    steps: Vec<StepState>,
    ended: Option<Result<Ran, Fault>>,
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

impl Running {
    pub fn is_under_way(&self) -> bool {
        self.ended.is_none()
    }
}

impl From<LockQuestion> for Asker {
    fn from(question: LockQuestion) -> Self {
        Self::Lock(question)
    }
}

impl LockPane {
    /// Shows the plan with everything that has to be typed; nothing is sent yet.
    pub(super) fn ask_before_release(&mut self, desk: &mut Desk<'_>) {
        if self.is_running() {
            return desk.say(Tone::Warning, "a plan is running: wait for its end");
        }
        let (Some(place), Some(standing)) = (desk.place, self.standing()) else {
            return desk.say(Tone::Note, "the locks are not known yet");
        };
        let Some(here) = self.here() else {
            return desk.say(Tone::Note, "no lock under the cursor");
        };
        if let Some(by) = desk.read_only {
            return desk.say(
                Tone::Warning,
                format!("read-only by {by}: nothing can be released"),
            );
        }
        let wanted = here
            .id()
            .map_or(Wanted::Raw { store: here.store }, Wanted::Id);
        let plan = match standing.release(place, &wanted, desk.now) {
            Ok(plan) => Arc::new(plan),
            Err(refusal) => {
                return desk.open(
                    refused(&refusal.fault(place)),
                    LockQuestion::Evidence.into(),
                );
            }
        };
        if desk.armed.is_none() {
            return desk.wishes.push(Wish::Arm {
                then: Action::Lock(LockAction::Release),
            });
        }
        let sheet = question(&plan);
        self.pending = Some(Pending { plan });
        desk.open(Sheet::Confirm(sheet), LockQuestion::Release.into());
    }

    /// Copies the commands that do the same by hand.
    pub(super) fn copy_commands(&self, desk: &mut Desk<'_>) {
        let Some(pending) = &self.pending else { return };
        let commands: Vec<_> = pending
            .plan
            .steps
            .iter()
            .filter_map(|step| step.by_hand.as_deref())
            .collect();
        desk.copy(commands.join("\n"), "the commands");
    }

    /// Starts the plan with what was typed.
    pub(super) fn confirmed(&mut self, texts: &[String], desk: &mut Desk<'_>) {
        let Some(Pending { plan }) = self.pending.take() else {
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
            place,
            plan: plan.clone(),
            authority,
            reason,
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Lock(LockJob::Run(Box::new(order(ticket)))));
        let steps = plan.steps.iter().map(|_| StepState::Waiting).collect();
        let running = Running {
            ticket,
            plan,
            since: desk.now,
            steps,
            ended: None,
        };
        desk.open(running.sheet(), LockQuestion::Running.into());
        self.running = Some(running);
    }

    pub(super) fn stepped(
        &mut self,
        ticket: Ticket,
        step: usize,
        state: StepState,
        desk: &mut Desk<'_>,
    ) {
        let Some(running) = self
            .running
            .as_mut()
            .filter(|running| running.ticket == ticket)
        else {
            return;
        };
        if let Some(known) = running.steps.get_mut(step) {
            // What a store came to says more than that the step is over.
            let settled = matches!((&*known, &state), (StepState::Settled(_), StepState::Done));
            if !settled {
                *known = state;
            }
        }
        desk.wishes.push(Wish::Update(
            Box::new(running.sheet()),
            LockQuestion::Running.into(),
        ));
    }

    pub(super) fn ran(&mut self, ticket: Ticket, outcome: Result<Ran, Fault>, desk: &mut Desk<'_>) {
        let Some(running) = self
            .running
            .as_mut()
            .filter(|running| running.ticket == ticket)
        else {
            return;
        };
        running.ended = Some(outcome);
        desk.wishes.push(Wish::Update(
            Box::new(running.sheet()),
            LockQuestion::Running.into(),
        ));
        self.reload(desk);
    }
}

fn refused(fault: &Fault) -> Sheet {
    let mut rows = vec![(Role::Critical, fault.to_string())];
    rows.extend(fault.hint.iter().map(|hint| (Role::Note, hint.clone())));
    Sheet::Reading(Reading::new("Not released", rows))
}

/// What will happen, on what, under which condition, and what has to be typed.
fn question(plan: &Plan) -> Confirm {
    let mut rows: Vec<_> = plan
        .warnings
        .iter()
        .map(|warning| (Role::Warning, format!("▲ {warning}")))
        .collect();
    let live = plan.demands.iter().filter_map(|demand| match demand {
        Demand::Words { words, why } if *words == LIVE => Some(why),
        Demand::Words { .. } | Demand::Lock { .. } | Demand::Body { .. } => None,
    });
    rows.extend(live.map(|why| (Role::Critical, format!("✖ the lock looks alive: {why}"))));
    rows.push((Role::Sheet, String::new()));
    for (number, step) in plan.steps.iter().enumerate() {
        rows.push((
            Role::Sheet,
            format!("{:>2}  {}", number + 1, step.operation.title()),
        ));
        rows.push((Role::Faint, format!("    {}", step.condition)));
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
        Demand::Words { words, .. } => format!("type `{words}`"),
    };
    Field::exact(label, demand.prompted())
}

fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

impl Running {
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
                        "{sign} {}  {:<32} {says}",
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
                    Outcome::Done => (Role::Fine, "✔ released"),
                    Outcome::Refused => (Role::Warning, "▲ refused: nothing was written"),
                    Outcome::Failed | Outcome::Planned => {
                        (Role::Critical, "✖ not finished: nothing was written")
                    }
                    Outcome::Open => (
                        Role::Critical,
                        "✖ left open: U on the same lock goes on with it",
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

fn says(role: Role, sign: &str, fault: &Fault) -> Vec<(Role, String)> {
    let hint = fault
        .hint
        .iter()
        .map(|hint| (Role::Note, format!("  {hint}")));
    std::iter::once((role, format!("{sign} {fault}")))
        .chain(hint)
        .collect()
}

/// The item as it is stored, with the signs of its verdict.
pub(super) fn evidence(look: &Look, verdict: Option<&Verdict>, now: Timestamp) -> Sheet {
    let mut rows = vec![(
        Role::Sheet,
        format!("{} · {} · {}", look.store, look.container, look.key),
    )];
    match &look.found {
        Err(fault) => rows.extend(says(Role::Critical, "✖", fault)),
        Ok(None) => rows.push((Role::Fine, "✔ holds no lock".to_owned())),
        Ok(Some(seen)) => {
            let age = verdict::age(seen, now).map_or_else(|| "an unknown time".to_owned(), span);
            rows.push((
                Role::Faint,
                format!(
                    "held for {age} · sha256 of the body {}",
                    &seen.body.sha256()[..12]
                ),
            ));
            rows.push((Role::Sheet, String::new()));
            rows.extend(body(&seen.body).into_iter().map(|row| (Role::Code, row)));
        }
    }
    if let Some(verdict) = verdict {
        rows.push((Role::Sheet, String::new()));
        rows.push((Role::Title, format!("verdict: {}", verdict.likelihood)));
        rows.extend(
            verdict
                .signs
                .iter()
                .map(|sign| (Role::Sheet, format!("{:>+3}  {}", sign.weight, sign.says))),
        );
    }
    Sheet::Reading(Reading::new("Lock item", rows))
}

/// A body as rows: pretty JSON where it is JSON, else the text as it lies there.
fn body(body: &Body) -> Vec<String> {
    let text = String::from_utf8_lossy(body.bytes());
    if text.is_empty() {
        return vec!["(no bytes)".to_owned()];
    }
    let pretty = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty
        .as_deref()
        .unwrap_or(&text)
        .lines()
        .map(str::to_owned)
        .collect()
}
