use super::Route;
use crate::event::Slot;

/// What is known of an event's route: found out once, and brought along on the event's way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lead {
    /// Nothing.
    #[default]
    None,
    /// This takes it, whoever listens.
    To(Route, Slot),
    /// What a post's words lead to where nobody listens to it: a command or a pattern, if one fits.
    Words(Option<Route>),
}

impl Lead {
    /// Who takes it, where that is known; it is forgotten here.
    pub(super) fn take_to(&mut self) -> Option<(Route, Slot)> {
        match std::mem::take(self) {
            Self::To(route, slot) => Some((route, slot)),
            other => {
                *self = other;
                None
            }
        }
    }

    /// What a post's words lead to, which is looked for where it isn't known.
    pub(super) fn words(&mut self, look: impl FnOnce() -> Option<Route>) -> Option<Route> {
        if let Self::Words(found) = self {
            return *found;
        }
        let found = look();
        *self = Self::Words(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::event::{Body, Event, Listening, Person, Place, PostBody, Question, RowId};
    use crate::model::ids::{Millis, PostId, UserId};
    use crate::skill::{
        AnySkill, Catalog, Context, Never, NotTaken, Post, Skill, Slash, State, Turn,
    };

    #[derive(Serialize, Deserialize)]
    struct Quiz;
    impl State for Quiz {
        const NAME: &'static str = "quiz";
        const ASKS: bool = true;
        type Button = Never;
        type Signal = Never;
    }

    async fn quiz(cx: Context<()>, _: Slash) -> Turn<Quiz> {
        cx.begin(Quiz)
    }

    async fn solved(cx: Context<Quiz>, _: Post) -> Turn<Quiz> {
        cx.end()
    }

    fn hears(name: &'static str) -> AnySkill {
        let hear = |cx: Context<()>, _: Post| async { cx.done() };
        Skill::stateless(name).hears("four", hear).into()
    }

    fn heard(text: &str) -> Event {
        Event {
            key: None,
            place: Place::Desk("chat".into()),
            at: Millis(7),
            by: Some(Person {
                id: UserId::from_bytes([2; 16]),
                name: "ann".into(),
            }),
            channel: None,
            team: None,
            root: None,
            body: Body::Post(PostBody {
                post: PostId::from_bytes([3; 16]),
                text: text.into(),
                addressed: false,
                mentions: false,
                files: Vec::new(),
                hooked: false,
                by_bot: false,
            }),
        }
    }

    #[test]
    fn the_patterns_are_matched_once_on_the_way_of_a_post() {
        let catalog = Catalog::build(vec![hears("a"), hears("b")]).unwrap();
        let post = heard("four");
        let lead = catalog.lead(&post, &[]).unwrap();
        let first = catalog.route(&post, &[]).unwrap();
        assert_eq!((&lead, first.0.part), (&Lead::Words(Some(first.0)), 0));
        // What was found out is believed, and looked for no more.
        let second = Route { part: 1, ..first.0 };
        let followed = catalog.follow(&post, &[], &mut Lead::Words(Some(second)));
        assert_eq!(followed.unwrap().0, second);
        let unwanted = catalog.follow(&post, &[], &mut Lead::Words(None));
        assert_eq!(unwanted, Err(NotTaken::Unwanted));
    }

    #[test]
    fn who_listens_takes_a_post_whatever_its_words_lead_to() {
        let quiz = Skill::plain().slash("quiz", "", quiz).reply(solved);
        let catalog = Catalog::build(vec![hears("a"), quiz.into()]).unwrap();
        let post = heard("four");
        let asked = Question {
            slot: Slot::new(post.place.clone(), "quiz", "x"),
            listening: Listening {
                who: None,
                root: None,
                row: RowId::read("row"),
                since: Some(Millis(0)),
            },
        };
        let mut lead = catalog.lead(&post, &[]).unwrap();
        assert!(matches!(lead, Lead::Words(Some(_))));
        let questions = [asked.clone()];
        let taken = catalog.follow(&post, &questions, &mut lead).unwrap();
        assert_eq!(taken.1, asked.slot);
        assert_eq!(
            catalog.lead(&post, &questions),
            Ok(Lead::None),
            "no pattern is matched"
        );
    }
}
