//! One whole record as its bytes stand in the file: what decides its category
//! and what happened in it is read from here, without a copy and without
//! decoding. Only the grammar of the record is trusted: a text that stands
//! inside a value is never taken for a field or a message.

use memchr::memmem;

use super::lanes;
use super::level::Level;
use super::prefix;

mod members;
mod pairs;

use members::Members;
use pairs::Pairs;

/// Quotes are escaped inside JSON strings, so these bytes can only be a key.
const MESSAGE: &[u8] = b"\"@message\":\"";

/// A record: its header line with the lines that continue it.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    bytes: &'a [u8],
    level: Level,
    form: Form,
    /// Where the text log's message or logger's name begins.
    rest: usize,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The text log: time, level, message, then ` key=value` arguments.
    Text,
    /// An object a line: the JSON log, and the events of `-json`.
    Json,
    /// What a run prints for people.
    Output,
}

/// What a debug record says, taken apart without decoding.
#[derive(Debug, Clone)]
pub(super) struct Said<'a> {
    /// The logger's name, or the plugin's module; empty for Terraform itself.
    pub logger: &'a [u8],
    /// A JSON message keeps its escapes.
    pub message: &'a [u8],
    pub fields: Fields<'a>,
}

/// The named values of a record, in the order in which they stand. Those of
/// the text log have lost their outer quotes and kept the escapes; a value of
/// several lines keeps its `  | `.
#[derive(Debug, Clone)]
pub(super) enum Fields<'a> {
    Pairs(Pairs<'a>),
    Members(Members<'a>),
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Pairs(pairs) => pairs.next(),
            Self::Members(members) => members.next(),
        }
    }
}

impl<'a> Raw<'a> {
    /// How many bytes of a record are looked at; what comes later changes nothing.
    pub const CAP: usize = 64 * 1024;

    /// A record from its first byte to the start of the next; `level` is the
    /// one at which the grammar counts it.
    pub fn new(bytes: &'a [u8], level: Level) -> Self {
        let bytes = &bytes[..bytes.len().min(Self::CAP)];
        // Nearly every record begins with its own header, and needs no look for a prefix.
        let (bytes, rest) = if let Some(rest) = rest_of_header(bytes) {
            (bytes, Some(rest))
        } else {
            let own = prefix::own_text(bytes);
            (own, rest_of_header(own))
        };
        let form = match (bytes.first(), rest) {
            (Some(b'{'), _) => Form::Json,
            (_, Some(_)) => Form::Text,
            (_, None) => Form::Output,
        };
        Self {
            bytes,
            level,
            form,
            rest: rest.unwrap_or(bytes.len()),
        }
    }

    /// A record that is known to begin with the common header of a text log.
    #[inline]
    pub(super) fn behind_the_common_header(bytes: &'a [u8], level: Level) -> Self {
        Self {
            bytes: &bytes[..bytes.len().min(Self::CAP)],
            level,
            form: Form::Text,
            rest: COMMON_HEADER,
        }
    }

    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub fn level(self) -> Level {
        self.level
    }

    pub fn form(self) -> Form {
        self.form
    }

    /// What follows time and level in the text log, with the logger's name and
    /// all continuation lines; empty for other forms.
    pub(super) fn after_header(self) -> &'a [u8] {
        match self.form {
            Form::Text => &self.bytes[self.rest..],
            Form::Json | Form::Output => &[],
        }
    }

    /// What a debug record begins to say: its message with all that follows it,
    /// in JSON with its escapes; empty for run output.
    pub(super) fn message(self) -> &'a [u8] {
        match self.form {
            Form::Text => logger(self.after_header()).1,
            Form::Json => {
                let start = memmem::find(self.bytes, MESSAGE);
                start.map_or(&[], |at| &self.bytes[at + MESSAGE.len()..])
            }
            Form::Output => &[],
        }
    }

    /// A request or an answer of the text log, without a look at its arguments.
    pub(super) fn exchange(self) -> Option<Said<'a>> {
        let (logger, rest) = logger(self.after_header());
        let (message, pairs) = exchange(rest)?;
        let fields = Fields::Pairs(pairs);
        Some(Said {
            logger,
            message,
            fields,
        })
    }

    /// What the record says; none for run output.
    pub(super) fn said(self) -> Option<Said<'a>> {
        match self.form {
            Form::Text => {
                let (logger, rest) = logger(self.after_header());
                let (message, pairs) = exchange(rest).unwrap_or_else(|| pairs::split(rest));
                let fields = Fields::Pairs(pairs);
                Some(Said {
                    logger,
                    message,
                    fields,
                })
            }
            Form::Json => {
                let members = Members::of(self.bytes);
                let member = |name: &[u8]| {
                    let mut named = members.clone().filter(|(key, _)| *key == name);
                    named.next().map(|(_, value)| value).unwrap_or_default()
                };
                Some(Said {
                    logger: member(b"@module"),
                    message: member(b"@message"),
                    fields: Fields::Members(members),
                })
            }
            Form::Output => None,
        }
    }
}

