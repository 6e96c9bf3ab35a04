//! Finds the page for a few words or for a pasted error message.
//!
//! Words are matched fuzzily, each against any field, and all must match. A
//! text that holds a whole symptom finds that page first, however the terminal
//! that it was copied from had wrapped and framed it.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::page::Page;

/// A page that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its place among the pages that were searched.
    pub index: usize,
    pub score: i64,
    /// The characters of the title that matched, for showing.
    pub title: Vec<usize>,
}

/// The longest text that is looked into; an error message is far shorter.
const LONGEST: usize = 8 * 1024;
/// Above these it is a message, not a few words: only whole symptoms count.
const MOST_WORDS: usize = 8;
const LONGEST_WORD: usize = 32;
/// No sum of fuzzy scores comes near.
const WHOLE_SYMPTOM: i64 = 1 << 32;

/// The pages that match, best first and else in their own order. Every page
/// matches when nothing was asked.
pub fn search<'a>(pages: impl IntoIterator<Item = &'a Page>, query: &str) -> Vec<Hit> {
    let query = Query::new(query);
    let mut hits: Vec<Hit> = pages
        .into_iter()
        .enumerate()
        .filter_map(|(index, page)| query.hit(index, page))
        .collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    hits
}

/// The page that a text of the world leads to: the one whose longest symptom it holds.
pub fn lead<'a>(pages: impl IntoIterator<Item = &'a Page>, text: &str) -> Option<usize> {
    let text = flat(text);
    let told = pages.into_iter().enumerate().filter_map(|(index, page)| {
        let longest = longest_symptom(page, &text)?;
        // Of two pages with the same symptom the first one is meant.
        Some((longest, std::cmp::Reverse(index)))
    });
    told.max().map(|(_, index)| index.0)
}

/// How long the longest symptom of a page is that a flat text holds.
fn longest_symptom(page: &Page, text: &str) -> Option<usize> {
    page.flat
        .iter()
        .filter(|symptom| !symptom.is_empty() && text.contains(symptom.as_str()))
        .map(String::len)
        .max()
}

struct Query {
    /// Lower case, on one line, without frames.
    text: String,
    /// Nothing when the text is too long to be words.
    words: Vec<String>,
    matcher: SkimMatcherV2,
}

impl Query {
    fn new(query: &str) -> Self {
        let text = flat(query);
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let is_few =
            words.len() <= MOST_WORDS && words.iter().all(|word| word.len() <= LONGEST_WORD);
        Self {
            words: if is_few { words } else { Vec::new() },
            text,
            matcher: SkimMatcherV2::default().ignore_case(),
        }
    }

    fn hit(&self, index: usize, page: &Page) -> Option<Hit> {
        let symptom = self.symptom(page);
        let words = self.words(page);
        if symptom == 0 && words.is_none() {
            return None;
        }
        let (score, title) = words.unwrap_or_default();
        Some(Hit {
            index,
            score: score + symptom,
            title,
        })
    }

    /// The longest symptom that the text holds, so that the most telling page wins.
    fn symptom(&self, page: &Page) -> i64 {
        longest_symptom(page, &self.text).map_or(0, |length| {
            WHOLE_SYMPTOM.saturating_add_unsigned(length as u64)
        })
    }

    fn words(&self, page: &Page) -> Option<(i64, Vec<usize>)> {
        if self.text.is_empty() {
            return Some((0, Vec::new()));
        }
        if self.words.is_empty() {
            return None;
        }
        let mut sum = 0;
        let mut title = Vec::new();
        for word in &self.words {
            let (score, at) = self.word(word, page)?;
            sum += score;
            title.extend(at);
        }
        title.sort_unstable();
        title.dedup();
        Some((sum, title))
    }

    /// The best field for a word. The title counts double: it is what is seen.
    fn word(&self, word: &str, page: &Page) -> Option<(i64, Vec<usize>)> {
        let title = self.matcher.fuzzy_indices(&page.title, word);
        let others = std::iter::once(&page.id)
            .chain(&page.tags)
            .chain(&page.symptoms)
            .filter_map(|field| self.matcher.fuzzy_match(field, word))
            .max();
        match (title, others) {
            (Some((score, at)), other) => Some(((score * 2).max(other.unwrap_or(0)), at)),
            (None, Some(score)) => Some((score, Vec::new())),
            (None, None) => None,
        }
    }
}

