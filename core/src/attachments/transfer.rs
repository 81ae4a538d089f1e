//! The transfer of files: a synchronous state machine over the store, like the sync engine. Event in, action out.
//!
//! A file goes up and comes down part by part; each finished part is on disk before the next action is given out, so
//! that a cut, a kill or a restart costs one part at most. Whatever goes wrong with one file, the others go on.

use std::collections::BTreeMap;

use sotay_protocol::{
    attachment::{Attachment, PartAnswer, PartHead},
    env::Env,
    limits,
    problem::{Problem, ProblemCode},
    row::RowRef,
};

use super::{
    kept,
    plan::{self, Down, LeftAlone, Terms, Up},
};
use crate::{
    release,
    store::{Store, StoreError},
    sync::{
        device::{self, Device},
        engine::SyncError,
    },
};

/// A file that was this often not what its hash says is given up until its row changes.
const TRIES: u32 = 3;
/// Answers in a row that bring a file no further, before the rest of the run leaves it alone.
const STALLS: u32 = 3;

#[derive(Debug)]
pub enum Event<'a> {
    /// The answer to [`Action::Post`].
    Answered(PartAnswer),
    /// Bytes of the range that was asked for, as they come (status 206).
    Bytes(&'a [u8]),
    /// The range ended.
    Finished,
    /// The connection failed, or broke.
    Cut,
    /// Any other answer.
    Problem { status: u16, problem: Option<Problem> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `POST /v1/parts` with this body. Whatever was being read is let go.
    Post(Vec<u8>),
    /// `GET` of a range. Whatever was being read is let go.
    Get(Range),
    /// Go on reading the answer.
    Read,
    Stop(Stop),
}

/// Bytes `from` to the end, `to`, of a file, read through a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub row: RowRef,
    pub hash: String,
    pub from: u64,
    /// Not included.
    pub to: u64,
    pub token: String,
}

impl Range {
    #[must_use]
    pub fn path(&self) -> String {
        let RowRef { scope, kind, id } = &self.row;
        format!("/v1/attachments/{scope}/{kind}/{id}/{}", self.hash)
    }

    /// The header `Range`.
    #[must_use]
    pub fn bytes(&self) -> String {
        format!("bytes={}-{}", self.from, self.to.saturating_sub(1))
    }
}

/// Why a run ended. In every case what came stays, and what waits goes on waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nothing is left to do under the terms.
    Done,
    /// No network, or it broke; the next run goes on from here.
    Cut,
    /// Only after an exchange: it brings a token, or has the server take what came up.
    ExchangeFirst,
    /// The server does not know this device: enrol again, keep everything.
    EnrolAgain,
    /// The server failed, or asks to come later.
    ServerFault,
    /// The server said what this app does not understand.
    NotUnderstood,
}

/// What a run has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub files_up: u64,
    pub files_down: u64,
    /// Bytes of files, those sent or received again included.
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// The file that is under way: how far it is, and its size; 0 where none is.
    pub at: u64,
    pub of: u64,
    /// Files that came and were not what their hash says.
    pub damaged: u64,
}

#[derive(Debug)]
enum Job {
    Up { up: Up, sent: u64 },
    Down { down: Down, part: Vec<u8>, came: u64 },
}

/// One run, until nothing is left to do or something breaks. It may be dropped at any moment.
#[derive(Debug)]
pub struct Transfer {
    terms: Terms,
    job: Option<Job>,
    /// Asked of the server in this run, so that its word is of now.
    asked: LeftAlone,
    left_alone: LeftAlone,
    stalls: BTreeMap<String, u32>,
    report: Report,
}

