use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::model::ids::UserId;
use crate::time::{Instant, instant};

/// How long a name is believed.
const LIFE: Duration = Duration::from_secs(300);
/// How many are kept.
const MANY: usize = 4_096;

/// Names of people who have posted, so that they aren't asked for with each page.
#[derive(Debug, Default)]
pub(super) struct Authors(HashMap<UserId, (String, Option<Instant>)>);

impl Authors {
    /// Whose names are known well enough.
    pub fn known(&self) -> HashSet<UserId> {
        let fresh = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < LIFE);
        let known = self.0.iter().filter(|(_, (_, at))| fresh(at));
        known.map(|(id, _)| *id).collect()
    }

    /// Learns what was read now.
    pub fn learn(&mut self, read: Self) {
        if self.0.len() + read.0.len() > MANY {
            self.0.clear();
        }
        let now = Some(instant());
        let read = read.0.into_iter().map(|(id, (name, _))| (id, (name, now)));
        self.0.extend(read);
    }

    /// Somebody may have another name now.
    pub fn forget(&mut self, id: &UserId) {
        self.0.remove(id);
    }

    /// The name of one; empty where it isn't known.
    pub fn name(&self, id: &UserId) -> &str {
        self.0.get(id).map_or("", |(name, _)| name)
    }
}

impl FromIterator<(UserId, String)> for Authors {
    fn from_iter<T: IntoIterator<Item = (UserId, String)>>(names: T) -> Self {
        let names = names.into_iter().map(|(id, name)| (id, (name, None)));
        Self(names.collect())
    }
}
