//! The states of a bucket side by side: what the listing, the lock stores and
//! as much of each body as was read say of it. Nothing is claimed of what was
//! not read: a state of which only the beginning is known has no health.

mod order;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use order::Order;

use super::Severity;
use crate::fault::Fault;
use crate::lock::verdict::{ETERNAL, age};
use crate::lock::{Digest, LOCKFILE, Sighting, Survey};
use crate::place::{Backend, Place};
use crate::state::{Contents, Header, Health, Serial};

/// An object as a listing names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    pub modified: Timestamp,
    pub size: u64,
    pub etag: Option<String>,
}

impl Object {
    /// Whether its name is that of a state, as Terraform and people name them;
    /// any other object is one only where the lock table says so.
    pub fn is_named_as_a_state(&self) -> bool {
        self.key.ends_with("tfstate")
    }

    /// Whether it is the lock object of a state.
    pub fn is_lock(&self) -> bool {
        self.key.ends_with(LOCKFILE)
    }
}

/// What was read of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    Whole(Contents),
    /// The body is large: only what stands before the resources was read.
    Beginning(Header),
}

/// What the locks and the digests of the bucket are, by the key of their state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keeping {
    pub locks: BTreeMap<String, Survey>,
    /// None where the place has no lock table.
    pub digests: Option<BTreeMap<String, String>>,
    /// What could not be read.
    pub unseen: Vec<Fault>,
}

impl Keeping {
    /// What lies in the stores of a place, by the keys of its bucket.
    pub fn of(place: &Place, surveys: BTreeMap<String, Survey>, digests: &[Digest]) -> Self {
        let bucket = place.bucket().map(|bucket| format!("{bucket}/"));
        let own = |name: &str| match &bucket {
            Some(bucket) => name.strip_prefix(bucket.as_str()).map(str::to_owned),
            None => Some(name.to_owned()),
        };
        let table = match &place.backend {
            Backend::S3(s3) => s3.dynamodb_table.is_some(),
            Backend::Sandbox(sandbox) => sandbox.table.is_some(),
            Backend::Local(_) | Backend::Other { .. } => false,
        };
        let locks = surveys.into_iter();
        let digests = digests.iter().filter_map(|digest| {
            let state = own(digest.key.strip_suffix("-md5")?)?;
            Some((state, digest.stored.to_lowercase()))
        });
        Self {
            locks: locks
                .filter_map(|(name, survey)| Some((own(&name)?, survey)))
                .collect(),
            digests: table.then(|| digests.collect()),
            unseen: Vec::new(),
        }
    }
}

/// How the stored digest stands to the state, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vouched {
    /// No table is configured.
    NotKept,
    Agrees,
    /// The table has none that could be compared.
    Unverified,
    /// Not enough is read to compare.
    Unknown,
    /// They differ while a lock is held: a run may be between its two writes.
    BeingWritten,
    Differs,
}

/// One state of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub key: String,
    /// None where only the lock table knows it: the object is not there.
    pub object: Option<Object>,
    /// None before the lock stores were read.
    pub kept: Option<Kept>,
    /// None before the body was read.
    pub look: Option<Result<Look, Fault>>,
}

/// What the lock stores hold of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// None where no store holds a lock.
    pub lock: Option<Survey>,
    /// None where no table is configured; within, none where it holds no digest.
    pub digest: Option<Option<String>>,
}

impl Member {
    /// A state that was listed.
    pub fn listed(object: Object) -> Self {
        Self {
            key: object.key.clone(),
            object: Some(object),
            kept: None,
            look: None,
        }
    }

    /// A state that only the lock stores know.
    fn missing(key: String) -> Self {
        Self {
            key,
            object: None,
            kept: None,
            look: None,
        }
    }

    /// Takes what the lock stores hold of it.
    pub fn keep(&mut self, keeping: &Keeping) {
        let digests = keeping.digests.as_ref();
        self.kept = Some(Kept {
            lock: keeping.locks.get(&self.key).cloned(),
            digest: digests.map(|digests| digests.get(&self.key).cloned()),
        });
    }

    /// What is known of its body, if that was read whole.
    pub fn contents(&self) -> Option<&Contents> {
        match self.look.as_ref()?.as_ref().ok()? {
            Look::Whole(contents) => Some(contents),
            Look::Beginning(_) => None,
        }
    }

    /// Whether Terraform would take it; unread where that is not known.
    pub fn health(&self) -> Health {
        match (&self.object, self.contents()) {
            (None, _) => Health::Deleted,
            (Some(_), Some(contents)) => contents.health,
            (Some(_), None) => Health::Unread,
        }
    }

    pub fn serial(&self) -> Option<Serial> {
        match self.look.as_ref()?.as_ref().ok()? {
            Look::Whole(contents) => contents.serial,
            Look::Beginning(header) => header.serial,
        }
    }

    pub fn terraform_version(&self) -> Option<&str> {
        match self.look.as_ref()?.as_ref().ok()? {
            Look::Whole(contents) => contents.terraform_version.as_deref(),
            Look::Beginning(header) => header.terraform_version.as_deref(),
        }
    }

