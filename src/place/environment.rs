//! The process environment as Terraform and its S3 backend read it. It is an
//! argument everywhere: nothing in this crate's nouns looks at the real one.
//! An empty variable counts as unset, as in Terraform.

use std::collections::BTreeMap;
use std::fmt;

/// The variables of one process.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The value of a variable that is set and not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The first of several variables that is set, in the order given.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.value(name))
    }

    /// The same environment with one variable set otherwise.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Where Terraform keeps its working data, relative to the directory unless absolute.
    pub fn data_directory(&self) -> &str {
        self.value("TF_DATA_DIR").unwrap_or(".terraform")
    }

    /// Whether a variable says true, read as the given tool reads it.
    pub(super) fn switch(&self, name: &str, reading: Switch) -> bool {
        self.value(name).is_some_and(|value| match reading {
            Switch::AnyValue => true,
            Switch::Boolean => matches!(value.to_ascii_lowercase().as_str(), "1" | "t" | "true"),
        })
    }
}

/// How a tool reads a variable that switches something on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    /// Terraform up to 1.14: any value, even `false`.
    AnyValue,
    /// Terraform from 1.15 on.
    Boolean,
}

impl Switch {
    /// How the Terraform that wrote a backend cache reads such a variable.
    pub(super) fn of(terraform_version: Option<&str>) -> Self {
        let mut parts = terraform_version.unwrap_or_default().split('.');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
        match (number(), number()) {
            (Some(major), Some(minor)) if (major, minor) < (1, 15) => Self::AnyValue,
            _ => Self::Boolean,
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Names only: the values may be credentials.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = Environment::from_iter([("TF_DATA_DIR", ""), ("AWS_REGION", "")]);
        assert_eq!(environment.data_directory(), ".terraform");
        assert_eq!(environment.value("AWS_REGION"), None);
    }

    #[test]
    fn values_are_never_printed() {
        let environment = Environment::from_iter([("AWS_SECRET_ACCESS_KEY", "very-secret")]);
        assert_eq!(format!("{environment:?}"), r#"{"AWS_SECRET_ACCESS_KEY"}"#);
    }

    #[test]
    fn terraform_up_to_1_14_takes_the_word_false_for_true() {
        let environment = Environment::from_iter([("AWS_USE_FIPS_ENDPOINT", "false")]);
        let says = |version| environment.switch("AWS_USE_FIPS_ENDPOINT", Switch::of(version));
        assert!(says(Some("1.11.4")) && says(Some("1.14.9")));
        assert!(!says(Some("1.15.9")) && !says(Some("2.0.0")) && !says(None));
    }
}
