//! Screens that are observed: the present value at once, then what differs, from the callbacks' thread; and nobody is
//! in the way of anybody.

use std::{
    sync::{
        Condvar, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use super::{commune, *};
use crate::{
    Home, HomeObserver, Status, StatusObserver, ThreadObserver, ThreadRow, ThreadScreen, ThreadsObserver,
    Watching, kinds::MainAction,
};

/// What a screen heard, in its order, and on which threads.
struct Seen<T> {
    all: Mutex<Vec<T>>,
    more: Condvar,
    threads: Mutex<Vec<String>>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { all: Mutex::default(), more: Condvar::new(), threads: Mutex::default() }
    }
}

impl<T: Clone + std::fmt::Debug> Seen<T> {
    fn hears(&self, value: T) -> Result<(), ListenerError> {
        self.threads.lock().unwrap().push(std::thread::current().name().unwrap_or_default().to_owned());
        self.all.lock().unwrap().push(value);
        self.more.notify_all();
        Ok(())
    }

    /// Waits until one is such.
    fn until(&self, such: impl Fn(&T) -> bool) -> T {
        let all = self.all.lock().unwrap();
        let waited = self.more.wait_timeout_while(all, Duration::from_secs(30), |all| !all.iter().any(&such));
        let (all, late) = waited.unwrap();
        assert!(!late.timed_out(), "{all:?}");
        all.iter().find(|value| such(value)).unwrap().clone()
    }

    fn count(&self) -> usize {
        self.all.lock().unwrap().len()
    }
}

impl HomeObserver for Seen<Home> {
    fn changed(&self, home: Home) -> Result<(), ListenerError> {
        self.hears(home)
    }
}

impl ThreadsObserver for Seen<Vec<ThreadRow>> {
    fn changed(&self, threads: Vec<ThreadRow>) -> Result<(), ListenerError> {
        self.hears(threads)
    }
}

impl ThreadObserver for Seen<ThreadScreen> {
    fn changed(&self, thread: ThreadScreen) -> Result<(), ListenerError> {
        self.hears(thread)
    }
}

fn enrolled(folder: &Path) -> Handbook {
    let lan = open(folder, Ok(vec![7; 32])).unwrap();
    let birth = Day("1985-02-03".parse().unwrap());
    wait(lan.enrol(commune::open(), "ABCD-EFGH-JKMN".into(), birth, "Máy của Lan".into())).unwrap();
    wait(lan.sync(None).unwrap().end()).unwrap();
    lan
}

#[test]
fn what_lan_writes_stands_on_every_screen_that_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let lan = enrolled(folder.path());
    let (home, list) = (Arc::new(Seen::<Home>::default()), Arc::new(Seen::<Vec<ThreadRow>>::default()));
    let watching = [lan.observe_home(home.clone()).unwrap(), lan.feedback().observe(list.clone()).unwrap()];
    assert_eq!(home.until(|_| true).main, MainAction::CheckIn);
    assert!(list.until(|_| true).is_empty(), "the present value at once, empty as it is");

    let id = wait(lan.feedback().submit(None, "Đường thôn".into(), "Lở sau mưa.".into())).unwrap();
    assert_eq!(home.until(|home| home.waiting.is_some()).waiting.as_deref(), Some("1 việc chờ gửi"));
    let row = list.until(|rows| !rows.is_empty()).remove(0);
    assert_eq!((row.line.id, row.state.as_str()), (id, "đã ghi"));
    let thread = Arc::new(Seen::<ThreadScreen>::default());
    let one = lan.feedback().observe_thread(id, thread.clone()).unwrap();
    assert_eq!(thread.until(|_| true).turns.len(), 1);
    wait(lan.feedback().reply(id, "Hôm nay lở thêm.".into(), vec![])).unwrap();
    assert_eq!(thread.until(|thread| thread.turns.len() == 2).turns[1].who, "Tôi");

    one.cancel();
    watching.iter().for_each(|watching| watching.cancel());
    let heard = (home.count(), list.count(), thread.count());
    wait(lan.feedback().submit(None, "Nước sạch".into(), "Giếng cạn.".into())).unwrap();
    settled(&lan);
    assert_eq!((home.count(), list.count(), thread.count()), heard, "nothing after cancel");
    assert!(home.threads.lock().unwrap().iter().all(|name| name == "sotay-callbacks"));
}

/// Everything that was queued for observers before has been told by then.
fn settled(lan: &Handbook) {
    let last = Arc::new(Seen::<Home>::default());
    let watching = lan.observe_home(last.clone()).unwrap();
    last.until(|_| true);
    watching.cancel();
}

/// Asks the handbook again from within the callback, and ends its own observation, or throws.
#[derive(Default)]
struct Asking {
    of: OnceLock<Arc<Handbook>>,
    own: OnceLock<Arc<Watching>>,
    calls: AtomicU32,
    throws: bool,
}

impl StatusObserver for Asking {
    fn changed(&self, _: Status) -> Result<(), ListenerError> {
        assert!(wait(self.of.wait().status()).is_ok());
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.throws {
            return Err(ListenerError::Failed { reason: "màn hình đã đóng".into() });
        }
        self.own.wait().cancel();
        Ok(())
    }
}

#[test]
fn an_observer_may_ask_back_end_itself_or_throw() {
    let folder = tempfile::tempdir().unwrap();
    let lan = Arc::new(open(folder.path(), Ok(vec![7; 32])).unwrap());
    let (asking, faulty) =
        (Arc::new(Asking::default()), Arc::new(Asking { throws: true, ..Asking::default() }));
    for of in [&asking, &faulty] {
        assert!(of.of.set(Arc::clone(&lan)).is_ok());
        assert!(of.own.set(lan.observe_status(Arc::clone(of) as _).unwrap()).is_ok());
    }
    let birth = Day("1985-02-03".parse().unwrap());
    wait(lan.enrol(commune::open(), "ABCD-EFGH-JKMN".into(), birth, "Máy của Lan".into())).unwrap();
    settled(&lan);
    for of in [&asking, &faulty] {
        assert_eq!(of.calls.load(Ordering::SeqCst), 1, "it was over after the first");
    }
}
