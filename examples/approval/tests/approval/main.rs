//! The bot at three levels, each a bit slower and closer to the truth than the one before.

mod stage; // the skill alone, without a server
mod simulation; // the whole bot in virtual time, without sockets
mod sandbox; // the whole bot against a pretend Mattermost, with faults
mod program; // the program as it is started
