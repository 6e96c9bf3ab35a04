//! What a place tells: its locks, its digest, its versions, and its state as a whole.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Proof;
use super::Seen::Scene;
use super::states::instances;
use crate::analysis::bodies::tests::state;
use crate::analysis::{Body, Errored, Evidence, Finding, Whole, of_place};
use crate::lock::verdict::Circumstances;
use crate::lock::{self, Digest, Look, Sighting, Store, Survey};
use crate::place::{Backend, Divergence, Origin, Place};
use crate::recovery::Standing;
use crate::recovery::standing::{Seen, Told};
use crate::state::{Contents, Current, Kind, Reading, Version, VersionId, Versioning, Versions};

/// A place in S3 with both lock stores, as it is where nothing is wrong.
struct Around {
    state: Option<String>,
    /// What the version before held.
    before: Option<usize>,
    /// Whether there ever was a version.
    had: bool,
    versioning: Versioning,
    /// The digest that is stored; none where the row is not there.
    digest: Option<String>,
    /// What lies in the object and in the row.
    locks: [Option<String>; 2],
    stores: usize,
    errored: Option<String>,
    differs: bool,
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn healthy() -> Around {
    let state = state(4, "l", "");
    Around {
        digest: Some(lock::calculated(Some(state.as_bytes()))),
        state: Some(state),
        before: None,
        had: true,
        versioning: Versioning::Enabled,
        locks: [None, None],
        stores: 2,
        errored: None,
        differs: false,
    }
}

/// A healthy place but for this.
fn but(change: fn(&mut Around)) -> Vec<Finding> {
    let mut around = healthy();
    change(&mut around);
    around.findings()
}

/// A lock that was taken so long ago, in seconds.
fn held(seconds: i64) -> String {
    let created = now() - SignedDuration::from_secs(seconds);
    format!(
        r#"{{"ID":"a","Operation":"OperationTypeApply","Who":"ci@runner","Created":"{created}"}}"#
    )
}

/// The same in both stores.
fn both(seconds: i64) -> [Option<String>; 2] {
    [Some(held(seconds)), Some(held(seconds))]
}

const DAY: i64 = 86_400;

impl Around {
    fn findings(&self) -> Vec<Finding> {
        let survey = self.survey();
        let bytes = self.state.as_ref().map(|text| Arc::from(text.as_bytes()));
        let current = bytes.map(|bytes: Arc<[u8]>| Current {
            bytes,
            version: None,
            etag: None,
            modified: None,
        });
        let reading = self.state.as_ref().map(|text| Reading::of(text.as_bytes()));
        let read = current.as_ref().zip(reading.as_ref());
        let told = read.map(|(current, reading)| Told::by(&current.bytes, reading));
        let version = Version {
            id: VersionId("v".into()),
            kind: Kind::Object,
            modified: Timestamp::UNIX_EPOCH,
            size: 0,
            etag: None,
        };
        let versions = Versions {
            versioning: self.versioning,
            list: self.had.then_some(version).into_iter().collect(),
            more: false,
            denied: None,
        };
        let seen = Seen {
            current: Ok(current.as_ref()),
            told: told.as_ref(),
            before: self.before,
            versions: Ok(&versions),
            own: &[],
        };
        let standing = Standing::of(survey, &seen, |_| Circumstances::at(now()));
        let errored = self.errored.as_ref().map(|text| Errored {
            path: "errored.tfstate".into(),
            contents: contents(text),
        });
        let contents = standing.state.as_ref().unwrap().as_ref();
        of_place(&Evidence {
            now: now(),
            place: &self.place(),
            survey: &standing.survey,
            verdicts: &standing.verdicts,
            agreement: &standing.agreement,
            state: Ok(contents),
            body: contents
                .zip(reading.as_ref())
                .map(|(contents, reading)| Body {
                    contents,
                    reading,
                    former: None,
                }),
            whole: Whole::of(&standing.soundness),
            versioning: standing.versioning.as_ref().copied(),
            errored: errored.as_ref(),
        })
    }

    fn survey(&self) -> Survey {
        let stores = [Store::S3, Store::DynamoDb].into_iter().zip(&self.locks);
        let looks = stores.take(self.stores).map(|(store, body)| Look {
            store,
            container: "c".into(),
            key: "k".into(),
            found: Ok(body.as_ref().map(|body| Sighting {
                store,
                container: "c".into(),
                key: "k".into(),
                body: lock::Body::Bytes(body.clone().into_bytes()),
                etag: None,
                modified: None,
            })),
        });
        let digest = self.digest.clone().map(|stored| Digest {
            table: "c".into(),
            key: "k-md5".into(),
            stored,
        });
        Survey {
            stores: looks.collect(),
            digest: Some(Ok(digest)),
        }
    }

    fn place(&self) -> Place {
        let divergence = Divergence {
            attribute: "bucket".into(),
            cached: "a".into(),
            configured: "b".into(),
        };
        Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::default()),
            origin: Origin::Flags,
            divergences: self.differs.then_some(divergence).into_iter().collect(),
        }
    }
}

