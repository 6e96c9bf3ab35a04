//! `tfsos unlock`: what it releases, what it never releases, and what a kill
//! in the middle of it leaves.

use portable_pty::CommandBuilder;
use rustix::process::Signal;
use tfsos::lock::{Body, Store};

use crate::stage::{ID, OTHER, Stage, Stores, at, body};
use crate::support::screen::Screen;

fn pair(store: &str, outcome: &str) -> (String, String) {
    (store.to_owned(), outcome.to_owned())
}

#[test]
fn a_confirmed_lock_is_released_in_every_store_that_holds_it() {
    let stage = Stage::locked(Stores::Both);
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        said.stores(),
        [pair("s3", "released"), pair("dynamodb", "released")]
    );
    let json = said.json();
    assert_eq!(
        (json["outcome"].as_str(), json["id"].as_str()),
        (Some("done"), Some(ID))
    );
    assert_eq!(json["plan"]["steps"].as_array().unwrap().len(), 4);
    assert_eq!(json["undo"]["by_hand"].as_array().unwrap().len(), 2);
    assert!(json["incident"].as_str().is_some());
    assert_eq!(stage.held(), 0);
    assert_eq!(stage.verified().code, 0);
    assert_eq!(
        stage.unlock(&[]).code,
        4,
        "what is not held is not released"
    );
}

#[test]
fn without_the_exact_value_nothing_is_released() {
    let stage = Stage::locked(Stores::Both);
    for yes in [
        &[][..],
        &["--yes", "a1b2c3d4-"],
        &["--yes", "yes"],
        &["--yes", OTHER],
        &["--yes", ""],
    ] {
        let said = stage.tfsos(&[&["unlock", ID, "--json"], yes].concat());
        assert_eq!(
            (said.code, said.json()["outcome"].as_str()),
            (4, Some("refused")),
            "{yes:?}"
        );
    }
    assert_eq!((stage.held(), stage.journals().len()), (2, 0));
}

#[test]
fn read_only_is_refused_even_with_yes() {
    let stage = Stage::locked(Stores::Both);
    let by_flag = stage.unlock(&["--read-only"]);
    assert_eq!(by_flag.code, 4);
    assert!(
        by_flag.json()["fault"]["cause"]
            .as_str()
            .unwrap()
            .contains("--read-only")
    );
    let mut command = stage.command(&["unlock", ID, "--yes", ID]);
    let by_variable = command.env("TFSOS_READ_ONLY", "1").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(4));
    assert_eq!(stage.unlock(&["--read-only", "--dry-run"]).code, 4);
    assert_eq!((stage.held(), stage.journals().len()), (2, 0));
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let stage = Stage::locked(Stores::Both);
    let said = stage.tfsos(&["unlock", ID, "--dry-run"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("aws dynamodb delete-item") && said.out.contains("Info = :i"));
    assert_eq!(stage.tfsos(&["unlock", OTHER, "--dry-run"]).code, 4);
    assert_eq!((stage.held(), stage.journals().len()), (2, 0));
}

#[test]
fn a_lock_that_was_taken_by_somebody_else_meanwhile_is_shown_and_kept() {
    let stage = Stage::locked(Stores::DynamoDb);
    stage
        .builder
        .lock(Store::DynamoDb, &body(OTHER), at())
        .unwrap();
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 4);
    assert!(
        said.json()["fault"]["cause"]
            .as_str()
            .unwrap()
            .contains(OTHER)
    );
    assert_eq!(stage.held(), 1);
}

#[test]
fn two_stores_with_different_ids_are_two_locks() {
    let stage = Stage::locked(Stores::Both);
    stage.builder.lock(Store::S3, &body(OTHER), at()).unwrap();
    assert_eq!(stage.unlock(&[]).stores(), [pair("dynamodb", "released")]);
    assert_eq!(stage.held(), 1);
}

#[test]
fn an_item_that_terraform_cannot_name_is_released_by_its_hash() {
    let stage = Stage::new(Stores::Both);
    stage
        .builder
        .lock(Store::S3, &Body::Bytes(Vec::new()), at())
        .unwrap();
    let item = r#"{"LockID":{"S":"tfb/net/terraform.tfstate"}}"#.to_owned();
    let item = Body::NoInfo { item };
    let hash = item.sha256();
    stage.builder.lock(Store::DynamoDb, &item, at()).unwrap();
    let raw = |store, yes| stage.tfsos(&["unlock", "--raw", store, "--yes", yes, "--json"]);
    assert_eq!(raw("s3", "000000000000").code, 4);
    assert_eq!(raw("s3", "e3b0c44298fc").stores(), [pair("s3", "released")]);
    assert_eq!(
        raw("dynamodb", &hash[..12]).stores(),
        [pair("dynamodb", "released")]
    );
    assert_eq!(stage.held(), 0);
}

