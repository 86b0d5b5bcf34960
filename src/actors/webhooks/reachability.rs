/// What is known of Mattermost's way to this program: by looks of our own, and by its calls.
///
/// It may have another way than we have. Where it calls although a look has failed, later ones that fail
/// prove nothing, until one goes well again.
#[derive(Default)]
pub(super) struct Reachability {
    /// Why nobody calls, as far as a look can say.
    lost: Option<String>,
    /// A look has gone well, and nothing has shown since that looks mislead.
    seen: bool,
    called: bool,
}

impl Reachability {
    /// Mattermost has called there.
    pub fn called(&mut self) {
        self.called = true;
        if self.lost.take().is_some() {
            self.seen = false;
        }
    }

    /// A look has found the way, or what is in it. That nothing answers at all (`silent`) counts only
    /// where something did before: many networks drop calls to their own outside.
    pub fn looked(&mut self, wrong: Option<String>, silent: bool) {
        let (first, seen) = (!self.called && !silent, self.seen || wrong.is_none());
        self.seen = seen;
        self.lost = wrong.filter(|_| seen || first);
    }

    /// What is wrong with it.
    pub fn problem(&self) -> Option<&String> {
        self.lost.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong() -> Option<String> {
        Some("nothing answers".into())
    }

    #[test]
    fn a_way_that_breaks_later_is_a_problem_until_somebody_calls() {
        let mut way = Reachability::default();
        way.looked(None, false);
        way.called();
        for silent in [false, true] {
            way.looked(wrong(), silent);
            assert!(way.problem().is_some(), "{silent}");
        }
        way.looked(None, false);
        assert!(way.problem().is_none());
        way.looked(wrong(), true);
        way.called();
        assert!(way.problem().is_none());
    }

    #[test]
    fn looks_that_mislead_are_believed_no_more_until_one_goes_well() {
        let mut way = Reachability::default();
        way.looked(wrong(), false);
        assert!(way.problem().is_some());
        way.called();
        way.looked(wrong(), false);
        assert!(way.problem().is_none());
        way.looked(None, false);
        way.looked(wrong(), false);
        assert!(way.problem().is_some());
    }

    #[test]
    fn that_nothing_ever_answers_says_little() {
        let mut way = Reachability::default();
        way.looked(wrong(), true);
        assert!(way.problem().is_none());
    }
}
