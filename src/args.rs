//! What can be typed after `tfsos`: one command, one struct. These say only
//! what was typed; what it means is decided where it is used.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::log::Category;
use crate::place::{Environment, Flags, Lockfile, Place};
use crate::recovery::by_hand;

mod journal;
mod runbooks;
mod writes;

pub use journal::{
    Journal, JournalCommand, JournalExport, JournalList, JournalPurge, JournalVerify,
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

/// Where the state lives: a directory, or a bucket and a key. Never both.
#[derive(Debug, Clone, Args)]
pub struct PlaceArguments {
    /// The Terraform directory [default: .]
    #[arg(value_name = "DIR", conflicts_with = "bucket")]
    pub directory: Option<PathBuf>,
    /// The bucket, where there is no directory
    #[arg(long, help_heading = "Place")]
    pub bucket: Option<String>,
    /// The key, as in the backend block
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub key: Option<String>,
    /// Every state whose key begins so, where no key is named
    #[arg(
        long,
        requires = "bucket",
        conflicts_with = "key",
        help_heading = "Place"
    )]
    pub prefix: Option<String>,
    /// The region; else `AWS_REGION` or `AWS_DEFAULT_REGION`, as Terraform reads them
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub region: Option<String>,
    /// The AWS profile, and no other credentials
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub profile: Option<String>,
    /// One endpoint for S3, DynamoDB, STS and the tagging service
    #[arg(long, value_name = "URL", requires = "bucket", help_heading = "Place")]
    pub endpoint_url: Option<String>,
    /// The DynamoDB table of locks and digests
    #[arg(
        long,
        value_name = "TABLE",
        requires = "bucket",
        help_heading = "Place"
    )]
    pub lock_table: Option<String>,
    /// Look for the `.tflock` object beside the state
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub lockfile: bool,
    /// The workspace [default: `TF_WORKSPACE`, else default]
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub workspace: Option<String>,
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

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Say also what is wrong by this log, in its latest run; can be repeated, `-` reads standard input
    #[arg(long = "log", value_name = "PATH", conflicts_with = "all")]
    pub logs: Vec<PathBuf>,
    /// Say also what is wrong with this plan, before it is applied: a saved plan, what `terraform show -json` prints of it, or the events of `terraform plan -json`
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub plan: Option<PathBuf>,
    /// The least severity that makes the exit status 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub fail_on: FailOn,
    /// Check every state of the same bucket
    #[arg(long)]
    pub all: bool,
    /// Print Markdown for a ticket
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Give advice on what the state holds, too: open ports, databases without backups, secrets in clear
    #[arg(long)]
    pub lint: bool,
    /// Run this, without a shell, where something as bad as --fail-on was found: the object of --json on its standard input, `TFSOS_FINDING` and `TFSOS_SEVERITY` of the worst in its environment, 30 s to end
    #[arg(long, value_name = "COMMAND", value_parser = Program::parse)]
    pub notify_command: Option<Program>,
    /// Write what was measured to this file, as OpenMetrics text: size, resources, serial, lock age, digest, versions, findings
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    #[command(flatten)]
    pub keeping: Keeping,
    #[command(flatten)]
    pub output: Output,
}

/// A program and its arguments, as one line of words: quotes and backslashes
/// count as in a shell, and nothing is expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    pub arguments: Vec<String>,
}

impl Program {
    fn parse(text: &str) -> Result<Self, String> {
        let words = shell_words::split(text).map_err(|error| error.to_string())?;
        let mut words = words.into_iter();
        let name = words.next().filter(|name| !name.is_empty());
        Ok(Self {
            name: name.ok_or("it names no program")?,
            arguments: words.collect(),
        })
    }
}

#[derive(Debug, Args)]
pub struct Analyze {
    /// `TF_LOG` files, `-json` or plain output of a run, packed or not; `-` reads standard input
    #[arg(value_name = "LOG", required = true)]
    pub logs: Vec<PathBuf>,
    /// Work on a resource is slow from so many seconds on
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub slow: u32,
    /// How many lines before and after an example are shown
    #[arg(long, value_name = "LINES", default_value_t = 2)]
    pub context: u8,
    /// Show the secrets that stand in the examples
    #[arg(long, conflicts_with = "json")]
    pub reveal: bool,
    /// End with status 1 where a record of one of these categories is found, as in auth,lock
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',', value_parser = Failing::parse)]
    pub fail_on: Vec<Failing>,
    /// Print Markdown for a ticket
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Write what the upstream of a crashed provider wants to know into a new file, without secrets
    #[arg(long, value_name = "FILE")]
    pub crash_report: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// A category of trouble that makes an analysis fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failing(pub Category);

impl Failing {
    fn parse(word: &str) -> Result<Self, String> {
        let category = Category::named(word).map(Self);
        category.ok_or_else(|| {
            let words = Category::ALL.map(Category::word).join(", ");
            format!("{word} is no category: {words}")
        })
    }
}

/// A severity as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Info,
    Warning,
    Critical,
}

#[derive(Debug, Args)]
pub struct Locks {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Every lock of the same bucket and table, whichever state it is of
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Versions {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// How many of the newest versions
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Only what was written since then: an age, as in 7d or 12h, or a time, as in 2026-11-22T02:00:00Z
    #[arg(long, value_name = "AGE|TIME", value_parser = Since::parse)]
    pub since: Option<Since>,
    #[command(flatten)]
    pub keeping: Keeping,
    #[command(flatten)]
    pub output: Output,
}

/// The beginning of a stretch of time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    Age(SignedDuration),
    Time(Timestamp),
}

