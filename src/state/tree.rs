//! The resources of a snapshot as a module tree, every node in the order in
//! which it is drawn.
//!
//! A node knows where its subtree ends, so the visible rows are found by
//! stepping over what is folded: O(visible rows), not O(resources).

use std::cmp::Reverse;
use std::collections::HashSet;

use super::address::Module;
use super::snapshot::{InstanceNo, Resource, Snapshot};

/// The number of a node within its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeNo(pub u32);

/// What a row of the tree stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch {
    /// A module by its whole path, of which the last step is what the row shows.
    Module(Module),
    /// A resource with several instances, by its number in the snapshot.
    Resource(u32),
    Instance(InstanceNo),
}

/// One row of the tree and what hangs below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub branch: Branch,
    pub depth: u16,
    /// How many addresses are at or below it.
    pub count: u32,
    /// The first node that is no longer below it.
    end: u32,
}

/// Which nodes a person has folded or unfolded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds(HashSet<NodeNo>);

impl Folds {
    /// Folds what is unfolded and the other way round.
    pub fn toggle(&mut self, node: NodeNo) {
        if !self.0.remove(&node) {
            self.0.insert(node);
        }
    }
}

/// The module tree of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Builds the tree: in each module its managed resources, its data sources, then its child modules.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut order: Vec<(u32, &Resource)> = (0..).zip(snapshot.resources()).collect();
        order.retain(|(_, resource)| !resource.instances.is_empty());
        order.sort_by(|(_, one), (_, two)| drawn(one).cmp(&drawn(two)));
        let listed: HashSet<InstanceNo> = snapshot.listed().iter().copied().collect();
        let mut builder = Builder {
            snapshot,
            listed,
            nodes: Vec::with_capacity(snapshot.listed().len() + order.len()),
            open: Vec::new(),
            path: Module::default(),
        };
        for same in order.chunk_by(|(_, one), (_, two)| one.address == two.address) {
            builder.enter(&same[0].1.address.module);
            builder.resource(same);
        }
        builder.enter(&Module::default());
        Self {
            nodes: builder.nodes,
        }
    }

    pub fn node(&self, no: NodeNo) -> Option<&Node> {
        self.nodes.get(no.0 as usize)
    }

    /// The nodes that are not hidden in a folded one, top to bottom.
    pub fn rows(&self, folds: &Folds) -> Vec<NodeNo> {
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(node) = self.node(NodeNo(at)) {
            rows.push(NodeNo(at));
            at = if self.is_folded(NodeNo(at), folds) {
                node.end
            } else {
                at + 1
            };
        }
        rows
    }

    /// Whether the node hides what is below it; modules start open, resources with several instances folded.
    pub fn is_folded(&self, no: NodeNo, folds: &Folds) -> bool {
        let starts_folded = matches!(
            self.node(no),
            Some(Node {
                branch: Branch::Resource(_),
                ..
            })
        );
        starts_folded != folds.0.contains(&no)
    }

    /// The node of an instance, and the nodes above it, innermost last.
    pub fn way_to(&self, instance: InstanceNo) -> Option<(NodeNo, Vec<NodeNo>)> {
        let mut above: Vec<(NodeNo, u32)> = Vec::new();
        for (at, node) in (0..).zip(&self.nodes) {
            above.retain(|(_, end)| *end > at);
            if node.branch == Branch::Instance(instance) {
                return Some((NodeNo(at), above.into_iter().map(|(no, _)| no).collect()));
            }
            if node.end > at + 1 {
                above.push((NodeNo(at), node.end));
            }
        }
        None
    }
}

/// The order in which resources are drawn: a module's own ones before those of its children.
fn drawn(resource: &Resource) -> impl Ord + '_ {
    let address = &resource.address;
    (
        &address.module.0,
        Reverse(address.mode),
        &address.kind,
        &address.name,
    )
}

struct Builder<'a> {
    snapshot: &'a Snapshot,
    listed: HashSet<InstanceNo>,
    nodes: Vec<Node>,
    /// The modules that are open, outermost first, by node.
    open: Vec<usize>,
    path: Module,
}

