//! The way to the server, behind a trait: HTTP in the product, memory in the tests.
//!
//! A transport answers a request with a status and a stream of bytes, and knows nothing of frames. Whatever
//! breaks on the way is one error: the engine goes on from where it stood.

mod http;
mod pieces;
pub mod sse;
mod trust;

use std::time::Duration;

use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{BoxStream, iter},
};

pub(crate) use self::{
    http::is_local,
    pieces::{Piece, Pieces},
};
pub use self::{
    http::{HttpTransport, TlsUnavailable},
    trust::{BadTrust, Distrust, ServerTrust},
};

/// The connection could not be made, or broke. Never says to whom or what: it may stand in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the server cannot be reached")]
    NotReached,
    #[error("the connection broke")]
    Cut,
    /// Somebody was there whose certificate is not believed: nothing was sent.
    #[error("the server's certificate is not believed")]
    Untrusted(Distrust),
}

/// What a server said.
pub struct Answer {
    pub status: u16,
    /// How long the server asks to be left alone (`Retry-After`).
    pub later: Option<Duration>,
    pub body: BoxStream<'static, Result<Vec<u8>, Broken>>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// An answer that is all there.
    #[must_use]
    pub fn whole(status: u16, body: Vec<u8>) -> Self {
        Self { status, later: None, body: iter([Ok(body)]).boxed() }
    }

    /// The whole body, if it is not over `most` bytes.
    ///
    /// # Errors
    /// [`Broken::Cut`] where it broke off or is larger.
    pub async fn read(self, most: usize) -> Result<Vec<u8>, Broken> {
        let (mut out, mut body) = (Vec::new(), self.body);
        while let Some(bytes) = body.next().await {
            out.extend(bytes?);
            if out.len() > most {
                return Err(Broken::Cut);
            }
        }
        Ok(out)
    }
}

/// Fields of a request's head: name and value.
pub type Headers = Vec<(&'static str, String)>;

pub trait Transport: Send + Sync {
    /// `GET` of a whole address: a file, or a stream that lasts as long as somebody reads it.
    fn get(&self, url: String, headers: Headers) -> BoxFuture<'static, Result<Answer, Broken>>;

    /// `POST` to a whole address.
    fn post(
        &self,
        url: String,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> BoxFuture<'static, Result<Answer, Broken>>;
}
