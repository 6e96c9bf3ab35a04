//! The filters of the pane: what is wanted, what of it is in force, and the
//! sheet that changes it. A change is judged over the whole of the files
//! before it takes the place of what was shown; records that arrive meanwhile
//! and later are judged as they come.

use jiff::Timestamp;

use super::job::{LogJob, Part};
use super::{LogPane, LogQuestion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::toggles::{Entry, Mark};
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet, Toggles};
use crate::app::text::count;
use crate::fault::Fault;
use crate::log::{
    Category, Family, FileNo, Filter, Generation, Index, Kept, MOST_FILTERS, Pattern, Piece,
    RecordNo, Sense, Shown, Sieve, Switch,
};

/// What is wanted and how far it is judged.
#[derive(Debug, Default)]
pub struct Sifting {
    /// What the person asked for last.
    wanted: Sieve,
    /// What the rows on screen went through.
    in_force: Sieve,
    load: Load<()>,
    ticket: Ticket,
    /// The parts that the job under way judges.
    asked: Vec<(FileNo, Generation, u64)>,
}

impl Sifting {
    /// What is or will be shown.
    pub fn sieve(&self) -> &Sieve {
        &self.wanted
    }

    /// Whether a change is being judged.
    pub fn is_changing(&self) -> bool {
        self.wanted != self.in_force
    }

    /// Whether the rows on screen are those of one request.
    pub fn follows_a_request(&self) -> bool {
        self.in_force.request.is_some()
    }

    /// Since when a change is being judged.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.load.waiting_since().filter(|_| self.is_changing())
    }
}

/// What the filters leave of one file.
#[derive(Debug, Default)]
pub struct Passed {
    /// None while everything passes.
    kept: Option<Kept>,
    /// What a change will leave, as far as it is judged.
    coming: Option<Kept>,
    /// How many bytes are judged of the one that is being filled.
    length: u64,
}

impl Passed {
    /// The file as far as it is shown.
    pub fn shown<'a>(&'a self, index: &'a Index) -> Shown<'a> {
        Shown {
            index,
            kept: self.kept.as_ref(),
        }
    }

    /// How much of a file may be searched: only what is judged can be shown.
    pub fn reach(&self, index: &Index) -> (u32, u64) {
        match (&self.kept, &self.coming) {
            (None, _) => (index.records(), index.length()),
            (Some(kept), None) => (kept.judged(), self.length),
            // What is in force has fallen behind and is about to be replaced.
            (Some(_), Some(_)) => (0, 0),
        }
    }

    /// How many records are judged of a change.
    pub fn judged(&self) -> u32 {
        self.coming.as_ref().map_or(0, Kept::judged)
    }

    /// Forgets what was judged of a file that is read anew.
    pub fn begin_anew(&mut self) {
        for kept in [&mut self.kept, &mut self.coming] {
            *kept = kept.take().map(|_| Kept::default());
        }
        self.length = 0;
    }

    fn open(&mut self) {
        *self = Self::default();
    }

    fn change(&mut self) {
        self.coming = Some(Kept::default());
        self.length = 0;
    }

    fn filled(&mut self) -> Option<&mut Kept> {
        self.coming.as_mut().or(self.kept.as_mut())
    }

    /// From where judging goes on; none where all is judged.
    fn rest(&mut self, length: u64) -> Option<RecordNo> {
        let behind = self.length < length;
        self.filled().filter(|_| behind).map(|kept| kept.resume())
    }

    fn settle(&mut self) {
        if let Some(kept) = self.coming.take() {
            self.kept = Some(kept);
        }
    }
}

impl LogPane {
    /// The filters of the pane.
    pub fn sifting(&self) -> &Sifting {
        &self.sifting
    }

    /// How much of a change is judged, in hundredths.
    pub fn sifted(&self) -> u64 {
        let records: u64 = self
            .files
            .iter()
            .map(|file| u64::from(file.index.records()))
            .sum();
        let judged: u64 = self
            .files
            .iter()
            .map(|file| u64::from(file.passed.judged()))
            .sum();
        (judged * 100).checked_div(records).unwrap_or(0).min(100)
    }

