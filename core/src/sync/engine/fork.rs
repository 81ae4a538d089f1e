//! A store that is a copy of one that went on gets a key and an id of its own.

use rusqlite::OptionalExtension;
use sotay_protocol::{
    enrol::{ForkAnswer, ForkRequest},
    env::Env,
    signature::SigningKey,
};

use super::{
    super::{again, delivery, device},
    Action, Engine, SyncError,
};
use crate::store::{Store, StoreError, execute};

impl Engine {
    /// This store is a copy of one that went on: it asks for an id of its own, with a new key that is kept
    /// before it is sent.
    pub(super) fn fork(
        &mut self,
        store: &Store,
        env: &dyn Env,
        seed: Option<[u8; 32]>,
    ) -> Result<Action, SyncError> {
        let key = seed.map_or_else(|| SigningKey::generate(env), SigningKey::from_seed);
        let request = store.write(|store| -> Result<_, SyncError> {
            let device = device::load(store)?.ok_or(SyncError::NotEnrolled)?;
            execute(store, "UPDATE device SET fork_seed = ?1", [key.seed()]).map_err(StoreError::from)?;
            Ok(ForkRequest::new(device.device, &device.key, &key, env.now()))
        })?;
        Ok(Action::Fork(request))
    }

    pub(super) fn forked(
        &mut self,
        store: &Store,
        env: &dyn Env,
        answer: &ForkAnswer,
    ) -> Result<Action, SyncError> {
        self.forked = false;
        store.write(|store| -> Result<_, SyncError> {
            let Some(seed) = fork_seed(store)? else { return Ok(()) };
            let of = device::load(store)?.ok_or(SyncError::NotEnrolled)?;
            if answer.epoch.is_some_and(|epoch| epoch != of.epoch) {
                again::under_another_name(store, of.member)?;
            }
            let values = (answer.device.to_string(), seed);
            execute(store, "UPDATE device SET device = ?1, key_seed = ?2, fork_seed = NULL, count = 0, batch = 500, suspect = NULL",
                    values,
                )
                .map_err(StoreError::from)?;
            Ok(delivery::renumber(store, answer.device, &SigningKey::from_seed(seed))?)
        })?;
        self.exchange(store, env)
    }
}

/// The new key, where one is on its way to the server.
pub(super) fn fork_seed(store: &rusqlite::Connection) -> Result<Option<[u8; 32]>, StoreError> {
    let seed = store
        .prepare_cached("SELECT fork_seed FROM device")?
        .query_row([], |row| row.get::<_, Option<[u8; 32]>>(0))
        .optional()?;
    Ok(seed.flatten())
}
