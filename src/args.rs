//! What can be typed after `tfsos`: one command, one struct. These say only
//! what was typed; what it means is decided where it is used.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

mod journal;
mod place;
mod reads;
mod runbooks;
mod writes;

pub use journal::{
    Journal, JournalCommand, JournalExport, JournalList, JournalPurge, JournalVerify,
};
pub use place::{Named, PlaceArguments};
pub use reads::{
    Analyze, Check, Diff, FailOn, Failing, Locks, Program, Resources, Since, Versions,
};
pub use runbooks::{
    Runbooks, RunbooksCommand, RunbooksLint, RunbooksList, RunbooksNew, RunbooksSearch,
    RunbooksShow,
};
pub use writes::{
    Digest, Freeze, RawStore, Ready, Rebuild, Repair, Restore, Thaw, Unlock, Writing,
};

/// The incident console for Terraform and OpenTofu state.
///
/// Without a command it opens the console on the state of a directory.
#[derive(Debug, Parser)]
#[command(name = "tfsos", version, subcommand_precedence_over_arg = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub console: Console,
    /// Refuse every write for the whole run; `TFSOS_READ_ONLY=1` does the same
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Take up first the incident that another machine packed with tfsos journal export
    #[arg(long = "incident", value_name = "FILE", global = true)]
    pub taken_up: Option<PathBuf>,
}

impl Arguments {
    /// Whether bodies of versions may be kept on disk.
    pub fn keeps(&self) -> bool {
        let keeping = match &self.command {
            None | Some(Command::Demo(_)) => self.console.keeping,
            Some(Command::Versions(asked)) => asked.keeping,
            Some(Command::Diff(asked)) => asked.keeping,
            Some(Command::Check(asked)) => asked.keeping,
            Some(_) => return false,
        };
        keeping.cache
    }
}

/// The commands; each does headless what the console does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the console on a sandbox with a live incident in it
    Demo(Demo),
    /// Say what is wrong with a state, or with a state file, the worst first
    Check(Check),
    /// Say what logs hold: their trouble, calls, slow work and runs, and what to do next
    Analyze(Analyze),
    /// Show every lock of a state, who holds it, and whether it looks left behind
    Locks(Locks),
    /// Show the versions of a state, what each one holds and whether it would load
    Versions(Versions),
    /// Print the addresses of a version as terraform state list does
    Resources(Resources),
    /// Say what differs between two versions of a state, or between two state files
    Diff(Diff),
    /// Release a lock in every store that holds it
    Unlock(Unlock),
    /// Put an older version, or a file, back as the next one that Terraform accepts
    Restore(Restore),
    /// Save what can be saved of a damaged state file, as a copy that Terraform loads
    Repair(Repair),
    /// Write import blocks for what exists and the state has lost, and say what cannot be imported
    Rebuild(Rebuild),
    /// Say whether the stored digest is that of the state, why not, and make it so
    Digest(Digest),
    /// Say whether this place could be recovered tonight: each condition, and what to do about it
    Ready(Ready),
    /// Keep everybody out with a lock of our own
    Freeze(Freeze),
    /// Let go of a lock that tfsos took
    Thaw(Thaw),
    /// List, show, search, check or begin runbooks
    Runbooks(Runbooks),
    /// List, verify, pack or delete the journals of incidents
    Journal(Journal),
    /// Show every setting, its value and where that came from
    Config(Config),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page of tfsos or of one command
    Man(Man),
}

/// The console itself.
#[derive(Debug, Args)]
pub struct Console {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Follow this log too; `-` reads standard input
    #[arg(long = "log", value_name = "PATH")]
    pub logs: Vec<PathBuf>,
    /// dark, light, high-contrast, or the path of a theme file [default: dark]
    #[arg(long, value_name = "NAME|PATH")]
    pub theme: Option<String>,
    /// Start with names and ids hidden, for a shared screen
    #[arg(long)]
    pub share: bool,
    #[command(flatten)]
    pub keeping: Keeping,
    /// Write every event and effect by name to this file
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// What is kept of what was read.
#[derive(Debug, Clone, Copy, Args)]
pub struct Keeping {
    /// Keep the bodies of versions on disk, for this user alone, and read them from there
    #[arg(long)]
    pub cache: bool,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Another number gives other names and ids; the same number the same ones
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    pub asked: Option<ConfigCommand>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every setting with its source; what `tfsos config` alone does
    Show,
    /// Where the file lies, whether or not it is there
    Path,
    /// Everything that can be set, with its default
    Schema,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads it
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// The command whose page is wanted
    pub command: Option<String>,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// Print one JSON object, also on failure
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;
    use crate::log::Category;
    use crate::place::Environment;

    fn parse(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("tfsos").chain(words.split_whitespace()))
    }

