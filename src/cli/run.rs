use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::app::{App, builtin_skills};
use crate::settings::Settings;

/// Serves a Mattermost until SIGTERM or Ctrl-C.
pub(super) fn run(settings: Settings) -> Result<(), Failure> {
    let skills = builtin_skills(&settings)?;
    let served = actix::System::new().block_on(async move {
        let stop = stopped()?;
        let app = App::build(settings, skills).await?;
        tracing::info!(hooks = %app.hooks_address(), admin = %app.admin_address(), "ready");
        app.run_until_stopped(stop).await
    });
    Ok(served?)
}

/// Ready when the process is told to stop.
pub(super) fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
