//! A file's bytes as they were written, and as far as they differ what of them is on the platter.

use std::{collections::BTreeMap, sync::Arc};

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

/// A quarter of a page of our databases. A page stands in the log at any place: of the chunks that it covers only the first
/// and the last are copied before they are written, the rest are replaced.
const CHUNK: usize = 4 * 1024;
/// What a drive writes at once, if it does not stop in the middle.
const SECTOR: usize = 512;

/// Shared until written. `None` is nothing but zeros.
type Chunk = Option<Arc<[u8; CHUNK]>>;

#[derive(Debug, Clone, Default)]
pub(super) struct File {
    chunks: Vec<Chunk>,
    len: u64,
    /// What the chunks changed since the last sync were then.
    synced: BTreeMap<usize, Chunk>,
    synced_len: u64,
    /// The shortest it was since.
    cut: u64,
}

/// The chunk that holds a place of the file, and where in it.
fn place(at: u64) -> (usize, usize) {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    (at / CHUNK, at % CHUNK)
}

impl File {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// How many bytes there were; what lies beyond the end reads as zeros.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> usize {
        let there = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(into.len());
        let (within, beyond) = into.split_at_mut(there);
        beyond.fill(0);
        let (mut index, mut from) = place(at);
        let mut rest = within;
        while !rest.is_empty() {
            let (part, after) = rest.split_at_mut((CHUNK - from).min(rest.len()));
            let chunk = self.chunks.get(index).and_then(Option::as_deref);
            match chunk.and_then(|chunk| chunk.get(from..from + part.len())) {
                Some(bytes) => part.copy_from_slice(bytes),
                None => part.fill(0),
            }
            (index, from, rest) = (index + 1, 0, after);
        }
        there
    }

    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) {
        let (mut index, mut from) = place(at);
        let mut rest = bytes;
        while !rest.is_empty() {
            let (part, after) = rest.split_at((CHUNK - from).min(rest.len()));
            if let Ok(whole) = <&[u8; CHUNK]>::try_from(part) {
                self.replace(index, whole);
            } else if let Some(to) =
                self.chunk(index).and_then(|chunk| chunk.get_mut(from..from + part.len()))
            {
                to.copy_from_slice(part);
            }
            (index, from, rest) = (index + 1, 0, after);
        }
        self.len = self.len.max(at + bytes.len() as u64);
    }

    pub(super) fn truncate(&mut self, len: u64) {
        if len < self.len {
            let (last, from) = place(len);
            if from > 0
                && let Some(tail) = self.chunk(last).and_then(|chunk| chunk.get_mut(from..))
            {
                tail.fill(0);
            }
            let keep = last + usize::from(from > 0);
            for index in keep..self.chunks.len() {
                self.remember(index);
            }
            self.chunks.truncate(keep);
            self.cut = self.cut.min(len);
        }
        self.len = len;
    }

    pub(super) fn sync(&mut self) {
        self.synced.clear();
        (self.synced_len, self.cut) = (self.len, self.len);
    }

    /// The same bytes, all of them safe.
    pub(super) fn settled(&self) -> Self {
        let (chunks, len) = (self.chunks.clone(), self.len);
        Self { chunks, len, synced: BTreeMap::new(), synced_len: len, cut: len }
    }

    /// The power is gone: what was not synced is as it was before.
    pub(super) fn lose(&mut self) {
        let synced = std::mem::take(&mut self.synced);
        for (index, chunk) in synced {
            self.put(index, chunk);
        }
        self.end_at(self.synced_len);
    }

    /// The power is gone while the drive was writing in an order of its own: each sector is old, or new, or new up to
    /// some byte or from some byte on; the length is the old one or the new one. What a cut took away is there wholly, or
    /// not at all.
    pub(super) fn tear(&mut self, chance: &mut ChaCha8Rng) {
        let (written_len, synced_len, cut) = (self.len, self.synced_len, self.cut);
        let was_cut = cut < synced_len && chance.next_u32().is_multiple_of(2);
        let keeps = chance.next_u32() % 9;
        for (index, old) in std::mem::take(&mut self.synced) {
            let new = self.chunks.get(index).cloned().flatten();
            let mut old = old.map_or([0; CHUNK], |old| *old);
            let mut new = new.map_or([0; CHUNK], |new| *new);
            let start = (index * CHUNK) as u64;
            let from = usize::try_from(cut.saturating_sub(start)).unwrap_or(CHUNK).min(CHUNK);
            if let (Some(old), Some(new), true) = (old.get_mut(from..), new.get_mut(from..), cut < synced_len)
            {
                if was_cut { old.fill(0) } else { new.copy_from_slice(old) }
            }
            torn(&mut old, &new, keeps, chance);
            self.put(index, Some(Arc::new(old)));
        }
        let grew = was_cut || cut >= synced_len;
        let len = match (grew, chance.next_u32().is_multiple_of(2)) {
            (true, true) => written_len,
            (true, false) => synced_len.min(cut),
            (false, _) => synced_len,
        };
        self.end_at(len);
    }

    fn end_at(&mut self, len: u64) {
        self.len = self.len.max(len);
        self.truncate(len);
        self.sync();
    }

    fn put(&mut self, index: usize, chunk: Chunk) {
        if self.chunks.len() <= index {
            self.chunks.resize(index + 1, None);
        }
        if let Some(slot) = self.chunks.get_mut(index) {
            *slot = chunk;
        }
        self.len = self.len.max(((index + 1) * CHUNK) as u64);
    }

    fn remember(&mut self, index: usize) {
        let chunks = &self.chunks;
        self.synced.entry(index).or_insert_with(|| chunks.get(index).cloned().flatten());
    }

    /// For writing; always there.
    fn slot(&mut self, index: usize) -> Option<&mut Chunk> {
        self.remember(index);
        if self.chunks.len() <= index {
            self.chunks.resize(index + 1, None);
        }
        self.chunks.get_mut(index)
    }

    /// For writing into; always there.
    fn chunk(&mut self, index: usize) -> Option<&mut [u8; CHUNK]> {
        Some(Arc::make_mut(self.slot(index)?.get_or_insert_with(|| Arc::new([0; CHUNK]))))
    }

    fn replace(&mut self, index: usize, bytes: &[u8; CHUNK]) {
        let Some(slot) = self.slot(index) else { return };
        match slot.as_mut().and_then(Arc::get_mut) {
            Some(own) => own.copy_from_slice(bytes),
            None => *slot = Some(Arc::new(*bytes)),
        }
    }
}

/// `keeps` of eight sectors come out new, on average; one in sixteen stops in its middle.
fn torn(old: &mut [u8; CHUNK], new: &[u8; CHUNK], keeps: u32, chance: &mut ChaCha8Rng) {
    for (old, new) in old.chunks_mut(SECTOR).zip(new.chunks(SECTOR)) {
        if old == new {
            continue;
        }
        let (throw, cut) = (chance.next_u32(), usize::try_from(chance.next_u32()).unwrap_or(0) % SECTOR);
        let written = match (throw % 16, throw / 16 % 8 < keeps) {
            (0, true) => 0..cut,
            (0, false) => cut..SECTOR,
            (_, true) => 0..SECTOR,
            (_, false) => 0..0,
        };
        if let (Some(old), Some(new)) = (old.get_mut(written.clone()), new.get(written)) {
            old.copy_from_slice(new);
        }
    }
}
