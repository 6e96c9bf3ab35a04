//! What a plan tells before it is applied.

use super::Proof;
use super::Seen::Scene;
use crate::analysis::plans::tests::{base, change, planning, set};
use crate::analysis::{Act, Finding, Plan, PlanBeside, of_plan};

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
        fires: &[Scene(|| recreated("aws_vpc.main", &[]))],
        beside: &[],
        spares: &[
            Scene(|| recreated("aws_vpc.main", &["aws_vpc.main"])),
            Scene(|| recreated("aws_vpc.main2", &[])),
            Scene(|| recreated("module.m.aws_vpc.main", &[])),
        ],
    },
];
