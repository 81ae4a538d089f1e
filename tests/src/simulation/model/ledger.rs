//! Every command that a phone accepted, and what became of it: the promise that nothing is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use sotay_core::store::{Store as Phone, StoreError as PhoneError};
use sotay_protocol::{
    attendance::{self as a, ATTENDANCE_NOTE, AttendanceNote, Mark},
    command::Command,
    edit::Edit,
    env::{Timestamp, days},
    exchange::{Outcome, OutcomeLine},
    feedback::{self as f, Answer, CASE, Case, Message, Reply, THREAD, Thread, case_id},
    id::Id,
    meetings as m,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};
use sotay_server::store::Store;

use super::{log::Log, register::Register};

/// A request may be this long under way.
const ON_THE_WAY: std::time::Duration = std::time::Duration::from_secs(600);
/// How much a clock may have gone wrong in all.
const WRONG_CLOCK: std::time::Duration = days(15);

#[derive(Debug)]
pub(super) struct Accepted {
    phone: usize,
    entry: u64,
    member: Id,
    /// By the phone's own clock.
    there: Timestamp,
    pub(super) command: Command,
    text: String,
    /// Dismissed, retried or mended by the person.
    dealt_with: bool,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    accepted: Vec<Accepted>,
    /// On phones that were put back to an older copy: applied or not, nobody can say.
    pub(super) abandoned: Vec<Accepted>,
    newest: BTreeMap<usize, u64>,
    /// Phones that were put back: what they had accepted may go under other numbers since.
    put_back: BTreeSet<usize>,
    told: BTreeMap<(Id, u64), Outcome>,
    /// The requests of each device that the server took.
    requests: BTreeMap<Id, Vec<Heard>>,
    /// When everybody's first phone was enrolled.
    enrolled_at: Timestamp,
    /// The server was brought back from a backup: what it refused since may have its ground in what was lost.
    restored: bool,
}

/// When the server took a request, with the highest number that it named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) at: Timestamp,
    pub(crate) highest: u64,
    /// Otherwise it failed, and may have kept that it came.
    pub(crate) surely: bool,
}

/// What phones were told and the server had heard at some time.
#[derive(Debug)]
pub(crate) struct Remembered {
    told: BTreeMap<(Id, u64), Outcome>,
    requests: BTreeMap<Id, Vec<Heard>>,
}

/// A command as the phone's table has it now.
#[derive(Debug)]
struct Kept {
    device: Id,
    number: u64,
    state: String,
    folded: bool,
}

impl Ledger {
    pub(crate) fn new(enrolled_at: Timestamp) -> Self {
        Self {
            accepted: Vec::new(),
            abandoned: Vec::new(),
            newest: BTreeMap::new(),
            put_back: BTreeSet::new(),
            told: BTreeMap::new(),
            requests: BTreeMap::new(),
            enrolled_at,
            restored: false,
        }
    }

    pub(crate) fn remember(&self) -> Remembered {
        Remembered { told: self.told.clone(), requests: self.requests.clone() }
    }

    pub(crate) fn become_again(&mut self, before: Remembered) {
        (self.told, self.requests) = (before.told, before.requests);
        self.restored = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.accepted.len()
    }

