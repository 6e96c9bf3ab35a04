//! The fields of a request or an answer that are counted, read from its header
//! line in one quick walk. What is not as simple as nearly every such line is
//! left to the reading of all fields, which comes to the same.

use crate::log::lanes;

/// Gives the counted fields of a header line to `take` until it says that they
/// are enough; `line` begins behind the message's colon. False where they were
/// not enough: then nothing can be said of those that were given.
pub fn take_from<'a>(line: &'a [u8], mut take: impl FnMut(&[u8], &'a [u8]) -> bool) -> bool {
    let mut rest = line;
    while let Some(field) = rest.strip_prefix(b" ") {
        let Some(equals) = lanes::find(field, b'=') else {
            return false;
        };
        let text = &field[equals + 1..];
        let (value, after) = match text.first() {
            Some(b'"') => match quoted(&text[1..]) {
                Some(end) => (&text[1..=end], end + 2),
                None => return false,
            },
            Some(b'[') => return false,
            _ => {
                let end = lanes::find(text, b' ').unwrap_or(text.len());
                (&text[..end], end)
            }
        };
        let name = &field[..equals];
        if is_counted(name) && take(name, value) {
            return true;
        }
        rest = &text[after..];
    }
    false
}

/// Where the quote stands that closes a value.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += lanes::find_either(text.get(at..)?, b'"', b'\\')?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a field is one of those that are counted.
#[inline]
fn is_counted(name: &[u8]) -> bool {
    // The last letters alone tell nearly all others apart.
    let Some(end) = name.last_chunk::<4>() else {
        return false;
    };
    match end {
        b"vice" | b"thod" | b"tion" | b"q_id" | b"n_id" | b"uest" | b"ount" | b"code" => {
            is_named(name)
        }
        _ => false,
    }
}

fn is_named(name: &[u8]) -> bool {
    matches!(
        name,
        b"rpc.service"
            | b"aws.service"
            | b"rpc.method"
            | b"aws.operation"
            | b"tf_req_id"
            | b"tf_backend.req_id"
            | b"http.request.header.amz_sdk_invocation_id"
            | b"http.request.header.amz_sdk_request"
            | b"http.resend_count"
            | b"http.status_code"
            | b"http.response.status_code"
            | b"http.duration"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str, enough: usize) -> Option<Vec<(String, String)>> {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut all = Vec::new();
        let is_enough = take_from(line.as_bytes(), |name, value| {
            all.push((shown(name), shown(value)));
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
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            all,
            [
                ("rpc.method", "Get"),
                ("rpc.service", "S3"),
                ("http.request.header.amz_sdk_request", "attempt=2; max=5"),
                ("http.status_code", "200"),
            ]
        );
        assert_eq!(taken(line, 5), None);
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
        ] {
            assert_eq!(taken(line, 1), None, "{line}");
        }
    }
}
