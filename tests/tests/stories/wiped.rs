//! A lost phone is emptied by its commune's signed order; nothing else that anybody says empties a phone.

use sotay_core::{sync::engine::Stop, trust};
use sotay_protocol::{
    env::{Env, Timestamp, days},
    frame::{Frame, FrameReader},
    id::Id,
    limits,
    members::Office,
    signature::SigningKey,
    trust::{
        Certificate, Distrust, Duty, FORMAT, Holder, NotObeyed, Revocations, Revoked, Root, Signed, Wipe,
        WipeOrder,
    },
};
use sotay_tests::world::{
    COMMITTEE, Device, KHE_NUOC,
    network::{Fault, Liar},
};

use crate::village::{Village, assert_one_picture, sync};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// A commune that can order it, and the cell of Khe Nước, which stands beside Lan's.
struct Play {
    village: Village,
    now: Timestamp,
}

const ROOT: u8 = 221;
const OF_COMMITTEE: u8 = 222;
const OF_KHE_NUOC: u8 = 223;

impl Play {
    fn begin(seed: u64) -> Self {
        let village = Village::new(seed);
        let now = village.world.env.now();
        let play = Self { village, now };
        play.brings_in(&[
            Root::sign("Đảng bộ tỉnh", &key(ROOT), now),
            play.of_committee(),
            play.of_khe_nuoc(),
        ]);
        play
    }

    fn certificate(&self, (organisation, name): (Id, &str), duty: Duty, of: &SigningKey) -> Certificate {
        Certificate {
            format: FORMAT,
            organisation,
            organisation_name: name.into(),
            holder: Holder::Organisation,
            duties: [duty].into(),
            key: of.public(),
            seal: None,
            from: self.now.minus(days(1)),
            until: self.now + days(365),
            issuer: key(ROOT).public(),
        }
    }

    fn of_committee(&self) -> Signed {
        let committee = (self.village.committee(), COMMITTEE);
        self.certificate(committee, Duty::Revoke, &key(OF_COMMITTEE)).sign(&key(ROOT))
    }

    fn of_khe_nuoc(&self) -> Signed {
        let khe_nuoc = (self.village.world.commune.organisation(KHE_NUOC), KHE_NUOC);
        self.certificate(khe_nuoc, Duty::Revoke, &key(OF_KHE_NUOC)).sign(&key(ROOT))
    }

    /// Hòa's phone, certified by the committee's key.
    fn of_hoa(&self, duty: Duty) -> Signed {
        let hoa = &self.village.hoa;
        let holder = Holder::Officer {
            member: hoa.member,
            device: hoa.id,
            name: "Quàng Thị Hòa".into(),
            office: Office::Secretary,
        };
        let of = self.certificate((self.village.committee(), COMMITTEE), duty, &key_of(hoa));
        Certificate { holder, issuer: key(OF_COMMITTEE).public(), ..of }.sign(&key(OF_COMMITTEE))
    }

    fn order(&self, of: &Device, by: &Signed, signer: &SigningKey) -> Signed {
        let wipe = Wipe {
            format: FORMAT,
            device: of.id,
            key: key_of(of).public(),
            at: self.village.world.env.now(),
            reason: "Mất điện thoại".into(),
            by: by.sha256(),
            issuer: signer.public(),
        };
        wipe.sign(signer)
    }

    fn brings_in(&self, papers: &[Signed]) {
        let named: Vec<_> = papers.iter().map(|paper| ("tệp".to_owned(), paper.clone())).collect();
        self.village.world.server.import_trust(&named).unwrap();
    }

    /// A phone that was told of the root by its invitation, and has synced.
    fn phone(&mut self, name: &str) -> Device {
        let phone = self.village.phone(name);
        compared(&phone);
        phone
    }

    /// What a phone says that is told this by whoever has the server's machine.
    fn told(&mut self, phone: &Device, order: WipeOrder) -> Stop {
        self.village.world.network.liar = Some(Liar::new(move |packed| slipped_in(packed, &order)));
        let stop = phone.sync(&mut self.village.world);
        self.village.world.network.liar = None;
        stop
    }
}

