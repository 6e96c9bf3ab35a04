//! The runbooks as a person works with them: found, opened, worked through,
//! copied from, and taken up again. Pictures in every condition and size, and
//! what is asked of the world meanwhile.

use tfsos::analysis::{Confidence, FINDINGS, Finding, Severity};
use tfsos::app::effect::{Effect, Ticket};
use tfsos::app::event::Event;
use tfsos::app::pane::lock::{Judged, LockJob, LockNews};
use tfsos::app::pane::runbook::{Errand, RunbookJob, RunbookNews};
use tfsos::fault::Fault;
use tfsos::lock::verdict::Circumstances;
use tfsos::lock::{Body, Look, Sighting, Store, Survey};
use tfsos::place::{Backend, Sandbox};
use tfsos::recovery::standing::{Seen, Standing};
use tfsos::runbook::{Ended, Kept, Origin, Progress, Ran, Shelf, Source, Status, StepNo, Stopped};

use crate::support::console::{Console, golden, night, prod};

const INFO: &str = r#"{"ID":"a1b2c3d4-e5f6-7890-abcd-ef1234567890","Operation":"OperationTypeApply","Info":"","Who":"alice@eng-laptop","Version":"1.11.4","Created":"2026-11-22T00:58:11Z","Path":"acme-tfstate/prod/network/terraform.tfstate"}"#;

/// A console at the production place with the pages read and no run kept.
fn ready() -> Console {
    let mut console = Console::at(prod());
    read(&mut console, Shelf::built_in());
    resumed(&mut console, Ok(Kept::default()));
    console.keys("5");
    console
}