fn contents(text: &str) -> Contents {
    Contents::of(text.as_bytes(), &Reading::of(text.as_bytes()))
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "digest.differs",
        fires: &[Scene(|| {
            but(|a| a.digest = Some("0123456789abcdef0123456789abcdef".into()))
        })],
        beside: &[],
        spares: &[
            // A run may be between its two writes.
            Scene(|| {
                but(|a| {
                    a.digest = Some("0123456789abcdef0123456789abcdef".into());
                    a.locks = both(60);
                })
            }),
            // Compared as bytes, not as letters.
            Scene(|| but(|a| a.digest = a.digest.take().map(|md5| md5.to_uppercase()))),
            Scene(|| but(|a| a.digest = Some("no hex".into()))),
        ],
    },
    Proof {
        id: "digest.unverified",
        fires: &[
            Scene(|| but(|a| a.digest = None)),
            Scene(|| but(|a| a.digest = Some("no hex".into()))),
        ],
        beside: &[],
        spares: &[
            Scene(|| but(|_| {})),
            Scene(|| but(|a| a.digest = Some("0123456789abcdef0123456789abcdef".into()))),
        ],
    },
    Proof {
        id: "errored-state.present",
        fires: &[
            Scene(|| but(|a| a.errored = Some(state(5, "l", "")))),
            Scene(|| but(|a| a.errored = Some("{ torn".into()))),
        ],
        beside: &[],
        spares: &[Scene(|| but(|_| {}))],
    },
    Proof {
        id: "lock.eternal",
        fires: &[Scene(|| but(|a| a.locks = both(DAY + 1)))],
        beside: &["lock.stale"],
        spares: &[
            Scene(|| but(|a| a.locks = both(DAY))),
            // A clock that is ahead makes no lock old.
            Scene(|| but(|a| a.locks = both(-2 * DAY))),
        ],
    },
    Proof {
        id: "lock.half-released",
        fires: &[Scene(|| but(|a| a.locks = [None, Some(held(300))]))],
        beside: &["lock.stale"],
        spares: &[
            Scene(|| but(|a| a.locks = both(300))),
            // It takes the one before the other.
            Scene(|| {
                but(|a| {
                    a.stores = 1;
                    a.locks = [Some(held(300)), None];
                })
            }),
        ],
    },
    Proof {
        id: "lock.held",
        fires: &[Scene(|| but(|a| a.locks = both(60)))],
        beside: &[],
        spares: &[
            Scene(|| but(|_| {})),
            Scene(|| but(|a| a.locks = both(DAY + 1))),
            Scene(|| but(|a| a.locks = [Some(String::new()), Some(String::new())])),
        ],
    },
    Proof {
        id: "lock.no-info",
        fires: &[Scene(|| {
            but(|a| a.locks = [Some(String::new()), Some(String::new())])
        })],
        beside: &[],
        spares: &[Scene(|| but(|a| a.locks = both(60)))],
    },
    Proof {
        id: "lock.stale",
        fires: &[Scene(|| but(|a| a.locks = both(DAY + 1)))],
        beside: &["lock.eternal"],
        spares: &[
            Scene(|| but(|a| a.locks = both(60))),
            Scene(|| but(|a| a.locks = both(20 * 60))),
        ],
    },
    Proof {
        id: "locking.off",
        fires: &[Scene(|| but(|a| a.stores = 0))],
        beside: &[],
        spares: &[Scene(|| but(|a| a.stores = 1)), Scene(|| but(|_| {}))],
    },
    Proof {
        id: "place.cache-differs",
        fires: &[Scene(|| but(|a| a.differs = true))],
        beside: &[],
        spares: &[Scene(|| but(|_| {}))],
    },
    Proof {
        id: "state.missing",
        fires: &[Scene(|| {
            but(|a| {
                a.state = None;
                a.digest = None;
            })
        })],
        beside: &["digest.unverified"],
        // A state that never was is not missing.
        spares: &[Scene(|| {
            but(|a| {
                a.state = None;
                a.digest = None;
                a.had = false;
            })
        })],
    },
    Proof {
        id: "state.shrunk",
        fires: &[Scene(|| {
            but(|a| {
                let now = instances(2);
                a.digest = Some(lock::calculated(Some(now.as_bytes())));
                a.state = Some(now);
                a.before = Some(4);
            })
        })],
        beside: &[],
        spares: &[Scene(|| {
            but(|a| {
                let now = instances(3);
                a.digest = Some(lock::calculated(Some(now.as_bytes())));
                a.state = Some(now);
                a.before = Some(5);
            })
        })],
    },
    Proof {
        id: "versioning.off",
        fires: &[Scene(|| but(|a| a.versioning = Versioning::Off))],
        beside: &[],
        spares: &[Scene(|| but(|a| a.versioning = Versioning::Suspended))],
    },
    Proof {
        id: "versioning.suspended",
        fires: &[Scene(|| but(|a| a.versioning = Versioning::Suspended))],
        beside: &[],
        spares: &[Scene(|| but(|a| a.versioning = Versioning::Off))],
    },
];
