//! What the bodies of a state's versions say together: which lineage is
//! established, and which version is the last good one.
//!
//! Where more than one version is plausible all are listed and none is chosen,
//! and where a newer body has not been read nothing is claimed.

use std::collections::HashSet;

use super::contents::Contents;
use super::version::{Kind, Version, VersionId};

/// A version of the list, with what its body says once that has been read.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub version: &'a Version,
    pub contents: Option<&'a Contents>,
}

/// The answer to "which version would a person go back to".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastGood {
    /// Bodies that could change the answer have not been read yet.
    Unread,
    /// No version that was read would load.
    None,
    One(VersionId),
    /// All are plausible, newest first; a person has to choose.
    Several(Vec<VersionId>),
}

impl LastGood {
    /// The one that is certain.
    pub fn one(&self) -> Option<&VersionId> {
        match self {
            Self::One(id) => Some(id),
            Self::Unread | Self::None | Self::Several(_) => None,
        }
    }

    /// Whether this version is the last good one, or may be.
    pub fn names(&self, id: &VersionId) -> bool {
        match self {
            Self::One(one) => one == id,
            Self::Several(all) => all.contains(id),
            Self::Unread | Self::None => false,
        }
    }
}

/// The newest version that loads, has an established lineage and its highest
/// serial, and is not a collapse. `entries` are newest first.
///
/// Bodies count up to the first unread one; one older version that loads is
/// needed to tell a collapse, unless there is none.
pub fn last_good(entries: &[Entry<'_>]) -> LastGood {
    let bodies = || {
        entries
            .iter()
            .filter(|entry| entry.version.kind == Kind::Object)
    };
    let read: Vec<Body<'_>> = bodies().enumerate().map_while(body).collect();
    let loads: Vec<Body<'_>> = read
        .iter()
        .copied()
        .filter(|body| body.contents.health.loads())
        .collect();
    if read.len() < bodies().count() && loads.len() < 2 {
        return LastGood::Unread;
    }
    let newest = entries.iter().copied();
    let newest: Vec<Entry<'_>> = newest.take_while(|entry| !is_unread(entry)).collect();
    let mut found: Vec<Body<'_>> = established(&newest)
        .into_iter()
        .flat_map(|lineage| plausible(&loads, lineage))
        .collect();
    found.sort_by_key(|body| body.place);
    match found.as_slice() {
        [] => LastGood::None,
        [one] => LastGood::One(one.id.clone()),
        several => LastGood::Several(several.iter().map(|body| body.id.clone()).collect()),
    }
}

/// The lineages that the history makes plausible, the newest first: that of the
/// newest unbroken run of versions that load, and where this is a single version
/// of a lineage that was never seen before, that of the run below it, too. None
/// where nothing loads.
pub fn lineages(entries: &[Entry<'_>]) -> Vec<String> {
    let established = established(entries).into_iter();
    established
        .map(|one| one.unwrap_or_default().to_owned())
        .collect()
}

/// Whether one lineage is established whatever the bodies say that were not
/// read. `entries` are newest first, and read without a gap as far as they were.
pub fn is_settled(entries: &[Entry<'_>]) -> bool {
    let runs = runs(entries);
    !runs.is_empty() && is_the_last(&runs, 0)
}

fn is_unread(entry: &Entry<'_>) -> bool {
    entry.version.kind == Kind::Object && entry.contents.is_none()
}

/// A version whose body has been read; `place` 0 is the newest.
#[derive(Clone, Copy)]
struct Body<'a> {
    place: usize,
    id: &'a VersionId,
    contents: &'a Contents,
}

fn body<'a>((place, entry): (usize, &Entry<'a>)) -> Option<Body<'a>> {
    Some(Body {
        place,
        id: &entry.version.id,
        contents: entry.contents?,
    })
}

/// Versions of one lineage that load, with nothing broken between them.
struct Run<'a> {
    lineage: Option<&'a str>,
    /// How many different bodies it has: the same bytes written twice are no history.
    bodies: HashSet<&'a str>,
}

/// The lineages that a person could mean.
///
/// A foreign state that was pushed over a history has a new lineage, and so has
/// a state that was begun anew. As soon as work went on with it, it is the
/// state; while it stands alone nothing tells one from the other, and the run
/// below it counts as well, however long either of them is.
fn established<'a>(entries: &[Entry<'a>]) -> Vec<Option<&'a str>> {
    let runs = runs(entries);
    let mut found = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        found.push(run.lineage);
        if is_the_last(&runs, place) {
            break;
        }
    }
    found
}

