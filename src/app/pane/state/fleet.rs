//! Every state of the bucket, in the place of the columns: rows that come page
//! by page and are filled as the bodies are read. Opening one makes it the
//! place of the whole console.

use std::sync::Arc;

use jiff::Timestamp;

use super::job::StateJob;
use crate::analysis::Severity;
use crate::analysis::fleet::{Keeping, Look, Member, Order, missing};
use crate::app::cursor::Cursor;
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::place::Place;

/// A stretch of what is known of a bucket's states.
#[derive(Debug, Clone)]
pub enum Muster {
    /// The next states of the listing; their number counts from the first of all.
    Listed { members: Vec<Member> },
    /// Everything is listed, and this is what the lock stores hold.
    Kept {
        keeping: Arc<Keeping>,
        /// How many objects have no name of a state.
        others: usize,
        more: bool,
    },
    /// What was read of the bodies, by the number of the state.
    Read(Vec<(u32, Result<Look, Fault>)>),
}

/// The states of a bucket, or of those below a prefix.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Where they lie; none before they were asked for.
    root: Option<Arc<Place>>,
    prefix: String,
    shown: bool,
    members: Vec<Member>,
    /// The numbers of the members that the filter leaves, in their order.
    rows: Vec<u32>,
    pub order: Order,
    pub filter: String,
    pub feed: Load<()>,
    read: usize,
    listed: usize,
    /// How many are in critical condition, and how many are locked.
    counts: (usize, usize),
    /// What the lock stores would not say.
    pub unseen: Vec<Fault>,
    pub others: usize,
    pub more: bool,
    pub cursor: Cursor,
    /// A plan has written since it was read.
    outdated: bool,
}

impl Fleet {
    /// Whether it stands in the place of the columns.
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Whether it was ever asked for.
    pub fn is_known(&self) -> bool {
        self.root.is_some()
    }

    /// Where the states lie and how their keys begin.
    pub fn ground(&self) -> Option<(&Arc<Place>, &str)> {
        Some((self.root.as_ref()?, &self.prefix))
    }

    /// The bucket and the prefix, as a person names them.
    pub fn name(&self) -> String {
        let root = self.root.as_ref();
        let bucket = root.and_then(|root| root.bucket()).unwrap_or_default();
        match (bucket, self.prefix.as_str()) {
            ("", prefix) => prefix.to_owned(),
            (bucket, "") => bucket.to_owned(),
            (bucket, prefix) => format!("{bucket}/{prefix}"),
        }
    }

    /// Shows the states that lie where the place does; asks for them the first time.
    pub fn show(&mut self, desk: &mut Desk<'_>) {
        self.shown = true;
        if self.root.is_some() {
            if std::mem::take(&mut self.outdated) {
                self.reload(desk);
            }
            return;
        }
        if let Some(place) = desk.place.cloned() {
            return self.open(place, String::new(), desk);
        }
        self.shown = false;
        desk.say(Tone::Note, "there is no bucket to look into yet");
    }

    /// Asks for the states below a prefix.
    pub fn open(&mut self, root: Arc<Place>, prefix: String, desk: &mut Desk<'_>) {
        (self.root, self.prefix, self.shown) = (Some(root), prefix, true);
        self.reload(desk);
    }

    /// A plan has written since: when it is shown again, everything is read again.
    pub fn doubt(&mut self) {
        self.outdated = true;
    }

    /// Gives the columns their place back; answers whether that changed anything.
    pub fn hide(&mut self) -> bool {
        std::mem::take(&mut self.shown)
    }

    /// The same where it is of this bucket; another bucket has other states.
    #[must_use]
    pub fn of_bucket(self, bucket: Option<&str>) -> Self {
        let own = self.root.as_ref().and_then(|root| root.bucket());
        if own == bucket { self } else { Self::default() }
    }

