//! The command that does by hand what a step does, with every value quoted for
//! a POSIX shell. A sandbox's commands name it as their endpoint, so that one
//! pasted by mistake reaches nothing.

use super::write::{Content, Item, Seen, Slot, Write};
use crate::lock::{Body, Sighting, Store};
use crate::place::{Backend, Encryption, Place};

const ETAG_TO_COME: &str = "the ETag that put-object answered";

/// Deletes the item under the same condition as we do.
pub fn delete(place: &Place, seen: &Sighting) -> Option<String> {
    let words: Vec<String> = match seen.store {
        Store::S3 => vec![
            "aws s3api delete-object".into(),
            flag("bucket", &seen.container),
            flag("key", &seen.key),
            same_etag(seen.etag.as_deref()),
        ],
        Store::DynamoDb => {
            let mut words = vec![
                "aws dynamodb delete-item".into(),
                flag("table-name", &seen.container),
                flag("key", &attribute("LockID", &seen.key)),
            ];
            words.extend(same_info(&seen.body));
            words
        }
        Store::Local => return None,
    };
    Some(finish(place, seen.store, words))
}

/// Puts the item back, if nothing else has taken its place.
pub fn take_again(place: &Place, seen: &Sighting) -> Option<String> {
    let words: Vec<String> = match (seen.store, &seen.body) {
        (Store::S3, _) => {
            let mut words = vec![
                "aws s3api put-object".into(),
                flag("bucket", &seen.container),
                flag("key", &seen.key),
                flag("body", &saved_name(seen)),
            ];
            words.extend(as_the_backend_puts(place));
            words.push(flag("if-none-match", "*"));
            words
        }
        (Store::DynamoDb, body) => vec![
            "aws dynamodb put-item".into(),
            flag("table-name", &seen.container),
            flag("item", &item(&seen.key, body)),
            flag("condition-expression", "attribute_not_exists(LockID)"),
        ],
        (Store::Local, _) => return None,
    };
    Some(finish(place, seen.store, words))
}

/// Makes any change under the same condition as we do; a state goes out of the
/// file that the incident keeps.
pub fn write(place: &Place, write: &Write) -> Option<String> {
    let item = &write.item;
    let seen = |content: &Content, etag: Option<&String>| {
        item.sighting(&Seen {
            content: content.clone(),
            etag: etag.cloned(),
        })
    };
    let words: Vec<String> = match (&write.from, &write.to) {
        (Some(from), None) if write.is_about_a_lock() => {
            return delete(place, &seen(&from.content, from.etag.as_ref())?);
        }
        (None, Some(content @ Content::Lock(_))) => {
            return take_again(place, &seen(content, None)?);
        }
        (from, Some(to)) => match item.slot {
            Slot::LockObject | Slot::State => put_object(place, item, from.as_ref(), to)?,
            Slot::LockRow | Slot::DigestRow => put_row(item, from.as_ref(), to)?,
            Slot::StateFile => vec!["cp".to_owned(), backup_of(to)?, quote(&item.key)],
            Slot::LocalLock => return None,
        },
        (Some(from), None) if item.slot == Slot::DigestRow => {
            let mut words = vec![
                "aws dynamodb delete-item".into(),
                flag("table-name", &item.container),
                flag("key", &attribute("LockID", &item.key)),
            ];
            words.extend(same_content(&from.content));
            words
        }
        _ => return None,
    };
    Some(finish(place, item.slot.store(), words))
}

/// The file in the incident's `backups/` that keeps a state's bytes.
fn backup_of(content: &Content) -> Option<String> {
    let Content::State(mark) = content else {
        return None;
    };
    Some(format!("{}.tfstate", mark.sha256.get(..12)?))
}

fn put_object(
    place: &Place,
    item: &Item,
    from: Option<&Seen>,
    to: &Content,
) -> Option<Vec<String>> {
    let file = match to {
        Content::State(_) => backup_of(to)?,
        Content::Lock(_) => saved_name(&item.sighting(&Seen {
            content: to.clone(),
            etag: None,
        })?),
        Content::Digest(_) => return None,
    };
    let condition = match from {
        Some(from) => same_etag(from.etag.as_deref()),
        None => flag("if-none-match", "*"),
    };
    let mut words = vec![
        "aws s3api put-object".into(),
        flag("bucket", &item.container),
        flag("key", &item.key),
        flag("body", &file),
    ];
    words.extend(as_the_backend_puts(place));
    words.push(condition);
    Some(words)
}

