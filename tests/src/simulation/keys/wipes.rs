//! At the end of a history with keys: a lying server tells every phone to forget all, by orders that are not to be obeyed; then one
//! phone is lost, taken off, and wiped by a true one. A phone is wiped if and only if a true order reached it.

use sotay_core::{store::StoreError, sync::engine::Stop, trust};
use sotay_protocol::{
    env::{Timestamp, days},
    frame::{Frame, FrameReader},
    id::Id,
    limits,
    signature::{Base64, SigningKey},
    trust::{Certificate, Duty, FORMAT, Holder, Signed, Wipe, WipeOrder},
};

use super::{CELLS, OF_CELLS, OF_COMMITTEE, Terms, key};
use crate::{
    simulation::{Simulation, phone::Phone},
    world::{COMMITTEE, network::Liar},
};

/// Keys that nobody certified but themselves.
const STRANGE: u64 = 910;

/// What is wrong with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    StrangeRoot,
    InTheirName,
    OtherCell,
    OtherDevice,
    OtherKey,
    Bent,
}

const FLAWS: [Flaw; 6] =
    [Flaw::StrangeRoot, Flaw::InTheirName, Flaw::OtherCell, Flaw::OtherDevice, Flaw::OtherKey, Flaw::Bent];

/// Whose phone it is, as an order has to name it.
struct Target {
    device: Id,
    member: Id,
    key: Base64,
}

impl Simulation {
    pub(in crate::simulation) fn wipe_at_the_end(&mut self) {
        for at in 0..self.phones.len() {
            if let Err(error) = self.phones.get(at).map_or(Ok(()), compare) {
                return self.wrong(format!("a root cannot be compared: {error}"));
            }
            self.tell_a_false_order(at);
            if !self.model.violations.is_empty() {
                return;
            }
        }
        self.lose_one_and_wipe_it();
    }

    fn tell_a_false_order(&mut self, at: usize) {
        let Some(flaw) = self.chance.pick(&FLAWS) else { return };
        let Some(order) = self.false_order(at, flaw) else { return };
        // What came last at the server's comes first: nothing else is new then.
        self.sync_wholly(at);
        let Some(phone) = self.phones.get_mut(at) else { return };
        phone.network.liar = Some(Liar::new(move |packed| slipped_in(packed, &order)));
        let before = phone.device.picture();
        // Whatever it is but done, the run itself says that it is wrong.
        self.sync_wholly(at);
        let Some(phone) = self.phones.get_mut(at) else { return };
        phone.network.liar = None;
        let changed = phone.device.picture() != before;
        if changed && self.model.violations.is_empty() {
            self.wrong(format!("phone {at} shows something else after a false order: {flaw:?}"));
        }
        self.struck("lie: forget all");
        self.trace(|| format!("phone {at} was told to forget all: {flaw:?}"));
    }

    fn target(&self, at: usize) -> Option<Target> {
        let device = &self.phones.get(at)?.device;
        let known = self.world.store().read_with(|reader| reader.device(device.id)).ok().flatten()?;
        Some(Target { device: known.id, member: known.member, key: Base64(known.key) })
    }

    /// The committee's own certificate, which may order it.
    fn of_committee(&self) -> Option<Signed> {
        let committee = self.world.commune.organisation(COMMITTEE);
        let own = |paper: &&Signed| {
            let of = Certificate::of(paper);
            of.is_some_and(|of| of.organisation == committee && of.holder == Holder::Organisation)
        };
        self.keys.as_ref()?.papers.iter().find(own).cloned()
    }

