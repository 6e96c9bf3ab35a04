//! What a run prints for people: progress lines, the plan, diagnostics in
//! their `╷ │ ╵` frame. It carries no times. Color codes and frames are looked
//! through; they are gone from what is shown.

use crate::log::display;
use crate::log::level::Level;
use crate::log::line::Kind;
use crate::log::record::{Parts, Source};

/// How far into a colored line the judgment looks.
const REACH: usize = 512;

const FRAMES: [char; 3] = ['╷', '│', '╵'];

/// What follows the address in a line that reports on a resource.
const EVENTS: [&str; 11] = [
    "Creating...",
    "Modifying...",
    "Destroying...",
    "Reading...",
    "Refreshing state...",
    "Still ",
    "Creation complete after ",
    "Modifications complete after ",
    "Destruction complete after ",
    "Read complete after ",
    "Provisioning with ",
];

/// Lines that stand alone wherever they are.
const REPORTS: [&str; 6] = [
    "Plan: ",
    "Apply complete! ",
    "Destroy complete! ",
    "No changes. ",
    "Acquiring state lock. ",
    "Releasing state lock. ",
];

/// What a line that is no header of a debug log is.
///
/// Milestones are recognized among debug records too, because run output and
/// log are often one stream, and an error must not drown in the record before.
pub fn kind(line: &[u8]) -> Kind {
    let plain = display::safe(&line[..line.len().min(REACH)]);
    let framed = plain.starts_with(FRAMES);
    let text = unframed(&plain);
    if let Some(level) = milestone(text) {
        return Kind::Milestone { level };
    }
    if framed || text.is_empty() || text.starts_with([' ', '}', ']', ')', '|']) {
        return Kind::Continuation;
    }
    Kind::Loose
}

fn milestone(text: &str) -> Option<Level> {
    let starts = |words: &[&str]| words.iter().any(|&word| text.starts_with(word));
    if starts(&["Error: ", "panic: ", "fatal error: "]) || is_crash_banner(text) {
        return Some(Level::Error);
    }
    if starts(&["Warning: "]) {
        return Some(Level::Warn);
    }
    let reports = starts(&REPORTS) || text.split_once(": ").is_some_and(is_event);
    reports.then_some(Level::Info)
}

fn is_crash_banner(text: &str) -> bool {
    text.starts_with("!!!!!!!!") && text.contains(" CRASH ")
}

fn is_event((address, event): (&str, &str)) -> bool {
    address.contains('.') && EVENTS.iter().any(|&start| event.starts_with(start))
}

/// A line without its frame, and without the space that the frame puts before it.
fn unframed(line: &str) -> &str {
    match line.strip_prefix(FRAMES) {
        Some(rest) => rest.strip_prefix(' ').unwrap_or(rest),
        None => line,
    }
}

/// The parts of a record that is run output; any text at all is one.
pub fn read(text: &str) -> Parts {
    let mut lines = text.lines().skip_while(|line| unframed(line).is_empty());
    let message = unframed(lines.next().unwrap_or_default()).to_owned();
    let mut body: Vec<String> = lines.map(|line| unframed(line).to_owned()).collect();
    while body.last().is_some_and(|line| line.trim().is_empty()) {
        body.pop();
    }
    Parts {
        at: None,
        level: milestone(&message).unwrap_or(Level::Info),
        source: Source::Run,
        message,
        fields: Vec::new(),
        body,
    }
}

#[cfg(test)]
pub(super) const SAMPLES: &[&str] = &[
    "terraform_data.a: Creating...",
    "module.m[\"x y\"].terraform_data.a[0]: Still creating... [00m10s elapsed]",
    "aws_instance.web: Destroying... [id=i-0abc]",
    "data.aws_ami.x: Read complete after 1s [id=ami-1]",
    "Plan: 1 to add, 0 to change, 0 to destroy.",
    "│ Error: Invalid value\n│ \n│   with terraform_data.a,\n│   on main.tf line 3\n╵",
    "\u{1b}[31m╷\u{1b}[0m\u{1b}[0m\n\u{1b}[31m│\u{1b}[0m \u{1b}[0m\u{1b}[1m\u{1b}[31mError: \u{1b}[0mInvalid value",
    "Error: Error acquiring the state lock\n\nError message: operation error",
    "!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    "Terraform will perform the following actions:\n\n  # terraform_data.a will be created\n  + resource \"terraform_data\" \"a\" {\n    }",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn level_of(line: &str) -> Option<Level> {
        match kind(line.as_bytes()) {
            Kind::Milestone { level } => Some(level),
            Kind::Header { .. } | Kind::Loose | Kind::Continuation => None,
        }
    }

    #[test]
    fn a_line_about_a_resource_is_a_milestone() {
        for sample in &SAMPLES[..5] {
            assert_eq!(level_of(sample), Some(Level::Info), "{sample}");
        }
    }

    #[test]
    fn an_error_is_seen_through_color_and_frame() {
        let line = SAMPLES[6].lines().nth(1).unwrap();
        assert_eq!(level_of(line), Some(Level::Error));
        assert_eq!(level_of("│ Warning: Deprecated"), Some(Level::Warn));
        assert_eq!(level_of("panic: runtime error"), Some(Level::Error));
        assert_eq!(level_of(SAMPLES[8]), Some(Level::Error));
    }

    #[test]
    fn a_frame_continues_its_diagnostic_and_is_not_shown() {
        assert_eq!(kind("│   on main.tf line 3".as_bytes()), Kind::Continuation);
        let parts = read(SAMPLES[5]);
        assert_eq!(parts.message, "Error: Invalid value");
        assert_eq!(parts.level, Level::Error);
        assert_eq!(
            parts.body,
            ["", "  with terraform_data.a,", "  on main.tf line 3"]
        );
    }

    #[test]
    fn the_indented_lines_of_a_plan_belong_to_their_heading() {
        let kinds: Vec<Kind> = SAMPLES[9]
            .lines()
            .map(|line| Kind::of(line.as_bytes()))
            .collect();
        assert_eq!(kinds[0], Kind::Loose);
        assert!(kinds[1..].iter().all(|&kind| kind == Kind::Continuation));
    }

    #[test]
    fn prose_with_a_colon_is_no_milestone() {
        assert_eq!(level_of("Note: Creating... things"), None);
        assert_eq!(level_of("Errors: 3"), None);
    }
}
