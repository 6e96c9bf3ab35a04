//! What the bytes of a state are.
//!
//! What Terraform would accept is `Whole`, what it would refuse is `Damaged`;
//! nothing is ever invented: each instance is a span of the text.

use std::sync::Arc;

use super::reader;
use super::snapshot::{Header, Snapshot};
use super::validity::Damage;

/// What the bytes of a state turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Terraform would load it.
    Whole(Snapshot),
    /// No bytes at all, which Terraform takes for "no state": it would plan to create everything.
    Empty,
    /// An OpenTofu envelope: only the serial and the lineage can be read without the key.
    Encrypted(Header),
    /// Formats 1 to 3, which Terraform upgrades in memory when it loads them.
    Older(Header),
    /// Terraform would refuse it; the snapshot holds the instances that stood whole.
    Damaged {
        damage: Damage,
        /// What else it would be refused for, in the order of the text; the first ones of very many.
        more: Vec<Damage>,
        salvaged: Snapshot,
    },
}

impl Reading {
    /// Reads any bytes.
    pub fn of(text: impl Into<Arc<[u8]>>) -> Self {
        let text = text.into();
        if text.is_empty() {
            return Self::Empty;
        }
        reader::read(text)
    }

    /// What the state says about itself, as far as it could be read.
    pub fn header(&self) -> Option<&Header> {
        match self {
            Self::Whole(snapshot)
            | Self::Damaged {
                salvaged: snapshot, ..
            } => Some(snapshot.header()),
            Self::Encrypted(header) | Self::Older(header) => Some(header),
            Self::Empty => None,
        }
    }

