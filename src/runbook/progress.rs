//! How far somebody has come on a page: the status, the time and the notes of
//! each step.
//!
//! At most one step is being done at a time, and only its clock runs. Nothing
//! that was noted is ever dropped: when a page changed since, its steps are
//! found again by title and what belongs to none of them is kept aside. The
//! whole is one serde value; the hour is an argument.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::page::Page;
use super::step::StepNo;
use super::track::{Evidence, Note, Ran, Status, Track};
use crate::fault::Fault;

/// Bytes of output that one run of a page keeps; its file stays below a megabyte.
const MOST_OUTPUT: usize = 256 * 1024;

/// How far somebody has come on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The id of the page.
    pub runbook: String,
    pub started: Timestamp,
    pub steps: Vec<Track>,
    /// Of steps that the page no longer has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<Track>,
}

/// What was kept of earlier runs at one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The latest run of each page.
    pub runs: Vec<Progress>,
    /// What could not be read of others.
    pub faults: Vec<Fault>,
}

impl Kept {
    /// The latest run of a page.
    pub fn run(&self, runbook: &str) -> Option<&Progress> {
        self.runs.iter().find(|run| run.runbook == runbook)
    }

    /// Takes a run, unless a later one of the same page is known.
    pub fn keep(&mut self, progress: Progress) {
        let same = |run: &&mut Progress| run.runbook == progress.runbook;
        match self.runs.iter_mut().find(same) {
            Some(run) if run.started > progress.started => {}
            Some(run) => *run = progress,
            None => self.runs.push(progress),
        }
    }
}

impl Progress {
    /// A fresh start: the first step is being done from now on.
    pub fn start(page: &Page, now: Timestamp) -> Self {
        let mut progress = Self {
            runbook: page.id.clone(),
            started: now,
            steps: page
                .steps
                .iter()
                .map(|step| Track::of(&step.title))
                .collect(),
            aside: Vec::new(),
        };
        progress.begin(StepNo::at(0), now);
        progress
    }

    /// The same progress on the page as it is today, and by a saved value that
    /// may have been edited by hand: titles are matched in order, one clock is
    /// left running at most.
    #[must_use]
    pub fn resumed_on(self, page: &Page) -> Self {
        let mut saved = self.steps;
        saved.extend(self.aside);
        let steps = page
            .steps
            .iter()
            .map(
                |step| match saved.iter().position(|track| track.title == step.title) {
                    Some(found) => saved.remove(found),
                    None => Track::of(&step.title),
                },
            )
            .collect();
        saved.retain(|track| track != &Track::of(&track.title));
        let mut progress = Self {
            runbook: page.id.clone(),
            started: self.started,
            steps,
            aside: saved,
        };
        progress.keep_one_clock();
        progress
    }

    /// A step's part, if there is such a step.
    pub fn track(&self, step: StepNo) -> Option<&Track> {
        self.steps.get(step.index())
    }

    /// The step that is being done.
    pub fn doing(&self) -> Option<StepNo> {
        let index = self
            .steps
            .iter()
            .position(|track| track.status == Status::Doing)?;
        Some(StepNo::at(index))
    }

    /// How many steps are settled.
    pub fn settled(&self) -> usize {
        self.steps
            .iter()
            .filter(|track| track.status.is_settled())
            .count()
    }

    /// Whether every step is settled.
    pub fn is_finished(&self) -> bool {
        self.settled() == self.steps.len()
    }

    /// Starts or takes up a step; another one that was being done waits.
    pub fn begin(&mut self, step: StepNo, now: Timestamp) {
        let Some(track) = self.steps.get(step.index()) else {
            return;
        };
        if track.status == Status::Doing {
            return;
        }
        for other in &mut self.steps {
            if other.status == Status::Doing {
                other.stop(Status::Todo, now);
            }
        }
        self.steps[step.index()].start(now);
    }

    /// Settles a step as done, skipped or failed, and goes on with the next
    /// open one. A step that already has this status is opened again: a key
    /// pressed twice undoes itself. Answers the step that is being done now.
    pub fn settle(&mut self, step: StepNo, status: Status, now: Timestamp) -> Option<StepNo> {
        let track = self.steps.get_mut(step.index())?;
        if track.status == status {
            self.begin(step, now);
            return Some(step);
        }
        let was_doing = track.status == Status::Doing;
        track.stop(status, now);
        if was_doing && let Some(next) = self.next_open(step) {
            self.begin(next, now);
        }
        self.doing()
    }

    /// Writes something down with a step.
    pub fn note(&mut self, step: StepNo, text: impl Into<String>, now: Timestamp) {
        if let Some(track) = self.steps.get_mut(step.index()) {
            track.notes.push(Note {
                at: now,
                text: text.into(),
            });
        }
    }

