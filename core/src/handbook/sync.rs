//! The driver of a sync: the engine's actions over the transport, its events back; files up, what signatures are worth, the
//! search index, files down.
//!
//! What the person wrote goes before what they read: an exchange carries the words up, then the parts of their files
//! go, then another exchange has the server take both. Rows never wait for files.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{
    FutureExt,
    future::{BoxFuture, join, join_all},
};
use serde::Serialize;
use sotay_protocol::{enrol::ForkAnswer, env::Env, exchange::MEDIA_TYPE};

use super::{
    Handbook, HandbookError, Inner, files,
    life::{Stopper, Syncing},
    on_workers,
    wire::{self, Seen, Wire},
};
use crate::{
    attachments::{Terms, transfer},
    feedback::sealed,
    search,
    store::Store,
    sync::{
        engine::{Action, Engine, Event, Report, Stop},
        schedule::{FilesDown, Plan},
    },
    transport::Distrust,
    trust,
};

pub(super) const JSON: &str = "application/json";
/// Runs of files with an exchange after each, at most, in each half of a sync.
const ROUNDS: u32 = 4;
/// Shares in which signatures are verified: as many as the cores that a phone has to spare.
const SIDE_BY_SIDE: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Connecting,
    Exchanging,
    /// Files go up or come down.
    Files,
    /// Signatures of what came are looked at; it can be read meanwhile.
    Verifying,
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
    /// Directives whose signatures were looked at.
    pub verified: u64,
    /// Directives that became searchable.
    pub indexed: u64,
    /// The file that is under way: how far it is, and its size; 0 where none is.
    pub file_at: u64,
    pub file_of: u64,
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
    /// By an order that this phone believes, all of it was forgotten: the handbook is shut, and [`Handbook::ending`] says by whom.
    Wiped,
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
    /// Files that are whole now, at the server and here.
    pub files_up: u64,
    pub files_down: u64,
    /// Bytes of files; those sent or received again are counted again.
    pub file_bytes_up: u64,
    pub file_bytes_down: u64,
}

/// What a sync has done so far.
#[derive(Debug, Clone, Default)]
struct Tally {
    report: Report,
    files: transfer::Report,
    verified: u64,
    indexed: u64,
}

impl Tally {
    /// With an exchange or a run of files that goes on or just ended.
    fn with(&self, report: &Report, files: &transfer::Report) -> Self {
        let (so_far, of) = (&self.report, &self.files);
        Self {
            report: Report {
                exchanges: so_far.exchanges + report.exchanges,
                frames: so_far.frames + report.frames,
                rows: so_far.rows + report.rows,
                bytes_up: so_far.bytes_up + report.bytes_up,
                bytes_down: so_far.bytes_down + report.bytes_down,
                sent: so_far.sent + report.sent,
                applied: so_far.applied + report.applied,
                refused: so_far.refused + report.refused,
                conflicted: so_far.conflicted + report.conflicted,
                // Those of the last exchange: what was freed since is held no longer.
                held: if report.exchanges > 0 { report.held } else { so_far.held },
                parked: so_far.parked + report.parked,
                ahead: report.ahead,
                came: report.came,
            },
            files: transfer::Report {
                files_up: of.files_up + files.files_up,
                files_down: of.files_down + files.files_down,
                bytes_up: of.bytes_up + files.bytes_up,
                bytes_down: of.bytes_down + files.bytes_down,
                at: files.at,
                of: files.of,
                damaged: of.damaged + files.damaged,
            },
            verified: self.verified,
            indexed: self.indexed,
        }
    }

    fn progress(&self, stage: Stage) -> Progress {
        let Self { report, files, verified, indexed } = self;
        Progress {
            stage,
            sent: report.sent,
            rows: report.rows,
            came: report.came.min(report.ahead.unwrap_or(u64::MAX)),
            ahead: report.ahead,
            bytes_up: report.bytes_up + files.bytes_up,
            bytes_down: report.bytes_down + files.bytes_down,
            verified: *verified,
            indexed: *indexed,
            file_at: files.at,
            file_of: files.of,
        }
    }
}

