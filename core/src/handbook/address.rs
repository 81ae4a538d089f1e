//! Where the server is: followed by itself before an exchange, or by hand.

use std::sync::Arc;

use sotay_protocol::trust::{Address, NotFollowed, ServerAnswer};

use super::{Handbook, HandbookError, Inner, life::Syncing, wire::ANSWER};
use crate::{
    transport::is_local,
    trust::{self, ServerPlace},
};

impl Handbook {
    /// Where this phone asks.
    ///
    /// # Errors
    /// [`HandbookError::NotEnrolled`], or the store's own fault.
    pub async fn server(&self) -> Result<ServerPlace, HandbookError> {
        let place = self.inner.read(|store, _| trust::place(store)).await?;
        place.ok_or(HandbookError::NotEnrolled)
    }

    /// Goes on at `url`, where this phone's own server says, signed, that it is there. Nothing is sent there before.
    ///
    /// # Errors
    /// [`HandbookError::BadAddress`], [`HandbookError::Offline`], [`HandbookError::NotThisServer`],
    /// [`HandbookError::NotEnrolled`].
    pub async fn ask_server_at(&self, url: &str) -> Result<(), HandbookError> {
        let at = self.server().await?;
        let url = Address::url(url).filter(|url| may_ask(url, &at)).ok_or(HandbookError::BadAddress)?;
        self.inner.ask_at(url).await
    }
}

/// Plain HTTP to this very machine, or where this phone was allowed it before.
fn may_ask(url: &str, at: &ServerPlace) -> bool {
    let whole = reqwest::Url::parse(url).is_ok_and(|url| url.host_str().is_some());
    let plain = is_local(url) || (at.url.starts_with("http://") && !is_local(&at.url));
    whole && (url.starts_with("https://") || plain)
}

impl Inner {
    /// Before an exchange: to the new address, once the server answers there. The old one stays until then.
    pub(super) async fn follow_server(&self, _: &Arc<Syncing>) -> Result<(), HandbookError> {
        let Some(at) = self.read(|store, _| trust::place(store)).await? else { return Ok(()) };
        let Some(next) = at.next.clone().filter(|next| may_ask(next, &at)) else { return Ok(()) };
        match self.ask_at(next).await {
            // Not there yet, or somebody else is: the old address is asked.
            Ok(())
            | Err(HandbookError::Offline | HandbookError::NotThisServer | HandbookError::BadAddress) => {
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    async fn ask_at(&self, url: String) -> Result<(), HandbookError> {
        let answer = self.transport.get(format!("{url}/v1/server"), Vec::new()).await;
        let answer = answer.map_err(|_| HandbookError::Offline)?;
        if answer.status != 200 {
            return Err(if answer.status == 404 {
                HandbookError::BadAddress
            } else {
                HandbookError::Offline
            });
        }
        let body = answer.read(ANSWER).await.map_err(|_| HandbookError::Offline)?;
        let answer: ServerAnswer = serde_json::from_slice(&body).map_err(|_| HandbookError::BadAddress)?;
        let taken = self.write(move |store, env, _| trust::answered(store, &url, &answer, env.now())).await?;
        taken.map_err(|why| {
            let said: &str = match why {
                NotFollowed::Malformed => "it does not say that it is here",
                NotFollowed::OtherServer => "it is another server",
                NotFollowed::BadSignature => "it is not signed by this phone's server",
                NotFollowed::Older => "it said otherwise since",
            };
            tracing::warn!(why = said, "what answers at the new address is not followed");
            HandbookError::NotThisServer
        })
    }
}
