//! The machine-readable run output (`terraform plan -json`): the objects of
//! the JSON log with `@module` `terraform.ui` and a `type`. What the message
//! leaves out (a diagnostic's detail) is put beneath it.

use serde_json::{Map, Value};

use crate::log::record::{Field, Parts, Source};

use super::hclog_json;

/// The parts of a run event; `None` for a line of the debug log.
pub fn read(text: &str) -> Option<Parts> {
    let (mut object, mut body) = hclog_json::object(text)?;
    if object.get("@module").and_then(Value::as_str) != Some("terraform.ui") {
        return None;
    }
    let diagnostic = object.shift_remove("diagnostic");
    body.extend(diagnostic.iter().flat_map(detail));
    let hook = object.shift_remove("hook");
    let mut parts = hclog_json::parts(object, body);
    parts.source = Source::Run;
    let hook = hook.as_ref().and_then(Value::as_object);
    parts.fields.extend(hook.into_iter().flat_map(spread));
    Some(parts)
}

/// The detail of a diagnostic, line by line, and where it points.
fn detail(diagnostic: &Value) -> Vec<String> {
    let text = diagnostic["detail"].as_str().unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some(file) = diagnostic["range"]["filename"].as_str() {
        let line = &diagnostic["range"]["start"]["line"];
        lines.push(format!("at {file}:{line}"));
    }
    if let Some(address) = diagnostic["address"].as_str() {
        lines.push(format!("with {address}"));
    }
    lines
}

/// A hook's values as fields; of the resource its address is enough.
fn spread(hook: &Map<String, Value>) -> impl Iterator<Item = Field> + '_ {
    hook.iter().map(|(name, value)| {
        let value = value.get("addr").unwrap_or(value);
        Field {
            name: name.clone(),
            value: value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        }
    })
}

#[cfg(test)]
pub(super) const SAMPLES: &[&str] = &[
    r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","terraform":"1.11.4","type":"version","ui":"1.2"}"#,
    r#"{"@level":"info","@message":"terraform_data.a: Creating...","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","hook":{"resource":{"addr":"terraform_data.a","module":"","resource":"terraform_data.a","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"a","resource_key":null},"action":"create"},"type":"apply_start"}"#,
    r#"{"@level":"info","@message":"terraform_data.a: Creation errored after 0s","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","hook":{"resource":{"addr":"terraform_data.a"},"action":"create","elapsed_seconds":0},"type":"apply_errored"}"#,
    r#"{"@level":"error","@message":"Error: Invalid value","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","diagnostic":{"severity":"error","summary":"Invalid value","detail":"The value is wrong.\nReally.","address":"terraform_data.a","range":{"filename":"main.tf","start":{"line":3,"column":1,"byte":20},"end":{"line":3,"column":9,"byte":28}}},"type":"diagnostic"}"#,
    r#"{"@level":"info","@message":"Acquiring state lock. This may take a few moments...","@module":"terraform.ui","@timestamp":"2026-11-22T13:52:08+02:00","type":"state_lock_acquire"}"#,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::level::Level;

    fn field<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
        let found = parts.fields.iter().find(|field| field.name == name);
        found.map(|field| field.value.as_str())
    }

    #[test]
    fn every_sample_is_a_run_event() {
        for sample in SAMPLES {
            assert_eq!(read(sample).unwrap().source, Source::Run, "{sample}");
        }
    }

    #[test]
    fn a_diagnostic_unfolds_its_detail_and_place() {
        let parts = read(SAMPLES[3]).unwrap();
        assert_eq!(parts.level, Level::Error);
        assert_eq!(
            parts.body,
            [
                "The value is wrong.",
                "Really.",
                "at main.tf:3",
                "with terraform_data.a"
            ]
        );
    }

    #[test]
    fn a_hook_shows_the_address_and_not_the_whole_resource() {
        let parts = read(SAMPLES[1]).unwrap();
        assert_eq!(field(&parts, "resource"), Some("terraform_data.a"));
        assert_eq!(field(&parts, "action"), Some("create"));
    }

    #[test]
    fn a_line_of_the_debug_log_is_left_to_its_own_reader() {
        for sample in hclog_json::SAMPLES {
            assert_eq!(read(sample), None);
        }
    }
}