/// What the backend sends with every object that it writes: without it the
/// object would lie there under another key, or be read by others.
fn as_the_backend_puts(place: &Place) -> Vec<String> {
    let mut words = vec![flag("content-type", "application/json")];
    let Backend::S3(s3) = &place.backend else {
        return words;
    };
    if !s3.skip_s3_checksum {
        words.push(flag("checksum-algorithm", "SHA256"));
    }
    words.extend(s3.acl.as_ref().map(|acl| flag("acl", acl)));
    match &s3.encryption {
        Encryption::None => {}
        Encryption::Aes256 => words.push(flag("server-side-encryption", "AES256")),
        Encryption::Kms { key_id } => {
            words.push(flag("server-side-encryption", "aws:kms"));
            words.push(flag("ssekms-key-id", key_id));
        }
        // The key is a secret: it comes from a file of the person's own.
        Encryption::Customer { .. } => {
            words.push(flag("sse-customer-algorithm", "AES256"));
            words.push(flag("sse-customer-key", "fileb://sse-customer.key"));
        }
    }
    words
}

/// What an earlier step writes has an `ETag` once it is written: pasted before
/// that, the words in its place match nothing.
fn same_etag(etag: Option<&str>) -> String {
    flag("if-match", etag.unwrap_or(ETAG_TO_COME))
}

fn put_row(row: &Item, from: Option<&Seen>, to: &Content) -> Option<Vec<String>> {
    let written = match to {
        Content::Lock(body) => item(&row.key, body),
        Content::Digest(digest) => serde_json::json!({
            "LockID": { "S": row.key },
            "Digest": { "S": digest },
        })
        .to_string(),
        Content::State(_) => return None,
    };
    let mut words = vec![
        "aws dynamodb put-item".into(),
        flag("table-name", &row.container),
        flag("item", &written),
    ];
    match from {
        Some(from) => words.extend(same_content(&from.content)),
        None => words.push(flag("condition-expression", "attribute_not_exists(LockID)")),
    }
    Some(words)
}

fn same_content(content: &Content) -> Vec<String> {
    match content {
        Content::Lock(body) => same_info(body),
        Content::Digest(digest) => vec![
            flag("condition-expression", "Digest = :d"),
            flag("expression-attribute-values", &attribute(":d", digest)),
        ],
        Content::State(_) => Vec::new(),
    }
}

/// The file in the incident's `backups/` that keeps a lock's body.
pub fn saved_name(seen: &Sighting) -> String {
    let hash = seen.body.sha256();
    let ending = match seen.body {
        Body::Bytes(_) => "lock",
        Body::NoInfo { .. } => "item.json",
    };
    format!("{}-{}.{ending}", seen.store, &hash[..12])
}

fn same_info(body: &Body) -> Vec<String> {
    match body {
        Body::Bytes(info) => vec![
            flag("condition-expression", "Info = :i"),
            flag(
                "expression-attribute-values",
                &attribute(":i", &String::from_utf8_lossy(info)),
            ),
        ],
        Body::NoInfo { .. } => vec![flag(
            "condition-expression",
            "attribute_exists(LockID) AND attribute_not_exists(Info)",
        )],
    }
}

fn item(key: &str, body: &Body) -> String {
    match body {
        Body::Bytes(info) => serde_json::json!({
            "LockID": { "S": key },
            "Info": { "S": String::from_utf8_lossy(info) },
        })
        .to_string(),
        Body::NoInfo { item } => item.clone(),
    }
}

fn attribute(name: &str, value: &str) -> String {
    serde_json::json!({ name: { "S": value } }).to_string()
}

fn finish(place: &Place, store: Store, mut words: Vec<String>) -> String {
    let (region, profile, endpoint) = match &place.backend {
        Backend::S3(s3) => {
            let endpoint = match store {
                Store::DynamoDb => s3.endpoints.dynamodb.clone(),
                Store::S3 | Store::Local => s3.endpoints.s3.clone(),
            };
            (s3.region.clone(), s3.profile.clone(), endpoint)
        }
        Backend::Sandbox(sandbox) => {
            let endpoint = format!("sandbox:{}", sandbox.root.display());
            (Some(sandbox.region.clone()), None, Some(endpoint))
        }
        Backend::Local(_) | Backend::Other { .. } => (None, None, None),
    };
    let options = [
        ("region", region),
        ("profile", profile),
        ("endpoint-url", endpoint),
    ];
    for (name, value) in options {
        words.extend(value.map(|value| flag(name, &value)));
    }
    words.join(" ")
}