    /// What was accepted since the last look: entry and kind.
    pub(crate) fn take_up(
        &mut self,
        phone: usize,
        member: Id,
        store: &Phone,
        there: Timestamp,
    ) -> Result<Vec<Command>, PhoneError> {
        let newest = self.newest.get(&phone).copied().unwrap_or(0);
        let found = store.read(|store| -> Result<Vec<(u64, String)>, PhoneError> {
            let mut statement =
                store.prepare_cached("SELECT entry, text FROM command WHERE entry > ?1 ORDER BY entry")?;
            let rows = statement.query_map([newest], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let mut commands = Vec::new();
        for (entry, text) in found {
            self.newest.insert(phone, entry);
            let command = Command::parse(&text).map_err(|_| PhoneError::Row("a command is not one"))?;
            commands.push(command.clone());
            self.accepted.push(Accepted { phone, entry, member, there, command, text, dealt_with: false });
        }
        Ok(commands)
    }

    /// What the phone accepted after it was copied is gone with the phone that it was written on.
    pub(crate) fn put_back(&mut self, phone: usize, store: &Phone) -> Result<(), PhoneError> {
        let newest = store.read(|store| -> Result<u64, PhoneError> {
            Ok(store.query_row("SELECT coalesce(max(entry), 0) FROM command", [], |row| row.get(0))?)
        })?;
        self.newest.insert(phone, newest);
        self.put_back.insert(phone);
        let (kept, gone) = std::mem::take(&mut self.accepted)
            .into_iter()
            .partition(|of| of.phone != phone || of.entry <= newest);
        self.accepted = kept;
        self.abandoned.extend::<Vec<Accepted>>(gone);
        Ok(())
    }

    pub(crate) fn dealt_with(&mut self, phone: usize, entry: u64) {
        for of in &mut self.accepted {
            of.dealt_with |= (of.phone, of.entry) == (phone, entry);
        }
    }

    /// The server took a request.
    pub(crate) fn requested(&mut self, device: Id, heard: Heard) {
        self.requests.entry(device).or_default().push(heard);
    }

    /// When a command counts as made: what its phone's clock says, but not before the last request that had not heard of
    /// it was made (it may have been a while under way), nor before the member had a phone at all, nor after the first
    /// request that had heard of it. One that was ready before the deed and came after it is among the former.
    /// `perhaps` counts in what the server may have heard.
    fn counts_as_made(&self, (device, number): (Id, u64), made_at: Timestamp, perhaps: bool) -> Timestamp {
        let mut earliest = self.enrolled_at;
        let heard = self.requests.get(&device).into_iter().flatten();
        for Heard { at, highest, .. } in heard.filter(|heard| heard.surely || perhaps) {
            if *highest >= number {
                return made_at.max(earliest).max(at.minus(days(35))).min(*at);
            }
            earliest = self.enrolled_at.max(at.minus(ON_THE_WAY));
        }
        made_at.max(earliest)
    }

    /// The rows of those that were applied, as far as they went under their first number, and where they stand.
    pub(crate) fn rows_applied<'a>(
        &'a self,
        device: Id,
        lines: &'a [OutcomeLine],
    ) -> impl Iterator<Item = (&'a RowRef, u64)> {
        let applied = lines.iter().filter_map(|line| match line.outcome {
            Outcome::Applied { seq, .. } => Some((line.number, seq)),
            _ => None,
        });
        applied.filter_map(move |(number, seq)| {
            let is_it = |of: &&Accepted| (of.command.device, of.command.number) == (device, number);
            self.accepted.iter().rfind(is_it).map(|of| (&of.command.row, seq))
        })
    }

    /// Outcomes that a phone was told. One that is final stays what it is.
    pub(crate) fn told(&mut self, device: Id, lines: &[OutcomeLine]) -> Vec<String> {
        let mut wrong = Vec::new();
        for line in lines {
            if matches!(line.outcome, Outcome::Failed | Outcome::Forked) {
                continue;
            }
            let before = self.told.insert((device, line.number), line.outcome.clone());
            let changed = before.filter(|before| {
                !matches!(before, Outcome::Held { .. }) && !is_one_answer(before, &line.outcome)
            });
            if let Some(before) = changed {
                wrong.push(format!(
                    "no loss: number {} was told {before:?}, then {:?}",
                    line.number, line.outcome
                ));
            }
        }
        wrong
    }

    /// What phones were told still stands on the server.
    pub(crate) fn check_told(&self, store: &Arc<dyn Store>) -> Vec<String> {
        let found = store.read_with(|reader| {
            let mut wrong = Vec::new();
            for ((device, number), told) in &self.told {
                let stored = reader.outcome(*device, *number)?.map(|stored| stored.outcome);
                let moved_on = matches!(told, Outcome::Held { .. }) && stored.is_some();
                if !moved_on && !stored.as_ref().is_some_and(|stored| is_one_answer(stored, told)) {
                    wrong.push(format!(
                        "durable: {device} number {number} was told {told:?}, stored is {stored:?}"
                    ));
                }
            }
            Ok(wrong)
        });
        found.unwrap_or_else(|error| vec![format!("outcomes cannot be read: {error}")])
    }

    /// After healing: each command was applied once, or is shown as what it is.
    pub(crate) fn settle(
        &self,
        phones: &[(&Phone, Timestamp)],
        store: &Arc<dyn Store>,
        log: &Log,
        register: &Register,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let (mut applied, mut forgotten) = (Vec::new(), Vec::new());
        for of in &self.accepted {
            let Some((phone, now)) = phones.get(of.phone) else { continue };
            let kept = match kept(phone, of.entry) {
                Ok(Some(kept)) => kept,
                Ok(None) => {
                    if !self.may_be_forgotten(of, *now) {
                        wrong.push(format!("no loss: {} is gone from the phone", name(of)));
                    }
                    forgotten.push(of);
                    continue;
                }
                Err(error) => {
                    wrong.push(format!("the outbox cannot be read: {error}"));
                    continue;
                }
            };
            let stored = store.read_with(|reader| reader.outcome(kept.device, kept.number));
            let stored = match stored {
                Ok(stored) => stored,
                Err(error) => {
                    wrong.push(format!("outcomes cannot be read: {error}"));
                    continue;
                }
            };
            if kept.folded && kept.state != "held" {
                wrong.push(format!("convergence: {} ({}) is still folded", name(of), kept.state));
            }
            let outcome = stored.as_ref().map(|stored| stored.outcome.clone());
            if let Some(why) = unsettled(of, &kept, outcome.as_ref(), (log, self.restored)) {
                wrong.push(format!("no loss: {}: {why}", name(of)));
            }
            if let Some(text) = stored.as_ref().and_then(|stored| stored.text.as_ref())
                && !says_the_same(text, &of.text)
            {
                wrong.push(format!("no loss: {} was stored with other words", name(of)));
            }
            let made = [false, true]
                .map(|perhaps| self.counts_as_made((kept.device, kept.number), of.command.made_at, perhaps));
            let refused = matches!(outcome, Some(Outcome::Refused { .. }));
            // What a phone made before it was put back was judged under the name that it had then.
            let made_before = is_create(&of.command) && self.put_back.contains(&of.phone);
            let stands = matches!(outcome, Some(Outcome::Applied { .. }));
            if !(refused && self.restored || stands && made_before) {
                let [one, other] = made.map(|at| unjust(of, at, outcome.as_ref(), register));
                wrong.extend(one.filter(|_| other.is_some()));
            }
            if stands {
                applied.push((of, outcome));
            }
        }
        wrong.extend(self.effects(&applied, &forgotten, log));
        wrong
    }

    /// A month after it was applied or dealt with, and never before, by the phone's own clock.
    fn may_be_forgotten(&self, of: &Accepted, now: Timestamp) -> bool {
        let told = self.told.get(&(of.command.device, of.command.number));
        let done = of.dealt_with
            || self.put_back.contains(&of.phone)
            || matches!(told, None | Some(Outcome::Applied { .. }));
        done && of.there < now.minus(days(30).saturating_sub(WRONG_CLOCK))
    }

    fn effects(
        &self,
        applied: &[(&Accepted, Option<Outcome>)],
        forgotten: &[&Accepted],
        log: &Log,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (of, outcome) in applied {
            if let Some(why) = without_effect(&of.command, outcome.as_ref(), log) {
                wrong.push(format!("no loss: {} was applied, but {why}", name(of)));
            }
        }
        wrong.extend(self.overwritten(applied, log));
        // What was not applied, under this number or another, has left nothing.
        let others = self.abandoned.iter().chain(forgotten.iter().copied()).map(|of| &of.command);
        let done: BTreeSet<Id> =
            applied.iter().map(|(of, _)| &of.command).chain(others).filter_map(turn).collect();
        let others = self.abandoned.iter().chain(forgotten.iter().copied()).map(|of| &of.command);
        let made: BTreeSet<&RowRef> = applied
            .iter()
            .map(|(of, _)| &of.command)
            .chain(others)
            .filter(|command| is_create(command))
            .map(|command| &command.row)
            .collect();
        for of in &self.accepted {
            let traces = turn(&of.command)
                .filter(|turn| !done.contains(turn))
                .map(|turn| copies(&of.command, turn, log));
            if traces.is_some_and(|copies| copies.iter().any(|count| *count > 0)) {
                wrong.push(format!("no loss: {} was not applied and yet stands", name(of)));
            }
            if is_create(&of.command)
                && !made.contains(&of.command.row)
                && log.rows.contains_key(&of.command.row)
            {
                wrong.push(format!("no loss: {} was not applied and its row stands", name(of)));
            }
        }
        wrong
    }
}

pub(super) fn name(of: &Accepted) -> String {
    format!("{} (phone {}, entry {}, row {})", of.command.kind, of.phone, of.entry, of.command.row.id)
}

fn kept(phone: &Phone, entry: u64) -> Result<Option<Kept>, PhoneError> {
    phone.read(|store| {
        let mut statement =
            store.prepare_cached("SELECT device, number, state, folded FROM command WHERE entry = ?1")?;
        let mut rows = statement.query([entry])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let device = sotay_core::store::table::id(row, 0)?;
        Ok(Some(Kept { device, number: row.get(1)?, state: row.get(2)?, folded: row.get(3)? }))
    })
}

/// Why a command is not where it should be after healing.
fn unsettled(
    of: &Accepted,
    kept: &Kept,
    outcome: Option<&Outcome>,
    (log, restored): (&Log, bool),
) -> Option<String> {
    let fits = match (kept.state.as_str(), outcome) {
        ("applied", Some(Outcome::Applied { .. }))
        | ("refused", Some(Outcome::Refused { .. }))
        | ("conflicted", Some(Outcome::Conflicted { .. }))
        | ("parked", Some(Outcome::Skipped | Outcome::Held { .. })) => true,
        ("settled", Some(_)) => of.dealt_with,
        // The server has forgotten that it judged anew what it held; or the phone, that its person let it go.
        ("refused" | "conflicted", Some(Outcome::Held { .. } | Outcome::Skipped)) => restored,
        ("held", Some(Outcome::Held { .. })) => {
            return of
                .command
                .needs
                .iter()
                .all(|row| log.stands(row).is_some())
                .then(|| "it is held, and all that it needs stands".into());
        }
        _ => false,
    };
    (!fits).then(|| format!("it is {} here, and the server says {outcome:?}", kept.state))
}

/// What a conflict says of the row's present values depends on who may see them when it is told.
fn is_one_answer(one: &Outcome, other: &Outcome) -> bool {
    one == other || matches!((one, other), (Outcome::Conflicted { .. }, Outcome::Conflicted { .. }))
}

/// Whether two texts are one command, whichever device and number it went under.
fn says_the_same(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let mut value: Value = serde_json::from_str(text).ok()?;
        let fields = value.as_object_mut()?;
        fields.remove("device");
        fields.remove("number");
        Some(value)
    };
    read(one).is_some() && read(one) == read(other)
}

/// A refusal that has no ground, or an acceptance that has none.
fn unjust(of: &Accepted, at: Timestamp, outcome: Option<&Outcome>, register: &Register) -> Option<String> {
    let right = register.had_the_right(of.member, &of.command, at);
    let wrong = match outcome {
        Some(Outcome::Applied { .. }) if !right => "was applied without the right to it",
        Some(Outcome::Refused { code: Refusal::NotAllowed })
            if right && !register.is_revoked(of.command.device) =>
        {
            "was refused, though it was allowed"
        }
        // A mark for somebody who never belonged to the cell is not among what people do here.
        Some(Outcome::Refused { code: Refusal::NotAllowed }) | None => return None,
        Some(Outcome::Refused { code }) => {
            return Some(format!("no loss: {} was refused as {code} without a ground", name(of)));
        }
        _ => return None,
    };
    Some(format!("no loss: {} {wrong}", name(of)))
}

fn is_create(command: &Command) -> bool {
    [m::CREATE, a::CHECK_IN, a::RECORD_OPENING, f::SUBMIT].contains(&command.kind.as_str())
}

/// The id of the turn or mark that a command adds to a row.
fn turn(command: &Command) -> Option<Id> {
    match command.kind.as_str() {
        f::REPLY => command.view::<Reply>().ok().map(|reply| reply.message.id),
        f::ANSWER => command.view::<Answer>().ok()?.message.map(|message| message.id),
        f::SUBMIT => command.view::<Thread>().ok()?.messages.first().map(|message| message.id),
        a::MARK => command.view::<Mark>().ok().map(|mark| mark.id),
        _ => None,
    }
}

/// How often a turn stands in each of the rows that should hold it.
fn copies(command: &Command, turn: Id, log: &Log) -> Vec<usize> {
    fn turns(messages: &[Message], turn: Id) -> usize {
        messages.iter().filter(|message| message.id == turn).count()
    }
    fn read<T: serde::de::DeserializeOwned>(log: &Log, row: &RowRef) -> Option<T> {
        serde_json::from_value(log.last_body(row)?.clone()).ok()
    }
    let row = &command.row;
    let both = |thread: RowRef, case: RowRef| {
        let thread = read::<Thread>(log, &thread).map_or(0, |thread| turns(&thread.messages, turn));
        let case = read::<Case>(log, &case).map_or(0, |case| turns(&case.messages, turn));
        vec![thread, case]
    };
    match command.kind.as_str() {
        f::SUBMIT | f::REPLY => {
            let desk = command.body.get("desk").and_then(|desk| desk.as_str()?.parse().ok());
            let Some(desk) = desk else { return vec![0] };
            both(row.clone(), RowRef::new(Scope::desk(desk), CASE, case_id(row.id)))
        }
        f::ANSWER => {
            let Ok(answer) = command.view::<Answer>() else { return vec![0] };
            both(RowRef::new(Scope::member(answer.member), THREAD, answer.thread), row.clone())
        }
        a::MARK => {
            let note = RowRef::new(Scope::desk(row.scope.id), ATTENDANCE_NOTE, row.id);
            let note = read::<AttendanceNote>(log, &note);
            vec![note.map_or(0, |note| note.marks.iter().filter(|entry| entry.mark.id == turn).count())]
        }
        _ => Vec::new(),
    }
}

/// What is missing of a command that was applied.
fn without_effect(command: &Command, outcome: Option<&Outcome>, log: &Log) -> Option<String> {
    if is_create(command) && !log.rows.contains_key(&command.row) {
        return Some("its row never stood".into());
    }
    if let Some(turn) = turn(command) {
        let copies = copies(command, turn, log);
        if copies.iter().any(|count| *count != 1) {
            return Some(format!("it stands {copies:?} times in its rows"));
        }
    }
    let Some(Outcome::Applied { seq, .. }) = outcome else { return None };
    if ![m::EDIT, a::EDIT_OPENING].contains(&command.kind.as_str()) {
        return None;
    }
    // Two edits in one transaction leave one version: then only the last is seen.
    let body = log.version(&command.row, *seq)?.body.as_ref()?;
    let edit = command.view::<Edit>().ok()?;
    let differs = |(field, change): (&String, &sotay_protocol::edit::Change)| {
        body.get(field).unwrap_or(&Value::Null) != &change.now
    };
    edit.fields.iter().any(differs).then(|| format!("its row at {seq} does not hold what it set"))
}
