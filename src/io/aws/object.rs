//! The objects of a place: the state and the lock object beside it. A delete
//! marker on top counts as no object, as it does for Terraform.

use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use data_encoding::BASE64;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::Inner;
use super::fault::Failure;
use super::kind::Kind;
use super::question::Question;
use crate::fault::Fault;
use crate::lock::{Body, Look, Sighting, Store};
use crate::place::Encryption;
use crate::state::{Current, VersionId};

/// A larger state would not fit beside the console in memory.
pub(super) const STATE_LIMIT: usize = 1 << 30;
/// A lock is some 200 bytes; what is larger is something else under its name.
const LOCK_LIMIT: usize = 1 << 20;

/// The customer's key as S3 wants it on each request.
pub(super) struct CustomerKey {
    pub(super) key: String,
    pub(super) md5: String,
}

impl CustomerKey {
    /// The key of an encryption that has one, with the MD5 that the SDK leaves to its caller.
    pub(super) fn of(encryption: &Encryption) -> Option<Self> {
        let Encryption::Customer { key } = encryption else {
            return None;
        };
        let bytes = BASE64.decode(key.reveal().as_bytes()).ok()?;
        Some(Self {
            key: key.reveal().to_owned(),
            md5: BASE64.encode(&Md5::digest(bytes)),
        })
    }
}

impl Inner {
    pub(super) async fn current(&self) -> Result<Option<Current>, Fault> {
        let key = self.place.state_key();
        let question = self.on_object("read the state", &key, "s3:GetObject");
        let found = self.object(&question, self.get(&key), STATE_LIMIT).await?;
        Ok(found.map(|found| Current {
            bytes: found.bytes,
            version: found.about.version,
            etag: found.about.etag,
            modified: found.about.modified,
        }))
    }

    pub(super) async fn body(&self, id: &VersionId) -> Result<Arc<[u8]>, Fault> {
        let key = self.place.state_key();
        let question = self.on_object("read a version of the state", &key, "s3:GetObjectVersion");
        let request = self.get(&key).version_id(&id.0);
        match self.object(&question, request, STATE_LIMIT).await {
            Ok(Some(found)) => Ok(found.bytes),
            Ok(None) => Err(self.explain_kind(&question, &Kind::Absent)),
            // Who may not read versions by their id may still read the current one.
            Err(Failure::Denied(fault)) => match self.current().await {
                Ok(Some(current)) if id_of(&current) == *id => Ok(current.bytes),
                _ => Err(fault),
            },
            Err(Failure::Other(fault)) => Err(fault),
        }
    }

    /// At most so many of the first bytes of a version that has any.
    pub(super) async fn head(&self, id: &VersionId, bytes: u64) -> Result<Arc<[u8]>, Fault> {
        let key = self.place.state_key();
        let question = self.on_object("read a version of the state", &key, "s3:GetObjectVersion");
        let request = self.get(&key).version_id(&id.0);
        let found = self.first(&question, request, bytes).await?;
        found.ok_or_else(|| self.explain_kind(&question, &Kind::Absent))
    }

    /// One look at the lock object; none where the backend uses none.
    pub(super) async fn lock_object(&self) -> Option<Look> {
        if !self.place.use_lockfile {
            return None;
        }
        let key = self.place.lockfile_key();
        let found = self.lock_at(&key).await;
        Some(Look {
            store: Store::S3,
            container: self.place.bucket.clone(),
            key,
            found,
        })
    }

    /// The lock object of this key, of whichever state it is.
    pub(super) async fn lock_at(&self, key: &str) -> Result<Option<Sighting>, Fault> {
        let question = self.on_object("read the lock object", key, "s3:GetObject");
        let found = self.object(&question, self.get(key), LOCK_LIMIT).await?;
        Ok(found.map(|found| Sighting {
            store: Store::S3,
            container: self.place.bucket.clone(),
            key: key.to_owned(),
            body: Body::Bytes(found.bytes.to_vec()),
            etag: found.about.etag,
            modified: found.about.modified,
        }))
    }

    /// The bytes of a former lock.
    pub(super) async fn former_lock(&self, id: &VersionId) -> Result<Option<Vec<u8>>, Fault> {
        let key = self.place.lockfile_key();
        let question = self.on_object("read a former lock", &key, "s3:GetObjectVersion");
        let request = self.get(&key).version_id(&id.0);
        let found = self.object(&question, request, LOCK_LIMIT).await?;
        Ok(found.map(|found| found.bytes.to_vec()))
    }

    /// At most so many of the first bytes of an object that has any.
    pub(super) async fn beginning(
        &self,
        key: &str,
        bytes: u64,
    ) -> Result<Option<Arc<[u8]>>, Fault> {
        let question = self.on_object("read the state", key, "s3:GetObject");
        Ok(self.first(&question, self.get(key), bytes).await?)
    }

    async fn first(
        &self,
        question: &Question,
        request: GetObjectFluentBuilder,
        bytes: u64,
    ) -> Result<Option<Arc<[u8]>>, Failure> {
        let request = request.range(format!("bytes=0-{}", bytes.saturating_sub(1)));
        let limit = usize::try_from(bytes)
            .unwrap_or(STATE_LIMIT)
            .min(STATE_LIMIT);
        let found = self.object(question, request, limit).await?;
        Ok(found.map(|found| found.bytes))
    }

