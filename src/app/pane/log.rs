//! The logs of the place: files and inputs that are followed, merged by time.
//! Text stays in the files. What is kept of them is an index each and the
//! decoded records of a few screens around the view; a frame shows only what
//! is decoded, and the one before stays until that is so.

mod action;
mod export;
mod figures;
mod filter;
mod followed;
mod glance;
mod insight;
mod job;
mod judge;
mod jump;
mod mark;
mod overview;
mod question;
mod reveal;
mod scroll;
mod seek;
mod session;
mod split;
mod stack;
mod window;

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::log::{
    Direction, Family, Feed, FileNo, Input, Level, Place, RECIPES, RecordNo, Seam, Shown, Side,
    View,
};

pub use action::{LogAction, LogQuestion, TABLE};
pub use figures::{CallRow, Figures, RunRow, WorkRow};
pub use filter::Sifting;
pub use followed::{Condition, Followed};
pub use insight::{Insight, Page};
pub use job::{HeardOf, LogJob, LogNews, Part, Read, Selection, Sweep};
pub use judge::Judgment;
pub use mark::Marks;
pub use overview::{Overview, Sign, Tick};
pub use scroll::Spot;
pub use seek::Hunt;
pub use window::{CodeRow, Decoded, Kept};

use export::Exporting;
use judge::Judging;
use jump::Locating;
use overview::{Findings, Measure};
use reveal::Revealing;
use scroll::{Roll, Scroll};
use session::Memory;
use window::{Opened, Windows};

/// More sources are not told apart.
const MOST_SOURCES: usize = 64;

/// The pane of the logs.
#[derive(Debug)]
pub struct LogPane {
    found: Load<Vec<Input>>,
    feed: Load<()>,
    /// The ticket of the feed, which its news and the reads in it carry.
    following: Ticket,
    files: Vec<Followed>,
    floor: Level,
    scroll: Scroll,
    /// The view beside the one with the cursor, where there are two.
    beside: Scroll,
    windows: Windows,
    hunt: Option<Hunt>,
    sifting: Sifting,
    marks: Marks,
    insight: Insight,
    /// The record whose note is being written.
    noted: Place,
    locating: Locating,
    judging: Judging,
    exporting: Exporting,
    memory: Memory,
    revealing: Revealing,
    /// Who wrote the records that were seen so far.
    sources: BTreeSet<(Family, String)>,
    overview: Overview,
    /// In the ways to turn logging on, while there is nothing else.
    pub guide: Cursor,
}

impl Default for LogPane {
    fn default() -> Self {
        Self {
            found: Load::default(),
            feed: Load::default(),
            following: Ticket::default(),
            files: Vec::new(),
            floor: Level::Info,
            scroll: Scroll::default(),
            beside: Scroll::default(),
            windows: Windows::default(),
            hunt: None,
            sifting: Sifting::default(),
            marks: Marks::default(),
            insight: Insight::default(),
            noted: Place::default(),
            locating: Locating::default(),
            judging: Judging::default(),
            exporting: Exporting::default(),
            memory: Memory::default(),
            revealing: Revealing::default(),
            sources: BTreeSet::new(),
            overview: Overview::default(),
            guide: Cursor::default(),
        }
    }
}

