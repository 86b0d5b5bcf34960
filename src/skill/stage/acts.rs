use std::time::Duration;

use serde_json::{Map, Value};

use super::Stage;
use crate::event::{
    Body, Button, Event, Heard, Job, JobKind, Key, Lane, Observed, Person, Picker, Place, Pressed,
    Submitted, Summons, TriggerId,
};
use crate::model::element::{Element, ElementKind};
use crate::model::ids::PostId;
use crate::skill::{Address, State};

impl Stage {
    /// Types a slash command in the scene: `/poll "Lunch?" "A" "B"`.
    pub async fn slash(&mut self, name: &str, line: &str) {
        let place = Place::Channel(self.scene);
        self.summon(name, line, place).await;
    }

    /// Types a slash command in the bot's direct channel.
    pub async fn slash_direct(&mut self, name: &str, line: &str) {
        let place = Place::Direct(self.cast.person(name).id);
        self.summon(name, line, place).await;
    }

    /// Posts in the scene.
    pub async fn says(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Scene, None).await;
    }

    /// Posts in a thread of the scene's.
    pub async fn says_in_thread(&mut self, name: &str, text: &str) {
        let root = self.post_id();
        self.hear(name, text, Where::Scene, Some(root)).await;
    }

    /// Posts in the scene with the bot's mention in front.
    pub async fn mentions(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Mention, None).await;
    }

    /// Writes to the bot in its direct channel.
    pub async fn tells(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Direct, None).await;
    }

    /// Posts in the scene; heard by an outgoing webhook.
    pub async fn says_to_webhook(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Webhook, None).await;
    }

    /// Presses the button of this label: the newest card's in the scene, or in the bot's direct
    /// channel with the person, that has one.
    pub async fn click(&mut self, name: &str, label: &str) {
        self.press(name, label, None, false).await;
    }

    /// Presses a button that a card had earlier: on a screen that hasn't seen the change yet.
    pub async fn click_late(&mut self, name: &str, label: &str) {
        self.press(name, label, None, true).await;
    }

    /// Chooses a value from the menu of this label.
    pub async fn choose(&mut self, name: &str, label: &str, value: &str) {
        self.press(name, label, Some(value), false).await;
    }

    /// Fills in the open dialog and submits it; a bool takes `true` or `false`. Panics where
    /// Mattermost wouldn't let it be submitted.
    pub async fn submit(&mut self, name: &str, values: &[(&str, &str)]) {
        let by = self.begin(name, &format!("submits {values:?}"));
        self.errors.remove(&by.id);
        let Some(open) = self.dialogs.get(&by.id) else {
            self.fail(&format!("{name} has no dialog open"));
        };
        let elements = &open.draft.dialog.elements;
        if let Some(wrong) = unfit(elements, values) {
            self.fail(&wrong);
        }
        let values = elements
            .iter()
            .filter_map(|e| Some((e.name.clone(), filled(e, values)?)));
        let values = values.collect();
        self.answer_dialog(by, values, false).await;
    }

    /// Closes the open dialog without submitting.
    pub async fn cancels(&mut self, name: &str) {
        let by = self.begin(name, "closes the dialog");
        let Some(open) = self.dialogs.get(&by.id) else {
            self.fail(&format!("{name} has no dialog open"));
        };
        if open.draft.dialog.notify_on_cancel == Some(true) {
            self.answer_dialog(by.clone(), Map::new(), true).await;
        }
        self.dialogs.remove(&by.id);
    }

    /// Something that is observed happens in the scene.
    pub async fn observes(&mut self, name: &str, what: Observed) {
        let by = self.begin(name, what.kind());
        let key = Key::of(&["observed", &self.next().to_string()]);
        let place = Place::Channel(self.scene);
        let event = self.event(key, place, by, Body::Observed(what));
        self.bring(event).await;
    }

    /// The last event arrives once more, as it may by another way or after a restart. Nothing
    /// happens.
    pub async fn again(&mut self) {
        let Some(event) = self.last.clone() else {
            self.fail("nothing happened yet");
        };
        self.note("(once more)".into());
        self.act(event).await;
    }

    /// Tells a slot something, as another skill or slow work would.
    pub async fn signal<S: State>(&mut self, to: &Address<S>, signal: S::Signal) {
        let payload = match serde_json::to_string(&signal) {
            Ok(payload) => payload,
            Err(error) => self.fail(&format!("the signal is no JSON: {error}")),
        };
        let slot = to.slot().clone();
        self.note(format!("(told to {slot}) {payload}"));
        let id = self.ids.next(self.now);
        self.jobs.push(Job {
            id,
            slot,
            kind: JobKind::Mail,
            due: self.now,
            payload,
            attempts: 0,
        });
        self.pass(Duration::ZERO).await;
    }

    /// Time passes; timers that fall due are brought at their time.
    pub async fn after(&mut self, time: Duration) {
        self.note(format!("--- {time:?} later ---"));
        self.pass(time).await;
    }

    async fn summon(&mut self, name: &str, line: &str, place: Place) {
        let by = self.begin(name, line);
        let Some(command) = line.strip_prefix('/') else {
            self.fail(&format!("{line:?} is no slash command"));
        };
        let (trigger, text) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let (people, channels) = self.cast.mentioned(text);
        let id = self.next().to_string();
        let body = Body::Slash(Summons {
            trigger: trigger.to_lowercase(),
            text: text.trim().to_owned(),
            people,
            channels,
            trigger_id: TriggerId::new(&id),
            response_url: None,
        });
        let event = self.event(Key::trigger(&id), place, by, body);
        self.bring(event).await;
    }

    async fn hear(&mut self, name: &str, text: &str, place: Where, root: Option<PostId>) {
        let by = self.begin(name, &format!("{}{text}", place.mark()));
        let at = match place {
            Where::Direct => Place::Direct(by.id),
            _ => Place::Channel(self.scene),
        };
        let post = self.post_id();
        let body = Body::Post(Heard {
            post,
            text: text.to_owned(),
            addressed: matches!(place, Where::Direct | Where::Mention),
            files: Vec::new(),
            hooked: matches!(place, Where::Webhook),
        });
        let mut event = self.event(Key::post(&post), at, by, body);
        event.root = root;
        self.bring(event).await;
    }

    async fn press(&mut self, name: &str, label: &str, choice: Option<&str>, late: bool) {
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
                .then(|| (shown.slot.clone(), button.clone()))
        });
        let Some((slot, button)) = found else {
            self.fail(&format!("no card here has a button {label:?}"));
        };
        if !offers(&button, choice) {
            self.fail(&format!("[{label}] doesn't offer {choice:?}"));
        }
        let id = self.next().to_string();
        let place = slot.place.clone();
        let body = Body::Click(Pressed {
            slot,
            button: button.press,
            choice: choice.map(str::to_owned),
            post: Some(self.post_id()),
            trigger_id: TriggerId::new(&id),
        });
        let event = self.event(Key::trigger(&id), place, by, body);
        self.bring(event).await;
    }

    async fn answer_dialog(&mut self, by: Person, values: Map<String, Value>, cancelled: bool) {
        let Some(open) = self.dialogs.get(&by.id) else {
            return;
        };
        let (channel, nonce) = (open.channel, open.nonce.clone());
        let (slot, form) = (open.slot.clone(), open.draft.form.clone());
        let place = slot.place.clone();
        let body = Body::Dialog(Submitted {
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
    fn begin(&mut self, name: &str, what: &str) -> Person {
        self.now = self.now.plus(Duration::from_secs(1));
        self.note(format!("{name}: {what}"));
        self.cast.person(name)
    }

    fn event(&self, key: Key, place: Place, by: Person, body: Body) -> Event {
        let channel = match &place {
            Place::Channel(channel) => *channel,
            Place::Direct(user) => self.cast.channel(&format!("direct with {user}")),
            Place::Desk(_) => self.scene,
        };
        Event {
            key: Some(key),
            place,
            at: self.now,
            by: Some(by),
            channel: Some(channel),
            team: None,
            root: None,
            body,
        }
    }

    async fn bring(&mut self, event: Event) {
        self.last = Some(event.clone());
        self.act(event).await;
    }

    fn post_id(&mut self) -> PostId {
        PostId::from_bytes(u128::from(self.next()).to_be_bytes())
    }
}

/// By which way a post is heard.
enum Where {
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

/// Why Mattermost wouldn't let these values be submitted.
fn unfit(elements: &[Element], values: &[(&str, &str)]) -> Option<String> {
    let known = |name: &str| elements.iter().any(|e| e.name == name);
    if let Some((name, _)) = values.iter().find(|(name, _)| !known(name)) {
        return Some(format!("the dialog has no element {name:?}"));
    }
    elements
        .iter()
        .find_map(|element| {
            let value = filled(element, values);
            let length = value.as_ref().and_then(Value::as_str)?.chars().count();
            let limit = usize::try_from(element.max_length.unwrap_or(0)).unwrap_or(0);
            let limit = if limit == 0 {
                element.value_limit()
            } else {
                limit
            };
            (length > limit).then(|| format!("{:?} takes at most {limit} characters", element.name))
        })
        .or_else(|| {
            let needed = elements.iter().filter(|e| e.optional != Some(true));
            let mut missing = needed.filter(|e| filled(e, values).is_none());
            let missing = missing.next()?;
            Some(format!("{:?} must be filled in", missing.name))
        })
}

/// An element's value as it comes back; one that is left empty doesn't.
fn filled(element: &Element, values: &[(&str, &str)]) -> Option<Value> {
    let given = values.iter().find(|(name, _)| *name == element.name);
    let text = given
        .map(|(_, value)| *value)
        .or(element.default.as_deref());
    match (&element.kind, text) {
        (ElementKind::Bool, text) => Some(Value::Bool(text == Some("true"))),
        (_, Some(text)) if !text.is_empty() => Some(Value::String(text.to_owned())),
        _ => None,
    }
}
