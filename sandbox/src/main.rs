//! A pretend Mattermost on a port of this machine, with people, and a bot's account for a bot that you start yourself.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mattermost_sandbox::seed::{Bot, Provisioned, SlashCommand, logins};
use mattermost_sandbox::{Options, Running, Sandbox};

/// A pretend Mattermost for bots
#[derive(Debug, Parser)]
#[command(name = "mattermost-sandbox", version)]
struct Args {
    /// Its port on 127.0.0.1; 0 = any
    #[arg(long, default_value_t = 8065)]
    port: u16,
    /// Where your bot listens: slash commands are sent to URL/slash, outgoing webhooks to URL/outgoing
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    hooks: String,
    /// Your bot's name
    #[arg(long, value_name = "NAME", default_value = "bot")]
    bot: String,
    /// One of your bot's slash commands, without the slash; more than once for several
    #[arg(long, value_name = "TRIGGER")]
    command: Vec<String>,
    /// A word that leads posts to your bot by an outgoing webhook; more than once for several
    #[arg(long, value_name = "WORD")]
    word: Vec<String>,
    /// Keep everything in this folder and go on from it [default: nothing is kept]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Another name that it answers to, beside 127.0.0.1 and localhost
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Which Mattermost to pretend to be
    #[arg(long, value_name = "VERSION", default_value = "11.6", value_parser = ["10.0", "11.6", "11.10"])]
    like: String,
}

fn main() -> ExitCode {
    match actix::System::new().block_on(serve(Args::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Until Ctrl-C or SIGTERM.
async fn serve(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start(Options {
        port: args.port,
        data: args.data,
        like: args.like.parse()?,
        hosts: args.host,
    })
    .await?;
    let commands = args.command.iter().map(|typed| SlashCommand::named(typed));
    let known = sandbox.provision(&Bot {
        username: args.bot,
        integration_url: args.hooks.trim_end_matches('/').to_owned(),
        commands: commands.collect(),
        outgoing: args.word,
    });
    introduce(&sandbox, &known, &args.hooks);
    stopped().await?;
    sandbox.stop().await;
    Ok(())
}

/// The variables for a bot, to be pasted, then who is there, and at last `ready`.
fn introduce(sandbox: &Running, known: &Provisioned, hooks: &str) {
    for (name, value) in known.environment(sandbox.url(), hooks) {
        println!("{name}={value}");
    }
    println!("# people: {}", logins());
    println!("# ready");
}

async fn stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