impl LogPane {
    /// Looks for logs: those that were named, and those of the directory.
    pub fn look(&mut self, named: &[PathBuf], directory: Option<PathBuf>, desk: &mut Desk<'_>) {
        let ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Find {
                ticket,
                named: named.to_owned(),
                directory,
            })
        });
        self.found.expect(ticket, desk.now);
    }

    pub fn hear(&mut self, news: LogNews, desk: &mut Desk<'_>) {
        match news {
            LogNews::Found { ticket, outcome } => {
                let settled = self.found.settle(ticket, desk.now, outcome);
                if settled == Settled::Taken && self.found.fault().is_none() {
                    self.follow(desk);
                }
            }
            LogNews::Fed { ticket, file, feed } if ticket == self.following => {
                self.fed(file, feed, desk);
            }
            LogNews::Fed { .. } => {}
            LogNews::FeedEnded { ticket, outcome } => {
                self.feed.settle(ticket, desk.now, outcome);
            }
            LogNews::Decoded { ticket, outcome } => {
                self.learn_sources(outcome.as_deref().unwrap_or_default());
                self.windows.settle(ticket, desk.now, outcome);
                match self.windows.opened() {
                    Some(Opened::Body) => self.scroll.open(),
                    Some(Opened::Nothing) => {
                        desk.say(Tone::Note, "the row shows the whole record");
                    }
                    None => {}
                }
            }
            LogNews::Revealed { ticket, outcome } => self.hear_revealed(ticket, outcome, desk),
            LogNews::Swept { ticket, file, hits } => self.swept(ticket, file, &hits),
            LogNews::SearchEnded { ticket, outcome } => self.searched(ticket, outcome, desk),
            LogNews::Sifted {
                ticket,
                file,
                generation,
                side,
                pieces,
            } => self.hear_pieces(ticket, (file, generation, side), &pieces),
            LogNews::SiftEnded { ticket, outcome } => self.hear_sifted(ticket, outcome, desk),
            LogNews::Located { ticket, outcome } => self.hear_line(ticket, outcome, desk),
            LogNews::Judged { ticket, outcome } => self.hear_judged(ticket, outcome, desk),
            LogNews::Exported { ticket, outcome } => self.hear_exported(ticket, outcome, desk),
            LogNews::Recalled { ticket, outcome } => self.hear_recalled(ticket, outcome, desk),
            LogNews::Kept { outcome } => {
                if let Err(fault) = outcome {
                    desk.say(Tone::Warning, fault.to_string());
                }
            }
        }
    }

    /// Follows what was found, unless that is what is followed already.
    fn follow(&mut self, desk: &mut Desk<'_>) {
        let inputs = self.found.shown().cloned().unwrap_or_default();
        let known = self.files.iter().map(|file| &file.input);
        if known.eq(&inputs) && self.feed.waiting_since().is_some() {
            return;
        }
        self.keep_session(desk);
        self.files = Followed::all(&inputs);
        self.windows = Windows::default();
        self.hunt = None;
        self.sources.clear();
        self.scroll = Scroll::default();
        self.beside = Scroll::default();
        self.sifting = Sifting::default();
        self.marks = Marks::default();
        self.judging = Judging::default();
        self.memory.begin_anew();
        self.recall(inputs.clone(), desk);
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Log(LogJob::Follow { ticket, inputs }));
        self.following = ticket;
        self.feed.expect(ticket, desk.now);
    }

    fn fed(&mut self, file: FileNo, feed: Feed, desk: &mut Desk<'_>) {
        let Some(followed) = self.files.get_mut(usize::from(file.0)) else {
            return;
        };
        if let Feed::Read(grown) = &feed {
            self.windows.renumber(file, grown.earlier);
            self.scroll.renumber(file, grown.earlier);
            self.beside.renumber(file, grown.earlier);
            self.marks.renumber(file, grown.earlier);
            self.noted = self.noted.renumbered(file, grown.earlier);
        }
        let torn = matches!(&feed, Feed::Read(grown) if grown.seam == Seam::Torn);
        let before = if torn { 1 } else { followed.index.records() };
        let said = followed.hear(feed, desk.now);
        if followed.index.records() < before {
            self.windows.forget(file);
            self.marks.forget(file);
        } else {
            // Lines may have come to the last record that was known.
            self.windows.doubt(file, RecordNo(before.saturating_sub(1)));
        }
        if let Some((tone, sentence)) = said {
            desk.say(tone, sentence);
        }
        self.sift_on(desk);
        self.hunt_on(desk);
        self.judge_on(desk);
        self.resume_on();
    }

    pub fn act(&mut self, action: LogAction, desk: &mut Desk<'_>) {
        match action {
            LogAction::Unfold if self.insight.page().is_some() => self.open_insight(desk),
            LogAction::Unfold => self.toggle(),
            LogAction::Pause => self.pause_or_follow(),
            LogAction::Search => self.ask_search(desk),
            LogAction::Filter => self.open_filters(desk),
            LogAction::Split => self.split(desk),
            LogAction::Request => self.follow_request(desk),
            LogAction::Time => jump::ask(desk),
            LogAction::Bookmark => self.toggle_mark(desk),
            LogAction::Note => self.ask_note(desk),
            LogAction::Bookmarks => self.list_marks(desk),
            LogAction::NextBookmark => self.visit_mark(Direction::Forward, desk),
            LogAction::PreviousBookmark => self.visit_mark(Direction::Backward, desk),
            LogAction::NextHit => self.visit_hit(Direction::Forward, desk),
            LogAction::PreviousHit => self.visit_hit(Direction::Backward, desk),
            LogAction::NextError => self.visit_level(Level::Error, Direction::Forward, desk),
            LogAction::PreviousError => self.visit_level(Level::Error, Direction::Backward, desk),
            LogAction::NextWarning => self.visit_level(Level::Warn, Direction::Forward, desk),
            LogAction::PreviousWarning => self.visit_level(Level::Warn, Direction::Backward, desk),
            LogAction::RaiseFloor => self.set_floor(self.floor.next(), desk),
            LogAction::LowerFloor => self.set_floor(self.floor.previous(), desk),
            LogAction::Insight => self.toggle_insight(desk),
            LogAction::Copy => self.copy(desk),
            LogAction::Reveal => self.reveal(desk),
            LogAction::Export => self.ask_export(desk),
        }
    }

    fn toggle(&mut self) {
        let place = self.scroll.cursor().place;
        if self.scroll.is_at_a_record() {
            self.windows.toggle(place);
            self.scroll.go(Spot { place, line: 0 });
        }
    }

    fn pause_or_follow(&mut self) {
        if self.scroll.is_following() {
            self.pause();
        } else {
            self.scroll.follow();
        }
    }

    /// Stays where the cursor is; what comes from now on is counted as new.
    fn pause(&mut self) {
        let records = self.files.iter().map(|file| file.index.records());
        self.scroll.pause(records.map(RecordNo).collect());
    }

    fn set_floor(&mut self, floor: Level, desk: &mut Desk<'_>) {
        if self.sifting.follows_a_request() {
            return desk.say(Tone::Note, "a followed request is shown at every level");
        }
        self.floor = floor;
        self.search_again(desk);
        self.keep_session(desk);
    }

    fn copy(&mut self, desk: &mut Desk<'_>) {
        if self.is_empty() {
            if let Some(recipe) = RECIPES.get(self.guide.row()) {
                desk.copy(recipe.commands, "the command");
            }
            return;
        }
        match self.windows.kept(self.scroll.cursor().place) {
            Some(kept) if self.revealing.is_shown() => {
                desk.copy(kept.record.text.clone(), "the record with its secrets");
            }
            Some(kept) if !kept.record.is_masked() => {
                desk.copy(kept.record.text.clone(), "the record");
            }
            Some(kept) => desk.copy(kept.record.text.clone(), "the record, masked"),
            None => desk.say(Tone::Note, "no record under the cursor"),
        }
    }

    pub fn travel(&mut self, motion: Motion, desk: &mut Desk<'_>) {
        if self.insight.page().is_some() {
            return self.insight.travel(motion);
        }
        if matches!(
            motion,
            Motion::Left | Motion::Right | Motion::NextColumn | Motion::PreviousColumn
        ) {
            return self.cross(motion, desk);
        }
        self.memory.position = None;
        if self.is_empty() {
            self.guide.travel(motion);
            return;
        }
        if !matches!(motion, Motion::Bottom) && self.scroll.is_following() {
            self.pause();
        }
        let files = shown(&self.files);
        let roll = Roll::new(View::new(&files, self.floor()), &self.windows);
        self.scroll.travel(motion, &roll);
    }

    /// Gives the pane its size, and asks for the records that the view needs next.
    pub fn arrange(&mut self, rows: usize, columns: u16, desk: &mut Desk<'_>) {
        // A recipe takes two rows; the title and a heading stand above them.
        self.guide
            .arrange(RECIPES.len(), rows.saturating_sub(2) / 2);
        self.insight.refresh(&self.files);
        let mut measure = Measure::new(rows, columns, self.troubles().count());
        if !self.insight.figures().is_empty() {
            measure = measure.with_strip();
        }
        if self.sifting.side().is_some() {
            measure = measure.split();
        }
        self.insight.arrange(measure.body());
        self.windows.fit(measure.text_columns());
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        self.scroll
            .arrange(measure.rows(), &Roll::new(view, &self.windows));
        let wanted = self.scroll.wanted(&Roll::new(view, &self.windows));
        let range = self.scroll.range(&Roll::new(view, &self.windows));
        let findings = Findings {
            files: &self.files,
            marks: &self.marks,
        };
        self.overview.arrange(measure, view, findings, range);
        let mut wanted = wanted;
        wanted.extend(self.accompany(measure.rows()));
        if let Some(reads) = self.windows.missing(&wanted, &self.files) {
            let feed = self.following;
            let ticket = desk.effects.ask(|ticket| {
                Effect::Log(LogJob::Decode {
                    ticket,
                    feed,
                    reads,
                })
            });
            self.windows.expect(ticket, desk.now);
        }
    }

    /// The screen rows, each with its record where that is decoded.
    pub fn shown(&self) -> impl Iterator<Item = (Spot, &Kept)> {
        let spots = self.scroll.shown().iter();
        spots.filter_map(|&spot| Some((spot, self.windows.kept(spot.place)?)))
    }

    /// Remembers who wrote these records.
    fn learn_sources(&mut self, records: &[Decoded]) {
        for decoded in records {
            let source = &decoded.record.parts.source;
            let known = (Family::from(source), source.word().to_owned());
            if self.sources.len() < MOST_SOURCES {
                self.sources.insert(known);
            }
        }
    }

    /// Who wrote the records of a view, as far as they were seen: the core
    /// first, then the backend and the providers by their names.
    pub fn sources(&self, side: Option<Side>) -> Vec<&str> {
        let sieve = self.sifting.sieve();
        let sources = self.sources.iter().filter(|(family, _)| {
            !sieve.hides(*family) && side.is_none_or(|side| side.shows(*family))
        });
        sources.map(|(_, word)| word.as_str()).collect()
    }

    /// What is known of a followed file.
    pub fn file(&self, file: FileNo) -> Option<&Followed> {
        self.files.get(usize::from(file.0))
    }

    /// The followed files, in the order of their numbers.
    pub fn files(&self) -> &[Followed] {
        &self.files
    }

    /// The files about which something is to be said for as long as it lasts.
    pub fn troubles(&self) -> impl Iterator<Item = (&Followed, String)> {
        let files = self.files.iter();
        files.filter_map(|file| Some((file, file.condition.trouble()?)))
    }

    pub fn cursor(&self) -> Spot {
        self.scroll.cursor()
    }

    pub fn is_following(&self) -> bool {
        self.scroll.is_following()
    }

    /// How many rows came below since the pause.
    pub fn fresh(&self) -> u64 {
        self.scroll.fresh()
    }

    pub fn is_unfolded(&self, place: Place) -> bool {
        self.windows.is_unfolded(place)
    }

    /// The quietest level that is shown: of a followed request every one.
    pub fn floor(&self) -> Level {
        if self.sifting.follows_a_request() {
            return Level::Trace;
        }
        self.floor
    }

    pub fn hunt(&self) -> Option<&Hunt> {
        self.hunt.as_ref()
    }

    pub fn overview(&self) -> &Overview {
        &self.overview
    }

    /// What is shown, awaited and missing of the look for logs.
    pub fn found(&self) -> &Load<Vec<Input>> {
        &self.found
    }

    /// Why the feed or the latest window failed.
    pub fn fault(&self) -> Option<&Fault> {
        self.feed.fault().or_else(|| self.windows.fault())
    }

    /// Whether there is no record at all to show.
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|file| file.index.records() == 0)
    }

    /// Since when anything of this pane is awaited that a person sees.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let reading = self.files.iter().any(Followed::is_reading);
        let hunting = self.hunt.as_ref().and_then(Hunt::waiting_since);
        let sifting = self.sifting.waiting_since();
        let locating = self.locating.load.waiting_since();
        self.found
            .waiting_since()
            .or_else(|| self.feed.waiting_since().filter(|_| reading))
            .or(hunting)
            .or(sifting)
            .or(locating)
            .or(self.exporting.load.waiting_since())
    }
}

/// The files as far as they are shown.
fn shown(files: &[Followed]) -> Vec<Shown<'_>> {
    files.iter().map(Followed::shown).collect()
}
