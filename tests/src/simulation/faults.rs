//! What goes wrong: networks, processes, handlers. A fault counts when it struck, not when it was planned.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sotay_protocol::{command::Command, id::Id};

use super::{
    Simulation,
    phone::{Ended, mortal},
};
use crate::world::network::Fault;

/// Commands at which the server fails so many times more.
#[derive(Debug, Clone, Default)]
pub(super) struct Stumbling(Arc<Mutex<BTreeMap<(Id, u64), u32>>>);

impl Stumbling {
    fn set(&self, device: Id, number: u64, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((device, number), times);
    }

    pub(super) fn heal(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn as_fault(&self) -> sotay_server::Fault {
        let of = self.clone();
        Arc::new(move |command: &Command| {
            let mut of = of.0.lock().unwrap_or_else(PoisonError::into_inner);
            let left = of.get_mut(&(command.device, command.number)).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_some()
        })
    }
}

impl Simulation {
    /// Before a run: what will befall its exchanges.
    pub(super) fn plan_faults(&mut self, at: usize) {
        if !self.chance.percent(55) {
            return;
        }
        let fault = match self.chance.below(12) {
            0..2 => Fault::CutUp(self.chance.size(3_000)),
            2..6 => {
                let (after, beyond) = (self.chance.size(3_000), self.chance.size(6));
                Fault::CutDown { after, beyond }
            }
            6..8 => Fault::LostAnswer,
            8 => Fault::Duplicate,
            9 => Fault::DuplicateHeard,
            10 => Fault::BadGateway { after: self.chance.percent(50) },
            _ => Fault::Portal,
        };
        if let Some(phone) = self.phones.get_mut(at) {
            phone.network.next(fault);
        }
    }

    pub(super) fn something_goes_wrong(&mut self) {
        let at = self.chance.below(self.phones.len());
        match self.chance.below(12) {
            0..2 => self.partition(at),
            2..4 => self.phone_dies(at, "between two events"),
            4..6 => self.doom_phone(at),
            6 => self.server_dies("between two frames"),
            7 => {
                let commits = self.chance.size(4) + 1;
                self.server_doom.set(u64::try_from(commits).unwrap_or(1));
            }
            8 => self.linger(at),
            9 => self.replay(at),
            10 => self.stumble(at),
            _ => self.something_rare(at),
        }
    }

    fn something_rare(&mut self, at: usize) {
        match self.chance.below(6) {
            0 => self.begin_epoch(),
            1..3 => self.back_up(at),
            _ => self.put_back(at),
        }
    }

    /// What a server brought back from a backup does; here it has lost nothing.
    fn begin_epoch(&mut self) {
        match self.world.server.begin_epoch() {
            Ok(epoch) => self.trace(|| format!("the server begins epoch {epoch}")),
            Err(error) => self.model.violations.push(format!("the server failed: {error}")),
        }
        self.model.look_at_server(self.world.store());
        self.struck("new epoch");
    }

    fn back_up(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at).filter(|phone| !phone.is_lost) else { return };
        match phone.device.copy() {
            Ok(copy) => phone.backup = Some(copy),
            Err(error) => self.model.violations.push(format!("a phone cannot be copied: {error}")),
        }
        let name = phone.name.clone();
        self.trace(|| format!("{name} is backed up"));
    }

    /// The phone is an older copy of itself. What was written on it since is gone with the old one.
    fn put_back(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        if !phone.put_back() {
            return;
        }
        let name = phone.name.clone();
        self.model.put_back(at, phone.device.store());
        self.look_at_phone(at);
        self.struck("copied store");
        self.trace(|| format!("{name} is put back as it was backed up"));
    }

    fn partition(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        phone.network.partitioned = !phone.network.partitioned;
        let (name, now) = (phone.name.clone(), phone.network.partitioned);
        self.trace(|| format!("{name} {}", if now { "has no network" } else { "has network again" }));
    }

    pub(super) fn phone_dies(&mut self, at: usize, when: &str) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        let before_sending = phone.run.as_ref().is_some_and(crate::world::Run::is_about_to_send);
        let when = if before_sending { "before it sent" } else { when };
        if let Err(error) = phone.die() {
            self.model.violations.push(error);
        }
        let Some(phone) = self.phones.get(at) else { return };
        let name = phone.name.clone();
        self.look_at_phone(at);
        self.struck("phone crash");
        self.trace(|| format!("{name} dies {when}"));
    }

    /// It will die right after one of its next commits, if it is in a run then.
    pub(super) fn doom_phone(&mut self, at: usize) {
        let commits = u64::try_from(self.chance.size(9) + 1).unwrap_or(1);
        if let Some(phone) = self.phones.get(at).filter(|phone| phone.run.is_some()) {
            phone.doom.set(commits);
        }
    }

    pub(super) fn server_dies(&mut self, when: &str) {
        self.server_doom.set(0);
        for phone in &mut self.phones {
            phone.network.lingering.clear();
        }
        self.world.restart_server();
        self.model.server_restarted(self.world.store());
        self.struck("server crash");
        self.trace(|| format!("the server dies {when}"));
        for at in 0..self.phones.len() {
            let Some(phone) = self.phones.get_mut(at) else { continue };
            let Some(run) = &mut phone.run else { continue };
            if let Err(error) = phone.doom.spare(|| run.break_off(&phone.device, &phone.env)) {
                self.model.violations.push(format!("an engine failed: {error}"));
            }
            self.look_at_phone(at);
        }
    }

    /// An exchange that was cut, and of which the server does not know it yet, goes on.
    fn linger(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        let name = phone.name.clone();
        let Some(mut exchange) = phone.network.lingering.pop() else { return };
        let going_on = match mortal(|| matches!(exchange.next(), Ok(Some(_)))) {
            Ended::Well(going_on) => going_on,
            Ended::Died(_) => return self.server_dies("right after a commit"),
            Ended::Panicked(why) => return self.model.violations.push(format!("the server panicked: {why}")),
        };
        if going_on {
            phone.network.lingering.push(exchange);
        }
        self.model.look_at_server(self.world.store());
        self.trace(|| format!("an exchange of {name} that was cut goes on: {going_on}"));
    }

    fn replay(&mut self, at: usize) {
        if let Some(phone) = self.phones.get_mut(at) {
            phone.network.replay(&self.world.server);
        }
        self.model.look_at_server(self.world.store());
    }

    /// The server will fail at a command that waits on a phone.
    fn stumble(&mut self, at: usize) {
        let Some(phone) = self.phones.get(at) else { return };
        let Ok(outbox) = phone.device.outbox() else { return };
        let waiting: Vec<_> = outbox.into_iter().filter(|entry| entry.state.is_pending()).collect();
        let Some(entry) = self.chance.pick(&waiting) else { return };
        let times = u32::try_from(self.chance.below(4) + 1).unwrap_or(1);
        self.stumbling.set(entry.command.device, entry.number, times);
        self.struck("failing handler");
        self.trace(|| {
            format!(
                "the server will fail {times} times at number {} of {}",
                entry.number, entry.command.device
            )
        });
    }
}
