use std::process::ExitCode;

use matteractor::{Skills, cli};

fn main() -> ExitCode {
    cli::main(Skills::builtin().with("approval", |_| Ok(approval::skill().into())))
}
