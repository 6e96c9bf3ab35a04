//! What can be typed after `tfsos journal`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::Output;
use super::reads::age;

#[derive(Debug, Args)]
pub struct Journal {
    #[command(subcommand)]
    pub asked: JournalCommand,
}

#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Every incident, the newest first
    List(JournalList),
    /// Whether the journals are what was written; all of them where none is named
    Verify(JournalVerify),
    /// Pack an incident, its journal and its backups, into one file
    Export(JournalExport),
    /// Delete what is older; an incident with an open plan is kept
    Purge(JournalPurge),
}

#[derive(Debug, Args)]
pub struct JournalList {
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct JournalVerify {
    /// The incident, as tfsos journal list names it
    #[arg(value_name = "INCIDENT")]
    pub incidents: Vec<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct JournalExport {
    /// The incident, as tfsos journal list names it
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// The file to write, which must not be there yet
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct JournalPurge {
    /// As in 90d or 12h
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: SignedDuration,
    #[command(flatten)]
    pub output: Output,
}

impl Journal {
    /// How the answer is to be printed.
    pub fn output(&self) -> Output {
        match &self.asked {
            JournalCommand::List(asked) => asked.output,
            JournalCommand::Verify(asked) => asked.output,
            JournalCommand::Export(asked) => asked.output,
            JournalCommand::Purge(asked) => asked.output,
        }
    }
}
