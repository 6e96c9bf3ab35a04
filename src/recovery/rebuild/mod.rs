//! The way back for what exists and no state knows any more: `import` blocks
//! for resources that an older version had, or that carry tags, and that the
//! present state has lost. An object that another state owns is never offered:
//! two owners destroy each other's work. No secret ever becomes an id here.

mod arn;
mod missing;
mod owner;
mod table;
mod taken;
mod template;
mod written;

pub use missing::{Missing, Source, Tagged, Why, regions};
pub use owner::{Owner, Question};
pub use taken::Sought;
pub use written::Written;

use serde::{Serialize, Serializer};

/// A resource that can be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    pub address: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    /// The provider's configuration, such as `aws.west`, where it is not the default one.
    pub provider: Option<String>,
    pub source: Source,
    /// The block, as HCL.
    pub block: String,
    /// The same for Terraform before 1.5, for a shell.
    pub command: String,
}

/// A resource that is not offered, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmapped {
    pub address: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub arn: Option<String>,
    #[serde(serialize_with = "sentence")]
    pub why: Why,
    /// The key of the state that owns it, where one does.
    pub owner: Option<String>,
    pub source: Source,
}

impl Unmapped {
    /// Whether only its tags named it and another state owns it: it was never lost here.
    pub fn is_elsewhere(&self) -> bool {
        self.source == Source::Tags && self.owner.is_some()
    }
}

/// What can be imported, and what cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuild {
    pub imports: Vec<Import>,
    pub unmapped: Vec<Unmapped>,
    /// How many of the missing ones the present state has under another address.
    pub moved: usize,
}

/// What a rebuild found out, with how far it looked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    pub rebuild: Rebuild,
    /// The regions whose tags were asked for.
    pub regions: Vec<String>,
    /// How many other states were searched for owners.
    pub searched: usize,
    /// What could not be looked at, each as a sentence.
    pub unseen: Vec<String>,
    /// The version of Terraform that wrote the state.
    pub terraform: Option<String>,
}

fn sentence<S: Serializer>(why: &Why, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(why)
}

impl Rebuild {
    /// Sorts what is missing by what can be done about it. `owners` are all
    /// that were found, in the present state (no key) and in the others.
    pub fn of(missing: Vec<Missing>, owners: &[Owner]) -> Self {
        let mut rebuild = Self::default();
        for (number, missing) in missing.into_iter().enumerate() {
            let mut own = owners.iter().filter(|owner| owner.missing == number);
            if own.clone().any(|owner| owner.key.is_none()) {
                rebuild.moved += 1;
                continue;
            }
            let elsewhere = own.find_map(|owner| Some((owner.key.clone()?, owner.address.clone())));
            match elsewhere {
                Some((key, address)) => rebuild.refuse(&missing, Why::Owned { key, address }),
                None => rebuild.take(&missing),
            }
        }
        rebuild
    }

    /// Whether something that was lost is not offered.
    pub fn has_gaps(&self) -> bool {
        !self.unmapped.iter().all(Unmapped::is_elsewhere)
    }

    fn take(&mut self, missing: &Missing) {
        let id = match &missing.id {
            Ok(id) => id,
            Err(why) => return self.refuse(missing, why.clone()),
        };
        if id
            .chars()
            .chain(missing.address.chars())
            .any(char::is_control)
        {
            return self.refuse(missing, Why::Unprintable);
        }
        let same = |import: &&Import| import.kind == missing.kind && import.id == *id;
        if let Some(twin) = self.imports.iter().find(same) {
            let twin = twin.address.clone();
            return self.refuse(missing, Why::Twin(twin));
        }
        self.imports.push(written::import(missing, id));
    }

    fn refuse(&mut self, missing: &Missing, why: Why) {
        let owner = match &why {
            Why::Owned { key, .. } => Some(key.clone()),
            _ => None,
        };
        let known = |text: &String| (!text.is_empty()).then(|| text.clone());
        self.unmapped.push(Unmapped {
            address: known(&missing.address),
            kind: known(&missing.kind),
            arn: missing.arn.clone(),
            why,
            owner,
            source: missing.source,
        });
    }
}

#[cfg(test)]
mod tests;
