//! A page laid out for a width: one row of text after the other, with the step
//! under the cursor unfolded. Pure, so that the pane knows how far it can scroll
//! before anything is drawn.

use std::ops::Range;

use jiff::Timestamp;

use super::filling::{lines, pieces};
use super::flow::flow;
use super::running::Running;
use crate::app::briefing::Briefing;
use crate::app::role::Role;
use crate::app::text::{visible, width};
use crate::runbook::{
    Block, Branch, Check, Directive, Manner, Mark, Page, Placeholder, Remedy, Snippet, Span, Step,
    StepNo, Style, Target, Track, Verdict, fill,
};

/// A run of text in one role.
pub type Piece = (Role, String);

/// One row of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptRow {
    Text(Vec<Piece>),
    /// The title of a step; its status and time are drawn from the progress.
    Title(StepNo),
}

/// The rows of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    pub rows: Vec<ScriptRow>,
    /// The rows of the unfolded step, its title included.
    pub open: Range<usize>,
}

/// What a page is laid out with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub briefing: &'a Briefing,
    pub step: StepNo,
    /// Which of the step's snippets `y` copies.
    pub copy: usize,
    /// What was gathered in the step.
    pub track: Option<&'a Track>,
    /// The command that runs in the step.
    pub running: Option<&'a Running>,
    /// Whether notes and evidence stand elsewhere on the screen.
    pub beside: Beside,
    pub columns: usize,
}

/// Whether there is a column of context beside the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Context,
    Nothing,
}

/// Lines of a command's output that stand in its step.
const LATEST: usize = 6;

/// How far the text of a step stands from the left.
const INDENT: &str = "      ";

impl Script {
    /// Lays the page out.
    pub fn lay(page: &Page, setting: Setting<'_>) -> Self {
        let mut layout = Layout {
            setting,
            rows: Vec::new(),
            snippets: 0,
            is_told: false,
        };
        for block in &page.intro {
            layout.block(page, block, " ");
        }
        layout.contact();
        if !layout.rows.is_empty() {
            layout.blank();
        }
        let mut open = 0..0;
        for (number, step) in page.numbered() {
            let from = layout.rows.len();
            layout.rows.push(ScriptRow::Title(number));
            if number == setting.step {
                layout.step(page, step);
                open = from..layout.rows.len();
            }
        }
        Self {
            rows: layout.rows,
            open,
        }
    }
}

struct Layout<'a> {
    setting: Setting<'a>,
    rows: Vec<ScriptRow>,
    /// Snippets for copying so far.
    snippets: usize,
    /// Whether what a command printed stands below its block.
    is_told: bool,
}