#[test]
fn a_broken_state_asks_for_the_words() {
    let stage = Stage::locked(Stores::DynamoDb);
    stage.builder.state(b"{ torn", at()).unwrap();
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 4);
    let cause = said.json()["fault"]["cause"].as_str().unwrap().to_owned();
    assert!(cause.contains("release onto a broken state"), "{cause}");
    assert_eq!(stage.unlock(&["--broken"]).code, 0);
}

#[test]
fn a_lock_taken_just_now_asks_for_the_words() {
    let stage = Stage::new(Stores::DynamoDb);
    let now = jiff::Timestamp::now();
    let info = format!(r#"{{"ID":"{ID}","Who":"ci@runner-12","Created":"{now}"}}"#);
    stage
        .builder
        .lock(Store::DynamoDb, &Body::Bytes(info.into_bytes()), at())
        .unwrap();
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 4);
    assert!(said.out.contains("release a live lock"), "{said:?}");
    assert_eq!(stage.unlock(&["--live"]).code, 0);
}

#[test]
fn a_kill_between_two_steps_leaves_a_plan_that_the_same_command_finishes() {
    let stage = Stage::locked(Stores::Both);
    let guard = stage.hold("table");
    let running = stage.unlocking();
    stage.until_journaled("\"kind\":\"sent\"", 2);
    running.kill();
    drop(guard);
    assert_eq!(
        stage.held(),
        1,
        "the first store was released, the second was not"
    );

    let unconfirmed = stage.tfsos(&["unlock", ID]);
    assert_eq!(unconfirmed.code, 5, "{unconfirmed:?}");
    assert!(unconfirmed.err.contains(&format!("tfsos unlock {ID}")));
    assert!(stage.tfsos(&["locks"]).out.contains("left open"));

    let resumed = stage.unlock(&[]);
    assert_eq!(
        (resumed.code, resumed.stores()),
        (0, vec![pair("dynamodb", "released")])
    );
    let verified = stage.verified();
    assert_eq!(verified.code, 0);
    assert_eq!(
        verified.json()["incidents"][0]["open_plans"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        stage.journals().len(),
        1,
        "the open incident was taken up again"
    );
}

#[test]
fn a_write_that_arrived_although_we_were_killed_is_known_as_ours() {
    let stage = Stage::locked(Stores::DynamoDb);
    let guard = stage.hold("table");
    let running = stage.unlocking();
    stage.until_journaled("\"kind\":\"sent\"", 1);
    running.kill();
    drop(guard);
    // As if the request had still been on its way.
    stage.builder.unlock(Store::DynamoDb, at()).unwrap();
    let said = stage.unlock(&[]);
    assert_eq!(
        (said.code, said.stores()),
        (0, vec![pair("dynamodb", "released")])
    );
    assert_eq!(stage.unlock(&[]).code, 4, "the plan is no longer open");
}

#[test]
fn a_kill_in_the_middle_of_a_journal_line_is_mended() {
    let stage = Stage::locked(Stores::DynamoDb);
    let guard = stage.hold("table");
    let running = stage.unlocking();
    stage.until_journaled("\"kind\":\"sent\"", 1);
    running.kill();
    drop(guard);
    stage.tear_journal();
    let said = stage.unlock(&[]);
    assert_eq!((said.code, stage.verified().code), (0, 0), "{said:?}");
    assert!(stage.journals()[0].contains("\"kind\":\"mended\""));
}

#[test]
fn a_termination_finishes_the_running_step_and_names_the_way_on() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let stage = Stage::locked(Stores::Both);
        let guard = stage.hold("bucket");
        let mut running = stage.unlocking();
        stage.until_journaled("\"kind\":\"sent\"", 1);
        running.signal(signal);
        drop(guard);
        let said = running.end();
        assert_eq!(
            (said.code, said.stores()),
            (5, vec![pair("s3", "released")]),
            "{signal:?}"
        );
        assert!(said.err.contains("tfsos unlock"), "{said:?}");
        assert_eq!(stage.unlock(&[]).code, 0);
    }
}

