//! What a CI system puts before each line that it keeps: a time, a stream, the
//! marks of a section that folds. Grammar and display look through it, so that
//! a record reads the same whether it comes from a file or from a job's page.
//! A prefix belongs to the CI and not to the record: only its time is kept.

use std::borrow::Cow;

use super::display;
use super::format::hclog;
use super::stamp::{self, Millis};

/// How far the name of a job and of its step may reach.
const NAME_REACH: usize = 128;

/// How far the mark of a section may reach.
const MARK_REACH: usize = 512;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What stands before a line's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    form: Form,
    pub at: Option<Millis>,
    /// Where the line's own text begins.
    pub length: usize,
}

/// The ways in which lines are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `2026-11-22T11:52:08.6531234Z `: GitHub Actions, Azure Pipelines,
    /// `docker logs -t`, `kubectl logs --timestamps`.
    Stamped,
    /// `2026-11-22T11:52:08.653123Z 00O `: GitLab.
    Streamed,
    /// The same with a `+`: more of the line before.
    Joined,
    /// `[2026-11-22T11:52:08.653Z] `: pipelines of Jenkins.
    Bracketed,
    /// `job`, `step` and the time between tabs: `gh run view --log`.
    Tabbed,
    /// `11:52:08  `: the Timestamper of Jenkins. It has no date.
    Clock,
    /// No time: a byte order mark, or where a section of GitLab begins or ends.
    Mark,
}

impl Prefix {
    /// Whether the line is more of the one before, which was too long for its CI.
    pub fn joins(self) -> bool {
        self.form == Form::Joined
    }

    fn new(form: Form, at: Option<Millis>, length: usize) -> Self {
        Self { form, at, length }
    }
}

/// The prefix of a line, if it has one. The header of a debug log is none.
pub fn read(line: &[u8]) -> Option<Prefix> {
    let start = if line.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let text = &line[start..];
    let timed = match text.first()? {
        b'0'..=b'9' => stamped(text)
            .or_else(|| clock(text))
            .or_else(|| tabbed(text)),
        b'[' => bracketed(text),
        b' ' | b'\t' | b'{' => None,
        _ => tabbed(text),
    };
    let mut prefix = timed.unwrap_or(Prefix::new(Form::Mark, None, 0));
    prefix.length += start;
    prefix.length += marks(&line[prefix.length..]);
    (prefix.length > 0).then_some(prefix)
}

/// A line's own text: what follows its color codes and its prefix. Where run
/// output and log share a terminal, the reset of a colored line ends up before
/// the next header.
pub fn own_text(line: &[u8]) -> &[u8] {
    let line = &line[display::sequences(line)..];
    let Some(prefix) = read(line) else {
        return line;
    };
    let own = &line[prefix.length..];
    &own[display::sequences(own)..]
}

fn stamped(text: &[u8]) -> Option<Prefix> {
    let (at, end) = stamp::read(text)?;
    let (form, length) = match text.get(end..)? {
        [b' ', one, two, b'O' | b'E', b' ' | b'+', ..]
            if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() =>
        {
            let joins = text[end + 4] == b'+';
            (if joins { Form::Joined } else { Form::Streamed }, end + 5)
        }
        [b' ', ..] if hclog::header(text).is_none() => (Form::Stamped, end + 1),
        [] => (Form::Stamped, end),
        _ => return None,
    };
    Some(Prefix::new(form, Some(at), length))
}

fn bracketed(text: &[u8]) -> Option<Prefix> {
    let (at, end) = stamp::read(text.get(1..)?)?;
    let after = text[1 + end..].strip_prefix(b"]")?;
    let space = usize::from(after.first() == Some(&b' '));
    Some(Prefix::new(Form::Bracketed, Some(at), end + 2 + space))
}

fn tabbed(text: &[u8]) -> Option<Prefix> {
    let tab = |text: &[u8]| memchr::memchr(b'\t', &text[..text.len().min(NAME_REACH)]);
    let step = tab(text)? + 1;
    let time = step + tab(&text[step..])? + 1;
    let marked = text[time..].starts_with(BYTE_ORDER_MARK);
    let time = time + if marked { BYTE_ORDER_MARK.len() } else { 0 };
    let (at, end) = stamp::read(&text[time..])?;
    let space = usize::from(text.get(time + end) == Some(&b' '));
    Some(Prefix::new(Form::Tabbed, Some(at), time + end + space))
}

fn clock(text: &[u8]) -> Option<Prefix> {
    let (time, rest) = text.split_at_checked(8)?;
    let stands = |(at, byte): (usize, &u8)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    if !time.iter().enumerate().all(stands) {
        return None;
    }
    let count = |text: &[u8], most: usize, is: fn(&u8) -> bool| {
        text.iter().take(most).take_while(|byte| is(byte)).count()
    };
    let fraction = match rest {
        [b'.', tail @ ..] => 1 + count(tail, 3, u8::is_ascii_digit),
        _ => 0,
    };
    let spaces = count(&rest[fraction..], 2, |byte| *byte == b' ');
    let ends = rest.len() == fraction;
    (spaces > 0 || ends).then(|| Prefix::new(Form::Clock, None, 8 + fraction + spaces))
}

