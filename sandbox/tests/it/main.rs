//! The integration tests of the sandbox, one binary.

mod golden; // recordings of real servers
mod extra; // odd ones
mod access; // sockets whose access ends
mod program; // the binary, as a process
