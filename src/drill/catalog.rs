//! What instances of each resource type look like: `assets/scenarios/catalog.toml`.
//!
//! A text value may hold blanks that are filled for each instance:
//!
//! ```text
//! <id> <region> <account> <zone>      the instance and where it is
//! <name> <module> <key> <number>      its address; the number of a list's key, else 0
//! <hex 17> <digits 9> <letters 8>     made up, the same for the same seed and address
//! <secret 24> <uuid>
//! <null>                              alone: no value
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::chance::Chance;
use super::project::Surroundings;
use super::transcript::Call;
use crate::fault::Fault;
use crate::state::{Address, Key};

/// The types of resources that a scenario may use.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Catalog(BTreeMap<String, Kind>);

/// One type of resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    #[serde(default = "aws")]
    pub provider: String,
    #[serde(default)]
    pub schema_version: u64,
    /// The blank form of its id.
    id: String,
    /// The attributes besides `id`.
    #[serde(default)]
    attributes: toml::Table,
    /// The attributes that configuration marked as sensitive.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// The types that it depends on where they are there.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The call that reads one, as `EC2/DescribeInstances`.
    #[serde(default)]
    pub read_by: Option<String>,
}

fn aws() -> String {
    "registry.terraform.io/hashicorp/aws".to_owned()
}

const BUILT_IN: &str = include_str!("../../assets/scenarios/catalog.toml");

impl Catalog {
    /// The catalog that comes with the program.
    pub fn built_in() -> Result<Self, Fault> {
        let trouble = |error: toml::de::Error| {
            Fault::new("read the catalog of", "scenarios", error.message())
        };
        toml::from_str(BUILT_IN).map_err(trouble)
    }

    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.0.get(name)
    }

    /// What is wrong with it.
    pub fn lint(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, kind) in &self.0 {
            let missing = kind.sensitive.iter();
            let missing = missing.filter(|marked| !kind.attributes.contains_key(*marked));
            problems.extend(missing.map(|marked| format!("{name} has no attribute {marked}")));
            let unknown = kind.needs.iter().filter(|need| !self.0.contains_key(*need));
            problems.extend(unknown.map(|need| format!("{name} needs an unknown {need}")));
            let silent = kind
                .read_by
                .iter()
                .filter(|call| Call::read(call).is_none());
            problems.extend(silent.map(|call| format!("{name} is read by an unknown {call}")));
        }
        problems
    }
}

impl Kind {
    /// The attributes of one instance, by name, as providers write them.
    pub fn attributes(
        &self,
        address: &Address,
        surroundings: &Surroundings,
        chance: &mut Chance,
    ) -> Map<String, Value> {
        let mut blanks = Blanks {
            address,
            surroundings,
            chance,
            id: String::new(),
        };
        blanks.id = blanks.fill(&self.id);
        let mut sorted = BTreeMap::from([("id".to_owned(), Value::from(blanks.id.as_str()))]);
        for (name, value) in &self.attributes {
            sorted.insert(name.clone(), blanks.value(value));
        }
        sorted.into_iter().collect()
    }
}

/// Fills the blanks of one instance.
struct Blanks<'a> {
    address: &'a Address,
    surroundings: &'a Surroundings,
    chance: &'a mut Chance,
    id: String,
}

impl Blanks<'_> {
    fn value(&mut self, value: &toml::Value) -> Value {
        match value {
            toml::Value::String(text) if text == "<null>" => Value::Null,
            toml::Value::String(text) => self.fill(text).into(),
            toml::Value::Integer(number) => (*number).into(),
            toml::Value::Float(number) => (*number).into(),
            toml::Value::Boolean(truth) => (*truth).into(),
            toml::Value::Datetime(time) => time.to_string().into(),
            toml::Value::Array(list) => list.iter().map(|value| self.value(value)).collect(),
            toml::Value::Table(table) => table
                .iter()
                .map(|(name, value)| (name.clone(), self.value(value)))
                .collect(),
        }
    }

    fn fill(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let filled = after.split_once('>');
            let filled = filled.and_then(|(blank, after)| Some((self.blank(blank)?, after)));
            // What is no blank stays as it is.
            let (text, after) = filled.unwrap_or_else(|| ("<".to_owned(), after));
            out.push_str(&text);
            rest = after;
        }
        out + rest
    }

    fn blank(&mut self, blank: &str) -> Option<String> {
        let number = match &self.address.key {
            Some(Key::Number(number)) => *number,
            Some(Key::Text(_)) | None => 0,
        };
        let module = self.address.resource.module.0.last();
        Some(match blank {
            "id" => self.id.clone(),
            "region" => self.surroundings.region.clone(),
            "account" => self.surroundings.account.clone(),
            "zone" => {
                let letter = ["a", "b", "c"][number.rem_euclid(3) as usize];
                format!("{}{letter}", self.surroundings.region)
            }
            "name" => self.address.resource.name.to_string(),
            "module" => module.map_or_else(|| "root".to_owned(), |call| call.name.to_string()),
            "key" => match &self.address.key {
                Some(Key::Text(text)) => text.to_string(),
                Some(Key::Number(number)) => number.to_string(),
                None => String::new(),
            },
            "number" => number.to_string(),
            "uuid" => self.chance.uuid(),
            _ => return self.made_up(blank),
        })
    }

    fn made_up(&mut self, blank: &str) -> Option<String> {
        let (alphabet, length) = blank.split_once(' ')?;
        let length = length
            .parse::<usize>()
            .ok()
            .filter(|length| *length <= 4096)?;
        match alphabet {
            "hex" => Some(self.chance.hex(length)),
            "digits" => Some(self.chance.digits(length)),
            "letters" => Some(self.chance.letters(length)),
            "secret" => Some(self.chance.secret(length)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::pattern::Pattern;

    fn attributes(kind: &str, address: &str) -> Map<String, Value> {
        let kind: Kind = toml::from_str(kind).unwrap();
        let surroundings = Surroundings {
            seed: 1,
            region: "eu-central-1".into(),
            account: "482100009034".into(),
        };
        let address = Pattern::parse(address).unwrap().instances().remove(0);
        kind.attributes(&address, &surroundings, &mut Chance::new(1, "x"))
    }

    #[test]
    fn the_built_in_catalog_is_sound() {
        assert_eq!(Catalog::built_in().unwrap().lint(), Vec::<String>::new());
    }

    #[test]
    fn blanks_are_filled_from_the_address() {
        let kind = r#"
            id = "i-<hex 4>"
            [attributes]
            arn = "arn:aws:ec2:<region>:<account>:instance/<id>"
            tags = { Name = "<module>-<name>-<number>" }
            user_data = "<null>"
            note = "a < b"
        "#;
        let made = attributes(kind, "module.compute.aws_instance.web[4]");
        let id = made["id"].as_str().unwrap();
        assert_eq!(
            made["arn"],
            format!("arn:aws:ec2:eu-central-1:482100009034:instance/{id}")
        );
        assert_eq!(made["tags"]["Name"], "compute-web-4");
        assert_eq!(made["user_data"], Value::Null);
        assert_eq!(made["note"], "a < b");
    }
}
