//! One exchange: a function of (store, request, env) that yields frames.
//!
//! [`Exchange::next`] borrows a connection, yields one frame and gives it back: no transaction, lock or
//! thread is held while bytes travel, so a hundred phones on bad networks cost a hundred small structs.
//! Order: scopes, outcomes, changes, end. Before each transaction and page the device's count and rights
//! are looked at again: a newer exchange of the same device ends this one without `end`.

mod begin;
mod outcomes;
mod pages;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sotay_protocol::{
    env::Timestamp,
    exchange::{Cursor, Deed, End, OutcomeLine, ScopeLine, ScopesHead},
    frame::Frame,
    id::Id,
    organisations::Tree,
    planted::{self, Bug},
    problem::Problem,
    rights::{Action, Standing, allowed},
    scope::Scope,
};

use self::{begin::Item, pages::Page};
pub(crate) use self::{outcomes::push_errand, pages::PageCache};
use crate::{
    error::problem,
    server::Server,
    standing::standing,
    store::{Device, Errand, Head, Reader, Result as Stored},
    token::{self, Seen},
    trust,
};

/// Errands that an exchange runs itself, so that its own effects come down with it; the driver does the rest.
const ERRANDS_AT_ONCE: usize = 200;

/// An exchange under way.
#[derive(Debug)]
pub struct Exchange {
    server: Server,
    device: Id,
    count: u64,
    /// The server's when this began. A restored server is another one: what it says of its scopes belongs
    /// to the next exchange.
    epoch: u64,
    cursors: Vec<Cursor>,
    items: Vec<Item>,
    next_item: usize,
    /// Outcomes that are committed and not yet in a frame.
    untold: VecDeque<OutcomeLine>,
    want_from: Option<u64>,
    following: BTreeMap<Scope, Place>,
    errands: BTreeSet<Errand>,
    stage: Stage,
}

/// How far a scope has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    epoch: u64,
    seq: u64,
    /// Where the log stood when its reading from the beginning began; 0 where it goes on from a whole one.
    begun: u64,
    /// Stood at its head when it was last looked at.
    done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Scopes,
    Outcomes,
    Changes,
    Done,
}

/// What a look into the store gave for the next frame.
enum Found {
    /// A newer exchange came, or a new epoch.
    Overtaken,
    Lines(Vec<ScopeLine>),
    Page(Scope, Page),
    /// Everything stands at its head.
    Nothing,
}

/// Every scope that `device` follows now.
pub(crate) fn follows(
    reader: &(impl Reader + ?Sized),
    device: &Device,
    now: Timestamp,
) -> Stored<BTreeSet<Scope>> {
    let (standing, tree) = standing(reader, device.member)?;
    Ok(follows_as(device, &standing, &tree, now))
}

/// The same, where its member's standing is known already. A revoked device follows nothing.
fn follows_as(device: &Device, standing: &Standing, tree: &Tree, now: Timestamp) -> BTreeSet<Scope> {
    device.caller(standing).follows(tree, now)
}

/// Whether `device` may read what stands in `scope`, or stood.
pub(crate) fn may_read(
    reader: &(impl Reader + ?Sized),
    device: &Device,
    scope: Scope,
    now: Timestamp,
) -> Stored<bool> {
    let (standing, tree) = standing(reader, device.member)?;
    Ok(allowed(device.caller(&standing), &tree, Action::Read(scope), now).is_ok())
}

impl Exchange {
    /// Whose it is.
    pub(crate) fn device(&self) -> Id {
        self.device
    }

