//! One run of a device's engine, with every step of it in the test's hand.

use sotay_core::sync::engine::{Action, Engine, Event, Stop, SyncError};
use sotay_protocol::{
    enrol::ForkRequest,
    frame::{FrameError, FrameReader},
    limits,
    problem::{Problem, ProblemCode},
};
use sotay_server::{Exchange, Server};

use super::{Fault, Network, OneWay};
use crate::world::{Device, env::SetEnv};

/// One run of a device's engine, to be stepped through.
#[derive(Debug)]
pub struct Run {
    engine: Engine,
    next: Next,
    fault: Option<Fault>,
    /// A request was sent whose answer has not ended.
    under_way: bool,
    /// Bytes of this answer that have come down.
    down: usize,
    /// Steps until the next piece of a slow answer.
    waits: usize,
    /// Unpacks what comes down, for those who want to see it.
    seen: FrameReader,
}

#[derive(Debug)]
enum Next {
    Send(Vec<u8>),
    AskFork(ForkRequest),
    Read(Box<Exchange>),
    Over(Stop),
}

/// What one step brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A request left the phone.
    Sent,
    /// A whole frame came down and landed, unpacked here.
    Landed(Vec<u8>),
    /// The network broke, the answer ended, or the server refused.
    Heard(&'static str),
    /// The run is over.
    Over(Stop),
}

