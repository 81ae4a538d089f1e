//! How long a phone keeps what is done: a month by the server's clock and a month by its own, and all else for ever.

use std::collections::BTreeMap;

use sotay_core::store::{Store as Phone, StoreError as PhoneError};
use sotay_protocol::env::{Timestamp, days};

use super::ledger::{Ledger, name};

const MONTH: std::time::Duration = days(30);

/// The server's clock and a phone's.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulation) struct Clocks {
    pub(in crate::simulation) server: Timestamp,
    pub(in crate::simulation) there: Timestamp,
}

/// What is known of how a phone keeps a command.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keeping {
    done: Option<Done>,
    pub(super) gone: bool,
    /// It was brought back under *needs attention* by an older copy of the phone, and stands there since.
    pub(super) brought_back: bool,
}

/// By phone and entry.
pub(super) type Copies = BTreeMap<usize, BTreeMap<u64, Keeping>>;

/// It was applied, or its person dealt with it.
#[derive(Debug, Clone, Copy)]
struct Done {
    at: Clocks,
    /// An exchange has gone by wholly since: only there the phone hears of the server's clock, which may have been set
    /// back before.
    is_counted: bool,
}

impl Keeping {
    /// The phone has it in this state now.
    fn seen(&mut self, state: &str, now: Clocks, ended: Option<Timestamp>) {
        self.brought_back &= needs_attention(state);
        if !["applied", "retaken", "settled"].contains(&state) {
            self.done = None;
            return;
        }
        let done = self.done.get_or_insert(Done { at: now, is_counted: false });
        if let Some(ended) = ended.filter(|_| !done.is_counted) {
            (done.at.server, done.is_counted) = (done.at.server.min(ended), true);
        }
    }

    /// Both clocks have to say so. A time that is still to come by the phone's own clock says nothing.
    fn may_go(&self, now: Clocks) -> bool {
        self.done.is_some_and(|Done { at, .. }| {
            let lately = now.there.minus(MONTH) <= at.there && at.there <= now.there;
            at.server + MONTH < now.server && !lately
        })
    }
}

pub(super) fn needs_attention(state: &str) -> bool {
    ["refused", "conflicted", "parked"].contains(&state)
}

fn states(store: &Phone) -> Result<BTreeMap<u64, String>, PhoneError> {
    store.read(|store| {
        let mut statement = store.prepare_cached("SELECT entry, state FROM command")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}

impl Ledger {
    /// What became of the phone's commands, and which of them have gone before their time. `ended` is what the server
    /// said of the time, where an exchange has just gone by wholly.
    pub(super) fn look_at_outbox(
        &mut self,
        phone: usize,
        store: &Phone,
        now: Clocks,
        ended: Option<Timestamp>,
    ) -> Vec<String> {
        let states = match states(store) {
            Ok(states) => states,
            Err(error) => return vec![format!("the outbox cannot be read: {error}")],
        };
        let now = Clocks { server: ended.unwrap_or(now.server), ..now };
        let mut wrong = Vec::new();
        for of in self.accepted.iter_mut().filter(|of| of.phone == phone && !of.keeping.gone) {
            if let Some(state) = states.get(&of.entry) {
                of.keeping.seen(state, now, ended);
                continue;
            }
            of.keeping.gone = true;
            if !of.keeping.may_go(now) {
                wrong.push(format!("no loss: {} is gone from the phone", name(of)));
            }
        }
        wrong
    }

    /// The phone was copied: what is known of its commands goes for the copy too.
    pub(crate) fn backed_up(&mut self, phone: usize) {
        let of_phone = self.accepted.iter().filter(|of| of.phone == phone);
        self.copies.insert(phone, of_phone.map(|of| (of.entry, of.keeping)).collect());
    }

    /// The phone is its copy again.
    pub(super) fn keep_as_copied(&mut self, phone: usize, store: &Phone) -> Result<(), PhoneError> {
        let states = states(store)?;
        let copied = self.copies.remove(&phone).unwrap_or_default();
        for of in self.accepted.iter_mut().filter(|of| of.phone == phone) {
            of.keeping = copied.get(&of.entry).copied().unwrap_or_default();
            of.keeping.brought_back = states.get(&of.entry).is_some_and(|state| needs_attention(state));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(server: u64, there: u64) -> Clocks {
        let [server, there] = [server, there].map(|day| Timestamp::from_millis(0) + days(day));
        Clocks { server, there }
    }

    #[test]
    fn a_month_is_one_by_both_clocks() {
        let mut keeping = Keeping::default();
        keeping.seen("sent", on(100, 100), None);
        assert!(!keeping.may_go(on(900, 900)), "nobody has answered it");
        keeping.seen("applied", on(100, 400), None);
        keeping.seen("applied", on(102, 402), Some(on(102, 402).server));
        assert!(!keeping.may_go(on(130, 500)), "the server's clock");
        assert!(!keeping.may_go(on(131, 430)), "the phone's clock");
        assert!(keeping.may_go(on(131, 431)));
        assert!(keeping.may_go(on(131, 131)), "it was set right since, and what it said then says nothing");
        keeping.seen("waiting", on(140, 140), None);
        assert!(!keeping.may_go(on(900, 900)), "a restored server wants it again");
    }
}
