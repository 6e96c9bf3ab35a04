//! Whether this place could be recovered tonight, judged from what was seen of
//! it on a quiet day: each condition by itself, with what to do about it.

use serde::Serialize;

use crate::fault::Fault;
use crate::lock::Survey;
use crate::place::{Backend, Place};
use crate::state::{Versioning, Versions};

/// Versions that a rule deletes sooner than this are gone before somebody looks.
const SOON: i32 = 30;

/// How one condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Warn,
    Fail,
    /// It could not be asked, or was not tried.
    Unknown,
}

/// One condition of a recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub id: &'static str,
    pub status: Status,
    /// What was seen, in a sentence.
    pub claim: String,
    pub remedy: Option<String>,
}

/// A lifecycle rule that ends objects under the state's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    pub rule: String,
    /// After how many days former versions go; none where they stay.
    pub former: Option<i32>,
    /// Whether the current version goes, too.
    pub current: bool,
}

/// What the lock table says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// Whether it can be put back to any point in time.
    pub recovery: Result<bool, Fault>,
    /// Whether it is protected from being deleted.
    pub protection: Result<bool, Fault>,
    /// The attribute by which items expire.
    pub expiry: Result<Option<String>, Fault>,
}

/// The settings of the stores; only AWS has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub versioning: Result<Versioning, Fault>,
    pub lifecycle: Result<Vec<Expiry>, Fault>,
    pub table: Option<Table>,
}

/// Everything that was seen without a write.
#[derive(Debug)]
pub struct Sights {
    pub versions: Result<Versions, Fault>,
    /// Whether there is a state.
    pub state: Result<bool, Fault>,
    /// Whether an older version could be read; none where there is none.
    pub older: Option<Result<(), Fault>>,
    pub survey: Survey,
    pub settings: Option<Settings>,
}

/// A write on a scratch key that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub trial: Trial,
    pub outcome: Result<(), Fault>,
}

/// What is tried on scratch keys, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    PutObject,
    ReadObject,
    DeleteObject,
    PutRow,
    ReadRow,
    DeleteRow,
}

impl Trial {
    /// The trials that a place has a store for.
    pub fn of(place: &Place) -> &'static [Self] {
        const ALL: [Trial; 6] = [
            Trial::PutObject,
            Trial::ReadObject,
            Trial::DeleteObject,
            Trial::PutRow,
            Trial::ReadRow,
            Trial::DeleteRow,
        ];
        match &place.backend {
            Backend::S3(s3) if s3.dynamodb_table.is_some() => &ALL,
            Backend::S3(_) => &ALL[..3],
            Backend::Local(_) | Backend::Sandbox(_) | Backend::Other { .. } => &[],
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::PutObject => "object.write",
            Self::ReadObject => "object.decrypt",
            Self::DeleteObject => "lock.delete",
            Self::PutRow => "row.write",
            Self::ReadRow => "row.read",
            Self::DeleteRow => "row.delete",
        }
    }

    /// The API call.
    pub fn call(self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::ReadObject => "GetObject",
            Self::DeleteObject => "DeleteObject",
            Self::PutRow => "PutItem",
            Self::ReadRow => "GetItem",
            Self::DeleteRow => "DeleteItem",
        }
    }

    /// What it shows where it works.
    fn claim(self) -> &'static str {
        match self {
            Self::PutObject => "an object can be written beside the state",
            Self::ReadObject => "what was written can be read and decrypted",
            Self::DeleteObject => "a lock object can be deleted",
            Self::PutRow => "a row of the lock table can be written",
            Self::ReadRow => "a row of the lock table can be read",
            Self::DeleteRow => "a row of the lock table can be deleted",
        }
    }
}

/// Judges what was seen; `probes` is none where no write was to be tried.
pub fn checks(place: &Place, sights: &Sights, probes: Option<&[Probe]>) -> Vec<Check> {
    let mut checks = vec![versioning(place, sights), listing(sights), state(sights)];
    checks.extend(older(sights));
    checks.extend(locks(sights));
    if let Some(settings) = &sights.settings {
        checks.push(lifecycle(place, settings));
        checks.extend(settings.table.iter().flat_map(table));
    }
    checks.extend(Trial::of(place).iter().map(|trial| match probes {
        None => untried(*trial),
        Some(probes) => tried(*trial, probes),
    }));
    checks
}

