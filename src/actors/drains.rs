use std::future::Future;

use tokio::sync::oneshot;

/// Those who wait until an actor has nothing under way. They are told even where that happens
/// before they are first looked after.
#[derive(Debug, Default)]
pub(super) struct Drains(Vec<oneshot::Sender<()>>);

impl Drains {
    /// Ready at once where nothing is under way, else at the next [`Drains::done`].
    pub fn wait(&mut self, nothing: bool) -> impl Future<Output = ()> + use<> {
        let (told, done) = oneshot::channel();
        self.0.push(told);
        if nothing {
            self.done();
        }
        async {
            let _ = done.await;
        }
    }

    /// Nothing is under way.
    pub fn done(&mut self) {
        for told in self.0.drain(..) {
            // Who waited may have given up.
            let _ = told.send(());
        }
    }
}
