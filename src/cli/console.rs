//! `tfsos [DIR]`: opens the console.

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use jiff::tz::TimeZone;

use super::site::Ended;
use super::{Answer, Exit, Format, at_a_terminal, print};
use crate::app::arrange::Area;
use crate::app::pane::situation::Lookout;
use crate::app::{Share, Start};
use crate::args::{Console, Named};
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::cache::Cache;
use crate::io::discover;
use crate::run::{self, Setup};
use crate::ui::theme::{BUILT_IN, Depth, Glyphs, Theme};

/// Opens the console and returns the exit status.
pub fn open(arguments: &Console, settings: Result<Settings, Ended>) -> ExitCode {
    said(at(arguments).and_then(|lookout| {
        let setup = setup(arguments, lookout, &settings?)?;
        run::console(setup).map_err(unable)
    }))
}

/// Where the arguments say that the state is.
fn at(arguments: &Console) -> Result<Lookout, (Exit, Fault)> {
    let named = arguments.place.named(&discover::environment());
    Ok(match named.map_err(usage)? {
        Named::Directory(directory) => Lookout::Directory(directory),
        Named::Flags(place) => Lookout::Named(place),
        Named::Bucket { root, prefix } => Lookout::Bucket { root, prefix },
    })
}

/// A console that looks there, as the arguments want it.
pub fn setup(
    arguments: &Console,
    lookout: Lookout,
    settings: &Settings,
) -> Result<Setup, (Exit, Fault)> {
    let reads_input = arguments.logs.iter().any(|log| log.as_os_str() == "-");
    // Keys come from the terminal itself where standard input is a log.
    if !(at_a_terminal() || reads_input && stdout().is_terminal()) {
        return Err(usage(no_terminal()));
    }
    let environment = discover::environment();
    let cache = settings.cache.value.then(|| Cache::open(&environment));
    Ok(Setup {
        start: Start {
            lookout,
            logs: arguments.logs.clone(),
            read_only: settings.read_only_by(),
            write_profile: settings.writes_as(),
            contact: Some(settings.contact.value.clone()).filter(|contact| !contact.is_empty()),
            login_command: settings.login_command.value.clone(),
            share: if settings.share.value {
                Share::On
            } else {
                Share::Off
            },
            zone: TimeZone::system(),
            screen: Area::default(),
        },
        theme: theme(&settings.theme.value).map_err(usage)?,
        environment,
        replica: settings.replica_bucket.value.clone(),
        terraform: settings.terraform.value.clone(),
        cache: cache.transpose().map_err(unable)?,
        trace: arguments.trace.clone(),
    })
}

/// The exit status of a console, its fault printed.
pub fn said(ended: Result<ExitCode, (Exit, Fault)>) -> ExitCode {
    match ended {
        Ok(status) => status,
        Err((exit, fault)) => print("console", Format::Text, Answer::fault(exit, fault)),
    }
}

fn usage(fault: Fault) -> (Exit, Fault) {
    (Exit::Usage, fault)
}

pub fn unable(fault: Fault) -> (Exit, Fault) {
    (Exit::Unable, fault)
}

/// What is said where there is no terminal to open on.
pub fn no_terminal() -> Fault {
    Fault::new(
        "open the console",
        "",
        "standard input and output are not a terminal",
    )
    .hint("tfsos check says what is wrong without one")
}

/// A built-in theme by name, else a theme file, at what this terminal can show.
pub fn theme(name: &str) -> Result<Theme, Fault> {
    let variable = |name: &str| std::env::var(name).ok();
    let (depth, glyphs) = (Depth::of(variable), Glyphs::of(variable));
    if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
        return Theme::read(name, text, depth, glyphs);
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        Fault::new("read the theme", name, error)
            .hint("built in: dark, light, high-contrast; else the path of a file")
    })?;
    Theme::read(name, &text, depth, glyphs)
}
