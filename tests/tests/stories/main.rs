//! Stories over the whole system in one process: real engine, real stores, real server, a network that breaks
//! where a story says so.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on has to stop"
)]

mod app_files;
mod at_rest;
mod check_in;
mod cut_anywhere;
mod exactly_once;
mod files;
mod genuine;
mod live;
mod needs_attention;
mod observers;
mod old_app;
mod one_picture;
mod readers;
mod restores;
mod sealed;
mod server_clock;
mod signing;
mod tls;
mod upgrade;
mod village;
mod windows;
mod wiped;