    pub fn resources(&self) -> Option<usize> {
        self.contents()?.resources
    }

    /// The lock items that are held of it.
    pub fn held(&self) -> impl Iterator<Item = &Sighting> {
        let survey = self.kept.as_ref().and_then(|kept| kept.lock.as_ref());
        survey.into_iter().flat_map(Survey::held)
    }

    /// Whether the stores do not hold the same lock.
    pub fn half_released(&self) -> bool {
        let survey = self.kept.as_ref().and_then(|kept| kept.lock.as_ref());
        survey.is_some_and(Survey::half_released)
    }

    /// Whether the stored digest is that of the state.
    ///
    /// An `ETag` that equals the digest proves as much as the bytes; one that
    /// does not proves nothing, for many stores make it of something else.
    pub fn vouched(&self) -> Vouched {
        let Some(kept) = &self.kept else {
            return Vouched::Unknown;
        };
        let stored = match &kept.digest {
            None => return Vouched::NotKept,
            Some(None) => return Vouched::Unverified,
            Some(Some(stored)) => stored,
        };
        let hex = |byte: u8| byte.is_ascii_hexdigit();
        if stored.len() != 32 || !stored.bytes().all(hex) {
            return Vouched::Unverified;
        }
        let etag = self
            .object
            .as_ref()
            .and_then(|object| object.etag.as_deref());
        if etag.is_some_and(|etag| etag.trim_matches('"') == stored) {
            return Vouched::Agrees;
        }
        let calculated = match (&self.object, self.contents()) {
            // No state has no digest, as Terraform calculates it.
            (None, _) => "",
            (Some(_), Some(contents)) if contents.size == 0 => "",
            (Some(_), Some(contents)) => &contents.md5,
            (Some(_), None) => return Vouched::Unknown,
        };
        match calculated == stored {
            true => Vouched::Agrees,
            false if self.held().next().is_some() => Vouched::BeingWritten,
            false => Vouched::Differs,
        }
    }

    /// How bad the worst is that is known of it; none where nothing is wrong.
    pub fn severity(&self, now: Timestamp) -> Option<Severity> {
        let of_health = match self.health() {
            Health::Damaged | Health::Empty => Some(Severity::Critical),
            // A lock without a state is taken before the first apply writes one.
            Health::Deleted => match self.vouched() {
                Vouched::Differs => Some(Severity::Critical),
                _ => Some(Severity::Info),
            },
            Health::OlderFormat => Some(Severity::Info),
            Health::Fine | Health::Encrypted | Health::Unread => None,
        };
        let of_digest = (self.vouched() == Vouched::Differs).then_some(Severity::Critical);
        let of_look = matches!(self.look, Some(Err(_))).then_some(Severity::Warning);
        let old = |lock: &Sighting| age(lock, now).is_some_and(|age| age > ETERNAL);
        let of_keeping = match self.held().next() {
            Some(_) if self.half_released() || self.held().any(old) => Some(Severity::Warning),
            Some(_) => Some(Severity::Info),
            None => None,
        };
        [of_health, of_digest, of_look, of_keeping]
            .into_iter()
            .flatten()
            .max()
    }
}

