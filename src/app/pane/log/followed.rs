//! One followed file as the pane knows it: its index, what a search found in
//! it, and what is to be said of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::filter::Passed;
use crate::app::notice::Tone;
use crate::app::text::size;
use crate::fault::Fault;
use crate::log::{
    Account, Feed, Generation, Hits, Index, Input, Level, Levels, Mileposts, RecordNo, Seek, Shown,
};

/// A file and what is known of it.
#[derive(Debug)]
pub struct Followed {
    pub input: Input,
    /// Unlike that of any other followed file.
    pub name: String,
    pub index: Index,
    /// By which its lines are found.
    pub mileposts: Mileposts,
    /// What it comes to, as far as it was heard.
    pub account: Arc<Account>,
    pub hits: Hits,
    /// What the filters leave of it in the view that has the cursor.
    pub passed: Passed,
    /// The same in the view beside it, where there are two.
    pub beside: Passed,
    pub generation: Generation,
    /// How much of the file is read.
    pub read: u64,
    /// How long the file is, also while it is still being read.
    pub length: u64,
    pub condition: Condition,
    /// When something last came.
    pub heard: Option<Timestamp>,
    /// What the search has been asked to judge.
    pub judged: Judged,
}

/// How much of a file a search has been asked to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    pub records: u32,
    pub length: u64,
}

/// How a followed file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// What was there at first is being read.
    Reading,
    Live,
    Absent,
    Vanished,
    Faulted(Fault),
    /// Its spool is full at so many bytes.
    Full(u64),
    Ended,
}

impl Condition {
    /// What stays on screen as long as it lasts; none where all is well.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Reading | Self::Live | Self::Ended => None,
            Self::Absent => Some("is not there yet; it is shown as soon as it is".to_owned()),
            Self::Vanished => Some("was deleted or moved away; what was read stays".to_owned()),
            Self::Faulted(fault) => Some(format!("cannot be read: {}", fault.cause)),
            Self::Full(cap) => Some(format!("is kept up to {}; the rest is dropped", size(*cap))),
        }
    }
}

impl Followed {
    /// The inputs, none read yet; those of the same file name carry their whole path.
    pub fn all(inputs: &[Input]) -> Vec<Self> {
        let short: Vec<String> = inputs.iter().map(Input::short_name).collect();
        let once = |name: &String| short.iter().filter(|other| *other == name).count() == 1;
        let named = inputs.iter().zip(&short).map(|(input, name)| {
            if once(name) {
                name.clone()
            } else {
                input.full_name()
            }
        });
        inputs
            .iter()
            .zip(named)
            .map(|(input, name)| Self::new(input.clone(), name))
            .collect()
    }

    fn new(input: Input, name: String) -> Self {
        Self {
            input,
            name,
            index: Index::default(),
            mileposts: Mileposts::default(),
            account: Arc::default(),
            hits: Hits::default(),
            passed: Passed::default(),
            beside: Passed::default(),
            generation: Generation::default(),
            read: 0,
            length: 0,
            condition: Condition::Reading,
            heard: None,
            judged: Judged::default(),
        }
    }

