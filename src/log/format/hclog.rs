//! The text log of go-hclog, which `TF_LOG` writes: time, `[LEVEL]`, sometimes
//! a logger's name, the message, then ` key=value` arguments in random order.
//! A message and a value may both run over several lines.

use crate::log::level::Level;
use crate::log::record::{Field, Parts, Source};
use crate::log::stamp::{self, Millis};

use super::{arguments, crash};

/// What the index needs of a header line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub at: Millis,
    pub level: Level,
    /// Where the logger's name or the message begins.
    pub rest: usize,
}

/// Recognizes a header line by its time and bracketed level.
pub fn header(line: &[u8]) -> Option<Header> {
    let (at, end) = stamp::read(line)?;
    let bracket = line.get(end..)?.strip_prefix(b" [")?;
    let close = bracket.iter().take(6).position(|&byte| byte == b']')?;
    let level = Level::named(&bracket[..close])?;
    let after = end + 2 + close + 1;
    let padding = line[after..].iter().take_while(|&&b| b == b' ').count();
    Some(Header {
        at,
        level,
        rest: after + padding.min(2),
    })
}

/// The parts of a record whose first line is a header.
pub fn read(text: &str) -> Option<Parts> {
    let header = header(text.as_bytes())?;
    let (source, rest) = logger(text.get(header.rest..)?);
    let (first, continued) = rest.split_once('\n').unwrap_or((rest, ""));
    let (first, own_time) = match source {
        Source::Provider(_) => undoubled(first, header.level),
        _ => (first, None),
    };
    let (message, mut fields) = arguments::split(first);
    fields.extend(own_time);
    let body = arguments::read_blocks(continued, &mut fields);
    Some(Parts {
        at: Some(header.at),
        level: level(message, header.level, &source),
        source,
        message: message.to_owned(),
        fields,
        body: body.into_iter().map(without_header).collect(),
    })
}

/// A provider that dies says so at any level.
fn level(message: &str, of_header: Level, source: &Source) -> Level {
    match source {
        Source::Provider(_) if crash::announces(message.as_bytes()) => Level::Error,
        _ => of_header,
    }
}

/// The lines of a provider's crash each have a header; one is enough.
fn without_header(line: String) -> String {
    let rest = header(line.as_bytes()).and_then(|header| line.get(header.rest..));
    match rest.map(logger) {
        Some((Source::Provider(_), said)) => said.to_owned(),
        _ => line,
    }
}

/// What a provider says without the time and the level that it wrote itself,
/// and that time as a field.
pub(super) fn undoubled(text: &str, level: Level) -> (&str, Option<Field>) {
    let (time, said) = doubled(text, level);
    let field = time.map(|value| Field {
        name: "timestamp".to_owned(),
        value: value.to_owned(),
    });
    (said, field)
}

/// The time that a provider wrote itself although its line has one, and what
/// it then says. A level that repeats the header's is left out with it.
fn doubled(text: &str, level: Level) -> (Option<&str>, &str) {
    let length = stamp::read(text.as_bytes()).map(|(_, length)| length);
    let length = length.or_else(|| stamp::go_length(text.as_bytes()));
    let (time, rest) = match length.and_then(|length| text.split_at_checked(length)) {
        Some((time, rest)) if rest.starts_with(' ') => (Some(time), &rest[1..]),
        _ => (None, text),
    };
    let again = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match again {
        Some((word, said)) if Level::named(word.as_bytes()) == Some(level) => {
            (time, said.trim_start_matches(' '))
        }
        _ => (time, rest),
    }
}

/// Splits the logger's name from what it says. Messages contain colons too
/// (`vertex "x": visit complete`), so only the known families count as names.
fn logger(text: &str) -> (Source, &str) {
    let split = name(text.as_bytes());
    let split = split.and_then(|(name, message)| Some((named(text.get(..name)?)?, message)));
    split.map_or((Source::Core, text), |(source, message)| {
        (source, &text[message..])
    })
}

/// The source of the logger whose name stands at `rest` of a header line.
pub fn source_at(line: &[u8], rest: usize) -> Source {
    let rest = line.get(rest..).unwrap_or_default();
    name(rest)
        .and_then(|(name, _)| std::str::from_utf8(&rest[..name]).ok())
        .and_then(named)
        .unwrap_or(Source::Core)
}

/// How long the name of a logger may be at the start of a text, and where the
/// message after it begins. Of a provider that said nothing the name alone is left.
pub(super) fn name(text: &[u8]) -> Option<(usize, usize)> {
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-/".contains(byte);
    let length = text.iter().take_while(is_name).count();
    match &text[length..] {
        [b':', b' ', ..] => Some((length, length + 2)),
        [b':'] | [b':', b'\n', ..] => Some((length, length + 1)),
        [] | [b'\n', ..] if text.starts_with(b"provider.") => Some((length, length)),
        _ => None,
    }
}

/// The source that a logger's name stands for.
pub(super) fn named(name: &str) -> Option<Source> {
    let plausible = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.is_empty() || !name.chars().all(plausible) {
        return None;
    }
    let (family, rest) = name.split_once('.').unwrap_or((name, ""));
    match family {
        "provider" | "plugin" | "unmanaged" => Some(Source::Provider(provider(rest).to_owned())),
        "provisioner" | "cloud" => Some(Source::Other(family.to_owned())),
        _ => family
            .strip_prefix("backend-")
            .map(|kind| Source::Backend(kind.to_owned())),
    }
}

/// `aws` of `terraform-provider-aws_v5.50.0_x5`.
fn provider(logger: &str) -> &str {
    let binary = logger.strip_prefix("provider.").unwrap_or(logger);
    let Some(name) = binary.strip_prefix("terraform-provider-") else {
        return "provider";
    };
    name.split(['_', '.', ':']).next().unwrap_or(name)
}

