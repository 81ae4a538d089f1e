//! A phone in the history: its device, its way to the server, the run it is in, and its doom.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use sotay_core::{
    release::{self, Release},
    store::Observation,
    upgrade,
};
use sotay_protocol::scope::Scope;
use sotay_server::Listener;

use crate::{
    disk::Loss,
    world::{Device, FilesRun, Network, Run, SetEnv},
};

/// What unwinds when a process dies at a commit. It is no panic: nobody is told of it.
#[derive(Debug)]
pub(super) struct Died(pub(super) Who);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Phone,
    Server,
}

/// Kills a process right after its n-th commit from now; 0 lets it live.
#[derive(Debug, Clone, Default)]
pub(super) struct Doom(Arc<AtomicU64>);

impl Doom {
    pub(super) fn set(&self, commits: u64) {
        self.0.store(commits, Ordering::Relaxed);
    }

    /// Nobody dies during `what`; the doom stands again after it.
    pub(super) fn spare<T>(&self, what: impl FnOnce() -> T) -> T {
        let commits = self.0.swap(0, Ordering::Relaxed);
        let done = what();
        self.set(commits);
        done
    }

    fn commit(&self, who: Who) {
        let left = self.0.load(Ordering::Relaxed);
        if left > 0 {
            self.set(left - 1);
            if left == 1 {
                resume_unwind(Box::new(Died(who)));
            }
        }
    }

    /// For the server, which also says that it has written.
    pub(super) fn of_server(&self, wrote: &Arc<AtomicBool>) -> Listener {
        let (doom, wrote) = (self.clone(), Arc::clone(wrote));
        Arc::new(move |_: &std::collections::BTreeSet<Scope>, _| {
            wrote.store(true, Ordering::Relaxed);
            doom.commit(Who::Server);
        })
    }
}

pub(super) struct Phone {
    pub(super) name: String,
    pub(super) device: Device,
    /// Its clock is its own.
    pub(super) env: Arc<SetEnv>,
    /// An older copy of it, as a backup has it.
    pub(super) backup: Option<Device>,
    pub(super) was_put_back: bool,
    /// Its device was revoked.
    pub(super) is_lost: bool,
    pub(super) network: Network,
    pub(super) run: Option<Run>,
    /// Its files, on their way up or down.
    pub(super) files: Option<FilesRun>,
    pub(super) doom: Doom,
    /// Steps for which its app stays suspended, its store closed.
    pub(super) asleep: Option<usize>,
    /// Its app is of the previous release.
    pub(super) is_old: bool,
    /// Steps for which its disk stays full.
    pub(super) full: Option<usize>,
    /// Its cursors or rows changed since they were looked at.
    changed: Arc<AtomicBool>,
    /// Anything but what the phone knows of itself changed since.
    touched: Arc<AtomicBool>,
    watching: Observation,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phone").field("name", &self.name).finish_non_exhaustive()
    }
}

fn watch(device: &Device, doom: &Doom, changed: &Arc<AtomicBool>, touched: &Arc<AtomicBool>) -> Observation {
    let (doom, changed, touched) = (doom.clone(), Arc::clone(changed), Arc::clone(touched));
    device.store().observe(move |tables| {
        if tables.iter().any(|table| table != "device") {
            touched.store(true, Ordering::Relaxed);
        }
        if tables.iter().any(|table| !["device", "command"].contains(&table.as_str())) {
            changed.store(true, Ordering::Relaxed);
        }
        doom.commit(Who::Phone);
    })
}

impl Phone {
    pub(super) fn new(name: String, device: Device, env: Arc<SetEnv>) -> Self {
        let doom = Doom::default();
        let changed = Arc::new(AtomicBool::new(true));
        let touched = Arc::new(AtomicBool::new(true));
        let watching = watch(&device, &doom, &changed, &touched);
        let network = Network::default();
        Self {
            name,
            device,
            env,
            backup: None,
            was_put_back: false,
            is_lost: false,
            network,
            run: None,
            files: None,
            doom,
            asleep: None,
            is_old: false,
            full: None,
            changed,
            touched,
            watching,
        }
    }

    /// The process is gone, and of its files what `loss` says; it begins anew.
    pub(super) fn die(&mut self, loss: Loss) -> Result<(), String> {
        (self.run, self.files) = (None, None);
        let mut opened = self.device.crash(loss);
        if opened.is_err() && self.full.take().is_some() {
            self.device.disk().limit(None);
            opened = self.device.crash(Loss::Nothing);
        }
        opened.map_err(|error| format!("a store cannot be opened after a crash: {error}"))?;
        self.begin_anew();
        Ok(())
    }

    /// The phone is as its backup has it; false where there is none.
    pub(super) fn put_back(&mut self) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        (self.run, self.files) = (None, None);
        self.asleep = None;
        self.full = None;
        self.device = backup;
        self.was_put_back = true;
        self.begin_anew();
        true
    }

    /// The person begins anew on it, with another store; the old one.
    pub(super) fn begin_on(&mut self, device: Device) -> Device {
        (self.run, self.files) = (None, None);
        self.backup = None;
        self.was_put_back = true;
        self.is_old = false;
        let old = std::mem::replace(&mut self.device, device);
        self.begin_anew();
        old
    }

    pub(super) fn as_released(&self) -> AsReleased {
        AsReleased::of(self.is_old)
    }

    /// The app is updated, and draws out anew what it can read now.
    pub(super) fn update(&mut self) -> Result<(), String> {
        self.is_old = false;
        upgrade::run(self.device.store())
            .map(drop)
            .map_err(|error| format!("an app cannot be updated: {error}"))
    }

    fn begin_anew(&mut self) {
        self.doom.set(0);
        self.watching = watch(&self.device, &self.doom, &self.changed, &self.touched);
        self.changed.store(true, Ordering::Relaxed);
        self.touched.store(true, Ordering::Relaxed);
    }

    /// Whether there is anything new to look at.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }

    /// Whether a frame that has landed brought anything to look at, a command's outcome included.
    pub(super) fn was_touched(&self) -> bool {
        self.has_changed() | self.touched.swap(false, Ordering::Relaxed)
    }
}

/// What the app does until this goes, it does as a phone's release of it.
#[derive(Debug)]
pub(super) struct AsReleased;

impl AsReleased {
    fn of(is_old: bool) -> Self {
        release::pretend(is_old.then_some(Release::V0_1));
        Self
    }
}

impl Drop for AsReleased {
    fn drop(&mut self) {
        release::pretend(None);
    }
}

/// What came of something during which a process may die.
pub(super) enum Ended<T> {
    Well(T),
    Died(Who),
    Panicked(String),
}

pub(super) fn mortal<T>(what: impl FnOnce() -> T) -> Ended<T> {
    match catch_unwind(AssertUnwindSafe(what)) {
        Ok(done) => Ended::Well(done),
        Err(payload) => match payload.downcast::<Died>() {
            Ok(died) => Ended::Died(died.0),
            Err(payload) => Ended::Panicked(words(&*payload)),
        },
    }
}

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
