//! The end of a history: everything is well again, everyone syncs until nobody has anything more to say, and the
//! model judges.

use sotay_core::{
    store::StoreError,
    sync::{commands::CommandState, engine::Stop},
    trust,
};
use sotay_protocol::env::{Env, Timestamp};

use super::{Simulation, phone::Phone};
use crate::world::{Device, Picture};

/// Rounds of syncing after which phones and server must have nothing more to say.
const HEALING: u32 = 12;

impl Simulation {
    pub(super) fn heal(&mut self) {
        self.stumbling.heal();
        self.server_doom.set(0);
        self.let_disks_be_emptied(true);
        self.world.disk().doom(None);
        self.let_liars_be_honest(true);
        self.bring_in_again();
        for at in 0..self.phones.len() {
            self.wake(at, true);
        }
        for phone in &mut self.phones {
            phone.files = None;
            phone.network.heal();
            phone.device.disk().doom(None);
            phone.doom.set(0);
        }
        for at in 0..self.phones.len() {
            self.update_an_app(at);
        }
        self.trace(|| "everything is well again".into());
        self.sign_and_lie_at_last();
        let mut quiet = 0;
        let mut before = Vec::new();
        for round in 0..HEALING {
            for at in 0..self.phones.len() {
                let stop = self.sync_wholly(at);
                let phone = self.phones.get(at).filter(|_| round == 0 && stop == Some(Stop::Done));
                if let Some(phone) = phone {
                    // Nothing came between this and the end of the exchange: it holds what it may hold now.
                    self.model.search(&phone.device, self.world.server.now());
                }
                if stop == Some(Stop::Done) {
                    self.move_all_files(at);
                    self.verify(at);
                }
                self.relay();
            }
            // A failed command is judged three times; an exchange without commands stands between two of them.
            let after = self.imprint_of_all();
            quiet = if before == after { quiet + 1 } else { 0 };
            before = after;
            if quiet == 2 || !self.model.violations.is_empty() {
                break;
            }
        }
        if quiet < 2 && self.model.violations.is_empty() {
            self.wrong("stuck: phones and server do not come to rest".into());
        }
        if !self.model.violations.is_empty() {
            return;
        }
        let phones: Vec<(&Device, Timestamp)> =
            self.phones.iter().map(|phone| (&phone.device, phone.env.now())).collect();
        self.model.judge(&phones, self.world.store(), self.world.server.now());
        self.everybody_reads_the_archive();
        self.look_for_files();
        self.look_for_what_is_to_come();
        self.trace_pictures();
        if self.keys.is_some() && self.model.violations.is_empty() {
            self.somebody_enrols_at_the_end();
            if self.model.violations.is_empty() {
                self.wipe_at_the_end();
            }
        }
    }

    /// A phone of today has the whole library, as those that were there all the time.
    fn somebody_enrols_at_the_end(&mut self) {
        let names: Vec<&str> = self.phones.iter().map(|phone| phone.device.person).collect();
        let Some(name) = self.chance.pick(&names) else { return };
        let device = self.world.enrol(name);
        // The second time it has what its first contact changed.
        let stop = [device.sync(&mut self.world), device.sync(&mut self.world)]
            .into_iter()
            .find(|stop| *stop != Stop::Done);
        if let Some(stop) = stop {
            self.wrong(format!("stuck: a new phone of {name} ended with {stop:?}"));
        }
        let judged = || -> Result<(), StoreError> {
            while trust::judge_pending(device.store(), trust::BATCH)? > 0 {}
            Ok(())
        };
        if let Err(error) = judged() {
            self.wrong(format!("a new phone cannot judge: {error}"));
        }
        self.look_at_server();
        self.model.judge_one(&device, self.world.server.now());
    }

    /// What was applied with a photo has its photo.
    fn look_for_files(&mut self) {
        let mut missing = Vec::new();
        for phone in self.phones.iter().filter(|phone| !phone.is_lost && !phone.was_put_back) {
            let outbox = phone.device.outbox().unwrap_or_default();
            for entry in outbox.iter().filter(|entry| entry.state == CommandState::Applied) {
                for file in entry.command.attachments() {
                    let row = &entry.command.row;
                    let found = self.world.server.readable(entry.command.device, row, &file.hash);
                    if !matches!(found, Ok(Some(_))) {
                        missing.push(format!("no loss: a photo of {row:?} is not there: {found:?}"));
                    }
                }
            }
        }
        self.model.violations.extend(missing);
    }

    /// What the phones hold, to see when nothing changes any more.
    fn picture_of_all(&self) -> Vec<(Picture, Vec<String>)> {
        let states = |phone: &Phone| {
            let outbox = phone.device.outbox().unwrap_or_default();
            outbox.iter().map(|entry| format!("{} {:?}", entry.entry, entry.state)).collect()
        };
        self.phones.iter().map(|phone| (phone.device.picture(), states(phone))).collect()
    }

    /// The same, only to be compared.
    fn imprint_of_all(&self) -> Vec<Vec<u8>> {
        self.phones.iter().map(|phone| phone.device.imprint()).collect()
    }

    fn trace_pictures(&mut self) {
        if !self.tracing {
            return;
        }
        for (phone, (picture, states)) in self.phones.iter().zip(self.picture_of_all()) {
            let name = &phone.name;
            self.history.trace.extend(states.iter().map(|state| format!("{name} outbox {state}")));
            self.history
                .trace
                .extend(picture.iter().map(|(row, body)| format!("{name} shows {row:?} {body}")));
        }
    }
}
