//! As much of a Mattermost as the bot needs, and as little work as possible: threads that block, so
//! that the load generator's own runtime stays alone.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use matteractor::model::ids::{PostId, UserId};
use serde_json::{Value, json};

use crate::echoing::Echoes;
use crate::polls::{channel, team};
use crate::signer::{Signer, now};
use crate::socket::Ears;

/// How long a post may take to come.
const COMES: Duration = Duration::from_secs(60);

/// A pretend Mattermost that keeps the bot's posts.
pub struct Pretend {
    address: SocketAddr,
    world: Arc<World>,
}

struct World {
    public_key: String,
    /// In how many channels the bot is.
    channels: usize,
    /// All of them, as they are listed: it may be long, and is made once.
    listed: OnceLock<String>,
    posts: Mutex<Posts>,
    ears: Ears,
    /// Those that are under way, where posts are to be answered.
    echoes: Mutex<Option<Arc<Echoes>>>,
}

#[derive(Default)]
struct Posts {
    by_id: HashMap<String, Value>,
    made: u128,
    /// The first post of each channel.
    first: HashMap<String, String>,
}

/// A post of the bot's.
pub struct Post {
    pub id: String,
    pub attachments: Value,
}

impl Pretend {
    /// Listens on any free port.
    pub fn start(signer: &Signer, channels: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let world = Arc::new(World {
            public_key: signer.public_key(),
            channels,
            listed: OnceLock::new(),
            posts: Mutex::default(),
            ears: Ears::default(),
            echoes: Mutex::default(),
        });
        let shared = world.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let world = shared.clone();
                // A connection that breaks off is the bot's own business.
                std::thread::spawn(move || drop(world.serve(stream)));
            }
        });
        Ok(Self { address, world })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `AsymmetricSigningPublicKey`.
    pub fn public_key(&self) -> &str {
        &self.world.public_key
    }

    /// Whether a bot listens.
    pub fn is_heard(&self) -> bool {
        self.world.ears.is_any()
    }

    /// From now on posts of the bot answer these.
    pub fn expects(&self, echoes: Arc<Echoes>) {
        *self
            .world
            .echoes
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(echoes);
    }

    /// Somebody has posted this.
    pub fn says(&self, number: usize, place: &str, text: &str) {
        let id = PostId::from_bytes(((1 << 100) | number as u128).to_be_bytes());
        let post = post_json(
            id.as_str(),
            UserId::from_bytes([6; 16]).as_str(),
            place,
            text,
        );
        self.world.ears.posted(&post);
    }

    /// The first post in a channel, as it looks now, once it is there.
    pub async fn first_post(&self, channel: &str) -> anyhow::Result<Post> {
        let until = Instant::now() + COMES;
        loop {
            if let Some(post) = self.world.first_post(channel) {
                return Ok(post);
            }
            ensure!(Instant::now() < until, "nothing is posted in {channel}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until there are so many posts.
    pub async fn posts_are(&self, count: usize) -> anyhow::Result<()> {
        let until = Instant::now() + COMES;
        loop {
            let posted = self.world.posts().by_id.len();
            if posted >= count {
                return Ok(());
            }
            ensure!(Instant::now() < until, "only {posted} posts have come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl World {
    fn posts(&self) -> MutexGuard<'_, Posts> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first_post(&self, channel: &str) -> Option<Post> {
        let posts = self.posts();
        let id = posts.first.get(channel)?;
        Some(Post {
            id: id.clone(),
            attachments: posts.by_id.get(id)?["props"]["attachments"].clone(),
        })
    }

    fn serve(&self, stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let mut start = [0; 512];
        let peeked = stream.peek(&mut start)?;
        if start[..peeked].starts_with(b"GET /api/v4/websocket") {
            return self
                .ears
                .listen(stream, bot()["id"].as_str().unwrap_or_default());
        }
        let mut to = stream.try_clone()?;
        let mut from = BufReader::new(stream);
        loop {
            let (line, body) = request(&mut from)?;
            let mut words = line.split(' ');
            let (method, path) = (words.next(), words.next().unwrap_or_default());
            if path == "/api/v4/users/me/channels" {
                say(&mut to, "200 OK", self.listed())?;
                continue;
            }
            let (status, answer) = self.answer(method.unwrap_or_default(), path, &body);
            say(&mut to, status, &answer.to_string())?;
        }
    }

    fn listed(&self) -> &str {
        self.listed.get_or_init(|| {
            let all = (0..self.channels).map(|number| channel_json(number).to_string());
            format!("[{}]", all.collect::<Vec<_>>().join(","))
        })
    }

    fn answer(&self, method: &str, path: &str, body: &[u8]) -> (&'static str, Value) {
        let path = path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let answer = match (method, path.trim_start_matches("/api/v4/")) {
            ("GET", "users/me") => bot(),
            ("GET", path) if path.starts_with("teams/name/") => {
                json!({"id": team().as_str(), "name": "team"})
            }
            ("GET", "config/client") => json!({
                "Version": "11.6.0", "AsymmetricSigningPublicKey": self.public_key
            }),
            ("POST", "posts") => return ("201 Created", self.posted(body)),
            ("PUT", path) if path.ends_with("/patch") => {
                let id = path.trim_start_matches("posts/").trim_end_matches("/patch");
                self.edited(id, body)
            }
            ("GET", path) if path.ends_with("/posts") => json!({"order": [], "posts": {}}),
            _ => json!([]),
        };
        ("200 OK", answer)
    }

    fn posted(&self, mut post: Value) -> Value {
        let mut posts = self.posts();
        posts.made += 1;
        let id = PostId::from_bytes(posts.made.to_be_bytes());
        let id = id.as_str().to_owned();
        let at = now().0;
        post["id"] = json!(id);
        post["user_id"] = bot()["id"].clone();
        for (key, value) in [("create_at", at), ("update_at", at), ("delete_at", 0)] {
            post[key] = json!(value);
        }
        let channel = post["channel_id"].as_str().unwrap_or_default().to_owned();
        let echoes = self
            .echoes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(echoes) = echoes {
            drop(posts);
            echoes.answered(&channel);
            // Its own posts are told to the bot, too.
            self.ears.posted(&post);
            return post;
        }
        posts.first.entry(channel).or_insert_with(|| id.clone());
        posts.by_id.insert(id, post.clone());
        post
    }

    fn edited(&self, id: &str, update: Value) -> Value {
        let mut posts = self.posts();
        let Some(post) = posts.by_id.get_mut(id) else {
            return Value::Null;
        };
        for key in ["message", "props"] {
            post[key] = update[key].clone();
        }
        post["update_at"] = json!(now().0);
        post.clone()
    }
}

fn say(to: &mut impl Write, status: &str, answer: &str) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
        answer.len()
    )
}

/// The first line of a request, and its body.
fn request(from: &mut impl BufRead) -> anyhow::Result<(String, Vec<u8>)> {
    let (mut first, mut length) = (String::new(), 0);
    ensure!(from.read_line(&mut first)? > 0, "closed");
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((first, body))
}

pub fn bot() -> Value {
    json!({
        "id": UserId::from_bytes([5; 16]).as_str(), "username": "bot", "is_bot": true,
        "roles": "system_user", "create_at": 1, "update_at": 1, "delete_at": 0,
    })
}

fn channel_json(number: usize) -> Value {
    json!({
        "id": channel(number).as_str(), "create_at": 1_700_000_000_000_i64,
        "update_at": 1_700_000_000_000_i64, "delete_at": 0, "team_id": team().as_str(), "type": "O",
        "display_name": format!("Channel {number}"), "name": format!("channel-{number}"), "header": "",
        "purpose": "", "last_post_at": 1_700_000_000_000_i64 + number as i64, "total_msg_count": 1,
        "extra_update_at": 0, "creator_id": UserId::from_bytes([6; 16]).as_str(), "scheme_id": null,
        "props": null, "group_constrained": null, "autotranslation": false, "shared": false,
        "total_msg_count_root": 1, "policy_id": null, "last_root_post_at": 1_700_000_000_000_i64,
        "banner_info": null, "policy_enforced": false, "policy_is_active": false,
        "default_category_name": "", "managed_category_name": "", "discoverable": false,
    })
}

pub fn post_json(id: &str, user: &str, channel: &str, message: &str) -> Value {
    let at = now().0;
    json!({
        "id": id, "create_at": at, "update_at": at, "edit_at": 0, "delete_at": 0, "is_pinned": false,
        "user_id": user, "channel_id": channel, "root_id": "", "original_id": "", "message": message,
        "type": "", "props": {}, "hashtags": "", "file_ids": [], "pending_post_id": "", "remote_id": "",
        "reply_count": 0, "last_reply_at": 0, "participants": null, "metadata": {},
    })
}