impl Layout<'_> {
    fn step(&mut self, page: &Page, step: &Step) {
        self.snippets = 0;
        for (number, block) in step.blocks.iter().enumerate() {
            let follows = number > 0 && is_close(&step.blocks[number - 1], block);
            if number > 0 && !follows {
                self.blank();
            }
            self.block(page, block, INDENT);
        }
        if let Some(track) = self.setting.track {
            self.gathered(track);
        }
        // Where its values are others by now, no block is the command that was run.
        if !self.is_told {
            self.command();
        }
        self.blank();
    }

    /// Who is called, above the steps: whoever gives up is at the top of nothing else.
    fn contact(&mut self) {
        let shown = self.setting.briefing.shown.value(Placeholder::Contact);
        let Some(contact) = shown.map(|contact| visible(&contact).into_owned()) else {
            return;
        };
        self.blank();
        let lead = (Role::Faint, "call  ".to_owned());
        self.flow(&[lead, (Role::Match, contact)], " ", "       ");
    }

    fn command_text(&self) -> Option<&str> {
        let running = self
            .setting
            .running
            .map(|running| running.command.text.as_str());
        let ran = self.setting.track.and_then(|track| track.ran.last());
        running.or(ran.map(|ran| ran.command.as_str()))
    }

    /// The command that runs here, or the latest one that did, with the last lines of it.
    fn command(&mut self) {
        self.is_told = true;
        if let Some(running) = self.setting.running {
            let lead = (Role::Busy, "◐ running".to_owned());
            self.printed(lead, " · K stops it", &running.latest);
        } else if let Some(ran) = self.setting.track.and_then(|track| track.ran.last()) {
            let at = ran.at.strftime("%H:%MZ");
            let role = if ran.is_fine() {
                Role::Fine
            } else {
                Role::Critical
            };
            let lead = (role, format!("{at} {}", ran.ending()));
            self.printed(lead, " · o shows all that it printed", &ran.output);
        }
    }

    fn printed(&mut self, lead: Piece, more: &str, output: &str) {
        self.flow(&[lead, (Role::Faint, more.to_owned())], INDENT, INDENT);
        let lines: Vec<_> = output.lines().rev().take(LATEST).collect();
        for line in lines.into_iter().rev() {
            let piece = (Role::Faint, visible(line).into_owned());
            self.flow(&[piece], "    │ ", "    │ ");
        }
    }

    fn gathered(&mut self, track: &Track) {
        if self.setting.beside == Beside::Nothing {
            for (at, mark, text) in gathered(track) {
                let text = visible(&text).into_owned();
                let lead = (Role::Faint, format!("{} {mark} ", at.strftime("%H:%MZ")));
                self.flow(&[lead, (Role::Note, text)], INDENT, INDENT);
            }
        }
    }

    fn block(&mut self, page: &Page, block: &Block, indent: &str) {
        match block {
            Block::Heading(spans) => self.flow(&self.prose(spans, Role::Strong), indent, indent),
            Block::Paragraph(spans) => self.flow(&self.prose(spans, Role::Text), indent, indent),
            Block::Item { depth, mark, spans } => self.item(*depth, *mark, spans, indent),
            Block::Snippet(snippet) => self.snippet(snippet, indent),
            Block::Directive(directive) => {
                let pieces = self.directive(page, directive);
                self.flow(&pieces, indent, &format!("{indent}  "));
            }
        }
    }

    fn item(&mut self, depth: u8, mark: Mark, spans: &[Span], indent: &str) {
        let mark = match mark {
            Mark::Bullet => "· ".to_owned(),
            Mark::Number(number) => format!("{number}. "),
        };
        let first = format!("{indent}{}{mark}", "  ".repeat(usize::from(depth)));
        let rest = " ".repeat(width(&first));
        self.flow(&self.prose(spans, Role::Text), &first, &rest);
    }

    fn snippet(&mut self, snippet: &Snippet, indent: &str) {
        let is_chosen = snippet.is_for_copying() && self.snippets == self.setting.copy;
        if snippet.is_for_copying() {
            self.snippets += 1;
        }
        let edge = &indent[..indent.len().saturating_sub(4)];
        let more = format!("{edge}  ┆   ");
        for (number, line) in lines(snippet, snippet.fill(&self.setting.briefing.shown))
            .iter()
            .enumerate()
        {
            let key = if is_chosen && number == 0 { "y" } else { " " };
            self.flow(line, &format!("{edge}{key} ┆ "), &more);
        }
        let text = snippet.fill(&self.setting.briefing.context).whole().ok();
        if text.is_some() && text.as_deref() == self.command_text() {
            self.command();
        }
    }

    fn directive(&self, page: &Page, directive: &Directive) -> Vec<Piece> {
        match directive {
            Directive::Check(name) => self.check(name),
            Directive::Action(name) => match Remedy::named(name) {
                Some(remedy) => vec![
                    (Role::Key, "enter ".to_owned()),
                    (Role::Strong, remedy.sentence().to_owned()),
                ],
                None => vec![(Role::Unknown, format!("◌ no action is called {name}"))],
            },
            Directive::Expect(what) => {
                let mut pieces = vec![(Role::Faint, "expect  ".to_owned())];
                pieces.extend(self.filled(what, Role::Text));
                pieces
            }
            Directive::Danger(why) => {
                let mut pieces = vec![(Role::Critical, "▲ danger  ".to_owned())];
                pieces.extend(self.filled(why, Role::Warning));
                pieces
            }
            Directive::Branch(branch) => self.branch(page, branch),
        }
    }

    fn check(&self, name: &str) -> Vec<Piece> {
        let Some(check) = Check::named(name) else {
            return vec![(Role::Unknown, format!("◌ no check is called {name}"))];
        };
        let claim = check.claim();
        match self.setting.briefing.verdict(check) {
            Verdict::Holds => vec![(Role::Fine, format!("✔ {claim}"))],
            Verdict::Moot(why) => vec![(Role::Faint, format!("– {}", visible(&why)))],
            Verdict::Unknown => vec![(Role::Unknown, format!("◌ not known: {claim}"))],
            Verdict::Fails(seen) => vec![(Role::Critical, format!("✖ {}", visible(&seen)))],
        }
    }

    fn branch(&self, page: &Page, branch: &Branch) -> Vec<Piece> {
        let mut pieces = vec![(Role::Note, "if ".to_owned())];
        pieces.extend(self.filled(&branch.condition, Role::Note));
        pieces.push((Role::Strong, format!(" → {}", branch.target)));
        if let Target::Step(step) = branch.target
            && let Some(step) = page.step(step)
        {
            pieces.push((Role::Faint, format!(" {}", visible(&step.title))));
        }
        pieces
    }

    fn prose(&self, spans: &[Span], plain: Role) -> Vec<Piece> {
        let role = |style| match style {
            Style::Plain => plain,
            Style::Emphasis => Role::Note,
            Style::Strong => Role::Strong,
            Style::Code => Role::Code,
        };
        spans
            .iter()
            .flat_map(|span| self.filled(&span.text, role(span.style)))
            .collect()
    }

    fn filled(&self, text: &str, role: Role) -> Vec<Piece> {
        pieces(
            fill(text, &self.setting.briefing.shown, Manner::Prose),
            role,
        )
    }

    fn blank(&mut self) {
        let is_blank =
            |row: &ScriptRow| matches!(row, ScriptRow::Text(pieces) if pieces.is_empty());
        if !self.rows.last().is_some_and(is_blank) {
            self.rows.push(ScriptRow::Text(Vec::new()));
        }
    }

    fn flow(&mut self, pieces: &[Piece], first: &str, rest: &str) {
        for row in flow(pieces, first, rest, self.setting.columns) {
            self.rows.push(ScriptRow::Text(row));
        }
    }
}

