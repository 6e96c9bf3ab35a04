//! A page: front matter in TOML between two lines `+++`, then Markdown whose
//! second-level headings are the steps.
//!
//! A page that can be read at all has an id that is safe as a file name, a
//! title and at least one step. Whether it makes sense is for lint.

use serde::{Deserialize, Serialize};

use super::markdown::{self, Section};
use super::prose::Block;
use super::search::flat;
use super::step::{Step, StepNo};

/// The longest page that is read.
pub const MAX_BYTES: usize = 256 * 1024;

const MAX_STEPS: usize = 200;
const MAX_ID: usize = 64;

/// A runbook as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub id: String,
    pub title: String,
    pub tags: Vec<String>,
    /// Texts that lead here, as a person would paste them.
    pub symptoms: Vec<String>,
    pub severity: Severity,
    /// Who is called where the page does not help.
    pub contact: Option<String>,
    /// What stands before the first step.
    pub intro: Vec<Block>,
    pub steps: Vec<Step>,
    /// The symptoms as a text is searched for them.
    pub(super) flat: Vec<String>,
    /// What only lint looks at.
    pub(super) oddities: Oddities,
}

/// How bad it is when a symptom of the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    #[default]
    Info,
    Warning,
    Critical,
}

/// What a page wrote beyond its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Oddities {
    pub(super) heading: Option<String>,
    pub(super) keys: Vec<String>,
}

/// Why a text is not a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("longer than {} KiB", MAX_BYTES / 1024)]
    TooLong,
    #[error("no front matter between two lines +++ at the top")]
    NoFrontMatter,
    #[error("front matter: {0}")]
    FrontMatter(String),
    #[error("id {0:?} is not lower-case letters, digits and dashes")]
    Id(String),
    #[error("no title")]
    NoTitle,
    #[error("no step: a step is a heading that begins with ##")]
    NoStep,
    #[error("more than {MAX_STEPS} steps")]
    TooManySteps,
}

#[derive(Deserialize)]
struct FrontMatter {
    id: String,
    title: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    symptoms: Vec<String>,
    #[serde(default)]
    severity: Severity,
    contact: Option<String>,
    #[serde(flatten)]
    rest: toml::Table,
}

impl Page {
    /// Reads a page from its text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let (front, body) = split(text).ok_or(Malformed::NoFrontMatter)?;
        let front: FrontMatter = toml::from_str(front)
            .map_err(|error| Malformed::FrontMatter(one_line(error.message())))?;
        front.check()?;
        let outline = markdown::read(body);
        let steps = steps(outline.sections)?;
        Ok(Self {
            id: front.id,
            title: front.title,
            tags: front.tags,
            flat: front.symptoms.iter().map(|symptom| flat(symptom)).collect(),
            symptoms: front.symptoms,
            severity: front.severity,
            contact: front.contact.filter(|contact| !contact.trim().is_empty()),
            intro: outline.intro,
            steps,
            oddities: Oddities {
                heading: outline.title,
                keys: front.rest.into_iter().map(|(key, _)| key).collect(),
            },
        })
    }

    /// A step by its place, if the page has that many.
    pub fn step(&self, number: StepNo) -> Option<&Step> {
        self.steps.get(number.index())
    }

    /// The steps with their places.
    pub fn numbered(&self) -> impl Iterator<Item = (StepNo, &Step)> {
        let steps = self.steps.iter().enumerate();
        steps.map(|(index, step)| (StepNo::at(index), step))
    }
}

impl FrontMatter {
    fn check(&self) -> Result<(), Malformed> {
        if !is_id(&self.id) {
            return Err(Malformed::Id(self.id.chars().take(MAX_ID).collect()));
        }
        if self.title.trim().is_empty() {
            return Err(Malformed::NoTitle);
        }
        Ok(())
    }
}

/// Whether a word can name a page: also as a file name, on any system.
pub fn is_id(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_ID).contains(&word.len())
        && word.bytes().all(fits)
        && word.starts_with(|first: char| first.is_ascii_lowercase())
}

