//! How long it is held, beside how long such locks are held here.

use jiff::SignedDuration;

use super::{FRESH, LONG, Sign, sign};
use crate::lock::Sighting;
use crate::lock::habit::Usual;
use crate::lock::verdict::{ETERNAL, in_words, taken_at};

const VERY_LONG: SignedDuration = SignedDuration::from_hours(4);

pub(super) fn of_age(seen: &Sighting, age: Option<SignedDuration>, usual: Option<Usual>) -> Sign {
    let Some(age) = age else {
        return sign(
            0,
            match taken_at(seen) {
                Some(_) => "taken at a time to come: a clock is wrong, its age is not known",
                None => "it does not say when it was taken",
            },
        );
    };
    let said = in_words(age);
    if age > ETERNAL {
        return sign(4, format!("held for {said}: longer than any run"));
    }
    if age < FRESH {
        return sign(-4, format!("taken only {said} ago"));
    }
    match usual {
        Some(usual) => beside(usual, age),
        None if age > VERY_LONG => sign(2, format!("held for {said}: longer than most runs")),
        None if age > LONG => sign(1, format!("held for {said}")),
        None => sign(0, format!("held for {said}, as a run may take")),
    }
}

/// The age beside what is usual at this state.
fn beside(usual: Usual, age: SignedDuration) -> Sign {
    let times = age.as_secs() / usual.median.as_secs().max(1);
    let said = in_words(age);
    let known = format!(
        "median {} of {} former locks, {}, the longest {}",
        in_words(usual.median),
        usual.of,
        told_by(usual),
        in_words(usual.longest)
    );
    if age <= usual.longest {
        let weight = if times < 2 { -2 } else { 0 };
        return sign(
            weight,
            format!("held for {said}, as is usual here ({known})"),
        );
    }
    let weight = match times {
        10.. => 4,
        3.. => 2,
        _ => 1,
    };
    sign(
        weight,
        format!("held for {said}, {times} × longer than usual here ({known})"),
    )
}

/// Where the former locks are known from.
fn told_by(usual: Usual) -> String {
    match (usual.of - usual.journaled, usual.journaled) {
        (_, 0) => "by old .tflock versions".to_owned(),
        (0, _) => "by the journal".to_owned(),
        (versions, journaled) => {
            format!("{versions} by old .tflock versions and {journaled} by the journal")
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::tests::{nothing, weighed};
    use crate::lock::habit::{Habits, Hold, Source};
    use crate::lock::verdict::Circumstances;

    fn habits(seconds: &[i64]) -> Habits {
        let hold = |&lasted: &i64| Hold {
            source: Source::Version,
            holder: None,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::from_second(lasted).unwrap(),
        };
        Habits {
            holds: seconds.iter().map(hold).collect(),
        }
    }

    #[test]
    fn an_age_is_weighed_beside_what_is_usual_here() {
        // Former locks in seconds, the weight of a quarter of an hour, what is said.
        let cases: [(&[i64], i32, &str); 7] = [
            (&[60, 60, 60], 4, "15 × longer than usual"),
            (&[240, 240, 240], 2, "3 × longer than usual"),
            (&[600, 600, 600], 1, "1 × longer than usual"),
            (&[600, 900, 600], -2, "as is usual here"),
            (&[60, 60, 900], 0, "as is usual here"),
            (&[60, 60], 0, "as a run may take"),
            (&[0, 0, 0], 4, "900 × longer than usual"),
        ];
        for (former, weight, says) in cases {
            let known = Circumstances {
                habits: Some(habits(former)),
                ..nothing()
            };
            assert_eq!(
                weighed("OperationTypeApply", &known, says),
                weight,
                "{former:?}"
            );
        }
    }

    #[test]
    fn a_sign_says_who_told_of_the_former_locks() {
        let told = |sources: [Source; 3]| {
            let mut habits = habits(&[600, 600, 600]);
            for (hold, source) in habits.holds.iter_mut().zip(sources) {
                hold.source = source;
            }
            Circumstances {
                habits: Some(habits),
                ..nothing()
            }
        };
        let (version, journal) = (Source::Version, Source::Journal);
        for (sources, says) in [
            ([version; 3], "3 former locks, by old .tflock versions, the"),
            ([journal; 3], "3 former locks, by the journal, the"),
            (
                [version, journal, journal],
                "1 by old .tflock versions and 2 by the journal",
            ),
        ] {
            weighed("OperationTypeApply", &told(sources), says);
        }
    }
}
