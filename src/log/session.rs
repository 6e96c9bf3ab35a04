//! What is kept of a look at logs, so that the next one goes on where it
//! ended: the level, the filters, the search, the bookmarks and the place. It
//! holds what the person typed and numbers of records, never text of a log.
//!
//! A file is recognized by a digest of its first bytes: records keep their
//! numbers as long as it only grows, and those of another file mean nothing.

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::family::Family;
use super::level::Level;
use super::sieve::{Filter, Sense, Side, Sieve, Switch};

/// The shape of what is kept; another one is not read.
pub const SCHEMA: u32 = 1;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    pub schema: u32,
    pub floor: String,
    pub filters: Vec<KeptFilter>,
    /// The sources that are hidden.
    pub hidden: Vec<String>,
    /// The trouble that alone is shown.
    pub only: Vec<String>,
    /// Which of two views had the cursor, where there were two.
    pub split: Option<String>,
    pub search: Option<String>,
    /// The followed files, in the order of their numbers.
    pub files: Vec<KeptFile>,
    pub bookmarks: Vec<Bookmark>,
    /// None where the end was followed.
    pub position: Option<Position>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFilter {
    pub typed: String,
    pub excludes: bool,
    pub on: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// How many of its first bytes the digest is of.
    pub length: u64,
    pub digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    pub file: u16,
    pub record: u32,
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub file: u16,
    pub record: u32,
}

impl Session {
    /// The level, where it is one.
    pub fn level(&self) -> Option<Level> {
        Level::named(self.floor.as_bytes())
    }

    /// The view that had the cursor, where there were two.
    pub fn side(&self) -> Option<Side> {
        let mut sides = Side::ALL.into_iter();
        sides.find(|side| self.split.as_deref() == Some(side.word()))
    }

    /// The filters and sources, without a request: that was of its moment.
    pub fn sieve(&self) -> Sieve {
        let filters = self.filters.iter().map(KeptFilter::filter);
        let families = Family::ALL.into_iter();
        Sieve {
            filters: filters.collect(),
            hidden: families
                .filter(|family| self.hidden.iter().any(|word| word == family.word()))
                .collect(),
            only: self
                .only
                .iter()
                .filter_map(|word| Category::named(word))
                .collect(),
            request: None,
        }
    }

    /// Keeps the filters and sources.
    #[must_use]
    pub fn with(mut self, sieve: &Sieve) -> Self {
        self.filters = sieve.filters.iter().map(KeptFilter::of).collect();
        let words = sieve.hidden.iter().map(|family| family.word().to_owned());
        self.hidden = words.collect();
        let words = sieve.only.iter().map(|category| category.word().to_owned());
        self.only = words.collect();
        self
    }
}

impl KeptFilter {
    fn of(filter: &Filter) -> Self {
        Self {
            typed: filter.typed.clone(),
            excludes: filter.sense == Sense::Exclude,
            on: filter.switch == Switch::On,
        }
    }

    fn filter(&self) -> Filter {
        let sense = if self.excludes {
            Sense::Exclude
        } else {
            Sense::Include
        };
        let switch = if self.on { Switch::On } else { Switch::Off };
        Filter {
            switch,
            ..Filter::new(sense, &self.typed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back_the_same() {
        let mut sieve = Sieve {
            filters: vec![
                Filter::new(Sense::Exclude, "dag/walk"),
                Filter::new(Sense::Include, "/(/"),
            ],
            ..Sieve::default()
        };
        sieve.filters[0].switch = Switch::Off;
        sieve.flip(Family::Provider);
        sieve.choose(Category::Lock);
        let session = Session {
            schema: SCHEMA,
            floor: "WARN".to_owned(),
            ..Session::default()
        }
        .with(&sieve);
        let text = serde_json::to_string(&session).unwrap();
        let back: Session = serde_json::from_str(&text).unwrap();
        assert_eq!(back, session);
        assert_eq!((back.level(), back.sieve()), (Some(Level::Warn), sieve));
    }
}
