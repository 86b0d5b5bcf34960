use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::args::Args;
use crate::contender::{Contender, Kind};

/// What the contenders need.
const REQUIREMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/benches/python/requirements.txt"
);

/// A Python that has all; without one in the arguments an environment is made beside the build.
pub fn interpreter(args: &Args) -> anyhow::Result<PathBuf> {
    if let Some(python) = &args.python {
        return Ok(python.clone());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join("bin/python");
    if !python.exists() {
        runs(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--requirement",
        REQUIREMENTS,
    ];
    runs(Command::new(&python).args(install))?;
    Ok(python)
}

fn runs(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{command:?} can't be started"))?;
    ensure!(status.success(), "{command:?} has failed");
    Ok(())
}

/// Those that it runs.
pub fn contenders(python: &Path) -> Vec<Contender> {
    let python = || python.to_owned();
    let bot = |script| Kind::Bot {
        python: python(),
        script,
    };
    let all = [
        ("FastAPI", Kind::App { python: python() }),
        ("Python bot", bot(&["bot.py"])),
        ("Python bot, tasks", bot(&["bot.py", "--tasks"])),
        ("mmpy_bot", bot(&["plugin.py"])),
    ];
    all.into_iter()
        .map(|(name, kind)| Contender { name, kind })
        .collect()
}
