//! `tfsos demo`: the real console on a sandbox with a live incident in it. No
//! AWS, no Terraform, no network; everything can be done, and nothing is left
//! behind.

use std::process::ExitCode;

use jiff::Timestamp;

use super::console::{said, setup, unable};
use super::site::Ended;
use crate::app::pane::situation::Lookout;
use crate::args::{Console, Demo};
use crate::config::Settings;
use crate::drill::DEMO;
use crate::io::scenario::Playing;
use crate::run;

/// Opens the console on the demo's incident and returns the exit status.
pub fn open(asked: &Demo, console: &Console, settings: Result<Settings, Ended>) -> ExitCode {
    said(
        Playing::begin(DEMO, asked.seed, Timestamp::now())
            .map_err(unable)
            .and_then(|playing| {
                let lookout = Lookout::Rehearsal(Box::new(playing.rehearsal().clone()));
                let mut setup = setup(console, lookout, &settings?)?;
                // Journals, progress and logs of a rehearsal must not mix with the real ones.
                let kept = playing.rehearsal().folder.join("kept");
                setup.environment = setup
                    .environment
                    .with("XDG_STATE_HOME", kept.to_string_lossy())
                    .with("TF_LOG_PATH", "");
                setup.start.logs.extend(playing.log().map(Into::into));
                run::console(setup).map_err(unable)
            }),
    )
}
