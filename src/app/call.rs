//! The call card: the situation as it is read out on a call with the screen
//! shared. One verdict that can be read across a room, and five lines that say
//! where, what, who holds it, what was done and what comes next.

use jiff::Timestamp;

use super::App;
use super::role::Role;
use super::situation::Card;
use super::text::ago;
use crate::analysis::{Finding, Severity};
use crate::runbook::StepNo;
use crate::state::LastGood;

/// From so many columns on the verdict stands in block letters and the lines apart.
const LARGE: u16 = 100;
/// With fewer rows nothing could be large.
const TALL: u16 = 28;

/// What the findings come to, the worst first: the families of ids, and the words.
const VERDICTS: [(&[&str], &str); 6] = [
    (&["state.missing", "state.empty"], "STATE GONE"),
    (&["state."], "STATE BROKEN"),
    (&["digest."], "DIGEST DIFFERS"),
    (&["auth.", "network."], "NO ACCESS"),
    (&["plan.open"], "PLAN OPEN"),
    (&["lock."], "LOCKED"),
];

/// The words of no finding's family.
const OTHERS: [&str; 3] = ["NOT FINE", "ALL CLEAR", "NOT KNOWN"];

impl App {
    /// The verdict and the lines, as large as the terminal allows.
    pub fn call_card(&self) -> Vec<(Role, String)> {
        let (role, verdict) = self.verdict();
        let screen = self.start.screen;
        let large = screen.width >= LARGE && screen.height >= TALL;
        let mut rows = vec![(Role::Sheet, String::new())];
        if large {
            let block = block(verdict).into_iter();
            rows.extend(block.map(|row| (role, format!("  {row}"))));
        } else {
            rows.push((role, verdict.to_owned()));
        }
        rows.push((Role::Sheet, String::new()));
        let paint = self.paint();
        for (number, line) in self.call_lines().into_iter().enumerate() {
            let role = if number == 0 { paint.role } else { Role::Sheet };
            let margin = if large { "  " } else { "" };
            rows.push((role, format!("{margin}{line}")));
            if large {
                rows.push((Role::Sheet, String::new()));
            }
        }
        rows
    }

    /// Where, what, who, what was done, what next: a line each, for the channel.
    pub fn call_lines(&self) -> [String; 5] {
        [
            self.place_line(),
            self.state_line(),
            format!("Lock: {}", said(&self.lock_card())),
            format!("Done: {}", self.done()),
            format!("Next: {}", self.next()),
        ]
    }

    /// What all of it comes to, in words that a font of ours has.
    fn verdict(&self) -> (Role, &'static str) {
        let findings = self.findings();
        let weighty = |finding: &&&Finding| finding.severity == Severity::Critical;
        let is_of = |finding: &Finding, family: &[&str]| {
            family.iter().any(|begins| finding.id.starts_with(begins))
        };
        for (family, words) in VERDICTS {
            if findings
                .iter()
                .filter(weighty)
                .any(|one| is_of(one, family))
            {
                return (Role::Critical, words);
            }
        }
        let [bad, fine, unknown] = OTHERS;
        if findings.iter().any(|one| weighty(&one)) {
            return (Role::Critical, bad);
        }
        if self
            .locks
            .survey()
            .is_some_and(|survey| survey.held().next().is_some())
        {
            return (Role::Warning, "LOCKED");
        }
        if self.locks.standing().is_none() || self.blind_spots() > 0 {
            return (Role::Unknown, unknown);
        }
        match findings.first() {
            Some(finding) if finding.severity == Severity::Warning => (Role::Warning, bad),
            _ => (Role::Fine, fine),
        }
    }

    fn place_line(&self) -> String {
        let place = match self.place() {
            Some(place) => self.shown_name(place),
            None => self.looking_at(),
        };
        let account = self
            .situation
            .caller()
            .and_then(|caller| caller.account.as_deref());
        // Enough of it to know it by.
        let account = account.and_then(|account| account.get(account.len().saturating_sub(4)..));
        let account = account.map_or_else(String::new, |end| format!(" · account …{end}"));
        let who = self
            .situation
            .caller()
            .map(|caller| self.veiled(&caller.short()));
        let who = who.map_or_else(String::new, |who| format!(" · {who}"));
        format!("{}  {place}{account}{who}", self.paint().word)
    }

    fn state_line(&self) -> String {
        let of_state = |finding: &&Finding| {
            finding.id.starts_with("state.") && finding.severity > Severity::Info
        };
        let findings = self.findings();
        let broken = findings.into_iter().find(of_state);
        let state = match broken {
            Some(finding) => finding.claim.clone(),
            None => said(&self.state.card(self.now)),
        };
        format!("State: {state}{}", self.way_back())
    }

    /// The last good version, where it is not the one that stands.
    fn way_back(&self) -> String {
        let history = &self.state.history;
        let versions = history.versions();
        match history.last_good() {
            Some(LastGood::One(id)) => {
                let version = versions.iter().skip(1).find(|version| version.id == *id);
                let Some(version) = version else {
                    return String::new();
                };
                let resources = history.contents(id).and_then(|contents| contents.resources);
                let resources =
                    resources.map_or_else(String::new, |count| format!(", {count} resources"));
                format!(
                    ". Last good: {}{resources}",
                    ago(self.now, version.modified)
                )
            }
            Some(LastGood::Several(_)) => ". Last good: more than one version may be it".to_owned(),
            Some(LastGood::None | LastGood::Unread) | None => String::new(),
        }
    }

