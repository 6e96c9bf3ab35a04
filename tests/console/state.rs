//! The state pane: what it asks, what it shows, and that it never shows a
//! secret. A world of prepared bodies answers its questions the way
//! `io::state` does, without any input or output.

use std::sync::Arc;

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tfsos::app::effect::{Effect, Ticket};
use tfsos::app::event::Event;
use tfsos::app::pane::state::{Aged, Details, Opened, Rest, Saved, StateJob, StateNews};
use tfsos::app::plan::{Ask, PlanJob};
use tfsos::app::role::Role;
use tfsos::fault::Fault;
use tfsos::lock::Writers;
use tfsos::lock::habit::Former;
use tfsos::place::Secret;
use tfsos::recovery::rebuild::{Missing, Question, Rebuild, Rebuilt};
use tfsos::state::lint::{Elder, Surroundings, Untouched};
use tfsos::state::{
    Answer, Comparison, Contents, Hunt, Kind, Others, Reading, Reference, Sides, Source, Version,
    VersionId, Versioning, Versions, repair,
};
use tfsos::ui;
use tfsos::ui::theme::{BUILT_IN, Depth, Glyphs, Theme};

use crate::support::console::{Console, golden, night, prod};

pub const NETWORK: &str = include_str!("../fixtures/state/network.tfstate");

/// Versions with their bodies, newest first; a delete marker has none.
pub struct World {
    versions: Vec<(Version, Option<Arc<[u8]>>)>,
    /// What the former locks were.
    former: Vec<Former>,
    /// What lies beside the history, with its bodies.
    pub others: Vec<(Version, Arc<[u8]>)>,
}

impl World {
    /// Each entry is an id, how many minutes old it is, and its body.
    fn of(entries: &[(&str, i64, Option<String>)]) -> Self {
        let version = |(id, minutes, body): &(&str, i64, Option<String>)| {
            let version = Version {
                id: VersionId((*id).into()),
                kind: if body.is_some() {
                    Kind::Object
                } else {
                    Kind::DeleteMarker
                },
                modified: night() - SignedDuration::from_mins(*minutes),
                size: body.as_ref().map_or(0, |body| body.len() as u64),
                etag: None,
            };
            (version, body.clone().map(|body| body.into_bytes().into()))
        };
        Self {
            versions: entries.iter().map(version).collect(),
            former: Vec::new(),
            others: Vec::new(),
        }
    }

    /// The newest version was cut short, and a day ago somebody deleted the state for a while.
    pub fn broken() -> Self {
        let before = NETWORK
            .replace("\"serial\": 412", "\"serial\": 411")
            .replace("t3.large", "t3.xlarge")
            .replace("4c9cbd3a", "00000000")
            .replace(
                "\"engine_version\": \"15.4\"",
                "\"engine_version\": \"15.3\"",
            );
        let oldest = NETWORK.replace("\"serial\": 412", "\"serial\": 410");
        Self::of(&[
            (
                "9aBcDeFgHiJkLmNoPqRsTuVwXyZ01112",
                0,
                Some(NETWORK[..9_000].to_owned()),
            ),
            (
                "3KxAbCdEfGhIjKlMnOpQrStUvWxYz9fQ",
                187,
                Some(NETWORK.to_owned()),
            ),
            ("2HdAbCdEfGhIjKlMnOpQrStUvWxYz77a", 560, Some(before)),
            ("8LmAbCdEfGhIjKlMnOpQrStUvWxYz001", 1_500, None),
            ("1ZzAbCdEfGhIjKlMnOpQrStUvWxYz04c", 1_510, Some(oldest)),
        ])
    }

    /// The same with a state beside it, of as many minutes.
    pub fn with(mut self, source: Source, id: &str, minutes: i64, body: &str) -> Self {
        let version = Version {
            id: VersionId(id.into()),
            kind: Kind::Beside(source),
            modified: night() - SignedDuration::from_mins(minutes),
            size: body.len() as u64,
            etag: None,
        };
        self.others.push((version, body.as_bytes().into()));
        self
    }

    fn list(&self) -> Versions {
        Versions {
            versioning: Versioning::Enabled,
            list: self
                .versions
                .iter()
                .map(|(version, _)| version.clone())
                .collect(),
            more: false,
            denied: None,
        }
    }

    pub fn beside(&self) -> Others {
        let others = self.others.iter().map(|(other, _)| other.clone());
        Others::new(others.collect(), Vec::new())
    }

