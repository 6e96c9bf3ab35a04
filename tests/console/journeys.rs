//! What a person does at the console and what comes of it: keys in, screens
//! and effects out.

use std::sync::Arc;

use tfsos::analysis::{Confidence, Finding, Severity};
use tfsos::app::Ending;
use tfsos::app::effect::{Effect, Ticket};
use tfsos::app::event::{Event, Input};
use tfsos::app::key::{Code, Key};
use tfsos::app::pane::PaneId;
use tfsos::app::pane::lock::LockJob;
use tfsos::app::pane::situation::{Find, Finds};
use tfsos::app::pane::{PlaceJob, PlaceNews};
use tfsos::app::plan::{Ask, Order, PlanJob, PlanNews, Ran, StepState};
use tfsos::fault::Fault;
use tfsos::incident::Intent;
use tfsos::lock::Store;
use tfsos::place::{Caller, Place};
use tfsos::recovery::readiness::{Check, Status};
use tfsos::recovery::release::Wanted;
use tfsos::recovery::{Arming, Authority, Demand, Outcome, Plan, Write, retake};

use crate::support::console::{Console, golden, night, prod};
use crate::support::sights::{ID, broken, judged, locked, looked, sound};

/// At prod, with alice's lock in both stores on screen.
fn at_the_lock() -> Console {
    let mut console = Console::at(prod());
    looked(&mut console, locked());
    console.keys("4");
    console.effects();
    console
}

fn order(console: &mut Console) -> Option<Order> {
    console
        .effects()
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Plan(PlanJob::Run(order)) => Some(*order),
            _ => None,
        })
}

fn armed(mut console: Console) -> Console {
    console.keys("A");
    console.types("network");
    console.keys("enter");
    assert!(console.text().contains("ARMED 10:00"), "{}", console.text());
    console
}

#[test]
fn a_release_asks_to_arm_and_then_for_the_id() {
    let mut console = at_the_lock();
    console.keys("U");
    assert!(console.text().contains("Arm network"));
    console.types("network");
    console.keys("enter");
    assert!(
        console
            .text()
            .contains("type the first 8 characters of the id"),
        "{}",
        console.text()
    );
    assert_eq!(order(&mut console), None);
    console.types("a1b2c3d4");
    console.keys("enter");
    let order = order(&mut console).expect("the release is asked for");
    assert_eq!(order.plan.lock, ID);
    let stores: Vec<_> = order
        .plan
        .writes()
        .map(|write| write.item.slot.store())
        .collect();
    assert_eq!(stores, [Store::S3, Store::DynamoDb]);
    let Authority::Armed { confirmed, .. } = &order.authority else {
        panic!("not armed")
    };
    assert_eq!(confirmed.len(), 1);
}

#[test]
fn a_plan_that_runs_is_never_ended_from_outside() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let run = console
        .effects()
        .into_iter()
        .find(|effect| matches!(effect, Effect::Plan(PlanJob::Run(_))));
    let run = run.expect("the release is asked for");
    assert_eq!((run.lane(), run.patience()), (None, None));
}

#[test]
fn nothing_but_the_right_characters_releases() {
    for typed in ["", "a1b2c3d", "A1B2C3D4", "a1b2c3d45", "yes", "network"] {
        let mut console = armed(at_the_lock());
        console.keys("U");
        console.types(typed);
        console.keys("enter enter");
        assert_eq!(order(&mut console), None, "{typed}");
        console.keys("esc");
        assert!(!console.text().contains("Release the lock"));
    }
}

#[test]
fn a_pasted_line_end_is_no_enter() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.hear(Event::Input(Input::Paste("a1b2c3d4\n".into())));
    assert_eq!(order(&mut console), None);
    console.keys("enter");
    assert!(order(&mut console).is_some());
}

