//! Runs effects as tasks and sees to it that each question is answered exactly
//! once: by its job, or here with a fault when the job panics or takes too long.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, JoinError, JoinHandle};
use tokio::time::timeout;

use super::perform::{Hands, perform};
use crate::app::effect::{Effect, Lane};
use crate::app::event::Event;
use crate::fault::Fault;

/// The tasks that are under way.
#[derive(Debug)]
pub struct Runner {
    news: Sender<Event>,
    hands: Arc<Hands>,
    lanes: HashMap<Lane, AbortHandle>,
    writes: Vec<JoinHandle<()>>,
}

impl Runner {
    pub fn new(news: Sender<Event>, hands: Arc<Hands>) -> Self {
        Self {
            news,
            hands,
            lanes: HashMap::new(),
            writes: Vec::new(),
        }
    }

    /// Starts the job; a newer one of its lane ends the older.
    pub fn run(&mut self, effect: Effect) {
        let lane = effect.lane();
        let job = perform(effect.clone(), self.hands.clone(), self.news.clone());
        let task = tokio::spawn(supervise(effect, job, self.news.clone()));
        if let Some(lane) = lane {
            if let Some(stale) = self.lanes.insert(lane, task.abort_handle()) {
                stale.abort();
            }
        } else {
            self.writes.retain(|write| !write.is_finished());
            self.writes.push(task);
        }
    }

    /// Waits for writes under way, at most so long.
    pub async fn finish(self, patience: Duration) {
        let all = async {
            for write in self.writes {
                // A write that panicked has already been answered for.
                let _ = write.await;
            }
        };
        // What is not done by then is found open in the journal at the next start.
        let _ = timeout(patience, all).await;
    }
}

/// Ends the inner task with the outer one.
struct Leash(JoinHandle<Option<Event>>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers for the job: with what it says, or with why it cannot say anything.
async fn supervise(
    effect: Effect,
    job: impl Future<Output = Option<Event>> + Send + 'static,
    news: Sender<Event>,
) {
    let mut job = Leash(tokio::spawn(job));
    let answer = match effect.patience() {
        Some(patience) => timeout(patience, &mut job.0).await,
        None => Ok((&mut job.0).await),
    };
    let event = match answer {
        Ok(Ok(event)) => event,
        Ok(Err(error)) => effect.failed(stopped(error)),
        Err(_) => effect.failed(
            Fault::new(
                "wait any longer",
                "",
                "no answer within the time a person waits",
            )
            .hint("ctrl-r asks again"),
        ),
    };
    if let Some(event) = event {
        // A closed channel means that we are quitting: nobody is left to tell.
        let _ = news.send(event).await;
    }
}

fn stopped(error: JoinError) -> Fault {
    let cause = match error.try_into_panic() {
        Ok(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| {
                payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
            });
            format!(
                "it stopped at an internal error: {}",
                text.unwrap_or_else(|| "no message".to_owned())
            )
        }
        Err(_) => "it was ended".to_owned(),
    };
    Fault::new("finish the job", "", cause).hint("ctrl-r tries again; the other panes go on")
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::app::effect::Ticket;
    use crate::app::pane::situation::Lookout;
    use crate::app::pane::{PlaceJob, PlaceNews};

    #[tokio::test]
    async fn a_job_that_panics_is_answered_for_with_a_sentence() {
        let (news_in, mut news) = channel(1);
        let effect = Effect::Place(PlaceJob::Discover {
            ticket: Ticket(7),
            lookout: Lookout::Directory(".".into()),
        });
        supervise(effect, async { panic!("a table without a key") }, news_in).await;

        let Some(Event::Place(PlaceNews::Discovered { ticket, outcome })) = news.recv().await
        else {
            panic!("the question was not answered");
        };
        assert_eq!(ticket, Ticket(7));
        let fault = outcome.unwrap_err();
        assert_eq!(
            fault.to_string(),
            "cannot finish the job: it stopped at an internal error: a table without a key"
        );
        assert_eq!(
            fault.hint.as_deref(),
            Some("ctrl-r tries again; the other panes go on")
        );
    }
}
