//! Whether an instance, a resource's own fields or an output have the shapes
//! that Terraform decodes: one wrong shape makes it refuse the whole state.

use std::borrow::Cow;

use data_encoding::BASE64;
use serde_json::Value;

use crate::state::address::{Key, Mode, Module, ResourceAddress};
use crate::state::json::{Flaw, Scanner, Shape};

/// What an instance says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct About {
    pub key: Option<Key>,
    pub deposed: Option<Box<str>>,
    /// The text of the `id` attribute; none where it is no text.
    pub id: Option<Vec<u8>>,
}

/// A member of an object: its name, and its value's bytes.
type Field<'a> = (Cow<'a, str>, &'a [u8]);

/// The members of an object in their order; none where it is no object.
pub(super) fn fields(text: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut scanner = Scanner::new(text);
    if scanner.shape().ok()? != Shape::Object {
        return None;
    }
    let mut fields = Vec::new();
    let passed = scanner.object::<Flaw>(|scanner, name| {
        fields.push((name, scanner.token()?));
        Ok(())
    });
    passed.ok().map(|_| fields)
}

/// Reads an instance, or says what Terraform would refuse it for.
pub(super) fn instance(text: &[u8]) -> Result<About, &'static str> {
    let fields = fields(text).ok_or("it is no object")?;
    let mut about = About::default();
    for (name, value) in fields {
        match &*name {
            "index_key" => about.key = key(value)?,
            "status" if !matches!(value, b"null" | b"\"\"" | b"\"tainted\"") => {
                return Err("it has a status other than tainted");
            }
            "deposed" => about.deposed = deposed(value)?,
            "attributes" => about.id = id(value)?,
            "attributes_flat" if !is_flat(value) => return Err("its attributes are no texts"),
            "schema_version" | "identity_schema_version" if !is_whole(value) => {
                return Err("its schema version is no whole number");
            }
            "sensitive_attributes" if !are_paths(value) => {
                return Err("its sensitive paths cannot be read");
            }
            "private" if !is_base64(value) => return Err("its private part is no Base64"),
            "dependencies" | "depends_on" if !are_addresses(value) => {
                return Err("its dependencies are no addresses");
            }
            "create_before_destroy" | "skip_destroy"
                if !matches!(value, b"true" | b"false" | b"null") =>
            {
                return Err("a field of it is neither true nor false");
            }
            _ => {}
        }
    }
    Ok(about)
}

fn key(value: &[u8]) -> Result<Option<Key>, &'static str> {
    let key = match first(value) {
        Shape::Null => return Ok(None),
        Shape::Text => text(value).map(|key| Key::Text(key.into())),
        Shape::Number => number(value).map(Key::Number),
        Shape::Bool | Shape::List | Shape::Object => None,
    };
    key.map(Some)
        .ok_or("its key is neither a number nor a string")
}

/// A number as Terraform takes it for a key: through a float where it is not written as a whole one.
fn number(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let whole = text.parse().ok();
    whole.or_else(|| text.parse::<f64>().ok().map(|number| number as i64))
}

fn deposed(value: &[u8]) -> Result<Option<Box<str>>, &'static str> {
    if matches!(value, b"null" | b"\"\"") {
        return Ok(None);
    }
    let key = text(value).filter(|key| key.len() == 8);
    let key = key.ok_or("its deposed key is not eight characters long")?;
    Ok(Some(key.into()))
}

/// The id among the attributes, where there is one.
fn id(value: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    if value == b"null" {
        return Ok(None);
    }
    let mut id = None;
    let mut scanner = Scanner::new(value);
    let passed = scanner.object::<Flaw>(|scanner, name| {
        let value = scanner.token()?;
        if name == "id" && value.len() > 2 && value[0] == b'"' {
            id = Some(value.to_vec());
        }
        Ok(())
    });
    passed
        .map(|_| id)
        .map_err(|_| "its attributes are no object")
}

fn is_flat(value: &[u8]) -> bool {
    value == b"null"
        || fields(value)
            .is_some_and(|fields| fields.iter().all(|(_, value)| first(value) == Shape::Text))
}

fn is_whole(value: &[u8]) -> bool {
    let number = std::str::from_utf8(value).map(str::parse::<u64>);
    value == b"null" || matches!(number, Ok(Ok(_)))
}

fn is_base64(value: &[u8]) -> bool {
    value == b"null" || text(value).is_some_and(|text| BASE64.decode(text.as_bytes()).is_ok())
}

fn are_addresses(value: &[u8]) -> bool {
    match serde_json::from_slice::<Option<Vec<String>>>(value) {
        Ok(addresses) => addresses.into_iter().flatten().all(|one| is_address(&one)),
        Err(_) => false,
    }
}

