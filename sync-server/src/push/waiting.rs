//! Whom to poke, and when: a state machine that is told where scopes stand and what each phone was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sotay_protocol::{env::Timestamp, id::Id};

use super::Stand;

/// A phone is poked at most this often, whatever happens: one push says as much as ten.
const BETWEEN: Duration = Duration::from_secs(60);
/// After a provider's failure, doubled with each further one.
const FIRST_REST: Duration = Duration::from_secs(2 * 60);
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, Default)]
pub(crate) struct Waiting {
    phones: BTreeMap<Id, Phone>,
    /// Phones that exchanged before their address was looked at.
    told: BTreeMap<Id, BTreeSet<Stand>>,
}

#[derive(Debug)]
struct Phone {
    /// What its last exchange, or its last push, was about. Of what happened before this process nothing is known.
    knows: BTreeSet<Stand>,
    not_before: Timestamp,
    failures: u32,
}

impl Waiting {
    /// An exchange of this device came to its end.
    pub(crate) fn told(&mut self, device: Id, stands: BTreeSet<Stand>) {
        self.told.insert(device, stands);
    }

    /// Which of these phones are to be poked now: those for whom something stands elsewhere than they know. What is
    /// not due yet is so at a later look.
    pub(crate) fn look(
        &mut self,
        phones: BTreeMap<Id, BTreeSet<Stand>>,
        connected: &BTreeSet<Id>,
        now: Timestamp,
    ) -> BTreeSet<Id> {
        let mut told = std::mem::take(&mut self.told);
        self.phones.retain(|device, _| phones.contains_key(device));
        let mut poke = BTreeSet::new();
        for (device, stands) in phones {
            let phone = self.phones.entry(device).or_insert_with(|| Phone {
                knows: stands.clone(),
                not_before: Timestamp::MIN,
                failures: 0,
            });
            if let Some(knows) = told.remove(&device) {
                phone.knows = knows;
            }
            // Those that hold a connection were poked through it.
            if connected.contains(&device) {
                phone.knows = stands;
            } else if phone.not_before <= now && !stands.is_subset(&phone.knows) {
                phone.knows = stands;
                phone.not_before = now + BETWEEN;
                poke.insert(device);
            }
        }
        poke
    }

    pub(crate) fn went_out(&mut self, device: Id) {
        if let Some(phone) = self.phones.get_mut(&device) {
            phone.failures = 0;
        }
    }

    /// The push did not go out: it is due again after a rest.
    pub(crate) fn failed(&mut self, device: Id, asked: Option<Duration>, now: Timestamp) {
        if let Some(phone) = self.phones.get_mut(&device) {
            let rest = FIRST_REST.saturating_mul(1 << phone.failures.min(5)).max(asked.unwrap_or_default());
            phone.failures = phone.failures.saturating_add(1);
            phone.not_before = now + rest.min(LONGEST_REST);
            phone.knows.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::scope::Scope;

    use super::*;

    fn id(name: &str) -> Id {
        Id::derived(name, &[])
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_764_000_000_000) + Duration::from_secs(seconds)
    }

    fn stands(cell: u64) -> BTreeSet<Stand> {
        [(Scope::cell(id("Đồi Chè")), 1, cell), (Scope::member(id("Lan")), 1, 1)].into()
    }

    /// Looks at Lan's phone alone.
    fn poked(waiting: &mut Waiting, cell: u64, connected: bool, seconds: u64) -> bool {
        let connected = if connected { [id("Lan")].into() } else { BTreeSet::new() };
        waiting.look([(id("Lan"), stands(cell))].into(), &connected, at(seconds)).contains(&id("Lan"))
    }

    #[test]
    fn ten_changes_are_two_pushes_and_none_is_forgotten() {
        let mut waiting = Waiting::default();
        assert!(!poked(&mut waiting, 1, false, 0), "nothing is known of the time before");
        assert!(poked(&mut waiting, 2, false, 1));
        assert!((3..11).all(|cell| !poked(&mut waiting, cell, false, cell)));
        assert!(poked(&mut waiting, 11, false, 61), "the rest of them, after a minute");
        assert!(!poked(&mut waiting, 11, false, 200), "once");
    }

    #[test]
    fn who_was_told_otherwise_is_not_poked() {
        let mut waiting = Waiting::default();
        poked(&mut waiting, 1, false, 0);
        waiting.told(id("Lan"), stands(2));
        assert!(!poked(&mut waiting, 2, false, 1), "her own exchange brought it");
        assert!(!poked(&mut waiting, 3, true, 2), "her open connection did");
        assert!(!poked(&mut waiting, 3, false, 3));
        assert!(poked(&mut waiting, 4, false, 4));
        // What came after her exchange had ended is still hers to be told.
        waiting.told(id("Lan"), stands(5));
        assert!(poked(&mut waiting, 6, false, 100));
    }

    #[test]
    fn a_provider_that_fails_is_left_alone_ever_longer() {
        let mut waiting = Waiting::default();
        poked(&mut waiting, 1, false, 0);
        assert!(poked(&mut waiting, 2, false, 1));
        waiting.failed(id("Lan"), None, at(1));
        assert!(!poked(&mut waiting, 2, false, 100));
        assert!(poked(&mut waiting, 2, false, 121));
        waiting.failed(id("Lan"), Some(Duration::from_secs(600)), at(121));
        assert!(!poked(&mut waiting, 2, false, 700));
        assert!(poked(&mut waiting, 2, false, 721));
        waiting.went_out(id("Lan"));
        assert!(!poked(&mut waiting, 2, false, 5_000));
    }

    #[test]
    fn a_scope_that_is_lost_wakes_nobody_and_a_new_one_does() {
        let mut waiting = Waiting::default();
        poked(&mut waiting, 1, false, 0);
        let mut fewer = stands(1);
        fewer.pop_last();
        assert!(waiting.look([(id("Lan"), fewer)].into(), &BTreeSet::new(), at(1)).is_empty());
        let mut more = stands(1);
        more.insert((Scope::desk(id("xã")), 1, 4));
        assert!(!waiting.look([(id("Lan"), more)].into(), &BTreeSet::new(), at(2)).is_empty());
    }
}