/// As if the root's fingerprint had stood on the invitation.
fn compared(phone: &Device) {
    let compare = |tx: &rusqlite::Transaction<'_>| tx.execute("UPDATE pinned_root SET compared = 1", []);
    phone.store().write(|tx| compare(tx).map_err(sotay_core::store::StoreError::from)).unwrap();
}

fn key_of(phone: &Device) -> SigningKey {
    let seed = |store: &rusqlite::Connection| {
        store.query_row("SELECT key_seed FROM device", [], |row| row.get::<_, [u8; 32]>(0))
    };
    let seed = phone.store().read(|store| seed(store).map_err(sotay_core::store::StoreError::from));
    SigningKey::from_seed(seed.unwrap())
}

fn slipped_in(packed: Vec<u8>, order: &WipeOrder) -> Vec<u8> {
    let mut reader = FrameReader::new(limits::FRAME_HARD);
    reader.push(&packed);
    match Frame::read(&reader.next_frame().unwrap().unwrap()).unwrap() {
        Frame::Scopes(mut head, lines) => {
            head.wipe = Some(Box::new(order.clone()));
            Frame::Scopes(head, lines).pack().unwrap()
        }
        _ => packed,
    }
}

fn refused(phone: &Device, village: &Village) -> Option<NotObeyed> {
    let now = village.world.env.now();
    let view = phone.store().read(|store| trust::view(store, now)).unwrap();
    view.lists.refused_wipe.map(|refused| refused.why)
}

#[test]
fn lans_stolen_phone_is_wiped_and_her_other_phone_is_not() {
    let mut play = Play::begin(61);
    let (stolen, off, lan) = (play.phone("Lan"), play.phone("Lan"), play.phone("Lan"));
    let minh = play.phone("Minh");
    let env = play.village.world.env.clone();
    stolen.feedback(&*env, play.village.committee(), "Chưa gửi", "Lời chưa gửi.").unwrap();
    play.village.world.server.revoke_device(stolen.id).unwrap();
    play.village.world.server.revoke_device(off.id).unwrap();
    assert_eq!(stolen.sync(&mut play.village.world), Stop::Done);
    assert!(stolen.picture().is_empty(), "taken off, it has nothing of the cell's");

    let by = play.of_committee();
    let orders = [&stolen, &off].map(|phone| play.order(phone, &by, &key(OF_COMMITTEE)));
    play.brings_in(&orders);
    assert_eq!(stolen.sync(&mut play.village.world), Stop::Wiped);
    assert_eq!(stolen.sync(&mut play.village.world), Stop::Wiped, "until it is done, the order comes again");
    // One that hears both at once does nothing else before.
    let before = off.imprint();
    assert_eq!(off.sync(&mut play.village.world), Stop::Wiped);
    assert!(off.imprint() == before);
    for phone in [&lan, &minh] {
        sync(phone, &mut play.village.world);
        assert_one_picture(phone, &play.village.world);
        assert_eq!(refused(phone, &play.village), None);
    }
    // What was ordered for the stolen one is worth nothing on another, whoever brings it.
    let order = |of: &Signed| WipeOrder { wipe: of.clone(), papers: vec![by.clone()] };
    for phone in [&lan, &minh] {
        assert_eq!(play.told(phone, order(&orders[0])), Stop::Done);
        assert_eq!(refused(phone, &play.village), Some(NotObeyed::OtherDevice));
        assert_one_picture(phone, &play.village.world);
    }
}