#[test]
fn on_a_broken_state_the_words_are_asked_for() {
    let mut console = Console::at(prod());
    looked(&mut console, broken(locked()));
    let mut console = armed(console);
    console.keys("4 U");
    assert!(
        console.text().contains("take it over"),
        "{}",
        console.text()
    );
    console.keys("down enter");
    console.types("a1b2c3d4");
    console.keys("enter");
    assert_eq!(order(&mut console), None);
    console.types("release onto a broken state");
    console.keys("enter");
    assert!(order(&mut console).is_some());
}

#[test]
fn on_a_broken_state_the_lock_is_first_offered_to_be_taken_over() {
    let mut console = Console::at(prod());
    looked(&mut console, broken(locked()));
    let mut console = armed(console);
    console.keys("4 U enter");
    let asked = console.asked(|effect| match effect {
        Effect::Plan(PlanJob::Prepare { ask, .. }) => Some(ask.clone()),
        _ => None,
    });
    assert_eq!(asked, Ask::TakeOver(Wanted::Id(ID.into())));
    console.keys("esc U esc");
    assert_eq!(order(&mut console), None);
}

/// The plan was carried out, and this became of each store.
fn ended(console: &mut Console, ticket: Ticket, stores: &[&str]) {
    let ran = Ran {
        outcome: Outcome::Done,
        stores: stores.iter().map(|&store| store.into()).collect(),
        fault: None,
        incident: "20261122T021407Z-network".into(),
    };
    console.hear(Event::Plan(PlanNews::Ran {
        ticket,
        outcome: Ok(ran),
    }));
}

#[test]
fn a_release_is_followed_step_by_step_until_each_store_is_known() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("tab");
    console.types("nobody answers");
    console.keys("enter");
    let order = order(&mut console).unwrap();
    assert_eq!(order.reason.as_deref(), Some("nobody answers"));
    let ticket = order.ticket;
    let step = |step, state| {
        Event::Plan(PlanNews::Stepped {
            ticket,
            step,
            state,
        })
    };
    console.hear(step(0, StepState::Done));
    console.hear(step(1, StepState::Started));
    console.keys("esc q");
    assert!(
        console.text().contains("a write is in flight"),
        "the sheet stays\n{}",
        console.text()
    );
    assert_eq!(console.app.ending(), None);
    ended(
        &mut console,
        ticket,
        &["s3: released", "dynamodb: released"],
    );
    let screen = console.text();
    assert!(
        screen.contains("✔ released") && screen.contains("dynamodb: released"),
        "{screen}"
    );
    let looks = |effect: &Effect| matches!(effect, Effect::Lock(LockJob::Look { .. }));
    assert!(console.effects().iter().any(looks), "it looks again");
    console.keys("esc q");
    assert_eq!(console.app.ending(), Some(Ending::Quit));
}

#[test]
fn after_a_plan_no_release_is_proposed_from_what_stood_there_before() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let ticket = order(&mut console).unwrap().ticket;
    ended(&mut console, ticket, &[]);
    console.keys("esc U");
    assert!(
        console.text().contains("once more in a moment"),
        "{}",
        console.text()
    );
    looked(&mut console, locked());
    console.keys("U");
    assert!(
        console
            .text()
            .contains("type the first 8 characters of the id")
    );
}

#[test]
fn for_ten_minutes_after_a_plan_the_place_is_looked_at_again_and_then_no_more() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let ticket = order(&mut console).unwrap().ticket;
    ended(&mut console, ticket, &[]);
    looked(&mut console, sound());
    console.effects();
    console.keys("esc 1");
    let looks = |effect: &Effect| matches!(effect, Effect::Lock(LockJob::Look { .. }));
    let mut seconds = Vec::new();
    for second in (15..1_200).step_by(15) {
        console.pass(15);
        if console.effects().iter().any(looks) {
            seconds.push(second);
        }
    }
    assert_eq!(seconds, [15, 30, 60, 120, 180, 300, 420, 600]);
    let finding = Finding::new(
        "state.written-after-us",
        Severity::Critical,
        Confidence::Certain,
        "state written by someone else after our write",
    );
    console.keys("4 ctrl-r");
    judged(&mut console, sound(), vec![finding]);
    assert!(
        console.text().contains("someone else after our write"),
        "{}",
        console.text()
    );
}

