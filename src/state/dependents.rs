//! What a resource needs and what needs it, as trees, and what a `-target` or
//! a removal of it would touch.
//!
//! Terraform stores with each instance everything that it depends on, however
//! far away; a branch of these trees is only what no other branch leads to.

use std::collections::{HashMap, HashSet};

use super::address::ResourceAddress;
use super::snapshot::{InstanceNo, Snapshot};

/// A tree is cut off after so many rows.
const ROWS: usize = 2_000;

/// A resource by its number in the web.
type Place = u32;

/// The dependencies between all resources of a snapshot, by configuration address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Web {
    resources: Vec<Known>,
    places: HashMap<String, Place>,
}

/// One resource of the web.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Known {
    address: String,
    instances: usize,
    /// None where it is only named by others.
    first: Option<InstanceNo>,
    needs: Vec<Place>,
    needed_by: Vec<Place>,
}

/// A row of one of the two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limb {
    pub depth: u16,
    pub address: String,
    pub instances: usize,
    /// Its first instance; none where the state does not hold it.
    pub first: Option<InstanceNo>,
    pub shown: Again,
}

/// Whether what hangs below a row is drawn there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    Here,
    /// Further up in the same tree.
    Above,
}

/// How much a command would touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touched {
    pub resources: usize,
    pub instances: usize,
}

/// One resource with everything around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub address: String,
    pub needs: Vec<Limb>,
    pub needed_by: Vec<Limb>,
    /// By `-target`: the resource and all that it needs.
    pub by_target: Touched,
    /// By a removal: the resource and all that needs it.
    pub by_removal: Touched,
}

/// Which way the web is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Needs,
    NeededBy,
}