    /// Pins what was seen elsewhere to a step.
    pub fn pin(&mut self, step: StepNo, evidence: Evidence) {
        if let Some(track) = self.steps.get_mut(step.index()) {
            track.evidence.push(evidence);
        }
    }

    /// Keeps what a command of a step came to. Of many only the latest have their output still.
    pub fn keep(&mut self, step: StepNo, ran: Ran) {
        let Some(track) = self.steps.get_mut(step.index()) else {
            return;
        };
        track.keep(ran);
        let outputs = |steps: &[Track]| -> usize {
            let runs = steps.iter().flat_map(|track| &track.ran);
            runs.map(|ran| ran.output.len()).sum()
        };
        while outputs(&self.steps) > MOST_OUTPUT {
            let runs = self.steps.iter_mut().flat_map(|track| &mut track.ran);
            let oldest = runs
                .filter(|ran| !ran.output.is_empty())
                .min_by_key(|ran| ran.at);
            let Some(oldest) = oldest else { break };
            oldest.forget_output();
        }
    }

    /// Every note with its step, oldest first.
    pub fn notes(&self) -> Vec<(StepNo, &Note)> {
        let mut notes: Vec<_> = self
            .steps
            .iter()
            .enumerate()
            .flat_map(|(index, track)| {
                track
                    .notes
                    .iter()
                    .map(move |note| (StepNo::at(index), note))
            })
            .collect();
        notes.sort_by_key(|(_, note)| note.at);
        notes
    }

