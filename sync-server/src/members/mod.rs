//! Members on the server: who they are, where they belong, what offices they hold.
mod appoint;
mod changes;
mod export;
pub mod import;
mod listed;
mod offices;
mod register;
mod registered;
pub mod roles;
mod rows;

pub use self::changes::FoundMember;
pub(crate) use self::changes::after_renaming;
