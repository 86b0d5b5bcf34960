//! Answers that are read while they come.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http::{Method, Request, Uri};
use serde::de::DeserializeOwned;

use super::entries::Entries;
use super::lists::List;
use super::{Rest, malformed};
use crate::client::error::RestError;
use crate::client::foreign::is_own_success;
use crate::client::troubles::CallKind;
use crate::client::wire::{Pieces, WireError};
use crate::time::Time;

/// How much is read of an answer that isn't what was asked for: errors and pages.
const ENOUGH: usize = 64 * 1024;

/// An answer of Mattermost's own whose body is still coming.
struct Coming {
    uri: Uri,
    pieces: Pieces,
}

impl Rest {
    /// A list of any length, some entries at a time. Like other reads it waits for the budget; it is one request.
    pub(super) fn entries<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &'static str,
        kind: &'static str,
    ) -> impl Stream<Item = Result<List<T>, RestError>> + Send + use<T> {
        let rest = self.clone();
        let comes = async move {
            let coming = rest.comes(path).await;
            coming.map(|coming| lists(coming, path, kind))
        };
        stream::once(comes).try_flatten()
    }

    /// Asks for what is a list.
    async fn comes(&self, path: &str) -> Result<Coming, RestError> {
        self.0.budget.wait().await;
        let uri = self.0.base.join(path)?;
        let request = self.request(Method::GET, uri.clone(), Bytes::new(), true);
        let call = self.0.troubles.call(CallKind::of(&Method::GET, &uri, true));
        let answer = self.begun(uri, request).await;
        call.ended(answer.as_ref().err());
        answer
    }

    /// The answer, once its body begins as a list does.
    async fn begun(&self, uri: Uri, request: Request<Bytes>) -> Result<Coming, RestError> {
        let failed = |error| RestError::of_wire(&uri, error);
        let answer = self.0.wire.stream(request).await.map_err(failed)?;
        let (head, mut pieces) = answer.into_parts();
        self.0.budget.learn(head.status, &head.headers);
        let mut first = pieces.try_next().await.map_err(failed)?;
        while first
            .as_ref()
            .is_some_and(|piece| piece.trim_ascii().is_empty())
        {
            first = pieces.try_next().await.map_err(failed)?;
        }
        let first = first.unwrap_or_default();
        if head.status.is_success() && first.trim_ascii_start().starts_with(b"[") {
            self.0.clocks.learn(&head.headers, Time::wall().now());
            let pieces = stream::iter([Ok(first)]).chain(pieces);
            let pieces = Box::pin(pieces);
            return Ok(Coming { uri, pieces });
        }
        let body = enough(first, pieces).await.map_err(failed)?;
        Err(match head.status.is_success() && is_own_success(&body) {
            true => malformed(uri.path(), &"it is no list"),
            false => RestError::of_answer(&uri, head.status, &head.headers, &body),
        })
    }
}

impl Coming {
    async fn next(&mut self) -> Result<Option<Bytes>, RestError> {
        let next = self.pieces.try_next().await;
        next.map_err(|error| RestError::of_wire(&self.uri, error))
    }
}

/// What is whole of it after each piece.
fn lists<T: DeserializeOwned + Send + 'static>(
    coming: Coming,
    path: &'static str,
    kind: &'static str,
) -> impl Stream<Item = Result<List<T>, RestError>> + Send {
    let begin = (coming, Entries::new(kind));
    stream::try_unfold(begin, move |(mut coming, mut entries)| async move {
        let no_list = |why: String| malformed(path, &why);
        let Some(piece) = coming.next().await? else {
            entries.end().map_err(no_list)?;
            return Ok(None);
        };
        let list = entries.piece(&piece).map_err(no_list)?;
        Ok(Some((list, (coming, entries))))
    })
}

