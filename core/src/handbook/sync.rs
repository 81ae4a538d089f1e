//! The driver of a sync: the engine's actions over the transport, its events back, then the search index.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use serde::Serialize;
use sotay_protocol::{enrol::ForkAnswer, exchange::MEDIA_TYPE, problem::Problem};

use super::{
    Handbook, HandbookError, Inner,
    life::{Stopper, Syncing},
    on_workers,
};
use crate::{
    search,
    sync::{
        device,
        engine::{Action, Engine, Event, Report, Stop, SyncError},
        schedule::Plan,
    },
    transport::{Answer, Broken},
};

pub(super) const JSON: &str = "application/json";
/// The largest answer that is not a stream of frames.
pub(super) const ANSWER: usize = 64 * 1024;
/// Pieces of the body are handed to the store together up to here.
const TOGETHER: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Connecting,
    Exchanging,
    Indexing,
}

/// How far a sync is, for a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub stage: Stage,
    pub sent: u64,
    pub rows: u64,
    /// Of what was to come when the exchange began: how much came, and how much it was, where the server says.
    pub came: u64,
    pub ahead: Option<u64>,
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// Directives that became searchable.
    pub indexed: u64,
}

/// Why a sync ended. In every case what came stays, and what waits goes on waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStop {
    Done,
    /// The server could not be reached at all.
    Offline,
    /// The connection broke; the next sync goes on from here.
    Cut,
    Cancelled,
    EnrolAgain,
    ServerFault,
    NotUnderstood,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncEnd {
    pub stop: SyncStop,
    pub exchanges: u32,
    pub rows: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub sent: u64,
    pub applied: u64,
    pub refused: u64,
    pub conflicted: u64,
    pub held: u64,
    pub parked: u64,
    pub indexed: u64,
}

impl SyncEnd {
    fn new(stop: SyncStop, report: &Report, indexed: u64) -> Self {
        Self {
            stop,
            exchanges: report.exchanges,
            rows: report.rows,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            sent: report.sent,
            applied: report.applied,
            refused: report.refused,
            conflicted: report.conflicted,
            held: report.held,
            parked: report.parked,
            indexed,
        }
    }
}

/// Ends a sync; dropping it does nothing.
#[derive(Debug, Clone)]
pub struct SyncHandle(Stopper);

impl SyncHandle {
    /// What landed stays; the future ends with [`SyncStop::Cancelled`].
    pub fn cancel(&self) {
        self.0.stop();
    }
}

impl Handbook {
    /// One sync: a future to await, and a handle to end it with. `tell` hears of progress from within the future.
    ///
    /// The future's error is [`HandbookError::SyncRunning`] where another goes on, [`HandbookError::NotEnrolled`],
    /// or the store's own fault. No network is no error: it is an end like any other.
    pub fn sync(
        &self,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<SyncEnd, HandbookError>>) {
        self.sync_as(None, tell)
    }

    /// The same with what the schedule planned for it.
    pub(super) fn sync_as(
        &self,
        _plan: Option<Plan>,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<SyncEnd, HandbookError>>) {
        let inner = Arc::clone(&self.inner);
        // What a sync has done that is ended from outside.
        let so_far = Arc::new(Mutex::new(SyncEnd::new(SyncStop::Cancelled, &Report::default(), 0)));
        let done = Arc::clone(&so_far);
        let (handle, run) = self.inner.life.stoppable(async move {
            let syncing = inner.begin_sync().await?;
            let _ending = inner.life.ends_with_this();
            let board = inner.on_the_board();
            let tell = |progress: &Progress| {
                inner.progresses(progress);
                tell(progress);
            };
            let end = run(&inner, &syncing, &done, &tell).await?;
            board.ended(end.stop);
            Ok(end)
        });
        let cancelled = move || so_far.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (SyncHandle(handle), async move { run.await.unwrap_or_else(|| Ok(cancelled())) }.boxed())
    }
}

async fn run(
    inner: &Arc<Inner>,
    syncing: &Arc<Syncing>,
    so_far: &Mutex<SyncEnd>,
    tell: &(dyn Fn(&Progress) + Send + Sync),
) -> Result<SyncEnd, HandbookError> {
    let at = |stage, report: &Report, indexed| Progress {
        stage,
        sent: report.sent,
        rows: report.rows,
        came: report.came.min(report.ahead.unwrap_or(u64::MAX)),
        ahead: report.ahead,
        bytes_up: report.bytes_up,
        bytes_down: report.bytes_down,
        indexed,
    };
    let note = |report: &Report, indexed| {
        let of = SyncEnd::new(SyncStop::Cancelled, report, indexed);
        *so_far.lock().unwrap_or_else(PoisonError::into_inner) = of;
    };
    tell(&at(Stage::Connecting, &Report::default(), 0));
    let tell_report = |report: &Report| {
        note(report, 0);
        tell(&at(Stage::Exchanging, report, 0));
    };
    let (stop, report) = exchange(inner, syncing, &tell_report).await?;
    let mut indexed = 0;
    loop {
        let store = inner.store.clone();
        let index = move || search::index_pending(&store, search::BATCH);
        let count = on_workers(inner.workers.as_ref(), index).await??;
        if count == 0 {
            return Ok(SyncEnd::new(stop, &report, indexed));
        }
        indexed += count as u64;
        note(&report, indexed);
        tell(&at(Stage::Indexing, &report, indexed));
    }
}

