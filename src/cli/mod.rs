//! The headless commands: the console's nouns and hands, printed. Every
//! command returns an [`Answer`]; this file alone prints and chooses the exit
//! status, so no two commands can differ in either.

use std::io::{self, ErrorKind, IsTerminal, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::app::text::visible;
use crate::args::{Arguments, Command, Output};
use crate::fault::Fault;
use crate::place::Place;

mod analyze;
mod body;
mod check;
mod config;
mod console;
mod demo;
mod diff;
mod digest;
mod freeze;
mod journal;
mod locks;
mod plan;
mod ready;
mod rebuild;
mod repair;
mod resources;
mod restore;
mod runbooks;
mod site;
mod unlock;
mod versions;
mod writing;

use site::Ended;

/// How a command ended; the numbers are the contract of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, nothing wrong.
    Done = 0,
    /// Something was found, or differs.
    Found = 1,
    Usage = 2,
    /// It could not look or could not finish; nothing is half done.
    Unable = 3,
    /// Refused; nothing was written.
    Refused = 4,
    /// A plan was left open; standard error names the command that resumes it.
    Open = 5,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

impl Output {
    fn format(self) -> Format {
        if self.json {
            Format::Json
        } else {
            Format::Text
        }
    }
}

/// What a command has to say.
#[derive(Debug, Clone)]
pub struct Answer {
    pub exit: Exit,
    /// For a person.
    pub text: String,
    /// The command's own keys, for `--json`.
    pub own: Map<String, Value>,
    pub place: Option<Value>,
    /// What could not be looked at, each as a sentence.
    pub unseen: Vec<String>,
    /// Said on standard error beside a text that a script may read; `--json` has it among `unseen`.
    pub aside: Vec<String>,
    pub fault: Option<Fault>,
}

impl Answer {
    /// An answer that says only this.
    pub fn text(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
            own: Map::new(),
            place: None,
            unseen: Vec::new(),
            aside: Vec::new(),
            fault: None,
        }
    }

    /// A failure, said on standard error.
    pub fn fault(exit: Exit, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::text(exit, "")
        }
    }
}

/// The `place` object of `--json`: names and no secret.
pub fn place_json(place: &Place) -> Value {
    json!({
        "name": place.full_name(),
        "short": place.short_name(),
        "workspace": place.workspace,
        "region": place.region(),
        "directory": place.directory,
    })
}

/// Does what was asked and returns the exit status.
pub fn run(arguments: Arguments) -> ExitCode {
    if arguments.command.is_some() && arguments.console.place.is_given() {
        return print(
            "tfsos",
            Format::Text,
            Answer::fault(Exit::Usage, misplaced()),
        );
    }
    if let Some(file) = &arguments.taken_up
        && let Err((exit, fault)) = take_up(file)
    {
        return print("tfsos", Format::Text, Answer::fault(exit, fault));
    }
    let settings = config::settings(&arguments);
    match arguments.command {
        None => console::open(&arguments.console, settings),
        Some(Command::Demo(asked)) => demo::open(&asked, &arguments.console, settings),
        Some(Command::Check(asked)) => headless("check", asked.output, async {
            check::answer(&asked, &settings?).await
        }),
        Some(Command::Analyze(asked)) => headless("analyze", asked.output, analyze::answer(&asked)),
        Some(Command::Locks(asked)) => headless("locks", asked.output, locks::answer(&asked)),
        Some(Command::Versions(asked)) => headless("versions", asked.output, async {
            versions::answer(&asked, &settings?).await
        }),
        Some(Command::Resources(asked)) => {
            headless("resources", asked.output, resources::answer(&asked))
        }
        Some(Command::Diff(asked)) => headless("diff", asked.output, async {
            diff::answer(&asked, &settings?).await
        }),
        Some(Command::Unlock(asked)) => headless("unlock", asked.output, async {
            Box::pin(unlock::answer(&asked, &settings?)).await
        }),
        Some(Command::Restore(asked)) => headless("restore", asked.output, async {
            restore::answer(&asked, &settings?).await
        }),
        Some(Command::Repair(asked)) => headless("repair", asked.output, repair::answer(&asked)),
        Some(Command::Rebuild(asked)) => headless("rebuild", asked.output, rebuild::answer(&asked)),
        Some(Command::Digest(asked)) => headless("digest", asked.output, async {
            digest::answer(&asked, &settings?).await
        }),
        Some(Command::Ready(asked)) => headless("ready", asked.output, async {
            ready::answer(&asked, &settings?).await
        }),
        Some(Command::Freeze(asked)) => headless("freeze", asked.output, async {
            freeze::answer(&asked, &settings?).await
        }),
        Some(Command::Thaw(asked)) => headless("thaw", asked.output, async {
            freeze::thaw(&asked, &settings?).await
        }),
        Some(Command::Journal(asked)) => {
            headless("journal", asked.output(), journal::answer(&asked))
        }
        Some(Command::Runbooks(asked)) => {
            headless("runbooks", asked.output(), runbooks::answer(&asked))
        }
        Some(Command::Config(asked)) => headless("config", asked.output, async {
            config::answer(&asked, settings)
        }),
        Some(Command::Completions(asked)) => {
            let mut script = Vec::new();
            clap_complete::generate(asked.shell, &mut Arguments::command(), "tfsos", &mut script);
            print(
                "completions",
                Format::Text,
                Answer::text(Exit::Done, String::from_utf8_lossy(&script)),
            )
        }
        Some(Command::Man(asked)) => print("man", Format::Text, manual(asked.command.as_deref())),
    }
}

