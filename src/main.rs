//! Parses what was typed and hands it on.

use std::process::ExitCode;

use clap::Parser;
use tfsos::args::Arguments;

fn main() -> ExitCode {
    tfsos::cli::run(Arguments::parse())
}
