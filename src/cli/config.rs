//! `tfsos config`: every setting with its value and where that came from.

use std::path::Path;

use serde_json::{Value, json};

use super::site::Ended;
use super::{Answer, Exit};
use crate::args::{Arguments, Config, ConfigCommand};
use crate::config::{SCHEMA, Settings, Source, Typed, path};
use crate::fault::Fault;
use crate::io::{discover, disk};

const LIMIT: u64 = 1 << 20;

/// The settings of this run. A file that is there and cannot be read is a fault.
pub fn settings(arguments: &Arguments) -> Result<Settings, Ended> {
    let environment = discover::environment();
    let path = path(&environment);
    let text = match &path {
        Some(path) => read(path).map_err(|fault| (Exit::Usage, fault))?,
        None => None,
    };
    let typed = Typed {
        read_only: arguments.read_only.then_some(true),
        theme: arguments.console.theme.clone(),
        share: arguments.console.share.then_some(true),
        cache: arguments.keeps().then_some(true),
    };
    let file = path.as_deref().zip(text.as_deref());
    Settings::of(file, &environment, &typed).map_err(|fault| (Exit::Usage, fault))
}

fn read(path: &Path) -> Result<Option<String>, Fault> {
    let fault = |cause: String| Fault::new("read the settings", path.display().to_string(), cause);
    let bytes = disk::read(path, LIMIT).map_err(|error| fault(disk::cause(&error)))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| fault("it is not UTF-8".to_owned()))
}

/// Only showing the settings needs them to be right.
pub fn answer(asked: &Config, settings: Result<Settings, Ended>) -> Result<Answer, Ended> {
    match asked.asked {
        None | Some(ConfigCommand::Show) => Ok(shown(&settings?)),
        Some(ConfigCommand::Schema) => Ok(Answer::text(Exit::Done, SCHEMA)),
        Some(ConfigCommand::Path) => {
            let path = path(&discover::environment()).ok_or_else(homeless)?;
            Ok(Answer::text(Exit::Done, path.display().to_string()))
        }
    }
}

fn homeless() -> Ended {
    let cause = "neither XDG_CONFIG_HOME nor HOME is an absolute path";
    (Exit::Unable, Fault::new("find the settings", "", cause))
}

fn shown(settings: &Settings) -> Answer {
    let rows = settings.rows();
    let line = |(name, value, source): &(&str, Value, &Source)| {
        format!("{name:<14} {:<20} {source}", value.to_string())
    };
    let text: Vec<_> = rows.iter().map(line).collect();
    let mut answer = Answer::text(Exit::Done, text.join("\n"));
    let settings = rows.iter().map(
        |(name, value, source)| json!({"name": name, "value": value, "source": source.to_string()}),
    );
    answer.own.insert("settings".to_owned(), settings.collect());
    answer
}