    /// Shows what passes this from now on, as soon as all of it is judged.
    pub(super) fn sift(&mut self, wanted: Sieve, desk: &mut Desk<'_>) {
        self.sifting.wanted = wanted;
        self.sifting.load.give_up();
        if self.sifting.wanted.is_open() {
            self.files.iter_mut().for_each(|file| file.passed.open());
            self.take_effect(desk);
        } else {
            self.files.iter_mut().for_each(|file| file.passed.change());
            self.sift_on(desk);
        }
        self.refresh_filters(desk);
    }

    /// Asks to judge what is not judged yet, unless that is under way.
    pub(super) fn sift_on(&mut self, desk: &mut Desk<'_>) {
        if self.sifting.load.waiting_since().is_some() {
            return;
        }
        let numbered = (0..=u16::MAX).map(FileNo).zip(&mut self.files);
        let parts: Vec<Part> = numbered
            .filter(|(_, followed)| !followed.is_partial())
            .filter_map(|(file, followed)| {
                let to = followed.index.length();
                let first = followed.passed.rest(to)?;
                Some(Part {
                    file,
                    generation: followed.generation,
                    from: followed.index.seek(first),
                    first,
                    to,
                })
            })
            .collect();
        if parts.is_empty() {
            return;
        }
        self.sifting.asked = parts
            .iter()
            .map(|part| (part.file, part.generation, part.to))
            .collect();
        let (feed, sieve) = (self.following, self.sifting.wanted.clone());
        self.sifting.ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Sift {
                ticket,
                feed,
                sieve: Box::new(sieve),
                parts,
            })
        });
        self.sifting.load.expect(self.sifting.ticket, desk.now);
    }

    /// Takes what was judged of one file.
    pub(super) fn hear_piece(
        &mut self,
        ticket: Ticket,
        (file, generation): (FileNo, Generation),
        piece: &Piece,
    ) {
        let followed = self.files.get_mut(usize::from(file.0));
        let ours = self.sifting.load.awaits(ticket);
        let followed = followed.filter(|followed| ours && followed.generation == generation);
        if let Some(kept) = followed.and_then(|followed| followed.passed.filled()) {
            kept.append(piece);
        }
    }

    pub(super) fn hear_sifted(
        &mut self,
        ticket: Ticket,
        outcome: Result<(), Fault>,
        desk: &mut Desk<'_>,
    ) {
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if self.sifting.load.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(sentence) = failed {
            // The next growth of a file asks again.
            return desk.say(Tone::Warning, sentence);
        }
        for (file, generation, to) in std::mem::take(&mut self.sifting.asked) {
            let followed = self.files.get_mut(usize::from(file.0));
            if let Some(followed) = followed.filter(|followed| followed.generation == generation) {
                followed.passed.length = to;
            }
        }
        if self.sifting.is_changing() {
            self.files.iter_mut().for_each(|file| file.passed.settle());
            self.take_effect(desk);
        }
        self.sift_on(desk);
        self.hunt_on(desk);
        self.refresh_filters(desk);
    }

    /// What is shown has changed: what was found in it is found anew.
    fn take_effect(&mut self, desk: &mut Desk<'_>) {
        self.sifting.in_force = self.sifting.wanted.clone();
        self.search_again(desk);
    }

    /// Goes back to what is in force, if a change is under way.
    pub(super) fn stay(&mut self) -> bool {
        let changing = self.sifting.is_changing();
        if changing {
            self.sifting.load.give_up();
            self.sifting.wanted = self.sifting.in_force.clone();
            for file in &mut self.files {
                file.passed.coming = None;
                file.passed.length = 0;
            }
        }
        changing
    }

    /// Shows everything, then only the core, then only the providers.
    pub(super) fn split(&mut self, desk: &mut Desk<'_>) {
        const VIEWS: [(&[Family], &str); 3] = [
            (&[], "core and providers"),
            (&[Family::Provider], "core alone: s shows the providers"),
            (
                &[Family::Core, Family::Backend, Family::Other, Family::Run],
                "providers alone: s shows all again",
            ),
        ];
        let mut sieve = self.sifting.wanted.clone();
        let here = VIEWS.iter().position(|(hidden, _)| *hidden == sieve.hidden);
        let (hidden, sentence) = VIEWS[here.map_or(0, |at| at + 1) % VIEWS.len()];
        sieve.hidden = hidden.to_vec();
        desk.say(Tone::Note, sentence);
        self.sift(sieve, desk);
        self.keep_session(desk);
    }

    /// Shows only the request of the record under the cursor, or all again.
    pub(super) fn follow_request(&mut self, desk: &mut Desk<'_>) {
        if self.leave_request(desk) {
            return;
        }
        let kept = self.windows.kept(self.scroll.cursor().place);
        let id = kept.and_then(|kept| kept.record.request());
        let Some(pattern) = id.and_then(|id| Pattern::read(id).ok()) else {
            return desk.say(Tone::Note, "this record names no request");
        };
        self.pause();
        let sieve = Sieve {
            request: Some(pattern),
            ..self.sifting.wanted.clone()
        };
        self.sift(sieve, desk);
    }

    /// Shows all requests again; whether only one was shown.
    pub(super) fn leave_request(&mut self, desk: &mut Desk<'_>) -> bool {
        let followed = self.sifting.wanted.request.is_some();
        if followed {
            let sieve = Sieve {
                request: None,
                ..self.sifting.wanted.clone()
            };
            self.sift(sieve, desk);
        }
        followed
    }

    pub(super) fn open_filters(&mut self, desk: &mut Desk<'_>) {
        let sheet = self.filter_sheet();
        desk.open(Sheet::Toggles(sheet), Asker::Log(LogQuestion::Filters));
    }

    fn refresh_filters(&mut self, desk: &mut Desk<'_>) {
        let sheet = Box::new(Sheet::Toggles(self.filter_sheet()));
        let asker = Asker::Log(LogQuestion::Filters);
        desk.wishes.push(Wish::Update(sheet, asker));
    }

    fn filter_sheet(&self) -> Toggles {
        let sieve = self.sifting.sieve();
        let matched = self.matched();
        let filters = sieve.filters.iter().enumerate();
        let filters = filters.map(|(at, filter)| entry(filter, matched.get(at).copied()));
        let sources = Family::ALL.map(|family| Entry {
            group: "source",
            mark: Mark::of(!sieve.hides(family)),
            label: family.word().to_owned(),
            detail: (Role::Faint, String::new()),
        });
        let troubles = Category::ALL.map(|category| Entry {
            group: "trouble",
            mark: Mark::of(sieve.only.contains(&category)),
            label: category.title().to_owned(),
            detail: (Role::Faint, self.records_of(category)),
        });
        let keys = vec![('i', "include"), ('x', "exclude"), ('d', "delete")];
        let mut entries: Vec<Entry> = filters.collect();
        if entries.is_empty() {
            entries.push(Entry {
                group: "filter",
                mark: Mark::None,
                label: "none yet".to_owned(),
                detail: (
                    Role::Faint,
                    "i shows only what matches, x hides it".to_owned(),
                ),
            });
        }
        entries.extend(sources);
        entries.extend(troubles);
        Toggles::new("Filters", entries, keys)
    }

    /// How many records of a category are known; nothing where there is none.
    fn records_of(&self, category: Category) -> String {
        let files = self.files.iter();
        let records = files.map(|file| file.account.tally(category).records);
        match records.sum() {
            0 => String::new(),
            records => count(records),
        }
    }

    /// How many records each filter matched in all files.
    fn matched(&self) -> Vec<u64> {
        let mut sums = vec![0; self.sifting.sieve().filters.len()];
        for file in &self.files {
            let kept = file.passed.coming.as_ref().or(file.passed.kept.as_ref());
            let matched = kept.map(Kept::matched).unwrap_or_default();
            for (sum, matched) in sums.iter_mut().zip(matched) {
                *sum += u64::from(matched);
            }
        }
        sums
    }

    /// Hears a key of the filter sheet, and where its cursor was.
    pub(super) fn hear_filters(&mut self, outcome: &Outcome, desk: &mut Desk<'_>) {
        let &Outcome::Picked(row, key) = outcome else {
            return;
        };
        let mut sieve = self.sifting.wanted.clone();
        let filters = sieve.filters.len();
        // A line that says that there is no filter stands in the place of the first.
        let below = row.checked_sub(filters.max(1));
        let source = below.and_then(|at| Family::ALL.get(at));
        let category = below.and_then(|at| Category::ALL.get(at.checked_sub(Family::ALL.len())?));
        match (key, sieve.filters.get_mut(row), source) {
            ('i', ..) => return self.ask_filter(Sense::Include, desk),
            ('x', ..) => return self.ask_filter(Sense::Exclude, desk),
            (' ', Some(filter), _) => filter.switch = filter.switch.flipped(),
            ('\n', Some(filter), _) => {
                let (question, label) = (LogQuestion::ChangeFilter(row), label(filter.sense));
                return ask(question, label, &filter.typed, desk);
            }
            ('d', Some(_), _) => {
                sieve.filters.remove(row);
            }
            (' ' | '\n', None, Some(&family)) => sieve.flip(family),
            (' ' | '\n', None, None) => match category {
                Some(&category) => sieve.choose(category),
                None => return,
            },
            _ => return,
        }
        self.sift(sieve, desk);
        self.keep_session(desk);
    }

    fn ask_filter(&mut self, sense: Sense, desk: &mut Desk<'_>) {
        if self.sifting.wanted.filters.len() >= MOST_FILTERS {
            let sentence = format!("{MOST_FILTERS} filters are the most: d deletes one");
            return desk.say(Tone::Warning, sentence);
        }
        ask(LogQuestion::AddFilter(sense), label(sense), "", desk);
    }

    /// Hears what a new or changed filter is to match; nothing typed takes it away.
    pub(super) fn hear_filter(
        &mut self,
        question: LogQuestion,
        outcome: Outcome,
        desk: &mut Desk<'_>,
    ) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        let typed = texts.first().map_or("", String::as_str);
        let mut sieve = self.sifting.wanted.clone();
        match (question, typed) {
            (LogQuestion::AddFilter(_), "") => return,
            (LogQuestion::AddFilter(sense), typed) => sieve.filters.push(Filter::new(sense, typed)),
            (LogQuestion::ChangeFilter(at), "") if at < sieve.filters.len() => {
                sieve.filters.remove(at);
            }
            (LogQuestion::ChangeFilter(at), typed) => {
                if let Some(filter) = sieve.filters.get_mut(at) {
                    *filter = Filter::new(filter.sense, typed);
                }
            }
            _ => return,
        }
        self.sift(sieve, desk);
        self.keep_session(desk);
    }
}

