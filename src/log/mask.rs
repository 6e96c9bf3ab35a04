//! Secrets taken out of log text before anything shows, copies or exports it.
//! Names and shapes that mean a credential are masked; who holds a lock, ids,
//! names and digests are what an incident needs, and stay readable.

mod value;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use memchr::memmem;
use regex::{Captures, Regex};

use value::Value;

/// What stands where a secret stood. Its length tells nothing.
pub const MASK: &str = "▒▒▒▒▒▒▒▒";

/// Names whose value is a secret, at the end of a longer name too.
const NAMES: &str = concat!(
    "(?i-u:pass(?:word|wd|phrase)|secret_?key|secret_?access_?key|client_?secret|secret",
    "|secret_?(?:string|binary)|plaintext|key_?material",
    "|token|(?:api|app|account|storage|license)[_-]?key|access_?key|access_?key_?id",
    "|private_?key|customer_?key|authorization",
    "|auth|credentials?|signature|cookie|connection_?string)"
);

/// The names that say so even in a prose-like `name: value`.
const HEADERS: &str = "(?i-u:pass(?:word|wd)|[a-z]-token|secret_?key|api[_-]?key)";

/// The shapes of values that are secrets wherever they stand. Words are ASCII
/// here: what is Unicode is never one of these, and ASCII is searched faster.
const SHAPES: &str = concat!(
    r"-----BEGIN[ A-Z]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)",
    r"(?:-----END[ A-Z]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    r"|(?-u:\b(?:AKIA|ASIA)[A-Z0-9]{16,}\b)",
    r"|(?-u:\b(?:FwoG|FQoG|IQoJ|AQoD)[A-Za-z0-9+/=%]{60,})",
    r"|(?-u:\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)",
    r"|(?-u:\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bgl(?:pat|ptt|rt|dt)-[\w-]{20,})",
    r"|(?-u:\bxox[abprs]-[\w-]{10,}|\bhv[sbr]\.[\w-]{20,}|\b\w{14}\.atlasv1\.[\w-]{40,})",
    r"|(?-u:\bnpm_\w{30,}|\b[rs]k_live_\w{16,}|\bAIza[\w-]{35}|\bSG\.[\w-]{20,}\.[\w-]{40,})",
    r"|(?-u:\bAGE-SECRET-KEY-1[0-9A-Z]{58}|\bhooks\.slack\.com/services/[\w/]{20,})",
);

/// A value of several lines (`name=`, then lines that begin `  | `).
static BLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| built(&format!(r"(?P<lead>{NAMES}=\n)(?:  \|[^\n]*\n?)+")));

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| built(SHAPES));

/// A secret's name up to its value: `name=`, `name = `, `"name": `.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(&format!(
        r#"(?:(?P<header>{HEADERS}: )|{NAMES}(?P<quote>\\*["']|%22)?[ \t]{{0,64}}(?P<mark>[:=]|%3[aAdD])>? ?)"#
    ))
});

/// Credentials after their scheme, and whole headers that carry some.
static SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(
        r#"(?P<lead>(?i-u:authorization|cookie): ?)[^\n"]+|(?P<scheme>(?i-u:bearer|basic) )(?-u:[\w.~+/=-]){8,}"#,
    )
});

/// The text of an XML element whose name is a secret's.
static ELEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(&format!(
        r"(?P<lead><(?-u:\w){{0,40}}{NAMES}>)(?:[^<]+(?P<tail></)|[^<\n]+)"
    ))
});

/// The password of a URL, and the signature of one that is shared.
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(r"(?P<lead>://[^ \t\n/:@]*:)[^ \t\n/@]+(?P<tail>@)|(?P<shared>[?&]sig=)[^ \t\n&#]+")
});