#[cfg(test)]
pub(super) const SAMPLES: &[&str] = &[
    "2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4",
    "2026-11-22T13:52:08.653+0200 [WARN]  ignoring file suggested by TF_CLI_CONFIG_FILE",
    "2026-11-22T11:52:08.653Z [INFO]  CLI args: []string{\"terraform\", \"apply\", \"-no-color\"}",
    "2026-11-22T11:52:08.653Z [TRACE] vertex \"module.m[\\\"x/y\\\"].terraform_data.a\": visit complete",
    "2026-11-22T11:52:08.653Z [DEBUG] backend-s3.aws-base: HTTP Request Sent: http.method=GET http.url=https://s3.test/?a=b http.request.header.amz_sdk_request=\"attempt=1; max=5\" tf_aws.sdk=aws-sdk-go-v2",
    "2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: http.status_code=503 rpc.service=EC2\n  http.response.body=\n  | <Response>\n  |   <Code>RequestLimitExceeded</Code>\n  | </Response>\n   @module=aws timestamp=\"2026-11-22T11:52:08.650Z\"",
    "2026-11-22T11:52:08.653Z [DEBUG] provider: starting plugin: path=/bin/p args=[\"/bin/p\", \"\"]",
    "2026-11-22T11:52:08.653Z [TRACE] Completed graph transform:\n  terraform_data.a - *terraform.NodeApplyableResourceInstance\n  ------",
    "2026-11-22T11:52:08.653Z [ERROR] vertex \"terraform_data.a\" error: Invalid value",
    "2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-null_v3.2.0_x5: 2026/11/22 11:52:08 [DEBUG] reading: id=7",
    "2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x: panic: no\n2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x:\n2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x: goroutine 90 [running]:\n2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x:     /p/t.go:412 +0x1d",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(parts: &'a Parts, name: &str) -> &'a str {
        let found = parts.fields.iter().find(|field| field.name == name);
        found.map(|field| field.value.as_str()).unwrap()
    }

    #[test]
    fn every_sample_has_a_header_and_is_read() {
        for sample in SAMPLES {
            assert!(header(sample.as_bytes()).is_some(), "{sample}");
            assert!(!read(sample).unwrap().message.is_empty(), "{sample}");
        }
    }

    #[test]
    fn a_padded_level_leaves_no_space_before_the_message() {
        let parts = read(SAMPLES[0]).unwrap();
        assert_eq!(parts.level, Level::Info);
        assert_eq!(parts.message, "Terraform version: 1.11.4");
        assert_eq!(parts.source, Source::Core);
    }

    #[test]
    fn a_message_with_colons_is_not_taken_for_a_logger() {
        let parts = read(SAMPLES[3]).unwrap();
        assert_eq!(parts.source, Source::Core);
        assert_eq!(parts.fields, []);
        assert!(parts.message.ends_with("visit complete"));
    }

    #[test]
    fn arguments_are_split_at_the_first_equals_sign() {
        let parts = read(SAMPLES[4]).unwrap();
        assert_eq!(parts.source, Source::Backend("s3".into()));
        assert_eq!(parts.message, "HTTP Request Sent");
        assert_eq!(value(&parts, "http.url"), "https://s3.test/?a=b");
        assert_eq!(
            value(&parts, "http.request.header.amz_sdk_request"),
            "attempt=1; max=5"
        );
    }

    #[test]
    fn a_value_of_several_lines_is_one_value() {
        let parts = read(SAMPLES[5]).unwrap();
        assert_eq!(parts.source, Source::Provider("aws".into()));
        assert!(value(&parts, "http.response.body").contains("\n  <Code>RequestLimitExceeded"));
        assert_eq!(value(&parts, "timestamp"), "2026-11-22T11:52:08.650Z");
        assert_eq!(parts.body, Vec::<String>::new());
    }

    #[test]
    fn a_message_of_several_lines_keeps_their_indent() {
        let parts = read(SAMPLES[7]).unwrap();
        assert_eq!(parts.message, "Completed graph transform:");
        assert_eq!(parts.body[1], "  ------");
    }

    #[test]
    fn a_list_is_one_value() {
        let parts = read(SAMPLES[6]).unwrap();
        let args = Field {
            name: "args".into(),
            value: "[\"/bin/p\", \"\"]".into(),
        };
        assert_eq!(parts.fields[1], args);
    }

    #[test]
    fn a_time_and_a_level_that_a_provider_wrote_again_are_no_message() {
        let parts = read(SAMPLES[9]).unwrap();
        assert_eq!(parts.message, "reading");
        assert_eq!(value(&parts, "id"), "7");
        assert_eq!(value(&parts, "timestamp"), "2026/11/22 11:52:08");
        let louder = SAMPLES[9].replace("08 [DEBUG] reading", "08 [ERROR] reading");
        assert_eq!(read(&louder).unwrap().message, "[ERROR] reading");
    }

    #[test]
    fn a_crash_shows_each_header_once() {
        let parts = read(SAMPLES[10]).unwrap();
        assert_eq!(
            (parts.level, parts.message.as_str()),
            (Level::Error, "panic: no")
        );
        assert_eq!(
            parts.body,
            ["", "goroutine 90 [running]:", "    /p/t.go:412 +0x1d"]
        );
    }

    #[test]
    fn an_unknown_level_is_no_header() {
        assert_eq!(header(b"2026-11-22T11:52:08.653Z [LOUD] x"), None);
        assert_eq!(header(b"2026-11-22T11:52:08.653Z INFO x"), None);
    }
}
