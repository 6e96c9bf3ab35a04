//! The fields of a request or an answer that are counted, read from its header
//! line in one quick walk. What is not as simple as nearly every such line is
//! left to the reading of all fields, which comes to the same.

use crate::log::lanes;
use crate::log::raw::LONGEST_NAME;

/// A field that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Service,
    Operation,
    /// The id of what asked.
    Asker,
    /// The id that all attempts at one call share.
    Invocation,
    Attempt,
    /// How often it was sent before.
    Resent,
    Status,
    /// How long it took, in milliseconds.
    Took,
}

impl Counted {
    /// The field of this name, in the words of backends and providers, new and old.
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"rpc.service" | b"aws.service" => Self::Service,
            b"rpc.method" | b"aws.operation" => Self::Operation,
            b"tf_req_id" | b"tf_backend.req_id" => Self::Asker,
            b"http.request.header.amz_sdk_invocation_id" => Self::Invocation,
            b"http.request.header.amz_sdk_request" => Self::Attempt,
            b"http.resend_count" => Self::Resent,
            b"http.status_code" | b"http.response.status_code" => Self::Status,
            b"http.duration" => Self::Took,
            _ => return None,
        })
    }
}

/// Whether a name is as long as one that is counted, and ends as one: most do not.
#[inline]
fn may_be_counted(name: &[u8]) -> bool {
    const LENGTHS: u64 =
        1 << 9 | 1 << 10 | 1 << 11 | 1 << 13 | 1 << 16 | 1 << 17 | 1 << 25 | 1 << 35 | 1 << 41;
    name.len() < 64
        && LENGTHS >> name.len() & 1 == 1
        && matches!(name.last(), Some(b'd' | b'e' | b'n' | b't'))
}

/// Gives the counted fields of a header line to `take` until it says that they
/// are enough; `text` begins behind the message's colon. False where they were
/// not enough: then nothing can be said of those that were given.
#[inline]
pub fn take_from<'a>(text: &'a [u8], mut take: impl FnMut(Counted, &'a [u8]) -> bool) -> bool {
    let mut rest = text;
    while let Some(field) = rest.strip_prefix(b" ") {
        let named = lanes::named(field).filter(|&(equals, _)| equals < LONGEST_NAME);
        let Some((equals, mut end)) = named else {
            return false;
        };
        let mut value = &field[equals + 1..end];
        match field.get(end) {
            // A line that ends may go on beneath with what is needed.
            None | Some(b' ' | b'\n') => {}
            Some(b'"') if value.is_empty() => {
                let text = &field[end + 1..];
                let Some(length) = lanes::closing_quote(text) else {
                    return false;
                };
                value = &text[..length];
                end += length + 2;
            }
            Some(_) => return false,
        }
        let name = &field[..equals];
        if may_be_counted(name)
            && let Some(counted) = Counted::named(name)
            && take(counted, value)
        {
            return true;
        }
        rest = &field[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str, enough: usize) -> Option<Vec<(Counted, String)>> {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut all = Vec::new();
        let is_enough = take_from(line.as_bytes(), |counted, value| {
            all.push((counted, shown(value)));
            all.len() == enough
        });
        is_enough.then_some(all)
    }

    #[test]
    fn the_counted_fields_are_found_in_their_order() {
        let line = " @module=aws rpc.method=Get x.rpc.service=No rpc.service=S3 http.request.header.amz_sdk_request=\"attempt=2; max=5\" http.status_code=200";
        let all = taken(line, 4).unwrap();
        let all: Vec<_> = all
            .iter()
            .map(|(counted, value)| (*counted, &**value))
            .collect();
        assert_eq!(
            all,
            [
                (Counted::Operation, "Get"),
                (Counted::Service, "S3"),
                (Counted::Attempt, "attempt=2; max=5"),
                (Counted::Status, "200"),
            ]
        );
        assert_eq!(taken(line, 5), None);
    }

    #[test]
    fn no_counted_name_is_passed_over() {
        for name in [
            "rpc.service",
            "aws.service",
            "rpc.method",
            "aws.operation",
            "tf_req_id",
            "tf_backend.req_id",
            "http.request.header.amz_sdk_invocation_id",
            "http.request.header.amz_sdk_request",
            "http.resend_count",
            "http.status_code",
            "http.response.status_code",
            "http.duration",
        ] {
            assert!(may_be_counted(name.as_bytes()), "{name}");
            assert!(Counted::named(name.as_bytes()).is_some(), "{name}");
            assert_eq!(Counted::named(name.to_uppercase().as_bytes()), None);
        }
    }

    #[test]
    fn a_name_inside_a_value_is_no_field() {
        for body in [
            r#""a rpc.method=Fake b""#,
            r#""{\"a\": \" rpc.method=Fake""#,
            r#""\\""#,
        ] {
            let line = format!(" http.request.body={body} rpc.method=True");
            assert_eq!(taken(&line, 1).unwrap()[0].1, "True", "{body}");
        }
    }

    #[test]
    fn what_is_not_simple_is_left_to_the_slow_reading() {
        for line in [
            "",
            " rpc.method",
            " list=[\"a\", \"b\"] rpc.method=Get",
            " body=\"a rpc.method=Get",
            " body=\"a\"b rpc.method=Get",
            " body=\"a\n\" rpc.method=Get",
            " body=a\"b rpc.method=Get",
            " word rpc.method=Get",
            " x=1\n rpc.method=Get",
            " x=1\r rpc.method=Get",
        ] {
            assert_eq!(taken(line, 1), None, "{line}");
        }
    }
}
