//! The phone's program in a terminal, against the server's, both as they ship: what a person types and what is answered.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on has to stop"
)]

mod files;
mod live;
mod moved;
mod own;
mod scan;
mod stage;
mod tls;
