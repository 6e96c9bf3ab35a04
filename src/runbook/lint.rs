//! What is wrong with a page that can be read: names that nobody knows, leads
//! to nowhere, commands that could not be filled safely.
//!
//! Pure, so that the same answer serves a test over the built-in pages, a
//! team's gate and the screen.

use std::fmt;

use super::check::{Check, Remedy};
use super::directive::{Directive, Target};
use super::page::Page;
use super::placeholder::{Context, Placeholder};
use super::prose::{Block, Language, Snippet, Span, named};
use super::step::{Step, StepNo};
use super::template::{Lack, Manner, fill};

/// One thing that is wrong, and in which step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub step: Option<StepNo>,
    pub claim: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => write!(f, "step {step}: {}", self.claim),
            None => f.write_str(&self.claim),
        }
    }
}

/// Everything that is wrong with a page; `is_known` tells which other pages there are.
pub fn lint(page: &Page, is_known: impl Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tell = |step, claim| problems.push(Problem { step, claim });
    for claim in about_page(page) {
        tell(None, claim);
    }
    for block in &page.intro {
        for claim in about_block(block) {
            tell(None, claim);
        }
    }
    for (number, step) in page.numbered() {
        for claim in about_step(page, number, step, &is_known) {
            tell(Some(number), claim);
        }
    }
    problems
}

fn about_page(page: &Page) -> Vec<String> {
    let mut claims = Vec::new();
    for key in &page.oddities.keys {
        claims.push(format!("unknown key in the front matter: {key}"));
    }
    if let Some(heading) = &page.oddities.heading
        && heading != &page.title
    {
        claims.push(format!("the heading {heading:?} is not the title"));
    }
    if page.symptoms.is_empty() && page.tags.is_empty() {
        claims.push("neither symptoms nor tags: nothing leads here".to_owned());
    }
    claims
}

fn about_step(
    page: &Page,
    number: StepNo,
    step: &Step,
    is_known: &impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut claims = Vec::new();
    if step.title.is_empty() {
        claims.push("no title".to_owned());
    }
    if page
        .steps
        .iter()
        .filter(|other| other.title == step.title)
        .count()
        > 1
    {
        claims.push(format!("another step is called {:?} too", step.title));
    }
    if let Some(written) = step.written
        && written != number
    {
        claims.push(format!("its heading says {written}"));
    }
    if step.blocks.is_empty() {
        claims.push("nothing to do in it".to_owned());
    }
    if step.danger().is_some() && !says_what_to_expect(step) {
        claims.push("dangerous, and nothing says what to expect".to_owned());
    }
    for directive in step.directives() {
        claims.extend(about_directive(page, number, directive, is_known));
    }
    for block in &step.blocks {
        claims.extend(about_block(block));
    }
    claims
}

fn says_what_to_expect(step: &Step) -> bool {
    step.blocks.iter().any(|block| match block {
        Block::Directive(Directive::Expect(_)) => true,
        Block::Snippet(snippet) => snippet.language == Language::Output,
        _ => false,
    })
}

fn about_directive(
    page: &Page,
    number: StepNo,
    directive: &Directive,
    is_known: &impl Fn(&str) -> bool,
) -> Option<String> {
    match directive {
        Directive::Check(name) if Check::named(name).is_none() => {
            Some(format!("no check is called {name:?}"))
        }
        Directive::Action(name) if Remedy::named(name).is_none() => {
            Some(format!("no action is called {name:?}"))
        }
        Directive::Expect(what) if what.is_empty() => Some("expects nothing".to_owned()),
        Directive::Danger(why) if why.is_empty() => Some("danger without a reason".to_owned()),
        Directive::Branch(branch) => match &branch.target {
            Target::Step(to) if page.step(*to).is_none() => Some(format!("there is no step {to}")),
            Target::Step(to) if *to == number => Some("leads to itself".to_owned()),
            Target::Page(id) if !is_known(id) => Some(format!("there is no runbook {id}")),
            Target::Step(_) | Target::Page(_) => None,
        },
        Directive::Check(_)
        | Directive::Action(_)
        | Directive::Expect(_)
        | Directive::Danger(_) => None,
    }
}

fn about_block(block: &Block) -> Vec<String> {
    match block {
        Block::Heading(spans) | Block::Paragraph(spans) | Block::Item { spans, .. } => {
            spans.iter().flat_map(about_span).collect()
        }
        Block::Snippet(snippet) => about_snippet(snippet),
        Block::Directive(Directive::Expect(text) | Directive::Danger(text)) => about_text(text),
        Block::Directive(Directive::Branch(branch)) => about_text(&branch.condition),
        Block::Directive(Directive::Check(_) | Directive::Action(_)) => Vec::new(),
    }
}

fn about_span(span: &Span) -> Vec<String> {
    about_text(&span.text)
}

fn about_text(text: &str) -> Vec<String> {
    claims(&fill(text, &everything(), Manner::Prose).lacks)
}

