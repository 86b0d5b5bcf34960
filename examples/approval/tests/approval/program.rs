//! The program as people start it: its own skill beside the built-in ones.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use matteractor::testing::User;
use tokio::task::LocalSet;

/// The program in a sandbox of its own, and where its Mattermost is.
struct Program(Child, String);

impl Program {
    fn start() -> Self {
        let ports = ["--port", "0", "--hooks-port", "0", "--admin-port", "0"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_approval"))
            .arg("sandbox")
            .args(ports)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut url = String::new();
        for line in lines.map(Result::unwrap) {
            match line.split_once(' ') {
                Some(("mattermost", at)) => url = at.trim().to_owned(),
                None if line == "ready" => return Self(child, url),
                _ => {}
            }
        }
        panic!("it has ended before it was ready");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_programs_sandbox_has_its_own_command_and_the_built_in_ones() {
    let program = Program::start();
    LocalSet::new().run_until(plays(&program.1)).await;
}

async fn plays(url: &str) {
    let ann = User::arrives(url, "ann").await.in_channel("dev");
    let ben = User::arrives(url, "ben").await.in_channel("dev");
    ann.slash(r#"/approve "Deploy 1.2?" @ben"#).await;
    ben.sees("Deploy 1.2?").await;
    ben.click("Approve").await;
    ann.sees("Approved by ben").await;
    ann.slash(r#"/poll "Lunch?" Pizza Sushi"#).await;
    ben.sees("Lunch?").await;
    let ann = ann.to("bot");
    ann.says("help").await;
    ann.sees("/approve").await;
}

#[test]
fn the_program_is_called_as_its_file_is_and_says_what_is_missing() {
    let asked = |arguments: &[&str]| {
        let folder = std::env::temp_dir();
        let program = Command::new(env!("CARGO_BIN_EXE_approval"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .output()
            .unwrap();
        let said = [program.stdout, program.stderr].concat();
        (program.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, help) = asked(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(help.contains("Usage: approval <COMMAND>"), "{help}");
    let (code, missing) = asked(&["run"]);
    assert_eq!(code, Some(2), "{missing}");
    assert!(missing.contains("MATTERMOST_URL"), "{missing}");
}
