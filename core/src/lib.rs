//! The app core: an offline-first handbook over an encrypted store.
//!
//! Features (`directives`, `drafts`, `meetings`, `attendance`, `feedback`, `members`, `organisations`) stand over three floors:
//! [`store`], [`sync`], [`trust`] and `search`. Everything here is synchronous; the façade [`handbook`] and its transport
//! are the only drivers.

pub mod attachments;
pub mod attendance;
pub mod audit;
mod deed;
pub mod devices;
pub mod directives;
pub mod drafts;
pub mod enrolment;
pub mod feedback;
pub mod handbook;
pub mod meetings;
pub mod members;
pub mod my_data;
pub mod organisations;
pub mod outbox;
pub mod printed;
pub mod release;
pub mod screens;
pub mod search;
pub mod shown;
pub mod store;
pub mod sync;
pub mod tables;
pub mod timer;
pub mod transport;
pub mod trust;
pub mod upgrade;
pub mod words;

#[cfg(test)]
mod reads;
#[cfg(test)]
mod village;
