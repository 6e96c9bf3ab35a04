//! `tfsos check --all`: the same check on every state of the bucket, a few at
//! a time. A state that is fine is only counted; what could not be looked at
//! is said with the state that it belongs to.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write as _, stderr};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::metrics::Measured;
use super::{Checked as Answered, Standards, advised, counted, summary};
use crate::analysis::fleet::{Keeping, Member, missing};
use crate::analysis::{Finding, Severity};
use crate::app::text::{count, plural, visible};
use crate::args::Check;
use crate::cli::Exit;
use crate::cli::site::{Ended, Site, unable};
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::fleet::Pages;
use crate::io::{discover, judge, observe};
use crate::lock::Agreement;
use crate::place::{Environment, Place};
use crate::recovery::standing::Standing;
use crate::state::lint::Lint;

/// How many states are looked at at a time, and how many MiB of bodies together.
const AT_ONCE: u32 = 8;
const TOGETHER: u32 = 512;

/// One state that was looked at.
struct Checked {
    place: Place,
    standing: Standing,
    findings: Vec<Finding>,
    lints: Vec<Lint>,
    unseen: Vec<String>,
    measured: Measured,
}

pub async fn answer(asked: &Check, settings: &Settings) -> Result<Answered, Ended> {
    let (site, prefix) = Site::around(&asked.place).await?;
    let site = site.caching(settings)?;
    let mut unseen = Vec::new();
    let states = listed(&site, &prefix, &mut unseen).await?;
    let checked = check(asked, &site, &states, &mut unseen).await;
    // Of one caller: asked once, and said once.
    let blind: Vec<String> = checked.iter().flat_map(|one| one.unseen.clone()).collect();
    let blind = [&unseen[..], &blind].concat();
    let caller = judge::credentials(&site.place, &blind, Timestamp::now()).await;
    Ok(told(asked, &site, (checked, caller), unseen))
}

/// Every state below the prefix with its size, those among them that only the lock stores know.
async fn listed(
    site: &Site,
    prefix: &str,
    unseen: &mut Vec<String>,
) -> Result<BTreeMap<String, u64>, Ended> {
    let rows = site.remote.rows().await;
    let mut pages = Pages::new(&site.remote, &site.place, prefix, &rows);
    let mut members = Vec::new();
    while let Some(page) = pages.next().await.map_err(unable)? {
        members.extend(page.into_iter().map(Member::listed));
    }
    if pages.more || rows.more {
        unseen.push("there is more than was looked at: --prefix narrows it".to_owned());
    }
    unseen.extend(rows.unseen.iter().map(ToString::to_string));
    let surveys = rows.by_state(&[]);
    let keeping = Keeping::of(&site.place, surveys, &rows.digests);
    members.extend(missing(&keeping, prefix, members.iter()));
    let bytes = |member: &Member| member.object.as_ref().map_or(0, |object| object.size);
    let sized = members.into_iter().map(|member| {
        let bytes = bytes(&member);
        (member.key, bytes)
    });
    Ok(sized.collect())
}

/// Looks at each of them, as `check` without `--all` does.
async fn check(
    asked: &Check,
    site: &Site,
    states: &BTreeMap<String, u64>,
    unseen: &mut Vec<String>,
) -> Vec<Checked> {
    let room = Arc::new(Semaphore::new(TOGETHER as usize));
    let environment = Arc::new(discover::environment());
    let lint = asked.lint;
    let counts_versions = asked.metrics.is_some();
    let mut under_way = JoinSet::new();
    let (mut done, mut progress) = (Vec::new(), Progress::of(states.len()));
    for (key, bytes) in states {
        // The body and the one of the version before it are in memory together.
        let mib = u32::try_from((2 * bytes) >> 20).unwrap_or(u32::MAX);
        let share = mib.clamp(TOGETHER / AT_ONCE, TOGETHER);
        let Ok(turn) = Arc::clone(&room).acquire_many_owned(share).await else {
            break;
        };
        while let Some(one) = under_way.try_join_next() {
            progress.step();
            done.push(one);
        }
        let (own, place) = (site.place.full_name(), site.place.beside(key));
        // The state of a directory has more to look at than its bucket.
        let place = if place.full_name() == own {
            site.place.clone()
        } else {
            place
        };
        let remote = site.remote.clone();
        let environment: Arc<Environment> = Arc::clone(&environment);
        under_way.spawn(async move {
            let _turn = turn;
            let remote = remote.beside(&place).await?;
            let now = Timestamp::now();
            let look = observe::look(&place, &remote, &*environment, now).await;
            let (findings, unseen) = judge::findings(&place, &look, now).await;
            let lints = match (&look.reading, lint) {
                (Some(reading), true) => advised(reading, Some(&place)),
                _ => Vec::new(),
            };
            let versions = if counts_versions {
                counted(&remote).await
            } else {
                None
            };
            let measured = Measured::of(&place, &look.standing, &findings, versions, now);
            Ok::<_, Fault>(Checked {
                measured,
                place,
                standing: look.standing,
                findings,
                lints,
                unseen,
            })
        });
    }
    while let Some(one) = under_way.join_next().await {
        progress.step();
        done.push(one);
    }
    progress.end();
    let mut checked = Vec::new();
    for one in done {
        match one {
            Ok(Ok(one)) => checked.push(one),
            Ok(Err(fault)) => unseen.push(fault.to_string()),
            // What a panic says may quote the text, and that holds secrets.
            Err(_) => unseen.push("a state was not checked: an internal error".to_owned()),
        }
    }
    checked.sort_by_key(|one: &Checked| one.place.full_name());
    checked
}

/// `412 of 1,204 states` on standard error, where a person looks at it.
struct Progress {
    done: usize,
    of: usize,
    is_watched: bool,
}

