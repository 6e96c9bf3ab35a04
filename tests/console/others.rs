//! The states that are no version and may still be good: below the versions,
//! under their own names.

use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::state::{StateJob, StateNews};
use tfsos::app::plan::{Ask, PlanJob};
use tfsos::fault::Fault;
use tfsos::state::{Others, Reference, Source};

use super::state::{NETWORK, World, press};
use crate::support::console::{Console, golden, prod};

/// The state is broken, a run left a newer one, and somebody else's lies beside it.
fn world() -> World {
    let left = NETWORK.replace("\"serial\": 412", "\"serial\": 413");
    let foreign = NETWORK.replace("\"lineage\": \"", "\"lineage\": \"0");
    World::broken()
        .with(
            Source::Replica,
            "s3://acme-copy/prod/network/terraform.tfstate",
            2,
            NETWORK,
        )
        .with(Source::SavedPlan, "/work/network/plan.out", 300, &foreign)
        .with(Source::Errored, "/work/network/errored.tfstate", 1, &left)
}

fn console(world: &World) -> Console {
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    console
}

fn restored(console: &mut Console) -> Ask {
    console.asked(|effect| match effect {
        Effect::Plan(PlanJob::Prepare { ask, .. }) => Some(ask.clone()),
        _ => None,
    })
}

#[test]
fn other_sources_of_a_good_state_stand_below_the_versions() {
    let world = world();
    let mut console = console(&world);
    press(&world, &mut console, "end up");
    golden("state/others", &mut console);
    console.resize(120, 40);
    let text = console.text();
    assert!(text.contains("5 +3 others"), "{text}");
    assert!(text.contains("errored.tfstate"), "{text}");
    assert!(
        text.contains("beside    saved plan · other lineage"),
        "{text}"
    );
}

#[test]
fn a_state_beside_the_versions_is_browsed_copied_and_restored_as_the_file_that_it_is() {
    let world = world();
    let mut console = console(&world);
    press(&world, &mut console, "end up up");
    assert!(
        console.text().contains("resources of errored.tfstate"),
        "{}",
        console.text()
    );
    console.keys("y");
    let copied = console.asked(|effect| match effect {
        Effect::Clip(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied, "/work/network/errored.tfstate");
    console.keys("R");
    assert_eq!(
        restored(&mut console),
        Ask::Restore(Reference::File("/work/network/errored.tfstate".into()))
    );
}

#[test]
fn the_object_of_a_replica_is_restored_from_its_bucket() {
    let world = world();
    let mut console = console(&world);
    press(&world, &mut console, "end");
    console.keys("R");
    let replica = Reference::Object {
        bucket: "acme-copy".into(),
        key: "prod/network/terraform.tfstate".into(),
    };
    assert_eq!(restored(&mut console), Ask::Restore(replica));
}

#[test]
fn the_older_side_of_a_comparison_is_told_by_the_time_where_one_lies_beside() {
    let world = world();
    let mut console = console(&world);
    press(&world, &mut console, "down m end up up");
    console.keys("m");
    let sides = console.asked(|effect| match effect {
        Effect::State(StateJob::Compare { before, after, .. }) => {
            Some((before.name(), after.name()))
        }
        _ => None,
    });
    assert_eq!(
        sides,
        (
            "3KxAbCdEfGhIjKlMnOpQrStUvWxYz9fQ".to_owned(),
            "errored.tfstate".to_owned()
        )
    );
}

#[test]
fn what_cannot_be_looked_at_is_said_and_the_list_of_versions_need_not_answer() {
    let mut console = Console::at(prod());
    console.keys("3");
    let (mut list, mut others) = (None, None);
    for effect in console.effects() {
        match effect {
            Effect::State(StateJob::List { ticket, .. }) => list = Some(ticket),
            Effect::State(StateJob::Others { ticket, .. }) => others = Some(ticket),
            _ => {}
        }
    }
    let denied = |subject: &str| Fault::new("list the versions of", subject, "access denied");
    console.hear(Event::State(StateNews::Listed {
        ticket: list.unwrap(),
        outcome: Err(denied("acme")),
    }));
    let found = Others::new(
        world().others.into_iter().map(|(other, _)| other).collect(),
        vec![Fault::new("look at the object", "acme-copy/k", "no route")],
    );
    console.hear(Event::State(StateNews::Beside {
        ticket: others.unwrap(),
        outcome: Ok(found),
    }));
    let text = console.text();
    for part in ["cannot list the versions", "no route", "errored.tfstate"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
