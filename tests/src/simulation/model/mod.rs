//! What must hold, whatever happens: a model that knows nothing of the engine's code.
//!
//! It hears what people and officers do, sees each frame that comes down, and reads the server's logs and the
//! phone's tables from outside. Everything that should not be is a line in `violations`.

mod edits;
mod genuine;
mod judging;
mod keeping;
mod ledger;
mod log;
mod markers;
mod register;
mod stored;
mod traces;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use sotay_core::{
    search,
    store::{Store as Phone, StoreError},
};
use sotay_protocol::{
    attendance::{OPENING, Opening},
    command::Command,
    directives::DIRECTIVE,
    env::Timestamp,
    frame::{Frame, parse_request, unpack_request},
    id::Id,
    row::RowRef,
    scope::Scope,
};
use sotay_server::store::Store;

pub(super) use self::{genuine::Certified, keeping::Clocks, markers::Markers, register::Register};
use self::{
    genuine::Genuine,
    ledger::{Heard, Ledger},
    log::Log,
    stored::{identity, set_aside, tables, unread},
    watch::Watch,
};
use crate::world::{Device, picture::picture};

#[derive(Debug)]
pub(super) struct Model {
    pub(super) register: Register,
    pub(super) markers: Markers,
    pub(super) directives: Vec<Directive>,
    /// Every file, by the row that first named it and its hash.
    pub(super) files: Vec<(RowRef, String)>,
    pub(super) violations: Vec<String>,
    /// Who signed what; empty where nobody has keys.
    pub(super) genuine: Genuine,
    log: Log,
    ledger: Ledger,
    watches: BTreeMap<usize, Watch>,
}

/// A directive as the console published it.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    pub(super) issuer: Id,
    pub(super) row: RowRef,
    /// The marker that stands in its document alone.
    pub(super) inside: String,
    /// A word that stands in its document alone, for the full text.
    pub(super) word: String,
    pub(super) in_force: bool,
    pub(super) withdrawn: bool,
}

/// What the model knew of the server at some time.
#[derive(Debug)]
pub(super) struct Remembered {
    register: Register,
    directives: Vec<Directive>,
    log: Log,
    ledger: ledger::Remembered,
}

impl Model {
    /// Of a commune whose people all have their phones since `enrolled_at`.
    pub(super) fn new(enrolled_at: Timestamp) -> Self {
        Self {
            register: Register::default(),
            markers: Markers::default(),
            directives: Vec::new(),
            files: Vec::new(),
            violations: Vec::new(),
            genuine: Genuine::default(),
            log: Log::default(),
            ledger: Ledger::new(enrolled_at),
            watches: BTreeMap::new(),
        }
    }

    /// What it knows of the server now.
    pub(super) fn remember(&self) -> Remembered {
        let (log, ledger) = (self.log.clone(), self.ledger.remember());
        let directives = self.directives.clone();
        Remembered { register: self.register.clone(), directives, log, ledger }
    }

    /// The server is as it was then: what the console did since is gone, what people did since comes again.
    pub(super) fn restored(&mut self, before: Remembered) {
        // Revocations are kept outside the backup.
        self.register.become_again(before.register);
        self.directives = before.directives;
        self.log = before.log;
        self.genuine.server_restored();
        self.ledger.become_again(before.ledger);
        self.watches.values_mut().for_each(Watch::server_restored);
    }

    fn all(&mut self, wrong: Vec<String>) {
        self.violations.extend(wrong);
    }

    pub(super) fn accepted(&self) -> usize {
        self.ledger.len()
    }

    /// The server may have written.
    pub(super) fn look_at_server(&mut self, store: &Arc<dyn Store>) {
        let scopes = self.register.scopes();
        let wrong = self.log.look(store, &scopes);
        self.all(wrong);
        let wrong = self.genuine.look_at_server(&self.log);
        self.all(wrong);
        self.genuine.follow(&mut self.directives, &mut self.files, &self.log);
    }

    /// What the phone says of signatures may be something else.
    pub(super) fn look_at_verdicts(&mut self, phone: usize, store: &Phone) {
        let wrong = self.genuine.look_at_phone(phone, store);
        self.all(wrong);
    }

