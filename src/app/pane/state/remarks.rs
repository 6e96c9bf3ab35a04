//! What is wrong with what the columns show, and what stands where there are no
//! rows to show.

use super::StatePane;
use super::glance::sign;
use super::layout::Column;
use super::opening::FOLLOWED;
use crate::app::role::Role;
use crate::app::text::{size, wrap};
use crate::fault::Fault;
use crate::state::Kind;

/// At most so many rows of a column say what is wrong.
const REMARKS: usize = 6;

impl StatePane {
    /// The id of the runbook for what is under the cursor.
    pub fn runbook(&self) -> &'static str {
        match self.history.here().map(|version| version.kind) {
            Some(Kind::DeleteMarker) => "state-deleted",
            Some(Kind::Object | Kind::Beside(_)) | None => "state-corrupt",
        }
    }

    /// What is wrong with what a column shows, above its rows.
    pub fn remarks(&self, column: Column) -> Vec<(Role, String)> {
        let columns = usize::from(self.column_area(column).width).saturating_sub(4);
        if columns == 0 {
            return Vec::new();
        }
        let mut rows = Vec::new();
        let versions = self.history.list.shown();
        let denied = versions.and_then(|versions| versions.denied.as_ref());
        let faults = match column {
            Column::Versions => [
                self.history.list.fault().or(denied),
                self.history.reading_fault(),
                self.history.others_fault(),
            ],
            Column::Resources => [self.opened.fault(), self.here_unreadable(), None],
            Column::Attributes if self.dependents.is_some() => [None; 3],
            Column::Attributes => [self.details.fault(), None, None],
        };
        for fault in faults.into_iter().flatten() {
            rows.push((Role::Critical, format!("✖ {fault}")));
            rows.extend(fault.hint.clone().map(|hint| (Role::Note, hint)));
        }
        if let (Column::Resources, Some(opened)) = (column, self.shown()) {
            let (glyph, role) = sign(opened.contents.health);
            let why = opened.contents.why.iter();
            rows.extend(why.map(|why| (role, format!("{glyph} {why}"))));
        }
        let wrapped = rows.into_iter().flat_map(|(role, text)| {
            let rows = wrap(&text, columns).into_iter();
            rows.map(move |row| (role, row))
        });
        let excerpt = match (column, self.shown()) {
            (Column::Resources, Some(opened)) => opened.excerpt.as_deref(),
            _ => None,
        };
        let excerpt = excerpt.map(|text| (Role::Code, clip_start(text, columns)));
        wrapped.take(REMARKS).chain(excerpt).collect()
    }

    /// What the resources say in the place of rows that they do not have.
    pub fn nothing(&self) -> Option<String> {
        let here = self.history.here()?;
        if here.kind == Kind::DeleteMarker {
            return Some("– the state was deleted at this point".to_owned());
        }
        let follows = here.size <= FOLLOWED || self.is_wanted(here);
        (!follows).then(|| format!("enter reads it: {}", size(here.size)))
    }

    fn here_unreadable(&self) -> Option<&Fault> {
        let here = self.history.here()?;
        // The fault of opening it says the same.
        let opening = self.opened.fault().is_some() || self.is_shown(&here.id);
        self.history.unreadable(&here.id).filter(|_| !opening)
    }
}

/// The end of a text that fits into so many columns.
fn clip_start(text: &str, columns: usize) -> String {
    let skipped = text.chars().count().saturating_sub(columns);
    let dots = if skipped > 0 { "…" } else { "" };
    let kept = text.chars().skip(skipped + dots.chars().count());
    dots.chars().chain(kept).collect()
}
