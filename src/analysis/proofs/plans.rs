//! What a plan tells before it is applied.

use super::Proof;
use super::Seen::Scene;
use crate::analysis::logs::tests::texts::{PLAN_EVENTS, SHOWN_PLAN};
use crate::analysis::plans::tests::{base, change, planning, set};
use crate::analysis::{Act, Finding, Plan, PlanBeside, Planned, of_plan, of_planned};
use crate::log::{FileNo, Hearing};

/// A saved plan of this serial and lineage beside a state of serial 4.
fn saved(serial: u64, lineage: &str) -> Vec<Finding> {
    let plan = Plan {
        base: Some(base(serial, lineage)),
        ..Plan::default()
    };
    let beside = PlanBeside {
        current: Some(base(4, "l")),
        ..PlanBeside::default()
    };
    of_plan(&plan, &beside)
}

pub fn of_the_same_serial() -> Vec<Finding> {
    saved(4, "l")
}

pub fn of_an_older_serial() -> Vec<Finding> {
    saved(3, "l")
}

pub fn of_another_state() -> Vec<Finding> {
    saved(4, "other")
}

pub fn of_the_first_plan() -> Vec<Finding> {
    saved(0, "")
}

fn planned(act: Act, address: &str) -> Vec<Finding> {
    of_plan(&planning(&[change(act, address)]), &PlanBeside::default())
}

fn drifted(act: Act) -> Vec<Finding> {
    let plan = Plan {
        drift: vec![change(act, "aws_eip.a")],
        ..Plan::default()
    };
    of_plan(&plan, &PlanBeside::default())
}

/// What a log shows, where an older version has what it creates; the state was
/// written at the beginning of the 23rd.
fn shown(text: &str) -> Vec<Finding> {
    let mut hearing = Hearing::default();
    hearing.feed(text.as_bytes());
    let account = hearing.finish().account;
    let Some(at) = account.shown_plan() else {
        return Vec::new();
    };
    let bytes = &text.as_bytes()[at.offset as usize..];
    let planned = Planned::read((FileNo(0), "plan.out"), at, bytes);
    let beside = PlanBeside {
        written: Some("2026-11-23T00:00:00Z".parse().unwrap()),
        older: vec![("version v2".into(), set(&["terraform_data.a"]))],
        ..PlanBeside::default()
    };
    let found = planned.and_then(|planned| of_planned(&planned, &beside));
    found.into_iter().collect()
}

/// A plan that creates this, where an older version has a VPC and the state has these.
fn recreated(address: &str, present: &[&str]) -> Vec<Finding> {
    let beside = PlanBeside {
        addresses: set(present),
        older: vec![("version v2".into(), set(&["aws_vpc.main"]))],
        ..PlanBeside::default()
    };
    of_plan(&planning(&[change(Act::Create, address)]), &beside)
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "plan.destroys",
        fires: &[
            Scene(|| planned(Act::Delete, "aws_instance.web")),
            Scene(|| planned(Act::Replace, "aws_instance.web")),
        ],
        beside: &[],
        spares: &[
            Scene(|| planned(Act::Other, "aws_instance.forgotten")),
            Scene(|| planned(Act::Update, "aws_instance.web")),
            Scene(|| planned(Act::Delete, "aws_db_instance.main")),
        ],
    },
    Proof {
        id: "plan.destroys-data",
        fires: &[Scene(|| {
            planned(Act::Replace, "module.a.aws_db_instance.main")
        })],
        beside: &[],
        spares: &[
            Scene(|| planned(Act::Update, "aws_db_instance.main")),
            Scene(|| planned(Act::Other, "aws_s3_bucket.moved")),
            Scene(|| planned(Act::Delete, "module.aws_s3_bucket.aws_instance.web")),
        ],
    },
    Proof {
        id: "plan.drift",
        fires: &[
            Scene(|| drifted(Act::Update)),
            Scene(|| drifted(Act::Delete)),
        ],
        beside: &[],
        // A move alone has changed nothing.
        spares: &[Scene(|| drifted(Act::Other))],
    },
    Proof {
        id: "plan.recreates",
        fires: &[
            Scene(|| recreated("aws_vpc.main", &[])),
            Scene(|| shown(SHOWN_PLAN)),
            Scene(|| shown(PLAN_EVENTS)),
            // As a CI stamps each line.
            Scene(|| {
                let lines = SHOWN_PLAN
                    .lines()
                    .map(|line| format!("2026-11-23T08:23:52.0479370Z {line}\n"));
                shown(&lines.collect::<String>())
            }),
        ],
        beside: &[],
        spares: &[
            Scene(|| recreated("aws_vpc.main", &["aws_vpc.main"])),
            Scene(|| recreated("aws_vpc.main2", &[])),
            Scene(|| recreated("module.m.aws_vpc.main", &[])),
            // It was carried out, and what came of it destroyed on purpose since.
            Scene(|| {
                shown(&format!(
                    "{SHOWN_PLAN}terraform_data.a: Creating...\nterraform_data.a: Creation complete after 0s [id=x]\n\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n"
                ))
            }),
            Scene(|| {
                shown(&format!(
                    "{PLAN_EVENTS}{}\n",
                    r#"{"@level":"info","@message":"Apply complete! Resources: 1 added, 0 changed, 0 destroyed.","@module":"terraform.ui","@timestamp":"2026-11-23T08:23:53.048050Z","changes":{"add":1,"change":0,"import":0,"remove":0,"operation":"apply"},"type":"change_summary"}"#
                ))
            }),
            // The state was written after it was shown.
            Scene(|| shown(&PLAN_EVENTS.replace("2026-11-23", "2026-11-22"))),
            // Another plan was shown since.
            Scene(|| {
                shown(&format!(
                    "{SHOWN_PLAN}{}",
                    SHOWN_PLAN.replace("terraform_data.a", "terraform_data.new")
                ))
            }),
            Scene(|| shown(&SHOWN_PLAN.replace("will be created", "will be updated in-place"))),
            Scene(|| shown(&SHOWN_PLAN.replace("# terraform_data.a", "    # terraform_data.a"))),
            Scene(|| {
                shown(
                    &SHOWN_PLAN
                        .replace("Terraform will perform", "It says: Terraform will perform"),
                )
            }),
        ],
    },
];
