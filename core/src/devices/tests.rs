use sotay_protocol::{
    devices::DeviceEntry,
    env::Env,
    refusal::Refusal,
    scope::Scope,
    sealed::SealKey,
    signature::SigningKey,
    trust::{DeviceKeys, FORMAT},
};

use super::*;
use crate::{
    store::StoreError,
    sync::device,
    village::{Phone, id},
};

const LAN: &str = "Nguyễn Thị Lan";

/// The server lists a device of Lan's with this signing key, and what it says of itself.
fn lists(lan: &Phone, name: &str, key: &SigningKey, seal: Option<&SealKey>) -> Id {
    let keys = |seal: &SealKey| {
        let keys = DeviceKeys {
            format: FORMAT,
            member: id(LAN),
            device: id(name),
            key: key.public(),
            seal: seal.public(),
            platform: "android".into(),
            at: lan.env.now(),
        };
        keys.sign(key)
    };
    let of = DeviceEntry {
        name: name.to_owned(),
        enrolled_at: lan.env.now(),
        last_contact: None,
        key: key.public(),
        keys: seal.map(keys),
        revoked_at: None,
        wipe: None,
    };
    lan.has(&DEVICES, Scope::member(id(LAN)), id(name), &of);
    id(name)
}

#[test]
fn lan_renames_her_old_phone_and_takes_it_off_but_not_the_one_in_her_hand() {
    let lan = Phone::of_lan();
    let this = lists(&lan, "máy của Nguyễn Thị Lan", &SigningKey::from_seed([1; 32]), None);
    let old = lists(&lan, "Máy cũ", &SigningKey::from_seed([2; 32]), None);
    let deed = |deed: &dyn Fn(&Connection) -> Result<(), SubmitError>| lan.store.write(|tx| deed(tx));
    deed(&|tx| rename(tx, lan.env.as_ref(), old, " Máy để ở nhà ")).unwrap();
    deed(&|tx| rename(tx, lan.env.as_ref(), old, "Máy để ở nhà")).unwrap();
    let empty = deed(&|tx| rename(tx, lan.env.as_ref(), old, " "));
    assert!(matches!(empty, Err(SubmitError::Refused(Refusal::Empty))), "{empty:?}");
    let itself = deed(&|tx| revoke(tx, lan.env.as_ref(), this));
    assert!(matches!(itself, Err(SubmitError::Refused(Refusal::ThisDevice))), "{itself:?}");
    deed(&|tx| revoke(tx, lan.env.as_ref(), old)).unwrap();
    deed(&|tx| revoke(tx, lan.env.as_ref(), old)).unwrap();
    let list = lan.store.read(list).unwrap();
    let lines: Vec<_> = list.iter().map(|of| (of.name.as_str(), of.this, of.revoked_at.is_some())).collect();
    assert_eq!(lines, [("máy của Nguyễn Thị Lan", true, false), ("Máy để ở nhà", false, true)]);
    let pending = lan.store.read(crate::outbox::counts).unwrap().pending;
    assert_eq!(pending, 2, "one name and one end: what is so already is not asked for twice");
}

#[test]
fn what_the_server_alone_says_is_a_device_of_lans_is_not_sealed_to_before_she_has_compared_it() {
    let lan = Phone::of_lan();
    let of = lan.store.read(|store| device::load(store).map(Option::unwrap)).unwrap();
    let told = || lan.store.write(|tx| to_tell(tx, lan.env.as_ref(), &of)).unwrap();
    let own = told().unwrap();
    assert_eq!(told().unwrap(), own, "made once");
    let mut entry = DeviceEntry {
        name: "Máy này".into(),
        enrolled_at: lan.env.now(),
        last_contact: None,
        key: of.key.public(),
        keys: Some(own.clone()),
        revoked_at: None,
        wipe: None,
    };
    lan.has(&DEVICES, Scope::member(id(LAN)), of.device, &entry);
    assert_eq!(told(), None, "its row says it");
    let (other, seal) = (SigningKey::from_seed([2; 32]), SealKey::from_secret([9; 32]));
    let tablet = lists(&lan, "Máy tính bảng", &other, Some(&seal));
    lists(&lan, "Máy chưa nói gì", &SigningKey::from_seed([3; 32]), None);
    let to = |store: &Connection| -> Result<Vec<(String, bool)>, StoreError> {
        Ok(seal_keys(store)?.into_iter().map(|to| (to.name, to.compared)).collect())
    };
    assert_eq!(lan.store.read(to).unwrap(), [("Máy này".into(), true), ("Máy tính bảng".into(), false)]);
    assert!(lan.store.write(|tx| compare(tx, tablet)).unwrap());
    assert!(lan.store.read(to).unwrap()[1].1);
    // The server exchanges the tablet's key by one of its own: what was compared was another.
    lists(&lan, "Máy tính bảng", &SigningKey::from_seed([4; 32]), Some(&SealKey::from_secret([8; 32])));
    assert!(!lan.store.read(to).unwrap()[1].1);
    // And it may not put its own key into the place of this very phone's.
    let thief = SealKey::from_secret([6; 32]);
    entry.keys = Some(DeviceKeys { seal: thief.public(), ..DeviceKeys::of(&own).unwrap() }.sign(&other));
    lan.has(&DEVICES, Scope::member(id(LAN)), of.device, &entry);
    let first = lan.store.read(|store| seal_keys(store).map(|all| all[0].clone())).unwrap();
    assert_eq!(Some(first.seal), DeviceKeys::of(&own).map(|keys| keys.seal));
}
