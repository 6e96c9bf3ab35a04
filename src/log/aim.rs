//! Where a person wants to be in a log, as it is typed: a time of day or a
//! whole time (UTC, as the rows show it), so much before or after the record
//! under the cursor, a share of the rows, or a line of the file.

use super::stamp::{self, Millis};
use crate::fault::Fault;

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Milliseconds since midnight.
    Clock(i64),
    Moment(Millis),
    /// Milliseconds from here.
    Shift(i64),
    /// Of the rows, in hundredths of a percent.
    Share(u64),
    /// A line of the file, from 1.
    Line(u64),
}

/// What can be typed, in a few words.
pub const HINT: &str = "02:13 · -10m · +1h · 50% · 2026-11-22T02:13 · a line number";

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Aim {
    /// Reads what was typed.
    pub fn read(typed: &str) -> Result<Self, Fault> {
        let text = typed.trim();
        share(text)
            .or_else(|| shift(text))
            .or_else(|| line(text))
            .or_else(|| clock(text).map(Self::Clock))
            .or_else(|| moment(text))
            .ok_or_else(|| Fault::new("go to", text, format!("it is none of {HINT}")))
    }
}

/// The moment of a time of day that lies in the span, the nearest to `here`;
/// where none does, the nearest to the span.
pub fn resolve(clock: i64, (first, last): (Millis, Millis), here: Millis) -> Millis {
    let midnight = |at: Millis| at.0.div_euclid(DAY) * DAY;
    let days = [
        midnight(first),
        midnight(here) - DAY,
        midnight(here),
        midnight(here) + DAY,
        midnight(last),
    ];
    let outside = |at: i64| (first.0 - at).max(at - last.0).max(0);
    let moments = days.into_iter().map(|day| day + clock);
    let nearest = moments.min_by_key(|&at| (outside(at), (at - here.0).abs()));
    Millis(nearest.unwrap_or(here.0))
}

fn share(text: &str) -> Option<Aim> {
    let number: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    (0.0..=100.0)
        .contains(&number)
        .then_some(Aim::Share((number * 100.0) as u64))
}

/// `-10m`, `+1h30m`, `-90s`.
fn shift(text: &str) -> Option<Aim> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut sum: i64 = 0;
    let mut rest = &text[1..];
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic);
        let end = digits + letters.count();
        let unit = match &rest[digits..end] {
            "ms" => 1,
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end..];
    }
    (text.len() > 1).then_some(Aim::Shift(sign * sum))
}

/// `18204`, `18,204` or `:18204`.
fn line(text: &str) -> Option<Aim> {
    let digits = text.strip_prefix(':').unwrap_or(text).replace(',', "");
    let number = digits.parse().ok().filter(|&number| number > 0)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(Aim::Line(number))
}

/// `02:13`, `02:13:05` or `02:13:05.250`, with or without a `Z`.
fn clock(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut part = |below: i64| {
        let text = parts.next()?;
        let number: i64 = text.parse().ok()?;
        let fits = (1..=2).contains(&text.len()) && (0..below).contains(&number);
        fits.then_some(number)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = match clock.matches(':').count() {
        1 if fraction.is_empty() => 0,
        2 => part(60)?,
        _ => return None,
    };
    let millis = match fraction {
        "" => 0,
        digits if digits.len() <= 3 => format!("{digits:0<3}").parse().ok()?,
        _ => return None,
    };
    Some(hours * HOUR + minutes * MINUTE + seconds * SECOND + millis)
}

/// A date with its time: whole as logs write it, or without seconds and zone.
fn moment(text: &str) -> Option<Aim> {
    if let Some((at, length)) = stamp::read(text.as_bytes()) {
        return (length == text.len()).then_some(Aim::Moment(at));
    }
    let (date, time) = text.split_once(['T', ' '])?;
    let (midnight, _) = stamp::read(format!("{date}T00:00:00Z").as_bytes())?;
    Some(Aim::Moment(Millis(midnight.0 + clock(time.trim())?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        stamp::read(text.as_bytes()).unwrap().0
    }

    #[test]
    fn every_form_is_read() {
        for (typed, aim) in [
            ("02:13", Aim::Clock(2 * HOUR + 13 * MINUTE)),
            ("2:13:05.25", Aim::Clock(2 * HOUR + 13 * MINUTE + 5_250)),
            ("-10m", Aim::Shift(-10 * MINUTE)),
            ("+1h30m", Aim::Shift(90 * MINUTE)),
            ("50%", Aim::Share(5_000)),
            (" 12.5% ", Aim::Share(1_250)),
            ("18,204", Aim::Line(18_204)),
            (":7", Aim::Line(7)),
            ("2026-11-22T02:13", Aim::Moment(at("2026-11-22T02:13:00Z"))),
            (
                "2026-11-22 02:13:07",
                Aim::Moment(at("2026-11-22T02:13:07Z")),
            ),
            (
                "2026-11-22T02:13:07.5+0200",
                Aim::Moment(at("2026-11-22T00:13:07.5Z")),
            ),
        ] {
            assert_eq!(Aim::read(typed), Ok(aim), "{typed}");
        }
    }

    #[test]
    fn what_is_no_place_in_a_log_is_refused() {
        for typed in [
            "",
            "x",
            "25:00",
            "02:60",
            "101%",
            "-",
            "+5",
            "-10x",
            "0",
            "1:2:3:4",
            "-5%",
            "2026-13-01 1:00",
        ] {
            assert!(Aim::read(typed).is_err(), "{typed}");
        }
        let fault = Aim::read("noon").unwrap_err();
        assert!(
            fault
                .to_string()
                .starts_with("cannot go to noon: it is none of 02:13")
        );
    }

    #[test]
    fn a_time_of_day_is_that_of_the_night_that_the_log_spans() {
        let span = (at("2026-11-21T22:00:00Z"), at("2026-11-22T03:00:00Z"));
        let resolved = |clock, here: &str| resolve(clock, span, at(here));
        assert_eq!(
            resolved(2 * HOUR, "2026-11-21T22:30:00Z"),
            at("2026-11-22T02:00:00Z")
        );
        assert_eq!(
            resolved(23 * HOUR, "2026-11-22T02:30:00Z"),
            at("2026-11-21T23:00:00Z")
        );
        assert_eq!(
            resolved(4 * HOUR, "2026-11-21T22:30:00Z"),
            at("2026-11-22T04:00:00Z")
        );
    }
}
