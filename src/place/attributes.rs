//! A lenient view of a backend's attributes. Keys may be missing, null, or of
//! an older schema; what cannot be read counts as not set, because a cache that
//! we half understand still leads to the state.

use serde_json::{Map, Value};

/// The `config` object of a backend, or an object nested in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(&'a Map<String, Value>);

impl<'a> Attributes<'a> {
    pub(super) fn new(config: &'a Map<String, Value>) -> Self {
        Self(config)
    }

    /// Text as written, even when it is empty.
    pub(super) fn raw(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// Text that is set and not empty.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.raw(name).filter(|text| !text.is_empty())
    }

    pub(super) fn owned(self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A boolean, or its word: partial configuration from the command line is text.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => word.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn number(self, name: &str) -> Option<u32> {
        match self.0.get(name)? {
            Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A list or set of texts; a single text is a list of one.
    pub(super) fn list(self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(item)) if !item.is_empty() => vec![item.clone()],
            _ => Vec::new(),
        }
    }

    /// A map of texts, in the order written.
    pub(super) fn pairs(self, name: &str) -> Vec<(String, String)> {
        let Some(Value::Object(map)) = self.0.get(name) else {
            return Vec::new();
        };
        map.iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }

    /// A nested object; a list of one object (a block) counts as that object.
    pub(super) fn nested(self, name: &str) -> Option<Self> {
        match self.0.get(name)? {
            Value::Object(map) => Some(Self(map)),
            Value::Array(items) => items.first()?.as_object().map(Self),
            _ => None,
        }
    }
}

/// Seconds of a duration as Go writes it: `1h30m`, `15m`, `1.5h`.
pub(super) fn seconds(duration: &str) -> Option<u32> {
    let mut rest = duration.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|end| *end > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |end| digits + end);
        total += number
            * match &rest[digits..unit_end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    (1.0..=f64::from(u32::MAX))
        .contains(&total)
        .then_some(total as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_cannot_be_read_counts_as_not_set() {
        let config = config(r#"{"region":7,"encrypt":"yes","max_retries":-1,"endpoints":"x"}"#);
        let attributes = Attributes::new(&config);
        assert_eq!(attributes.text("region"), None);
        assert_eq!(attributes.flag("encrypt"), None);
        assert_eq!(attributes.number("max_retries"), None);
        assert!(attributes.nested("endpoints").is_none());
        assert!(attributes.list("shared_config_files").is_empty());
    }

    #[test]
    fn words_and_digits_of_partial_configuration_are_values() {
        let config = config(r#"{"encrypt":"true","max_retries":"3","files":"one"}"#);
        let attributes = Attributes::new(&config);
        assert_eq!(attributes.flag("encrypt"), Some(true));
        assert_eq!(attributes.number("max_retries"), Some(3));
        assert_eq!(attributes.list("files"), ["one"]);
    }

    #[test]
    fn a_go_duration_is_read_in_seconds() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("1.5h"), Some(5400));
        assert_eq!(seconds("900s"), Some(900));
        assert_eq!(
            [seconds(""), seconds("15"), seconds("m"), seconds("1é2")],
            [None; 4]
        );
    }
}