/// Whether it is the address of a resource in a configuration: no keys.
fn is_address(text: &str) -> bool {
    let mut rest: Vec<&str> = text.split('.').collect();
    if !rest.iter().all(|part| is_identifier(part)) {
        return false;
    }
    while rest.len() > 3 && rest[0] == "module" {
        rest.drain(..2);
    }
    rest.len() == 2 || (rest.len() == 3 && rest[0] == "data")
}

fn is_identifier(text: &str) -> bool {
    let begins = |letter: char| letter.is_alphabetic() || letter == '_';
    let goes_on = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    text.starts_with(begins) && text.chars().all(goes_on)
}

fn are_paths(value: &[u8]) -> bool {
    match serde_json::from_slice::<Option<Vec<Vec<Value>>>>(value) {
        Ok(paths) => paths
            .into_iter()
            .flatten()
            .flatten()
            .all(|step| is_step(&step)),
        Err(_) => false,
    }
}

fn is_step(step: &Value) -> bool {
    match step["type"].as_str() {
        Some("get_attr") => step["value"].is_string(),
        Some("index") => match step["value"]["type"].as_str() {
            Some("string") => step["value"]["value"].is_string(),
            Some("number") => step["value"]["value"].is_number(),
            _ => false,
        },
        _ => false,
    }
}

/// A resource's address from its own fields, or what Terraform would refuse it for.
pub(super) fn resource<'a>(
    fields: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<ResourceAddress, &'static str> {
    let (mut module, mut mode, mut kind, mut name) = (None, None, None, None);
    let mut provider = Err("it names no provider");
    for (field, value) in fields {
        match field {
            "module" if value != b"null" => {
                let path = text(value).and_then(|path| Module::parse(&path));
                module = Some(path.ok_or("its module path cannot be read")?);
            }
            // Of two fields of one name both are judged: a reader may take either.
            "mode" => {
                mode = Some(match value {
                    b"\"managed\"" => Mode::Managed,
                    b"\"data\"" => Mode::Data,
                    _ => return Err("its mode is neither managed nor data"),
                });
            }
            "type" => kind = Some(text(value).ok_or("its type is no text")?),
            "name" => name = Some(text(value).ok_or("its name is no text")?),
            "provider" => {
                let known = text(value).is_some_and(|one| is_provider(&one));
                provider = Ok(known.then_some(()).ok_or("its provider cannot be read")?);
            }
            // A list is read entry by entry and never gets here.
            "instances" => return Err("its instances are no list"),
            "each" if !matches!(first(value), Shape::Text | Shape::Null) => {
                return Err("a field of it is no text");
            }
            _ => {}
        }
    }
    let (Some(mode), Some(kind), Some(name)) = (mode, kind, name) else {
        return Err("it does not say its mode, type and name");
    };
    provider?;
    Ok(ResourceAddress {
        module: module.unwrap_or_default(),
        mode,
        kind: kind.into(),
        name: name.into(),
    })
}

/// Whether it is the address of a provider: `provider["SOURCE"]` or the older `provider.NAME`, perhaps with an alias.
fn is_provider(text: &str) -> bool {
    let (path, rest) = match text.find("provider") {
        Some(at) if text[..at].is_empty() || text[..at].ends_with('.') => text.split_at(at),
        _ => return false,
    };
    if !path.is_empty() && Module::parse(path.trim_end_matches('.')).is_none() {
        return false;
    }
    let rest = &rest["provider".len()..];
    let alias = match rest.strip_prefix("[\"") {
        Some(quoted) => quoted
            .split_once("\"]")
            .filter(|(source, _)| is_source(source)),
        None => rest
            .strip_prefix('.')
            .map(|rest| rest.split_at(rest.find('.').unwrap_or(rest.len())))
            .filter(|(name, _)| is_identifier(name)),
    };
    let is_alias = |alias: &str| alias.strip_prefix('.').is_some_and(is_identifier);
    alias.is_some_and(|(_, alias)| alias.is_empty() || is_alias(alias))
}

fn is_source(source: &str) -> bool {
    let parts: Vec<&str> = source.split('/').collect();
    let is_name = |part: &&str| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        part.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && part.chars().all(fits)
    };
    let is_host = |host: &str| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-.:".contains(letter);
        host.contains('.') && host.chars().all(fits)
    };
    match parts.as_slice() {
        [host, names @ ..] if names.len() == 2 => is_host(host) && names.iter().all(is_name),
        _ => false,
    }
}

/// Whether an output's value is of the type that it says.
pub(super) fn output(text: &[u8]) -> bool {
    let Some(fields) = fields(text) else {
        return false;
    };
    let of = |wanted: &str| {
        let found = fields.iter().rev().find(|(name, _)| name == wanted);
        found.map(|(_, value)| *value)
    };
    let Some(value) = of("value") else {
        return false;
    };
    if !matches!(of("sensitive"), None | Some(b"true" | b"false" | b"null")) {
        return false;
    }
    let parsed = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
    let kind = of("type").and_then(parsed);
    match (parsed(value), kind) {
        (Some(value), Some(kind)) => fits(&value, &kind),
        _ => false,
    }
}

