//! The search for the stems without which no record has a category. A packed
//! searcher looks for all of them at once in the processor's vector registers;
//! where there are none to be had an automaton takes its place, slower and
//! with the same answers.

use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Span};

use super::category::STEMS;

/// How stems are looked for on this machine.
#[derive(Debug)]
enum Finder {
    Packed(Searcher),
    Automaton(AhoCorasick),
    /// Neither could be built: every place may be one.
    Everywhere,
}

static FINDER: LazyLock<Finder> = LazyLock::new(|| {
    packed()
        .map(Finder::Packed)
        .or_else(|| automaton().map(Finder::Automaton))
        .unwrap_or(Finder::Everywhere)
});

/// At most 64 literals, and quick with half as many; none where the processor
/// has no such registers.
fn packed() -> Option<Searcher> {
    let config = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
    let mut builder = config;
    builder.extend(STEMS).build()
}

fn automaton() -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(aho_corasick::MatchKind::LeftmostFirst)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(STEMS)
        .ok()
}

/// Where the first stem stands, from `begin` on.
pub fn find(text: &[u8], begin: usize) -> Option<usize> {
    let span = Span {
        start: begin.min(text.len()),
        end: text.len(),
    };
    match &*FINDER {
        Finder::Packed(searcher) => searcher.find_in(text, span).map(|found| found.start()),
        Finder::Automaton(automaton) => {
            let input = aho_corasick::Input::new(text).span(span);
            automaton.find(input).map(|found| found.start())
        }
        Finder::Everywhere => (span.start < span.end).then_some(span.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_searcher_is_picked_where_the_processor_has_one() {
        let is_packed = matches!(&*FINDER, Finder::Packed(_));
        assert_eq!(is_packed, packed().is_some());
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("ssse3") {
            assert!(is_packed);
        }
        #[cfg(target_arch = "aarch64")]
        assert!(is_packed);
    }

    #[test]
    fn the_stems_fit_the_packed_searcher() {
        assert!(STEMS.len() <= 32);
        for stem in STEMS {
            assert!(stem.len() >= 4, "{stem}");
            let inside = |other: &&str| *other != stem && other.contains(stem);
            assert_eq!(STEMS.iter().copied().find(inside), None, "{stem}");
        }
    }

    #[test]
    fn both_searchers_find_the_same_places() {
        let automaton = automaton().unwrap();
        for stem in STEMS {
            for padding in 0..70 {
                let text = format!("{}{stem} and {stem}", "x".repeat(padding));
                let found = automaton.find(text.as_bytes()).map(|found| found.start());
                assert_eq!(find(text.as_bytes(), 0), found);
                assert_eq!(found, Some(padding));
                assert_eq!(
                    find(text.as_bytes(), padding + 1),
                    Some(padding + stem.len() + 5)
                );
            }
        }
    }
}