    /// The file as far as it is shown.
    pub fn shown(&self) -> Shown<'_> {
        self.passed.shown(&self.index)
    }

    /// Takes a piece of the feed, and gives what is to be announced.
    pub fn hear(&mut self, feed: Feed, now: Timestamp) -> Option<(Tone, String)> {
        match feed {
            Feed::Read(grown) => {
                self.index = grown.index;
                self.mileposts = grown.mileposts;
                self.read = grown.read;
                self.length = grown.length;
                self.heard = Some(now);
                if self.condition != Condition::Reading {
                    self.condition = Condition::Live;
                }
                None
            }
            Feed::Restarted(restart, generation) => {
                self.begin_anew(generation);
                Some((
                    Tone::Warning,
                    format!("{} {}", self.name, restart.sentence()),
                ))
            }
            Feed::Heard(account) => {
                self.account = account;
                None
            }
            Feed::CaughtUp => self.turn(Condition::Live),
            Feed::Absent => self.turn(Condition::Absent),
            Feed::Vanished => self.turn(Condition::Vanished),
            Feed::Faulted(fault) => self.turn(Condition::Faulted(fault)),
            Feed::Full { cap } => self.turn(Condition::Full(cap)),
            Feed::Ended => self.end(),
        }
    }

    /// Nothing more will come. What is wrong with what came stays said, and
    /// that a file which never grows was read to its end is no news.
    fn end(&mut self) -> Option<(Tone, String)> {
        if self.condition.trouble().is_some() {
            return None;
        }
        let was_live = self.condition == Condition::Live;
        self.condition = Condition::Ended;
        was_live.then(|| (Tone::Fine, format!("{} has ended", self.name)))
    }

    fn turn(&mut self, condition: Condition) -> Option<(Tone, String)> {
        let sentence = condition.trouble();
        self.condition = condition;
        sentence.map(|sentence| (Tone::Warning, format!("{} {sentence}", self.name)))
    }

    fn begin_anew(&mut self, generation: Generation) {
        self.index = Index::default();
        self.mileposts = Mileposts::default();
        self.account = Arc::default();
        self.passed.begin_anew();
        self.beside.begin_anew();
        self.generation = generation;
        (self.read, self.length) = (0, 0);
        self.condition = Condition::Live;
        self.forget_hits();
    }

    /// Forgets what a search found and judged.
    pub fn forget_hits(&mut self) {
        self.hits = Hits::default();
        self.judged = Judged::default();
    }

    /// Whether only the end of the file is known, while all before it is being
    /// read: its records are not numbered for good yet.
    pub fn is_partial(&self) -> bool {
        self.index.begins_at() > 0
    }

    /// Whether what was there at first is still being read.
    pub fn is_reading(&self) -> bool {
        self.condition == Condition::Reading
    }

    /// Whether nothing more will come.
    pub fn has_ended(&self) -> bool {
        self.condition == Condition::Ended
    }

    /// How much of the file is read, in hundredths.
    pub fn progress(&self) -> u64 {
        (self.read * 100)
            .checked_div(self.length)
            .unwrap_or(0)
            .min(100)
    }

    /// How many records are errors that mean something.
    pub fn errors(&self) -> u32 {
        self.index.count(Levels::Meant(Level::Error))
    }

    /// When the last record was written: as it says itself, else when it came.
    pub fn latest(&self) -> Option<Timestamp> {
        let written = self.index.span().and_then(|(_, last)| last.timestamp());
        written.or(self.heard)
    }

    /// When the last error was written that means something.
    pub fn last_error(&self) -> Option<Timestamp> {
        self.index.last_error()?.timestamp()
    }

    /// The part that the search has not judged yet, from the last record that
    /// it has, to which lines may have come since; none where there is none.
    pub fn judge_rest(&mut self) -> Option<(Seek, u64)> {
        let (records, length) = self.passed.reach(&self.index);
        if self.judged.length >= length || self.is_partial() {
            return None;
        }
        let from = RecordNo(self.judged.records.saturating_sub(1));
        let seek = self.index.seek(from);
        self.judged = Judged { records, length };
        Some((seek, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Grown, Hearing, Restart, scan};
    use std::path::PathBuf;

    fn read(text: &str) -> Feed {
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        let length = 200;
        Feed::Read(Box::new(Grown {
            length,
            ..Grown::whole(index)
        }))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn file(path: &str) -> Input {
        Input::Path(PathBuf::from(path))
    }

    #[test]
    fn files_of_the_same_name_are_told_apart_by_their_path() {
        let files = Followed::all(&[file("a/tf.log"), file("b/tf.log"), file("b/run.log")]);
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a/tf.log", "b/tf.log", "run.log"]);
    }

    #[test]
    fn a_restart_is_announced_and_forgets_what_was_read() {
        let mut file = Followed::all(&[file("tf.log")]).remove(0);
        file.hear(read("a\nb\n"), at(1));
        assert_eq!(file.progress(), 2);
        let said = file.hear(Feed::Restarted(Restart::Truncated, Generation(1)), at(2));
        assert_eq!(
            said.unwrap().1,
            "tf.log was truncated; reading it from its start"
        );
        assert_eq!((file.index.records(), file.generation), (0, Generation(1)));
    }

    #[test]
    fn a_file_that_is_missing_stays_in_trouble_until_something_comes() {
        let mut file = Followed::all(&[file("tf.log")]).remove(0);
        assert!(file.hear(Feed::Absent, at(1)).is_some());
        assert!(file.condition.trouble().is_some());
        file.hear(read("a\n"), at(2));
        assert_eq!(file.condition.trouble(), None);
    }

    #[test]
    fn what_has_come_since_is_judged_once() {
        let mut file = Followed::all(&[file("tf.log")]).remove(0);
        file.hear(read("a\nb\n"), at(1));
        assert_eq!(file.judge_rest().map(|(_, to)| to), Some(4));
        assert_eq!(file.judge_rest(), None);
        file.hear(read("a\nb\nc\n"), at(1));
        assert_eq!(file.judge_rest().map(|(_, to)| to), Some(6));
    }

    #[test]
    fn the_last_error_is_dated() {
        let mut file = Followed::all(&[file("tf.log")]).remove(0);
        file.hear(
            read("1970-01-01T00:00:07.000Z [ERROR] a\n1970-01-01T00:00:09.000Z [INFO]  b\n"),
            at(60),
        );
        assert_eq!(file.last_error(), Some(at(7)));
        assert_eq!(file.latest(), Some(at(9)));
        assert_eq!(file.errors(), 1);
    }

    #[test]
    fn a_harmless_error_is_no_last_error() {
        let mut file = Followed::all(&[file("tf.log")]).remove(0);
        let mut hearing = Hearing::default();
        hearing.feed(
            b"1970-01-01T00:00:05.000Z [ERROR] vertex \"a.b\" error: Throttling\n\
              1970-01-01T00:00:07.000Z [ERROR] Checkpoint error: Get \"x\": i/o timeout\n",
        );
        file.hear(Feed::Read(Box::new(hearing.grown(200))), at(60));
        file.hear(Feed::Heard(hearing.account()), at(60));
        assert_eq!((file.errors(), file.last_error()), (1, Some(at(5))));
    }
}
