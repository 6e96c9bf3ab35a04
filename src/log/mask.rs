//! Secrets taken out of log text before anything shows, copies or exports it.
//! Names and shapes that mean a credential are masked; who holds a lock, ids,
//! names and digests are what an incident needs, and stay readable.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands where a secret stood. Its length tells nothing.
pub const MASK: &str = "▒▒▒▒▒▒▒▒";

/// Names whose value is a secret, at the end of a longer name too.
const NAMES: &str = concat!(
    "(?i-u:pass(?:word|wd|phrase)|secret_?key|secret_?access_?key|client_?secret|secret",
    "|token|api_?key|access_?key|access_?key_?id|private_?key|customer_?key|authorization",
    "|auth|credentials?|signature|cookie|connection_?string)"
);

/// The names that say so even in a prose-like `name: value`.
const HEADERS: &str = "(?i-u:pass(?:word|wd)|[a-z]-token|secret_?key|api[_-]?key|cookie)";

/// A value, by how it is quoted: escaped quotes, double, single, or none.
const VALUE: &str = concat!(
    r#"(?:\\"(?:[^"\\\n]|\\\\\\"|\\\\|\\[^"\\\n])*(?:\\")?"#,
    r#"|"(?:[^"\\\n]|\\.)*"?"#,
    r"|'[^'\n]*'?",
    r#"|[^ \t\n"',&\\\[{(][^ \t\n"',&\\]*)"#,
);

/// The shapes of values that are secrets wherever they stand. Words are ASCII
/// here: what is Unicode is never one of these, and ASCII is searched faster.
const SHAPES: &str = concat!(
    r"-----BEGIN[ A-Z]*PRIVATE KEY-----(?s:.*?)(?:-----END[ A-Z]*PRIVATE KEY-----|\z)",
    r"|(?-u:\b(?:AKIA|ASIA)[A-Z2-7]{16}\b)",
    r"|(?-u:\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)",
    r"|(?-u:\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,})",
    r"|(?-u:\bxox[abprs]-[\w-]{10,}|\bhv[sbr]\.[\w-]{20,}|\b\w{14}\.atlasv1\.[\w-]{40,})",
);

/// A value of several lines (`name=`, then lines that begin `  | `).
static BLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| built(&format!(r"(?P<lead>{NAMES}=\n)(?:  \|[^\n]*\n?)+")));

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| built(SHAPES));

/// A secret's name with its value: `name=x`, `name = "x"`, `"name": "x"`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(&format!(
        r#"(?P<lead>{NAMES}(?:[ \t]{{0,8}}= ?|\\?["'](?: ?[:=] ?))|{HEADERS}: )(?P<value>{VALUE})"#
    ))
});

/// Credentials after their scheme, and a whole Authorization header.
static SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(
        r#"(?P<lead>(?i-u:authorization): ?)[^\n"]+|(?P<scheme>(?i-u:bearer|basic) )(?-u:[\w.~+/=-]){8,}"#,
    )
});

/// The text of an XML element whose name is a secret's.
static ELEMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| built(&format!(r"(?P<lead><(?-u:\w){{0,40}}{NAMES}>)[^<\n]+")));

/// The password of a URL.
static URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| built(r"(?P<lead>://[^ \t\n/:@]*:)[^ \t\n/@]+(?P<tail>@)"));

/// A pattern of this file; the tests prove that each is one.
fn built(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// What stands in place of a match.
type Masked = fn(&Captures<'_>) -> String;

/// Text without its secrets. Line breaks and quotes stay where they were, so
/// the result reads as the same format.
pub fn mask(text: &str) -> String {
    let mut text = text.to_owned();
    let passes: [(&Option<Regex>, Masked); 6] = [
        (&BLOCK, |found| format!("{}  | {MASK}\n", &found["lead"])),
        (&SHAPE, |_| MASK.to_owned()),
        (&NAMED, named),
        (&SCHEME, scheme),
        (&ELEMENT, |found| format!("{}{MASK}", &found["lead"])),
        (&URL, |found| format!("{}{MASK}@", &found["lead"])),
    ];
    for (pattern, masked) in passes {
        // A pattern that could not be built must not let its secrets through.
        let Some(pattern) = pattern else {
            return MASK.to_owned();
        };
        if let Cow::Owned(shown) = pattern.replace_all(&text, masked) {
            text = shown;
        }
    }
    text
}

/// The name with a masked value in the quotes that the value had. What is no
/// value at all (`null`, an empty string) stays.
fn named(found: &Captures<'_>) -> String {
    let (lead, value) = (&found["lead"], &found["value"]);
    if matches!(
        value,
        "null" | "true" | "false" | "\"\"" | "\\\"\\\"" | "''"
    ) {
        return found[0].to_owned();
    }
    let in_json = |quote: &str| lead.trim_end().ends_with(&format!("{quote}:"));
    let quote = if value.starts_with("\\\"") || in_json("\\\"") {
        "\\\""
    } else if value.starts_with('"') || in_json("\"") {
        "\""
    } else if value.starts_with('\'') {
        "'"
    } else {
        ""
    };
    format!("{lead}{quote}{MASK}{quote}")
}

fn scheme(found: &Captures<'_>) -> String {
    let lead = found.name("lead").or_else(|| found.name("scheme"));
    format!("{}{MASK}", lead.map_or("", |lead| lead.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        for pattern in [&BLOCK, &SHAPE, &NAMED, &SCHEME, &ELEMENT, &URL] {
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
    fn masking_twice_is_masking_once() {
        let once = mask("password=x Authorization: y\n-----BEGIN PRIVATE KEY-----\nz");
        assert_eq!(mask(&once), once);
    }
}
