//! What the logs that were named add to the findings of a check.

use std::path::{Path, PathBuf};

use tokio::task;

use crate::app::pane::log::Judgment;
use crate::cli::Exit;
use crate::cli::site::{Ended, unable};
use crate::fault::Fault;
use crate::io::follow::{hear, judge_heard};
use crate::log::Input;

/// What is wrong by these logs; one that can't be read is said among what was not seen.
pub async fn findings(logs: &[PathBuf], unseen: &mut Vec<String>) -> Result<Judgment, Ended> {
    let standard_input = logs.iter().filter(|path| *path == Path::new("-"));
    if standard_input.count() > 1 {
        let fault = Fault::new("read", "standard input", "it was named twice");
        return Err((Exit::Usage, fault));
    }
    let inputs: Vec<Input> = logs.iter().map(|path| Input::named(path)).collect();
    let heard = task::spawn_blocking(move || {
        let (mut heard, mut faults) = (Vec::new(), Vec::new());
        for outcome in inputs.iter().map(hear) {
            match outcome {
                Ok(log) => {
                    faults.extend(log.broken_off.clone());
                    heard.push(log);
                }
                Err(fault) => faults.push(fault),
            }
        }
        (judge_heard(&heard), faults)
    });
    let (judgment, faults) = heard.await.map_err(|_| {
        let cause = "it failed inside; this is a defect of tfsos";
        unable(Fault::new("read log", "", cause))
    })?;
    unseen.extend(faults.iter().map(Fault::to_string));
    Ok(judgment)
}
