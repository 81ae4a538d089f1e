//! A server that lies to some phones for a while, and is honest again: the operator has set its rows right.
//!
//! What was distorted is right again by any later entry of the row, for that takes its place; what was invented stands
//! nowhere, and goes only when the scope is read from its beginning, as after a restore.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use sotay_protocol::{
    directives::DIRECTIVE,
    row::RowRef,
    trust::{REVOCATIONS, Revocations, Signed},
};
use sotay_server::store::NewEntry;

use super::lies::{Lie, Strange, Teller, Told};
use crate::{
    simulation::Simulation,
    world::network::{Fault, Liar},
};

#[derive(Debug)]
pub(in crate::simulation) struct Lying {
    lie: Lie,
    /// Steps until it is honest again.
    steps: usize,
    phones: Vec<usize>,
    told: Arc<Mutex<Told>>,
}

/// Rows that are said once more, so that there is something to lie about.
const AT_ONCE: usize = 6;

impl Simulation {
    pub(in crate::simulation) fn lie(&mut self) {
        match self.chance.below(100) {
            0..15 => return self.deny(),
            15..19 => {
                let at = self.chance.below(self.phones.len());
                return self.lose_a_key(at);
            }
            _ => {}
        }
        self.begin_to_lie();
    }

    fn has_older_lists(&self) -> bool {
        let has_older = |keys: &super::Keys| keys.lists.values().any(|(lists, ..)| lists.len() > 1);
        self.keys.as_ref().is_some_and(has_older)
    }

    pub(super) fn begin_to_lie(&mut self) {
        let at_ease =
            self.keys.as_ref().is_some_and(|keys| keys.lying.is_none()) && self.server_full.is_none();
        let older = self.has_older_lists() && self.chance.percent(25);
        let lie = if older { Some(Lie::OlderList) } else { self.chance.weighted(&Lie::ALL) };
        let Some(lie) = lie.filter(|_| at_ease) else { return };
        let (turn, steps) = (self.chance.below(6), self.chance.below(300) + 100);
        let one = self.chance.below(self.phones.len());
        let phones: Vec<usize> =
            (0..self.phones.len()).filter(|at| *at == one || self.chance.percent(30)).collect();
        // Who was never told of a root takes the first that it sees, and says so.
        let has_root = |at: &usize| {
            let pin = |phone: &super::super::Phone| phone.device.store().read(sotay_core::trust::pin);
            self.phones.get(*at).is_some_and(|phone| matches!(pin(phone), Ok(Some(_))))
        };
        if lie == Lie::StrangeRoot && !phones.iter().all(has_root) {
            return;
        }
        let rows = self.something_to_lie_about(lie);
        if rows.is_empty() || lie == Lie::OlderList && !self.has_older_lists() {
            return;
        }
        let told = Arc::new(Mutex::new(Told::default()));
        for at in &phones {
            let mut teller = self.teller(lie, turn, &told);
            if let Some(phone) = self.phones.get_mut(*at) {
                phone.network.liar = Some(Liar::new(move |packed| teller.tell(packed)));
            }
        }
        self.trace(|| format!("{} to {phones:?}", lie.name()));
        if let Some(keys) = &mut self.keys {
            keys.lying = Some(Lying { lie, steps, phones, told });
        }
        self.say_again(&rows);
    }

    /// Whoever never saw a root would take this one: by design, and told on its screen.
    pub(in crate::simulation) fn shows_a_strange_root(&self) -> bool {
        let lying = self.keys.as_ref().and_then(|keys| keys.lying.as_ref());
        lying.is_some_and(|lying| lying.lie == Lie::StrangeRoot)
    }

    /// The next request of a phone is answered as if it were not known.
    fn deny(&mut self) {
        let at = self.chance.below(self.phones.len());
        if let Some(phone) = self.phones.get_mut(at) {
            phone.network.next(Fault::Denied);
        }
    }

    fn teller(&self, lie: Lie, turn: usize, told: &Arc<Mutex<Told>>) -> Teller {
        let key = |nth: u64| super::key(self.history.seed, 900 + nth);
        let (root, organisation, officer, server) = (key(0), key(1), key(2), key(3));
        let strange = Strange { root, organisation, officer, server, at: self.world.server.now() };
        let mut older = std::collections::BTreeMap::<String, Vec<Signed>>::new();
        for (lists, ..) in self.keys.iter().flat_map(|keys| keys.lists.values()) {
            for list in lists.iter().rev().skip(1) {
                let of = Revocations::of(list).map(|of| String::from(of.issuer)).unwrap_or_default();
                older.entry(of).or_default().push(list.clone());
            }
        }
        let others = self.model.attestations();
        Teller { lie, turn, older, others, strange, told: Arc::clone(told) }
    }

    fn something_to_lie_about(&mut self, lie: Lie) -> BTreeSet<RowRef> {
        let kind = if lie == Lie::OlderList { REVOCATIONS } else { DIRECTIVE };
        let mut rows = self.model.standing(kind);
        let signed = |row: &RowRef| self.model.genuine.was_signed(row);
        if rows.iter().any(signed) {
            rows.retain(signed);
        }
        (0..AT_ONCE).filter_map(|_| self.chance.pick(&rows)).collect()
    }

    /// The rows as they stand, each under a new number.
    fn say_again(&mut self, rows: &BTreeSet<RowRef>) {
        let doom = self.world.disk().doom(None);
        let spared = self.server_doom.clone();
        let at = self.world.server.now();
        let done: Result<Vec<()>, _> = spared.spare(|| {
            let again = rows.iter().map(|row| {
                self.world.store().write_with(&[row.scope], |tx| {
                    let Some(of) = tx.entry(row)? else { return Ok(()) };
                    let Some(body) = &of.body else { return Ok(()) };
                    let entry = NewEntry { version: of.version, author: of.author, body, made: of.made, at };
                    tx.put(row, &entry).map(drop)
                })
            });
            again.collect()
        });
        self.world.disk().doom(doom);
        if let Err(error) = done {
            self.wrong(format!("the server cannot say again what stands: {error}"));
        }
        self.look_at_server();
    }

    /// One step; at its end the server's rows are set right.
    pub(in crate::simulation) fn let_liars_be_honest(&mut self, surely: bool) {
        let full = self.server_full.is_some();
        let Some(lying) = self.keys.as_mut().and_then(|keys| keys.lying.as_mut()) else { return };
        lying.steps = if surely { 0 } else { lying.steps.saturating_sub(1) };
        if lying.steps > 0 || full {
            let lie = lying.lie;
            if !full && self.chance.percent(2) {
                let rows = self.something_to_lie_about(lie);
                self.say_again(&rows);
            }
            return;
        }
        let Some(lying) = self.keys.as_mut().and_then(|keys| keys.lying.take()) else { return };
        for at in &lying.phones {
            if let Some(phone) = self.phones.get_mut(*at) {
                phone.network.liar = None;
            }
        }
        let (rows, invented, times) = {
            let mut told = lying.told.lock().unwrap_or_else(PoisonError::into_inner);
            (std::mem::take(&mut told.rows), told.invented, told.times)
        };
        for _ in 0..times {
            self.struck(lying.lie.name());
        }
        if invented || !rows.is_empty() && self.chance.percent(30) {
            self.begin_epoch();
        } else {
            self.say_again(&rows);
        }
        self.trace(|| format!("the server is honest again, having told {} {times} times", lying.lie.name()));
    }
}