    fn body(&self, id: &VersionId) -> Arc<[u8]> {
        let found = self.versions.iter().find(|(version, _)| version.id == *id);
        let beside = self.others.iter().find(|(other, _)| other.id == *id);
        let stored = found.and_then(|(_, body)| body.clone());
        stored.or(beside.map(|(_, body)| body.clone())).unwrap()
    }

    /// Answers everything that the state pane asks until it asks no more.
    pub fn serve(&self, console: &mut Console) {
        loop {
            let effects = console.effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                if let Effect::State(job) = effect {
                    self.answer(job)
                        .into_iter()
                        .for_each(|news| console.hear(Event::State(news)));
                }
            }
        }
    }

    fn saved(&self, version: &Version, known: Option<&Version>) -> Saved {
        let known = known.map(|known| Reading::of(self.body(&known.id)));
        let known = known.as_ref().and_then(Reading::snapshot);
        Saved {
            repaired: Arc::new(repair(&self.body(&version.id), known).unwrap()),
            unread: None,
        }
    }

    fn aged(&self, opened: &Opened, formers: Vec<Elder>) -> Aged {
        let mut untouched = Untouched::default();
        for former in formers {
            let older = Reading::of(self.body(&former.version.id));
            let present = opened.snapshot.as_ref().unwrap();
            untouched.compare(present, older.snapshot().unwrap(), former);
        }
        Aged {
            of: opened.version.id.clone(),
            untouched,
            unseen: Vec::new(),
        }
    }

    fn rebuilt(&self, ticket: Ticket, version: &Version) -> StateNews {
        let bodies = [&version.id, &self.versions[0].0.id].map(|id| Reading::of(self.body(id)));
        let [from, present] = bodies.each_ref().map(|body| body.snapshot().unwrap());
        let missing = Missing::between(from, present);
        let owners = Question::about(&missing).owners(None, present);
        let rebuilt = Rebuilt {
            rebuild: Rebuild::of(missing, &owners),
            unseen: vec!["other/terraform.tfstate was not read".to_owned()],
            ..Rebuilt::default()
        };
        StateNews::Rebuilt {
            ticket,
            outcome: Ok(Arc::new(rebuilt)),
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm a job")]
    fn answer(&self, job: StateJob) -> Vec<StateNews> {
        match job {
            StateJob::List { ticket, .. } => vec![StateNews::Listed {
                ticket,
                outcome: Ok(self.list()),
            }],
            StateJob::Writers { ticket, .. } => vec![StateNews::Written {
                ticket,
                outcome: Ok(Arc::new(Writers::of(&self.former))),
            }],
            StateJob::Reveal {
                ticket,
                opened,
                instance,
                path,
                ..
            } => {
                let value = opened.snapshot.as_ref().unwrap().revealed(instance, &path);
                let outcome = Ok(Secret::new(value.unwrap()));
                vec![StateNews::Revealed { ticket, outcome }]
            }
            StateJob::Others { ticket, .. } => vec![StateNews::Beside {
                ticket,
                outcome: Ok(self.beside()),
            }],
            StateJob::Read {
                ticket, versions, ..
            } => {
                let read = |version: Version| {
                    let body = self.body(&version.id);
                    let contents = Contents::of(&body, &Reading::of(Arc::clone(&body)));
                    StateNews::Read {
                        ticket,
                        id: version.id,
                        outcome: Ok(contents),
                    }
                };
                let outcome = Ok(());
                let ended = StateNews::ReadEnded { ticket, outcome };
                versions.into_iter().map(read).chain([ended]).collect()
            }
            StateJob::Open {
                ticket, version, ..
            } => {
                let body = self.body(&version.id);
                let outcome = Ok(Arc::new(Opened::of(version, &body)));
                vec![StateNews::Opened { ticket, outcome }]
            }
            StateJob::Describe {
                ticket,
                opened,
                instance,
                now,
                bucket,
                aged,
            } => {
                let bucket = bucket.as_deref();
                let around = Surroundings { now, bucket };
                let details = Details::of(&opened, instance, &around, aged.as_deref());
                vec![StateNews::Described {
                    ticket,
                    outcome: Ok(details.unwrap()),
                }]
            }
            StateJob::Age {
                ticket,
                opened,
                formers,
                ..
            } => {
                let outcome = Ok(Arc::new(self.aged(&opened, formers)));
                vec![StateNews::Aged { ticket, outcome }]
            }
            StateJob::Search {
                ticket,
                opened,
                question,
                last,
            } => vec![StateNews::Found {
                ticket,
                outcome: Ok(found(&opened, &question, last.as_deref())),
                rest: Rest::None,
            }],
            StateJob::Depend {
                ticket,
                opened,
                instance,
            } => {
                let outcome = Ok(Arc::new(opened.reach(instance).unwrap()));
                vec![StateNews::Depended { ticket, outcome }]
            }
            StateJob::Compare {
                ticket,
                before,
                after,
                ..
            } => {
                let [one, two] = [before, after].map(|version| Reading::of(self.body(&version.id)));
                let comparison = Comparison::of(one.snapshot().unwrap(), two.snapshot().unwrap());
                let outcome = Ok(Arc::new(Sides::of(Arc::new(comparison))));
                vec![StateNews::Compared { ticket, outcome }]
            }
            StateJob::Repair {
                ticket,
                version,
                known,
                ..
            } => {
                let outcome = Ok(self.saved(&version, known.as_ref()));
                vec![StateNews::Repaired { ticket, outcome }]
            }
            StateJob::WriteCopy { ticket, path, .. } => vec![StateNews::CopyWritten {
                ticket,
                outcome: Ok(path),
            }],
            StateJob::Rebuild {
                ticket, version, ..
            } => vec![self.rebuilt(ticket, &version)],
            // There is one state only in this world.
            job @ (StateJob::Scour { .. } | StateJob::Muster { .. } | StateJob::Dismiss { .. }) => {
                vec![job.failed(Fault::new("look around", "", "nothing lies there"))]
            }
        }
    }
}

/// The whole answer to a search.
fn found(opened: &Opened, question: &str, last: Option<&Answer>) -> Arc<Answer> {
    let hunt = Hunt::new(Arc::clone(&opened.addresses), question, last);
    let mut hunt = hunt.with_values(opened.snapshot.clone());
    while hunt.step() {}
    Arc::new(hunt.answer())
}

/// A console on the state pane of a broken state.
fn broken() -> (World, Console) {
    let world = World::broken();
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    (world, console)
}

pub fn press(world: &World, console: &mut Console, keys: &str) {
    for key in keys.split_whitespace() {
        console.keys(key);
        world.serve(console);
    }
}

#[test]
fn the_state_pane_in_every_condition_and_size() {
    let mut loading = Console::at(prod());
    loading.keys("3");
    loading.pass(3);
    golden("state/loading", &mut loading);

    let none = World::of(&[]);
    let mut empty = Console::at(prod());
    empty.keys("3");
    none.serve(&mut empty);
    golden("state/empty", &mut empty);

    let (_, mut full) = broken();
    golden("state/full", &mut full);
}

#[test]
fn a_list_that_cannot_be_read_says_why_and_keeps_what_was_shown() {
    let (_, mut console) = broken();
    console.keys("ctrl-r");
    let ticket = console.asked(|effect| match effect {
        Effect::State(StateJob::List { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let fault = Fault::new(
        "list the versions of",
        "acme-tfstate/prod/network/terraform.tfstate",
        "access denied for role ops-admin",
    )
    .hint("needs s3:ListBucketVersions on arn:aws:s3:::acme-tfstate");
    console.hear(Event::State(StateNews::Listed {
        ticket,
        outcome: Err(fault),
    }));
    golden("state/fault", &mut console);
    console.resize(120, 40);
    assert!(console.text().contains("module.compute"));
}

#[test]
fn the_resources_of_the_last_good_version_are_a_tree_and_secrets_are_masked() {
    let (world, mut console) = broken();
    press(&world, &mut console, "down enter");
    press(&world, &mut console, "/");
    for letter in ["d", "b", "_", "i", "n"] {
        press(&world, &mut console, letter);
    }
    press(&world, &mut console, "enter enter");
    golden("state/resource", &mut console);
    console.resize(140, 40);
    let text = console.text();
    assert!(text.contains("aws_db_instance.main"), "{text}");
    assert!(text.contains("▒▒▒▒▒▒▒▒ (sensitive)"), "{text}");
}

#[test]
fn what_needs_a_resource_and_what_it_needs_stand_in_the_place_of_its_attributes() {
    let (world, mut console) = broken();
    press(&world, &mut console, "down enter /");
    for letter in ["d", "b", "_", "i", "n"] {
        press(&world, &mut console, letter);
    }
    press(&world, &mut console, "enter d");
    golden("state/dependents", &mut console);
    console.resize(120, 40);
    let text = console.text();
    assert!(text.contains("around module.data."), "{text}");
    assert!(
        text.contains("by -target  4 resources, 9 instances"),
        "{text}"
    );

    press(&world, &mut console, "down down down down enter");
    let text = console.text();
    assert!(text.contains("by removal  3 resources"), "{text}");
    press(&world, &mut console, "d");
    let text = console.text();
    assert!(!text.contains("around"), "{text}");
    press(&world, &mut console, "d esc");
    assert!(!console.text().contains("around"), "esc leaves the trees");
}

#[test]
fn two_marked_versions_are_shown_side_by_side() {
    let (world, mut console) = broken();
    press(&world, &mut console, "down m down m");
    golden("state/compare", &mut console);
    console.resize(120, 40);
    assert!(
        console.text().contains("change 1 of 5"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "n n");
    assert!(
        console.text().contains("change 3 of 5"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "N");
    assert!(
        console.text().contains("change 2 of 5"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "esc");
    assert!(console.text().contains("versions"), "{}", console.text());
}

#[test]
fn no_screen_of_the_state_shows_a_secret() {
    let (world, mut console) = broken();
    console.resize(200, 60);
    let mut seen = String::new();
    let keys = "down down tab down enter down down enter down down down down enter tab end shift-tab shift-tab m up up m n n n n esc 1 3 / p a s s enter enter end";
    for key in keys.split_whitespace() {
        press(&world, &mut console, key);
        seen.push_str(&console.text());
    }
    for secret in ["not-a-real-password", "4c9cbd3a", "00000000"] {
        assert!(!seen.contains(secret), "{secret} was shown");
    }
}

#[test]
fn escape_goes_back_one_column_at_a_time_and_never_quits() {
    let (world, mut console) = broken();
    console.resize(80, 24);
    press(&world, &mut console, "down enter");
    assert!(
        console.text().contains("resources of 3Kx"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "down enter");
    press(&world, &mut console, "esc esc esc esc");
    assert!(console.text().contains("── versions"), "{}", console.text());
    assert_eq!(console.app.ending(), None);
}

#[test]
fn a_question_that_is_answered_late_does_not_replace_a_newer_one() {
    let (world, mut console) = broken();
    press(&world, &mut console, "down enter /");
    console.keys("v");
    let first = console.effects();
    console.keys("p");
    let second = console.effects();
    for effect in second.into_iter().chain(first) {
        if let Effect::State(job @ StateJob::Search { .. }) = effect {
            world
                .answer(job)
                .into_iter()
                .for_each(|news| console.hear(Event::State(news)));
        }
    }
    world.serve(&mut console);
    let text = console.text();
    assert!(text.contains("/vp") && text.contains("2 of 19"), "{text}");
}

#[test]
fn the_id_or_the_address_under_the_cursor_can_be_copied() {
    let (world, mut console) = broken();
    console.keys("down y");
    let copied = |console: &mut Console| {
        console.asked(|effect| match effect {
            Effect::Clip(text) => Some(text.clone()),
            _ => None,
        })
    };
    assert_eq!(copied(&mut console), "3KxAbCdEfGhIjKlMnOpQrStUvWxYz9fQ");
    world.serve(&mut console);
    press(&world, &mut console, "enter");
    console.keys("y");
    assert_eq!(copied(&mut console), "aws_iam_policy.deploy");
}

#[test]
fn a_large_version_is_read_when_a_person_asks_and_not_before() {
    let world = World::of(&[
        ("big", 1, Some(NETWORK.to_owned())),
        ("small", 2, Some(NETWORK.to_owned())),
    ]);
    let mut console = Console::at(prod());
    console.keys("3");
    let mut list = world.list();
    list.list[0].size = 100 << 20;
    let ticket = console.asked(|effect| match effect {
        Effect::State(StateJob::List { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::State(StateNews::Listed {
        ticket,
        outcome: Ok(list),
    }));
    let unasked = console.effects().into_iter().filter(|effect| {
        matches!(
            effect,
            Effect::State(StateJob::Open { .. } | StateJob::Read { .. })
        )
    });
    assert_eq!(unasked.count(), 0);
    console.keys("enter");
    assert!(console.effects().iter().any(|effect| matches!(effect, Effect::State(StateJob::Open { version, .. }) if version.id.0 == "big")));
}

#[test]
fn what_can_be_saved_of_a_broken_version_is_shown_written_and_restored() {
    let (world, mut console) = broken();
    press(&world, &mut console, "M");
    golden("state/repair", &mut console);
    console.resize(120, 40);
    assert!(!console.text().contains("not-a-real-password"));
    press(&world, &mut console, "w");
    assert!(console.text().contains("repaired.tfstate"));
    press(&world, &mut console, "enter");
    assert!(console.text().contains("✔ written to"));
    console.keys("R");
    let restores = |effect: &Effect| match effect {
        Effect::Plan(PlanJob::Prepare { ask, .. }) => Some(ask.clone()),
        _ => None,
    };
    let Ask::Restore(Reference::File(path)) = console.asked(restores) else {
        panic!("the copy is restored");
    };
    assert!(path.ends_with("repaired.tfstate"));
}

#[test]
fn a_version_that_is_whole_or_deleted_is_not_repaired() {
    let (world, mut console) = broken();
    press(&world, &mut console, "j M");
    assert!(console.text().contains("nothing to repair"));
    press(&world, &mut console, "j j M");
    assert!(
        console
            .text()
            .contains("a delete marker has nothing to repair")
    );
}

#[test]
fn what_the_state_lost_is_copied_one_by_one_and_ticked_off() {
    let (world, mut console) = broken();
    press(&world, &mut console, "I");
    assert!(console.text().contains("choose an older version"));
    press(&world, &mut console, "j I");
    golden("state/rebuild", &mut console);
    console.resize(120, 40);
    assert!(!console.text().contains("not-a-real-password"));
    let copied = |console: &mut Console, key: &str| {
        console.keys(key);
        console.asked(|effect| match effect {
            Effect::Clip(text) => Some(text.clone()),
            _ => None,
        })
    };
    let block = copied(&mut console, "y");
    assert!(block.starts_with("import {\n  to = module."), "{block}");
    let command = copied(&mut console, "c");
    assert!(command.starts_with("terraform import "), "{command}");
    let all = copied(&mut console, "a");
    assert!(
        all.starts_with("# Imports into ") && all.contains(&block),
        "{all}"
    );
    console.keys("space down space");
    assert!(console.text().contains("Import, then plan: 2 of"));
    console.keys("up space end y");
    assert!(console.text().contains("Import, then plan: 1 of"));
    assert!(console.text().contains("this one is not offered"));
    console.keys("esc");
    assert!(!console.text().contains("Import, then plan"));
}

#[test]
fn a_version_names_its_writer_where_the_former_locks_tell() {
    let mut world = World::broken();
    let written = world.versions[1].0.modified;
    world.former.push(Former {
        from: written - SignedDuration::from_secs(20),
        to: written + SignedDuration::from_secs(2),
        body: Some(br#"{"ID":"a","Operation":"OperationTypeApply","Who":"ci@runner-12"}"#.to_vec()),
    });
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    assert!(!console.text().contains("ci@runner"), "{}", console.text());
    console.keys("down");
    world.serve(&mut console);
    assert!(
        console.text().contains("ci@runner-12 · apply"),
        "{}",
        console.text()
    );
    console.keys("S");
    assert!(!console.text().contains("ci@runner"), "{}", console.text());
}

/// A page of versions, all of them small and unread.
fn page(first: usize, count: usize, more: bool) -> Versions {
    let version = |number: usize| Version {
        id: VersionId(format!("version-{number:05}")),
        kind: Kind::Object,
        modified: night() - SignedDuration::from_mins(i64::try_from(number).unwrap()),
        size: 1 << 30,
        etag: None,
    };
    Versions {
        versioning: Versioning::Enabled,
        list: (first..first + count).map(version).collect(),
        more,
        denied: None,
    }
}

#[test]
fn ten_thousand_versions_are_on_screen_page_by_page_and_a_later_list_moves_nothing() {
    let mut console = Console::at(prod());
    console.keys("3");
    let listing = |console: &mut Console| {
        console.asked(|effect| match effect {
            Effect::State(StateJob::List { ticket, .. }) => Some(*ticket),
            _ => None,
        })
    };
    let ticket = listing(&mut console);
    for first in (0..10_000).step_by(1_000) {
        let page = page(first, 1_000, true);
        console.hear(Event::State(StateNews::Paged { ticket, page }));
        assert_eq!(console.app.state.history.versions().len(), first + 1_000);
    }
    console.keys("end");
    assert!(console.text().contains("…9999"), "{}", console.text());
    let outcome = Ok(page(0, 10_000, false));
    console.hear(Event::State(StateNews::Listed { ticket, outcome }));
    assert!(console.text().contains("…9999"), "{}", console.text());
    assert!(console.text().contains("10,000"), "{}", console.text());
    console.keys("ctrl-r");
    let ticket = listing(&mut console);
    let page = page(0, 1_000, true);
    console.hear(Event::State(StateNews::Paged { ticket, page }));
    assert_eq!(console.app.state.history.versions().len(), 10_000);
}

#[test]
fn what_nobody_touched_for_long_says_so_beside_its_attributes_and_in_the_summary() {
    let changed = NETWORK
        .replace("\"serial\": 412", "\"serial\": 413")
        .replace(
            "\"engine_version\": \"15.4\"",
            "\"engine_version\": \"16.1\"",
        );
    let days = |days: i64| days * 24 * 60;
    let world = World::of(&[
        ("now", 0, Some(changed)),
        ("a-week-ago", days(7), Some(NETWORK.to_owned())),
        ("in-spring", days(200), Some(NETWORK.to_owned())),
        (
            "last-year",
            days(400),
            Some(NETWORK.replace("t3.large", "t3.nano")),
        ),
    ]);
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    press(&world, &mut console, "s");
    let screen = console.text();
    assert!(screen.contains("Untouched for long"), "{screen}");
    assert!(
        screen.contains(
            "13 resources are as they were a year ago, in version last-year of 2025-10-18"
        ),
        "{screen}"
    );
    assert!(
        screen.contains(
            "4 resources are as they were half a year ago, in version in-spring of 2026-05-06"
        ),
        "{screen}"
    );
    console.resize(220, 40);
    let mut advice = |name: &str| {
        press(&world, &mut console, "esc /");
        console.types(name);
        world.serve(&mut console);
        press(&world, &mut console, "enter");
        console
            .text()
            .contains("no attribute differs from what it was")
    };
    assert!(advice("aws_vpc.main"));
    assert!(!advice("aws_db_instance.main"));
}

#[test]
fn what_lies_behind_a_comparison_is_not_acted_on() {
    let (world, mut console) = broken();
    press(&world, &mut console, "j m j m");
    assert!(console.app.state.comparing.is_some());
    console.effects();
    for key in ["R", "M", "I", "d", "/", "enter", "v", "m"] {
        console.keys(key);
        let screen = console.text();
        assert!(
            screen.contains("esc leaves the comparison"),
            "{key}: {screen}"
        );
        assert_eq!(console.effects(), [], "{key}");
        console.pass(10);
    }
    assert!(
        console.text().contains("n next change"),
        "{}",
        console.text()
    );
}

#[test]
fn a_version_that_lost_half_is_marked() {
    let small = NETWORK.replace("\"serial\": 412", "\"serial\": 413");
    let start = small.find("\"resources\": [").unwrap();
    let collapsed = format!("{}\"resources\": []\n}}\n", &small[..start]);
    let world = World::of(&[
        ("newest-of-them-all-and-collapsed", 0, Some(collapsed)),
        (
            "the-one-before-it-which-was-whole",
            60,
            Some(NETWORK.to_owned()),
        ),
    ]);
    let mut console = Console::at(prod());
    console.keys("3");
    world.serve(&mut console);
    assert_eq!(console.text().matches('▼').count(), 1, "{}", console.text());
}

#[test]
fn a_comparison_and_a_version_are_summed_up_by_type_and_module() {
    let (world, mut console) = broken();
    press(&world, &mut console, "j enter s");
    assert!(
        console.text().contains("What it is made of"),
        "{}",
        console.text()
    );
    assert!(
        console.text().contains("module.compute"),
        "{}",
        console.text()
    );
    press(&world, &mut console, "esc esc m j m s");
    golden("state/summary", &mut console);
}

#[test]
fn the_row_under_the_cursor_can_be_read_in_every_theme() {
    let (_, console) = broken();
    let screen = console.app.start.screen;
    let area = Rect::new(0, 0, screen.width, screen.height);
    for (name, text) in BUILT_IN {
        let theme = Theme::read(name, text, Depth::True, Glyphs::Unicode).unwrap();
        let mut buf = Buffer::empty(area);
        ui::paint(&console.app, &theme, area, &mut buf);
        let selected = theme.style(Role::Selected);
        let under = buf
            .content
            .iter()
            .filter(|cell| Some(cell.bg) == selected.bg);
        let cells: Vec<_> = under.collect();
        assert!(!cells.is_empty(), "{name}");
        assert!(
            cells.iter().all(|cell| Some(cell.fg) == selected.fg),
            "{name}"
        );
    }
}
