//! From the first screen of any incident of the state and its locks, the right
//! step of the right runbook is one key away, and its commands are complete.

use jiff::Timestamp;
use tfsos::analysis::lead;
use tfsos::app::pane::PaneId;
use tfsos::io::sandbox::Builder;
use tfsos::lock::{Body, Store};
use tfsos::place::Sandbox;
use tfsos::runbook::{Lack, Language, Placeholder, Remedy, Step};

use crate::support::live::Live;

const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

const NAMELESS: &str = "a lock row without Info";

/// What was done to the state, and where that leads.
type Incident = (&'static str, fn(&Builder), &'static str, u16);

const INCIDENTS: [Incident; 11] = [
    ("a stale lock", |b| lock_both(b), "state-lock", 2),
    (
        "a half-released lock",
        |b| {
            lock_both(b);
            b.unlock(Store::S3, at()).unwrap();
        },
        "state-lock",
        2,
    ),
    (
        NAMELESS,
        |b| {
            b.lock(Store::DynamoDb, &Body::Bytes(Vec::new()), at())
                .unwrap();
        },
        "state-lock",
        5,
    ),
    (
        "a truncated state",
        |b| applied(b, &state(4, "l").as_bytes()[..60]),
        "state-corrupt",
        1,
    ),
    (
        "a truncated state under a stale lock",
        |b| {
            applied(b, &state(4, "l").as_bytes()[..60]);
            lock_both(b);
        },
        "state-corrupt",
        1,
    ),
    ("an empty state", |b| applied(b, b""), "state-deleted", 1),
    (
        "a deleted state",
        |b| {
            b.delete_state(at()).unwrap();
        },
        "state-deleted",
        1,
    ),
    (
        "a state that was overwritten outside Terraform",
        |b| {
            b.digest("0123456789abcdef0123456789abcdef").unwrap();
        },
        "digest-mismatch",
        1,
    ),
    (
        "a digest write that failed",
        |b| {
            applied(b, state(4, "l").as_bytes());
            let former = tfsos::state::Contents::of(
                state(3, "l").as_bytes(),
                &tfsos::state::Reading::of(state(3, "l").as_bytes()),
            );
            b.digest(&former.md5).unwrap();
        },
        "digest-mismatch",
        1,
    ),
    (
        "a serial that went back",
        |b| applied(b, state(2, "l").as_bytes()),
        "state-corrupt",
        5,
    ),
    (
        "a state of another lineage",
        |b| applied(b, state(9, "other").as_bytes()),
        "state-corrupt",
        1,
    ),
];

fn at() -> Timestamp {
    "2026-01-02T03:00:00Z".parse().unwrap()
}

fn state(serial: u64, lineage: &str) -> String {
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"{lineage}","outputs":{{}},"resources":[]}}"#
    )
}

fn applied(builder: &Builder, bytes: &[u8]) {
    builder.applied(bytes, at()).unwrap();
}

fn lock_both(builder: &Builder) {
    let info = format!(
        r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"tfb/net/terraform.tfstate"}}"#
    );
    let body = Body::Bytes(info.into_bytes());
    for store in [Store::S3, Store::DynamoDb] {
        builder.lock(store, &body, at()).unwrap();
    }
}

#[tokio::test]
async fn one_key_opens_the_right_step_and_its_commands_need_no_editing() {
    for (incident, happened, page, number) in INCIDENTS {
        let home = tempfile::tempdir().unwrap();
        let builder = Builder::create(Sandbox {
            root: home.path().join("net"),
            bucket: "tfb".into(),
            key: "net/terraform.tfstate".into(),
            table: Some("tf-locks".into()),
            use_lockfile: true,
            region: "eu-west-1".into(),
        })
        .unwrap();
        applied(&builder, state(3, "l").as_bytes());
        happened(&builder);
        let mut live = Live::in_directory(builder.root());
        let app = live.settled().await;
        let worst = app.findings().first().map(|finding| finding.id);
        let leads = worst.and_then(lead);
        assert_eq!(
            leads,
            Some((page, u32::from(number))),
            "{incident}: {worst:?}"
        );
        live.press("r");
        let app = live.settled().await;
        assert_eq!(app.focus, PaneId::Runbooks, "{incident}");
        let reading = app.runbooks.reading().unwrap();
        let step = reading.step();
        assert_eq!(
            (reading.page.id.as_str(), step.index() + 1),
            (page, usize::from(number)),
            "{incident}"
        );
        let briefing = app.briefing();
        let step: &Step = reading.page.step(step).unwrap();
        for snippet in step.copies() {
            if snippet.language == Language::Shell {
                let mut lacks = snippet.fill(&briefing.context).lacks;
                // No run was logged here.
                lacks.retain(|lack| *lack != Lack::NoValue(Placeholder::LogPath));
                // What has no id cannot be released by it: the plan of the step does it.
                if incident == NAMELESS && step.remedy() == Some(Remedy::Release) {
                    lacks.retain(|lack| *lack != Lack::NoValue(Placeholder::LockId));
                }
                assert_eq!(lacks, [], "{incident}: {}", snippet.text);
            }
        }
    }
}
