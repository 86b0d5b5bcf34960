//! The command line: `run`, `sandbox`, `healthcheck`.
//!
//! People read what goes wrong here, so errors are sentences on standard error, and the exit code
//! says what kind they are: 0 fine, 1 failed, 2 settings, arguments or a store to change.

mod healthcheck;
#[cfg(feature = "sandbox")]
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use url::Url;

use crate::actors::guard;
use crate::app::{Skills, exit_code, serve_with};
use crate::settings::{Settings, SettingsError};

/// An integration server for Mattermost: slash commands, buttons, dialogs and posts become events
/// of the skills that you switch on.
#[doc(hidden)]
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: CliCommand,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Serve a Mattermost until SIGTERM or Ctrl-C
    Run(RunArgs),
    /// Try everything out: a pretend Mattermost with a chat page, and the bot running against it
    Sandbox(SandboxArgs),
    /// Ask a running server whether it is ready: exit code 0 if so, else 1 and a sentence
    Healthcheck(HealthcheckArgs),
}

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// Settings (TOML); `.env` and the environment override it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `sandbox`; port 0 means any free one.
#[derive(Debug, Clone, Args)]
pub(crate) struct SandboxArgs {
    /// Port of the pretend Mattermost; 0 = any
    #[arg(long, default_value_t = 8065)]
    pub port: u16,
    /// Port of the bot's hooks; 0 = any
    #[arg(long, default_value_t = 8000)]
    pub hooks_port: u16,
    /// Port of the bot's health and metrics; 0 = any
    #[arg(long, default_value_t = 8081)]
    pub admin_port: u16,
    /// Keep everything in this folder and go on from it [default: a fresh temporary folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Without the bot: its tokens are printed, for a bot that you start yourself
    #[arg(long)]
    pub alone: bool,
    /// With --alone: a slash command of your bot, without the slash, instead of the skills'; more than once for several
    #[arg(long, value_name = "TRIGGER", requires = "alone")]
    pub command: Vec<String>,
    /// Another name that the pretend Mattermost answers to, beside 127.0.0.1 and localhost
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Which Mattermost to pretend to be
    #[arg(long, value_name = "VERSION", default_value = "11.6", value_parser = ["10.0", "11.6", "11.10"])]
    pub like: String,
}

/// Arguments of `healthcheck`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HealthcheckArgs {
    /// The page to ask [default: /health/ready at `admin.listen` of the settings]
    #[arg(long)]
    pub url: Option<Url>,
    /// The settings that the server was started with
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub config: Option<PathBuf>,
}

/// Why a command ended without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliFailure {
    /// The operator has to change settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Anything else; the chain of causes becomes one sentence.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl CliFailure {
    fn code(&self) -> u8 {
        match self {
            Self::Settings(_) => 2,
            Self::Other(error) => exit_code(error),
        }
    }
}

/// A whole program with these skills: reads the command line, does what it says, tells what went wrong.
///
/// It has the commands of matteractor's own program: `run` serves a Mattermost, with `--config` for a file of settings;
/// `sandbox` lets one's own skills be tried out on a pretend Mattermost with a chat page, their slash commands
/// registered; `healthcheck` asks a running server. `--help` explains them.
///
/// ```no_run
/// use matteractor::Skills;
/// # fn oncall() -> matteractor::skill::AnySkill { unreachable!() }
///
/// fn main() -> std::process::ExitCode {
///     matteractor::cli::main(Skills::builtin().with("oncall", |_| Ok(oncall())))
/// }
/// ```
pub fn main(skills: Skills) -> ExitCode {
    guard::arm();
    let choose = |settings: &Settings| skills.chosen(settings);
    let done = match read().command {
        CliCommand::Run(args) => serve_with(args.config, choose).map_err(CliFailure::from),
        #[cfg(feature = "sandbox")]
        CliCommand::Sandbox(args) => sandbox::run(args, &skills),
        #[cfg(not(feature = "sandbox"))]
        CliCommand::Sandbox(_) => Err(CliFailure::Other(anyhow::anyhow!(
            "this matteractor was built without the sandbox; build it with the feature `sandbox`"
        ))),
        CliCommand::Healthcheck(args) => return ended(healthcheck::run(args), |_| 1),
    };
    ended(done, CliFailure::code)
}

/// The command line, of a program that is called as its file is.
fn read() -> Cli {
    let own = std::env::args_os().next().map(PathBuf::from);
    let own = own.as_deref().and_then(Path::file_stem);
    let name = own.map_or("matteractor".into(), |own| {
        own.to_string_lossy().into_owned()
    });
    let matches = Cli::command().name(name).get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Tells what went wrong, if something did.
fn ended(done: Result<(), CliFailure>, code: impl Fn(&CliFailure) -> u8) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(code(&failure))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Options;

    fn parse(line: &str) -> CliCommand {
        Cli::try_parse_from(line.split(' ')).unwrap().command
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_sandbox_has_the_ports_that_people_know_unless_told_otherwise() {
        let CliCommand::Sandbox(args) = parse("matteractor sandbox") else {
            panic!()
        };
        assert_eq!(
            (args.port, args.hooks_port, args.admin_port, args.data),
            (8065, 8000, 8081, None)
        );
        let line = "matteractor sandbox --port 0 --hooks-port 0 --admin-port 0 --data /tmp/x";
        let CliCommand::Sandbox(args) = parse(line) else {
            panic!()
        };
        assert_eq!((args.port, args.hooks_port, args.admin_port), (0, 0, 0));
        assert_eq!(args.data, Some(PathBuf::from("/tmp/x")));
    }

    #[test]
    fn run_takes_a_settings_file() {
        let CliCommand::Run(args) = parse("matteractor run --config m.toml") else {
            panic!()
        };
        assert_eq!(args.config, Some(PathBuf::from("m.toml")));
    }

    #[test]
    fn settings_to_change_are_told_apart_from_other_failures() {
        let settings = Settings::load(&Options::default()).unwrap_err();
        assert_eq!(CliFailure::from(settings.clone()).code(), 2);
        assert_eq!(CliFailure::Other(settings.into()).code(), 2);
        let other = CliFailure::from(anyhow::anyhow!("inner").context("outer"));
        assert_eq!(
            (other.code(), other.to_string().as_str()),
            (1, "outer: inner")
        );
    }
}
