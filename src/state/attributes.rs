//! The attributes of one instance as rows to read: every leaf with its path,
//! JSON inside of strings opened up, secrets masked.

use super::json::{Flaw, Scanner, Span};
use super::secret::{Marks, Path, Step, Veil};
use super::shown::Shown;
use super::snapshot::{Instance, InstanceNo, Output, Sensitivity, Snapshot};
use super::value::Value;

/// One value of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub path: Path,
    pub shown: Shown,
}

/// An attribute letter by letter: for what has to name an object to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exact {
    /// A text, number or truth value is one; a list of such is several.
    Known(Vec<String>),
    Masked,
    /// Missing, null, empty, or nested.
    Absent,
}

impl Snapshot {
    /// A top-level attribute exactly as it stands, unless it is secret.
    pub fn exact(&self, no: InstanceNo, name: &str) -> Exact {
        let Some(instance) = self.instance(no) else {
            return Exact::Absent;
        };
        let value = self
            .member(instance, name)
            .and_then(|span| self.value(span));
        let Some(value) = value else {
            return Exact::Absent;
        };
        let marks = self.marks(instance);
        let mut path = Path(vec![Step::Name(name.to_owned())]);
        let value = value.logical();
        if *value == Value::Null {
            return Exact::Absent;
        }
        if marks.veil(&path, None, value) == Veil::Masked {
            return Exact::Masked;
        }
        let parts = match value {
            Value::List(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut texts = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            path.0.push(Step::At(place));
            if marks.veil(&path, Some(value), part) == Veil::Masked {
                return Exact::Masked;
            }
            path.0.pop();
            texts.push(match part {
                Value::Text(text) if !text.is_empty() => text.clone().into_owned(),
                Value::Number(number) => number.0.clone().into_owned(),
                Value::Bool(truth) => truth.to_string(),
                _ => return Exact::Absent,
            });
        }
        if texts.is_empty() {
            return Exact::Absent;
        }
        Exact::Known(texts)
    }

    /// Every value of an instance, parsed now; a single unreadable one where the text is not JSON.
    pub fn attributes(&self, no: InstanceNo) -> Vec<Attribute> {
        let Some(instance) = self.instance(no) else {
            return Vec::new();
        };
        let Some(value) = self.value(instance.attributes) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let marks = self.marks(instance);
        leaves(
            &marks,
            &mut Path::default(),
            None,
            &value,
            &mut |path, shown| {
                rows.push(Attribute {
                    path: path.clone(),
                    shown,
                });
            },
        );
        rows
    }

    /// One value as it stands, secret or not: for who asked to see it, and for nobody else.
    pub fn revealed(&self, no: InstanceNo, path: &Path) -> Option<String> {
        let value = self.value(self.instance(no)?.attributes)?;
        revealed(&value, &path.0)
    }

    /// The `id` attribute, by which a provider knows the object; none where there is none to show.
    pub fn id(&self, no: InstanceNo) -> Option<Shown> {
        let instance = self.instance(no)?;
        let raw = self.raw(self.member(instance, "id")?);
        let value = Value::parse(raw)?;
        let path = Path(vec![Step::Name("id".into())]);
        let marks = self.marks(instance);
        match (marks.veil(&path, None, &value), &value) {
            (_, Value::Null) => None,
            (Veil::Masked, _) => Some(Shown::Masked),
            (Veil::Open, _) => Some(Shown::plain(&value)),
        }
    }

    /// The bytes of a textual `id` attribute, to tell whether two objects are the same one.
    pub(super) fn raw_id(&self, no: InstanceNo) -> Option<&[u8]> {
        raw_id(self.raw(self.instance(no)?.attributes))
    }

    /// An output's value on rows of its own.
    pub fn output(&self, output: &Output) -> Vec<Attribute> {
        let path = Path(vec![Step::Name(output.name.clone())]);
        let Some(value) = self.value(output.value) else {
            return Vec::new();
        };
        if output.sensitivity == Sensitivity::Sensitive {
            return vec![Attribute {
                path,
                shown: Shown::Masked,
            }];
        }
        let mut rows = Vec::new();
        let marks = Marks::at(Vec::new());
        leaves(
            &marks,
            &mut path.clone(),
            None,
            &value,
            &mut |path, shown| {
                rows.push(Attribute {
                    path: path.clone(),
                    shown,
                });
            },
        );
        rows
    }

    fn marks(&self, instance: &Instance) -> Marks {
        Marks::read(self.raw(instance.sensitive), self.raw(instance.attributes))
    }

    pub(super) fn value(&self, span: Span) -> Option<Value<'_>> {
        Value::parse(self.raw(span))
    }

