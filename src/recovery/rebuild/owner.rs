//! Which state has a missing object already. Two things are one object where
//! they are of one type and have one ARN; where one of them has no ARN, where
//! they have one id or are imported by the same one.

use std::collections::HashMap;

use super::missing::{Missing, import_id, text};
use crate::state::{InstanceNo, Mode, Snapshot};

/// A state that has a missing object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The number of the object among the missing ones.
    pub missing: usize,
    /// The key of the state; none for the present one.
    pub key: Option<String>,
    pub address: String,
}

/// The number of a missing object, and the ARN that it is known by.
type Known = (usize, Option<String>);

/// What every state is searched for.
#[derive(Debug, Default)]
pub struct Question {
    /// By type and ARN.
    by_arn: HashMap<(String, String), Vec<usize>>,
    /// By type and id.
    by_id: HashMap<(String, String), Vec<Known>>,
    /// By ARN alone, where the type is not known.
    untyped: HashMap<String, usize>,
}

impl Question {
    pub fn about(missing: &[Missing]) -> Self {
        let mut question = Self::default();
        for (number, one) in missing.iter().enumerate() {
            let kind = canonical(&one.kind).to_owned();
            match &one.arn {
                Some(arn) if kind.is_empty() => {
                    question.untyped.insert(arn.clone(), number);
                }
                Some(arn) => {
                    let key = (kind.clone(), arn.clone());
                    question.by_arn.entry(key).or_default().push(number);
                }
                None => {}
            }
            let imported = one.id.as_ref().ok();
            let mut ids: Vec<&String> = imported.into_iter().chain(&one.own_id).collect();
            ids.dedup();
            for id in ids {
                let key = (kind.clone(), id.clone());
                question
                    .by_id
                    .entry(key)
                    .or_default()
                    .push((number, one.arn.clone()));
            }
        }
        question
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.by_arn.is_empty() && self.by_id.is_empty() && self.untyped.is_empty()
    }

    /// What of it a state has; the work is linear in the state.
    pub fn owners(&self, key: Option<&str>, state: &Snapshot) -> Vec<Owner> {
        let mut owners = Vec::new();
        for no in state.listed() {
            let mut found = self.found(state, *no);
            found.sort_unstable();
            found.dedup();
            owners.extend(found.into_iter().filter_map(|missing| {
                Some(Owner {
                    missing,
                    key: key.map(str::to_owned),
                    address: state.address(*no)?.to_string(),
                })
            }));
        }
        owners
    }

    fn found(&self, state: &Snapshot, no: InstanceNo) -> Vec<usize> {
        let Some(resource) = state.resource(no) else {
            return Vec::new();
        };
        if resource.address.mode == Mode::Data {
            return Vec::new();
        }
        let kind = canonical(&resource.address.kind);
        let (arn, id) = (text(state, no, "arn"), text(state, no, "id"));
        let mut found: Vec<usize> = [&arn, &id]
            .into_iter()
            .flatten()
            .filter_map(|text| self.untyped.get(text).copied())
            .collect();
        if let Some(arn) = &arn {
            let same = self.by_arn.get(&(kind.to_owned(), arn.clone()));
            found.extend(same.into_iter().flatten());
        }
        let imported = import_id(state, no, &resource.address.kind);
        let imported: Option<String> = imported.ok();
        for id in imported.into_iter().chain(id) {
            let same = self.by_id.get(&(kind.to_owned(), id));
            let distinct = |known: &Option<String>| matches!((known, &arn), (Some(one), Some(two)) if one != two);
            let same = same
                .into_iter()
                .flatten()
                .filter(|(_, known)| !distinct(known));
            found.extend(same.map(|(number, _)| *number));
        }
        found
    }
}

/// One name for a type that the provider has two of.
pub(super) fn canonical(kind: &str) -> &str {
    match kind {
        "aws_alb" => "aws_lb",
        "aws_alb_listener" => "aws_lb_listener",
        "aws_alb_listener_rule" => "aws_lb_listener_rule",
        "aws_alb_target_group" => "aws_lb_target_group",
        "aws_s3_bucket_object" => "aws_s3_object",
        "aws_elasticsearch_domain" => "aws_opensearch_domain",
        "aws_default_vpc" => "aws_vpc",
        "aws_default_subnet" => "aws_subnet",
        "aws_default_security_group" => "aws_security_group",
        "aws_default_network_acl" => "aws_network_acl",
        "cloudflare_record" => "cloudflare_dns_record",
        _ => kind,
    }
}
