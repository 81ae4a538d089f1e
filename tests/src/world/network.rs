//! What lies between a phone and the server, step by step: one frame at a time, and whatever breaks.

use std::collections::VecDeque;

use sotay_core::sync::engine::{Action, Engine, Event, Stop, SyncError};
use sotay_protocol::{
    enrol::ForkRequest,
    frame::{FrameError, FrameReader},
    limits,
    problem::{Problem, ProblemCode},
};
use sotay_server::{Exchange, Server};

use super::{Device, env::SetEnv};

/// What befalls one exchange. Counts of bytes go round: taken modulo the length of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request breaks off after so many bytes.
    CutUp(usize),
    /// The answer breaks off after so many bytes; the server makes `beyond` more frames for nobody.
    CutDown { after: usize, beyond: usize },
    /// The server does everything, the phone hears nothing.
    LostAnswer,
    /// The request comes twice; the phone hears the first answer.
    Duplicate,
    /// The request comes twice, and the phone hears what the server says to the second.
    DuplicateHeard,
    /// A gateway answers 502 in the server's place, which may have done everything.
    BadGateway { after: bool },
    /// Somebody's sign-in page answers in the server's place.
    Portal,
}

impl Fault {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CutUp(_) => "cut up",
            Self::CutDown { .. } => "cut down",
            Self::LostAnswer => "lost answer",
            Self::Duplicate | Self::DuplicateHeard => "duplicate",
            Self::BadGateway { .. } => "bad gateway",
            Self::Portal => "sign-in page",
        }
    }
}

/// One device's way to the server.
#[derive(Debug, Default)]
pub struct Network {
    /// Nothing gets through.
    pub partitioned: bool,
    /// What befalls the next exchanges, in order; after these all goes well.
    pub coming: VecDeque<Fault>,
    /// What really befell, newest last.
    pub struck: Vec<&'static str>,
    /// What answered in the place of the server's true answer, if anything has since this was last looked at.
    pub in_its_place: Option<Fault>,
    /// What should never have happened, such as half a request that was taken.
    pub astonishing: Vec<String>,
    /// Exchanges that the server has not noticed to be cut.
    pub lingering: Vec<Exchange>,
    /// The last request that reached the server.
    pub last_request: Option<Vec<u8>>,
    /// The server has taken it, and nobody has looked at it since.
    pub newly_taken: bool,
}

impl Network {
    pub fn next(&mut self, fault: Fault) {
        self.coming.push_back(fault);
    }

    /// An old request comes again, late: the server has to refuse it.
    pub fn replay(&mut self, server: &Server) {
        let Some(packed) = &self.last_request else { return };
        self.struck.push("duplicate");
        match server.exchange(packed) {
            Err(problem) if problem.code == ProblemCode::CountReplayed => {}
            other => self.astonishing.push(format!("a request sent again was answered {other:?}")),
        }
    }
}

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
            Next::AskFork(_) if network.partitioned => self.broken(device, env, network, "partition"),
            Next::AskFork(request) => {
                match server.fork(&request) {
                    Ok(answer) => self.tell(device, env, Event::Forked(answer))?,
                    Err(problem) => self.refused(device, env, problem)?,
                }
                Ok(Step::Sent)
            }
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

    fn send(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        packed: &[u8],
    ) -> Result<Step, SyncError> {
        if network.partitioned {
            return self.broken(device, env, network, "partition");
        }
        self.fault = network.coming.pop_front();
        self.under_way = true;
        self.down = 0;
        self.seen = FrameReader::new(limits::FRAME_HARD);
        if let Some(Fault::CutUp(after)) = self.fault {
            let came = packed.get(..after % packed.len().max(1)).unwrap_or_default();
            if let Ok(taken) = server.exchange(came) {
                network.astonishing.push(format!("half a request was taken: {taken:?}"));
            }
            return self.broken(device, env, network, "cut up");
        }
        if matches!(self.fault, Some(Fault::Portal | Fault::BadGateway { after: false })) {
            return self.instead_of_the_server(device, env, network);
        }
        let first = server.exchange(packed);
        network.newly_taken = first.is_ok();
        network.last_request = Some(packed.to_vec());
        let heard = match self.fault {
            Some(fault @ (Fault::Duplicate | Fault::DuplicateHeard)) => {
                network.struck.push(fault.name());
                let second = server.exchange(packed);
                if second.as_ref().err().is_none_or(|problem| problem.code != ProblemCode::CountReplayed) {
                    network.astonishing.push(format!("a request sent twice was answered {second:?}"));
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
            Ok(exchange) => {
                self.next = Next::Read(Box::new(exchange));
                Ok(Step::Sent)
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
        if self.fault == Some(Fault::Portal) {
            let page = b"<!DOCTYPE html><title>Wi-Fi</title>";
            self.tell(device, env, Event::Bytes(page))?;
        } else {
            self.tell(device, env, Event::Problem { status: 502, problem: None })?;
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
        if network.partitioned {
            network.lingering.push(*exchange);
            return self.broken(device, env, network, "partition");
        }
        if self.fault == Some(Fault::LostAnswer) {
            drain(*exchange, usize::MAX);
            return self.broken(device, env, network, "lost answer");
        }
        let packed = match exchange.next() {
            Ok(Some(packed)) => packed,
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
