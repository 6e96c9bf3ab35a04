//! Search over a snapshot, in steps that a caller can stop between: fuzzy over
//! the addresses, then for the very text in the values of what is left. A
//! value that is masked is never compared, so no answer tells anything of it.
//!
//! The first step is small, so the first hits appear at once; a question that
//! continues an answered one only looks at that one's hits.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::secret::Step;
use super::shown::Shown;
use super::snapshot::{InstanceNo, Snapshot};

/// How many addresses the first step looks at; each further one looks at twice as many.
const FIRST: usize = 2_000;

/// How many resources' values one step looks at: they are parsed where the text occurs.
const VALUES: usize = 256;
/// A shorter text occurs in too many values to find anything by it.
const SHORTEST_VALUE: usize = 3;

/// The score of what is asked for by its own id, and of what only mentions it: no address scores as low.
const BY_ID: i64 = 1;
const BY_VALUE: i64 = 0;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The better the address answers, the higher; [`BY_ID`] and [`BY_VALUE`] where only a value does.
    pub score: i64,
    pub row: usize,
    /// The attribute that holds the text, where it is not the address that answers.
    pub said: Option<String>,
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
    /// Where the values stand; none where only addresses are asked.
    snapshot: Option<Arc<Snapshot>>,
    matcher: SkimMatcherV2,
    answer: Answer,
    /// The rows whose address does not answer, to be asked for their values, last first.
    missed: Vec<usize>,
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
        let narrowed = last.filter(|last| narrows(&last.question, &question));
        let left = match narrowed {
            Some(last) => Left::Rows(last.hits.iter().rev().map(|hit| hit.row).collect()),
            None => Left::From(0),
        };
        Self {
            addresses,
            snapshot: None,
            missed: Vec::new(),
            matcher: SkimMatcherV2::default(),
            answer: Answer {
                question,
                hits: Vec::new(),
            },
            left,
            stride: FIRST,
        }
    }

    /// Asks for values, too, where the question is long enough for that.
    #[must_use]
    pub fn with_values(mut self, snapshot: Option<Arc<Snapshot>>) -> Self {
        self.snapshot = snapshot.filter(|_| asks_values(&self.answer.question));
        self
    }

    /// Looks at the next rows; true while more are left.
    pub fn step(&mut self) -> bool {
        let rows = self.next_rows();
        if rows.is_empty() {
            return self.step_over_values();
        }
        self.stride *= 2;
        for row in rows {
            match self.score(self.addresses.address(row)) {
                Some(score) => self.answer.hits.push(Hit {
                    score,
                    row,
                    said: None,
                }),
                None if self.snapshot.is_some() => self.missed.push(row),
                None => {}
            }
        }
        true
    }

    /// Looks at the values of the next rows whose address does not answer.
    fn step_over_values(&mut self) -> bool {
        let Some(snapshot) = self.snapshot.clone() else {
            return false;
        };
        // In the order of the rows, whichever way they were collected.
        if self.stride != 0 {
            self.missed.sort_unstable_by(|a, b| b.cmp(a));
            self.stride = 0;
        }
        let rows = self
            .missed
            .split_off(self.missed.len().saturating_sub(VALUES));
        let question = self.answer.question.trim().to_owned();
        let finder = occurs_as_typed(&question).then(|| memchr::memmem::Finder::new(&question));
        for row in rows.iter().rev() {
            let no = self.addresses.instance(*row);
            let said = no.and_then(|no| said(&snapshot, no, &question, finder.as_ref()));
            self.answer.hits.extend(said.map(|(score, said)| Hit {
                score,
                row: *row,
                said: Some(said),
            }));
        }
        !rows.is_empty()
    }

    /// How many rows answer so far.
    pub fn found(&self) -> usize {
        self.answer.hits.len()
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

/// Everything in a snapshot that answers a question, by address or value, best first.
pub fn searched(snapshot: &Snapshot, question: &str) -> (Arc<Addresses>, Vec<Hit>) {
    let addresses = Arc::new(Addresses::of(snapshot));
    let hunt = Hunt::new(Arc::clone(&addresses), question, None);
    let mut hunt = hunt.with_values(Some(Arc::new(snapshot.clone())));
    while hunt.step() {}
    let hits = hunt.answer().hits;
    (addresses, hits)
}

/// Whether everything that answers a question has answered the one before it, too.
pub fn narrows(before: &str, question: &str) -> bool {
    question.starts_with(before) && (asks_values(before) || !asks_values(question))
}

fn asks_values(question: &str) -> bool {
    question.trim().chars().count() >= SHORTEST_VALUE
}

/// Whether a text stands in JSON just as it is typed, whoever wrote the JSON.
fn occurs_as_typed(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -_.:,=@+*#$%()[]{}".contains(&byte);
    text.bytes().all(plain)
}

/// The attribute of an instance that holds the text in the clear, and its score: its id before any other.
fn said(
    snapshot: &Snapshot,
    no: InstanceNo,
    text: &str,
    finder: Option<&memchr::memmem::Finder<'_>>,
) -> Option<(i64, String)> {
    let raw = snapshot.raw(snapshot.instance(no)?.attributes);
    if finder.is_some_and(|finder| finder.find(raw).is_none()) {
        return None;
    }
    let mut first = None;
    for attribute in snapshot.attributes(no) {
        let Shown::Plain(value) = &attribute.shown else {
            continue;
        };
        let is_id = matches!(&*attribute.path.0, [Step::Name(name)] if name == "id");
        if (is_id || first.is_none()) && value.contains(text) {
            let score = if is_id { BY_ID } else { BY_VALUE };
            first = Some((score, format!("{} = {value}", attribute.path)));
            if is_id {
                break;
            }
        }
    }
    first
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

    const VALUED: &str = r#"{"version":4,"resources":[
        {"mode":"managed","type":"aws_vpc","name":"main","provider":"p","instances":[{"attributes":{"id":"vpc-0a1b2c","tags":{"Owner":"R&D \"core\""}}}]},
        {"mode":"managed","type":"aws_db_instance","name":"db","provider":"p","instances":[{"attributes":{"id":"db-1","vpc_id":"vpc-0a1b2c","password":"vpc-0a1b2c-hunter2","note":"hunter2 marks the spot"},"sensitive_attributes":[[{"type":"get_attr","value":"note"}]]}]}]}"#;

    fn valued(question: &str, last: Option<&Answer>) -> (Vec<String>, Answer) {
        let Reading::Whole(snapshot) = Reading::of(VALUED.as_bytes()) else {
            panic!("the state is whole");
        };
        let addresses = Arc::new(Addresses::of(&snapshot));
        let mut hunt =
            Hunt::new(Arc::clone(&addresses), question, last).with_values(Some(Arc::new(snapshot)));
        while hunt.step() {}
        let answer = hunt.answer();
        let said = answer.hits.iter().map(|hit| {
            let said = hit.said.as_deref().unwrap_or("the address");
            format!("{}: {said}", addresses.address(hit.row))
        });
        (said.collect(), answer)
    }

    #[test]
    fn a_text_is_found_in_the_values_below_the_addresses_that_answer() {
        let all = [
            "aws_vpc.main: id = vpc-0a1b2c",
            "aws_db_instance.db: vpc_id = vpc-0a1b2c",
        ];
        assert_eq!(valued("vpc-0a1b", None).0, all);
        assert_eq!(valued("vpc main", None).0, ["aws_vpc.main: the address"]);
        assert_eq!(
            valued("R&D", None).0,
            ["aws_vpc.main: tags.Owner = R&D \"core\""]
        );
        assert_eq!(
            valued("1b", None).0,
            Vec::<String>::new(),
            "too short for a value"
        );
    }

    #[test]
    fn a_secret_value_answers_no_question() {
        assert_eq!(valued("hunter2", None).0, Vec::<String>::new());
        let (found, _) = valued("vpc-0a1b2c-h", None);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_longer_question_finds_in_an_answer_what_it_would_find_alone() {
        let (_, short) = valued("vp", None);
        let (_, first) = valued("vpc-", Some(&short));
        assert_eq!(
            first,
            valued("vpc-", None).1,
            "the shorter one asked no values"
        );
        assert_eq!(valued("vpc-0a", Some(&first)), valued("vpc-0a", None));
        assert_eq!(first.hits.len(), 2);
    }

    #[test]
    fn the_characters_that_match_are_known() {
        assert_eq!(matched("aws_vpc.main", "vpc"), [4, 5, 6]);
        assert_eq!(matched("aws_vpc.main", "zzz"), Vec::<usize>::new());
    }
}
