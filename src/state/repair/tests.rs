use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const AWKWARD: &str = include_str!("../../../tests/fixtures/state/awkward.tfstate");
const NETWORK: &str = include_str!("../../../tests/fixtures/state/network.tfstate");

/// Each instance with everything that says what it is.
fn resources(text: &[u8]) -> BTreeSet<(String, String, Vec<u8>)> {
    let reading = Reading::of(text);
    let snapshot = reading.snapshot().expect("a state");
    let instances = snapshot.instances().map(|(no, instance)| {
        (
            snapshot.name(no).unwrap(),
            snapshot.provider(no).unwrap().to_owned(),
            snapshot.raw(instance.span).to_vec(),
        )
    });
    instances.collect()
}

fn of(text: &str) -> Repaired {
    repaired(text.as_bytes(), None)
}

fn repaired(text: &[u8], known: Option<&Snapshot>) -> Repaired {
    let repaired = repair(text, known).expect("something to save");
    let Reading::Whole(snapshot) = Reading::of(&*repaired.text) else {
        panic!("{:?}: {:?}", Reading::of(&*repaired.text), repaired);
    };
    assert_eq!(snapshot.instances().count(), repaired.salvaged);
    repaired
}

fn snapshot(text: &str) -> Snapshot {
    match Reading::of(text.as_bytes()) {
        Reading::Whole(snapshot) => snapshot,
        other => panic!("{other:?}"),
    }
}

fn kinds(repaired: &Repaired) -> Vec<FixKind> {
    repaired.fixes.iter().map(|fix| fix.kind).collect()
}

/// Saved without a loss, with all that the whole state holds.
#[track_caller]
fn saved_whole(text: &str, of_state: &str, expected: &[FixKind]) {
    let repaired = of(text);
    assert_eq!(repaired.lost, []);
    assert_eq!(kinds(&repaired), expected);
    assert_eq!(resources(&repaired.text), resources(of_state.as_bytes()));
}

/// The last place of a text in another.
fn last(text: &str, part: &str) -> usize {
    text.rfind(part).unwrap()
}

fn without(text: &str, at: usize, length: usize) -> String {
    [&text[..at], &text[at + length..]].concat()
}

fn with(text: &str, at: usize, part: &str) -> String {
    [&text[..at], part, &text[at..]].concat()
}

#[test]
fn a_whole_state_stays_as_it_is() {
    for text in [AWKWARD, NETWORK] {
        let repaired = of(text);
        assert_eq!(repaired.text, text.as_bytes());
        assert_eq!((repaired.fixes, repaired.lost), (vec![], vec![]));
    }
}

#[test]
fn a_state_that_lost_its_last_bracket_is_the_same_byte_for_byte() {
    for text in [AWKWARD, NETWORK] {
        let cut = &text[..text.trim_end().len() - 1];
        let repaired = of(cut);
        assert_eq!(kinds(&repaired), [FixKind::Cut]);
        assert_eq!(String::from_utf8(repaired.text).unwrap(), text);
        assert_eq!(repaired.lost, []);
    }
}

#[test]
fn a_state_cut_at_any_byte_keeps_each_instance_that_stood_whole_and_no_other() {
    for text in [AWKWARD, NETWORK] {
        let Reading::Whole(whole) = Reading::of(text.as_bytes()) else {
            panic!("whole");
        };
        let all = resources(text.as_bytes());
        for end in (1..text.len()).step_by(293) {
            let stood = whole
                .instances()
                .filter(|(_, instance)| instance.span.end <= end)
                .count();
            match repair(&text.as_bytes()[..end], None) {
                Ok(repaired) => {
                    assert!(resources(&repaired.text).is_subset(&all), "at {end}");
                    assert_eq!(repaired.salvaged, stood, "at {end}");
                    assert!(stood == all.len() || !repaired.lost.is_empty(), "at {end}");
                }
                Err(hopeless) => assert_eq!((hopeless, stood), (Hopeless::Nothing, 0), "at {end}"),
            }
        }
    }
}