/// One line in lower case. The frame that Terraform draws around a diagnostic
/// and the color codes of a terminal are not part of a message.
pub(super) fn flat(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST);
    let mut flat = String::new();
    let mut letters = text[..end].chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            while letters
                .next_if(|next| !next.is_ascii_alphabetic())
                .is_some()
            {}
            letters.next();
        } else if letter.is_whitespace() || letter.is_control() || "│╷╵".contains(letter) {
            if !flat.is_empty() && !flat.ends_with(' ') {
                flat.push(' ');
            }
        } else {
            flat.extend(letter.to_lowercase());
        }
    }
    flat.truncate(flat.trim_end().len());
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str, title: &str, symptoms: &str) -> Page {
        Page::parse(&format!(
            "+++\nid = '{id}'\ntitle = '{title}'\nsymptoms = [{symptoms}]\n+++\n## a\n"
        ))
        .unwrap()
    }

    fn pages() -> [Page; 3] {
        [
            page(
                "provider-auth",
                "Credentials are refused",
                "'No valid credential sources found', 'ExpiredToken'",
            ),
            page(
                "state-lock",
                "Release a stale lock",
                "'Error acquiring the state lock'",
            ),
            page(
                "state-corrupt",
                "The state does not parse",
                "'Error acquiring the state lock Unsupported state file format'",
            ),
        ]
    }

    fn found(query: &str) -> Vec<String> {
        let pages = pages();
        let hits = search(&pages, query);
        hits.iter().map(|hit| pages[hit.index].id.clone()).collect()
    }

    #[test]
    fn nothing_asked_shows_every_page_in_its_order() {
        assert_eq!(
            found("  "),
            ["provider-auth", "state-lock", "state-corrupt"]
        );
    }

    #[test]
    fn letters_in_order_find_a_page_and_show_where() {
        let pages = pages();
        let hits = search(&pages, "stale lck");
        assert_eq!(pages[hits[0].index].id, "state-lock");
        let title: Vec<char> = pages[1].title.chars().collect();
        let marked: String = hits[0].title.iter().map(|at| title[*at]).collect();
        assert_eq!(marked.to_lowercase(), "stalelck");
    }

    #[test]
    fn every_word_must_match_somewhere() {
        assert_eq!(found("lock zzz"), Vec::<String>::new());
        assert_eq!(found("parse corrupt"), ["state-corrupt"]);
    }

    #[test]
    fn a_pasted_message_finds_its_page_through_frames_and_wraps() {
        let pasted = "\u{1b}[31m╷\n│ Error: error configuring S3 Backend: No valid\n│ credential sources   found\n│ \n│ Please see https://example.com for more information about providing credentials\n╵\u{1b}[0m";
        assert_eq!(found(pasted), ["provider-auth"]);
    }

    #[test]
    fn the_longest_symptom_wins() {
        let pasted = "Error: Error acquiring the state lock\n\nUnsupported state file format and so on, at length and in detail";
        assert_eq!(found(pasted), ["state-corrupt", "state-lock"]);
    }

    #[test]
    fn a_record_leads_to_a_page_only_by_a_whole_symptom() {
        let pages = pages();
        let record = "2026-11-22T02:14:07.003Z [ERROR] x: api error ExpiredToken: The token";
        assert_eq!(lead(&pages, record), Some(0));
        assert_eq!(lead(&pages, "Starting apply for aws_instance.lock"), None);
        let both = "Error acquiring the state lock Unsupported state file format";
        assert_eq!(lead(&pages, both), Some(2));
    }

    #[test]
    fn a_huge_text_is_cut_and_not_searched_letter_by_letter() {
        assert_eq!(found(&"é".repeat(1 << 20)), Vec::<String>::new());
    }
}
