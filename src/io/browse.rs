//! Questions to a version that is open: its body is in memory, and each answer
//! is worked out on a thread of its own.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::task::yield_now;

use super::perform::Hands;
use super::revealing;
use super::state::{tell, work};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::state::{Details, Opened, Rest, StateJob, StateNews};
use crate::fault::Fault;
use crate::place::Secret;
use crate::state::lint::Surroundings;
use crate::state::{Answer, Hunt};

/// So many steps of a search are told one by one.
const EACH_STEP: usize = 8;

/// Does one job about an open version.
pub async fn perform(job: StateJob, hands: &Arc<Hands>, news: &Sender<Event>) -> StateNews {
    match job {
        StateJob::Describe {
            ticket,
            opened,
            instance,
            now,
            bucket,
            aged,
        } => {
            let details = work("read the attributes", move || {
                let bucket = bucket.as_deref();
                let around = Surroundings { now, bucket };
                Details::of(&opened, instance, &around, aged.as_deref())
            });
            let outcome = details
                .await
                .and_then(|found| held(found, "read the attributes"));
            StateNews::Described { ticket, outcome }
        }
        StateJob::Reveal {
            ticket,
            opened,
            instance,
            path,
            witness,
        } => {
            let outcome = async {
                revealing::note(&witness, hands.environment()).await?;
                let reveal = move || opened.snapshot.as_ref()?.revealed(instance, &path);
                let doing = "read the value";
                work(doing, reveal)
                    .await
                    .and_then(|found| held(found, doing))
            };
            let outcome = outcome.await.map(Secret::new);
            StateNews::Revealed { ticket, outcome }
        }
        StateJob::Search {
            ticket,
            opened,
            question,
            last,
        } => search(ticket, &opened, &question, last.as_deref(), news).await,
        StateJob::Depend {
            ticket,
            opened,
            instance,
        } => {
            let doing = "read what depends on what";
            let reach = work(doing, move || opened.reach(instance).map(Arc::new)).await;
            let outcome = reach.and_then(|found| held(found, doing));
            StateNews::Depended { ticket, outcome }
        }
        other => other.failed(Fault::new(
            "ask",
            "",
            "it is no question to an open version",
        )),
    }
}

/// What was read of a resource, where the version holds it.
fn held<T>(found: Option<T>, doing: &'static str) -> Result<T, Fault> {
    found.ok_or_else(|| Fault::new(doing, "", "the resource is not in this version"))
}

async fn search(
    ticket: Ticket,
    opened: &Opened,
    question: &str,
    last: Option<&Answer>,
    news: &Sender<Event>,
) -> StateNews {
    let hunt = Hunt::new(Arc::clone(&opened.addresses), question, last);
    let mut hunt = hunt.with_values(opened.snapshot.clone());
    let found = |hunt: &Hunt, rest| StateNews::Found {
        ticket,
        outcome: Ok(Arc::new(hunt.answer())),
        rest,
    };
    let (mut told, mut looked) = (0, 0);
    while hunt.step() {
        looked += 1;
        // The values come in many small steps: only what is new is told, and not each time.
        if looked > EACH_STEP && (hunt.found() == told || looked % EACH_STEP != 0) {
            yield_now().await;
            continue;
        }
        told = hunt.found();
        tell(news, found(&hunt, Rest::Awaited)).await;
        // A newer question ends this one here.
        yield_now().await;
    }
    found(&hunt, Rest::None)
}
