//! The console without a terminal: keys and news in, effects and pictures out.
//! Time stands still unless a test moves it.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use tfsos::app::arrange::Area;
use tfsos::app::effect::{Effect, Effects};
use tfsos::app::event::{Event, Input};
use tfsos::app::key::Key;
use tfsos::app::pane::situation::{Find, Finds, Lookout};
use tfsos::app::pane::{PlaceJob, PlaceNews};
use tfsos::app::{App, Share, Start};
use tfsos::place::{Backend, Caller, Identity, Origin, Ownership, Place, S3};
use tfsos::ui;
use tfsos::ui::theme::{BUILT_IN, Depth, Glyphs, Theme};

/// The sizes of every golden picture.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

/// 02:14 on an ordinary night.
pub fn night() -> Timestamp {
    "2026-11-22T02:14:07Z".parse().unwrap()
}

/// A production state in S3 with both lock stores.
pub fn prod() -> Place {
    Place {
        directory: Some("/work/network".into()),
        workspace: "default".into(),
        backend: Backend::S3(Box::new(S3 {
            bucket: "acme-tfstate".into(),
            key: "prod/network/terraform.tfstate".into(),
            workspace: "default".into(),
            workspace_key_prefix: "env:".into(),
            region: Some("us-east-1".into()),
            dynamodb_table: Some("tf-locks".into()),
            use_lockfile: true,
            ..S3::default()
        })),
        origin: Origin::Cache {
            path: "/work/network/.terraform/terraform.tfstate".into(),
        },
        divergences: Vec::new(),
    }
}

pub fn ops_admin() -> Caller {
    Caller {
        account: Some("482100009034".into()),
        arn: "arn:aws:sts::482100009034:assumed-role/ops-admin/alice".into(),
    }
}

/// The caller of the tests, at a bucket of their own account.
pub fn identity() -> Identity {
    Identity {
        caller: ops_admin(),
        bucket: Some(Ownership::Own),
    }
}

/// A console at a fixed time.
pub struct Console {
    pub app: App,
    pub now: Timestamp,
    effects: Effects,
}

impl Console {
    /// Just started in a directory: nothing has been answered yet.
    pub fn started() -> Self {
        Self::starting(false)
    }

    /// Started with `--read-only`.
    pub fn read_only() -> Self {
        Self::starting(true)
    }

    /// Started with a bucket and no key.
    pub fn of_bucket(root: Place, prefix: &str) -> Self {
        Self::looking(
            Lookout::Bucket {
                root: Box::new(root),
                prefix: prefix.into(),
            },
            false,
        )
    }

    fn starting(read_only: bool) -> Self {
        Self::looking(
            Lookout::Directory(PathBuf::from("/work/network")),
            read_only,
        )
    }

    fn looking(lookout: Lookout, read_only: bool) -> Self {
        let start = Start {
            lookout,
            logs: Vec::new(),
            read_only: read_only.then(|| "--read-only".to_owned()),
            write_profile: None,
            contact: None,
            login_command: Vec::new(),
            share: Share::Off,
            zone: TimeZone::UTC,
            screen: Area::new(0, 0, 120, 40),
        };
        let mut console = Self {
            app: App::new(night(), start),
            now: night(),
            effects: Effects::default(),
        };
        console.app.open(console.now, &mut console.effects);
        console
    }

    /// The place is known and the caller too; the panes still wait.
    pub fn at(place: Place) -> Self {
        let mut console = Self::started();
        console.arrive(place);
        console
    }

    /// Answers the questions about the place.
    pub fn arrive(&mut self, place: Place) {
        let find = Find {
            name: "/work/network".into(),
            outcome: Ok(Arc::new(place)),
        };
        let finds = Finds {
            found: vec![find],
            evident: Some(0),
            more: false,
        };
        let discover = self.asked(|effect| match effect {
            Effect::Place(PlaceJob::Discover { ticket, .. }) => Some(*ticket),
            _ => None,
        });
        self.hear(Event::Place(PlaceNews::Discovered {
            ticket: discover,
            outcome: Ok(finds),
        }));
        let identify = self.asked(|effect| match effect {
            Effect::Place(PlaceJob::Identify { ticket, .. }) => Some(*ticket),
            _ => None,
        });
        self.hear(Event::Place(PlaceNews::Identified {
            ticket: identify,
            outcome: Ok(identity()),
        }));
    }

