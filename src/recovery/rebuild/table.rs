//! The table of assets/imports.toml: what each type is imported by, and which
//! type an ARN is of. A row that cannot be read counts for nothing; a test
//! holds that there is none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

use super::arn::{Arn, Pattern};
use super::template::{Template, Unfilled};
use crate::state::Exact;

const TEXT: &str = include_str!("../../../assets/imports.toml");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str::<Written>(TEXT)
        .map(Table::from)
        .unwrap_or_default()
});

/// The table as it is written.
#[derive(Debug, Deserialize)]
struct Written {
    by_id: Vec<String>,
    by_id_beginning: Vec<String>,
    named_by_id: Vec<String>,
    templates: BTreeMap<String, Row>,
    arns: BTreeMap<String, String>,
    from_arn: BTreeMap<String, Row>,
    made_by: BTreeMap<String, String>,
    never: Vec<Never>,
}

/// One template, or several of which the first that can be filled counts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Row {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct Never {
    why: String,
    types: Vec<String>,
}

/// What is known of how things are imported.
#[derive(Debug, Default)]
pub struct Table {
    by_id: HashSet<String>,
    by_id_beginning: Vec<String>,
    named_by_id: HashSet<String>,
    templates: HashMap<String, Vec<Template>>,
    arns: Vec<(Pattern, String)>,
    from_arn: HashMap<String, Vec<Template>>,
    made_by: BTreeMap<String, String>,
    never: HashMap<String, String>,
}

/// Why the table gives no import id for a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untold {
    /// Nothing can be imported as this type, and why.
    Never(&'static str),
    UnknownType,
    Unfilled(Unfilled),
}

/// What a row of the table makes of an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognized {
    pub kind: &'static str,
    pub id: String,
}

impl Row {
    fn templates(&self) -> Vec<Template> {
        let texts = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        };
        texts
            .iter()
            .filter_map(|text| Template::from_str(text).ok())
            .collect()
    }
}

impl From<Written> for Table {
    fn from(written: Written) -> Self {
        let filled = |rows: &BTreeMap<String, Row>| {
            let rows = rows
                .iter()
                .map(|(kind, row)| (kind.clone(), row.templates()));
            rows.collect()
        };
        let arns = written.arns.iter();
        let never = written.never.iter().flat_map(|never| {
            let types = never.types.iter();
            types.map(|kind| (kind.clone(), never.why.clone()))
        });
        Self {
            templates: filled(&written.templates),
            from_arn: filled(&written.from_arn),
            arns: arns
                .filter_map(|(pattern, kind)| Some((pattern.parse().ok()?, kind.clone())))
                .collect(),
            never: never.collect(),
            by_id: written.by_id.into_iter().collect(),
            by_id_beginning: written.by_id_beginning,
            named_by_id: written.named_by_id.into_iter().collect(),
            made_by: written.made_by,
        }
    }
}

/// The table that tfsos comes with.
pub fn table() -> &'static Table {
    &TABLE
}

impl Table {
    /// Whether the id of such a thing is the name that it was made with.
    pub fn is_named_by_id(&self, kind: &str) -> bool {
        self.named_by_id.contains(kind)
    }

    /// The import id of a resource of this type, out of its attributes.
    pub fn id(&'static self, kind: &str, ask: &dyn Fn(&str) -> Exact) -> Result<String, Untold> {
        if let Some(why) = self.never.get(kind) {
            return Err(Untold::Never(why));
        }
        if let Some(templates) = self.templates.get(kind) {
            return first(templates, ask).map_err(Untold::Unfilled);
        }
        let by_id = || {
            self.by_id_beginning
                .iter()
                .any(|start| kind.starts_with(start))
        };
        if self.by_id.contains(kind) || by_id() {
            return Template::of("id").fill(ask).map_err(Untold::Unfilled);
        }
        Err(Untold::UnknownType)
    }

    /// The type that an ARN is of and what it is imported by; none where no row fits.
    pub fn recognize(&'static self, text: &str) -> Option<Recognized> {
        let arn = Arn::read(text)?;
        let (captures, kind) = self
            .arns
            .iter()
            .find_map(|(pattern, kind)| Some((pattern.captures(&arn)?, kind)))?;
        let said = |name: &str| {
            let own = match name {
                "arn" => Some(arn.whole),
                "region" => Some(arn.region),
                "account" => Some(arn.account),
                _ => captures.get(name).map(String::as_str),
            };
            own.map_or(Exact::Absent, |text| Exact::Known(vec![text.to_owned()]))
        };
        let id = match self.from_arn.get(kind) {
            Some(templates) => first(templates, &said).ok(),
            None => captures.get("id").cloned(),
        };
        let id = id.unwrap_or_else(|| arn.whole.to_owned());
        let ask = |name: &str| match name {
            "id" => Exact::Known(vec![id.clone()]),
            _ => said(name),
        };
        let id = self.id(kind, &ask).ok()?;
        Some(Recognized { kind, id })
    }

    /// What made a resource and keeps it, by its tags.
    pub fn made_by(&self, tags: &[(String, String)]) -> Option<(&str, String)> {
        tags.iter().find_map(|(name, value)| {
            let what = self.made_by.get(name)?;
            Some((what.as_str(), value.clone()))
        })
    }
}

