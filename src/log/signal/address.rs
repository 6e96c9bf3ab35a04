//! The address of a resource instance, recognized in bytes. A key may hold
//! anything, a colon and a bracket too, so an address is read from its start
//! and never searched for.

use crate::log::lanes;

/// Words that begin the address of what is no resource.
const NO_TYPES: [&[u8]; 9] = [
    b"var",
    b"local",
    b"output",
    b"module",
    b"provider",
    b"each",
    b"count",
    b"path",
    b"check",
];

/// Whether all of a text is the address of a resource or of one of its instances.
pub fn is_resource(text: &[u8]) -> bool {
    length(text).is_some_and(|length| {
        text.len() == length || text[length..].starts_with(b" (deposed object ")
    })
}

/// How many bytes the address at the start of a text takes.
pub fn length(text: &[u8]) -> Option<usize> {
    let names = Names::of(text);
    let mut at = 0;
    while text[at..].starts_with(b"module.") {
        at = after_key(text, names.after(at + b"module.".len())?)?;
        at = after_point(text, at)?;
    }
    for mode in [&b"data."[..], b"ephemeral."] {
        if text[at..].starts_with(mode) {
            at += mode.len();
        }
    }
    let end = names.after(at)?;
    if NO_TYPES.contains(&&text[at..end]) {
        return None;
    }
    let name = names.after(after_point(text, end)?)?;
    after_key(text, name)
}

fn after_point(text: &[u8], at: usize) -> Option<usize> {
    (text.get(at) == Some(&b'.')).then_some(at + 1)
}

/// Where names end in a text: all bytes in which an address nearly always lies
/// are looked at together.
struct Names<'a> {
    text: &'a [u8],
    /// Which of the first bytes may stand in a name.
    first: u64,
}

impl<'a> Names<'a> {
    #[inline]
    fn of(text: &'a [u8]) -> Self {
        let first = lanes::in_words(text);
        Self { text, first }
    }

    /// Past one name: letters, digits, `_`, `-`, and whatever is not ASCII.
    #[inline]
    fn after(&self, at: usize) -> Option<usize> {
        if self.text.get(at)?.is_ascii_digit() {
            return None;
        }
        let within = self.first.checked_shr(at as u32).unwrap_or(0);
        let mut end = at + within.trailing_ones() as usize;
        if end >= lanes::WORDS {
            end += lanes::in_words_length(&self.text[end..]);
        }
        (end > at).then_some(end)
    }
}

/// Past `[0]` or `["key"]`, where there is one.
fn after_key(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'[') {
        return Some(at);
    }
    let key = &text[at + 1..];
    let length = match key.first()? {
        b'"' => quoted(key)?,
        _ => key.iter().take_while(|byte| byte.is_ascii_digit()).count(),
    };
    (length > 0 && key.get(length) == Some(&b']')).then_some(at + length + 2)
}

/// The length of a quoted text with its quotes.
pub fn quoted(text: &[u8]) -> Option<usize> {
    text.strip_prefix(b"\"")?;
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_its_modules_and_keys() {
        for text in [
            "aws_instance.web",
            "aws_instance.web[0]",
            "data.aws_ami.x",
            "module.m.aws_x.y[\"a: Creating... ]\"]",
            r#"module.m["x/y"].module.n[1].terraform_data.many["q\"uote"]"#,
            "aws_instance.web (deposed object 1a2b3c4d)",
        ] {
            assert!(is_resource(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn an_address_of_any_length_is_read_to_its_end() {
        for length in 1..150 {
            let name = "n".repeat(length);
            for text in [
                format!("aws_x.{name}"),
                format!("module.{name}.aws_x.y[3]"),
                format!("{name}.{name}[\"k\"]"),
            ] {
                assert!(is_resource(text.as_bytes()), "{text}");
                let more = format!("{text}: Creating...");
                assert_eq!(super::length(more.as_bytes()), Some(text.len()), "{text}");
                assert_eq!(
                    super::length(format!("{text}.3").as_bytes()),
                    Some(text.len())
                );
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_none() {
        assert_eq!(quoted(b"\"abc\\"), None);
        assert_eq!(quoted(b"\"a\\\"b\" c"), Some(6));
    }

    #[test]
    fn what_is_no_resource_has_no_address() {
        for text in [
            "",
            ".",
            "root",
            "var.region",
            "module.m.local.x",
            "output.url",
            "module.m (expand)",
            "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "Note",
            "aws_instance.web (expand)",
            "aws_instance.web[",
            "aws_instance.web[\"",
            "aws_instance.web[x]",
            "3.x",
        ] {
            assert!(!is_resource(text.as_bytes()), "{text}");
        }
    }
}
