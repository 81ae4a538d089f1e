//! What is older than the rules say goes: a bounded piece in each transaction, as often as one likes.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    attendance::CLAIM,
    env::Timestamp,
    feedback::{CASE, Case, THREAD},
    id::Id,
    kept,
    meetings::MEETING,
    retention::{Retained, gone_before},
    row::RowRef,
    scope::Scope,
};

use crate::{
    audit, devices,
    error::ServerError,
    restore::{Note, Notes, Purge},
    server::Server,
    store::{Reader, Result as Stored},
};

/// Cases or meetings looked at in one read.
const BATCH: usize = 200;
/// Commands whose words go in one transaction.
const TOGETHER: usize = 500;

/// How many things of each kind have to go.
pub type Due = BTreeMap<Retained, u64>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    pub gone: Due,
    /// No byte of what went, now or before, lies in the store any more. False where others were reading: the next purge
    /// tries again.
    pub scrubbed: bool,
}

/// What the rules of this moment say of each kind.
struct Limits(BTreeMap<Retained, Timestamp>);

impl Limits {
    fn read(reader: &dyn Reader, now: Timestamp) -> Stored<Self> {
        let rules = reader.rules()?;
        let before = |kind: Retained| Some((kind, gone_before(&rules, kind, now)?));
        Ok(Self(Retained::ALL.into_iter().filter_map(before).collect()))
    }
}

impl Server {
    /// What [`Self::purge`] would do, and does not.
    ///
    /// # Errors
    /// The store's.
    pub fn due(&self) -> Result<Due, ServerError> {
        let now = self.env.now();
        let limits = self.store.read_with(|reader| Limits::read(reader, now))?;
        let mut due = Due::new();
        for (kind, before) in &limits.0 {
            let many = match kind {
                Retained::Feedback => self.cases(*before)?.len() as u64,
                Retained::Attendance | Retained::Reasons | Retained::CheckIns => {
                    let mut many = 0;
                    for meeting in self.old(MEETING, *before)? {
                        many += self.store.read_with(|reader| of_meeting(reader, &meeting, *kind))?.len();
                    }
                    many as u64
                }
                Retained::Commands => self.store.read_with(|reader| reader.words_before(*before))?,
                Retained::Codes => self.store.read_with(|reader| reader.codes_before(*before))?,
                Retained::Devices => {
                    self.store.read_with(|reader| reader.named_devices(*before))?.len() as u64
                }
                Retained::LeftMembers => {
                    self.store.read_with(|reader| reader.left_before(*before))?.len() as u64
                }
            };
            due.insert(*kind, many);
        }
        Ok(due)
    }

    /// What is older than the rules say goes; then no byte of it stays. `between` is called after each transaction: the time
    /// for whoever waits to write.
    ///
    /// # Errors
    /// The store's, or the ledger's; what went stays gone.
    pub fn purge(&self, between: &mut dyn FnMut()) -> Result<Purged, ServerError> {
        let now = self.env.now();
        let limits = self.store.read_with(|reader| Limits::read(reader, now))?;
        let mut gone = Due::new();
        for (kind, before) in &limits.0 {
            let many = match kind {
                Retained::Feedback => self.purge_feedback(*before, between)?,
                Retained::Attendance | Retained::Reasons | Retained::CheckIns => {
                    self.purge_meetings(*kind, *before, between)?
                }
                Retained::Commands => self.purge_commands(*before, false, between)?,
                Retained::Codes => self.purge_codes(*before, false)?,
                Retained::Devices => {
                    let old = self.store.read_with(|reader| reader.named_devices(*before))?;
                    self.purge_names(&old.iter().copied().collect(), false)?
                }
                Retained::LeftMembers => {
                    let left = self.store.read_with(|reader| reader.left_before(*before))?;
                    for member in &left {
                        self.forget_member(*member)?;
                        between();
                    }
                    left.len() as u64
                }
            };
            gone.insert(*kind, many);
        }
        Ok(Purged { gone, scrubbed: self.scrub()? })
    }

