//! One runbook that is open: its page, how far one has come, and where the eye
//! is. Down reads on to the end of a step and then goes to the next one, so a
//! tired person needs one key.

use jiff::Timestamp;

use super::running::Running;
use super::script::{Beside, Script, ScriptRow, Setting};
use crate::app::arrange::Area;
use crate::app::briefing::Briefing;
use crate::app::cursor::Motion;
use crate::runbook::{
    Evidence, Page, Progress, Ran, Remedy, Snippet, Status, Step, StepNo, Target,
};

/// Below this width the context has no column of its own.
const WIDE: u16 = 100;
const CONTEXT: u16 = 44;
/// Rows of a step that are enough to see what it asks.
const ENOUGH: usize = 8;

/// Beyond any page: arranging then finds the place from which the step is best read.
const UNPLACED: usize = usize::MAX;

/// An open page.
#[derive(Debug)]
pub struct Reading {
    pub page: Page,
    pub progress: Progress,
    /// The step under the cursor.
    step: StepNo,
    copy: usize,
    script: Script,
    top: usize,
    body: Area,
    height: usize,
    /// Whether there is anything to keep of this run.
    is_touched: bool,
}

/// Where a step can lead, beyond the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    Remedy(Remedy),
    /// The command that is marked to be copied.
    Run,
    Branch {
        condition: String,
        target: Target,
    },
}

/// The checklist and, where there is room, the context beside it.
pub fn columns(body: Area) -> (Area, Option<Area>) {
    if body.width < WIDE {
        return (body, None);
    }
    let (left, right) = body.split_left(body.width - CONTEXT);
    (left, Some(right))
}

impl Reading {
    /// Opens a page at the step that is being done.
    pub fn new(page: Page, progress: Progress) -> Self {
        let step = progress.doing().unwrap_or_else(|| StepNo::at(0));
        Self {
            page,
            progress,
            step,
            copy: 0,
            script: Script::default(),
            top: UNPLACED,
            body: Area::default(),
            height: 1,
            is_touched: false,
        }
    }

    /// The step under the cursor.
    pub fn step(&self) -> StepNo {
        self.step
    }

    /// Whether anything was marked or noted since it was opened.
    pub fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// What `y` copies.
    pub fn snippet(&self) -> Option<&Snippet> {
        self.here()?.copies().nth(self.copy)
    }

    /// The rows on screen.
    pub fn rows(&self) -> &[ScriptRow] {
        let end = (self.top + self.height).min(self.script.rows.len());
        &self.script.rows[self.top.min(end)..end]
    }

    /// Whether there are rows below those on screen.
    pub fn goes_on(&self) -> bool {
        self.top + self.height < self.script.rows.len()
    }

    /// Where the step can lead.
    pub fn ways(&self) -> Vec<Way> {
        let Some(step) = self.here() else {
            return Vec::new();
        };
        let branches = step.branches().map(|branch| Way::Branch {
            condition: branch.condition.clone(),
            target: branch.target.clone(),
        });
        step.remedy()
            .map(Way::Remedy)
            .into_iter()
            .chain(branches)
            .collect()
    }

    /// Settles the step under the cursor and follows to the next one that is open.
    pub fn settle(&mut self, status: Status, now: Timestamp) {
        let was_doing = self.progress.doing() == Some(self.step);
        let next = self.progress.settle(self.step, status, now);
        self.is_touched = true;
        if let Some(next) = next.filter(|_| was_doing) {
            self.go(next);
        }
    }

    /// Looks at a step that something leads to, unless it is settled already.
    pub fn aim(&mut self, step: StepNo) {
        let track = self.progress.track(step);
        if track.is_some_and(|track| !track.status.is_settled()) {
            self.go(step);
        }
    }

    /// Goes to a step and takes it up.
    pub fn take_up(&mut self, step: StepNo, now: Timestamp) {
        self.progress.begin(step, now);
        self.is_touched = true;
        self.go(step);
    }

