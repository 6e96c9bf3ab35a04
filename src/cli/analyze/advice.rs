//! What to do about each kind of trouble, and what is remarkable about how the
//! logs themselves were made.

use crate::app::text::size;
use crate::io::follow::Room;
use crate::log::Category;
use crate::place::Environment;

/// What to do next about a category, in one sentence.
pub fn sentence(category: Category) -> &'static str {
    match category {
        Category::ProviderCrash => {
            "a provider or Terraform itself crashed: keep this log for the report upstream, then run with the version before"
        }
        Category::SwallowedDigestWrite => {
            "the state was written and its digest was not: the next run will refuse it; the state is right, so do not restore an older one"
        }
        Category::Digest => {
            "the stored digest is not known or not that of the state: find out which of the two is older before anything is written"
        }
        Category::StateCorruption => {
            "a state could not be loaded or saved: keep errored.tfstate where there is one, and restore the last good version"
        }
        Category::Cycle => {
            "the configuration depends on itself: terraform graph -draw-cycles shows where"
        }
        Category::Throttling => {
            "a service refuses by rate: the calls above say which; run with a lower -parallelism, away from other jobs of the account"
        }
        Category::Auth => {
            "credentials are missing, expired or not allowed to: the first example says which"
        }
        Category::Quota => {
            "a limit of the account is reached: a repeat will not help; raise it, or remove what is unused"
        }
        Category::Lock => {
            "somebody holds the state's lock or left it behind: find out who before it is released"
        }
        Category::Timeout => {
            "what was waited for did not come: look at the resource itself before the next run"
        }
        Category::Backend => {
            "the directory does not fit its backend or its providers: read the reason, then terraform init, with -upgrade only on purpose"
        }
        Category::ResourceError => {
            "a resource was refused: the first example names it and says why"
        }
        Category::ApiError => "a service refused a request: its code in the first example says why",
        Category::Deprecation => {
            "it works today and not for ever: plan the change after the incident"
        }
    }
}

/// Variables that many texts name and that Terraform does not know.
const UNKNOWN_VARIABLES: [&str; 2] = ["TF_LOG_PATH_CORE", "TF_LOG_PATH_PROVIDER"];

/// What the environment promises and Terraform does not keep.
pub fn of_environment(environment: &Environment) -> Vec<String> {
    let set = UNKNOWN_VARIABLES
        .into_iter()
        .filter(|name| environment.value(name).is_some());
    set.map(|name| {
        format!("{name} is set, and Terraform knows no such variable: one TF_LOG_PATH holds core and providers")
    })
    .collect()
}

/// How much room a disk should keep at least.
const LEAST_ROOM: u64 = 1_000_000_000;

/// Whether a log at TRACE fills its disk: another one of its length must fit.
pub fn of_room(name: &str, traces: u64, room: Room) -> Option<String> {
    let narrow = room.free < room.length.max(LEAST_ROOM);
    (traces > 0 && narrow).then(|| {
        format!(
            "{name} is written at TRACE, is {} long, and its disk has {} left: TF_LOG=DEBUG keeps the calls and is far smaller",
            size(room.length),
            size(room.free)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_does_not_fit_twice_is_remarked() {
        let room = |length, free| Room { length, free };
        assert!(of_room("a", 1, room(5_000_000_000, 4_000_000_000)).is_some());
        assert!(of_room("a", 1, room(5_000, 900_000_000)).is_some());
        assert!(of_room("a", 1, room(5_000, 2_000_000_000)).is_none());
        assert!(of_room("a", 0, room(5_000_000_000, 0)).is_none());
    }

    #[test]
    fn a_variable_that_does_not_exist_is_remarked_where_it_is_set() {
        let environment = Environment::default().with("TF_LOG_PATH_CORE", "/tmp/x");
        assert_eq!(of_environment(&environment).len(), 1);
        assert!(of_environment(&Environment::default().with("TF_LOG_PATH", "x")).is_empty());
    }
}
