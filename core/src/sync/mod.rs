//! Sync: the phone's half of the contract.
//!
//! - [`device`]: who this store belongs to, and its cursors.
//! - [`commands`]: the outbox as the person knows it, from the deed to what became of it.
//! - `delivery`: the same as the engine knows it, what goes up next and what was answered.
//! - `again`: after a restore, what the server has lost is sent again.
//! - `fold`: what is shown, the server's row with pending commands over it.
//! - `land`: a frame in one transaction.
//! - `take_up`: rows that an older app could not read.
//! - [`engine`]: when to send what; a state machine without clock, network or thread of its own.
//! - [`schedule`]: when to begin a run, and of what; another one.
//! - [`status`]: how things stand, as one value.

mod again;
pub mod commands;
mod delivery;
pub mod device;
pub mod engine;
mod fold;
mod land;
pub mod schedule;
pub mod status;
pub(crate) mod take_up;

#[cfg(test)]
mod tests;
