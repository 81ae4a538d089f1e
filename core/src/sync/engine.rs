//! The engine: a synchronous state machine over a synchronous store. Event in, action out.
//!
//! tokio and reqwest drive it in the product, a simulator in the tests. All that must survive a crash is in the
//! store before an action is given out; the engine itself may be dropped at any moment.

mod blame;
mod fork;
mod request;

use sotay_protocol::{
    enrol::{ForkAnswer, ForkRequest},
    env::Env,
    exchange::{Outcome, OutcomeLine, ScopesHead},
    frame::{Frame, FrameError, FrameReader},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
};

use self::{fork::fork_seed, request::request};
use super::{
    again,
    commands::CommandState,
    delivery::{self, Batch, Item},
    device::{self, Device},
    land::{self, LandError},
};
use crate::{
    devices,
    store::{Store, StoreError, Why, execute},
};

/// Exchanges of one run at most: a server that never comes to an end must not keep a phone awake.
const EXCHANGES: u32 = 200;
/// Times the server may name another count before the run gives up.
const COUNTS: u32 = 3;

#[derive(Debug)]
pub enum Event<'a> {
    /// Bytes of the answer's body, as they come.
    Bytes(&'a [u8]),
    /// The body ended.
    Finished,
    /// The connection failed, or broke.
    Cut,
    /// The server answered with an error.
    Problem { status: u16, problem: Option<Problem> },
    /// The answer to [`Action::Fork`].
    Forked(ForkAnswer),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `POST /v1/sync` with these bytes.
    Exchange(Vec<u8>),
    /// Go on reading the answer.
    Read,
    /// `POST /v1/fork`.
    Fork(ForkRequest),
    Stop(Stop),
}

/// Why a run ended. In every case what was landed stays, and what waits goes on waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Everything is as the server has it.
    Done,
    /// No network, or it broke; the next run goes on from here.
    Cut,
    /// The server does not know this device: enrol again, keep everything.
    EnrolAgain,
    /// The server failed, or asks to come later.
    ServerFault,
    /// The server said what this app does not understand.
    NotUnderstood,
    /// This device has to forget all, by an order that it believes; see [`Engine::wiped`].
    Wiped,
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("this device is not enrolled")]
    NotEnrolled,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run has done so far, for a screen's progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub exchanges: u32,
    pub frames: u64,
    pub rows: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub sent: u64,
    pub applied: u64,
    pub refused: u64,
    pub conflicted: u64,
    pub held: u64,
    pub parked: u64,
    /// Of the sequence numbers that were to come when the exchange began: how many, and how many came. The server
    /// of an earlier release does not say.
    pub ahead: Option<u64>,
    pub came: u64,
}

/// One run: as many exchanges as it takes until phone and server have nothing more to say.
#[derive(Debug)]
pub struct Engine {
    reader: FrameReader,
    /// Numbers that this exchange carried and that have no outcome yet.
    unanswered: Vec<u64>,
    carried: usize,
    answered: usize,
    /// A row that may free held commands was applied, or a command failed or was parked: go round again.
    moved: bool,
    ended: bool,
    forked: bool,
    counts: u32,
    report: Report,
    wiped: Option<Why>,
}

