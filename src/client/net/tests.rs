//! The real wire against small servers written by hand.

mod proxies;
mod socks;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::*;
use crate::client::error::RestError;
use crate::client::wire::Frame;
use crate::telemetry::short;
use ::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

fn net(options: NetOptions) -> Net {
    Net::new(&options).unwrap()
}

fn direct() -> NetOptions {
    NetOptions {
        proxy: Proxy::Direct,
        ..NetOptions::default()
    }
}

fn get(uri: String) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

/// The head of a request, as the server saw it.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.unwrap();
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

/// A server that gives every connection the same bytes and closes it; remembers the heads.
struct Canned {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            heads: Arc::default(),
        };
        let heads = server.heads.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_head(&mut stream).await;
                heads.lock().unwrap().push(head);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        server
    }

    fn uri(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn tls_acceptor() -> TlsAcceptor {
    let certs = CertificateDer::pem_file_iter(fixture("localhost.pem"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(fixture("localhost.key")).unwrap();
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certs, key)
            .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn authorized(uri: String) -> ConnectRequest {
    let bearer = HeaderValue::from_static("Bearer secret");
    ConnectRequest {
        uri: uri.parse::<Uri>().unwrap(),
        headers: HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]),
    }
}

#[tokio::test]
async fn an_answer_comes_back_with_status_headers_and_body_and_the_sub_path_is_kept() {
    let server =
        Canned::start("HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 5\r\n\r\nhello")
            .await;
    let answer = net(direct())
        .request(get(server.uri("/chat/api/v4/users/me?x=1")))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-request-id"], "r1");
    assert_eq!(answer.body().as_ref(), b"hello");
    assert!(server.heads()[0].starts_with("GET /chat/api/v4/users/me?x=1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_429_is_an_answer_like_any_other() {
    let text = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 14\r\n\r\nlimit exceeded";
    let server = Canned::start(text).await;
    let answer = net(direct()).request(get(server.uri("/"))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "3");
    assert_eq!(answer.body().as_ref(), b"limit exceeded");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let text =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/stolen\r\nContent-Length: 0\r\n\r\n";
    let server = Canned::start(text).await;
    let answer = net(direct()).request(get(server.uri("/"))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_ambiguous() {
    for cut in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    ] {
        let server = Canned::start(cut).await;
        let post = Request::post(server.uri("/"))
            .body(Bytes::from_static(b"{}"))
            .unwrap();
        let result = net(direct()).request(post).await;
        assert!(
            matches!(result, Err(WireError::Ambiguous(_))),
            "{cut:?}: {result:?}"
        );
        assert_eq!(server.heads().len(), 1, "{cut:?}: sent once only");
    }
}

/// A server that begins a list, and goes on with `more` every few milliseconds, where there is any.
async fn endless(more: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[";
        stream.write_all(head).await.unwrap();
        while stream.write_all(more).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    uri
}

#[tokio::test]
async fn a_body_in_pieces_may_take_its_time_but_neither_fall_silent_nor_go_on_for_ever() {
    for (more, least) in [(&b""[..], 1), (b" ", 2)] {
        let options = NetOptions {
            timeout: Duration::from_millis(100),
            ..direct()
        };
        let uri = endless(more).await;
        let started = crate::time::instant();
        let answer = net(options).stream(get(uri)).await.unwrap();
        let (first, rest): (Vec<_>, Vec<_>) = answer
            .into_body()
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .partition(Result::is_ok);
        let took = started.elapsed();
        assert!(!first.is_empty());
        assert!(
            matches!(rest[..], [Err(WireError::Ambiguous(_))]),
            "{rest:?}"
        );
        assert!(took >= Duration::from_millis(100) * least, "{took:?}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}

#[tokio::test]
async fn silence_is_ambiguous_after_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let options = NetOptions {
        timeout: Duration::from_millis(20),
        ..direct()
    };
    let result = net(options).request(get(uri)).await;
    assert!(matches!(result, Err(WireError::Ambiguous(_))), "{result:?}");
}

#[tokio::test]
async fn a_refused_connection_or_an_unknown_name_was_not_sent_and_the_error_keeps_the_path_to_itself()
 {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    for host in [format!("127.0.0.1:{port}"), "name.invalid".into()] {
        let result = net(direct())
            .request(get(format!("http://{host}/hooks/commands/secret")))
            .await;
        let Err(WireError::NotSent(text)) = result else {
            panic!("{host}: {result:?}")
        };
        assert!(!text.contains("secret"), "{text}");
        let result = net(direct())
            .connect(authorized(format!("http://{host}/")))
            .await;
        assert!(
            matches!(result, Err(WireError::NotSent(_))),
            "{host}: {result:?}"
        );
    }
}

#[tokio::test]
async fn a_websocket_sends_its_authorization_and_neither_origin_nor_cookie() {
    let server = Canned::start("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await;
    let result = net(direct())
        .connect(authorized(
            server.uri("/chat/api/v4/websocket?sequence_number=3"),
        ))
        .await;
    let Err(WireError::Refused { status, body, .. }) = result else {
        panic!()
    };
    assert_eq!((status, body.len()), (StatusCode::UNAUTHORIZED, 0));
    let head = server.heads().remove(0).to_lowercase();
    assert!(
        head.starts_with("get /chat/api/v4/websocket?sequence_number=3 http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("authorization: bearer secret\r\n"), "{head}");
    assert!(
        !head.contains("origin:") && !head.contains("cookie:"),
        "{head}"
    );
}

#[tokio::test]
async fn a_websocket_refused_by_a_429_tells_when_to_come_back() {
    let text = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 14\r\n\r\nlimit exceeded";
    let server = Canned::start(text).await;
    let refused = net(direct())
        .connect(authorized(server.uri("/")))
        .await
        .unwrap_err();
    assert_eq!(
        RestError::of_wire(&Uri::default(), refused),
        RestError::RateLimited {
            retry_after: Some(Duration::from_secs(7)),
        }
    );
}

/// Greets, answers one text with itself, closes.
async fn chat<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let mut socket = accept_async(stream).await.unwrap();
    socket
        .send(Message::Ping("are you there".into()))
        .await
        .unwrap();
    socket
        .send(Message::Binary(vec![1, 2, 3].into()))
        .await
        .unwrap();
    socket.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Pong("are you there".into())
    );
    let said = socket.next().await.unwrap().unwrap();
    socket.send(said).await.unwrap();
    socket.close(None).await.unwrap();
}

async fn converse(mut connection: Connection) {
    assert_eq!(connection.next().await, Some(Frame::Text("hello".into())));
    connection.say("echo").await.unwrap();
    assert_eq!(connection.next().await, Some(Frame::Text("echo".into())));
    assert!(matches!(
        connection.next().await,
        Some(Frame::Close { code: None, .. })
    ));
    assert_eq!(connection.next().await, None);
}

#[tokio::test]
async fn frames_go_both_ways_and_pings_are_answered_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { chat(listener.accept().await.unwrap().0).await });
    converse(net(direct()).connect(authorized(uri)).await.unwrap()).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_broken_websocket_shows_as_a_close_without_a_code() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        drop(
            accept_async(listener.accept().await.unwrap().0)
                .await
                .unwrap(),
        )
    });
    let mut connection = net(direct()).connect(authorized(uri)).await.unwrap();
    assert!(matches!(
        connection.next().await,
        Some(Frame::Close { code: None, .. })
    ));
    assert_eq!(connection.next().await, None);
}

#[tokio::test]
async fn a_private_authority_is_trusted_for_requests_and_websockets_only_if_it_was_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut stream) = tls_acceptor().accept(stream).await else {
                    return;
                };
                // Requests offer HTTP by name, a WebSocket must not.
                if stream.get_ref().1.alpn_protocol() == Some(b"http/1.1") {
                    read_head(&mut stream).await;
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        .await
                        .unwrap();
                } else {
                    chat(stream).await;
                }
            });
        }
    });
    let trusting = net(NetOptions {
        ca_file: Some(fixture("ca.pem")),
        ..direct()
    });
    assert_eq!(
        trusting
            .request(get(uri.clone()))
            .await
            .unwrap()
            .body()
            .as_ref(),
        b"ok"
    );
    converse(
        trusting
            .connect(authorized(format!("{uri}websocket")))
            .await
            .unwrap(),
    )
    .await;
    let wary = net(direct());
    assert!(matches!(
        wary.request(get(uri.clone())).await,
        Err(WireError::NotSent(_))
    ));
    assert!(matches!(
        wary.connect(authorized(uri)).await,
        Err(WireError::NotSent(_))
    ));
}

#[test]
fn a_file_without_certificates_is_refused_by_name() {
    for name in ["localhost.key", "missing.pem"] {
        let error = Net::new(&NetOptions {
            ca_file: Some(fixture(name)),
            ..direct()
        })
        .unwrap_err();
        let said = error.to_string();
        let start = "mattermost.ca_file (MATTERACTOR__MATTERMOST__CA_FILE) is ";
        assert!(said.starts_with(start) && said.contains(name), "{said}");
        assert!(said.ends_with("or leave the setting out"), "{said}");
    }
}
