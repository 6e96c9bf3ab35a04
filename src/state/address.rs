//! Addresses exactly as Terraform prints them, in the order in which
//! `terraform state list` prints them.
//!
//! Ordering is derived from the order of the fields, which is Terraform's:
//! shorter module paths first, data sources before managed resources, no key
//! before numbers before strings.

use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;

/// Whether Terraform manages a resource or only reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    Data,
    Managed,
}

impl Mode {
    /// The word of the state file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Managed => "managed",
        }
    }
}

/// The key of one instance of a resource or module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Number(i64),
    Text(Box<str>),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => write!(f, "[{}]", quoted(text)),
        }
    }
}

/// One step of a module path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    pub name: Box<str>,
    pub key: Option<Key>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        self.key.iter().try_for_each(|key| key.fmt(f))
    }
}

/// The path to a module; the root module has no steps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Module(pub Arc<[Call]>);

impl Module {
    /// Reads a path as state files write it; none where Terraform would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut calls = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = rest.strip_prefix("module.")?;
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let (key, after) = key_at(after)?;
            if name.is_empty() {
                return None;
            }
            calls.push(Call {
                name: name.into(),
                key,
            });
            rest = match after.strip_prefix('.') {
                Some("") => return None,
                Some(next) => next,
                None if after.is_empty() => after,
                None => return None,
            };
        }
        Some(Self(calls.into()))
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialOrd for Module {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Module {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let depth = self.0.len().cmp(&other.0.len());
        depth.then_with(|| self.0.cmp(&other.0))
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, call) in self.0.iter().enumerate() {
            let dot = if step == 0 { "" } else { "." };
            write!(f, "{dot}{call}")?;
        }
        Ok(())
    }
}

/// A resource without an instance key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddress {
    pub module: Module,
    pub mode: Mode,
    /// The resource type, such as `aws_instance`.
    pub kind: Arc<str>,
    pub name: Box<str>,
}

impl ResourceAddress {
    /// The address as seen from inside of its own module.
    pub fn local(&self) -> String {
        let data = match self.mode {
            Mode::Data => "data.",
            Mode::Managed => "",
        };
        format!("{data}{}.{}", self.kind, self.name)
    }
}

impl ResourceAddress {
    /// The address as the configuration knows it: no module has a key there.
    pub fn configured(&self) -> String {
        let mut address = String::new();
        for call in self.module.0.iter() {
            address += &["module.", &call.name, "."].concat();
        }
        address += &self.local();
        address
    }
}

impl fmt::Display for ResourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        f.write_str(&self.local())
    }
}

/// One instance of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub resource: ResourceAddress,
    pub key: Option<Key>,
}

impl Address {
    /// Whether every name in it is one that a configuration can have.
    pub fn is_well_named(&self) -> bool {
        let calls = self.resource.module.0.iter().map(|call| &*call.name);
        let own = [&*self.resource.kind, &*self.resource.name];
        calls.chain(own).all(is_identifier)
    }

    /// The address as seen from inside of its own module.
    pub fn local(&self) -> String {
        let key = self.key.as_ref().map(Key::to_string).unwrap_or_default();
        self.resource.local() + &key
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resource.fmt(f)?;
        self.key.iter().try_for_each(|key| key.fmt(f))
    }
}

/// A text as HCL quotes it (`toHCLQuotedString`).
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', letter]),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([letter, letter]),
            _ if is_print(letter) => out.push(letter),
            _ => out.push_str(&escaped(letter)),
        }
    }
    out.push('"');
    out
}

/// Whether HCL takes the text for a name.
pub(super) fn is_identifier(name: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    name.starts_with(|first: char| first.is_alphabetic() || first == '_') && name.chars().all(fits)
}

fn escaped(letter: char) -> String {
    match u32::from(letter) {
        code @ 0..=0xFFFF => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(super) fn is_print(letter: char) -> bool {
    static PRINT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());
    if letter.is_ascii() {
        return letter == ' ' || letter.is_ascii_graphic();
    }
    let mut buffer = [0; 4];
    PRINT
        .as_ref()
        .is_some_and(|print| print.is_match(letter.encode_utf8(&mut buffer)))
}

/// A bracketed key at the start of `text`, if there is one, and what follows it.
fn key_at(text: &str) -> Option<(Option<Key>, &str)> {
    let Some(inside) = text.strip_prefix('[') else {
        return Some((None, text));
    };
    if let Some(quoted) = inside.strip_prefix('"') {
        let (key, after) = unquoted(quoted)?;
        return Some((Some(Key::Text(key.into())), after.strip_prefix(']')?));
    }
    let (number, after) = inside.split_once(']')?;
    Some((Some(Key::Number(number.parse().ok()?)), after))
}

/// Undoes [`quoted`] up to the closing quote.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return Some((out, rest.as_str())),
            '\\' => out.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => coded(&mut rest, 4)?,
                'U' => coded(&mut rest, 8)?,
                other => other,
            }),
            letter @ ('$' | '%') => {
                out.push(letter);
                if let Some(after) = rest.as_str().strip_prefix(letter)
                    && after.starts_with('{')
                {
                    rest = after.chars();
                }
            }
            letter => out.push(letter),
        }
    }
}

