//! The machine-readable run output (`terraform plan -json`): the objects of
//! the JSON log with `@module` `terraform.ui` and a `type`. What the message
//! leaves out (a diagnostic's detail) is put beneath it.

use serde_json::{Map, Value};

use crate::log::record::{Field, Parts, Source};

use super::hclog_json;

/// The parts of a run event; `None` for a line of the debug log.
///
/// What an event is about stands in an object of its own under a name that
/// depends on the type (`hook`, `change`, `test_run`, …): its values are the
/// fields, whatever types a newer Terraform adds.
pub fn read(text: &str) -> Option<Parts> {
    let (mut object, mut body) = hclog_json::object(text)?;
    if object.get("@module").and_then(Value::as_str) != Some("terraform.ui") {
        return None;
    }
    let diagnostic = object.shift_remove("diagnostic");
    body.extend(diagnostic.iter().flat_map(detail));
    if let Some(Value::Object(outputs)) = object.shift_remove("outputs") {
        body.extend(outputs.iter().map(output));
    }
    let (subjects, rest) = object.into_iter().partition(|(_, value)| value.is_object());
    let mut parts = hclog_json::parts(rest, body);
    parts.source = Source::Run;
    let subjects: Map<String, Value> = subjects;
    let subjects = subjects.values().filter_map(Value::as_object);
    parts.fields.extend(subjects.flat_map(spread));
    Some(parts)
}

/// An output as `terraform output` prints it, without what is sensitive.
fn output((name, output): (&String, &Value)) -> String {
    let value = match &output["value"] {
        _ if output["sensitive"] == true => "(sensitive value)".to_owned(),
        // A plan says only what will be done to it.
        Value::Null => format!("({})", output["action"].as_str().unwrap_or("null")),
        value => value.to_string(),
    };
    format!("{name} = {value}")
}

/// The detail of a diagnostic, line by line, and where it points.
fn detail(diagnostic: &Value) -> Vec<String> {
    let text = diagnostic["detail"].as_str().unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some(file) = diagnostic["range"]["filename"].as_str() {
        let line = &diagnostic["range"]["start"]["line"];
        lines.push(format!("at {file}:{line}"));
    }
    let code = diagnostic["snippet"]["code"].as_str().unwrap_or_default();
    lines.extend(code.lines().map(|line| format!("  | {line}")));
    if let Some(address) = diagnostic["address"].as_str() {
        lines.push(format!("with {address}"));
    }
    lines
}

/// The values of an object as fields; of a resource or an action its address is enough.
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
    r#"{"@level":"info","@message":"terraform_data.a: Plan to replace","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","change":{"resource":{"addr":"terraform_data.a"},"previous_resource":{"addr":"terraform_data.b"},"action":"replace","reason":"cannot_update"},"type":"planned_change"}"#,
    r#"{"@level":"info","@message":"Outputs: 3","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","outputs":{"id":{"sensitive":false,"type":"string","value":"x"},"pin":{"sensitive":true,"type":"string","value":"1234"},"new":{"sensitive":false,"action":"create"}},"type":"outputs"}"#,
    r#"{"@level":"info","@message":"  \"second\"... fail","@module":"terraform.ui","@testfile":"tests/main.tftest.hcl","@testrun":"second","@timestamp":"2026-11-22T11:52:08.653123Z","test_run":{"path":"tests/main.tftest.hcl","run":"second","progress":"complete","status":"fail"},"type":"test_run"}"#,
    r#"{"@level":"info","@message":"terraform_data.a.trigger[0]: Action started: action.x.b","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","hook":{"action":{"addr":"action.x.b","module":""},"lifecycle":{"resource":{"addr":"terraform_data.a"},"trigger_index":0}},"type":"action_start"}"#,
    r#"{"@level":"info","@message":"ephemeral.x.a: Opening complete after 0s","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","hook":{"resource":{"addr":"ephemeral.x.a"},"action":"open","elapsed_seconds":0},"type":"ephemeral_op_complete"}"#,
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
    fn what_an_event_is_about_is_in_its_fields_whatever_its_type() {
        for (sample, name, value) in [
            (5, "resource", "terraform_data.a"),
            (5, "previous_resource", "terraform_data.b"),
            (5, "reason", "cannot_update"),
            (7, "status", "fail"),
            (8, "action", "action.x.b"),
            (9, "elapsed_seconds", "0"),
        ] {
            let parts = read(SAMPLES[sample]).unwrap();
            assert_eq!(field(&parts, name), Some(value), "{name}");
        }
    }

    #[test]
    fn outputs_unfold_and_the_sensitive_ones_stay_so() {
        let parts = read(SAMPLES[6]).unwrap();
        assert_eq!(
            parts.body,
            ["id = \"x\"", "pin = (sensitive value)", "new = (create)"]
        );
    }

    #[test]
    fn a_line_of_the_debug_log_is_left_to_its_own_reader() {
        for sample in hclog_json::SAMPLES {
            assert_eq!(read(sample), None);
        }
    }
}
