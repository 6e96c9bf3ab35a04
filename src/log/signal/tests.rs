use super::*;
use crate::log::format;
use crate::log::level::Level;

fn signal(text: &str) -> Option<Signal<'_>> {
    of(Raw::new(text.as_bytes(), Level::Info))
}

fn log(rest: &str) -> String {
    format!("2026-11-22T11:52:08.653Z [TRACE] {rest}")
}

fn step(text: &str) -> Option<(String, Option<Act>, Phase, Teller)> {
    match signal(text)? {
        Signal::Step(step) => Some((step.address.to_string(), step.act, step.phase, step.teller)),
        other => panic!("{other:?}"),
    }
}

const BEGAN: Phase = Phase::Began;
const ENDED: Phase = Phase::Ended { elapsed: None };
const FAILED: Phase = Phase::Failed { elapsed: None };

#[test]
fn visits_of_the_graph_are_steps_of_resources_only() {
    for (rest, expected) in [
        (
            "vertex \"a_b.c\": starting visit (*terraform.NodePlannableResourceInstance)",
            Some(("a_b.c", Some(Act::Plan), BEGAN)),
        ),
        (
            "vertex \"module.m[\\\"x/y\\\"].a_b.c[0]\": starting visit (*terraform.NodeApplyableResourceInstance)",
            Some(("module.m[\"x/y\"].a_b.c[0]", Some(Act::Apply), BEGAN)),
        ),
        (
            "vertex \"data.a_b.c\": starting visit (*terraform.NodeApplyableResourceInstance)",
            Some(("data.a_b.c", Some(Act::Read), BEGAN)),
        ),
        (
            "vertex \"a_b.c (destroy)\": starting visit (*terraform.NodeDestroyResourceInstance)",
            Some(("a_b.c", Some(Act::Destroy), BEGAN)),
        ),
        (
            "vertex \"a_b.c (destroy)\": visit complete",
            Some(("a_b.c", Some(Act::Destroy), ENDED)),
        ),
        (
            "vertex \"a_b.c\": visit complete",
            Some(("a_b.c", None, ENDED)),
        ),
        (
            "vertex \"a_b.c\": visit complete, with errors",
            Some(("a_b.c", None, FAILED)),
        ),
        (
            "vertex \"a_b.c\": starting visit (*terraform.NodeValidatableResource)",
            None,
        ),
        ("vertex \"a_b.c (expand)\": visit complete", None),
        ("vertex \"var.x\": visit complete", None),
        ("vertex \"module.m.output.x\": visit complete", None),
        ("vertex \"root\": visit complete", None),
        ("vertex \"provider[\\\"x/y.z\\\"]\": visit complete", None),
        ("vertex \"a_b.c\": belongs to", None),
    ] {
        let expected =
            expected.map(|(address, act, phase)| (address.to_owned(), act, phase, Teller::Visit));
        assert_eq!(step(&log(rest)), expected, "{rest}");
    }
}

#[test]
fn a_refresh_has_a_beginning_and_an_end() {
    let begin = step(&log(
        "NodeAbstractResourceInstance.refresh for a_b.c[\"x\"]",
    ));
    assert_eq!(
        begin,
        Some((
            "a_b.c[\"x\"]".into(),
            Some(Act::Refresh),
            BEGAN,
            Teller::Visit
        ))
    );
    let end = step(&log(
        "NodeAbstractResouceInstance.writeResourceInstanceState to refreshState for a_b.c",
    ));
    assert_eq!(
        end,
        Some(("a_b.c".into(), Some(Act::Refresh), ENDED, Teller::Visit))
    );
}

