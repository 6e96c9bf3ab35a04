//! `tfsos digest`: whether the stored digest is that of the state, why not,
//! and with `--fix` the write that makes them agree.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::site::{Ended, Site, unable};
use super::writing::{Given, Writing, left_open};
use super::{Answer, Exit};
use crate::args::Digest as Asked;
use crate::config::Settings;
use crate::incident::Intent;
use crate::io::discover;
use crate::io::restoring::{LeftOpen, Scene};
use crate::lock::{Agreement, calculated};
use crate::recovery::digest::{self, Cause, Diagnosis};

pub async fn answer(asked: &Asked, settings: &Settings) -> Result<Answer, Ended> {
    let site = Site::open(&asked.place).await?;
    let now = Timestamp::now();
    let environment = discover::environment();
    let scene = Scene::of(&site.place, &site.remote, &environment, now).await;
    let scene = scene.map_err(unable)?;
    let diagnosis = digest::diagnose(&scene.standing, scene.present.as_ref(), &scene.past);
    let own = keys(&scene, diagnosis.as_ref());
    if !asked.fix {
        return looked(&site, &scene, diagnosis.as_ref(), own);
    }
    let mut writing = Writing {
        command: "tfsos digest --fix".to_owned(),
        given: Given {
            yes: asked.yes.clone(),
            ..Given::default()
        },
        flags: &asked.writing,
        settings,
        site: &site,
        place: asked.place.words(),
        goes_on: false,
        own,
    };
    if let Some(LeftOpen {
        plan: Some(plan), ..
    }) = left_open(&site, Intent::Digest).await?
    {
        writing.goes_on = true;
        return writing.answer(plan).await;
    }
    let sealing = diagnosis.as_ref();
    if let Some(fault) = sealing.and_then(|found| digest::sealing(&site.place, found)) {
        return Ok(writing.refused(None, fault));
    }
    match digest::plan(&site.place, &scene.standing, scene.present.as_ref(), now) {
        Ok(plan) => writing.answer(plan).await,
        Err(fault) => Ok(writing.refused(None, fault)),
    }
}

fn looked(
    site: &Site,
    scene: &Scene,
    diagnosis: Option<&Diagnosis>,
    own: Map<String, Value>,
) -> Result<Answer, Ended> {
    if let Agreement::Unseen(fault) = &scene.standing.agreement {
        return Err(unable(fault.clone()));
    }
    let mut text = String::new();
    let mut exit = Exit::Done;
    if let Some(found) = diagnosis {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "✖ the digest differs: {}", sentence(found.cause));
        let _ = writeln!(text, "  stored      {}", found.stored);
        let _ = writeln!(text, "  calculated  {}", found.calculated);
        if let Some(next) = next(found) {
            let _ = writeln!(text, "  next        {next}");
        }
        if found.cause != Cause::BeingWritten {
            exit = Exit::Found;
        }
    } else {
        text.push_str(match scene.standing.agreement {
            Agreement::NotKept => "● no table is configured: nothing is ever compared\n",
            Agreement::Unverified => {
                "◌ unverified: no digest is stored, and Terraform takes the state as it is\n"
            }
            _ => "✔ the digest agrees with the state\n",
        });
    }
    let mut answer = site.answer(exit, text);
    answer.own = own;
    Ok(answer)
}

fn sentence(cause: Cause) -> &'static str {
    match cause {
        Cause::BeingWritten => "a lock is held, so it is perhaps being written just now",
        Cause::Overwritten => {
            "it is that of an older version: the state was overwritten outside of Terraform"
        }
        Cause::WriteFailed => {
            "it is that of the version before: the newest apply could not write its digest"
        }
        Cause::StateGone => "there is no state, and the digest says that there was one",
        Cause::Unknown => "it is that of no version that was read",
    }
}

fn next(found: &Diagnosis) -> Option<String> {
    match found.cause {
        Cause::BeingWritten | Cause::Unknown => None,
        Cause::Overwritten | Cause::StateGone => Some("tfsos restore last-good".to_owned()),
        Cause::WriteFailed => Some(format!("tfsos digest --fix --yes {}", found.calculated)),
    }
}

fn keys(scene: &Scene, diagnosis: Option<&Diagnosis>) -> Map<String, Value> {
    let stored = digest::stored(&scene.standing).map(|seen| seen.content);
    let stored = stored.and_then(|content| match content {
        crate::recovery::Content::Digest(text) => Some(text),
        _ => None,
    });
    let bytes = scene.present.as_ref().map(|present| &present.seen.content);
    let now = match bytes {
        Some(crate::recovery::Content::State(mark)) => mark.md5.clone(),
        _ => calculated(None),
    };
    let matching = stored.as_ref().and_then(|stored| scene.version_of(stored));
    let value = json!({
        "stored": stored,
        "calculated": now,
        "cause": diagnosis.map(|found| found.cause),
        "matching_version": matching,
        "agreement": scene.standing.agreement.word(),
    });
    match value {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}