    /// The last write of ours and the last note, the older first.
    fn done(&self) -> String {
        let deed = self.locks.deed().map(|deed| (deed.at, deed.title.clone()));
        let reading = self.runbooks.reading();
        let notes = reading.map(|reading| reading.progress.notes());
        let note =
            notes.and_then(|notes| notes.last().map(|(_, note)| (note.at, note.text.clone())));
        let mut told: Vec<(Timestamp, String)> = deed.into_iter().chain(note).collect();
        told.sort_by_key(|(at, _)| *at);
        let told: Vec<String> = told
            .into_iter()
            .map(|(at, text)| format!("{text} {}", at.strftime("%H:%MZ")))
            .collect();
        if told.is_empty() {
            return "nothing was written by us".to_owned();
        }
        self.masked(&told.join(" · "))
    }

    /// The step that is under way, else the one that the worst finding leads to.
    fn next(&self) -> String {
        if self.plans.is_running() {
            return "a plan is running: wait for its end".to_owned();
        }
        if let Some(reading) = self.runbooks.reading() {
            return self.step_of(&reading.page.id, Some(reading.step()));
        }
        let findings = self.findings();
        let lead = findings
            .iter()
            .find_map(|finding| Some((finding.runbook?, finding.step)));
        match lead {
            Some((page, step)) => {
                let step = step.and_then(|step| u16::try_from(step).ok());
                self.step_of(page, step.and_then(StepNo::numbered))
            }
            None => "nothing that is known".to_owned(),
        }
    }

    fn step_of(&self, id: &str, step: Option<StepNo>) -> String {
        let page = self
            .runbooks
            .load()
            .shown()
            .and_then(|shelf| shelf.find(id));
        let title = step.and_then(|step| page?.page.step(step).map(|found| (step, &found.title)));
        match title {
            Some((step, title)) => format!("{title} (runbook {id}, step {step})"),
            None => format!("runbook {id}"),
        }
    }

    /// A note may hold a name that is hidden while the screen is shared.
    fn masked(&self, text: &str) -> String {
        let names = self.veiled_names();
        let hidden = names.iter().filter(|name| name.len() > 3);
        hidden.fold(crate::log::mask::mask(text), |text, name| {
            text.replace(name.as_str(), &self.veiled(name))
        })
    }
}

/// What a card says, without the sign before it.
fn said(card: &Card) -> String {
    let text: String = card.pieces.iter().map(|(_, text)| text.as_str()).collect();
    let signs = ['✔', '▲', '✖', '●', '◌', '⟳', '–', ' '];
    text.trim_start_matches(signs).to_owned()
}

/// The five rows of a word in block letters; what the font lacks is left out.
fn block(words: &str) -> [String; 5] {
    let letters: Vec<[&str; 5]> = words.chars().filter_map(drawn).collect();
    [0, 1, 2, 3, 4].map(|row| {
        let row: Vec<&str> = letters.iter().map(|letter| letter[row]).collect();
        row.join(" ").trim_end().to_owned()
    })
}

/// A letter, five cells wide and five rows high.
fn drawn(letter: char) -> Option<[&'static str; 5]> {
    Some(match letter {
        'A' => [" ███ ", "█   █", "█████", "█   █", "█   █"],
        'B' => ["████ ", "█   █", "████ ", "█   █", "████ "],
        'C' => [" ████", "█    ", "█    ", "█    ", " ████"],
        'D' => ["████ ", "█   █", "█   █", "█   █", "████ "],
        'E' => ["█████", "█    ", "████ ", "█    ", "█████"],
        'F' => ["█████", "█    ", "████ ", "█    ", "█    "],
        'G' => [" ████", "█    ", "█  ██", "█   █", " ████"],
        'I' => ["█████", "  █  ", "  █  ", "  █  ", "█████"],
        'K' => ["█   █", "█  █ ", "███  ", "█  █ ", "█   █"],
        'L' => ["█    ", "█    ", "█    ", "█    ", "█████"],
        'N' => ["█   █", "██  █", "█ █ █", "█  ██", "█   █"],
        'O' => [" ███ ", "█   █", "█   █", "█   █", " ███ "],
        'P' => ["████ ", "█   █", "████ ", "█    ", "█    "],
        'R' => ["████ ", "█   █", "████ ", "█  █ ", "█   █"],
        'S' => [" ████", "█    ", " ███ ", "    █", "████ "],
        'T' => ["█████", "  █  ", "  █  ", "  █  ", "  █  "],
        'W' => ["█   █", "█   █", "█ █ █", "██ ██", "█   █"],
        ' ' => ["   "; 5],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::text::width;

    #[test]
    fn every_verdict_can_be_drawn_and_fits_the_narrowest_screen_that_is_large() {
        let words = VERDICTS.iter().map(|(_, words)| *words).chain(OTHERS);
        for words in words {
            assert!(
                words.chars().all(|letter| drawn(letter).is_some()),
                "{words}"
            );
            for row in block(words) {
                assert!(width(&row) + 6 <= usize::from(LARGE), "{words}");
            }
        }
    }
}
