//! The types that hold what cannot be made again: databases, buckets, disks,
//! keys. The table is data; what is not in it is taken for replaceable.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

static STATEFUL: LazyLock<HashSet<String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        types: Vec<String>,
    }
    let table = toml::from_str::<Table>(include_str!("../../assets/stateful.toml"));
    table
        .map(|table| table.types.into_iter().collect())
        .unwrap_or_default()
});

/// Whether the address is one of a managed resource that holds data.
pub fn is_stateful(address: &str) -> bool {
    type_of(address).is_some_and(|kind| STATEFUL.contains(kind))
}

/// The type of a managed resource's address; none for data and for what is no address.
pub fn type_of(address: &str) -> Option<&str> {
    let mut rest = address;
    while let Some(module) = rest.strip_prefix("module.") {
        rest = after_name(module)?;
    }
    let (kind, _) = rest.split_once('.')?;
    (kind != "data").then_some(kind)
}

/// What follows a module's name and its key, whatever the key holds.
fn after_name(text: &str) -> Option<&str> {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            '.' if !quoted && depth == 0 => return Some(&text[at + 1..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_data_is_known_in_any_module() {
        for address in [
            "aws_db_instance.main",
            "module.a.aws_s3_bucket.logs[0]",
            r#"module.m["x.y\"]"].module.n.aws_rds_cluster.this["a.b"]"#,
        ] {
            assert!(is_stateful(address), "{address}");
        }
        for address in [
            "aws_instance.web",
            "data.aws_s3_bucket.logs",
            "module.aws_s3_bucket",
            "",
        ] {
            assert!(!is_stateful(address), "{address}");
        }
    }

    #[test]
    fn the_table_of_types_is_read() {
        assert!(STATEFUL.len() > 70);
    }
}
