use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Floor, Kind, echo, ready};

/// Any free port.
const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Takes calls, and hears posts.
pub fn run(kind: Kind, floor: Arc<Floor>) -> anyhow::Result<()> {
    match kind {
        Kind::Actix => actix_web::rt::System::new().block_on(actix(floor)),
        Kind::Tokio => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(by_hand(floor))
        }
    }
}

async fn actix(floor: Arc<Floor>) -> anyhow::Result<()> {
    let data = web::Data::new(floor);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/slash", web::post().to(slash))
            .route("/actions", web::post().to(act))
    });
    let server = server.workers(2).bind(ANY)?;
    ready(server.addrs()[0]);
    Ok(server.run().await?)
}

async fn slash(body: web::Bytes, floor: web::Data<Arc<Floor>>) -> HttpResponse {
    answer(floor.get_ref().clone().slash(&body).await)
}

async fn act(body: web::Bytes, floor: web::Data<Arc<Floor>>) -> HttpResponse {
    answer(floor.act(&body).await)
}

fn answer(done: anyhow::Result<Vec<u8>>) -> HttpResponse {
    match done {
        Ok(body) => HttpResponse::Ok()
            .content_type("application/json")
            .body(body),
        Err(error) => HttpResponse::BadRequest().body(format!("{error:#}")),
    }
}

async fn by_hand(floor: Arc<Floor>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(ANY).await?;
    let hooks: SocketAddr = listener.local_addr()?;
    tokio::spawn(echo::hear(floor.clone()));
    ready(hooks);
    loop {
        let (stream, _) = listener.accept().await?;
        let floor = floor.clone();
        // A connection that breaks off is its caller's business.
        tokio::spawn(async move { drop(serve(stream, floor).await) });
    }
}

async fn serve(mut stream: TcpStream, floor: Arc<Floor>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::with_capacity(4096);
    loop {
        let Some((path, body, end)) = request(&bytes) else {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let done = match path {
            "/slash" => floor.clone().slash(body).await,
            _ => floor.act(body).await,
        };
        let (status, body) = match done {
            Ok(body) => ("200 OK", body),
            Err(error) => ("400 Bad Request", format!("{error:#}").into_bytes()),
        };
        let mut answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(&body);
        stream.write_all(&answer).await?;
        bytes.drain(..end);
    }
}

/// The path and the body of a request that is whole, and where it ends.
fn request(bytes: &[u8]) -> Option<(&str, &[u8], usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = str::from_utf8(&bytes[..head]).ok()?;
    let path = text.split(' ').nth(1)?;
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())?;
    let end = head + length;
    Some((path, bytes.get(head..end)?, end))
}