/// Whether nobody would look below this run: somebody worked on with it.
fn is_the_last(runs: &[Run<'_>], place: usize) -> bool {
    let run = &runs[place];
    let older = runs.get(place + 1..).unwrap_or_default();
    run.bodies.len() > 1 || older.iter().any(|older| older.lineage == run.lineage)
}

/// The unbroken runs, newest first. A delete marker and whatever would not load
/// end a run; a body that was not read does not.
fn runs<'a>(entries: &[Entry<'a>]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut broken = true;
    for entry in entries {
        let loads = entry.contents.filter(|contents| contents.health.loads());
        let Some(contents) = loads else {
            broken |= !is_unread(entry);
            continue;
        };
        let lineage = contents.lineage.as_deref();
        match runs
            .last_mut()
            .filter(|run| !broken && run.lineage == lineage)
        {
            Some(run) => drop(run.bodies.insert(&contents.md5)),
            None => runs.push(Run {
                lineage,
                bodies: HashSet::from([contents.md5.as_str()]),
            }),
        }
        broken = false;
    }
    runs
}

/// The candidates within one lineage.
fn plausible<'a>(loads: &[Body<'a>], lineage: Option<&str>) -> Vec<Body<'a>> {
    let own = loads
        .iter()
        .copied()
        .filter(|body| body.contents.lineage.as_deref() == lineage);
    let (fallen, sound) = collapses(own.collect());
    let highest = sound.iter().map(|body| body.contents.serial).max();
    let mut bodies: HashSet<&str> = HashSet::new();
    let mut found: Vec<Body<'_>> = sound
        .into_iter()
        .filter(|body| Some(body.contents.serial) == highest)
        .filter(|body| bodies.insert(&body.contents.md5))
        .collect();
    let first = found.first().map_or(usize::MAX, |body| body.place);
    let newer: Vec<Body<'_>> = fallen
        .into_iter()
        .filter(|body| body.place < first)
        .collect();
    if let [newest, _, ..] = newer.as_slice() {
        // Somebody went on working with what was left, so perhaps it was meant.
        found.push(*newest);
    }
    found
}

