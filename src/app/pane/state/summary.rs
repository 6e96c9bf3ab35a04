//! What a comparison, or a version, comes to by type and by module: the sheet
//! that answers how much changed where, and along what a state could be split.

use super::StatePane;
use super::job::StateQuestion;
use super::opened::Aged;
use crate::app::desk::Desk;
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::app::sheet::{Asker, Reading, Sheet};
use crate::app::text::{capital, count, size, visible, width};
use crate::state::{Anatomy, Part, Sides, Summary};

/// So many types and modules are named; the others are counted.
const NAMED: usize = 20;
/// Terraform reads and writes the whole state at every run: from here on it is felt.
const LARGE: usize = 5 << 20;
const VERY_LARGE: usize = 10 << 20;
const MANY: usize = 1_000;

/// The sheet about what changed between two versions.
pub fn of_changes(sides: &Sides) -> Reading {
    let mut rows = vec![
        (Role::Sheet, told(&sides.comparison().summary)),
        (Role::Sheet, String::new()),
    ];
    for (heading, groups) in [
        ("by type", sides.by_type()),
        ("by module", sides.by_module()),
    ] {
        let named = groups
            .iter()
            .map(|(name, summary)| (name.as_str(), told(summary)));
        rows.extend(table(heading, named, groups.len()));
    }
    Reading::new("What changed, by type and module", rows)
}

/// The sheet about what a version is made of.
pub fn of_state(anatomy: &Anatomy, aged: Option<&Aged>) -> Reading {
    let noun = if anatomy.instances == 1 {
        "resource"
    } else {
        "resources"
    };
    let deposed = match anatomy.deposed {
        0 => String::new(),
        some => format!(", {} of them deposed", count(some as u64)),
    };
    let all = format!(
        "{} in {} {noun}{deposed}",
        size(anatomy.bytes as u64),
        count(anatomy.instances as u64)
    );
    let mut rows = vec![(Role::Sheet, all)];
    let heavy = match anatomy.bytes {
        VERY_LARGE.. => Some((Role::Critical, "✖ above 10 MB")),
        LARGE.. => Some((Role::Warning, "▲ above 5 MB")),
        _ if anatomy.instances > MANY => Some((Role::Warning, "▲ above 1,000 resources")),
        _ => None,
    };
    rows.extend(heavy.map(|(role, why)| {
        (
            role,
            format!("{why}: a state for each of the largest modules would be read faster"),
        )
    }));
    rows.push((Role::Sheet, String::new()));
    rows.extend(aged.into_iter().flat_map(untouched));
    let parts = [("by module", &anatomy.modules), ("by type", &anatomy.types)];
    for (heading, parts) in parts {
        let share = |part: &Part| part.bytes * 100 / anatomy.bytes.max(1);
        let named = parts.iter().map(|part| {
            let resources = count(part.instances as u64);
            let said = format!(
                "{resources:>7}  {:>8}  {:>3} %",
                size(part.bytes as u64),
                share(part)
            );
            (part.name.as_str(), said)
        });
        rows.extend(table(heading, named, parts.len()));
    }
    Reading::new("What it is made of", rows)
}

/// What nobody touched for long, and what it was compared with.
fn untouched(aged: &Aged) -> Vec<(Role, String)> {
    let mut rows = vec![(Role::Strong, "Untouched for long".to_owned())];
    // The longest first.
    for former in aged.untouched.compared().iter().rev() {
        let same = match aged.untouched.count(former) {
            0 => "none more is as it was".to_owned(),
            1 => "1 resource is as it was".to_owned(),
            some => format!("{} resources are as they were", count(some as u64)),
        };
        let said = format!("{same} {} ago, in {}", former.ago, former.named());
        rows.push((Role::Sheet, format!("  {said}")));
    }
    let unseen = aged.unseen.iter();
    rows.extend(unseen.map(|fault| (Role::Warning, format!("  ◌ {fault}"))));
    rows.push((Role::Sheet, String::new()));
    rows
}

fn told(summary: &Summary) -> String {
    let Summary {
        added,
        removed,
        changed,
        moved,
    } = summary;
    format!("+{added} −{removed} ~{changed} ⇄{moved}")
}

/// A heading, the first rows below it with their names in one column, and how many more there are.
fn table<'a>(
    heading: &str,
    named: impl Iterator<Item = (&'a str, String)>,
    all: usize,
) -> Vec<(Role, String)> {
    let root = |name: &'a str| if name.is_empty() { "(root)" } else { name };
    let named: Vec<_> = named
        .take(NAMED)
        .map(|(name, said)| (visible(root(name)).into_owned(), said))
        .collect();
    let widest = named.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let mut rows = vec![(Role::Strong, capital(heading))];
    rows.extend(named.iter().map(|(name, said)| {
        let gap = " ".repeat(widest - width(name));
        (Role::Sheet, format!("  {name}{gap}  {said}"))
    }));
    if all > NAMED {
        let more = count((all - NAMED) as u64);
        rows.push((Role::Faint, format!("  … and {more} more")));
    }
    rows.push((Role::Sheet, String::new()));
    rows
}

impl StatePane {
    /// Shows what the comparison comes to, or what the version is made of.
    pub(super) fn sum_up(&self, desk: &mut Desk<'_>) {
        let sheet = if let Some(comparing) = &self.comparing {
            comparing.sides.shown().map(|sides| of_changes(sides))
        } else {
            let aged = self.aged_here().map(|aged| &**aged);
            self.shown().map(|opened| of_state(&opened.anatomy, aged))
        };
        match sheet {
            Some(sheet) => {
                desk.open(Sheet::Reading(sheet), Asker::State(StateQuestion::Summary));
            }
            None => desk.say(Tone::Note, "nothing is read yet to sum up"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, instances: usize, bytes: usize) -> Part {
        Part {
            name: name.into(),
            instances,
            bytes,
        }
    }

    fn text(anatomy: &Anatomy) -> String {
        of_state(anatomy, None).plain()
    }

    #[test]
    fn a_state_that_is_too_large_says_so_and_names_its_parts() {
        let anatomy = Anatomy {
            bytes: 12 << 20,
            instances: 900,
            deposed: 0,
            modules: vec![part("module.network", 800, 9 << 20), part("", 100, 3 << 20)],
            types: (0..25)
                .map(|number| part(&format!("aws_{number}"), 1, 1))
                .collect(),
        };
        let said = text(&anatomy);
        assert!(said.contains("✖ above 10 MB"), "{said}");
        assert!(said.contains("75 %") && said.contains("(root)"), "{said}");
        assert!(said.contains("… and 5 more"), "{said}");
    }

    #[test]
    fn deposed_objects_are_mentioned_only_where_there_are_some() {
        let of = |deposed| {
            text(&Anatomy {
                instances: 3,
                deposed,
                ..Anatomy::default()
            })
        };
        assert!(!of(0).contains("deposed"), "{}", of(0));
        assert!(of(2).contains("in 3 resources, 2 of them deposed"));
    }

    #[test]
    fn many_resources_count_even_where_they_are_small() {
        let of = |bytes, instances| {
            text(&Anatomy {
                bytes,
                instances,
                ..Anatomy::default()
            })
        };
        assert!(of(1, 1_001).contains("▲ above 1,000 resources"));
        assert!(of(6 << 20, 1).contains("▲ above 5 MB"));
        assert!(!of(5 << 20 >> 1, 1_000).contains("above"));
    }
}