impl SyncEnd {
    fn new(stop: SyncStop, of: &Tally) -> Self {
        let Tally { report, files, indexed, .. } = of;
        Self {
            stop,
            exchanges: report.exchanges,
            rows: report.rows,
            bytes_up: report.bytes_up + files.bytes_up,
            bytes_down: report.bytes_down + files.bytes_down,
            sent: report.sent,
            applied: report.applied,
            refused: report.refused,
            conflicted: report.conflicted,
            held: report.held,
            parked: report.parked,
            indexed: *indexed,
            files_up: files.files_up,
            files_down: files.files_down,
            file_bytes_up: files.bytes_up,
            file_bytes_down: files.bytes_down,
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
    /// Why the last request went to nobody: somebody was there whose certificate this phone does not believe.
    #[must_use]
    pub fn distrust(&self) -> Option<Distrust> {
        self.inner.board.distrust()
    }

    /// What to do about it, in the language of this handbook.
    #[must_use]
    pub fn words_of(&self, why: Distrust) -> String {
        let (vi, en) = why.sentence();
        self.inner.words().say(vi, en).to_owned()
    }

    /// One sync: a future to await, and a handle to end it with. `tell` hears of progress from within the future.
    ///
    /// The future's error is [`HandbookError::SyncRunning`] where another goes on, [`HandbookError::NotEnrolled`],
    /// or the store's own fault. No network is no error: it is an end like any other.
    pub fn sync(
        &self,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<SyncEnd, HandbookError>>) {
        self.sync_as(Plan { files_up: true, files_down: FilesDown::Wanted }, tell)
    }

    /// The same over a network that costs nothing: files that nobody asked for come too, as far as there is room.
    pub fn sync_all(
        &self,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<SyncEnd, HandbookError>>) {
        self.sync_as(Plan { files_up: true, files_down: FilesDown::Rest }, tell)
    }

    /// The same with what the schedule planned for it.
    pub(super) fn sync_as(
        &self,
        plan: Plan,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<SyncEnd, HandbookError>>) {
        let inner = Arc::clone(&self.inner);
        // What a sync has done that is ended from outside.
        let so_far = Arc::new(Mutex::new(SyncEnd::new(SyncStop::Cancelled, &Tally::default())));
        let done = Arc::clone(&so_far);
        let (handle, run) = self.inner.life.stoppable(async move {
            let syncing = inner.begin_sync().await?;
            let _ending = inner.life.ends_with_this();
            let board = inner.on_the_board();
            let say = |stage: Stage, tally: &Tally| {
                let so_far = SyncEnd::new(SyncStop::Cancelled, tally);
                *done.lock().unwrap_or_else(PoisonError::into_inner) = so_far;
                let progress = tally.progress(stage);
                inner.progresses(&progress);
                tell(&progress);
            };
            let end = Run { inner: &inner, syncing: &syncing, plan, say: &say, tally: Tally::default() }
                .all()
                .await?;
            board.ended(end.stop);
            Ok(end)
        });
        let cancelled = move || so_far.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let inner = Arc::clone(&self.inner);
        let whole = async move {
            let end = run.await.unwrap_or_else(|| Ok(cancelled()));
            if end.as_ref().is_ok_and(|end| end.stop == SyncStop::Wiped) {
                let finished = inner.finish_ending().await;
                // Last: who keeps the handbook live drops this future then.
                inner.alive.shut();
                finished?;
            }
            end
        };
        (SyncHandle(handle), whole.boxed())
    }
}

/// One sync.
struct Run<'a> {
    inner: &'a Arc<Inner>,
    syncing: &'a Arc<Syncing>,
    plan: Plan,
    say: &'a (dyn Fn(Stage, &Tally) + Send + Sync),
    tally: Tally,
}

impl Run<'_> {
    async fn all(mut self) -> Result<SyncEnd, HandbookError> {
        (self.say)(Stage::Connecting, &self.tally);
        // Before anything leaves: what is sealed goes to who is to read it now.
        let (store, env) = (self.inner.store.clone(), Arc::clone(&self.inner.env));
        let renew = move || store.write(|store| sealed::renew(store, env.as_ref()));
        on_workers(self.inner.workers.as_ref(), renew).await??;
        self.inner.follow_server(self.syncing).await?;
        let mut stop = self.exchange().await?;
        let up = Terms { up: self.plan.files_up, ..Terms::default() };
        stop = self.files(stop, &up).await?;
        if stop == SyncStop::Wiped {
            return Ok(SyncEnd::new(stop, &self.tally));
        }
        self.verify().await?;
        if self.open().await? && stop == SyncStop::Done {
            stop = self.exchange().await?;
        }
        if stop == SyncStop::Wiped {
            return Ok(SyncEnd::new(stop, &self.tally));
        }
        self.index().await?;
        let down = Terms {
            up: self.plan.files_up,
            down: Some(self.plan.files_down),
            readings: self.inner.readings.clone(),
        };
        let exchanges = self.tally.report.exchanges;
        stop = self.files(stop, &down).await?;
        if stop == SyncStop::Wiped {
            return Ok(SyncEnd::new(stop, &self.tally));
        }
        if self.tally.files.bytes_down > 0 {
            files::tidy(self.inner, self.syncing).await?;
        }
        if self.tally.report.exchanges > exchanges {
            self.verify().await?;
            self.open().await?;
            self.index().await?;
        }
        Ok(SyncEnd::new(stop, &self.tally))
    }

    async fn exchange(&mut self) -> Result<SyncStop, HandbookError> {
        let nothing = transfer::Report::default();
        let tell = |report: &Report| (self.say)(Stage::Exchanging, &self.tally.with(report, &nothing));
        let (stop, report) = exchange(self.inner, self.syncing, &tell).await?;
        self.tally = self.tally.with(&report, &nothing);
        Ok(stop)
    }