#[test]
fn a_forged_order_wipes_nothing() {
    let mut play = Play::begin(62);
    let (lan, stranger) = (play.phone("Lan"), key(66));
    let env = play.village.world.env.clone();
    let own = lan.feedback(&*env, play.village.committee(), "Của Lan", "Lời của Lan.").unwrap();
    sync(&lan, &mut play.village.world);
    let hoa = key_of(&play.village.hoa);
    let (publishes, of_khe_nuoc) = (play.of_hoa(Duty::Publish), play.of_khe_nuoc());
    let committee = (play.village.committee(), COMMITTEE);
    let made_up = play.certificate(committee, Duty::Revoke, &stranger);
    let made_up = Certificate { issuer: stranger.public(), ..made_up }.sign(&stranger);
    let mut bent = play.order(&lan, &play.of_committee(), &key(OF_COMMITTEE));
    bent.signature.0[7] ^= 1;
    let cases = [
        (play.order(&lan, &publishes, &hoa), publishes.clone(), Distrust::WrongDuty),
        (play.order(&lan, &of_khe_nuoc, &key(OF_KHE_NUOC)), of_khe_nuoc.clone(), Distrust::WrongOrganisation),
        (play.order(&lan, &made_up, &stranger), made_up.clone(), Distrust::ForeignRoot),
        (play.order(&lan, &play.of_committee(), &stranger), play.of_committee(), Distrust::BadSignature),
        (bent, play.of_committee(), Distrust::Malformed),
    ];
    for (wipe, paper, why) in cases {
        assert_eq!(play.told(&lan, WipeOrder { wipe, papers: vec![paper] }), Stop::Done);
        assert_eq!(refused(&lan, &play.village), Some(why.into()));
        assert_one_picture(&lan, &play.village.world);
        assert!(lan.picture().contains_key(&own));
    }
}

#[test]
fn who_was_revoked_wipes_nothing_by_an_order_of_before() {
    let mut play = Play::begin(63);
    let lan = play.phone("Lan");
    let (of_hoa, hoa) = (play.of_hoa(Duty::Revoke), key_of(&play.village.hoa));
    play.brings_in(std::slice::from_ref(&of_hoa));
    let wipe = play.order(&lan, &of_hoa, &hoa);
    let env = play.village.world.env.clone();
    env.pass(days(2));
    let revoked =
        Revoked { certificate: of_hoa.sha256(), bad_since: env.now(), reason: "Thôi giữ chức".into() };
    let (issuer, at) = (key(OF_COMMITTEE).public(), env.now());
    let list = Revocations { format: FORMAT, issuer, number: 1, at, revoked: vec![revoked] };
    play.brings_in(&[list.sign(&key(OF_COMMITTEE))]);
    sync(&lan, &mut play.village.world);
    assert_eq!(play.told(&lan, WipeOrder { wipe, papers: vec![of_hoa] }), Stop::Done);
    assert_eq!(refused(&lan, &play.village), Some(Distrust::Revoked.into()));
    assert_one_picture(&lan, &play.village.world);
}

#[test]
fn a_server_without_keys_wipes_nobody_whatever_root_it_makes_up() {
    let mut village = Village::new(64);
    let lan = village.phone("Lan");
    let now = village.world.env.now();
    let mut play = Play { village, now };
    let wipe = play.order(&lan, &play.of_committee(), &key(OF_COMMITTEE));
    let order = WipeOrder { wipe, papers: vec![play.of_committee()] };
    assert_eq!(play.told(&lan, order.clone()), Stop::Done);
    assert_eq!(refused(&lan, &play.village), Some(Distrust::ForeignRoot.into()), "it was told of no root");
    // The first root that it sees is believed in what is published, and not in this.
    play.brings_in(&[Root::sign("Gốc bịa", &key(ROOT), now), play.of_committee()]);
    sync(&lan, &mut play.village.world);
    while trust::judge_pending(lan.store(), 10).unwrap() > 0 {}
    assert_eq!(play.told(&lan, order), Stop::Done);
    assert_eq!(refused(&lan, &play.village), Some(NotObeyed::RootNotCompared));
    assert_one_picture(&lan, &play.village.world);
}

#[test]
fn no_refusal_wipes_anything() {
    let mut play = Play::begin(65);
    let lan = play.phone("Lan");
    let env = play.village.world.env.clone();
    lan.feedback(&*env, play.village.committee(), "Chưa gửi", "Lời chưa gửi.").unwrap();
    let before = lan.picture();
    for fault in [Fault::Denied, Fault::Portal, Fault::BadGateway { after: false }, Fault::LostAnswer] {
        play.village.world.network.next(fault);
        assert_ne!(lan.sync(&mut play.village.world), Stop::Wiped);
        assert_eq!(lan.picture(), before, "{fault:?}");
    }
    play.village.world.server.revoke_device(lan.id).unwrap();
    assert_eq!(lan.sync(&mut play.village.world), Stop::Done);
    let words = lan.outbox().unwrap().remove(0).signed.text;
    assert!(words.contains("Lời chưa gửi."), "taken off, she keeps what she wrote");
}
