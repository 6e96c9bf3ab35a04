//! The signs, one function each: what was seen, in a sentence, with its weight.

mod held;

use jiff::SignedDuration;

use super::{Candidate, Circumstances, Presence, Sign, Whereabouts, age, in_words, taken_at};
use crate::lock::errand::{self, Errand, Purpose};
use crate::lock::job::{Job, Running};
use crate::lock::trail::{Course, Logs};
use crate::lock::{Sighting, Store, Survey};
use held::of_age;

/// A lock this young may have been taken while we looked.
const FRESH: SignedDuration = SignedDuration::from_mins(2);
const LONG: SignedDuration = SignedDuration::from_hours(1);
/// A log that is silent for longer has no run behind it that does anything.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);
/// What only touches the state is over long before.
const BRIEF: SignedDuration = SignedDuration::from_mins(15);

/// Every sign that there is.
pub(super) fn of(seen: &Sighting, survey: &Survey, known: &Circumstances) -> Vec<Sign> {
    let age = age(seen, known.now);
    let holder = seen.holder().unwrap_or_default();
    let mut signs = Vec::new();
    if errand::is_ours(&holder) {
        // No run of Terraform stands behind it, so nothing is asked of one.
        signs.extend([of_age(seen, age, None), of_errand(Errand::of(&holder), age)]);
    } else {
        let usual = known.habits.as_ref();
        let usual = usual.and_then(|habits| habits.usual(&holder.operation));
        signs.push(of_age(seen, age, usual));
        signs.push(of_process(seen, known));
        signs.extend(of_logs(known, age));
        signs.extend(known.job.as_ref().map(of_job));
        signs.extend(of_operation(&holder.operation, age));
    }
    signs.extend(of_writes(seen, known, age));
    signs.extend(of_other_stores(seen, survey, age));
    signs
}

fn sign(weight: i32, says: impl Into<String>) -> Sign {
    Sign {
        weight,
        says: says.into(),
    }
}

fn of_errand(errand: Option<Errand>, age: Option<SignedDuration>) -> Sign {
    let Some(errand) = errand else {
        return sign(0, "taken by tfsos, which does not say what for");
    };
    match errand.purpose {
        Purpose::Freeze | Purpose::TakeOver => sign(
            -6,
            format!(
                "tfsos holds it on purpose, until it is thawed: {}",
                errand.does
            ),
        ),
        Purpose::Restore if age.is_some_and(|age| age < SILENCE) => {
            sign(-3, format!("tfsos is at work under it: {}", errand.does))
        }
        Purpose::Restore => sign(
            0,
            format!("a plan of tfsos was left open under it: {}", errand.does),
        ),
    }
}

fn of_process(seen: &Sighting, known: &Circumstances) -> Sign {
    if seen.store == Store::Local {
        // A local lock is seen only while the system says that a process holds it.
        return sign(-10, "a running process holds the file lock");
    }
    match &known.presence {
        Presence::Unknown => sign(0, "whether its process still runs cannot be known here"),
        Presence::Elsewhere { host } => sign(
            0,
            format!("taken on {host}: its processes cannot be seen here"),
        ),
        Presence::Here { candidates } => of_candidates(candidates),
    }
}

fn of_candidates(candidates: &[Candidate]) -> Sign {
    let near = candidates
        .iter()
        .find(|one| one.whereabouts == Whereabouts::SameDirectory);
    match (near, candidates.first()) {
        (Some(one), _) => sign(
            -6,
            format!("process {} runs Terraform in this directory", one.process),
        ),
        (None, Some(one)) => sign(
            -2,
            format!(
                "process {} runs Terraform on this host, in another directory",
                one.process
            ),
        ),
        (None, None) => sign(
            6,
            "taken on this host, and no Terraform of that time runs here any more",
        ),
    }
}

fn of_logs(known: &Circumstances, age: Option<SignedDuration>) -> Vec<Sign> {
    let ago = |written| known.now.duration_since(written).abs();
    let trail = match &known.logs {
        Logs::None => return Vec::new(),
        Logs::Silent(last) => {
            // What is written beside it may be the run that holds it, logged without its backend.
            let stirs = ago(last.written) < FRESH && age.is_some();
            let says = format!("{}, which does not name it, is written just now", last.log);
            return stirs.then(|| sign(-2, says)).into_iter().collect();
        }
        Logs::Named(trail) => trail,
    };
    let (log, since) = (&trail.log, in_words(ago(trail.written)));
    let course = match trail.course {
        Course::MetItself => sign(
            6,
            format!("{log}: its own run asked twice for it, met its own lock and gave up"),
        ),
        Course::Released => sign(3, format!("{log}: its run says that it let go of it")),
        Course::Over => sign(
            4,
            format!("{log}: another run has begun since the one that took it"),
        ),
        Course::Open if ago(trail.written) < FRESH => {
            sign(-4, format!("{log}: its run still writes its log"))
        }
        Course::Open if ago(trail.written) > SILENCE => sign(
            2,
            format!("{log}: the log of its run is silent for {since}"),
        ),
        Course::Open => sign(0, format!("{log}: its run wrote its log {since} ago")),
    };
    vec![course]
}

