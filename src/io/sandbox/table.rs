//! The table half of a sandbox: lock and digest items as `DynamoDB` JSON, and
//! deletes that are conditional as `DynamoDB`'s are.
//!
//! Invariant: every change is made under the table's guard and becomes
//! visible by one rename of `items.json`; a reader needs no guard.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::bucket::Changed;
use super::guard;
use crate::io::disk;

const LIMIT: u64 = 64 << 20;

/// One item: attribute name to typed value, `{"LockID": {"S": "…"}}`.
pub type Row = BTreeMap<String, Value>;

#[derive(Debug, Clone)]
pub struct Table {
    folder: PathBuf,
}

impl Table {
    pub fn new(root: &Path) -> Self {
        Self {
            folder: root.join("table"),
        }
    }

    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }

    pub fn item(&self, id: &str) -> io::Result<Option<Row>> {
        Ok(self.items()?.remove(id))
    }

    pub fn put(&self, id: &str, item: Row) -> io::Result<()> {
        self.put_if(id, item, |_| true).map(drop)
    }

    /// Puts the item if the condition holds of what is there now.
    pub fn put_if(
        &self,
        id: &str,
        mut item: Row,
        condition: impl Fn(Option<&Row>) -> bool,
    ) -> io::Result<Changed> {
        item.insert("LockID".to_owned(), text(id));
        let _guard = guard::take(&self.folder)?;
        let mut items = self.items()?;
        if !condition(items.get(id)) {
            return Ok(Changed::ConditionFailed);
        }
        items.insert(id.to_owned(), item);
        self.store(&items)?;
        Ok(Changed::Done)
    }

    /// Deletes the item if the condition holds of it as it stands now.
    pub fn delete(&self, id: &str, condition: impl Fn(&Row) -> bool) -> io::Result<Changed> {
        let _guard = guard::take(&self.folder)?;
        let mut items = self.items()?;
        if !items.get(id).is_some_and(condition) {
            return Ok(Changed::ConditionFailed);
        }
        items.remove(id);
        self.store(&items)?;
        Ok(Changed::Done)
    }

    /// Every item by its id.
    pub fn items(&self) -> io::Result<BTreeMap<String, Row>> {
        match disk::read(&self.folder.join("items.json"), LIMIT)? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| disk::wrong(format!("items.json of the sandbox: {error}"))),
            None => Ok(BTreeMap::new()),
        }
    }

    fn store(&self, items: &BTreeMap<String, Row>) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(items)?;
        disk::exchange(&self.folder.join("items.json"), &bytes)
    }
}

/// A string attribute.
pub fn text(value: &str) -> Value {
    serde_json::json!({ "S": value })
}

/// The value of a string attribute.
pub fn string<'a>(item: &'a Row, name: &str) -> Option<&'a str> {
    item.get(name)?.get("S")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_deleted_only_while_the_condition_holds() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::new(folder.path());
        table.create().unwrap();
        table
            .put("b/k", Row::from([("Info".into(), text("seen"))]))
            .unwrap();
        let is = |value: &'static str| move |item: &Row| string(item, "Info") == Some(value);
        assert_eq!(
            table.delete("b/k", is("other")).unwrap(),
            Changed::ConditionFailed
        );
        assert_eq!(table.delete("b/k", is("seen")).unwrap(), Changed::Done);
        assert_eq!(
            table.delete("b/k", is("seen")).unwrap(),
            Changed::ConditionFailed
        );
    }
}
