//! What phone and server agree on: ids, domain types and their pure rules, commands, frames. No I/O.
//!
//! Features (`organisations`, `members`, `directives`, `meetings`, `attendance`, `feedback`) hold the types of
//! their rows and commands and one pure `apply` per kind of row. The floors under them are `row`, `command`,
//! `edit`, `rights`, `exchange` and `frame`. The contract itself, with its reasons, is in `docs/ARCHITECTURE.md`.

pub mod archive;
pub mod attachment;
pub mod attendance;
pub mod audit;
pub mod command;
pub mod console;
pub mod devices;
pub mod directives;
pub mod document;
pub mod drafts;
pub mod edit;
pub mod enrol;
pub mod env;
pub mod exchange;
pub mod feedback;
pub mod frame;
pub mod id;
pub mod json;
pub mod kept;
pub mod limits;
pub mod meetings;
pub mod members;
pub mod my_data;
pub mod organisations;
pub mod planted;
pub mod printed;
pub mod problem;
pub mod qr;
pub mod refusal;
pub mod retention;
pub mod rights;
pub mod row;
pub mod scope;
pub mod sealed;
pub mod signature;
pub mod trust;
pub mod witness;
