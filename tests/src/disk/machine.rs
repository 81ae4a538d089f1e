//! What a disk is made of: files, their names, what of both would survive, and what has been ordained to fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{
    Act, Counts, Doom, Loss,
    file::File,
    locks::{Busy, Level, Locks, SlotLocks, Slots},
    memory::Region,
};

/// Why an operation did not do what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The machine is dead, or the process that opened this is.
    Dead,
    Full,
    Missing,
    Exists,
    Busy,
}

impl From<Busy> for Failure {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

type Done<T = ()> = Result<T, Failure>;

/// Files are known by number: a deleted one lives on while it is open.
pub(super) type Number = u64;

#[derive(Debug, Default)]
struct Node {
    file: File,
    handles: u32,
    locks: Locks,
    slots: SlotLocks,
    regions: Vec<Arc<Region>>,
    /// Handles that use the shared memory.
    mapped: u32,
}

#[derive(Debug, Default)]
pub(super) struct Machine {
    nodes: BTreeMap<Number, Node>,
    names: BTreeMap<String, Number>,
    /// The folder as it would be after a loss of power.
    synced_names: BTreeMap<String, Number>,
    made: Number,
    /// Goes up with each crash; handles of an earlier life are dead.
    life: u32,
    dead: bool,
    doom: Option<Doom>,
    room: Option<u64>,
    pub(super) counts: Counts,
}

/// One opening of one file.
#[derive(Debug)]
pub(super) struct Handle {
    life: u32,
    number: Number,
    name: String,
    delete_on_close: bool,
    /// Its first sync is one of the folder too.
    folder_unsynced: bool,
    level: Level,
    slots: Slots,
    /// Kept for as long as SQLite may look at them, beyond a crash too.
    regions: Vec<Arc<Region>>,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) create: bool,
    pub(super) exclusive: bool,
    pub(super) delete_on_close: bool,
}

impl Machine {
    pub(super) fn with_files(files: &BTreeMap<String, File>) -> Self {
        let mut machine = Self::default();
        for (name, file) in files {
            let number = machine.make(file.settled());
            machine.names.insert(name.clone(), number);
        }
        machine.synced_names = machine.names.clone();
        machine
    }

    pub(super) fn files(&self) -> BTreeMap<String, File> {
        let file = |(name, number): (&String, &Number)| {
            self.nodes.get(number).map(|node| (name.clone(), node.file.settled()))
        };
        self.names.iter().filter_map(file).collect()
    }