    /// The rows of a kind that stand on the server.
    pub(super) fn standing(&self, kind: &str) -> Vec<RowRef> {
        let of_kind = self.log.rows.keys().filter(|row| row.kind == kind);
        of_kind.filter(|row| self.log.stands(row).is_some()).cloned().collect()
    }

    /// The signatures, with their receipts, of directives that stand on the server.
    pub(super) fn attestations(&self) -> Vec<Value> {
        let rows = self.standing(DIRECTIVE).into_iter();
        let body = |row: RowRef| self.log.stands(&row)?.body.as_ref()?.get("signed").cloned();
        rows.filter_map(body).filter(Value::is_object).take(2).collect()
    }

    /// How many scopes the server has forgotten something of that a phone has not seen.
    pub(super) fn below_the_floor(&self, store: &Arc<dyn Store>) -> usize {
        let cursors = self.watches.values().flat_map(|watch| &watch.cursors);
        let below = |(scope, at): &(&Scope, &watch::At)| {
            let head = store.read_with(|reader| reader.head(**scope));
            at.seq > 0 && head.is_ok_and(|head| head.epoch == at.epoch && at.seq < head.floor)
        };
        cursors.filter(below).count()
    }

    /// The server was started again.
    pub(super) fn server_restarted(&mut self, store: &Arc<dyn Store>) {
        self.look_at_server(store);
        let wrong = self.log.check_all(store);
        self.all(wrong);
        let wrong = self.ledger.check_told(store);
        self.all(wrong);
    }

    /// The phone may have written.
    pub(super) fn look_at_phone(&mut self, phone: usize, store: &Phone) {
        let wrong = self.watches.entry(phone).or_default().look(store, &self.log);
        self.all(wrong);
        self.look_at_verdicts(phone, store);
    }

    /// The phone's outbox may be another; it forgets only when an exchange is over.
    pub(super) fn look_at_outbox(
        &mut self,
        phone: usize,
        store: &Phone,
        now: Clocks,
        ended: Option<Timestamp>,
    ) {
        let wrong = self.ledger.look_at_outbox(phone, store, now, ended);
        self.all(wrong);
    }

    /// The person did something: what the phone accepted of it.
    pub(super) fn deed(&mut self, phone: usize, device: &Device, now: Clocks) -> Vec<Command> {
        self.look_at_outbox(phone, device.store(), now, None);
        let commands = match self.ledger.take_up(phone, device.member, device.store()) {
            Ok(commands) => commands,
            Err(error) => {
                self.violations.push(format!("the outbox cannot be read: {error}"));
                Vec::new()
            }
        };
        for command in &commands {
            if let Ok(opening) = command.view::<Opening>()
                && command.row.kind == OPENING
            {
                let secret = String::from(opening.secret);
                self.markers.watch(secret, vec![command.row.scope], Some(device.member));
            }
        }
        commands
    }

    /// The server took a request, surely or perhaps.
    pub(super) fn requested(&mut self, packed: &[u8], now: Timestamp, surely: bool) {
        let read =
            unpack_request(packed).and_then(|(of, text)| Ok((of.device, parse_request(&text)?.highest)));
        match read {
            Ok((device, highest)) => self.ledger.requested(device, Heard { at: now, highest, surely }),
            Err(error) => self.violations.push(format!("a request that was taken cannot be read: {error}")),
        }
    }

    pub(super) fn dealt_with(&mut self, phone: usize, entry: u64) {
        self.ledger.dealt_with(phone, entry);
    }