    #[test]
    fn the_definitions_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_every_argument_says_what_it_is() {
        fn silent(command: &clap::Command, way: &str, found: &mut Vec<String>) {
            let way = format!("{way} {}", command.get_name());
            if command.get_about().is_none() {
                found.push(way.clone());
            }
            let arguments = command.get_arguments();
            let unsaid = arguments.filter(|one| one.get_help().is_none());
            found.extend(unsaid.map(|one| format!("{way} {}", one.get_id())));
            for below in command.get_subcommands() {
                silent(below, &way, found);
            }
        }
        let mut found = Vec::new();
        silent(&Arguments::command(), "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_directory_and_a_bucket_are_never_mixed() {
        let both = parse("dir --bucket b --key k").unwrap_err();
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
        assert_eq!(both.exit_code(), 2);
        assert_eq!(
            parse("--key k").unwrap_err().kind(),
            ErrorKind::MissingRequiredArgument
        );
        assert!(parse("--bucket b --key k --prefix p").is_err());
        assert!(parse("--bucket b --key k --lockfile").is_ok());
    }

    #[test]
    fn a_bucket_without_a_key_is_all_of_its_states() {
        let named = |words: &str| {
            let place = parse(words).unwrap().console.place;
            place.named(&Environment::default()).unwrap()
        };
        let Named::Bucket { root, prefix } = named("--bucket b --prefix prod/") else {
            panic!("no key was named");
        };
        assert_eq!((root.full_name(), prefix), ("b".into(), "prod/".into()));
        assert!(matches!(named("--bucket b --key k"), Named::Flags(_)));
        assert!(matches!(named("dir"), Named::Directory(_)));
    }

    #[test]
    fn a_name_that_equals_a_command_is_the_command() {
        assert!(parse("man").unwrap().command.is_some());
        let directory = parse("./man").unwrap();
        assert!(directory.command.is_none());
        assert_eq!(directory.console.place.directory, Some("./man".into()));
    }

    #[test]
    fn with_raw_the_only_word_of_unlock_is_the_directory() {
        let unlock = |words: &str| match parse(words).unwrap().command {
            Some(Command::Unlock(unlock)) => unlock,
            other => panic!("{other:?}"),
        };
        let plain = unlock("unlock a1b2 ./net");
        let (id, place) = plain.sorted().unwrap();
        assert_eq!((id, place.directory), (Some("a1b2"), Some("./net".into())));
        let raw = unlock("unlock --raw dynamodb ./net");
        let (id, place) = raw.sorted().unwrap();
        assert_eq!((id, place.directory), (None, Some("./net".into())));
        assert!(unlock("unlock --raw s3 a1b2 ./net").sorted().is_err());
        assert!(parse("unlock").is_err());
    }

    #[test]
    fn the_reference_comes_before_the_directory() {
        let resources = |words: &str| match parse(words).unwrap().command {
            Some(Command::Resources(asked)) => (asked.reference, asked.place.directory),
            other => panic!("{other:?}"),
        };
        assert_eq!(resources("resources"), ("current".into(), None));
        assert_eq!(
            resources("resources last-good ./net"),
            ("last-good".into(), Some("./net".into()))
        );
        assert!(parse("resources current dir --bucket b --key k").is_err());
    }

    #[test]
    fn two_references_come_before_the_directory() {
        let diff = |words: &str| match parse(words).unwrap().command {
            Some(Command::Diff(asked)) => (asked.before, asked.after, asked.place.directory),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            diff("diff previous current ./net"),
            ("previous".into(), "current".into(), Some("./net".into()))
        );
        assert_eq!(diff("diff ./a ../b"), ("./a".into(), "../b".into(), None));
        assert!(parse("diff current").is_err());
    }

    #[test]
    fn an_analysis_fails_on_categories_that_exist() {
        let fails_on = |words: &str| match parse(words).unwrap().command {
            Some(Command::Analyze(asked)) => asked.fail_on,
            other => panic!("{other:?}"),
        };
        assert_eq!(fails_on("analyze a.log"), []);
        assert_eq!(
            fails_on("analyze a.log - --fail-on auth,lock --fail-on digest"),
            [Category::Auth, Category::Lock, Category::Digest].map(Failing)
        );
        assert!(parse("analyze a.log --fail-on nonsense").is_err());
        assert!(parse("analyze").is_err());
        assert!(parse("analyze a.log --json --reveal").is_err());
    }

    #[test]
    fn tags_take_a_value_only_behind_an_equals_sign() {
        let tags = |words: &str| match parse(words).unwrap().command {
            Some(Command::Rebuild(asked)) => (asked.tags(), asked.place.directory),
            other => panic!("{other:?}"),
        };
        let named = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        assert_eq!(
            tags("rebuild --tags ./net"),
            (Ok(Some(Vec::new())), Some("./net".into()))
        );
        assert_eq!(
            tags("rebuild --tags=Team,Project=a=b").0,
            Ok(Some(vec![
                named("Team", None),
                named("Project", Some("a=b"))
            ]))
        );
        assert_eq!(tags("rebuild --from previous").0, Ok(None));
        assert!(tags("rebuild --tags==x").0.is_err());
        assert!(parse("rebuild ./net").is_err());
    }
}
