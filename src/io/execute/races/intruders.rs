//! Somebody else who writes between two steps, or after the last one.

use super::*;

/// What somebody else does between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intruder {
    TakesTheLockObject,
    TakesTheLockRow,
    WritesTheState,
    WritesTheDigest,
}

impl Intruder {
    fn intrudes(self, stage: &Stage) {
        let builder = &stage.builder;
        match self {
            Self::TakesTheLockObject => builder.lock(Store::S3, &body(OTHER), at(20)).unwrap(),
            Self::TakesTheLockRow => builder.lock(Store::DynamoDb, &body(OTHER), at(20)).unwrap(),
            Self::WritesTheState => drop(builder.state(&state(40), at(20)).unwrap()),
            Self::WritesTheDigest => builder.digest("theirs").unwrap(),
        }
    }
}

#[tokio::test]
async fn whoever_writes_between_two_steps_is_never_overwritten() {
    use Intruder::{TakesTheLockObject, TakesTheLockRow, WritesTheDigest, WritesTheState};
    for case in CASES {
        let steps = Stage::of(case).await.plan().steps.len();
        for intruder in [
            TakesTheLockObject,
            TakesTheLockRow,
            WritesTheState,
            WritesTheDigest,
        ] {
            for number in 0..steps {
                let stage = Stage::of(case).await;
                let before = stage.versions().await;
                let mut once = false;
                let mut on = |progress: Progress| {
                    if progress == (Progress::Started { step: number }) && !once {
                        once = true;
                        intruder.intrudes(&stage);
                    }
                };
                let report = stage.run(stage.plan(), &Stop::default(), &mut on).await;
                let (after, versions) = (stage.world().await, stage.versions().await);
                let what = format!("{case:?}, {intruder:?} at step {number}: {report:?} {after:?}");
                let theirs = match intruder {
                    TakesTheLockObject | TakesTheLockRow => {
                        after.locks.contains(&"ffffffff".to_owned())
                    }
                    // Their version is the newest but for one that was ours before it.
                    WritesTheState => after.serial == Some(Serial(40)),
                    WritesTheDigest => after.digest.as_deref() == Some("theirs"),
                };
                assert!(theirs, "{what}");
                assert!(versions.ends_with(&before), "nothing is lost: {what}");
            }
        }
    }
}

#[tokio::test]
async fn an_undo_is_refused_once_somebody_has_written_after_the_restore() {
    for intruder in [
        Intruder::WritesTheState,
        Intruder::WritesTheDigest,
        Intruder::TakesTheLockRow,
    ] {
        let stage = Stage::of(Case::Release).await;
        let unlocked = stage.plan().clone();
        stage.done(&unlocked).await;
        let former = stage
            .restore(&Reference::Previous, &TakeOver::Nothing)
            .await;
        stage.done(&former).await;
        intruder.intrudes(&stage);
        let ask = Ask::Undo(Arc::new(former));
        let planned =
            restoring::prepare(&stage.place, &stage.remote, &stage.environment, &ask).await;
        let fault = planned.unwrap_err();
        let expected = match intruder {
            Intruder::WritesTheState => "somebody has written the state since",
            Intruder::WritesTheDigest => "somebody has written the digest since",
            Intruder::TakesTheLockObject | Intruder::TakesTheLockRow => "holds the lock ffffffff",
        };
        assert!(fault.cause.contains(expected), "{intruder:?}: {fault:?}");
    }
}
