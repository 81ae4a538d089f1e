//! What the server does once a day.

use sotay_protocol::env::days;

use crate::{error::ServerError, server::Server};

/// A device that has been away longer reads the scope anew.
const TOMBSTONES_KEPT: std::time::Duration = days(180);

impl Server {
    /// Drops tombstones older than 180 days, a transaction per scope; how many went. Then uploads that nobody claimed
    /// in 30 days. May run as often as one likes.
    ///
    /// # Errors
    /// The store's; scopes that were done stay done.
    pub fn daily(&self) -> Result<u64, ServerError> {
        let before = self.env.now().minus(TOMBSTONES_KEPT);
        let mut gone = 0;
        for scope in self.store.read_with(|reader| reader.scopes_to_purge(before))? {
            gone += self.store.write_with(&[scope], |tx| tx.purge(scope, before))?;
        }
        self.drop_old_uploads()?;
        Ok(gone)
    }
}
