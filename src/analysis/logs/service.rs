//! What the services did not do: too many requests, a quota that is used up,
//! waiting in vain, nobody to talk to, a thing that is there already.

use std::fmt::Write as _;

use regex::Regex;

use super::told::{Pattern, Told, caught, group, pattern};
use super::{Confidence, Finding, Meant, Severity, Taken, critical, warning};
use crate::log::{Account, Category};

/// From so many refused requests on, throttling costs time that is worth a warning.
const MANY: u64 = 20;

/// The options that say how many resources are worked on at a time.
const PARALLELISM: &str = "-parallelism=";

/// The usual number of them.
const USUAL: &str = "10";

pub fn of_throttling(told: &Told<'_>) -> Option<Meant> {
    static ATTEMPTS: Pattern =
        pattern(|| Regex::new(r"exceeded maximum number of attempts, (\d+)").ok());
    if told.category() != Category::Throttling {
        return None;
    }
    let account = told.log.account;
    let throttled = account.calls.most_frequent().into_iter();
    let mut throttled: Vec<_> = throttled.filter(|call| call.throttles > 0).collect();
    throttled.sort_by_key(|call| u64::MAX - call.throttles);
    let count: u64 = throttled.iter().map(|call| call.throttles).sum();
    let calls = throttled.iter().take(3).map(|call| {
        let (service, operation) = (&call.service, &call.operation);
        format!("{service} {operation} {} of {}", call.throttles, call.calls)
    });
    let calls: Vec<String> = calls.collect();
    let attempts = group(&ATTEMPTS, &told.words, 1);
    let (severity, outcome) = match attempts {
        Some(attempts) => (
            Severity::Critical,
            format!(", and gave up after {attempts} attempts"),
        ),
        None if count >= MANY || told.is_final() => (Severity::Warning, String::new()),
        None => (Severity::Info, String::new()),
    };
    let which = match (calls.is_empty(), told.call()) {
        (false, _) => calls.join(", "),
        (true, Some((service, operation))) => format!("{service} {operation}"),
        (true, None) => "a call that is not named".to_owned(),
    };
    let claim = format!("throttled: {which}{outcome}");
    let pace = match parallelism(account) {
        Some(number) => format!("the run worked on {number} resources at a time: fewer ask less"),
        None => format!("no -parallelism is told of: {USUAL} resources at a time is the usual"),
    };
    let finding = Finding::new("api.throttled", severity, Confidence::Certain, claim).seen([pace]);
    Some(Meant::new(finding, ""))
}

/// How many resources the latest run worked on at a time, where it was told to.
fn parallelism(account: &Account) -> Option<String> {
    let run = account.runs.list().last()?;
    let mut words = run.arguments.iter().chain(&run.command);
    let given = words.find_map(|word| word.trim_start_matches('-').strip_prefix(&PARALLELISM[1..]));
    given.map(str::to_owned)
}

pub fn of_quota(told: &Told<'_>) -> Option<Meant> {
    static CODE: Pattern =
        pattern(|| Regex::new(r"\b(\w*(?:LimitExceeded|QuotaExceeded)\w*|TooManyBuckets)\b").ok());
    if told.category() != Category::Quota || !told.is_decisive() {
        return None;
    }
    let code = group(&CODE, &told.trouble, 1).unwrap_or("the service names none");
    let mut claim = format!("a quota is used up: {code}");
    if let Some((service, operation)) = told.call() {
        // Writing to a string cannot fail.
        let _ = write!(claim, " by {service} {operation}");
    }
    if let Some(address) = told.address() {
        let _ = write!(claim, " for {address}");
    }
    let finding = critical("api.quota", Confidence::Certain, claim);
    Some(Meant::new(finding, code))
}

pub fn of_timeout(told: &Told<'_>) -> Option<Meant> {
    static WAITED: Pattern = pattern(|| {
        Regex::new(
            r"timeout while waiting for (.+?) \((?:last state: '([^']*)', )?timeout: ([\w.]+)\)",
        )
        .ok()
    });
    if told.category() != Category::Timeout {
        return None;
    }
    let of = told
        .address()
        .map(|address| format!("{address}: "))
        .unwrap_or_default();
    if let Some(found) = caught(&WAITED, &told.words) {
        let mut claim = format!("timed out: {of}waited {} for {}", &found[3], &found[1]);
        if let Some(last) = found.get(2) {
            let _ = write!(claim, ", the last state was '{}'", last.as_str());
        }
        let finding = warning("resource.timeout", Confidence::Certain, claim)
            .seen(["it may still become ready: look at it before the next apply".to_owned()]);
        return Some(Meant::new(finding, told.address().unwrap_or_default()));
    }
    let what = match told.call() {
        Some((service, operation)) => format!("{service} {operation}"),
        None => "a request".to_owned(),
    };
    let severity = if told.is_final() {
        Severity::Warning
    } else {
        Severity::Info
    };
    let claim = format!("no answer in time: {of}{what}");
    let finding = Finding::new("api.timeout", severity, Confidence::Likely, claim);
    Some(Meant::new(finding, what))
}

