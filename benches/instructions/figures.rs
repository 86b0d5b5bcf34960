//! What each step took when it was last looked at, in instructions. A change that makes one dearer for a good reason
//! says so and brings its new figure.

use std::process::Command;

/// By code of this compiler.
const RUSTC: &str = "rustc 1.95.0";

pub const DECODE_CLICK: u64 = 9_756;
pub const DECODE_POST: u64 = 54_864;
pub const ROUTE_CLICK: u64 = 729;
pub const ROUTE_POST: u64 = 3_580;
pub const TURN: u64 = 32_130;
/// With its commit,
pub const COMMIT: u64 = 55_614;
/// and eight of them with one.
pub const EIGHT: u64 = 407_714;

/// Whether they can be compared: another compiler makes other code, on another processor, too.
pub fn hold() -> bool {
    let said = Command::new("rustc").arg("--version").output();
    let here = cfg!(target_arch = "x86_64");
    here && said.is_ok_and(|said| said.stdout.starts_with(RUSTC.as_bytes()))
}
