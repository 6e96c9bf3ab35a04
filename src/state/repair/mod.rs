//! A damaged state made loadable again: every instance that stands whole is
//! kept byte for byte, small faults around it are mended, and what is gone is
//! told, never guessed.
//!
//! Where a damage may hide the end of one resource and the beginning of
//! another, the instances behind it are kept only if a version to compare with
//! holds them under the same address with the same id.

use std::collections::HashMap;

use super::address::{Address, Key, ResourceAddress};
use super::reading::Reading;
use super::snapshot::{InstanceNo, Snapshot};

mod compose;
mod entry;
mod fix;
mod layout;
mod mend;
mod rough;
mod shape;

pub use fix::{Fix, Kind as FixKind, Lost};
use fix::{Fixes, Kind};
use rough::{Belongs, Document, Piece, Rough};
use shape::About;

/// A damaged state with what could be saved of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Repaired {
    /// A state that Terraform loads.
    pub text: Vec<u8>,
    pub fixes: Vec<Fix>,
    /// How many instances were kept.
    pub salvaged: usize,
    /// What the damage cost, and what only the version compared with holds.
    pub lost: Vec<Lost>,
}

impl std::fmt::Debug for Repaired {
    /// Never prints the text: it holds secrets in clear.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repaired")
            .field("fixes", &self.fixes)
            .field("salvaged", &self.salvaged)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// Why nothing can be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hopeless {
    /// It has no bytes.
    Empty,
    /// What OpenTofu encrypted is whole or not there at all.
    Encrypted,
    /// Formats 1 to 3, which only Terraform can read.
    Older(u64),
    /// A format that no known Terraform writes.
    Newer(u64),
    /// Not one whole instance stands in it.
    Nothing,
    /// It would still not load, for this.
    StillDamaged(String),
}

impl std::fmt::Display for Hopeless {
    /// As the end of a sentence about the state.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("it has no bytes"),
            Self::Encrypted => f.write_str("it is encrypted by OpenTofu"),
            Self::Older(format) => write!(
                f,
                "it uses format version {format}, which only Terraform can read"
            ),
            Self::Newer(format) => write!(
                f,
                "it uses format version {format}, which no known Terraform writes"
            ),
            Self::Nothing => f.write_str("not one whole resource stands in it"),
            Self::StillDamaged(why) => write!(f, "what could be saved would still not load: {why}"),
        }
    }
}

/// Saves what can be saved; `known` is a version to compare with.
pub fn repair(text: &[u8], known: Option<&Snapshot>) -> Result<Repaired, Hopeless> {
    match Reading::of(text) {
        Reading::Whole(snapshot) => {
            return Ok(Repaired {
                text: text.to_vec(),
                fixes: Vec::new(),
                salvaged: snapshot.instances().count(),
                lost: Vec::new(),
            });
        }
        Reading::Empty => return Err(Hopeless::Empty),
        Reading::Encrypted(_) => return Err(Hopeless::Encrypted),
        Reading::Older(header) => return Err(Hopeless::Older(header.format.unwrap_or_default())),
        Reading::Damaged { .. } => {}
    }
    let document = Document::read(text);
    let mut salvage = Salvage {
        known: known.map(Known::of),
        fixes: document.fixes,
        lost: document.lost,
        kept: Vec::new(),
        taken: HashMap::new(),
    };
    for rough in document.resources {
        salvage.take(rough);
    }
    let top = compose::header(&document.top, known, &mut salvage.fixes, &mut salvage.lost)?;
    salvage.finish(&top)
}

/// An instance by its resource, its key and its deposed key.
type Name = (ResourceAddress, Option<Key>, Option<Box<str>>);

/// The version to compare with.
struct Known<'a> {
    snapshot: &'a Snapshot,
    instances: HashMap<Name, InstanceNo>,
}

impl<'a> Known<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let named = snapshot.instances().filter_map(|(no, instance)| {
            let address = snapshot.resource(no)?.address.clone();
            Some((
                (address, instance.key.clone(), instance.deposed.clone()),
                no,
            ))
        });
        Self {
            snapshot,
            instances: named.collect(),
        }
    }

    /// Whether it holds the same object under the same name.
    fn holds(&self, name: &Name, piece: &Piece<'_>) -> bool {
        let Some(no) = self.instances.get(name) else {
            return false;
        };
        match (&piece.about.id, self.snapshot.raw_id(*no)) {
            (Some(id), Some(known)) => id == known,
            _ => self
                .snapshot
                .instance(*no)
                .is_some_and(|one| self.snapshot.raw(one.span) == &*piece.text),
        }
    }
}

/// A resource with the instances that were kept of it.
struct Kept<'a> {
    rough: Rough<'a>,
    instances: Vec<Piece<'a>>,
}

struct Salvage<'a, 'k> {
    known: Option<Known<'k>>,
    fixes: Fixes,
    lost: Vec<Lost>,
    kept: Vec<Kept<'a>>,
    /// Where in `kept` each instance stands.
    taken: HashMap<Name, (usize, usize)>,
}

