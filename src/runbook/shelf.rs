//! All pages that can be opened: the built-in ones, a person's own over them,
//! and over those the team's beside its code. A later page takes the place of
//! an earlier one with the same id.
//!
//! A file that can't be read or is no page becomes a fault of the shelf and
//! hides nothing else; not even the page that it meant to replace.

use super::page::Page;
use super::search::{Hit, lead, search};
use crate::fault::Fault;

/// Where a page came from; a later one goes over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    BuiltIn,
    /// The folder of the configuration.
    Own,
    /// `.tfsos/runbooks` beside the code.
    Team,
}

impl Origin {
    /// In a word, as a script reads it.
    pub fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Own => "own",
            Self::Team => "team",
        }
    }
}

/// A file that should be a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub origin: Origin,
    /// As a person would name it.
    pub path: String,
    pub text: String,
}

/// A page on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub page: Page,
    pub origin: Origin,
    pub path: String,
}

/// The pages by id, and what was wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shelf {
    entries: Vec<Entry>,
    faults: Vec<Fault>,
}

impl Shelf {
    /// The same shelf with more pages laid over it. The order of the sources
    /// does not matter but within one origin, where the first of an id stays.
    #[must_use]
    pub fn with(mut self, sources: impl IntoIterator<Item = Source>) -> Self {
        for source in sources {
            self.lay(source);
        }
        self.entries.sort_by(|a, b| {
            let worst_first = b.page.severity.cmp(&a.page.severity);
            worst_first.then_with(|| a.page.id.cmp(&b.page.id))
        });
        self
    }

    /// The same shelf with one more thing that went wrong.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Every page, the worst first and then by id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What could not be read.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The page with this id.
    pub fn find(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.page.id == id)
    }

    /// The entries that match, best first.
    pub fn search(&self, query: &str) -> Vec<Hit> {
        search(self.entries.iter().map(|entry| &entry.page), query)
    }

    /// The page that a text of the world leads to, such as a record of a log.
    pub fn lead(&self, text: &str) -> Option<&Entry> {
        let pages = self.entries.iter().map(|entry| &entry.page);
        self.entries.get(lead(pages, text)?)
    }

    fn lay(&mut self, source: Source) {
        let page = match Page::parse(&source.text) {
            Ok(page) => page,
            Err(malformed) => {
                let fault = Fault::new("read runbook", source.path, malformed);
                return self.faults.push(fault);
            }
        };
        let entry = Entry {
            page,
            origin: source.origin,
            path: source.path,
        };
        let same = |other: &&mut Entry| other.page.id == entry.page.id;
        match self.entries.iter_mut().find(same) {
            None => self.entries.push(entry),
            Some(below) if below.origin < entry.origin => *below = entry,
            Some(above) if above.origin > entry.origin => {}
            Some(twin) => {
                let cause = format!("its id {} is taken by {}", entry.page.id, twin.path);
                self.faults
                    .push(Fault::new("add runbook", entry.path, cause));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(origin: Origin, path: &str, id: &str) -> Source {
        Source {
            origin,
            path: path.to_owned(),
            text: format!("+++\nid = '{id}'\ntitle = '{path}'\n+++\n## a\n"),
        }
    }

    fn titles(shelf: &Shelf) -> Vec<&str> {
        shelf
            .entries()
            .iter()
            .map(|entry| entry.page.title.as_str())
            .collect()
    }

    #[test]
    fn a_later_origin_takes_the_place_of_an_earlier_one() {
        let team = source(Origin::Team, "team", "x");
        let own = source(Origin::Own, "own", "x");
        for sources in [[team.clone(), own.clone()], [own, team]] {
            assert_eq!(titles(&Shelf::default().with(sources)), ["team"]);
        }
    }

    #[test]
    fn a_faulty_file_hides_no_other_page() {
        let broken = Source {
            text: "# no front matter".into(),
            ..source(Origin::Team, ".tfsos/runbooks/state-lock.md", "x")
        };
        let built_in = Shelf::built_in();
        let count = built_in.entries().len();
        let shelf = built_in.with([broken, source(Origin::Team, "new", "new")]);
        assert_eq!(shelf.entries().len(), count + 1);
        assert_eq!(
            shelf.faults()[0].to_string(),
            "cannot read runbook .tfsos/runbooks/state-lock.md: no front matter between two lines +++ at the top"
        );
    }

    #[test]
    fn two_files_of_one_folder_cannot_share_an_id() {
        let shelf = Shelf::default().with([
            source(Origin::Team, "a.md", "x"),
            source(Origin::Team, "b.md", "x"),
        ]);
        assert_eq!(titles(&shelf), ["a.md"]);
        assert_eq!(
            shelf.faults()[0].to_string(),
            "cannot add runbook b.md: its id x is taken by a.md"
        );
    }
}
