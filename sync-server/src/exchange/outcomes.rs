//! Taking the commands of an exchange: each exactly once, neighbours on the same scopes in one transaction.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use sotay_protocol::{
    env::Timestamp,
    exchange::{Outcome, OutcomeLine, Signed},
    id::Id,
    limits,
    organisations::Tree,
    planted::{self, Bug},
    problem::Problem,
    rights::Standing,
    row::Body,
    scope::Scope,
    signature::sha256,
};

use super::{
    Exchange,
    begin::{Item, What},
    follows_as,
};
use crate::{
    commands::{self, Maker},
    error::problem,
    server::Server,
    standing::standing,
    store::{BlobHash, Device, Errand, OutboxLine, Result as Stored, StoreError, StoredOutcome, Transaction},
};

/// Room for the head line of a frame.
const FRAME_HEAD: usize = 64;

/// What one transaction made of its commands.
#[derive(Default)]
struct Group {
    lines: Vec<OutcomeLine>,
    errands: BTreeSet<Errand>,
    /// No later command is taken in this exchange.
    stop: bool,
}

impl Exchange {
    /// The next outcomes, all committed; none where all commands are done, `None` where a newer exchange
    /// came.
    pub(super) fn take_commands(&mut self) -> Result<Option<Vec<OutcomeLine>>, Problem> {
        while self.untold.len() < limits::OUTCOMES {
            let Some(first) = self.items.get(self.next_item) else { break };
            let scopes = first.scopes();
            let rest = self.items.get(self.next_item..).unwrap_or_default();
            // Files are copied into each scope: such a command does not keep the writer for its neighbours too.
            let most = if first.has_files() { 1 } else { limits::OUTCOMES - self.untold.len() };
            let same = rest.iter().take(most);
            let same = same.take_while(|item| item.scopes() == scopes).count();
            let items = rest.get(..same).unwrap_or_default();
            let group = self.take_group(items, &scopes).map_err(|error| problem(&error))?;
            let Some(group) = group else { return Ok(None) };
            self.next_item = if group.stop { self.items.len() } else { self.next_item + same };
            self.server.tell(&scopes.into_iter().collect(), Some(self.device));
            self.errands.extend(group.errands);
            self.untold.extend(group.lines);
        }
        Ok(Some(self.a_frame_of_outcomes()))
    }

    /// As many as a frame holds: a conflict brings current values, and fifty of them can be large.
    fn a_frame_of_outcomes(&mut self) -> Vec<OutcomeLine> {
        let (mut lines, mut bytes) = (Vec::new(), FRAME_HEAD);
        while let Some(line) = self.untold.pop_front() {
            let size = serde_json::to_string(&line).map_or(0, |line| line.len() + 1);
            if bytes + size > limits::FRAME && !lines.is_empty() {
                self.untold.push_front(line);
                break;
            }
            bytes += size;
            lines.push(line);
        }
        lines
    }

    fn take_group(&self, items: &[Item], scopes: &[Scope]) -> Stored<Option<Group>> {
        let now = self.server.env.now();
        self.server.store.write_with(scopes, |tx| {
            tx.lock_device(self.device)?;
            let Some(device) = self.still_ours(tx)? else { return Ok(None) };
            let (standing, tree) = standing(tx, device.member)?;
            let follows = follows_as(&device, &standing, &tree, now);
            let (server, all) = (&self.server, &*self.items);
            let mut taking = Taking { server, all, now, standing, tree, follows, device };
            let mut group = Group::default();
            for item in items {
                taking.take(tx, item, &mut group)?;
                if group.stop {
                    break;
                }
            }
            for errand in &group.errands {
                push_errand(&self.server, tx, *errand, now)?;
            }
            // Its name may be another by now.
            if let Some(stands) = tx.device(self.device)? {
                tx.put_device(&Device { last_number: taking.device.last_number, ..stands })?;
            }
            Ok(Some(group))
        })
    }
}

/// Leaves work for the relay in the transaction that makes it necessary.
pub(crate) fn push_errand(
    server: &Server,
    tx: &mut dyn Transaction,
    errand: Errand,
    at: Timestamp,
) -> Stored<()> {
    let id = Id::random(&*server.env);
    tx.push_outbox(&OutboxLine { scope: errand.scope(), id, errand, at })
}

/// One device's commands inside a transaction.
struct Taking<'a> {
    server: &'a Server,
    /// Of the whole exchange.
    all: &'a [Item],
    now: Timestamp,
    standing: Standing,
    tree: Tree,
    follows: BTreeSet<Scope>,
    device: Device,
}

