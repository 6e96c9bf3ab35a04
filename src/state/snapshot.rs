//! One version of a state, read once: the header and where each resource
//! instance stands in the text.
//!
//! Attributes stay raw bytes until somebody looks at them, so a state keeps
//! every byte, number and unknown field that it came with.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::address::{Address, Key, ResourceAddress};
use super::json::{Flaw, Scanner, Shape, Span};

/// How often a state was written; Terraform adds one at each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Serial(pub u64);

/// What a state says about itself before its resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The `version` field: 4 for every state since Terraform 0.12.
    pub format: Option<u64>,
    pub terraform_version: Option<String>,
    pub serial: Option<Serial>,
    pub lineage: Option<String>,
}

/// The number of an instance within its snapshot, in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceNo(pub u32);

/// One `resources[]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub address: ResourceAddress,
    /// The provider's configuration address, such as `provider["registry.terraform.io/hashicorp/aws"].west`.
    pub provider: Arc<str>,
    pub instances: Range<u32>,
}

/// Whether the next apply replaces the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ready,
    Tainted,
}

/// One `instances[]` entry: its metadata, and where its values stand in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Which of the snapshot's resources this is an instance of.
    pub resource: u32,
    pub key: Option<Key>,
    pub status: Status,
    /// The eight characters that name an object which is only waiting to be destroyed.
    pub deposed: Option<Box<str>>,
    pub attributes: Span,
    pub sensitive: Span,
    pub dependencies: Span,
    /// The instance's own provider, which OpenTofu may write.
    pub provider: Option<Arc<str>>,
    pub span: Span,
}

/// An output of the root module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub name: String,
    pub value: Span,
    pub sensitivity: Sensitivity,
}

/// Whether the configuration marked an output as sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    Open,
    Sensitive,
}

/// A state that was read. Cloning shares the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) text: Arc<[u8]>,
    pub(super) header: Header,
    pub(super) outputs: Vec<Output>,
    pub(super) resources: Vec<Resource>,
    pub(super) instances: Vec<Instance>,
    /// One instance per address, as `terraform state list` orders them.
    pub(super) listed: Vec<InstanceNo>,
}

impl Snapshot {
    /// No state at all, as Terraform takes no bytes for one.
    pub fn nothing() -> Self {
        Self {
            text: Arc::from([]),
            header: Header::default(),
            outputs: Vec::new(),
            resources: Vec::new(),
            instances: Vec::new(),
            listed: Vec::new(),
        }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes that were read, untouched.
    pub fn text(&self) -> &Arc<[u8]> {
        &self.text
    }

    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The instances of one of this snapshot's resources.
    pub fn of_resource(&self, resource: &Resource) -> &[Instance] {
        let Range { start, end } = resource.instances;
        let instances = self.instances.get(start as usize..end as usize);
        instances.unwrap_or_default()
    }

    /// Every instance in the order of the text, deposed objects among them.
    pub fn instances(&self) -> impl Iterator<Item = (InstanceNo, &Instance)> {
        let numbers = (0..).map(InstanceNo);
        self.instances
            .iter()
            .zip(numbers)
            .map(|(instance, no)| (no, instance))
    }

    /// One instance for each address, in the order of `terraform state list`.
    pub fn listed(&self) -> &[InstanceNo] {
        &self.listed
    }

    pub fn instance(&self, no: InstanceNo) -> Option<&Instance> {
        self.instances.get(no.0 as usize)
    }

    /// The resource that an instance belongs to.
    pub fn resource(&self, no: InstanceNo) -> Option<&Resource> {
        self.resources.get(self.instance(no)?.resource as usize)
    }

    pub fn address(&self, no: InstanceNo) -> Option<Address> {
        Some(Address {
            resource: self.resource(no)?.address.clone(),
            key: self.instance(no)?.key.clone(),
        })
    }

    /// The address as Terraform's own messages name it, with the deposed object where it is one.
    pub fn name(&self, no: InstanceNo) -> Option<String> {
        let deposed = self.instance(no)?.deposed.as_deref();
        Some(named(&self.address(no)?, deposed))
    }

    /// The provider that an instance is managed by.
    pub fn provider(&self, no: InstanceNo) -> Option<&str> {
        let own = self.instance(no)?.provider.as_deref();
        own.or_else(|| Some(&self.resource(no)?.provider))
    }

    /// The raw bytes of a span of this snapshot.
    pub fn raw(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    /// The configuration addresses that an instance depends on.
    pub fn dependencies(&self, no: InstanceNo) -> Vec<String> {
        let Some(instance) = self.instance(no) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut scanner = Scanner::new(self.raw(instance.dependencies));
        let _ = scanner.list::<Flaw>(|scanner| {
            match scanner.shape()? {
                Shape::Text => found.push(scanner.string()?.into_owned()),
                _ => drop(scanner.skip()?),
            }
            Ok(())
        });
        found
    }
}

/// What Terraform's own messages call an object.
pub(super) fn named(address: &Address, deposed: Option<&str>) -> String {
    match deposed {
        Some(deposed) => format!("{address} (deposed object {deposed})"),
        None => address.to_string(),
    }
}

impl std::fmt::Debug for Snapshot {
    /// Never prints the text: it holds secrets in clear.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("header", &self.header)
            .field("bytes", &self.text.len())
            .field("instances", &self.instances.len())
            .finish_non_exhaustive()
    }
}
