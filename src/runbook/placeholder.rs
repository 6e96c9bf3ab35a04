//! The names that a page may put in double braces, and their values.
//!
//! One table says each name and what it stands for: filling, lint and the
//! hint of a missing value read it. A value is text from the outside world and
//! is trusted with nothing; quoting is the business of `shell`.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A name that a page may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    Account,
    Contact,
    DigestCalculated,
    DigestRow,
    DigestRowKey,
    DigestStored,
    LockAge,
    LockCreated,
    LockHost,
    LockId,
    LockObject,
    LockOperation,
    LockRow,
    LockRowKey,
    LockTable,
    LockWho,
    LogPath,
    Place,
    Profile,
    Region,
    ResourceAddress,
    ResourceCluster,
    ResourceId,
    ResourceName,
    Role,
    StateBucket,
    StateEtag,
    StateFile,
    StateKey,
    StateSerialNext,
    StateVersion,
    StateVersionGood,
    TimeDayAgo,
    TimeHourAgo,
    TimeNow,
    TimeWeekAgo,
    Workspace,
}

/// Every placeholder in the order of its variant, its name, and what it stands for.
const TABLE: [(Placeholder, &str, &str); 37] = [
    (
        Placeholder::Account,
        "account",
        "the account id of the credentials in use",
    ),
    (
        Placeholder::Contact,
        "contact",
        "who is called: contact in the page, else in the configuration",
    ),
    (
        Placeholder::DigestCalculated,
        "digest.calculated",
        "the MD5 of the current state's bytes",
    ),
    (
        Placeholder::DigestRow,
        "digest.row",
        "the LockID of the digest row",
    ),
    (
        Placeholder::DigestRowKey,
        "digest.row_key",
        "the key of the digest row as DynamoDB's JSON",
    ),
    (
        Placeholder::DigestStored,
        "digest.stored",
        "the MD5 that the digest row holds",
    ),
    (
        Placeholder::LockAge,
        "lock.age",
        "for how long the lock has been held",
    ),
    (
        Placeholder::LockCreated,
        "lock.created",
        "when the lock was taken",
    ),
    (
        Placeholder::LockHost,
        "lock.host",
        "the host of the lock's holder",
    ),
    (Placeholder::LockId, "lock.id", "the id of the lock"),
    (
        Placeholder::LockObject,
        "lock.object",
        "the key of the .tflock object",
    ),
    (
        Placeholder::LockOperation,
        "lock.operation",
        "what the lock was taken for",
    ),
    (
        Placeholder::LockRow,
        "lock.row",
        "the LockID of the lock row",
    ),
    (
        Placeholder::LockRowKey,
        "lock.row_key",
        "the key of the lock row as DynamoDB's JSON",
    ),
    (
        Placeholder::LockTable,
        "lock.table",
        "the DynamoDB table of locks and digests",
    ),
    (
        Placeholder::LockWho,
        "lock.who",
        "who holds the lock, as user@host",
    ),
    (
        Placeholder::LogPath,
        "log.path",
        "the log file that is being followed",
    ),
    (
        Placeholder::Place,
        "place",
        "the state that this is about, by its short name",
    ),
    (
        Placeholder::Profile,
        "profile",
        "the AWS profile of the backend",
    ),
    (
        Placeholder::Region,
        "region",
        "the AWS region of the backend",
    ),
    (
        Placeholder::ResourceAddress,
        "resource.address",
        "the address of the resource under the cursor",
    ),
    (
        Placeholder::ResourceCluster,
        "resource.cluster",
        "the cluster of that resource, as its ARN says",
    ),
    (
        Placeholder::ResourceId,
        "resource.id",
        "the id of that resource at its provider: open it in the State pane",
    ),
    (
        Placeholder::ResourceName,
        "resource.name",
        "the end of that id: its name without an ARN",
    ),
    (
        Placeholder::Role,
        "role",
        "the ARN of the role that the backend assumes",
    ),
    (
        Placeholder::StateBucket,
        "state.bucket",
        "the bucket of the state",
    ),
    (
        Placeholder::StateEtag,
        "state.etag",
        "the ETag of the current version of the state",
    ),
    (
        Placeholder::StateFile,
        "state.file",
        "the path of a local state",
    ),
    (
        Placeholder::StateKey,
        "state.key",
        "the object key of the state",
    ),
    (
        Placeholder::StateSerialNext,
        "state.serial_next",
        "one more than the highest serial that was seen",
    ),
    (
        Placeholder::StateVersion,
        "state.version",
        "the id of the current version of the state",
    ),
    (
        Placeholder::StateVersionGood,
        "state.version_good",
        "the id of the last good version of the state",
    ),
    (Placeholder::TimeDayAgo, "time.day_ago", "a day ago, in UTC"),
    (
        Placeholder::TimeHourAgo,
        "time.hour_ago",
        "an hour ago, in UTC",
    ),
    (Placeholder::TimeNow, "time.now", "the present time in UTC"),
    (
        Placeholder::TimeWeekAgo,
        "time.week_ago",
        "a week ago, in UTC",
    ),
    (
        Placeholder::Workspace,
        "workspace",
        "the selected workspace",
    ),
];

