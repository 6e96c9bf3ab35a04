//! What can be typed after the commands that look and write nothing.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use super::{Keeping, Output, PlaceArguments};
use crate::fault::Fault;
use crate::log::Category;

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
    /// Only what answers this, best first: fuzzy on addresses, the very text in values; a masked value answers nothing
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// The resources of every state of the same bucket, or below --prefix, each line with its state's key
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub output: Output,
}

impl Resources {
    /// The place that is meant with `--all`, where the only word is the directory.
    pub fn around(&self) -> Result<PlaceArguments, Fault> {
        let usage = |cause| {
            Fault::new("read the arguments of", "resources", cause)
                .hint("tfsos resources --all [DIR] reads the current version of every state")
        };
        let mut place = self.place.clone();
        if self.reference == "current" {
            return Ok(place);
        }
        if place.directory.is_some() {
            return Err(usage("with --all there is no REF"));
        }
        if place.bucket.is_some() {
            return Err(usage("a directory and --bucket are never mixed"));
        }
        place.directory = Some(PathBuf::from(&self.reference));
        Ok(place)
    }
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
pub(super) fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text} is no age: as in 90d or 12h");
    let hours = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => days.parse::<u32>().map(|days| i64::from(days) * 24),
        (_, Some(hours)) => hours.parse::<u32>().map(i64::from),
        _ => return Err(wrong()),
    };
    hours.map(SignedDuration::from_hours).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_age_is_in_days_or_hours() {
        assert_eq!(age("90d"), Ok(SignedDuration::from_hours(2160)));
        assert_eq!(age("12h"), Ok(SignedDuration::from_hours(12)));
        for text in ["", "d", "-1d", "90", "1m", "99999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
