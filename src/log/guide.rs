//! How to turn logging on, as data: what an empty log pane shows, and what its
//! copy key gives. Only variables that exist are named.

use super::level::Level;

/// Where a command is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    PowerShell,
}

/// One way to turn logging on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    pub shell: Shell,
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// Ready to paste.
    pub commands: &'static str,
}

/// The ways, the usual one first.
pub const RECIPES: [Recipe; 6] = [
    Recipe {
        shell: Shell::Bash,
        purpose: "log the next run to a file",
        commands: "export TF_LOG=DEBUG TF_LOG_PATH=./terraform.log",
    },
    Recipe {
        shell: Shell::Bash,
        purpose: "everything of the provider, little of the core",
        commands: "unset TF_LOG; export TF_LOG_CORE=INFO TF_LOG_PROVIDER=TRACE TF_LOG_PATH=./terraform.log",
    },
    Recipe {
        shell: Shell::Bash,
        purpose: "off again",
        commands: "unset TF_LOG TF_LOG_CORE TF_LOG_PROVIDER TF_LOG_PATH",
    },
    Recipe {
        shell: Shell::PowerShell,
        purpose: "log the next run to a file",
        commands: "$env:TF_LOG = \"DEBUG\"; $env:TF_LOG_PATH = \".\\terraform.log\"",
    },
    Recipe {
        shell: Shell::PowerShell,
        purpose: "everything of the provider, little of the core",
        commands: "$env:TF_LOG = $null; $env:TF_LOG_CORE = \"INFO\"; $env:TF_LOG_PROVIDER = \"TRACE\"; $env:TF_LOG_PATH = \".\\terraform.log\"",
    },
    Recipe {
        shell: Shell::PowerShell,
        purpose: "off again",
        commands: "$env:TF_LOG = $env:TF_LOG_CORE = $env:TF_LOG_PROVIDER = $env:TF_LOG_PATH = $null",
    },
];

/// What each level costs, from the cheapest. The sizes are of an apply without
/// a provider's own lines, which at DEBUG hold every API call with its body.
pub const COSTS: [(Level, &str); 5] = [
    (Level::Error, "only what failed, not why"),
    (Level::Warn, "adds warnings, hardly a line more"),
    (
        Level::Info,
        "about 100 bytes a resource: which step runs when",
    ),
    (
        Level::Debug,
        "about 1.5 KB a resource, and every API call with its body",
    ),
    (
        Level::Trace,
        "about 10 times DEBUG, and slower: the walk of the graph",
    ),
];

/// What else a person should know.
pub const NOTES: [&str; 5] = [
    "TF_LOG=JSON is TRACE as one JSON object a line, a quarter larger",
    "TF_LOG_PATH appends: several runs share the file",
    "TF_LOG_PATH without a level writes an empty file",
    "TF_LOG_CORE counts only while TF_LOG is unset",
    "there is no TF_LOG_PATH_CORE and no TF_LOG_PATH_PROVIDER",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shells_can_do_the_same() {
        let purposes = |shell| {
            let of_shell = RECIPES.iter().filter(move |recipe| recipe.shell == shell);
            of_shell.map(|recipe| recipe.purpose).collect::<Vec<_>>()
        };
        assert_eq!(purposes(Shell::Bash), purposes(Shell::PowerShell));
    }

    #[test]
    fn every_level_has_its_cost() {
        let mut levels = COSTS.map(|(level, _)| level);
        levels.sort();
        assert_eq!(levels, Level::ALL);
    }

    #[test]
    fn no_recipe_uses_a_variable_that_does_not_exist() {
        for recipe in RECIPES {
            assert!(!recipe.commands.contains("TF_LOG_PATH_"));
        }
    }
}