/// A parameter that is stored encrypted, and shown decrypted under a plain name.
static PARAMETER: LazyLock<Option<Regex>> = LazyLock::new(|| built(r#"\bValue\\*" ?: ?|<Value>"#));

/// An output in JSON up to its value, if it is sensitive or is called like a secret.
static OUTPUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(&format!(
        r#"(?:{NAMES}\\*" ?: ?\{{|"sensitive\\*" ?: ?true,)[^}}]*?"value\\*" ?: ?"#
    ))
});

/// A pattern of this file; the tests prove that each is one.
fn built(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// What stands in place of a match.
type Masked = fn(&Captures<'_>) -> String;

/// Text without its secrets. Line breaks and quotes stay where they were, so
/// the result reads as the same format.
pub fn mask(text: &str) -> String {
    masked(text).unwrap_or_else(|| MASK.to_owned())
}

/// None where a pattern could not be built, which must not let its secrets through.
fn masked(text: &str) -> Option<String> {
    let holds = |mark: &str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    let mut text = Cow::Borrowed(text);
    let mut pass = |pattern: &Option<Regex>, masked: Masked| {
        if let Cow::Owned(shown) = pattern.as_ref()?.replace_all(&text, masked) {
            text = Cow::Owned(shown);
        }
        Some(())
    };
    if holds("=\n") {
        pass(&BLOCK, |found| format!("{}  | {MASK}\n", &found["lead"]))?;
    }
    pass(&SHAPE, |_| MASK.to_owned())?;
    pass(&SCHEME, scheme)?;
    if holds("<") {
        pass(&ELEMENT, element)?;
    }
    if holds("://") || holds("sig=") {
        pass(&URL, url)?;
    }
    let mut text = values(text, NAMED.as_ref()?, is_secret);
    if holds("value\\\"") || holds("value\"") {
        text = values(text, OUTPUT.as_ref()?, |_, _| true);
    }
    if holds("SecureString") {
        text = values(text, PARAMETER.as_ref()?, |_, _| true);
    }
    Some(text.into_owned())
}

/// Masks the value after each name that is found, where it is one.
fn values<'a>(
    text: Cow<'a, str>,
    names: &Regex,
    is_secret: fn(&Captures<'_>, &str) -> bool,
) -> Cow<'a, str> {
    let (mut shown, mut done) = (String::new(), 0);
    for found in names.captures_iter(&text) {
        let Some(name) = found.get(0).filter(|name| name.start() >= done) else {
            continue;
        };
        let rest = &text[name.end()..];
        let Some(value) = Value::at(rest).filter(|value| !is_empty(&rest[..value.length])) else {
            continue;
        };
        if !is_secret(&found, rest) {
            continue;
        }
        shown.push_str(&text[done..name.end()]);
        done = name.end() + hide(rest, value, in_json(name.as_str()), &mut shown);
    }
    if done == 0 {
        return text;
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Writes the mask of a value, and of the one that it changes to in a plan
/// (`"old" -> "new"`); gives how much of the text they took.
fn hide(rest: &str, value: Value<'_>, json: Option<&str>, shown: &mut String) -> usize {
    let quote = json.unwrap_or(value.quote);
    let end = if value.lead.is_empty() { "" } else { "\n" };
    let _ = write!(shown, "{}{quote}{MASK}{quote}{end}", value.lead);
    let after = &rest[value.length..];
    let next = after.strip_prefix(" -> ");
    let Some((next, value)) = next.and_then(|next| Some((next, Value::at(next)?))) else {
        return value.length;
    };
    shown.push_str(" -> ");
    rest.len() - next.len() + hide(next, value, json, shown)
}

/// What is no value at all stays, so that its absence can be seen.
fn is_empty(value: &str) -> bool {
    matches!(
        value.trim_matches('\\'),
        "null" | "true" | "false" | "\"\"" | "\"\\\"" | "''" | MASK
    )
}

/// Whether what follows a name is its value: after a colon without quotes only
/// what is quoted, because prose has colons too.
fn is_secret(found: &Captures<'_>, rest: &str) -> bool {
    let named = found.name("header").is_some() || found.name("quote").is_some();
    let assigned = found.name("mark").is_some_and(|mark| mark.as_str() != ":");
    named || assigned || rest.trim_start_matches('\\').starts_with('"')
}

/// The quote that a bare value gets so that JSON stays JSON.
fn in_json(name: &str) -> Option<&str> {
    let name = name.trim_end().strip_suffix(':')?;
    let bare = name.strip_suffix('"')?.trim_end_matches('\\');
    Some(&name[bare.len()..])
}

fn scheme(found: &Captures<'_>) -> String {
    let lead = found.name("lead").or_else(|| found.name("scheme"));
    format!("{}{MASK}", lead.map_or("", |lead| lead.as_str()))
}

fn element(found: &Captures<'_>) -> String {
    let tail = found.name("tail").map_or("", |tail| tail.as_str());
    format!("{}{MASK}{tail}", &found["lead"])
}

fn url(found: &Captures<'_>) -> String {
    match found.name("shared") {
        Some(lead) => format!("{}{MASK}", lead.as_str()),
        None => format!("{}{MASK}@", &found["lead"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        for pattern in [&BLOCK, &SHAPE, &NAMED, &SCHEME, &ELEMENT, &URL, &PARAMETER] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn no_credential_comes_through() {
        for (text, secret) in [
            ("id AKIAIOSFODNN7EXAMPLE used", "IOSFODNN7"),
            ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalr"),
            ("secret_key = \"wJalrXUtnFEMI\"", "wJalr"),
            ("{\"password\":\"hunter2\",\"n\":1}", "hunter2"),
            (
                "body=\"{\\\"db_password\\\":\\\"hun\\\\\\\"ter2\\\",\\\"n\\\":1}\"",
                "ter2",
            ),
            ("{\"SessionToken\": \"FwoGZXIvYXdz\"}", "FwoGZ"),
            ("<SecretAccessKey>wJalrXUtnFEMI</SecretAccessKey>", "wJalr"),
            (
                "Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=abcdef",
                "abcdef",
            ),
            ("authorization=\"Basic dXNlcjpwYXNz\"", "dXNlc"),
            ("curl -H 'x: Bearer abcdefgh12345678'", "abcdefgh"),
            ("X-Vault-Token: s.1234567890", "s.1234"),
            ("https://user:hunter2@git.test/x", "hunter2"),
            ("?X-Amz-Signature=0123abcd&x=1", "0123abcd"),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "mnopqrst"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
                "MIIEow",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"),
            ("private_key=\n  | MIIEow\n  | IBAAK\n   n=1", "IBAAK"),
            ("'token': 'abc123'", "abc123"),
            ("{\"token\":12345678}", "12345678"),
            // Bodies: forms, lists, text in text at every depth of escaping.
            (
                "Action=CreateDBInstance&MasterUserPassword=hunter2&x=1",
                "hunter2",
            ),
            (r#"{"X-Vault-Token":["s.1234567890"]}"#, "s.1234"),
            (
                r#"body="{\"SecretString\":\"{\\"user\\":\\"u\\",\\"password\\":\\"hunter2\\"}\"}""#,
                "hunter2",
            ),
            (
                r#"{"SecretString":"{\"user\":\"u\",\"x\":\"hunter2\"}"}"#,
                "hunter2",
            ),
            (
                r#"{"Parameter":{"Type":"SecureString","Value":"hunter2"}}"#,
                "hunter2",
            ),
            (
                r#"body="{\"Value\":\"hunter2\",\"Type\":\"SecureString\"}""#,
                "hunter2",
            ),
            (r#"{"KeyId":"x","Plaintext":"aHVudGVyMg=="}"#, "aHVudG"),
            (
                "PolicyDocument=%7B%22password%22%3A%22hunter2%22%7D",
                "hunter2",
            ),
            ("Password:\"hunter2\", Name:\"x\"", "hunter2"),
            (
                "AccountName=x;AccountKey=aHVudGVyMg==;EndpointSuffix=y",
                "aHVudG",
            ),
            (
                "https://x.blob.test/c?sv=1&sig=aHVudGVyMg%3D&se=2",
                "aHVudG",
            ),
            (
                "<MasterUserPassword>\n  | hunter2\n</MasterUserPassword>",
                "hunter2",
            ),
            ("Set-Cookie: a=1; session=hunter2", "hunter2"),
            // Outputs.
            (
                r#"{"db_password":{"sensitive":false,"type":"string","value":"hunter2"}}"#,
                "hunter2",
            ),
            (
                "{\n  \"pin\": {\n    \"sensitive\": true,\n    \"type\": \"string\",\n    \"value\": \"hunter2\"\n  }\n}",
                "hunter2",
            ),
            // A plan.
            (
                "  ~ password                          = \"old\" -> \"hunter2\"",
                "hunter2",
            ),
            (
                "  + password = <<-EOT\n        hunter2\n    EOT\n  + n = 1",
                "hunter2",
            ),
            // Credentials that a role was given.
            (
                "X-Amz-Security-Token: FwoGZXIvYXdzEBYaDHunter2FwoGZXIvYXdzEBYaDHunter2FwoGZXIvYXdzEBYaDHunter2",
                "Hunter2",
            ),
            ("ASIAQAAAAAAAAAAAAAA9", "AAAA9"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF", "lQOYBF"),
        ] {
            let shown = mask(text);
            assert!(!shown.contains(secret), "{shown}");
            assert!(shown.contains(MASK), "{shown}");
        }
    }

    #[test]
    fn what_an_incident_needs_stays_readable() {
        for text in [
            r#"{"LockID":{"S":"b/k"},"Info":{"S":"{\"ID\":\"9d09\",\"Who\":\"oncall@laptop\"}"}}"#,
            r#"{"Digest":{"S":"d41d8cd98f00b204e9800998ecf8427e"}}"#,
            "module.secret: Creating...",
            "  + password = (sensitive value)",
            "  + master_password = (known after apply)",
            "Retrieved credentials: tf_aws.credentials_source=SharedConfig",
            "{\"password\":null,\"token\":\"\"}",
            "aws_secretsmanager_secret.db: Refreshing state... [id=arn:aws:x]",
            "https://s3.test/bucket:8080/path@v1",
            r#"{"Parameter":{"Type":"String","Value":"eu-west-1"}}"#,
            "Error: no value for required variable token: it is not set",
            "auth: retrying in 2 s",
            r#"{"id":{"sensitive":false,"type":"string","value":"i-0abc"}}"#,
            "  + password = (known after apply) -> (sensitive value)",
            "kms_key_id = \"arn:aws:kms:eu-west-1:1:key/x\"",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn masked_json_is_still_json() {
        let text = r#"{"@level":"info","password":"a\"b","token":1,"n":2}"#;
        let value: serde_json::Value = serde_json::from_str(&mask(text)).unwrap();
        assert_eq!(value["n"], 2);
        assert_eq!(value["password"], MASK);
    }

    #[test]
    fn what_stands_after_a_secret_stays_readable() {
        for (text, left) in [
            (
                r#"body="{\"db_password\":\"x\",\"Who\":\"oncall\"}" n=1"#,
                r#"\",\"Who\":\"oncall\"}" n=1"#,
            ),
            ("Password=x&Name=web", "&Name=web"),
            (
                "  + password = <<-EOT\n        x\n    EOT\n  + n = 1",
                "\n    EOT\n  + n = 1",
            ),
            (
                "<Password>x</Password><Name>web</Name>",
                "</Password><Name>web</Name>",
            ),
        ] {
            let shown = mask(text);
            assert!(shown.ends_with(&format!("{MASK}{left}")), "{shown}");
        }
    }

    #[test]
    fn masking_twice_is_masking_once() {
        let once = mask("password=x Authorization: y\n-----BEGIN PRIVATE KEY-----\nz");
        assert_eq!(mask(&once), once);
    }
}
