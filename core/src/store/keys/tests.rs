use std::sync::Mutex;

use sotay_protocol::env::SystemEnv;

use super::*;
use crate::store::Store;

/// A platform's keystore that can be cut off before or after it does what it is told.
#[derive(Debug)]
struct Platform {
    key: Mutex<Option<[u8; 32]>>,
    cut: Mutex<Option<Cut>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Before,
    After,
}

impl Platform {
    fn new() -> Arc<Self> {
        Arc::new(Self { key: Mutex::new(Some([7; 32])), cut: Mutex::new(None) })
    }

    fn cut(&self, cut: Option<Cut>) {
        *self.cut.lock().unwrap() = cut;
    }
}

impl KeyProvider for Platform {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        self.key.lock().unwrap().map(StoreKey::new).ok_or(KeyUnavailable::Lost)
    }
    fn replace(&self, key: &StoreKey) -> Result<(), KeyUnavailable> {
        let cut = *self.cut.lock().unwrap();
        if cut != Some(Cut::Before) {
            *self.key.lock().unwrap() = Some(*key.bytes());
        }
        if cut.is_some() { Err(KeyUnavailable::Temporary) } else { Ok(()) }
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        *self.key.lock().unwrap() = None;
        Ok(())
    }
}

fn opens(platform: &Arc<Platform>, folder: &Path, pin: Option<&str>) -> Result<(), String> {
    let keys = Keys::new(Arc::clone(platform) as _, folder);
    if let Some(pin) = pin {
        keys.unlock(pin).map_err(|error| error.to_string())?;
    }
    let key = keys.key().map_err(|error| error.to_string())?;
    Store::open(folder, &key).map(drop).map_err(|error| error.to_string())
}

#[test]
fn lan_sets_a_pin_and_then_neither_the_phone_nor_the_pin_alone_opens_her_handbook() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::new();
    let before = platform.key().unwrap();
    opens(&platform, folder.path(), None).unwrap();
    let keys = Keys::new(Arc::clone(&platform) as _, folder.path());
    keys.set_pin("246813", &SystemEnv).unwrap();
    assert_eq!(opens(&platform, folder.path(), None), Err("the PIN is wanted".into()));
    assert_eq!(opens(&platform, folder.path(), Some("246814")), Err("a wrong PIN".into()));
    assert_eq!(opens(&platform, folder.path(), Some("246813")), Ok(()));
    // Another phone with the same files: the PIN alone does not help.
    let other = Platform::new();
    *other.key.lock().unwrap() = Some([8; 32]);
    assert!(opens(&other, folder.path(), Some("246813")).is_err());
    assert_ne!(platform.key().unwrap().bytes(), before.bytes(), "what opened it before was given up");
    // What the platform gives out is no key of the store's.
    let alone = Store::open(folder.path(), &platform.key().unwrap());
    assert!(alone.is_err());
    keys.set_pin("mật khẩu mới", &SystemEnv).unwrap();
    assert_eq!(opens(&platform, folder.path(), Some("246813")), Err("a wrong PIN".into()));
    assert_eq!(opens(&platform, folder.path(), Some("mật khẩu mới")), Ok(()));
    keys.remove_pin().unwrap();
    assert_eq!(opens(&platform, folder.path(), None), Ok(()));
    assert!(matches!(keys.unlock("246813"), Err(PinError::NotSet)));
    assert!(matches!(keys.set_pin("12345", &SystemEnv), Err(PinError::Length)));
}

#[test]
fn a_power_cut_while_the_pin_changes_leaves_the_old_one_or_the_new_one() {
    for cut in [Cut::Before, Cut::After] {
        let folder = tempfile::tempdir().unwrap();
        let platform = Platform::new();
        opens(&platform, folder.path(), None).unwrap();
        let cut_off = |what: &dyn Fn(&Keys)| {
            let keys = Keys::new(Arc::clone(&platform) as _, folder.path());
            if keys.wants_pin() {
                keys.unlock("111111").unwrap();
            }
            platform.cut(Some(cut));
            what(&keys);
            platform.cut(None);
        };
        let (new, old) = (cut == Cut::After, cut == Cut::Before);
        cut_off(&|keys| assert!(keys.set_pin("111111", &SystemEnv).is_err()));
        assert_eq!(opens(&platform, folder.path(), None).is_ok(), old, "{cut:?}");
        Keys::new(Arc::clone(&platform) as _, folder.path()).unlock("111111").map_or_else(
            |_| Keys::new(Arc::clone(&platform) as _, folder.path()).set_pin("111111", &SystemEnv).unwrap(),
            |()| assert!(new),
        );
        cut_off(&|keys| assert!(keys.set_pin("222222", &SystemEnv).is_err()));
        assert_eq!(opens(&platform, folder.path(), Some("222222")).is_ok(), new, "{cut:?}");
        assert_eq!(opens(&platform, folder.path(), Some("111111")).is_ok(), old, "{cut:?}");
        let keys = Keys::new(Arc::clone(&platform) as _, folder.path());
        keys.unlock(if new { "222222" } else { "111111" }).unwrap();
        platform.cut(Some(cut));
        assert!(keys.remove_pin().is_err());
        platform.cut(None);
        assert_eq!(opens(&platform, folder.path(), None).is_ok(), new, "{cut:?}");
    }
}

#[test]
fn a_wrong_pin_empties_nothing_however_often_and_costs_waiting_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::new();
    opens(&platform, folder.path(), None).unwrap();
    Keys::new(Arc::clone(&platform) as _, folder.path()).set_pin("135790", &SystemEnv).unwrap();
    let mut waits = Vec::new();
    for _ in 0..6 {
        let keys = Keys::new(Arc::clone(&platform) as _, folder.path());
        match keys.unlock("000000") {
            Err(PinError::Wrong { wait }) => waits.push(wait.as_secs()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, [0, 0, 0, 30, 60, 300]);
    assert_eq!(Keys::new(Arc::clone(&platform) as _, folder.path()).owed().as_secs(), 300);
    assert_eq!(opens(&platform, folder.path(), Some("135790")), Ok(()));
    assert_eq!(Keys::new(platform as _, folder.path()).owed().as_secs(), 0);
}

#[test]
fn a_keystore_that_lost_its_key_is_told_from_a_wrong_pin() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::new();
    opens(&platform, folder.path(), None).unwrap();
    Keys::new(Arc::clone(&platform) as _, folder.path()).set_pin("135790", &SystemEnv).unwrap();
    *platform.key.lock().unwrap() = Some([9; 32]);
    let lost = Err("the key of this store is lost".to_owned());
    assert_eq!(opens(&platform, folder.path(), None), lost);
    assert_eq!(opens(&platform, folder.path(), Some("135790")), lost);
    assert!(Keys::new(platform as _, folder.path()).owed().is_zero(), "that was no try");
}
