//! Where the server may poke this phone while the app sleeps.

use sotay_protocol::exchange::PushAddress;

use super::{Handbook, HandbookError};
use crate::sync::device;

impl Handbook {
    /// The platform gave the app an address, or took it away: the server hears of it with the next sync. A push has
    /// no content; an app that is woken by one begins a background window.
    ///
    /// # Errors
    /// The store's own fault.
    pub async fn poke_at(&self, address: Option<PushAddress>) -> Result<(), HandbookError> {
        self.inner.write(move |store, _, _| device::set_push(store, address.as_ref())).await
    }
}
