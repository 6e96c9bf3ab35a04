//! Evidence for the open runbook: what is under the cursor of another pane, as
//! it will still be understood when the pane shows something else.

use std::fmt::Write as _;

use super::App;
use super::effect::Effects;
use super::notice::{Notice, Tone};
use super::pane::PaneId;
use super::pane::state::Column;
use super::text::{age, count, size};
use crate::runbook::Evidence;

impl App {
    /// Pins what is under the cursor to the step of the open runbook.
    pub(super) fn pin(&mut self, effects: &mut Effects) {
        let Some(evidence) = self.evidence_here() else {
            let said = "nothing to pin here: g takes a finding, a log record, a version, a resource or a lock";
            self.notice = Some(Notice::new(self.now, Tone::Note, said));
            return;
        };
        self.with_desk(effects, |app, desk| app.runbooks.pin(evidence, desk));
    }

    fn evidence_here(&self) -> Option<Evidence> {
        match self.focus {
            PaneId::Situation => self.finding_evidence(),
            PaneId::Logs => self.record_evidence(),
            PaneId::State => self.resource_evidence().or_else(|| self.version_evidence()),
            PaneId::Locks => self.lock_evidence(),
            PaneId::Runbooks => None,
        }
    }

    fn finding_evidence(&self) -> Option<Evidence> {
        let finding = self.finding_here()?;
        let mut text = finding.claim.clone();
        for seen in &finding.evidence {
            text.push('\n');
            text.push_str(seen);
        }
        Some(Evidence::new(self.now, finding.id, &text))
    }

    /// The record is masked already.
    fn record_evidence(&self) -> Option<Evidence> {
        let here = self.logs.cursor().place;
        let (_, kept) = self.logs.shown().find(|(spot, _)| spot.place == here)?;
        let name = &self.logs.file(here.file)?.name;
        let number = u64::from(here.record.0) + 1;
        let subject = format!("{name} record {}", count(number));
        Some(Evidence::new(self.now, subject, &kept.record.text))
    }

    fn version_evidence(&self) -> Option<Evidence> {
        let history = &self.state.history;
        let version = history.here()?;
        let mut text = format!(
            "{}, written {:.0}, {} ago",
            size(version.size),
            version.modified,
            age(self.now, version.modified)
        );
        // Writing to a string cannot fail.
        if let Some(contents) = history.contents(&version.id) {
            if let Some(serial) = contents.serial {
                let _ = write!(text, ", serial {}", serial.0);
            }
            if let Some(resources) = contents.resources {
                let _ = write!(text, ", {resources} resources");
            }
            if let Some(why) = &contents.why {
                let _ = write!(text, ", {why}");
            }
        }
        let subject = format!("version {}", version.id);
        Some(Evidence::new(self.now, subject, &text))
    }

    /// Only where the cursor stands among the resources of a version.
    fn resource_evidence(&self) -> Option<Evidence> {
        if self.state.column == Column::Versions {
            return None;
        }
        let address = self.state.browser.address()?;
        let version = self.state.history.here()?;
        let text = format!("in version {}", version.id);
        Some(Evidence::new(self.now, address, &text))
    }

    fn lock_evidence(&self) -> Option<Evidence> {
        let seen = self.locks.here()?;
        let holder = seen.holder().unwrap_or_default();
        let since = holder
            .created_at()
            .map_or_else(String::new, |at| format!(", since {at:.0}"));
        let text = format!(
            "held by {} for {}{since}, id {}",
            holder.who,
            holder.operation_word(),
            holder.id
        );
        let subject = format!("{} {}/{}", seen.store, seen.container, seen.key);
        Some(Evidence::new(self.now, subject, &text))
    }
}
