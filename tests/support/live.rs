//! The console with its real hands and no terminal: what it asks is really
//! asked, and a test waits for what the screen shows of the answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tfsos::app::arrange::Area;
use tfsos::app::effect::Effects;
use tfsos::app::event::{Event, Input};
use tfsos::app::pane::situation::Lookout;
use tfsos::app::{App, Share, Start};
use tfsos::io::perform::Hands;
use tfsos::io::runner::Runner;
use tfsos::place::{Backend, Endpoints, Environment, Keys, Origin, Place, S3, Secret};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use super::console::shown;
use super::moto::{REGION, Stores};
use super::terraform::{KEY, credentials};

/// A busy machine must not fail a test.
const PATIENCE: Duration = Duration::from_mins(1);

/// A console whose effects are carried out; it lives inside a runtime.
#[derive(Debug)]
pub struct Live {
    app: App,
    effects: Effects,
    runner: Runner,
    sender: Sender<Event>,
    news: Receiver<Event>,
}

impl Live {
    /// A console that looks at a directory.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self::open(Lookout::Directory(directory.into()), Vec::new())
    }

    /// A console that was given a place, and logs to follow.
    pub fn at(place: S3, logs: Vec<PathBuf>) -> Self {
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(place)),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        Self::open(Lookout::Named(Box::new(place)), logs)
    }

    /// The same, with a home where its incidents go.
    pub fn at_home(place: S3, home: &Path) -> Self {
        let home = Environment::default().with("HOME", home.display().to_string());
        let mut live = Self::at(place, Vec::new());
        live.runner = Runner::new(live.sender.clone(), Arc::new(Hands::new(None, None, home)));
        live
    }

    /// A console that was given a bucket and no key.
    pub fn of_bucket(place: S3) -> Self {
        let root = Box::new(Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(S3 {
                key: String::new(),
                ..place
            })),
            origin: Origin::Flags,
            divergences: Vec::new(),
        });
        let prefix = String::new();
        Self::open(Lookout::Bucket { root, prefix }, Vec::new())
    }

    fn open(lookout: Lookout, logs: Vec<PathBuf>) -> Self {
        let start = Start {
            lookout,
            logs,
            read_only: None,
            write_profile: None,
            contact: None,
            login_command: Vec::new(),
            share: Share::Off,
            zone: TimeZone::UTC,
            screen: Area::new(0, 0, 120, 40),
        };
        let (sender, news) = channel(256);
        let mut live = Self {
            app: App::new(Timestamp::now(), start),
            effects: Effects::default(),
            runner: Runner::new(sender.clone(), Arc::new(Hands::default())),
            sender,
            news,
        };
        live.app.open(Timestamp::now(), &mut live.effects);
        live
    }

    /// Presses keys, as the action table writes them, apart by spaces.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let key = key.parse().expect("a key");
            self.take(Event::Input(Input::Key(key)));
        }
    }

    /// Types a text.
    pub fn types(&mut self, text: &str) {
        for letter in text.chars() {
            let key = match letter {
                ' ' => "space".to_owned(),
                letter => letter.to_string(),
            };
            self.press(&key);
        }
    }

    /// Waits until the screen shows a text, and returns the screen.
    pub async fn until(&mut self, text: &str) -> String {
        self.until_any(&[text]).await
    }

    /// Waits until the screen shows one of some texts, and returns the screen.
    pub async fn until_any(&mut self, texts: &[&str]) -> String {
        loop {
            self.effects
                .take()
                .for_each(|effect| self.runner.run(effect));
            let screen = shown(&self.app);
            if texts.iter().any(|text| screen.contains(text)) {
                return screen;
            }
            match timeout(PATIENCE, self.news.recv()).await {
                Ok(Some(event)) => self.take(event),
                Ok(None) | Err(_) => {
                    panic!("the screen did not show {texts:?}; it shows:\n{screen}")
                }
            }
        }
    }

    /// Waits until everything that was asked has been answered.
    pub async fn settled(&mut self) -> &App {
        loop {
            self.effects
                .take()
                .for_each(|effect| self.runner.run(effect));
            if self.app.place().is_some()
                && self.app.waiting_since().is_none()
                && self.app.runbooks.load().shown().is_some()
            {
                return &self.app;
            }
            match timeout(PATIENCE, self.news.recv()).await {
                Ok(Some(event)) => self.take(event),
                Ok(None) | Err(_) => panic!("something was never answered"),
            }
        }
    }

    fn take(&mut self, event: Event) {
        self.app.update(Timestamp::now(), event, &mut self.effects);
    }
}

/// The backend of a test's own bucket and table behind an endpoint, with keys of its own and no retries.
pub fn backend(stores: &Stores, endpoint: &str) -> S3 {
    let [(_, access_key), (_, secret_key), ..] = credentials();
    let endpoint = Some(endpoint.to_owned());
    S3 {
        bucket: stores.bucket.clone(),
        key: KEY.into(),
        workspace: "default".into(),
        workspace_key_prefix: "env:".into(),
        region: Some(REGION.into()),
        dynamodb_table: Some(stores.table.clone()),
        use_lockfile: true,
        use_path_style: true,
        endpoints: Endpoints {
            s3: endpoint.clone(),
            dynamodb: endpoint.clone(),
            sts: endpoint,
            ..Endpoints::default()
        },
        keys: Some(Keys {
            access_key: Secret::new(access_key),
            secret_key: Secret::new(secret_key),
            token: None,
        }),
        max_attempts: Some(1),
        skip_metadata_api_check: true,
        ..S3::default()
    }
}