fn label(sense: Sense) -> &'static str {
    match sense {
        Sense::Include => "show only",
        Sense::Exclude => "hide",
    }
}

fn ask(question: LogQuestion, label: &str, text: &str, desk: &mut Desk<'_>) {
    let hint = "text, or /regex/ · upper case counts";
    let prompt = Prompt::new(label, hint, text, Pace::AtTheEnd);
    desk.open(Sheet::Prompt(prompt), Asker::Log(question));
}

fn entry(filter: &Filter, matched: Option<u64>) -> Entry {
    let on = filter.switch == Switch::On;
    let verb = match filter.sense {
        Sense::Include => "shows",
        Sense::Exclude => "hides",
    };
    let detail = match (&filter.pattern, on) {
        (Err(fault), _) => (Role::Critical, format!("✖ {}", fault.cause)),
        (Ok(_), false) => (Role::Faint, "off".to_owned()),
        (Ok(_), true) => {
            let matched = count(matched.unwrap_or(0));
            (Role::Faint, format!("{verb} {matched}"))
        }
    };
    let sign = match filter.sense {
        Sense::Include => '+',
        Sense::Exclude => '−',
    };
    Entry {
        group: "filter",
        mark: Mark::of(on && filter.pattern.is_ok()),
        label: format!("{sign} {}", filter.typed),
        detail,
    }
}
