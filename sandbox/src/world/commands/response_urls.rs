//! `response_url`: late answers to slash commands, five within half an hour.

use super::answers;
use super::place::CommandPlace;
use crate::world::World;
use crate::world::wire::calls::Heard;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply};

/// How often one may be used (`app/command.go`).
const USES: u32 = 5;
/// For how long (`CommandWebhookLifetime`).
const LIFE_MS: i64 = 30 * 60 * 1_000;

/// A `response_url` that was handed out.
#[derive(Debug, Clone)]
pub struct ResponseUrl {
    pub command_id: String,
    /// Where an answer goes.
    pub place: CommandPlace,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// How often it was used.
    pub uses: u32,
}

fn refused(id: &str, status: u16, why: &str) -> Refusal {
    let text = format!("Failed to handle command webhook {id}.");
    Refusal::new(status, "web.command_webhook.general.app_error", text)
        .because(format!("HandleCommandWebhook: {why}"))
}

/// `POST /hooks/commands/{id}`: no login, whoever knows the id may.
pub fn answer(world: &mut World, q: &Question, id: &str) -> Replied {
    let heard = Heard {
        status: 200,
        content_type: q.content_type.clone(),
        body: q.body.clone(),
    };
    let response = answers::parsed(&heard).map_err(|why| {
        let text = format!("Unable to parse incoming data for webhook {id}.");
        Refusal::new(400, "web.command_webhook.parse.app_error", text).because(why)
    })?;
    world
        .response_urls
        .retain(|_, url| q.now - url.created_at <= LIFE_MS);
    let url = world.response_urls.get_mut(id);
    let url = url.ok_or_else(|| refused(id, 404, "Unable to find the webhook."))?;
    if url.uses >= USES {
        return Err(refused(id, 400, "Invalid webhook."));
    }
    url.uses += 1;
    let (place, command) = (url.place.clone(), url.command_id.clone());
    let command = world.commands.get(&command).cloned();
    answers::publish(world, q.now, command.as_ref(), &place, &response)
        .map_err(|error| refused(id, error.status, &error.message))?;
    Ok(Reply::Text("ok"))
}