    /// Whether no byte of what was purged lies in the store any more.
    ///
    /// # Errors
    /// The store's.
    pub fn scrub(&self) -> Result<bool, ServerError> {
        if self.store.read_with(|reader| reader.unscrubbed())?.is_none() {
            return Ok(true);
        }
        while self.store.write_with(&[], |tx| tx.drop_unused())? {}
        let done = self.store.scrub()?;
        if done {
            self.store.write_with(&[], |tx| tx.mark_scrub(None))?;
        }
        Ok(done)
    }

    /// All rows of a kind that happened before then.
    fn old(&self, kind: &str, before: Timestamp) -> Result<Vec<RowRef>, ServerError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let some = self.store.read_with(|reader| reader.happened_before(kind, before, after, BATCH))?;
            let many = some.len();
            after = some.last().map(|row| (row.scope, row.id));
            all.extend(some);
            if many < BATCH {
                return Ok(all);
            }
        }
    }

    /// Old cases, each with its member's thread.
    fn cases(&self, before: Timestamp) -> Result<Vec<[RowRef; 2]>, ServerError> {
        let mut cases = Vec::new();
        for row in self.old(CASE, before)? {
            let body = self.store.read_with(|reader| body_of(reader, &row))?;
            let case = body.and_then(|body| serde_json::from_str::<Case>(&body).ok());
            let thread = case.map(|case| RowRef::new(Scope::member(case.member), THREAD, case.thread));
            cases.extend(thread.map(|thread| [row, thread]));
        }
        Ok(cases)
    }

    fn purge_feedback(&self, before: Timestamp, between: &mut dyn FnMut()) -> Result<u64, ServerError> {
        let mut gone = 0;
        for [case, thread] in self.cases(before)? {
            let now = self.env.now();
            let scopes = [case.scope, thread.scope];
            let rows = [case, thread];
            gone += self.store.write_with(&scopes, |tx| {
                // Somebody may have written to it since it was found.
                let [case, _] = &rows;
                let old = tx.happened_before(CASE, before, Some((case.scope, before_id(case.id))), 1)?;
                if old.first() != Some(case) {
                    return Ok(0);
                }
                self.note(&Note::Purged(Purge { rows: rows.iter().cloned().collect(), ..Purge::at(now) }))?;
                super::forget::forget(tx, &rows, self.id(), now).map(|rows| u64::from(rows > 0))
            })?;
            self.tell(&scopes.into_iter().collect(), None);
            between();
        }
        Ok(gone)
    }

    fn purge_meetings(
        &self,
        kind: Retained,
        before: Timestamp,
        between: &mut dyn FnMut(),
    ) -> Result<u64, ServerError> {
        let mut gone = 0;
        for meeting in self.old(MEETING, before)? {
            let rows = self.store.read_with(|reader| of_meeting(reader, &meeting, kind))?;
            if rows.is_empty() {
                continue;
            }
            gone += self.forget_rows(&rows, false)?;
            if kind == Retained::CheckIns {
                self.store.write_with(&[], |tx| tx.forget_claims(meeting.scope.id, meeting.id))?;
            }
            between();
        }
        Ok(gone)
    }

    fn purge_commands(
        &self,
        before: Timestamp,
        noted: bool,
        between: &mut dyn FnMut(),
    ) -> Result<u64, ServerError> {
        let now = self.env.now();
        let (mut gone, mut told) = (0, false);
        if !noted && self.store.read_with(|reader| reader.words_before(before))? > 0 {
            self.note(&Note::Purged(Purge { commands_before: Some(before), ..Purge::at(now) }))?;
        }
        loop {
            let some = self.store.write_with(&[], |tx| {
                let some = tx.forget_commands_before(before, TOGETHER)?;
                if some > 0 {
                    tx.mark_scrub(Some(now))?;
                    if !told {
                        audit::note(tx, self.id(), self.purges(audit::PURGE_COMMANDS, now), &[])?;
                    }
                }
                Ok(some)
            })?;
            between();
            (gone, told) = (gone + some, true);
            if some < TOGETHER as u64 {
                return Ok(gone);
            }
        }
    }

    fn purge_codes(&self, before: Timestamp, noted: bool) -> Result<u64, ServerError> {
        let now = self.env.now();
        Ok(self.store.write_with(&[], |tx| {
            let gone = tx.forget_codes_before(before)?;
            if gone > 0 {
                if !noted {
                    self.note(&Note::Purged(Purge { codes_before: Some(before), ..Purge::at(now) }))?;
                }
                tx.mark_scrub(Some(now))?;
                audit::note(tx, self.id(), self.purges(audit::PURGE_CODES, now), &[])?;
            }
            Ok(gone)
        })?)
    }

    fn purge_names(&self, named: &BTreeSet<Id>, noted: bool) -> Result<u64, ServerError> {
        let now = self.env.now();
        for id in named {
            let Some(device) = self.store.read_with(|reader| reader.device(*id))? else { continue };
            let scope = Scope::member(device.member);
            self.store.write_with(&[scope], |tx| {
                if !noted {
                    self.note(&Note::Purged(Purge { devices: [*id].into(), ..Purge::at(now) }))?;
                }
                tx.forget_device_name(*id)?;
                // The name that its member gave it stands in the device's row, and in what was signed to give it.
                tx.forget_commands_on(*id)?;
                if let Some(device) = tx.device(*id)? {
                    devices::stand(tx, self.id(), &device, now)?;
                }
                tx.count_purge(scope)?;
                let home = audit::home(tx, scope.id, self.id(), now)?;
                audit::note(tx, home, self.purges(audit::PURGE_NAMES, now), &[*id])?;
                tx.mark_scrub(Some(now))
            })?;
            self.tell(&std::iter::once(scope).collect(), None);
        }
        Ok(named.len() as u64)
    }

    fn purges<'a>(&self, deed: &'a str, at: Timestamp) -> audit::Deed<'a> {
        audit::Deed { actor: self.id(), deed, at }
    }

    /// A store that was brought back from a backup still has what was purged since: it goes again, and the rules that it has
    /// not heard of hold again.
    pub(crate) fn purge_again(&self, notes: &Notes) -> Result<u64, ServerError> {
        let Purge { rows, members, devices: named, commands_before, codes_before, .. } = &notes.purged;
        self.store.write_with(&[], |tx| notes.rules.iter().try_for_each(|rule| tx.put_rule(rule)))?;
        let mut gone = self.forget_rows(&rows.iter().cloned().collect::<Vec<_>>(), true)?;
        for member in members {
            if self.store.read_with(|reader| reader.member(*member))?.is_some() {
                gone += 1;
            }
            self.forget_all_of(*member)?;
        }
        self.purge_names(named, true)?;
        if let Some(before) = commands_before {
            self.purge_commands(*before, true, &mut || ())?;
        }
        if let Some(before) = codes_before {
            self.purge_codes(*before, true)?;
        }
        Ok(gone)
    }
}

