//! The event loop: the only file that sees the console, its face and its hands
//! together. Effects run, one frame is drawn, then it waits: input first, news
//! second, else until the console asked to be woken. There is no tick.

use std::fs::File;
use std::io::{Stdout, Write, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::sleep;

use crate::app::effect::{Effect, Effects};
use crate::app::event::{Event, Input};
use crate::app::notice::{Notice, Tone};
use crate::app::pane::PlaceNews;
use crate::app::{App, Ending, Start};
use crate::fault::Fault;
use crate::io::cache::Cache;
use crate::io::input::Keyboard;
use crate::io::perform::Hands;
use crate::io::runner::Runner;
use crate::io::{frame, input, sign_in, terminal};
use crate::place::Environment;
use crate::ui;
use crate::ui::theme::Theme;

/// How a console is started.
#[derive(Debug)]
pub struct Setup {
    pub start: Start,
    pub theme: Theme,
    /// What places, journals and runbooks are looked for by.
    pub environment: Environment,
    /// The bucket that a state's bucket is copied to, as the configuration names it.
    pub replica: String,
    /// The program that is asked what the next plan would do, as the configuration names it.
    pub terraform: String,
    /// Where bodies of versions are kept on disk, if anywhere.
    pub cache: Option<Cache>,
    /// Where every event and effect is written, by name.
    pub trace: Option<PathBuf>,
}

/// A burst of events is taken together for so long before a frame is drawn.
const BURST: Duration = Duration::from_millis(4);
/// No two frames within this time: no terminal shows more.
const FRAME: Duration = Duration::from_millis(16);
/// How long a write under way may take to reach its nearest safe point.
const SAFE_POINT: Duration = Duration::from_secs(20);

/// Shows the console until it is quit. The terminal is given back in every case.
pub fn console(setup: Setup) -> Result<ExitCode, Fault> {
    let trace = setup.trace.as_ref().map(Trace::create).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(trouble)?;
    let signals = {
        let _inside = runtime.enter();
        // Before the terminal is taken: a signal must never end us while it is not as it was.
        Signals::listen().map_err(trouble)?
    };
    let ended = on_terminal(|guard| {
        let screen = Terminal::new(CrosstermBackend::new(stdout())).map_err(trouble)?;
        runtime.block_on(Loop::new(setup, screen, guard, trace)?.run(signals))
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

/// Takes the terminal for the work and gives it back however the work ends: a
/// panic in it becomes a fault that is said on a whole terminal.
pub fn on_terminal(
    work: impl FnOnce(terminal::Guard) -> Result<Ending, Fault>,
) -> Result<ExitCode, Fault> {
    let panics = remember_panics();
    let guard = terminal::Guard::take().map_err(trouble)?;
    // The guard is inside: it gives the terminal back also while a panic unwinds.
    match catch_unwind(AssertUnwindSafe(|| work(guard))) {
        Ok(Ok(Ending::Quit)) => Ok(ExitCode::SUCCESS),
        Ok(Ok(Ending::Interrupted)) => Ok(ExitCode::from(130)),
        Ok(Err(fault)) => Err(fault),
        Err(_) => Err(Fault::new("go on with the console", "", panics.last())
            .hint("the terminal was given back; what was under way is in the journal: tfsos journal list")),
    }
}

fn trouble(cause: std::io::Error) -> Fault {
    Fault::new("open the console", "", cause)
}

/// Keeps what a panic said: printing it would garble a screen that is still ours.
fn remember_panics() -> Panics {
    let panics = Panics::default();
    let kept = panics.0.clone();
    std::panic::set_hook(Box::new(move |panic| {
        if let Ok(mut last) = kept.lock() {
            *last = format!("it stopped at an internal error: {panic}").replace('\n', " ");
        }
    }));
    panics
}

#[derive(Debug, Default)]
struct Panics(Arc<Mutex<String>>);

impl Panics {
    fn last(&self) -> String {
        self.0.lock().map(|text| text.clone()).unwrap_or_default()
    }
}

/// The signals that end the console.
struct Signals {
    /// Sent by another process: the key comes as input.
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The signals that mean us and not the program that has the terminal.
    async fn end_us(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    fn forget_interrupts(&mut self) -> std::io::Result<()> {
        self.interrupt = signal(SignalKind::interrupt())?;
        Ok(())
    }

    async fn come(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

fn signed_in(outcome: Result<(), Fault>) -> Event {
    Event::Place(PlaceNews::SignedIn { outcome })
}

type Screen = Terminal<CrosstermBackend<Stdout>>;

struct Loop {
    app: App,
    theme: Theme,
    environment: Environment,
    replica: String,
    terraform: String,
    cache: Option<Cache>,
    screen: Screen,
    guard: terminal::Guard,
    effects: Effects,
    trace: Option<Trace>,
    drawn: Option<Instant>,
    /// How long the events since the last frame took.
    updating: Duration,
}

/// What the loop waited for.
enum Come {
    Event(Event),
    /// The terminal or the wish to live has gone.
    Gone,
}

impl Loop {
    fn new(
        setup: Setup,
        screen: Screen,
        guard: terminal::Guard,
        trace: Option<Trace>,
    ) -> Result<Self, Fault> {
        let mut start = setup.start;
        let size = screen
            .size()
            .map_err(|error| Fault::new("measure the terminal", "", error))?;
        start.screen = crate::app::arrange::Area::new(0, 0, size.width, size.height);
        let app = App::new(Timestamp::now(), start);
        Ok(Self {
            app,
            theme: setup.theme,
            environment: setup.environment,
            replica: setup.replica,
            terraform: setup.terraform,
            cache: setup.cache,
            screen,
            guard,
            effects: Effects::default(),
            trace,
            drawn: None,
            updating: Duration::ZERO,
        })
    }

    async fn run(mut self, mut signals: Signals) -> Result<Ending, Fault> {
        // The first frame comes before anything is asked of anybody.
        self.draw()?;
        let (inputs_in, mut inputs) = channel(64);
        let (news_in, mut news) = channel(256);
        let keyboard = input::read(inputs_in);
        let start = &self.app.start;
        let hands = Hands::new(
            start.read_only.clone(),
            start.write_profile.clone(),
            self.environment.clone(),
        );
        let hands = hands.reading(start.logs.clone());
        let hands = hands.with_replica(self.replica.clone());
        let hands = hands.with_terraform(self.terraform.clone());
        let hands = Arc::new(hands.with_cache(self.cache.clone()));
        let mut runner = Runner::new(news_in, hands.clone());
        self.app.open(Timestamp::now(), &mut self.effects);
        let ending = loop {
            let to_sign_in = self.carry_out(&mut runner)?;
            if let Some(words) = to_sign_in {
                match self.sign_in(&words, &keyboard, &mut signals).await? {
                    Come::Gone => break Ending::Interrupted,
                    Come::Event(event) => {
                        hands.forget().await;
                        self.take(event);
                        continue;
                    }
                }
            }
            if let Some(ending) = self.app.ending() {
                break ending;
            }
            let left = self.frame_left();
            if left.is_none() {
                self.draw()?;
            }
            let come = self.wait(left, &mut inputs, &mut news, &mut signals);
            match come.await {
                Some(Come::Event(event)) => self.take(event),
                Some(Come::Gone) => break Ending::Interrupted,
                // The next frame is due.
                None => continue,
            }
            self.take_burst(&mut inputs, &mut news);
        };
        // Jobs that still answer must not wait for a loop that has ended.
        drop(news);
        hands.stop.ask();
        runner.finish(SAFE_POINT).await;
        Ok(ending)
    }

    /// What comes next; none where nothing has when the next frame is due.
    async fn wait(
        &self,
        left: Option<Duration>,
        inputs: &mut Receiver<Input>,
        news: &mut Receiver<Event>,
        signals: &mut Signals,
    ) -> Option<Come> {
        let until_wake = self
            .app
            .wake()
            .map(|at| at.duration_since(Timestamp::now()));
        let until_wake = until_wake.map_or(Duration::from_hours(1), |left| {
            left.try_into().unwrap_or_default()
        });
        tokio::select! {
            biased;
            () = signals.come() => Some(Come::Gone),
            input = inputs.recv() => {
                let event = input.map(|input| Come::Event(Event::Input(input)));
                Some(event.unwrap_or(Come::Gone))
            }
            event = news.recv() => Some(event.map_or(Come::Gone, Come::Event)),
            () = sleep(left.unwrap_or(until_wake)) => {
                left.is_none().then_some(Come::Event(Event::Wake))
            }
        }
    }

    /// Takes what else has come, for at most one burst.
    fn take_burst(&mut self, inputs: &mut Receiver<Input>, news: &mut Receiver<Event>) {
        let end = Instant::now() + BURST;
        while Instant::now() < end && self.app.ending().is_none() {
            let input = inputs.try_recv().map(Event::Input);
            let Ok(event) = input.or_else(|_| news.try_recv()) else {
                return;
            };
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        if let Some(trace) = &mut self.trace {
            trace.write(&event.name());
        }
        let began = Instant::now();
        let _making = frame::begin();
        self.app.update(Timestamp::now(), event, &mut self.effects);
        self.updating += began.elapsed();
    }

    /// Hands effects to the runner; those that need the terminal are done here, but for
    /// what has to be waited for: the program that signs in is returned.
    fn carry_out(&mut self, runner: &mut Runner) -> Result<Option<Vec<String>>, Fault> {
        let mut to_sign_in = None;
        let asked: Vec<Effect> = self.effects.take().collect();
        for effect in asked {
            if let Some(trace) = &mut self.trace {
                trace.write(&match &effect {
                    // What is copied may be what nobody else is to see.
                    Effect::Clip(text) => format!("effect Clip({} bytes)", text.len()),
                    other => format!("effect {other:?}"),
                });
            }
            match effect {
                Effect::Clip(text) => self.clip(&text),
                Effect::Suspend => self.suspend()?,
                Effect::SignIn(words) => to_sign_in = Some(words),
                other => runner.run(other),
            }
        }
        Ok(to_sign_in)
    }

    /// Gives the terminal to the program that signs in until it ends, or until we are to end.
    async fn sign_in(
        &mut self,
        words: &[String],
        keyboard: &Keyboard,
        signals: &mut Signals,
    ) -> Result<Come, Fault> {
        let lent = match keyboard.lend() {
            Ok(lent) => lent,
            Err(error) => {
                let fault = Fault::new("give the terminal away", "", error);
                return Ok(Come::Event(signed_in(Err(fault))));
            }
        };
        self.guard.give_back();
        let work = async {
            let outcome = sign_in::run(words).await;
            if let Err(fault) = &outcome {
                sign_in::let_read(fault).await;
            }
            outcome
        };
        let outcome = tokio::select! {
            biased;
            () = signals.end_us() => return Ok(Come::Gone),
            outcome = work => outcome,
        };
        let trouble = |error: std::io::Error| Fault::new("take the terminal again", "", error);
        // What ended the program was not meant for us.
        signals.forget_interrupts().map_err(trouble)?;
        sign_in::forget_keys();
        self.guard.take_again().map_err(trouble)?;
        drop(lent);
        self.begin_anew().map_err(trouble)?;
        Ok(Come::Event(signed_in(outcome)))
    }

    fn clip(&mut self, text: &str) {
        if text.len() > terminal::LONGEST_CLIP {
            let said = "too long for the terminal's clipboard: nothing copied";
            self.app.notice = Some(Notice::new(Timestamp::now(), Tone::Warning, said));
        } else if let Err(error) = terminal::clip(text) {
            self.app.notice = Some(Notice::new(
                Timestamp::now(),
                Tone::Warning,
                format!("not copied: {error}"),
            ));
        }
    }

    fn suspend(&mut self) -> Result<(), Fault> {
        let trouble = |error: std::io::Error| Fault::new("take the terminal again", "", error);
        self.guard.stop().map_err(trouble)?;
        self.begin_anew().map_err(trouble)?;
        self.take(Event::Input(Input::Resumed));
        Ok(())
    }

    /// Draws the next frame whole. To clear the old screen would ask the terminal where its
    /// cursor is, and the answer would come to whoever reads the keys.
    fn begin_anew(&mut self) -> std::io::Result<()> {
        self.screen = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// How long the last frame stays on screen before the next. What comes
    /// meanwhile is taken and what it asks for begins: an answer that leads to
    /// the next question must not wait for a frame.
    fn frame_left(&self) -> Option<Duration> {
        let left = FRAME.checked_sub(self.drawn?.elapsed())?;
        (!left.is_zero()).then_some(left)
    }

    fn draw(&mut self) -> Result<(), Fault> {
        let began = Instant::now();
        let making = frame::begin();
        let (app, theme) = (&self.app, &self.theme);
        let screen = &mut self.screen;
        let drawn = terminal::frame(|| {
            screen.draw(|frame| ui::draw(app, theme, frame))?;
            Ok(())
        });
        drop(making);
        drawn.map_err(|error| Fault::new("draw on the terminal", "", error))?;
        self.drawn = Some(Instant::now());
        let (updating, drawing) = (std::mem::take(&mut self.updating), began.elapsed());
        if let Some(trace) = &mut self.trace {
            let (all, drawing) = ((updating + drawing).as_micros(), drawing.as_micros());
            trace.write(&format!("frame {all} us, {drawing} of them to draw it"));
        }
        Ok(())
    }
}

/// Every event and effect by name, and how long each frame took, for a bug report. Bodies and values never get here.
#[derive(Debug)]
struct Trace(File);

impl Trace {
    fn create(path: &PathBuf) -> Result<Self, Fault> {
        let file = File::options().create(true).append(true).open(path);
        file.map(Self)
            .map_err(|error| Fault::new("write the trace", path.display().to_string(), error))
    }

    fn write(&mut self, line: &str) {
        // A full disk must not end an incident console.
        let _ = writeln!(self.0, "{} {line}", Timestamp::now());
    }
}