#[test]
fn what_was_released_is_offered_to_be_taken_again() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let release = order(&mut console).unwrap();
    ended(&mut console, release.ticket, &[]);
    assert!(
        console.text().contains("z take it again"),
        "{}",
        console.text()
    );
    console.keys("z");
    let screen = console.text();
    assert!(
        screen.contains("Take the lock a1b2c3d4") && screen.contains("only if there is no such"),
        "{screen}"
    );
    console.types("a1b2c3d4");
    console.keys("enter");
    let retake = order(&mut console).expect("it is asked for");
    let writes: Vec<_> = retake.plan.writes().cloned().collect();
    let back: Vec<_> = release.plan.writes().map(Write::undone).collect();
    assert_eq!(writes, back);
    ended(&mut console, retake.ticket, &[]);
    assert!(
        console.text().contains("✔ taken again"),
        "{}",
        console.text()
    );
    console.keys("esc");
    assert!(
        !console.text().contains("z take it again"),
        "what was taken back is offered once more: {}",
        console.text()
    );
}

#[test]
fn a_release_that_failed_offers_nothing_to_take_again() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let release = order(&mut console).unwrap();
    let fault = Fault::new("release", "the lock", "access denied");
    console.hear(Event::Plan(PlanNews::Ran {
        ticket: release.ticket,
        outcome: Err(fault),
    }));
    assert!(!console.text().contains("take it again"));
    console.keys("z");
    assert_eq!(order(&mut console), None);
}

fn prepared(console: &mut Console, wanted: &Ask) -> Ticket {
    console.asked(|effect| match effect {
        Effect::Plan(PlanJob::Prepare { ticket, ask, .. }) if ask == wanted => Some(*ticket),
        _ => None,
    })
}

/// A plan as the world would answer with it.
fn some_plan(intent: Intent) -> Plan {
    let mut plan = retake::plan(&prod(), &some_release(), night()).expect("it released something");
    plan.intent = intent;
    plan.title = "restore version v1 as serial 413".into();
    plan.demands = vec![Demand::Place {
        short: "network".into(),
        exact: "v1".into(),
    }];
    plan
}

fn some_release() -> Plan {
    let standing = locked();
    let wanted = Wanted::Id(ID.into());
    standing.release(&prod(), &wanted, night()).unwrap()
}

#[test]
fn a_plan_that_has_to_be_made_first_is_shown_when_it_is_ready_and_asks_to_arm() {
    let mut console = at_the_lock();
    console.keys("D");
    let ticket = prepared(&mut console, &Ask::Digest);
    console.hear(Event::Plan(PlanNews::Prepared {
        ticket,
        outcome: Ok(Arc::new(some_plan(Intent::Digest))),
    }));
    assert!(console.text().contains("Arm network"), "{}", console.text());
    console.types("network");
    console.keys("enter");
    assert!(console.text().contains("type the place's name, network"));
    console.types("network");
    console.keys("enter");
    let order = order(&mut console).expect("it is ordered");
    assert_eq!(order.plan.intent, Intent::Digest);
}

#[test]
fn why_there_is_no_plan_is_said_with_what_to_do_instead() {
    let mut console = armed(at_the_lock());
    console.keys("D");
    let ticket = prepared(&mut console, &Ask::Digest);
    let fault =
        Fault::new("fix the digest of", "x", "it agrees already").hint("nothing is to be done");
    console.hear(Event::Plan(PlanNews::Prepared {
        ticket,
        outcome: Err(fault),
    }));
    let screen = console.text();
    assert!(
        screen.contains("it agrees already") && screen.contains("nothing is to be done"),
        "{screen}"
    );
    console.keys("esc");
    assert_eq!(order(&mut console), None);
}