/// The length of the section marks at the start of a line, with the escape
/// sequences around them; 0 where there is no mark.
fn marks(line: &[u8]) -> usize {
    let mut length = 0;
    loop {
        let rest = &line[length..];
        let begin = display::sequences(rest);
        let mark = &rest[begin..];
        if !mark.starts_with(b"section_start:") && !mark.starts_with(b"section_end:") {
            return length;
        }
        let reach = &mark[..mark.len().min(MARK_REACH)];
        let Some(end) = memchr::memchr(b'\r', reach) else {
            return length;
        };
        let after = begin + end + 1;
        length += after + display::sequences(&rest[after..]);
    }
}

/// A record's text without the prefixes of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bare<'a> {
    pub text: Cow<'a, [u8]>,
    /// When the CI took in the first line.
    pub at: Option<Millis>,
    /// A time of day without its date.
    pub clock: Option<&'a [u8]>,
}

/// Takes the prefixes off a record. The first line decides their form: what
/// looks like another one in a later line is that line's own text.
pub fn bare(record: &[u8]) -> Bare<'_> {
    let mut lines = record.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let codes = display::sequences(first);
    let Some(prefix) = read(&first[codes..]) else {
        return Bare {
            text: Cow::Borrowed(record),
            at: None,
            clock: None,
        };
    };
    let mut text = first[codes + prefix.length..].to_vec();
    for line in lines {
        let found = read(line).filter(|found| prefix.goes_with(*found));
        if found.is_none_or(|found| !found.joins()) {
            text.push(b'\n');
        }
        text.extend(&line[found.map_or(0, |found| found.length)..]);
    }
    let clock = (prefix.form == Form::Clock).then(|| first[codes..].trim_ascii());
    Bare {
        text: Cow::Owned(text),
        at: prefix.at,
        clock: clock.map(|line| &line[..line.iter().take_while(|&&b| b != b' ').count()]),
    }
}

impl Prefix {
    /// Whether a later line of the same record may carry the other prefix.
    fn goes_with(self, other: Self) -> bool {
        let streamed = |form| matches!(form, Form::Streamed | Form::Joined);
        self.form == other.form
            || (streamed(self.form) && streamed(other.form))
            || other.form == Form::Mark
    }
}

/// A line in each form, and what is left of it.
#[cfg(test)]
pub(super) const SAMPLES: [(&str, &str); 8] = [
    ("2026-11-22T11:52:08.6531234Z Error: no", "Error: no"),
    ("\u{feff}2026-11-22T11:52:08.6531234Z Plan: 1", "Plan: 1"),
    ("2026-11-22T11:52:08.653123Z 00O Error: no", "Error: no"),
    ("2026-11-22T11:52:08.653123Z 01E+ more", " more"),
    ("[2026-11-22T11:52:08.653Z] Error: no", "Error: no"),
    (
        "plan\tTerraform Plan\t2026-11-22T11:52:08.6531234Z Plan: 1",
        "Plan: 1",
    ),
    ("11:52:08  Error: no", "Error: no"),
    (
        "\u{1b}[0Ksection_end:1700000000:init\r\u{1b}[0Ksection_start:1700000000:plan[collapsed=true]\r\u{1b}[0KPlan",
        "Plan",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_leaves_the_lines_own_text() {
        for (line, left) in SAMPLES {
            let codes = display::sequences(line.as_bytes());
            let prefix = read(&line.as_bytes()[codes..]).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(&line[codes + prefix.length..], left);
        }
    }

    #[test]
    fn the_time_of_a_prefix_is_that_of_its_line() {
        let at = |line: &str| {
            read(line.as_bytes())
                .unwrap()
                .at
                .unwrap()
                .timestamp()
                .unwrap()
        };
        for (line, _) in [SAMPLES[0], SAMPLES[2], SAMPLES[4], SAMPLES[5]] {
            assert_eq!(
                at(line).strftime("%H:%M:%S%.3f").to_string(),
                "11:52:08.653"
            );
        }
    }

    #[test]
    fn what_is_no_prefix_stays() {
        for line in [
            "2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4",
            "[INFO] building",
            "11:52:08",
            "11:52 was the time",
            "a\tb\tc",
            "section_start: of the text",
            "{}",
            "",
        ] {
            let prefix = read(line.as_bytes());
            assert!(
                prefix.is_none_or(|prefix| prefix.length == line.len()),
                "{line}"
            );
        }
    }

    #[test]
    fn a_record_loses_the_prefix_of_each_of_its_lines() {
        let record = "2026-11-22T11:52:08.6Z a\n2026-11-22T11:52:09.6Z   | b\n11:52:08 c";
        let bare = bare(record.as_bytes());
        assert_eq!(bare.text, "a\n  | b\n11:52:08 c".as_bytes());
        assert!(bare.at.is_some());
    }

    #[test]
    fn a_line_that_gitlab_cut_is_one_line_again() {
        let record = "2026-11-22T11:52:08.653123Z 00O one\n2026-11-22T11:52:08.653123Z 00O+ line";
        assert_eq!(bare(record.as_bytes()).text, "one line".as_bytes());
    }

    #[test]
    fn a_time_of_day_is_kept_because_it_is_not_known_of_which_day() {
        assert_eq!(
            bare(b"11:52:08.653 x").clock,
            Some(b"11:52:08.653".as_slice())
        );
    }
}