/// As much of a body as tells whose it is.
async fn enough(first: Bytes, mut pieces: Pieces) -> Result<BytesMut, WireError> {
    let mut body = BytesMut::from(first);
    while body.len() < ENOUGH {
        let Some(piece) = pieces.try_next().await? else {
            break;
        };
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use http::{Response, StatusCode};

    use super::*;
    use crate::client::base::Base;
    use crate::client::fake::Fake;
    use crate::client::rest::MyChannels;
    use crate::client::wire::{ConnectRequest, Connection, Wire, pieces};
    use crate::model::ids::ChannelId;

    /// A server whose answers come in pieces.
    struct Poured(StatusCode, Box<dyn Fn() -> Pieces + Send + Sync>);

    #[async_trait]
    impl Wire for Poured {
        async fn request(&self, _: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
            panic!("nobody wants the whole of it")
        }

        async fn stream(&self, _: Request<Bytes>) -> Result<Response<Pieces>, WireError> {
            let mut answer = Response::new(self.1());
            *answer.status_mut() = self.0;
            Ok(answer)
        }

        async fn connect(&self, _: ConnectRequest) -> Result<Connection, WireError> {
            Err(WireError::NotSent("there are no WebSockets here".into()))
        }
    }

    fn poured(status: u16, pour: impl Fn() -> Pieces + Send + Sync + 'static) -> Rest {
        let wire = Poured(StatusCode::from_u16(status).unwrap(), Box::new(pour));
        let base = Base::parse("https://chat.example").unwrap();
        Rest::new(Arc::new(wire), base, None)
    }

    fn of(texts: &'static [&'static str]) -> impl Fn() -> Pieces {
        move || {
            pieces(
                texts
                    .iter()
                    .map(|text| Ok(Bytes::from_static(text.as_bytes()))),
            )
        }
    }

    async fn all(rest: &Rest) -> Result<Vec<MyChannels>, RestError> {
        rest.my_channels().try_collect().await
    }

    fn channel(n: u128) -> ChannelId {
        ChannelId::from_bytes(n.to_be_bytes())
    }

    #[tokio::test]
    async fn a_list_of_more_than_64_mib_is_read_and_only_what_is_needed_of_it_is_kept() {
        const EACH: usize = 256 * 1024;
        let many: u128 = 280;
        let rest = poured(200, move || {
            let header = "x".repeat(EACH);
            let entries = (0..many).map(move |n| {
                let begin = if n == 0 { '[' } else { ',' };
                let id = channel(n);
                let entry = format!(r#"{begin}{{"id":"{id}","header":"{header}","type":"O"}}"#);
                Ok(Bytes::from(entry))
            });
            pieces(entries.chain([Ok(Bytes::from_static(b"]"))]))
        });
        let mut found = 0;
        let mut lists = std::pin::pin!(rest.my_channels());
        while let Some(some) = lists.try_next().await.unwrap() {
            assert!(some.channels.len() <= 1, "what is whole comes at once");
            for listed in some.channels {
                assert_eq!(listed.id, channel(found));
                found += 1;
            }
        }
        assert_eq!(found, many);
        assert!(found as usize * EACH > 64 << 20);
    }

    #[tokio::test]
    async fn a_list_that_breaks_off_is_no_list_although_its_beginning_was_read() {
        let begin = r#"[{"id":"9g66xk3awbfjf8rea197dhw1ba","type":"O"},"#;
        let gone = || Err(WireError::Ambiguous("reset".into()));
        let rest = poured(200, move || {
            pieces([Ok(Bytes::from_static(begin.as_bytes())), gone()])
        });
        let read: Vec<_> = rest.my_channels().collect().await;
        assert_eq!(read[0].as_ref().unwrap().channels.len(), 1);
        assert!(
            matches!(&read[1..], [Err(RestError::Ambiguous(why))] if why.contains("/users/me/channels"))
        );
        for cut in [&[""][..], &[" ", "\n"], &["[", "]", "]"]] {
            let cut = poured(200, of(Vec::leak(cut.to_vec())));
            assert!(all(&cut).await.is_err());
        }
        let cut = poured(
            200,
            of(&[r#"[{"id":"9g66xk3awbfjf8rea197dhw1ba","#, r#""type":"O"}"#]),
        );
        assert!(matches!(all(&cut).await, Err(RestError::Malformed(_))));
    }

    #[tokio::test]
    async fn what_comes_instead_of_a_list_means_the_same_as_for_any_other_call() {
        let page = "<html><title>Sign in</title>";
        let own =
            r#"{"id":"api.context.session_expired.app_error","message":"No.","status_code":401}"#;
        for (status, body) in [
            (200, page),
            (502, page),
            (401, own),
            (429, "limit exceeded"),
            (200, ""),
        ] {
            let rest = poured(status, move || {
                pieces(body.split_inclusive(' ').map(|part| Ok(part.into())))
            });
            let whole = Fake::saying(status, body).rest().me().await.unwrap_err();
            let error = all(&rest).await.unwrap_err();
            match (&error, &whole) {
                (
                    RestError::Foreign { status, line, .. },
                    RestError::Foreign {
                        status: same,
                        line: said,
                        ..
                    },
                ) => assert_eq!((status, line), (same, said)),
                _ => assert_eq!(error, whole),
            }
            let told = matches!(error, RestError::Foreign { .. } | RestError::Unauthorized);
            assert_eq!(rest.problems().len(), usize::from(told), "{error}");
        }
        let rest = poured(200, of(&[r#"{"id":"9g66xk3awbfjf8rea197dhw1ba"}"#]));
        assert!(matches!(all(&rest).await, Err(RestError::Malformed(_))));
    }
}
