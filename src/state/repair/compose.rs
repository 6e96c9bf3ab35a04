//! The repaired text: the fields of the state itself, then its resources, laid
//! out as Terraform writes them around bytes that stay as they were.

use super::Hopeless;
use super::fix::{Fixes, Kind, Lost};
use super::rough::{Member, Piece};
use crate::state::json::{Scanner, Shape};
use crate::state::snapshot::Snapshot;

/// The fields before and behind the resources.
pub(super) struct Top<'a> {
    before: Vec<std::borrow::Cow<'a, [u8]>>,
    behind: Vec<std::borrow::Cow<'a, [u8]>>,
}

/// Chooses the fields that can be kept; those that are gone come from the version compared with.
pub(super) fn header<'a>(
    found: &'a [Member<'a>],
    known: Option<&Snapshot>,
    fixes: &mut Fixes,
    lost: &mut Vec<Lost>,
) -> Result<Top<'a>, Hopeless> {
    let mut top = Top {
        before: Vec::new(),
        behind: Vec::new(),
    };
    let newest = |name: &str| found.iter().rev().find(|member| member.name == name);
    match newest("version").and_then(|member| whole(member.value())) {
        Some(4) => {}
        Some(format @ 0..=3) => return Err(Hopeless::Older(format)),
        Some(format) => return Err(Hopeless::Newer(format)),
        // Only format 4 has lists of instances, which is what was looked for.
        None => top.before.push(b"\"version\": 4".into()),
    }
    let mut sound = Vec::new();
    for member in found {
        if is_sound(member) {
            sound.push(&*member.name);
            let side = if member.name == "check_results" {
                &mut top.behind
            } else {
                &mut top.before
            };
            side.push((&*member.text).into());
        }
    }
    for (name, text) in fallback(known) {
        if sound.contains(&name) {
            continue;
        }
        if let Some(text) = text {
            fixes.note(Kind::Header, 0);
            top.before.push(text.into_bytes().into());
        } else {
            lost.push(Lost {
                address: None,
                at: None,
                why: format!("the field {name} of the state itself"),
            });
        }
    }
    Ok(top)
}

/// Whether Terraform takes a field for what it is; one that only the damage made is left out.
fn is_sound(member: &Member<'_>) -> bool {
    let value = member.value();
    let shape = Scanner::new(value).shape().ok();
    match &*member.name {
        "version" => whole(value) == Some(4),
        "serial" => whole(value).is_some(),
        "lineage" => shape == Some(Shape::Text),
        "terraform_version" => {
            let state = [b"{\"version\":4,\"terraform_version\":", value, b"}"].concat();
            shape == Some(Shape::Text)
                && matches!(
                    crate::state::Reading::of(state),
                    crate::state::Reading::Whole(_)
                )
        }
        "outputs" => shape == Some(Shape::Object),
        "resources" => false,
        "check_results" => matches!(shape, Some(Shape::List | Shape::Null)),
        _ => true,
    }
}

/// The fields without which a state has no place in a history.
fn fallback(known: Option<&Snapshot>) -> [(&'static str, Option<String>); 3] {
    let header = known.map(Snapshot::header);
    let text = |name: &str, value: Option<&String>| {
        let quoted = value.map(|value| serde_json::Value::from(value.as_str()));
        quoted.map(|quoted| format!("\"{name}\": {quoted}"))
    };
    let serial = header.and_then(|header| header.serial);
    let version = header.and_then(|header| header.terraform_version.as_ref());
    let lineage = header.and_then(|header| header.lineage.as_ref());
    [
        ("terraform_version", text("terraform_version", version)),
        (
            "serial",
            serial.map(|serial| format!("\"serial\": {}", serial.0)),
        ),
        ("lineage", text("lineage", lineage)),
    ]
}

fn whole(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The whole text.
pub(super) fn text<'a>(
    top: &Top<'_>,
    resources: impl Iterator<Item = (&'a [Member<'a>], &'a [Piece<'a>])>,
) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for field in &top.before {
        out.extend_from_slice(b"\n  ");
        out.extend_from_slice(field);
        out.push(b',');
    }
    out.extend_from_slice(b"\n  \"resources\": [");
    for (number, (members, instances)) in resources.enumerate() {
        out.extend_from_slice(if number == 0 { b"\n    {" } else { b",\n    {" });
        resource(&mut out, members, instances);
        out.extend_from_slice(b"\n    }");
    }
    out.extend_from_slice(b"\n  ]");
    for field in &top.behind {
        out.extend_from_slice(b",\n  ");
        out.extend_from_slice(field);
    }
    out.extend_from_slice(b"\n}\n");
    out
}

fn resource(out: &mut Vec<u8>, members: &[Member<'_>], instances: &[Piece<'_>]) {
    for member in members {
        out.extend_from_slice(b"\n      ");
        out.extend_from_slice(&member.text);
        out.push(b',');
    }
    out.extend_from_slice(b"\n      \"instances\": [");
    for (number, piece) in instances.iter().enumerate() {
        out.extend_from_slice(if number == 0 {
            b"\n        "
        } else {
            b",\n        "
        });
        out.extend_from_slice(&piece.text);
    }
    let end: &[u8] = if instances.is_empty() {
        b"]"
    } else {
        b"\n      ]"
    };
    out.extend_from_slice(end);
}
