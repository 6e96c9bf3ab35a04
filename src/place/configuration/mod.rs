//! What a directory's own configuration says about its backend. Only literal
//! values count: what is computed, or was passed by `-backend-config`, is known
//! to the backend cache alone and never makes a difference between the two.

mod block;
mod token;

use std::fmt;

use serde_json::{Map, Value};

use super::Divergence;

/// One configuration file.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name, without its folder.
    pub name: String,
    pub text: String,
}

/// The name only: the text may hold keys.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What the files declare.
#[derive(Clone, PartialEq)]
pub(super) enum Declared {
    Nothing,
    Backend(Declaration),
}

/// A backend block, as far as its values are literal.
#[derive(Clone, PartialEq)]
pub(super) struct Declaration {
    /// `s3`, `local`, …; `cloud` for a cloud block.
    kind: String,
    attributes: Map<String, Value>,
}

impl Declaration {
    /// How to name the same place by flags, as far as the block says it.
    pub(super) fn hint(&self) -> String {
        let part = |name: &str, unknown: &str| {
            let literal = self.attributes.get(name).and_then(Value::as_str);
            literal.unwrap_or(unknown).to_owned()
        };
        format!(
            "tfsos --bucket {} --key {}",
            part("bucket", "BUCKET"),
            part("key", "KEY")
        )
    }
}

/// The backend that the files declare; an override file wins, as in Terraform.
pub(super) fn read(sources: &[Source]) -> Declared {
    let mut files: Vec<_> = sources
        .iter()
        .filter(|source| !is_shadowed(source, sources))
        .collect();
    files.sort_by_key(|source| (is_override(&source.name), &source.name));
    files
        .iter()
        .rev()
        .find_map(|source| declaration(source))
        .map_or(Declared::Nothing, Declared::Backend)
}

/// OpenTofu reads `main.tofu` in the place of `main.tf`.
fn is_shadowed(source: &Source, sources: &[Source]) -> bool {
    let (stem, twin) = if let Some(stem) = source.name.strip_suffix(".tf.json") {
        (stem, ".tofu.json")
    } else if let Some(stem) = source.name.strip_suffix(".tf") {
        (stem, ".tofu")
    } else {
        return false;
    };
    sources
        .iter()
        .any(|other| other.name.strip_suffix(twin) == Some(stem))
}

fn is_override(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

fn declaration(source: &Source) -> Option<Declaration> {
    if source
        .name
        .rsplit_once('.')
        .is_some_and(|(_, end)| end == "json")
    {
        let root: Value = serde_json::from_str(&source.text).ok()?;
        return bodies(root.get("terraform")?).find_map(in_json);
    }
    block::blocks_of_kind(&token::tokens(&source.text), "terraform")
        .into_iter()
        .flat_map(|terraform| terraform.blocks)
        .find_map(in_hcl)
}

fn in_hcl(block: block::Block) -> Option<Declaration> {
    let kind = match block.kind.as_str() {
        "backend" => block.labels.first()?.clone(),
        "cloud" => "cloud".to_owned(),
        _ => return None,
    };
    Some(Declaration {
        kind,
        attributes: block.into_attributes(),
    })
}

fn in_json(terraform: &Value) -> Option<Declaration> {
    if terraform.get("cloud").is_some() {
        return Some(Declaration {
            kind: "cloud".to_owned(),
            attributes: Map::new(),
        });
    }
    let backends = bodies(terraform.get("backend")?).find_map(Value::as_object)?;
    let (kind, body) = backends.iter().next()?;
    let attributes = bodies(body).find_map(Value::as_object);
    Some(Declaration {
        kind: kind.clone(),
        attributes: attributes.cloned().unwrap_or_default(),
    })
}

/// A body, or each of a list of bodies: JSON syntax allows both.
fn bodies(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    }
    .iter()
}

/// Where the literal values differ from what the last `init` settled on.
pub(super) fn divergences(
    declared: &Declared,
    kind: &str,
    config: &Map<String, Value>,
    sources: &[Source],
) -> Vec<Divergence> {
    let Declared::Backend(declaration) = declared else {
        return removed(kind, sources);
    };
    if declaration.kind != kind {
        return vec![divergence("backend", kind.into(), declaration.kind.clone())];
    }
    let mut found = Vec::new();
    compare("", &declaration.attributes, config, &mut found);
    found
}

/// A backend that is cached while the files declare none; without files there is nothing to compare.
fn removed(kind: &str, sources: &[Source]) -> Vec<Divergence> {
    if sources.is_empty() || kind == "local" {
        return Vec::new();
    }
    vec![divergence(
        "backend",
        kind.into(),
        "no backend block".into(),
    )]
}

fn divergence(attribute: &str, cached: String, configured: String) -> Divergence {
    Divergence {
        attribute: attribute.to_owned(),
        cached,
        configured,
    }
}

