//! What exists already although a plan would create it: whose it is decides
//! what to do about it, and that is said once the states were searched for it.

use super::{Finding, leads};
use crate::state::{type_of, visible};

/// How many owners are named.
const NAMED: usize = 3;

/// A name that is taken, and what would be created under it.
#[derive(Debug, Clone, Eq)]
pub struct Taken {
    pub address: String,
    pub name: String,
    /// How many pieces of evidence say whose it is.
    told: usize,
}

/// Two are the same whatever was said of them.
impl PartialEq for Taken {
    fn eq(&self, other: &Self) -> bool {
        (&self.address, &self.name) == (&other.address, &other.name)
    }
}

/// What is known of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owned {
    /// The command that would import it; else why there is none.
    pub import: Option<Result<String, String>>,
    /// The states that have it: the key, none for the state that is looked at, and the address there.
    pub owners: Vec<(Option<String>, String)>,
    /// None before the other states were searched.
    pub searched: Option<Searched>,
}

/// How far a search through the other states came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Searched {
    /// So many states, of which so many could not be read.
    States { all: usize, unseen: usize },
    /// It came to nothing, and why.
    Failed(String),
}

impl Taken {
    pub fn new(address: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            name: name.into(),
            told: 0,
        }
    }

    /// The type of what would be created.
    pub fn kind(&self) -> Option<&str> {
        type_of(&self.address)
    }
}

impl Finding {
    /// Says whose it is, in the place of what was said before, and leads to the
    /// step for that.
    pub fn tell_owned(&mut self, owned: &Owned) {
        let Some(taken) = &mut self.taken else {
            return;
        };
        let (rows, step) = told(owned);
        self.evidence.drain(..taken.told.min(self.evidence.len()));
        taken.told = rows.len();
        self.evidence.splice(..0, rows);
        if leads::lead(self.id).is_some() {
            self.step = Some(step);
        }
    }
}

