//! `tfsos restore`: an older version, or a file, put back as the next version
//! that Terraform accepts.

use serde_json::{Map, Value, json};

use super::site::{Ended, Site, unable};
use super::writing::{Given, Writing, left_open};
use super::{Answer, Exit};
use crate::args::Restore as Asked;
use crate::config::Settings;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::io::restoring::{self, LeftOpen, TakeOver, Unplanned, Wanted};
use crate::io::{discover, second_copy};
use crate::recovery::Mark;
use crate::recovery::by_hand;
use crate::recovery::restore::{Restoration, exact_of};
use crate::state::Reference;

pub async fn answer(asked: &Asked, settings: &Settings) -> Result<Answer, Ended> {
    let Ok(reference) = asked.reference.parse::<Reference>();
    if let Some(yes) = asked.yes.as_deref().filter(|yes| is_vague(yes)) {
        let fault = Fault::new(
            "restore",
            asked.reference.clone(),
            format!("--yes {yes} names no version"),
        )
        .hint("tfsos versions shows the ids; --yes takes one of them");
        return Err((Exit::Usage, fault));
    }
    let site = Site::open(&asked.place).await?;
    if let Some(left) = left_open(&site, Intent::Restore).await? {
        return resume(asked, settings, &site, left).await;
    }
    if let Some(fault) = unexpected(asked, &site).await? {
        return Ok(writing(asked, settings, &site, keys(None)).refused(None, fault));
    }
    let take_over = asked
        .take_over
        .clone()
        .map_or(TakeOver::Nothing, TakeOver::Named);
    let environment = discover::environment();
    let second_copy = match &asked.unversioned {
        Some(path) => match second_copy::place(path, &environment).await {
            Ok(path) => Some(path),
            Err(fault) => {
                return Ok(writing(asked, settings, &site, keys(None)).refused(None, fault));
            }
        },
        None => None,
    };
    let planned = restoring::restoration(
        &site.place,
        &site.remote,
        &environment,
        Wanted {
            second_copy: second_copy.as_deref(),
            ..Wanted::of(&reference, &take_over)
        },
    );
    match planned.await {
        Ok(restoration) => {
            let mut own = keys(Some(&restoration));
            own.insert("second_copy".to_owned(), json!(second_copy));
            // The names of what changes are in the keys now.
            let plan = restoration.plan;
            writing(asked, settings, &site, own).answer(plan).await
        }
        Err(Unplanned::Unable(fault)) => Err(unable(fault)),
        Err(Unplanned::Refused(fault)) => {
            Ok(writing(asked, settings, &site, keys(None)).refused(None, fault))
        }
    }
}

/// `--yes` never takes a name whose meaning changes under it.
fn is_vague(yes: &str) -> bool {
    matches!(yes, "" | "last-good" | "previous" | "current")
}

/// Why the present version is not the one that was expected, if one was.
async fn unexpected(asked: &Asked, site: &Site) -> Result<Option<Fault>, Ended> {
    let Some(expected) = &asked.expect_current else {
        return Ok(None);
    };
    let current = site.remote.current().await.map_err(unable)?;
    let there = match &current {
        None => "absent",
        Some(current) => current.version.as_ref().map_or("null", |id| id.0.as_str()),
    };
    let hash = || Some(exact_of(&Mark::of(&current.as_ref()?.bytes)));
    let same = there == expected || hash().as_ref() == Some(expected);
    Ok((!same).then(|| {
        Fault::new(
            "restore",
            asked.reference.clone(),
            format!("the current version is {there}"),
        )
        .hint(format!(
            "--expect-current names {expected}: look at what was written since"
        ))
    }))
}

/// Goes on with the restore that was left open, and with no other.
async fn resume(
    asked: &Asked,
    settings: &Settings,
    site: &Site,
    left: LeftOpen,
) -> Result<Answer, Ended> {
    let subject = &left.open.subject;
    let own = keys(None);
    let mut writing = writing(asked, settings, site, own);
    writing.goes_on = true;
    let named = [Some(asked.reference.as_str()), asked.yes.as_deref()];
    if !named.contains(&Some(subject)) {
        let fault = Fault::new(
            "restore",
            asked.reference.clone(),
            format!("the restore of {subject} is open here"),
        )
        .hint(format!(
            "tfsos restore {} --yes {} goes on with it",
            by_hand::quote(subject),
            by_hand::quote(subject)
        ));
        return Ok(writing.refused(None, fault));
    }
    match left.plan {
        Some(plan) => writing.answer(plan).await,
        None => Err(unable(Fault::new(
            "go on with the restore of",
            subject.clone(),
            format!("its plan is missing from the incident {}", left.incident),
        ))),
    }
}

fn writing<'a>(
    asked: &'a Asked,
    settings: &'a Settings,
    site: &'a Site,
    own: Map<String, Value>,
) -> Writing<'a> {
    Writing {
        command: format!("tfsos restore {}", by_hand::quote(&asked.reference)),
        given: Given {
            yes: asked.yes.clone(),
            take_over: asked.take_over.clone(),
            lineage: asked.lineage.clone(),
            live: asked.live,
            broken: false,
        },
        flags: &asked.writing,
        settings,
        site,
        place: asked.place.words(),
        goes_on: false,
        own,
    }
}

fn keys(restoration: Option<&Restoration>) -> Map<String, Value> {
    let value = json!({
        "version_id": restoration.map(|one| &one.plan.subject),
        "serial_before": restoration.and_then(|one| one.serial_before),
        "serial_after": restoration.and_then(|one| one.serial_after),
        "impact": restoration.map(|one| &one.impact),
        "next_plan": restoration.map(|one| &one.plan.guard),
    });
    match value {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}
