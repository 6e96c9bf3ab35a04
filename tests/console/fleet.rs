//! Every state of the bucket: rows that come page by page, an order and a
//! filter over them, and the way into one of them and back.

use std::sync::Arc;

use jiff::SignedDuration;
use tfsos::analysis::fleet::{Keeping, Look, Member, Object};
use tfsos::app::effect::{Effect, Ticket};
use tfsos::app::event::Event;
use tfsos::app::pane::PlaceJob;
use tfsos::app::pane::situation::Lookout;
use tfsos::app::pane::state::{Footing, Muster, StateJob, StateNews, Stretch, Trove};
use tfsos::lock::{self, Body, Sighting, Store, Survey};
use tfsos::place::{Backend, Local, Place};
use tfsos::state::{Contents, Header, Reading, Serial};

use crate::support::console::{Console, golden, night, prod};
use crate::support::live::{Live, backend};
use crate::support::moto::Moto;

fn object(key: &str, hours: i64, size: u64) -> Object {
    Object {
        key: key.into(),
        modified: night() - SignedDuration::from_hours(hours),
        size,
        etag: None,
    }
}

fn whole(serial: u64, resources: usize) -> Look {
    let instances: Vec<_> = (0..resources)
        .map(|key| format!(r#"{{"index_key":{key}}}"#))
        .collect();
    let text = format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"a","name":"b","provider":"p","instances":[{}]}}]}}"#,
        instances.join(",")
    );
    read(&text)
}

fn read(text: &str) -> Look {
    Look::Whole(Contents::of(text.as_bytes(), &Reading::of(text.as_bytes())))
}

fn locked(key: &str) -> Survey {
    let info = r#"{"ID":"a1b2","Operation":"OperationTypeApply","Who":"ci@runner-12","Created":"2026-11-22T01:02:03Z"}"#;
    let look = |store, key: String, held: bool| lock::Look {
        store,
        container: "acme-tfstate".into(),
        key: key.clone(),
        found: Ok(held.then(|| Sighting {
            store,
            container: "acme-tfstate".into(),
            key,
            body: Body::Bytes(info.as_bytes().to_vec()),
            etag: None,
            modified: None,
        })),
    };
    Survey {
        stores: vec![
            look(Store::S3, format!("{key}.tflock"), false),
            look(Store::DynamoDb, format!("acme-tfstate/{key}"), true),
        ],
        digest: None,
    }
}

/// The question that is open, where one is.
fn mustering(console: &mut Console) -> (Ticket, String) {
    console.asked(|effect| match effect {
        Effect::State(StateJob::Muster { ticket, prefix, .. }) => Some((*ticket, prefix.clone())),
        _ => None,
    })
}

fn tell(console: &mut Console, ticket: Ticket, part: Muster) {
    console.hear(Event::State(StateNews::Mustered { ticket, part }));
}

fn listed(console: &mut Console, ticket: Ticket, objects: Vec<Object>) {
    let members = objects.into_iter().map(Member::listed).collect();
    tell(console, ticket, Muster::Listed { members });
}

/// Six states of every kind, all read.
fn six(console: &mut Console) -> Ticket {
    console.keys("3 a");
    let (ticket, _) = mustering(console);
    let objects = [
        ("prod/app/terraform.tfstate", 5, 119_000),
        ("prod/database/terraform.tfstate", 30, 61_203),
        ("prod/huge/terraform.tfstate", 200, 61 << 20),
        ("prod/network/terraform.tfstate", 3, 122_406),
        ("staging/app/terraform.tfstate", 900, 0),
    ];
    let objects = objects.map(|(key, hours, size)| object(key, hours, size));
    listed(console, ticket, objects.into());
    let Look::Whole(app) = whole(88, 40) else {
        unreachable!("it is read whole")
    };
    let keeping = Keeping {
        locks: [(
            "prod/app/terraform.tfstate".into(),
            locked("prod/app/terraform.tfstate"),
        )]
        .into(),
        digests: Some(
            [
                ("prod/app/terraform.tfstate".into(), app.md5.clone()),
                ("prod/network/terraform.tfstate".into(), "0".repeat(32)),
                ("prod/gone/terraform.tfstate".into(), "1".repeat(32)),
            ]
            .into(),
        ),
        unseen: Vec::new(),
    };
    tell(
        console,
        ticket,
        Muster::Kept {
            keeping: Arc::new(keeping),
            others: 7,
            more: false,
        },
    );
    let header = Header {
        serial: Some(Serial(1_204)),
        terraform_version: Some("1.9.8".into()),
        ..Header::default()
    };
    let looks = vec![
        (0, Ok(Look::Whole(app))),
        (1, Ok(read("{ torn"))),
        (2, Ok(Look::Beginning(header))),
        (3, Ok(whole(412, 231))),
        (4, Ok(read(""))),
    ];
    tell(console, ticket, Muster::Read(looks));
    ticket
}

