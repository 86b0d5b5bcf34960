//! The built-in skills.
//!
//! Each is a file that opens with the chat that it makes, uses only [`skill`](crate::skill), and
//! reads its own table `[skills.NAME]` of the settings.

pub mod faq;
pub mod help;
pub mod poll;
mod rights;
pub mod standup;

use crate::skill::{AnySkill, Misconfigured, Table};

/// The names of the built-in skills.
pub const NAMES: [&str; 4] = ["help", "poll", "standup", "faq"];

/// The built-in skill of this name, set up as its table says; `None` where there is no such skill.
pub fn builtin(name: &str, table: &Table) -> Option<Result<AnySkill, Misconfigured>> {
    match name {
        "help" => Some(help::skill(table)),
        "poll" => Some(poll::skill(table)),
        "standup" => Some(standup::skill(table)),
        "faq" => Some(faq::skill(table)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::Catalog;

    #[test]
    fn every_name_is_a_skill_and_all_fit_together() {
        let answers =
            serde_json::json!({"answers": [{"pattern": "vpn", "answer": "See the wiki."}]});
        let skills = NAMES.map(|name| {
            let values = match name {
                "faq" => answers.as_object().cloned().unwrap_or_default(),
                _ => serde_json::Map::new(),
            };
            builtin(name, &Table::new(name, values)).unwrap().unwrap()
        });
        let catalog = Catalog::build(skills.into()).unwrap();
        let commands: Vec<_> = catalog
            .slash_commands()
            .filter_map(|e| e.trigger.clone())
            .collect();
        assert_eq!(commands, ["poll", "standup"]);
        assert!(builtin("nothing", &Table::default()).is_none());
    }
}