    /// Where one top-level attribute's value stands, found without parsing its neighbors.
    fn member(&self, instance: &Instance, wanted: &str) -> Option<Span> {
        let start = instance.attributes.start;
        let found = member(self.raw(instance.attributes), wanted)?;
        Some(Span {
            start: start + found.start,
            end: start + found.end,
        })
    }
}

/// The bytes of a textual `id` among raw attributes.
pub(super) fn raw_id(attributes: &[u8]) -> Option<&[u8]> {
    let raw = member(attributes, "id")?.of(attributes);
    (raw.len() > 2 && raw[0] == b'"').then_some(raw)
}

fn member(attributes: &[u8], wanted: &str) -> Option<Span> {
    let mut found = None;
    let mut scanner = Scanner::new(attributes);
    let _ = scanner.object::<Flaw>(|scanner, name| {
        let span = scanner.skip()?;
        if name == wanted {
            found = Some(span);
        }
        Ok(())
    });
    found
}

/// Walks to every leaf of a value; what is masked is one leaf with all that it holds.
pub(super) fn leaves(
    marks: &Marks,
    path: &mut Path,
    parent: Option<&Value<'_>>,
    value: &Value<'_>,
    take: &mut impl FnMut(&Path, Shown),
) {
    let value = value.logical();
    if !path.0.is_empty() && marks.veil(path, parent, value) == Veil::Masked {
        take(path, Shown::Masked);
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                path.0.push(Step::Name(name.clone().into_owned()));
                leaves(marks, path, Some(value), member, take);
                path.0.pop();
            }
        }
        Value::List(list) if !list.is_empty() => {
            for (place, element) in list.iter().enumerate() {
                path.0.push(Step::At(place));
                leaves(marks, path, Some(value), element, take);
                path.0.pop();
            }
        }
        Value::Text(text) => match Value::inside(text) {
            Some(inside) => leaves(marks, path, parent, &inside, take),
            None => take(path, Shown::plain(value)),
        },
        _ => take(path, Shown::plain(value)),
    }
}