    /// Seconds spent on all steps.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        self.steps
            .iter()
            .fold(0, |sum, track| track.seconds(now).saturating_add(sum))
    }

    /// The first open step after this one, else the first before it.
    fn next_open(&self, step: StepNo) -> Option<StepNo> {
        let count = self.steps.len();
        (1..count)
            .map(|ahead| (step.index() + ahead) % count)
            .find(|index| !self.steps[*index].status.is_settled())
            .map(StepNo::at)
    }

    fn keep_one_clock(&mut self) {
        let mut is_taken = false;
        for track in &mut self.steps {
            let may_run = track.status == Status::Doing && !is_taken;
            is_taken |= may_run;
            if !may_run {
                track.forget_clock();
            }
            if track.status == Status::Doing && !may_run {
                track.status = Status::Todo;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Ended;

    fn page(titles: &[&str]) -> Page {
        let steps = titles.join("\n## ");
        Page::parse(&format!(
            "+++\nid = \"p\"\ntitle = \"P\"\n+++\n## {steps}\n"
        ))
        .unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    const A: fn() -> StepNo = || StepNo::at(0);
    const B: fn() -> StepNo = || StepNo::at(1);
    const C: fn() -> StepNo = || StepNo::at(2);

    fn statuses(progress: &Progress) -> Vec<Status> {
        progress.steps.iter().map(|track| track.status).collect()
    }

    #[test]
    fn the_first_step_is_being_done_from_the_start() {
        let progress = Progress::start(&page(&["a", "b"]), at(0));
        assert_eq!(progress.doing(), Some(A()));
        assert_eq!(progress.track(A()).unwrap().seconds(at(8)), 8);
        assert_eq!(progress.track(B()).unwrap().seconds(at(8)), 0);
    }

    #[test]
    fn settling_a_step_stops_its_clock_and_starts_the_next() {
        let mut progress = Progress::start(&page(&["a", "b", "c"]), at(0));
        assert_eq!(progress.settle(A(), Status::Done, at(8)), Some(B()));
        assert_eq!(progress.settle(B(), Status::Failed, at(20)), Some(C()));
        assert_eq!(progress.settle(C(), Status::Skipped, at(21)), None);
        assert!(progress.is_finished());
        let seconds: Vec<_> = progress
            .steps
            .iter()
            .map(|track| track.seconds(at(99)))
            .collect();
        assert_eq!(seconds, [8, 12, 1]);
        assert_eq!(progress.seconds(at(99)), 21);
    }

    #[test]
    fn the_same_key_twice_opens_the_step_again() {
        let mut progress = Progress::start(&page(&["a", "b"]), at(0));
        progress.settle(A(), Status::Done, at(8));
        assert_eq!(progress.settle(A(), Status::Done, at(10)), Some(A()));
        assert_eq!(statuses(&progress), [Status::Doing, Status::Todo]);
        assert_eq!(progress.track(A()).unwrap().seconds(at(13)), 11);
        assert_eq!(progress.track(B()).unwrap().seconds(at(13)), 2);
    }

    #[test]
    fn settling_a_step_ahead_does_not_leave_the_one_being_done() {
        let mut progress = Progress::start(&page(&["a", "b", "c"]), at(0));
        assert_eq!(progress.settle(C(), Status::Skipped, at(5)), Some(A()));
        assert_eq!(progress.settle(A(), Status::Done, at(6)), Some(B()));
        assert_eq!(progress.settle(B(), Status::Done, at(7)), None);
    }

    #[test]
    fn a_step_left_open_before_is_taken_up_at_the_end() {
        let mut progress = Progress::start(&page(&["a", "b"]), at(0));
        progress.begin(B(), at(4));
        assert_eq!(progress.settle(B(), Status::Done, at(5)), Some(A()));
        assert_eq!(progress.settled(), 1);
    }

    #[test]
    fn a_clock_that_was_set_back_counts_nothing() {
        let progress = Progress::start(&page(&["a"]), at(100));
        assert_eq!(progress.track(A()).unwrap().seconds(at(0)), 0);
    }

    #[test]
    fn progress_is_found_again_after_it_was_saved() {
        let mut progress = Progress::start(&page(&["a", "b"]), at(0));
        progress.note(A(), "asked in #platform", at(3));
        progress.settle(A(), Status::Done, at(8));
        let saved = serde_json::to_string(&progress).unwrap();
        let read: Progress = serde_json::from_str(&saved).unwrap();
        assert_eq!(read.resumed_on(&page(&["a", "b"])), progress);
    }

    #[test]
    fn a_page_that_changed_finds_its_steps_by_title_and_loses_no_note() {
        let mut progress = Progress::start(&page(&["a", "b", "c"]), at(0));
        progress.settle(A(), Status::Done, at(8));
        progress.note(B(), "no answer", at(9));
        let resumed = progress.resumed_on(&page(&["new", "a", "c"]));
        assert_eq!(
            statuses(&resumed),
            [Status::Todo, Status::Done, Status::Todo]
        );
        assert_eq!(resumed.aside[0].notes[0].text, "no answer");
        let back = resumed.resumed_on(&page(&["a", "b"]));
        assert_eq!(back.notes()[0].0, B());
        assert_eq!(back.aside, []);
    }

    #[test]
    fn a_saved_value_with_two_clocks_keeps_one() {
        let saved = r#"{"runbook":"p","started":"2027-01-15T08:00:00Z","steps":[
            {"title":"a","status":"doing","since":"2027-01-15T08:00:00Z"},
            {"title":"b","status":"doing","since":"2027-01-15T08:00:00Z"},
            {"title":"c","status":"done","seconds":-5,"since":"2027-01-15T08:00:00Z"}]}"#;
        let progress: Progress = serde_json::from_str(saved).unwrap();
        let progress = progress.resumed_on(&page(&["a", "b", "c"]));
        assert_eq!(
            statuses(&progress),
            [Status::Doing, Status::Todo, Status::Done]
        );
        assert_eq!(progress.track(C()).unwrap().seconds(at(50)), 0);
    }

    #[test]
    fn what_commands_printed_never_grows_without_end() {
        let mut progress = Progress::start(&page(&["a", "b"]), at(0));
        for second in 0..30 {
            let ran = Ran {
                at: at(second),
                command: "x".into(),
                ended: Ended::Exit(0),
                stopped: None,
                seconds: 1,
                output: "x".repeat(32 * 1024),
            };
            progress.keep(if second % 2 == 0 { A() } else { B() }, ran);
        }
        let saved = serde_json::to_string(&progress).unwrap();
        assert!(saved.len() < 300 * 1024, "{}", saved.len());
        let latest = progress.track(B()).unwrap().ran.last().unwrap();
        assert!(!latest.output.is_empty());
    }

    #[test]
    fn evidence_is_kept_with_its_step_and_found_again() {
        let mut progress = Progress::start(&page(&["a", "b"]), at(0));
        progress.pin(
            B(),
            Evidence::new(at(3), "apply.log:18", "it was throttled"),
        );
        let saved = serde_json::to_string(&progress).unwrap();
        let read: Progress = serde_json::from_str(&saved).unwrap();
        let resumed = read.resumed_on(&page(&["b"]));
        assert_eq!(resumed.steps[0].evidence[0].subject, "apply.log:18");
    }

    #[test]
    fn a_step_that_is_not_there_changes_nothing() {
        let mut progress = Progress::start(&page(&["a"]), at(0));
        let before = progress.clone();
        assert_eq!(progress.settle(B(), Status::Done, at(1)), None);
        progress.begin(B(), at(1));
        progress.note(B(), "x", at(1));
        assert_eq!(progress, before);
    }
}
