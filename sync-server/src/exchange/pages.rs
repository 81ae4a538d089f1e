//! Pages of a scope's log, packed once for everyone.
//!
//! Nothing is filtered inside a scope, so every device at the same cursor gets the same bytes. A page is
//! kept under (scope, epoch, from, begun, head, purges) as they were when it was built: whatever changes the
//! answer changes the key, so a kept page is never wrong, only unused.
//!
//! Who reads a scope from its beginning needs no tombstone of what had gone before: such a page leaves them out. A
//! desk that is ten years old is then as much to read as what stands in its window.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::value::RawValue;
use sotay_protocol::{
    exchange::{ChangesHead, Entry},
    frame::Frame,
    limits,
    planted::{self, Bug},
    scope::Scope,
};

use crate::store::{Head, Reader, Result, StoreError, StoredEntry};

/// Room for the head line of a frame.
const HEAD_LINE: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) packed: Arc<[u8]>,
    pub(crate) to: u64,
    /// The scope stands at its head after it.
    pub(crate) last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    scope: Scope,
    epoch: u64,
    from: u64,
    begun: u64,
    head: u64,
    purges: u64,
}

pub(crate) struct PageCache {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    pages: BTreeMap<Key, (u64, Page)>,
    by_use: BTreeMap<u64, Key>,
    bytes: usize,
    uses: u64,
}

impl fmt::Debug for PageCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageCache").field("most", &self.most).finish_non_exhaustive()
    }
}

impl Kept {
    fn get(&mut self, key: &Key) -> Option<Page> {
        let (used, page) = self.pages.get_mut(key)?;
        self.by_use.remove(used);
        self.uses += 1;
        *used = self.uses;
        self.by_use.insert(self.uses, *key);
        Some(page.clone())
    }

    /// What was taken out of the log need not lie in memory either.
    fn forget_purged(&mut self, scope: Scope, purges: u64) {
        let first = Key { scope, epoch: 0, from: 0, begun: 0, head: 0, purges: 0 };
        let old: Vec<Key> = self
            .pages
            .range(first..)
            .take_while(|(key, _)| key.scope == scope)
            .filter(|(key, _)| key.purges < purges)
            .map(|(key, _)| *key)
            .collect();
        for key in old {
            if let Some((used, page)) = self.pages.remove(&key) {
                self.by_use.remove(&used);
                self.bytes -= page.packed.len();
            }
        }
    }

    fn put(&mut self, key: Key, page: &Page, most: usize) {
        self.forget_purged(key.scope, key.purges);
        if page.packed.len() > most || self.pages.contains_key(&key) {
            return;
        }
        self.uses += 1;
        self.bytes += page.packed.len();
        self.by_use.insert(self.uses, key);
        self.pages.insert(key, (self.uses, page.clone()));
        while self.bytes > most {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            if let Some((_, page)) = self.pages.remove(&oldest) {
                self.bytes -= page.packed.len();
            }
        }
    }
}

impl PageCache {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// Rows above `from`, up to a frame's size or one row; `head` is of the same snapshot as `reader`. `begun` as in
    /// [`ChangesHead`].
    pub(crate) fn page(
        &self,
        reader: &(impl Reader + ?Sized),
        scope: Scope,
        head: &Head,
        (from, begun): (u64, u64),
    ) -> Result<Page> {
        let begun = if from < begun { begun } else { 0 };
        let mut key = Key { scope, epoch: head.epoch, from, begun, head: head.head, purges: head.purges };
        if planted::is(Bug::StalePage) {
            (key.begun, key.head, key.purges) = (0, 0, 0);
        }
        if let Some(page) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(page);
        }
        let page = build(reader, head, &key)?;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, &page, self.most);
        Ok(page)
    }
}

fn build(reader: &(impl Reader + ?Sized), head: &Head, key: &Key) -> Result<Page> {
    let Key { scope, from, begun, .. } = *key;
    let entries = reader.reading(scope, from, begun, limits::FRAME - HEAD_LINE)?;
    // A number may have no entry any more; a page that reaches the last entry reaches the head.
    let reached = entries.last().map_or(head.head, |entry| entry.seq);
    let last = reached >= head.head || reader.reading(scope, reached, begun, 0)?.is_empty();
    let to = if last { head.head } else { reached };
    let kept = |entry: &StoredEntry| entry.body.is_some() || !planted::is(Bug::TombstonesLeftOut);
    let entries = entries.into_iter().filter(kept).map(entry).collect::<Result<Vec<_>>>()?;
    let packed = Frame::Changes(ChangesHead { scope, epoch: head.epoch, from, to, begun }, entries)
        .pack()
        .map_err(|error| StoreError::GivenUp(error.to_string()))?;
    Ok(Page { packed: packed.into(), to, last })
}

fn entry(stored: StoredEntry) -> Result<Entry> {
    let body = stored.body.map(RawValue::from_string).transpose();
    Ok(Entry {
        seq: stored.seq,
        kind: stored.kind,
        version: stored.version,
        id: stored.id,
        author: stored.author,
        body: body.map_err(|_| StoreError::GivenUp("a body in the log is not JSON".into()))?,
    })
}