#[test]
fn lines_for_people_are_steps_in_both_ways_to_write_time() {
    let elapsed = |seconds: u64| Phase::Running {
        elapsed: seconds * 1000,
    };
    let ended = |seconds: u64| Phase::Ended {
        elapsed: Some(seconds * 1000),
    };
    for (text, expected) in [
        ("a_b.c: Creating...", Some((Act::Apply, BEGAN))),
        (
            "a_b.c[\"x: y\"]: Modifying... [id=1]",
            Some((Act::Apply, BEGAN)),
        ),
        (
            "\u{1b}[0m\u{1b}[1ma_b.c: Destroying... [id=1]\u{1b}[0m\u{1b}[0m",
            Some((Act::Destroy, BEGAN)),
        ),
        (
            "a_b.c: Still creating... [10s elapsed]",
            Some((Act::Apply, elapsed(10))),
        ),
        (
            "a_b.c: Still destroying... [id=i-0, 00m10s elapsed]",
            Some((Act::Destroy, elapsed(10))),
        ),
        (
            "a_b.c: Creation complete after 1m30s [id=x]",
            Some((Act::Apply, ended(90))),
        ),
        (
            "data.a_b.c: Read complete after 0s [id=x]",
            Some((Act::Read, ended(0))),
        ),
        ("a_b.c: Refreshing state... [id=x]", None),
        ("Note: Creating... things", None),
        ("var.x: Creating...", None),
    ] {
        let found = step(text).map(|(_, act, phase, teller)| {
            assert_eq!(teller, Teller::Output);
            (act.unwrap(), phase)
        });
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_diagnostic_fails_the_resource_that_it_names() {
    let text = "│ Error: no\n│ \n│   with module.m.a_b.c[0],\n│   on main.tf line 3";
    let Some(Signal::Step(step)) = of(Raw::new(text.as_bytes(), Level::Error)) else {
        panic!("no step")
    };
    assert_eq!((&*step.address, step.phase), ("module.m.a_b.c[0]", FAILED));
}

#[test]
fn events_are_steps() {
    let event = |kind: &str, rest: &str| {
        format!(
            r#"{{"@level":"info","@message":"m","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","hook":{{"resource":{{"addr":"a_b.c[\"x\"]"}}{rest}}},"type":"{kind}"}}"#
        )
    };
    for (kind, rest, act, phase) in [
        ("apply_start", r#","action":"create""#, Act::Apply, BEGAN),
        (
            "apply_progress",
            r#","action":"delete","elapsed_seconds":10"#,
            Act::Destroy,
            Phase::Running { elapsed: 10_000 },
        ),
        (
            "apply_complete",
            r#","action":"update","elapsed_seconds":3"#,
            Act::Apply,
            Phase::Ended {
                elapsed: Some(3000),
            },
        ),
        (
            "apply_errored",
            r#","action":"create","elapsed_seconds":0"#,
            Act::Apply,
            Phase::Failed { elapsed: Some(0) },
        ),
        ("refresh_start", "", Act::Refresh, BEGAN),
        ("refresh_complete", "", Act::Refresh, ENDED),
    ] {
        let expected = ("a_b.c[\"x\"]".to_owned(), Some(act), phase, Teller::Event);
        assert_eq!(step(&event(kind, rest)), Some(expected), "{kind}");
    }
    assert_eq!(step(&event("provision_start", "")), None);
}

#[test]
fn a_request_and_its_answer_share_a_key() {
    let fields = "rpc.method=PutItem rpc.service=DynamoDB tf_backend.req_id=r1";
    let sent = log(&format!(
        "backend-s3: HTTP Request Sent: {fields} http.request.header.amz_sdk_request=\"attempt=2; max=5\" http.request.header.amz_sdk_invocation_id=i1\n  http.request.body=\n  | rpc.method=Nope\n   http.method=POST"
    ));
    let got = log(&format!(
        "backend-s3: HTTP Response Received: {fields} http.status_code=400\n  http.response.body=\n  | {{\"__type\": \"a#ThrottlingException\"}}\n   http.duration=7"
    ));
    let (Some(Signal::Request(request)), Some(Signal::Response(response))) =
        (signal(&sent), signal(&got))
    else {
        panic!("no request")
    };
    assert_eq!(
        (&*request.call.bytes(), request.attempt),
        (&b"DynamoDB/PutItem"[..], 2)
    );
    assert_ne!(request.invocation, 0);
    assert_eq!(request.key, response.key);
    assert_eq!(response.call, request.call);
    assert_eq!(
        (response.status, response.took, response.throttled),
        (400, Some(7), true)
    );
    assert_eq!(response.code.as_deref(), Some("ThrottlingException"));
}

#[test]
fn a_provider_of_older_field_names_is_read_too() {
    let sent = log(
        "provider.terraform-provider-aws_v4.46.0_x5: HTTP Request Sent: aws.operation=DescribeSubnets aws.service=EC2 tf_req_id=r1",
    );
    let Some(Signal::Request(request)) = signal(&sent) else {
        panic!("no request")
    };
    assert_eq!(
        (&*request.call.bytes(), request.attempt),
        (&b"EC2/DescribeSubnets"[..], 1)
    );
    let json = r#"{"@level":"debug","@message":"HTTP Response Received","@module":"aws","@timestamp":"2026-11-22T11:52:08.653000Z","http.duration":12,"http.status_code":200,"rpc.method":"GetCallerIdentity","rpc.service":"STS","tf_req_id":"r2"}"#;
    let Some(Signal::Response(response)) = signal(json) else {
        panic!("no answer")
    };
    assert_eq!(
        (&*response.call.bytes(), response.status, response.code),
        (&b"STS/GetCallerIdentity"[..], 200, None)
    );
}

#[test]
fn a_run_begins_in_each_form() {
    let version = |in_events| RunMark::Version {
        version: "1.11.4".into(),
        in_events,
    };
    for (text, mark) in [
        (
            "2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4",
            version(false),
        ),
        (
            r#"{"@level":"info","@message":"Terraform version: 1.11.4","@timestamp":"2026-11-22T11:52:08.653000Z"}"#,
            version(false),
        ),
        (
            r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","terraform":"1.11.4","type":"version","ui":"1.2"}"#,
            version(true),
        ),
        (
            r#"{"@level":"info","@message":"CLI args: []string{\"terraform\", \"plan\"}","@timestamp":"2026-11-22T11:52:08.653000Z"}"#,
            RunMark::Arguments(["terraform".into(), "plan".into()].into()),
        ),
        (
            "2026-11-22T11:52:08.653Z [INFO]  CLI command args: []string{\"plan\"}",
            RunMark::CommandArguments(["plan".into()].into()),
        ),
    ] {
        assert_eq!(signal(text), Some(Signal::Run(mark)), "{text}");
    }
}

#[test]
fn every_cut_and_corrupted_record_is_heard_without_harm() {
    for sample in format::samples() {
        for at in 0..sample.len() {
            for wrong in [0u8, b'"', b'=', b'{', b'\\', b'\n', b':', 0xff] {
                let mut bytes = sample.as_bytes().to_vec();
                bytes[at] = wrong;
                let _ = of(Raw::new(&bytes, Level::Error));
            }
            let _ = of(Raw::new(&sample.as_bytes()[..at], Level::Info));
        }
    }
}
