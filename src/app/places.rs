//! The place that is open: choosing another one, and beginning anew there.

use std::path::PathBuf;

use super::App;
use super::effect::Effects;
use super::pane::lock::LockPane;
use super::pane::situation::{Find, Lookout};
use super::sheet::choice::{Choice, Choosable};
use super::sheet::{Question, Sheet};

impl App {
    pub(super) fn choose_place(&mut self) {
        let found = self
            .situation
            .finds
            .shown()
            .map_or(&[][..], |finds| &finds.found);
        let options = found
            .iter()
            .map(|find| Choosable {
                label: find.name.clone(),
                detail: detail(find),
            })
            .collect();
        self.lay(
            Sheet::Choice(Choice::new("Places found here", options)),
            Question::Place,
        );
    }

    /// Another place: nothing that was read or allowed at the old one holds.
    pub(super) fn begin_anew(&mut self, effects: &mut Effects) {
        self.watch = None;
        self.arming = None;
        self.after_arming = None;
        self.unauthorized = None;
        self.with_desk(effects, |app, desk| app.plans.begin_anew(desk));
        self.locks = LockPane::default();
        let place = self.place().cloned();
        self.state = std::mem::take(&mut self.state).anew(place.as_ref());
        // The cursors' heights decide what is read first.
        self.arrange();
        self.read_place(effects);
        self.runbooks = std::mem::take(&mut self.runbooks).anew();
        self.reload_runbooks(effects);
        self.look_for_logs(effects);
    }

    /// Reads the locks and the versions of the place.
    fn read_place(&mut self, effects: &mut Effects) {
        self.with_desk(effects, |app, desk| {
            app.locks.reload(desk);
            app.state.reload(desk);
        });
    }

    /// Where a team's runbooks would lie: beside the place, else where we were started.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        match (self.place(), &self.start.lookout) {
            (Some(place), _) => place.directory.clone(),
            (None, Lookout::Directory(directory)) => Some(directory.clone()),
            (None, Lookout::Named(_) | Lookout::Rehearsal(_) | Lookout::Bucket { .. }) => None,
        }
    }
}

/// What the list of places says beside a directory.
fn detail(find: &Find) -> String {
    match &find.outcome {
        Ok(place) => format!("{} · workspace {}", place.full_name(), place.workspace),
        Err(fault) => fault.cause.clone(),
    }
}
