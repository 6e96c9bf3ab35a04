//! The name of an incident, which is also the name of its folder:
//! `20261122T021407Z-tfb-net-terraform.tfstate`.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Long enough to tell places apart, short enough for every file system.
const PLACE_LENGTH: usize = 80;

/// Names an incident: a time and a place, in characters that are safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(String);

impl IncidentId {
    /// The name of an incident that begins now at this place.
    pub fn begun(at: Timestamp, place: &str) -> Self {
        let time = at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
        Self(format!("{time}-{}", safe(place)))
    }

    /// A name as a person gave it or a folder bears it; none where it could lead out of the folder of incidents.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty() && !text.starts_with('.') && text == safe_characters(text);
        plain.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The end of a place's name, which says most, in safe characters.
fn safe(place: &str) -> String {
    let safe = safe_characters(place);
    let start = safe.len().saturating_sub(PLACE_LENGTH);
    safe[start..].trim_start_matches(['-', '.']).to_owned()
}

fn safe_characters(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_named_by_its_time_and_place() {
        let at = "2026-11-22T02:14:07.9Z".parse().unwrap();
        let id = IncidentId::begun(at, "tfb/env:/prod/net.tfstate");
        assert_eq!(id.as_str(), "20261122T021407Z-tfb-env--prod-net.tfstate");
        assert_eq!(IncidentId::parse(id.as_str()), Some(id));
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        for text in ["", "..", "../x", "a/b", ".hidden", "a\0b", "a b"] {
            assert_eq!(IncidentId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_place_keeps_its_end() {
        let long = format!("/{}/net.tfstate", "é".repeat(500));
        let id = IncidentId::begun(Timestamp::UNIX_EPOCH, &long);
        assert!(id.as_str().len() < 120 && id.as_str().ends_with("-net.tfstate"));
    }
}
