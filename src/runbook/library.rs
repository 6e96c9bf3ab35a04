//! The pages that come with the program, one file each under `assets/runbooks`.
//! Each is sound by lint, and says nothing that is known to be wrong.

use super::shelf::{Entry, Origin, Shelf, Source};

macro_rules! built_in {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../assets/runbooks/", $id, ".md")))),*]
    };
}

const BUILT_IN: &[(&str, &str)] = built_in![
    "alert-fatigue",
    "backend-changed",
    "compliance-drift",
    "database-performance",
    "dependencies",
    "dependency-cycle",
    "deprecation",
    "destructive-change",
    "digest-mismatch",
    "drift",
    "enable-logging",
    "errored-state",
    "event-flow",
    "exposed-database",
    "failed-apply",
    "failed-backups",
    "failed-rollout",
    "iam-audit",
    "large-topology",
    "log-retention",
    "missing-monitoring",
    "network-down",
    "pipeline-failed",
    "plan-stale",
    "provider-auth",
    "provider-crash",
    "provider-lock",
    "quota",
    "recovery-drill",
    "resource-exists",
    "right-size",
    "service-compatibility",
    "service-discovery",
    "slow-plan",
    "state-corrupt",
    "state-deleted",
    "state-growth",
    "state-lock",
    "state-rebuild",
    "state-repair",
    "state-secrets",
    "testing-gaps",
    "throttling",
    "timeout",
];

impl Shelf {
    /// The pages that come with the program.
    pub fn built_in() -> Self {
        let sources = BUILT_IN.iter().map(|(id, text)| Source {
            origin: Origin::BuiltIn,
            path: format!("{id}.md"),
            text: (*text).to_owned(),
        });
        Self::default().with(sources)
    }