fn steps(sections: Vec<Section>) -> Result<Vec<Step>, Malformed> {
    match sections.len() {
        0 => return Err(Malformed::NoStep),
        count if count > MAX_STEPS => return Err(Malformed::TooManySteps),
        _ => {}
    }
    let steps = sections.into_iter().map(|section| {
        let mut step = Step::new(&section.heading);
        step.blocks = section.blocks;
        step
    });
    Ok(steps.collect())
}

/// The front matter and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rest = text.strip_prefix("+++")?;
    let rest = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'))?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "+++" {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::runbook::{Check, Remedy, Target};

    const LOCK: &str = "+++
id = \"state-lock\"
title = \"Release a stale lock\"
tags = [\"lock\"]
symptoms = [\"Error acquiring the state lock\"]
severity = \"critical\"
+++

# Release a stale lock

Read all of it first.

## 1. Look

check: lock.absent

if it is held → 2

## 2. Release

danger: does not stop the holder

action: release
";

    #[test]
    fn a_page_is_its_front_matter_and_its_steps() {
        let page = Page::parse(LOCK).unwrap();
        assert_eq!(
            (page.id.as_str(), page.severity),
            ("state-lock", Severity::Critical)
        );
        assert_eq!(page.symptoms, ["Error acquiring the state lock"]);
        assert_eq!(page.intro.len(), 1);
        let titles: Vec<_> = page
            .numbered()
            .map(|(number, step)| format!("{number} {}", step.title))
            .collect();
        assert_eq!(titles, ["1 Look", "2 Release"]);
        assert_eq!(
            page.steps[0].checks().collect::<Vec<_>>(),
            [Check::LockAbsent]
        );
        let branch = page.steps[0].branches().next().unwrap();
        assert_eq!(branch.target, Target::Step(StepNo::at(1)));
        assert_eq!(page.steps[1].remedy(), Some(Remedy::Release));
        assert_eq!(page.steps[1].danger(), Some("does not stop the holder"));
    }

    #[test]
    fn a_page_from_windows_reads_the_same() {
        let windows = format!("\u{feff}{}", LOCK.replace('\n', "\r\n"));
        assert_eq!(Page::parse(&windows), Page::parse(LOCK));
    }

    #[test]
    fn what_is_not_a_page_says_why() {
        let because = |text: &str| Page::parse(text).unwrap_err().to_string();
        assert_eq!(because("# Hello"), Malformed::NoFrontMatter.to_string());
        assert_eq!(because("+++\nid = 1"), Malformed::NoFrontMatter.to_string());
        assert_eq!(
            because(&LOCK.replace("state-lock", "../../etc")),
            "id \"../../etc\" is not lower-case letters, digits and dashes"
        );
        assert_eq!(
            because(&LOCK.replace("Release a stale lock", " ")),
            "no title"
        );
        assert_eq!(
            because(&LOCK.replace("## ", "### ")),
            Malformed::NoStep.to_string()
        );
        assert!(because(&LOCK.replace("critical", "fatal")).starts_with("front matter: "));
        assert!(because(&LOCK.replace("id =", "it =")).contains("missing field `id`"));
        assert_eq!(because(&"+".repeat(MAX_BYTES + 1)), "longer than 256 KiB");
    }

    #[test]
    fn two_hundred_steps_are_enough() {
        let page = format!("{LOCK}{}", "## x\n".repeat(MAX_STEPS));
        assert_eq!(Page::parse(&page), Err(Malformed::TooManySteps));
    }

    #[test]
    fn an_id_can_name_a_file() {
        for id in ["a", "state-lock", "s3-412"] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "-a", "7", "a/b", "a.b", "A", "a b", &"a".repeat(65)] {
            assert!(!is_id(id), "{id}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(2),
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_cut_or_garbled_page_never_panics(cut in 0..LOCK.len(), byte in any::<char>()) {
            let cut = LOCK.floor_char_boundary(cut);
            let (before, after) = LOCK.split_at(cut);
            let _ = Page::parse(before);
            let _ = Page::parse(&format!("{before}{byte}{after}"));
        }
    }
}