impl Progress {
    fn of(of: usize) -> Self {
        Self {
            done: 0,
            of,
            is_watched: stderr().is_terminal(),
        }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.is_watched {
            let (done, of) = (count(self.done as u64), count(self.of as u64));
            // There is nowhere left to say that standard error has gone.
            let _ = write!(stderr().lock(), "\r{done} of {of} states");
        }
    }

    fn end(&self) {
        if self.is_watched && self.of > 0 {
            let _ = write!(stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn told(
    asked: &Check,
    site: &Site,
    (checked, caller): (Vec<Checked>, Option<Finding>),
    mut unseen: Vec<String>,
) -> Answered {
    let standards = Standards::of(asked);
    let worst_of = |one: &Checked| standards.worst(&one.findings, &one.lints);
    let found = |one: &Checked| worst_of(one).is_some();
    let sick = checked.iter().filter(|one| found(one)).count();
    let of_caller = standards.worst(caller.as_slice(), &[]);
    let worst = of_caller.clone().into_iter();
    let worst = worst.chain(checked.iter().filter_map(worst_of));
    let worst = worst.reduce(|one, other| if other.1 > one.1 { other } else { one });
    for one in &checked {
        let name = one.place.full_name();
        let blind = one.unseen.iter().map(|what| format!("{name}: {what}"));
        unseen.extend(blind);
    }
    let exit = match (worst.is_some(), unseen.is_empty()) {
        (true, _) => Exit::Found,
        (false, false) => Exit::Unable,
        (false, true) => Exit::Done,
    };
    let said = text(asked, &checked, sick);
    let of_credentials = caller.iter().map(|finding| {
        let findings = std::slice::from_ref(finding);
        super::said(asked, "the credentials", (findings, &[]), &[])
    });
    let parts: Vec<String> = of_credentials.chain([said]).collect();
    let mut answer = site.answer(exit, parts.join("\n\n"));
    let findings = checked.iter().flat_map(|one| {
        let name = one.place.full_name();
        let named = move |finding: &Finding| with_state(json!(finding), &name);
        one.findings.iter().map(named)
    });
    let lints = checked.iter().flat_map(|one| {
        let name = one.place.full_name();
        one.lints
            .iter()
            .map(move |lint| with_state(json!(lint), &name))
    });
    answer.own.extend([
        (
            "healthy".to_owned(),
            json!(sick == 0 && of_caller.is_none() && unseen.is_empty()),
        ),
        (
            "findings".to_owned(),
            caller
                .iter()
                .map(|one| json!(one))
                .chain(findings)
                .collect(),
        ),
        ("lints".to_owned(), lints.collect()),
        (
            "states".to_owned(),
            checked
                .iter()
                .map(|one| state_json(one, found(one)))
                .collect(),
        ),
    ]);
    answer.unseen = unseen;
    Answered {
        answer,
        measured: checked.into_iter().map(|one| one.measured).collect(),
        worst,
    }
}

fn with_state(value: Value, state: &str) -> Value {
    let mut object = Map::from_iter([("state".to_owned(), json!(state))]);
    if let Value::Object(own) = value {
        object.extend(own);
    }
    Value::Object(object)
}

fn state_json(one: &Checked, sick: bool) -> Value {
    let contents = one.standing.state.as_ref().ok().and_then(Option::as_ref);
    json!({
        "state": one.place.full_name(),
        "healthy": !sick && one.unseen.is_empty(),
        "health": contents.map(|contents| contents.health),
        "serial": contents.and_then(|contents| contents.serial),
        "lineage": contents.and_then(|contents| contents.lineage.as_deref()),
        "terraform_version": contents.and_then(|contents| contents.terraform_version.as_deref()),
        "resources": contents.and_then(|contents| contents.resources),
        "size": contents.map(|contents| contents.size),
        "locked": one.standing.survey.held().next().is_some(),
        "digest": one.standing.agreement.word(),
        "findings": one.findings.len(),
    })
}

fn text(asked: &Check, checked: &[Checked], sick: usize) -> String {
    let mut worst: Vec<&Checked> = checked
        .iter()
        .filter(|one| {
            let worth = |finding: &Finding| finding.severity > Severity::Info;
            one.findings.iter().any(worth) || !one.lints.is_empty() || !one.unseen.is_empty()
        })
        .collect();
    worst.sort_by_key(|one| {
        let severity = one.findings.iter().map(|finding| finding.severity).max();
        std::cmp::Reverse(severity)
    });
    let states = plural(checked.len() as u64, "state");
    let head = match sick {
        0 => format!("{states}, nothing is wrong"),
        sick => format!("{states}, {} with findings", count(sick as u64)),
    };
    let mut parts = vec![if asked.markdown {
        format!("# {head}")
    } else {
        head
    }];
    for one in worst {
        let state = match &one.standing.state {
            Ok(Some(contents)) => summary(contents),
            Ok(None) => "no state".to_owned(),
            Err(_) => "the state was not seen".to_owned(),
        };
        let about = format!("{}: {state}", one.place.full_name());
        parts.push(super::said(
            asked,
            &about,
            (&one.findings, &one.lints),
            &one.unseen,
        ));
    }
    let is_held = |one: &&Checked| one.standing.survey.held().next().is_some();
    let differs = |one: &&Checked| matches!(one.standing.agreement, Agreement::Differs(_));
    let locked = checked.iter().filter(is_held).count();
    let unvouched = checked.iter().filter(differs).count();
    let counts = format!(
        "{} locked, {} digests differ",
        count(locked as u64),
        count(unvouched as u64)
    );
    parts.push(visible(&counts).into_owned());
    parts.join("\n\n")
}
