//! From the first screen of any incident of the state and its locks, the right
//! step of the right runbook is one key away, and its commands are complete.

use std::path::PathBuf;

use jiff::Timestamp;
use tfsos::analysis::lead;
use tfsos::app::pane::PaneId;
use tfsos::io::sandbox::Builder;
use tfsos::lock::{Body, Store};
use tfsos::place::Sandbox;
use tfsos::runbook::{Language, Step};

use crate::support::live::Live;

const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

/// The stores that a place has its locks in.
type Stores = &'static [Store];

const BOTH: Stores = &[Store::S3, Store::DynamoDb];
const TABLE: Stores = &[Store::DynamoDb];
const FILE: Stores = &[Store::S3];

/// What was done to the state, in which of the places, and where that leads.
type Incident = (
    &'static str,
    &'static [Stores],
    fn(&Builder, Stores),
    &'static str,
    u16,
);

const EVERY: &[Stores] = &[BOTH, TABLE, FILE];
const TABLES: &[Stores] = &[BOTH, TABLE];

const INCIDENTS: [Incident; 15] = [
    ("a stale lock", EVERY, lock, "state-lock", 2),
    (
        "a half-released lock",
        &[BOTH],
        |b, stores| {
            lock(b, stores);
            b.unlock(Store::S3, at()).unwrap();
        },
        "state-lock",
        2,
    ),
    (
        "a lock that names nobody",
        EVERY,
        |b, stores| {
            for store in stores {
                b.lock(*store, &Body::Bytes(Vec::new()), at()).unwrap();
            }
        },
        "state-lock",
        9,
    ),
    // Of a job that waits nothing is stored: what it waits for is what is seen.
    ("a lock that a job waits for", EVERY, lock, "state-lock", 2),
    (
        "a broken state that a job waits for",
        EVERY,
        |b, stores| {
            applied(b, b"");
            lock(b, stores);
        },
        "state-deleted",
        1,
    ),
    (
        "a truncated state",
        EVERY,
        |b, _| applied(b, &state(4, "l").as_bytes()[..60]),
        "state-corrupt",
        1,
    ),
    (
        "a truncated state under a stale lock",
        EVERY,
        |b, stores| {
            applied(b, &state(4, "l").as_bytes()[..60]);
            lock(b, stores);
        },
        "state-corrupt",
        1,
    ),
    (
        "an empty state",
        EVERY,
        |b, _| applied(b, b""),
        "state-deleted",
        1,
    ),
    (
        "a deleted state",
        EVERY,
        |b, _| b.delete_state(at()).unwrap(),
        "state-deleted",
        1,
    ),
    (
        "a state that was overwritten outside Terraform",
        TABLES,
        |b, _| b.digest("0123456789abcdef0123456789abcdef").unwrap(),
        "digest-mismatch",
        1,
    ),
    (
        "a digest write that failed",
        TABLES,
        |b, _| {
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
        MISSING_DIGEST,
        TABLES,
        |b, _| {
            b.state(state(3, "l").as_bytes(), at()).unwrap();
        },
        "digest-mismatch",
        7,
    ),
    (
        "a serial that went back",
        EVERY,
        |b, _| applied(b, state(2, "l").as_bytes()),
        "state-corrupt",
        5,
    ),
    (
        "a state of another lineage",
        EVERY,
        |b, _| applied(b, state(9, "other").as_bytes()),
        "state-corrupt",
        1,
    ),
    (
        "a lock of one of three workspaces",
        EVERY,
        lock,
        "state-lock",
        2,
    ),
];

const MISSING_DIGEST: &str = "a digest that is missing";

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

fn lock(builder: &Builder, stores: Stores) {
    let info = format!(
        r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"tfb/net/terraform.tfstate"}}"#
    );
    let body = Body::Bytes(info.into_bytes());
    for store in stores {
        builder.lock(*store, &body, at()).unwrap();
    }
}

/// A place with its locks in these stores, under this key.
fn built(root: PathBuf, key: &str, stores: Stores) -> Builder {
    let has = |store| stores.contains(&store);
    Builder::create(Sandbox {
        root,
        bucket: "tfb".into(),
        key: key.into(),
        table: has(Store::DynamoDb).then(|| "tf-locks".into()),
        use_lockfile: has(Store::S3),
        region: "eu-west-1".into(),
    })
    .unwrap()
}

