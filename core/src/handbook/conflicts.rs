//! The handle's part for two versions of one thing: both of them, and the choice.

use super::{Commands, HandbookError};
use crate::outbox::{self, Conflict, Resolution};

impl Commands {
    /// Both versions of a conflicted entry, as they stand now.
    ///
    /// # Errors
    /// [`HandbookError::NotFound`] for what is not conflicted.
    pub async fn conflict(&self, entry: u64) -> Result<Conflict, HandbookError> {
        self.0.read(move |store, words| outbox::conflict(store, entry, words)).await
    }

    /// Makes the person's choice a command that goes up, or lets their version go. `seen` is that of the
    /// [`Conflict`] they looked at. Gives the new entry.
    ///
    /// # Errors
    /// [`HandbookError::Conflicted`] where the other version has changed since, or a field is not decided: look again.
    /// [`HandbookError::NotFound`] where the row is no more; [`HandbookError::Refused`] for what cannot stand.
    pub async fn resolve(
        &self,
        entry: u64,
        chosen: Resolution,
        seen: Option<String>,
    ) -> Result<Option<u64>, HandbookError> {
        self.0.write(move |store, env, _| outbox::resolve(store, env, entry, &chosen, seen.as_deref())).await
    }
}