fn read(console: &mut Console, shelf: Shelf) {
    let ticket = console.asked(|effect| match effect {
        Effect::Runbook(RunbookJob::Read { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::Runbook(RunbookNews::Read {
        ticket,
        outcome: Ok(shelf),
    }));
}

fn resumed(console: &mut Console, outcome: Result<Kept, Fault>) {
    let ticket = console.asked(|effect| match effect {
        Effect::Runbook(RunbookJob::Resume { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::Runbook(RunbookNews::Resumed { ticket, outcome }));
}

/// The open question about the locks.
fn survey(console: &mut Console) -> Ticket {
    console.asked(|effect| match effect {
        Effect::Lock(LockJob::Look { ticket, .. }) => Some(*ticket),
        _ => None,
    })
}

/// The state is locked in the table and free in the bucket.
fn locked(console: &mut Console, ticket: Ticket) {
    found(console, ticket, Vec::new());
}

/// The same, with these findings.
fn found(console: &mut Console, ticket: Ticket, findings: Vec<Finding>) {
    look(console, ticket, INFO, findings);
}

/// The state is locked by whoever this says.
fn held_by(console: &mut Console, ticket: Ticket, info: &str) {
    look(console, ticket, info, Vec::new());
}

fn look(console: &mut Console, ticket: Ticket, info: &str, findings: Vec<Finding>) {
    let row = "acme-tfstate/prod/network/terraform.tfstate";
    let held = Sighting {
        store: Store::DynamoDb,
        container: "tf-locks".into(),
        key: row.into(),
        body: Body::Bytes(info.into()),
        etag: None,
        modified: None,
    };
    let look = |store, container: &str, key: String, found| Look {
        store,
        container: container.into(),
        key,
        found: Ok(found),
    };
    let stores = vec![
        look(Store::S3, "acme-tfstate", format!("{row}.tflock"), None),
        look(Store::DynamoDb, "tf-locks", row.into(), Some(held)),
    ];
    let survey = Survey {
        stores,
        digest: Some(Ok(None)),
    };
    let fault = Fault::new("read the state of", row, "access denied");
    let seen = Seen {
        current: Err(&fault),
        told: None,
        before: None,
        versions: Err(&fault),
        own: &[],
    };
    let standing = Standing::of(survey, &seen, |_| Circumstances::at(night()));
    console.hear(Event::Lock(LockNews::Looked {
        ticket,
        outcome: Ok(Box::new(Judged {
            findings,
            ..standing.into()
        })),
    }));
}

/// What was saved last, if anything was.
fn saved(console: &mut Console) -> Option<Progress> {
    let saves = console
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Runbook(RunbookJob::Save { progress, .. }) => Some(*progress),
            _ => None,
        });
    saves.last()
}

fn copied(console: &mut Console) -> Option<String> {
    let clips = console
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Clip(text) => Some(text),
            _ => None,
        });
    clips.last()
}

#[test]
fn the_runbooks_say_that_they_are_being_read() {
    let mut console = Console::at(prod());
    console.keys("5");
    golden("runbooks/loading", &mut console);
}

#[test]
fn the_list_shows_every_runbook_and_a_run_that_was_begun() {
    let mut console = Console::at(prod());
    let shelf = Shelf::built_in();
    let mut run = Progress::start(&shelf.find("state-lock").unwrap().page, night());
    run.settle(StepNo::at(0), Status::Done, night());
    read(&mut console, shelf);
    let mut kept = Kept::default();
    kept.keep(run);
    resumed(&mut console, Ok(kept));
    console.keys("5");
    console.pass(600);
    golden("runbooks/full", &mut console);
}

#[test]
fn a_search_without_a_match_says_how_to_see_all_again() {
    let mut console = ready();
    console.keys("/");
    console.types("zzz");
    console.keys("enter");
    golden("runbooks/empty", &mut console);
    console.keys("esc");
    let all = "The backend's";
    assert!(console.text().contains(all));
}

#[test]
fn a_faulty_page_is_told_and_the_others_are_there() {
    let mut console = Console::at(prod());
    let source = Source {
        origin: Origin::Team,
        path: ".tfsos/runbooks/failover.md".into(),
        text: "# Failover\n".into(),
    };
    read(&mut console, Shelf::built_in().with([source]));
    let fault = Fault::new("read the progress of", "prod", "permission denied");
    resumed(&mut console, Err(fault));
    console.keys("5");
    golden("runbooks/fault", &mut console);
}

#[test]
fn a_page_is_filled_from_what_is_known_of_the_lock() {
    let mut console = ready();
    let ticket = survey(&mut console);
    locked(&mut console, ticket);
    console.keys("4 r");
    golden("runbooks/page", &mut console);
}

#[test]
fn what_is_not_known_stays_open_in_the_page() {
    let mut console = ready();
    console.keys("4 r right right");
    golden("runbooks/holes", &mut console);
}

#[test]
fn a_pasted_error_finds_its_runbook() {
    let mut console = ready();
    console.keys("/");
    console.hear(Event::Input(tfsos::app::event::Input::Paste(
        "│ Error: Error acquiring the state lock\n│\n│ Error message: operation error\n│ DynamoDB: PutItem, … ConditionalCheckFailedException: The conditional request failed".into(),
    )));
    console.keys("enter enter");
    assert!(
        console
            .text()
            .contains("state-lock · Release a stale state lock")
    );
}

#[test]
fn every_mark_and_note_is_saved_as_it_is_made() {
    let mut console = ready();
    console.keys("4 r");
    assert_eq!(saved(&mut console), None);
    console.pass(8);
    console.keys("space");
    let progress = saved(&mut console).unwrap();
    assert_eq!(progress.doing(), Some(StepNo::at(1)));
    assert_eq!(
        progress.track(StepNo::at(0)).unwrap().seconds(console.now),
        8
    );
    console.keys("n");
    console.types("asked in #platform");
    console.keys("enter");
    let noted = saved(&mut console).unwrap();
    assert_eq!(noted.notes()[0].1.text, "asked in #platform");
    console.keys("s x");
    let progress = saved(&mut console).unwrap();
    let statuses: Vec<_> = progress.steps.iter().map(|track| track.status).collect();
    assert_eq!(
        statuses[..4],
        [Status::Done, Status::Skipped, Status::Failed, Status::Doing]
    );
}

#[test]
fn a_run_is_taken_up_where_it_stood() {
    let mut console = Console::at(prod());
    let shelf = Shelf::built_in();
    let mut run = Progress::start(&shelf.find("state-lock").unwrap().page, night());
    run.settle(StepNo::at(0), Status::Done, night());
    // Opened before anything was read: the page waits for the pages, the run for the runs.
    console.keys("4 r");
    read(&mut console, shelf);
    let mut kept = Kept::default();
    kept.keep(run);
    resumed(&mut console, Ok(kept));
    assert!(
        console
            .text()
            .contains("▸◐ 2  Is the holder still running?")
    );
}

#[test]
fn a_command_is_copied_whole_and_quoted_or_not_at_all() {
    let mut console = ready();
    let ticket = survey(&mut console);
    console.keys("4 r y");
    assert_eq!(
        copied(&mut console).unwrap(),
        "aws dynamodb get-item --consistent-read --region us-east-1 --table-name tf-locks \
         --key '{\"LockID\":{\"S\":\"acme-tfstate/prod/network/terraform.tfstate\"}}'"
    );
    // The message to the team names the lock, and no lock was seen.
    console.keys("right right y");
    assert_eq!(copied(&mut console), None);
    assert!(console.text().contains("not copied: lock.id has no value"));
    locked(&mut console, ticket);
    console.keys("y");
    let message = copied(&mut console).unwrap();
    assert!(message.contains("held by alice@eng-laptop since 2026-11-22T00:58:11Z"));
}

#[test]
fn a_shared_screen_hides_names_and_a_copied_command_keeps_them() {
    let mut console = ready();
    let ticket = survey(&mut console);
    locked(&mut console, ticket);
    console.keys("4 r right right S");
    assert!(!console.text().contains("alice@eng-laptop"));
    console.keys("y");
    assert!(copied(&mut console).unwrap().contains("alice@eng-laptop"));
}

#[test]
fn the_step_that_releases_leads_to_the_locks_and_a_branch_to_its_step() {
    let mut console = ready();
    console.keys("4 r");
    // Step 1 has a command, and leads to three places: a choice.
    console.keys("enter");
    assert!(console.text().contains("Where this step leads"));
    console.keys("down enter");
    assert!(
        console
            .text()
            .contains("▸◐ 7  Plan, and read it to the end")
    );
    console.keys("left left enter");
    assert!(console.text().contains("locks of prod/network"));
    assert!(console.text().contains("the locks are not known yet"));
}

#[test]
fn a_save_that_failed_is_told_until_one_succeeds() {
    let mut console = ready();
    console.keys("4 r space");
    let save = |effect: &Effect| match effect {
        Effect::Runbook(RunbookJob::Save { ticket, .. }) => Some(*ticket),
        _ => None,
    };
    let ticket = console.asked(save);
    let fault = Fault::new("save the progress of", "state-lock", "the disk is full");
    console.hear(Event::Runbook(RunbookNews::Saved {
        ticket,
        outcome: Err(fault),
    }));
    assert!(console.text().contains("5 Runbooks 1/9 ▲1"));
    console.keys("space");
    let ticket = console.asked(save);
    console.hear(Event::Runbook(RunbookNews::Saved {
        ticket,
        outcome: Ok(()),
    }));
    assert!(console.text().contains("5 Runbooks 2/9\n"));
}

#[test]
fn back_closes_the_page_and_never_quits() {
    let mut console = ready();
    console.keys("4 r esc");
    assert!(console.text().contains("── runbooks"));
    console.keys("esc esc");
    assert_eq!(console.app.ending(), None);
}

#[test]
fn evidence_is_pinned_from_another_pane_to_the_step_being_worked_on() {
    let mut console = ready();
    let ticket = survey(&mut console);
    locked(&mut console, ticket);
    console.keys("4 g");
    assert!(console.text().contains("open a runbook first"));
    console.keys("r right 4 down g");
    let pinned = saved(&mut console).unwrap();
    let evidence = &pinned.track(StepNo::at(1)).unwrap().evidence[0];
    assert!(evidence.subject.ends_with("prod/network/terraform.tfstate"));
    assert!(evidence.text.contains("alice@eng-laptop"), "{evidence:?}");
    assert!(console.text().contains("pinned to step 2 of state-lock"));
    console.keys("5");
    assert!(console.text().contains("2 ⊙"), "{}", console.text());
    console.keys("g");
    assert!(console.text().contains("nothing to pin here"));
}

#[test]
fn whom_to_call_stands_above_the_steps() {
    let mut console = Console::at(prod());
    console.app.start.contact = Some("#platform-oncall".into());
    let own = Source {
        origin: Origin::Team,
        path: ".tfsos/runbooks/failover.md".into(),
        text: "+++\nid = 'failover'\ntitle = 'Failover'\ntags = ['a']\ncontact = '+49 30 1'\n+++\n## Go\n\ncall {{contact}}\n".into(),
    };
    read(&mut console, Shelf::built_in().with([own]));
    resumed(&mut console, Ok(Kept::default()));
    console.keys("4 r");
    assert!(console.text().contains("call  #platform-oncall"));
    console.keys("5 esc /");
    console.types("failover");
    console.keys("enter enter");
    assert!(
        console.text().contains("call +49 30 1"),
        "{}",
        console.text()
    );
}

#[test]
fn every_finding_leads_by_one_key_to_the_step_to_begin_with() {
    for (id, lead) in FINDINGS {
        let mut console = ready();
        let ticket = survey(&mut console);
        let finding = Finding::new(id, Severity::Critical, Confidence::Certain, "wrong");
        found(&mut console, ticket, vec![finding]);
        console.keys("1 r");
        let screen = console.text();
        match lead {
            Some((page, number, title)) => {
                assert!(screen.contains(&format!("── {page} · ")), "{id}: {screen}");
                let here = |line: &str| {
                    line.starts_with('▸') && line.contains(&format!("{number}  {title}"))
                };
                assert!(screen.lines().any(here), "{id}: {screen}");
            }
            None => assert!(screen.contains("── runbooks ─"), "{id}: {screen}"),
        }
    }
}

#[test]
fn the_list_begins_with_what_is_wrong_here_and_the_cursor_stays_with_its_page() {
    let mut console = ready();
    let ticket = survey(&mut console);
    console.keys("down");
    let row = |console: &mut Console| {
        let screen = console.text();
        let mut rows = screen.lines().map(str::to_owned);
        rows.find(|line| line.starts_with('▸')).unwrap()
    };
    let here = row(&mut console);
    let finding = Finding::new("lock.stale", Severity::Warning, Confidence::Likely, "stale");
    found(&mut console, ticket, vec![finding]);
    assert_eq!(row(&mut console), here);
    console.keys("home");
    let first = row(&mut console);
    assert!(
        first.contains("found here") && first.contains("state-lock"),
        "{first}"
    );
    console.keys("enter");
    assert!(console.text().contains("── state-lock · "));
}

#[test]
fn a_step_that_is_settled_is_not_begun_again_by_its_finding() {
    let mut console = ready();
    let ticket = survey(&mut console);
    let finding = Finding::new("lock.stale", Severity::Warning, Confidence::Likely, "stale");
    found(&mut console, ticket, vec![finding]);
    console.keys("1 r space right 1 r");
    let screen = console.text();
    assert!(
        screen.contains("✔ 2  Is the holder still running?"),
        "{screen}"
    );
    assert!(!screen.contains("▸✔ 2"), "{screen}");
}

#[test]
fn the_step_that_releases_asks_about_the_lock_that_is_held() {
    let mut console = ready();
    let ticket = survey(&mut console);
    locked(&mut console, ticket);
    console.keys("4 r right right right right enter");
    let screen = console.text();
    assert!(screen.contains("release it all the same"), "{screen}");
}

/// The same console with writes allowed.
fn armed(mut console: Console) -> Console {
    console.keys("A");
    console.types("network");
    console.keys("enter");
    assert!(console.text().contains("ARMED"), "{}", console.text());
    console
}

/// The command that was sent to be run, if any was.
fn sent(console: &mut Console) -> Option<Errand> {
    let runs = console
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Runbook(RunbookJob::Run(errand)) => Some(*errand),
            _ => None,
        });
    runs.last()
}

