//! The sheet of the filters: the stack, the sources and the kinds of trouble,
//! each line turned on and off where it stands.

use super::{LogPane, LogQuestion};
use crate::app::desk::{Desk, Wish};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::toggles::{Entry, Mark};
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet, Toggles};
use crate::app::text::count;
use crate::log::{Category, Family, Filter, MOST_FILTERS, Sense, Switch};

impl LogPane {
    pub(super) fn open_filters(&mut self, desk: &mut Desk<'_>) {
        let sheet = self.filter_sheet();
        desk.open(Sheet::Toggles(sheet), Asker::Log(LogQuestion::Filters));
    }

    pub(super) fn refresh_filters(&mut self, desk: &mut Desk<'_>) {
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
            for (sum, matched) in sums.iter_mut().zip(file.passed.matched()) {
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
        let mut sieve = self.sifting.sieve().clone();
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
        if self.sifting.sieve().filters.len() >= MOST_FILTERS {
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
        let mut sieve = self.sifting.sieve().clone();
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
