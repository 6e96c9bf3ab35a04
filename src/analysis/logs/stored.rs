//! What a run could not do with the state: vouch for it, store it, read it, or
//! lock it.

use regex::Regex;

use super::told::{Pattern, Told, caught, group, pattern};
use super::{Confidence, Finding, Meant, Severity, critical};
use crate::log::Category;

pub fn of_digest(told: &Told<'_>) -> Option<Meant> {
    static CALCULATED: Pattern =
        pattern(|| Regex::new(r"(?:Calculated checksum: |calculated=)([0-9a-f]{32})").ok());
    static STORED: Pattern =
        pattern(|| Regex::new(r"(?:Stored checksum: |stored=)([0-9a-fA-F]{32})").ok());
    if told.category() == Category::SwallowedDigestWrite {
        let why = told
            .words
            .split_once("dynamodb: ")
            .map(|(_, why)| format!("because of: {why}"));
        let finding = critical(
            "digest.unwritten",
            Confidence::Certain,
            "a run stored its state and not the digest: the next run is refused",
        )
        .seen(why);
        return Some(Meant::new(finding, ""));
    }
    if told.category() != Category::Digest
        || !told.says(&[
            "does not have the expected content",
            "checksum calculated for the state",
        ])
    {
        return None;
    }
    let part = |word: &str, pattern: &Pattern| {
        group(pattern, &told.words, 1).map(|md5| format!("{word} {md5}"))
    };
    let seen = [part("stored", &STORED), part("calculated", &CALCULATED)];
    let finding = critical(
        "digest.refused",
        Confidence::Certain,
        "a run was refused: the state is not the one that its digest vouches for",
    )
    .seen(seen.into_iter().flatten());
    Some(Meant::new(finding, ""))
}

pub fn of_unsaved(told: &Told<'_>) -> Option<Meant> {
    if told.category() != Category::StateCorruption
        || !told.says(&["Failed to save state", "Failed to persist state to backend"])
    {
        return None;
    }
    let finding = critical(
        "state.unsaved",
        Confidence::Certain,
        "a run could not store the state: what it did is in errored.tfstate where it ran",
    )
    .seen(["keep that file, and do not apply again before it is pushed".to_owned()]);
    Some(Meant::new(finding, ""))
}

pub fn of_unreadable(told: &Told<'_>) -> Option<Meant> {
    static WHY: Pattern = pattern(|| {
        Regex::new(r"(Unsupported state file format: .+?\.(?: |$)|This state file is encrypted and can not be read|Duplicate resource instance in state|Invalid Terraform version string|State format upgrade failed)")
            .ok()
    });
    if told.category() != Category::StateCorruption {
        return None;
    }
    let why = group(&WHY, &told.words, 1)?.trim_end_matches(['.', ' ']);
    let claim = format!("a run could not read the state: {why}");
    let finding = critical("state.not-read", Confidence::Certain, claim);
    Some(Meant::new(finding, ""))
}

/// That the service answered, and has no such bucket or table. It is no reason to
/// turn locking off.
pub fn of_absence(told: &Told<'_>) -> Option<Meant> {
    static BUCKET: Pattern = pattern(|| Regex::new(r#"S3 bucket "([^"]+)" does not exist"#).ok());
    static REGION: Pattern = pattern(|| {
        Regex::new(r#"requested bucket from "([^"]+)", actual location "([^"]+)""#).ok()
    });
    if let Some(found) = caught(&REGION, &told.words) {
        let claim = format!(
            "the bucket is in {}, and the backend asks in {}",
            &found[2], &found[1]
        );
        let finding = critical("backend.other-region", Confidence::Certain, claim);
        return Some(Meant::new(finding, ""));
    }
    if let Some(table) = absent_table(told) {
        let claim = format!(
            "the lock table {table}is not there: the network works, and a service answered"
        );
        let finding = critical("lock.table-missing", Confidence::Certain, claim).seen([
            "another account or region, or it was deleted: don't turn locking off".to_owned(),
        ]);
        return Some(Meant::new(finding, ""));
    }
    let is_bucket = told.category() == Category::Backend && told.says(&["NoSuchBucket"]);
    // A bucket of the configuration's own is no matter of the state.
    if told.address().is_some() {
        return None;
    }
    let named = group(&BUCKET, &told.words, 1);
    let bucket = match (named, is_bucket) {
        (Some(bucket), _) => format!("{bucket} "),
        (None, true) => told
            .field("aws.s3.bucket")
            .map_or_else(String::new, |bucket| format!("{bucket} ")),
        (None, false) => return None,
    };
    let claim =
        format!("the state's bucket {bucket}is not there: the network works, and S3 answered");
    let finding = critical("backend.bucket-missing", Confidence::Certain, claim)
        .seen(["another account or region, or it was deleted".to_owned()]);
    Some(Meant::new(finding, ""))
}

/// The name of the table that a lock was to be written to, with a space after it;
/// empty where it is not told, none where a table is not what is missing.
fn absent_table(told: &Told<'_>) -> Option<String> {
    static TABLE: Pattern =
        pattern(|| Regex::new(r#"retrieve item from DynamoDB table "([^"]+)""#).ok());
    if told.category() != Category::Lock || !told.says(&["ResourceNotFoundException"]) {
        return None;
    }
    let name = group(&TABLE, &told.words, 1);
    Some(name.map_or_else(String::new, |name| format!("{name} ")))
}

pub fn of_lock(told: &Told<'_>) -> Option<Meant> {
    static ID: Pattern = pattern(|| Regex::new(r"Lock Info: ID: (\S+)").ok());
    static WHO: Pattern = pattern(|| Regex::new(r" Who: (\S+)").ok());
    static OPERATION: Pattern = pattern(|| Regex::new(r" Operation: (?:OperationType)?(\S+)").ok());
    if told.category() != Category::Lock || absent_table(told).is_some() {
        return None;
    }
    let id = group(&ID, &told.words, 1);
    if let Some(own) = id.filter(|id| was_asked_for(told, id)) {
        let claim = format!("a run met its own lock {own}: the answer that granted it was lost");
        let finding = critical("lock.own", Confidence::Certain, claim)
            .seen(["the run has ended with the lock left behind: nobody holds it".to_owned()]);
        return Some(Meant::new(finding, own));
    }
    let holder = group(&WHO, &told.words, 1).map(|who| {
        let operation = group(&OPERATION, &told.words, 1)
            .unwrap_or("a run")
            .to_lowercase();
        format!(" that {who} holds for {operation}")
    });
    let claim = format!("a run was refused the lock{}", holder.unwrap_or_default());
    // An answer alone may be asked for again, and be granted then.
    let (severity, confidence) = if told.is_final() {
        (Severity::Warning, Confidence::Certain)
    } else {
        (Severity::Info, Confidence::Possible)
    };
    let finding = Finding::new("lock.refused", severity, confidence, claim)
        .seen(id.map(|id| format!("lock {id}")));
    Some(Meant::new(finding, ""))
}

/// Whether the run asked for the lock by this id itself: then the lock that
/// refused it is its own.
fn was_asked_for(told: &Told<'_>, id: &str) -> bool {
    told.log.reports.iter().any(|report| {
        let fields = report.record.parts.fields.iter();
        let mut asked = fields.filter(|field| field.name == "tf_backend.lock.id");
        asked.any(|field| field.value == id)
    })
}
