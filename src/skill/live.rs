use std::any::Any;
use std::fmt;

use super::State;

/// A state as a turn left it, so that the next one needn't read it from JSON again. It says nothing
/// that the JSON doesn't, and may be missing at any time.
#[derive(Default)]
pub struct Live(Option<Box<dyn Any + Send>>);

impl Live {
    /// A state that has just been written as JSON.
    pub(crate) fn new<S: State>(state: S) -> Self {
        Self(Some(Box::new(state)))
    }

    /// The state, where it is here.
    pub(crate) fn state<S: State>(&mut self) -> Option<S> {
        let state = self.0.take()?.downcast().ok()?;
        Some(*state)
    }

    /// Takes it away, for a turn that may change it.
    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }
}

/// Copies of what is stored don't share what is not.
impl Clone for Live {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Live {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Live").field(&self.0.is_some()).finish()
    }
}
