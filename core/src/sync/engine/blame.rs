//! At whose door it lies that an exchange brought no outcome: the network's, or that of a command at which the server fails.

use sotay_protocol::{
    limits,
    planted::{self, Bug},
};

use super::{
    super::{delivery, device},
    Engine, SyncError,
};
use crate::store::{Store, StoreError, execute};

impl Engine {
    pub(super) fn without_end(&mut self, store: &Store, server_fault: bool) -> Result<(), SyncError> {
        if server_fault {
            self.blame_alone(store)?;
        }
        if planted::is(Bug::SentIsDelivered) {
            let sql = "UPDATE command SET state = 'applied', folded = 0 WHERE state = 'sent'";
            store.write(|store| execute(store, sql, []).map_err(StoreError::from))?;
        }
        self.blame(store, false)
    }

    /// After an exchange without any outcome the batch is halved, else doubled. A command that went alone and
    /// got none is only suspected, until an exchange without commands goes through right after.
    pub(super) fn blame(&mut self, store: &Store, ended: bool) -> Result<(), SyncError> {
        let (carried, answered) = (self.carried, self.answered);
        let alone = if carried == 1 { self.unanswered.first().copied() } else { None };
        store.write(|store| -> Result<_, SyncError> {
            let Some(device) = device::load(store)? else { return Ok(()) };
            if let Some(number) = device.suspect {
                if ended {
                    delivery::failed(store, device.device, device.member, number)?;
                }
                execute(store, "UPDATE device SET suspect = NULL", []).map_err(StoreError::from)?;
            } else if carried > 0 && answered == 0 {
                let batch = (carried / 2).max(1);
                execute(store, "UPDATE device SET batch = ?1, suspect = ?2", (batch as u64, alone))
                    .map_err(StoreError::from)?;
            } else if answered > 0 {
                let batch = (device.batch * 2).min(limits::COMMANDS);
                execute(store, "UPDATE device SET batch = ?1", [batch as u64]).map_err(StoreError::from)?;
            }
            Ok(())
        })?;
        self.carried = 0;
        self.answered = 0;
        Ok(())
    }

    /// A 5xx on a command that went alone counts against it at once.
    fn blame_alone(&mut self, store: &Store) -> Result<(), SyncError> {
        let [number] = self.unanswered.as_slice() else { return Ok(()) };
        if self.carried != 1 {
            return Ok(());
        }
        let parked = store.write(|store| -> Result<_, SyncError> {
            let Some(device) = device::load(store)? else { return Ok(false) };
            Ok(delivery::failed(store, device.device, device.member, *number)?)
        })?;
        self.report.parked += u64::from(parked);
        self.carried = 0;
        Ok(())
    }
}
