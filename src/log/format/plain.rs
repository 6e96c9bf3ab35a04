//! What a run prints for people: progress lines, the plan, diagnostics in
//! their `╷ │ ╵` frame. It carries no times. Color codes and frames are looked
//! through; they are gone from what is shown.

use crate::log::display;
use crate::log::level::Level;
use crate::log::line::{Edge, Kind, Medium};
use crate::log::record::{Parts, Source};
use crate::log::signal::address_length;
use crate::log::stamp::Millis;

use super::crash;

/// How far into a line the judgment looks.
const REACH: usize = 512;

const FRAMES: [&str; 3] = ["╷", "│", "╵"];

/// What follows the address in a line that reports on a resource.
const EVENTS: [&str; 23] = [
    "Creating...",
    "Modifying...",
    "Destroying...",
    "Reading...",
    "Refreshing...",
    "Refreshing state...",
    "Still ",
    "Creation complete",
    "Modifications complete",
    "Destruction complete",
    "Read complete",
    "Refresh complete",
    "Provisioning with ",
    "Importing",
    "Import prepared!",
    "Import complete",
    "Preparing import...",
    "Opening...",
    "Opening complete",
    "Closing...",
    "Closing complete",
    "Renewing...",
    "Renewal complete",
];

/// Lines that stand alone wherever they are.
const REPORTS: [&str; 25] = [
    "Plan: ",
    "Apply complete! ",
    "Apply cancelled",
    "Destroy complete! ",
    "No changes. ",
    "Acquiring state lock. ",
    "Releasing state lock. ",
    "Action started: ",
    "Action complete: ",
    "Terraform used the selected providers",
    "OpenTofu used the selected providers",
    "Terraform will perform the following actions:",
    "OpenTofu will perform the following actions:",
    "Terraform planned the following actions, but then encountered a problem:",
    "Note: Objects have changed outside of ",
    "Changes to Outputs:",
    "Outputs:",
    "Saved the plan to: ",
    "Do you want to perform these actions",
    "Initializing the backend...",
    "Initializing provider plugins",
    "Initializing modules...",
    "Terraform has been successfully initialized!",
    "OpenTofu has been successfully initialized!",
    "Success! ",
];

/// What stands at the end of a job's log, where the job failed.
const JOBS: [&str; 2] = ["ERROR: Job failed", "make: *** ["];

/// What a line that is no header of a debug log is; `at` is when its CI took it in.
///
/// Milestones are recognized among debug records too, because run output and
/// log are often one stream, and an error must not drown in the record before.
pub fn kind(line: &[u8], at: Option<Millis>) -> Kind {
    let mut room = [0; REACH];
    let text = display::plain(&line[..line.len().min(2 * REACH)], &mut room);
    let text = &text[..text.len().min(REACH)];
    if let Some(inner) = framed(text) {
        return match diagnostic(inner) {
            Some(level) => Kind::Framed { at, level },
            None if is_edge(text) => Kind::Frame,
            None => Kind::Continuation,
        };
    }
    if let Some(level) = diagnostic(text) {
        return Kind::Diagnostic { at, level };
    }
    if let Some(level) = report(text) {
        return Kind::Milestone { at, level };
    }
    let medium = Medium::Output;
    match text {
        [] | [b' ' | b'}' | b']' | b')' | b'|' | b'\r', ..] => Kind::Continuation,
        _ if text.starts_with(b"-----BEGIN ") => Kind::Armor {
            at,
            edge: Edge::Begin,
        },
        _ if text.starts_with(b"-----END ") => Kind::Armor {
            at,
            edge: Edge::End,
        },
        _ if crash::announces(text) => Kind::Crash { at, medium },
        _ if crash::is_dumped(text) => Kind::Dump { at, medium },
        _ => Kind::Loose { at },
    }
}

/// Whether a framed line is the upper or the lower end of its frame.
fn is_edge(text: &[u8]) -> bool {
    [FRAMES[0], FRAMES[2]]
        .iter()
        .any(|edge| text.starts_with(edge.as_bytes()))
}

fn begins(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word.as_bytes()))
}

fn diagnostic(text: &[u8]) -> Option<Level> {
    match text.first()? {
        b'E' => begins(text, &["Error: "]).then_some(Level::Error),
        b'W' => begins(text, &["Warning: "]).then_some(Level::Warn),
        _ => None,
    }
}