impl Engine {
    /// Begins a run.
    ///
    /// # Errors
    /// [`SyncError::NotEnrolled`], or the store's own fault.
    pub fn begin(store: &Store, env: &dyn Env) -> Result<(Self, Action), SyncError> {
        let mut engine = Self {
            reader: FrameReader::new(limits::FRAME_HARD),
            unanswered: Vec::new(),
            carried: 0,
            answered: 0,
            moved: false,
            ended: false,
            forked: false,
            counts: 0,
            report: Report::default(),
            wiped: None,
        };
        let pending_fork = store.read(fork_seed)?;
        let action = match pending_fork {
            Some(seed) => engine.fork(store, env, Some(seed))?,
            None => engine.exchange(store, env)?,
        };
        Ok((engine, action))
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// By whose order this device has to forget all, where it has to. Nothing of it was done yet.
    #[must_use]
    pub fn wiped(&self) -> Option<&Why> {
        self.wiped.as_ref()
    }

    /// # Errors
    /// The store's own fault. The run is over then; nothing of the frame at hand was kept.
    pub fn on(&mut self, store: &Store, env: &dyn Env, event: Event<'_>) -> Result<Action, SyncError> {
        match event {
            Event::Bytes(bytes) => self.bytes(store, env, bytes),
            Event::Finished if self.ended => self.finished(store, env),
            Event::Finished | Event::Cut => {
                self.without_end(store, false)?;
                if self.forked { self.fork(store, env, None) } else { Ok(Action::Stop(Stop::Cut)) }
            }
            Event::Problem { status, problem } => self.problem(store, env, status, problem.as_ref()),
            Event::Forked(answer) => self.forked(store, env, &answer),
        }
    }

    fn exchange(&mut self, store: &Store, env: &dyn Env) -> Result<Action, SyncError> {
        if self.report.exchanges >= EXCHANGES {
            return Ok(Action::Stop(Stop::ServerFault));
        }
        let (packed, batch) = store.write(|store| -> Result<_, SyncError> {
            let device = device::load(store)?.ok_or(SyncError::NotEnrolled)?;
            let most = if device.suspect.is_some() { 0 } else { device.batch };
            let batch = Batch::next(store, device.device, most)?;
            // Counted before it is sent: a crash in between must not use the count twice.
            execute(store, "UPDATE device SET count = count + 1", []).map_err(StoreError::from)?;
            delivery::mark_sent(store, &batch, env.now())?;
            let keys = devices::to_tell(store, env, &device)?;
            Ok((request(store, &device, keys, &batch)?, batch))
        })?;
        self.reader.restart();
        self.unanswered = batch.items.iter().map(Item::number).collect();
        self.carried = self.unanswered.len();
        self.answered = 0;
        self.ended = false;
        self.moved = false;
        self.report.exchanges += 1;
        self.report.sent += self.carried as u64;
        self.report.bytes_up += packed.len() as u64;
        Ok(Action::Exchange(packed))
    }

    fn bytes(&mut self, store: &Store, env: &dyn Env, bytes: &[u8]) -> Result<Action, SyncError> {
        self.report.bytes_down += bytes.len() as u64;
        self.reader.push(bytes);
        loop {
            let landed = match self.reader.next_frame() {
                Ok(None) => return Ok(Action::Read),
                Ok(Some(_)) if self.ended => Err(FrameError::Malformed.into()),
                Ok(Some(unpacked)) => Frame::read(&unpacked)
                    .map_err(Fault::from)
                    .and_then(|frame| self.land(store, env, &frame)),
                Err(error) => Err(error.into()),
            };
            match landed {
                // Whatever else came is not looked at.
                Ok(()) if self.wiped.is_some() => return Ok(Action::Stop(Stop::Wiped)),
                Ok(()) => self.report.frames += 1,
                Err(Fault::Store(error)) => return Err(error.into()),
                Err(Fault::NotUnderstood) => {
                    self.without_end(store, false)?;
                    return Ok(Action::Stop(Stop::NotUnderstood));
                }
            }
        }
    }

    fn land(&mut self, store: &Store, env: &dyn Env, frame: &Frame) -> Result<(), Fault> {
        let now = env.now();
        #[cfg(feature = "planted")]
        let frame = &land::cursor_first(store, frame)?;
        if let Frame::Scopes(ScopesHead { wipe: Some(order), .. }, _) = frame {
            self.wiped = store.write(|store| -> Result<_, LandError> {
                let of = device::load(store)?.ok_or(LandError::OutOfPlace)?;
                Ok(crate::trust::ordered(store, order, (of.device, &of.key.public()), now)?)
            })?;
            if self.wiped.is_some() {
                return Ok(());
            }
        }
        let rows = store.write(|store| -> Result<_, LandError> {
            let of = device::load(store)?.ok_or(LandError::OutOfPlace)?;
            match frame {
                Frame::Scopes(head, lines) => land::scopes(store, head, lines, &of).map(|()| 0),
                Frame::Changes(head, entries) => land::changes(store, head, entries, of.member),
                Frame::End(head) => land::end(store, head, of.member, now).map(|()| 0),
                Frame::Outcomes(lines) => {
                    for line in lines {
                        self.outcome(store, &of, line, now)?;
                    }
                    Ok(0)
                }
                Frame::Unknown => Ok(0),
            }
        })?;
        self.report.rows += rows as u64;
        match frame {
            Frame::Scopes(head, _) if head.ahead.is_some() => {
                (self.report.ahead, self.report.came) = (head.ahead, 0);
            }
            Frame::Changes(head, _) => self.report.came += head.to.saturating_sub(head.from),
            _ => {}
        }
        match frame {
            Frame::Scopes(head, _) if head.want_from.is_some() => {
                // Left untouched: nobody is at fault, and they go again at once.
                self.unanswered.clear();
                self.carried = 0;
                self.moved = true;
            }
            Frame::End(_) => self.ended = true,
            _ => {}
        }
        Ok(())
    }

    fn outcome(
        &mut self,
        store: &rusqlite::Connection,
        of: &Device,
        line: &OutcomeLine,
        now: sotay_protocol::env::Timestamp,
    ) -> Result<(), StoreError> {
        self.unanswered.retain(|number| *number != line.number);
        self.answered += 1;
        if !matches!(line.outcome, Outcome::Forked | Outcome::Failed) {
            again::spent(store, line.number)?;
        }
        match &line.outcome {
            Outcome::Forked => self.forked = true,
            Outcome::Failed => {
                self.moved = true;
                if delivery::failed(store, of.device, of.member, line.number)? {
                    self.report.parked += 1;
                }
            }
            outcome => {
                let state = delivery::settle(store, of.device, of.member, line.number, outcome, now)?;
                match state {
                    Some(CommandState::Applied) => {
                        self.moved = true;
                        self.report.applied += 1;
                    }
                    Some(CommandState::Refused) => self.report.refused += 1,
                    Some(CommandState::Conflicted) => self.report.conflicted += 1,
                    Some(CommandState::Held) => self.report.held += 1,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The exchange came to its end: is there more to send?
    fn finished(&mut self, store: &Store, env: &dyn Env) -> Result<Action, SyncError> {
        self.blame(store, true)?;
        if self.forked {
            return self.fork(store, env, None);
        }
        let more = store.read(|store| -> Result<_, StoreError> {
            let Some(device) = device::load(store)? else { return Ok(false) };
            let next = Batch::next(store, device.device, limits::COMMANDS)?;
            let held = |item: &Item| matches!(item, Item::Kept(entry) if entry.state == CommandState::Held);
            Ok(!next.items.iter().all(held) || (self.moved && !next.items.is_empty()))
        })?;
        if more { self.exchange(store, env) } else { Ok(Action::Stop(Stop::Done)) }
    }

    fn problem(
        &mut self,
        store: &Store,
        env: &dyn Env,
        status: u16,
        problem: Option<&Problem>,
    ) -> Result<Action, SyncError> {
        match problem.map(|problem| problem.code) {
            Some(ProblemCode::CountReplayed) if self.counts < COUNTS => {
                self.counts += 1;
                let last = problem.and_then(|problem| problem.last).unwrap_or(0);
                store.write(|store| -> Result<_, StoreError> {
                    Ok(execute(store, "UPDATE device SET count = max(count, ?1)", [last])?)
                })?;
                self.exchange(store, env)
            }
            Some(ProblemCode::UnknownDevice | ProblemCode::BadSignature | ProblemCode::WrongServer) => {
                Ok(Action::Stop(Stop::EnrolAgain))
            }
            // Said before anything was looked at: no command is at fault.
            Some(ProblemCode::Unavailable | ProblemCode::TooSlow) => Ok(Action::Stop(Stop::ServerFault)),
            _ if status >= 500 => {
                self.without_end(store, true)?;
                Ok(Action::Stop(Stop::ServerFault))
            }
            Some(ProblemCode::TooManyTries | ProblemCode::CountReplayed) => {
                Ok(Action::Stop(Stop::ServerFault))
            }
            _ => {
                self.without_end(store, false)?;
                Ok(Action::Stop(Stop::NotUnderstood))
            }
        }
    }
}

/// Why a frame did not land.
enum Fault {
    NotUnderstood,
    Store(StoreError),
}

impl From<FrameError> for Fault {
    fn from(_: FrameError) -> Self {
        Self::NotUnderstood
    }
}

impl From<LandError> for Fault {
    fn from(error: LandError) -> Self {
        match error {
            LandError::OutOfPlace => Self::NotUnderstood,
            LandError::Store(error) => Self::Store(error),
        }
    }
}

/// The id of the member whose store this is; for features.
///
/// # Errors
/// [`SyncError::NotEnrolled`], or the store's own fault.
pub fn member(store: &rusqlite::Connection) -> Result<Id, SyncError> {
    Ok(device::load(store)?.ok_or(SyncError::NotEnrolled)?.member)
}