    /// Writes something down with the step under the cursor.
    pub fn note(&mut self, text: &str, now: Timestamp) {
        self.progress.note(self.step, text, now);
        self.is_touched = true;
    }

    /// Pins what was seen in another pane to the step under the cursor.
    pub fn pin(&mut self, evidence: Evidence) {
        self.progress.pin(self.step, evidence);
        self.is_touched = true;
    }

    /// Keeps what a command of a step came to.
    pub fn keep(&mut self, step: StepNo, ran: Ran) {
        self.progress.keep(step, ran);
        self.is_touched = true;
    }

    /// The same run on the page as it was just read.
    pub fn turn_to(&mut self, page: Page) {
        self.progress = self.progress.clone().resumed_on(&page);
        self.page = page;
        self.go(self.step);
    }

    pub fn travel(&mut self, motion: Motion) {
        let page = self.height.saturating_sub(2).max(1);
        match motion {
            Motion::Up => self.scroll_up(1),
            Motion::Down => self.scroll_down(1),
            Motion::PageUp => self.scroll_up(page),
            Motion::PageDown => self.scroll_down(page),
            Motion::Top => self.go(StepNo::at(0)),
            Motion::Bottom => self.go(StepNo::at(self.last())),
            Motion::Left => self.go(StepNo::at(self.step.index().saturating_sub(1))),
            Motion::Right => self.go(StepNo::at(self.step.index() + 1)),
            Motion::NextColumn => self.choose(1),
            Motion::PreviousColumn => self.choose(self.copies().saturating_sub(1)),
        }
    }

    /// Lays the page out for the room there is; the row that was on top stays near it.
    pub fn arrange(&mut self, briefing: &Briefing, running: Option<&Running>, body: Area) {
        if self.body != body {
            (self.body, self.top) = (body, UNPLACED);
        }
        let (left, beside) = columns(body);
        let setting = Setting {
            briefing,
            step: self.step,
            copy: self.copy,
            track: self.progress.track(self.step),
            running: running.filter(|running| {
                running.command.page == self.page.id && running.command.step == self.step
            }),
            beside: match beside {
                Some(_) => Beside::Context,
                None => Beside::Nothing,
            },
            columns: usize::from(left.width).saturating_sub(1),
        };
        self.script = Script::lay(&self.page, setting);
        // The rule above and, where it has no column, the context below take a row each.
        let taken = if beside.is_some() { 1 } else { 2 };
        self.height = usize::from(left.height).saturating_sub(taken).max(1);
        self.keep_in_view();
    }

    fn here(&self) -> Option<&Step> {
        self.page.step(self.step)
    }

    fn last(&self) -> usize {
        self.page.steps.len().saturating_sub(1)
    }

    fn copies(&self) -> usize {
        self.here().map_or(0, |step| step.copies().count())
    }

    fn choose(&mut self, by: usize) {
        self.copy = (self.copy + by) % self.copies().max(1);
    }

    fn go(&mut self, step: StepNo) {
        let step = StepNo::at(step.index().min(self.last()));
        if step != self.step {
            self.copy = 0;
        }
        self.step = step;
        self.top = UNPLACED;
    }

    fn scroll_down(&mut self, rows: usize) {
        let hidden = self
            .script
            .open
            .end
            .saturating_sub(self.top.saturating_add(self.height));
        if hidden == 0 {
            if self.step.index() < self.last() {
                self.go(StepNo::at(self.step.index() + 1));
            }
            return;
        }
        self.top += rows.min(hidden);
    }

    fn scroll_up(&mut self, rows: usize) {
        let hidden = self.top.saturating_sub(self.first());
        if hidden == 0 && self.step.index() > 0 {
            return self.go(StepNo::at(self.step.index() - 1));
        }
        self.top -= rows.min(hidden);
    }

    /// The first row that scrolling up reaches within this step: its title, or the introduction.
    fn first(&self) -> usize {
        if self.step.index() == 0 {
            0
        } else {
            self.script.open.start
        }
    }