const FIRST: &str =
    "aws dynamodb get-item --consistent-read --region us-east-1 --table-name tf-locks";

#[test]
fn a_command_runs_only_where_armed_and_after_it_was_read() {
    let mut console = ready();
    console.keys("4 r R");
    assert!(console.text().contains("Arm network"), "{}", console.text());
    console.keys("esc");
    let mut console = armed(console);
    console.keys("R");
    let screen = console.text();
    assert!(
        screen.contains("Run this command") && screen.contains(FIRST),
        "{screen}"
    );
    console.keys("enter enter");
    assert_eq!(sent(&mut console), None, "enter alone never runs it");
    console.types("run");
    console.keys("enter");
    let errand = sent(&mut console).unwrap();
    assert!(errand.command.starts_with(FIRST), "{errand:?}");
    assert_eq!(errand.reason, "runbook state-lock, step 1");
}

#[test]
fn enter_on_a_step_asks_before_its_command_is_run() {
    let mut console = ready();
    console.keys("4 r");
    let mut console = armed(console);
    console.keys("enter");
    if !console.text().contains("Run this command") {
        let screen = console.text();
        assert!(screen.contains("run the command marked y"), "{screen}");
        console.keys("enter");
    }
    let screen = console.text();
    assert!(
        screen.contains("Run this command") && screen.contains(FIRST),
        "{screen}"
    );
    assert_eq!(sent(&mut console), None);
}

