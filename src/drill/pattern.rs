//! A few letters for many instances. A pattern is an address as Terraform
//! prints it whose last key may be a range of numbers or a list of strings:
//! `module.compute.aws_instance.web[0..40]`, `aws_subnet.public["a","b"]`.

use serde::{Deserialize, Deserializer, de};

use crate::state::{Address, Key, Mode, Module, ResourceAddress};

/// The instances that one pattern names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub resource: ResourceAddress,
    keys: Keys,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Keys {
    None,
    Numbers { from: i64, end: i64 },
    Texts(Vec<Box<str>>),
}

/// No pattern names more than so many instances.
const MOST: i64 = 10_000;

impl Pattern {
    /// Reads a pattern; the error is the end of a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| format!("{text:?} names no resource"))
    }

    /// Every instance, in order.
    pub fn instances(&self) -> Vec<Address> {
        let at = |key| Address {
            resource: self.resource.clone(),
            key,
        };
        match &self.keys {
            Keys::None => vec![at(None)],
            Keys::Numbers { from, end } => (*from..*end)
                .map(|number| at(Some(Key::Number(number))))
                .collect(),
            Keys::Texts(texts) => texts
                .iter()
                .map(|text| at(Some(Key::Text(text.clone()))))
                .collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

fn read(text: &str) -> Option<Pattern> {
    let (path, keys) = match text.strip_suffix(']') {
        Some(open) => {
            let (path, keys) = open.rsplit_once('[')?;
            (path, keys_of(keys)?)
        }
        None => (text, Keys::None),
    };
    let (rest, name) = path.rsplit_once('.')?;
    let (rest, kind) = rest.rsplit_once('.').unwrap_or(("", rest));
    // A module may be called `data` too; then nothing is left of its own path.
    let data = rest
        .strip_suffix("data")
        .and_then(|outer| Module::parse(outer.strip_suffix('.').unwrap_or(outer)));
    let (module, mode) = match data {
        Some(module) => (module, Mode::Data),
        None => (Module::parse(rest)?, Mode::Managed),
    };
    if name.is_empty() || matches!(kind, "" | "data" | "module") {
        return None;
    }
    let resource = ResourceAddress {
        module,
        mode,
        kind: kind.into(),
        name: name.into(),
    };
    Some(Pattern { resource, keys })
}

fn keys_of(text: &str) -> Option<Keys> {
    if let Some((from, end)) = text.split_once("..") {
        let (from, end) = (from.parse().ok()?, end.parse().ok()?);
        return (0 <= from && from < end && end <= MOST).then_some(Keys::Numbers { from, end });
    }
    if let Ok(from) = text.parse::<i64>() {
        return Some(Keys::Numbers {
            from,
            end: from.checked_add(1)?,
        });
    }
    let texts = text.split(',').map(|text| {
        let text = text.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some(text.into())
    });
    texts.collect::<Option<_>>().map(Keys::Texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let pattern = Pattern::parse(text).unwrap();
        pattern.instances().iter().map(Address::to_string).collect()
    }

    #[test]
    fn a_plain_address_names_itself() {
        for text in [
            "aws_vpc.main",
            "data.aws_ami.base",
            r#"module.net["eu"].data.aws_ami.base"#,
            "module.data.aws_db_instance.main",
            "module.data.data.aws_ami.base",
            r#"module.a.module.b[2].aws_eip.nat["x"]"#,
        ] {
            assert_eq!(named(text), [text]);
        }
    }

    #[test]
    fn a_range_and_a_list_name_many() {
        assert_eq!(
            named("aws_eip.nat[1..3]"),
            ["aws_eip.nat[1]", "aws_eip.nat[2]"]
        );
        assert_eq!(
            named(r#"aws_eip.nat["a", "b"]"#),
            [r#"aws_eip.nat["a"]"#, r#"aws_eip.nat["b"]"#]
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "vpc",
            "aws_vpc.",
            "module.a",
            "aws_vpc.main[3..1]",
            "aws_vpc.main[x]",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
