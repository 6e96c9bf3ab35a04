//! The bytes of an older version as the next one: only the top-level `serial`
//! changes, textually. Re-serializing through a model would lose numbers beyond
//! f64 and fields that this version does not know.

use std::sync::Arc;

use super::json::{Flaw, Scanner, Shape, Span};
use super::snapshot::Serial;

/// The same state with another serial; none where the bytes are no JSON object.
///
/// The last of two `serial` fields counts, as for Terraform; where there is
/// none, one is put in front.
pub fn with_serial(text: &[u8], serial: Serial) -> Option<Arc<[u8]>> {
    let (start, found) = place(text).ok()??;
    let (before, number, after) = match found {
        Some(span) => (&text[..span.start], serial.0.to_string(), &text[span.end..]),
        None => (
            &text[..=start],
            format!("\"serial\":{},", serial.0),
            &text[start + 1..],
        ),
    };
    let parts = [before, number.as_bytes(), after];
    // Made where it stays: a large state must not be there twice for a moment.
    let length = parts.iter().map(|part| part.len()).sum();
    let mut next: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    let mut rest = Arc::get_mut(&mut next)?;
    for part in parts {
        let (here, left) = rest.split_at_mut(part.len());
        here.copy_from_slice(part);
        rest = left;
    }
    Some(next)
}

/// Where the object opens, and where the serial's number stands.
fn place(text: &[u8]) -> Result<Option<(usize, Option<Span>)>, Flaw> {
    let mut scanner = Scanner::new(text);
    let start = scanner.offset();
    if scanner.shape()? != Shape::Object {
        return Ok(None);
    }
    let mut found = None;
    scanner.object::<Flaw>(|scanner, name| {
        let span = scanner.skip()?;
        if name == "serial" {
            found = Some(span);
        }
        Ok(())
    })?;
    scanner.finish()?;
    Ok(Some((start, found)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn next(text: &str, serial: u64) -> Option<String> {
        let bytes = with_serial(text.as_bytes(), Serial(serial))?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn only_the_serial_changes() {
        let text = "{\n  \"version\": 4,\n  \"serial\": 7,\n  \"x\": 12345678901234567890.10,\n  \"deep\": {\"serial\": 7}\n}\n";
        assert_eq!(
            next(text, 412).unwrap(),
            text.replacen("\"serial\": 7", "\"serial\": 412", 1)
        );
    }

    #[test]
    fn of_two_serials_the_one_that_counts_is_changed() {
        assert_eq!(
            next(r#"{"serial":1,"serial":2}"#, 9).unwrap(),
            r#"{"serial":1,"serial":9}"#
        );
    }

    #[test]
    fn a_state_without_a_serial_gets_one() {
        let bytes = with_serial(br#" {"version":4}"#, Serial(3)).unwrap();
        let reading = Reading::of(bytes);
        assert_eq!(reading.header().unwrap().serial, Some(Serial(3)));
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        for text in ["", "[]", "null", "{\"serial\":1", "{} x"] {
            assert_eq!(next(text, 2), None, "{text}");
        }
    }
}