/// The states that the lock stores know and the listing does not have, in the
/// order of their keys; `known` are the listed ones.
pub fn missing<'a>(
    keeping: &Keeping,
    prefix: &str,
    known: impl Iterator<Item = &'a Member>,
) -> Vec<Member> {
    let known: std::collections::BTreeSet<&str> = known.map(|member| &*member.key).collect();
    let digests = keeping.digests.iter().flat_map(BTreeMap::keys);
    let mut keys: Vec<&String> = keeping.locks.keys().chain(digests).collect();
    keys.sort_unstable();
    keys.dedup();
    let unknown = keys
        .into_iter()
        .filter(|key| key.starts_with(prefix) && !known.contains(key.as_str()));
    unknown
        .map(|key| {
            let mut member = Member::missing(key.clone());
            member.keep(keeping);
            member
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{self, Body, Store};
    use crate::state::Reading;

    const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"l","outputs":{},"resources":[]}"#;

    fn object(key: &str, size: u64, etag: Option<&str>) -> Object {
        Object {
            key: key.into(),
            modified: Timestamp::UNIX_EPOCH,
            size,
            etag: etag.map(str::to_owned),
        }
    }

    fn read(member: &mut Member, text: &str) {
        let contents = Contents::of(text.as_bytes(), &Reading::of(text.as_bytes()));
        member.look = Some(Ok(Look::Whole(contents)));
    }

    fn locked() -> Survey {
        Survey {
            stores: vec![lock::Look {
                store: Store::DynamoDb,
                container: "t".into(),
                key: "b/net".into(),
                found: Ok(Some(Sighting {
                    store: Store::DynamoDb,
                    container: "t".into(),
                    key: "b/net".into(),
                    body: Body::Bytes(br#"{"ID":"a"}"#.to_vec()),
                    etag: None,
                    modified: None,
                })),
            }],
            digest: None,
        }
    }

    fn keeping(digests: &[(&str, &str)], locks: &[&str]) -> Keeping {
        let digests = digests.iter();
        Keeping {
            locks: locks.iter().map(|key| ((*key).into(), locked())).collect(),
            digests: Some(
                digests
                    .map(|(key, stored)| ((*key).into(), (*stored).into()))
                    .collect(),
            ),
            unseen: Vec::new(),
        }
    }

    fn md5(text: &str) -> String {
        Contents::of(text.as_bytes(), &Reading::of(text.as_bytes())).md5
    }

    #[test]
    fn an_etag_proves_an_agreement_and_never_a_difference() {
        let stored = md5(STATE);
        let known = keeping(&[("net", &stored)], &[]);
        let mut member = Member::listed(object("net", 90, Some(&format!("\"{stored}\""))));
        assert_eq!(member.vouched(), Vouched::Unknown, "no store was read yet");
        member.keep(&known);
        assert_eq!(member.vouched(), Vouched::Agrees);
        let mut encrypted = Member::listed(object("net", 90, Some("\"0123\"")));
        encrypted.keep(&known);
        assert_eq!(encrypted.vouched(), Vouched::Unknown);
        read(&mut encrypted, STATE);
        assert_eq!(encrypted.vouched(), Vouched::Agrees);
        read(&mut encrypted, "{}");
        assert_eq!(encrypted.vouched(), Vouched::Differs);
        encrypted.keep(&keeping(&[("net", &stored)], &["net"]));
        assert_eq!(encrypted.vouched(), Vouched::BeingWritten);
        encrypted.keep(&keeping(&[("net", "no hex")], &[]));
        assert_eq!(encrypted.vouched(), Vouched::Unverified);
    }

    #[test]
    fn of_a_large_state_only_the_beginning_is_claimed() {
        let mut member = Member::listed(object("net", 1 << 30, None));
        let header = Header {
            serial: Some(Serial(9)),
            ..Header::default()
        };
        member.look = Some(Ok(Look::Beginning(header)));
        assert_eq!(
            (member.health(), member.serial()),
            (Health::Unread, Some(Serial(9)))
        );
        assert_eq!(
            (member.resources(), member.severity(Timestamp::UNIX_EPOCH)),
            (None, None)
        );
    }

    #[test]
    fn a_state_that_only_the_table_knows_is_missing() {
        let known = [Member::listed(object("p/net", 90, None))];
        let keeping = keeping(
            &[("p/net", "00"), ("p/gone", &md5(STATE)), ("q/other", "00")],
            &["p/first-apply"],
        );
        let found = missing(&keeping, "p/", known.iter());
        let keys: Vec<_> = found.iter().map(|member| &*member.key).collect();
        assert_eq!(keys, ["p/first-apply", "p/gone"]);
        let severities = found
            .iter()
            .map(|member| member.severity(Timestamp::UNIX_EPOCH));
        assert_eq!(
            severities.collect::<Vec<_>>(),
            [Some(Severity::Info), Some(Severity::Critical)]
        );
    }

    #[test]
    fn what_is_wrong_comes_first_and_what_is_not_known_last() {
        let mut members: Vec<_> = [("c", 3), ("b", 2), ("a", 1)]
            .map(|(key, size)| Member::listed(object(key, size, None)))
            .into();
        read(&mut members[1], "{ torn");
        read(&mut members[2], STATE);
        let sorted = |order: Order| {
            let mut rows = vec![0, 1, 2];
            order.sort(&members, &mut rows, Timestamp::UNIX_EPOCH);
            let keys = rows.into_iter().map(|row| &*members[row as usize].key);
            keys.collect::<Vec<_>>().concat()
        };
        assert_eq!(sorted(Order::Worst), "bac");
        assert_eq!(sorted(Order::Key), "abc");
        assert_eq!(sorted(Order::Size), "cba");
        assert_eq!(sorted(Order::Serial), "abc");
        let mut order = Order::default();
        for _ in Order::ALL {
            order = order.next();
        }
        assert_eq!(order, Order::default());
    }

    #[test]
    fn only_the_rows_of_the_bucket_itself_count() {
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(crate::place::S3 {
                bucket: "b".into(),
                dynamodb_table: Some("t".into()),
                ..crate::place::S3::default()
            })),
            origin: crate::place::Origin::Flags,
            divergences: Vec::new(),
        };
        let digest = |key: &str| Digest {
            table: "t".into(),
            key: key.into(),
            stored: "AB".into(),
        };
        let surveys = BTreeMap::from([("b/net".to_owned(), locked()), ("bb/net".into(), locked())]);
        let rows = [digest("b/net-md5"), digest("other/net-md5")];
        let keeping = Keeping::of(&place, surveys, &rows);
        assert_eq!(keeping.locks.keys().collect::<Vec<_>>(), ["net"]);
        let digests = BTreeMap::from([("net".to_owned(), "ab".to_owned())]);
        assert_eq!(keeping.digests, Some(digests));
    }
}
