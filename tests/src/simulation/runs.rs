//! Runs of the phones' engines, step by step, and the server's own work in between.

use std::sync::atomic::Ordering;

use sotay_core::sync::engine::{Stop, SyncError};
use sotay_protocol::{env::Env, frame::unpack_request};

use super::{
    Simulation,
    model::Clocks,
    phone::{Ended, Who, mortal},
};
use crate::world::{
    Run, Step,
    network::{Fault, Taken},
};

impl Simulation {
    /// The server does what waits in its outbox.
    pub(super) fn relay(&mut self) {
        let server = self.world.server.clone();
        match mortal(|| server.relay()) {
            Ended::Well(Ok(done)) => self.trace(|| format!("the relay did {done}")),
            Ended::Well(Err(error)) => {
                if self.server_full.is_some() {
                    self.struck("server's disk full");
                } else if !self.world.disk().is_dead() {
                    self.wrong(format!("the relay failed: {error}"));
                }
            }
            Ended::Died(_) => self.server_dies("in the relay"),
            Ended::Panicked(why) => self.wrong(format!("the relay panicked: {why}")),
        }
        self.look_at_server();
    }

    pub(super) fn somebody_syncs(&mut self) {
        let idle: Vec<usize> = (0..self.phones.len())
            .filter(|at| {
                self.phones
                    .get(*at)
                    .is_some_and(|of| of.run.is_none() && of.files.is_none() && of.asleep.is_none())
            })
            .collect();
        let Some(at) = self.chance.pick(&idle) else { return };
        self.plan_faults(at);
        self.begin(at);
        if self.chance.percent(8) {
            self.doom_phone(at);
        }
    }

    pub(super) fn begin(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        phone.doom.set(0);
        let _release = phone.as_released();
        match Run::begin(&phone.device, &phone.env) {
            Ok(run) => phone.run = Some(run),
            Err(error) => {
                if !self.is_excused(at) {
                    self.wrong(format!("an engine failed: {error}"));
                }
            }
        }
        self.history.runs += 1;
        let Some(phone) = self.phones.get(at) else { return };
        let name = phone.name.clone();
        self.look_at_phone(at);
        self.trace(|| format!("{name} begins to sync"));
    }

    pub(super) fn a_run_goes_on(&mut self) {
        let running: Vec<usize> = (0..self.phones.len())
            .filter(|at| self.phones.get(*at).is_some_and(|of| of.run.is_some() || of.files.is_some()))
            .collect();
        let Some(at) = self.chance.pick(&running) else { return };
        if self.phones.get(at).is_some_and(|phone| phone.files.is_some()) {
            self.move_files(at);
        } else if self.step(at) == Some(Stop::Done) {
            if self.keys.is_some() && self.chance.percent(60) {
                self.verify(at);
            }
            // As the app does it: files after words.
            self.begin_to_move_files(at);
        }
    }

    /// Files go on besides, and somebody is curious.
    pub(super) fn pry_or_move(&mut self) {
        match self.chance.below(100) {
            0..30 => self.pry(),
            30..50 => self.somebody_reads_the_archive(),
            _ => self.a_run_goes_on(),
        }
    }

    /// One step of a phone's run; why it stopped, if it did.
    pub(super) fn step(&mut self, at: usize) -> Option<Stop> {
        let phone = self.phones.get_mut(at)?;
        let release = phone.as_released();
        let run = phone.run.as_mut()?;
        let name = phone.name.clone();
        let (device, env, network) = (&phone.device, &*phone.env, &mut phone.network);
        let server = &self.world.server;
        let ended = mortal(|| run.step(device, server, env, network));
        drop(release);
        self.heed_the_network(at);
        let dead = self.phones.get(at).is_some_and(|phone| phone.device.disk().is_dead());
        self.heed_the_disks(at, &ended);
        if self.server_wrote.swap(false, Ordering::Relaxed) {
            self.look_at_server();
        }
        match ended {
            Ended::Died(Who::Phone) => self.phone_dies(at, "right after a commit"),
            Ended::Died(Who::Server) => self.server_dies("right after a commit"),
            Ended::Panicked(why) => self.wrong(format!("{name} panicked: {why}")),
            // Whether a frame has landed is seen when the phone is on again.
            Ended::Well(_) if dead => self.look_at_phone(at),
            Ended::Well(Err(error)) => {
                if !self.is_excused(at) {
                    self.wrong(format!("the engine of {name} failed: {error}"));
                }
            }
            Ended::Well(Ok(step)) => return self.stepped(at, &name, step),
        }
        None
    }