#[test]
fn commas_that_nothing_follows_cost_nothing() {
    let instance = last(NETWORK, "\n      ]\n    }");
    saved_whole(&with(NETWORK, instance, ","), NETWORK, &[FixKind::Comma]);
    let resource = last(NETWORK, "\n  ]");
    saved_whole(&with(NETWORK, resource, ","), NETWORK, &[FixKind::Comma]);
    let top = last(NETWORK, "\n}");
    saved_whole(&with(NETWORK, top, ","), NETWORK, &[FixKind::Comma]);
}

#[test]
fn a_comma_within_an_instance_is_left_out_and_the_rest_of_it_stays() {
    let text = NETWORK.replacen("\"dependencies\": [", "\"dependencies\": [ ,", 1);
    let repaired = of(&text);
    assert_eq!(kinds(&repaired), [FixKind::Comma]);
    assert_eq!(repaired.lost, []);
    assert_eq!(repaired.salvaged, resources(NETWORK.as_bytes()).len());
}

#[test]
fn brackets_that_were_never_closed_are_closed() {
    for closer in [
        "\n        }\n      ]\n    }",
        "\n      ]\n    },\n",
        "\n    },\n",
        "\n  ],\n",
    ] {
        let Some(at) = NETWORK.rfind(closer) else {
            continue;
        };
        let bracket = closer.find(['}', ']']).unwrap();
        saved_whole(
            &without(NETWORK, at + bracket, 1),
            NETWORK,
            &[FixKind::Unclosed],
        );
    }
}

#[test]
fn a_bracket_that_is_missing_within_the_attributes_costs_the_instance() {
    let at = NETWORK.find("\n          },\n").unwrap() + "\n          ".len();
    let repaired = of(&without(NETWORK, at, 1));
    assert_eq!(repaired.salvaged, resources(NETWORK.as_bytes()).len() - 1);
    assert_eq!(repaired.lost.len(), 1);
    assert!(repaired.lost[0].address.is_some());
    assert!(resources(&repaired.text).is_subset(&resources(NETWORK.as_bytes())));
}

#[test]
fn an_entry_that_was_pasted_twice_is_kept_once() {
    let start = NETWORK.find("\n    {\n      \"").unwrap();
    let end = NETWORK[start..].find("\n    },").unwrap() + start + "\n    },".len();
    let entry = &NETWORK[start..end];
    saved_whole(&with(NETWORK, start, entry), NETWORK, &[FixKind::Duplicate]);
}