    /// A frame came down whole and landed; `touched` where the phone's tables are other than they were.
    pub(super) fn frame(
        &mut self,
        phone: usize,
        device: &Device,
        unpacked: &[u8],
        now: Clocks,
        touched: bool,
    ) {
        let follows = self.register.follows_on(device, now.server);
        let text = String::from_utf8_lossy(unpacked);
        for leak in self.markers.leaked(&text, &follows, None) {
            self.violations.push(format!("no leak: {} was sent {leak}", device.person));
        }
        for of in self.directives.iter().filter(|of| of.withdrawn && text.contains(&of.inside)) {
            self.violations.push(format!("no leak: {} was sent {:?}, withdrawn", device.person, of.row));
        }
        let frame = Frame::read(unpacked);
        let watch = self.watches.entry(phone).or_default();
        let mut page = None;
        let wrong = match &frame {
            Ok(Frame::Changes(head, entries)) => {
                watch.brought(head, entries);
                page = Some(*head);
                let theirs = follows.contains(&head.scope);
                let leak = || format!("no leak: {} was sent {}", device.person, head.scope);
                (!theirs).then(leak).into_iter().collect()
            }
            Ok(Frame::Outcomes(lines)) => match identity(device.store()) {
                Ok(id) => {
                    self.ledger.rows_applied(id, lines).for_each(|(row, seq)| watch.applied(row, seq));
                    self.ledger.told(id, lines)
                }
                Err(error) => vec![format!("the phone's store cannot be read: {error}")],
            },
            Ok(Frame::Scopes(..) | Frame::End(_)) => Vec::new(),
            other => vec![format!("a frame cannot be read: {other:?}")],
        };
        self.all(wrong);
        if touched {
            self.look_at_phone(phone, device.store());
        }
        match &frame {
            Ok(Frame::Outcomes(_)) => self.look_at_outbox(phone, device.store(), now, None),
            Ok(Frame::End(end)) => self.look_at_outbox(phone, device.store(), now, Some(end.now)),
            _ => {}
        }
        if let Some(head) = page {
            let wrong = self.watches.entry(phone).or_default().landed(&head);
            self.all(wrong);
        }
    }

    /// No byte of what the member may not see lies in the phone's tables; their own words may.
    pub(super) fn search(&mut self, device: &Device, now: Timestamp) {
        let follows = self.register.follows_on(device, now);
        let tables = match tables(device.store()) {
            Ok(tables) => tables,
            Err(error) => {
                self.violations.push(format!("the phone's store cannot be read: {error}"));
                return;
            }
        };
        for (table, text) in tables {
            // What the person wrote and could not send stays, as their own words.
            let own = ["command", "blob_part"].contains(&table.as_str()).then_some(device.member);
            for of in self.directives.iter().filter(|of| of.withdrawn && text.contains(&of.inside)) {
                self.violations
                    .push(format!("no leak: {table} of {} holds {:?}, withdrawn", device.person, of.row));
            }
            for leak in self.markers.leaked(&text, &follows, own) {
                self.violations.push(format!("no leak: {} of {} holds {leak}", table, device.person));
            }
        }
    }

    /// The full text finds what the member may read, and nothing else.
    fn search_full_text(&mut self, device: &Device, now: Timestamp) {
        let follows = self.register.follows_on(device, now);
        let found = || -> Result<Vec<bool>, StoreError> {
            while search::index_pending(device.store(), search::BATCH)? > 0 {}
            let finds = |of: &Directive| {
                let sql = "SELECT EXISTS (SELECT 1 FROM search WHERE search MATCH ?1)";
                let word = search::fold::fold(&of.word);
                device.store().read(|store| Ok(store.query_row(sql, [word.trim()], |row| row.get(0))?))
            };
            self.directives.iter().map(finds).collect()
        };
        match found() {
            Ok(found) => {
                for (of, found) in self.directives.iter().zip(found) {
                    let apart = self.genuine.is_apart(&of.row, &self.log);
                    let readable = follows.contains(&of.row.scope) && !of.withdrawn && !apart;
                    if found != readable {
                        let what = if found { "no leak" } else { "convergence" };
                        let (person, row) = (device.person, &of.row);
                        self.violations
                            .push(format!("{what}: the full text of {person} on {row:?}: {found}"));
                    }
                }
            }
            Err(error) => self.violations.push(format!("the full text cannot be read: {error}")),
        }
    }

    /// All faults are healed and nobody has anything more to say.
    pub(super) fn judge(&mut self, devices: &[(&Device, Timestamp)], store: &Arc<dyn Store>, now: Timestamp) {
        self.look_at_server(store);
        for (phone, (device, there)) in devices.iter().enumerate() {
            self.look_at_phone(phone, device.store());
            self.look_at_outbox(phone, device.store(), Clocks { server: now, there: *there }, None);
            self.judge_one(device, now);
        }
        let phones: Vec<&Phone> = devices.iter().map(|(device, _)| device.store()).collect();
        let wrong = self.ledger.settle(&phones, store, &self.log, &self.register, (&self.genuine, now));
        self.all(wrong);
        let wrong = self.ledger.check_told(store);
        self.all(wrong);
    }

