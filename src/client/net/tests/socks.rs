//! A SOCKS 5 proxy that wants a name and a password, and is the server as well.

use super::*;

const GRANTED: u8 = 0;
const FORBIDDEN: u8 = 2;

/// Which port it has; each connection is asked for, and then `serve` is behind it.
async fn proxy(status: u8, serve: fn(TcpStream) -> BoxFuture<'static, ()>) -> (u16, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let target = negotiate(&mut stream, status).await;
            if tell.send(target).is_ok() && status == GRANTED {
                serve(stream).await;
            }
        }
    });
    (port, asked)
}

type Asked = tokio::sync::mpsc::UnboundedReceiver<String>;

/// As RFC 1928 and 1929 have it; who it is, and the target.
async fn negotiate(stream: &mut TcpStream, status: u8) -> String {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.unwrap();
    read(stream, head[1].into()).await;
    stream.write_all(&[5, 2]).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 1);
    let name = counted(stream).await;
    let word = counted(stream).await;
    stream.write_all(&[1, 0]).await.unwrap();
    let request = read(stream, 4).await;
    let host = match request[3] {
        1 => {
            let address = read(stream, 4).await;
            let parts: Vec<_> = address.iter().map(u8::to_string).collect();
            parts.join(".")
        }
        _ => counted(stream).await,
    };
    let port = stream.read_u16().await.unwrap();
    let answer = [5, status, 0, 1, 0, 0, 0, 0, 0, 0];
    stream.write_all(&answer).await.unwrap();
    format!("{name}:{word} to {host}:{port}")
}

async fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn counted(stream: &mut TcpStream) -> String {
    let length = stream.read_u8().await.unwrap();
    String::from_utf8(read(stream, length.into()).await).unwrap()
}

fn through(scheme: &str, port: u16) -> Net {
    net(NetOptions {
        proxy: Proxy::Fixed(format!("{scheme}://ann:pass@127.0.0.1:{port}")),
        ..NetOptions::default()
    })
}

const HI: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

#[tokio::test]
async fn requests_and_the_websocket_go_through_a_socks_proxy() {
    let (port, mut asked) = proxy(GRANTED, |mut stream| {
        Box::pin(async move {
            read_head(&mut stream).await;
            stream.write_all(HI).await.unwrap();
        })
    })
    .await;
    let request = get("http://chat.invalid/one".into());
    let body = through("socks5h", port).request(request).await.unwrap();
    assert_eq!(&body.into_body()[..], b"hi");
    assert_eq!(asked.recv().await.unwrap(), "ann:pass to chat.invalid:80");

    let (port, mut asked) = proxy(GRANTED, |stream| Box::pin(chat(stream))).await;
    let uri = "http://chat.invalid/".to_owned();
    let net = through("socks5h", port);
    converse(net.connect(authorized(uri)).await.unwrap()).await;
    assert_eq!(asked.recv().await.unwrap(), "ann:pass to chat.invalid:80");
}

#[tokio::test]
async fn a_name_is_looked_up_here_where_the_scheme_says_so() {
    let (port, mut asked) = proxy(GRANTED, |stream| Box::pin(chat(stream))).await;
    let uri = "http://localhost:8065/".to_owned();
    let net = through("socks5", port);
    converse(net.connect(authorized(uri)).await.unwrap()).await;
    let asked = asked.recv().await.unwrap();
    assert!(!asked.contains("localhost"), "{asked}");
    let uri = "http://chat.invalid/".to_owned();
    let unknown = net.connect(authorized(uri)).await.err().unwrap();
    assert!(unknown.to_string().contains("no address of chat.invalid"));
}

#[tokio::test]
async fn a_socks_proxy_that_refuses_means_not_sent_and_says_why() {
    let (port, _asked) = proxy(FORBIDDEN, |_| Box::pin(async {})).await;
    let net = through("socks5h", port);
    let uri = "https://chat.invalid/".to_owned();
    let refused = net.connect(authorized(uri.clone())).await.err().unwrap();
    assert!(matches!(refused, WireError::NotSent(_)), "{refused:?}");
    let said = refused.to_string();
    assert!(
        said.contains("by way of the proxy socks5h://127.0.0.1"),
        "{said}"
    );
    assert!(
        said.contains("not allowed") && !said.contains("pass"),
        "{said}"
    );
    let refused = net.request(get(uri)).await.unwrap_err();
    assert!(matches!(refused, WireError::NotSent(_)), "{refused:?}");
}