    fn make(&mut self, file: File) -> Number {
        self.made += 1;
        self.nodes.insert(self.made, Node { file, ..Node::default() });
        self.made
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    pub(super) fn doom(&mut self, doom: Option<Doom>) -> Option<Doom> {
        std::mem::replace(&mut self.doom, doom)
    }

    pub(super) fn limit(&mut self, room: Option<u64>) {
        self.room = room;
    }

    /// Nothing that was opened before works any more.
    pub(super) fn crash(&mut self, loss: Loss) {
        match loss {
            Loss::Nothing => {}
            Loss::Unsynced => {
                self.names = self.synced_names.clone();
                self.nodes.values_mut().for_each(|node| node.file.lose());
            }
            Loss::Torn(seed) => self.tear(&mut ChaCha8Rng::seed_from_u64(seed)),
        }
        self.life += 1;
        self.dead = false;
        self.doom = None;
        for node in self.nodes.values_mut() {
            *node = Node { file: std::mem::take(&mut node.file), ..Node::default() };
        }
        self.forget_nameless();
    }

    fn tear(&mut self, chance: &mut ChaCha8Rng) {
        let names: BTreeSet<String> = self.names.keys().chain(self.synced_names.keys()).cloned().collect();
        for name in names {
            let either = if chance.next_u32().is_multiple_of(2) { &self.names } else { &self.synced_names };
            match either.get(&name).copied() {
                Some(number) => self.names.insert(name, number),
                None => self.names.remove(&name),
            };
        }
        self.synced_names = self.names.clone();
        self.nodes.values_mut().for_each(|node| node.file.tear(chance));
    }

    fn forget_nameless(&mut self) {
        let named: BTreeSet<Number> =
            self.names.values().chain(self.synced_names.values()).copied().collect();
        self.nodes.retain(|number, node| node.handles > 0 || named.contains(number));
    }

    /// Whether it is to take effect; after that, whether its caller may hear so.
    fn act(&mut self, act: Act) -> Done<Fate> {
        if self.dead {
            return Err(Failure::Dead);
        }
        self.counts.count(act);
        let Some(doom) = self.doom.as_mut().filter(|doom| doom.at.is_none_or(|at| at == act)) else {
            return Ok(Fate::Lives);
        };
        doom.nth = doom.nth.saturating_sub(1);
        if doom.nth > 0 {
            return Ok(Fate::Lives);
        }
        self.dead = true;
        let takes_effect = doom.takes_effect;
        self.doom = None;
        if takes_effect { Ok(Fate::DiesAfter) } else { Err(Failure::Dead) }
    }

    fn alive(&self, handle: &Handle) -> Done {
        if self.dead || handle.life != self.life { Err(Failure::Dead) } else { Ok(()) }
    }

    fn node(&mut self, handle: &Handle) -> Done<&mut Node> {
        self.alive(handle)?;
        self.nodes.get_mut(&handle.number).ok_or(Failure::Dead)
    }

    pub(super) fn open(&mut self, name: &str, how: Opening) -> Done<Handle> {
        if self.dead {
            return Err(Failure::Dead);
        }
        let known = self.names.get(name).copied();
        let number = match known {
            Some(_) if how.create && how.exclusive => return Err(Failure::Exists),
            Some(number) => number,
            None if !how.create => return Err(Failure::Missing),
            None => self.make(File::default()),
        };
        self.names.insert(name.to_owned(), number);
        if let Some(node) = self.nodes.get_mut(&number) {
            node.handles += 1;
        }
        Ok(Handle {
            life: self.life,
            number,
            name: name.to_owned(),
            delete_on_close: how.delete_on_close,
            folder_unsynced: how.create,
            level: Level::None,
            slots: Slots::default(),
            regions: Vec::new(),
        })
    }

    pub(super) fn close(&mut self, handle: &mut Handle) {
        if handle.life != self.life {
            return;
        }
        self.unmap(handle, false);
        if let Some(node) = self.nodes.get_mut(&handle.number) {
            node.locks.unlock(&mut handle.level, Level::None);
            node.handles = node.handles.saturating_sub(1);
        }
        if handle.delete_on_close {
            self.names.remove(&handle.name);
        }
        let still_there = self.nodes.get(&handle.number).is_some_and(|node| node.handles > 0);
        let is_named = self.names.get(&handle.name) == Some(&handle.number);
        if !still_there && !is_named {
            self.forget_nameless();
        }
    }

    pub(super) fn read(&mut self, handle: &Handle, at: u64, into: &mut [u8]) -> Done<usize> {
        Ok(self.node(handle)?.file.read(at, into))
    }

    pub(super) fn write(&mut self, handle: &Handle, at: u64, bytes: &[u8]) -> Done {
        self.alive(handle)?;
        let fate = self.act(Act::Write)?;
        let room = self.room;
        let node = self.nodes.get_mut(&handle.number).ok_or(Failure::Dead)?;
        let before = node.file.len();
        let grows = (at + bytes.len() as u64).saturating_sub(before);
        let fits = room.is_none_or(|room| grows <= room);
        let most = if fits { u64::MAX } else { (before + room.unwrap_or(0)).saturating_sub(at) };
        let some = bytes.get(..usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len())).unwrap_or(bytes);
        if !some.is_empty() {
            node.file.write(at, some);
        }
        let grew = node.file.len() - before;
        self.counts.bytes += some.len() as u64;
        self.room = room.map(|room| room.saturating_sub(grew));
        fate.heard()?;
        if fits { Ok(()) } else { Err(Failure::Full) }
    }

    pub(super) fn truncate(&mut self, handle: &Handle, len: u64) -> Done {
        self.alive(handle)?;
        let fate = self.act(Act::Truncate)?;
        let node = self.nodes.get_mut(&handle.number).ok_or(Failure::Dead)?;
        let given_back = node.file.len().saturating_sub(len);
        node.file.truncate(len);
        self.room = self.room.map(|room| room + given_back);
        fate.heard()
    }