fn ended(console: &mut Console, ticket: Ticket) {
    console.hear(Event::State(StateNews::MusterEnded {
        ticket,
        outcome: Ok(()),
    }));
}

/// The keys of the rows, from the top of the screen.
fn keys(console: &Console) -> Vec<String> {
    let rows = console.text();
    let words = rows.lines().flat_map(str::split_whitespace);
    let keys = words.filter(|word| word.ends_with("terraform.tfstate"));
    keys.skip(1).map(str::to_owned).collect()
}

/// The place that the console was told to go to.
fn settled(console: &mut Console) -> Place {
    console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Discover {
            lookout: Lookout::Named(place),
            ..
        }) => Some((**place).clone()),
        _ => None,
    })
}

#[test]
fn the_states_of_the_bucket_stand_side_by_side_the_worst_first() {
    let mut console = Console::at(prod());
    let ticket = six(&mut console);
    ended(&mut console, ticket);
    golden("state/fleet", &mut console);
}

#[test]
fn the_states_are_shown_as_they_come() {
    let mut console = Console::at(prod());
    console.keys("3 a");
    golden("state/fleet-listing", &mut console);
    let (ticket, prefix) = mustering(&mut console);
    assert_eq!(prefix, "");
    console.resize(160, 40);
    listed(
        &mut console,
        ticket,
        vec![object("b/terraform.tfstate", 1, 90)],
    );
    listed(
        &mut console,
        ticket,
        vec![object("a/terraform.tfstate", 1, 90)],
    );
    assert_eq!(
        keys(&console),
        ["a/terraform.tfstate", "b/terraform.tfstate"]
    );
    assert!(console.text().contains("0 of 2 read"), "{}", console.text());
}

#[test]
fn another_order_begins_at_its_top() {
    let mut console = Console::at(prod());
    six(&mut console);
    console.resize(160, 40);
    console.keys("end o");
    assert!(console.text().contains("by key"), "{}", console.text());
    assert_eq!(keys(&console)[0], "prod/app/terraform.tfstate");
    console.keys("o");
    assert_eq!(keys(&console)[0], "prod/network/terraform.tfstate");
    console.keys("o");
    assert_eq!(keys(&console)[0], "prod/huge/terraform.tfstate");
}

#[test]
fn a_part_of_the_key_narrows_the_states_while_it_is_typed() {
    let mut console = Console::at(prod());
    six(&mut console);
    console.resize(160, 40);
    console.keys("/");
    console.types("STAG");
    assert_eq!(keys(&console), ["staging/app/terraform.tfstate"]);
    console.keys("enter");
    assert_eq!(keys(&console).len(), 1);
    console.keys("esc");
    assert_eq!(keys(&console).len(), 6);
}

#[test]
fn esc_ends_the_reading_before_it_leaves() {
    let mut console = Console::at(prod());
    let ticket = six(&mut console);
    console.effects();
    console.keys("esc");
    let dismissed = console.effects();
    assert!(
        matches!(dismissed[..], [Effect::State(StateJob::Dismiss { .. })]),
        "{dismissed:?}"
    );
    listed(
        &mut console,
        ticket,
        vec![object("late/terraform.tfstate", 1, 90)],
    );
    assert!(!console.text().contains("late/"), "{}", console.text());
    console.keys("esc");
    assert!(console.text().contains("versions"), "{}", console.text());
}