#[test]
fn the_step_that_repairs_goes_to_the_version_that_stands() {
    let mut console = ready();
    console.keys(":");
    console.types("state-repair");
    console.keys("enter space space space enter");
    if console.text().contains("Where this step leads") {
        console.keys("enter");
    }
    assert_eq!(console.app.focus, tfsos::app::pane::PaneId::State);
    assert!(
        !console.text().contains("comes back here"),
        "{}",
        console.text()
    );
}

#[test]
fn a_command_never_leaves_a_sandbox() {
    let mut place = prod();
    place.backend = Backend::Sandbox(Sandbox {
        root: "/tmp/drill".into(),
        bucket: "acme-tfstate".into(),
        key: "prod/network/terraform.tfstate".into(),
        region: "us-east-1".into(),
        table: Some("tf-locks".into()),
        use_lockfile: true,
    });
    let mut console = Console::at(place);
    read(&mut console, Shelf::built_in());
    resumed(&mut console, Ok(Kept::default()));
    console.keys("4 r R");
    let screen = console.text();
    assert!(screen.contains("not run in a sandbox"), "{screen}");
    assert_eq!(sent(&mut console), None);
}

#[test]
fn a_read_only_console_runs_nothing_and_says_what_it_can_do() {
    let mut console = Console::read_only();
    console.arrive(prod());
    read(&mut console, Shelf::built_in());
    resumed(&mut console, Ok(Kept::default()));
    console.keys("4 r R");
    let screen = console.text();
    assert!(
        screen.contains("read-only by --read-only: y copies it"),
        "{screen}"
    );
    assert_eq!(sent(&mut console), None);
}

