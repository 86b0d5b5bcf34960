//! What tests do with a line: hold it up, and see who wrote what.

use super::{WriteQueue, Writer};

/// One who leads and writes nothing, until it is dropped: what asks meanwhile is a group.
pub struct Held<'a>(&'a WriteQueue, Option<Box<Writer>>);

impl WriteQueue {
    pub fn hold(&self) -> Held<'_> {
        loop {
            let writer = self.lock().writer.take();
            if writer.is_some() {
                return Held(self, writer);
            }
            std::thread::yield_now();
        }
    }

    /// Whose thread has begun to write each group since this was asked last, and of how many writes.
    pub fn groups(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.lock().groups)
    }
}

impl Held<'_> {
    /// Leads on this thread, for so many.
    pub fn lead(mut self, wanted: usize) {
        if let Some(writer) = self.1.take() {
            self.0.lead(writer, wanted);
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(writer) = self.1.take() {
            self.0.lead(writer, 0);
        }
    }
}

pub(super) fn thread() -> String {
    let thread = std::thread::current();
    thread.name().unwrap_or_default().to_owned()
}
