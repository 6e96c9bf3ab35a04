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

macro_rules! built_in {
    ($($id:literal),* $(,)?) => {
        [$(($id, include_str!(concat!("../../assets/runbooks/", $id, ".md")))),*]
    };
}

const BUILT_IN: [(&str, &str); 7] = built_in![
    "dependency-cycle",
    "enable-logging",
    "provider-auth",
    "provider-crash",
    "resource-exists",
    "state-corrupt",
    "state-lock",
];

impl Shelf {
    /// The pages that come with the program.
    pub fn built_in() -> Self {
        let sources = BUILT_IN.iter().map(|(id, text)| Source {
            origin: Origin::BuiltIn,
            path: format!("{id}.md"),
            text: (*text).to_owned(),
        });
        Self::default().with(sources)
    }

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
    use crate::runbook::{Lack, Manner, fill, lint};

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
    fn every_built_in_page_is_a_page_of_its_name_without_a_problem() {
        let shelf = Shelf::built_in();
        assert_eq!(shelf.faults(), []);
        let ids: Vec<_> = shelf
            .entries()
            .iter()
            .map(|entry| entry.page.id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "provider-auth",
                "provider-crash",
                "state-corrupt",
                "state-lock",
                "dependency-cycle",
                "resource-exists",
                "enable-logging",
            ]
        );
        for entry in shelf.entries() {
            let problems: Vec<_> = lint(&entry.page, |id| shelf.find(id).is_some())
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(problems, Vec::<String>::new(), "{}", entry.path);
        }
    }

    #[test]
    fn no_built_in_page_repeats_what_is_known_to_be_wrong() {
        // Each is fatal, or does nothing, when a person follows it.
        let wrong = [
            "export TF_LOG_PATH_CORE",
            "export TF_LOG_PATH_PROVIDER",
            "TF_CRASH_LOG_PATH=",
            "refresh -refresh-only",
            "rm .terraform.lock.hcl",
            "rm -rf .terraform\n",
            "state push -force",
            "plan -generate-config-out",
            "AWS_SECRET_ACCESS_KEY=\"",
        ];
        for (id, text) in BUILT_IN {
            for words in wrong {
                assert!(!text.contains(words), "{id} says {words}");
            }
        }
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
        let shelf = Shelf::built_in().with([broken, source(Origin::Team, "new", "new")]);
        assert_eq!(shelf.entries().len(), BUILT_IN.len() + 1);
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

    #[test]
    fn the_errors_that_people_paste_lead_to_their_page() {
        let shelf = Shelf::built_in();
        let lead = |text: &str| {
            let hits = shelf.search(text);
            hits.first()
                .map(|hit| shelf.entries()[hit.index].page.id.clone())
        };
        let leads = [
            (
                "│ Error: Error acquiring the state lock\n│ \n│ Error message: operation error DynamoDB: PutItem, https response error\n│ StatusCode: 400, RequestID: X, ConditionalCheckFailedException: The conditional\n│ request failed",
                "state-lock",
            ),
            (
                "Error: Error acquiring the state lock\n\nError message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: X, HostID: Y, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold",
                "state-lock",
            ),
            (
                "Error: No valid credential sources found\n\nPlease see https://developer.hashicorp.com/terraform/language/backend/s3 for more information",
                "provider-auth",
            ),
            (
                "validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: X, api error ExpiredToken: The security token included in the request is expired",
                "provider-auth",
            ),
            (
                "Error: Plugin did not respond\n\nThe plugin encountered an error, and failed to respond to the plugin6.(*GRPCProvider).ReadResource call. The plugin logs may contain more details.",
                "provider-crash",
            ),
            (
                "Error: Cycle: terraform_data.b, terraform_data.a",
                "dependency-cycle",
            ),
            (
                "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.",
                "resource-exists",
            ),
            (
                "Error: Unsupported state file format\n\nThe state file could not be parsed as JSON: syntax error at byte offset 61203.",
                "state-corrupt",
            ),
            (
                "Error: Error acquiring the state lock\n\nError message: 2 problems:\n\n- Unsupported state file format: The state file could not be parsed as JSON: syntax\nerror at byte offset 1.",
                "state-corrupt",
            ),
            (
                "error loading state: state data in S3 does not have the expected content.\n\nThe checksum calculated for the state stored in S3 does not match the checksum stored in DynamoDB.",
                "state-corrupt",
            ),
        ];
        for (text, id) in leads {
            assert_eq!(lead(text).as_deref(), Some(id), "{text}");
        }
    }

    #[test]
    fn no_command_of_a_built_in_page_puts_a_value_where_quoting_is_unsafe() {
        let mut hostile = crate::runbook::Context::new();
        for placeholder in crate::runbook::Placeholder::all() {
            hostile.set(placeholder, "'; rm -rf $(pwd) \u{1b}");
        }
        for entry in Shelf::built_in().entries() {
            for snippet in entry
                .page
                .steps
                .iter()
                .flat_map(crate::runbook::Step::copies)
            {
                let filled = snippet.fill(&hostile);
                assert_eq!(filled.lacks, Vec::<Lack>::new(), "{}", snippet.text);
            }
        }
        let prose = fill("{{lock.id}}", &hostile, Manner::Prose)
            .whole()
            .unwrap();
        assert!(!prose.contains('\u{1b}'));
    }
}
