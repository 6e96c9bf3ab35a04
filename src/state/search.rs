//! Fuzzy search over the addresses of a snapshot, in steps that a caller can
//! stop between.
//!
//! The first step is small, so the first hits appear at once; a question that
//! continues an answered one only looks at that one's hits.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::snapshot::{InstanceNo, Snapshot};

/// How many addresses the first step looks at; each further one looks at twice as many.
const FIRST: usize = 2_000;

/// Characters beyond these do not take part: matching costs address times question.
const LONGEST_QUESTION: usize = 64;
const LONGEST_ADDRESS: usize = 512;

/// The addresses of a snapshot as one text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    text: String,
    rows: Vec<(usize, InstanceNo)>,
}

impl Addresses {
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut all = Self::default();
        for no in snapshot.listed() {
            if let Some(address) = snapshot.address(*no) {
                all.text.push_str(&address.to_string());
                all.rows.push((all.text.len(), *no));
            }
        }
        all
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The address on a row, in the order of `terraform state list`.
    pub fn address(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.end(before));
        self.text.get(start..self.end(row)).unwrap_or_default()
    }

    /// The instance that a row names.
    pub fn instance(&self, row: usize) -> Option<InstanceNo> {
        self.rows.get(row).map(|(_, no)| *no)
    }

    fn end(&self, row: usize) -> usize {
        self.rows.get(row).map_or(self.text.len(), |(end, _)| *end)
    }
}

/// A row that answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub score: i64,
    pub row: usize,
}

/// Every row that answers a question, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: String,
    pub hits: Vec<Hit>,
}

/// A question on its way to its answer.
pub struct Hunt {
    addresses: Arc<Addresses>,
    matcher: SkimMatcherV2,
    answer: Answer,
    /// The rows that are left to look at, last first where they come from an earlier answer.
    left: Left,
    stride: usize,
}

enum Left {
    From(usize),
    Rows(Vec<usize>),
}

impl Hunt {
    /// Asks a question; `last` is an answer about the same addresses, used where the question continues it.
    pub fn new(addresses: Arc<Addresses>, question: &str, last: Option<&Answer>) -> Self {
        let question: String = question.chars().take(LONGEST_QUESTION).collect();
        let narrowed = last.filter(|last| question.starts_with(&last.question));
        let left = match narrowed {
            Some(last) => Left::Rows(last.hits.iter().rev().map(|hit| hit.row).collect()),
            None => Left::From(0),
        };
        Self {
            addresses,
            matcher: SkimMatcherV2::default(),
            answer: Answer {
                question,
                hits: Vec::new(),
            },
            left,
            stride: FIRST,
        }
    }

    /// Looks at the next rows; true while more are left.
    pub fn step(&mut self) -> bool {
        let rows = self.next_rows();
        self.stride *= 2;
        let found = rows.iter().filter_map(|row| {
            let score = self.score(self.addresses.address(*row))?;
            Some(Hit { score, row: *row })
        });
        let found: Vec<Hit> = found.collect();
        self.answer.hits.extend(found);
        !rows.is_empty()
    }

    /// What has been found so far, best first.
    pub fn answer(&self) -> Answer {
        let mut answer = self.answer.clone();
        answer.hits.sort_by_key(|hit| (-hit.score, hit.row));
        answer
    }

    fn next_rows(&mut self) -> Vec<usize> {
        match &mut self.left {
            Left::From(start) => {
                let end = (*start + self.stride).min(self.addresses.len());
                let rows = (*start..end).collect();
                *start = end;
                rows
            }
            Left::Rows(rows) => rows.split_off(rows.len().saturating_sub(self.stride)),
        }
    }

    /// Every word of the question must match somewhere.
    fn score(&self, address: &str) -> Option<i64> {
        let end = address.floor_char_boundary(LONGEST_ADDRESS);
        self.answer
            .question
            .split_whitespace()
            .map(|word| self.matcher.fuzzy_match(&address[..end], word))
            .sum()
    }
}

impl std::fmt::Debug for Hunt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hunt")
            .field("question", &self.answer.question)
            .finish_non_exhaustive()
    }
}

/// Which characters of an address answer the question, for the rows that are on the screen.
pub fn matched(address: &str, question: &str) -> Vec<usize> {
    let matcher = SkimMatcherV2::default();
    let question: String = question.chars().take(LONGEST_QUESTION).collect();
    let end = address.floor_char_boundary(LONGEST_ADDRESS);
    let mut found: Vec<usize> = question
        .split_whitespace()
        .filter_map(|word| matcher.fuzzy_indices(&address[..end], word))
        .flat_map(|(_, places)| places)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn many(count: usize) -> Arc<Addresses> {
        let instances: Vec<String> = (0..count)
            .map(|key| format!(r#"{{"index_key":{key}}}"#))
            .collect();
        let text = format!(
            r#"{{"version":4,"resources":[{{"mode":"managed","type":"aws_instance","name":"web","instances":[{}]}},{{"mode":"data","type":"aws_ami","name":"base","instances":[{{}}]}}]}}"#,
            instances.join(",")
        );
        let Reading::Whole(snapshot) = Reading::of(text.into_bytes()) else {
            panic!("the state is whole");
        };
        Arc::new(Addresses::of(&snapshot))
    }

    fn ask(addresses: &Arc<Addresses>, question: &str, last: Option<&Answer>) -> Answer {
        let mut hunt = Hunt::new(Arc::clone(addresses), question, last);
        while hunt.step() {}
        hunt.answer()
    }

    fn texts<'a>(addresses: &'a Addresses, answer: &Answer) -> Vec<&'a str> {
        answer
            .hits
            .iter()
            .map(|hit| addresses.address(hit.row))
            .collect()
    }

    #[test]
    fn the_best_hit_comes_first_and_words_must_all_match() {
        let addresses = many(12);
        assert_eq!(
            texts(&addresses, &ask(&addresses, "web[7", None)),
            ["aws_instance.web[7]"]
        );
        assert_eq!(
            texts(&addresses, &ask(&addresses, "base aws", None)),
            ["data.aws_ami.base"]
        );
        assert_eq!(ask(&addresses, "nowhere", None).hits, []);
    }

    #[test]
    fn no_question_is_answered_by_every_row_in_order() {
        let addresses = many(3);
        let answer = ask(&addresses, "", None);
        assert_eq!(
            answer.hits.iter().map(|hit| hit.row).collect::<Vec<_>>(),
            [0, 1, 2, 3]
        );
    }

    #[test]
    fn a_question_that_continues_an_answered_one_finds_the_same() {
        let addresses = many(9_000);
        let first = ask(&addresses, "web[1", None);
        assert_eq!(
            ask(&addresses, "web[12", Some(&first)),
            ask(&addresses, "web[12", None)
        );
        assert_eq!(
            ask(&addresses, "ami", Some(&first)),
            ask(&addresses, "ami", None)
        );
    }

    #[test]
    fn the_first_hits_are_there_after_the_first_step() {
        let mut hunt = Hunt::new(many(9_000), "web", None);
        assert!(hunt.step());
        let first = hunt.answer().hits.len();
        assert!(first > 0 && first <= FIRST);
    }

    #[test]
    fn the_characters_that_match_are_known() {
        assert_eq!(matched("aws_vpc.main", "vpc"), [4, 5, 6]);
        assert_eq!(matched("aws_vpc.main", "zzz"), Vec::<usize>::new());
    }
}
