//! A name that is taken: what of a state it is the name of, and by what the thing
//! would be imported. A name is not always an import id, and is never passed off
//! as one.

use super::missing::{import_id, text};
use super::owner::canonical;
use super::table::{Untold, table};
use super::written::command;
use crate::state::{Exact, Mode, Snapshot};

/// The attributes that a service calls a thing by when it says that it exists.
const NAMES: [&str; 8] = [
    "bucket",
    "cluster_identifier",
    "domain",
    "function_name",
    "identifier",
    "key_name",
    "name",
    "username",
];

/// Something that exists already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    pub kind: String,
    pub name: String,
}

impl Sought {
    /// The command that imports it as this address; else why none can be told.
    pub fn import(&self, address: &str) -> Result<String, String> {
        if self
            .name
            .chars()
            .chain(address.chars())
            .any(char::is_control)
        {
            return Err("its name has characters that no command line takes".to_owned());
        }
        let known = |attribute: &str| {
            let is_name = NAMES.contains(&attribute) || attribute == "path";
            let is_id = attribute == "id" && table().is_named_by_id(&self.kind);
            if is_name || is_id {
                Exact::Known(vec![self.name.clone()])
            } else {
                Exact::Absent
            }
        };
        match table().id(&self.kind, &known) {
            Ok(id) => Ok(command(address, &id)),
            Err(Untold::Never(why)) => Err(why.to_owned()),
            Err(Untold::UnknownType) => Err(format!(
                "what imports {} stands at the end of its page in the provider's documentation",
                self.kind
            )),
            Err(Untold::Unfilled(_)) => Err(format!(
                "{} is imported by more than its name: look the rest up first",
                self.kind
            )),
        }
    }

    /// The addresses of it in a state; the work is linear in the state.
    pub fn addresses(&self, state: &Snapshot) -> Vec<String> {
        let kind = canonical(&self.kind);
        let mut found = Vec::new();
        for no in state.listed() {
            let Some(resource) = state.resource(*no) else {
                continue;
            };
            let address = &resource.address;
            if address.mode == Mode::Data || canonical(&address.kind) != kind {
                continue;
            }
            let attributes = NAMES.iter().chain(&["id"]);
            let mut own = attributes.filter_map(|attribute| text(state, *no, attribute));
            let is_named = own.any(|name| name == self.name)
                || import_id(state, *no, &address.kind).is_ok_and(|id| id == self.name)
                || text(state, *no, "arn").is_some_and(|arn| ends_in(&arn, &self.name));
            if is_named {
                found.extend(state.address(*no).map(|address| address.to_string()));
            }
        }
        found
    }
}

/// Whether an ARN is this, or ends with it as a whole part.
fn ends_in(arn: &str, name: &str) -> bool {
    let before = arn.strip_suffix(name);
    before.is_some_and(|before| before.is_empty() || before.ends_with([':', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn sought(kind: &str, name: &str) -> Sought {
        Sought {
            kind: kind.into(),
            name: name.into(),
        }
    }

    #[test]
    fn a_name_is_an_import_id_only_where_it_is_one() {
        let import = |kind: &str, name: &str| sought(kind, name).import("a.b[\"x\"]");
        let command = "terraform import 'a.b[\"x\"]' app";
        for kind in [
            "aws_iam_role",
            "aws_s3_bucket",
            "aws_cloudwatch_log_group",
            "aws_db_instance",
        ] {
            assert_eq!(import(kind, "app").as_deref(), Ok(command), "{kind}");
        }
        // Its id is one that AWS gave it, its ARN, or its URL.
        for kind in [
            "aws_security_group",
            "aws_lb",
            "aws_sns_topic",
            "aws_sqs_queue",
        ] {
            let why = import(kind, "app").unwrap_err();
            assert!(why.contains("more than its name"), "{kind}: {why}");
        }
        assert!(import("aws_no_such_thing", "app").is_err());
        assert!(import("aws_iam_role", "a\u{1b}[2Jb").is_err());
    }

    #[test]
    fn a_state_has_it_by_its_name_its_id_or_its_arn_and_by_its_type() {
        let text = r#"{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[
            {"mode":"managed","type":"aws_iam_role","name":"r","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"id":"x","name":"app","arn":"arn:aws:iam::1:role/team/app"}}]},
            {"mode":"data","type":"aws_iam_role","name":"d","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"name":"app"}}]},
            {"mode":"managed","type":"aws_iam_user","name":"u","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"name":"app"}}]},
            {"mode":"managed","type":"aws_alb","name":"l","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"arn":"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/0a","name":"web"}}]}
        ]}"#;
        let reading = Reading::of(text.as_bytes());
        let state = reading.snapshot().unwrap();
        let of = |kind: &str, name: &str| sought(kind, name).addresses(state);
        assert_eq!(of("aws_iam_role", "app"), ["aws_iam_role.r"]);
        assert_eq!(of("aws_iam_role", "x"), ["aws_iam_role.r"]);
        assert_eq!(of("aws_iam_role", "team/app"), ["aws_iam_role.r"]);
        assert_eq!(of("aws_lb", "web"), ["aws_alb.l"]);
        assert_eq!(of("aws_iam_role", "pp"), [""; 0]);
        assert_eq!(of("aws_s3_bucket", "app"), [""; 0]);
    }
}
