//! `ilot`: parse, run, print what went wrong, tell by the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ilot::cli::main()
}