impl<'a> Salvage<'a, '_> {
    /// Takes in what is whole of a resource.
    fn take(&mut self, mut rough: Rough<'a>) {
        let fields = rough
            .members
            .iter()
            .map(|member| (&*member.name, member.value()));
        let address = match shape::resource(fields) {
            Ok(address) => address,
            Err(why) => return self.lose_whole(&rough, why),
        };
        let pieces = std::mem::take(&mut rough.pieces);
        let broken = std::mem::take(&mut rough.broken);
        let is_empty = pieces.is_empty() && broken.is_empty();
        if is_empty && !rough.listed {
            let why = "its instances are gone".to_owned();
            return self.lose(&(address, None, None), rough.at, why);
        }
        for broken in broken {
            let name = (address.clone(), broken.about.key, broken.about.deposed);
            self.lose(&name, broken.at, broken.why);
        }
        let place = self.kept.len();
        self.kept.push(Kept {
            rough,
            instances: Vec::with_capacity(pieces.len()),
        });
        for piece in pieces {
            let About { key, deposed, .. } = piece.about.clone();
            let name = (address.clone(), key, deposed);
            if let Some(piece) = self.admitted(&name, piece) {
                let instances = &mut self.kept[place].instances;
                self.taken.insert(name, (place, instances.len()));
                instances.push(piece);
            }
        }
        if !is_empty && self.kept[place].instances.is_empty() {
            self.kept.pop();
        }
    }

    /// The piece, if it surely belongs there and is the only one of its name.
    fn admitted(&mut self, name: &Name, piece: Piece<'a>) -> Option<Piece<'a>> {
        let confirmed = self
            .known
            .as_ref()
            .is_some_and(|known| known.holds(name, &piece));
        if piece.belongs == Belongs::Perhaps && !confirmed {
            let why = "it stands behind the damage, so it may be of another resource";
            self.lose(name, piece.at, why.into());
            return None;
        }
        let Some((place, number)) = self.taken.get(name).copied() else {
            return Some(piece);
        };
        self.fixes.note(Kind::Duplicate, piece.at);
        let first = &mut self.kept[place].instances[number];
        if first.text == piece.text {
            return None;
        }
        let known = self.known.as_ref();
        let better = confirmed && !known.is_some_and(|known| known.holds(name, first));
        let at = if better {
            std::mem::replace(first, piece).at
        } else {
            piece.at
        };
        let which = if better {
            "the one that the version compared with holds"
        } else {
            "the first of them"
        };
        self.lose(
            name,
            at,
            format!("it was there twice, and differently: {which} was kept"),
        );
        None
    }

    fn lose(&mut self, (resource, key, deposed): &Name, at: usize, why: String) {
        self.lost.push(Lost {
            address: Some(named(resource, key.as_ref(), deposed.as_deref())),
            at: Some(at),
            why,
        });
    }

    /// A resource that cannot be named takes its instances with it.
    fn lose_whole(&mut self, rough: &Rough<'_>, why: &str) {
        let inside = match rough.pieces.len() {
            // What only looked like a resource behind a damage is part of that damage.
            0 if rough.found => return,
            0 => String::new(),
            1 => ", with an instance".to_owned(),
            count => format!(", with {count} instances"),
        };
        self.lost.push(Lost {
            address: None,
            at: Some(rough.at),
            why: format!("a resource: {why}{inside}"),
        });
    }

    fn finish(mut self, top: &compose::Top<'_>) -> Result<Repaired, Hopeless> {
        let salvaged = self.kept.iter().map(|kept| kept.instances.len()).sum();
        if salvaged == 0 {
            return Err(Hopeless::Nothing);
        }
        self.miss();
        let resources = self
            .kept
            .iter()
            .map(|kept| (&*kept.rough.members, &*kept.instances));
        let text = compose::text(top, resources);
        if let Reading::Damaged { damage, .. } = Reading::of(&*text) {
            return Err(Hopeless::StillDamaged(damage.refusal.to_string()));
        }
        Ok(Repaired {
            text,
            fixes: self.fixes.told(),
            salvaged,
            lost: self.lost,
        })
    }

    /// Lists what only the version to compare with holds, each once.
    fn miss(&mut self) {
        let Some(known) = &self.known else { return };
        let told: std::collections::HashSet<&str> = self
            .lost
            .iter()
            .filter_map(|lost| lost.address.as_deref())
            .collect();
        let missing = known.snapshot.instances().filter_map(|(no, instance)| {
            let address = known.snapshot.resource(no)?.address.clone();
            let name = (address, instance.key.clone(), instance.deposed.clone());
            let text = named(&name.0, name.1.as_ref(), name.2.as_deref());
            (!self.taken.contains_key(&name) && !told.contains(&*text)).then_some(text)
        });
        let missing: Vec<Lost> = missing
            .map(|address| Lost {
                address: Some(address),
                at: None,
                why: "only the version compared with holds it".into(),
            })
            .collect();
        self.lost.extend(missing);
    }
}

/// An instance as Terraform's own messages name it.
fn named(resource: &ResourceAddress, key: Option<&Key>, deposed: Option<&str>) -> String {
    let address = Address {
        resource: resource.clone(),
        key: key.cloned(),
    };
    match deposed {
        Some(deposed) => format!("{address} (deposed object {deposed})"),
        None => address.to_string(),
    }
}

#[cfg(test)]
mod tests;
