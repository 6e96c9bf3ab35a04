//! What looks at a place find, for tests of the console.

use tfsos::analysis::Finding;
use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::lock::{Judged, LockJob, LockNews};
use tfsos::lock::habit::{Habits, Hold, Source};
use tfsos::lock::{
    Agreement, Body, Holder, Likelihood, Look, Sighting, Store, Survey, Verdict, verdict::Sign,
};
use tfsos::recovery::{Breakage, Soundness, Standing};
use tfsos::state::Versioning;

use super::console::Console;

pub const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

/// Alice's lock in both stores, an hour and a quarter old.
pub fn locked() -> Standing {
    let info = format!(
        r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"alice@eng-laptop","Version":"1.11.4","Created":"2026-11-22T00:58:11Z","Path":"acme-tfstate/prod/network/terraform.tfstate"}}"#
    );
    let seen = |store, key: &str, etag: Option<&str>| Sighting {
        store,
        container: if store == Store::S3 {
            "acme-tfstate"
        } else {
            "tf-locks"
        }
        .into(),
        key: key.into(),
        body: Body::Bytes(info.clone().into_bytes()),
        etag: etag.map(str::to_owned),
        modified: None,
    };
    let s3 = seen(
        Store::S3,
        "prod/network/terraform.tfstate.tflock",
        Some("\"5d41\""),
    );
    let row = seen(
        Store::DynamoDb,
        "acme-tfstate/prod/network/terraform.tfstate",
        None,
    );
    let signs = vec![
        Sign {
            weight: 3,
            says: "the state was not written since the lock was taken".into(),
        },
        Sign {
            weight: 1,
            says: "held for 1 h 16 m".into(),
        },
        Sign {
            weight: 0,
            says: "taken on eng-laptop: its processes cannot be seen here".into(),
        },
    ];
    let verdict = Verdict {
        likelihood: Likelihood::LikelyStale,
        signs,
    };
    let hold = |who: &str, from: &str, to: &str| Hold {
        source: Source::Version,
        holder: Holder::read(
            format!(r#"{{"Operation":"OperationTypeApply","Who":"{who}"}}"#).as_bytes(),
        ),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    };
    let holds = vec![
        hold(
            "ci@runner-12",
            "2026-11-21T17:02:00Z",
            "2026-11-21T17:04:11Z",
        ),
        hold(
            "bob@bob-mbp",
            "2026-11-21T09:40:00Z",
            "2026-11-21T09:41:58Z",
        ),
    ];
    Standing {
        habits: Some(Habits { holds }),
        verdicts: vec![verdict.clone(), verdict],
        ..standing(Some(s3), Some(row))
    }
}

/// Nothing held, nothing wrong.
pub fn sound() -> Standing {
    standing(None, None)
}

fn standing(s3: Option<Sighting>, row: Option<Sighting>) -> Standing {
    let look = |store, container: &str, key: &str, found| Look {
        store,
        container: container.into(),
        key: key.into(),
        found: Ok(found),
    };
    let key = "prod/network/terraform.tfstate";
    let stores = vec![
        look(Store::S3, "acme-tfstate", &format!("{key}.tflock"), s3),
        look(
            Store::DynamoDb,
            "tf-locks",
            &format!("acme-tfstate/{key}"),
            row,
        ),
    ];
    Standing {
        survey: Survey {
            stores,
            digest: Some(Ok(None)),
        },
        verdicts: Vec::new(),
        agreement: Agreement::Unverified,
        soundness: Soundness::Sound,
        state: Ok(None),
        versioning: Ok(Versioning::Enabled),
        interrupted: Vec::new(),
        own_locks: Vec::new(),
        state_written: None,
        habits: None,
    }
}

/// The same with a state that ends in the middle.
pub fn broken(standing: Standing) -> Standing {
    let how = "it ends in the middle of a string, at byte 61,203".into();
    Standing {
        soundness: Soundness::Broken(vec![Breakage::DoesNotParse { how }]),
        ..standing
    }
}

/// Answers the look with what is wrong.
pub fn judged(console: &mut Console, standing: Standing, findings: Vec<Finding>) {
    let ticket = console.asked(|effect| match effect {
        Effect::Lock(LockJob::Look { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    let judged = Judged {
        standing,
        findings,
        unseen: vec!["cannot read the digest: access denied".into()],
        deed: None,
    };
    console.hear(Event::Lock(LockNews::Looked {
        ticket,
        outcome: Ok(Box::new(judged)),
    }));
}

/// Answers the look that the console has asked for.
pub fn looked(console: &mut Console, standing: Standing) {
    let ticket = console.asked(|effect| match effect {
        Effect::Lock(LockJob::Look { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    console.hear(Event::Lock(LockNews::Looked {
        ticket,
        outcome: Ok(Box::new(standing.into())),
    }));
}
