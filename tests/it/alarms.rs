//! What isn't right is told where people and alerts look: `/health` and `/metrics` of a program of its own.

use matteractor::sandbox::Running;
use matteractor::sandbox::faults::Fault;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::chat::found_in_time;
use crate::program::{Program, mattermost, provision};

const POLL: &str = r#"/poll "Lunch?" "Pizza" "Sushi""#;

/// A program that runs, and the Mattermost that it works for.
struct Watched {
    program: Program,
    sandbox: Running,
    admin: String,
}

impl Watched {
    /// Starts both; `preparation` is done by a shell before the program begins.
    async fn start(preparation: &str) -> Self {
        let (sandbox, known) = mattermost().await;
        let tokens = format!("poll={}", known.command_tokens["poll"]);
        let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = reserved.local_addr().unwrap().to_string();
        drop(reserved);
        let hooks = format!("http://{listen}");
        provision(&sandbox, &hooks);
        let settings = [
            ("MATTERMOST_URL", sandbox.url()),
            ("BOT_TOKEN", &known.bot_token),
            ("SLASH_TOKENS", &tokens),
            ("INTEGRATION_URL", &hooks),
            ("MATTERACTOR__HOOKS__LISTEN", &listen),
        ];
        let mut program = Program::after(preparation, &settings);
        let mut ready = program.next().await;
        while ready["message"] != "ready" {
            let said = ready["message"].to_string();
            assert!(!said.contains("is missing"), "at a first start: {said}");
            ready = program.next().await;
        }
        let admin = format!("http://{}", ready["admin"].as_str().unwrap());
        let watched = Self {
            program,
            sandbox,
            admin,
        };
        watched.is("matteractor_websocket_listening 1").await;
        watched
    }

    async fn page(&self, path: &str) -> (u16, String) {
        let page = reqwest::get(format!("{}{path}", self.admin)).await.unwrap();
        (page.status().as_u16(), page.text().await.unwrap())
    }

    /// Waits until a page is as it should be.
    async fn shows(&self, path: &str, wanted: &str, is_so: impl Fn(u16, &str) -> bool) {
        let look = async || {
            let (status, page) = self.page(path).await;
            is_so(status, &page).then_some(())
        };
        if found_in_time(look).await.is_none() {
            let (status, page) = self.page(path).await;
            panic!("{path} doesn't show {wanted}, but {status}: {page}");
        }
    }

    /// Waits for a line of the metrics.
    async fn is(&self, metric: &str) {
        let has = |_, page: &str| page.lines().any(|line| line == metric);
        self.shows("/metrics", metric, has).await;
    }

    /// Waits for a metric and a problem; calls still belong here, so that people read sentences.
    async fn alarms(&self, metric: &str, problem: &str) {
        self.is(metric).await;
        let tells = |status, page: &str| status == 503 && page.contains(problem);
        self.shows("/health", problem, tells).await;
        assert_eq!(self.page("/health/ready").await.0, 200);
    }

    /// Waits until both are gone.
    async fn calms(&self, metric: &str) {
        self.is(metric).await;
        self.shows("/health", "that all is well", |status, _| status == 200)
            .await;
    }

    async fn end(self) {
        self.program.terminate().await;
        assert_eq!(self.program.ends().await.code(), Some(0));
        self.sandbox.stop().await;
    }
}

/// From now on a process can write files up to so many bytes, as on a disk without room.
async fn disk(program: &Program, room: &str) {
    let limit = format!("--fsize={room}:unlimited");
    let mut set = Command::new("prlimit");
    let set = set.args(["--pid", &program.id(), &limit]).status().await;
    assert!(set.unwrap().success());
}

#[actix_web::test]
async fn on_a_full_disk_people_read_a_sentence_and_go_on_when_there_is_room() {
    let watched = Watched::start("trap '' XFSZ").await;
    let ann = watched.sandbox.person("ann").await.in_channel("dev");
    disk(&watched.program, "1").await;
    let answer = ann.tries_slash(POLL, "").await;
    let said = answer.body["text"].as_str().unwrap_or_default();
    assert_eq!(answer.status, 200);
    assert!(said.contains("Nothing can be saved right now"), "{said}");
    let failing = "matteractor_store_failing{what=\"write\"}";
    let failed = format!("{failing} 1");
    watched.alarms(&failed, "can't be written").await;
    disk(&watched.program, "unlimited").await;
    watched.calms(&format!("{failing} 0")).await;
    ann.tries_slash(POLL, "").await;
    ann.sees("Lunch?").await;
    watched.end().await;
}

#[actix_web::test]
async fn a_socket_that_is_deaf_a_channel_that_cannot_be_read_and_a_post_that_is_set_aside_are_told()
{
    let watched = Watched::start(":").await;
    let sandbox = &watched.sandbox;
    let ann = sandbox.person("ann").await.in_channel("dev");
    sandbox.with(|world| world.away(Some(502)));
    ann.says("hello").await;
    let deaf = "matteractor_websocket_listening 0";
    watched.alarms(deaf, "Mattermost isn't heard").await;
    sandbox.with(|world| {
        world.away(None);
        world
            .faults
            .strike(usize::MAX, "GET", "/api/v4/channels/", Fault::Fail);
    });
    let behind = "can't be read";
    watched
        .alarms("matteractor_websocket_listening 1", behind)
        .await;
    sandbox.with(|world| world.faults.clear());
    watched.calms("matteractor_channels_unread 0").await;
    sandbox.with(|world| {
        world
            .faults
            .strike(99, "POST", "/api/v4/posts", Fault::Refuse(400))
    });
    ann.tries_slash(POLL, "").await;
    let aside = "matteractor_set_aside_rows 1";
    watched.alarms(aside, "set aside").await;
    watched.end().await;
}
