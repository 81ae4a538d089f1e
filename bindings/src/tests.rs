//! How an app is called back: by whom, in which order, and what becomes of those who throw.

mod commune;
mod screens;
mod threads;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use crate::{
    Day, Handbook, HandbookError, KeyStore, KeyUnavailable, ListenerError, Observer, SyncActivity,
    SyncListener, SyncObserver, SyncProgress, SyncStatus,
    kinds::{NetworkKind, WaitReason},
};
use sotay_core::words::Lang;

struct Keychain(Result<Vec<u8>, KeyUnavailable>);

impl KeyStore for Keychain {
    fn key(&self) -> Result<Vec<u8>, KeyUnavailable> {
        self.0.clone()
    }
    fn replace(&self, _: Vec<u8>) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn open(folder: &Path, key: Result<Vec<u8>, KeyUnavailable>) -> Result<Handbook, HandbookError> {
    wait(Handbook::open(folder.to_str().unwrap().to_owned(), Arc::new(Keychain(key)), Lang::Vi))
}

/// Begins an enrolment with nobody at the other end: one change of the store.
fn begin_enrolment(handbook: &Handbook) -> Result<crate::Status, HandbookError> {
    let birth = Day("1985-02-03".parse().unwrap());
    let nowhere = "http://127.0.0.1:1".to_owned();
    wait(handbook.enrol(nowhere, "ABCD-EFGH-JKMN".into(), birth, "Máy của Lan".into()))
}

#[derive(Default)]
struct Heard(Mutex<Vec<(Vec<String>, String)>>);

impl Observer for Heard {
    fn changed(&self, tables: Vec<String>) -> Result<(), ListenerError> {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push((tables, thread));
        Ok(())
    }
}

/// Each time it is called it counts, and throws.
#[derive(Default)]
struct Faulty(Mutex<u32>);

impl Observer for Faulty {
    fn changed(&self, _: Vec<String>) -> Result<(), ListenerError> {
        *self.0.lock().unwrap() += 1;
        Err(uniffi::UnexpectedUniFFICallbackError::new("the screen is gone").into())
    }
}

/// Queued behind everything before it, on the callbacks' own thread.
fn settle(handbook: &Handbook) {
    let (tell, told) = std::sync::mpsc::channel();
    struct Last(Mutex<std::sync::mpsc::Sender<()>>);
    impl Observer for Last {
        fn changed(&self, _: Vec<String>) -> Result<(), ListenerError> {
            let _ = self.0.lock().unwrap().send(());
            Ok(())
        }
    }
    let last = handbook.observe(Arc::new(Last(Mutex::new(tell)))).unwrap();
    assert_eq!(begin_enrolment(handbook), Err(HandbookError::Offline));
    told.recv().unwrap();
    last.cancel();
}

#[test]
fn an_observer_that_throws_is_detached_and_the_others_hear_on() {
    let folder = tempfile::tempdir().unwrap();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    let (heard, faulty) = (Arc::new(Heard::default()), Arc::new(Faulty::default()));
    let _screen = lan.observe(heard.clone()).unwrap();
    let _gone = lan.observe(faulty.clone()).unwrap();
    settle(&lan);
    settle(&lan);
    assert_eq!(*faulty.0.lock().unwrap(), 1);
    let heard = heard.0.lock().unwrap();
    let one = (vec!["enrolling".to_owned()], "sotay-callbacks".to_owned());
    assert_eq!(*heard, vec![one.clone(), one]);
}

#[test]
fn nothing_is_heard_after_cancel() {
    let folder = tempfile::tempdir().unwrap();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    let heard = Arc::new(Heard::default());
    let screen = lan.observe(heard.clone()).unwrap();
    screen.cancel();
    settle(&lan);
    assert!(heard.0.lock().unwrap().is_empty());
}

#[test]
fn a_key_that_may_come_back_is_told_from_a_lost_one() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), Ok(vec![7; 32])).unwrap();
    let told = |key| open(folder.path(), key).map(drop);
    assert_eq!(told(Err(KeyUnavailable::Temporary)), Err(HandbookError::KeyLocked));
    let threw = uniffi::UnexpectedUniFFICallbackError::new("the keystore is busy");
    assert_eq!(told(Err(threw.into())), Err(HandbookError::KeyLocked));
    assert_eq!(told(Err(KeyUnavailable::Lost)), Err(HandbookError::KeyLost));
    assert_eq!(told(Ok(vec![8; 32])), Err(HandbookError::KeyLost));
    assert_eq!(told(Ok(vec![7; 31])), Err(HandbookError::KeyLost));
    assert_eq!(told(Ok(vec![7; 32])), Ok(()));
}

