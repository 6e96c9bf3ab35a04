//! Which values of a state are secret: those that the state itself marks
//! (`sensitive_attributes`), those whose name says so, and those that look
//! like a key wherever they stand.
//!
//! In doubt a value is masked: marks that cannot be read mask the instance.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::address::{Key, is_identifier};
use super::value::Value;

/// One step from a value to one inside of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Name(String),
    At(usize),
}

/// The way from an instance to one of its values, as HCL writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Path(pub Vec<Step>);

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::At(number) => write!(f, "[{number}]")?,
                Step::Name(name) if is_identifier(name) => {
                    let dot = if place == 0 { "" } else { "." };
                    write!(f, "{dot}{name}")?;
                }
                Step::Name(name) => Key::Text(name.as_str().into()).fmt(f)?,
            }
        }
        Ok(())
    }
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Veil {
    Open,
    Masked,
}

/// The marks that a state carries for one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    marked: Marked,
    /// The texts of what is marked: Terraform marks what was given as secret,
    /// and not what the provider made of it, so copies of them are secret, too.
    texts: Vec<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Marked {
    Paths(Vec<Path>),
    /// The marks cannot be read: everything is taken for marked.
    Everything,
}

/// A shorter text is no secret that could be told from others.
const SHORTEST: usize = 4;
/// One that is this long is found inside of another text, too.
const TELLING: usize = 8;
/// So many marked texts are looked for elsewhere.
const TEXTS: usize = 64;

impl Marks {
    /// Marks on these values alone.
    pub fn at(paths: Vec<Path>) -> Self {
        Self {
            marked: Marked::Paths(paths),
            texts: Vec::new(),
        }
    }

    /// Reads the raw `sensitive_attributes` of an instance, and from its raw
    /// attributes what they mark; none at all are no marks.
    pub fn read(sensitive: &[u8], attributes: &[u8]) -> Self {
        let paths = match Value::parse(sensitive) {
            None if sensitive.is_empty() => Some(Vec::new()),
            Some(Value::Null) => Some(Vec::new()),
            Some(Value::List(paths)) => paths.iter().map(path).collect(),
            _ => None,
        };
        let Some(paths) = paths else {
            return Self {
                marked: Marked::Everything,
                texts: Vec::new(),
            };
        };
        let mut texts = Vec::new();
        if !paths.is_empty()
            && let Some(attributes) = Value::parse(attributes)
        {
            for path in &paths {
                if let Some(value) = within(&attributes, &path.0) {
                    gather(value, &mut texts);
                }
            }
        }
        Self {
            marked: Marked::Paths(paths),
            texts,
        }
    }

    /// Both these marks and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let marked = match (self.marked, other.marked) {
            (Marked::Paths(mut own), Marked::Paths(more)) => {
                own.extend(more);
                Marked::Paths(own)
            }
            _ => Marked::Everything,
        };
        let mut texts = self.texts;
        texts.extend(other.texts);
        Self { marked, texts }
    }

    /// Whether the value at `path`, a direct part of `parent`, may be shown.
    ///
    /// What is masked is masked with all that it holds; the caller does not look inside.
    pub fn veil(&self, path: &Path, parent: Option<&Value<'_>>, value: &Value<'_>) -> Veil {
        if self.covers(path) {
            return Veil::Masked;
        }
        let named = match value {
            Value::Null | Value::Bool(_) => false,
            _ => says_secret(path) || pairs_secret(path, parent),
        };
        let text = value.text();
        let shaped = text.is_some_and(|text| looks_secret(text) || self.is_copy(text));
        if named || shaped {
            return Veil::Masked;
        }
        Veil::Open
    }

    fn covers(&self, path: &Path) -> bool {
        match &self.marked {
            Marked::Everything => true,
            Marked::Paths(marked) => marked.iter().any(|marked| path.0.starts_with(&marked.0)),
        }
    }

    /// Whether a text is one that is marked elsewhere, or holds one.
    fn is_copy(&self, text: &str) -> bool {
        let holds = |secret: &str| secret.len() >= TELLING && text.contains(secret);
        let found = self
            .texts
            .iter()
            .any(|secret| **secret == *text || holds(secret));
        // Of JSON in a string only the part is masked that holds it.
        found && Value::inside(text).is_none()
    }
}

