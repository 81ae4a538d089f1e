//! A disk in memory that loses things: each simulated machine has one, with its files, and crashes, dies in mid-write
//! and fills up when a test says so.
//!
//! SQLite reaches it through one VFS for all disks of the process ([`VFS`]); a path names the disk and the file
//! ([`Disk::path`]). A write is on the platter only after a sync, as with real disks; so is a file's name. What of the
//! unsynced writes survives a loss of power is said by [`Loss`]. Written after SQLite's own `test6.c` (crash-test VFS) and
//! its page on atomic commit: sectors are written in any order, each from one end to the other. Bytes beside those
//! written stay as they were, which is what SQLite assumes of a phone too (its "powersafe overwrite").
//!
//! Nothing here depends on time, addresses or the order of a hash: the same calls have the same effects.

mod file;
mod locks;
mod machine;
mod memory;
#[cfg(test)]
mod tests;
mod vfs;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use self::{file::File, machine::Machine};

/// The name by which SQLite knows all disks.
pub const VFS: &str = "sotay-disk";

static MADE: AtomicU64 = AtomicU64::new(0);
static DISKS: Mutex<BTreeMap<u64, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// SQLite counts its memory under one lock, for which histories played side by side would wait. A program that plays
/// them calls this before anything of it uses SQLite.
pub fn count_no_memory() {
    vfs::count_no_memory();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(number: u64) -> Option<Arc<Shared>> {
    lock(&DISKS).get(&number).and_then(Weak::upgrade)
}

/// What a disk does that can be its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Write,
    Sync,
    Truncate,
    Delete,
}

/// The process dies at an operation of its disk: from then on each one fails, and [`Disk::is_dead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doom {
    /// 1 is the next one.
    pub nth: u32,
    /// Only operations of this kind count; any kind, if none is named.
    pub at: Option<Act>,
    /// Whether the last one still takes effect, though nobody hears of it.
    pub takes_effect: bool,
}

/// What a crash takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The process alone is gone: what it wrote is still to be read, though not safer than before.
    Nothing,
    /// The power is gone: everything not synced is as it was.
    Unsynced,
    /// The power is gone, and some of what was not synced had been written, in any order: by this seed.
    Torn(u64),
}

/// What was asked of a disk since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub writes: u64,
    pub syncs: u64,
    pub truncates: u64,
    pub deletes: u64,
    /// Bytes written.
    pub bytes: u64,
}

impl Counts {
    fn count(&mut self, act: Act) {
        *match act {
            Act::Write => &mut self.writes,
            Act::Sync => &mut self.syncs,
            Act::Truncate => &mut self.truncates,
            Act::Delete => &mut self.deletes,
        } += 1;
    }

    /// Everything that a [`Doom`] can count.
    #[must_use]
    pub fn acts(&self) -> u64 {
        self.writes + self.syncs + self.truncates + self.deletes
    }
}

#[derive(Debug)]
struct Shared {
    number: u64,
    machine: Mutex<Machine>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        lock(&DISKS).remove(&self.number);
    }
}

/// Cheap to clone; all clones are one disk. It ends with the last of them, and with the last connection to it.
#[derive(Debug, Clone)]
pub struct Disk {
    shared: Arc<Shared>,
}

/// The files of a disk at one moment; cheap to keep and to make disks of.
#[derive(Debug, Clone)]
pub struct Image {
    files: Arc<BTreeMap<String, File>>,
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl Disk {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Machine::default())
    }

    /// A machine of its own with these files, all of them safe.
    #[must_use]
    pub fn from_image(image: &Image) -> Self {
        Self::with(Machine::with_files(&image.files))
    }

    fn with(machine: Machine) -> Self {
        vfs::register();
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::new(Shared { number, machine: Mutex::new(machine) });
        lock(&DISKS).insert(number, Arc::downgrade(&shared));
        Self { shared }
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        lock(&self.shared.machine)
    }

    /// What to open for a file of this disk.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/d{}/{name}", self.shared.number))
    }

    /// The files as they are written now, as if they were copied with nothing running.
    #[must_use]
    pub fn image(&self) -> Image {
        Image { files: Arc::new(self.machine().files()) }
    }

    /// Whatever has a file open is dead, and the shared memory gone; what is opened from now on finds what survived. Lifts
    /// a doom that struck, or was still to strike.
    pub fn crash(&self, loss: Loss) {
        self.machine().crash(loss);
    }

    /// Ordains a death, in the place of one ordained before, which is answered; `None` lifts it.
    pub fn doom(&self, doom: Option<Doom>) -> Option<Doom> {
        self.machine().doom(doom)
    }

    /// A doom has struck: no operation works until [`Disk::crash`] was called.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.machine().is_dead()
    }

    /// From now on files can grow by so many bytes, all in all; `None` is room without end. What is deleted or cut makes
    /// room again.
    pub fn limit(&self, room: Option<u64>) {
        self.machine().limit(room);
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        self.machine().counts
    }

    /// The files' bytes as they are written now, for who looks what can be found in them.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let read = |file: File| {
            let mut bytes = vec![0; usize::try_from(file.len()).unwrap_or(0)];
            file.read(0, &mut bytes);
            bytes
        };
        self.machine().files().into_iter().map(|(name, file)| (name, read(file))).collect()
    }

    /// Names and sizes of the files as they are written now.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, u64> {
        self.machine().files().into_iter().map(|(name, file)| (name, file.len())).collect()
    }
}