    /// After a move: as much of the step as fits, with a row of what stands before it.
    fn keep_in_view(&mut self) {
        let open = &self.script.open;
        let lowest = self.script.rows.len().saturating_sub(self.height);
        let within = (self.first()..=open.end.saturating_sub(self.height).max(open.start))
            .contains(&self.top);
        let shows_all = self.top <= open.start && open.end <= self.top.saturating_add(self.height);
        if !within && !shows_all {
            let above = match self.step.index() {
                0 => open.start,
                _ => 1,
            };
            // What stands above the step may stay only if enough of the step is seen with it.
            let fits = above + open.len().min(ENOUGH) <= self.height;
            self.top = if fits { open.start - above } else { open.start };
        }
        self.top = self.top.min(lowest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        let long = "line\n\n".repeat(12);
        let page = format!(
            "+++\nid = 'x'\ntitle = 'X'\n+++\nIntro.\n\n## a\n\n{long}\n## b\n\nshort\n\n\
             ## c\n\nif d → 1\n\naction: release\n"
        );
        let page = Page::parse(&page).unwrap();
        let progress = Progress::start(&page, now());
        let mut reading = Reading::new(page, progress);
        arrange(&mut reading);
        reading
    }

    fn arrange(reading: &mut Reading) {
        reading.arrange(&Briefing::default(), None, Area::new(0, 0, 60, 12));
    }

    fn press(reading: &mut Reading, motion: Motion) {
        reading.travel(motion);
        arrange(reading);
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn first_row(reading: &Reading) -> String {
        match &reading.rows()[0] {
            ScriptRow::Title(step) => format!("[{step}]"),
            ScriptRow::Text(pieces) => pieces.iter().map(|(_, text)| text.trim()).collect(),
        }
    }

    #[test]
    fn down_reads_to_the_end_of_a_step_and_then_goes_on() {
        let mut reading = reading();
        assert_eq!(first_row(&reading), "Intro.");
        let mut presses = 0;
        while reading.step() == StepNo::at(0) {
            press(&mut reading, Motion::Down);
            presses += 1;
            assert!(presses < 40);
        }
        assert_eq!(reading.step(), StepNo::at(1));
        assert!(reading.rows().contains(&ScriptRow::Title(StepNo::at(1))));
        press(&mut reading, Motion::Up);
        assert_eq!(reading.step(), StepNo::at(0));
    }

    #[test]
    fn left_and_right_go_from_step_to_step() {
        let mut reading = reading();
        press(&mut reading, Motion::Right);
        press(&mut reading, Motion::Right);
        press(&mut reading, Motion::Right);
        assert_eq!(reading.step(), StepNo::at(2));
        press(&mut reading, Motion::Top);
        assert_eq!(
            (reading.step(), first_row(&reading)),
            (StepNo::at(0), "Intro.".into())
        );
    }

    #[test]
    fn settling_a_step_follows_to_the_next() {
        let mut reading = reading();
        assert!(!reading.is_touched());
        reading.settle(Status::Done, now());
        assert_eq!(
            (reading.step(), reading.is_touched()),
            (StepNo::at(1), true)
        );
    }

    #[test]
    fn the_ways_out_of_a_step_are_its_remedy_and_its_branches() {
        let mut reading = reading();
        assert_eq!(reading.ways(), []);
        press(&mut reading, Motion::Bottom);
        let ways = reading.ways();
        assert_eq!(ways[0], Way::Remedy(Remedy::Release));
        assert!(matches!(&ways[1], Way::Branch { condition, .. } if condition == "d"));
    }

    #[test]
    fn no_size_and_no_motion_leaves_the_page() {
        let mut reading = reading();
        let motions = [
            Motion::Down,
            Motion::PageDown,
            Motion::Up,
            Motion::PageUp,
            Motion::Bottom,
            Motion::Left,
        ];
        for height in [0, 1, 2, 5, 60] {
            for motion in motions.iter().cycle().take(30) {
                reading.travel(*motion);
                reading.arrange(&Briefing::default(), None, Area::new(0, 0, 30, height));
                assert!(!reading.rows().is_empty());
            }
        }
    }
}