fn flag(name: &str, value: &str) -> String {
    format!("--{name} {}", quote(value))
}

/// One word of a POSIX shell, whatever the value holds.
pub fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Endpoints, Origin, S3, Secret};

    fn place() -> Place {
        Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(S3 {
                region: Some("eu-west-1".into()),
                endpoints: Endpoints {
                    dynamodb: Some("http://127.0.0.1:5000".into()),
                    ..Endpoints::default()
                },
                ..S3::default()
            })),
            origin: Origin::Flags,
            divergences: Vec::new(),
        }
    }

    fn seen(store: Store, body: Body) -> Sighting {
        Sighting {
            store,
            container: "tf locks".into(),
            key: "b/k".into(),
            body,
            etag: Some("\"5d41\"".into()),
            modified: None,
        }
    }

    #[test]
    fn the_object_is_deleted_by_its_etag() {
        let by_hand = delete(&place(), &seen(Store::S3, Body::Bytes(Vec::new())));
        assert_eq!(
            by_hand.unwrap(),
            "aws s3api delete-object --bucket 'tf locks' --key b/k --if-match '\"5d41\"' --region eu-west-1"
        );
    }

    #[test]
    fn an_object_is_put_as_the_backend_itself_would_and_no_key_is_shown() {
        let with = |encryption: Encryption| {
            let mut place = place();
            if let Backend::S3(s3) = &mut place.backend {
                s3.encryption = encryption;
                s3.acl = Some("bucket-owner-full-control".into());
            }
            take_again(&place, &seen(Store::S3, Body::Bytes(Vec::new()))).unwrap()
        };
        let plain = with(Encryption::None);
        assert!(plain.contains(
            "--content-type application/json --checksum-algorithm SHA256 --acl bucket-owner-full-control --if-none-match"
        ));
        let key_id = "arn:aws:kms:eu-west-1:1:key/2".to_owned();
        let kms = with(Encryption::Kms { key_id });
        assert!(kms.contains(
            "--server-side-encryption aws:kms --ssekms-key-id arn:aws:kms:eu-west-1:1:key/2"
        ));
        let key = Secret::new("a-customer-key-that-is-never-shown");
        let customer = with(Encryption::Customer { key });
        assert!(
            customer.contains("--sse-customer-algorithm AES256") && !customer.contains("never")
        );
    }

    #[test]
    fn what_an_earlier_step_writes_is_deleted_by_the_etag_that_it_will_have() {
        let unwritten = Sighting {
            etag: None,
            ..seen(Store::S3, Body::Bytes(Vec::new()))
        };
        let by_hand = delete(&place(), &unwritten).unwrap();
        assert!(
            by_hand.contains("--if-match 'the ETag that put-object answered'"),
            "{by_hand}"
        );
    }

    #[test]
    fn the_item_is_deleted_by_its_raw_info() {
        let body = Body::Bytes(br#"{"ID":"it's"}"#.to_vec());
        let by_hand = delete(&place(), &seen(Store::DynamoDb, body)).unwrap();
        assert!(by_hand.contains("--condition-expression 'Info = :i'"));
        assert!(by_hand.contains(r#"'{":i":{"S":"{\"ID\":\"it'\''s\"}"}}'"#));
        assert!(by_hand.ends_with("--endpoint-url http://127.0.0.1:5000"));
    }

    #[test]
    fn an_item_without_info_is_deleted_only_while_it_has_none() {
        let body = Body::NoInfo {
            item: r#"{"LockID":{"S":"b/k"}}"#.into(),
        };
        let seen = seen(Store::DynamoDb, body);
        let by_hand = delete(&place(), &seen).unwrap();
        assert!(by_hand.contains("attribute_not_exists(Info)"));
        assert!(
            take_again(&place(), &seen)
                .unwrap()
                .contains("attribute_not_exists(LockID)")
        );
    }

    #[test]
    fn no_value_leaves_its_quotes() {
        assert_eq!(quote("a b; rm -rf /"), "'a b; rm -rf /'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("$(x)"), "'$(x)'");
    }
}
