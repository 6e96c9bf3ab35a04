//! The JSON log of go-hclog (`TF_LOG=JSON`): one object a line, with
//! `@level`, `@message`, `@timestamp` and the fields flattened beside them. A
//! provider's own `@module` overwrites the name of the logger it came through.

use memchr::memmem;
use serde_json::{Map, Value};

use crate::log::display;
use crate::log::level::Level;
use crate::log::record::{Field, Parts, Source};
use crate::log::stamp::{self, Millis};

use super::{crash, hclog};

/// Recognizes a line by its level; the time may be missing or past the reach.
///
/// Quotes are escaped inside JSON strings, so the exact bytes can only be a key.
pub fn header(line: &[u8]) -> Option<(Option<Millis>, Level)> {
    let level = text_after(line, b"\"@level\":\"")?;
    let word = &level[..level.iter().take(6).position(|&byte| byte == b'"')?];
    let at = text_after(line, b"\"@timestamp\":\"").and_then(stamp::read);
    Some((at.map(|(at, _)| at), Level::named(word)?))
}

/// The name of a provider's logger and what it says, as both stand escaped in
/// the line. It is looked for only where it may be of a crash.
pub fn said_by_a_provider(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let said = text_after(line, b"\"@message\":\"")?;
    let may_be = matches!(said.first(), Some(b'"' | b'\\' | b'['))
        || crash::announces(said)
        || said.starts_with(b"goroutine ")
        || said.starts_with(b"created by ")
        || said.starts_with(b"exit status ")
        || memchr::memchr3(b'(', b' ', b'"', said).is_some_and(|at| said[at] == b'(');
    if !may_be {
        return None;
    }
    let name = text_after(line, b"\"@module\":\"").filter(|name| name.starts_with(b"provider."))?;
    let name = &name[..memchr::memchr(b'"', name)?];
    let end = (0..said.len()).find(|&at| said[at] == b'"' && !escaped(&said[..at]))?;
    // A tab is the one escape that tells a line of a dump.
    let said = &said[..end];
    Some((name, said.strip_prefix(b"\\t").map_or(said, |_| b"\t")))
}

/// Whether what follows `before` is escaped by the backslashes at its end.
fn escaped(before: &[u8]) -> bool {
    before
        .iter()
        .rev()
        .take_while(|&&byte| byte == b'\\')
        .count()
        % 2
        == 1
}

fn text_after<'a>(line: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    memmem::find(line, key).map(|at| &line[at + key.len()..])
}

/// The parts of a record whose first line is an object with a level. Of an
/// object that is cut off or broken the text itself is the message.
pub fn read(text: &str) -> Option<Parts> {
    if let Some((object, body)) = object(text) {
        return Some(of_log(object, body));
    }
    let (first, continued) = text.split_once('\n').unwrap_or((text, ""));
    let (at, level) = header(first.as_bytes())?;
    Some(Parts {
        at,
        level,
        source: Source::Core,
        message: first.to_owned(),
        fields: Vec::new(),
        body: continued.lines().map(str::to_owned).collect(),
    })
}

/// The parts of an object of the debug log. The lines of a provider's crash are
/// objects too; what they say is enough.
fn of_log(object: Map<String, Value>, body: Vec<String>) -> Parts {
    let said = |line: String| {
        let message = parsed(&line).and_then(|mut object| object.shift_remove("@message"));
        match message {
            Some(Value::String(said)) => said,
            _ => line,
        }
    };
    let mut parts = parts(object, body.into_iter().map(said).collect());
    if !matches!(parts.source, Source::Provider(_)) {
        return parts;
    }
    let (said, own_time) = hclog::undoubled(&parts.message, parts.level);
    parts.fields.extend(own_time);
    parts.message = said.to_owned();
    if crash::announces(parts.message.as_bytes()) {
        parts.level = Level::Error;
    }
    parts
}

/// The object of the first line, and the lines after it.
pub(super) fn object(text: &str) -> Option<(Map<String, Value>, Vec<String>)> {
    let (first, continued) = text.split_once('\n').unwrap_or((text, ""));
    header(first.as_bytes())?;
    let object = parsed(first)?;
    Some((object, continued.lines().map(str::to_owned).collect()))
}

/// An object whose text is safe to show: an escape in JSON may stand for any
/// control character.
fn parsed(line: &str) -> Option<Map<String, Value>> {
    let object: Map<String, Value> = serde_json::from_str(line).ok()?;
    Some(tamed(object))
}

fn tamed(object: Map<String, Value>) -> Map<String, Value> {
    let pairs = object.into_iter();
    pairs
        .map(|(name, value)| (display::safe(name.as_bytes()), tame(value)))
        .collect()
}