impl Taking<'_> {
    fn take(&mut self, tx: &mut dyn Transaction, item: &Item, group: &mut Group) -> Stored<()> {
        let outcome = if item.number <= self.device.last_number {
            self.take_again(tx, item, group)?
        } else {
            self.take_new(tx, item, group)?
        };
        let outcome = self.without_what_is_not_theirs(item, outcome);
        group.stop = matches!(outcome, Outcome::Failed | Outcome::Forked);
        group.lines.push(OutcomeLine { number: item.number, outcome });
        Ok(())
    }

    /// Current values travel only to who follows their scope: rights on a command are those of its time,
    /// rights to read are those of now.
    fn without_what_is_not_theirs(&self, item: &Item, outcome: Outcome) -> Outcome {
        let What::Command { parsed: Ok(command), .. } = &item.what else { return outcome };
        match outcome {
            Outcome::Conflicted { .. }
                if !self.follows.contains(&command.row.scope) && !planted::is(Bug::ConflictTellsAll) =>
            {
                Outcome::Conflicted { current: Body::new() }
            }
            outcome => outcome,
        }
    }

    /// A number that has an outcome: answered from it, except that what was held is judged anew.
    fn take_again(&self, tx: &mut dyn Transaction, item: &Item, group: &mut Group) -> Stored<Outcome> {
        let stored = tx.outcome(self.device.id, item.number)?;
        let stored = stored.ok_or_else(|| StoreError::GivenUp("a spent number has no outcome".into()))?;
        let signed = match &item.what {
            What::Command { signed, .. } => signed,
            What::Skip(Some(of)) if stored.hash.is_some_and(|kept| of.0 != kept) => {
                return Ok(Outcome::Forked);
            }
            What::Skip(_) => return Ok(stored.outcome),
        };
        if stored.hash != Some(sha256(signed.text.as_bytes())) {
            return Ok(Outcome::Forked);
        }
        if !matches!(stored.outcome, Outcome::Held { .. }) {
            return Ok(stored.outcome);
        }
        let outcome = self.judge(tx, item, group)?;
        if outcome != stored.outcome && outcome != Outcome::Failed {
            tx.put_outcome(
                self.device.id,
                item.number,
                &StoredOutcome { outcome: outcome.clone(), at: self.now, ..stored },
            )?;
            self.note_waits(tx, item, &outcome)?;
        }
        Ok(outcome)
    }

    fn take_new(&mut self, tx: &mut dyn Transaction, item: &Item, group: &mut Group) -> Stored<Outcome> {
        let outcome = self.judge(tx, item, group)?;
        if outcome == Outcome::Failed {
            return Ok(outcome);
        }
        let stored = match &item.what {
            What::Command { signed: Signed { text, signature }, .. } => StoredOutcome {
                hash: Some(sha256(text.as_bytes())),
                text: Some(text.clone()),
                signature: Some(signature.0.clone()),
                outcome: outcome.clone(),
                at: self.now,
            },
            What::Skip(_) => StoredOutcome {
                hash: None,
                text: None,
                signature: None,
                outcome: outcome.clone(),
                at: self.now,
            },
        };
        self.device.last_number = item.number;
        if planted::is(Bug::OutcomeNotStored) {
            return Ok(outcome);
        }
        tx.put_outcome(self.device.id, item.number, &stored)?;
        self.note_waits(tx, item, &outcome)?;
        Ok(outcome)
    }

    /// Which files must stay for a held command, also where it waits for something else.
    fn note_waits(&self, tx: &mut dyn Transaction, item: &Item, outcome: &Outcome) -> Stored<()> {
        let files = item.files();
        match outcome {
            _ if files.is_empty() => Ok(()),
            Outcome::Held { .. } => tx.put_waits(self.device.id, item.number, &files),
            _ => tx.put_waits(self.device.id, item.number, &[]),
        }
    }

    /// Files of the commands that come after this one in the exchange and were not judged before.
    fn named_later(&self, item: &Item) -> BTreeSet<BlobHash> {
        if !item.has_files() {
            return BTreeSet::new();
        }
        let judged = item.number.max(self.device.last_number);
        self.all.iter().filter(|later| later.number > judged).flat_map(Item::files).collect()
    }

    /// The outcome, with everything it writes behind a savepoint: a failure of the server's own keeps
    /// nothing of this command and leaves its neighbours as they are.
    fn judge(&self, tx: &mut dyn Transaction, item: &Item, group: &mut Group) -> Stored<Outcome> {
        let What::Command { signed, parsed } = &item.what else { return Ok(Outcome::Skipped) };
        let heard = tx.heard(self.device.id, item.number)?;
        let named_later = self.named_later(item);
        let maker = Maker {
            device: &self.device,
            standing: &self.standing,
            tree: &self.tree,
            not_heard: heard.and_then(|heard| heard.not_heard_at),
            heard: heard.map_or(self.now, |heard| heard.heard_at),
            now: self.now,
            named_later: &named_later,
            receipts: &self.server.receipts,
            server: self.server.id(),
            ledger: self.server.ledger.as_ref(),
        };
        let mut judged = None;
        let done = tx.savepoint(&mut |tx| {
            let judging = AssertUnwindSafe(|| {
                if let (Some(fault), Ok(command)) = (&self.server.fault, parsed)
                    && fault(command)
                {
                    return Err(StoreError::GivenUp("a planted fault".into()));
                }
                commands::judge(tx, &maker, signed, parsed.as_deref().map_err(|refusal| *refusal))
            });
            let caught = catch_unwind(judging);
            let found = caught.unwrap_or_else(|_| Err(StoreError::GivenUp("a handler panicked".into())))?;
            let applied = matches!(found.0, Outcome::Applied { .. });
            judged = Some(found);
            if applied { Ok(()) } else { Err(StoreError::GivenUp("not applied".into())) }
        });
        match (done, judged) {
            (Ok(()), Some((outcome, errands))) => {
                group.errands.extend(errands);
                Ok(outcome)
            }
            (Err(StoreError::GivenUp(_)), Some((outcome, _))) => Ok(outcome),
            // The machine's troubles are not the command's: the whole group is tried again later.
            (Err(error @ (StoreError::Full | StoreError::Busy)), _) => Err(error),
            (done, _) => {
                let error = done.err().map(|error| error.to_string());
                tracing::error!(device = %self.device.id, number = item.number, error, "a command failed");
                Ok(Outcome::Failed)
            }
        }
    }
}
