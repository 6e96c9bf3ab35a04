//! The page that a new runbook begins as: each thing that a page can say, once.

use super::shelf::Shelf;

const DRAFT: &str = include_str!("../../assets/draft-runbook.md");

/// The text that a page of this id begins as: the built-in page that it would
/// replace, else one that shows each part of a page. It has no lint problem.
pub fn draft(id: &str) -> String {
    match Shelf::built_in_text(id) {
        Some(text) => text.to_owned(),
        None => DRAFT.replace("{id}", id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Page, lint};

    #[test]
    fn a_new_page_is_sound_and_shows_each_part_of_a_page() {
        let page = Page::parse(&draft("disk-full")).unwrap();
        assert_eq!(page.id, "disk-full");
        assert_eq!(lint(&page, |_| false), []);
        assert!(page.contact.is_some());
        let step = |index: usize| &page.steps[index];
        assert_eq!(step(0).checks().count(), 1);
        assert_eq!(step(0).branches().count(), 1);
        assert!(step(1).danger().is_some());
        assert_eq!(step(2).copies().count(), 1);
    }

    #[test]
    fn a_page_that_replaces_a_built_in_one_begins_as_that_one() {
        assert_eq!(Page::parse(&draft("state-lock")).unwrap().id, "state-lock");
        assert!(draft("state-lock").contains("force-unlock"));
    }
}
