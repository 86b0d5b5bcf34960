//! `matteractor healthcheck`: one GET in plain HTTP/1.1, so that a container needs no other program.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use url::Url;

use super::{CliFailure, HealthcheckArgs};
use crate::settings::{Options, Settings};

/// How long connecting, and each read or write, may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// More of the answer isn't read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Asks the page; anything but status 200 is a failure.
pub(super) fn run(args: HealthcheckArgs) -> Result<(), CliFailure> {
    let url = match args.url {
        Some(url) => url,
        None => {
            let options = Options::of_this_process(args.config);
            ready_page(Settings::admin_address(&options)?)?
        }
    };
    Ok(ask(&url)?)
}

/// The page of a server that listens on `admin`; an address for all interfaces has one here.
fn ready_page(mut admin: SocketAddr) -> anyhow::Result<Url> {
    if admin.ip().is_unspecified() {
        admin.set_ip(match admin.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(Url::parse(&format!("http://{admin}/health/ready"))?)
}

fn ask(url: &Url) -> anyhow::Result<()> {
    if !url.username().is_empty() || url.password().is_some() {
        bail!("leave the name and the password out of the address: health needs none");
    }
    if url.scheme() != "http" {
        bail!("{url} is no http:// address, and healthcheck speaks only that");
    }
    let answer = get(url).with_context(|| format!("{url} doesn't answer"))?;
    let (status, body) =
        read_answer(&answer).ok_or_else(|| anyhow!("what answers at {url} is no web server"))?;
    if status == 200 {
        return Ok(());
    }
    Err(anyhow!("{url} answers {status}: {}", body.trim()))
}

fn get(url: &Url) -> anyhow::Result<String> {
    let mut stream = connect(url)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let host = url.authority();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn connect(url: &Url) -> anyhow::Result<TcpStream> {
    let addresses = url.socket_addrs(|| None)?;
    let mut failed = anyhow!("the name has no address");
    for address in addresses.as_slice().to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(e) => failed = e.into(),
        }
    }
    Err(failed)
}

/// Status and body of an HTTP/1 answer.
fn read_answer(answer: &str) -> Option<(u16, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    Some((status.trim_end().parse().ok()?, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// Serves one call and answers the request that it got.
    fn serve(answer: &'static str) -> (Url, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = ready_page(listener.local_addr().unwrap()).unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, server)
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for url in [
            "http://bot:hunter2@127.0.0.1:1/",
            "https://hunter2@127.0.0.1:1/",
        ] {
            let error = ask(&Url::parse(url).unwrap()).unwrap_err();
            let said = format!("{error:#}");
            assert!(
                said.contains("leave the name and the password out"),
                "{said}"
            );
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_server_that_is_ready_is_fine() {
        let (url, server) = serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        ask(&url).unwrap();
        let request = server.join().unwrap();
        assert!(
            request.starts_with("GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:"),
            "{request}"
        );
    }

    #[test]
    fn a_server_that_is_not_ready_is_quoted() {
        let (url, server) = serve("HTTP/1.1 503 Service Unavailable\r\n\r\nsocket: no answer\n");
        let error = ask(&url).unwrap_err().to_string();
        server.join().unwrap();
        assert_eq!(error, format!("{url} answers 503: socket: no answer"));
    }

    #[test]
    fn what_is_no_web_server_or_no_server_is_told() {
        let (url, server) = serve("220 mail ready\r\n");
        assert!(ask(&url).unwrap_err().to_string().contains("no web server"));
        server.join().unwrap();
        assert!(
            ask(&url)
                .unwrap_err()
                .to_string()
                .contains("doesn't answer")
        );
        let https = Url::parse("https://localhost/").unwrap();
        assert!(
            ask(&https)
                .unwrap_err()
                .to_string()
                .contains("speaks only that")
        );
    }

    #[test]
    fn an_address_for_all_interfaces_is_asked_on_this_machine() {
        for (listen, page) in [
            ("0.0.0.0:9000", "http://127.0.0.1:9000/health/ready"),
            ("[::]:9000", "http://[::1]:9000/health/ready"),
            ("10.0.0.5:9000", "http://10.0.0.5:9000/health/ready"),
        ] {
            let asked = ready_page(listen.parse().unwrap()).unwrap();
            assert_eq!(asked.as_str(), page);
        }
    }
}