impl<'a> Said<'a> {
    /// What stands behind the message of a request or an answer of the text log.
    pub fn text_of_an_exchange(&self) -> Option<&'a [u8]> {
        match &self.fields {
            Fields::Pairs(pairs) => pairs.text_of_an_exchange(),
            Fields::Members(_) => None,
        }
    }

    /// The first value of this name; of a JSON value its text between the quotes.
    pub fn field(&self, name: &[u8]) -> Option<&'a [u8]> {
        let mut named = self.fields.clone().filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| value)
    }
}

/// How long the header is that nearly every record of a text log has:
/// `2026-11-22T11:52:08.653Z [DEBUG] `.
pub(super) const COMMON_HEADER: usize = 33;

/// The five levels in their brackets, with the space that follows.
const BRACKETS: [&[u8; 8]; 5] = [
    b"[TRACE] ",
    b"[DEBUG] ",
    b"[INFO]  ",
    b"[WARN]  ",
    b"[ERROR] ",
];

/// Where the text after `time [LEVEL] ` of a text header begins.
fn rest_of_header(line: &[u8]) -> Option<usize> {
    // In UTC and to the millisecond, as nearly every log is.
    if let Some(bracket) = line.get(25..COMMON_HEADER)
        && line[23] == b'Z'
        && line[10] == b'T'
        && BRACKETS.iter().any(|known| *known == bracket)
    {
        return Some(COMMON_HEADER);
    }
    if line.get(4) != Some(&b'-') || line.get(10) != Some(&b'T') {
        return None;
    }
    // The longest time is 35 bytes, the longest level 5.
    let reach = &line[..line.len().min(48)];
    let open = memchr::memchr(b'[', reach)?;
    let close = open + memchr::memchr(b']', &reach[open..])?;
    Level::named(&reach[open + 1..close])?;
    let rest = &line[close + 1..];
    let padding = rest.iter().take(2).take_while(|&&byte| byte == b' ');
    Some(close + 1 + padding.count())
}

/// The messages whose arguments are known to begin at their colon: every
/// request and answer of the AWS SDK has one of them.
const EXCHANGES: [&[u8]; 2] = [b"HTTP Request Sent:", b"HTTP Response Received:"];

fn exchange(text: &[u8]) -> Option<(&[u8], Pairs<'_>)> {
    let message = EXCHANGES.iter().find(|message| text.starts_with(message))?;
    let (message, rest) = text.split_at(message.len());
    Some((&message[..message.len() - 1], Pairs::of_an_exchange(rest)))
}

/// No name of a logger or of an argument is longer.
pub(super) const LONGEST_NAME: usize = 256;

/// The families of loggers; in a core message a colon can stand anywhere.
const FAMILIES: [&[u8]; 6] = [
    b"provider",
    b"backend-",
    b"unmanaged",
    b"provisioner",
    b"cloud",
    b"plugin.",
];

/// Whether the first letter is that of a family.
pub(super) fn may_have_a_logger(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'p' | b'b' | b'u' | b'c'))
}

