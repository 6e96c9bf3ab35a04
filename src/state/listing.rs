//! The order of `terraform state list`: one line for each address, and the
//! instances that a state holds twice, which Terraform refuses.

use std::cmp::Ordering;

use super::address::Module;
use super::snapshot::{Instance, InstanceNo, Snapshot};
use super::validity::Refusal;

/// So many are told; a hostile text must not grow the list.
const TOLD: usize = 16;

impl Snapshot {
    /// Fills the listing; answers the instances that are there again.
    pub(super) fn list(&mut self) -> Vec<(usize, Refusal)> {
        let ranks = self.ranks();
        let mut order: Vec<InstanceNo> = self.instances().map(|(no, _)| no).collect();
        order.sort_by(|left, right| {
            let (left, right) = (self.at(*left), self.at(*right));
            self.compare(&ranks, left, right)
                .then_with(|| left.deposed.cmp(&right.deposed))
        });
        let twice = order
            .windows(2)
            .map(|pair| (pair[1], self.at(pair[0]), self.at(pair[1])))
            .filter(|(_, one, two)| {
                one.deposed == two.deposed && self.compare(&ranks, one, two).is_eq()
            })
            .filter_map(|(no, _, two)| Some((two.span.start, Refusal::Duplicate(self.name(no)?))))
            .take(TOLD)
            .collect();
        order.dedup_by(|next, kept| {
            let (kept, next) = (self.at(*kept), self.at(*next));
            self.compare(&ranks, kept, next).is_eq()
        });
        self.listed = order;
        twice
    }

    /// For each resource, where its module stands among all modules: paths are compared once, not at each step.
    fn ranks(&self) -> Vec<usize> {
        let paths = || {
            self.resources
                .iter()
                .map(|resource| &resource.address.module)
        };
        let mut sorted: Vec<&Module> = paths().collect();
        sorted.dedup();
        sorted.sort();
        sorted.dedup();
        paths()
            .map(|path| sorted.binary_search(&path).unwrap_or_default())
            .collect()
    }

    fn compare(&self, ranks: &[usize], left: &Instance, right: &Instance) -> Ordering {
        if left.resource == right.resource {
            return left.key.cmp(&right.key);
        }
        let (one, two) = (left.resource as usize, right.resource as usize);
        let (here, there) = (&self.resources[one].address, &self.resources[two].address);
        ranks[one]
            .cmp(&ranks[two])
            .then_with(|| here.mode.cmp(&there.mode))
            .then_with(|| here.kind.cmp(&there.kind))
            .then_with(|| here.name.cmp(&there.name))
            .then_with(|| left.key.cmp(&right.key))
    }

    /// An instance by a number that came from this very snapshot.
    fn at(&self, no: InstanceNo) -> &Instance {
        &self.instances[no.0 as usize]
    }
}