/// What could not be looked at, each as a sentence; what nobody wanted to try is not among them.
pub fn unseen(sights: &Sights) -> Vec<String> {
    let Some(settings) = &sights.settings else {
        return Vec::new();
    };
    let table = settings.table.as_ref();
    let faults = [
        settings.versioning.as_ref().err(),
        settings.lifecycle.as_ref().err(),
        table.and_then(|table| table.recovery.as_ref().err()),
        table.and_then(|table| table.protection.as_ref().err()),
        table.and_then(|table| table.expiry.as_ref().err()),
    ];
    faults.into_iter().flatten().map(Fault::to_string).collect()
}

fn check(id: &'static str, status: Status, claim: impl Into<String>) -> Check {
    Check {
        id,
        status,
        claim: claim.into(),
        remedy: None,
    }
}

impl Check {
    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// What is not allowed or does not answer.
    fn failed(id: &'static str, fault: &Fault) -> Self {
        Self {
            remedy: fault.hint.clone(),
            ..check(id, Status::Fail, fault.to_string())
        }
    }

    fn unknown(id: &'static str, fault: &Fault) -> Self {
        Self {
            status: Status::Unknown,
            ..Self::failed(id, fault)
        }
    }
}

fn versioning(place: &Place, sights: &Sights) -> Check {
    let id = "versioning";
    if matches!(place.backend, Backend::Local(_)) {
        let claim = "a local state keeps one backup, on the same disk";
        return check(id, Status::Warn, claim)
            .remedy("keep the state where versions of it are kept, such as S3 with versioning");
    }
    let bucket = place.bucket().unwrap_or_default();
    let enable = format!(
        "aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
    );
    let asked = sights
        .settings
        .as_ref()
        .map(|settings| &settings.versioning);
    let listed = sights.versions.as_ref().map(|versions| versions.versioning);
    match asked.map_or(listed, |asked| asked.as_ref().copied()) {
        Err(fault) => Check::unknown(id, fault),
        Ok(versioning) => match versioning {
            Versioning::Enabled => check(id, Status::Ok, "the bucket keeps every version"),
            Versioning::Suspended => {
                let claim = "versioning is suspended: the next write destroys what it replaces";
                check(id, Status::Fail, claim).remedy(enable)
            }
            Versioning::Off => {
                let claim = "versioning is off: nothing that is overwritten can be put back";
                check(id, Status::Fail, claim).remedy(enable)
            }
        },
    }
}

fn listing(sights: &Sights) -> Check {
    let id = "versions.list";
    match &sights.versions {
        Err(fault) => Check::failed(id, fault),
        Ok(versions) => match &versions.denied {
            Some(fault) => Check::failed(id, fault),
            None => check(id, Status::Ok, "the versions of the state can be listed"),
        },
    }
}

fn state(sights: &Sights) -> Check {
    let id = "state.read";
    match &sights.state {
        Err(fault) => Check::failed(id, fault),
        Ok(true) => check(id, Status::Ok, "the state can be read and decrypted"),
        Ok(false) => check(id, Status::Warn, "there is no state here yet"),
    }
}

fn older(sights: &Sights) -> Option<Check> {
    let id = "versions.read";
    Some(match sights.older.as_ref()? {
        Ok(()) => check(id, Status::Ok, "an older version can be read"),
        Err(fault) => Check::failed(id, fault),
    })
}