/// The value at the end of a path that [`leaves`] came by.
fn revealed(value: &Value<'_>, path: &[Step]) -> Option<String> {
    let value = value.logical();
    let Some((step, rest)) = path.split_first() else {
        return Some(match value {
            Value::Text(text) => text.clone().into_owned(),
            other => other.to_json(),
        });
    };
    match (step, value) {
        (Step::Name(wanted), Value::Object(members)) => {
            let (_, member) = members.iter().find(|(name, _)| name == wanted)?;
            revealed(member, rest)
        }
        (Step::At(place), Value::List(list)) => revealed(list.get(*place)?, rest),
        (_, Value::Text(text)) => revealed(&Value::inside(text)?, path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn state(instance: &str) -> Snapshot {
        let text = format!(
            r#"{{"version":4,"outputs":{{"o":{{"value":{{"password":"x","n":1}}}},"s":{{"value":"x","sensitive":true}}}},"resources":[{{"mode":"managed","type":"a","name":"b","instances":[{instance}]}}]}}"#
        );
        match Reading::of(text.into_bytes()) {
            Reading::Whole(snapshot) => snapshot,
            other => panic!("not whole: {other:?}"),
        }
    }

    fn rows(attributes: &[Attribute]) -> Vec<String> {
        let row = |row: &Attribute| format!("{} = {}", row.path, row.shown);
        attributes.iter().map(row).collect()
    }

    #[test]
    fn any_masked_row_can_be_revealed_and_nothing_else_comes_with_it() {
        let state = state(
            r#"{"attributes":{"id":"i-1","password":"hunter2","doc":"{\"token\":\"t\\u00e9\"}","input":{"value":{"s":{"k":[1,true,null]}},"type":["object",{"s":["map","any"]}]}},"sensitive_attributes":[[{"type":"get_attr","value":"input"},{"type":"get_attr","value":"s"}]]}"#,
        );
        let masked = state.attributes(InstanceNo(0)).into_iter();
        let masked = masked.filter(|row| row.shown == Shown::Masked);
        let told: Vec<_> = masked
            .map(|row| {
                let value = state.revealed(InstanceNo(0), &row.path).unwrap();
                format!("{} = {value}", row.path)
            })
            .collect();
        assert_eq!(
            told,
            [
                "doc.token = té",
                r#"input.s = {"k": [1, true, null]}"#,
                "password = hunter2"
            ]
        );
        let nowhere = Path(vec![Step::Name("password".into()), Step::At(0)]);
        assert_eq!(state.revealed(InstanceNo(0), &nowhere), None);
    }

    #[test]
    fn every_leaf_has_its_path_and_secrets_are_masked() {
        let state = state(
            r#"{"attributes":{"id":"i-1","big":12345678901234567890,"tags":{"a b":"x"},"password":"hunter2","input":{"value":{"s":"hunter2","t":null},"type":["object",{"s":"string","t":"string"}]},"l":[],"e":""},"sensitive_attributes":[[{"type":"get_attr","value":"input"},{"type":"get_attr","value":"s"}]]}"#,
        );
        assert_eq!(
            rows(&state.attributes(InstanceNo(0))),
            [
                "big = 12345678901234567890",
                "e = \"\"",
                "id = i-1",
                "input.s = ▒▒▒▒▒▒▒▒",
                "input.t = null",
                "l = []",
                "password = ▒▒▒▒▒▒▒▒",
                "tags[\"a b\"] = x",
            ]
        );
        assert_eq!(state.id(InstanceNo(0)), Some(Shown::Plain("i-1".into())));
    }

    #[test]
    fn json_in_a_string_is_opened_and_its_secrets_are_masked() {
        let state = state(
            r#"{"attributes":{"definitions":"[{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"},{\"name\":\"PORT\",\"value\":\"80\"}]}]"}}"#,
        );
        assert_eq!(
            rows(&state.attributes(InstanceNo(0))),
            [
                "definitions[0].env[0].name = DB_PASSWORD",
                "definitions[0].env[0].value = ▒▒▒▒▒▒▒▒",
                "definitions[0].env[1].name = PORT",
                "definitions[0].env[1].value = 80",
            ]
        );
    }

    #[test]
    fn an_id_that_is_marked_stays_masked() {
        let state = state(
            r#"{"attributes":{"id":"hunter2"},"sensitive_attributes":[[{"type":"get_attr","value":"id"}]]}"#,
        );
        assert_eq!(state.id(InstanceNo(0)), Some(Shown::Masked));
    }

    #[test]
    fn an_attribute_is_given_exactly_or_not_at_all() {
        let state = state(
            r#"{"attributes":{"id":"a\u003cb","port":22,"egress":true,"none":null,"empty":"","cidrs":["10.0.0.0/8","::/0"],"nothing":[],"deep":[{"a":1}],"password":"hunter2","seals":["x","y"]},"sensitive_attributes":[[{"type":"get_attr","value":"seals"},{"type":"index","value":{"value":1,"type":"number"}}]]}"#,
        );
        let exact = |name| state.exact(InstanceNo(0), name);
        let known = |texts: &[&str]| Exact::Known(texts.iter().map(|&text| text.into()).collect());
        assert_eq!(exact("id"), known(&["a<b"]));
        assert_eq!(exact("port"), known(&["22"]));
        assert_eq!(exact("egress"), known(&["true"]));
        assert_eq!(exact("cidrs"), known(&["10.0.0.0/8", "::/0"]));
        for absent in ["none", "empty", "nothing", "deep", "missing"] {
            assert_eq!(exact(absent), Exact::Absent, "{absent}");
        }
        for masked in ["password", "seals"] {
            assert_eq!(exact(masked), Exact::Masked, "{masked}");
        }
    }

    #[test]
    fn outputs_are_masked_by_mark_and_by_name() {
        let state = state("{}");
        let [open, sealed] = state.outputs() else {
            panic!("two outputs");
        };
        assert_eq!(
            rows(&state.output(open)),
            ["o.n = 1", "o.password = ▒▒▒▒▒▒▒▒"]
        );
        assert_eq!(rows(&state.output(sealed)), ["s = ▒▒▒▒▒▒▒▒"]);
    }
}
