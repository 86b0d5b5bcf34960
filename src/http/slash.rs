use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response};

use super::answer;
use super::callers::Proof;
use super::claims::{SlashClaim, broken};
use super::doors::{Doors, json, media_type};
use super::refusals::Refusal;
use crate::event::{Body, Event, Key, Person, Place, SlashBody, TriggerId};
use crate::model::channel::is_conversation;
use crate::model::ids::Millis;
use crate::model::slash::{SlashRequest, SlashResponse};
use crate::time::instant;

impl Doors {
    /// `POST /slash`: a form, never a query, for that would be in everybody's logs.
    pub(super) async fn slash(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let came = instant();
        match self.summons(request).await {
            Ok((event, invitable)) => {
                let answered = self.accept_since(event, came).await;
                json(&answer::slash(self, answered.answer, invitable))
            }
            Err(refusal) => self.refuse("/slash", &refusal, |text| {
                json(&SlashResponse::whisper(text))
            }),
        }
    }

    /// What was typed, and whether the bot could be invited to where it was.
    async fn summons(&self, request: &Request<Bytes>) -> Result<(Event, bool), Refusal> {
        if media_type(request) != "application/x-www-form-urlencoded" {
            return Err(Refusal::MediaType);
        }
        let claim = SlashClaim::from_form(request.body())?;
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let header = header
            .and_then(|value| value.strip_prefix("Token "))
            .unwrap_or_default();
        let tokens = [header, &claim.token];
        let now = self.time.now();
        let (command, trigger_id) = (trigger(&claim.command), &claim.trigger_id);
        let proof = self
            .callers
            .slash(&command, tokens, trigger_id, &claim.user, now)?;
        if claim.trigger_id.is_empty() {
            return Err(Refusal::Broken("it has no trigger_id".into()));
        }
        let slash = SlashRequest::from_form(request.body()).map_err(broken)?;
        let slash = match proof {
            Proof::Call => slash,
            Proof::Person => {
                let text = slash.text.clone();
                let proven = self.proofs.proven(slash, &self.memberships).await;
                proven.map_err(|refusal| refusal.with_command(&command, &text))?
            }
        };
        let place = self.place(slash.channel_id, &slash.channel_name);
        let invitable = !is_conversation(&slash.channel_name);
        Ok((event(slash, place, now), invitable))
    }
}

fn trigger(command: &str) -> String {
    command.trim_start_matches('/').to_lowercase()
}

fn event(slash: SlashRequest, place: Place, now: Millis) -> Event {
    let people = slash.user_mentions.iter().map(|m| (m.name.clone(), m.id));
    let channels = slash
        .channel_mentions
        .iter()
        .map(|m| (m.name.clone(), m.id));
    Event {
        key: Some(Key::trigger(&slash.trigger_id)),
        place,
        at: now,
        channel: Some(slash.channel_id),
        team: slash.team_id,
        root: slash.root_id,
        body: Body::Slash(SlashBody {
            trigger: trigger(&slash.command),
            text: slash.argument().to_owned(),
            people: people.collect(),
            channels: channels.collect(),
            conversation: is_conversation(&slash.channel_name),
            trigger_id: TriggerId::new(slash.trigger_id),
            response_url: Some(slash.response_url).filter(|url| !url.is_empty()),
        }),
        by: Some(Person {
            id: slash.user_id,
            name: slash.user_name,
        }),
    }
}