fn locks(sights: &Sights) -> Vec<Check> {
    let survey = &sights.survey;
    let mut checks = Vec::new();
    if !survey.stores.is_empty() {
        let unseen = survey.unseen().next();
        checks.push(match unseen {
            Some((_, fault)) => Check::failed("lock.read", fault),
            None => check("lock.read", Status::Ok, "every lock store can be read"),
        });
    }
    let digest = survey.digest.as_ref().map(|digest| match digest {
        Ok(Some(_)) => check("digest.read", Status::Ok, "the digest row can be read"),
        Ok(None) => check(
            "digest.read",
            Status::Warn,
            "there is no digest row: nothing would tell an overwritten state",
        )
        .remedy("the next apply writes it; tfsos digest --fix does so now"),
        Err(fault) => Check::failed("digest.read", fault),
    });
    checks.extend(digest);
    checks
}

fn lifecycle(place: &Place, settings: &Settings) -> Check {
    let id = "lifecycle";
    let rules = match &settings.lifecycle {
        Ok(rules) => rules,
        Err(fault) => return Check::unknown(id, fault),
    };
    if let Some(rule) = rules.iter().find(|rule| rule.current) {
        let claim = format!("the lifecycle rule {} deletes the state itself", rule.rule);
        return check(id, Status::Fail, claim).remedy("take the state's key out of the rule");
    }
    let soonest = rules.iter().filter_map(|rule| Some((rule.former?, rule)));
    let Some((days, rule)) = soonest.min_by_key(|(days, _)| *days) else {
        return check(
            id,
            Status::Ok,
            "no lifecycle rule deletes versions of the state",
        );
    };
    let status = if days < SOON {
        Status::Fail
    } else {
        Status::Warn
    };
    let claim = format!(
        "the lifecycle rule {} deletes former versions after {days} days",
        rule.rule
    );
    check(id, status, claim).remedy(format!(
        "keep the versions of {} for longer than an incident can go unnoticed, 90 days or more",
        place.full_name()
    ))
}

