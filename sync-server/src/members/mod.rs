//! Members on the server: who they are, where they belong, what offices they hold.
mod changes;
pub mod import;
mod register;
pub mod roles;
mod rows;

pub use self::changes::FoundMember;