    /// A server whose disk fails answers in its own way; a phone may end its run for that.
    fn heed_the_disks(&mut self, at: usize, ended: &Ended<Result<Step, SyncError>>) {
        let dead = self.world.disk().is_dead();
        let failed = matches!(ended, Ended::Well(Ok(Step::Heard("refused" | "broken off by the server"))));
        if dead || self.server_full.is_some() {
            if let Some(phone) = self.phones.get_mut(at) {
                phone.network.in_its_place = Some(Fault::BadGateway { after: true });
            }
            if failed && !dead {
                self.struck("server's disk full");
            }
        }
        if dead {
            self.server_dies("in mid-write");
        }
    }

    /// What befell a phone's requests, and which of them the server took.
    pub(super) fn heed_the_network(&mut self, at: usize) {
        let now = self.world.server.now();
        let Some(phone) = self.phones.get_mut(at) else { return };
        let network = &mut phone.network;
        for (request, taken) in network.taken.drain(..) {
            self.model.requested(&request, now, taken == Taken::Surely);
        }
        self.model.violations.append(&mut network.astonishing);
        let unknown = std::mem::take(&mut network.unknown);
        for fault in std::mem::take(&mut network.struck) {
            self.struck(fault);
        }
        for request in unknown {
            let device = unpack_request(&request).map(|(of, _)| of.device);
            if !device.as_ref().is_ok_and(|device| self.was_lost_with_a_restore(*device)) {
                self.wrong(format!("a late request of {device:?} was answered that it is not known"));
            }
        }
    }

    fn stepped(&mut self, at: usize, name: &str, step: Step) -> Option<Stop> {
        let phone = self.phones.get_mut(at)?;
        let now = Clocks { server: self.world.server.now(), there: phone.env.now() };
        match step {
            Step::Landed(unpacked) => {
                let touched = phone.was_touched();
                self.model.frame(at, &phone.device, &unpacked, now, touched);
                self.trace(|| format!("{name} <- {}", String::from_utf8_lossy(&unpacked).trim_end()));
            }
            Step::Sent | Step::Heard(_) => {
                self.look_at_phone(at);
                self.trace(|| format!("{name} {step:?}"));
            }
            Step::Over(stop) => {
                phone.run = None;
                phone.doom.set(0);
                // By a gateway, a sign-in page, or the answer to a request that came twice.
                let deceived = phone.network.in_its_place.take().is_some();
                let unknown = stop == Stop::EnrolAgain && self.enrol_again(at);
                if !matches!(stop, Stop::Done | Stop::Cut) && !deceived && !unknown {
                    self.wrong(format!("{name} stopped with {stop:?}"));
                }
                self.trace(|| format!("{name} is done: {stop:?}"));
                return Some(stop);
            }
        }
        None
    }

    /// Ends the run that the phone is in, and does another from its beginning.
    pub(super) fn sync_wholly(&mut self, at: usize) -> Option<Stop> {
        self.run_to_its_end(at);
        self.let_a_moment_pass();
        self.begin(at);
        let mut stop = self.run_to_its_end(at);
        if stop == Some(Stop::EnrolAgain) {
            self.begin(at);
            stop = self.run_to_its_end(at);
        }
        if stop != Some(Stop::Done) && self.model.violations.is_empty() {
            self.wrong(format!("stuck: phone {at} ended with {stop:?} though all is well"));
        }
        stop
    }

    fn run_to_its_end(&mut self, at: usize) -> Option<Stop> {
        for _ in 0..super::LONGEST_RUN {
            if self.phones.get(at).is_none_or(|phone| phone.run.is_none())
                || !self.model.violations.is_empty()
            {
                return None;
            }
            if let Some(stop) = self.step(at) {
                return Some(stop);
            }
        }
        self.wrong(format!("stuck: a run of phone {at} has no end"));
        None
    }
}
