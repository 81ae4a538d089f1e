//! Members on the server.
pub mod import;