    pub(super) fn get(&self, key: &str) -> GetObjectFluentBuilder {
        let request = self
            .clients
            .s3
            .get_object()
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .key(key);
        match CustomerKey::of(&self.place.encryption) {
            Some(customer) => request
                .sse_customer_algorithm("AES256")
                .sse_customer_key(customer.key)
                .sse_customer_key_md5(customer.md5),
            None => request,
        }
    }

    /// An object's bytes, within a limit and a deadline.
    async fn object(
        &self,
        question: &Question,
        request: GetObjectFluentBuilder,
        limit: usize,
    ) -> Result<Option<Whole>, Failure> {
        let mut gathered = Gathered::default();
        let about = self
            .stream(question, request, limit, |piece| gathered.take(&piece))
            .await?;
        Ok(about.map(|about| Whole {
            bytes: gathered.whole(),
            about,
        }))
    }

    /// An object piece by piece, within a limit and a deadline.
    pub(super) async fn stream(
        &self,
        question: &Question,
        request: GetObjectFluentBuilder,
        limit: usize,
        mut take: impl FnMut(Piece<'_>) + Send,
    ) -> Result<Option<About>, Failure> {
        let by_id = request.get_version_id().is_some();
        self.within(
            question,
            Box::pin(async move {
                match request.send().await {
                    Ok(output) => {
                        let about = read(question, output, limit, &mut take).await?;
                        Ok(Some(about))
                    }
                    Err(error) => match Kind::of(&error) {
                        Kind::Absent => Ok(None),
                        Kind::DeleteMarker if !by_id => Ok(None),
                        _ => Err(self.failure(question, &error)),
                    },
                }
            }),
        )
        .await
    }
}

/// An object as it was read.
struct Whole {
    bytes: Arc<[u8]>,
    about: About,
}

/// A piece of an object on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// How long the store says that the whole is, within the limit.
    pub(super) of: usize,
}

/// The pieces of an object in the memory that they stay in: of a large state
/// there is never a second copy.
#[derive(Default)]
struct Gathered {
    bytes: Arc<[u8]>,
    length: usize,
}

impl Gathered {
    fn take(&mut self, piece: &Piece<'_>) {
        let end = self.length + piece.bytes.len();
        if end > self.bytes.len() {
            // The first piece makes room for all, unless the length was not told.
            let room = end.max(piece.of).max(self.bytes.len() * 2);
            let mut larger: Arc<[u8]> = std::iter::repeat_n(0, room).collect();
            if let Some(larger) = Arc::get_mut(&mut larger) {
                larger[..self.length].copy_from_slice(&self.bytes[..self.length]);
            }
            self.bytes = larger;
        }
        if let Some(bytes) = Arc::get_mut(&mut self.bytes) {
            bytes[self.length..end].copy_from_slice(piece.bytes);
            self.length = end;
        }
    }

    fn whole(self) -> Arc<[u8]> {
        if self.length == self.bytes.len() {
            return self.bytes;
        }
        Arc::from(&self.bytes[..self.length])
    }
}

/// What an answer says of the object whose bytes it carries.
#[derive(Debug)]
pub(super) struct About {
    pub(super) version: Option<VersionId>,
    pub(super) etag: Option<String>,
    pub(super) modified: Option<Timestamp>,
}

async fn read(
    question: &Question,
    output: GetObjectOutput,
    limit: usize,
    take: &mut (impl FnMut(Piece<'_>) + Send),
) -> Result<About, Fault> {
    let told = output.content_length.unwrap_or_default();
    let of = usize::try_from(told).unwrap_or_default().min(limit);
    let (mut body, mut length) = (output.body, 0);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| {
            question
                .fault(format!("the connection broke after {length} bytes"))
                .hint("try again; if it lasts, check the network and the proxy")
        })?;
        length += chunk.len();
        if length > limit {
            return Err(question
                .fault(format!("it is larger than {limit} bytes"))
                .hint("download it with aws s3 cp to look at it"));
        }
        take(Piece { bytes: &chunk, of });
    }
    Ok(About {
        version: output.version_id.map(VersionId),
        etag: output.e_tag,
        modified: output.last_modified.and_then(|time| timestamp(&time)),
    })
}

/// The version's id as a listing would name it: an unversioned object is `null`.
pub(super) fn id_of(current: &Current) -> VersionId {
    current
        .version
        .clone()
        .unwrap_or_else(|| VersionId("null".to_owned()))
}

/// The store's time in ours.
pub(super) fn timestamp(time: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Secret;

    #[test]
    fn an_object_is_gathered_whole_whatever_length_was_told() {
        for of in [0, 3, 10, 64] {
            let mut gathered = Gathered::default();
            for bytes in [&b"ab"[..], b"", b"cdefgh", b"ij"] {
                gathered.take(&Piece { bytes, of });
            }
            assert_eq!(*gathered.whole(), *b"abcdefghij", "{of}");
        }
        assert!(Gathered::default().whole().is_empty());
    }

    #[test]
    fn a_customers_key_goes_with_the_md5_of_its_bytes() {
        let key = Secret::new(BASE64.encode(&[0; 32]));
        let customer = CustomerKey::of(&Encryption::Customer { key }).unwrap();
        assert_eq!(customer.md5, "cLyPS3KoaSFGi/joRB3OUQ==");
        assert!(CustomerKey::of(&Encryption::Aes256).is_none());
    }
}
