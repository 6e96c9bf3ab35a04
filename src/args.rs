//! What can be typed after `tfsos`: one command, one struct. These say only
//! what was typed; what it means is decided where it is used.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::fault::Fault;
use crate::place::{Environment, Flags, Lockfile, Place};

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
}

/// The commands; each does headless what the console does.
#[derive(Debug, Subcommand)]
pub enum Command {
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
    /// dark, light, high-contrast, or the path of a theme file
    #[arg(long, value_name = "NAME|PATH", default_value = "dark")]
    pub theme: String,
    /// Start with names and ids hidden, for a shared screen
    #[arg(long)]
    pub share: bool,
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
    #[arg(long, requires = "key", help_heading = "Place")]
    pub bucket: Option<String>,
    /// The key, as in the backend block
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub key: Option<String>,
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub region: Option<String>,
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub profile: Option<String>,
    /// One endpoint for S3, DynamoDB and STS
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
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub workspace: Option<String>,
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

/// What the place arguments mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Directory(PathBuf),
    Flags(Box<Place>),
}

impl PlaceArguments {
    /// The directory, or the place that the flags name.
    pub fn named(&self, environment: &Environment) -> Result<Named, Fault> {
        let (Some(bucket), Some(key)) = (&self.bucket, &self.key) else {
            let here = || PathBuf::from(".");
            return Ok(Named::Directory(
                self.directory.clone().unwrap_or_else(here),
            ));
        };
        let flags = Flags {
            bucket: bucket.clone(),
            key: key.clone(),
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
            parse("--bucket b").unwrap_err().kind(),
            ErrorKind::MissingRequiredArgument
        );
        assert!(parse("--bucket b --key k --lockfile").is_ok());
    }

    #[test]
    fn a_name_that_equals_a_command_is_the_command() {
        assert!(parse("man").unwrap().command.is_some());
        let directory = parse("./man").unwrap();
        assert!(directory.command.is_none());
        assert_eq!(directory.console.place.directory, Some("./man".into()));
    }
}
