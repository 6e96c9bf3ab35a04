//! What is read of a version that is open: its tree, one of its resources, and
//! what of it nobody touched for long.

use std::sync::{Arc, OnceLock};

use crate::fault::Fault;
use crate::state::lint::{self, Grade, Surroundings, Untouched};
use crate::state::{
    Addresses, Anatomy, Attribute, Contents, InstanceNo, Reach, Reading, Shown, Snapshot, Status,
    Tree, Version, VersionId, Web,
};

/// A version whose body was read whole, ready to be browsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub version: Version,
    pub contents: Contents,
    /// The line around what is broken, values masked.
    pub excerpt: Option<String>,
    /// None where nothing can be shown: no bytes, encrypted, an older format.
    pub snapshot: Option<Arc<Snapshot>>,
    pub tree: Tree,
    pub addresses: Arc<Addresses>,
    /// What it is made of.
    pub anatomy: Anatomy,
    /// What depends on what, read when it is first asked for.
    web: OnceLock<Web>,
}

impl Opened {
    /// Reads a version's body; the work is linear in its bytes.
    pub fn of(version: Version, body: &Arc<[u8]>) -> Self {
        let reading = Reading::of(Arc::clone(body));
        let snapshot = reading.snapshot();
        Self {
            contents: Contents::of(body, &reading),
            excerpt: match &reading {
                Reading::Damaged { damage, .. } => Some(damage.excerpt.clone()),
                Reading::Whole(_) | Reading::Empty | Reading::Encrypted(_) | Reading::Older(_) => {
                    None
                }
            },
            tree: snapshot.map(Tree::of).unwrap_or_default(),
            anatomy: snapshot.map(Anatomy::of).unwrap_or_default(),
            addresses: Arc::new(snapshot.map(Addresses::of).unwrap_or_default()),
            snapshot: snapshot.cloned().map(Arc::new),
            version,
            web: OnceLock::new(),
        }
    }

    /// What the resource of an instance needs and what needs it; linear in the instances the first time.
    pub fn reach(&self, no: InstanceNo) -> Option<Reach> {
        let snapshot = self.snapshot.as_ref()?;
        let web = self.web.get_or_init(|| Web::of(snapshot));
        web.reach(&snapshot.resource(no)?.address)
    }
}

/// One instance with everything that may be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub instance: InstanceNo,
    pub name: String,
    pub status: Status,
    pub id: Option<Shown>,
    pub provider: String,
    pub attributes: Vec<Attribute>,
    /// The configuration addresses that it depends on.
    pub needs: Vec<String>,
    /// What could be better about it.
    pub advice: Vec<(Grade, String)>,
}

impl Details {
    /// Parses an instance's attributes; none where the version has no such instance.
    pub fn of(
        opened: &Opened,
        no: InstanceNo,
        around: &Surroundings<'_>,
        aged: Option<&Aged>,
    ) -> Option<Self> {
        let snapshot = opened.snapshot.as_ref()?;
        let rules = lint::of_instance(snapshot, no, around).into_iter();
        let rules = rules.map(|rule| (rule.severity, rule.says.clone()));
        let since = aged.and_then(|aged| aged.untouched.since(no));
        let since = since.map(|former| (Grade::Info, Untouched::says(former)));
        Some(Self {
            advice: rules.chain(since).collect(),
            instance: no,
            name: snapshot.name(no)?,
            status: snapshot.instance(no)?.status,
            id: snapshot.id(no),
            provider: snapshot.provider(no)?.to_owned(),
            attributes: snapshot.attributes(no),
            needs: snapshot.dependencies(no),
        })
    }
}

impl Details {
    /// The attribute on a row, where one stands there.
    pub fn attribute(&self, row: usize) -> Option<&Attribute> {
        let above = self.advice.len() + usize::from(self.status == Status::Tainted);
        let row = row.checked_sub(above)?;
        self.ordered().into_iter().nth(row)
    }

    /// The attributes as they are read, the id first.
    fn ordered(&self) -> Vec<&Attribute> {
        let mut ordered: Vec<_> = self.attributes.iter().collect();
        ordered.sort_by_key(|attribute| attribute.path.to_string() != "id");
        ordered
    }

    /// Every row: its taint, advice on it, its id, its other attributes, what it needs, its provider.
    pub fn rows(&self) -> Vec<(String, Shown)> {
        let plain = |name: &str, text: &str| (name.to_owned(), Shown::Plain(text.to_owned()));
        let row = |attribute: &Attribute| (attribute.path.to_string(), attribute.shown.clone());
        let mut rows: Vec<(String, Shown)> = self.ordered().into_iter().map(row).collect();
        let advice = self.advice.iter().map(|(grade, says)| {
            let sign = match grade {
                Grade::Warning => "▲",
                Grade::Info => "●",
            };
            plain("(advice)", &format!("{sign} {says}"))
        });
        rows.splice(0..0, advice);
        if self.status == Status::Tainted {
            rows.insert(0, plain("(status)", "tainted: the next apply replaces it"));
        }
        rows.extend(self.needs.iter().map(|needed| plain("(needs)", needed)));
        rows.push(plain("(provider)", &self.provider));
        rows
    }
}

/// What nobody touched for long, by the versions that were the state then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged {
    /// The version that was compared with them.
    pub of: VersionId,
    pub untouched: Untouched,
    /// The old versions that could not be compared with.
    pub unseen: Vec<Fault>,
}
