use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::shown::Shown;
use super::*;
use crate::state::Reading;

fn read(text: &str) -> Snapshot {
    match Reading::of(text.as_bytes()) {
        Reading::Whole(snapshot) => snapshot,
        other => panic!("not whole: {other:?}"),
    }
}

/// A state of one resource an entry: name, rest of the instance.
fn state(resources: &[(&str, &str)]) -> Snapshot {
    let resources: Vec<String> = resources
        .iter()
        .map(|(name, instance)| {
            format!(r#"{{"mode":"managed","type":"a","name":"{name}","provider":"p","instances":[{{{instance}}}]}}"#)
        })
        .collect();
    read(&format!(
        r#"{{"version":4,"resources":[{}]}}"#,
        resources.join(",")
    ))
}

fn told(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let side = |shown: &Option<Shown>| shown.as_ref().map_or("–".into(), Shown::to_string);
    let comparison = Comparison::of(before, after);
    let mut lines = Vec::new();
    for change in &comparison.changes {
        lines.push(format!("{:?} {}", change.difference, change.name()));
        lines.extend(change.attributes.iter().map(|row| {
            format!(
                "  {}: {} → {}",
                row.path,
                side(&row.before),
                side(&row.after)
            )
        }));
    }
    lines
}

fn attributes(before: &str, after: &str) -> Vec<String> {
    let one = state(&[("x", &format!(r#""attributes":{before}"#))]);
    let two = state(&[("x", &format!(r#""attributes":{after}"#))]);
    told(&one, &two).into_iter().skip(1).collect()
}

#[test]
fn order_serial_and_spelling_mean_nothing() {
    let one = r#"{"version":4,"serial":1,"resources":[{"mode":"managed","type":"a","name":"x","instances":[{"attributes":{"n":1,"m":{"a":1,"b":2}}}]},{"mode":"managed","type":"a","name":"y","instances":[{}]}]}"#;
    let two = r#"{"serial":9,"version":4,"resources":[{"mode":"managed","type":"a","name":"y","instances":[{}]},{"mode":"managed","type":"a","name":"x","instances":[{"attributes":{"m":{"b":2.0,"a":1},"n":1,"new":null}}]}]}"#;
    assert_eq!(told(&read(one), &read(two)), Vec::<String>::new());
}

#[test]
fn what_was_added_removed_changed_and_moved_is_told_apart() {
    let before = state(&[
        ("gone", r#""attributes":{"id":"1"}"#),
        ("same", r#""attributes":{"id":"2","t":"x"}"#),
        ("was", r#""attributes":{"id":"3","t":"x"}"#),
    ]);
    let after = state(&[
        ("new", r#""attributes":{"id":"4"}"#),
        ("same", r#""attributes":{"id":"2","t":"y"}"#),
        ("will", r#""attributes":{"id":"3","t":"z"}"#),
    ]);
    assert_eq!(
        told(&before, &after),
        [
            "Removed a.gone",
            "Added a.new",
            "Changed a.same",
            "  t: x → y",
            "Moved a.will",
            "  t: x → z"
        ]
    );
    let comparison = Comparison::of(&before, &after);
    assert_eq!(
        comparison.summary,
        Summary {
            added: 1,
            removed: 1,
            changed: 1,
            moved: 1
        }
    );
    assert_eq!(comparison.changes[3].before.as_deref(), Some("a.was"));
}

#[test]
fn an_id_that_is_not_unique_moves_nothing() {
    let before = state(&[
        ("a", r#""attributes":{"id":"none"}"#),
        ("b", r#""attributes":{"id":"none"}"#),
    ]);
    let after = state(&[("c", r#""attributes":{"id":"none"}"#)]);
    assert_eq!(
        told(&before, &after),
        ["Removed a.a", "Removed a.b", "Added a.c"]
    );
}

#[test]
fn a_taint_and_a_deposed_object_are_changes() {
    let before = state(&[("x", r#""attributes":{}"#)]);
    let tainted = state(&[("x", r#""status":"tainted","attributes":{}"#)]);
    assert_eq!(
        told(&before, &tainted),
        ["Changed a.x", "  (status): ready → tainted"]
    );
    let deposed = state(&[("x", r#""attributes":{}},{"deposed":"1a2b3c4d""#)]);
    assert_eq!(
        told(&before, &deposed),
        ["Added a.x (deposed object 1a2b3c4d)"]
    );
    let became = |one, two| Comparison::of(one, two).changes[0].became;
    assert_eq!(became(&before, &tainted), Some(Became::Tainted));
    assert_eq!(became(&tainted, &before), Some(Became::Untainted));
    assert_eq!(became(&before, &deposed), Some(Became::Deposed));
    assert_eq!(became(&deposed, &before), None);
}

#[test]
fn a_summary_by_type_and_module_names_the_busiest_first() {
    let resource = |module: &str, kind: &str, name: &str, value: u8| {
        format!(
            r#"{{"module":"{module}","mode":"managed","type":"{kind}","name":"{name}","instances":[{{"attributes":{{"v":{value}}}}}]}}"#
        )
    };
    let state = |value: u8, more: &[String]| {
        let mut all = vec![
            resource("module.m", "a", "x", value),
            resource("module.m", "b", "x", value),
        ];
        all.extend_from_slice(more);
        read(&format!(
            r#"{{"version":4,"outputs":{{"o":{{"value":{value}}}}},"resources":[{}]}}"#,
            all.join(",")
        ))
    };
    let comparison = Comparison::of(&state(1, &[]), &state(2, &[resource("", "b", "y", 1)]));
    let names = |groups: Vec<(String, Summary)>| {
        groups
            .into_iter()
            .map(|(name, summary)| (name, summary.added, summary.changed))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(comparison.by_type()),
        [("b".into(), 1, 1), ("a".into(), 0, 1)]
    );
    assert_eq!(
        names(comparison.by_module()),
        [("module.m".into(), 0, 2), (String::new(), 1, 0)]
    );
    assert_eq!(comparison.summary.all(), 4, "the output is counted, too");
}

#[test]
fn a_secret_that_changed_is_told_but_never_printed() {
    let rows = attributes(
        r#"{"password":"hunter2","tags":{"a":"hunter2=1"}}"#,
        r#"{"password":"hunter3","tags":{"a":"hunter2=1"}}"#,
    );
    assert_eq!(rows, ["  password: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]);
    assert_eq!(
        attributes(r#"{"password":"hunter2"}"#, "{}"),
        ["  password: ▒▒▒▒▒▒▒▒ → –"]
    );
}

#[test]
fn a_mark_on_either_side_masks_both() {
    let marked = r#""attributes":{"v":"hunter2"},"sensitive_attributes":[[{"type":"get_attr","value":"v"}]]"#;
    let open = r#""attributes":{"v":"hunter3"}"#;
    for (one, two) in [(marked, open), (open, marked)] {
        let rows = told(&state(&[("x", one)]), &state(&[("x", two)]));
        assert_eq!(rows, ["Changed a.x", "  v: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]);
    }
}

#[test]
fn a_copy_of_what_is_marked_is_masked_wherever_it_stands() {
    // As Terraform writes a terraform_data with a sensitive input.
    let state_of = |secret: &str| {
        let wrapped = format!(r#"{{"value":"{secret}","type":"string"}}"#);
        state(&[(
            "x",
            &format!(
                r#""attributes":{{"id":"i-1","input":{wrapped},"output":{wrapped},"url":"db:{secret}:5432","json":"{{\"a\":\"{secret}\",\"b\":\"{}\"}}"}},"sensitive_attributes":[[{{"type":"get_attr","value":"input"}}]]"#,
                secret.len()
            ),
        )])
    };
    let (one, two) = (state_of("hunter2-v4"), state_of("hunter2-v10"));
    let rows = told(&one, &two);
    assert_eq!(
        rows,
        [
            "Changed a.x",
            "  input: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒",
            "  json.a: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒",
            "  json.b: 10 → 11",
            "  output: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒",
            "  url: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒",
        ]
    );
    let (no, _) = one.instances().next().unwrap();
    let shown: Vec<String> = one
        .attributes(no)
        .iter()
        .map(|row| format!("{} {}", row.path, row.shown))
        .collect();
    assert!(!shown.concat().contains("hunter2"), "{shown:?}");
    assert!(shown.contains(&"id i-1".to_owned()), "{shown:?}");
}

#[test]
fn json_in_strings_is_compared_as_json() {
    let policy = |text: &str| format!(r#"{{"policy":"{}"}}"#, text.replace('"', r#"\""#));
    let one = policy(r#"{"Version":"1","Statement":[{"Effect":"Allow"}]}"#);
    assert_eq!(
        attributes(
            &one,
            &policy(r#"{ "Statement":[{"Effect":"Allow"}],"Version":"1" }"#)
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        attributes(
            &one,
            &policy(r#"{"Version":"1","Statement":[{"Effect":"Deny"}]}"#)
        ),
        ["  policy.Statement[0].Effect: Allow → Deny"]
    );
}

#[test]
fn a_broken_state_that_holds_an_instance_twice_does_not_differ_from_itself() {
    let entry = r#"{"mode":"managed","type":"a","name":"x","provider":"p","instances":[{"attributes":{"v":VALUE}}]}"#;
    let entries = ["1", "2"]
        .map(|value| entry.replace("VALUE", value))
        .join(",");
    let text = format!(r#"{{"version":4,"resources":[{entries}]}}"#);
    let reading = Reading::of(text.into_bytes());
    let twice = reading.snapshot().unwrap();
    assert_eq!(Comparison::of(twice, twice), Comparison::default());
    let once = state(&[("x", r#""attributes":{"v":1}"#)]);
    assert_eq!(told(&once, twice), ["Changed a.x", "  v: 1 → 2"]);
}

#[test]
fn a_look_at_single_attributes_says_what_a_look_at_all_of_them_does() {
    // The name beside a value veils it, a wrapper is seen through, and the later of two counts.
    assert_eq!(
        attributes(
            r#"{"name":"db_password","value":"hunter2"}"#,
            r#"{"name":"db_password","value":"hunter3"}"#
        ),
        ["  value: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]
    );
    assert_eq!(
        attributes(
            r#"{"type":"string","value":"a"}"#,
            r#"{"type":["list","string"],"value":"a"}"#
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        attributes(r#"{"a":1,"a":2}"#, r#"{"a":2,"b":null}"#),
        Vec::<String>::new()
    );
    assert_eq!(
        attributes(r#"{"b":1,"a":1}"#, r#"{"a":2,"b":1,"c":[3]}"#),
        ["  a: 1 → 2", "  c[0]: – → 3"]
    );
}

#[test]
fn an_element_put_into_a_list_is_one_change() {
    assert_eq!(
        attributes(r#"{"l":["a","b"]}"#, r#"{"l":["a","x","b"]}"#),
        ["  l[1]: – → x"]
    );
    assert_eq!(
        attributes(r#"{"l":["a"]}"#, r#"{"l":"a"}"#),
        ["  l: – → a", "  l[0]: a → –"]
    );
    assert_eq!(
        attributes(r#"{"v":null}"#, r#"{"v":"a"}"#),
        ["  v: null → a"]
    );
}

#[test]
fn outputs_are_compared_and_sensitive_ones_are_masked() {
    let output = |value: &str, sensitive: &str| {
        read(&format!(
            r#"{{"version":4,"outputs":{{"o":{{"value":"{value}"{sensitive}}}}}}}"#
        ))
    };
    assert_eq!(
        told(&output("a", ""), &output("b", "")),
        ["Changed output.o", "  o: a → b"]
    );
    let sealed = r#","sensitive":true"#;
    assert_eq!(
        told(&output("hunter2", sealed), &output("b", sealed)),
        ["Changed output.o", "  o: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]
    );
    assert_eq!(
        told(&read(r#"{"version":4}"#), &output("a", "")),
        ["Added output.o"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(4), ..ProptestConfig::default() })]

    #[test]
    fn a_state_never_differs_from_itself_and_swapping_sides_swaps_the_summary(
        left in proptest::collection::btree_map("[a-e]", 0..4_u8, 0..5),
        right in proptest::collection::btree_map("[a-e]", 0..4_u8, 0..5),
    ) {
        let build = |side: &std::collections::BTreeMap<String, u8>| {
            let values: Vec<(String, String)> = side.iter().map(|(name, value)| (name.clone(), format!(r#""attributes":{{"v":{value}}}"#))).collect();
            state(&values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
        };
        let (one, two) = (build(&left), build(&right));
        prop_assert_eq!(Comparison::of(&one, &one), Comparison::default());
        let (there, back) = (Comparison::of(&one, &two).summary, Comparison::of(&two, &one).summary);
        prop_assert_eq!((there.added, there.removed, there.changed), (back.removed, back.added, back.changed));
    }
}