impl Transfer {
    /// Begins a run.
    ///
    /// # Errors
    /// [`SyncError::NotEnrolled`], or the store's own fault.
    pub fn begin(store: &Store, env: &dyn Env, terms: Terms) -> Result<(Self, Action), SyncError> {
        let mut transfer = Self {
            terms,
            job: None,
            asked: LeftAlone::new(),
            left_alone: LeftAlone::new(),
            stalls: BTreeMap::new(),
            report: Report::default(),
        };
        // An app that knows of no files has none to move.
        let moves = release::moves_files();
        let action = if moves { transfer.next(store, env)? } else { Action::Stop(Stop::Done) };
        Ok((transfer, action))
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// # Errors
    /// The store's own fault. The run is over then; finished parts stay.
    pub fn on(&mut self, store: &Store, env: &dyn Env, event: Event<'_>) -> Result<Action, SyncError> {
        match (event, self.job.take()) {
            (Event::Answered(answer), Some(Job::Up { up, sent })) => {
                self.answered(store, env, &up, sent, answer)
            }
            (Event::Bytes(bytes), Some(Job::Down { down, part, came })) => {
                self.bytes(store, env, down, part, came, bytes)
            }
            (Event::Finished, Some(Job::Down { down, part, came })) => {
                self.broken_off(store, &down, &part)?;
                // An answer that says nothing at all must not be asked for again and again.
                if came == 0 || self.stalled(&down.blob.hash) {
                    self.left_alone.insert(down.blob.hash);
                }
                self.next(store, env)
            }
            (Event::Cut, Some(Job::Down { down, part, .. })) => {
                self.broken_off(store, &down, &part)?;
                Ok(Action::Stop(Stop::Cut))
            }
            (Event::Cut, _) => Ok(Action::Stop(Stop::Cut)),
            (Event::Problem { status, problem }, job) => {
                self.problem(store, env, job, status, problem.map(|problem| problem.code))
            }
            _ => Ok(Action::Stop(Stop::NotUnderstood)),
        }
    }

    fn next(&mut self, store: &Store, env: &dyn Env) -> Result<Action, SyncError> {
        loop {
            let of = store.read(device::load)?.ok_or(SyncError::NotEnrolled)?;
            (self.report.at, self.report.of) = (0, 0);
            let up = |store: &_| plan::next_up(store, &self.terms, &of, &self.left_alone);
            if let Some(up) = store.read(up)? {
                return self.post(store, &of, up);
            }
            let terms = self.terms.clone();
            // Most runs have nothing to fetch: they should not wait for a writer to learn it.
            if terms.down.is_none() || store.read(plan::to_fetch)?.is_none() {
                return Ok(Action::Stop(Stop::Done));
            }
            let down = store.write(|store| plan::next_down(store, &terms, &self.left_alone))?;
            let Some(down) = down else { return Ok(Action::Stop(Stop::Done)) };
            if down.blob.have < down.blob.size {
                return self.get(store, down);
            }
            self.came(store, env, &down)?;
        }
    }

    /// The next part, or a question how far the file has come, where the server may know better than this phone.
    fn post(&mut self, store: &Store, of: &Device, up: Up) -> Result<Action, SyncError> {
        let ask = up.begun && !self.asked.contains(&up.hash);
        self.asked.insert(up.hash.clone());
        let at = if ask { 0 } else { up.have };
        let mut bytes = Vec::new();
        if !ask {
            bytes = store.read(|store| kept::piece(store, up.key, at))?;
            bytes.truncate(limits::PART);
        }
        let file =
            Attachment { name: String::new(), media: String::new(), size: up.size, hash: up.hash.clone() };
        let head = PartHead::seal(of.server, of.device, &file, at, &bytes, &of.key);
        let sent = bytes.len() as u64;
        self.report.bytes_up += sent;
        (self.report.at, self.report.of) = (up.have, up.size);
        self.job = Some(Job::Up { up, sent });
        Ok(Action::Post(head.packed(&bytes)))
    }

    fn answered(
        &mut self,
        store: &Store,
        env: &dyn Env,
        up: &Up,
        sent: u64,
        answer: PartAnswer,
    ) -> Result<Action, SyncError> {
        let have = answer.have.min(up.size);
        if sent > 0 && have < up.have + sent && self.stalled(&up.hash) {
            self.left_alone.insert(up.hash.clone());
        }
        if have == up.size {
            self.report.files_up += 1;
        }
        store.write(|store| -> Result<_, SyncError> {
            let of = device::load(store)?.ok_or(SyncError::NotEnrolled)?;
            Ok(plan::came_up(store, of.device, &up.hash, have)?)
        })?;
        self.next(store, env)
    }

    /// Whether a file was brought no further too often.
    fn stalled(&mut self, hash: &str) -> bool {
        let stalls = self.stalls.entry(hash.to_owned()).or_default();
        *stalls += 1;
        *stalls >= STALLS
    }

    fn get(&mut self, store: &Store, down: Down) -> Result<Action, SyncError> {
        let token = store.read(|store| -> Result<Option<String>, StoreError> {
            Ok(store.query_row("SELECT token FROM device", [], |row| row.get(0))?)
        })?;
        // Whether it has expired is the server's to say: this phone's clock may be wrong.
        let Some(token) = token else { return Ok(Action::Stop(Stop::ExchangeFirst)) };
        let (from, to) = (down.blob.have, down.blob.size);
        let range = Range { row: down.row.clone(), hash: down.blob.hash.clone(), from, to, token };
        (self.report.at, self.report.of) = (from, to);
        self.job = Some(Job::Down { down, part: Vec::new(), came: 0 });
        Ok(Action::Get(range))
    }

    fn bytes(
        &mut self,
        store: &Store,
        env: &dyn Env,
        mut down: Down,
        mut part: Vec<u8>,
        came: u64,
        bytes: &[u8],
    ) -> Result<Action, SyncError> {
        self.report.bytes_down += bytes.len() as u64;
        let missing = usize::try_from(down.blob.size - down.blob.have).unwrap_or(usize::MAX) - part.len();
        part.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
        let is_end = down.blob.have + part.len() as u64 == down.blob.size;
        let full = part.len() - if is_end { 0 } else { part.len() % limits::PART };
        let mut outranked = false;
        if full > 0 {
            let left = part.split_off(full);
            let kept = store.write(|store| -> Result<_, SyncError> {
                let of = device::load(store)?.ok_or(SyncError::NotEnrolled)?;
                let kept = keep(store, &down, &part)?;
                Ok((kept, plan::outranked(store, &self.terms, &of, &down, &self.left_alone)?))
            })?;
            if !kept.0 {
                // The row went meanwhile, and its file with it.
                return self.next(store, env);
            }
            down.blob.have += part.len() as u64;
            (part, outranked) = (left, kept.1);
        }
        self.report.at = down.blob.have + part.len() as u64;
        if is_end {
            self.came(store, env, &down)?;
            return self.next(store, env);
        }
        if outranked {
            self.broken_off(store, &down, &part)?;
            return self.next(store, env);
        }
        self.job = Some(Job::Down { down, part, came: came + bytes.len() as u64 });
        Ok(Action::Read)
    }

    /// What came of an unfinished part is kept too.
    fn broken_off(&mut self, store: &Store, down: &Down, part: &[u8]) -> Result<(), SyncError> {
        if !part.is_empty() {
            store.write(|store| keep(store, down, part))?;
        }
        Ok(())
    }

    /// All bytes are here: they are looked at before anybody may open them.
    fn came(&mut self, store: &Store, env: &dyn Env, down: &Down) -> Result<(), SyncError> {
        let (key, now) = (down.blob.key, env.now());
        if store.read(|store| kept::is_right(store, &down.blob))? {
            self.report.files_down += 1;
            store.write(|store| kept::became_whole(store, key, now))?;
            return Ok(());
        }
        self.report.damaged += 1;
        let given_up = down.blob.tries + 1 >= TRIES;
        store.write(|store| -> Result<_, StoreError> {
            kept::forget(store, key, given_up.then_some(kept::Problem::Damaged))?;
            store.execute("UPDATE blob SET tries = tries + 1 WHERE key = ?1", [key])?;
            Ok(())
        })?;
        Ok(())
    }

    fn problem(
        &mut self,
        store: &Store,
        env: &dyn Env,
        job: Option<Job>,
        status: u16,
        code: Option<ProblemCode>,
    ) -> Result<Action, SyncError> {
        match (code, job) {
            (Some(ProblemCode::TokenExpired | ProblemCode::TokenInvalid), _) => {
                store.write(|store| -> Result<_, StoreError> {
                    Ok(store.execute("UPDATE device SET token = NULL", [])?)
                })?;
                Ok(Action::Stop(Stop::ExchangeFirst))
            }
            (Some(ProblemCode::UnknownDevice | ProblemCode::BadSignature | ProblemCode::WrongServer), _) => {
                Ok(Action::Stop(Stop::EnrolAgain))
            }
            (Some(ProblemCode::NoRoom), _) => Ok(Action::Stop(Stop::ExchangeFirst)),
            (Some(ProblemCode::HashWrong), Some(Job::Up { up, sent })) => {
                self.answered(store, env, &up, sent.max(1), PartAnswer { have: 0 })
            }
            (Some(ProblemCode::NotFound), Some(Job::Down { down, .. })) => {
                store.write(|store| kept::forget(store, down.blob.key, Some(kept::Problem::Gone)))?;
                self.next(store, env)
            }
            (Some(ProblemCode::OutOfRange), Some(Job::Down { down, .. })) => {
                // It is not as long as its row says.
                store.write(|store| kept::forget(store, down.blob.key, Some(kept::Problem::Damaged)))?;
                self.next(store, env)
            }
            (Some(ProblemCode::TooManyTries | ProblemCode::Unavailable), _) => {
                Ok(Action::Stop(Stop::ServerFault))
            }
            _ if status >= 500 => Ok(Action::Stop(Stop::ServerFault)),
            // Of this file; the others go on.
            (Some(_), Some(Job::Up { up, .. })) => {
                self.left_alone.insert(up.hash);
                self.next(store, env)
            }
            (Some(_), Some(Job::Down { down, .. })) => {
                self.left_alone.insert(down.blob.hash);
                self.next(store, env)
            }
            _ => Ok(Action::Stop(Stop::NotUnderstood)),
        }
    }
}

/// `false` where the file's place is gone, or somebody else has filled it.
fn keep(store: &rusqlite::Connection, down: &Down, bytes: &[u8]) -> Result<bool, StoreError> {
    let mut at = down.blob.have;
    for part in bytes.chunks(limits::PART) {
        if !kept::append(store, down.blob.key, at, part)? {
            return Ok(false);
        }
        at += part.len() as u64;
    }
    Ok(true)
}