#[test]
fn what_a_command_prints_is_seen_and_kept_with_its_step() {
    let mut console = armed(ready());
    console.keys("4 r R");
    console.types("run");
    console.keys("enter");
    let Errand {
        ticket, command, ..
    } = sent(&mut console).unwrap();
    console.hear(Event::Runbook(RunbookNews::Printed {
        ticket,
        text: "reading the table".into(),
    }));
    let screen = console.text();
    assert!(
        screen.contains("◐ running") && screen.contains("reading the table"),
        "{screen}"
    );
    console.keys("q");
    assert!(
        console.app.ending().is_none(),
        "a command that runs is not left"
    );
    console.keys("K");
    let stops = |effect: &Effect| match effect {
        Effect::Runbook(RunbookJob::Stop { of, .. }) => Some(*of),
        _ => None,
    };
    assert_eq!(console.asked(stops), ticket);
    assert!(console.text().contains("SIGINT sent"));
    let ran = Ran {
        at: console.now,
        command: command.clone(),
        ended: Ended::Signal(2),
        stopped: Some(Stopped::Asked),
        seconds: 3,
        output: "one\ntwo\n".into(),
    };
    // One may look at another page meanwhile.
    console.keys("5 esc");
    console.hear(Event::Runbook(RunbookNews::Ran {
        ticket,
        outcome: Ok(ran),
    }));
    let progress = saved(&mut console).unwrap();
    assert_eq!(progress.track(StepNo::at(0)).unwrap().ran.len(), 1);
    console.keys("4 r");
    let screen = console.text();
    assert!(
        screen.contains("stopped, ended by SIGINT") && screen.contains("│ two"),
        "{screen}"
    );
    console.keys("o");
    assert!(console.text().contains("What it printed"));
}