#[test]
fn where_nothing_can_be_frozen_no_reason_is_asked_for() {
    let mut console = Console::at(prod());
    console.keys("4 F");
    assert!(
        console.text().contains("no lock here that could be taken"),
        "{}",
        console.text()
    );

    let mut console = Console::read_only();
    console.arrive(prod());
    looked(&mut console, locked());
    console.keys("4 F");
    let screen = console.text();
    assert!(
        screen.contains("read-only") && !screen.contains("freeze because"),
        "{screen}"
    );
}

#[test]
fn a_freeze_needs_a_reason() {
    let mut console = armed(at_the_lock());
    console.keys("F enter");
    assert!(console.text().contains("a reason has to be given"));
    console.keys("F");
    console.types("thinking");
    console.keys("enter");
    let reason = "thinking".to_owned();
    prepared(&mut console, &Ask::Freeze { reason });
}

#[test]
fn a_plan_that_is_given_up_or_made_for_another_place_is_not_shown() {
    let mut console = armed(at_the_lock());
    console.keys("D");
    let ticket = prepared(&mut console, &Ask::Digest);
    console.keys("esc");
    console.hear(Event::Plan(PlanNews::Prepared {
        ticket,
        outcome: Ok(Arc::new(some_plan(Intent::Digest))),
    }));
    assert!(
        !console.text().contains("type the place's name"),
        "{}",
        console.text()
    );
}

#[test]
fn a_place_that_moves_under_a_running_plan_does_not_hide_its_end() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.types("a1b2c3d4");
    console.keys("enter");
    let release = order(&mut console).unwrap();
    let mut moved = prod();
    moved.workspace = "staging".into();
    // A look for places that was asked before answers now.
    console.with_effects(|app, effects| app.open(app.now, effects));
    discovered(&mut console, vec![moved]);
    assert_eq!(console.app.arming, None);
    let ran = Ran {
        outcome: Outcome::Done,
        stores: Vec::new(),
        fault: None,
        incident: "20261122T021407Z-network".into(),
    };
    console.hear(Event::Plan(PlanNews::Ran {
        ticket: release.ticket,
        outcome: Ok(ran),
    }));
    assert!(console.text().contains("✔ released"), "{}", console.text());
    console.keys("z");
    assert!(console.text().contains("another place is open now"));
    console.keys("esc q");
    assert_eq!(console.app.ending(), Some(Ending::Quit));
}

#[test]
fn arming_ends_with_time_with_ctrl_z_and_with_its_key() {
    let mut console = armed(at_the_lock());
    console.pass(599);
    assert!(console.text().contains("ARMED 0:01"));
    console.pass(1);
    assert!(console.text().contains("READ-ONLY"));

    let mut console = armed(at_the_lock());
    console.keys("ctrl-z");
    assert!(console.text().contains("READ-ONLY"));

    let mut console = armed(at_the_lock());
    console.keys("A");
    assert!(console.text().contains("READ-ONLY"));
}

