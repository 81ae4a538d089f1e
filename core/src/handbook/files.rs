//! The driver of files: the transfer's actions over the transport, its events back.

use std::sync::Arc;

use sotay_protocol::{
    attachment::{PART_MEDIA_TYPE, PartAnswer},
    problem::Problem,
};

use super::{
    HandbookError, Inner,
    life::Syncing,
    on_workers,
    sync::{ANSWER, SyncStop},
};
use crate::{
    attachments::{
        Terms, room,
        transfer::{Action, Event, Range, Report, Stop, Transfer},
    },
    sync::{device, engine::SyncError},
    transport::{Answer, Broken, Piece, Pieces},
};

/// How a run of files ended.
pub(super) struct Moved {
    pub stop: SyncStop,
    /// Only an exchange brings it further: for a token, or for what came up to be taken.
    pub exchange_first: bool,
    pub report: Report,
}

/// What the transport saw, owned, on its way to the transfer.
enum Seen {
    Answered(PartAnswer),
    Bytes(Vec<u8>),
    Finished,
    Cut,
    Problem { status: u16, problem: Option<Problem> },
}

impl Seen {
    fn event(&self) -> Event<'_> {
        match self {
            Self::Answered(answer) => Event::Answered(*answer),
            Self::Bytes(bytes) => Event::Bytes(bytes),
            Self::Finished => Event::Finished,
            Self::Cut => Event::Cut,
            Self::Problem { status, problem } => Event::Problem { status: *status, problem: problem.clone() },
        }
    }
}

pub(super) async fn transfer(
    inner: &Arc<Inner>,
    syncing: &Arc<Syncing>,
    terms: Terms,
    tell: &(dyn Fn(&Report) + Send + Sync),
) -> Result<Moved, HandbookError> {
    let (store, env) = (inner.store.clone(), Arc::clone(&inner.env));
    let held = Arc::clone(syncing);
    let begin = move || -> Result<_, SyncError> {
        let _syncing = held;
        let of = store.read(|store| device::identity(store).map_err(SyncError::from))?;
        let url = of.ok_or(SyncError::NotEnrolled)?.url;
        let (run, action) = Transfer::begin(&store, env.as_ref(), terms)?;
        Ok((url, run, action))
    };
    let (url, mut run, mut action) = on_workers(inner.workers.as_ref(), begin).await??;
    let mut wire = Wire { inner, url, body: Pieces::default(), reached: true };
    loop {
        tell(run.report());
        let seen = match action {
            Action::Stop(stop) => {
                let report = run.report().clone();
                let exchange_first = stop == Stop::ExchangeFirst;
                return Ok(Moved { stop: wire.ended(stop), exchange_first, report });
            }
            Action::Post(packed) => wire.post(packed).await,
            Action::Get(range) => wire.get(range).await,
            Action::Read => wire.read().await,
        };
        let (store, env) = (inner.store.clone(), Arc::clone(&inner.env));
        let syncing = Arc::clone(syncing);
        let feed = move || {
            let _syncing = syncing;
            let next = run.on(&store, env.as_ref(), seen.event());
            (run, next)
        };
        let (fed, next) = on_workers(inner.workers.as_ref(), feed).await?;
        (run, action) = (fed, next?);
    }
}

/// Gives back to the phone what files left that made room.
pub(super) async fn tidy(inner: &Arc<Inner>, syncing: &Arc<Syncing>) -> Result<(), HandbookError> {
    let (store, held) = (inner.store.clone(), Arc::clone(syncing));
    let tidy = move || {
        let _syncing = held;
        room::give_back(&store)
    };
    Ok(on_workers(inner.workers.as_ref(), tidy).await??)
}

/// The way to the server during one run.
struct Wire<'a> {
    inner: &'a Inner,
    url: String,
    body: Pieces,
    /// Whether the last request got through to a server.
    reached: bool,
}

impl Wire<'_> {
    async fn post(&mut self, packed: Vec<u8>) -> Seen {
        self.body = Pieces::default();
        let url = format!("{}/v1/parts", self.url);
        let answer = self.inner.transport.post(url, PART_MEDIA_TYPE, packed).await;
        match self.looked_at(answer, 200).await {
            Ok(answer) => match answer.read(ANSWER).await.map(|json| serde_json::from_slice(&json)) {
                Ok(Ok(answer)) => Seen::Answered(answer),
                Ok(Err(_)) => Seen::Problem { status: 200, problem: None },
                Err(_) => Seen::Cut,
            },
            Err(seen) => seen,
        }
    }

    async fn get(&mut self, range: Range) -> Seen {
        // The connection of the file before is let go first.
        self.body = Pieces::default();
        let headers = vec![("authorization", format!("Bearer {}", range.token)), ("range", range.bytes())];
        let answer = self.inner.transport.get(format!("{}{}", self.url, range.path()), headers).await;
        match self.looked_at(answer, 206).await {
            Ok(answer) => {
                self.body = Pieces::of(answer);
                self.read().await
            }
            Err(seen) => seen,
        }
    }

    async fn looked_at(&mut self, answer: Result<Answer, Broken>, wanted: u16) -> Result<Answer, Seen> {
        self.reached = !matches!(answer, Err(Broken::NotReached));
        let answer = answer.map_err(|_| Seen::Cut)?;
        if answer.status == wanted {
            return Ok(answer);
        }
        self.inner.board.asked_for(answer.later);
        let status = answer.status;
        let problem = answer.read(ANSWER).await.ok();
        Err(Seen::Problem { status, problem: problem.and_then(|json| serde_json::from_slice(&json).ok()) })
    }

    async fn read(&mut self) -> Seen {
        match self.body.next().await {
            Piece::Bytes(bytes) => Seen::Bytes(bytes),
            Piece::End => Seen::Finished,
            Piece::Cut => Seen::Cut,
        }
    }

    fn ended(&self, stop: Stop) -> SyncStop {
        match stop {
            Stop::Done | Stop::ExchangeFirst => SyncStop::Done,
            Stop::Cut if self.reached => SyncStop::Cut,
            Stop::Cut => SyncStop::Offline,
            Stop::EnrolAgain => SyncStop::EnrolAgain,
            Stop::ServerFault => SyncStop::ServerFault,
            Stop::NotUnderstood => SyncStop::NotUnderstood,
        }
    }
}