    /// What a phone shows that has all there is; also one that was enrolled just now.
    pub(super) fn judge_one(&mut self, device: &Device, now: Timestamp) {
        let wrong = self.convergence(device, now);
        self.all(wrong);
        if !self.register.is_revoked(device.id) {
            let wrong = self.genuine.settle(device.person, device.store(), &self.log, now);
            self.all(wrong);
        }
        self.search(device, now);
        self.search_full_text(device, now);
    }

    /// The phone has the server's rows, and shows them wherever nothing of its own waits.
    fn convergence(&self, device: &Device, now: Timestamp) -> Vec<String> {
        let follows = self.register.follows_on(device, now);
        let read = device.store().read(|store| -> Result<_, StoreError> {
            Ok((watch::cursors(store)?, set_aside(store)?, unread(store)?))
        });
        let (Ok((cursors, aside, unread)), Ok(mut shown)) = (read, picture(device.store())) else {
            return vec![format!("convergence: the store of {} cannot be read", device.person)];
        };
        let mut wrong = Vec::new();
        let followed: BTreeSet<Scope> = cursors.into_keys().collect();
        if followed != follows {
            let difference: Vec<_> = followed.symmetric_difference(&follows).collect();
            wrong.push(format!(
                "convergence: {} does not follow what it should: {difference:?}",
                device.person
            ));
        }
        if unread > 0 {
            wrong.push(format!("convergence: {unread} rows of {} cannot be read", device.person));
        }
        for (row, server) in aside {
            match server {
                Some(body) => shown.insert(row, body),
                None => shown.remove(&row),
            };
        }
        let expected: BTreeMap<&RowRef, &Value> = self
            .log
            .rows
            .keys()
            .filter(|row| follows.contains(&row.scope))
            .filter_map(|row| Some((row, self.log.stands(row)?.body.as_ref()?)))
            .collect();
        for (row, body) in &expected {
            match shown.get(row) {
                None => wrong.push(format!("convergence: {} lacks {row:?}", device.person)),
                Some(has) if has != *body => {
                    wrong.push(format!("convergence: {} has {row:?} as {has} and not {body}", device.person));
                }
                Some(_) => {}
            }
        }
        for row in shown.keys().filter(|row| !expected.contains_key(row)) {
            wrong.push(format!("convergence: {} shows {row:?}, which does not stand", device.person));
        }
        wrong
    }

    /// What somebody was given of the archive of a scope: each row that has left the window, once, as it was.
    pub(super) fn archive(
        &mut self,
        follows: &BTreeSet<Scope>,
        scope: Scope,
        kind: &str,
        rows: &[(RowRef, String)],
    ) {
        for (row, body) in rows {
            for leak in self.markers.leaked(body, follows, None) {
                self.violations.push(format!("no leak: the archive gave {leak} with {row:?}"));
            }
            let same = serde_json::from_str::<Value>(body).ok().as_ref() == self.log.last_body(row);
            if self.log.stands(row).is_some() || !same {
                self.violations
                    .push(format!("durable: the archive has {row:?} as {body}, which is not how it left"));
            }
        }
        let given: Vec<&RowRef> = rows.iter().map(|(row, _)| row).filter(|row| row.kind == kind).collect();
        let gone = self.log.rows.keys().filter(|row| row.scope == scope && row.kind == kind);
        let gone: BTreeSet<&RowRef> = gone.filter(|row| self.log.stands(row).is_none()).collect();
        if given.len() != gone.len() || !given.iter().all(|row| gone.contains(row)) {
            self.violations
                .push(format!("no loss: the archive of {scope} has {given:?}, and {gone:?} have left"));
        }
    }

    /// The server was brought back from a backup at some time.
    pub(super) fn is_restored(&self) -> bool {
        self.ledger.restored
    }

    /// The phone was copied.
    pub(super) fn backed_up(&mut self, phone: usize) {
        self.ledger.backed_up(phone);
        self.genuine.backed_up(phone);
    }

    /// The phone was put back to an older copy of itself.
    pub(super) fn put_back(&mut self, phone: usize, store: &Phone) {
        self.watches.entry(phone).or_default().forget();
        self.genuine.put_back(phone);
        if let Err(error) = self.ledger.put_back(phone, store) {
            self.violations.push(format!("the outbox cannot be read: {error}"));
        }
    }
}
