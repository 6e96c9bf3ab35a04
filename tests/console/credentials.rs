//! The credentials card: what is known of them, and what to do about it.

use jiff::SignedDuration;
use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::{PlaceJob, PlaceNews};
use tfsos::fault::Fault;
use tfsos::place::{Caller, Credentials, Trouble, Wrong};

use crate::support::console::{Console, golden, night, ops_admin, prod};
use crate::support::sights::{looked, sound};

fn known() -> Credentials {
    Credentials {
        source: Some("the profile that is named"),
        profile: Some("ops".into()),
        sign_in: Some("ops".into()),
        roles: vec!["arn:aws:iam::482100009034:role/ops-admin".into()],
        region: Some("us-east-1".into()),
        allowed: vec!["482100009034".into()],
        caller: Some(ops_admin()),
        expires: Some(night() + SignedDuration::from_mins(41)),
        ahead: Some(SignedDuration::ZERO),
        ..Credentials::default()
    }
}

fn expired() -> Credentials {
    let fault = Fault::new(
        "ask who the credentials belong to",
        "",
        "the credentials have expired",
    );
    Credentials {
        caller: None,
        expires: None,
        trouble: Some(Trouble {
            wrong: Some(Wrong::Expired),
            fault: fault.hint("sign in again: aws sso login --profile ops"),
        }),
        ..known()
    }
}

fn examined(console: &mut Console, known: Credentials) {
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Examine { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::Place(PlaceNews::Examined {
        ticket,
        outcome: Ok(Some(Box::new(known))),
    }));
}

fn console() -> Console {
    let mut console = Console::at(prod());
    looked(&mut console, sound());
    console
}

#[test]
fn the_card_says_where_the_credentials_came_from_and_how_long_they_last() {
    let mut console = console();
    console.keys("C");
    assert!(console.text().contains("asking AWS who it is"));
    examined(&mut console, known());
    golden("credentials/fine", &mut console);
    console.keys("y");
    let copied = console
        .effects()
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Clip(text) => Some(text),
            _ => None,
        });
    assert!(copied.unwrap().contains("in 41 min 00 s"));
}

#[test]
fn who_cannot_be_identified_is_found_and_leads_to_the_card_and_to_signing_in() {
    let mut console = console();
    console.keys("ctrl-r");
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let finds = console.app.situation.finds.shown().unwrap().clone();
    console.hear(Event::Place(PlaceNews::Discovered {
        ticket,
        outcome: Ok(finds),
    }));
    let ticket = console.asked(|effect| match effect {
        Effect::Place(PlaceJob::Identify { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::Place(PlaceNews::Identified {
        ticket,
        outcome: Err(expired().trouble.unwrap().fault),
    }));
    examined(&mut console, expired());
    let text = console.text();
    assert!(
        text.contains("✖ ACCESS    the credentials have expired"),
        "{text}"
    );
    assert!(text.contains("r provider-auth"), "{text}");
    console.keys("up up up up up up up enter");
    assert!(
        console.text().contains("show the credentials"),
        "{}",
        console.text()
    );
    console.keys("enter");
    examined(&mut console, expired());
    golden("credentials/expired", &mut console);
    console.keys("L");
    let words = console
        .effects()
        .into_iter()
        .find_map(|effect| match effect {
            Effect::SignIn(words) => Some(words),
            _ => None,
        });
    assert_eq!(words.unwrap(), ["aws", "sso", "login", "--profile", "ops"]);
    // What was read under the old credentials is read again.
    console.hear(Event::Place(PlaceNews::SignedIn { outcome: Ok(()) }));
    let asks = |console: &mut Console, is_it: fn(&Effect) -> bool| {
        let effects = console.effects();
        let asked = effects.iter().any(is_it);
        for effect in effects {
            console.leave(effect);
        }
        asked
    };
    assert!(asks(&mut console, |effect| matches!(
        effect,
        Effect::Place(PlaceJob::Identify { .. })
    )));
    assert!(asks(&mut console, |effect| matches!(
        effect,
        Effect::Lock(_)
    )));
    examined(&mut console, known());
    assert!(
        console.text().contains("AWS takes them"),
        "{}",
        console.text()
    );
}

#[test]
fn without_a_profile_to_sign_in_with_it_is_said_what_to_configure() {
    let mut console = console();
    console.keys("L");
    let effects = console.effects();
    let signs_in = |effect: &Effect| matches!(effect, Effect::SignIn(_));
    assert!(!effects.iter().any(signs_in));
    assert!(
        console.text().contains("login_command"),
        "{}",
        console.text()
    );
}

#[test]
fn on_a_shared_screen_the_card_names_nobody() {
    let mut console = console();
    console.keys("S C");
    let caller = Caller {
        account: Some("482100009034".into()),
        arn: "arn:aws:sts::482100009034:assumed-role/ops-admin/alice".into(),
    };
    examined(
        &mut console,
        Credentials {
            caller: Some(caller),
            profile: Some("very-own".into()),
            ..known()
        },
    );
    let text = console.text();
    for name in ["482100009034", "ops-admin", "alice", "very-own"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
}
