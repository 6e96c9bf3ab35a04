//! Every pane at every size in the conditions empty, loading, full and fault.
//! The pictures in `tests/golden` are reviewed: a change of the screen is a
//! change of a picture.

use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::lock::{LockJob, LockNews};
use tfsos::app::pane::situation::{Find, Finds};
use tfsos::app::pane::{PlaceJob, PlaceNews};
use tfsos::fault::Fault;

use crate::support::console::{Console, golden, prod};
use crate::support::sights::{broken, locked, looked, sound};

#[test]
fn the_first_frame_says_what_is_being_read() {
    golden("situation/loading", &mut Console::started());
}

#[test]
fn an_empty_directory_says_what_to_do_next() {
    let mut console = Console::started();
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let fault = Fault::new(
        "find a Terraform state in",
        "/work/network",
        "there is no configuration",
    )
    .hint("run terraform init there, or name the place by --bucket and --key");
    console.hear(Event::Place(PlaceNews::Discovered {
        ticket,
        outcome: Err(fault),
    }));
    golden("situation/fault", &mut console);
}

#[test]
fn several_places_are_a_list_to_pick_from() {
    let mut console = Console::started();
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let find = |name: &str| Find {
        name: name.into(),
        outcome: Ok(std::sync::Arc::new(prod())),
    };
    let finds = Finds {
        found: vec![find("network"), find("database")],
        evident: None,
        more: false,
    };
    console.hear(Event::Place(PlaceNews::Discovered {
        ticket,
        outcome: Ok(finds),
    }));
    golden("situation/several", &mut console);
}

#[test]
fn a_denied_store_says_what_is_missing_and_the_other_goes_on() {
    let mut console = Console::at(prod());
    let ticket = console.asked(|effect| match effect {
        Effect::Lock(LockJob::Look { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let fault = Fault::new(
        "read the locks of",
        "prod/network/terraform.tfstate",
        "no route to the endpoint",
    )
    .hint("check the network, then ctrl-r");
    console.hear(Event::Lock(LockNews::Looked {
        ticket,
        outcome: Err(fault),
    }));
    console.keys("4");
    golden("locks/fault", &mut console);
}

#[test]
fn the_locks_say_that_they_are_being_read() {
    let mut console = Console::at(prod());
    console.keys("4");
    console.pass(3);
    golden("locks/loading", &mut console);
}

#[test]
fn a_held_lock_stands_beside_its_verdict() {
    let mut console = Console::at(prod());
    looked(&mut console, broken(locked()));
    golden("situation/locked", &mut console);
    console.keys("4");
    golden("locks/full", &mut console);
    console.keys("enter");
    golden("locks/evidence", &mut console);
}

#[test]
fn no_lock_is_said_calmly() {
    let mut console = Console::at(prod());
    looked(&mut console, sound());
    console.keys("4");
    golden("locks/empty", &mut console);
}

#[test]
fn the_question_before_a_release_says_what_will_happen() {
    let mut console = Console::at(prod());
    looked(&mut console, broken(locked()));
    console.keys("4 A");
    console.types("network");
    console.keys("enter U");
    golden("locks/take-over", &mut console);
    console.keys("down enter");
    console.types("a1b2");
    golden("locks/question", &mut console);
}

#[test]
fn help_and_palette_lie_over_the_pane() {
    let mut console = Console::at(prod());
    console.keys("?");
    golden("sheets/help", &mut console);
    console.keys("esc :");
    console.types("rel");
    golden("sheets/palette", &mut console);
}

#[test]
fn the_call_card_is_read_out() {
    let mut console = Console::at(prod());
    looked(&mut console, broken(locked()));
    console.keys("!");
    golden("sheets/card", &mut console);
}