impl Builder<'_> {
    /// Closes the modules that `path` is not in, and opens those that it is.
    fn enter(&mut self, path: &Module) {
        let shared = self
            .path
            .0
            .iter()
            .zip(path.0.iter())
            .take_while(|(one, two)| one == two)
            .count();
        for closed in self.open.split_off(shared.min(self.open.len())) {
            self.nodes[closed].end = self.nodes.len() as u32;
        }
        for step in shared..path.0.len() {
            self.open.push(self.nodes.len());
            let module = Module(path.0[..=step].into());
            self.push(Branch::Module(module), step as u16, 0);
        }
        self.path = path.clone();
    }

    /// Adds a resource; `same` are its entries in the text, which is one but for broken states.
    fn resource(&mut self, same: &[(u32, &Resource)]) {
        let numbers = same
            .iter()
            .flat_map(|(_, resource)| resource.instances.clone());
        let mut instances: Vec<InstanceNo> = numbers.map(InstanceNo).collect();
        instances.sort_by_key(|no| {
            let instance = self.snapshot.instance(*no);
            instance.map(|instance| (&instance.key, &instance.deposed))
        });
        let listed = instances
            .iter()
            .filter(|no| self.listed.contains(no))
            .count() as u32;
        let mut depth = self.open.len() as u16;
        let key = |no: &InstanceNo| self.snapshot.instance(*no).map(|instance| &instance.key);
        // A deposed object stands beside its successor; only several keys make a group.
        if instances
            .iter()
            .map(key)
            .any(|one| Some(one) != instances.first().map(key))
        {
            self.push(Branch::Resource(same[0].0), depth, listed);
            let end = self.nodes.len() + instances.len();
            if let Some(group) = self.nodes.last_mut() {
                group.end = end as u32;
            }
            depth += 1;
        }
        for no in instances {
            let count = u32::from(self.listed.contains(&no));
            self.push(Branch::Instance(no), depth, count);
        }
        for module in &self.open {
            self.nodes[*module].count += listed;
        }
    }

    fn push(&mut self, branch: Branch, depth: u16, count: u32) {
        let end = self.nodes.len() as u32 + 1;
        self.nodes.push(Node {
            branch,
            depth,
            count,
            end,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    const AWKWARD: &[u8] = include_bytes!("../../tests/fixtures/state/awkward.tfstate");

    fn awkward() -> Snapshot {
        let Reading::Whole(snapshot) = Reading::of(AWKWARD) else {
            panic!("the state that Terraform wrote is whole");
        };
        snapshot
    }

    fn drawing(snapshot: &Snapshot, tree: &Tree, folds: &Folds) -> Vec<String> {
        let rows = tree.rows(folds);
        let text = |no: &NodeNo| {
            let node = tree.node(*no).unwrap();
            let label = match &node.branch {
                Branch::Module(module) => module.0.last().unwrap().to_string(),
                Branch::Resource(number) => {
                    let resource = &snapshot.resources()[*number as usize];
                    format!("{}[…]", resource.address.local())
                }
                Branch::Instance(no) => snapshot.address(*no).unwrap().local(),
            };
            format!("{}{label} {}", "  ".repeat(node.depth.into()), node.count)
        };
        rows.iter().map(text).collect()
    }

    #[test]
    fn modules_hold_their_resources_and_folded_instances_show_their_count() {
        let snapshot = awkward();
        let tree = Tree::of(&snapshot);
        let drawn = drawing(&snapshot, &tree, &Folds::default());
        assert_eq!(
            drawn[..5],
            [
                "terraform_data.eleven[…] 11",
                "terraform_data.many[…] 24",
                "terraform_data.plain 1",
                "terraform_data.zz 1",
                "data.terraform_remote_state.me 1"
            ]
        );
        assert_eq!(
            drawn[5..9],
            [
                "module.m[\"b\\\\$${z}\"] 5",
                "  terraform_data.in[…] 2",
                "  terraform_data.one 1",
                "  module.deep 2"
            ]
        );
        assert_eq!(drawn.last().unwrap(), "    terraform_data.d[…] 2");
    }

    #[test]
    fn folding_a_module_hides_all_below_it_and_nothing_else() {
        let snapshot = awkward();
        let tree = Tree::of(&snapshot);
        let mut folds = Folds::default();
        let before = drawing(&snapshot, &tree, &folds);
        let module = tree.rows(&folds)[5];
        folds.toggle(module);
        let after = drawing(&snapshot, &tree, &folds);
        assert_eq!([&before[..6], &before[10..]].concat(), after);
        folds.toggle(module);
        assert_eq!(drawing(&snapshot, &tree, &folds), before);
    }

    #[test]
    fn every_instance_is_on_a_row_once_all_is_unfolded() {
        let snapshot = awkward();
        let tree = Tree::of(&snapshot);
        let mut folds = Folds::default();
        for no in tree.rows(&folds) {
            if tree.is_folded(no, &folds) {
                folds.toggle(no);
            }
        }
        let rows = tree.rows(&folds);
        let instances = rows
            .iter()
            .filter(|no| matches!(tree.node(**no).unwrap().branch, Branch::Instance(_)));
        assert_eq!(instances.count(), snapshot.listed().len());
        assert_eq!(rows.len(), tree.nodes.len());
    }

    #[test]
    fn the_way_to_an_instance_names_what_to_unfold() {
        let snapshot = awkward();
        let tree = Tree::of(&snapshot);
        let last = *snapshot.listed().last().unwrap();
        let (node, above) = tree.way_to(last).unwrap();
        assert_eq!(tree.node(node).unwrap().branch, Branch::Instance(last));
        assert_eq!(above.len(), 3);
        assert!(tree.is_folded(above[2], &Folds::default()));
    }
}
