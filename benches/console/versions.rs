//! Tens of thousands of versions: what a page of them that arrives costs, a
//! body that was read, and a key with the frame that it leads to. No terminal
//! and no store: events in, a screen of cells out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tfsos::app::arrange::Area;
use tfsos::app::effect::{Effect, Effects, Ticket};
use tfsos::app::event::{Event, Input};
use tfsos::app::key::Key;
use tfsos::app::pane::situation::{Find, Finds, Lookout};
use tfsos::app::pane::state::{StateJob, StateNews};
use tfsos::app::pane::{PlaceJob, PlaceNews};
use tfsos::app::{App, Share, Start};
use tfsos::place::{Backend, Origin, Place, S3};
use tfsos::state::{Contents, Kind, Reading, Version, VersionId, Versioning, Versions};
use tfsos::ui;
use tfsos::ui::theme::{BUILT_IN, Depth, Glyphs, Theme};

const PAGE: usize = 1_000;
const FRAME: Duration = Duration::from_millis(16);
const BODY: &[u8] =
    br#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"bench","outputs":{},"resources":[],"check_results":null}"#;

/// Prints the longest of each, and whether it stays within a frame.
pub fn measure(count: usize) {
    let mut console = Console::start();
    console.keys("3");
    let ticket = console.asked(|effect| match effect {
        Effect::State(StateJob::List { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let mut pages = Duration::ZERO;
    for first in (0..count).step_by(PAGE) {
        let page = versions(first, PAGE, true);
        pages = pages.max(console.hear(Event::State(StateNews::Paged { ticket, page })));
    }
    let outcome = Ok(versions(0, count, false));
    let listed = console.hear(Event::State(StateNews::Listed { ticket, outcome }));
    let bodies = console.read_what_is_on_screen();
    let mut keys = Duration::ZERO;
    for key in "end pgup pgup home pgdn pgdn j k end k m home m".split(' ') {
        keys = keys.max(console.press(key));
        keys = keys.max(console.read_what_is_on_screen());
    }
    let worst = pages.max(bodies).max(keys);
    let verdict = if worst <= FRAME { "holds" } else { "MISSED" };
    println!(
        "{count} versions: a page {pages:.1?}, all of them {listed:.1?}, a body {bodies:.1?}, a key {keys:.1?} with its frame (must hold {FRAME:.0?}): {verdict}"
    );
}

struct Console {
    app: App,
    effects: Effects,
    theme: Theme,
    now: Timestamp,
}

impl Console {
    fn start() -> Self {
        let now: Timestamp = "2026-11-22T02:14:07Z".parse().unwrap();
        let start = Start {
            lookout: Lookout::Directory("/work/network".into()),
            logs: Vec::new(),
            read_only: None,
            write_profile: None,
            contact: None,
            login_command: Vec::new(),
            share: Share::Off,
            zone: TimeZone::UTC,
            screen: Area::new(0, 0, 120, 40),
        };
        let mut console = Self {
            app: App::new(now, start),
            effects: Effects::default(),
            theme: Theme::read("dark", BUILT_IN[0].1, Depth::True, Glyphs::Unicode).unwrap(),
            now,
        };
        console.app.open(now, &mut console.effects);
        let ticket = console.asked(|effect| match effect {
            Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
            _ => None,
        });
        let find = Find {
            name: "/work/network".into(),
            outcome: Ok(Arc::new(place())),
        };
        let outcome = Ok(Finds {
            found: vec![find],
            evident: Some(0),
            more: false,
        });
        console.hear(Event::Place(PlaceNews::Discovered { ticket, outcome }));
        console
    }

    /// How long the event took, with the frame that it leads to.
    fn hear(&mut self, event: Event) -> Duration {
        let began = Instant::now();
        self.app.update(self.now, event, &mut self.effects);
        let area = Rect::new(0, 0, 120, 40);
        let mut frame = Buffer::empty(area);
        ui::paint(&self.app, &self.theme, area, &mut frame);
        began.elapsed()
    }

    fn press(&mut self, key: &str) -> Duration {
        let key: Key = key.parse().unwrap();
        self.hear(Event::Input(Input::Key(key)))
    }

    fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.press(key);
        }
    }

    fn asked<T>(&mut self, read: impl Fn(&Effect) -> Option<T>) -> T {
        let asked: Vec<Effect> = self.effects.take().collect();
        asked.iter().rev().find_map(read).unwrap()
    }

    /// Answers what is asked of bodies; the longest that one took.
    fn read_what_is_on_screen(&mut self) -> Duration {
        let mut longest = Duration::ZERO;
        loop {
            let asked: Vec<Effect> = self.effects.take().collect();
            let due: Option<(Ticket, Vec<Version>)> =
                asked.into_iter().find_map(|effect| match effect {
                    Effect::State(StateJob::Read {
                        ticket, versions, ..
                    }) => Some((ticket, versions)),
                    _ => None,
                });
            let Some((ticket, versions)) = due else {
                return longest;
            };
            for version in versions {
                let contents = Contents::of(BODY, &Reading::of(BODY));
                longest = longest.max(self.hear(Event::State(StateNews::Read {
                    ticket,
                    id: version.id,
                    outcome: Ok(contents),
                })));
            }
            let outcome = Ok(());
            self.hear(Event::State(StateNews::ReadEnded { ticket, outcome }));
        }
    }
}

fn place() -> Place {
    Place {
        directory: Some("/work/network".into()),
        workspace: "default".into(),
        backend: Backend::S3(Box::new(S3 {
            bucket: "bench".into(),
            key: "network/terraform.tfstate".into(),
            ..S3::default()
        })),
        origin: Origin::Cache {
            path: "/work/network/.terraform/terraform.tfstate".into(),
        },
        divergences: Vec::new(),
    }
}

fn versions(first: usize, count: usize, more: bool) -> Versions {
    let newest: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
    let version = |number: usize| Version {
        id: VersionId(format!("3KxYz00000000000000000000{number:07}")),
        kind: Kind::Object,
        modified: newest - SignedDuration::from_mins(i64::try_from(number).unwrap()),
        size: BODY.len() as u64,
        etag: Some(format!("{number:032x}")),
    };
    Versions {
        versioning: Versioning::Enabled,
        list: (first..first + count).map(version).collect(),
        more,
        denied: None,
    }
}