    fn false_order(&self, at: usize, flaw: Flaw) -> Option<WipeOrder> {
        let (mut of, now, seed) = (self.target(at)?, self.world.server.now(), self.history.seed);
        let (mut by, committee) = (self.of_committee()?, key(seed, OF_COMMITTEE));
        let (stranger, root) = (key(seed, STRANGE), key(seed, STRANGE + 1));
        let mut signer = committee;
        match flaw {
            Flaw::StrangeRoot => {
                by =
                    certified((self.world.commune.organisation(COMMITTEE), COMMITTEE), &stranger, &root, now);
                signer = stranger;
            }
            Flaw::InTheirName => signer = stranger,
            Flaw::OtherCell => {
                let ever = self.world.store().read_with(|reader| reader.memberships(of.member)).ok()?;
                let cells = CELLS.map(|name| self.world.commune.organisation(name));
                let elsewhere = |cell: &Id| ever.iter().all(|stay| stay.cell != *cell);
                let nth = cells.iter().position(elsewhere)?;
                let papers = &self.keys.as_ref()?.papers;
                let own = |paper: &&Signed| {
                    Certificate::of(paper).is_some_and(|of| {
                        Some(&of.organisation) == cells.get(nth) && of.holder == Holder::Organisation
                    })
                };
                by = papers.iter().find(own)?.clone();
                signer = key(seed, OF_CELLS + nth as u64);
            }
            Flaw::OtherDevice => of.device = Id::derived("another", &[of.device]),
            Flaw::OtherKey => of.key = stranger.public(),
            Flaw::Bent => {}
        }
        let mut wipe = order(&of, &by, &signer, now);
        if flaw == Flaw::Bent {
            wipe.text = wipe.text.replacen("Mất", "Bán", 1);
        }
        Some(WipeOrder { wipe, papers: vec![by] })
    }

    /// One that stands well and knows the root.
    fn lose_one_and_wipe_it(&mut self) {
        let pinned =
            |phone: &Phone| matches!(phone.device.store().read(trust::pin), Ok(Some(pin)) if pin.compared);
        let well = |phone: &Phone| !phone.is_lost && !phone.was_put_back && pinned(phone);
        let lost: Vec<usize> =
            self.phones.iter().enumerate().filter(|(_, phone)| well(phone)).map(|(at, _)| at).collect();
        let Some(at) = self.chance.pick(&lost) else { return };
        let (Some(of), Some(by)) = (self.target(at), self.of_committee()) else { return };
        let wipe = order(&of, &by, &key(self.history.seed, OF_COMMITTEE), self.world.server.now());
        let revoked = self.world.server.revoke_device(of.device).map(drop);
        let ordered = revoked.and_then(|()| self.world.server.import_trust(&[("tệp".to_owned(), wipe)]));
        if let Err(error) = ordered {
            return self.wrong(format!("a lost phone cannot be wiped: {error}"));
        }
        for (other, phone) in self.phones.iter().enumerate() {
            let stop = phone.device.sync(&mut self.world);
            if (stop == Stop::Wiped) != (other == at) {
                let what = format!("an order to wipe phone {at} made phone {other} end with {stop:?}");
                self.model.violations.push(what);
            }
        }
        self.did("wipes a lost phone");
        self.trace(|| format!("phone {at} was lost and wiped"));
    }
}

/// As if the root's fingerprint had stood on the invitation.
fn compare(phone: &Phone) -> Result<(), StoreError> {
    let sql = "UPDATE pinned_root SET compared = 1";
    phone.device.store().write(|tx| Ok(tx.execute(sql, []).map(drop)?))
}

fn certified((organisation, name): (Id, &str), of: &SigningKey, by: &SigningKey, now: Timestamp) -> Signed {
    let (from, until) = (now.minus(days(900)), now + days(900));
    let (holder, key) = (Holder::Organisation, of.public());
    Terms { organisation, name, holder, duties: &[Duty::Revoke], key, from, until }.signed_by(by)
}

fn order(of: &Target, by: &Signed, signer: &SigningKey, at: Timestamp) -> Signed {
    let wipe = Wipe {
        format: FORMAT,
        device: of.device,
        key: of.key.clone(),
        at,
        reason: "Mất điện thoại".into(),
        by: by.sha256(),
        issuer: signer.public(),
    };
    wipe.sign(signer)
}

/// Into the head of an answer.
fn slipped_in(packed: Vec<u8>, order: &WipeOrder) -> Vec<u8> {
    let mut reader = FrameReader::new(limits::FRAME_HARD);
    reader.push(&packed);
    let unpacked = reader.next_frame().ok().flatten();
    match unpacked.and_then(|of| Frame::read(&of).ok()) {
        Some(Frame::Scopes(mut head, lines)) => {
            head.wipe = Some(Box::new(order.clone()));
            Frame::Scopes(head, lines).pack().unwrap_or(packed)
        }
        _ => packed,
    }
}
