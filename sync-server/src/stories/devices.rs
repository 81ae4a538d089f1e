//! A member's devices: what the rows say of them, another name, an end, and one too many.

use sotay_protocol::{
    devices::{DEVICE, DeviceEntry, EDIT, REVOKE},
    edit::Edit,
    enrol::{EnrolRequest, ForkRequest},
    env::{Env, days},
    exchange::Outcome,
    limits,
    problem::ProblemCode,
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    sealed::SealKey,
    signature::SigningKey,
    trust::{DeviceKeys, FORMAT, Signed},
};

use crate::testing::*;

fn row_of(of: &Phone) -> RowRef {
    RowRef::new(Scope::member(of.member), DEVICE, of.device)
}

fn entry(village: &Village, of: &Phone) -> DeviceEntry {
    serde_json::from_value(village.row(&row_of(of)).unwrap().into()).unwrap()
}

fn keys(of: &Phone, by: &SigningKey) -> Signed {
    let keys = DeviceKeys {
        format: FORMAT,
        member: of.member,
        device: of.device,
        key: by.public(),
        seal: SealKey::from_secret([5; 32]).public(),
        platform: "android".into(),
        at: of.env.now(),
    };
    keys.sign(by)
}

#[test]
fn lan_sees_both_her_phones_with_the_keys_that_they_told_themselves() {
    let village = Village::new();
    let (mut lan, mut tablet) = (village.phone("Lan"), village.phone("Lan"));
    let minh = village.phone("Minh");
    lan.keys = Some(keys(&lan, &lan.key));
    lan.sync(&village.server, &[]);
    let before = entry(&village, &lan);
    assert_eq!(before.keys(lan.member, lan.device).map(|keys| keys.platform), Some("android".into()));
    // Words of another device, or by another key, are not taken.
    for false_words in [keys(&tablet, &lan.key), keys(&lan, &tablet.key), keys(&minh, &minh.key)] {
        lan.keys = Some(false_words);
        lan.sync(&village.server, &[]);
        assert_eq!(entry(&village, &lan), before);
    }
    tablet.sync(&village.server, &[]);
    assert_eq!(tablet.kinds(DEVICE).len(), 2);
    assert!(!tablet.heard().contains(&minh.device.to_string()));
    let seen: DeviceEntry = serde_json::from_value(tablet.sees(&row_of(&lan)).unwrap().clone()).unwrap();
    assert_eq!(seen, before);
}

#[test]
fn the_day_of_the_last_contact_is_told_once_a_day_and_nothing_finer() {
    let village = Village::new();
    let (mut lan, tablet) = (village.phone("Lan"), village.phone("Lan"));
    village.later(i64::try_from(days(3).as_secs()).unwrap());
    lan.sync(&village.server, &[]);
    lan.sync(&village.server, &[]);
    let day = |of: &Phone| entry(&village, of).last_contact.unwrap().to_string();
    assert_eq!(day(&lan), "2025-12-03", "an exchange alone writes nothing");
    village.server.daily().unwrap();
    assert_eq!((day(&lan), day(&tablet)), ("2025-12-06".into(), "2025-12-03".into()));
    assert_eq!(village.server.note_contacts(&mut || ()).unwrap(), 0, "and only where it changes");
}

#[test]
fn lan_names_her_phone_and_takes_the_lost_one_with_its_copies_off() {
    let village = Village::new();
    let (mut lan, mut lost) = (village.phone("Lan"), village.phone("Lan"));
    lost.sync(&village.server, &[]);
    let copied = SigningKey::from_seed([51; 32]);
    let fork = ForkRequest::new(lost.device, &lost.key, &copied, village.env.now());
    let copy = village.server.fork(&fork).unwrap().device;
    let named = |name: &str| Body::from_iter([("name".to_owned(), name.into())]);
    let own = row_of(&lan);
    let edit = lan.command(EDIT, own, &Edit::between(&named("Máy của Lan"), &named("Máy mới")));
    let revoke = lan.command(REVOKE, row_of(&lost), &Body::new());
    let itself = lan.command(REVOKE, row_of(&lan), &Body::new());
    let answer = lan.sync(&village.server, &[&edit, &revoke, &itself]);
    assert!(answer.applied(1) < answer.applied(2));
    assert_eq!(*answer.outcome(3), Outcome::Refused { code: Refusal::ThisDevice });
    let known = village.server.devices_of(lan.member).unwrap();
    let with_rights: Vec<_> = known.iter().filter(|device| device.revoked_at.is_none()).collect();
    assert_eq!(with_rights.iter().map(|device| device.name.as_str()).collect::<Vec<_>>(), ["Máy mới"]);
    assert!(entry(&village, &lost).revoked_at.is_some());
    let copy = RowRef::new(Scope::member(lan.member), DEVICE, copy);
    assert!(village.row(&copy).unwrap().contains_key("revoked_at"));
    lost.sync(&village.server, &[]);
    assert!(lost.rows.is_empty() && lost.cursors.is_empty(), "it follows nothing any more");
    // Nobody takes off what is not theirs.
    let mut minh = village.phone("Minh");
    let stranger = minh.command(REVOKE, row_of(&lan), &Body::new());
    let answer = minh.sync(&village.server, &[&stranger]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::NotAllowed });
    // Nor does a phone that was taken off itself take its revenge.
    let revenge = lost.command(REVOKE, row_of(&lan), &Body::new());
    let answer = lost.sync(&village.server, &[&revenge]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::NotAllowed });
}

#[test]
fn a_sixth_phone_is_told_what_to_do_and_enrols_by_the_same_code_afterwards() {
    let village = Village::new();
    let phones: Vec<Phone> = (0..limits::DEVICES).map(|_| village.phone("Lan")).collect();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let key = SigningKey::from_seed([77; 32]);
    let request = EnrolRequest::new(&code, village.birth("Lan"), "Máy thứ sáu", &key).unwrap();
    let problem = village.server.enrol(&request).unwrap_err();
    assert_eq!((problem.code, problem.status), (ProblemCode::TooManyDevices, 409));
    assert!(problem.title.contains("thu hồi"), "{}", problem.title);
    village.server.revoke_device(phones[0].device).unwrap();
    let answer = village.server.enrol(&request).unwrap();
    assert_eq!(village.server.enrol(&request).unwrap(), answer, "the same key is no other device");
    let row = RowRef::new(Scope::member(answer.member), DEVICE, answer.device);
    assert_eq!(village.row(&row).unwrap()["name"], "Máy thứ sáu");
    assert_eq!(village.row(&row).unwrap()["key"], body(&request)["key"]);
}