    /// Lists and reads everything again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(root) = self.root.clone() else {
            return;
        };
        (self.members, self.rows) = (Vec::new(), Vec::new());
        (self.read, self.listed, self.others, self.more) = (0, 0, 0, false);
        self.unseen.clear();
        self.outdated = false;
        let prefix = self.prefix.clone();
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Muster {
                ticket,
                place: root,
                prefix,
            })
        });
        self.feed.expect(ticket, desk.now);
    }

    /// Ends the listing and the reading; answers whether any was under way.
    pub fn give_up(&mut self, desk: &mut Desk<'_>) -> bool {
        if self.feed.waiting_since().is_none() {
            return false;
        }
        self.feed.give_up();
        // A newer job of the lane ends the one under way.
        desk.effects.ask(|ticket| {
            Effect::State(StateJob::Dismiss {
                ticket,
                lane: Lane::StateFleet,
            })
        });
        true
    }

    /// Takes a stretch of what was found.
    pub fn mustered(&mut self, ticket: Ticket, part: Muster, desk: &Desk<'_>) {
        if !self.feed.awaits(ticket) {
            return;
        }
        match part {
            Muster::Listed { members } => {
                self.listed += members.len();
                self.members.extend(members);
            }
            Muster::Kept {
                keeping,
                others,
                more,
            } => {
                for member in &mut self.members {
                    member.keep(&keeping);
                }
                let missing = missing(&keeping, &self.prefix, self.members.iter());
                self.members.extend(missing);
                self.unseen.clone_from(&keeping.unseen);
                (self.others, self.more) = (others, more);
            }
            Muster::Read(looks) => {
                self.read += looks.len();
                for (number, look) in looks {
                    if let Some(member) = self.members.get_mut(number as usize) {
                        member.look = Some(look);
                    }
                }
            }
        }
        self.sort(desk.now);
    }

    /// Hears that everything was read, or why not.
    pub fn ended(&mut self, ticket: Ticket, outcome: Result<(), Fault>, desk: &Desk<'_>) {
        if self.feed.settle(ticket, desk.now, outcome) == Settled::Taken {
            self.sort(desk.now);
        }
    }

    /// Puts the next order into force; the cursor goes to its first row.
    pub fn reorder(&mut self, now: Timestamp) {
        self.order = self.order.next();
        self.cursor.go(0);
        self.sort(now);
        self.cursor.go(0);
    }

    /// Leaves only the states whose key holds the text.
    pub fn narrow(&mut self, text: String, now: Timestamp) {
        self.filter = text;
        self.sort(now);
    }

    /// Finds the rows anew; the cursor stays on its state, and at the top it stays at the top.
    fn sort(&mut self, now: Timestamp) {
        let critical = |member: &&Member| member.severity(now) == Some(Severity::Critical);
        let locked = |member: &&Member| member.held().next().is_some();
        self.counts = (
            self.members.iter().filter(critical).count(),
            self.members.iter().filter(locked).count(),
        );
        let here = self.rows.get(self.cursor.row()).copied();
        let here = here.filter(|_| self.cursor.row() > 0);
        let wanted = self.filter.to_lowercase();
        let members = (0..).zip(&self.members);
        let found = members
            .filter(|(_, member)| wanted.is_empty() || member.key.to_lowercase().contains(&wanted));
        self.rows = found.map(|(number, _)| number).collect();
        self.order.sort(&self.members, &mut self.rows, now);
        self.cursor.arrange(self.rows.len(), self.cursor.height());
        let row = here.and_then(|here| self.rows.iter().position(|row| *row == here));
        self.cursor.go(row.unwrap_or(0));
    }

    /// The state on a row.
    pub fn row(&self, row: usize) -> Option<&Member> {
        self.members.get(*self.rows.get(row)? as usize)
    }

    /// How many rows there are.
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// How many states are known, and how many of the listed ones were read.
    pub fn progress(&self) -> (usize, usize, usize) {
        (self.members.len(), self.read, self.listed)
    }

    /// How many states are in critical condition, and how many are locked.
    pub fn counts(&self) -> (usize, usize) {
        self.counts
    }

    /// Makes the state under the cursor the place of the console.
    pub fn choose(&mut self, desk: &mut Desk<'_>) {
        let (Some(root), Some(member)) = (&self.root, self.row(self.cursor.row())) else {
            return desk.say(Tone::Note, "no state under the cursor");
        };
        let place = root.beside(&member.key);
        // The place that is open knows its directory, too: it stays as it is.
        let same = |open: &&Arc<Place>| open.full_name() == place.full_name();
        if !desk.place.as_ref().is_some_and(same) {
            desk.wishes.push(Wish::Settle(Box::new(place)));
        }
        self.hide();
    }

    /// The key under the cursor.
    pub fn here(&self) -> Option<&str> {
        Some(&self.row(self.cursor.row())?.key)
    }

    pub fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.rows.len(), rows);
    }
}
