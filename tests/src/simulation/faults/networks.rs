//! Networks: what befalls a request, and what comes when nobody waits for it any more.

use crate::{
    simulation::{
        Simulation,
        phone::{Ended, mortal},
    },
    world::network::{Fault, OneWay},
};

impl Simulation {
    /// Before a run: what will befall its requests.
    pub(in crate::simulation) fn plan_faults(&mut self, at: usize) {
        if !self.chance.percent(55) {
            return;
        }
        let fault = match self.chance.below(15) {
            0..2 => Fault::CutUp(self.chance.size(3_000)),
            2..6 => {
                let (after, beyond) = (self.chance.size(3_000), self.chance.size(6));
                Fault::CutDown { after, beyond }
            }
            6..8 => Fault::LostAnswer,
            8 => Fault::Duplicate,
            9 => Fault::DuplicateHeard,
            10 => Fault::BadGateway { after: self.chance.percent(50) },
            11..13 => Fault::Late,
            13 => Fault::Slow(self.chance.size(6) + 1),
            _ => Fault::Portal,
        };
        if let Some(phone) = self.phones.get_mut(at) {
            phone.network.next(fault);
        }
    }

    /// Begins, both ways or one, or ends.
    pub(super) fn partition(&mut self, at: usize) {
        let throw = self.chance.below(4);
        let Some(phone) = self.phones.get_mut(at) else { return };
        let network = &mut phone.network;
        let name = phone.name.clone();
        let what = if network.partitioned || network.one_way.is_some() {
            (network.partitioned, network.one_way) = (false, None);
            "has network again"
        } else {
            match throw {
                0 => {
                    network.one_way = Some(OneWay::Up);
                    "is heard and hears nothing"
                }
                1 => {
                    network.one_way = Some(OneWay::Down);
                    "hears and is not heard"
                }
                _ => {
                    network.partitioned = true;
                    "has no network"
                }
            }
        };
        self.trace(|| format!("{name} {what}"));
    }

    /// An exchange that was cut, and of which the server does not know it yet, goes on.
    pub(super) fn linger(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        let name = phone.name.clone();
        let Some(mut exchange) = phone.network.lingering.pop() else { return };
        let going_on = match mortal(|| matches!(exchange.next(), Ok(Some(_)))) {
            Ended::Well(going_on) => going_on,
            Ended::Died(_) => return self.server_dies("right after a commit"),
            Ended::Panicked(why) => return self.wrong(format!("the server panicked: {why}")),
        };
        if going_on {
            phone.network.lingering.push(exchange);
            self.struck("old exchange goes on");
        }
        self.look_at_server();
        self.trace(|| format!("an exchange of {name} that was cut goes on: {going_on}"));
    }

    pub(super) fn arrive_late(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        let (name, server) = (phone.name.clone(), self.world.server.clone());
        let network = &mut phone.network;
        match mortal(|| network.arrive_late(&server)) {
            Ended::Well(arrived) => {
                self.heed_the_network(at);
                self.look_at_server();
                if arrived {
                    self.trace(|| format!("a request that {name} gave up arrives"));
                }
            }
            Ended::Died(_) => self.server_dies("right after a commit"),
            Ended::Panicked(why) => self.wrong(format!("the server panicked: {why}")),
        }
    }

    pub(super) fn replay(&mut self, at: usize) {
        if let Some(phone) = self.phones.get_mut(at) {
            phone.network.replay(&self.world.server);
        }
        self.heed_the_network(at);
        self.look_at_server();
    }
}