#[test]
fn a_hostile_page_runs_nothing_and_harms_no_screen() {
    let mut console = Console::at(prod());
    let page = "+++\nid = 'evil'\ntitle = \"x\\u001b]52;c;eA==\\u0007\"\ntags = [\"a\\u001b[31m\"]\nsymptoms = [\"\\u001b]8;;x\\u0007\"]\ncontact = \"\\u001b[2J\"\n+++\n\
        ## 1. A\u{1b}[2J\n\nSee [here\u{1b}]0;x\u{7}](http://e\u{1b}[2J/\u{9b}2J).\n\naction: explode\n\nif yes → 2\n\n```sh\necho {{place}} \u{1b}]0;x\u{7}\n```\n\n\
        ## 2. B\n\nif yes → 1\n\n```sh\nrm -rf {{lock.who}}\n```\n";
    let source = Source {
        origin: Origin::Team,
        path: "evil\u{1b}[31m.md".into(),
        text: page.into(),
    };
    read(&mut console, Shelf::default().with([source]));
    resumed(&mut console, Ok(Kept::default()));
    console.keys("5 enter");
    for _ in 0..40 {
        console.keys("enter");
        let screen = console.text();
        let is_harmless = |letter: char| letter == '\n' || !letter.is_control();
        assert!(screen.chars().all(is_harmless), "{screen:?}");
    }
    assert_eq!(sent(&mut console), None);
    assert_eq!(copied(&mut console), None);
}

#[test]
fn a_value_with_control_characters_is_copied_and_never_run() {
    let mut console = armed(ready());
    let ticket = survey(&mut console);
    let info = INFO.replace("alice@eng-laptop", "eve\\u001b[2J@host; reboot");
    assert_ne!(info, INFO);
    held_by(&mut console, ticket, &info);
    let page =
        "+++\nid = 'x'\ntitle = 'X'\ntags = ['a']\n+++\n## A\n\n```sh\nfinger {{lock.who}}\n```\n";
    let source = Source {
        origin: Origin::Team,
        path: "x.md".into(),
        text: page.into(),
    };
    console.keys("5 ctrl-r");
    read(&mut console, Shelf::default().with([source]));
    console.keys("enter R");
    let screen = console.text();
    assert!(
        screen.contains("not run: a value holds control characters"),
        "{screen}"
    );
    assert_eq!(sent(&mut console), None);
}

/// A page of a team with this one command, opened where writes are armed.
fn with_command(command: &str) -> Console {
    let mut console = armed(ready());
    let page =
        format!("+++\nid = 'x'\ntitle = 'X'\ntags = ['a']\n+++\n## A\n\n```sh\n{command}\n```\n");
    let source = Source {
        origin: Origin::Team,
        path: "x.md".into(),
        text: page,
    };
    console.keys("5 ctrl-r");
    read(&mut console, Shelf::default().with([source]));
    console.keys("enter");
    console
}

#[test]
fn a_command_that_hides_a_part_of_itself_is_neither_run_nor_copied() {
    for (hidden, number) in [
        ("ls \u{202e}x fr- mr", "U+202E"),
        ("ls\u{200b} x", "U+200B"),
        ("echo \u{1b}[8mrm x", "U+001B"),
        ("echo x\u{8}\u{8}", "U+0008"),
        ("rm\u{a0}x", "U+00A0"),
    ] {
        let mut console = with_command(hidden);
        let said = format!("it holds a character that is not seen: {number}");
        console.keys("R");
        assert!(
            console.text().contains(&format!("not run: {said}")),
            "{}",
            console.text()
        );
        console.keys("y");
        assert!(
            console.text().contains("not copied: it holds"),
            "{}",
            console.text()
        );
        assert_eq!((sent(&mut console), copied(&mut console)), (None, None));
    }
}

#[test]
fn a_command_longer_than_a_screen_is_not_run_by_a_word_alone() {
    let long = "echo\n".repeat(58) + "rm x";
    let mut console = with_command(&long);
    console.keys("R r u n enter");
    assert_eq!(sent(&mut console), None);
    assert!(
        console.text().contains("type run 59 lines"),
        "{}",
        console.text()
    );
    // Neither do spaces push the end of a line out of sight.
    let wide = format!("echo {}; rm x", "x ".repeat(600));
    let mut console = with_command(&wide);
    console.keys("R r u n enter");
    assert_eq!(sent(&mut console), None);
}
