//! HTTP proxies.

use super::*;

#[tokio::test]
async fn a_websocket_goes_through_the_proxy_by_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        let head = read_head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .unwrap();
        chat(stream).await;
        head
    });
    let fixed = NetOptions {
        proxy: Proxy::Fixed(format!("http://ann:pass@{address}")),
        ..NetOptions::default()
    };
    converse(
        net(fixed)
            .connect(authorized("http://chat.invalid/".into()))
            .await
            .unwrap(),
    )
    .await;
    let head = proxy.await.unwrap();
    assert!(
        head.starts_with("CONNECT chat.invalid:80 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("Proxy-Authorization: Basic YW5uOnBhc3M=\r\n"),
        "{head}"
    );
    assert!(!head.contains("secret"), "{head}");
}

#[tokio::test]
async fn a_proxy_that_refuses_means_not_sent() {
    let server = Canned::start("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let fixed = NetOptions {
        proxy: Proxy::Fixed(server.uri("")),
        ..NetOptions::default()
    };
    for uri in ["https://chat.invalid/one", "https://chat.invalid/two"] {
        let result = net(fixed.clone()).connect(authorized(uri.into())).await;
        assert!(matches!(result, Err(WireError::NotSent(_))), "{result:?}");
        let result = net(fixed.clone()).request(get(uri.into())).await;
        assert!(matches!(result, Err(WireError::NotSent(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_without_its_password() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let net = net(NetOptions {
        proxy: Proxy::Fixed(format!("http://ann:canary@{address}")),
        ..NetOptions::default()
    });
    let told = format!("by way of the proxy http://{address}: ");
    for uri in ["http://chat.invalid/", "https://chat.invalid/"] {
        let request = net.request(get(uri.into())).await.unwrap_err();
        let connect = net.connect(authorized(uri.into())).await.err().unwrap();
        for error in [request, connect] {
            let uri = "https://mattermost.some-department.example.org/api/v4/users/me"
                .parse()
                .unwrap();
            let error = RestError::of_wire(&uri, error).to_string();
            assert!(
                error.contains(&told) && !error.contains("canary"),
                "{error}"
            );
            let logged = short(&error).to_string();
            assert!(logged.contains("Connection refused"), "{logged}");
            assert_eq!(
                proxy_of(&error).unwrap(),
                format!("the proxy http://{address}")
            );
        }
    }
}