/// The notes and the evidence of a step, oldest first, each with its mark.
pub fn gathered(track: &Track) -> Vec<(Timestamp, char, String)> {
    let notes = track
        .notes
        .iter()
        .map(|note| (note.at, ' ', note.text.clone()));
    let evidence = track.evidence.iter().map(|seen| {
        let first = seen.text.lines().next().unwrap_or_default();
        (seen.at, '⊙', format!("{}: {first}", seen.subject))
    });
    let mut all: Vec<_> = notes.chain(evidence).collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

/// Items of one list, and directives, stand together; anything else has air around it.
fn is_close(above: &Block, below: &Block) -> bool {
    matches!(
        (above, below),
        (Block::Item { .. }, Block::Item { .. })
            | (Block::Directive(_), Block::Directive(_))
            | (Block::Snippet(_), Block::Directive(Directive::Expect(_)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Context;

    const PAGE: &str = "+++\nid = 'x'\ntitle = 'X'\n+++\n
Before.

## 1. First

Do **this** with `{{lock.id}}` and that, at some length.

check: lock.absent

if it is held → 2

- one
- two

```sh
# look
show {{lock.id}} {{lock.who}}
```

```sh
again
```

expect: nothing

## 2. Second

text
";

    fn script(step: usize, columns: usize) -> Vec<String> {
        let mut briefing = Briefing::default();
        briefing.shown = Context::new().with(Placeholder::LockId, "a1\u{1b}b2");
        let setting = Setting {
            briefing: &briefing,
            step: StepNo::at(step),
            copy: 1,
            track: None,
            running: None,
            beside: Beside::Context,
            columns,
        };
        let script = Script::lay(&Page::parse(PAGE).unwrap(), setting);
        script.rows.iter().map(text).collect()
    }

    fn text(row: &ScriptRow) -> String {
        match row {
            ScriptRow::Title(step) => format!("[{step}]"),
            ScriptRow::Text(pieces) => pieces.iter().map(|(_, text)| text.as_str()).collect(),
        }
    }

    #[test]
    fn only_the_step_under_the_cursor_is_unfolded() {
        assert_eq!(
            script(1, 60),
            [" Before.", "", "[1]", "[2]", "      text", ""]
        );
    }

    #[test]
    fn a_page_is_laid_out_from_top_to_bottom() {
        assert_eq!(
            script(0, 44),
            [
                " Before.",
                "",
                "[1]",
                "      Do this with a1�b2 and that, at some",
                "      length.",
                "",
                "      ◌ not known: nobody holds a lock of",
                "        this state",
                "      if it is held → 2 Second",
                "",
                "      · one",
                "      · two",
                "",
                "    ┆ # look",
                "    ┆ show $'a1\\033b2' {{lock.who}}",
                "",
                "  y ┆ again",
                "      expect  nothing",
                "",
                "[2]",
            ]
        );
    }

    #[test]
    fn a_narrow_screen_breaks_long_words_and_ends() {
        for columns in [0, 1, 9, 20] {
            assert!(script(0, columns).len() > 20);
        }
    }

    #[test]
    fn what_was_filled_and_what_is_missing_can_be_told_apart() {
        let filled = fill(
            "a {{lock.id}} {{lock.who}}",
            &Context::new().with(Placeholder::LockId, "i"),
            Manner::Prose,
        );
        let roles: Vec<_> = pieces(filled, Role::Text)
            .into_iter()
            .map(|(role, _)| role)
            .collect();
        assert_eq!(
            roles,
            [Role::Text, Role::Match, Role::Text, Role::Placeholder]
        );
    }
}
