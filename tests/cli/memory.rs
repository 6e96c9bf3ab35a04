//! What a restore reads of a history: no more than it needs, nothing that
//! counts is overlooked, and of a large state two bodies are in memory at most.

use std::fmt::Write as _;

use crate::support::moto::Moto;
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

/// A state of instances of some 4 KB, as real ones are, as Terraform writes it.
fn state(serial: u64, instances: usize) -> Vec<u8> {
    let filling = "0123456789abcdef".repeat(230);
    let mut text = format!(
        "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": {serial},\n  \"lineage\": \"l\",\n  \"outputs\": {{}},\n  \"resources\": [\n    {{\"mode\": \"managed\", \"type\": \"terraform_data\", \"name\": \"x\", \"provider\": \"provider[\\\"terraform.io/builtin/terraform\\\"]\", \"instances\": ["
    );
    for number in 0..instances {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n      {{\"index_key\": {number}, \"schema_version\": 0, \"attributes\": {{\"id\": \"{serial}-{number}\", \"input\": {{\"value\": \"{filling}\", \"type\": \"string\"}}, \"output\": null, \"triggers_replace\": null}}, \"sensitive_attributes\": []}}"
        );
    }
    text.push_str("\n    ]}\n  ],\n  \"check_results\": null\n}\n");
    text.into_bytes()
}

/// The size of a state and what a restore of it, over a torn one and with a history behind it, peaks at.
fn restored(instances: usize) -> (usize, usize) {
    let stores = Moto::shared().stores();
    for serial in [1, 2, 3] {
        stores.put_object(KEY, &state(serial, instances));
    }
    let whole = state(4, instances);
    stores.put_object(KEY, &whole[..whole.len() - 100]);
    let good = stores.version_ids(KEY)[1].clone();
    let tfsos = Tfsos::new(&["restore", &good, "--yes", &good, "--json"]);
    // What is freed goes back at once, as it always does with bodies above 32 MB.
    let tfsos = tfsos.env("MALLOC_MMAP_THRESHOLD_", "1000000");
    let (said, peak) = tfsos.at(&stores, Locking::Both).measured();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.json()["serial_after"], 5);
    (whole.len(), peak)
}

#[test]
fn a_restore_holds_two_bodies_at_most_however_many_there_are() {
    let (_, program) = restored(1);
    let (size, peak) = restored(2_700);
    // Two bodies, what is known of their instances, and the names of those that change.
    let most = program + size / 10 * 26;
    assert!(
        peak < most,
        "{peak} bytes for {size}, of which {program} are the program's own"
    );
}

#[test]
fn a_serial_at_the_end_of_an_old_version_still_counts() {
    let stores = Moto::shared().stores();
    let filling = " ".repeat(6_000);
    let old = format!(
        r#"{{"version":4,"terraform_version":"1.11.4","outputs":{{}},"resources":[],{filling}"lineage":"l","serial":40}}"#
    );
    stores.put_object(KEY, old.as_bytes());
    for serial in [1, 2, 3] {
        stores.put_object(KEY, &state(serial, 1));
    }
    stores.put_object(KEY, b"{");
    let good = stores.version_ids(KEY)[1].clone();
    let words = ["restore", &good, "--dry-run", "--json"];
    let said = Tfsos::new(&words).at(&stores, Locking::Both).run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.json()["serial_after"], 41);
}
