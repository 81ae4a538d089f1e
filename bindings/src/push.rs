//! Where the server may wake this phone while the app sleeps.

use sotay_protocol::exchange;

use crate::{Handbook, HandbookError, runtime};

/// What the platform, or the person's distributor, gave the app.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PushAddress {
    /// `unifiedpush`; `fcm` and `apns` are kept by the server and not used yet.
    pub provider: String,
    /// With UnifiedPush, the URL of the endpoint.
    pub token: String,
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// Call it whenever the address is given, changes or is taken away; the server hears of it with the next sync.
    /// A push has no content: when one comes, begin `syncWithin`.
    pub async fn poke_at(&self, address: Option<PushAddress>) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        let address =
            address.map(|PushAddress { provider, token }| exchange::PushAddress { provider, token });
        runtime::run(async move { core.poke_at(address).await }).await
    }
}
