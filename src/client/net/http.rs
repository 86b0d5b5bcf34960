//! Requests by reqwest.

use std::error::Error as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{Request, Response};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::{NetError, NetOptions, Proxy, USER_AGENT};
use crate::client::wire::{Pieces, WireError};
use crate::time::timeout;

/// Mattermost closes idle connections after 60 s; one that we think open then would fail a POST
/// with "connection closed before message completed".
const IDLE: Duration = Duration::from_secs(45);
const CONNECT: Duration = Duration::from_secs(10);
/// So many times as long as another one a body may take that comes piece by piece: Mattermost asks its database
/// thousands of times for a list of hundreds of thousands.
const PATIENCE: u32 = 4;
/// The longest body that is held as a whole, in bytes: 200 posts of the greatest length that the server lets in.
const MAX_BODY: usize = 64 * 1024 * 1024;

pub(super) fn client(
    options: &NetOptions,
    tls: &ClientConfig,
) -> Result<reqwest::Client, NetError> {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .pool_idle_timeout(IDLE)
        .connect_timeout(CONNECT)
        .timeout(options.timeout);
    let builder = match &options.proxy {
        Proxy::System => builder,
        #[cfg(test)]
        Proxy::Direct => builder.no_proxy(),
        #[cfg(test)]
        Proxy::Fixed(address) => {
            builder.proxy(reqwest::Proxy::all(address).map_err(|_| NetError::Proxy)?)
        }
    };
    builder
        .build()
        .map_err(|error| NetError::SetUp(in_full(error)))
}

pub(super) async fn request(
    client: &reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, WireError> {
    let request =
        reqwest::Request::try_from(request).map_err(|error| WireError::NotSent(in_full(error)))?;
    let mut answer = client.execute(request).await.map_err(classify)?;
    // Where its length is known it is held once.
    let length = answer
        .content_length()
        .and_then(|l| usize::try_from(l).ok());
    let mut body = BytesMut::with_capacity(length.unwrap_or(0).min(MAX_BODY));
    while let Some(chunk) = answer.chunk().await.map_err(classify)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(WireError::Ambiguous("the answer is too long".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(head(&mut answer).map(|()| body.freeze()))
}

/// Each piece, and the head, must come within `limit`.
pub(super) async fn stream(
    client: &reqwest::Client,
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Pieces>, WireError> {
    let mut request =
        reqwest::Request::try_from(request).map_err(|error| WireError::NotSent(in_full(error)))?;
    *request.timeout_mut() = Some(limit * PATIENCE);
    let silent = move |_| WireError::Ambiguous(format!("nothing more came for {limit:?}"));
    let answer = timeout(limit, client.execute(request)).await;
    let mut answer = answer.map_err(silent)?.map_err(classify)?;
    let head = head(&mut answer);
    let pieces = stream::try_unfold(answer, move |mut answer| async move {
        let piece = timeout(limit, answer.chunk()).await;
        let piece = piece.map_err(silent)?.map_err(classify)?;
        Ok(piece.map(|piece| (piece, answer)))
    });
    Ok(head.map(|()| Box::pin(pieces) as Pieces))
}

fn head(answer: &mut reqwest::Response) -> Response<()> {
    let mut head = Response::new(());
    *head.status_mut() = answer.status();
    *head.version_mut() = answer.version();
    *head.headers_mut() = std::mem::take(answer.headers_mut());
    head
}

fn classify(error: reqwest::Error) -> WireError {
    let unsent = error.is_connect() || error.is_builder();
    let text = in_full(error);
    if unsent {
        WireError::NotSent(text)
    } else {
        WireError::Ambiguous(text)
    }
}

/// The error with its causes, and without the address: that of a `response_url` is a secret. The first words only
/// say that there are causes, and take room from these where the log cuts.
fn in_full(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let mut chain: Vec<_> = causes.map(ToString::to_string).collect();
    chain.insert(0, error.to_string());
    let empty = [
        "error sending request",
        "client error (Connect)",
        "tunnel error: failed to create underlying connection",
    ];
    let last = chain.len() - 1;
    let said = (0..).zip(&chain);
    let said = said.filter(|(at, text)| *at == last || !empty.contains(&text.as_str()));
    said.map(|(_, text)| text.as_str())
        .collect::<Vec<_>>()
        .join(": ")
}
