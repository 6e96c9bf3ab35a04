//! One masked value of the state, shown for a moment.

use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::state::{StateJob, StateNews};
use tfsos::fault::Fault;

use super::state::{World, press};
use crate::support::console::{Console, golden, prod};

const SECRET: &str = "not-a-real-password";

/// A console with the cursor on the password of a database.
fn at_the_password() -> (World, Console) {
    let world = World::broken();
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    press(&world, &mut console, "down enter /");
    for letter in "db_instance".chars() {
        let key = letter.to_string();
        press(&world, &mut console, &key);
    }
    press(&world, &mut console, "enter enter");
    let row = |console: &Console| {
        let details = console.app.state.details.shown().unwrap();
        let row = console.app.state.details_cursor.row();
        details
            .attribute(row)
            .is_some_and(|one| one.path.to_string() == "password")
    };
    for _ in 0..60 {
        if row(&console) {
            return (world, console);
        }
        press(&world, &mut console, "down");
    }
    panic!("it has no password: {}", console.text());
}

#[test]
fn a_masked_value_of_the_state_is_shown_until_the_next_key_once_the_journal_has_it() {
    let (world, mut console) = at_the_password();
    assert!(!console.text().contains(SECRET));
    console.keys("v");
    let job = console.asked(|effect| match effect {
        Effect::State(StateJob::Reveal { witness, .. }) => Some(witness.what.clone()),
        _ => None,
    });
    assert_eq!(
        job,
        "password of module.data.aws_db_instance.main in version 3KxAbCdEfGhIjKlMnOpQrStUvWxYz9fQ"
    );
    assert!(!console.text().contains(SECRET), "the journal comes first");
    press(&world, &mut console, "v");
    let text = console.text();
    assert!(
        text.contains(SECRET) && text.contains("SECRET SHOWN"),
        "{text}"
    );
    golden("state/revealed", &mut console);
    console.keys("v");
    assert!(!console.text().contains(SECRET));
}

#[test]
fn a_revealed_value_of_the_state_is_masked_again_by_itself() {
    let (world, mut console) = at_the_password();
    press(&world, &mut console, "v");
    console.pass(19);
    assert!(console.text().contains(SECRET));
    console.pass(2);
    assert!(!console.text().contains(SECRET));
}

#[test]
fn nothing_of_the_state_is_revealed_where_the_screen_is_shared_or_nothing_is_masked() {
    let (world, mut console) = at_the_password();
    press(&world, &mut console, "S v");
    assert!(
        console.text().contains("the screen is shared"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "S esc v");
    assert!(
        console.text().contains("no masked value under the cursor"),
        "{}",
        console.text()
    );
    assert!(!console.text().contains(SECRET));
}

#[test]
fn nothing_of_the_state_is_revealed_without_a_journal_or_after_another_key() {
    let (_, mut console) = at_the_password();
    let asked = |console: &mut Console| {
        console.keys("v");
        console.asked(|effect| match effect {
            Effect::State(StateJob::Reveal { ticket, .. }) => Some(*ticket),
            _ => None,
        })
    };
    let ticket = asked(&mut console);
    let outcome = Err(Fault::new("keep a journal", "", "the disk is full"));
    console.hear(Event::State(StateNews::Revealed { ticket, outcome }));
    assert!(
        console.text().contains("the disk is full"),
        "{}",
        console.text()
    );
    let ticket = asked(&mut console);
    console.keys("down");
    let outcome = Ok(tfsos::place::Secret::new(SECRET));
    console.hear(Event::State(StateNews::Revealed { ticket, outcome }));
    assert!(!console.text().contains(SECRET));
}
