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
}
