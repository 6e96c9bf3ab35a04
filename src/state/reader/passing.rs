//! The instances of a state as they pass, for who does not keep them: of a
//! large state the memory is what the onlooker makes of it.

use std::ops::Range;
use std::sync::Arc;

use super::Reader;
use crate::state::address::{Address, Mode, Module, ResourceAddress};
use crate::state::json::Scanner;
use crate::state::reading::Reading;
use crate::state::snapshot::{Instance, Resource, named};

/// A `resources[]` entry whose fields have not all been seen yet.
#[derive(Default)]
pub(super) struct Draft {
    pub module: Option<Module>,
    pub mode: Option<Mode>,
    pub kind: Option<Arc<str>>,
    pub name: Option<Box<str>>,
    pub provider: Option<Arc<str>>,
}

impl Draft {
    /// The entry with its instances, if it can be named.
    pub fn resource(self, instances: Range<u32>) -> Option<Resource> {
        Some(Resource {
            address: ResourceAddress {
                module: self.module.unwrap_or_default(),
                mode: self.mode?,
                kind: self.kind?,
                name: self.name?,
            },
            provider: self.provider.unwrap_or_else(|| "".into()),
            instances,
        })
    }
}

/// An instance with what it is called.
pub(in crate::state) struct Passed<'a> {
    /// None for the root module.
    pub module: Option<&'a Module>,
    pub mode: Mode,
    pub kind: &'a Arc<str>,
    pub name: &'a str,
    pub provider: &'a str,
    pub instance: &'a Instance,
}

impl<'a> Passed<'a> {
    /// An instance of a state that was read whole.
    pub fn of(resource: &'a Resource, instance: &'a Instance) -> Self {
        let ResourceAddress {
            module,
            mode,
            kind,
            name,
        } = &resource.address;
        Self {
            module: Some(module),
            mode: *mode,
            kind,
            name,
            provider: &resource.provider,
            instance,
        }
    }

    /// What Terraform's own messages call it.
    pub fn name(&self) -> String {
        let address = Address {
            resource: ResourceAddress {
                module: self.module.cloned().unwrap_or_default(),
                mode: self.mode,
                kind: Arc::clone(self.kind),
                name: self.name.into(),
            },
            key: self.instance.key.clone(),
        };
        named(&address, self.instance.deposed.as_deref())
    }
}

/// Who looks on, if anybody does.
#[derive(Default)]
pub(super) struct Watch<'w> {
    onlooker: Option<&'w mut dyn FnMut(&Passed<'_>)>,
    /// How many instances of this resource have passed under the name that it had.
    passed: usize,
    /// Whether one passed under a name that came to be another one.
    misnamed: bool,
}

impl Watch<'_> {
    /// Takes note that what a resource is called was said, maybe once more.
    pub fn named_again(&mut self) {
        self.misnamed |= self.passed > 0;
    }
}

impl Reader<'_> {
    /// Begins a resource.
    pub(super) fn begin(&mut self) {
        self.draft = Draft::default();
        self.watch.passed = 0;
        if self.watch.onlooker.is_some() && self.resources.len() > 1 {
            // The last one lends its strings to the next.
            self.resources.swap_remove(0);
        }
    }

    /// Lets the instances pass that can be named by now, if anybody looks on.
    pub(super) fn pass(&mut self) {
        let draft = &self.draft;
        let (Some(onlooker), Some(mode), Some(kind), Some(name)) = (
            &mut self.watch.onlooker,
            draft.mode,
            &draft.kind,
            &draft.name,
        ) else {
            return;
        };
        for instance in self.instances.drain(..) {
            self.watch.passed += 1;
            onlooker(&Passed {
                module: draft.module.as_ref(),
                mode,
                kind,
                name,
                provider: draft.provider.as_deref().unwrap_or_default(),
                instance: &instance,
            });
        }
    }
}

/// What the text is, without its instances: those pass the onlooker in the order
/// of the text. None where one passed under a name that was not its last.
pub(in crate::state) fn each(
    text: &Arc<[u8]>,
    onlooker: &mut dyn FnMut(&Passed<'_>),
) -> Option<Reading> {
    if text.is_empty() {
        return Some(Reading::Empty);
    }
    let mut reader = Reader {
        watch: Watch {
            onlooker: Some(onlooker),
            ..Watch::default()
        },
        ..Reader::default()
    };
    reader.gather(text);
    reader.resources.clear();
    let misnamed = reader.watch.misnamed;
    (!misnamed).then(|| reader.judge(Arc::clone(text)))
}

/// One instance by itself; its spans are places in these bytes.
pub(in crate::state) fn alone(text: &[u8]) -> Option<Instance> {
    let mut reader = Reader::default();
    reader.instance(&mut Scanner::new(text)).ok()?;
    reader.instances.pop()
}