fn coded(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let hex: String = rest.take(digits).collect();
    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn key(text: &str) -> String {
        Key::Text(text.into()).to_string()
    }

    #[test]
    fn string_keys_are_quoted_as_hcl_does() {
        assert_eq!(key("plain"), r#"["plain"]"#);
        assert_eq!(key("q\"u\\o\n\r\t"), r#"["q\"u\\o\n\r\t"]"#);
        assert_eq!(key("${a}%{b}$ %"), r#"["$${a}%%{b}$ %"]"#);
        assert_eq!(key("$${y}"), r#"["$$${y}"]"#);
        assert_eq!(key("\u{7}\u{200b}\u{a0}"), r#"["\u0007\u200b\u00a0"]"#);
        assert_eq!(key("é日😀\u{e0001}"), r#"["é日😀\U000e0001"]"#);
    }

    #[test]
    fn a_name_that_no_configuration_can_have_is_told_apart() {
        let address = |module: &str, kind: &str, name: &str| Address {
            resource: ResourceAddress {
                module: Module::parse(module).unwrap(),
                mode: Mode::Managed,
                kind: kind.into(),
                name: name.into(),
            },
            key: Some(Key::Text("any \"key\"\n".into())),
        };
        assert!(address("module.a-b", "aws_vpc", "_x1").is_well_named());
        for (module, kind, name) in [
            ("", "aws_vpc", "x\n}"),
            ("", "aws vpc", "x"),
            ("", "aws_vpc", ""),
            ("", "aws_vpc", "1x"),
            ("module.a b", "aws_vpc", "x"),
        ] {
            assert!(
                !address(module, kind, name).is_well_named(),
                "{module} {kind} {name}"
            );
        }
    }

    #[test]
    fn an_address_names_its_modules_and_its_mode() {
        let address = Address {
            resource: ResourceAddress {
                module: Module::parse(r#"module.m["x/y.z]"].module.deep[3]"#).unwrap(),
                mode: Mode::Data,
                kind: "aws_ami".into(),
                name: "base".into(),
            },
            key: Some(Key::Number(0)),
        };
        assert_eq!(
            address.to_string(),
            r#"module.m["x/y.z]"].module.deep[3].data.aws_ami.base[0]"#
        );
        assert_eq!(address.resource.local(), "data.aws_ami.base");
    }

    #[test]
    fn module_paths_sort_by_depth_first_and_numbers_before_strings() {
        let sorted = [
            "",
            "module.b",
            "module.b[2]",
            "module.b[10]",
            "module.b[\"1\"]",
            "module.a.module.a",
        ];
        let mut modules: Vec<_> = sorted
            .iter()
            .filter_map(|text| Module::parse(text))
            .collect();
        modules.reverse();
        modules.sort();
        let texts: Vec<_> = modules.iter().map(Module::to_string).collect();
        assert_eq!(texts, sorted);
    }

    #[test]
    fn what_is_no_module_path_is_refused() {
        let broken = [
            "module",
            "module.",
            "mod.x",
            "module.a.",
            "module.a[",
            "module.a[x]",
            "module.a[\"",
            "module.a[\"x\"",
            "module.a[0]b",
        ];
        for text in broken {
            assert_eq!(Module::parse(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(4), ..ProptestConfig::default() })]

        #[test]
        fn a_module_path_reads_back_as_it_was_printed(name in "[a-z_]{1,6}", text in any::<String>(), number in any::<i64>()) {
            let printed = format!("module.{name}{}.module.x{}", Key::Text(text.as_str().into()), Key::Number(number));
            let module = Module::parse(&printed).unwrap();
            prop_assert_eq!(module.0[0].key.as_ref(), Some(&Key::Text(text.into())));
            prop_assert_eq!(module.to_string(), printed);
        }

        #[test]
        fn any_text_is_survived(text in any::<String>()) {
            let _ = Module::parse(&text);
        }
    }
}
