//! The chat page at `/`: embedded files, and what crossed the wire.
//!
//! The page is a client like any other: it speaks Mattermost's REST and WebSocket alone. Only its
//! own files and what is below `/sandbox` are no part of Mattermost.

mod assets; // the files
mod sent; // what was sent
mod words; // an exchange in plain words
mod endings; // how it ended, and why a button did nothing
mod wire; // the exchanges as JSON
mod switch; // what goes wrong next, as JSON

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use self::switch::Switch;
use super::hub::Hub;

/// Nothing but the page's own files runs or shows, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self' ws:; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page's routes, before all others.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/assets/{path:.*}", web::get().to(asset))
        .route("/sandbox/wire", web::get().to(exchanges))
        .route("/sandbox/faults", web::post().to(goes_wrong));
}

async fn index() -> HttpResponse {
    file("index.html")
}

async fn asset(path: web::Path<String>) -> HttpResponse {
    file(&path)
}

fn file(path: &str) -> HttpResponse {
    let Some(asset) = assets::find(path) else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header(("content-type", asset.kind()))
        .insert_header(("content-security-policy", POLICY))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("referrer-policy", "no-referrer"))
        .insert_header(("cache-control", "no-cache"))
        .body(asset.body())
}

/// `GET /sandbox/wire?since=N`: the exchanges after number N, for anybody who is logged in.
async fn exchanges(request: HttpRequest, hub: web::Data<Hub>) -> HttpResponse {
    if !is_known(&request, &hub) {
        return HttpResponse::Unauthorized().finish();
    }
    let since = url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(key, _)| key == "since")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    HttpResponse::Ok()
        .insert_header(("x-content-type-options", "nosniff"))
        .json(wire::shown(&hub.traffic_since(since), &hub.open_calls()))
}

/// `POST /sandbox/faults`: what goes wrong next, for anybody who is logged in. What can't be read changes nothing, and
/// the answer says what is wrong with it.
async fn goes_wrong(request: HttpRequest, body: Bytes, hub: web::Data<Hub>) -> HttpResponse {
    if !is_known(&request, &hub) {
        return HttpResponse::Unauthorized().finish();
    }
    match serde_json::from_slice::<Switch>(&body) {
        Ok(switch) => {
            hub.with(|world| switch.turn(world));
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().body(format!("{error}\n")),
    }
}

/// Whether somebody who is logged in asks.
fn is_known(request: &HttpRequest, hub: &web::Data<Hub>) -> bool {
    let token = request.headers().get("authorization");
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    token.is_some_and(|token| hub.with(|world| world.owner(token).is_some()))
}
