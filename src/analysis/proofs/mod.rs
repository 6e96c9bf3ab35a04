//! Every finding there is, with a text or a scene that gives it and nothing
//! else, and with what looks alike and must not. A finding that is missing here
//! fails a test, and so does one that has no near-miss.

mod access;
mod deeds;
mod logs;
mod places;
mod plans;
mod runs;
mod states;

use std::collections::BTreeSet;

use super::logs::tests::{found, log};
use super::{FINDINGS, Finding};

/// What a finding rests on, and what it must not rest on.
pub struct Proof {
    pub id: &'static str,
    /// Each gives it.
    pub fires: &'static [Seen],
    /// What else is true of the same scenes.
    pub beside: &'static [&'static str],
    /// None of these gives it.
    pub spares: &'static [Seen],
}

/// Something to look at.
#[derive(Clone, Copy)]
pub enum Seen {
    /// A log, or what a run printed.
    Log(&'static str),
    /// The same, put together.
    Text(fn() -> String),
    /// A scene of any other kind.
    Scene(fn() -> Vec<Finding>),
}

impl Seen {
    fn text(self) -> Option<String> {
        match self {
            Self::Log(text) => Some(text.to_owned()),
            Self::Text(text) => Some(text()),
            Self::Scene(_) => None,
        }
    }

    fn findings(self) -> Vec<Finding> {
        match self {
            Self::Log(text) => found(text),
            Self::Text(text) => found(&text()),
            Self::Scene(scene) => scene(),
        }
    }

    fn ids(self) -> BTreeSet<&'static str> {
        self.findings().iter().map(|one| one.id).collect()
    }
}

fn proofs() -> Vec<&'static Proof> {
    let all = [
        access::PROOFS,
        deeds::PROOFS,
        logs::PROOFS,
        places::PROOFS,
        plans::PROOFS,
        runs::PROOFS,
        states::PROOFS,
    ];
    all.into_iter().flatten().collect()
}

#[test]
fn every_finding_is_proven_once_and_has_a_near_miss() {
    let mut proven: Vec<_> = proofs().iter().map(|proof| proof.id).collect();
    proven.sort_unstable();
    let known: Vec<_> = FINDINGS.iter().map(|(id, _)| *id).collect();
    assert_eq!(proven, known);
    for proof in proofs() {
        assert!(!proof.fires.is_empty(), "{} is never found", proof.id);
        assert!(!proof.spares.is_empty(), "{} has no near-miss", proof.id);
    }
}

#[test]
fn each_is_found_in_what_it_rests_on_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for proof in proofs() {
        let mut expected: BTreeSet<_> = proof.beside.iter().copied().collect();
        expected.insert(proof.id);
        for (number, seen) in proof.fires.iter().enumerate() {
            let ids = seen.ids();
            if ids != expected {
                wrong.push(format!("{} by its proof {number}: {ids:?}", proof.id));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn none_is_found_in_what_only_looks_alike() {
    let mut wrong = Vec::new();
    for proof in proofs() {
        for (number, seen) in proof.spares.iter().enumerate() {
            let found = seen.findings();
            let taken = found.into_iter().filter(|one| one.id == proof.id);
            let claims = taken.map(|one| one.claim);
            wrong.extend(
                claims.map(|claim| format!("{} by its near-miss {number}: {claim}", proof.id)),
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The same words where they report nothing.
fn quoted(text: &str) -> Vec<(&'static str, String)> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let escaped = words.replace('\\', "\\\\").replace('"', "\\\"");
    let lines = |before: &str| {
        let lines = text.lines().filter(|line| !line.is_empty());
        let lines = lines.map(|line| format!("{before}{line}\n"));
        lines.collect::<String>()
    };
    vec![
        (
            "in an attribute of a plan",
            format!(
                "\nTerraform will perform the following actions:\n\n  # aws_ssm_parameter.a will be created\n  + resource \"aws_ssm_parameter\" \"a\" {{\n      + value = \"{escaped}\"\n    }}\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n"
            ),
        ),
        (
            "in a text of many lines in a plan",
            format!(
                "\n  # local_file.a will be created\n  + resource \"local_file\" \"a\" {{\n      + content = <<-EOT\n{}        EOT\n    }}\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n",
                lines("            ")
            ),
        ),
        (
            "as what a command of the user's printed",
            lines("terraform_data.a (local-exec): "),
        ),
        (
            "as the body of a request",
            log(
                "DEBUG",
                &format!(
                    "provider.terraform-provider-aws_v5.50.0_x5: HTTP Request Sent: rpc.method=PutLogEvents rpc.service=\"CloudWatch Logs\" http.request.body=\"{escaped}\""
                ),
            ),
        ),
        (
            "as the body of an answer that is no failure",
            log(
                "DEBUG",
                &format!(
                    "provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: rpc.method=GetLogEvents rpc.service=\"CloudWatch Logs\" http.status_code=200 http.duration=3\n  http.response.body=\n{}  ",
                    lines("  | ")
                ),
            ),
        ),
        (
            "as the condition of a user's own",
            format!(
                "\nError: Resource precondition failed\n\n  on main.tf line 5, in resource \"terraform_data\" \"a\":\n   5:       condition = var.x == 2\n\nThe team says: {words}\n"
            ),
        ),
        (
            "as what a failed command printed, in a frame",
            format!(
                "╷\n│ Error: local-exec provisioner error\n│ \n│   with terraform_data.a,\n│   on main.tf line 2, in resource \"terraform_data\" \"a\":\n│    2:   provisioner \"local-exec\" {{ command = \"./deploy\" }}\n│ \n│ Error running command './deploy': exit status 3. Output:\n{}│ \n╵\n",
                lines("│ ")
            ),
        ),
    ]
}

#[test]
fn what_is_only_quoted_is_never_found() {
    let mut wrong = Vec::new();
    for proof in proofs() {
        for text in proof.fires.iter().filter_map(|seen| seen.text()) {
            for (place, quoted) in quoted(&text) {
                let found = found(&quoted);
                let told = found.iter().map(|one| (one.id, &*one.evidence[0]));
                wrong.extend(told.map(|told| format!("{} {place}: {told:?}", proof.id)));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
