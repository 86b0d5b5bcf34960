//! The recordings, and who is in them.

use mattermost_sandbox::Like;
use serde_json::Value;

/// What was recorded of one server.
pub struct Recording {
    /// Which server.
    pub like: Like,
    /// What all names in it end with.
    pub tag: &'static str,
    /// Who and what existed before: ids of the admin, two people, their team and channel.
    pub admin: &'static str,
    pub anna: &'static str,
    pub bela: &'static str,
    pub team: &'static str,
    pub channel: &'static str,
    /// When the recording began: requests name times.
    pub began: i64,
    files: [(&'static str, &'static str); 7],
}

impl Recording {
    /// The files in the order in which they were recorded.
    pub fn files(&self) -> Vec<(&'static str, Vec<Value>)> {
        let files = self.files.iter();
        files
            .map(|(name, text)| (*name, serde_json::from_str(text).unwrap()))
            .collect()
    }
}

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../recordings/", $folder, "/", $name, ".json")))),*]
    };
}

pub const RECORDINGS: [Recording; 3] = [
    Recording {
        like: Like::V11_6,
        tag: "u4b4dd9",
        admin: "s6wgj45hxjdojkeyzg6pxabq8y",
        anna: "oxf15agrypnrbphqkg3nhtugby",
        bela: "cuou5jkg3bfkiq13onm5iuqqdy",
        team: "6ggob4o5bbfmdjymuez11tjwjh",
        channel: "km7qshsrt7bpzg5ub4gs6wyago",
        began: 1_795_453_026_000,
        files: files!("11.6": "provisioning" "websocket" "slash" "actions" "dialogs" "webhooks" "rest"),
    },
    Recording {
        like: Like::V11_10,
        tag: "u680992",
        admin: "er3uos8cktn7bkd5yxr8m354ry",
        anna: "jez1sr19kprd3rwkc1snbswwsw",
        bela: "6nw7f1iom7ghzrkx76ntuio4ah",
        team: "tuo56px9p3gcdcq64addb7zsuc",
        channel: "3ixhw4dputbtjch6dn859sbuze",
        began: 1_795_984_356_000,
        files: files!("11.10": "provisioning" "websocket" "slash" "actions" "dialogs" "webhooks" "rest"),
    },
    Recording {
        like: Like::V10_0,
        tag: "u5cffe0",
        admin: "hrxgccr433nztx46smkuyrsknr",
        anna: "c38taf7zep8y7mxnhggcbt5x8e",
        bela: "parbemhg8jrnmboktxkgnd64ze",
        team: "5xzwm3y6t3fbdneszp3148igir",
        channel: "xwpj8f5gopdy3kakiu8s9pow7a",
        began: 1_795_453_026_000, // later, but that only finds fewer posts
        files: files!("10.0": "provisioning" "websocket" "slash" "actions" "dialogs" "webhooks" "rest"),
    },
];
