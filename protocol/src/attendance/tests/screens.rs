//! The QR on Hòa's screen, as Lan's phone reads it without a network.

use std::collections::BTreeSet;

use super::*;
use crate::{
    env::days,
    members::Office,
    qr::{Mark as Code, Squares},
    trust::{Certificate, Distrust, Duty, FORMAT, Holder, Keyring, Revocations, Revoked, Root, Signed},
};

const ALL: [Duty; 5] = [Duty::Publish, Duty::Desk, Duty::Secretary, Duty::Revoke, Duty::Server];

fn upward() -> [Id; 2] {
    [id("Đồi Chè"), id("xã")]
}

struct Commune {
    root: SigningKey,
    own: SigningKey,
}

impl Commune {
    fn new() -> Self {
        Self { root: key(1), own: key(2) }
    }

    fn certificate(
        &self,
        organisation: &str,
        holder: Holder,
        duties: &[Duty],
        of: &SigningKey,
        by: &SigningKey,
    ) -> Signed {
        let certificate = Certificate {
            format: FORMAT,
            organisation: id(organisation),
            organisation_name: organisation.into(),
            holder,
            duties: BTreeSet::from_iter(duties.iter().copied()),
            key: of.public(),
            seal: None,
            from: evening(0).minus(days(30)),
            until: evening(0) + days(30),
            issuer: by.public(),
        };
        certificate.sign(by)
    }

    /// The commune's key certifies who leads a cell.
    fn secretary(&self, name: &str, cell: &str, duties: &[Duty], of: &SigningKey) -> Signed {
        let holder = Holder::Officer {
            member: id(name),
            device: id(&format!("máy của {name}")),
            name: name.into(),
            office: Office::Secretary,
        };
        self.certificate(cell, holder, duties, of, &self.own)
    }

    /// Lan's phone, with these certificates beside the commune's.
    fn phone(&self, of: &[Signed]) -> Keyring {
        let root = Root::of(&Root::sign("Đảng bộ tỉnh", &self.root, Timestamp::MIN)).unwrap();
        let mut keys = Keyring::pinned(&root);
        let commune = self.certificate("xã", Holder::Organisation, &ALL, &self.own, &self.root);
        assert!(keys.add_certificate(&commune));
        assert!(of.iter().all(|signed| keys.add_certificate(signed)));
        keys
    }

    fn hoa(&self) -> Signed {
        self.secretary("Hòa", "Đồi Chè", &[Duty::Secretary], &key(3))
    }
}

fn judged(shown: &Shown, keys: &Keyring) -> Result<ShownBy, Distrust> {
    shown.judge(&upward(), keys, evening(600))
}

#[test]
fn lan_knows_without_a_network_that_it_is_hoas_screen() {
    let commune = Commune::new();
    let keys = commune.phone(&[commune.hoa()]);
    let text = shown(600).text();
    assert!(text.starts_with("SOTAY:C1:") && text.len() < 195, "{}", text.len());
    assert!(Squares::of(&text).unwrap().side() <= 49, "read from an old phone's screen");
    let read = Shown::read(&text).unwrap();
    assert_eq!((&read, read.digits()), (&shown(600), opening(None).code_at(evening(600))));
    assert_eq!(judged(&read, &keys), Ok(ShownBy::Certified { name: "Hòa".into() }));
    assert_eq!(shown(600), shown(629), "it stands for its step");
    assert_ne!(shown(600), shown(630));
}

#[test]
fn a_flipped_bit_in_any_field_of_the_code_makes_it_none() {
    let commune = Commune::new();
    let keys = commune.phone(&[commune.hoa()]);
    for text in bent(&shown(600).text(), Code::CheckIn) {
        let Ok(read) = Shown::read(&text) else { continue };
        let upward = [read.cell, id("xã")];
        assert!(read.judge(&upward, &keys, evening(600)).is_err(), "{read:?}");
        assert!(!read.verifies(&key(3).public()));
    }
}

#[test]
fn another_cells_secretary_and_who_is_certified_for_other_things_open_nothing_here() {
    let commune = Commune::new();
    let of_son = commune.secretary("Sơn", "Khe Nước", &[Duty::Secretary], &key(4));
    let son = |cell| Shown::sign(id(cell), id("máy của Sơn"), &opening(None), evening(600), &key(4)).unwrap();
    let keys = commune.phone(&[commune.hoa(), of_son]);
    assert_eq!(judged(&son("Đồi Chè"), &keys), Err(Distrust::Missing));
    let there = [id("Khe Nước"), id("xã")];
    let at_home = son("Khe Nước").judge(&there, &keys, evening(600));
    assert_eq!(at_home, Ok(ShownBy::Certified { name: "Sơn".into() }));

    let other = commune.secretary("Hòa", "Đồi Chè", &[Duty::Desk], &key(3));
    assert_eq!(judged(&shown(600), &commune.phone(&[other])), Err(Distrust::Missing));
    let more = commune.secretary("Hòa", "Đồi Chè", &[Duty::Secretary, Duty::Publish], &key(3));
    let publishes = judged(&shown(600), &commune.phone(&[more]));
    assert_eq!(publishes, Err(Distrust::WrongParent), "a commune certifies nobody to publish for a cell");

    let strange = Commune { root: key(8), own: key(9) };
    let mut keys = commune.phone(&[strange.hoa()]);
    let root = strange.certificate("xã", Holder::Organisation, &ALL, &strange.own, &strange.root);
    assert!(keys.add_certificate(&root));
    assert_eq!(judged(&shown(600), &keys), Err(Distrust::ForeignRoot));
}

#[test]
fn a_certificate_that_was_revoked_or_ran_out_opens_nothing() {
    let commune = Commune::new();
    let mut keys = commune.phone(&[commune.hoa()]);
    let revoked = Revoked {
        certificate: commune.hoa().sha256(),
        bad_since: evening(0),
        reason: "Mất điện thoại".into(),
    };
    let list = Revocations {
        format: FORMAT,
        issuer: commune.own.public(),
        number: 1,
        at: evening(300),
        revoked: vec![revoked],
    };
    assert!(keys.add_revocations(&list.sign(&commune.own)));
    assert_eq!(judged(&shown(600), &keys), Err(Distrust::Revoked));
    let later = Shown::sign(id("Đồi Chè"), id("máy của Hòa"), &opening(None), evening(0) + days(31), &key(3));
    let keys = commune.phone(&[commune.hoa()]);
    assert_eq!(judged(&later.unwrap(), &keys), Err(Distrust::NotValidThen));
}

#[test]
fn where_there_are_no_keys_yet_it_is_no_better_than_six_digits() {
    assert_eq!(judged(&shown(600), &Keyring::default()), Ok(ShownBy::NoKeys));
    let commune = Commune::new();
    let root = Root::of(&Root::sign("Đảng bộ tỉnh", &commune.root, Timestamp::MIN)).unwrap();
    let mut keys = Keyring::pinned(&root);
    let own = commune.certificate("xã", Holder::Organisation, &[Duty::Publish], &commune.own, &commune.root);
    assert!(keys.add_certificate(&own));
    assert_eq!(judged(&shown(600), &keys), Ok(ShownBy::NoKeys), "it has keys, but not for this");
    assert_eq!(judged(&shown(600), &commune.phone(&[])), Err(Distrust::Missing));
}