    /// One packed frame; `None` after `end`, or where a newer exchange of this device has come or the
    /// server has begun a new epoch: then there was no `end`.
    ///
    /// # Errors
    /// The store's troubles; the stream is cut there, and what was yielded stands.
    #[expect(clippy::should_implement_trait, reason = "an iterator of results would go on after an error")]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let next = match self.stage {
            Stage::Scopes => self.scopes(),
            Stage::Outcomes => self.outcomes(),
            Stage::Changes => self.changes(),
            Stage::Done => Ok(None),
        };
        next.inspect_err(|_| self.stage = Stage::Done)
    }

    fn overtaken(&mut self) -> Option<Vec<u8>> {
        self.stage = Stage::Done;
        None
    }

    /// The device, if this is still its newest exchange, in the epoch in which it began.
    fn still_ours(&self, reader: &(impl Reader + ?Sized)) -> Stored<Option<Device>> {
        let same_epoch = reader.server()?.is_some_and(|server| server.epoch == self.epoch);
        Ok(reader.device(self.device)?.filter(|device| same_epoch && device.count == self.count))
    }

    fn scopes(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let now = self.server.env.now();
        let found = self.server.store.read_with(|reader| {
            let Some(device) = self.still_ours(reader)? else { return Ok(None) };
            let follows = follows(reader, &device, now)?;
            let mut heads = Vec::with_capacity(follows.len());
            for scope in &follows {
                heads.push((*scope, reader.head(*scope)?));
            }
            Ok(Some((heads, trust::wipe_order(reader, &device, now)?)))
        });
        let Some((heads, wipe)) = found.map_err(|error| problem(&error))? else {
            return Ok(self.overtaken());
        };
        let lines = self.compare(&heads);
        self.stage = Stage::Outcomes;
        let ahead = self.ahead(&heads);
        let (epoch, want_from, min_app) = (self.epoch, self.want_from, self.server.min_app);
        let head = ScopesHead { epoch, want_from, ahead, min_app, wipe };
        pack(&Frame::Scopes(head, lines)).map(Some)
    }

    /// What the phone has to follow, leave and read anew; and from where each scope is to be sent.
    fn compare(&mut self, heads: &[(Scope, Head)]) -> Vec<ScopeLine> {
        let cursors: BTreeMap<Scope, Cursor> =
            self.cursors.iter().map(|cursor| (cursor.scope, *cursor)).collect();
        let mut lines = Vec::new();
        for (scope, head) in heads {
            let epoch = head.epoch;
            let mut place = Place::at_the_beginning(epoch);
            match cursors.get(scope) {
                None => lines.push(ScopeLine { scope: *scope, deed: Deed::Follow, epoch }),
                Some(cursor) => {
                    let sent =
                        Place { epoch: cursor.epoch, seq: cursor.seq, begun: cursor.begun, done: false };
                    if sent.is_out_of_reach(head) {
                        lines.push(ScopeLine { scope: *scope, deed: Deed::Reset, epoch });
                    } else {
                        place = sent;
                    }
                }
            }
            self.following.insert(*scope, place);
        }
        let gone = cursors.values().filter(|cursor| !self.following.contains_key(&cursor.scope));
        lines.extend(gone.map(|cursor| ScopeLine {
            scope: cursor.scope,
            deed: Deed::Leave,
            epoch: cursor.epoch,
        }));
        lines
    }

    fn ahead(&self, heads: &[(Scope, Head)]) -> Option<u64> {
        let left = |(scope, head): &(Scope, Head)| {
            self.following.get(scope).map_or(0, |place| head.head.saturating_sub(place.seq))
        };
        Some(heads.iter().map(left).sum())
    }

    fn outcomes(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(lines) = self.take_commands()? else { return Ok(self.overtaken()) };
        if !lines.is_empty() {
            return pack(&Frame::Outcomes(lines)).map(Some);
        }
        if !self.errands.is_empty() {
            let errands = std::mem::take(&mut self.errands);
            if let Err(error) = self.server.run_errands(&errands, ERRANDS_AT_ONCE) {
                // The lines stay in the outbox and the driver takes them up.
                tracing::warn!(%error, "an exchange left its errands to the relay");
            }
        }
        self.stage = Stage::Changes;
        self.changes()
    }

    fn changes(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        match self.look().map_err(|error| problem(&error))? {
            Found::Overtaken => Ok(self.overtaken()),
            Found::Lines(lines) => self.change_scopes(lines).map(Some),
            Found::Page(scope, page) => {
                if let Some(place) = self.following.get_mut(&scope) {
                    (place.seq, place.done) = (page.to, page.last);
                }
                Ok(Some(page.packed.to_vec()))
            }
            Found::Nothing => {
                self.stage = Stage::Done;
                if let Some(told) = &self.server.told {
                    let stands = self.following.iter().map(|(scope, place)| (*scope, place.epoch, place.seq));
                    told(self.device, stands.collect());
                }
                pack(&Frame::End(self.end())).map(Some)
            }
        }
    }

    fn look(&mut self) -> Stored<Found> {
        let (server, now) = (self.server.clone(), self.server.env.now());
        server.store.read_with(|reader| {
            let Some(device) = self.still_ours(reader)? else { return Ok(Found::Overtaken) };
            let mut follows = follows(reader, &device, now)?;
            if planted::is(Bug::RightsOnce) {
                follows.extend(self.following.keys());
            }
            let lost = self.following.iter().filter(|(scope, _)| !follows.contains(scope));
            let lost: Vec<_> = lost
                .map(|(scope, place)| ScopeLine { scope: *scope, deed: Deed::Leave, epoch: place.epoch })
                .collect();
            if !lost.is_empty() {
                return Ok(Found::Lines(lost));
            }
            // The person's own rows and their cell come before what the committees say.
            for (scope, place) in self.following.iter_mut().rev().filter(|(_, place)| !place.done) {
                let head = reader.head(*scope)?;
                if place.is_out_of_reach(&head) {
                    let line = ScopeLine { scope: *scope, deed: Deed::Reset, epoch: head.epoch };
                    return Ok(Found::Lines(vec![line]));
                }
                if place.seq < head.head {
                    if place.seq == 0 {
                        place.begun = head.head;
                    }
                    let page = server.pages.page(reader, *scope, &head, (place.seq, place.begun))?;
                    return Ok(Found::Page(*scope, page));
                }
                place.done = true;
            }
            Ok(Found::Nothing)
        })
    }

    /// A scope was lost, or has to be read anew, while its pages travelled.
    fn change_scopes(&mut self, lines: Vec<ScopeLine>) -> Result<Vec<u8>, Problem> {
        for line in &lines {
            if line.deed == Deed::Leave {
                self.following.remove(&line.scope);
            } else {
                self.following.insert(line.scope, Place::at_the_beginning(line.epoch));
            }
        }
        let (epoch, min_app) = (self.epoch, self.server.min_app);
        let head = ScopesHead { epoch, want_from: None, ahead: None, min_app, wipe: None };
        pack(&Frame::Scopes(head, lines))
    }

    fn end(&self) -> End {
        let (now, clock_unsure) = (self.server.env.now(), self.server.behind().is_some());
        // A revoked device follows nothing, and listens for nothing.
        if self.following.is_empty() {
            return End { now, clock_unsure, ..End::default() };
        }
        let seen = Seen::of(self.following.iter().map(|(scope, place)| (*scope, place.epoch, place.seq)));
        let (token, until) = token::issue(&self.server.key, self.device, &seen, now);
        let server_key = Some(self.server.receipts.key());
        End { now, clock_unsure, token: Some(token), token_until: Some(until), server_key }
    }
}

impl Place {
    fn at_the_beginning(epoch: u64) -> Self {
        Self { epoch, seq: 0, begun: 0, done: false }
    }

    /// Whether the log cannot go on from here: the server was restored, or tombstones above it are gone. A reading that
    /// began after they had gone misses nothing: it must be able to pass below the floor, or it would never end.
    fn is_out_of_reach(&self, head: &Head) -> bool {
        let gone = self.seq > 0 && self.seq < head.floor && self.begun < head.floor;
        self.epoch != head.epoch || self.seq.max(self.begun) > head.head || gone
    }
}

fn pack(frame: &Frame) -> Result<Vec<u8>, Problem> {
    frame.pack().map_err(|error| {
        tracing::error!(%error, "a frame could not be packed");
        Problem::new(sotay_protocol::problem::ProblemCode::Internal, "Máy chủ gặp lỗi, xin thử lại sau.")
    })
}
