//! Giving away what is shown: into a new file whose path is typed.

use std::path::PathBuf;

use super::job::{LogJob, Selection};
use super::{LogPane, LogQuestion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::app::text::count;
use crate::fault::Fault;
use crate::log::FileNo;

/// An export under way, and where it goes.
#[derive(Debug, Default)]
pub struct Exporting {
    pub load: Load<()>,
    path: PathBuf,
}

impl LogPane {
    pub(super) fn ask_export(&mut self, desk: &mut Desk<'_>) {
        if self.overview.rows() == 0 {
            return desk.say(Tone::Note, "nothing is shown that could be exported");
        }
        if self.sifting().is_changing() {
            return desk.say(Tone::Note, "the filters are still being judged");
        }
        let rows = count(self.overview.rows());
        let label = format!("export {rows} records to");
        let hint = "a new file · secrets stay masked";
        let prompt = Prompt::new(label, hint, &self.suggestion(), Pace::AtTheEnd);
        desk.open(Sheet::Prompt(prompt), Asker::Log(LogQuestion::Export));
    }

    /// A name beside us that no look for logs takes for one.
    fn suggestion(&self) -> String {
        let name = self.files.first().map_or("log", |file| &file.name);
        let name = name.rsplit('/').next().unwrap_or(name);
        let stem = name.split('.').next().unwrap_or(name);
        format!("{}-shown.txt", stem.replace(' ', "-"))
    }

    pub(super) fn hear_export(&mut self, outcome: &Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        let path = texts.first().map(|text| text.trim()).unwrap_or_default();
        if path.is_empty() {
            return;
        }
        let numbered = (0..=u16::MAX).map(FileNo).zip(&self.files);
        let files =
            numbered.map(|(file, followed)| (file, followed.generation, followed.index.length()));
        let selection = Selection {
            files: files.collect(),
            sieve: self.sifting().sieve().clone(),
            floor: self.floor(),
        };
        let (feed, path) = (self.following, PathBuf::from(path));
        let ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Export {
                ticket,
                feed,
                path: path.clone(),
                selection: Box::new(selection),
            })
        });
        self.exporting.path = path;
        self.exporting.load.expect(ticket, desk.now);
    }

    pub(super) fn hear_exported(
        &mut self,
        ticket: Ticket,
        outcome: Result<u64, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let (tone, sentence) = match &outcome {
            Ok(records) => {
                let path = self.exporting.path.display();
                (
                    Tone::Fine,
                    format!("exported {} records to {path}", count(*records)),
                )
            }
            Err(fault) => (Tone::Warning, fault.to_string()),
        };
        let settled = self
            .exporting
            .load
            .settle(ticket, desk.now, outcome.map(|_| ()));
        if settled == Settled::Taken {
            desk.say(tone, sentence);
        }
    }
}