#[test]
fn enter_opens_a_state_and_esc_leads_back_to_all_of_them() {
    let mut console = Console::at(prod());
    let ticket = six(&mut console);
    ended(&mut console, ticket);
    console.keys("enter");
    let place = settled(&mut console);
    assert_eq!(
        place.full_name(),
        "acme-tfstate/prod/database/terraform.tfstate"
    );
    console.with_effects(|app, effects| {
        app.situation.look(
            Lookout::Named(Box::new(place.clone())),
            &mut tfsos::app::desk::Desk {
                now: night(),
                place: None,
                caller: None,
                armed: None,
                read_only: None,
                effects,
                wishes: &mut Vec::new(),
            },
        );
    });
    console.arrive(place);
    assert!(console.text().contains("versions"), "{}", console.text());
    console.effects();
    console.keys("esc");
    console.keys("esc");
    assert!(
        console.text().contains("states of acme-tfstate"),
        "{}",
        console.text()
    );
    assert_eq!(console.app.place().unwrap().short_name(), "database");
}

#[test]
fn the_state_that_is_open_already_keeps_its_directory() {
    let mut console = Console::at(prod());
    six(&mut console);
    console.keys("o o enter");
    let moves = |effect: &Effect| matches!(effect, Effect::Place(PlaceJob::Discover { .. }));
    assert!(!console.effects().iter().any(moves));
    let directory = console.app.place().unwrap().directory.clone();
    assert_eq!(directory, Some("/work/network".into()));
}

#[test]
fn nothing_behind_the_states_is_restored_or_compared() {
    let mut console = Console::at(prod());
    six(&mut console);
    console.effects();
    for key in ["R", "m", "d", "n"] {
        console.keys(key);
        assert_eq!(console.effects(), [], "{key}");
        assert!(
            console.text().contains("enter opens a state first"),
            "{key}"
        );
    }
}

#[test]
fn a_bucket_alone_opens_on_its_states_and_allows_nothing() {
    let mut console = Console::of_bucket(prod(), "prod/");
    let (ticket, prefix) = mustering(&mut console);
    assert_eq!(prefix, "prod/");
    listed(
        &mut console,
        ticket,
        vec![object("prod/a/terraform.tfstate", 1, 90)],
    );
    golden("state/fleet-of-bucket", &mut console);
    console.resize(160, 40);
    console.keys("esc esc A");
    assert!(
        console.text().contains("there is no place to arm"),
        "{}",
        console.text()
    );
    console.keys("1");
    assert!(
        console.text().contains("no state is open"),
        "{}",
        console.text()
    );
    console.keys("ctrl-r");
    assert!(
        !console.text().contains("Places found here"),
        "{}",
        console.text()
    );
}

#[test]
fn ten_thousand_states_are_scrolled_and_put_in_order() {
    let mut console = Console::at(prod());
    console.keys("3 a");
    let (ticket, _) = mustering(&mut console);
    for page in 0..10 {
        let key = |number: i64| format!("team-{page}/{number:04}/terraform.tfstate");
        let objects = (0..1_000).map(|number| object(&key(number), number, 1));
        listed(&mut console, ticket, objects.collect());
    }
    assert_eq!(console.app.state.fleet.length(), 10_000);
    console.keys("end");
    assert!(
        console.text().contains("team-9/0999/"),
        "{}",
        console.text()
    );
    console.keys("home o o");
    assert!(
        console.text().contains("team-9/0000/"),
        "{}",
        console.text()
    );
}

#[test]
fn a_shared_screen_hides_the_keys() {
    let mut console = Console::at(prod());
    six(&mut console);
    console.keys("S");
    assert!(!console.text().contains("database"), "{}", console.text());
}

const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{},"resources":[]}"#;