fn compare(
    path: &str,
    declared: &Map<String, Value>,
    cached: &Map<String, Value>,
    found: &mut Vec<Divergence>,
) {
    for (name, literal) in declared {
        let there = cached.get(name).unwrap_or(&Value::Null);
        match (literal, there) {
            (Value::Null, _) => {}
            (Value::Object(literal), Value::Object(there)) => {
                compare(&format!("{path}{name}."), literal, there, found);
            }
            _ if plain(literal) == plain(there) => {}
            _ => found.push(divergence(
                &format!("{path}{name}"),
                shown(name, there),
                shown(name, literal),
            )),
        }
    }
}

/// A value as text, so that `"true"` equals `true` and a set has one order.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(plain).collect();
            items.sort_unstable();
            items.join(", ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn shown(name: &str, value: &Value) -> String {
    const SECRET: [&str; 5] = [
        "access_key",
        "secret_key",
        "token",
        "web_identity_token",
        "sse_customer_key",
    ];
    if SECRET.contains(&name) && !value.is_null() {
        return "▒▒▒▒▒▒▒▒".to_owned();
    }
    plain(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
        }
    }

    fn s3(body: &str) -> Source {
        source(
            "main.tf",
            &format!("terraform {{\n backend \"s3\" {{\n{body}\n}}\n}}"),
        )
    }

    fn diverging(sources: &[Source], config: &Value) -> Vec<String> {
        divergences(&read(sources), "s3", config.as_object().unwrap(), sources)
            .into_iter()
            .map(|d| format!("{}: {} ≠ {}", d.attribute, d.cached, d.configured))
            .collect()
    }

    #[test]
    fn only_literal_values_are_compared() {
        let config = json!({"bucket": "a", "key": "k", "region": "eu-west-1", "encrypt": true});
        let files = [s3(
            "bucket = \"b\"\nkey = var.key\nregion = \"eu-west-1\"\nencrypt = \"true\"",
        )];
        assert_eq!(diverging(&files, &config), ["bucket: a ≠ b"]);
    }

    #[test]
    fn what_came_by_backend_config_is_no_divergence() {
        let config = json!({"bucket": "a", "key": "k", "dynamodb_table": "locks"});
        assert!(diverging(&[s3("")], &config).is_empty());
    }

    #[test]
    fn nested_values_and_sets_are_compared_one_by_one() {
        let config =
            json!({"endpoints": {"s3": "u", "sts": null}, "allowed_account_ids": ["2", "1"]});
        let files = [s3(
            "endpoints = { s3 = \"v\" }\nallowed_account_ids = [\"1\", \"2\"]",
        )];
        assert_eq!(diverging(&files, &config), ["endpoints.s3: u ≠ v"]);
    }

    #[test]
    fn a_secret_that_differs_is_named_and_not_shown() {
        let found = diverging(&[s3("secret_key = \"new\"")], &json!({"secret_key": "old"}));
        assert_eq!(found, ["secret_key: ▒▒▒▒▒▒▒▒ ≠ ▒▒▒▒▒▒▒▒"]);
    }

    #[test]
    fn another_type_or_no_block_at_all_is_a_divergence() {
        let gcs = [source("a.tf", "terraform { backend \"gcs\" {} }")];
        assert_eq!(diverging(&gcs, &json!({})), ["backend: s3 ≠ gcs"]);
        let none = [source("a.tf", "resource \"x\" \"y\" {}")];
        assert_eq!(
            diverging(&none, &json!({})),
            ["backend: s3 ≠ no backend block"]
        );
        assert!(diverging(&[], &json!({})).is_empty());
    }

    #[test]
    fn an_override_file_and_a_tofu_file_win() {
        let base = s3("bucket = \"a\"");
        let over = source(
            "x_override.tf",
            "terraform {\n backend \"s3\" { bucket = \"b\" }\n}",
        );
        let tofu = source(
            "main.tofu",
            "terraform {\n backend \"s3\" { bucket = \"c\" }\n}",
        );
        let config = json!({"bucket": "a"});
        assert_eq!(diverging(&[over, base.clone()], &config), ["bucket: a ≠ b"]);
        assert_eq!(diverging(&[base, tofu], &config), ["bucket: a ≠ c"]);
    }

    #[test]
    fn json_configuration_is_read_too() {
        let text = r#"{"terraform":[{"backend":{"s3":[{"bucket":"b"}]}}]}"#;
        let config = json!({"bucket": "a"});
        assert_eq!(
            diverging(&[source("m.tf.json", text)], &config),
            ["bucket: a ≠ b"]
        );
        let cloud = source("m.tf.json", r#"{"terraform":{"cloud":{}}}"#);
        assert_eq!(diverging(&[cloud], &config), ["backend: s3 ≠ cloud"]);
    }

    #[test]
    fn the_hint_says_what_the_block_says() {
        let Declared::Backend(declared) = read(&[s3("bucket = \"b\"\nkey = local.k")]) else {
            panic!("a backend is declared");
        };
        assert_eq!(declared.hint(), "tfsos --bucket b --key KEY");
    }
}
