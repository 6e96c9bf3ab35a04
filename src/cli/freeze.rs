//! `tfsos freeze` and `tfsos thaw`: a lock of our own in each configured store,
//! with a reason, and its end.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::site::{Ended, Site, unable};
use super::writing::{Given, Writing, left_open};
use super::{Answer, Exit};
use crate::args::{Freeze, PlaceArguments, Thaw, Writing as Flags};
use crate::config::Settings;
use crate::incident::Intent;
use crate::io::discover;
use crate::io::restoring::own_lock;
use crate::recovery::freeze;
use crate::recovery::release::Refusal;
use crate::recovery::{Plan, by_hand};

pub async fn answer(asked: &Freeze, settings: &Settings) -> Result<Answer, Ended> {
    let site = Site::open(&asked.place).await?;
    let command = format!("tfsos freeze --reason {}", by_hand::quote(&asked.reason));
    let arguments = (&asked.place, &asked.writing);
    let left = left_open(&site, Intent::Freeze).await?;
    if let Some(plan) = left.and_then(|left| left.plan) {
        let given = (command, confirmed(asked.yes.as_ref()));
        let mut writing = writing(given, arguments, (settings, &site), Some(&plan));
        writing.goes_on = true;
        return writing.answer(plan).await;
    }
    let now = Timestamp::now();
    let own = own_lock(&site.place, &discover::environment(), now).await;
    let own = own.map_err(unable)?;
    let standing = site.standing().await;
    match freeze::plan(&site.place, &standing, (&own, &asked.reason), now) {
        Ok(plan) => {
            writing(
                (command, confirmed(asked.yes.as_ref())),
                arguments,
                (settings, &site),
                Some(&plan),
            )
            .answer(plan)
            .await
        }
        Err(fault) => {
            let writing = writing(
                (command, Given::default()),
                arguments,
                (settings, &site),
                None,
            );
            Ok(writing.refused(None, fault))
        }
    }
}

pub async fn thaw(asked: &Thaw, settings: &Settings) -> Result<Answer, Ended> {
    let site = Site::open(&asked.place).await?;
    let command = format!("tfsos thaw {}", by_hand::quote(&asked.id));
    let arguments = (&asked.place, &asked.writing);
    let standing = site.standing().await;
    match freeze::thaw(&site.place, &standing, &asked.id, Timestamp::now()) {
        Ok(plan) => {
            writing(
                (
                    command,
                    Given {
                        broken: asked.broken,
                        ..confirmed(asked.yes.as_ref())
                    },
                ),
                arguments,
                (settings, &site),
                Some(&plan),
            )
            .answer(plan)
            .await
        }
        Err(refusal @ Refusal::Unseen { .. }) => Err((Exit::Unable, refusal.fault(&site.place))),
        Err(refusal) => {
            let writing = writing(
                (command, Given::default()),
                arguments,
                (settings, &site),
                None,
            );
            Ok(writing.refused(None, refusal.fault(&site.place)))
        }
    }
}

fn confirmed(yes: Option<&String>) -> Given {
    Given {
        yes: yes.cloned(),
        ..Given::default()
    }
}

fn writing<'a>(
    (command, given): (String, Given),
    (place, flags): (&'a PlaceArguments, &'a Flags),
    (settings, site): (&'a Settings, &'a Site),
    plan: Option<&Plan>,
) -> Writing<'a> {
    let own = json!({ "id": plan.map(|plan| &plan.lock) });
    Writing {
        command,
        given,
        flags,
        settings,
        site,
        place: place.words(),
        goes_on: false,
        own: match own {
            Value::Object(keys) => keys,
            _ => Map::new(),
        },
    }
}