impl Since {
    fn parse(text: &str) -> Result<Self, String> {
        let time = text.parse().map(Self::Time);
        time.or_else(|_| age(text).map(Self::Age)).map_err(|_| {
            format!(
                "{text} is neither an age, as in 7d or 12h, nor a time, as in 2026-11-22T02:00:00Z"
            )
        })
    }

    /// Whether a time lies in it.
    pub fn holds(self, time: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Age(age) => now.duration_since(time) <= age,
            Self::Time(since) => time >= since,
        }
    }
}

#[derive(Debug, Args)]
pub struct Resources {
    /// current, previous, last-good, a version id, ./file, or `s3://BUCKET/KEY`
    #[arg(value_name = "REF", default_value = "current")]
    pub reference: String,
    #[command(flatten)]
    pub place: PlaceArguments,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// The older one: current, previous, last-good, a version id, ./file, or `s3://BUCKET/KEY`
    #[arg(value_name = "REF")]
    pub before: String,
    /// The newer one, named in the same ways
    #[arg(value_name = "REF")]
    pub after: String,
    #[command(flatten)]
    pub place: PlaceArguments,
    #[command(flatten)]
    pub keeping: Keeping,
    #[command(flatten)]
    pub output: Output,
}

/// Days or hours: `90d`, `12h`.
fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text} is no age: as in 90d or 12h");
    let hours = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => days.parse::<u32>().map(|days| i64::from(days) * 24),
        (_, Some(hours)) => hours.parse::<u32>().map(i64::from),
        _ => return Err(wrong()),
    };
    hours.map(SignedDuration::from_hours).map_err(|_| wrong())
}

/// What the place arguments mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Directory(PathBuf),
    Flags(Box<Place>),
    /// A bucket of which no state is named.
    Bucket {
        root: Box<Place>,
        prefix: String,
    },
}

impl PlaceArguments {
    /// Whether a place was named at all.
    pub fn is_given(&self) -> bool {
        self.directory.is_some() || self.bucket.is_some()
    }

    /// The same arguments as words of a shell.
    pub fn words(&self) -> Vec<String> {
        let directory = self.directory.as_ref();
        let directory = directory.map(|path| by_hand::quote(&path.to_string_lossy()));
        let flags = [
            ("--bucket", &self.bucket),
            ("--key", &self.key),
            ("--prefix", &self.prefix),
            ("--region", &self.region),
            ("--profile", &self.profile),
            ("--endpoint-url", &self.endpoint_url),
            ("--lock-table", &self.lock_table),
            ("--workspace", &self.workspace),
        ];
        let flags = flags.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("{name} {}", by_hand::quote(value)))
        });
        let lockfile = self.lockfile.then(|| "--lockfile".to_owned());
        directory.into_iter().chain(flags).chain(lockfile).collect()
    }

    /// The directory, the place that the flags name, or the bucket where they name no key.
    pub fn named(&self, environment: &Environment) -> Result<Named, Fault> {
        let Some(bucket) = &self.bucket else {
            let here = || PathBuf::from(".");
            return Ok(Named::Directory(
                self.directory.clone().unwrap_or_else(here),
            ));
        };
        let flags = Flags {
            bucket: bucket.clone(),
            key: self.key.clone().unwrap_or_default(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            lock_table: self.lock_table.clone(),
            lockfile: if self.lockfile {
                Lockfile::Used
            } else {
                Lockfile::Unused
            },
            workspace: self.workspace.clone(),
        };
        if self.key.is_none() {
            return Ok(Named::Bucket {
                root: Box::new(flags.bucket(environment)?),
                prefix: self.prefix.clone().unwrap_or_default(),
            });
        }
        Ok(Named::Flags(Box::new(flags.place(environment)?)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("tfsos").chain(words.split_whitespace()))
    }

    #[test]
    fn the_definitions_are_sound() {
        Arguments::command().debug_assert();
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
    fn since_is_an_age_or_a_time() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let holds = |since: &str, time: &str| {
            Since::parse(since).map(|since| since.holds(time.parse().unwrap(), now))
        };
        assert_eq!(holds("12h", "2026-11-22T00:00:00Z"), Ok(true));
        assert_eq!(holds("12h", "2026-11-21T23:59:59Z"), Ok(false));
        assert_eq!(
            holds("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"),
            Ok(true)
        );
        assert_eq!(
            holds("2026-11-22T00:00:00+01:00", "2026-11-21T22:59:59Z"),
            Ok(false)
        );
        assert!(Since::parse("yesterday").is_err());
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
    fn a_command_is_split_as_a_shell_would_and_nothing_is_expanded() {
        let program = Program::parse(r#"send --to 'on call' "a \"b\"" x\ y $HOME `id` '' ; rm"#);
        let program = program.unwrap();
        let words = [
            "--to", "on call", "a \"b\"", "x y", "$HOME", "`id`", "", ";", "rm",
        ];
        assert_eq!(
            (program.name.as_str(), program.arguments),
            ("send", words.map(str::to_owned).to_vec())
        );
        for broken in ["", "  ", "'open", "''"] {
            assert!(Program::parse(broken).is_err(), "{broken}");
        }
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

    #[test]
    fn an_age_is_in_days_or_hours() {
        assert_eq!(age("90d"), Ok(SignedDuration::from_hours(2160)));
        assert_eq!(age("12h"), Ok(SignedDuration::from_hours(12)));
        for text in ["", "d", "-1d", "90", "1m", "99999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