impl Placeholder {
    /// The placeholder called `name`.
    pub fn named(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(placeholder, _, _)| *placeholder)
    }

    /// What a page writes between the braces.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// What it stands for, as a noun phrase.
    pub fn sentence(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// Every placeholder, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(placeholder, _, _)| *placeholder)
    }
}

/// What is known of the place right now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    values: BTreeMap<Placeholder, String>,
}

impl Context {
    /// A context in which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same context with one more value.
    #[must_use]
    pub fn with(mut self, placeholder: Placeholder, value: impl Into<String>) -> Self {
        self.set(placeholder, value);
        self
    }

    /// Learns a value. An empty one is not a value: the placeholder stays open.
    pub fn set(&mut self, placeholder: Placeholder, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.values.remove(&placeholder);
        } else {
            self.values.insert(placeholder, value);
        }
    }

    /// The value, told directly or following from another one.
    pub fn value(&self, placeholder: Placeholder) -> Option<Cow<'_, str>> {
        if let Some(told) = self.values.get(&placeholder) {
            return Some(Cow::Borrowed(told));
        }
        self.derived(placeholder).map(Cow::Owned)
    }

    /// What is known, in the order of the table, without what merely follows.
    pub fn told(&self) -> impl Iterator<Item = (Placeholder, &str)> {
        self.values
            .iter()
            .map(|(placeholder, value)| (*placeholder, value.as_str()))
    }

    fn derived(&self, placeholder: Placeholder) -> Option<String> {
        let told = |from| self.values.get(&from).map(String::as_str);
        match placeholder {
            Placeholder::LockRowKey => told(Placeholder::LockRow).map(row_key),
            Placeholder::DigestRowKey => told(Placeholder::DigestRow).map(row_key),
            Placeholder::LockHost => {
                let (_, host) = told(Placeholder::LockWho)?.rsplit_once('@')?;
                (!host.is_empty()).then(|| host.to_owned())
            }
            Placeholder::ResourceName => {
                let id = told(Placeholder::ResourceId)?;
                let name = id.rsplit(['/', ':']).next()?;
                (!name.is_empty()).then(|| name.to_owned())
            }
            Placeholder::ResourceCluster => {
                let id = told(Placeholder::ResourceId)?;
                let rest = id.strip_prefix("arn:")?.split(":service/").nth(1)?;
                let (cluster, _) = rest.split_once('/')?;
                Some(cluster.to_owned())
            }
            _ => None,
        }
    }
}

/// The key of a row as `--key` of the command line wants it.
fn row_key(row: &str) -> String {
    serde_json::json!({ "LockID": { "S": row } }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants_and_of_the_names() {
        for (index, placeholder) in Placeholder::all().enumerate() {
            assert_eq!(placeholder as usize, index);
            assert_eq!(Placeholder::named(placeholder.name()), Some(placeholder));
        }
        assert!(TABLE.is_sorted_by_key(|(_, name, _)| *name));
        assert_eq!(Placeholder::named("lock"), None);
    }

    #[test]
    fn an_empty_value_is_no_value() {
        let mut context = Context::new().with(Placeholder::LockId, "a1");
        context.set(Placeholder::LockId, "");
        assert_eq!(context.value(Placeholder::LockId), None);
        assert_eq!(context.told().count(), 0);
    }

    #[test]
    fn the_key_of_a_row_is_json_whatever_the_row_is_called() {
        let context = Context::new().with(Placeholder::LockRow, "b/it's \"x\"");
        assert_eq!(
            context.value(Placeholder::LockRowKey).unwrap(),
            r#"{"LockID":{"S":"b/it's \"x\""}}"#
        );
        assert_eq!(context.value(Placeholder::DigestRowKey), None);
    }

    #[test]
    fn the_name_and_the_cluster_of_a_resource_follow_from_its_arn() {
        let told = |id: &str, wanted| {
            let context = Context::new().with(Placeholder::ResourceId, id);
            context.value(wanted).map(Cow::into_owned)
        };
        let service = "arn:aws:ecs:eu-central-1:123456789012:service/prod/shop";
        assert_eq!(
            told(service, Placeholder::ResourceName).as_deref(),
            Some("shop")
        );
        assert_eq!(
            told(service, Placeholder::ResourceCluster).as_deref(),
            Some("prod")
        );
        assert_eq!(
            told("sg-0a1b", Placeholder::ResourceName).as_deref(),
            Some("sg-0a1b")
        );
        assert_eq!(told("sg-0a1b", Placeholder::ResourceCluster), None);
    }

    #[test]
    fn the_host_is_what_follows_the_last_at_sign() {
        let host = |who| {
            Context::new()
                .with(Placeholder::LockWho, who)
                .value(Placeholder::LockHost)
                .map(Cow::into_owned)
        };
        assert_eq!(host("alice@laptop").as_deref(), Some("laptop"));
        assert_eq!(host("alice"), None);
        assert_eq!(host("alice@"), None);
    }
}