fn about_snippet(snippet: &Snippet) -> Vec<String> {
    let mut claims = claims(&snippet.fill(&everything()).lacks);
    if snippet.text.is_empty() {
        claims.push("an empty block of code".to_owned());
    }
    if let Some(letter) = snippet.unseen() {
        claims.push(format!(
            "a command holds a character that is not seen: {}",
            named(letter)
        ));
    }
    if let Some(word) = second_shell(snippet) {
        claims.push(format!(
            "{word} reads its words as a command again: no value is safe there"
        ));
    }
    claims
}

/// The word by which a command with a placeholder hands it to another shell.
fn second_shell(snippet: &Snippet) -> Option<&'static str> {
    let holes = fill(&snippet.text, &Context::new(), Manner::Prose).lacks;
    if snippet.language != Language::Shell || holes.is_empty() {
        return None;
    }
    let begins = |text: &str| text.is_empty() || text.ends_with([' ', '\n', ';', '|', '&', '(']);
    let stands = |word: &str| {
        let mut found = snippet.text.match_indices(word);
        found.any(|(at, _)| begins(&snippet.text[..at]))
    };
    ["eval ", "sh -c ", "bash -c ", "ssh ", "watch "]
        .into_iter()
        .find(|word| stands(word))
        .map(str::trim)
}

fn claims(lacks: &[Lack]) -> Vec<String> {
    lacks.iter().map(ToString::to_string).collect()
}

/// A context in which every placeholder has a value that needs quoting.
fn everything() -> Context {
    let mut context = Context::new();
    for placeholder in Placeholder::all() {
        context.set(placeholder, "a b");
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims_of(body: &str) -> Vec<String> {
        let text = format!("+++\nid = 'x'\ntitle = 'X'\ntags = ['t']\n+++\n{body}");
        lint(&Page::parse(&text).unwrap(), |id| id == "state-corrupt")
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_sound_page_has_no_problem() {
        let body = "# X\n\n## 1. A\n\ncheck: lock.absent\n\nif not → state-corrupt\n\nif so → 2\n\n\
            ## 2. B\n\ndanger: it is gone\n\naction: release\n\nexpect: no lock\n\n```sh\nx {{lock.id}}\n```\n";
        assert_eq!(claims_of(body), Vec::<String>::new());
    }

    #[test]
    fn names_that_nobody_knows_are_told() {
        assert_eq!(
            claims_of("## A\n\ncheck: lock.gone\n\naction: reboot\n\nfor {{lock.colour}}\n"),
            [
                "step 1: no check is called \"lock.gone\"",
                "step 1: no action is called \"reboot\"",
                "step 1: no placeholder is called lock.colour",
            ]
        );
    }

    #[test]
    fn leads_to_nowhere_are_told() {
        assert_eq!(
            claims_of("## A\n\nif x → 3\n\nif y → 1\n\nif z → other\n\n## 3. B\n\ntext\n"),
            [
                "step 1: there is no step 3",
                "step 1: leads to itself",
                "step 1: there is no runbook other",
                "step 2: its heading says 3",
            ]
        );
    }

    #[test]
    fn a_dangerous_step_says_why_and_what_to_expect() {
        assert_eq!(
            claims_of("## A\n\ndanger\n"),
            [
                "step 1: dangerous, and nothing says what to expect",
                "step 1: danger without a reason"
            ]
        );
        assert_eq!(
            claims_of("## A\n\ndanger: x\n\n```output\ngone\n```\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_command_that_cannot_be_filled_safely_is_told() {
        assert_eq!(
            claims_of(
                "## A\n\n```sh\nx=$(ls {{lock.id}})\n```\n\n```sh\nssh h 'kill {{lock.id}}'\n```\n"
            ),
            [
                "step 1: lock.id stands where it cannot be quoted safely",
                "step 1: ssh reads its words as a command again: no value is safe there",
            ]
        );
    }

    #[test]
    fn a_command_that_hides_a_part_of_itself_is_told() {
        let body = "## 1. A\n\n```sh\nls \u{202e}x\n```\n";
        let expected = "a command holds a character that is not seen: U+202E";
        let claims = claims_of(body);
        let told = claims.iter().any(|claim| claim.contains(expected));
        assert!(told, "{claims:?}");
    }

    #[test]
    fn a_word_that_only_ends_like_another_shell_is_none() {
        let alarm = "## A\n\n```sh\naws cloudwatch describe-alarms --region {{region}}\n```\n";
        assert_eq!(claims_of(alarm), Vec::<String>::new());
        let watching = "## A\n\n```sh\ntrue; watch aws s3 ls {{state.bucket}}\n```\n";
        assert_eq!(claims_of(watching).len(), 1);
    }

    #[test]
    fn a_page_that_nothing_leads_to_is_told() {
        let page = Page::parse("+++\nid = 'x'\ntitle = 'X'\nowner = 'me'\n+++\n# Y\n## a\n## a\n")
            .unwrap();
        let claims: Vec<_> = lint(&page, |_| false)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            claims,
            [
                "unknown key in the front matter: owner",
                "the heading \"Y\" is not the title",
                "neither symptoms nor tags: nothing leads here",
                "step 1: another step is called \"a\" too",
                "step 1: nothing to do in it",
                "step 2: another step is called \"a\" too",
                "step 2: nothing to do in it",
            ]
        );
    }
}