/// The logical value at the end of a path.
fn within<'v, 'a>(value: &'v Value<'a>, steps: &[Step]) -> Option<&'v Value<'a>> {
    let value = value.logical();
    let Some((step, rest)) = steps.split_first() else {
        return Some(value);
    };
    match (step, value) {
        (Step::Name(name), Value::Object(_)) => within(value.member(name)?, rest),
        (Step::At(place), Value::List(list)) => within(list.get(*place)?, rest),
        _ => None,
    }
}

/// Notes every text below a value that is long enough to be told from others.
fn gather(value: &Value<'_>, texts: &mut Vec<Box<str>>) {
    match value {
        Value::Text(text) if text.len() >= SHORTEST && texts.len() < TEXTS => {
            texts.push((&**text).into());
        }
        Value::List(list) => list.iter().for_each(|one| gather(one, texts)),
        Value::Object(members) => members.iter().for_each(|(_, one)| gather(one, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::TooDeep => {}
    }
}

/// Reads one path of `sensitive_attributes`.
fn path(steps: &Value<'_>) -> Option<Path> {
    let Value::List(steps) = steps else {
        return None;
    };
    steps.iter().map(step).collect::<Option<_>>().map(Path)
}

fn step(step: &Value<'_>) -> Option<Step> {
    let value = step.member("value")?;
    match step.member("type")?.text()? {
        "get_attr" => Some(Step::Name(value.text()?.to_owned())),
        "index" => match value.member("value")? {
            Value::Text(name) => Some(Step::Name(name.clone().into_owned())),
            Value::Number(number) => Some(Step::At(number.0.parse().ok()?)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the innermost name on the way says that what follows is secret.
fn says_secret(path: &Path) -> bool {
    let name = path.0.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name),
        Step::At(_) => None,
    });
    name.is_some_and(|name| is_secret_name(name))
}

/// Whether this is the value of a name-and-value pair whose name is one of a secret.
fn pairs_secret(path: &Path, parent: Option<&Value<'_>>) -> bool {
    let is_value =
        matches!(path.0.last(), Some(Step::Name(name)) if name.eq_ignore_ascii_case("value"));
    let names = ["name", "Name", "key", "Key"];
    is_value
        && names
            .iter()
            .filter_map(|name| parent?.member(name)?.text())
            .any(is_secret_name)
}

/// Whether a name is one of a secret, and not of what only describes one.
pub fn is_secret_name(name: &str) -> bool {
    const SECRET: [&str; 22] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "private_key",
        "privatekey",
        "access_key",
        "accesskey",
        "api_key",
        "apikey",
        "auth_key",
        "account_key",
        "shared_key",
        "credential",
        "connection_string",
        "connectionstring",
        "user_data",
        "userdata",
        "kubeconfig",
        "kube_config",
    ];
    const DESCRIBES: [&str; 20] = [
        "_arn",
        "_arns",
        "_name",
        "_names",
        "_version",
        "_length",
        "_policy",
        "_enabled",
        "_type",
        "_ttl",
        "_days",
        "_hours",
        "_minutes",
        "_seconds",
        "_validity",
        "_units",
        "_count",
        "_status",
        "_expiration",
        "_replace_on_change",
    ];
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET.iter().any(|word| name.contains(word))
        && !DESCRIBES.iter().any(|ending| name.ends_with(ending))
}

/// Whether a text looks like a key, token or password wherever it stands.
pub fn looks_secret(text: &str) -> bool {
    static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let shapes = [
            r"-----BEGIN [A-Z ]*PRIVATE KEY",
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
            r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.",
            r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,}",
            r"\bgithub_pat_[A-Za-z0-9_]{30,}",
            r"\bglpat-[A-Za-z0-9_-]{16,}",
            r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
            r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
            r"\bhv[sb]\.[A-Za-z0-9_-]{20,}",
            r"\bAIza[A-Za-z0-9_-]{30,}",
            r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@",
            r"(?i)\b(?:password|pwd|secret|accountkey|sharedaccesskey)\s*=\s*[^\s;]{4,}",
        ];
        Regex::new(&shapes.join("|")).ok()
    });
    SHAPES.as_ref().is_none_or(|shapes| shapes.is_match(text)) || is_aws_secret_key(text)
}

