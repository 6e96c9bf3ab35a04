//! A project as Terraform keeps it: resources come, go and change from version
//! to version, and at any moment the whole can be written as a state of
//! format 4, byte for byte as Terraform would lay it out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::catalog::{Catalog, Kind};
use super::chance::Chance;
use crate::state::{Address, Key, Mode, ResourceAddress};

/// What stands in a state besides its resources.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    pub terraform: &'a str,
    pub serial: u64,
    pub lineage: &'a str,
    pub outputs: &'a BTreeMap<String, Output>,
}

/// A root output. All of them are strings.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub value: String,
    #[serde(default)]
    pub sensitive: bool,
}

/// What every attribute of a project may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    pub seed: u64,
    pub region: String,
    pub account: String,
}

/// The resources as they stand.
#[derive(Debug)]
pub struct Project<'a> {
    catalog: &'a Catalog,
    surroundings: Surroundings,
    resources: BTreeMap<Order, Resource>,
}

/// The order in which Terraform writes resources: by text, byte for byte.
type Order = (String, &'static str, String, String);

#[derive(Debug)]
struct Resource {
    address: ResourceAddress,
    instances: BTreeMap<Option<Key>, Instance>,
}

#[derive(Debug)]
struct Instance {
    attributes: Map<String, Value>,
    tainted: bool,
}

impl<'a> Project<'a> {
    pub fn new(catalog: &'a Catalog, surroundings: Surroundings) -> Self {
        Self {
            catalog,
            surroundings,
            resources: BTreeMap::new(),
        }
    }

    /// Creates an instance; the error says why it can't be.
    pub fn add(&mut self, address: &Address) -> Result<(), String> {
        let kind = self.kind(&address.resource)?;
        // From seed and address alone, so that a resource keeps its id for life.
        let mut chance = Chance::new(self.surroundings.seed, &address.to_string());
        let instance = Instance {
            attributes: kind.attributes(address, &self.surroundings, &mut chance),
            tainted: false,
        };
        let resource = self.resources.entry(order(&address.resource));
        let resource = resource.or_insert_with(|| Resource {
            address: address.resource.clone(),
            instances: BTreeMap::new(),
        });
        match resource.instances.insert(address.key.clone(), instance) {
            None => Ok(()),
            Some(_) => Err(format!("{address} is there already")),
        }
    }

    /// Destroys an instance.
    pub fn remove(&mut self, address: &Address) -> Result<(), String> {
        let order = order(&address.resource);
        let gone = self
            .resources
            .get_mut(&order)
            .and_then(|resource| resource.instances.remove(&address.key));
        self.resources
            .retain(|_, resource| !resource.instances.is_empty());
        gone.map(drop)
            .ok_or_else(|| format!("{address} is not there"))
    }

    /// Gives an instance other attributes.
    pub fn set(&mut self, address: &Address, values: &Map<String, Value>) -> Result<(), String> {
        let instance = self.instance(address)?;
        for (name, value) in values {
            match instance.attributes.get_mut(name) {
                Some(attribute) => *attribute = value.clone(),
                None => return Err(format!("{address} has no attribute {name}")),
            }
        }
        Ok(())
    }

    /// Marks an instance as one that was left half made.
    pub fn taint(&mut self, address: &Address) -> Result<(), String> {
        self.instance(address)?.tainted = true;
        Ok(())
    }

    /// The id of an instance that is there.
    pub fn id(&self, address: &Address) -> Option<&str> {
        let resource = self.resources.get(&order(&address.resource))?;
        let instance = resource.instances.get(&address.key)?;
        instance.attributes.get("id")?.as_str()
    }

    /// The state as Terraform would write it.
    pub fn state(&self, head: &Head<'_>) -> Result<Vec<u8>, String> {
        let resources: Result<Vec<Value>, String> = self
            .resources
            .values()
            .map(|resource| self.written(resource))
            .collect();
        let state = json!({
            "version": 4,
            "terraform_version": head.terraform,
            "serial": head.serial,
            "lineage": head.lineage,
            "outputs": outputs(head.outputs),
            "resources": resources?,
            "check_results": null,
        });
        let text = serde_json::to_string_pretty(&state).map_err(|error| error.to_string())?;
        Ok((as_go_escapes(&text) + "\n").into_bytes())
    }

    fn kind(&self, resource: &ResourceAddress) -> Result<&'a Kind, String> {
        let found = self.catalog.kind(&resource.kind);
        found.ok_or_else(|| format!("the catalog has no {}", resource.kind))
    }

    fn instance(&mut self, address: &Address) -> Result<&mut Instance, String> {
        let resource = self.resources.get_mut(&order(&address.resource));
        let instance = resource.and_then(|resource| resource.instances.get_mut(&address.key));
        instance.ok_or_else(|| format!("{address} is not there"))
    }

    fn written(&self, resource: &Resource) -> Result<Value, String> {
        let kind = self.kind(&resource.address)?;
        let mut out = Map::new();
        if !resource.address.module.is_root() {
            out.insert("module".into(), resource.address.module.to_string().into());
        }
        out.insert("mode".into(), resource.address.mode.word().into());
        out.insert("type".into(), (*resource.address.kind).into());
        out.insert("name".into(), (*resource.address.name).into());
        out.insert(
            "provider".into(),
            format!("provider[\"{}\"]", kind.provider).into(),
        );
        let needs = self.needs(resource, kind);
        let instances = resource.instances.iter();
        let instances = instances.map(|(key, instance)| {
            instance.written(key.as_ref(), resource.address.mode, kind, &needs)
        });
        out.insert("instances".into(), instances.collect());
        Ok(Value::Object(out))
    }

    /// The configuration addresses that a resource depends on: of each needed
    /// type those in its own module, else those anywhere.
    fn needs(&self, of: &Resource, kind: &Kind) -> Vec<String> {
        let mut found = Vec::new();
        for needed in &kind.needs {
            let all = || {
                let others = self.resources.values().map(|other| &other.address);
                others.filter(move |other| *other.kind == **needed && *other != &of.address)
            };
            let near = || all().filter(|other| other.module == of.address.module);
            match near().next() {
                Some(_) => found.extend(near().take(2).map(ResourceAddress::to_string)),
                None => found.extend(all().take(1).map(ResourceAddress::to_string)),
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Instance {
    fn written(&self, key: Option<&Key>, mode: Mode, kind: &Kind, needs: &[String]) -> Value {
        let mut out = Map::new();
        match key {
            Some(Key::Number(number)) => {
                out.insert("index_key".into(), (*number).into());
            }
            Some(Key::Text(text)) => {
                out.insert("index_key".into(), (**text).into());
            }
            None => {}
        }
        if self.tainted {
            out.insert("status".into(), "tainted".into());
        }
        out.insert("schema_version".into(), kind.schema_version.into());
        out.insert("attributes".into(), self.attributes.clone().into());
        let path = |name: &String| json!([{ "type": "get_attr", "value": name }]);
        let sensitive = kind.sensitive.iter().map(path).collect();
        out.insert("sensitive_attributes".into(), sensitive);
        if mode == Mode::Managed && !needs.is_empty() {
            out.insert("dependencies".into(), json!(needs));
        }
        Value::Object(out)
    }
}

fn order(resource: &ResourceAddress) -> Order {
    (
        resource.module.to_string(),
        resource.mode.word(),
        resource.kind.to_string(),
        resource.name.to_string(),
    )
}

fn outputs(outputs: &BTreeMap<String, Output>) -> Value {
    let written = |output: &Output| {
        let mut out = Map::new();
        out.insert("value".into(), output.value.as_str().into());
        out.insert("type".into(), "string".into());
        if output.sensitive {
            out.insert("sensitive".into(), true.into());
        }
        Value::Object(out)
    };
    let outputs = outputs.iter();
    outputs
        .map(|(name, output)| (name.clone(), written(output)))
        .collect()
}

/// Go escapes what HTML would read; outside of strings none of it can stand.
fn as_go_escapes(text: &str) -> String {
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
