//! The pictures of the README, made from the demo: the real console over the
//! real sandbox, at a fixed time and seed. They are compared with every test;
//! to draw them anew:
//!
//! ```sh
//! PICTURES=draw cargo test --test console picture
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tfsos::app::arrange::Area;
use tfsos::app::effect::{Effect, Effects};
use tfsos::app::event::{Event, Input};
use tfsos::app::pane::PlaceJob;
use tfsos::app::pane::PlaceNews;
use tfsos::app::pane::lock::{Judged, LockJob, LockNews};
use tfsos::app::pane::situation::Lookout;
use tfsos::app::{App, Share, Start};
use tfsos::drill::{DEMO, Rehearsal};
use tfsos::io::perform::Hands;
use tfsos::io::remote::Remote;
use tfsos::io::runner::Runner;
use tfsos::io::{judge, observe};
use tfsos::place::{Caller, Environment, Identity};
use tfsos::ui;
use tfsos::ui::theme::{BUILT_IN, Depth, Glyphs, Theme};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

use crate::support::console::night;
use crate::support::svg::svg;

/// Where the demo plays for its pictures: a name that is the same on every machine.
const FOLDER: &str = "target/demo";
const PATIENCE: Duration = Duration::from_mins(1);

/// The console of the demo at a moment that does not pass.
struct Demo {
    app: App,
    effects: Effects,
    runner: Runner,
    news: Receiver<Event>,
    environment: Environment,
}

impl Demo {
    fn start() -> Self {
        let _ = std::fs::remove_dir_all(FOLDER);
        std::fs::create_dir_all(FOLDER).unwrap();
        let rehearsal = Rehearsal {
            scenario: DEMO.into(),
            seed: 1,
            start: night(),
            folder: FOLDER.into(),
        };
        let log = write_log(&rehearsal);
        let start = Start {
            lookout: Lookout::Rehearsal(Box::new(rehearsal)),
            logs: vec![log],
            read_only: None,
            write_profile: None,
            contact: None,
            login_command: Vec::new(),
            share: Share::Off,
            zone: TimeZone::UTC,
            screen: Area::default(),
        };
        let kept = [
            ("XDG_STATE_HOME", "/nowhere"),
            ("XDG_CONFIG_HOME", "/nowhere"),
        ];
        let environment = Environment::from_iter(kept);
        let (news_in, news) = channel(256);
        let hands = Arc::new(Hands::new(None, None, environment.clone()));
        let mut demo = Self {
            app: App::new(night(), start),
            effects: Effects::default(),
            runner: Runner::new(news_in, hands),
            news,
            environment,
        };
        demo.app.open(night(), &mut demo.effects);
        demo
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.hear(Event::Input(Input::Resize { width, height }));
    }

    /// Presses keys one after the other.
    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.hear(Event::Input(Input::Key(key.parse().unwrap())));
        }
    }

    fn hear(&mut self, event: Event) {
        self.app.update(night(), event, &mut self.effects);
    }

    /// Lets the console work until all of these are on the screen and nothing more is awaited.
    async fn until(&mut self, wanted: &[&str]) {
        loop {
            let asked: Vec<Effect> = self.effects.take().collect();
            for effect in asked {
                self.perform(effect).await;
            }
            let text = text(&self.paint());
            let settled = self.app.waiting_since().is_none() && !text.contains('⟳');
            if settled && wanted.iter().all(|wanted| text.contains(wanted)) {
                return;
            }
            match timeout(PATIENCE, self.news.recv()).await {
                Ok(Some(event)) => self.hear(event),
                _ => panic!("the demo does not show {wanted:?}:\n{text}"),
            }
        }
    }

    /// As the loop does, but for the two questions whose answers are another on each machine or at each time.
    async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Place(PlaceJob::Identify { ticket, .. }) => {
                let identity = Identity {
                    caller: Caller {
                        account: None,
                        arn: "oncall@jump-1".into(),
                    },
                    bucket: None,
                };
                self.hear(Event::Place(PlaceNews::Identified {
                    ticket,
                    outcome: Ok(identity),
                }));
            }
            Effect::Lock(LockJob::Look { ticket, place }) => {
                let remote = Remote::open(&place).await.unwrap();
                let look = observe::look(&place, &remote, &self.environment, night()).await;
                let (findings, unseen) = judge::findings(&place, &look, night()).await;
                let outcome = Ok(Box::new(Judged {
                    standing: look.standing,
                    findings,
                    unseen,
                    deed: look.deed,
                }));
                self.hear(Event::Lock(LockNews::Looked { ticket, outcome }));
            }
            other => self.runner.run(other),
        }
    }

    /// Compares the screen with the kept picture, or keeps it.
    fn keep(&self, name: &str, title: &str) {
        let picture = svg(&self.paint(), title);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/picture");
        let path = folder.join(name);
        if std::env::var_os("PICTURES").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == picture,
            "{name} is not what the demo shows: PICTURES=draw cargo test --test console picture"
        );
    }

    fn paint(&self) -> Buffer {
        let theme = Theme::read("dark", BUILT_IN[0].1, Depth::True, Glyphs::Unicode).unwrap();
        let screen = self.app.start.screen;
        let area = Rect::new(0, 0, screen.width, screen.height);
        let mut buf = Buffer::empty(area);
        ui::paint(&self.app, &theme, area, &mut buf);
        buf
    }
}

/// The log as it stands at the moment of the picture.
fn write_log(rehearsal: &Rehearsal) -> PathBuf {
    let path = rehearsal.log().unwrap().unwrap();
    let (_, transcript) = rehearsal.scene().unwrap().log.unwrap();
    let past = transcript.take_while(|record| record.at <= night());
    let text: String = past.map(|record| record.text).collect();
    std::fs::write(&path, text).unwrap();
    path
}

fn text(buf: &Buffer) -> String {
    let rows = (0..buf.area.height).map(|y| {
        let row = (0..buf.area.width).map(|x| buf[(x, y)].symbol());
        row.collect::<String>() + "\n"
    });
    rows.collect()
}

#[tokio::test]
async fn the_pictures_of_the_readme_are_those_of_the_demo() {
    let mut demo = Demo::start();
    demo.resize(112, 20);
    demo.until(&["STALE", "serial 412", "▲ 2 errors", "throttled", "at hand"])
        .await;
    demo.keep("situation.svg", "What is wrong, the worst first, with the runbook that leads on; then a stale lock, a state that does not parse and which version was the last good one, a log that is being written");
    demo.resize(112, 24);
    demo.press("3");
    demo.until(&["aws_kms_key.rds", "last good ✔", "s406"])
        .await;
    demo.keep("state.svg", "The versions of the state, the newest of them torn, its resources as far as they stand whole, and the attributes of one");
    demo.resize(112, 27);
    demo.press("4 U down enter");
    demo.until(&["type the place's name"]).await;
    demo.press("n e t w o r k enter");
    demo.until(&["first 8 characters"]).await;
    demo.press("8 a b 8");
    demo.keep("release.svg", "The release of a lock: each step with its condition, the same by hand, and what is typed to confirm it");
    std::fs::remove_dir_all(FOLDER).unwrap();
}