/// What a run reports in one line, or its CI about the run.
fn report(text: &[u8]) -> Option<Level> {
    if let Some(command) = text.strip_prefix(b"##[") {
        let of_ci = [
            (Level::Error, b"error]".as_slice()),
            (Level::Warn, b"warning]"),
        ];
        let level = of_ci
            .into_iter()
            .find(|(_, word)| command.starts_with(word));
        return level.map(|(level, _)| level);
    }
    if begins(text, &JOBS) {
        return Some(Level::Error);
    }
    let reports = begins(text, &REPORTS) || reports_on_a_resource(text) || is_provisioned(text);
    reports.then_some(Level::Info)
}

/// Whether an address comes first and what happens to it after a colon.
fn reports_on_a_resource(text: &[u8]) -> bool {
    memchr::memchr_iter(b':', text).any(|colon| {
        let event = text[colon + 1..].strip_prefix(b" ");
        event.is_some_and(|event| begins(event, &EVENTS)) && text[..colon].contains(&b'.')
    })
}

/// Whether a provisioner of a resource printed this: `a_b.c["k"] (local-exec): text`.
fn is_provisioned(text: &[u8]) -> bool {
    let address = address_length(text).unwrap_or(0);
    let Some(named) = text[address..].strip_prefix(b" (").filter(|_| address > 0) else {
        return false;
    };
    let is_name = |byte: &&u8| byte.is_ascii_lowercase() || **byte == b'-';
    let name = named.iter().take_while(is_name).count();
    name > 0 && named[name..].starts_with(b"): ")
}

/// The text inside a frame.
fn framed(text: &[u8]) -> Option<&[u8]> {
    let inside = FRAMES
        .iter()
        .find_map(|frame| text.strip_prefix(frame.as_bytes()))?;
    Some(inside.strip_prefix(b" ").unwrap_or(inside))
}

/// A line without its frame, and without the space that the frame puts before it.
fn unframed(line: &str) -> &str {
    let inside = FRAMES.iter().find_map(|frame| line.strip_prefix(frame));
    inside.map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
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
        level: level(message.as_bytes()),
        source: Source::Run,
        message,
        fields: Vec::new(),
        body,
    }
}

/// How loud a record is that begins so.
fn level(text: &[u8]) -> Level {
    let crashes = crash::announces(text).then_some(Level::Error);
    let loud = crashes
        .or_else(|| diagnostic(text))
        .or_else(|| report(text));
    loud.unwrap_or(Level::Info)
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
        match kind(line.as_bytes(), None) {
            Kind::Milestone { level, .. }
            | Kind::Diagnostic { level, .. }
            | Kind::Framed { level, .. } => Some(level),
            Kind::Crash { .. } => Some(Level::Error),
            Kind::Header { .. }
            | Kind::Object { .. }
            | Kind::Dump { .. }
            | Kind::Armor { .. }
            | Kind::Loose { .. }
            | Kind::Frame
            | Kind::Continuation => None,
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
        let kind = kind("│   on main.tf line 3".as_bytes(), None);
        assert_eq!(kind, Kind::Continuation);
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
        let (at, level) = (None, Level::Info);
        assert_eq!(kinds[0], Kind::Milestone { at, level });
        assert!(kinds[1..].iter().all(|&kind| kind == Kind::Continuation));
    }

    #[test]
    fn what_a_ci_marks_as_an_error_is_one() {
        let level = |line: &str| level_of(line);
        assert_eq!(
            level("##[error]Process completed with exit code 1."),
            Some(Level::Error)
        );
        assert_eq!(level("##[warning]Unexpected input(s)"), Some(Level::Warn));
        assert_eq!(level("##[group]Run terraform plan"), None);
    }

    #[test]
    fn a_color_inside_a_report_does_not_hide_it() {
        assert_eq!(
            level_of("\u{1b}[1mPlan:\u{1b}[0m 1 to add"),
            Some(Level::Info)
        );
    }

    #[test]
    fn prose_with_a_colon_is_no_milestone() {
        assert_eq!(level_of("Note: Creating... things"), None);
        assert_eq!(level_of("Errors: 3"), None);
    }
}