#[test]
fn of_two_releases_at_once_exactly_one_wins() {
    let stage = Stage::locked(Stores::DynamoDb);
    let guard = stage.hold("table");
    let (one, two) = (stage.unlocking(), stage.unlocking());
    stage.until_journaled("\"kind\":\"sent\"", 2);
    drop(guard);
    let ends = [one.end(), two.end()];
    let mut codes = ends.each_ref().map(|said| said.code);
    codes.sort_unstable();
    assert_eq!(codes, [0, 4], "{ends:?}");
    let lost = ends.iter().find(|said| said.code == 4).unwrap();
    assert_eq!(lost.stores(), [pair("dynamodb", "already_gone")]);
    assert!(
        lost.json()["fault"]["cause"]
            .as_str()
            .unwrap()
            .contains("somebody else")
    );
    assert_eq!((stage.held(), stage.verified().code), (0, 0));
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_release_before_it_starts() {
    let stage = Stage::locked(Stores::Both);
    stage.block_journals();
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(stage.held(), 2);
}

#[test]
fn at_a_terminal_the_first_eight_characters_are_typed() {
    let stage = Stage::locked(Stores::Both);
    let screen = |typed: &str| {
        let plain = stage.command(&["unlock", ID]);
        let mut program = CommandBuilder::new(plain.get_program());
        program.args(plain.get_args());
        program.env_clear();
        for (name, value) in plain.get_envs() {
            program.env(name, value.unwrap_or_default());
        }
        let screen = Screen::start(program, 120, 40);
        screen.until("Type the first 8 characters of the id");
        screen.type_text(typed);
        screen.press("enter");
        screen
    };
    let wrong = screen("a1b2c3d5");
    wrong.until("not what was asked for");
    assert_eq!(stage.held(), 2);
    let right = screen("a1b2c3d4");
    right.until("done: release the lock");
    assert_eq!(stage.held(), 0);
}

#[test]
fn a_configured_production_place_is_named_in_full() {
    let stage = Stage::locked(Stores::Both);
    stage.configure("prod = [\"TFB/\"]");
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 4);
    assert!(
        said.out.contains("--place tfb/net/terraform.tfstate"),
        "{said:?}"
    );
    assert_eq!(stage.unlock(&["--place", "tfb/other"]).code, 4);
    assert_eq!(stage.held(), 2);
    assert_eq!(
        stage.unlock(&["--place", "tfb/net/terraform.tfstate"]).code,
        0
    );
}

#[test]
fn a_configuration_that_says_read_only_is_obeyed_and_one_that_is_wrong_is_not_ignored() {
    let stage = Stage::locked(Stores::Both);
    stage.configure("read_only = true");
    assert_eq!(stage.unlock(&[]).code, 4);
    stage.configure("raed_only = true");
    assert_eq!(stage.unlock(&[]).code, 2);
    assert_eq!(stage.held_as_stored(), 2);
}

#[test]
fn a_release_is_in_the_list_of_journals_and_can_be_packed() {
    let stage = Stage::locked(Stores::Both);
    let incident = stage.unlock(&[]).json()["incident"]
        .as_str()
        .unwrap()
        .to_owned();
    let listed = stage.journal(&["list", "--json"]).json();
    assert_eq!(listed["incidents"][0]["id"], incident.as_str());
    assert_eq!(listed["incidents"][0]["intact"], true);
    let file = stage.dir().join("packed.json");
    let file = file.to_str().unwrap();
    assert_eq!(stage.journal(&["export", &incident, "-o", file]).code, 0);
    let packed = std::fs::read_to_string(file).unwrap();
    assert!(packed.contains("journal.jsonl") && packed.contains("backups/s3-"));
    assert_eq!(
        stage.journal(&["export", &incident, "-o", file]).code,
        4,
        "it is there"
    );
    assert_eq!(stage.journal(&["verify", "no-such-incident"]).code, 2);
    assert_eq!(stage.journal(&["purge", "--older-than", "1d"]).code, 0);
    assert_eq!(stage.journals().len(), 1);
    assert_eq!(stage.journal(&["purge", "--older-than", "0h"]).code, 0);
    assert_eq!(stage.journals().len(), 0);
}

#[test]
fn a_journal_that_was_edited_is_found_out() {
    let stage = Stage::locked(Stores::DynamoDb);
    assert_eq!(stage.unlock(&[]).code, 0);
    stage.edit_journal("\"released\"", "\"refused_\"");
    let verified = stage.verified();
    let incident = verified.json()["incidents"][0].clone();
    assert_eq!(
        (verified.code, incident["intact"].as_bool()),
        (1, Some(false))
    );
    assert!(incident["broken_at"].as_u64().is_some());
}
