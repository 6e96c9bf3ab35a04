//! The resources of one version: the tree with its folds, or the hits of a
//! search. The rows are an index into the version, never copies of it.

use std::sync::Arc;

use super::job::{Rest, StateJob};
use super::opened::Opened;
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::state::{Answer, Branch, Folds, Hit, InstanceNo, Node, NodeNo};

/// The middle column.
#[derive(Debug, Default)]
pub struct Browser {
    opened: Option<Arc<Opened>>,
    pub cursor: Cursor,
    rows: Vec<NodeNo>,
    folds: Folds,
    search: Option<Search>,
    /// The address to go to in the version that is shown next.
    sought: Option<String>,
}

/// A question that is asked of the addresses.
#[derive(Debug, Default)]
pub struct Search {
    pub question: String,
    /// The latest whole answer about the same addresses, for narrowing.
    whole: Option<Arc<Answer>>,
    pub answer: Load<Arc<Answer>>,
}

/// Whether a motion stayed in the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    Within,
    /// To the left of what has nothing above it.
    Out,
}

/// What stands on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands<'a> {
    Node(NodeNo, &'a Node),
    /// A hit of the search.
    Hit(&'a Hit),
}

impl Browser {
    /// Shows another version; the cursor stays on the address it was on, if that is still there.
    pub fn show(&mut self, opened: Arc<Opened>, desk: &mut Desk<'_>) {
        let here = self.address();
        self.folds = Folds::default();
        self.opened = Some(opened);
        self.refold();
        // Hits are rows of the former version's addresses.
        if let Some(search) = self.search.take() {
            return self.ask(search.question, desk);
        }
        let sought = self.sought.take();
        self.go_to(sought.or(here).as_deref());
    }

    /// Goes to this address as soon as a version is shown.
    pub fn seek(&mut self, address: String) {
        self.sought = Some(address);
    }

    /// The address that is to be gone to.
    pub fn sought(&self) -> Option<String> {
        self.sought.clone()
    }

    pub fn opened(&self) -> Option<&Arc<Opened>> {
        self.opened.as_ref()
    }

    /// The search, while there is one.
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// What stands on a row of the column.
    pub fn stands(&self, row: usize) -> Option<Stands<'_>> {
        if let Some(search) = &self.search {
            return Some(Stands::Hit(search.hits().get(row)?));
        }
        let no = *self.rows.get(row)?;
        Some(Stands::Node(no, self.opened.as_ref()?.tree.node(no)?))
    }

    pub fn is_folded(&self, no: NodeNo) -> bool {
        let opened = self.opened.as_ref();
        opened.is_some_and(|opened| opened.tree.is_folded(no, &self.folds))
    }

    /// How many rows there are.
    pub fn length(&self) -> usize {
        self.search
            .as_ref()
            .map_or(self.rows.len(), |search| search.hits().len())
    }

    /// The instance under the cursor, if one stands there.
    pub fn instance(&self) -> Option<InstanceNo> {
        match self.stands(self.cursor.row())? {
            Stands::Hit(hit) => self.opened.as_ref()?.addresses.instance(hit.row),
            Stands::Node(_, node) => match &node.branch {
                Branch::Instance(no) => Some(*no),
                Branch::Module(_) | Branch::Resource(_) => None,
            },
        }
    }

    /// The address under the cursor, of a module and of a folded resource too.
    pub fn address(&self) -> Option<String> {
        let opened = self.opened.as_ref()?;
        let snapshot = opened.snapshot.as_ref()?;
        match self.stands(self.cursor.row())? {
            Stands::Hit(hit) => Some(opened.addresses.address(hit.row).to_owned()),
            Stands::Node(_, node) => match &node.branch {
                Branch::Module(module) => Some(module.to_string()),
                Branch::Resource(number) => {
                    let resource = snapshot.resources().get(*number as usize)?;
                    Some(resource.address.to_string())
                }
                Branch::Instance(no) => Some(snapshot.address(*no)?.to_string()),
            },
        }
    }

    /// Folds or unfolds the node under the cursor; answers whether there was anything to fold.
    pub fn toggle(&mut self) -> bool {
        let Some(no) = self.foldable() else {
            return false;
        };
        self.folds.toggle(no);
        self.refold();
        true
    }

    /// Moves; sideways folds and unfolds, and leads from what is folded to the node above it.
    pub fn travel(&mut self, motion: Motion) -> Travel {
        let folded = self.foldable().map(|no| self.is_folded(no));
        match (motion, folded) {
            (Motion::Left, Some(false)) | (Motion::Right, Some(true)) => drop(self.toggle()),
            (Motion::Left, _) => return self.climb(),
            _ => self.cursor.travel(motion),
        }
        Travel::Within
    }

    /// Asks which addresses match; nothing typed shows the tree again.
    pub fn ask(&mut self, question: String, desk: &mut Desk<'_>) {
        let Some(opened) = self.opened.clone().filter(|_| !question.is_empty()) else {
            return self.leave_search();
        };
        let search = self.search.get_or_insert_default();
        let last = search.whole.clone();
        search.question.clone_from(&question);
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Search {
                ticket,
                opened,
                question,
                last,
            })
        });
        search.answer.expect(ticket, desk.now);
        self.cursor.go(0);
    }

    /// Takes what was found; more may follow under the same ticket.
    pub fn found(
        &mut self,
        ticket: Ticket,
        outcome: Result<Arc<Answer>, Fault>,
        rest: Rest,
        desk: &Desk<'_>,
    ) {
        let Some(search) = &mut self.search else {
            return;
        };
        let whole = outcome
            .as_ref()
            .ok()
            .filter(|_| rest == Rest::None)
            .cloned();
        if search.answer.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        match rest {
            Rest::Awaited => search.answer.expect(ticket, desk.now),
            Rest::None => search.whole = whole,
        }
        self.arrange(self.cursor.height());
    }

    /// Ends the search; the cursor stays on the address it was on.
    pub fn leave_search(&mut self) {
        let here = self.address();
        if self.search.take().is_some() {
            self.arrange(self.cursor.height());
            self.go_to(here.as_deref());
        }
    }

    /// Gives the cursor its height.
    pub fn arrange(&mut self, height: usize) {
        self.cursor.arrange(self.length(), height);
    }

    /// Finds the rows again after something was folded or another version came.
    fn refold(&mut self) {
        if let Some(opened) = &self.opened {
            self.rows = opened.tree.rows(&self.folds);
        }
        self.arrange(self.cursor.height());
    }

    /// Puts the cursor on an instance, out of a search, unfolding what hides it.
    pub fn show_instance(&mut self, no: InstanceNo) {
        self.search = None;
        self.refold();
        let address = self.opened.as_ref().and_then(|opened| {
            let snapshot = opened.snapshot.as_ref()?;
            Some(snapshot.address(no)?.to_string())
        });
        self.go_to(address.as_deref());
    }

    /// Puts the cursor on an instance of this address, unfolding what hides it.
    fn go_to(&mut self, address: Option<&str>) {
        let (Some(opened), Some(address)) = (self.opened.clone(), address) else {
            return self.cursor.go(0);
        };
        let addresses = &opened.addresses;
        let row = (0..addresses.len()).find(|row| addresses.address(*row) == address);
        let way = row
            .and_then(|row| addresses.instance(row))
            .and_then(|no| opened.tree.way_to(no));
        let Some((node, above)) = way else {
            return self.cursor.go(0);
        };
        for no in above {
            if opened.tree.is_folded(no, &self.folds) {
                self.folds.toggle(no);
            }
        }
        self.refold();
        let row = self.rows.iter().position(|no| *no == node);
        self.cursor.go(row.unwrap_or(0));
    }

    /// Moves to the node that holds the one under the cursor.
    fn climb(&mut self) -> Travel {
        let depth = |row: usize| match self.stands(row) {
            Some(Stands::Node(_, node)) => Some(node.depth),
            Some(Stands::Hit(_)) | None => None,
        };
        let here = self.cursor.row();
        let above = (0..here).rev().find(|row| depth(*row) < depth(here));
        let Some(above) = above else {
            return Travel::Out;
        };
        self.cursor.go(above);
        Travel::Within
    }

    fn foldable(&self) -> Option<NodeNo> {
        match self.stands(self.cursor.row())? {
            Stands::Node(no, node) => match node.branch {
                Branch::Module(_) | Branch::Resource(_) => Some(no),
                Branch::Instance(_) => None,
            },
            Stands::Hit(_) => None,
        }
    }
}

impl Search {
    fn hits(&self) -> &[Hit] {
        self.answer.shown().map_or(&[], |answer| &answer.hits)
    }
}
