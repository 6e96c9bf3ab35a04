//! The text log of go-hclog, which `TF_LOG` writes: time, `[LEVEL]`, sometimes
//! a logger's name, the message, then ` key=value` arguments in random order.
//! A message and a value may both run over several lines.

use memchr::memmem;

use crate::log::level::Level;
use crate::log::record::{Parts, Source};
use crate::log::stamp::{self, Millis};

use super::arguments;

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
    let (message, mut fields) = arguments::split(first);
    let body = arguments::read_blocks(continued, &mut fields);
    Some(Parts {
        at: Some(header.at),
        level: header.level,
        source,
        message: message.to_owned(),
        fields,
        body,
    })
}

/// Splits the logger's name from what it says. Messages contain colons too
/// (`vertex "x": visit complete`), so only the known families count as names.
fn logger(text: &str) -> (Source, &str) {
    text.split_once(": ")
        .and_then(|(name, rest)| named(name).map(|source| (source, rest)))
        .unwrap_or((Source::Core, text))
}

/// The source of the logger whose name stands at `rest` of a header line.
pub fn source_at(line: &[u8], rest: usize) -> Source {
    let rest = line.get(rest..).unwrap_or_default();
    memmem::find(rest, b": ")
        .and_then(|end| std::str::from_utf8(&rest[..end]).ok())
        .and_then(named)
        .unwrap_or(Source::Core)
}

/// The source that a logger's name stands for.
pub(super) fn named(name: &str) -> Option<Source> {
    let plausible = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.is_empty() || !name.chars().all(plausible) {
        return None;
    }
    let (family, rest) = name.split_once('.').unwrap_or((name, ""));
    match family {
        "provider" | "unmanaged" => Some(Source::Provider(provider(rest).to_owned())),
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
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::record::Field;

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
    fn an_unknown_level_is_no_header() {
        assert_eq!(header(b"2026-11-22T11:52:08.653Z [LOUD] x"), None);
        assert_eq!(header(b"2026-11-22T11:52:08.653Z INFO x"), None);
    }
}
