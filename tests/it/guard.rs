//! When a hub dies the process ends, and says which.

use matteractor::internals::{Guard, arm};
use std::process::Command;

use actix::prelude::*;

/// Set in the process that is meant to die.
const CHILD: &str = "MATTERACTOR_TEST_HUB_DIES";

struct Hub(#[expect(dead_code, reason = "it is there to be dropped")] Guard);

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Context<Self>) {
        panic!("on purpose");
    }
}

#[test]
fn a_hub_that_panics_ends_the_process_with_its_name() {
    if std::env::var_os(CHILD).is_some() {
        arm();
        System::new().block_on(async {
            let _hub = Hub(Guard::new("Router")).start();
            std::future::pending::<()>().await;
        });
    }
    let own = "guard::a_hub_that_panics_ends_the_process_with_its_name";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", own, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.code(), Some(70), "{said}");
    assert!(said.contains("Router died"), "{said}");
}