/// Takes up an incident from its file, and says so where no script reads.
fn take_up(file: &Path) -> Result<(), Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| (Exit::Unable, Fault::new("start", "", error)))?;
    let taken = runtime.block_on(journal::take_up(file))?;
    // There is nowhere left to say that standard error has gone.
    let _ = writeln!(io::stderr().lock(), "tfsos: {}", visible(&taken));
    Ok(())
}

/// A place before the command belongs to the console; a command must not look elsewhere in silence.
fn misplaced() -> Fault {
    Fault::new(
        "use the place",
        "before a command",
        "the command would not look there",
    )
    .hint("the place comes last: tfsos locks DIR, tfsos locks --bucket B --key K")
}

/// Runs a command to its answer and prints that.
fn headless(
    command: &str,
    output: Output,
    answer: impl Future<Output = Result<Answer, Ended>>,
) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let answer = match &runtime {
        Ok(runtime) => runtime.block_on(answer),
        Err(error) => Err((Exit::Unable, Fault::new("start", "", error))),
    };
    let answer = answer.unwrap_or_else(|(exit, fault)| Answer::fault(exit, fault));
    let status = print(command, output.format(), answer);
    if let Ok(runtime) = runtime {
        // A thread that hangs in a system call must not keep a finished command.
        runtime.shutdown_background();
    }
    status
}

fn manual(command: Option<&str>) -> Answer {
    let root = Arguments::command();
    let page = match command {
        None => Some(root),
        Some(name) => root.find_subcommand(name).cloned(),
    };
    let Some(page) = page else {
        let fault = Fault::new(
            "print the manual of",
            command.unwrap_or_default(),
            "there is no such command",
        );
        return Answer::fault(Exit::Usage, fault.hint("tfsos --help lists the commands"));
    };
    let mut roff = Vec::new();
    match clap_mangen::Man::new(page).render(&mut roff) {
        Ok(()) => Answer::text(Exit::Done, String::from_utf8_lossy(&roff)),
        Err(error) => Answer::fault(Exit::Unable, Fault::new("print", "the manual", error)),
    }
}

/// Prints the answer and returns its exit status; a closed pipe is a quiet 0.
pub fn print(command: &str, format: Format, answer: Answer) -> ExitCode {
    let exit = answer.exit;
    let printed = match format {
        Format::Text => print_text(&answer),
        Format::Json => print_json(command, answer),
    };
    match printed {
        Ok(()) => exit.into(),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Done.into(),
        Err(_) => Exit::Unable.into(),
    }
}

fn print_text(answer: &Answer) -> io::Result<()> {
    let mut out = stdout().lock();
    if !answer.text.is_empty() {
        writeln!(out, "{}", answer.text.trim_end())?;
    }
    out.flush()?;
    for remark in &answer.aside {
        // There is nowhere left to say that standard error has gone.
        let _ = writeln!(io::stderr().lock(), "tfsos: {}", visible(remark));
    }
    if let Some(fault) = &answer.fault {
        complain(fault);
    }
    Ok(())
}

/// The one object of `--json`.
fn object(command: &str, answer: Answer) -> Value {
    let mut object = Map::new();
    object.insert("schema".into(), json!(1));
    object.insert("command".into(), json!(command));
    object.insert("tfsos".into(), json!(env!("CARGO_PKG_VERSION")));
    object.insert("at".into(), json!(Timestamp::now().to_string()));
    object.insert("place".into(), answer.place.unwrap_or(Value::Null));
    object.insert("unseen".into(), json!(answer.unseen));
    object.insert("fault".into(), json!(answer.fault));
    object.extend(answer.own);
    Value::Object(object)
}

fn print_json(command: &str, answer: Answer) -> io::Result<()> {
    // The command that resumes a plan is said where a person looks, too.
    let said = answer.fault.clone().filter(|_| answer.exit == Exit::Open);
    let mut out = stdout().lock();
    writeln!(out, "{}", object(command, answer))?;
    out.flush()?;
    if let Some(fault) = &said {
        complain(fault);
    }
    Ok(())
}

/// Says a fault on standard error: the sentence, then what to do next.
pub fn complain(fault: &Fault) {
    // There is nowhere left to say that standard error has gone.
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "tfsos: {}", visible(&fault.to_string()));
    if let Some(hint) = &fault.hint {
        let _ = writeln!(err, "  {}", visible(hint));
    }
}

/// Whether a person sits at both ends.
pub fn at_a_terminal() -> bool {
    io::stdin().is_terminal() && stdout().is_terminal()
}