    /// Files under these terms, with an exchange after each run that brought some up, or needs one.
    async fn files(&mut self, mut stop: SyncStop, terms: &Terms) -> Result<SyncStop, HandbookError> {
        for _ in 0..ROUNDS {
            if stop != SyncStop::Done {
                break;
            }
            let nothing = Report::default();
            let tell = |files: &transfer::Report| {
                if files.of > 0 {
                    (self.say)(Stage::Files, &self.tally.with(&nothing, files));
                }
            };
            let moved = files::transfer(self.inner, self.syncing, terms.clone(), &tell).await?;
            self.tally = self.tally.with(&nothing, &moved.report);
            stop = moved.stop;
            if stop == SyncStop::Done && (moved.exchange_first || moved.report.files_up > 0) {
                stop = self.exchange().await?;
            } else {
                break;
            }
        }
        Ok(stop)
    }

    /// What is judged comes into the index meanwhile, and what is kept apart never does.
    async fn verify(&mut self) -> Result<(), HandbookError> {
        let mut shares = trust::Judging::side_by_side(SIDE_BY_SIDE);
        loop {
            let judge = |mut share: trust::Judging| {
                let store = self.inner.store.clone();
                let judge = move || share.next(&store, trust::BATCH).map(|count| (share, count));
                on_workers(self.inner.workers.as_ref(), judge)
            };
            let store = self.inner.store.clone();
            let index = move || search::index_judged(&store, search::BATCH);
            let judged = join_all(shares.drain(..).map(judge));
            let (judged, indexed) = join(judged, on_workers(self.inner.workers.as_ref(), index)).await;
            self.tally.indexed += indexed?? as u64;
            let mut count = 0;
            for share in judged {
                let (share, of_share) = share??;
                shares.push(share);
                count += of_share;
            }
            if count == 0 {
                return Ok(());
            }
            self.tally.verified += count as u64;
            (self.say)(Stage::Verifying, &self.tally);
        }
    }

    /// Opens what is sealed to this device; says whether it has wraps to send, for devices that came later.
    async fn open(&mut self) -> Result<bool, HandbookError> {
        let mut wraps = false;
        loop {
            let (store, env) = (self.inner.store.clone(), Arc::clone(&self.inner.env));
            let open = move || sealed::open_pending(&store, env.as_ref(), sealed::BATCH);
            let done = on_workers(self.inner.workers.as_ref(), open).await??;
            if done.rows == 0 {
                return Ok(wraps);
            }
            wraps |= done.wraps > 0;
            (self.say)(Stage::Verifying, &self.tally);
        }
    }

    async fn index(&mut self) -> Result<(), HandbookError> {
        loop {
            let store = self.inner.store.clone();
            let index = move || search::index_pending(&store, search::BATCH);
            let count = on_workers(self.inner.workers.as_ref(), index).await??;
            if count == 0 {
                return Ok(());
            }
            self.tally.indexed += count as u64;
            (self.say)(Stage::Indexing, &self.tally);
        }
    }
}

async fn exchange(
    inner: &Arc<Inner>,
    syncing: &Arc<Syncing>,
    tell: &(dyn Fn(&Report) + Send + Sync),
) -> Result<(SyncStop, Report), HandbookError> {
    let (url, mut engine, mut action) = wire::begin(inner, syncing, Engine::begin).await?;
    let mut wire = Wire::to(inner, url);
    loop {
        tell(engine.report());
        let seen = match action {
            Action::Stop(stop) => {
                if let Some(why) = engine.wiped() {
                    inner.obey(why.clone()).await?;
                }
                return Ok((ended(stop, &wire), engine.report().clone()));
            }
            Action::Exchange(packed) => {
                let answer = wire.post("/v1/sync", MEDIA_TYPE, packed).await;
                wire.begin(answer).await
            }
            Action::Read => wire.read().await,
            Action::Fork(request) => {
                let body = serde_json::to_vec(&request).unwrap_or_default();
                wire::whole(wire.post("/v1/fork", JSON, body).await).await
            }
        };
        let feed = move |store: &Store, env: &dyn Env| {
            let action = engine.on(store, env, event(&seen))?;
            Ok((engine, action))
        };
        (engine, action) = wire::turn(inner, syncing, feed).await?;
    }
}

fn event(seen: &Seen<ForkAnswer>) -> Event<'_> {
    match seen {
        Seen::Answered(answer) => Event::Forked(answer.clone()),
        Seen::Bytes(bytes) => Event::Bytes(bytes),
        Seen::Finished => Event::Finished,
        Seen::Cut => Event::Cut,
        Seen::Problem { status, problem } => Event::Problem { status: *status, problem: problem.clone() },
    }
}

fn ended(stop: Stop, wire: &Wire<'_>) -> SyncStop {
    match stop {
        Stop::Done => SyncStop::Done,
        Stop::Cut => wire.cut(),
        Stop::EnrolAgain => SyncStop::EnrolAgain,
        Stop::ServerFault => SyncStop::ServerFault,
        Stop::NotUnderstood => SyncStop::NotUnderstood,
        Stop::Wiped => SyncStop::Wiped,
    }
}
