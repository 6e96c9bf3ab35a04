//! `tfsos unlock ID --take-over`: the lock becomes ours without a moment
//! unlocked, instead of being released; `tfsos thaw` lets go of it.

use jiff::Timestamp;
use serde_json::{Map, json};

use super::exit_of;
use crate::args::Unlock;
use crate::cli::Answer;
use crate::cli::site::{Ended, Site, unable};
use crate::cli::writing::{Given, Writing, left_open};
use crate::config::Settings;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::io::discover;
use crate::io::restoring::own_lock;
use crate::recovery::release::{self, Wanted};
use crate::recovery::restore::lock_name;
use crate::recovery::{Plan, by_hand, take_over};

pub(super) async fn answer(
    asked: &Unlock,
    (site, place): (&Site, Vec<String>),
    settings: &Settings,
    wanted: &Wanted,
) -> Result<Answer, Ended> {
    let now = Timestamp::now();
    let standing = site.standing().await;
    let held = release::targets(&standing.survey, wanted);
    let name = match wanted {
        Wanted::Id(id) => id.clone(),
        Wanted::Raw { .. } => held.first().map(|seen| lock_name(seen)).unwrap_or_default(),
    };
    let words = match wanted {
        Wanted::Id(id) => by_hand::quote(id),
        Wanted::Raw { store } => format!("--raw {store}"),
    };
    let writing = |plan: Option<&Plan>, goes_on| Writing {
        command: format!("tfsos unlock {words} --take-over"),
        given: Given {
            yes: asked.yes.clone(),
            live: asked.live,
            ..Given::default()
        },
        flags: &asked.writing,
        settings,
        site,
        place: place.clone(),
        goes_on,
        own: Map::from_iter([
            ("id".to_owned(), json!(name)),
            ("lock".to_owned(), json!(plan.map(|plan| &plan.lock))),
        ]),
    };
    if let Some(left) = left_open(site, Intent::TakeOver).await? {
        let same = |plan: &Plan| plan.subject == name || held.is_empty();
        if let Some(plan) = left.plan.filter(same) {
            return writing(Some(&plan), true).answer(plan).await;
        }
        let subject = by_hand::quote(&left.open.subject);
        let fault = Fault::new(
            "take over",
            name.clone(),
            format!("the take-over of {subject} is open here"),
        );
        let hint = format!("tfsos unlock {subject} --take-over --yes {subject} goes on with it");
        return Ok(writing(None, false).refused(None, fault.hint(hint)));
    }
    let own = own_lock(&site.place, &discover::environment(), now)
        .await
        .map_err(unable)?;
    match take_over::plan(&site.place, &standing, wanted, (&own, now)) {
        Ok(plan) => writing(Some(&plan), false).answer(plan).await,
        Err(refusal) => {
            let mut answer = writing(None, false).refused(None, refusal.fault(&site.place));
            answer.exit = exit_of(&refusal);
            Ok(answer)
        }
    }
}