fn of_job(job: &Job) -> Sign {
    match &job.running {
        Running::NotAsked => sign(
            0,
            format!("taken by {job}: whether the job runs is not asked"),
        ),
        Running::Yes => sign(-6, format!("taken by {job}: the job runs")),
        Running::No => sign(5, format!("taken by {job}: the job has ended")),
        Running::Unknown { why } => sign(
            0,
            format!("taken by {job}: whether the job runs is not known ({why})"),
        ),
    }
}

/// What kind of work it is: some is over in seconds, and some writes nothing.
fn of_operation(operation: &str, age: Option<SignedDuration>) -> Option<Sign> {
    let brief = [
        "state-mv",
        "state-rm",
        "state-push",
        "state-replace-provider",
        "taint",
        "untaint",
        "workspace-new",
        "init",
    ];
    if brief.contains(&operation) {
        let over = age.is_some_and(|age| age > BRIEF);
        return Some(sign(
            if over { 2 } else { 0 },
            format!("{operation} takes seconds"),
        ));
    }
    match operation {
        "OperationTypePlan" => Some(sign(0, "a plan: its holder writes no state")),
        "OperationTypeApply" | "OperationTypeRefresh" => Some(sign(
            0,
            "if its holder still runs, it writes the state at its end",
        )),
        _ => None,
    }
}

fn of_writes(seen: &Sighting, known: &Circumstances, age: Option<SignedDuration>) -> Option<Sign> {
    let (taken, written) = (taken_at(seen)?, known.state_written?);
    let since = in_words(known.now.duration_since(written).abs());
    if written <= taken {
        let idle = age.is_some_and(|age| age > LONG);
        return Some(sign(
            i32::from(idle),
            "the state was not written since the lock was taken",
        ));
    }
    if known.now.duration_since(written) < FRESH {
        return Some(sign(
            -4,
            format!("the state was written {since} ago, under this lock"),
        ));
    }
    Some(sign(
        0,
        format!("the state was last written {since} ago, under this lock"),
    ))
}

