//! Every command that a phone accepted, and what the phone and the server were heard to say of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sotay_core::store::{Store as Phone, StoreError as PhoneError};
use sotay_protocol::{
    command::Command,
    drafts,
    env::{Timestamp, days},
    exchange::{Outcome, OutcomeLine},
    id::Id,
    row::RowRef,
};
use sotay_server::store::Store;

use super::keeping::{Copies, Keeping};

/// A request may be this long under way.
const ON_THE_WAY: std::time::Duration = std::time::Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) phone: usize,
    pub(super) entry: u64,
    pub(super) member: Id,
    pub(super) command: Command,
    pub(super) text: String,
    /// Dismissed, retried or mended by the person.
    pub(super) dealt_with: bool,
    pub(super) keeping: Keeping,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(super) accepted: Vec<Accepted>,
    /// On phones that were put back to an older copy: applied or not, nobody can say.
    pub(super) abandoned: Vec<Accepted>,
    newest: BTreeMap<usize, u64>,
    /// Phones that were put back: what they had accepted may go under other numbers since.
    pub(super) put_back: BTreeSet<usize>,
    /// What was known of the phones' commands when each was copied last.
    pub(super) copies: Copies,
    told: BTreeMap<(Id, u64), Outcome>,
    /// The requests of each device that the server took.
    requests: BTreeMap<Id, Vec<Heard>>,
    /// When everybody's first phone was enrolled.
    enrolled_at: Timestamp,
    /// The server was brought back from a backup: what it refused since may have its ground in what was lost.
    pub(super) restored: bool,
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

impl Ledger {
    pub(crate) fn new(enrolled_at: Timestamp) -> Self {
        Self {
            accepted: Vec::new(),
            abandoned: Vec::new(),
            newest: BTreeMap::new(),
            put_back: BTreeSet::new(),
            copies: Copies::new(),
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
            self.deals_with_earlier(phone, &command);
            let keeping = Keeping::default();
            self.accepted.push(Accepted { phone, entry, member, command, text, dealt_with: false, keeping });
        }
        Ok(commands)
    }

    /// Who signs a draft anew, or gives it back, has dealt with what was refused of it before.
    fn deals_with_earlier(&mut self, phone: usize, command: &Command) {
        let of_draft = |of: &Command| [drafts::SIGN, drafts::RETURN].contains(&of.kind.as_str());
        let earlier =
            |of: &&mut Accepted| of.phone == phone && of.command.row == command.row && of_draft(&of.command);
        if of_draft(command) {
            self.accepted.iter_mut().filter(earlier).for_each(|of| of.dealt_with = true);
        }
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
        self.keep_as_copied(phone, store)
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
    pub(super) fn counts_as_made(
        &self,
        (device, number): (Id, u64),
        made_at: Timestamp,
        perhaps: bool,
    ) -> Timestamp {
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

    /// Where a command that its phone has forgotten was applied, if the phone was told so under the only name it had.
    pub(super) fn last_told(&self, of: &Accepted) -> Option<u64> {
        match self.told.get(&(of.command.device, of.command.number)) {
            Some(Outcome::Applied { seq, .. }) if !self.put_back.contains(&of.phone) => Some(*seq),
            _ => None,
        }
    }
}

pub(super) fn name(of: &Accepted) -> String {
    format!("{} (phone {}, entry {}, row {})", of.command.kind, of.phone, of.entry, of.command.row.id)
}

/// What a conflict says of the row's present values depends on who may see them when it is told.
fn is_one_answer(one: &Outcome, other: &Outcome) -> bool {
    one == other || matches!((one, other), (Outcome::Conflicted { .. }, Outcome::Conflicted { .. }))
}