/// Parts the versions of one lineage into collapses (half or fewer of the resources before) and the rest.
fn collapses(newest_first: Vec<Body<'_>>) -> (Vec<Body<'_>>, Vec<Body<'_>>) {
    let mut before = 0;
    let (mut fallen, mut sound) = (Vec::new(), Vec::new());
    for body in newest_first.into_iter().rev() {
        let resources = body.contents.resources.unwrap_or(before);
        if before > 0 && resources * 2 <= before {
            fallen.push(body);
        } else {
            before = resources;
            sound.push(body);
        }
    }
    fallen.reverse();
    sound.reverse();
    (fallen, sound)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::state::{Health, Serial};

    /// A version as a test writes it: lineage, serial, resources; no lineage is a damaged one.
    struct Told(&'static str, u64, usize);

    const UNREAD: Told = Told("unread", 0, 0);
    const MARKER: Told = Told("marker", 0, 0);
    const DAMAGED: Told = Told("", 0, 0);

    fn version(place: usize, told: &Told) -> Version {
        let kind = if told.0 == "marker" {
            Kind::DeleteMarker
        } else {
            Kind::Object
        };
        Version {
            id: VersionId(place.to_string()),
            kind,
            modified: Timestamp::UNIX_EPOCH,
            size: 1,
            etag: None,
        }
    }

    fn contents(told: &Told) -> Option<Contents> {
        let Told(lineage, serial, resources) = *told;
        if matches!(lineage, "unread" | "marker") {
            return None;
        }
        Some(Contents {
            health: if lineage.is_empty() {
                Health::Damaged
            } else {
                Health::Fine
            },
            why: None,
            serial: Some(Serial(serial)),
            lineage: Some(lineage.into()),
            terraform_version: None,
            resources: Some(resources),
            md5: format!("{lineage} {serial} {resources}"),
            size: 1,
        })
    }

    fn asked<T>(history: &[Told], ask: impl FnOnce(&[Entry<'_>]) -> T) -> T {
        let versions: Vec<_> = history
            .iter()
            .enumerate()
            .map(|(place, told)| version(place, told))
            .collect();
        let contents: Vec<_> = history.iter().map(contents).collect();
        let entries: Vec<_> = versions
            .iter()
            .zip(&contents)
            .map(|(version, contents)| Entry {
                version,
                contents: contents.as_ref(),
            })
            .collect();
        ask(&entries)
    }

    /// The places, newest first, of what is plausible.
    fn good(history: &[Told]) -> Vec<usize> {
        let place = |id: &VersionId| id.0.parse().unwrap();
        match asked(history, last_good) {
            LastGood::Unread => vec![usize::MAX],
            LastGood::None => Vec::new(),
            LastGood::One(id) => vec![place(&id)],
            LastGood::Several(ids) => ids.iter().map(place).collect(),
        }
    }

    const UNKNOWN: usize = usize::MAX;

    #[test]
    fn the_newest_version_that_loads_is_the_last_good_one() {
        assert_eq!(good(&[Told("l", 3, 9), Told("l", 2, 9)]), [0]);
        assert_eq!(good(&[DAMAGED, Told("l", 3, 9), Told("l", 2, 9)]), [1]);
        assert_eq!(good(&[MARKER, DAMAGED, Told("l", 3, 9)]), [2]);
        assert_eq!(good(&[DAMAGED, MARKER]), Vec::<usize>::new());
        assert_eq!(good(&[]), Vec::<usize>::new());
    }

    #[test]
    fn a_body_that_was_not_read_keeps_the_answer_open() {
        assert_eq!(good(&[UNREAD, Told("l", 3, 9)]), [UNKNOWN]);
        assert_eq!(good(&[Told("l", 3, 9), UNREAD]), [UNKNOWN]);
        assert_eq!(
            good(&[DAMAGED, Told("l", 3, 9), Told("l", 2, 9), UNREAD]),
            [1]
        );
    }

    #[test]
    fn a_lineage_that_somebody_worked_on_with_is_settled_whatever_is_older() {
        let settled = |history: &[Told]| asked(history, is_settled);
        assert!(settled(&[
            DAMAGED,
            Told("l", 3, 9),
            Told("l", 2, 9),
            UNREAD
        ]));
        assert!(!settled(&[DAMAGED, Told("l", 3, 9), UNREAD]));
        let foreign = [Told("new", 1, 9), Told("l", 3, 9), Told("l", 2, 9), UNREAD];
        assert!(!settled(&foreign), "the foreign one may be an old one");
        assert!(!settled(&[UNREAD]));
    }

    #[test]
    fn a_collapse_is_not_good_unless_work_went_on() {
        assert_eq!(
            good(&[Told("l", 4, 3), Told("l", 3, 9), Told("l", 2, 8)]),
            [1]
        );
        assert_eq!(good(&[Told("l", 4, 5), Told("l", 3, 9)]), [0]);
        assert_eq!(
            good(&[Told("l", 5, 4), Told("l", 4, 3), Told("l", 3, 9)]),
            [0, 2]
        );
    }

    #[test]
    fn the_highest_serial_counts_where_serials_went_back() {
        assert_eq!(
            good(&[Told("l", 3, 9), Told("l", 11, 9), Told("l", 10, 9)]),
            [1]
        );
    }

    #[test]
    fn two_bodies_with_one_serial_are_both_plausible() {
        assert_eq!(
            good(&[Told("l", 3, 9), Told("l", 3, 8), Told("l", 2, 8)]),
            [0, 1]
        );
    }

    #[test]
    fn a_foreign_lineage_over_a_long_history_is_not_trusted_alone() {
        assert_eq!(
            good(&[Told("new", 1, 9), Told("l", 3, 9), Told("l", 2, 9)]),
            [0, 1]
        );
        assert_eq!(
            good(&[Told("new", 3, 9), Told("new", 2, 9), Told("l", 8, 9)]),
            [0]
        );
        assert_eq!(
            good(&[Told("l", 4, 9), Told("new", 9, 9), Told("l", 3, 9)]),
            [0]
        );
    }

    #[test]
    fn the_newest_unbroken_run_establishes_the_lineage_however_long_the_older_ones_are() {
        let begun_anew = [
            DAMAGED,
            Told("new", 3, 9),
            Told("new", 2, 9),
            Told("l", 9, 9),
            Told("l", 8, 9),
            Told("l", 7, 9),
        ];
        assert_eq!(good(&begun_anew), [1]);
        assert_eq!(good(&begun_anew[1..]), [0]);
    }

    #[test]
    fn a_lineage_that_stands_alone_or_only_repeats_itself_is_not_established() {
        let pushed = [DAMAGED, Told("new", 1, 9), Told("l", 3, 9), Told("l", 2, 9)];
        assert_eq!(good(&pushed), [1, 2]);
        let twice = [
            Told("new", 1, 9),
            Told("new", 1, 9),
            Told("l", 3, 9),
            Told("l", 2, 9),
        ];
        assert_eq!(
            good(&twice),
            [0, 2],
            "the same bytes were only written again"
        );
        let two_strangers = [
            Told("x", 1, 9),
            Told("y", 1, 9),
            Told("l", 3, 9),
            Told("l", 2, 9),
        ];
        assert_eq!(good(&two_strangers), [0, 1, 2]);
    }

    #[test]
    fn a_run_that_was_broken_still_knows_its_lineage() {
        let torn_between = [
            Told("new", 3, 9),
            DAMAGED,
            Told("new", 2, 9),
            Told("l", 9, 9),
            Told("l", 8, 9),
        ];
        assert_eq!(good(&torn_between), [0]);
        let alone_above_a_break = [Told("new", 3, 9), MARKER, Told("l", 9, 9), Told("l", 8, 9)];
        assert_eq!(good(&alone_above_a_break), [0, 2]);
    }
}