#[tokio::test]
async fn one_key_opens_the_right_step_and_its_commands_need_no_editing() {
    for (incident, places, happened, page, number) in INCIDENTS {
        for stores in places {
            let incident = format!("{incident}, locked in {stores:?}");
            let home = tempfile::tempdir().unwrap();
            let workspaces: &[&str] = if incident.contains("workspaces") {
                &[
                    "net.tfstate",
                    "env:/blue/net.tfstate",
                    "env:/green/net.tfstate",
                ]
            } else {
                &["net.tfstate"]
            };
            let mut builders = Vec::new();
            for (number, key) in workspaces.iter().enumerate() {
                let builder = built(home.path().join(number.to_string()), key, stores);
                if !incident.starts_with(MISSING_DIGEST) {
                    applied(&builder, state(3, "l").as_bytes());
                }
                builders.push(builder);
            }
            let builder = builders.last().unwrap();
            happened(builder, stores);
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
                    let lacks = snippet.fill(&briefing.context).lacks;
                    assert_eq!(lacks, [], "{incident}: {}", snippet.text);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_plan_in_a_log_that_creates_what_an_older_version_holds_leads_to_the_good_copy() {
    let home = tempfile::tempdir().unwrap();
    let builder = built(home.path().to_owned(), "net.tfstate", TABLE);
    let held = |serial, resources: &str| {
        state(serial, "l").replace("\"resources\":[]", &format!("\"resources\":[{resources}]"))
    };
    let vpc = r#"{"mode":"managed","type":"aws_vpc","name":"main","instances":[{"attributes":{"id":"vpc-1"}}]}"#;
    applied(&builder, held(3, vpc).as_bytes());
    applied(&builder, held(4, "").as_bytes());
    let plan = "Terraform will perform the following actions:\n\n  # aws_vpc.main will be created\n  + resource \"aws_vpc\" \"main\" {\n    }\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n";
    std::fs::write(home.path().join("plan.log"), plan).unwrap();
    let mut live = Live::in_directory(builder.root());
    live.until("the plan creates what version").await;
    let app = live.settled().await;
    let finding = app
        .findings()
        .into_iter()
        .find(|one| one.id == "plan.recreates");
    let finding = finding.unwrap();
    assert!(finding.told_at.is_some() && finding.claim.ends_with("aws_vpc.main"));
    assert_eq!(lead(finding.id), Some(("state-corrupt", 5)));
}

/// What the commands of the open page's step are, filled with what is known.
fn commands(app: &tfsos::app::App) -> Vec<Result<String, tfsos::runbook::Lack>> {
    let reading = app.runbooks.reading().unwrap();
    let step: &Step = reading.page.step(reading.step()).unwrap();
    let context = app.briefing().context;
    let shell = step
        .copies()
        .filter(|snippet| snippet.language == Language::Shell);
    shell
        .map(|snippet| snippet.fill(&context).whole())
        .collect()
}

#[tokio::test]
async fn the_role_that_a_log_says_cannot_be_assumed_stands_in_the_command_that_tries_it() {
    let home = tempfile::tempdir().unwrap();
    let builder = built(home.path().to_owned(), "net.tfstate", TABLE);
    applied(&builder, state(3, "l").as_bytes());
    let role = "arn:aws:iam::123456789012:role/deploy";
    let log = format!(
        "Error: Cannot assume IAM Role\n\nIAM Role ({role}) cannot be assumed.\n\nError: operation error STS: AssumeRole, https response error StatusCode: 403,\nRequestID: X, api error AccessDenied: x\n"
    );
    std::fs::write(home.path().join("init.log"), log).unwrap();
    let mut live = Live::in_directory(builder.root());
    live.until("the role cannot be assumed").await;
    live.press("r");
    let commands = commands(live.settled().await);
    let tried = commands[0].as_ref().unwrap();
    assert!(tried.contains(&format!("--role-arn {role}")), "{tried}");
}

#[tokio::test]
async fn what_exists_already_is_imported_by_its_own_name_wherever_the_cursor_stands() {
    let home = tempfile::tempdir().unwrap();
    let builder = built(home.path().to_owned(), "net.tfstate", TABLE);
    let other = r#""resources":[{"mode":"managed","type":"aws_vpc","name":"other","instances":[{"attributes":{"id":"vpc-other"}}]}]"#;
    let text = state(3, "l").replace(r#""resources":[]"#, other);
    applied(&builder, text.as_bytes());
    let log = "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.\n\n  with aws_iam_role.app,\n  on main.tf line 3, in resource \"aws_iam_role\" \"app\":\n";
    std::fs::write(home.path().join("apply.log"), log).unwrap();
    let mut live = Live::in_directory(builder.root());
    live.until("exists already: app").await;
    live.press("3");
    live.settled().await;
    live.press("tab home");
    live.until("┬── aws_vpc.other").await;
    live.press("1 home r");
    let app = live.settled().await;
    let reading = app.runbooks.reading().unwrap();
    assert_eq!(reading.page.id, "resource-exists");
    let context = app.briefing().context;
    let steps = reading.page.steps.iter();
    let filled = steps
        .flat_map(Step::copies)
        .filter_map(|snippet| snippet.fill(&context).whole().ok());
    let filled: String = filled.collect();
    assert!(filled.contains("aws_iam_role.app"), "{filled}");
    assert!(
        !filled.contains("vpc-other") && !filled.contains("aws_vpc.other"),
        "{filled}"
    );
}