/// Whether a value is of a type in Terraform's JSON notation of types.
fn fits(value: &Value, kind: &Value) -> bool {
    if let Some(word) = kind.as_str() {
        return match word {
            "string" => value.is_string() || value.is_null(),
            "number" => value.is_number() || value.is_null(),
            "bool" => value.is_boolean() || value.is_null(),
            "dynamic" => {
                value.is_null()
                    || value
                        .get("type")
                        .zip(value.get("value"))
                        .is_some_and(|(kind, value)| fits(value, kind))
            }
            _ => false,
        };
    }
    let (Some(word), Some(of)) = (kind[0].as_str(), kind.get(1)) else {
        return false;
    };
    match (word, value) {
        ("list" | "set" | "map", Value::Null) => fits(&Value::Null, of),
        ("object", Value::Null) => of.is_object(),
        ("tuple", Value::Null) => of.is_array(),
        ("list" | "set", Value::Array(items)) => items.iter().all(|item| fits(item, of)),
        ("map", Value::Object(items)) => items.values().all(|item| fits(item, of)),
        ("tuple", Value::Array(items)) => {
            let kinds = of.as_array().map(Vec::as_slice).unwrap_or_default();
            let mut pairs = items.iter().zip(kinds);
            items.len() == kinds.len() && pairs.all(|(item, kind)| fits(item, kind))
        }
        ("object", Value::Object(items)) => {
            let Some(kinds) = of.as_object() else {
                return false;
            };
            let mut pairs = items.iter().map(|(name, item)| (item, kinds.get(name)));
            items.len() == kinds.len()
                && pairs.all(|(item, kind)| kind.is_some_and(|kind| fits(item, kind)))
        }
        _ => false,
    }
}

/// The shape of a value that is known to be whole.
fn first(value: &[u8]) -> Shape {
    Scanner::new(value).shape().unwrap_or(Shape::Null)
}

fn text(value: &[u8]) -> Option<String> {
    if first(value) != Shape::Text {
        return None;
    }
    Scanner::new(value).string().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_addresses() {
        for known in [
            r#"provider["registry.terraform.io/hashicorp/aws"]"#,
            r#"provider["registry.terraform.io/hashicorp/aws"].west"#,
            r#"module.a["x.y"].provider["terraform.io/builtin/terraform"]"#,
            "provider.aws",
            "module.a.provider.aws.west",
        ] {
            assert!(is_provider(known), "{known}");
        }
        for other in [
            "",
            "p",
            "provider",
            "provider[\"aws\"",
            "provider[\"a/b/c\"]x",
            "xprovider.aws",
        ] {
            assert!(!is_provider(other), "{other}");
        }
    }

    #[test]
    fn an_output_has_a_value_of_its_type() {
        for (text, whole) in [
            (r#"{"value":"a","type":"string"}"#, true),
            (r#"{"value":null,"type":"string","sensitive":true}"#, true),
            (
                r#"{"value":{"a":[1]},"type":["object",{"a":["list","number"]}]}"#,
                true,
            ),
            (
                r#"{"value":["a",1],"type":["tuple",["string","number"]]}"#,
                true,
            ),
            (r#"{"value":1,"type":"string"}"#, false),
            (r#"{"value":"a","type":"strin"}"#, false),
            (
                r#"{"value":{"a":1,"b":1},"type":["object",{"a":"number"}]}"#,
                false,
            ),
            (r#"{"value":"a"}"#, false),
        ] {
            assert_eq!(output(text.as_bytes()), whole, "{text}");
        }
    }

    #[test]
    fn an_instance_that_terraform_would_refuse_says_why() {
        assert_eq!(
            instance(br#"{"index_key":"a","schema_version":0,"attributes":{"id":"x"},"private":"eyJ9","dependencies":["module.m.data.a.b"]}"#),
            Ok(About {
                key: Some(Key::Text("a".into())),
                deposed: None,
                id: Some(b"\"x\"".to_vec()),
            })
        );
        for text in [
            r#"{"index_key":true}"#,
            r#"{"schema_version":-1}"#,
            r#"{"attributes":[]}"#,
            r#"{"private":"?"}"#,
            r#"{"dependencies":["a"]}"#,
            r#"{"sensitive_attributes":[{"type":"get_attr"}]}"#,
            r#"{"status":"gone"}"#,
            r#"{"deposed":"1"}"#,
        ] {
            assert!(instance(text.as_bytes()).is_err(), "{text}");
        }
    }
}
