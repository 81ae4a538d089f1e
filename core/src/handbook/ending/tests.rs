mod wiped;

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use zeroize::Zeroizing;

use super::*;
use crate::{
    handbook::{
        Setup,
        tests::{Postbox, now, setup},
    },
    store::{KeyProvider, KeyUnavailable, StoreKey},
};

/// A keystore that keeps what it is told, makes a key where it has none, and can refuse to erase.
struct Keystore {
    key: Mutex<Option<[u8; 32]>>,
    erases: Mutex<bool>,
}

impl Keystore {
    fn new() -> Arc<Self> {
        Arc::new(Self { key: Mutex::new(Some([7; 32])), erases: Mutex::new(true) })
    }
}

impl KeyProvider for Keystore {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new(*self.key.lock().unwrap().get_or_insert([9; 32])))
    }
    fn replace(&self, key: &StoreKey) -> Result<(), KeyUnavailable> {
        *self.key.lock().unwrap() = Some(*key.bytes());
        Ok(())
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        if !*self.erases.lock().unwrap() {
            return Err(KeyUnavailable::Temporary);
        }
        *self.key.lock().unwrap() = None;
        Ok(())
    }
}

fn phone(folder: &Path, keys: &Arc<Keystore>) -> Setup {
    Setup { key: Arc::clone(keys) as _, ..setup(folder, &Arc::new(Postbox::default())) }
}

fn left(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "handbook.lock").collect();
    names.sort();
    names
}

fn pin(of: &str) -> Zeroizing<String> {
    Zeroizing::new(of.to_owned())
}

#[test]
fn lan_forgets_her_handbook_and_nothing_of_it_is_left_nor_opens() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keystore::new());
    let lan = now(Handbook::open(phone(folder.path(), &keys))).unwrap();
    now(lan.set_pin(None, pin("246813"))).unwrap();
    let old_files: Vec<_> = left(folder.path())
        .into_iter()
        .map(|name| (fs::read(folder.path().join(&name)).unwrap(), name))
        .collect();
    let old_key = keys.key().unwrap();
    now(lan.forget()).unwrap();
    assert_eq!(left(folder.path()), Vec::<String>::new());
    assert_eq!(now(lan.status()).err(), Some(HandbookError::Shut));
    assert_ne!(keys.key().unwrap().bytes(), old_key.bytes());
    // Somebody kept a copy of the files: without the key they open for no PIN.
    for (bytes, name) in old_files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let copy = now(Handbook::open_with_pin(phone(folder.path(), &keys), pin("246813"))).err();
    assert_eq!(copy, Some(HandbookError::KeyLost));
}

#[test]
fn an_end_that_was_cut_off_is_finished_at_the_next_start_and_one_may_begin_anew() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keystore::new());
    let lan = now(Handbook::open(phone(folder.path(), &keys))).unwrap();
    // The keystore is busy: the files go, and the key is asked for again.
    *keys.erases.lock().unwrap() = false;
    assert_eq!(now(lan.forget()).err(), Some(HandbookError::KeyLocked));
    assert_eq!(left(folder.path()), ["handbook.ending"]);
    assert_eq!(now(Handbook::open(phone(folder.path(), &keys))).err(), Some(HandbookError::KeyLocked));
    *keys.erases.lock().unwrap() = true;
    let anew = now(Handbook::open(phone(folder.path(), &keys))).unwrap();
    assert_eq!(now(anew.status()).unwrap().enrolled, None);
    assert_eq!(*keys.key.lock().unwrap(), Some([9; 32]), "under a key of its own");
    assert_eq!(Handbook::ending(folder.path()), None);
}

#[test]
fn who_forgot_the_pin_forgets_the_handbook_but_not_one_that_is_open() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keystore::new());
    let lan = now(Handbook::open(phone(folder.path(), &keys))).unwrap();
    now(lan.set_pin(None, pin("246813"))).unwrap();
    let forget = || now(Handbook::forget_unopened(&phone(folder.path(), &keys)));
    assert_eq!(forget().err(), Some(HandbookError::InUse));
    assert_eq!(now(lan.set_pin(None, pin("999999"))).err(), Some(HandbookError::PinWanted));
    now(lan.shutdown()).unwrap();
    assert_eq!(now(Handbook::open(phone(folder.path(), &keys))).err(), Some(HandbookError::PinWanted));
    forget().unwrap();
    assert_eq!(left(folder.path()), Vec::<String>::new());
    now(Handbook::open(phone(folder.path(), &keys))).unwrap();
}

#[test]
fn a_handbook_whose_key_is_lost_is_set_aside_and_nothing_of_it_is_deleted() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keystore::new());
    let lan = now(Handbook::open(phone(folder.path(), &keys))).unwrap();
    now(lan.shutdown()).unwrap();
    let before = left(folder.path()).len();
    *keys.key.lock().unwrap() = Some([5; 32]);
    assert_eq!(now(Handbook::open(phone(folder.path(), &keys))).err(), Some(HandbookError::KeyLost));
    assert!(now(Handbook::set_aside(&phone(folder.path(), &keys))).unwrap());
    let [aside] = left(folder.path()).try_into().unwrap();
    assert_eq!(fs::read_dir(folder.path().join(aside)).unwrap().count(), before);
    now(Handbook::open(phone(folder.path(), &keys))).unwrap();
}
