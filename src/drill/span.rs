//! Spans of time as a scenario writes them: `6m`, `1h 16m`, `9d 4h`, `350ms`.
//! A day is 24 hours.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de};

/// Reads a span of a TOML file; a negative one is refused.
pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).map_err(de::Error::custom)
}

/// As [`read`], for a span that may be left out.
pub fn read_some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SignedDuration>, D::Error> {
    read(from).map(Some)
}

fn parse(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text
        .parse()
        .map_err(|error| format!("{text:?} is no span of time: {error}"))?;
    let relative = SpanRelativeTo::days_are_24_hours();
    match span.to_duration(relative) {
        Ok(span) if !span.is_negative() => Ok(span),
        Ok(_) => Err(format!("{text:?} is a negative span of time")),
        Err(error) => Err(format!("{text:?} is no span of time: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_a_person_writes_them() {
        let seconds = |text: &str| parse(text).map(|span| span.as_secs());
        assert_eq!(seconds("1h 16m"), Ok(4560));
        assert_eq!(seconds("9d 4h"), Ok(792_000));
        assert_eq!(parse("350ms"), Ok(SignedDuration::from_millis(350)));
        assert!(parse("-5m").is_err() && parse("soon").is_err());
    }
}
