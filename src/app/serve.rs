use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::handshake::{NoBot, RefusedToken};
use super::sealing::DamagedKey;
use super::start::App;
use crate::actors::guard::{self, Died};
use crate::client::net::NetError;
use crate::settings::{Options, Settings, SettingsError};
use crate::skill::{AnySkill, Misconfigured, WiringError};
use crate::store::StoreError;
use crate::telemetry;

/// The whole `main` of a bot: serves these skills until SIGTERM or Ctrl-C, with the settings of
/// `.env` and the environment, and says what went wrong. It ends with 0; with 2 where
/// somebody has to change settings or skills first; with 70 where a part died; else with 1.
///
/// ```no_run
/// # fn skill() -> matteractor::skill::AnySkill { unreachable!() }
/// fn main() -> std::process::ExitCode {
///     matteractor::serve(vec![skill()])
/// }
/// ```
pub fn serve(skills: Vec<AnySkill>) -> ExitCode {
    match serve_with(None, |_| Ok(skills)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

/// As [`serve`], with a settings file, and skills that are chosen once the settings are known:
/// as [`Skills`](super::Skills) has them, or others.
///
/// # Errors
/// Those of the settings, of the choice and of [`App::build`].
pub fn serve_with(
    config: Option<PathBuf>,
    choose: impl FnOnce(&Settings) -> anyhow::Result<Vec<AnySkill>>,
) -> anyhow::Result<()> {
    guard::arm();
    let settings = prepare(config)?;
    let skills = choose(&settings)?;
    actix::System::new().block_on(async move {
        let mut stop = pin!(stopped()?);
        let Some(app) = App::build_unless(settings, skills, stop.as_mut()).await? else {
            return Ok(());
        };
        tracing::info!(hooks = %app.hooks_address(), admin = %app.admin_address(), "ready");
        app.run_until_stopped(stop).await
    })
}

/// What the process ends with: 2 where somebody has to change settings or skills first, so that
/// another start is no use; 70 where a part died; else 1.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Died>() {
        return guard::EXIT_CODE;
    }
    let to_change = error.is::<SettingsError>()
        || error.is::<Misconfigured>()
        || error.is::<WiringError>()
        || error.is::<RefusedToken>()
        || error.is::<NoBot>()
        || error.is::<DamagedKey>()
        || matches!(error.downcast_ref(), Some(NetError::CaFile { .. }))
        || matches!(error.downcast_ref(), Some(StoreError::Refused(_)));
    if to_change { 2 } else { 1 }
}

/// Ready when the process is told to stop.
///
/// # Errors
/// Where signals can't be waited for. Must be called inside a runtime.
pub fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What comes first whenever a bot runs in earnest: settings, logs, warnings.
fn prepare(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    let settings = Settings::load(&Options::of_this_process(config))?;
    // The libraries below read HTTPS_PROXY and the like from the process, so `.env` must get there.
    // It never replaces a variable, and nothing else runs yet that could read one meanwhile.
    dotenvy::from_path(".env").ok();
    telemetry::install_logs(&settings.log)?;
    tracing::debug!(folder = ?std::env::current_dir().ok(), ".env is looked for here");
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::net::{Net, NetOptions};
    use crate::skill::{Catalog, Table};

    /// Of a file that has none.
    fn no_certificate() -> anyhow::Error {
        let options = NetOptions {
            ca_file: Some("Cargo.toml".into()),
            ..NetOptions::default()
        };
        Net::new(&options).unwrap_err().into()
    }

    #[test]
    fn what_a_restart_does_not_help_has_an_exit_code_of_its_own() {
        let settings = Settings::load(&Options::default()).unwrap_err();
        let table = Table::new("poll", serde_json::Map::new()).wrong("no");
        let wiring = Catalog::build(vec![
            crate::skill::Skill::<crate::skill::Stateless>::plain().into(),
        ]);
        for error in [
            anyhow::Error::from(settings).context("outer"),
            table.into(),
            RefusedToken(String::new()).into(),
            wiring.err().unwrap().into(),
            StoreError::Refused("it is damaged".into()).into(),
            no_certificate(),
        ] {
            assert_eq!(exit_code(&error), 2, "{error}");
        }
        let held = StoreError::Unavailable("another process has it".into());
        assert_eq!(exit_code(&held.into()), 1);
        assert_eq!(exit_code(&Died("the store's writer").into()), 70);
    }
}
