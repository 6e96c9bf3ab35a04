use super::*;
use crate::state::{Reading, Snapshot};

fn state(resources: &[String]) -> Snapshot {
    let text = format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{}},"resources":[{}]}}"#,
        resources.join(",")
    );
    match Reading::of(text.into_bytes()) {
        Reading::Whole(snapshot) => snapshot,
        other => panic!("not whole: {other:?}"),
    }
}

/// One resource of one instance, under the default provider.
fn resource(address: &str, attributes: &str) -> String {
    let (kind, name) = address.split_once('.').unwrap();
    format!(
        r#"{{"mode":"managed","type":"{kind}","name":"{name}","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{"schema_version":0,"attributes":{attributes}}}]}}"#
    )
}

fn vpc(name: &str, id: &str) -> String {
    let arn = format!("arn:aws:ec2:eu-west-1:1:vpc/{id}");
    resource(
        &format!("aws_vpc.{name}"),
        &format!(r#"{{"id":"{id}","arn":"{arn}"}}"#),
    )
}

/// What is made of a version, the present state, and other states by key.
fn rebuilt(from: &Snapshot, present: &Snapshot, others: &[(&str, &Snapshot)]) -> Rebuild {
    let missing = Missing::between(from, present);
    let question = Question::about(&missing);
    let mut owners = question.owners(None, present);
    for (key, state) in others {
        owners.extend(question.owners(Some(key), state));
    }
    Rebuild::of(missing, &owners)
}

fn imported(rebuild: &Rebuild) -> Vec<(&str, &str)> {
    let imports = rebuild.imports.iter();
    imports
        .map(|import| (import.address.as_str(), import.id.as_str()))
        .collect()
}

fn refused(rebuild: &Rebuild) -> Vec<String> {
    rebuild.refused().collect()
}

#[test]
fn what_the_present_state_lost_is_offered_and_what_it_has_is_not() {
    let from = state(&[
        vpc("kept", "vpc-1"),
        vpc("lost", "vpc-2"),
        vpc("old_name", "vpc-3"),
        r#"{"mode":"data","type":"aws_ami","name":"a","provider":"p","instances":[{"attributes":{"id":"ami-1"}}]}"#.into(),
    ]);
    let present = state(&[vpc("kept", "vpc-1"), vpc("new_name", "vpc-3")]);
    let rebuild = rebuilt(&from, &present, &[]);
    assert_eq!(imported(&rebuild), [("aws_vpc.lost", "vpc-2")]);
    assert_eq!((rebuild.moved, rebuild.has_gaps()), (1, false));
}

#[test]
fn what_another_state_owns_is_listed_with_its_key_and_not_offered() {
    let role = |name: &str, account: &str| {
        let arn = format!("arn:aws:iam::{account}:role/ci");
        resource(name, &format!(r#"{{"id":"ci","arn":"{arn}"}}"#))
    };
    let from = state(&[vpc("main", "vpc-1"), role("aws_iam_role.ci", "1")]);
    let other = state(&[vpc("theirs", "vpc-1")]);
    // The same name in another account is another role.
    let elsewhere = state(&[role("aws_iam_role.ci", "2")]);
    let present = Snapshot::nothing();
    let others = [
        ("net/terraform.tfstate", &other),
        ("dev/terraform.tfstate", &elsewhere),
    ];
    let rebuild = rebuilt(&from, &present, &others);
    assert_eq!(imported(&rebuild), [("aws_iam_role.ci", "ci")]);
    assert_eq!(
        refused(&rebuild),
        ["aws_vpc.main: net/terraform.tfstate owns it as aws_vpc.theirs"]
    );
    assert_eq!(
        rebuild.unmapped[0].owner.as_deref(),
        Some("net/terraform.tfstate")
    );
    assert!(rebuild.has_gaps());
}

#[test]
fn without_an_arn_two_things_are_one_by_what_they_are_imported_by() {
    let attachment = |id: &str| {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        resource(
            "aws_iam_role_policy_attachment.a",
            &format!(r#"{{"id":"{id}","role":"ci","policy_arn":"{policy}"}}"#),
        )
    };
    let (from, other) = (state(&[attachment("ci-1")]), state(&[attachment("ci-2")]));
    let rebuild = rebuilt(&from, &Snapshot::nothing(), &[("o", &other)]);
    assert_eq!(imported(&rebuild), []);
    let rebuild = rebuilt(&from, &Snapshot::nothing(), &[]);
    assert_eq!(
        imported(&rebuild),
        [(
            "aws_iam_role_policy_attachment.a",
            "ci/arn:aws:iam::aws:policy/ReadOnlyAccess"
        )]
    );
}

#[test]
fn no_secret_becomes_an_id_and_each_refusal_says_why() {
    let key = format!("AKIA{}", "ABCDEFGHIJKLMNOP");
    let from = state(&[
        resource("random_password.db", r#"{"id":"none","result":"hunter2"}"#),
        resource("random_string.s", r#"{"id":"hunter2","result":"hunter2"}"#),
        resource(
            "aws_iam_access_key.k",
            &format!(r#"{{"id":"{key}","secret":"hunter2"}}"#),
        ),
        resource("aws_ecs_service.web", r#"{"id":"x","name":"web"}"#),
        resource("acme_thing.t", r#"{"id":"t-1"}"#),
        resource("acme_thing.u", r#"{"token":"hunter2"}"#),
        resource("null_resource.n", r#"{"id":"1"}"#),
    ]);
    let rebuild = rebuilt(&from, &Snapshot::nothing(), &[]);
    assert_eq!(imported(&rebuild), []);
    let table = "the table of import ids does not know its type: see its page in the provider's documentation";
    assert_eq!(
        refused(&rebuild),
        [
            format!("acme_thing.t: {table} (its id is t-1)"),
            format!("acme_thing.u: {table}"),
            "aws_ecs_service.web: it is imported by its cluster, which the state does not say".into(),
            "aws_iam_access_key.k: it is imported by its id, which is secret and never printed".into(),
            "null_resource.n: it stands for nothing outside of Terraform: the next apply makes it again".into(),
            "random_password.db: its import id is its secret value, which is never printed".into(),
            "random_string.s: its import id is its secret value, which is never printed".into(),
        ]
    );
    let json = serde_json::to_string(&rebuild.unmapped).unwrap();
    assert!(!json.contains("hunter2") && !json.contains(&key));
}

#[test]
fn what_is_written_is_quoted_for_hcl_and_for_a_shell() {
    let keyed = r#"{"module":"module.m[\"a b\"]","mode":"managed","type":"aws_s3_object","name":"o","provider":"provider[\"registry.terraform.io/hashicorp/aws\"].west","instances":[{"index_key":"it's ${x}","attributes":{"id":"k","bucket":"b","key":"say \"${hi}\""}}]}"#;
    let rebuild = rebuilt(&state(&[keyed.into()]), &Snapshot::nothing(), &[]);
    let import = &rebuild.imports[0];
    assert_eq!(
        import.block,
        "import {\n  to = module.m[\"a b\"].aws_s3_object.o[\"it's $${x}\"]\n  id = \"b/say \\\"$${hi}\\\"\"\n  # provider = aws.west (only with -generate-config-out)\n}\n"
    );
    assert_eq!(
        import.command,
        r#"terraform import 'module.m["a b"].aws_s3_object.o["it'\''s $${x}"]' 'b/say "${hi}"'"#
    );
    let written = Written {
        rebuild: &rebuild,
        place: "b/k",
        from: "version v1",
        terraform: Some("1.4.6"),
        unseen: &["a\nb".into()],
    };
    let text = written.text();
    assert!(
        text.contains("# Terraform 1.4.6 knows no import blocks"),
        "{text}"
    );
    assert!(text.contains("# Not looked at: a\\nb\n"), "{text}");
    assert!(
        text.contains(&format!("}}\n# {}\n", import.command)),
        "{text}"
    );
}

#[test]
fn a_name_or_an_id_that_could_break_out_of_its_line_is_refused() {
    let broken = resource("aws_vpc.x", r#"{"id":"a\nb"}"#);
    let named = r#"{"mode":"managed","type":"aws_vpc","name":"x\n}\nresource","provider":"p","instances":[{"attributes":{"id":"vpc-1"}}]}"#;
    let rebuild = rebuilt(&state(&[broken, named.into()]), &Snapshot::nothing(), &[]);
    assert_eq!(imported(&rebuild), []);
    assert_eq!(rebuild.unmapped.len(), 2);
    let written = Written {
        rebuild: &rebuild,
        place: "b",
        from: "v",
        terraform: None,
        unseen: &[],
    };
    let lines: Vec<_> = written.text().lines().map(str::to_owned).collect();
    assert!(
        lines
            .iter()
            .all(|line| line.is_empty() || line.starts_with('#')),
        "{lines:?}"
    );
}

#[test]
fn one_object_is_imported_once_and_a_deposed_one_not_at_all() {
    let from = state(&[
        vpc("a", "vpc-1"),
        vpc("b", "vpc-1"),
        r#"{"mode":"managed","type":"aws_subnet","name":"s","provider":"p","instances":[{"deposed":"0a1b2c3d","attributes":{"id":"subnet-1"}}]}"#.into(),
    ]);
    let rebuild = rebuilt(&from, &Snapshot::nothing(), &[]);
    assert_eq!(imported(&rebuild), [("aws_vpc.a", "vpc-1")]);
    assert_eq!(
        refused(&rebuild),
        [
            "aws_subnet.s: it was replaced and only waits to be destroyed",
            "aws_vpc.b: it is the same object as aws_vpc.a"
        ]
    );
}

#[test]
fn what_has_tags_and_no_owner_is_offered_under_an_address_that_is_new() {
    let tagged = |arn: &str, tags: &[(&str, &str)]| Tagged {
        arn: format!("arn:aws:{arn}"),
        tags: tags
            .iter()
            .map(|&(name, value)| (name.into(), value.into()))
            .collect(),
    };
    let found = [
        tagged("ec2:eu-west-1:1:vpc/vpc-1", &[("Name", "main")]),
        tagged("ec2:eu-west-1:1:vpc/vpc-2", &[("Name", "lost")]),
        tagged("ec2:eu-west-1:1:vpc/vpc-3", &[("Name", "theirs")]),
        tagged(
            "ec2:eu-west-1:1:instance/i-1",
            &[("aws:autoscaling:groupName", "web")],
        ),
        tagged("quicksight:eu-west-1:1:dashboard/d", &[]),
    ];
    let (present, other) = (state(&[vpc("main", "vpc-1")]), state(&[vpc("x", "vpc-3")]));
    let from = state(&[vpc("lost", "vpc-2")]);
    let mut missing = Missing::between(&from, &present);
    missing.extend(Missing::tagged(&found, &missing, &[&from, &present]));
    let question = Question::about(&missing);
    let mut owners = question.owners(None, &present);
    owners.extend(question.owners(Some("o"), &other));
    let rebuild = Rebuild::of(missing, &owners);
    assert_eq!(imported(&rebuild), [("aws_vpc.lost", "vpc-2")]);
    assert_eq!(
        refused(&rebuild),
        [
            "aws_vpc.theirs: o owns it as aws_vpc.x",
            "aws_instance.i_1: the autoscaling group web made it and keeps it",
            "arn:aws:quicksight:eu-west-1:1:dashboard/d: the table of import ids does not know what kind of resource this is",
        ]
    );
    let alone = Missing::tagged(&found[1..2], &[], &[&present]);
    let rebuild = Rebuild::of(alone, &[]);
    assert_eq!(imported(&rebuild), [("aws_vpc.lost", "vpc-2")]);
    assert_eq!(
        regions(&present).into_iter().collect::<Vec<_>>(),
        ["eu-west-1"]
    );
}
