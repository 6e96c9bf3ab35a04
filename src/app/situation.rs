//! The cards of the first pane: one short sentence for each thing that an
//! incident hangs on, made from what the other panes know.

use super::App;
use super::pane::PaneId;
use super::pane::situation::{CARDS, Lookout};
use super::role::Role;
use super::text::{age, span};
use crate::lock::{Agreement, verdict};
use crate::place::{Backend, Ownership};

/// A label and what is known: pieces of one row, the needed ones first, and rows below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub label: &'static str,
    pub pieces: Vec<(Role, String)>,
    pub more: Vec<(Role, String)>,
    /// The key that shows all of it; said however little room there is.
    pub key: Option<&'static str>,
}

impl Card {
    pub fn new(label: &'static str, role: Role, text: impl Into<String>) -> Self {
        Self {
            label,
            pieces: vec![(role, text.into())],
            more: Vec::new(),
            key: None,
        }
    }

    /// Adds a piece that may be left out where there is little room.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.pieces.push((role, text.into()));
        self
    }
}

impl App {
    /// One card a pane, in the order of [`CARDS`].
    pub fn cards(&self) -> Vec<Card> {
        CARDS.iter().map(|pane| self.card(*pane)).collect()
    }

    fn card(&self, pane: PaneId) -> Card {
        match pane {
            // Without a place there is neither, and nothing of it is on its way.
            PaneId::Locks | PaneId::State if self.situation.fault().is_some() => {
                let title = if pane == PaneId::State {
                    "State"
                } else {
                    "Lock"
                };
                Card::new(title, Role::Unknown, "– no place to look at")
            }
            PaneId::Locks => self.lock_card(),
            PaneId::State => self.state.card(self.now),
            PaneId::Runbooks => self.runbook_card(),
            PaneId::Logs => self.logs.card(self.now),
            PaneId::Situation => Card::new(pane.title(), Role::Unknown, "◌ not looked at"),
        }
    }

    /// Where the state lives; none before a place was found.
    pub fn place_card(&self) -> Option<Card> {
        let Some(place) = self.place() else {
            return self.bucket_card();
        };
        let card = match &place.backend {
            Backend::S3(s3) => {
                let locking = match (&s3.dynamodb_table, s3.use_lockfile) {
                    (Some(table), true) => format!("locks in {} and .tflock", self.veiled(table)),
                    (Some(table), false) => format!("locks in {}", self.veiled(table)),
                    (None, true) => "locks in .tflock".to_owned(),
                    (None, false) => "no locking configured".to_owned(),
                };
                let role = if s3.dynamodb_table.is_none() && !s3.use_lockfile {
                    Role::Warning
                } else {
                    Role::Text
                };
                Card::new(
                    "Backend",
                    Role::Text,
                    format!("s3 · {}", self.veiled(&place.full_name())),
                )
                .and(role, format!(" · {locking}"))
            }
            Backend::Sandbox(sandbox) => Card::new(
                "Backend",
                Role::Text,
                format!("sandbox · {}", self.veiled(&place.full_name())),
            )
            .and(Role::Faint, format!(" · in {}", sandbox.root.display())),
            Backend::Local(local) => Card::new(
                "Backend",
                Role::Text,
                format!("local · {}", local.path.display()),
            ),
            Backend::Other { kind } => {
                let mut card = Card::new("Backend", Role::Warning, format!("▲ {kind}"));
                card.more
                    .extend(place.limits().map(|sentence| (Role::Warning, sentence)));
                card
            }
        };
        let mut card = card.and(Role::Text, format!(" · workspace {}", place.workspace));
        for divergence in &place.divergences {
            let sentence = format!(
                "▲ CACHE ≠ CONFIG  {}: {} was initialized, the configuration says {}",
                divergence.attribute, divergence.cached, divergence.configured
            );
            card.more.push((Role::Critical, sentence));
        }
        Some(card)
    }

    /// The bucket, where one was named and no state is chosen in it.
    fn bucket_card(&self) -> Option<Card> {
        let Lookout::Bucket { .. } = &self.start.lookout else {
            return None;
        };
        let name = self.veiled(&self.state.fleet.name());
        let card = Card::new("Bucket", Role::Text, format!("s3 · {name}"));
        Some(card.and(Role::Note, " · no state is open: 3 shows them all"))
    }

    /// Who is asking; none before a place was found.
    pub fn caller_card(&self) -> Option<Card> {
        self.place()?;
        let caller = &self.situation.identity;
        if let Some(fault) = caller.fault() {
            let mut card = Card::new("Caller", Role::Critical, format!("✖ {fault}"));
            card.more
                .extend(fault.hint.iter().map(|hint| (Role::Note, hint.clone())));
            return Some(card);
        }
        let Some(text) = self.caller_text() else {
            let since = caller.waiting_since()?;
            return Some(Card::new(
                "Caller",
                Role::Busy,
                format!("⟳ asking {}", span(self.now.duration_since(since))),
            ));
        };
        let card = Card::new("Caller", Role::Fine, "✔ ").and(Role::Text, text);
        let bucket = caller.shown()?.bucket;
        Some(match bucket {
            None => card,
            Some(Ownership::Own) => card.and(Role::Faint, " · owns the bucket"),
            Some(Ownership::Foreign) => {
                card.and(Role::Warning, " · ▲ the bucket belongs to another account")
            }
            Some(Ownership::Unknown) => card.and(Role::Unknown, " · ◌ bucket owner not known"),
        })
    }

    pub(super) fn lock_card(&self) -> Card {
        if let Some(fault) = self.locks.fault() {
            return Card::new("Lock", Role::Critical, format!("✖ {fault}"));
        }
        let Some(standing) = self.locks.standing() else {
            return Card::new("Lock", Role::Unknown, "◌ not known yet");
        };
        let survey = &standing.survey;
        if survey.stores.is_empty() {
            return Card::new(
                "Lock",
                Role::Warning,
                "▲ no locking is configured: two runs can write at once",
            );
        }
        let mut card = match standing.judged().next() {
            Some((lock, verdict)) => {
                let holder = lock.holder().unwrap_or_default();
                let since = verdict::taken_at(lock);
                let age = since.map_or_else(
                    || "since an unknown time".to_owned(),
                    |at| age(self.now, at),
                );
                let who = match holder.who.as_str() {
                    "" => "nobody it names".to_owned(),
                    who => self.veiled(who),
                };
                Card::new("Lock", Role::Warning, format!("▲ held {age}"))
                    .and(
                        Role::Warning,
                        format!(" · {}", verdict.likelihood.to_string().to_uppercase()),
                    )
                    .and(
                        Role::Text,
                        format!(" · by {who} for {}", holder.operation_word()),
                    )
            }
            None if survey.unseen().next().is_some() => {
                Card::new("Lock", Role::Unknown, "◌ none seen")
            }
            None => Card::new("Lock", Role::Fine, "✔ none held"),
        };
        if survey.half_released() {
            card = card.and(Role::Warning, " · half released");
        }
        card.more.extend(
            survey
                .unseen()
                .map(|(_, fault)| (Role::Critical, format!("✖ {fault}"))),
        );
        if let Agreement::Differs(_) = standing.agreement {
            card.more.push((
                Role::Critical,
                "✖ the digest differs from the state: Terraform refuses to read it".to_owned(),
            ));
        }
        card
    }
}
