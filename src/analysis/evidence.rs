//! Everything that was seen of a place, and every rule over it.

use jiff::Timestamp;

use super::finding::worst_first;
use super::{Body, Confidence, Errored, Finding, Severity, bodies, locks, states};
use crate::fault::Fault;
use crate::lock::{Agreement, Survey, Verdict};
use crate::place::Place;
use crate::recovery::{Breakage, Soundness};
use crate::state::{Contents, Versioning};

/// Everything that was seen of a place.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub now: Timestamp,
    pub place: &'a Place,
    pub survey: &'a Survey,
    /// One for each held item, in the order of [`Survey::held`].
    pub verdicts: &'a [Verdict],
    pub agreement: &'a Agreement,
    /// The state as it stands; none where there is no object.
    pub state: Result<Option<&'a Contents>, &'a Fault>,
    /// The state's bytes; none where there are none or they could not be read.
    pub body: Option<Body<'a>>,
    pub whole: Whole,
    pub versioning: Result<Versioning, &'a Fault>,
    /// What a run left because it could not store its state.
    pub errored: Option<&'a Errored>,
}

/// How the state compares with the version before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// Nothing speaks against it.
    Unsuspected,
    /// There was a state, and there is none now.
    Missing,
    /// Half or fewer of the resources of the version before.
    Shrunk { before: usize, now: usize },
}

impl Whole {
    pub fn of(soundness: &Soundness) -> Self {
        let Soundness::Broken(breakages) = soundness else {
            return Self::Unsuspected;
        };
        let suspicion = breakages.iter().find_map(|breakage| match breakage {
            Breakage::Missing => Some(Self::Missing),
            Breakage::Shrunk { before, now } => Some(Self::Shrunk {
                before: *before,
                now: *now,
            }),
            Breakage::DoesNotParse { .. } | Breakage::Empty | Breakage::DigestMismatch { .. } => {
                None
            }
        });
        suspicion.unwrap_or(Self::Unsuspected)
    }
}

/// What is wrong at a place, the worst first.
pub fn of_place(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = locks::of_locks(evidence);
    findings.extend(evidence.body.iter().flat_map(bodies::of_body));
    findings.extend(states::of_whole(evidence.whole));
    findings.extend(states::of_digest(evidence.agreement));
    findings.extend(states::of_versioning(evidence));
    findings.extend(
        evidence
            .errored
            .map(|errored| errored.judged(evidence.state.ok().flatten())),
    );
    findings.extend(of_configuration(evidence.place));
    worst_first(findings)
}