/// What is said, and the step of the runbook that goes on from there.
fn told(owned: &Owned) -> (Vec<String>, u32) {
    let mut rows = Vec::new();
    let own = owned.owners.iter().find(|(key, _)| key.is_none());
    if let Some((_, address)) = own {
        rows.push(format!(
            "this state has it already, as {}: a moved block says so, and nothing is imported",
            visible(address)
        ));
        return (rows, leads::EXISTS_RENAMED);
    }
    if !owned.owners.is_empty() {
        let named = owned.owners.iter().take(NAMED);
        rows.extend(named.map(|(key, address)| {
            let key = visible(key.as_deref().unwrap_or_default());
            format!("{key} owns it, as {}: don't import it", visible(address))
        }));
        let more = owned.owners.len().saturating_sub(NAMED);
        rows.extend((more > 0).then(|| format!("and {more} more own it")));
        rows.push(
            "read it by a data source, take another name, or let go of it there first".to_owned(),
        );
        return (rows, leads::EXISTS_WHOSE);
    }
    let (before, step) = match &owned.searched {
        None => ("if no other state owns it: ", leads::EXISTS_FIRST),
        Some(Searched::States { all, unseen: 0 }) => {
            rows.push(match all {
                0 => "there is no other state beside this one".to_owned(),
                1 => "the only other state beside this one does not have it".to_owned(),
                all => format!("none of the {all} other states beside this one has it"),
            });
            ("", leads::EXISTS_IMPORT)
        }
        Some(Searched::States { all, unseen }) => {
            rows.push(format!(
                "{unseen} of the {all} other states could not be searched: ask before you import it"
            ));
            ("if nobody else owns it: ", leads::EXISTS_WHOSE)
        }
        Some(Searched::Failed(why)) => {
            rows.push(format!("the other states were not searched: {why}"));
            ("if nobody else owns it: ", leads::EXISTS_WHOSE)
        }
    };
    rows.extend(owned.import.as_ref().map(|import| match import {
        Ok(command) => format!("{before}{command}"),
        Err(why) => format!("no import command: {why}"),
    }));
    rows.push("or delete it, if nobody needs it, or take another name".to_owned());
    (rows, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Confidence, Severity};
    use crate::runbook::Shelf;

    fn finding() -> Finding {
        let made = Finding::new(
            "resource.exists",
            Severity::Critical,
            Confidence::Certain,
            "x",
        );
        let mut finding = made.seen(["tf.log:1".to_owned()]);
        finding.taken = Some(Taken::new("module.m.aws_iam_role.a[0]", "app"));
        finding
    }

    fn told(owned: &Owned) -> (Vec<String>, Option<u32>) {
        let mut finding = finding();
        finding.tell_owned(&Owned::default());
        finding.tell_owned(owned);
        assert_eq!(finding.evidence.last().unwrap(), "tf.log:1");
        finding.evidence.pop();
        (finding.evidence, finding.step)
    }

    #[test]
    fn whose_it_is_decides_between_import_and_hands_off() {
        let import = Some(Ok("terraform import a app".to_owned()));
        let owned = |owners: &[(Option<&str>, &str)], searched| Owned {
            import: import.clone(),
            owners: owners
                .iter()
                .map(|(key, address)| (key.map(str::to_owned), (*address).to_owned()))
                .collect(),
            searched: match searched {
                None => None,
                Some((0, 0)) => Some(Searched::Failed("denied".into())),
                Some((all, unseen)) => Some(Searched::States { all, unseen }),
            },
        };
        let (rows, step) = told(&owned(&[], Some((0, 0))));
        assert_eq!(rows[0], "the other states were not searched: denied");
        assert!(rows[1].starts_with("if nobody else owns it: "), "{rows:?}");
        assert_eq!(step, Some(3));
        assert_eq!(
            told(&owned(&[], None)),
            (
                vec![
                    "if no other state owns it: terraform import a app".into(),
                    "or delete it, if nobody needs it, or take another name".into()
                ],
                Some(1)
            )
        );
        let (rows, step) = told(&owned(&[], Some((12, 0))));
        assert_eq!(
            rows[0],
            "none of the 12 other states beside this one has it"
        );
        assert_eq!(
            (rows[1].as_str(), step),
            ("terraform import a app", Some(4))
        );
        let (rows, step) = told(&owned(&[], Some((12, 2))));
        assert!(rows[1].starts_with("if nobody else owns it: "), "{rows:?}");
        assert_eq!(step, Some(3));
        let (rows, step) = told(&owned(
            &[(Some("b.tfstate"), "aws_iam_role.b")],
            Some((12, 0)),
        ));
        assert_eq!(
            rows[0],
            "b.tfstate owns it, as aws_iam_role.b: don't import it"
        );
        assert!(
            rows.iter().all(|row| !row.contains("terraform import")),
            "{rows:?}"
        );
        assert_eq!(step, Some(3));
        let (rows, step) = told(&owned(&[(None, "aws_iam_role.old")], Some((12, 0))));
        assert!(
            rows[0].contains("as aws_iam_role.old: a moved block"),
            "{rows:?}"
        );
        assert_eq!((rows.len(), step), (1, Some(2)));
    }

    #[test]
    fn the_steps_that_it_leads_to_are_there() {
        let shelf = Shelf::built_in();
        let steps = &shelf.find("resource-exists").unwrap().page.steps;
        for (step, title) in [
            (leads::EXISTS_FIRST, "Read which one"),
            (
                leads::EXISTS_RENAMED,
                "Does this state know it under another address?",
            ),
            (leads::EXISTS_WHOSE, "Whose is it?"),
            (leads::EXISTS_IMPORT, "Plan the import"),
        ] {
            assert_eq!(steps[step as usize - 1].title, title);
        }
        let finding = finding();
        let taken = finding.taken.unwrap();
        assert_eq!(taken.kind(), Some("aws_iam_role"));
    }
}
