use super::post::Me;
use crate::model::ids::Millis;
use crate::model::post::Post;

/// When the bot was a member of a channel, as far as the channel's own posts say.
#[derive(Debug)]
pub(super) struct Stays {
    /// When it came (`true`) or left, in order of time.
    changes: Vec<(Millis, bool)>,
    before: bool,
}

impl Stays {
    /// By these posts; `before` is whether it was a member before all of them, if none says otherwise.
    pub fn of(me: &Me, posts: &[Post], before: bool) -> Self {
        let change = |post: &Post| {
            let came = me.comes_in(post);
            (came || me.goes(post)).then_some((post.create_at, came))
        };
        let mut changes: Vec<_> = posts.iter().filter_map(change).collect();
        changes.sort_unstable();
        let first = changes.first().map(|(_, came)| !came);
        Self {
            changes,
            before: first.unwrap_or(before),
        }
    }

    /// Whether it was a member when something was posted.
    pub fn has(&self, at: Millis) -> bool {
        // What is as old as a change is told by it as if the bot had been there.
        let told = |(when, came): &&(Millis, bool)| *when < at || *came && *when == at;
        let earlier = self.changes.iter().rev().find(told);
        earlier.map_or(self.before, |(_, came)| *came)
    }

    /// Whether it is one after all of them.
    pub fn last(&self) -> bool {
        self.changes.last().map_or(self.before, |(_, came)| *came)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ids::UserId;

    fn me() -> Me {
        Me {
            id: UserId::from_bytes([1; 16]),
            name: "polly".into(),
            hears_bots: false,
        }
    }

    /// As 10.0 and 11.10 post them.
    fn change(at: i64, kind: &str, who: &str) -> Post {
        let post = json!({
            "id": UserId::from_bytes([9; 16]), "create_at": at, "message": "", "type": kind,
            "user_id": UserId::from_bytes([2; 16]), "channel_id": UserId::from_bytes([3; 16]),
            "props": { who: me().id },
        });
        serde_json::from_value(post).unwrap()
    }

    #[test]
    fn what_was_posted_before_it_left_or_after_it_came_back_is_its_business() {
        let gone = change(10, "system_remove_from_channel", "removedUserId");
        let back = change(20, "system_add_to_channel", "addedUserId");
        let stays = Stays::of(&me(), &[back.clone(), gone.clone()], true);
        let had: Vec<bool> = [9, 10, 19, 20, 21].map(|at| stays.has(Millis(at))).into();
        assert_eq!(had, [true, true, false, true, true]);
        let stays = Stays::of(&me(), &[gone], true);
        assert!(!stays.last());
        assert!(!Stays::of(&me(), &[], stays.last()).has(Millis(15)));
        let stays = Stays::of(&me(), &[back], true);
        assert!(!stays.has(Millis(19)) && stays.last());
    }
}
