//! What the server does once a day.

use sotay_protocol::env::days;

use crate::{error::ServerError, server::Server};

/// A device that has been away longer reads the scope anew.
const TOMBSTONES_KEPT: std::time::Duration = days(180);
/// Tombstones that go in one transaction: others wait to write for as long as it takes.
const TOGETHER: usize = 2_000;

impl Server {
    /// Puts away what has left the windows, and drops tombstones older than 180 days, in transactions of bounded size;
    /// how many tombstones went. Notes the day of each device's last exchange. Then uploads that nobody claimed in 30 days;
    /// the heads of the audit chains are told to the organisations above; and what is older than the rules of retention
    /// say goes. May run as often as one likes.
    ///
    /// # Errors
    /// The store's; what was done stays done.
    pub fn daily(&self) -> Result<u64, ServerError> {
        while self.clear_windows(&mut || ())?.more {}
        self.note_contacts(&mut || ())?;
        let gone = self.drop_old(&mut || ())?;
        self.purge(&mut || ())?;
        Ok(gone)
    }

    /// The second half of [`Self::daily`]; `between` as of [`Self::clear_windows`].
    ///
    /// # Errors
    /// As of [`Self::daily`].
    pub fn drop_old(&self, between: &mut dyn FnMut()) -> Result<u64, ServerError> {
        let before = self.env.now().minus(TOMBSTONES_KEPT);
        let mut gone = 0;
        for scope in self.store.read_with(|reader| reader.scopes_to_purge(before))? {
            loop {
                let some = self.store.write_with(&[scope], |tx| tx.purge(scope, before, TOGETHER))?;
                between();
                gone += some;
                if some < TOGETHER as u64 {
                    break;
                }
            }
        }
        self.drop_old_uploads()?;
        self.tell_audit_heads()?;
        Ok(gone)
    }
}