    /// As a phone's own VFS does it: where the file may be new, its folder is synced with it.
    pub(super) fn sync(&mut self, handle: &mut Handle) -> Done {
        self.alive(handle)?;
        let fate = self.act(Act::Sync)?;
        self.nodes.get_mut(&handle.number).ok_or(Failure::Dead)?.file.sync();
        if std::mem::take(&mut handle.folder_unsynced) && self.synced_names != self.names {
            self.synced_names = self.names.clone();
            self.forget_nameless();
        }
        fate.heard()
    }

    pub(super) fn size(&mut self, handle: &Handle) -> Done<u64> {
        Ok(self.node(handle)?.file.len())
    }

    pub(super) fn delete(&mut self, name: &str, synced: bool) -> Done {
        if self.dead {
            return Err(Failure::Dead);
        }
        let number = self.names.get(name).copied().ok_or(Failure::Missing)?;
        let fate = self.act(Act::Delete)?;
        self.names.remove(name);
        let given_back = self.nodes.get(&number).map_or(0, |node| node.file.len());
        self.room = self.room.map(|room| room + given_back);
        if synced {
            self.synced_names.remove(name);
        }
        self.forget_nameless();
        fate.heard()
    }

    /// A file of no bytes is none to SQLite.
    pub(super) fn has(&self, name: &str, may_be_empty: bool) -> Done<bool> {
        if self.dead {
            return Err(Failure::Dead);
        }
        let node = self.names.get(name).and_then(|number| self.nodes.get(number));
        Ok(node.is_some_and(|node| may_be_empty || node.file.len() > 0))
    }

    pub(super) fn lock(&mut self, handle: &mut Handle, want: Level) -> Done {
        let mut level = handle.level;
        let done = self.node(handle)?.locks.lock(&mut level, want);
        handle.level = level;
        Ok(done?)
    }

    pub(super) fn unlock(&mut self, handle: &mut Handle, to: Level) {
        let mut level = handle.level;
        if handle.life == self.life
            && let Some(node) = self.nodes.get_mut(&handle.number)
        {
            node.locks.unlock(&mut level, to);
        }
        handle.level = level.min(to);
    }

    pub(super) fn is_reserved(&mut self, handle: &Handle) -> Done<bool> {
        Ok(self.node(handle)?.locks.is_reserved())
    }

    /// The region of shared memory; `None` where nobody has made it yet and this one does not want to.
    pub(super) fn map(
        &mut self,
        handle: &mut Handle,
        index: usize,
        extend: bool,
    ) -> Done<Option<Arc<Region>>> {
        let first = handle.regions.is_empty();
        let node = self.node(handle)?;
        while extend && node.regions.len() <= index {
            node.regions.push(Region::new());
        }
        let Some(region) = node.regions.get(index).cloned() else { return Ok(None) };
        if first {
            node.mapped += 1;
        }
        handle.regions.push(Arc::clone(&region));
        Ok(Some(region))
    }

    pub(super) fn slots(&mut self, handle: &mut Handle, turn: Turn, offset: usize, count: usize) -> Done {
        let mut held = handle.slots;
        let slots = &mut self.node(handle)?.slots;
        let done = match turn {
            Turn::Share => slots.share(&mut held, offset, count),
            Turn::Exclude => slots.exclude(&mut held, offset, count),
            Turn::Release => {
                slots.release(&mut held, offset, count);
                Ok(())
            }
        };
        handle.slots = held;
        Ok(done?)
    }

    pub(super) fn unmap(&mut self, handle: &mut Handle, delete: bool) {
        let mapped = !std::mem::take(&mut handle.regions).is_empty();
        if handle.life != self.life {
            return;
        }
        let Some(node) = self.nodes.get_mut(&handle.number) else { return };
        node.slots.release(&mut handle.slots, 0, 8);
        if mapped {
            node.mapped = node.mapped.saturating_sub(1);
        }
        if node.mapped == 0 || delete {
            node.regions.clear();
        }
    }
}

/// What SQLite does with slots of the shared memory.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    Share,
    Exclude,
    Release,
}

/// What becomes of the machine by an operation that takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    DiesAfter,
}

impl Fate {
    fn heard(self) -> Done {
        if self == Self::DiesAfter { Err(Failure::Dead) } else { Ok(()) }
    }
}
