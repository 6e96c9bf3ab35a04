//! What the bytes of a state tell, by themselves and beside those before them.

use super::Proof;
use super::Seen::Scene;
use crate::analysis::Finding;
use crate::analysis::bodies::tests::{found, resource, state};

/// A state of so many instances.
pub fn instances(count: usize) -> String {
    let instances: Vec<_> = (0..count)
        .map(|key| format!(r#"{{"index_key":{key}}}"#))
        .collect();
    let instances = instances.join(",");
    state(
        1,
        "l",
        &format!(r#"{{"mode":"managed","type":"a","name":"x","instances":[{instances}]}}"#),
    )
}

/// A state of exactly so many bytes.
fn of_size(bytes: usize) -> String {
    let one = |text: &str| {
        state(
            1,
            "l",
            &resource("x", &format!(r#""attributes":{{"v":"{text}"}}"#)),
        )
    };
    one(&"x".repeat(bytes - one("").len()))
}

/// A state whose one resource has a text, after one of 600 bytes more.
fn thinner(less: usize) -> Vec<Finding> {
    let one = |serial, length: usize| {
        let text = format!(r#""attributes":{{"v":"{}"}}"#, "x".repeat(length));
        state(serial, "l", &resource("x", &text))
    };
    let before = one(1, 600);
    let half = before.len() / 2;
    let now = one(2, 600 + half - before.len() - less + before.len() % 2);
    found(&now, Some(&before))
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "state.dangling",
        fires: &[Scene(|| {
            let of = resource("x", r#""dependencies":["a.gone"]"#);
            found(&state(1, "l", &of), None)
        })],
        beside: &[],
        spares: &[Scene(|| {
            let of = resource("x", r#""dependencies":["a.y"]"#);
            found(&state(1, "l", &[of, resource("y", "")].join(",")), None)
        })],
    },
    Proof {
        id: "state.doubled",
        fires: &[Scene(|| {
            let keyed = |key| resource("x", &format!(r#""index_key":{key}"#));
            found(&state(1, "l", &[keyed(0), keyed(1)].join(",")), None)
        })],
        beside: &[],
        spares: &[Scene(|| found(&instances(2), None))],
    },
    Proof {
        id: "state.duplicate",
        fires: &[Scene(|| {
            let twice = [resource("x", ""), resource("x", "")].join(",");
            found(&state(1, "l", &twice), None)
        })],
        beside: &[],
        spares: &[
            Scene(|| {
                let two = [resource("x", ""), resource("y", "")].join(",");
                found(&state(1, "l", &two), None)
            }),
            // What is deposed stands beside what took its place.
            Scene(|| {
                found(
                    &state(
                        1,
                        "l",
                        r#"{"mode":"managed","type":"a","name":"x","instances":[{},{"deposed":"0a1b2c3d"}]}"#,
                    ),
                    None,
                )
            }),
        ],
    },
    Proof {
        id: "state.empty",
        fires: &[Scene(|| found("", None))],
        beside: &[],
        spares: &[
            Scene(|| found(&state(1, "l", ""), None)),
            Scene(|| found(" ", None)),
        ],
    },
    Proof {
        id: "state.encrypted",
        fires: &[Scene(|| {
            found(
                r#"{"serial":4,"lineage":"l","meta":{"key_provider.pbkdf2.a":"e30="},"encrypted_data":"AAAA","encryption_version":"v0"}"#,
                None,
            )
        })],
        beside: &[],
        spares: &[Scene(|| {
            found(
                &state(
                    1,
                    "l",
                    &resource(
                        "x",
                        r#""attributes":{"encryption_version":"v0","encrypted_data":"AAAA"}"#,
                    ),
                ),
                None,
            )
        })],
    },
    Proof {
        id: "state.large",
        fires: &[Scene(|| found(&of_size((5 << 20) + 1), None))],
        beside: &[],
        spares: &[Scene(|| found(&of_size(5 << 20), None))],
    },
    Proof {
        id: "state.lineage-changed",
        fires: &[Scene(|| {
            found(&state(5, "other", ""), Some(&state(4, "l", "")))
        })],
        beside: &[],
        spares: &[
            Scene(|| found(&state(5, "l", ""), Some(&state(4, "l", "")))),
            // What has no lineage at all belongs to nobody else.
            Scene(|| found(r#"{"version":4,"serial":5}"#, Some(&state(4, "l", "")))),
        ],
    },
    Proof {
        id: "state.many-resources",
        fires: &[Scene(|| found(&instances(1_001), None))],
        beside: &[],
        spares: &[Scene(|| found(&instances(1_000), None))],
    },
    Proof {
        id: "state.older-format",
        fires: &[Scene(|| {
            found(
                r#"{"version":3,"serial":4,"lineage":"l","modules":[]}"#,
                None,
            )
        })],
        beside: &[],
        spares: &[
            Scene(|| found(r#"{"version":5}"#, None)),
            Scene(|| found(&state(4, "l", ""), None)),
        ],
    },
    Proof {
        id: "state.refused",
        fires: &[
            Scene(|| found(r#"{"version":5}"#, None)),
            Scene(|| found(&state(1, "l", &resource("x", r#""status":"gone""#)), None)),
        ],
        beside: &[],
        spares: &[Scene(|| {
            found(
                &state(1, "l", &resource("x", r#""status":"tainted""#)),
                None,
            )
        })],
    },
    Proof {
        id: "state.serial-back",
        fires: &[
            Scene(|| found(&state(3, "l", ""), Some(&state(4, "l", "")))),
            Scene(|| found(&state(4, "l", &resource("x", "")), Some(&state(4, "l", "")))),
        ],
        beside: &[],
        spares: &[
            // The same bytes, stored twice.
            Scene(|| found(&state(4, "l", ""), Some(&state(4, "l", "")))),
            Scene(|| found(&state(1, "other", ""), Some(&state(4, "l", "")))),
        ],
    },
    Proof {
        id: "state.thinner",
        fires: &[Scene(|| thinner(1))],
        beside: &[],
        spares: &[
            Scene(|| thinner(0)),
            // Half of the bytes went with half of the resources.
            Scene(|| {
                let long = resource(
                    "x",
                    &format!(r#""attributes":{{"v":"{}"}}"#, "x".repeat(300)),
                );
                let before = state(1, "l", &[long, resource("y", "")].join(","));
                found(&state(2, "l", &resource("y", "")), Some(&before))
            }),
        ],
    },
    Proof {
        id: "state.unparsable",
        fires: &[Scene(|| found(&state(1, "l", "")[..40], None))],
        beside: &[],
        spares: &[
            Scene(|| found(&(state(1, "l", "") + "\n"), None)),
            Scene(|| found(r#"{"version":5}"#, None)),
        ],
    },
];
