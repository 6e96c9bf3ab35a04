//! Times as logs write them: RFC 3339 with any fraction, and the zone with or
//! without its colon (`Z`, `+02:00`, `+0200`). Read with integer arithmetic
//! only, because this runs once for every record of a file of gigabytes.

/// Milliseconds since the Unix epoch: what the index keeps of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// The same moment for the rest of the house; a time out of its range is none.
    pub fn timestamp(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_millisecond(self.0).ok()
    }
}

impl From<jiff::Timestamp> for Millis {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at.as_millisecond())
    }
}

/// Reads the time at the start of `text` and how many bytes it takes.
pub fn read(text: &[u8]) -> Option<(Millis, usize)> {
    let clock = text.get(..19)?;
    let apart = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if apart.iter().any(|&(at, mark)| clock[at] != mark) {
        return None;
    }
    let day = days(
        digits(&clock[..4])?,
        in_range(digits(&clock[5..7])?, 1, 12)?,
        in_range(digits(&clock[8..10])?, 1, 31)?,
    );
    let seconds = in_range(digits(&clock[11..13])?, 0, 23)? * 3600
        + in_range(digits(&clock[14..16])?, 0, 59)? * 60
        + in_range(digits(&clock[17..19])?, 0, 60)?;
    let (fraction, after) = fraction(text, 19)?;
    let (zone, end) = zone(text, after)?;
    let millis = (day * 86_400 + seconds - zone) * 1000 + fraction;
    Some((Millis(millis), end))
}

/// The length of the time at the start of `text` as Go's own `log` writes it
/// (`2026/11/22 11:52:08`, with any fraction). It has no zone, so no moment can
/// be read from it.
pub fn go_length(text: &[u8]) -> Option<usize> {
    let clock = text.get(..19)?;
    let is_mark = |&(at, mark): &(usize, u8)| clock[at] == mark;
    let marks = [(4, b'/'), (7, b'/'), (10, b' '), (13, b':'), (16, b':')];
    let digits = clock.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits != 14 || !marks.iter().all(is_mark) {
        return None;
    }
    fraction(text, 19).map(|(_, end)| end)
}

/// Days from the epoch to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i64::from(byte - b'0'))
    })
}

fn in_range(number: i64, low: i64, high: i64) -> Option<i64> {
    (low..=high).contains(&number).then_some(number)
}

/// The fraction of a second in milliseconds, cut rather than rounded.
fn fraction(text: &[u8], at: usize) -> Option<(i64, usize)> {
    if text.get(at) != Some(&b'.') {
        return Some((0, at));
    }
    let tail = &text[at + 1..];
    let length = tail
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let shown = length.min(3);
    let scale = [100, 10, 1][shown - 1];
    Some((digits(&tail[..shown])? * scale, at + 1 + length))
}

/// The seconds that the zone is east of UTC, and where the zone ends.
fn zone(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let sign = match text.get(at)? {
        b'Z' => return Some((0, at + 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = in_range(digits(text.get(at + 1..at + 3)?)?, 0, 23)?;
    let colon = usize::from(text.get(at + 3) == Some(&b':'));
    let minutes = text.get(at + 3 + colon..at + 5 + colon)?;
    let minutes = in_range(digits(minutes)?, 0, 59)?;
    Some((sign * (hours * 3600 + minutes * 60), at + 5 + colon))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_as_jiff(ours: &str, theirs: &str) {
        let (millis, length) = read(ours.as_bytes()).unwrap();
        let expected: jiff::Timestamp = theirs.parse().unwrap();
        assert_eq!(millis.0, expected.as_millisecond(), "{ours}");
        assert_eq!(length, ours.len());
    }

    #[test]
    fn each_zone_form_gives_the_same_moment() {
        same_as_jiff("2026-11-22T11:52:08.653Z", "2026-11-22T11:52:08.653Z");
        same_as_jiff("2026-11-22T13:52:08.653+0200", "2026-11-22T11:52:08.653Z");
        same_as_jiff(
            "2026-11-22T13:52:08.653123+02:00",
            "2026-11-22T11:52:08.653Z",
        );
        same_as_jiff("2026-11-22T06:22:08-0530", "2026-11-22T11:52:08Z");
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for date in [
            "1970-01-01",
            "2000-02-29",
            "2024-02-29",
            "2100-03-01",
            "1969-12-31",
        ] {
            same_as_jiff(&format!("{date}T00:00:00Z"), &format!("{date}T00:00:00Z"));
        }
    }

    #[test]
    fn the_time_of_gos_own_log_is_known() {
        assert_eq!(go_length(b"2026/11/22 11:52:08 [DEBUG] x"), Some(19));
        assert_eq!(go_length(b"2026/11/22 11:52:08.653123 x"), Some(26));
        assert_eq!(go_length(b"2026/11/22T11:52:08 x"), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-13-22T11:52:08.653Z",
            "2026-11-22 11:52:08.653Z",
            "2026-11-22T11:52:08.Z",
            "2026-11-22T11:52:08.653",
            "2026-11-22T11:52:08.653+2",
            "2026-11-22T11:52:08.1234567890Z",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
