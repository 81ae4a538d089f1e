//! Work that a commit leaves behind: judging claims, counting meetings.
//!
//! Each line of the outbox is done in one transaction with at most two scopes, which also takes the line
//! out; a line that another process took is passed over. What is done looks only at what stands, so a line
//! done twice changes nothing. Lines for the same errand are taken together: fifty marks are one count.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{id::Id, scope::Scope};

use crate::{
    attendance,
    error::ServerError,
    exchange::push_errand,
    meetings,
    server::Server,
    store::{Errand, OutboxLine, Result as Stored, Transaction},
    windows,
};

/// Lines read at a time, and done in one call of [`Server::relay`].
const BATCH: usize = 500;
const AT_ONCE: usize = 5_000;

impl Server {
    /// Does what the outbox asks for, the oldest first; how many lines. Bounded: where it gives back more
    /// than 0, more may wait. An errand that fails does not stop the others.
    ///
    /// # Errors
    /// The last failure; what was done stands, what failed waits for the next call.
    pub fn relay(&self) -> Result<usize, ServerError> {
        let (mut done, mut failed) = (0, None);
        while done < AT_ONCE {
            let lines = self.store.read_with(|reader| reader.outbox(BATCH))?;
            let mut this_time = 0;
            for (errand, ids) in together(lines) {
                match self.run(errand, &ids) {
                    Ok(lines) => this_time += lines,
                    Err(error) => failed = Some(error),
                }
            }
            done += this_time;
            if this_time == 0 {
                break;
            }
        }
        failed.map_or(Ok(done), Err)
    }

    /// The errands of one exchange and what follows from them, at most `most`.
    pub(crate) fn run_errands(&self, errands: &BTreeSet<Errand>, most: usize) -> Result<(), ServerError> {
        let scopes: BTreeSet<Scope> = errands.iter().map(Errand::scope).collect();
        for scope in scopes {
            let mut done = 0;
            while done < most {
                let lines = self.store.read_with(|reader| reader.outbox_of(scope, most))?;
                if lines.is_empty() {
                    break;
                }
                for (errand, ids) in together(lines) {
                    done += self.run(errand, &ids)?.max(1);
                }
            }
        }
        Ok(())
    }

    /// One errand, for all lines that ask for it.
    fn run(&self, errand: Errand, lines: &[Id]) -> Result<usize, ServerError> {
        let scopes = self.scopes_of(errand)?;
        let now = self.env.now();
        let taken = self.store.write_with(&scopes, |tx| {
            let mut taken = 0;
            for line in lines {
                taken += usize::from(tx.take_outbox(errand.scope(), *line)?);
            }
            if taken > 0 {
                for next in self.carry_out(tx, errand, &scopes)? {
                    push_errand(self, tx, next, now)?;
                }
            }
            Ok(taken)
        })?;
        self.tell(&scopes.into_iter().collect(), None);
        Ok(taken)
    }

    fn scopes_of(&self, errand: Errand) -> Stored<Vec<Scope>> {
        Ok(match errand {
            Errand::JudgeClaims { cell, .. } => vec![Scope::cell(cell), Scope::desk(cell)],
            Errand::JudgeMember { cell, member, .. } => vec![Scope::cell(cell), Scope::member(member)],
            Errand::PassKeys { cell, .. } => vec![Scope::desk(cell)],
            Errand::Report { cell, .. } => {
                let cell = self.store.read_with(|reader| reader.organisation(cell))?;
                cell.and_then(|cell| cell.organisation.parent).map(Scope::desk).into_iter().collect()
            }
        })
    }

    fn carry_out(&self, tx: &mut dyn Transaction, errand: Errand, scopes: &[Scope]) -> Stored<Vec<Errand>> {
        let now = self.env.now();
        match errand {
            Errand::JudgeClaims { cell, meeting } => {
                windows::recall_meeting(tx, cell, meeting, scopes)?;
                attendance::judge_claims(tx, cell, meeting)
            }
            Errand::JudgeMember { cell, meeting, member } => {
                windows::recall_meeting(tx, cell, meeting, scopes)?;
                attendance::judge_member(tx, self.id(), (cell, meeting, member), now)
            }
            Errand::PassKeys { cell, member } => attendance::pass_keys(tx, self.id(), (cell, member), now),
            Errand::Report { cell, meeting } => {
                // An organisation with nobody above it reports to nobody.
                if let Some(desk) = scopes.first() {
                    meetings::report(tx, self.id(), (cell, meeting), *desk, now)?;
                }
                Ok(Vec::new())
            }
        }
    }
}

fn together(lines: Vec<OutboxLine>) -> BTreeMap<Errand, Vec<Id>> {
    let mut errands: BTreeMap<Errand, Vec<Id>> = BTreeMap::new();
    for line in lines {
        errands.entry(line.errand).or_default().push(line.id);
    }
    errands
}