fn tame(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(display::safe(text.as_bytes())),
        Value::Array(values) => Value::Array(values.into_iter().map(tame).collect()),
        Value::Object(object) => Value::Object(tamed(object)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Takes the well-known keys out of an object and leaves the rest as fields.
pub(super) fn parts(mut object: Map<String, Value>, body: Vec<String>) -> Parts {
    let mut take = |key: &str| match object.shift_remove(key) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (level, at, module) = (take("@level"), take("@timestamp"), take("@module"));
    let message = take("@message");
    let mut body = body;
    let mut rows = message.lines();
    let first = rows.next().unwrap_or_default().to_owned();
    body.splice(0..0, rows.map(str::to_owned));
    Parts {
        at: stamp::read(at.as_bytes()).map(|(at, _)| at),
        level: Level::named(level.as_bytes()).unwrap_or(Level::Info),
        source: source(&module, &object),
        message: first,
        fields: object.into_iter().map(field).collect(),
        body,
    }
}

fn field((name, value): (String, Value)) -> Field {
    let value = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Field { name, value }
}

/// The source of a header line, by its module alone.
pub fn source_of(line: &[u8]) -> Source {
    let module = text_after(line, b"\"@module\":\"").and_then(|rest| {
        let end = memchr::memchr(b'"', rest)?;
        std::str::from_utf8(&rest[..end]).ok()
    });
    source(module.unwrap_or_default(), &Map::new())
}

/// Who wrote it: the host's logger, else the plugin's own module.
fn source(module: &str, fields: &Map<String, Value>) -> Source {
    if module == "terraform.ui" {
        return Source::Run;
    }
    if let Some(source) = hclog::named(module) {
        return source;
    }
    let family = module.split('.').next().unwrap_or_default();
    match family {
        "" | "terraform" => Source::Core,
        // The plugin libraries name themselves; the provider stands in a field.
        "sdk" => Source::Provider(address(fields).unwrap_or("provider").to_owned()),
        name => Source::Provider(name.to_owned()),
    }
}

/// `aws` of a field like `…/hashicorp/aws`.
fn address(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("tf_provider_addr")?.as_str()?.rsplit('/').next()
}

#[cfg(test)]
pub(super) const SAMPLES: &[&str] = &[
    r#"{"@level":"info","@message":"Terraform version: 1.11.4","@timestamp":"2026-11-22T11:52:08.653000Z"}"#,
    r#"{"@level":"debug","@message":"HTTP Response Received","@module":"backend-s3.aws-base","@timestamp":"2026-11-22T13:52:08.653000+02:00","http.duration":12,"http.status_code":200,"rpc.service":"S3"}"#,
    r#"{"@caller":"client.go:1","@level":"trace","@message":"Received request","@module":"sdk.proto","@timestamp":"2026-11-22T11:52:08.653000Z","tf_provider_addr":"example.test/hashicorp/aws","tf_rpc":"ReadResource"}"#,
    r#"{"@level":"debug","@message":"request failed\nwith \"quotes\" and a second line","@module":"aws.aws-base","@timestamp":"2026-11-22T11:52:08.653000Z"}"#,
    "{\"@level\":\"error\",\"@message\":\"panic: no\",\"@module\":\"provider.terraform-provider-x\",\"@timestamp\":\"2026-11-22T11:52:08.653000Z\"}\n{\"@level\":\"error\",\"@message\":\"\\t/p/t.go:412 +0x1d\",\"@module\":\"provider.terraform-provider-x\",\"@timestamp\":\"2026-11-22T11:52:08.653000Z\"}",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_a_header_with_a_time_and_is_read() {
        for sample in SAMPLES {
            let (at, level) = header(sample.as_bytes()).unwrap();
            let parts = read(sample).unwrap();
            assert!(at.is_some());
            assert_eq!((parts.at, parts.level), (at, level), "{sample}");
        }
    }

    #[test]
    fn a_module_that_the_plugin_overwrote_still_names_the_provider() {
        let source = |at: usize| read(SAMPLES[at]).unwrap().source;
        assert_eq!(source(0), Source::Core);
        assert_eq!(source(1), Source::Backend("s3".into()));
        assert_eq!(source(2), Source::Provider("aws".into()));
        assert_eq!(source(3), Source::Provider("aws".into()));
    }

    #[test]
    fn a_message_of_several_lines_unfolds() {
        let parts = read(SAMPLES[3]).unwrap();
        assert_eq!(parts.message, "request failed");
        assert_eq!(parts.body, ["with \"quotes\" and a second line"]);
    }

    #[test]
    fn a_crash_shows_what_its_objects_say() {
        let parts = read(SAMPLES[4]).unwrap();
        assert_eq!(
            (parts.level, parts.message.as_str()),
            (Level::Error, "panic: no")
        );
        assert_eq!(parts.body, ["    /p/t.go:412 +0x1d"]);
        assert_eq!(
            said_by_a_provider(SAMPLES[4].as_bytes()).map(|(_, said)| said),
            Some(b"panic: no".as_slice())
        );
        assert_eq!(said_by_a_provider(SAMPLES[1].as_bytes()), None);
    }

    #[test]
    fn an_object_that_is_cut_off_keeps_its_level() {
        let text = r#"{"@level":"error","@message":"it br"#;
        let parts = read(text).unwrap();
        assert_eq!((parts.level, parts.message.as_str()), (Level::Error, text));
    }

    #[test]
    fn an_escape_in_json_cannot_bring_a_control_character_to_the_screen() {
        let text = "{\"@level\":\"info\",\"@message\":\"a\\u001b]0;evil\\u0007b\",\"\\u001b[2J\":[\"\\u202e\"]}";
        let parts = read(text).unwrap();
        assert_eq!(parts.message, "ab");
        assert_eq!(parts.fields[0].name, "");
        assert_eq!(parts.fields[0].value, "[\"<U+202E>\"]");
    }

    #[test]
    fn a_level_inside_a_message_is_not_a_header() {
        let line = br#"{"note":"he wrote \"@level\":\"error\""}"#;
        assert_eq!(header(line), None);
    }
}