    /// Lets the console ask the world something.
    pub fn with_effects(&mut self, work: impl FnOnce(&mut App, &mut Effects)) {
        work(&mut self.app, &mut self.effects);
    }

    /// Types keys, as the action table writes them, apart by spaces.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let key: Key = key.parse().unwrap();
            self.hear(Event::Input(Input::Key(key)));
        }
    }

    /// Types a text letter by letter.
    pub fn types(&mut self, text: &str) {
        for letter in text.chars() {
            let key = if letter == ' ' {
                "space".to_owned()
            } else {
                letter.to_string()
            };
            self.keys(&key);
        }
    }

    pub fn hear(&mut self, event: Event) {
        self.app.update(self.now, event, &mut self.effects);
    }

    /// Lets time pass, as the loop would after a wake.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.hear(Event::Wake);
    }

    /// What was asked of the world since the last look.
    pub fn effects(&mut self) -> Vec<Effect> {
        self.effects.take().collect()
    }

    /// Puts back an effect that is not answered now.
    pub fn leave(&mut self, effect: Effect) {
        self.effects.tell(effect);
    }

    /// The last effect that the reader knows; the others stay.
    pub fn asked<T>(&mut self, read: impl Fn(&Effect) -> Option<T>) -> T {
        let mut found = None;
        for effect in self.effects() {
            match read(&effect) {
                Some(value) => found = Some(value),
                None => self.effects.tell(effect),
            }
        }
        found.expect("the console did not ask for it")
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.hear(Event::Input(Input::Resize { width, height }));
    }

    /// The screen as text, without styles.
    pub fn text(&self) -> String {
        shown(&self.app)
    }

    fn paint(&self) -> Buffer {
        paint(&self.app)
    }

    /// Text and styles of the screen: below the picture stands one letter a cell, with a key to the letters.
    pub fn picture(&self) -> String {
        let buf = self.paint();
        let mut styles: Vec<Style> = Vec::new();
        let mut letters = String::new();
        for y in 0..buf.area.height {
            let mut row = String::new();
            for x in 0..buf.area.width {
                let style = buf[(x, y)].style();
                let at = styles
                    .iter()
                    .position(|known| *known == style)
                    .unwrap_or_else(|| {
                        styles.push(style);
                        styles.len() - 1
                    });
                row.push(if at == 0 {
                    '.'
                } else {
                    char::from(b'a' + (at - 1) as u8)
                });
            }
            letters.push_str(row.trim_end_matches('.'));
            letters.push('\n');
        }
        let key = styles
            .iter()
            .enumerate()
            .map(|(at, style)| {
                let letter = if at == 0 {
                    '.'
                } else {
                    char::from(b'a' + (at - 1) as u8)
                };
                format!("{letter} {}\n", describe(*style))
            })
            .collect::<Vec<_>>()
            .concat();
        format!("{}\n{letters}\n{key}", text(&buf))
    }
}

/// What a console of any origin shows, without styles.
pub fn shown(app: &App) -> String {
    text(&paint(app))
}

fn paint(app: &App) -> Buffer {
    let theme = Theme::read("dark", BUILT_IN[0].1, Depth::True, Glyphs::Unicode).unwrap();
    let screen = app.start.screen;
    let area = Rect::new(0, 0, screen.width, screen.height);
    let mut buf = Buffer::empty(area);
    ui::paint(app, &theme, area, &mut buf);
    buf
}

fn text(buf: &Buffer) -> String {
    let mut rows = String::new();
    for y in 0..buf.area.height {
        let row: String = (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect();
        rows.push_str(row.trim_end());
        rows.push('\n');
    }
    rows
}

fn describe(style: Style) -> String {
    let color = |color: Option<ratatui::style::Color>| {
        color.map_or_else(|| "-".to_owned(), |color| color.to_string())
    };
    format!(
        "{} on {} {:?}",
        color(style.fg),
        color(style.bg),
        style.add_modifier
    )
}

/// Compares the screen with the reviewed pictures at every size: `tests/golden/<name>@<size>.snap`.
pub fn golden(name: &str, console: &mut Console) {
    for (width, height) in SIZES {
        console.resize(width, height);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!(format!("{name}@{width}x{height}"), console.picture());
        });
    }
}
