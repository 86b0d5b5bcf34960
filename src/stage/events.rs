use std::time::Duration;

use serde_json::{Map, Value};

use super::Stage;
use crate::event::{
    Body, Button, ClickBody, DialogBody, Event, Key, Lane, Person, Picker, Place, PostBody,
    SlashBody, TriggerId,
};
use crate::model::ids::PostId;

/// What people do, as events.
impl Stage {
    pub(super) async fn summon(&mut self, name: &str, line: &str, place: Place) {
        let by = self.begin(name, line);
        let Some(command) = line.strip_prefix('/') else {
            self.fail(&format!("{line:?} is no slash command"));
        };
        let (trigger, text) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let (people, channels) = self.cast.mentioned(text);
        let id = self.next().to_string();
        let conversation = match &place {
            Place::Channel(channel) => self.cast.is_conversation(channel),
            _ => true,
        };
        let body = Body::Slash(SlashBody {
            trigger: trigger.to_lowercase(),
            text: text.trim().to_owned(),
            people,
            channels,
            conversation,
            trigger_id: TriggerId::new(&id),
            response_url: None,
        });
        let event = self.event(Key::trigger(&id), place, by, body);
        self.bring(event).await;
    }

    pub(super) async fn hear(
        &mut self,
        name: &str,
        text: &str,
        place: Where,
        root: Option<PostId>,
        files: &[&str],
    ) {
        let by = self.begin(name, &format!("{}{text}", place.mark()));
        let at = match place {
            Where::Direct => Place::Direct(by.id),
            _ => Place::Channel(self.scene),
        };
        let post = self.post_id();
        self.said.push((post, at.clone(), text.to_owned()));
        let body = Body::Post(PostBody {
            post,
            text: text.to_owned(),
            addressed: matches!(place, Where::Direct | Where::Mention),
            mentions: matches!(place, Where::Mention) || text.contains("@bot"),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            hooked: matches!(place, Where::Webhook),
            by_bot: false,
        });
        let mut event = self.event(Key::post(&post), at, by, body);
        event.root = root;
        self.bring(event).await;
    }

    pub(super) async fn press(
        &mut self,
        name: &str,
        label: &str,
        choice: Option<&str>,
        late: bool,
    ) {
        let act = choice.map_or(String::new(), |value| format!(" {value:?}"));
        let by = self.begin(name, &format!("presses [{label}]{act}"));
        let lanes = [Lane::Channel(self.scene), Lane::Direct(by.id)];
        let found = self.cards.iter().rev().find_map(|shown| {
            let now = shown.card.buttons.iter();
            let all: Vec<_> = if late {
                now.chain(&shown.before).collect()
            } else {
                now.collect()
            };
            let button = all.into_iter().find(|button| button.label == label)?;
            lanes
                .contains(&shown.lane)
                .then(|| (shown.slot.clone(), shown.post, button.clone()))
        });
        let Some((slot, post, button)) = found else {
            self.fail(&format!("no card here has a button {label:?}"));
        };
        if !offers(&button, choice) {
            self.fail(&format!("[{label}] doesn't offer {choice:?}"));
        }
        let id = self.next().to_string();
        let place = slot.place.clone();
        let body = Body::Click(ClickBody {
            slot,
            button: button.press,
            choice: choice.map(str::to_owned),
            post: Some(post),
            trigger_id: TriggerId::new(&id),
        });
        let event = self.event(Key::trigger(&id), place, by, body);
        self.bring(event).await;
    }

    pub(super) async fn answer_dialog(
        &mut self,
        by: Person,
        values: Map<String, Value>,
        cancelled: bool,
    ) {
        let Some(open) = self.dialogs.get(&by.id) else {
            return;
        };
        let (channel, nonce) = (open.channel, open.nonce.clone());
        let (slot, form) = (open.slot.clone(), open.draft.form.clone());
        let place = slot.place.clone();
        let body = Body::Dialog(DialogBody {
            slot,
            form,
            values,
            cancelled,
        });
        let mut event = self.event(Key::nonce(&nonce), place, by, body);
        event.channel = Some(channel);
        self.bring(event).await;
    }

    /// A person does something, a second after the last.
    pub(super) fn begin(&mut self, name: &str, what: &str) -> Person {
        self.hand.set(self.now().plus(Duration::from_secs(1)));
        self.note(format!("{name}: {what}"));
        self.cast.person(name)
    }

    pub(super) fn event(&self, key: Key, place: Place, by: Person, body: Body) -> Event {
        let channel = match &place {
            Place::Channel(channel) => *channel,
            Place::Direct(user) => self.cast.channel(&format!("direct with {user}")),
            Place::Desk(_) => self.scene,
        };
        Event {
            key: Some(key),
            place,
            at: self.now(),
            by: Some(by),
            channel: Some(channel),
            team: None,
            root: None,
            body,
        }
    }

    pub(super) async fn bring(&mut self, event: Event) {
        self.last = Some(event.clone());
        self.act(event).await;
    }

    pub(super) fn post_id(&mut self) -> PostId {
        PostId::from_bytes(u128::from(self.next()).to_be_bytes())
    }
}

/// By which way a post is heard.
pub(super) enum Where {
    Scene,
    Mention,
    Direct,
    Webhook,
}

impl Where {
    fn mark(&self) -> &'static str {
        match self {
            Self::Scene => "",
            Self::Mention => "@bot ",
            Self::Direct => "(to bot) ",
            Self::Webhook => "(webhook) ",
        }
    }
}

fn offers(button: &Button, choice: Option<&str>) -> bool {
    match (&button.picker, choice) {
        (None, None) | (Some(Picker::Users | Picker::Channels), Some(_)) => true,
        (Some(Picker::Options(options)), Some(value)) => options.iter().any(|o| o.value == value),
        _ => false,
    }
}