fn of_other_stores(seen: &Sighting, survey: &Survey, age: Option<SignedDuration>) -> Vec<Sign> {
    // While a lock is being taken the stores differ for a moment.
    let settled = age.is_none_or(|age| age >= FRESH);
    let others = survey.stores.iter().filter(|look| look.store != seen.store);
    others
        .filter_map(|look| match &look.found {
            Err(_) => Some(sign(0, format!("{} could not be read", look.store))),
            Ok(None) if settled => Some(sign(
                3,
                format!("{} does not hold it: half-released", look.store),
            )),
            Ok(None) => Some(sign(0, format!("{} does not hold it yet", look.store))),
            Ok(Some(other)) if other.id() == seen.id() => None,
            Ok(Some(_)) => Some(sign(0, format!("{} holds another lock", look.store))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::lock::trail::{Stirring, Trail};
    use crate::lock::verdict::{Likelihood, judge};
    use crate::lock::{Body, Holder};

    const TAKEN: &str = "2026-11-22T10:00:00Z";

    fn lock(operation: &str, info: &str) -> Sighting {
        let holder = Holder {
            id: "a1".into(),
            operation: operation.into(),
            info: info.into(),
            who: "ci@runner-12".into(),
            created: TAKEN.into(),
            ..Holder::default()
        };
        Sighting {
            store: Store::DynamoDb,
            container: "c".into(),
            key: "k".into(),
            body: Body::Bytes(holder.canonical()),
            etag: None,
            modified: None,
        }
    }

    fn alone() -> Survey {
        Survey {
            stores: Vec::new(),
            digest: None,
        }
    }

    fn minutes(count: i64) -> SignedDuration {
        SignedDuration::from_mins(count)
    }

    /// A quarter of an hour after it was taken, on another host: nothing is known.
    pub(super) fn nothing() -> Circumstances {
        let taken: Timestamp = TAKEN.parse().unwrap();
        Circumstances {
            presence: Presence::Elsewhere {
                host: "runner-12".into(),
            },
            ..Circumstances::at(taken + minutes(15))
        }
    }

    /// What one kind of evidence alone makes of an apply: the weight of its sign and what it says.
    pub(super) fn weighed(operation: &str, known: &Circumstances, part: &str) -> i32 {
        let signs = of(&lock(operation, ""), &alone(), known);
        let mut said = signs.iter().filter(|sign| sign.says.contains(part));
        let weight = said
            .next()
            .unwrap_or_else(|| panic!("nothing says {part}: {signs:?}"))
            .weight;
        assert_eq!(said.next(), None);
        weight
    }

    fn named(course: Course, silent: SignedDuration) -> Circumstances {
        let known = nothing();
        Circumstances {
            logs: Logs::Named(Trail {
                log: "tf.log".into(),
                written: known.now - silent,
                course,
            }),
            ..known
        }
    }

    #[test]
    fn a_log_tells_how_the_run_that_took_it_went_on() {
        let cases = [
            (Course::Open, 1, -4),
            (Course::Open, 5, 0),
            (Course::Open, 11, 2),
            (Course::Over, 1, 4),
            (Course::Released, 1, 3),
            (Course::MetItself, 1, 6),
        ];
        for (course, silent, weight) in cases {
            let known = named(course, minutes(silent));
            assert_eq!(
                weighed("OperationTypeApply", &known, "tf.log"),
                weight,
                "{course:?} {silent}"
            );
        }
        let stirring = |silent| {
            let known = nothing();
            let logs = Logs::Silent(Stirring {
                log: "other.log".into(),
                written: known.now - minutes(silent),
            });
            of(&lock("", ""), &alone(), &Circumstances { logs, ..known })
        };
        let says = |signs: &[Sign]| signs.iter().any(|sign| sign.says.contains("other.log"));
        assert!(says(&stirring(1)) && !says(&stirring(5)));
    }

    #[test]
    fn a_lost_answer_is_stale_at_once_on_the_host_that_lost_it() {
        let taken: Timestamp = TAKEN.parse().unwrap();
        let known = Circumstances {
            now: taken + SignedDuration::from_secs(20),
            presence: Presence::Here {
                candidates: Vec::new(),
            },
            ..named(Course::MetItself, minutes(0))
        };
        let verdict = judge(&lock("OperationTypeApply", ""), &alone(), &known);
        assert_eq!(verdict.likelihood, Likelihood::Stale);
    }

    #[test]
    fn a_job_is_alive_or_over_only_where_its_ci_says_so() {
        let cases = [
            (Running::NotAsked, 0),
            (Running::Yes, -6),
            (Running::No, 5),
            (
                Running::Unknown {
                    why: "no answer".into(),
                },
                0,
            ),
        ];
        for (running, weight) in cases {
            let job = Job {
                ci: "GitLab CI".into(),
                url: Some("https://ci/4711".into()),
                running,
            };
            let known = Circumstances {
                job: Some(job),
                ..nothing()
            };
            assert_eq!(
                weighed("OperationTypeApply", &known, "https://ci/4711"),
                weight
            );
        }
    }

    #[test]
    fn what_takes_seconds_is_old_after_a_quarter_of_an_hour() {
        let mut known = nothing();
        assert_eq!(weighed("state-mv", &known, "takes seconds"), 0);
        known.now += minutes(1);
        assert_eq!(weighed("state-mv", &known, "takes seconds"), 2);
        assert_eq!(weighed("OperationTypePlan", &known, "writes no state"), 0);
    }

    #[test]
    fn a_lock_of_tfsos_is_judged_by_what_it_is_for_and_by_no_process() {
        let errand = |purpose| {
            Errand {
                purpose,
                incident: "i".into(),
                step: "1 of 3".into(),
                does: "thinking".into(),
                resume: "tfsos thaw a1".into(),
            }
            .to_string()
        };
        let mut known = nothing();
        known.presence = Presence::Here {
            candidates: Vec::new(),
        };
        let judged = |purpose, known: &Circumstances| {
            judge(&lock("tfsos", &errand(purpose)), &alone(), known).likelihood
        };
        assert_eq!(judged(Purpose::Freeze, &known), Likelihood::Live);
        assert_eq!(judged(Purpose::TakeOver, &known), Likelihood::Live);
        assert_eq!(judged(Purpose::Restore, &known), Likelihood::Unsure);
        known.now -= minutes(10);
        assert_eq!(judged(Purpose::Restore, &known), Likelihood::LikelyLive);
    }
}
