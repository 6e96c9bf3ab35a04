//! What a person is asked about the logs, and what comes of the answer; and the
//! way back out of it, one level at a time.

use super::{LogPane, LogQuestion};
use crate::app::desk::Desk;
use crate::app::notice::Tone;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::log::Pattern;

impl LogPane {
    /// Goes back one level: stops waiting, leaves a change of the filters, then
    /// the request, then the search.
    pub fn back(&mut self, desk: &mut Desk<'_>) {
        if self.insight.close() {
            return;
        }
        if self.found.waiting_since().is_some() {
            self.found.give_up();
        } else if self.locating.load.waiting_since().is_some() {
            self.locating.load.give_up();
        } else if !self.stay()
            && !self.leave_request(desk)
            && (self.hunt.is_some() || !self.join(desk))
        {
            self.end_search(desk);
        }
    }

    fn end_search(&mut self, desk: &mut Desk<'_>) {
        self.hunt = None;
        for file in &mut self.files {
            file.forget_hits();
        }
        self.keep_session(desk);
    }

    /// Asks what to search for, with the last text to change.
    pub(super) fn ask_search(&mut self, desk: &mut Desk<'_>) {
        let last = self.hunt.as_ref().map_or("", |hunt| hunt.pattern.typed());
        let hint = "text, or /regex/ · upper case counts";
        let prompt = Prompt::new("search", hint, last, Pace::AtTheEnd);
        desk.open(Sheet::Prompt(prompt), Asker::Log(LogQuestion::Search));
    }

    /// Hears what the sheet of a question returned.
    pub fn answer(&mut self, question: LogQuestion, outcome: Outcome, desk: &mut Desk<'_>) {
        match (question, outcome) {
            (LogQuestion::Search, Outcome::Closed(Reply::Texts(texts))) => {
                let typed = texts.first().map_or("", String::as_str);
                if typed.is_empty() {
                    return self.end_search(desk);
                }
                match Pattern::read(typed) {
                    Ok(pattern) => {
                        self.search(pattern, desk);
                        self.keep_session(desk);
                    }
                    Err(fault) => desk.say(Tone::Warning, fault.to_string()),
                }
            }
            (LogQuestion::Search, _) => {}
            (LogQuestion::Filters, outcome) => self.hear_filters(&outcome, desk),
            (LogQuestion::Time, outcome) => self.hear_time(&outcome, desk),
            (LogQuestion::Note, outcome) => self.hear_note(outcome, desk),
            (LogQuestion::Bookmarks, outcome) => self.hear_choice(&outcome, desk),
            (LogQuestion::Export, outcome) => self.hear_export(&outcome, desk),
            (LogQuestion::AddFilter(_) | LogQuestion::ChangeFilter(_), outcome) => {
                self.hear_filter(question, outcome, desk);
            }
        }
    }
}