/// Forty characters of base64 with every kind of letter among them, which no hash in hex has.
fn is_aws_secret_key(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'+';
    text.len() == 40
        && text.bytes().all(fits)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| matches!(byte, b'g'..=b'z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil_at(marks: &Marks, path: &[Step], value: &str) -> Veil {
        let value = Value::parse(value.as_bytes()).unwrap();
        marks.veil(&Path(path.to_vec()), None, &value)
    }

    fn name(name: &str) -> Step {
        Step::Name(name.into())
    }

    #[test]
    fn a_marked_path_masks_all_that_it_holds() {
        let raw = br#"[[{"type":"get_attr","value":"input"},{"type":"get_attr","value":"s"}],[{"type":"get_attr","value":"m"},{"type":"index","value":{"value":"k","type":"string"}},{"type":"index","value":{"value":0,"type":"number"}}]]"#;
        let marks = Marks::read(raw, b"");
        assert_eq!(
            veil_at(&marks, &[name("input"), name("s")], "1"),
            Veil::Masked
        );
        assert_eq!(
            veil_at(&marks, &[name("input"), name("s"), name("deep")], "1"),
            Veil::Masked
        );
        assert_eq!(veil_at(&marks, &[name("input")], "{}"), Veil::Open);
        assert_eq!(
            veil_at(&marks, &[name("m"), name("k"), Step::At(0)], "1"),
            Veil::Masked
        );
        assert_eq!(
            veil_at(&marks, &[name("m"), name("k"), Step::At(1)], "1"),
            Veil::Open
        );
    }

    #[test]
    fn marks_that_cannot_be_read_mask_everything() {
        for raw in [
            &b"{}"[..],
            b"[[{\"type\":\"new\"}]]",
            b"[1]",
            b"[[{\"type\"",
        ] {
            assert_eq!(
                veil_at(&Marks::read(raw, b""), &[name("port")], "1"),
                Veil::Masked
            );
        }
        for raw in [&b""[..], b"[]", b"null"] {
            assert_eq!(
                veil_at(&Marks::read(raw, b""), &[name("port")], "1"),
                Veil::Open
            );
        }
    }

    #[test]
    fn names_of_secrets_mask_and_names_that_describe_one_do_not() {
        for secret in [
            "password",
            "MASTER_PASSWORD",
            "client-secret",
            "secret_string",
            "auth_token",
            "user_data_base64",
            "private_key_pem",
            "primary_connection_string",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
        for open in [
            "id",
            "arn",
            "secret_arn",
            "secret_name",
            "password_length",
            "token_validity",
            "engine",
            "key_name",
            "kms_key_id",
            "public_key",
        ] {
            assert!(!is_secret_name(open), "{open}");
        }
    }

    #[test]
    fn a_pair_with_the_name_of_a_secret_masks_its_value() {
        let parent = Value::parse(br#"{"name":"DB_PASSWORD","value":"x"}"#).unwrap();
        let path = Path(vec![name("env"), Step::At(0), name("value")]);
        let value = parent.member("value").unwrap();
        assert_eq!(
            Marks::at(Vec::new()).veil(&path, Some(&parent), value),
            Veil::Masked
        );
    }

    #[test]
    fn values_that_look_like_keys_are_masked_wherever_they_stand() {
        let key = format!("AKIA{}", "ABCDEFGHIJKLMNOP");
        let pem = ["-----BEGIN RSA PRIV", "ATE KEY-----"].concat();
        let made_up = ["wJalrXUtnFEMI/K7MD", "ENG/bPxRfiCYEXAMPLEKEY"].concat();
        let token = [
            "eyJhbGciOiJIUzI1NiJ9",
            ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.",
            "abc",
        ]
        .concat();
        for secret in [
            &key,
            &pem,
            &made_up,
            &token,
            "postgres://u:p4ss@db/x",
            "Server=x;Password=hunter2;",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for open in [
            "arn:aws:iam::123456789012:role/x",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "https://example.com/a:b",
            "sg-0a1b2c3d",
        ] {
            assert!(!looks_secret(open), "{open}");
        }
    }

    #[test]
    fn a_path_reads_as_hcl_writes_it() {
        let path = Path(vec![name("tags"), name("a b"), Step::At(2), name("x-y")]);
        assert_eq!(path.to_string(), r#"tags["a b"][2].x-y"#);
    }
}