#[test]
fn a_sync_ends_with_its_reason_as_often_as_it_is_asked() {
    struct Deaf;
    impl SyncListener for Deaf {
        fn progress(&self, _: SyncProgress) -> Result<(), ListenerError> {
            Err(ListenerError::Failed { reason: "the screen is gone".into() })
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    let run = lan.sync(Some(Arc::new(Deaf))).unwrap();
    assert_eq!(wait(run.end()), Err(HandbookError::NotEnrolled));
    run.cancel();
    assert_eq!(wait(run.end()), Err(HandbookError::NotEnrolled));
}

/// Gives up what it is asked to.
struct Willing;

impl KeyStore for Willing {
    fn key(&self) -> Result<Vec<u8>, KeyUnavailable> {
        Ok(vec![7; 32])
    }
    fn replace(&self, _: Vec<u8>) -> Result<(), KeyUnavailable> {
        Ok(())
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        Ok(())
    }
}

#[test]
fn one_begins_anew_where_the_key_is_lost_or_the_pin_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let at = || folder.path().to_str().unwrap().to_owned();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    assert_eq!(wait(lan.my_data()), Err(HandbookError::NotEnrolled));
    let out = folder.path().join("ho-so").to_str().unwrap().to_owned();
    assert_eq!(wait(lan.export_my_data(out)), Err(HandbookError::NotEnrolled));
    assert_eq!(wait(crate::forget_unopened(at(), Arc::new(Willing))), Err(HandbookError::InUse));
    wait(lan.shutdown()).unwrap();
    assert_eq!(open(folder.path(), Ok(vec![8; 32])).map(drop), Err(HandbookError::KeyLost));
    assert_eq!(wait(crate::set_aside(at(), Arc::new(Willing))), Ok(true));
    wait(open(folder.path(), Ok(vec![8; 32])).unwrap().shutdown()).unwrap();
    assert_eq!(wait(crate::forget_unopened(at(), Arc::new(Willing))), Ok(()));
    assert!(!folder.path().join("handbook.db").exists());
}

/// What a screen heard of sync, and that somebody waits for the next.
#[derive(Default)]
struct Told {
    heard: Mutex<Vec<SyncActivity>>,
    more: std::sync::Condvar,
    throws: bool,
}

impl SyncObserver for Told {
    fn changed(&self, status: SyncStatus) -> Result<(), ListenerError> {
        self.heard.lock().unwrap().push(status.activity);
        self.more.notify_all();
        if self.throws { Err(ListenerError::Failed { reason: "the screen is gone".into() }) } else { Ok(()) }
    }
}

impl Told {
    fn after(&self, count: usize) -> Vec<SyncActivity> {
        let heard = self.heard.lock().unwrap();
        let (heard, late) = self
            .more
            .wait_timeout_while(heard, std::time::Duration::from_secs(30), |heard| heard.len() < count)
            .unwrap();
        assert!(!late.timed_out(), "{heard:?}");
        heard.clone()
    }
}

#[test]
fn how_sync_stands_is_told_at_once_and_then_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    let waits = |reason| SyncActivity::Waiting { reason, until: None };
    let faulty = Arc::new(Told { throws: true, ..Told::default() });
    let (screen, gone) = (Arc::new(Told::default()), lan.observe_sync(faulty.clone()).unwrap());
    let watching = lan.observe_sync(screen.clone()).unwrap();
    assert_eq!(screen.after(1), [waits(WaitReason::NotEnrolled)]);
    wait(lan.pause()).unwrap();
    assert_eq!(screen.after(2)[1], waits(WaitReason::Paused));
    assert_eq!(wait(lan.sync_status()).unwrap().activity, waits(WaitReason::Paused));
    wait(lan.resume()).unwrap();
    assert_eq!(screen.after(3)[2], waits(WaitReason::NotEnrolled));
    let status = wait(lan.sync_status()).unwrap();
    assert_eq!((status.sentence.as_str(), status.all_sent), ("Máy này chưa ghi danh", true));
    assert_eq!(faulty.after(1).len(), 1, "one that threw hears no more");
    watching.cancel();
    gone.cancel();
}

#[test]
fn one_keeps_the_handbook_live_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let lan = open(folder.path(), Ok(vec![7; 32])).unwrap();
    let live = lan.keep_live().unwrap();
    live.network(NetworkKind::Metered);
    // The first has begun once it says how sync stands.
    let screen = Arc::new(Told::default());
    let _watching = lan.observe_sync(screen.clone()).unwrap();
    screen.after(1);
    assert_eq!(wait(lan.keep_live().unwrap().end()), Err(HandbookError::SyncRunning));
    live.sync_now();
    live.cancel();
    assert_eq!(wait(live.end()), Ok(()));
    assert_eq!(wait(live.end()), Ok(()));
    assert!(wait(lan.attention().list()).unwrap().is_empty());
    assert_eq!(wait(lan.attention().conflict(1)), Err(HandbookError::NotFound));
}

/// An app may also end without letting go of anything: its store is closed all the same. SQLCipher frees its keys'
/// memory at the end of the process. Each end is a process of its own: this test again,
/// told the folder, and in no hurry to be gone once that memory is.
#[test]
fn an_app_may_end_right_after_it_let_go_of_its_handbook() {
    extern "C" fn linger() {
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    const FOLDER: &str = "SOTAY_TEST_OF_ENDING";
    const KEEPS: &str = "SOTAY_TEST_OF_ENDING_KEEPS";
    if let Some(folder) = std::env::var_os(FOLDER) {
        // Asked for first, called last.
        assert_eq!(crate::ending::atexit(linger), 0);
        assert!(open(Path::new(&folder), Err(KeyUnavailable::Temporary)).is_err());
        let lan = open(Path::new(&folder), Ok(vec![7; 32])).unwrap();
        drop(lan.sync(None).unwrap());
        if std::env::var_os(KEEPS).is_none() {
            drop(lan);
        } else {
            // A virtual machine ends without collecting what it holds, and here somebody even observes.
            std::mem::forget((lan.observe(Arc::new(Faulty::default())).unwrap(), lan));
        }
        std::process::exit(0);
    }
    let folder = tempfile::tempdir().unwrap();
    for run in 1..=8 {
        let mut app = std::process::Command::new(std::env::current_exe().unwrap());
        app.args(["--exact", "tests::an_app_may_end_right_after_it_let_go_of_its_handbook"]);
        if run % 2 == 0 {
            app.env(KEEPS, "1");
        }
        let ended = app.env(FOLDER, folder.path()).output().unwrap();
        assert!(ended.status.success(), "run {run}: {ended:?}");
        assert!(!folder.path().join("handbook.db-wal").exists(), "run {run}: the store was not closed");
    }
}