pub fn of_network(told: &Told<'_>) -> Option<Meant> {
    static DIALED: Pattern = pattern(|| {
        Regex::new(r"dial tcp:? (?:lookup )?([^\s]+?):?(?: on \S+:)? .*?(no such host|connection refused|network is unreachable|no route to host|server misbehaving)")
            .ok()
    });
    let found = caught(&DIALED, &told.words)?;
    if matches!(
        told.category(),
        Category::ResourceError | Category::Deprecation
    ) {
        return None;
    }
    let (host, why) = (&found[1], &found[2]);
    let claim = format!("{host} cannot be reached: {why}");
    let finding = critical("network.unreachable", Confidence::Certain, claim)
        .seen(["this is the network of this machine, not a missing table or bucket".to_owned()]);
    Some(Meant::new(finding, host))
}

/// The codes by which services say that a thing is there already.
const EXISTS: [&str; 8] = [
    "EntityAlreadyExists",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "ResourceAlreadyExistsException",
    "AlreadyExistsException",
    "InvalidGroup.Duplicate",
    "InvalidPermission.Duplicate",
    "already exists - to be managed via Terraform",
];

pub fn of_existing(told: &Told<'_>) -> Option<Meant> {
    // A provider may ask before it creates: only what ended in an error counts.
    if !told.is_final()
        || !matches!(
            told.category(),
            Category::ApiError | Category::ResourceError
        )
    {
        return None;
    }
    if told.says(&["Resource already managed by Terraform"]) {
        return Some(of_managed(told));
    }
    let code = EXISTS.into_iter().find(|code| told.says(&[code]))?;
    let (id, address) = (taken(&told.words), told.address());
    let what = match (&id, &address) {
        (Some(id), Some(address)) => format!("{id}, which {address} would create"),
        (Some(id), None) => id.clone(),
        (None, Some(address)) => format!("what {address} would create"),
        (None, None) => "what would be created".to_owned(),
    };
    let both = address.as_ref().zip(id.as_ref());
    let taken = both.map(|(address, id)| Taken::new(address, id));
    // Where it is known what is taken, whose it is decides what is said of it.
    let remedy = match (code, &taken) {
        ("BucketAlreadyExists", _) => {
            Some("bucket names are shared by all of AWS: it may be a stranger's")
        }
        (_, None) => Some("find out whose it is before it is imported or deleted"),
        (_, Some(_)) => None,
    };
    let mut finding = critical(
        "resource.exists",
        Confidence::Certain,
        format!("exists already: {what}"),
    )
    .seen(remedy.map(str::to_owned));
    finding.taken = taken;
    let about = address.or(id).unwrap_or_default();
    Some(Meant::new(finding, about))
}

/// What the words name as taken: `creating IAM Role (app): …`, `Role with name app already exists`.
fn taken(words: &str) -> Option<String> {
    static CREATING: Pattern = pattern(|| Regex::new(r"creating [^:()]+ \(([^()]+)\)").ok());
    static NAMED: Pattern = pattern(|| {
        Regex::new(r"with (?:the )?(?:name|ID|id) '?\x22?([^\s'\x22]+?)'?\x22? already exists").ok()
    });
    let found = group(&CREATING, words, 1).or_else(|| group(&NAMED, words, 1));
    found.map(str::to_owned)
}

fn of_managed(told: &Told<'_>) -> Meant {
    static MANAGED: Pattern =
        pattern(|| Regex::new(r"already managing a remote object for (\S+?)\. ").ok());
    let address = group(&MANAGED, &told.words, 1).unwrap_or("the address");
    let claim = format!("imported twice: {address} is in the state already");
    let finding = warning("resource.managed", Confidence::Certain, claim);
    Meant::new(finding, address)
}