    /// The text of the built-in page with this id.
    pub fn built_in_text(id: &str) -> Option<&'static str> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == id);
        found.map(|(_, text)| *text)
    }

    /// The text of an entry that came with the program.
    pub fn text_of(entry: &Entry) -> Option<&'static str> {
        let built_in = entry.origin == Origin::BuiltIn;
        built_in.then(|| Self::built_in_text(&entry.page.id))?
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::runbook::{Context, Lack, Manner, Placeholder, Step, fill, lint};

    #[test]
    fn every_file_of_the_folder_is_in_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/runbooks");
        let names = fs::read_dir(folder).unwrap().map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".md").map(str::to_owned)
        });
        let mut names: Vec<_> = names.flatten().collect();
        names.sort_unstable();
        let ids: Vec<_> = BUILT_IN.iter().map(|(id, _)| *id).collect();
        assert_eq!(names, ids);
    }

    #[test]
    fn every_built_in_page_is_a_page_of_its_name_without_a_problem() {
        let shelf = Shelf::built_in();
        assert_eq!(shelf.faults(), []);
        for (id, _) in BUILT_IN {
            assert!(shelf.find(id).is_some(), "{id}");
        }
        for entry in shelf.entries() {
            let problems: Vec<_> = lint(&entry.page, |id| shelf.find(id).is_some())
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(problems, Vec::<String>::new(), "{}", entry.path);
        }
    }

    #[test]
    fn no_built_in_page_repeats_what_is_known_to_be_wrong() {
        // Each is fatal, or does nothing, when a person follows it.
        let wrong = [
            "export TF_LOG_PATH_CORE",
            "export TF_LOG_PATH_PROVIDER",
            "TF_CRASH_LOG_PATH=",
            "refresh -refresh-only",
            "rm .terraform.lock.hcl",
            "rm -rf .terraform\n",
            "state push -force",
            "plan -generate-config-out",
            "AWS_SECRET_ACCESS_KEY=\"",
        ];
        for (id, text) in BUILT_IN {
            for words in wrong {
                assert!(!text.contains(words), "{id} says {words}");
            }
        }
    }

    #[test]
    fn the_errors_that_people_paste_lead_to_their_page() {
        let shelf = Shelf::built_in();
        let lead = |text: &str| {
            let hits = shelf.search(text);
            hits.first()
                .map(|hit| shelf.entries()[hit.index].page.id.clone())
        };
        let leads = [
            (
                "│ Error: Error acquiring the state lock\n│ \n│ Error message: operation error DynamoDB: PutItem, https response error\n│ StatusCode: 400, RequestID: X, ConditionalCheckFailedException: The conditional\n│ request failed",
                "state-lock",
            ),
            (
                "Error: Error acquiring the state lock\n\nError message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: X, HostID: Y, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold",
                "state-lock",
            ),
            (
                "Error: No valid credential sources found\n\nPlease see https://developer.hashicorp.com/terraform/language/backend/s3 for more information",
                "provider-auth",
            ),
            (
                "validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: X, api error ExpiredToken: The security token included in the request is expired",
                "provider-auth",
            ),
            (
                "Error: Plugin did not respond\n\nThe plugin encountered an error, and failed to respond to the plugin6.(*GRPCProvider).ReadResource call. The plugin logs may contain more details.",
                "provider-crash",
            ),
            (
                "Error: Cycle: terraform_data.b, terraform_data.a",
                "dependency-cycle",
            ),
            (
                "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.",
                "resource-exists",
            ),
            (
                "Error: Unsupported state file format\n\nThe state file could not be parsed as JSON: syntax error at byte offset 61203.",
                "state-corrupt",
            ),
            (
                "Error: Error acquiring the state lock\n\nError message: 2 problems:\n\n- Unsupported state file format: The state file could not be parsed as JSON: syntax\nerror at byte offset 1.",
                "state-corrupt",
            ),
            (
                "error loading state: state data in S3 does not have the expected content.\n\nThe checksum calculated for the state stored in S3 does not match the checksum stored in DynamoDB.",
                "digest-mismatch",
            ),
        ];
        for (text, id) in leads {
            assert_eq!(lead(text).as_deref(), Some(id), "{text}");
        }
    }

    #[test]
    fn no_command_of_a_built_in_page_puts_a_value_where_quoting_is_unsafe() {
        let mut hostile = Context::new();
        for placeholder in Placeholder::all() {
            hostile.set(placeholder, "'; rm -rf $(pwd) \u{1b}");
        }
        for entry in Shelf::built_in().entries() {
            for snippet in entry.page.steps.iter().flat_map(Step::copies) {
                let filled = snippet.fill(&hostile);
                assert_eq!(filled.lacks, Vec::<Lack>::new(), "{}", snippet.text);
            }
        }
        let prose = fill("{{lock.id}}", &hostile, Manner::Prose)
            .whole()
            .unwrap();
        assert!(!prose.contains('\u{1b}'));
    }

    /// Messages as a terminal shows them, and the page that leads on.
    const MESSAGES: [(&str, &str); 26] = [
        (
            "│ Error: Error acquiring the state lock\n│ \n│ Error message: operation error DynamoDB: PutItem, https response error\n│ StatusCode: 400, RequestID: X, ConditionalCheckFailedException: The\n│ conditional request failed",
            "state-lock",
        ),
        (
            "Error message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: X, HostID: Y, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold",
            "state-lock",
        ),
        (
            "Failed to unlock state: lock ID \"zzz\" does not match existing lock (\"1111\")",
            "state-lock",
        ),
        (
            "Error: error loading state: state data in S3 does not have the expected content.\n\nThe checksum calculated for the state stored in S3 does not match the checksum\nstored in DynamoDB.",
            "digest-mismatch",
        ),
        (
            "[WARN]  backend-s3: failed to record state serial in dynamodb: failed to put item",
            "digest-mismatch",
        ),
        (
            "Error: Unsupported state file format\n\nThe state file could not be parsed as JSON: syntax error at byte offset 61203.",
            "state-corrupt",
        ),
        (
            "Error: No valid credential sources found\n\nPlease see https://developer.hashicorp.com/terraform/language/backend/s3",
            "provider-auth",
        ),
        (
            "validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: X, api error ExpiredToken: The security token included in the request is expired",
            "provider-auth",
        ),
        (
            "api error AccessDenied: User: arn:aws:sts::1:assumed-role/ci/job is not authorized to perform: iam:CreateRole on resource: role/app",
            "provider-auth",
        ),
        (
            "Error: Cycle: terraform_data.b, terraform_data.a",
            "dependency-cycle",
        ),
        (
            "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.",
            "resource-exists",
        ),
        (
            "Error: Plugin did not respond\n\nThe plugin encountered an error, and failed to respond to the\nplugin6.(*GRPCProvider).ReadResource call. The plugin logs may contain more\ndetails.",
            "provider-crash",
        ),
        (
            "operation error S3: ListObjectsV2, exceeded maximum number of attempts, 5, https response error StatusCode: 503, RequestID: X, HostID: Y, api error SlowDown: Please reduce your request rate.",
            "throttling",
        ),
        (
            "Error: waiting for RDS DB Instance (main) create: timeout while waiting for state to become 'available' (last state: 'creating', timeout: 40m0s)",
            "timeout",
        ),
        (
            "Error: Backend initialization required: please run \"terraform init\"\n\nReason: Backend configuration block has changed",
            "backend-changed",
        ),
        (
            "Error: Inconsistent dependency lock file\n\nThe following dependency selections recorded in the lock file are\ninconsistent with the current configuration:",
            "provider-lock",
        ),
        (
            "Error: Failed to install provider\n\nError while installing example.com/acme/brittle v1.2.3: the local package for\nexample.com/acme/brittle 1.2.3 doesn't match any of the checksums previously\nrecorded in the dependency lock file",
            "provider-lock",
        ),
        (
            "╷\n│ Error: Saved plan is stale\n│ \n│ The given plan file can no longer be applied because the state was changed\n│ by another operation after the plan was created.\n╵",
            "plan-stale",
        ),
        (
            "Error: Provider produced inconsistent result after apply\n\nWhen applying changes to brittle_thing.a, provider",
            "plan-stale",
        ),
        (
            "Error: Failed to persist state to backend\n\nthe state has been written to the file \"errored.tfstate\" in the current working\ndirectory.",
            "errored-state",
        ),
        (
            "api error VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
            "quota",
        ),
        (
            "request send failed, Post \"https://dynamodb.eu-west-1.amazonaws.com/\": dial tcp: lookup dynamodb.eu-west-1.amazonaws.com on 127.0.0.53:53: no such host",
            "network-down",
        ),
        (
            "S3 bucket \"nobucket\" does not exist.\n\nThe referenced S3 bucket must have been previously created.",
            "network-down",
        ),
        (
            "Two interrupts received. Exiting immediately. Note that data loss may have\noccurred.\n\n\nError: operation canceled",
            "pipeline-failed",
        ),
        ("make: *** [Makefile:3: plan] Error 141", "pipeline-failed"),
        (
            "Warning: Deprecated Parameter\n\nThe parameter \"dynamodb_table\" is deprecated. Use parameter \"use_lockfile\"\ninstead.",
            "deprecation",
        ),
    ];

    #[test]
    fn a_pasted_message_finds_its_page_first() {
        let shelf = Shelf::built_in();
        let missed: Vec<_> = MESSAGES
            .iter()
            .filter_map(|(message, page)| {
                let hits = shelf.search(message);
                let first = hits
                    .first()
                    .map(|hit| shelf.entries()[hit.index].page.id.clone());
                (first.as_deref() != Some(*page)).then_some((*page, first, *message))
            })
            .collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }
}