impl Run {
    /// Begins; nothing is sent yet.
    ///
    /// # Errors
    /// As [`Engine::begin`].
    pub fn begin(device: &Device, env: &SetEnv) -> Result<Self, SyncError> {
        let (engine, action) = Engine::begin(device.store(), env)?;
        let mut run = Self {
            engine,
            next: Next::Over(Stop::Done),
            fault: None,
            under_way: false,
            down: 0,
            waits: 0,
            seen: FrameReader::new(limits::FRAME_HARD),
        };
        run.take(action);
        Ok(run)
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A request stands ready that was not sent yet.
    #[must_use]
    pub fn is_about_to_send(&self) -> bool {
        matches!(self.next, Next::Send(_) | Next::AskFork(_))
    }

    /// It heard that it is a copy, and has not asked for a name of its own yet.
    #[must_use]
    pub fn is_about_to_fork(&self) -> bool {
        matches!(self.next, Next::AskFork(_))
    }

    fn take(&mut self, action: Action) {
        self.next = match action {
            Action::Exchange(packed) => Next::Send(packed),
            Action::Fork(request) => Next::AskFork(request),
            Action::Stop(stop) => Next::Over(stop),
            Action::Read => return,
        };
    }

    fn tell(&mut self, device: &Device, env: &SetEnv, event: Event<'_>) -> Result<(), SyncError> {
        self.under_way &= matches!(event, Event::Bytes(_));
        let action = self.engine.on(device.store(), env, event)?;
        self.take(action);
        Ok(())
    }

    /// The server is gone: what was under way is cut.
    ///
    /// # Errors
    /// As [`Engine::on`].
    pub fn break_off(&mut self, device: &Device, env: &SetEnv) -> Result<(), SyncError> {
        if self.under_way { self.tell(device, env, Event::Cut) } else { Ok(()) }
    }

    /// # Errors
    /// As [`Engine::on`].
    pub fn step(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
    ) -> Result<Step, SyncError> {
        match std::mem::replace(&mut self.next, Next::Over(Stop::Cut)) {
            Next::Over(stop) => {
                self.next = Next::Over(stop);
                Ok(Step::Over(stop))
            }
            Next::Send(packed) => self.send(device, server, env, network, &packed),
            Next::AskFork(request) => self.ask(device, server, env, network, &request),
            Next::Read(exchange) => self.read(device, env, network, exchange),
        }
    }

    fn broken(
        &mut self,
        device: &Device,
        env: &SetEnv,
        network: &mut Network,
        why: &'static str,
    ) -> Result<Step, SyncError> {
        network.struck.push(why);
        self.tell(device, env, Event::Cut)?;
        Ok(Step::Heard(why))
    }

    fn refused(&mut self, device: &Device, env: &SetEnv, problem: Problem) -> Result<(), SyncError> {
        self.tell(device, env, Event::Problem { status: problem.status, problem: Some(problem) })
    }

    /// Asks for an id of its own; the same faults befall this as any request.
    fn ask(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        request: &ForkRequest,
    ) -> Result<Step, SyncError> {
        if let Some(why) = unreachable(network) {
            return self.broken(device, env, network, why);
        }
        self.fault = network.coming.pop_front();
        let answer = match self.fault {
            Some(Fault::Portal | Fault::Denied | Fault::BadGateway { after: false }) => {
                return self.instead_of_the_server(device, env, network);
            }
            Some(Fault::CutUp(_) | Fault::Late) => return self.broken(device, env, network, "cut up"),
            Some(Fault::BadGateway { after: true }) => {
                drop(server.fork(request));
                return self.instead_of_the_server(device, env, network);
            }
            Some(Fault::LostAnswer | Fault::CutDown { .. }) => {
                drop(server.fork(request));
                return self.broken(device, env, network, "lost answer");
            }
            Some(Fault::Duplicate | Fault::DuplicateHeard) => {
                network.struck.push("duplicate");
                let (first, second) = (server.fork(request), server.fork(request));
                if let (Ok(first), Ok(second)) = (&first, &second)
                    && first != second
                {
                    network.astonishing.push("a request for an id was answered with two ids".into());
                }
                second
            }
            Some(Fault::Slow(_)) | None => server.fork(request),
        };
        if network.one_way == Some(OneWay::Up) {
            return self.broken(device, env, network, "one-way partition");
        }
        match answer {
            Ok(answer) => self.tell(device, env, Event::Forked(answer))?,
            Err(problem) => self.refused(device, env, problem)?,
        }
        Ok(Step::Sent)
    }

    fn send(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        packed: &[u8],
    ) -> Result<Step, SyncError> {
        if let Some(why) = unreachable(network) {
            return self.broken(device, env, network, why);
        }
        self.fault = network.coming.pop_front();
        self.under_way = true;
        self.down = 0;
        self.waits = 0;
        self.seen.restart();
        match self.fault {
            Some(Fault::CutUp(after)) => {
                let came = packed.get(..after % packed.len().max(1)).unwrap_or_default();
                if let Ok(taken) = server.exchange(came) {
                    network.astonishing.push(format!("half a request was taken: {taken:?}"));
                }
                return self.broken(device, env, network, "cut up");
            }
            Some(Fault::Late) => {
                network.late.push_back(packed.to_vec());
                return self.broken(device, env, network, "late request");
            }
            Some(Fault::Portal | Fault::Denied | Fault::BadGateway { after: false }) => {
                return self.instead_of_the_server(device, env, network);
            }
            _ => {}
        }
        let first = network.arrive(server, packed);
        self.hear(device, server, env, network, (packed, first))
    }

    /// What the phone hears of a request that the server has seen.
    fn hear(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        (packed, first): (&[u8], Result<Exchange, Problem>),
    ) -> Result<Step, SyncError> {
        let heard = match self.fault {
            Some(fault @ (Fault::Duplicate | Fault::DuplicateHeard)) => {
                network.struck.push(fault.name());
                let second = server.exchange(packed);
                if first.is_ok() {
                    let second = second.as_ref().map(drop).map_err(Clone::clone);
                    network.expect_no_second(second, "twice");
                }
                if fault == Fault::Duplicate {
                    first
                } else {
                    network.in_its_place = self.fault;
                    first.into_iter().for_each(|exchange| drain(exchange, usize::MAX));
                    second
                }
            }
            _ => first,
        };
        match heard {
            Ok(exchange) if matches!(self.fault, Some(Fault::BadGateway { .. })) => {
                drain(exchange, usize::MAX);
                self.instead_of_the_server(device, env, network)
            }
            Ok(exchange) if network.one_way == Some(OneWay::Up) => {
                network.lingering.push(exchange);
                self.broken(device, env, network, "one-way partition")
            }
            Ok(exchange) => {
                self.next = Next::Read(Box::new(exchange));
                Ok(Step::Sent)
            }
            Err(_) if network.one_way == Some(OneWay::Up) => {
                self.broken(device, env, network, "one-way partition")
            }
            Err(problem) => {
                self.refused(device, env, problem)?;
                Ok(Step::Heard("refused"))
            }
        }
    }

    fn instead_of_the_server(
        &mut self,
        device: &Device,
        env: &SetEnv,
        network: &mut Network,
    ) -> Result<Step, SyncError> {
        let name = self.fault.map_or("", Fault::name);
        network.struck.push(name);
        network.in_its_place = self.fault;
        match self.fault {
            Some(Fault::Portal) => {
                let page = b"<!DOCTYPE html><title>Wi-Fi</title>";
                self.tell(device, env, Event::Bytes(page))?;
            }
            Some(Fault::Denied) => {
                let unknown = Problem::new(ProblemCode::UnknownDevice, "Máy chủ không biết thiết bị này.");
                self.refused(device, env, unknown)?;
            }
            _ => self.tell(device, env, Event::Problem { status: 502, problem: None })?,
        }
        Ok(Step::Heard(name))
    }

    fn read(
        &mut self,
        device: &Device,
        env: &SetEnv,
        network: &mut Network,
        mut exchange: Box<Exchange>,
    ) -> Result<Step, SyncError> {
        if network.partitioned || network.one_way == Some(OneWay::Up) {
            let why = if network.partitioned { "partition" } else { "one-way partition" };
            network.lingering.push(*exchange);
            return self.broken(device, env, network, why);
        }
        if let Some(Fault::Slow(steps)) = self.fault {
            self.waits = if self.waits == 0 { steps + 1 } else { self.waits };
            self.waits -= 1;
            if self.waits > 0 {
                if self.down == 0 && self.waits == steps {
                    network.struck.push("slow answer");
                }
                self.next = Next::Read(exchange);
                return Ok(Step::Heard("nothing yet"));
            }
        }
        if self.fault == Some(Fault::LostAnswer) {
            drain(*exchange, usize::MAX);
            return self.broken(device, env, network, "lost answer");
        }
        let packed = match exchange.next() {
            Ok(Some(packed)) => network.tell(packed),
            Ok(None) => {
                self.tell(device, env, Event::Finished)?;
                return Ok(Step::Heard("finished"));
            }
            Err(_) => {
                self.tell(device, env, Event::Cut)?;
                return Ok(Step::Heard("broken off by the server"));
            }
        };
        if let Some(Fault::CutDown { after, beyond }) = self.fault
            && after < self.down + packed.len()
        {
            let some = packed.get(..after - self.down).unwrap_or_default();
            self.next = Next::Read(exchange);
            self.tell(device, env, Event::Bytes(some))?;
            if let Next::Read(exchange) = std::mem::replace(&mut self.next, Next::Over(Stop::Cut)) {
                linger(network, *exchange, beyond);
            }
            return self.broken(device, env, network, "cut down");
        }
        self.down += packed.len();
        self.next = Next::Read(exchange);
        self.tell(device, env, Event::Bytes(&packed))?;
        self.seen.push(&packed);
        match self.seen.next_frame() {
            Ok(Some(unpacked)) => Ok(Step::Landed(unpacked)),
            Ok(None) | Err(FrameError::Packing | FrameError::TooLarge(_) | FrameError::Malformed) => {
                network.astonishing.push("what the server gave as one frame is not one".into());
                Ok(Step::Landed(Vec::new()))
            }
        }
    }
}

/// Why no request arrives, if none does.
fn unreachable(network: &Network) -> Option<&'static str> {
    match network.one_way {
        _ if network.partitioned => Some("partition"),
        Some(OneWay::Down) => Some("one-way partition"),
        _ => None,
    }
}

/// The server goes on for nobody.
fn drain(mut exchange: Exchange, most: usize) {
    for _ in 0..most {
        if !matches!(exchange.next(), Ok(Some(_))) {
            return;
        }
    }
}

fn linger(network: &mut Network, mut exchange: Exchange, beyond: usize) {
    for _ in 0..beyond {
        if !matches!(exchange.next(), Ok(Some(_))) {
            return;
        }
    }
    network.lingering.push(exchange);
}
