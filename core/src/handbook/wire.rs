//! The way to the server during one run, of an exchange or of files: an answer at a time, and what is seen of it brought
//! to the run's machine on the workers.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use sotay_protocol::{env::Env, problem::Problem};

use super::{HandbookError, Inner, life::Syncing, on_workers, sync::SyncStop};
use crate::{
    store::Store,
    sync::{device, engine::SyncError},
    transport::{Answer, Broken, Piece, Pieces},
};

/// Of an answer that is no stream.
pub(super) const ANSWER: usize = 64 * 1024;

/// What the transport saw, owned, on its way to the machine; `A` is what an answer says that is no stream.
pub(super) enum Seen<A> {
    Answered(A),
    Bytes(Vec<u8>),
    Finished,
    Cut,
    Problem { status: u16, problem: Option<Problem> },
}

impl<A> From<Trouble> for Seen<A> {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Cut => Self::Cut,
            Trouble::Problem { status, problem } => Self::Problem { status, problem },
        }
    }
}

/// Why there is no answer to read.
pub(super) enum Trouble {
    Cut,
    Problem { status: u16, problem: Option<Problem> },
}

pub(super) struct Wire<'a> {
    inner: &'a Inner,
    url: String,
    body: Pieces,
    /// Whether the last request got through to a server.
    reached: bool,
}

impl<'a> Wire<'a> {
    pub(super) fn to(inner: &'a Inner, url: String) -> Self {
        Self { inner, url, body: Pieces::default(), reached: true }
    }

    pub(super) async fn post(
        &mut self,
        path: &str,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Result<Answer, Trouble> {
        self.body = Pieces::default();
        let answer = self.inner.transport.post(format!("{}{path}", self.url), media_type, body).await;
        self.looked_at(answer, 200).await
    }

    /// A range of a file.
    pub(super) async fn get(
        &mut self,
        path: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Answer, Trouble> {
        // The connection of the file before is let go first.
        self.body = Pieces::default();
        let answer = self.inner.transport.get(format!("{}{path}", self.url), headers).await;
        self.looked_at(answer, 206).await
    }

    async fn looked_at(&mut self, answer: Result<Answer, Broken>, wanted: u16) -> Result<Answer, Trouble> {
        self.reached = !matches!(answer, Err(Broken::NotReached | Broken::Untrusted(_)));
        self.inner.board.note(&answer);
        let answer = answer.map_err(|_| Trouble::Cut)?;
        if answer.status == wanted {
            return Ok(answer);
        }
        self.inner.board.asked_for(answer.later);
        let status = answer.status;
        let problem = answer.read(ANSWER).await.ok();
        Err(Trouble::Problem { status, problem: problem.and_then(|json| serde_json::from_slice(&json).ok()) })
    }

    /// Reads on in an answer that is a stream.
    pub(super) async fn begin<A>(&mut self, answer: Result<Answer, Trouble>) -> Seen<A> {
        match answer {
            Ok(answer) => {
                self.body = Pieces::of(answer);
                self.read().await
            }
            Err(trouble) => trouble.into(),
        }
    }

    pub(super) async fn read<A>(&mut self) -> Seen<A> {
        match self.body.next().await {
            Piece::Bytes(bytes) => Seen::Bytes(bytes),
            Piece::End => Seen::Finished,
            Piece::Cut => Seen::Cut,
        }
    }

    /// Where the last request did not get through nobody was there.
    pub(super) fn cut(&self) -> SyncStop {
        if self.reached { SyncStop::Cut } else { SyncStop::Offline }
    }
}

/// An answer that is no stream.
pub(super) async fn whole<A: DeserializeOwned>(answer: Result<Answer, Trouble>) -> Seen<A> {
    match answer {
        Ok(answer) => match answer.read(ANSWER).await.map(|json| serde_json::from_slice(&json)) {
            Ok(Ok(said)) => Seen::Answered(said),
            Ok(Err(_)) => Seen::Problem { status: 200, problem: None },
            Err(_) => Seen::Cut,
        },
        Err(trouble) => trouble.into(),
    }
}

/// The server's address, and the machine with the first that it wants done.
pub(super) async fn begin<M, A>(
    inner: &Inner,
    syncing: &Arc<Syncing>,
    begin: impl FnOnce(&Store, &dyn Env) -> Result<(M, A), SyncError> + Send + 'static,
) -> Result<(String, M, A), HandbookError>
where
    M: Send + 'static,
    A: Send + 'static,
{
    turn(inner, syncing, move |store, env| {
        let of = store.read(|store| device::identity(store).map_err(SyncError::from))?;
        let url = of.ok_or(SyncError::NotEnrolled)?.url;
        let (machine, action) = begin(store, env)?;
        Ok((url, machine, action))
    })
    .await
}

/// One turn of the machine on the workers. A sync that is ended meanwhile is not over before it.
pub(super) async fn turn<T: Send + 'static>(
    inner: &Inner,
    syncing: &Arc<Syncing>,
    turn: impl FnOnce(&Store, &dyn Env) -> Result<T, SyncError> + Send + 'static,
) -> Result<T, HandbookError> {
    let (store, env, held) = (inner.store.clone(), Arc::clone(&inner.env), Arc::clone(syncing));
    let work = move || {
        let _syncing = held;
        turn(&store, env.as_ref())
    };
    Ok(on_workers(inner.workers.as_ref(), work).await??)
}
