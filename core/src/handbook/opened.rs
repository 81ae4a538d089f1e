//! Marks of what was opened. While a sync writes frame after frame, the mark waits for its turn and the reader does not:
//! a document opened then stood there up to 110 ms late.

use std::{collections::BTreeSet, sync::Mutex};

use sotay_protocol::id::Id;

use super::{HandbookError, Inner, life::lock};
use crate::{
    directives,
    store::{Store, StoreError},
};

#[derive(Debug, Default)]
pub(super) struct Opened(Mutex<Marks>);

#[derive(Debug, Default)]
struct Marks {
    waiting: BTreeSet<Id>,
    /// A worker writes them; one at a time, so that the others go on reading.
    under_way: bool,
}

impl Inner {
    /// From now on the directive counts as read, at the latest when the frame that is landing has landed.
    pub(super) async fn mark_opened(self: &std::sync::Arc<Self>, id: Id) -> Result<(), HandbookError> {
        if !self.life.is_syncing() {
            return self.write(move |store, _, _| directives::mark_opened(store, id)).await;
        }
        let begins = {
            let mut marks = lock(&self.opened.0);
            marks.waiting.insert(id);
            !std::mem::replace(&mut marks.under_way, true)
        };
        if begins {
            let inner = std::sync::Arc::clone(self);
            self.workers.run(Box::new(move || inner.opened.write(&inner.store)));
        }
        Ok(())
    }
}

impl Opened {
    fn write(&self, store: &Store) {
        loop {
            let marks = std::mem::take(&mut lock(&self.0).waiting);
            let written = store.write(|store| -> Result<(), StoreError> {
                marks.iter().try_for_each(|id| directives::mark_opened(store, *id))
            });
            let mut state = lock(&self.0);
            if written.is_err() {
                // Paused, or full: they go with the next one that is opened.
                state.waiting.extend(marks);
            }
            if written.is_err() || state.waiting.is_empty() {
                state.under_way = false;
                return;
            }
        }
    }
}