#[test]
fn with_a_profile_of_writes_arming_waits_for_whom_that_is() {
    let mut console = at_the_lock();
    console.app.start.write_profile = Some("ops-break-glass".into());
    console.keys("A");
    assert!(console.text().contains("profile ops-break-glass"));
    console.types("network");
    console.keys("enter");
    assert!(console.text().contains("READ-ONLY"), "nothing is armed yet");
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Authorize { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let strong = Caller {
        account: Some("482100009034".into()),
        arn: "arn:aws:sts::482100009034:assumed-role/break-glass/alice".into(),
    };
    console.hear(Event::Place(PlaceNews::Authorized {
        ticket,
        outcome: Ok(strong.clone()),
    }));
    let screen = console.text();
    assert!(
        screen.contains("ARMED 10:00") && screen.contains("role break-glass"),
        "{screen}"
    );
    assert_eq!(
        console.app.arming.as_ref().map(Arming::caller),
        Some(&strong)
    );
    console.keys("A");
    assert!(
        console.text().contains("role ops-admin"),
        "and back to who reads"
    );
}

#[test]
fn a_profile_of_writes_that_fails_arms_nothing_and_says_why() {
    let mut console = at_the_lock();
    console.app.start.write_profile = Some("gone".into());
    console.keys("A");
    console.types("network");
    console.keys("enter");
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Authorize { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let fault = Fault::new("use the profile", "gone", "there is no such profile");
    console.hear(Event::Place(PlaceNews::Authorized {
        ticket,
        outcome: Err(fault),
    }));
    let screen = console.text();
    assert!(
        screen.contains("READ-ONLY") && screen.contains("no such profile"),
        "{screen}"
    );
}

#[test]
fn a_lock_that_is_confirmed_after_arming_ended_is_not_released() {
    let mut console = armed(at_the_lock());
    console.keys("U");
    console.pass(600);
    console.types("a1b2c3d4");
    console.keys("enter");
    assert_eq!(order(&mut console), None);
    assert!(
        console.text().contains("no longer armed"),
        "{}",
        console.text()
    );
}

#[test]
fn switching_the_place_drops_arming_and_what_was_read() {
    let mut other = prod();
    other.workspace = "staging".into();
    let mut console = Console::started();
    discovered(&mut console, vec![prod(), other]);
    looked(&mut console, locked());
    let mut console = armed(console);
    console.keys("p down enter");
    assert!(
        console.text().contains("READ-ONLY") && console.text().contains("ws staging"),
        "{}",
        console.text()
    );
    console.keys("4");
    assert!(!console.text().contains("a1b2c3d4"), "{}", console.text());
}

fn discovered(console: &mut Console, places: Vec<Place>) {
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let found = places.into_iter().map(|place| Find {
        name: place.workspace.clone(),
        outcome: Ok(Arc::new(place)),
    });
    let finds = Finds {
        found: found.collect(),
        evident: Some(0),
        more: false,
    };
    console.hear(Event::Place(PlaceNews::Discovered {
        ticket,
        outcome: Ok(finds),
    }));
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Identify { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let outcome = Ok(crate::support::console::identity());
    console.hear(Event::Place(PlaceNews::Identified { ticket, outcome }));
}

#[test]
fn read_only_no_key_gets_a_write_through() {
    let mut console = Console::read_only();
    console.arrive(prod());
    looked(&mut console, locked());
    console.effects();
    let letters = (' '..='~').map(Code::Char);
    let named = [
        Code::Enter,
        Code::Tab,
        Code::Up,
        Code::Down,
        Code::Delete,
        Code::Backspace,
        Code::Home,
        Code::End,
    ];
    for pane in PaneId::ALL {
        for code in letters
            .clone()
            .chain(named)
            .filter(|code| !matches!(code, Code::Char('q')))
        {
            for ctrl in [false, true] {
                if ctrl && code == Code::Char('c') {
                    continue;
                }
                console.keys(&pane.number().to_string());
                console.hear(Event::Input(Input::Key(Key {
                    code,
                    ctrl,
                    alt: false,
                })));
                console.types("network");
                console.keys("enter");
                console.types("a1b2c3d4");
                console.keys("enter esc esc esc");
                assert_eq!(order(&mut console), None, "{pane:?} {code:?}");
                assert_eq!(console.app.arming, None);
            }
        }
    }
}

fn torn() -> Finding {
    Finding::new(
        "state.unparsable",
        Severity::Critical,
        Confidence::Certain,
        "the current version ends in the middle of a string",
    )
    .seen(["at byte 61,203 of 122,406".to_owned()])
}

#[test]
fn what_is_wrong_stands_first_with_its_evidence_and_its_runbook_one_key_away() {
    let mut console = Console::at(prod());
    judged(&mut console, broken(locked()), vec![torn()]);
    golden("situation/wrong", &mut console);
    let screen = console.text();
    assert!(
        screen.contains("What is wrong") && screen.contains("1 not seen"),
        "{screen}"
    );
    console.keys("enter");
    assert!(
        console.text().contains("at byte 61,203 of 122,406"),
        "{}",
        console.text()
    );
    console.keys("esc r");
    assert_eq!(console.app.focus, PaneId::Runbooks);
    console.keys("1 down enter");
    assert_eq!(
        console.app.focus,
        PaneId::Locks,
        "beneath the findings stand the cards"
    );
}

#[test]
fn a_calm_place_says_so() {
    let mut console = Console::at(prod());
    looked(&mut console, sound());
    assert!(
        console.text().contains("nothing is known to be wrong"),
        "{}",
        console.text()
    );
}

#[test]
fn a_shared_screen_hides_who_and_which() {
    let mut console = at_the_lock();
    console.keys("S");
    for pane in ["1", "4"] {
        console.keys(pane);
        let screen = console.text();
        for name in [
            "alice",
            "eng-laptop",
            "482100009034",
            "ops-admin",
            "acme-tfstate",
        ] {
            assert!(!screen.contains(name), "{name} in pane {pane}\n{screen}");
        }
    }
    console.keys("S 4");
    assert!(console.text().contains("alice@eng-laptop"));
}

#[test]
fn a_small_terminal_still_says_where_it_is_and_the_worst() {
    let mut console = at_the_lock();
    console.resize(20, 5);
    let screen = console.text();
    assert!(
        screen.contains("PROD") && screen.contains("locked"),
        "{screen}"
    );
    console.resize(1, 1);
    console.resize(80, 24);
    assert!(console.text().contains("a1b2c3d4"));
}

#[test]
fn ctrl_c_ends_the_console_whatever_lies_on_top() {
    for keys in ["?", ":", "U", "4 enter", "!"] {
        let mut console = at_the_lock();
        console.keys(keys);
        console.keys("ctrl-c");
        assert_eq!(console.app.ending(), Some(Ending::Interrupted), "{keys}");
    }
}

#[test]
fn the_palette_goes_to_the_pane_of_what_it_does() {
    let mut console = at_the_lock();
    console.keys("1 :");
    console.types("release");
    console.keys("enter");
    let screen = console.text();
    assert!(
        screen.contains("locks of") && screen.contains("Arm network"),
        "{screen}"
    );
}

#[test]
fn a_sound_state_without_locks_says_so() {
    let mut console = Console::at(prod());
    looked(&mut console, sound());
    assert!(console.text().contains("✔ none held"), "{}", console.text());
    console.keys("4 U");
    assert!(console.text().contains("no lock under the cursor"));
}

#[test]
fn idle_means_asleep_until_the_next_minute() {
    let mut console = Console::at(prod());
    looked(&mut console, sound());
    console.effects();
    for pane in PaneId::ALL {
        console.keys(&format!("{} esc", pane.number()));
    }
    let wake = console.app.wake().unwrap();
    assert_eq!(
        wake.duration_since(console.now).as_secs(),
        53,
        "at 02:14:07"
    );
}

#[test]
fn the_first_pane_says_what_a_recovery_would_miss_and_lists_all_of_it() {
    let mut console = Console::at(prod());
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Ready { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    assert!(console.text().contains("Readiness   ⟳ looking"));
    let check = |id, status, claim: &str, remedy: Option<&str>| Check {
        id,
        status,
        claim: claim.to_owned(),
        remedy: remedy.map(str::to_owned),
    };
    let checks = vec![
        check(
            "versions.list",
            Status::Ok,
            "the versions of the state can be listed",
            None,
        ),
        check(
            "table.recovery",
            Status::Unknown,
            "access denied for role ops-admin",
            Some("needs dynamodb:DescribeContinuousBackups"),
        ),
        check(
            "versions.expiry",
            Status::Warn,
            "the lifecycle rule tidy deletes former versions after 60 days",
            Some("keep the versions for longer than an incident can go unnoticed"),
        ),
    ];
    console.hear(Event::Place(PlaceNews::Readied {
        ticket,
        outcome: Ok(checks),
    }));
    golden("situation/readiness", &mut console);
    console.keys("t");
    golden("situation/readiness-list", &mut console);
    console.keys("esc ctrl-r");
    let asks = |effect: &Effect| matches!(effect, Effect::Place(PlaceJob::Ready { .. }));
    assert!(!console.effects().iter().any(asks), "it is asked once");
}
