use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::time::Time;

/// What happened in a town, line by line, with the virtual time in seconds. Cheap to clone; clones
/// write the same trace.
#[derive(Clone, Debug)]
pub struct Trace {
    time: Time,
    start: i64,
    lines: Rc<RefCell<Vec<String>>>,
}

impl Trace {
    /// An empty one that begins now.
    pub fn new(time: Time) -> Self {
        let start = time.now().0;
        Self {
            time,
            start,
            lines: Rc::default(),
        }
    }

    /// Adds a line.
    pub fn note(&self, line: impl fmt::Display) {
        let since = self.time.now().0 - self.start;
        let (seconds, millis) = (since / 1_000, since % 1_000);
        let line = format!("{seconds:5}.{millis:03} {line}");
        tracing::info!("{line}");
        self.lines.borrow_mut().push(line);
    }

    /// All lines.
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines.borrow().iter() {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