fn table(table: &Table) -> Vec<Check> {
    let name = &table.name;
    let recovery = match &table.recovery {
        Ok(true) => check("table.recovery", Status::Ok, "the lock table can be put back to any point in time"),
        Ok(false) => check("table.recovery", Status::Warn, "the lock table has no point-in-time recovery").remedy(format!(
            "aws dynamodb update-continuous-backups --table-name {name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        )),
        Err(fault) => Check::unknown("table.recovery", fault),
    };
    let protection = match &table.protection {
        Ok(true) => check(
            "table.protection",
            Status::Ok,
            "the lock table is protected from being deleted",
        ),
        Ok(false) => check(
            "table.protection",
            Status::Warn,
            "the lock table can be deleted by mistake",
        )
        .remedy(format!(
            "aws dynamodb update-table --table-name {name} --deletion-protection-enabled"
        )),
        Err(fault) => Check::unknown("table.protection", fault),
    };
    let expiry = match &table.expiry {
        Ok(None) => check("table.ttl", Status::Ok, "no row of the lock table expires"),
        Ok(Some(attribute)) => check("table.ttl", Status::Warn, format!("rows of the lock table expire by {attribute}: a lock that expires lets a second run in without a word")).remedy(format!(
            "aws dynamodb update-time-to-live --table-name {name} --time-to-live-specification Enabled=false,AttributeName={attribute}"
        )),
        Err(fault) => Check::unknown("table.ttl", fault),
    };
    vec![recovery, protection, expiry]
}

fn untried(trial: Trial) -> Check {
    let claim = format!("not tried: whether {}", trial.claim());
    check(trial.id(), Status::Unknown, claim)
        .remedy("--probe-writes tries it on a scratch key, and takes that away again")
}

fn tried(trial: Trial, probes: &[Probe]) -> Check {
    match probes.iter().find(|probe| probe.trial == trial) {
        Some(Probe {
            outcome: Ok(()), ..
        }) => check(trial.id(), Status::Ok, trial.claim()),
        Some(Probe {
            outcome: Err(fault),
            ..
        }) => Check::failed(trial.id(), fault),
        None => check(
            trial.id(),
            Status::Unknown,
            format!(
                "not tried after the failure before it: whether {}",
                trial.claim()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Flags, Lockfile};

    fn place() -> Place {
        let flags = Flags {
            bucket: "b".into(),
            key: "k".into(),
            region: Some("eu-west-1".into()),
            profile: None,
            endpoint_url: None,
            lock_table: Some("locks".into()),
            lockfile: Lockfile::Used,
            workspace: None,
        };
        flags.place(&crate::place::Environment::default()).unwrap()
    }

    fn denied() -> Fault {
        Fault::new("look at", "it", "access denied").hint("needs a permission")
    }

    fn sights(settings: Settings) -> Sights {
        Sights {
            versions: Ok(Versions {
                versioning: Versioning::Enabled,
                list: Vec::new(),
                more: false,
                denied: None,
            }),
            state: Ok(true),
            older: Some(Ok(())),
            survey: Survey {
                stores: Vec::new(),
                digest: None,
            },
            settings: Some(settings),
        }
    }

    fn settings(former: Option<i32>, current: bool) -> Settings {
        let rule = "tidy".to_owned();
        Settings {
            versioning: Ok(Versioning::Enabled),
            lifecycle: Ok(vec![Expiry {
                rule,
                former,
                current,
            }]),
            table: Some(Table {
                name: "locks".into(),
                recovery: Ok(true),
                protection: Ok(false),
                expiry: Ok(Some("ttl".into())),
            }),
        }
    }

    fn status(checks: &[Check], id: &str) -> Status {
        checks.iter().find(|check| check.id == id).unwrap().status
    }

    #[test]
    fn a_rule_that_deletes_versions_is_worse_the_sooner_it_does() {
        for (former, current, expected) in [
            (None, false, Status::Ok),
            (Some(90), false, Status::Warn),
            (Some(7), false, Status::Fail),
            (None, true, Status::Fail),
        ] {
            let checks = checks(&place(), &sights(settings(former, current)), None);
            assert_eq!(
                status(&checks, "lifecycle"),
                expected,
                "{former:?} {current}"
            );
        }
    }

    #[test]
    fn only_a_bucket_that_says_so_keeps_versions() {
        for (versioning, expected) in [
            (Ok(Versioning::Enabled), Status::Ok),
            (Ok(Versioning::Suspended), Status::Fail),
            (Ok(Versioning::Off), Status::Fail),
            (Err(denied()), Status::Unknown),
        ] {
            let mut sights = sights(settings(None, false));
            sights.settings.as_mut().unwrap().versioning = versioning;
            let checks = checks(&place(), &sights, None);
            assert_eq!(status(&checks, "versioning"), expected);
        }
    }

    #[test]
    fn each_setting_of_the_lock_table_is_a_line_with_a_remedy() {
        let checks = checks(&place(), &sights(settings(None, false)), None);
        let of = |id| status(&checks, id);
        assert_eq!(
            [
                of("table.recovery"),
                of("table.protection"),
                of("table.ttl")
            ],
            [Status::Ok, Status::Warn, Status::Warn]
        );
        for check in checks.iter().filter(|check| check.status != Status::Ok) {
            assert!(check.remedy.is_some(), "{check:?}");
        }
    }

    #[test]
    fn what_may_not_be_asked_is_unknown_and_what_may_not_be_read_fails() {
        let mut sights = sights(settings(None, false));
        sights.settings.as_mut().unwrap().lifecycle = Err(denied());
        sights.older = Some(Err(denied()));
        let checks = checks(&place(), &sights, None);
        assert_eq!(status(&checks, "lifecycle"), Status::Unknown);
        assert_eq!(status(&checks, "versions.read"), Status::Fail);
        assert_eq!(unseen(&sights), [denied().to_string()]);
    }

    #[test]
    fn writes_are_unknown_until_they_are_tried_and_stop_at_the_first_that_fails() {
        let sights = sights(settings(None, false));
        let untried = checks(&place(), &sights, None);
        assert_eq!(status(&untried, "object.write"), Status::Unknown);
        let probes = [Probe {
            trial: Trial::PutObject,
            outcome: Err(denied()),
        }];
        let tried = checks(&place(), &sights, Some(&probes));
        assert_eq!(status(&tried, "object.write"), Status::Fail);
        assert_eq!(status(&tried, "lock.delete"), Status::Unknown);
    }
}
