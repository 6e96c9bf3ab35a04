//! What a restore reads of a history: no more than it needs, nothing that
//! counts is overlooked, and of a large state two bodies are in memory at most.

use crate::support::moto::Moto;
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

/// What a state is made of.
#[derive(Debug, Clone, Copy)]
enum Made {
    /// Of one resource with many instances of some 4 KB, as large ones are.
    OfInstances,
    /// Of as many resources with one instance of some 500 bytes each.
    OfResources,
}

/// A state as Terraform writes it.
fn state(made: Made, serial: u64, count: usize) -> Vec<u8> {
    let provider = r#""provider": "provider[\"terraform.io/builtin/terraform\"]""#;
    let opened = |name: &str| {
        format!(
            r#"{{"mode": "managed", "type": "terraform_data", "name": "{name}", {provider}, "instances": ["#
        )
    };
    let instance = |key: &str, number: usize, filling: &str| {
        format!(
            r#"{{{key}"schema_version": 0, "attributes": {{"id": "{serial}-{number}", "input": {{"value": "{filling}", "type": "string"}}, "output": null, "triggers_replace": null}}, "sensitive_attributes": []}}"#
        )
    };
    let filling = |times| "0123456789abcdef".repeat(times);
    let mut text = format!(
        "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": {serial},\n  \"lineage\": \"l\",\n  \"outputs\": {{}},\n  \"resources\": [\n"
    );
    let instances: Vec<String> = match made {
        Made::OfInstances => {
            text.push_str(&opened("x"));
            let filling = filling(230);
            let key = |number| format!(r#""index_key": {number}, "#);
            let all = (0..count).map(|number| instance(&key(number), number, &filling));
            all.collect()
        }
        Made::OfResources => {
            let filling = filling(12);
            let one = |number| {
                let opened = opened(&format!("resource_{number}"));
                format!("{opened}{}]}}", instance("", number, &filling))
            };
            (0..count).map(one).collect()
        }
    };
    text.push_str(&instances.join(",\n"));
    if let Made::OfInstances = made {
        text.push_str("]}");
    }
    text.push_str("],\n  \"check_results\": null\n}\n");
    text.into_bytes()
}

/// The size of a state and what a restore of it, over a torn one and with a history behind it, peaks at.
fn restored(made: Made, count: usize) -> (usize, usize) {
    let stores = Moto::shared().stores();
    for serial in [1, 2, 3] {
        stores.put_object(KEY, &state(made, serial, count));
    }
    let whole = state(made, 4, count);
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
    let (_, program) = restored(Made::OfInstances, 1);
    for (made, count) in [(Made::OfInstances, 1_350), (Made::OfResources, 10_000)] {
        let (size, peak) = restored(made, count);
        // Two bodies, what a table knows of the objects in both, the names of those that
        // change, and what the connection holds.
        let most = program + 2 * size + 250 * count + size / 5;
        assert!(
            peak < most,
            "{peak} bytes for {size} {made:?}, of which {program} are the program's own"
        );
    }
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
        stores.put_object(KEY, &state(Made::OfInstances, serial, 1));
    }
    stores.put_object(KEY, b"{");
    let good = stores.version_ids(KEY)[1].clone();
    let words = ["restore", &good, "--dry-run", "--json"];
    let said = Tfsos::new(&words).at(&stores, Locking::Both).run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.json()["serial_after"], 41);
}