impl Web {
    /// Reads every instance's dependencies; the work is linear in the instances.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut web = Self::default();
        let places: Vec<Place> = snapshot
            .resources()
            .iter()
            .map(|resource| web.place(&resource.address.configured()))
            .collect();
        // Instances of one resource mostly depend on the same: equal lists are read once.
        let mut read: HashSet<(Place, &[u8])> = HashSet::new();
        for (no, instance) in snapshot.instances() {
            let Some(own) = places.get(instance.resource as usize).copied() else {
                continue;
            };
            let known = &mut web.resources[own as usize];
            known.instances += 1;
            known.first.get_or_insert(no);
            if read.insert((own, snapshot.raw(instance.dependencies))) {
                for needed in snapshot.dependencies(no) {
                    let needed = web.place(&needed);
                    if needed != own {
                        web.resources[own as usize].needs.push(needed);
                    }
                }
            }
        }
        web.settle();
        web
    }

    fn place(&mut self, address: &str) -> Place {
        if let Some(place) = self.places.get(address) {
            return *place;
        }
        let place = self.resources.len() as Place;
        self.places.insert(address.to_owned(), place);
        self.resources.push(Known {
            address: address.to_owned(),
            ..Known::default()
        });
        place
    }

    /// Takes doubles out, and turns every need around.
    fn settle(&mut self) {
        for own in 0..self.resources.len() {
            let mut needs = std::mem::take(&mut self.resources[own].needs);
            needs.sort_unstable();
            needs.dedup();
            for needed in &needs {
                self.resources[*needed as usize]
                    .needed_by
                    .push(own as Place);
            }
            self.resources[own].needs = needs;
        }
    }

    /// Everything around a resource; none where the state does not know it.
    pub fn reach(&self, resource: &ResourceAddress) -> Option<Reach> {
        let address = resource.configured();
        let place = *self.places.get(&address)?;
        Some(Reach {
            needs: self.tree(place, Way::Needs),
            needed_by: self.tree(place, Way::NeededBy),
            by_target: self.touched(place, Way::Needs),
            by_removal: self.touched(place, Way::NeededBy),
            address,
        })
    }

    fn known(&self, place: Place) -> &Known {
        &self.resources[place as usize]
    }

    fn next(&self, place: Place, way: Way) -> &[Place] {
        match way {
            Way::Needs => &self.known(place).needs,
            Way::NeededBy => &self.known(place).needed_by,
        }
    }

    /// The neighbors that no other neighbor leads to, by address.
    fn direct(&self, place: Place, way: Way) -> Vec<Place> {
        let all = self.next(place, way);
        let leads = |other: &Place, to: Place| {
            *other != to
                && self.next(*other, way).binary_search(&to).is_ok()
                // In a circle everything leads to everything: nothing is hidden for it.
                && self.next(to, way).binary_search(other).is_err()
                && self.next(*other, way).binary_search(&place).is_err()
        };
        let mut direct: Vec<Place> = all
            .iter()
            .copied()
            .filter(|one| !all.iter().any(|other| leads(other, *one)))
            .collect();
        direct.sort_by_key(|one| &self.known(*one).address);
        direct
    }

    fn tree(&self, root: Place, way: Way) -> Vec<Limb> {
        let mut limbs = Vec::new();
        let mut drawn = HashSet::from([root]);
        let mut left: Vec<(Place, u16)> = self.below(root, 0, way);
        while let Some((place, depth)) = left.pop() {
            if limbs.len() == ROWS {
                break;
            }
            let fresh = drawn.insert(place);
            let known = self.known(place);
            limbs.push(Limb {
                depth,
                address: known.address.clone(),
                instances: known.instances,
                first: known.first,
                shown: if fresh || self.next(place, way).is_empty() {
                    Again::Here
                } else {
                    Again::Above
                },
            });
            if fresh {
                left.extend(self.below(place, depth + 1, way));
            }
        }
        limbs
    }

    /// The rows right below one, last first.
    fn below(&self, place: Place, depth: u16, way: Way) -> Vec<(Place, u16)> {
        let direct = self.direct(place, way).into_iter().rev();
        direct.map(|one| (one, depth)).collect()
    }

    fn touched(&self, root: Place, way: Way) -> Touched {
        let mut seen = HashSet::from([root]);
        let mut left = vec![root];
        let mut touched = Touched::default();
        while let Some(place) = left.pop() {
            let known = self.known(place);
            // What only others name is not there to be touched.
            touched.resources += usize::from(known.instances > 0);
            touched.instances += known.instances;
            let next = self.next(place, way).iter().copied();
            left.extend(next.filter(|next| seen.insert(*next)));
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    /// Resources of one instance each: the name, and the names that it depends on.
    fn web(resources: &[(&str, &[&str])]) -> (Snapshot, Web) {
        let resources: Vec<String> = resources
            .iter()
            .map(|(name, needs)| {
                let needs: Vec<String> = needs.iter().map(|need| format!("\"a.{need}\"")).collect();
                format!(
                    r#"{{"mode":"managed","type":"a","name":"{name}","instances":[{{"dependencies":[{}]}}]}}"#,
                    needs.join(",")
                )
            })
            .collect();
        let text = format!(r#"{{"version":4,"resources":[{}]}}"#, resources.join(","));
        let Reading::Whole(snapshot) = Reading::of(text.into_bytes()) else {
            panic!("the state is whole");
        };
        let web = Web::of(&snapshot);
        (snapshot, web)
    }

    fn reach(resources: &[(&str, &[&str])], name: &str) -> Reach {
        let (snapshot, web) = web(resources);
        let mut all = snapshot.resources().iter();
        let resource = all.find(|one| &*one.address.name == name).unwrap();
        web.reach(&resource.address).unwrap()
    }

    fn drawn(limbs: &[Limb]) -> Vec<String> {
        let row = |limb: &Limb| {
            let indent = " ".repeat(limb.depth.into());
            let again = if limb.shown == Again::Above {
                " …"
            } else {
                ""
            };
            format!("{indent}{}{again}", limb.address)
        };
        limbs.iter().map(row).collect()
    }

    /// Terraform stores the whole way with each: the record needs the database, and so what that needs.
    const CHAIN: &[(&str, &[&str])] = &[
        ("vpc", &[]),
        ("subnet", &["vpc"]),
        ("key", &[]),
        ("db", &["key", "subnet", "vpc"]),
        ("record", &["db", "key", "subnet", "vpc"]),
    ];

    #[test]
    fn a_branch_is_what_no_other_branch_leads_to() {
        assert_eq!(
            drawn(&reach(CHAIN, "record").needs),
            ["a.db", " a.key", " a.subnet", "  a.vpc"]
        );
        assert_eq!(
            drawn(&reach(CHAIN, "vpc").needed_by),
            ["a.subnet", " a.db", "  a.record"]
        );
    }

    #[test]
    fn a_target_touches_what_is_needed_and_a_removal_what_needs_it() {
        let reach = reach(CHAIN, "db");
        let touched = |resources| Touched {
            resources,
            instances: resources,
        };
        assert_eq!(reach.by_target, touched(4));
        assert_eq!(reach.by_removal, touched(2));
    }

    #[test]
    fn what_two_branches_share_is_drawn_once() {
        let diamond: &[(&str, &[&str])] = &[
            ("top", &["left", "right", "base", "ground"]),
            ("left", &["base", "ground"]),
            ("right", &["base", "ground"]),
            ("base", &["ground"]),
            ("ground", &[]),
        ];
        assert_eq!(
            drawn(&reach(diamond, "top").needs),
            ["a.left", " a.base", "  a.ground", "a.right", " a.base …"]
        );
    }

    #[test]
    fn a_circle_and_what_is_not_there_are_survived() {
        let circle: &[(&str, &[&str])] = &[("x", &["y", "gone"]), ("y", &["x", "gone"])];
        let reach = reach(circle, "x");
        assert_eq!(drawn(&reach.needs), ["a.gone", "a.y", " a.gone", " a.x …"]);
        assert_eq!(reach.needs[0].first, None);
        assert_eq!(reach.by_target.resources, 2);
    }

    #[test]
    fn instances_of_one_resource_are_one_row() {
        let text = r#"{"version":4,"resources":[
            {"module":"module.m[0]","mode":"managed","type":"a","name":"x","instances":[{"index_key":0,"dependencies":["data.b.z"]},{"index_key":1,"dependencies":["data.b.z"]}]},
            {"module":"module.m[1]","mode":"managed","type":"a","name":"x","instances":[{"dependencies":["data.b.z"]}]},
            {"mode":"data","type":"b","name":"z","instances":[{}]}]}"#;
        let Reading::Whole(snapshot) = Reading::of(text.as_bytes()) else {
            panic!("the state is whole");
        };
        let web = Web::of(&snapshot);
        let reach = web.reach(&snapshot.resources()[2].address).unwrap();
        assert_eq!(reach.needed_by.len(), 1);
        assert_eq!(reach.needed_by[0].address, "module.m.a.x");
        assert_eq!(reach.needed_by[0].instances, 3);
        assert_eq!(reach.by_removal.instances, 4);
    }
}