#[tokio::test]
async fn a_real_bucket_is_listed_read_and_entered() {
    let stores = Moto::shared().stores();
    stores.put_object("app/terraform.tfstate", STATE.as_bytes());
    stores.put_object("net/terraform.tfstate", &STATE.as_bytes()[..30]);
    stores.put_object("net/terraform.tfstate.tflock", br#"{"ID":"a1b2"}"#);
    // More than is read at once, of which only the beginning is.
    let body = format!("{STATE}{}", " ".repeat(2 << 20));
    stores.put_object("large/terraform.tfstate", body.as_bytes());
    stores.put_object("notes.txt", b"none");
    let mut live = Live::of_bucket(backend(&stores, &stores.endpoint()));
    let screen = live.until(" 3 · ✖ 1").await;
    let row = |key: &str| {
        let mut rows = screen.lines().filter(|row| row.contains(key));
        rows.next().unwrap().to_owned()
    };
    assert!(row("app/terraform").contains("✔"), "{screen}");
    assert!(row("net/terraform").contains("▲"), "{screen}");
    assert!(
        row("large/terraform").contains("◌") && row("large/").contains(" 3 "),
        "{screen}"
    );
    assert!(screen.contains("1 other object"), "{screen}");
    live.press("o enter");
    let screen = live.until("serial 3").await;
    assert!(screen.contains("app/terraform.tfstate"), "{screen}");
}

/// The question to every state that is open.
fn scouring(console: &mut Console) -> (Ticket, String) {
    console.asked(|effect| match effect {
        Effect::State(StateJob::Scour {
            ticket, question, ..
        }) => Some((*ticket, question.clone())),
        _ => None,
    })
}

fn trove(key: &str, address: &str, score: i64, said: Option<&str>) -> Trove {
    Trove {
        key: key.into(),
        address: address.into(),
        row: 0,
        score,
        said: said.map(str::to_owned),
    }
}

fn scoured(console: &mut Console, ticket: Ticket, read: usize, troves: Vec<Trove>) {
    let part = Stretch {
        troves,
        read,
        of: 412,
        ..Stretch::default()
    };
    console.hear(Event::State(StateNews::Scoured { ticket, part }));
}

#[test]
fn what_is_looked_for_everywhere_stands_beside_its_state_while_the_search_goes_on() {
    let mut console = Console::at(prod());
    console.keys("3 f");
    console.types("vpc-0a1b");
    console.keys("enter");
    let (ticket, question) = scouring(&mut console);
    assert_eq!(question, "vpc-0a1b");
    let app = "prod/app/terraform.tfstate";
    let group = "module.web.aws_security_group.this";
    let told = vec![trove(app, group, 0, Some("vpc_id = vpc-0a1b2c"))];
    scoured(&mut console, ticket, 12, told);
    let network = "prod/network/terraform.tfstate";
    let told = vec![trove(network, "aws_vpc.vpc-0a1b", 80, None)];
    scoured(&mut console, ticket, 300, told);
    golden("state/everywhere", &mut console);
    console.effects();
    console.keys("esc");
    let dismissed = console.effects();
    assert!(
        matches!(dismissed[..], [Effect::State(StateJob::Dismiss { .. })]),
        "{dismissed:?}"
    );
    let late = vec![trove("late", "a.b", 0, None)];
    scoured(&mut console, ticket, 301, late);
    assert!(!console.text().contains("late"), "{}", console.text());
    console.keys("down enter");
    assert_eq!(
        settled(&mut console).full_name(),
        format!("acme-tfstate/{app}")
    );
}

#[test]
fn every_state_is_asked_while_the_question_is_typed_and_an_older_text_has_no_say() {
    let mut console = Console::at(prod());
    console.keys("3 f");
    console.types("vp");
    let (first, question) = scouring(&mut console);
    assert_eq!(question, "vp");
    scoured(
        &mut console,
        first,
        3,
        vec![trove("app", "aws_vpc.one", 9, None)],
    );
    let screen = console.text();
    assert!(screen.contains("⟳ 3 of 412 searched"), "{screen}");
    assert!(screen.contains("aws_vpc.one"), "{screen}");
    console.types("c");
    let (second, question) = scouring(&mut console);
    assert_eq!(question, "vpc");
    let screen = console.text();
    assert!(screen.contains("aws_vpc.one"), "nothing flickers: {screen}");
    let late = vec![trove("app", "aws_vp.late", 9, None)];
    scoured(&mut console, first, 9, late);
    assert!(!console.text().contains("late"), "{}", console.text());
    let answer = vec![trove("net", "aws_vpc.two", 9, None)];
    scoured(&mut console, second, 412, answer);
    let screen = console.text();
    assert!(screen.contains("aws_vpc.two"), "{screen}");
    assert!(!screen.contains("aws_vpc.one"), "{screen}");
    console.hear(Event::State(StateNews::ScourEnded {
        ticket: second,
        outcome: Ok(()),
    }));
    console.effects();
    console.keys("enter");
    assert_eq!(console.effects(), [], "it was asked and answered already");
    console.keys("down");
    assert!(console.text().contains("aws_vpc.two"), "{}", console.text());
}

#[test]
fn states_that_lie_in_a_directory_are_said_to_be_here() {
    let mut place = prod();
    place.backend = Backend::Local(Local {
        path: "/work/network/terraform.tfstate".into(),
    });
    let mut console = Console::at(place);
    console.keys("3 a");
    assert!(
        console.text().contains("── states here ─"),
        "{}",
        console.text()
    );
}

#[test]
fn a_question_that_is_begun_again_reads_the_states_anew_and_its_letters_do_not() {
    let mut console = Console::at(prod());
    let footing = |console: &mut Console| {
        console.asked(|effect| match effect {
            Effect::State(StateJob::Scour { footing, .. }) => Some(*footing),
            _ => None,
        })
    };
    console.keys("3 f");
    console.types("v");
    assert_eq!(footing(&mut console), Footing::Anew);
    console.types("p");
    assert_eq!(footing(&mut console), Footing::Known);
    console.keys("enter f enter");
    assert_eq!(footing(&mut console), Footing::Anew, "the same text, later");
    console.keys("ctrl-r");
    assert_eq!(footing(&mut console), Footing::Anew);
}

#[test]
fn a_question_to_every_state_that_is_taken_back_ends_the_search() {
    let mut console = Console::at(prod());
    console.keys("3 f");
    console.types("v");
    scouring(&mut console);
    for leaving in ["backspace", "esc"] {
        console.effects();
        console.keys(leaving);
        let effects = console.effects();
        assert!(
            matches!(effects[..], [Effect::State(StateJob::Dismiss { .. })]),
            "{effects:?}"
        );
        assert!(
            !console.text().contains("in every state ─"),
            "{}",
            console.text()
        );
        console.keys("esc f");
        console.types("v");
    }
}

#[tokio::test]
async fn a_value_is_found_in_a_real_bucket_and_enter_goes_to_its_resource() {
    let stores = Moto::shared().stores();
    let state = |name: &str, id: &str| {
        format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"aws_vpc","name":"first","provider":"p","instances":[{{"attributes":{{"id":"vpc-1"}}}}]}},{{"mode":"managed","type":"aws_vpc","name":"{name}","provider":"p","instances":[{{"attributes":{{"id":"{id}","password":"vpc-0a1b-secret"}}}}]}}]}}"#
        )
    };
    stores.put_object("app/terraform.tfstate", state("other", "vpc-9").as_bytes());
    stores.put_object(
        "net/terraform.tfstate",
        state("wanted", "vpc-0a1b2c").as_bytes(),
    );
    let mut live = Live::of_bucket(backend(&stores, &stores.endpoint()));
    live.until(" 2 · the worst first").await;
    live.press("f v p c - 0 a 1 b enter");
    let screen = live.until("1 found").await;
    assert!(screen.contains("id = vpc-0a1b2c"), "{screen}");
    assert!(!screen.contains("secret"), "{screen}");
    live.press("enter");
    let screen = live.until("aws_vpc.wanted ─").await;
    assert!(screen.contains("vpc-0a1b2c"), "{screen}");
}
