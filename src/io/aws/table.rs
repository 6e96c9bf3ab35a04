//! The lock table: the lock row and the digest row of a state, read
//! consistently. A row is told by the attribute it carries, not by its name.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::Inner;
use super::question::Question;
use crate::fault::Fault;
use crate::lock::{Body, Digest, Look, Sighting, Store};
use crate::recovery::Content;

pub(super) type Row = HashMap<String, AttributeValue>;

impl Inner {
    /// One look at the lock row; none where the backend has no table.
    pub(super) async fn lock_row(&self) -> Option<Look> {
        let table = self.place.dynamodb_table.clone()?;
        let key = self.place.lock_row();
        let question = self.on_row("read the lock row", &key, "dynamodb:GetItem");
        let found = self
            .row(&question, &table, &key)
            .await
            .map(|row| row.map(|row| sighting(&table, key.clone(), &row)));
        Some(Look {
            store: Store::DynamoDb,
            container: table,
            key,
            found,
        })
    }

    /// The digest row; none where the backend has no table.
    pub(super) async fn digest(&self) -> Option<Result<Option<Digest>, Fault>> {
        let table = self.place.dynamodb_table.clone()?;
        let key = self.place.digest_row();
        let question = self.on_row("read the digest row", &key, "dynamodb:GetItem");
        let row = self.row(&question, &table, &key).await;
        Some(row.map(|row| {
            row.map(|row| Digest {
                table,
                key,
                stored: text(&row, "Digest").unwrap_or_default().to_owned(),
            })
        }))
    }

    pub(super) async fn row(
        &self,
        question: &Question,
        table: &str,
        key: &str,
    ) -> Result<Option<Row>, Fault> {
        let request = self
            .clients
            .dynamodb
            .get_item()
            .table_name(table)
            .key("LockID", AttributeValue::S(key.to_owned()))
            .consistent_read(true);
        self.within(
            question,
            Box::pin(async move {
                let answer = request.send().await;
                let output = answer.map_err(|error| self.explain(question, &error))?;
                Ok(output.item)
            }),
        )
        .await
    }
}

fn sighting(table: &str, key: String, row: &Row) -> Sighting {
    Sighting {
        store: Store::DynamoDb,
        container: table.to_owned(),
        key,
        body: lock_body(row),
        etag: None,
        modified: None,
    }
}

/// The lock that a row of a scan holds, by its own name.
pub(super) fn row_sighting(table: &str, row: &Row) -> Option<Sighting> {
    let key = text(row, "LockID")?.to_owned();
    Some(sighting(table, key, row))
}

pub(super) fn lock_body(row: &Row) -> Body {
    match text(row, "Info") {
        Some(info) => Body::Bytes(info.as_bytes().to_vec()),
        None => Body::NoInfo { item: item(row) },
    }
}

pub(super) fn text<'a>(row: &'a Row, attribute: &str) -> Option<&'a str> {
    row.get(attribute)?.as_s().ok().map(String::as_str)
}

/// The row that holds this content under a `LockID`, or why there is none.
pub(super) fn row_of(key: &str, content: &Content) -> Result<Row, String> {
    let mut row = match content {
        Content::Lock(Body::Bytes(bytes)) => {
            let info = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            Row::from([("Info".to_owned(), AttributeValue::S(info.to_owned()))])
        }
        Content::Lock(Body::NoInfo { item }) => untyped(item)?,
        Content::Digest(digest) => {
            Row::from([("Digest".to_owned(), AttributeValue::S(digest.clone()))])
        }
        Content::State(_) => return Err("a row holds no state".to_owned()),
    };
    row.insert("LockID".to_owned(), AttributeValue::S(key.to_owned()));
    Ok(row)
}

/// A row out of the form that [`item`] gives it.
fn untyped(item: &str) -> Result<Row, String> {
    let value: Value = serde_json::from_str(item).map_err(|error| error.to_string())?;
    attributes(&value).ok_or_else(|| "it is no row".to_owned())
}