fn of_configuration(place: &Place) -> Option<Finding> {
    if place.divergences.is_empty() {
        return None;
    }
    let differ = place.divergences.iter().map(|one| {
        format!(
            "{}: initialized with {}, configured as {}",
            one.attribute, one.cached, one.configured
        )
    });
    let claim = "the directory was initialized with another backend than it configures";
    let id = "place.cache-differs";
    Some(Finding::new(id, Severity::Critical, Confidence::Certain, claim).seen(differ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::verdict::{Likelihood, Sign};
    use crate::lock::{Body, Look, Sighting, Store};
    use crate::place::{Backend, Divergence, Origin};
    use crate::state::Reading;

    const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":SERIAL,"lineage":"l","outputs":{},"resources":[]}"#;

    /// What a test changes of a healthy place.
    struct Seen {
        place: Place,
        survey: Survey,
        verdict: Likelihood,
        agreement: Agreement,
        state: Option<(Contents, Reading)>,
        former: Option<Contents>,
        whole: Whole,
        versioning: Versioning,
        errored: Option<Errored>,
    }

    fn contents(text: &str) -> Contents {
        Contents::of(text.as_bytes(), &Reading::of(text.as_bytes()))
    }

    fn state_of(serial: u64) -> String {
        STATE.replace("SERIAL", &serial.to_string())
    }

    fn state(serial: u64) -> Contents {
        contents(&state_of(serial))
    }

    fn read(text: &str) -> (Contents, Reading) {
        (contents(text), Reading::of(text.as_bytes()))
    }

    fn survey(bodies: &[Option<&str>]) -> Survey {
        let stores = [Store::S3, Store::DynamoDb]
            .into_iter()
            .zip(bodies.iter().copied());
        let look = |(store, body): (Store, Option<&str>)| Look {
            store,
            container: "c".into(),
            key: "k".into(),
            found: Ok(body.map(|body| Sighting {
                store,
                container: "c".into(),
                key: "k".into(),
                body: Body::Bytes(body.as_bytes().to_vec()),
                etag: None,
                modified: None,
            })),
        };
        Survey {
            stores: stores.map(look).collect(),
            digest: None,
        }
    }

    fn healthy() -> Seen {
        Seen {
            place: Place {
                directory: None,
                workspace: "default".into(),
                backend: Backend::S3(Box::default()),
                origin: Origin::Flags,
                divergences: Vec::new(),
            },
            survey: survey(&[None, None]),
            verdict: Likelihood::Unsure,
            agreement: Agreement::Agrees,
            state: Some(read(&state_of(4))),
            former: None,
            whole: Whole::Unsuspected,
            versioning: Versioning::Enabled,
            errored: None,
        }
    }

    fn found(seen: &Seen) -> Vec<(&'static str, Severity)> {
        let verdict = Verdict {
            likelihood: seen.verdict,
            signs: vec![Sign {
                weight: 1,
                says: "held for long".into(),
            }],
        };
        let evidence = Evidence {
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            place: &seen.place,
            survey: &seen.survey,
            verdicts: &[verdict.clone(), verdict],
            agreement: &seen.agreement,
            state: Ok(seen.state.as_ref().map(|(contents, _)| contents)),
            body: seen
                .state
                .as_ref()
                .map(|(contents, reading)| crate::analysis::Body {
                    contents,
                    reading,
                    former: seen.former.as_ref(),
                }),
            whole: seen.whole,
            versioning: Ok(seen.versioning),
            errored: seen.errored.as_ref(),
        };
        let findings = of_place(&evidence);
        findings.iter().map(|one| (one.id, one.severity)).collect()
    }

    const OLD: &str = r#"{"ID":"a","Who":"ci@runner","Created":"2026-11-20T12:00:00Z"}"#;
    const NEW: &str = r#"{"ID":"a","Who":"ci@runner","Created":"2026-11-22T11:59:00Z"}"#;

    #[test]
    fn a_healthy_place_has_no_findings() {
        assert_eq!(found(&healthy()), []);
    }

    #[test]
    fn one_lock_in_two_stores_is_one_finding() {
        let mut seen = healthy();
        seen.survey = survey(&[Some(NEW), Some(NEW)]);
        assert_eq!(found(&seen), [("lock.held", Severity::Info)]);
    }

    #[test]
    fn a_lock_of_days_is_stale_and_eternal() {
        let mut seen = healthy();
        seen.survey = survey(&[Some(OLD), None]);
        seen.verdict = Likelihood::LikelyStale;
        let ids: Vec<_> = found(&seen).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["lock.eternal", "lock.half-released", "lock.stale"]);
    }

    #[test]
    fn a_lock_without_an_id_is_worse_than_any_with_one() {
        let mut seen = healthy();
        seen.survey = survey(&[Some("")]);
        assert_eq!(found(&seen), [("lock.no-info", Severity::Critical)]);
    }

    #[test]
    fn a_state_that_would_be_created_anew_is_critical() {
        let mut seen = healthy();
        seen.state = Some(read(""));
        assert_eq!(found(&seen)[0], ("state.empty", Severity::Critical));
        (seen.state, seen.whole) = (None, Whole::Missing);
        assert_eq!(found(&seen)[0], ("state.missing", Severity::Critical));
        seen.whole = Whole::Unsuspected;
        assert_eq!(found(&seen), [], "a state that never was is not missing");
    }

    #[test]
    fn a_difference_under_a_lock_is_no_finding() {
        let difference = crate::lock::Difference {
            stored: "a".into(),
            calculated: "b".into(),
        };
        let mut seen = healthy();
        seen.agreement = Agreement::Differs(difference.clone());
        assert_eq!(found(&seen), [("digest.differs", Severity::Critical)]);
        seen.agreement = Agreement::BeingWritten(difference);
        assert_eq!(found(&seen), []);
    }

    #[test]
    fn what_a_run_could_not_store_is_weighed_against_what_is_stored() {
        let left = |contents| {
            Some(Errored {
                path: "errored.tfstate".into(),
                contents,
            })
        };
        let mut seen = healthy();
        seen.errored = left(state(5));
        assert_eq!(
            found(&seen),
            [("errored-state.present", Severity::Critical)]
        );
        seen.errored = left(state(4));
        assert_eq!(found(&seen), [("errored-state.present", Severity::Warning)]);
        seen.errored = left(contents("{ torn"));
        assert_eq!(found(&seen), [("errored-state.present", Severity::Warning)]);
    }

    #[test]
    fn a_bucket_without_versions_and_a_backend_without_locks_are_warnings() {
        let mut seen = healthy();
        seen.versioning = Versioning::Suspended;
        seen.survey = survey(&[]);
        assert_eq!(
            found(&seen),
            [
                ("locking.off", Severity::Warning),
                ("versioning.suspended", Severity::Warning)
            ]
        );
    }

    #[test]
    fn another_backend_than_the_configured_one_is_critical() {
        let mut seen = healthy();
        seen.place.backend = Backend::S3(Box::default());
        seen.place.divergences.push(Divergence {
            attribute: "bucket".into(),
            cached: "a".into(),
            configured: "b".into(),
        });
        assert_eq!(found(&seen), [("place.cache-differs", Severity::Critical)]);
    }
}
