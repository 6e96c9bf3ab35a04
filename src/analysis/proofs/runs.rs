//! What became of runs and of the programs that they started.

use super::Seen::{Log, Scene, Text};
use super::logs::{failed, named};
use super::{Proof, log, plans};
use crate::analysis::logs::tests::runs::{HALTED, OTHER_STATE, STALE, TWICE, plan, refresh};
use crate::analysis::logs::tests::texts::*;
use crate::analysis::logs::tests::{CRASH, CRASH_OUTPUT, DIGEST, HEALTHY, found};

pub fn crashed(last: &str) -> String {
    log(
        "DEBUG",
        &format!("provider.terraform-provider-aws_v5.50.0_x5: {last}"),
    )
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "provider.crash",
        fires: &[Log(CRASH)],
        beside: &[],
        spares: &[
            Text(|| crashed("[DEBUG] recovered from panic: nothing was lost")),
            Text(|| named("panic")),
            Log(HALTED),
        ],
    },
    Proof {
        id: "provider.gone",
        fires: &[Text(|| {
            failed(
                "Plugin did not respond\n\nThe plugin encountered an error, and failed to respond to the\nplugin6.(*GRPCProvider).ReadResource call. The plugin logs may contain more\ndetails.",
            )
        })],
        beside: &[],
        spares: &[
            Log(CRASH),
            Text(|| failed("rpc error: code = Canceled desc = context canceled")),
        ],
    },
    Proof {
        id: "provider.inconsistent",
        fires: &[Log(INCONSISTENT)],
        beside: &[],
        spares: &[
            Text(|| {
                log(
                    "WARN",
                    " Provider \"x\" produced an unexpected new value, but we are tolerating it",
                )
            }),
            Log(PRECONDITION),
        ],
    },
    Proof {
        id: "provider.killed",
        fires: &[Text(|| {
            log(
                "ERROR",
                "plugin process exited: plugin=.terraform/providers/registry.terraform.io/hashicorp/aws/5.50.0/linux_amd64/terraform-provider-aws_v5.50.0_x5 id=7 error=\"signal: killed\"",
            )
        })],
        beside: &[],
        spares: &[Log(HALTED), Log(CRASH)],
    },
    Proof {
        id: "provider.not-started",
        fires: &[Log(
            "\nError: Failed to load plugin schemas\n\nError while loading schemas for plugin components: Failed to obtain provider\nschema: Could not load the schema for provider\nexample.com/acme/brittle: failed to instantiate provider\n\"example.com/acme/brittle\" to obtain schema: Unrecognized remote plugin\nmessage:\n",
        )],
        beside: &[],
        spares: &[Log(NOT_CACHED), Log(CRASH)],
    },
    Proof {
        id: "providers.checksum",
        fires: &[Log(CHECKSUM)],
        beside: &[],
        spares: &[Log(NOT_CACHED), Log(DIGEST)],
    },
    Proof {
        id: "providers.lock-file",
        fires: &[Log(NOT_SELECTED)],
        beside: &[],
        spares: &[Log(CHECKSUM), Log(BLOCK_CHANGED)],
    },
    Proof {
        id: "providers.missing",
        fires: &[Log(NOT_CACHED)],
        beside: &[],
        spares: &[
            Log(NOT_SELECTED),
            Log(
                "\nWarning: Provider development overrides are in effect\n\nThe following provider development overrides are set in the CLI configuration:\n - example.com/acme/brittle in /tmp\n",
            ),
        ],
    },
    Proof {
        id: "providers.not-fetched",
        fires: &[Log(NO_RELEASE)],
        beside: &[],
        spares: &[Log(NOT_CACHED), Log(UNREACHABLE)],
    },
    Proof {
        id: "run.broken-pipe",
        fires: &[
            Log("make: *** [Makefile:3: plan] Error 141\n"),
            Text(|| plan("")),
        ],
        beside: &[],
        spares: &[
            Log("make: *** [Makefile:3: plan] Error 1\n"),
            Log("make: *** [Makefile:3: plan] Error 1410\n"),
            Log("##[error]Process completed with exit code 14.\n"),
            Text(|| {
                plan(&log(
                    "TRACE",
                    "statemgr.Filesystem: unlocking terraform.tfstate using fcntl flock",
                ))
            }),
            Log(HEALTHY[0]),
        ],
    },
    Proof {
        id: "run.interrupted",
        fires: &[Log(HALTED)],
        beside: &[],
        spares: &[Log(TWICE), Log(PROVISIONER)],
    },
    Proof {
        id: "run.interrupted-twice",
        fires: &[Log(TWICE)],
        beside: &[],
        spares: &[Log(HALTED), Log(PROVISIONER)],
    },
    Proof {
        id: "run.slow-plan",
        fires: &[Text(|| {
            refresh("00:00", "refresh_start", "aws_instance.web")
                + &refresh("01:00", "refresh_complete", "aws_instance.web")
        })],
        beside: &[],
        spares: &[
            Text(|| {
                refresh("00:00", "refresh_start", "aws_instance.web")
                    + &refresh("00:59", "refresh_complete", "aws_instance.web")
            }),
            Log(HEALTHY[1]),
        ],
    },
    Proof {
        id: "terraform.crash",
        fires: &[Log(
            "!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!\n\nTerraform crashed! This is always indicative of a bug within Terraform.\n\n!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!\n\npanic: runtime error: invalid memory address or nil pointer dereference\n",
        )],
        beside: &[],
        spares: &[Log(CRASH), Log(CRASH_OUTPUT)],
    },
    Proof {
        id: "plan.other-state",
        fires: &[Log(OTHER_STATE), Scene(plans::of_another_state)],
        beside: &[],
        spares: &[Log(STALE), Scene(plans::of_the_first_plan)],
    },
    Proof {
        id: "plan.stale",
        fires: &[Log(STALE), Scene(plans::of_an_older_serial)],
        beside: &[],
        spares: &[
            Log(PROVISIONER),
            Log(PRECONDITION),
            Scene(plans::of_the_same_serial),
        ],
    },
];

#[test]
fn a_missing_registry_is_named_with_the_network_that_it_is_behind() {
    let ids: Vec<_> = found(NO_REGISTRY).iter().map(|one| one.id).collect();
    assert_eq!(ids, ["network.unreachable", "providers.not-fetched"]);
}
