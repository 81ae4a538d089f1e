//! A store of an older app: what it drew out of bodies is drawn anew where this app draws otherwise, and rows that it
//! could not read are taken up where this one can.
//!
//! Both go in batches of one transaction each, and what is done is kept with it: an app that is killed meanwhile goes
//! on from there. It happens before the first screen, so that no list is ever half of one release and half of another.

use crate::{
    release,
    store::{Store, StoreError, redraw},
    sync::take_up,
    tables::TABLES,
};

/// What the steps so far have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upgraded {
    /// Rows whose columns were drawn out of their bodies anew.
    pub redrawn: u64,
    /// Rows that no app before this one could read.
    pub taken_up: u64,
}

/// Does all there is to do: nothing, in all openings but the first after an update of the app.
///
/// # Errors
/// The store's own fault; what is done stays done.
pub fn run(store: &Store) -> Result<Upgraded, StoreError> {
    let mut done = Upgraded::default();
    while step(store, &mut done)? {}
    Ok(done)
}

/// One batch. `false` where nothing was left to do.
///
/// # Errors
/// The store's own fault; nothing of the batch was done.
pub fn step(store: &Store, done: &mut Upgraded) -> Result<bool, StoreError> {
    for table in TABLES.iter().filter(|table| release::knows(table.kind)) {
        if store.read(|store| redraw::is_due(store, table))? {
            done.redrawn += store.write(|store| redraw::batch(store, table))?;
            return Ok(true);
        }
    }
    if !store.read(take_up::is_due)? {
        return Ok(false);
    }
    done.taken_up += store.write(take_up::batch)?;
    Ok(true)
}
