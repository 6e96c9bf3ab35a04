//! What can be typed after the commands that write, or that help to recover.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Output, PlaceArguments};
use crate::fault::Fault;

#[derive(Debug, Args)]
pub struct Unlock {
    /// The lock's id, as `tfsos locks` shows it; left out with --raw
    #[arg(value_name = "ID", required_unless_present = "raw")]
    pub id: Option<String>,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Release the item of this store, which has no id that Terraform could name
    #[arg(long, value_name = "STORE")]
    pub raw: Option<RawStore>,
    /// Confirm without a prompt: the whole id; with --raw the first 12 characters of the body's SHA-256
    #[arg(long, value_name = "ID")]
    pub yes: Option<String>,
    /// Release although the holder looks alive
    #[arg(long)]
    pub live: bool,
    /// Release although the state does not parse, is empty, missing, shrunk or not that of its digest
    #[arg(long)]
    pub broken: bool,
    /// Make the lock ours instead, without a moment unlocked; `tfsos thaw` lets go of it
    #[arg(long, conflicts_with = "broken")]
    pub take_over: bool,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub output: Output,
}

/// A store whose item is named by its raw body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum RawStore {
    DynamoDb,
    S3,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// last-good, previous, a version id, ./file, which may be a saved plan, or `s3://BUCKET/KEY`
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Confirm without a prompt: the version's whole id; for a file the first 12 characters of its SHA-256
    #[arg(long, value_name = "VERSION_ID")]
    pub yes: Option<String>,
    /// Go on only if this version is the current one: its id or the first 12 characters of its SHA-256 (`absent` where there is none)
    #[arg(long, value_name = "VERSION_ID")]
    pub expect_current: Option<String>,
    /// Put back a state of this lineage although the history has another one
    #[arg(long, value_name = "LINEAGE")]
    pub lineage: Option<String>,
    /// Take this lock over, without a moment unlocked; it is released at the end
    #[arg(long, value_name = "LOCKID")]
    pub take_over: Option<String>,
    /// Take the lock over although its holder looks alive
    #[arg(long, requires = "take_over")]
    pub live: bool,
    /// Go on where versioning is suspended or off, once a second copy of the present state lies in this new file
    #[arg(long, value_name = "FILE")]
    pub unversioned: Option<PathBuf>,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Repair {
    /// The damaged state; it stays as it is
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// The copy to write, which must not be there yet
    #[arg(
        short = 'o',
        long = "output",
        value_name = "OUT",
        required_unless_present = "dry_run"
    )]
    pub out: Option<PathBuf>,
    /// What was lost is told by this version: a version id or ./file [default: the place's last good one]
    #[arg(long, value_name = "REF")]
    pub against: Option<String>,
    /// Say what would be mended and lost, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// What this version has and the state has not: last-good, previous, a version id, or ./file
    #[arg(long, value_name = "REF", required_unless_present = "tags")]
    pub from: Option<String>,
    /// What carries tags and no state of the bucket has; with names and values, only what has them all
    #[arg(
        long,
        value_name = "KEY=VALUE,…",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub tags: Option<String>,
    /// The file to write, which must not be there yet [default: standard output]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// Tags by name, and by value where one was typed.
pub type Tags = Vec<(String, Option<String>)>;

impl Rebuild {
    /// The tags that were named; none at all where tags were not asked for.
    pub fn tags(&self) -> Result<Option<Tags>, Fault> {
        let Some(text) = &self.tags else {
            return Ok(None);
        };
        let named = text.split(',').filter(|one| !one.is_empty());
        let tag = |one: &str| match one.split_once('=') {
            Some(("", _)) => Err(Fault::new("read the tags", text.clone(), "one has no name")),
            Some((key, value)) => Ok((key.to_owned(), Some(value.to_owned()))),
            None => Ok((one.to_owned(), None)),
        };
        named.map(tag).collect::<Result<_, _>>().map(Some)
    }
}

#[derive(Debug, Args)]
pub struct Digest {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Make the stored digest that of the state
    #[arg(long)]
    pub fix: bool,
    /// Confirm without a prompt: the new MD5, or `absent` where there is no state
    #[arg(long, value_name = "NEW_MD5", requires = "fix")]
    pub yes: Option<String>,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Ready {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Try the writes of a recovery on a scratch key and a scratch row, and take them away again
    #[arg(long)]
    pub probe_writes: bool,
    /// Confirm the trial: the key of the state
    #[arg(long, value_name = "KEY", requires = "probe_writes")]
    pub yes: Option<String>,
    /// Name the whole place where the configuration asks for it
    #[arg(long = "place", value_name = "BUCKET/KEY", requires = "probe_writes")]
    pub whole_place: Option<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Freeze {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Why: it stands in the lock, for whoever meets it
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Confirm without a prompt: the key of the state
    #[arg(long, value_name = "KEY")]
    pub yes: Option<String>,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Thaw {
    /// The lock's id, as `tfsos locks` shows it
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Confirm without a prompt: the whole id
    #[arg(long, value_name = "ID")]
    pub yes: Option<String>,
    /// Let go although the state does not parse, is empty, missing, shrunk or not that of its digest
    #[arg(long)]
    pub broken: bool,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub output: Output,
}

/// What every command that writes takes.
#[derive(Debug, Args)]
pub struct Writing {
    /// Name the whole place where the configuration asks for it
    #[arg(long = "place", value_name = "BUCKET/KEY")]
    pub whole_place: Option<String>,
    /// Show the plan; 0 where it would run, 4 where it would be refused
    #[arg(long)]
    pub dry_run: bool,
}

impl Unlock {
    /// The id and the place: with `--raw` the only word is the directory.
    pub fn sorted(&self) -> Result<(Option<&str>, PlaceArguments), Fault> {
        let usage = |cause| Fault::new("read the arguments of", "unlock", cause);
        let mut place = self.place.clone();
        let (Some(_), Some(word)) = (self.raw, &self.id) else {
            return Ok((self.id.as_deref(), place));
        };
        if place.directory.is_some() {
            return Err(
                usage("with --raw there is no ID").hint("tfsos unlock --raw dynamodb [DIR]")
            );
        }
        if place.bucket.is_some() {
            return Err(usage("a directory and --bucket are never mixed"));
        }
        place.directory = Some(PathBuf::from(word));
        Ok((None, place))
    }
}