#[test]
fn of_two_different_entries_the_one_that_the_compared_version_holds_is_kept() {
    let text = r#"{"version":4,"serial":1,"lineage":"l","resources":[{"mode":"managed","type":"a","name":"x","provider":"provider.a","instances":[{"attributes":{"id":"1"}},{"attributes":{"id":"2"}}]}]}"#;
    let known = text.replace(r#"{"attributes":{"id":"1"}},"#, "");
    let first = of(text);
    assert!(first.text.windows(3).any(|bytes| bytes == b"\"1\""));
    assert_eq!(
        first.lost[0].why,
        "it was there twice, and differently: the first of them was kept"
    );
    let chosen = repaired(text.as_bytes(), Some(&snapshot(&known)));
    assert_eq!(resources(&chosen.text), resources(known.as_bytes()));
}

#[test]
fn an_escape_that_json_does_not_have_is_read_as_what_stands_there() {
    let text = NETWORK.replacen(
        "\"id\": \"",
        "\"note\": \"C:\\data\",\n            \"id\": \"",
        1,
    );
    assert!(matches!(
        Reading::of(text.as_bytes()),
        Reading::Damaged { .. }
    ));
    saved_whole(
        &text,
        &text.replace("C:\\data", "C:\\\\data"),
        &[FixKind::Escape],
    );
}

#[test]
fn numbers_beyond_any_float_and_unknown_fields_stay() {
    let text = NETWORK.replacen(
        "\"schema_version\": 0,",
        "\"schema_version\": 0,\n          \"from_the_future\": {\"n\": 12345678901234567890.10},",
        1,
    );
    let repaired = of(text.trim_end().strip_suffix('}').unwrap());
    assert_eq!(String::from_utf8(repaired.text).unwrap(), text);
}

#[test]
fn zero_bytes_anywhere_never_move_an_instance_to_another_resource() {
    let all = resources(AWKWARD.as_bytes());
    let known = snapshot(AWKWARD);
    for length in [1, 16, 120, 700, 4096] {
        for at in (0..AWKWARD.len() - length).step_by(1_511) {
            let mut text = AWKWARD.as_bytes().to_vec();
            text[at..at + length].fill(0);
            let Ok(alone) = repair(&text, None) else {
                continue;
            };
            assert!(resources(&alone.text).is_subset(&all), "{length} at {at}");
            let compared = repaired(&text, Some(&known));
            let kept = resources(&compared.text);
            assert!(kept.is_subset(&all), "{length} at {at}");
            assert!(compared.salvaged >= alone.salvaged, "{length} at {at}");
            // What is not kept is told, each by its name.
            let told: BTreeSet<_> = compared
                .lost
                .iter()
                .filter_map(|lost| lost.address.clone())
                .collect();
            for (name, ..) in all.difference(&kept) {
                assert!(told.contains(name), "{length} at {at}: {name}");
            }
        }
    }
}

#[test]
fn a_hole_costs_no_more_than_what_it_touches() {
    let known = snapshot(AWKWARD);
    for at in (AWKWARD.len() / 3..AWKWARD.len() / 2).step_by(397) {
        let mut text = AWKWARD.as_bytes().to_vec();
        text[at..at + 512].fill(0);
        let touched = known
            .instances()
            .filter(|(_, instance)| instance.span.start < at + 512 && at < instance.span.end)
            .count();
        // The resource whose head is hit goes with its instances.
        let lost = known.instances().count() - repaired(&text, Some(&known)).salvaged;
        assert!(lost <= touched + 8, "{lost} of {touched} at {at}");
    }
}

#[test]
fn a_lost_lineage_comes_from_the_version_compared_with() {
    let text = NETWORK.replacen("\"lineage\"", "\0\0\0\0\0\0\0\0\0", 1);
    let compared = repaired(text.as_bytes(), Some(&snapshot(NETWORK)));
    let header = Reading::of(&*compared.text).header().cloned();
    assert_eq!(header, Reading::of(NETWORK.as_bytes()).header().cloned());
    assert!(kinds(&compared).contains(&FixKind::Header));
    let alone = of(&text);
    assert!(
        alone
            .lost
            .iter()
            .any(|lost| lost.why == "the field lineage of the state itself")
    );
}

#[test]
fn a_broken_output_costs_no_other_and_no_resource() {
    let at = NETWORK.find("\"outputs\": {").unwrap();
    let value = NETWORK[at..].find("\"value\": ").unwrap() + at;
    let text = with(NETWORK, value + "\"value\": ".len(), "?");
    let repaired = of(&text);
    assert_eq!(resources(&repaired.text), resources(NETWORK.as_bytes()));
    assert!(
        repaired.lost[0]
            .address
            .as_ref()
            .unwrap()
            .starts_with("output.")
    );
}

#[test]
fn what_holds_nothing_is_not_repaired() {
    for (text, why) in [
        ("", Hopeless::Empty),
        ("{", Hopeless::Nothing),
        ("<html>", Hopeless::Nothing),
        ("null", Hopeless::Nothing),
        (r#"{"version":3}"#, Hopeless::Older(3)),
        (r#"{"version":5}"#, Hopeless::Newer(5)),
        (
            r#"{"serial":1,"lineage":"l","encryption_version":"v0"}"#,
            Hopeless::Encrypted,
        ),
    ] {
        assert_eq!(repair(text.as_bytes(), None), Err(why), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(5), cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_a_state_give_a_state_of_what_stands_in_it(
        at in 0..AWKWARD.len(),
        length in 0usize..600,
        bytes in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let end = (at + length).min(AWKWARD.len());
        let mut text = AWKWARD.as_bytes().to_vec();
        text.splice(at..end, bytes);
        if let Ok(saved) = repair(&text, None) {
            let Reading::Whole(state) = Reading::of(&*saved.text) else {
                return Err(TestCaseError::fail("it does not load"));
            };
            let mended = saved.fixes.iter().any(|fix| fix.kind.changes_values());
            for (_, instance) in state.instances() {
                let raw = state.raw(instance.span);
                prop_assert!(mended || memchr::memmem::find(&text, raw).is_some());
            }
        }
    }
}
