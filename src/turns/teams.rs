use std::collections::HashMap;

use crate::model::ids::TeamId;

/// Teams by numbers, for there are few of them; 0 is none.
#[derive(Debug, Default)]
pub(super) struct Teams {
    numbers: HashMap<TeamId, u16>,
    ids: Vec<TeamId>,
}

impl Teams {
    /// The number of one, which it has from now on.
    pub fn number(&mut self, team: Option<TeamId>) -> u16 {
        let Some(team) = team else { return 0 };
        if let Some(number) = self.numbers.get(&team) {
            return *number;
        }
        // Nobody is in so many teams; there only the text of a WebSocket's event would tell the team.
        let Ok(number) = u16::try_from(self.ids.len() + 1) else {
            return 0;
        };
        self.ids.push(team);
        self.numbers.insert(team, number);
        number
    }

    /// Which has a number.
    pub fn of(&self, number: u16) -> Option<TeamId> {
        let index = usize::from(number).checked_sub(1)?;
        self.ids.get(index).copied()
    }
}
