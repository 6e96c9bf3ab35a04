//! What a state is made of: how many instances and bytes each top module and
//! each resource type has, which is along what it could be split.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::snapshot::{Instance, InstanceNo, Resource, Snapshot};

/// One module or one resource type with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `module.network`, `aws_instance`; the empty text for the root module.
    pub name: String,
    pub instances: usize,
    pub bytes: usize,
}

/// The parts of a state, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anatomy {
    pub bytes: usize,
    pub instances: usize,
    /// How many of the instances are only waiting to be destroyed.
    pub deposed: usize,
    /// By the outermost module call, whatever its key.
    pub modules: Vec<Part>,
    pub types: Vec<Part>,
}

impl Anatomy {
    /// Takes a state apart; the work is linear in its instances.
    pub fn of(snapshot: &Snapshot) -> Self {
        let module = |resource: &Resource| {
            let outermost = resource.address.module.0.first();
            outermost.map_or_else(String::new, |call| format!("module.{}", call.name))
        };
        let deposed = |(_, instance): &(InstanceNo, &Instance)| instance.deposed.is_some();
        Self {
            bytes: snapshot.text().len(),
            instances: snapshot.instances().count(),
            deposed: snapshot.instances().filter(deposed).count(),
            modules: parts(snapshot, module),
            types: parts(snapshot, |resource| resource.address.kind.to_string()),
        }
    }
}

fn parts(snapshot: &Snapshot, name: impl Fn(&Resource) -> String) -> Vec<Part> {
    let mut parts: HashMap<String, Part> = HashMap::new();
    for resource in snapshot.resources() {
        let name = name(resource);
        let part = parts.entry(name.clone()).or_insert(Part {
            name,
            instances: 0,
            bytes: 0,
        });
        let instances = snapshot.of_resource(resource);
        part.instances += instances.len();
        let bytes = |instance: &Instance| instance.span.end - instance.span.start;
        part.bytes += instances.iter().map(bytes).sum::<usize>();
    }
    let mut parts: Vec<Part> = parts.into_values().collect();
    parts.sort_by(|one, two| {
        let rank = |part: &Part| Reverse(part.bytes);
        rank(one)
            .cmp(&rank(two))
            .then_with(|| one.name.cmp(&two.name))
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    #[test]
    fn a_state_is_parted_by_its_outermost_modules_and_by_its_types() {
        let text = r#"{"version":4,"resources":[
            {"mode":"managed","type":"a","name":"x","instances":[{}]},
            {"module":"module.m[0].module.n","mode":"managed","type":"b","name":"x","instances":[{"index_key":0},{"index_key":1}]},
            {"module":"module.m[1]","mode":"managed","type":"a","name":"x","instances":[{"attributes":{"v":"long"}}]}]}"#;
        let Reading::Whole(snapshot) = Reading::of(text.as_bytes()) else {
            panic!("the state is whole");
        };
        let anatomy = Anatomy::of(&snapshot);
        let told = |parts: &[Part]| {
            parts
                .iter()
                .map(|part| (part.name.clone(), part.instances, part.bytes))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(&anatomy.modules),
            [("module.m".into(), 3, 57), (String::new(), 1, 2)]
        );
        assert_eq!(
            told(&anatomy.types),
            [("b".into(), 2, 30), ("a".into(), 2, 29)]
        );
        assert_eq!((anatomy.instances, anatomy.bytes), (4, text.len()));
        assert_eq!(anatomy.deposed, 0);
    }

    #[test]
    fn objects_that_wait_to_be_destroyed_are_counted() {
        let text = r#"{"version":4,"resources":[
            {"mode":"managed","type":"a","name":"x","instances":[{},{"deposed":"1a2b3c4d"}]}]}"#;
        let Reading::Whole(snapshot) = Reading::of(text.as_bytes()) else {
            panic!("the state is whole");
        };
        let anatomy = Anatomy::of(&snapshot);
        assert_eq!((anatomy.instances, anatomy.deposed), (2, 1));
    }
}
