//! A plan as text: the document of `terraform show -json`, or the events of
//! `terraform plan -json`. Of both only what happens to which address is kept:
//! the values in them may be secrets.

use serde::Deserialize;

use super::{Act, Change, Plan};

/// The document of `terraform show -json`.
#[derive(Deserialize)]
struct Document {
    format_version: String,
    #[serde(default)]
    resource_changes: Vec<Element>,
    #[serde(default)]
    resource_drift: Vec<Element>,
    /// Of every plan, also of one that changes nothing.
    planned_values: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Element {
    address: String,
    previous_address: Option<String>,
    #[serde(default)]
    mode: String,
    change: Actions,
}

#[derive(Deserialize)]
struct Actions {
    actions: Vec<String>,
}

/// One line of `terraform plan -json`.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    change: Option<Planned>,
}

#[derive(Deserialize)]
struct Planned {
    resource: Resource,
    previous_resource: Option<Resource>,
    action: String,
}

#[derive(Deserialize)]
struct Resource {
    addr: String,
}

/// What the events of one plan create, up to its summary or the next run.
pub fn created_in_events(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    let lines = bytes.split(|byte| *byte == b'\n');
    // A CI may put the time before each.
    let events = lines.filter_map(|line| {
        let begin = memchr::memchr(b'{', line)?;
        serde_json::from_slice::<Event>(&line[begin..]).ok()
    });
    let own = events.take_while(|event| !matches!(&*event.kind, "change_summary" | "version"));
    let planned = own.filter(|event| event.kind == "planned_change");
    let changes = planned.filter_map(|event| event.change.map(Planned::change));
    let created = changes.filter(|change| change.act == Act::Create);
    created.map(|change| change.address)
}

impl Plan {
    /// The plan in a text; the error is why it is none, as a cause.
    pub fn of_text(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        if let Ok(document) = serde_json::from_slice::<Document>(bytes) {
            return document.plan();
        }
        Self::of_events(bytes)
    }

    fn of_events(bytes: &[u8]) -> Result<Self, String> {
        let (mut plan, mut is_plan) = (Self::default(), false);
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(event) = serde_json::from_slice::<Event>(line) else {
                continue;
            };
            is_plan |= event.kind == "change_summary" || event.kind == "planned_change";
            let into = match event.kind.as_str() {
                "planned_change" => &mut plan.changes,
                "resource_drift" => &mut plan.drift,
                _ => continue,
            };
            into.extend(event.change.map(Planned::change));
        }
        if is_plan {
            return Ok(plan);
        }
        let cause = "it is neither a saved plan, nor what terraform show -json prints of one, nor the events of a finished terraform plan -json";
        Err(cause.to_owned())
    }
}

impl Document {
    fn plan(self) -> Result<Plan, String> {
        if self.planned_values.is_none() && self.resource_changes.is_empty() {
            return Err(format!(
                "it is of format {} and no plan: terraform show -json PLAN prints one",
                self.format_version
            ));
        }
        let changes = |elements: Vec<Element>| {
            let managed = elements.into_iter().filter(|one| one.mode != "data");
            managed.map(Element::change).collect()
        };
        Ok(Plan {
            changes: changes(self.resource_changes),
            drift: changes(self.resource_drift),
            base: None,
        })
    }
}

impl Element {
    fn change(self) -> Change {
        let actions: Vec<&str> = self.change.actions.iter().map(String::as_str).collect();
        let act = match actions.as_slice() {
            ["create"] => Act::Create,
            ["update"] => Act::Update,
            ["delete"] => Act::Delete,
            ["delete", "create"] | ["create", "delete"] => Act::Replace,
            _ => Act::Other,
        };
        Change {
            address: self.address,
            was: self.previous_address,
            act,
        }
    }
}

impl Planned {
    fn change(self) -> Change {
        let act = match self.action.as_str() {
            "create" => Act::Create,
            "update" => Act::Update,
            "delete" => Act::Delete,
            "replace" => Act::Replace,
            _ => Act::Other,
        };
        let was = self.previous_resource.map(|before| before.addr);
        Change {
            was: was.filter(|before| *before != self.resource.addr),
            address: self.resource.addr,
            act,
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The plan of all three files of the fixtures, which Terraform wrote at one time.
    pub fn expected() -> Vec<Change> {
        let change = |address: &str, was: Option<&str>, act| Change {
            address: address.into(),
            was: was.map(str::to_owned),
            act,
        };
        vec![
            change("terraform_data.a", Some("terraform_data.a[0]"), Act::Update),
            change("terraform_data.a[1]", None, Act::Delete),
            change("terraform_data.b", None, Act::Replace),
            change(r#"terraform_data.c["q\"u.x"]"#, None, Act::Create),
        ]
    }

    pub fn sorted(plan: Plan) -> Vec<Change> {
        let mut changes = plan.changes;
        changes.sort_by(|one, other| one.address.cmp(&other.address));
        changes
    }

    const SHOWN: &[u8] = include_bytes!("../../../tests/fixtures/plan/show.json");
    const EVENTS: &[u8] = include_bytes!("../../../tests/fixtures/plan/events.json");

    #[test]
    fn what_terraform_shows_and_what_it_streams_are_the_same_plan() {
        for text in [SHOWN, EVENTS] {
            assert_eq!(sorted(Plan::of_text(text).unwrap()), expected());
        }
    }

    #[test]
    fn what_is_no_plan_is_said_to_be_none() {
        let state = br#"{"format_version":"1.0","terraform_version":"1.11.4","values":{}}"#;
        assert!(Plan::of_text(state).unwrap_err().contains("and no plan"));
        for text in [&b""[..], b"{}", b"[1]", b"Plan: 1 to add", b"\xff\xfe"] {
            assert!(
                Plan::of_text(text)
                    .unwrap_err()
                    .starts_with("it is neither")
            );
        }
        // A plan that failed has no summary.
        let failed = EVENTS.split(|byte| *byte == b'\n').next().unwrap();
        assert!(Plan::of_text(failed).is_err());
        let nothing = br#"{"format_version":"1.2","planned_values":{},"configuration":{}}"#;
        assert_eq!(Plan::of_text(nothing), Ok(Plan::default()));
    }

    #[test]
    fn a_cut_or_spoiled_plan_is_survived() {
        for text in [SHOWN, EVENTS] {
            for end in (0..text.len()).step_by(97) {
                let _ = Plan::of_text(&text[..end]);
                let _ = Plan::of_text(&text[end..]);
            }
        }
    }
}
