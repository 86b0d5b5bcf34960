use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::pin;

use anyhow::Context as _;
use serde_json::json;

use super::{CliFailure, SandboxArgs};
use crate::app::{App, Skills, stopped};
use crate::sandbox::seed::{Bot, Provisioned, SlashCommand, logins};
use crate::sandbox::{Options, Running, Sandbox};
use crate::settings::{self, Settings};
use crate::skill::Catalog;
use crate::telemetry;
use crate::testing::{announced, variables};

/// The word that leads posts to the bot by an outgoing webhook, too; and the built-in skill that answers them.
const WORD: &str = "faq";

/// A pretend Mattermost with people on it, and the bot running against it, until SIGTERM or Ctrl-C.
pub(super) fn run(args: SandboxArgs, skills: &Skills) -> Result<(), CliFailure> {
    let fresh = tempfile::tempdir().context("can't make a temporary folder")?;
    let data = args.data.clone().unwrap_or_else(|| fresh.path().to_owned());
    std::fs::create_dir_all(&data)
        .with_context(|| format!("can't make the folder {}", data.display()))?;
    actix::System::new().block_on(play(args, data, skills))
}

async fn play(args: SandboxArgs, data: PathBuf, skills: &Skills) -> Result<(), CliFailure> {
    let mut stop = pin!(stopped().context("can't wait for signals")?);
    let sandbox = Sandbox::start(options(&args, &data)?)
        .await
        .context("the pretend Mattermost")?;
    // Which commands there are depends on the settings, and those hold the commands' tokens.
    let first = settings(&args, &data, sandbox.url(), &Provisioned::default(), skills)?;
    if args.alone {
        tell_of(&sandbox, &args, &first, skills)?;
        introduce(&data, "# ");
        stop.await;
        sandbox.stop().await;
        return Ok(());
    }
    // The bot's address is known once it is bound; its tokens are needed before.
    let known = sandbox.provision(&bot(&first, "http://127.0.0.1:0", skills)?);
    let settings = settings(&args, &data, sandbox.url(), &known, skills)?;
    telemetry::install_logs(&settings.log).map_err(anyhow::Error::from)?;
    let chosen = skills.chosen(&settings)?;
    let Some(app) = App::build_unless(settings, chosen, stop.as_mut()).await? else {
        sandbox.stop().await;
        return Ok(());
    };
    sandbox.provision(&bot(
        &first,
        &format!("http://{}", app.hooks_address()),
        skills,
    )?);
    println!("mattermost  {}", sandbox.url());
    println!("hooks       http://{}", app.hooks_address());
    println!("admin       http://{}/health", app.admin_address());
    introduce(&data, "");
    let served = app.run_until_stopped(stop).await;
    sandbox.stop().await;
    Ok(served?)
}

fn options(args: &SandboxArgs, data: &Path) -> Result<Options, CliFailure> {
    Ok(Options {
        port: args.port,
        data: Some(data.to_owned()),
        hosts: args.host.clone(),
        like: args.like.parse().map_err(anyhow::Error::from)?,
    })
}

/// The settings of a bot in the sandbox: the process's own environment, but the sandbox's
/// addresses, tokens and store.
fn settings(
    args: &SandboxArgs,
    data: &Path,
    url: &str,
    known: &Provisioned,
    skills: &Skills,
) -> Result<Settings, CliFailure> {
    let mut env: HashMap<String, String> = std::env::vars().collect();
    if skills.has(WORD) {
        env.entry("MATTERACTOR__SKILLS__FAQ__ANSWERS".into())
            .or_insert_with(answers);
    }
    env.entry("RUST_LOG".into()).or_insert("warn".into());
    let local = |port| format!("127.0.0.1:{port}");
    let store = data.join("matteractor.db");
    let set = [
        ("INTEGRATION_URL", String::new()),
        ("MATTERACTOR__HOOKS__LISTEN", local(args.hooks_port)),
        ("MATTERACTOR__ADMIN__LISTEN", local(args.admin_port)),
        (
            "MATTERACTOR__STORE__URL",
            format!("sqlite://{}", store.display()),
        ),
        // The sandbox has no rate limit.
        ("MATTERACTOR__POSTING__RATE_PER_SECOND", "1000".into()),
    ];
    let set = variables(url, known).into_iter().chain(set);
    env.extend(set.map(|(name, value)| (name.to_owned(), value)));
    Ok(Settings::load(&settings::Options {
        env,
        ..settings::Options::default()
    })?)
}

/// Questions to try out.
fn answers() -> String {
    json!([
        {"pattern": "\\bvpn\\b", "answer": "The VPN is explained in [the handbook](https://example.org/vpn)."},
        {"pattern": "^faq\\b.*\\bwifi\\b", "answer": "The wifi's name is **guest**, and its password is on the fridge."},
    ])
    .to_string()
}

/// What a bot elsewhere needs, as variables. What else is said are comments then, so that all of it may be a file of
/// them. It has the bot's commands unless others were named.
fn tell_of(
    sandbox: &Running,
    args: &SandboxArgs,
    settings: &Settings,
    skills: &Skills,
) -> Result<(), CliFailure> {
    let hooks = format!("http://127.0.0.1:{}", args.hooks_port);
    let mut bot = bot(settings, &hooks, skills)?;
    if !args.command.is_empty() {
        let named = args.command.iter().map(|typed| SlashCommand::named(typed));
        bot.commands = named.collect();
    }
    let known = sandbox.provision(&bot);
    for (name, value) in known.environment(sandbox.url(), &hooks) {
        println!("{name}={value}");
    }
    Ok(())
}

/// The bot with the skills that the settings switch on.
fn bot(settings: &Settings, integration_url: &str, skills: &Skills) -> Result<Bot, CliFailure> {
    let catalog = Catalog::build(skills.chosen(settings)?).map_err(anyhow::Error::from)?;
    let words = [WORD.to_owned()].into_iter().filter(|_| skills.has(WORD));
    let words: Vec<String> = words.collect();
    Ok(announced(&catalog, integration_url, &words))
}

/// Where everything is, a line each, and at last `ready`; `mark` stands before each line.
fn introduce(data: &Path, mark: &str) {
    println!("{mark}data        {}", data.display());
    println!("{mark}people      {}", logins());
    println!("{mark}ready");
}