/// What the transport saw, owned, on its way to the engine.
enum Seen {
    Bytes(Vec<u8>),
    Finished,
    Cut,
    Problem { status: u16, problem: Option<Problem> },
    Forked(ForkAnswer),
}

impl Seen {
    fn event(&self) -> Event<'_> {
        match self {
            Self::Bytes(bytes) => Event::Bytes(bytes),
            Self::Finished => Event::Finished,
            Self::Cut => Event::Cut,
            Self::Problem { status, problem } => Event::Problem { status: *status, problem: problem.clone() },
            Self::Forked(answer) => Event::Forked(answer.clone()),
        }
    }
}

async fn exchange(
    inner: &Arc<Inner>,
    syncing: &Arc<Syncing>,
    tell: &(dyn Fn(&Report) + Send + Sync),
) -> Result<(SyncStop, Report), HandbookError> {
    let (store, env) = (inner.store.clone(), Arc::clone(&inner.env));
    let held = Arc::clone(syncing);
    let begin = move || -> Result<_, SyncError> {
        let _syncing = held;
        let of = store.read(|store| device::identity(store).map_err(SyncError::from))?;
        let url = of.ok_or(SyncError::NotEnrolled)?.url;
        let (engine, action) = Engine::begin(&store, env.as_ref())?;
        Ok((url, engine, action))
    };
    let (url, mut engine, mut action) = on_workers(inner.workers.as_ref(), begin).await??;
    let mut wire = Wire { inner, url, body: None, reached: true };
    loop {
        tell(engine.report());
        let seen = match action {
            Action::Stop(stop) => return Ok((wire.ended(stop), engine.report().clone())),
            Action::Exchange(packed) => wire.begin(packed).await,
            Action::Read => wire.read().await,
            Action::Fork(request) => wire.fork(serde_json::to_vec(&request).unwrap_or_default()).await,
        };
        let (store, env) = (inner.store.clone(), Arc::clone(&inner.env));
        let syncing = Arc::clone(syncing);
        let feed = move || {
            let _syncing = syncing;
            let next = engine.on(&store, env.as_ref(), seen.event());
            (engine, next)
        };
        let (fed, next) = on_workers(inner.workers.as_ref(), feed).await?;
        (engine, action) = (fed, next?);
    }
}

/// The way to the server during one run.
struct Wire<'a> {
    inner: &'a Inner,
    url: String,
    body: Option<BoxStream<'static, Result<Vec<u8>, Broken>>>,
    /// Whether the last request got through to a server.
    reached: bool,
}

impl Wire<'_> {
    async fn post(&mut self, path: &str, media_type: &'static str, body: Vec<u8>) -> Result<Answer, Seen> {
        let answer = self.inner.transport.post(format!("{}{path}", self.url), media_type, body).await;
        self.reached = !matches!(answer, Err(Broken::NotReached));
        let answer = answer.map_err(|_| Seen::Cut)?;
        if answer.status == 200 {
            return Ok(answer);
        }
        self.inner.board.asked_for(answer.later);
        let status = answer.status;
        let problem = answer.read(ANSWER).await.ok();
        Err(Seen::Problem { status, problem: problem.and_then(|json| serde_json::from_slice(&json).ok()) })
    }

    async fn begin(&mut self, packed: Vec<u8>) -> Seen {
        match self.post("/v1/sync", MEDIA_TYPE, packed).await {
            Ok(answer) => {
                self.body = Some(answer.body);
                self.read().await
            }
            Err(seen) => seen,
        }
    }

    /// What has come meanwhile, in one piece: each piece is a turn of the store.
    async fn read(&mut self) -> Seen {
        let Some(body) = &mut self.body else { return Seen::Cut };
        let mut together = match body.next().await {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return Seen::Cut,
            None => return Seen::Finished,
        };
        while together.len() < TOGETHER {
            match body.next().now_or_never() {
                Some(Some(Ok(bytes))) => together.extend(bytes),
                // Its end or fault is told at the next turn.
                Some(Some(Err(_))) => {
                    self.body = None;
                    break;
                }
                Some(None) => {
                    self.body = Some(futures_util::stream::empty().boxed());
                    break;
                }
                None => break,
            }
        }
        Seen::Bytes(together)
    }

    async fn fork(&mut self, request: Vec<u8>) -> Seen {
        match self.post("/v1/fork", JSON, request).await {
            Ok(answer) => match answer.read(ANSWER).await.map(|json| serde_json::from_slice(&json)) {
                Ok(Ok(answer)) => Seen::Forked(answer),
                Ok(Err(_)) => Seen::Problem { status: 200, problem: None },
                Err(_) => Seen::Cut,
            },
            Err(seen) => seen,
        }
    }

    fn ended(&self, stop: Stop) -> SyncStop {
        match stop {
            Stop::Done => SyncStop::Done,
            Stop::Cut if self.reached => SyncStop::Cut,
            Stop::Cut => SyncStop::Offline,
            Stop::EnrolAgain => SyncStop::EnrolAgain,
            Stop::ServerFault => SyncStop::ServerFault,
            Stop::NotUnderstood => SyncStop::NotUnderstood,
        }
    }
}