/// The id by the first template that can be filled, else why the last one cannot.
fn first(templates: &[Template], ask: &dyn Fn(&str) -> Exact) -> Result<String, Unfilled> {
    let mut why = Unfilled::Absent("id".to_owned());
    for template in templates {
        match template.fill(ask) {
            Ok(id) => return Ok(id),
            Err(unfilled) => why = unfilled,
        }
    }
    Err(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Written {
        toml::from_str(TEXT).unwrap()
    }

    fn rows(row: &Row) -> Vec<&str> {
        match row {
            Row::One(text) => vec![text],
            Row::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    #[test]
    fn every_row_is_well_formed_and_no_type_stands_twice() {
        let written = written();
        let templates = written.templates.values().chain(written.from_arn.values());
        for text in templates.flat_map(rows) {
            text.parse::<Template>().unwrap();
        }
        for pattern in written.arns.keys() {
            pattern.parse::<Pattern>().unwrap();
        }
        let never = written.never.iter().flat_map(|never| &never.types);
        let types: Vec<_> = written
            .by_id
            .iter()
            .chain(written.templates.keys())
            .chain(never)
            .collect();
        for kind in &types {
            let fits = |letter: char| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
            };
            assert!(kind.contains('_') && kind.chars().all(fits), "{kind}");
        }
        for kind in &written.named_by_id {
            assert!(written.by_id.contains(kind), "{kind}");
        }
        let distinct: HashSet<_> = types.iter().collect();
        assert_eq!(distinct.len(), types.len());
        assert!(types.iter().filter(|kind| kind.starts_with("aws_")).count() > 250);
    }

    #[test]
    fn every_row_of_an_arn_gives_an_id() {
        let written = written();
        for (pattern, kind) in &written.arns {
            let read: Pattern = pattern.parse().unwrap();
            let mut resource = pattern.split_once(':').unwrap().1.to_owned();
            for name in read.names() {
                resource = resource.replace(&format!("{{{name}}}"), name);
                resource = resource.replace(&format!("{{{name}..}}"), name);
            }
            let service = pattern.split(':').next().unwrap();
            let arn = format!("arn:aws:{service}:eu-west-1:123456789012:{resource}");
            let fitting = written.arns.keys().filter(|other| {
                let other: Pattern = other.parse().unwrap();
                other.captures(&Arn::read(&arn).unwrap()).is_some()
            });
            assert_eq!(fitting.count(), 1, "{arn}");
            let recognized = table().recognize(&arn).unwrap_or_else(|| panic!("{arn}"));
            assert_eq!(recognized.kind, kind, "{arn}");
        }
        for (kind, row) in &written.from_arn {
            let of_kind: Vec<Pattern> = written
                .arns
                .iter()
                .filter(|(_, of)| *of == kind)
                .map(|(pattern, _)| pattern.parse().unwrap())
                .collect();
            for text in rows(row) {
                let template: Template = text.parse().unwrap();
                let filled = |pattern: &Pattern| {
                    let names = pattern.names();
                    let known = |name: &&str| {
                        matches!(*name, "region" | "account" | "arn") || names.contains(name)
                    };
                    template.needed().iter().all(known)
                };
                assert!(of_kind.iter().any(filled), "{kind}: {text}");
            }
        }
    }

    #[test]
    fn an_arn_is_the_type_and_the_id_that_terraform_imports() {
        let cases = [
            ("ec2:eu-west-1:1:vpc/vpc-1", "aws_vpc", "vpc-1"),
            ("s3:::logs.example", "aws_s3_bucket", "logs.example"),
            ("iam::1:role/ci/deploy", "aws_iam_role", "deploy"),
            (
                "sqs:eu-west-1:1:jobs",
                "aws_sqs_queue",
                "https://sqs.eu-west-1.amazonaws.com/1/jobs",
            ),
            (
                "ecs:eu-west-1:1:service/main/web",
                "aws_ecs_service",
                "main/web",
            ),
            (
                "ssm:eu-west-1:1:parameter/app/db/url",
                "aws_ssm_parameter",
                "/app/db/url",
            ),
            (
                "ssm:eu-west-1:1:parameter/plain",
                "aws_ssm_parameter",
                "plain",
            ),
            ("rds:eu-west-1:1:db:main", "aws_db_instance", "main"),
            (
                "events:eu-west-1:1:rule/bus/r",
                "aws_cloudwatch_event_rule",
                "bus/r",
            ),
            (
                "events:eu-west-1:1:rule/r",
                "aws_cloudwatch_event_rule",
                "r",
            ),
            (
                "sns:eu-west-1:1:t",
                "aws_sns_topic",
                "arn:aws:sns:eu-west-1:1:t",
            ),
            (
                "elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/0a",
                "aws_lb",
                "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/0a",
            ),
            (
                "elasticloadbalancing:eu-west-1:1:loadbalancer/old",
                "aws_elb",
                "old",
            ),
            (
                "eks:eu-west-1:1:nodegroup/main/workers/0a",
                "aws_eks_node_group",
                "main:workers",
            ),
        ];
        for (rest, kind, id) in cases {
            let recognized = table().recognize(&format!("arn:aws:{rest}")).unwrap();
            assert_eq!((recognized.kind, recognized.id.as_str()), (kind, id));
        }
        assert_eq!(
            table().recognize("arn:aws:sns:eu-west-1:1:t:subscription"),
            None
        );
        assert_eq!(
            table().recognize("arn:aws:quicksight:eu-west-1:1:x/y"),
            None
        );
    }

    #[test]
    fn what_another_thing_made_is_known_by_its_tags() {
        let tags = [("Name", "a"), ("aws:autoscaling:groupName", "web")];
        let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            table().made_by(&tags),
            Some(("autoscaling group", "web".to_owned()))
        );
        assert_eq!(table().made_by(&tags[..1]), None);
    }
}