/// Splits the logger's name from what it says.
pub(super) fn logger(text: &[u8]) -> (&[u8], &[u8]) {
    if !may_have_a_logger(text) || !FAMILIES.iter().any(|family| text.starts_with(family)) {
        return (&[], text);
    }
    let length = lanes::name_length(&text[..text.len().min(LONGEST_NAME)]);
    let has_at = || lanes::find(&text[..length], b'@').is_some();
    let is_name = text.get(length) == Some(&b':') && !has_at();
    if !is_name {
        return (&[], text);
    }
    match text[length + 1..].strip_prefix(b" ") {
        Some(rest) => (&text[..length], rest),
        None => (&[], text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said<'_> {
        Raw::new(text.as_bytes(), Level::Debug).said().unwrap()
    }

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    const RESPONSE: &str = "2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: http.status_code=503 rpc.service=EC2 x=\"a b=c\"\n  http.response.body=\n  | <Code>http.status_code=200</Code>\n  | x\n   http.duration=12 list=[\"a\", \"b\"]\n";

    #[test]
    fn the_fields_after_a_body_are_fields_and_the_body_is_not() {
        let said = said(RESPONSE);
        assert_eq!(
            shown(said.logger),
            "provider.terraform-provider-aws_v5.50.0_x5"
        );
        assert_eq!(shown(said.message), "HTTP Response Received");
        let field = |name: &str| said.field(name.as_bytes()).map(shown);
        assert_eq!(field("http.status_code").unwrap(), "503");
        assert_eq!(field("http.duration").unwrap(), "12");
        assert_eq!(field("x").unwrap(), "a b=c");
        assert_eq!(field("list").unwrap(), "[\"a\", \"b\"]");
        assert!(field("http.response.body").unwrap().contains("<Code>"));
        assert_eq!(said.fields.clone().count(), 6);
    }

    #[test]
    fn the_prefixes_of_a_ci_are_looked_through() {
        let prefixed = |line: &str| format!("2026-11-22T11:52:08.6531234Z {line}\n");
        let text: String = RESPONSE.lines().map(prefixed).collect();
        let said = said(&text);
        assert_eq!(shown(said.message), "HTTP Response Received");
        assert_eq!(said.field(b"http.duration"), Some(&b"12"[..]));
        assert_eq!(said.fields.clone().count(), 6);
    }

    #[test]
    fn a_body_right_after_the_message_is_a_field() {
        let text = "2026-11-22T11:52:08.653+0200 [INFO]  backend-s3: HTTP Response Received:\n  b=\n  | x\n   n=1";
        let said = said(text);
        assert_eq!(shown(said.message), "HTTP Response Received");
        assert_eq!(said.field(b"n"), Some(&b"1"[..]));
    }

    #[test]
    fn a_core_message_keeps_its_colons() {
        let said = said("2026-11-22T11:52:08.653Z [TRACE] vertex \"a.b\": visit complete");
        assert_eq!(shown(said.logger), "");
        assert_eq!(shown(said.message), "vertex \"a.b\": visit complete");
    }

    #[test]
    fn only_the_members_of_the_object_itself_are_fields() {
        let said = said(
            r#"{"@level":"debug","@message":"a \"quoted\" one","@module":"aws","o":{"n":1,"s":"}"},"n":2,"l":[1,"]"]}"#,
        );
        assert_eq!(shown(said.logger), "aws");
        assert_eq!(shown(said.message), r#"a \"quoted\" one"#);
        assert_eq!(said.field(b"n"), Some(&b"2"[..]));
        assert_eq!(said.field(b"l"), Some(&br#"[1,"]"]"#[..]));
    }

    #[test]
    fn a_count_at_the_start_of_run_output_is_no_header() {
        let raw = Raw::new(b"3 errors occurred:\n * x", Level::Info);
        assert_eq!(raw.form(), Form::Output);
        assert!(raw.said().is_none());
    }

    #[test]
    fn every_cut_of_a_record_is_read_without_harm() {
        for sample in crate::log::format::samples().chain([RESPONSE]) {
            for end in 0..=sample.len() {
                let raw = Raw::new(&sample.as_bytes()[..end], Level::Info);
                if let Some(said) = raw.said() {
                    assert!(said.fields.count() <= end);
                }
            }
        }
    }
}