/// The id just before this one: what is looked for comes first after it.
fn before_id(id: Id) -> Id {
    let number = u128::from_be_bytes(*id.as_bytes()).saturating_sub(1);
    Id::of_bytes(number.to_be_bytes())
}

/// In the log or in the archive.
fn body_of(reader: &dyn Reader, row: &RowRef) -> Stored<Option<String>> {
    let stands = reader.entry(row)?.and_then(|entry| entry.body);
    Ok(match stands {
        Some(body) => Some(body),
        None => reader.archived(row)?.map(|archived| archived.body),
    })
}

/// Rows that belong to the meeting and end by this rule: which those are, [`kept`] says.
fn of_meeting(reader: &dyn Reader, meeting: &RowRef, rule: Retained) -> Stored<Vec<RowRef>> {
    let ends = |kind: &str| kept::entry(kept::of_kind(kind)).is_some_and(|entry| entry.rule == Some(rule));
    let cell = meeting.scope.id;
    let mut rows = Vec::new();
    for scope in [Scope::cell(cell), Scope::desk(cell)] {
        rows.extend(reader.belonging(scope, meeting.id)?);
        let archived = reader.archive_belonging(scope, meeting.id)?;
        rows.extend(archived.into_iter().map(|row| RowRef::new(scope, &row.kind, row.id)));
    }
    for line in reader.claims(cell, meeting.id)? {
        rows.push(RowRef::new(Scope::member(line.member), CLAIM, line.claim));
    }
    rows.retain(|row| ends(&row.kind));
    Ok(rows)
}