    /// The resources that can be shown: all of a whole state, the salvaged ones of a damaged one.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Whole(snapshot)
            | Self::Damaged {
                salvaged: snapshot, ..
            } => Some(snapshot),
            Self::Empty | Self::Encrypted(_) | Self::Older(_) => None,
        }
    }

    /// What it says of the text, where each of its resources is kept elsewhere.
    pub(super) fn without_objects(mut self) -> Self {
        if let Self::Whole(snapshot)
        | Self::Damaged {
            salvaged: snapshot, ..
        } = &mut self
        {
            (snapshot.resources, snapshot.instances, snapshot.listed) = Default::default();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Refusal, Sensitivity, Serial, Status};

    const AWKWARD: &[u8] = include_bytes!("../../tests/fixtures/state/awkward.tfstate");
    const LISTED: &str = include_str!("../../tests/fixtures/state/awkward.list");

    fn whole(text: &str) -> Snapshot {
        match Reading::of(text.as_bytes()) {
            Reading::Whole(snapshot) => snapshot,
            other => panic!("not whole: {other:?}"),
        }
    }

    fn refusal(text: &str) -> String {
        match Reading::of(text.as_bytes()) {
            Reading::Damaged { damage, .. } => damage.to_string(),
            other => panic!("not damaged: {other:?}"),
        }
    }

    fn addresses(snapshot: &Snapshot) -> Vec<String> {
        let listed = snapshot.listed().iter();
        listed
            .filter_map(|no| Some(snapshot.address(*no)?.to_string()))
            .collect()
    }

    fn with_instances(instances: &str) -> String {
        format!(
            r#"{{"version":4,"resources":[{{"mode":"managed","type":"a","name":"b","provider":"p","instances":[{instances}]}}]}}"#
        )
    }

    #[test]
    fn addresses_are_those_of_terraform_state_list() {
        let Reading::Whole(snapshot) = Reading::of(AWKWARD) else {
            panic!("the state that Terraform wrote is whole");
        };
        assert_eq!(addresses(&snapshot), LISTED.lines().collect::<Vec<_>>());
        assert_eq!(snapshot.header().serial, Some(Serial(68)));
        assert_eq!(snapshot.outputs()[0].sensitivity, Sensitivity::Sensitive);
        assert_eq!(snapshot.outputs()[1].sensitivity, Sensitivity::Open);
        assert_eq!(&**snapshot.text(), AWKWARD);
    }

    #[test]
    fn a_state_cut_at_any_byte_keeps_only_what_stood_whole() {
        let full = whole(std::str::from_utf8(AWKWARD).unwrap());
        let spans: Vec<_> = full
            .instances()
            .map(|(_, instance)| instance.span)
            .collect();
        let last = AWKWARD.trim_ascii_end().len();
        for end in (1..last).step_by(97).chain(last - 40..last) {
            let Reading::Damaged {
                damage, salvaged, ..
            } = Reading::of(&AWKWARD[..end])
            else {
                panic!("a cut state is damaged, at {end}");
            };
            assert!(damage.is_cut(), "at {end}: {damage}");
            assert_eq!(damage.place.offset, end);
            let expected = spans.iter().take_while(|span| span.end <= end);
            let kept = salvaged.instances().map(|(_, instance)| instance.span);
            assert!(kept.eq(expected.copied()), "at {end}");
        }
    }

    #[test]
    fn a_damaged_byte_anywhere_is_survived() {
        for at in (0..AWKWARD.len()).step_by(251) {
            for byte in [0, b'"', b'{', b']', 0xFF] {
                let mut text = AWKWARD.to_vec();
                text[at] = byte;
                if let Some(snapshot) = Reading::of(text).snapshot() {
                    assert!(snapshot.listed().len() <= LISTED.lines().count());
                }
            }
        }
    }

    #[test]
    fn no_bytes_are_no_state() {
        assert_eq!(Reading::of(&b""[..]), Reading::Empty);
        assert_eq!(
            refusal(" \n"),
            "it holds nothing but white space, at byte 2 of 2 (line 2, column 1)"
        );
    }

    #[test]
    fn what_terraform_refuses_is_said_in_a_sentence() {
        for (text, sentence) in [
            (
                "null",
                "it has no version field, so it is no Terraform state",
            ),
            ("{}", "it has no version field, so it is no Terraform state"),
            (
                "[]",
                "its version is a list instead of a positive whole number, at byte 1 of 2 (line 1, column 1)",
            ),
            (
                r#"{"version":"4"}"#,
                "its version is a string instead of a positive whole number, at byte 12 of 15 (line 1, column 12)",
            ),
            (
                r#"{"version":-1}"#,
                "its version is a number instead of a positive whole number, at byte 12 of 14 (line 1, column 12)",
            ),
            (
                r#"{"version":0}"#,
                "its version is zero, a format that never existed, at byte 12 of 13 (line 1, column 12)",
            ),
            (
                r#"{"version":5,"terraform_version":"9.9.9"}"#,
                "it uses format version 5, which no known Terraform writes (it says it was written by 9.9.9), at byte 12 of 41 (line 1, column 12)",
            ),
            (
                r#"{"version":4,"serial":"x"}"#,
                "its field serial is a string, at byte 23 of 26 (line 1, column 23)",
            ),
            (
                r#"{"version":4,"terraform_version":"new"}"#,
                "its terraform_version is no version number, at byte 34 of 39 (line 1, column 34)",
            ),
            (
                "\u{feff}{}",
                "it begins with a byte order mark, at byte 1 of 5 (line 1, column 1)",
            ),
            (
                "<<<<<<< HEAD",
                "it holds a merge conflict or a page instead of JSON, at byte 1 of 12 (line 1, column 1)",
            ),
            (
                "{\"version\":4,\0\0",
                "it holds zero bytes (NUL), at byte 14 of 15 (line 1, column 14)",
            ),
        ] {
            assert_eq!(refusal(text), sentence, "{text}");
        }
    }

    #[test]
    fn what_was_never_meant_to_be_json_is_told_for_what_it_is() {
        let wide: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (text, sentence) in [
            (
                [&[0xFF, 0xFE][..], &wide].concat(),
                "it is written in UTF-16",
            ),
            (
                b"tfstate\x02\xff".to_vec(),
                "it is in the binary format of Terraform 0.6",
            ),
        ] {
            let Reading::Damaged { damage, more, .. } = Reading::of(text) else {
                panic!("neither is a state");
            };
            assert!(damage.to_string().starts_with(sentence), "{damage}");
            assert_eq!(more, []);
        }
    }

    #[test]
    fn a_version_of_another_shape_is_not_said_to_be_missing() {
        for text in [
            r#"{"version":"4"}"#,
            r#"{"version":-1}"#,
            r#"{"version":[4]}"#,
            "[]",
        ] {
            let Reading::Damaged { more, .. } = Reading::of(text.as_bytes()) else {
                panic!("it is refused: {text}");
            };
            assert_eq!(more, [], "{text}");
        }
    }

    #[test]
    fn an_instance_that_terraform_refuses_is_named() {
        assert!(
            refusal(&with_instances(r#"{"status":"gone"}"#))
                .starts_with("an instance has a status")
        );
        assert!(
            refusal(&with_instances(r#"{"index_key":true}"#)).starts_with("an instance has a key")
        );
        assert!(refusal(&with_instances(r#"{"deposed":"123"}"#)).starts_with("a deposed object"));
        assert!(
            refusal(&with_instances(r#"{"index_key":1},{"index_key":1}"#))
                .starts_with("it holds a.b[1] twice")
        );
        assert!(
            refusal(r#"{"version":4,"resources":[{"mode":"other","type":"a","name":"b"}]}"#)
                .starts_with("a resource has a mode")
        );
        assert!(
            refusal(r#"{"version":4,"resources":[{"mode":"data"}]}"#)
                .starts_with("a resource does not say")
        );
    }

    #[test]
    fn everything_that_terraform_refuses_is_named_and_not_only_the_first() {
        let text = with_instances(
            r#"{"index_key":1,"status":"gone"},{"index_key":1},{"index_key":1},{"index_key":2},{"index_key":2}"#,
        );
        let Reading::Damaged { damage, more, .. } = Reading::of(text.as_bytes()) else {
            panic!("an instance is there twice");
        };
        assert_eq!(damage.refusal, Refusal::Status);
        let twice = |key| Refusal::Duplicate(format!("a.b[{key}]"));
        let refusals: Vec<Refusal> = more.into_iter().map(|damage| damage.refusal).collect();
        assert_eq!(refusals, [twice(1), twice(1), twice(2)]);
    }

    #[test]
    fn deposed_and_tainted_objects_are_known_and_listed_once() {
        let state = whole(&with_instances(
            r#"{"status":"tainted"},{"deposed":"1a2b3c4d"}"#,
        ));
        assert_eq!(addresses(&state), ["a.b"]);
        let (no, deposed) = state.instances().nth(1).unwrap();
        assert_eq!(deposed.deposed.as_deref(), Some("1a2b3c4d"));
        assert_eq!(state.name(no).unwrap(), "a.b (deposed object 1a2b3c4d)");
        assert_eq!(state.instances().next().unwrap().1.status, Status::Tainted);
    }

    #[test]
    fn older_formats_and_envelopes_are_recognized() {
        let older = Reading::of(&br#"{"version":3,"serial":7,"lineage":"l","modules":[]}"#[..]);
        assert!(matches!(&older, Reading::Older(header) if header.format == Some(3)));
        let sealed = br#"{"serial":9,"lineage":"l","meta":{},"encrypted_data":"eA==","encryption_version":"v0"}"#;
        let Reading::Encrypted(header) = Reading::of(&sealed[..]) else {
            panic!("an envelope is recognized");
        };
        assert_eq!(
            (header.serial, header.lineage.as_deref()),
            (Some(Serial(9)), Some("l"))
        );
    }

    #[test]
    fn a_newer_terraform_and_unknown_fields_are_no_reason_to_refuse() {
        let state = whole(
            r#"{"version":4,"terraform_version":"9.9.9","serial":18446744073709551615,"new":{"x":[1]},"check_results":null}"#,
        );
        assert_eq!(state.header().serial, Some(Serial(u64::MAX)));
    }

    #[test]
    fn nothing_printed_for_debugging_holds_the_text() {
        let text = r#"{"version":4,"outputs":{"o":{"value":"hunter2"}},"oops"#;
        assert!(!format!("{:?}", Reading::of(text.as_bytes())).contains("hunter2"));
    }
}