fn attributes(value: &Value) -> Option<Row> {
    let pairs = value.as_object()?.iter();
    pairs
        .map(|(name, value)| Some((name.clone(), attribute(value)?)))
        .collect()
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let blob = |value: &Value| Some(BASE64.decode(value.as_str()?.as_bytes()).ok()?.into());
    let list = || {
        value
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
    };
    Some(match kind.as_str() {
        "S" => AttributeValue::S(text(value)?),
        "N" => AttributeValue::N(text(value)?),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(value.as_bool()?),
        "B" => AttributeValue::B(blob(value)?),
        "SS" => AttributeValue::Ss(list().map(text).collect::<Option<_>>()?),
        "NS" => AttributeValue::Ns(list().map(text).collect::<Option<_>>()?),
        "BS" => AttributeValue::Bs(list().map(blob).collect::<Option<_>>()?),
        "L" => AttributeValue::L(list().map(attribute).collect::<Option<_>>()?),
        "M" => AttributeValue::M(attributes(value)?),
        _ => return None,
    })
}

/// A whole row as DynamoDB JSON with sorted keys.
fn item(row: &Row) -> String {
    let sorted: BTreeMap<_, _> = row
        .iter()
        .map(|(name, value)| (name, typed(value)))
        .collect();
    json!(sorted).to_string()
}

fn typed(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Bool(flag) => json!({"BOOL": flag}),
        AttributeValue::Null(flag) => json!({"NULL": flag}),
        AttributeValue::B(bytes) => json!({"B": BASE64.encode(bytes.as_ref())}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Bs(blobs) => {
            let blobs: Vec<_> = blobs
                .iter()
                .map(|bytes| BASE64.encode(bytes.as_ref()))
                .collect();
            json!({"BS": blobs})
        }
        AttributeValue::L(items) => json!({"L": items.iter().map(typed).collect::<Vec<_>>()}),
        AttributeValue::M(map) => {
            let sorted: BTreeMap<_, _> = map
                .iter()
                .map(|(name, value)| (name, typed(value)))
                .collect();
            json!({"M": sorted})
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pairs: &[(&str, AttributeValue)]) -> Row {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    #[test]
    fn a_lock_is_its_info_to_the_byte() {
        let info = "{\"ID\":\"\\u003cx\"} ";
        let body = lock_body(&row(&[
            ("LockID", AttributeValue::S("b/k".into())),
            ("Info", AttributeValue::S(info.into())),
        ]));
        assert_eq!(body, Body::Bytes(info.as_bytes().to_vec()));
    }

    #[test]
    fn a_row_without_info_is_kept_whole_and_sorted() {
        let odd = row(&[
            ("LockID", AttributeValue::S("b/k".into())),
            ("Count", AttributeValue::N("3".into())),
            ("Blob", AttributeValue::B(vec![0, 255].into())),
        ]);
        let Body::NoInfo { item } = lock_body(&odd) else {
            panic!("it has no Info");
        };
        assert_eq!(
            item,
            r#"{"Blob":{"B":"AP8="},"Count":{"N":"3"},"LockID":{"S":"b/k"}}"#
        );
    }

    #[test]
    fn a_row_that_was_kept_can_be_put_back_to_the_letter() {
        let odd = row(&[
            ("LockID", AttributeValue::S("b/k".into())),
            ("Count", AttributeValue::N("3".into())),
            ("Blob", AttributeValue::B(vec![0, 255].into())),
            ("Tags", AttributeValue::Ss(vec!["a".into(), "b".into()])),
            (
                "Deep",
                AttributeValue::M(row(&[("On", AttributeValue::Bool(true))])),
            ),
        ]);
        let kept = Content::Lock(Body::NoInfo { item: item(&odd) });
        assert_eq!(row_of("b/k", &kept), Ok(odd));
    }

    #[test]
    fn an_info_that_is_no_text_is_no_info() {
        let body = lock_body(&row(&[("Info", AttributeValue::N("1".into()))]));
        assert!(matches!(body, Body::NoInfo { .. }));
    }
}
