//! What goes wrong: networks, processes, clocks, handlers. A fault counts when it struck, not when it was planned.

mod clocks;
pub(super) mod disks;
mod machines;
mod networks;
mod restores;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sotay_protocol::{command::Command, id::Id};

use super::Simulation;

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

#[derive(Debug, Clone, Copy)]
enum Mishap {
    Partition,
    PhoneDies,
    PhoneIsDoomed,
    ServerDies,
    ServerIsDoomed,
    OldExchangeGoesOn,
    LateRequest,
    Replay,
    FailingHandler,
    Suspended,
    WrongClock,
    AppUpdated,
    PhoneFull,
    ServerFull,
    NewEpoch,
    BackUpServer,
    RestoreServer,
    BackUp,
    PutBack,
}

const MISHAPS: [(usize, Mishap); 19] = [
    (14, Mishap::Partition),
    (10, Mishap::PhoneDies),
    (10, Mishap::PhoneIsDoomed),
    (6, Mishap::ServerDies),
    (8, Mishap::ServerIsDoomed),
    (8, Mishap::OldExchangeGoesOn),
    (8, Mishap::LateRequest),
    (5, Mishap::Replay),
    (8, Mishap::FailingHandler),
    (8, Mishap::Suspended),
    (6, Mishap::WrongClock),
    (3, Mishap::AppUpdated),
    (4, Mishap::PhoneFull),
    (3, Mishap::ServerFull),
    (1, Mishap::NewEpoch),
    (5, Mishap::BackUpServer),
    (4, Mishap::RestoreServer),
    (6, Mishap::BackUp),
    (6, Mishap::PutBack),
];

impl Simulation {
    pub(super) fn something_goes_wrong(&mut self) {
        if self.keys.is_some() && self.chance.percent(35) {
            return self.lie();
        }
        let at = self.chance.below(self.phones.len());
        let Some(mishap) = self.chance.weighted(&MISHAPS) else { return };
        match mishap {
            Mishap::Partition => self.partition(at),
            Mishap::PhoneDies => self.phone_dies(at, "between two events"),
            Mishap::PhoneIsDoomed => self.doom_phone(at),
            Mishap::ServerDies => self.server_dies("between two frames"),
            Mishap::ServerIsDoomed => self.doom_server(),
            Mishap::OldExchangeGoesOn => self.linger(at),
            Mishap::LateRequest => self.arrive_late(at),
            Mishap::Replay => self.replay(at),
            Mishap::FailingHandler => self.stumble(at),
            Mishap::Suspended => self.suspend(at),
            Mishap::WrongClock => self.set_a_clock_wrong(at),
            Mishap::AppUpdated => self.update_an_app(at),
            Mishap::PhoneFull => self.fill_a_phone(at),
            Mishap::ServerFull => self.fill_the_server(),
            Mishap::BackUpServer => self.back_up_the_server(),
            Mishap::RestoreServer => self.restore_the_server(),
            Mishap::NewEpoch => self.begin_epoch(),
            Mishap::BackUp => self.back_up(at),
            Mishap::PutBack => self.put_back(at),
        }
    }

    /// What was under way is cut: the server is another process now.
    fn break_off_runs(&mut self) {
        for at in 0..self.phones.len() {
            let Some(phone) = self.phones.get_mut(at) else { continue };
            let release = phone.as_released();
            if let Some(files) = &mut phone.files
                && phone.doom.spare(|| files.break_off(&phone.device, &phone.env)).is_err()
            {
                phone.files = None;
            }
            let Some(run) = &mut phone.run else { continue };
            let broken = phone.doom.spare(|| run.break_off(&phone.device, &phone.env));
            drop(release);
            if let Err(error) = broken
                && !self.is_excused(at)
            {
                self.wrong(format!("an engine failed: {error}"));
            }
            self.look_at_phone(at);
        }
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
