//! What a log of this host tells of a lock: whether the run that took it wrote
//! there, how that run went on, and when the log was last written. Terraform
//! names the lock by its id on every line of its backend, at DEBUG and above.
//!
//! A run whose own lock answer was lost repeats the request, meets its own
//! lock and ends with it left behind: the id that its attempt carried is then
//! the id of the lock that blocks.

use jiff::Timestamp;
use memchr::memmem;

/// What became of the run that took the lock, as far as its log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// The log ends in that run.
    Open,
    /// It asked for the lock, and the last answer was that the lock is held: by itself.
    MetItself,
    /// It said that it released the lock.
    Released,
    /// A later run has begun in the same log.
    Over,
}

/// A log that names the lock as taken by its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The log's name.
    pub log: String,
    /// When it was last written.
    pub written: Timestamp,
    pub course: Course,
}

/// A log that is written just now, whatever it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stirring {
    pub log: String,
    pub written: Timestamp,
}

/// What the logs of this host tell of one lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Logs {
    /// None was found.
    #[default]
    None,
    /// Those that were found do not name it; the one written last.
    Silent(Stirring),
    Named(Trail),
}

/// Follows one id through the lines of a log, piece by piece.
#[derive(Debug)]
pub struct Tracker {
    id: memmem::Finder<'static>,
    run: memmem::Finder<'static>,
    course: Option<Course>,
}

impl Tracker {
    pub fn of(id: &str) -> Self {
        Self {
            id: memmem::Finder::new(id).into_owned(),
            run: memmem::Finder::new(" version: ").into_owned(),
            course: None,
        }
    }

    /// Takes the next whole lines.
    pub fn feed(&mut self, lines: &[u8]) {
        if self.id.find(lines).is_none() && self.course.is_none() {
            return;
        }
        for line in lines.split(|&byte| byte == b'\n') {
            if self.begins_a_run(line) {
                self.course = self.course.map(|course| match course {
                    Course::Open => Course::Over,
                    course => course,
                });
            } else if self.id.find(line).is_some() && carries(line, self.id.needle()) {
                self.course = Some(self.after(line));
            }
        }
    }

    fn begins_a_run(&self, line: &[u8]) -> bool {
        let tool = self.run.find(line).map(|at| &line[..at]);
        tool.is_some_and(|tool| tool.ends_with(b" Terraform") || tool.ends_with(b" OpenTofu"))
    }

    /// How the run that took it went on; none where the lines do not name it.
    pub fn course(&self) -> Option<Course> {
        self.course
    }

    fn after(&self, line: &[u8]) -> Course {
        let says = |text: &str| memmem::find(line, text.as_bytes()).is_some();
        if says("Unlocked remote state") {
            return Course::Released;
        }
        // Waiting for somebody else's lock ends with the run's own: what failed before does not count.
        if says("Locked remote state") || says("Attempting to lock") {
            return Course::Open;
        }
        if says("ConditionalCheckFailedException") || says("PreconditionFailed") {
            return Course::MetItself;
        }
        self.course.unwrap_or(Course::Open)
    }
}

/// Whether the line is of the run whose own lock has this id: a run that only
/// meets a lock quotes it in a body, but carries its own.
fn carries(line: &[u8], id: &[u8]) -> bool {
    ["tf_backend.lock.id=", "\"tf_backend.lock.id\":\""]
        .iter()
        .any(|field| {
            let after = memmem::find(line, field.as_bytes()).map(|at| at + field.len());
            after.is_some_and(|at| line[at..].starts_with(id))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9d098885-c01c-c996-afb2-47fc952ad395";
    const OTHER: &str = "11111111-2222-3333-4444-555555555555";

    /// The lines that the real binary wrote when it met its own lock.
    const CAPTURED: &str = include_str!("../../tests/fixtures/log/lock-conflict.log");

    fn course(log: &str) -> Option<Course> {
        let mut tracker = Tracker::of(ID);
        for line in log.split_inclusive('\n') {
            tracker.feed(line.as_bytes());
        }
        let mut whole = Tracker::of(ID);
        whole.feed(log.as_bytes());
        assert_eq!(tracker.course(), whole.course(), "however it is cut");
        whole.course()
    }

    fn line(message: &str, id: &str) -> String {
        format!(
            "2026-11-22T11:52:08.677Z [INFO]  backend-s3: {message}: tf_backend.lock.id={id} tf_backend.operation=Lock\n"
        )
    }

    const RUN: &str = "2026-11-22T11:59:00.000Z [INFO]  Terraform version: 1.11.4\n";

    #[test]
    fn a_run_that_met_its_own_lock_is_known_by_the_id_that_it_carried() {
        assert_eq!(course(CAPTURED), Some(Course::MetItself));
        assert_eq!(course(&CAPTURED.replace(ID, OTHER)), None);
    }

    #[test]
    fn a_run_that_only_met_the_lock_of_another_did_not_take_it() {
        let failed =
            "request failed: ConditionalCheckFailedException: The conditional request failed";
        let body =
            format!("  | {{\"Item\":{{\"Info\":{{\"S\":\"{{\\\"ID\\\":\\\"{ID}\\\"}}\"}}}}}}\n");
        assert_eq!(course(&(line(failed, OTHER) + &body)), None);
    }

    #[test]
    fn a_run_that_waited_for_another_lock_and_then_took_its_own_holds_it() {
        let log = line("Attempting to lock remote state", ID)
            + &line("ConditionalCheckFailedException", ID)
            + &line("Attempting to lock remote state", ID)
            + &line("Locked remote state", ID);
        assert_eq!(course(&log), Some(Course::Open));
    }

    #[test]
    fn a_run_that_let_go_or_was_followed_by_another_is_over() {
        let taken = line("Locked remote state", ID);
        assert_eq!(course(&(taken.clone() + RUN)), Some(Course::Over));
        assert_eq!(
            course(&(taken + &line("Unlocked remote state", ID) + RUN)),
            Some(Course::Released)
        );
        let json =
            format!("{{\"@message\":\"Locked remote state\",\"tf_backend.lock.id\":\"{ID}\"}}\n");
        assert_eq!(course(&json), Some(Course::Open));
    }

    #[test]
    fn no_bytes_are_no_trail() {
        assert_eq!(course(""), None);
        assert_eq!(course("\0\u{fffd}\n\n"), None);
    }
}
