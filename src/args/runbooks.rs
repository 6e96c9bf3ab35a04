//! What can be typed after `tfsos runbooks`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Output;

#[derive(Debug, Args)]
pub struct Runbooks {
    #[command(subcommand)]
    pub asked: RunbooksCommand,
}

#[derive(Debug, Subcommand)]
pub enum RunbooksCommand {
    /// Every runbook, the worst first: the built-in ones, your own, and those beside the code here
    List(RunbooksList),
    /// Print a runbook as its author wrote it
    Show(RunbooksShow),
    /// Find runbooks by a few words, or by an error message as it was printed
    Search(RunbooksSearch),
    /// Say what is wrong in runbooks; exit 1 where anything is
    Lint(RunbooksLint),
    /// Begin a runbook in .tfsos/runbooks beside the code
    New(RunbooksNew),
}

#[derive(Debug, Args)]
pub struct RunbooksList {
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct RunbooksShow {
    /// The runbook, as tfsos runbooks list names it
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct RunbooksSearch {
    /// Words of its title, tags or symptoms, or a whole message in quotes
    #[arg(value_name = "TEXT", required = true)]
    pub text: Vec<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct RunbooksLint {
    /// Files, or folders of them; every runbook there is where none is named
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct RunbooksNew {
    /// Lower-case letters, digits and dashes; the id of a built-in one begins as its text and replaces it
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub output: Output,
}

impl Runbooks {
    pub fn output(&self) -> Output {
        match &self.asked {
            RunbooksCommand::List(asked) => asked.output,
            RunbooksCommand::Show(asked) => asked.output,
            RunbooksCommand::Search(asked) => asked.output,
            RunbooksCommand::Lint(asked) => asked.output,
            RunbooksCommand::New(asked) => asked.output,
        }
    }
}
