//! One run of a device's transfer of files, with every step of it in the test's hand.

use sotay_core::{
    attachments::{
        Terms,
        transfer::{Action, Event, Range, Stop, Transfer},
    },
    sync::engine::{self, SyncError},
};
use sotay_protocol::problem::{Problem, ProblemCode};
use sotay_server::{Server, attachments::Readable};

use super::{
    Device, World,
    env::SetEnv,
    network::{Fault, Network, OneWay},
};

/// One run of a device's transfer, to be stepped through.
#[derive(Debug)]
pub struct FilesRun {
    transfer: Transfer,
    next: Next,
    /// Bytes of files that left this phone and that came to it, those that were lost on the way included.
    pub up: u64,
    pub down: u64,
}

#[derive(Debug)]
enum Next {
    Post(Vec<u8>),
    Get(Range),
    Read(Box<Reading>),
    Over(Stop),
}

/// An answer under way.
#[derive(Debug)]
struct Reading {
    of: Readable,
    at: u64,
    to: u64,
    /// It breaks off here.
    cut: Option<u64>,
}

/// What one step brought.
#[derive(Debug, PartialEq, Eq)]
pub enum FilesStep {
    /// A part or a question left the phone and was answered.
    Sent,
    /// A range was asked for.
    Asked,
    /// Bytes came down.
    Came(u64),
    /// The network broke, the answer ended, or the server refused.
    Heard(&'static str),
    /// The run is over.
    Over(Stop),
}

impl FilesRun {
    /// Begins; nothing is sent yet.
    ///
    /// # Errors
    /// As [`Transfer::begin`].
    pub fn begin(device: &Device, env: &SetEnv, terms: &Terms) -> Result<Self, SyncError> {
        let (transfer, action) = Transfer::begin(device.store(), env, terms.clone())?;
        let mut run = Self { transfer, next: Next::Over(Stop::Done), up: 0, down: 0 };
        run.take(action);
        Ok(run)
    }

    #[must_use]
    pub fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// A request stands ready that was not sent yet.
    #[must_use]
    pub fn is_about_to_send(&self) -> bool {
        matches!(self.next, Next::Post(_) | Next::Get(_))
    }

    fn take(&mut self, action: Action) {
        self.next = match action {
            Action::Post(packed) => Next::Post(packed),
            Action::Get(range) => Next::Get(range),
            Action::Stop(stop) => Next::Over(stop),
            Action::Read => return,
        };
    }

    fn tell(&mut self, device: &Device, env: &SetEnv, event: Event<'_>) -> Result<(), SyncError> {
        let action = self.transfer.on(device.store(), env, event)?;
        self.take(action);
        Ok(())
    }

    fn broken(
        &mut self,
        device: &Device,
        env: &SetEnv,
        network: &mut Network,
        why: &'static str,
    ) -> Result<FilesStep, SyncError> {
        network.struck.push(why);
        self.tell(device, env, Event::Cut)?;
        Ok(FilesStep::Heard(why))
    }

    fn refused(&mut self, device: &Device, env: &SetEnv, problem: Problem) -> Result<FilesStep, SyncError> {
        self.tell(device, env, Event::Problem { status: problem.status, problem: Some(problem) })?;
        Ok(FilesStep::Heard("refused"))
    }

    /// The server is gone: what was under way is cut.
    ///
    /// # Errors
    /// As [`Transfer::on`].
    pub fn break_off(&mut self, device: &Device, env: &SetEnv) -> Result<(), SyncError> {
        if matches!(self.next, Next::Read(_)) { self.tell(device, env, Event::Cut) } else { Ok(()) }
    }

    /// # Errors
    /// As [`Transfer::on`].
    pub fn step(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
    ) -> Result<FilesStep, SyncError> {
        let next = std::mem::replace(&mut self.next, Next::Over(Stop::Cut));
        if let Next::Over(stop) = next {
            self.next = Next::Over(stop);
            return Ok(FilesStep::Over(stop));
        }
        if network.partitioned || (network.one_way == Some(OneWay::Down) && !matches!(next, Next::Read(_))) {
            return self.broken(device, env, network, "partition");
        }
        match next {
            Next::Post(packed) => self.post(device, server, env, network, &packed),
            Next::Get(range) => self.get(device, server, env, network, &range),
            Next::Read(reading) => self.read(device, server, env, network, reading),
            Next::Over(stop) => Ok(FilesStep::Over(stop)),
        }
    }

    fn post(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        packed: &[u8],
    ) -> Result<FilesStep, SyncError> {
        let head = packed.iter().position(|byte| *byte == b'\n').map_or(packed.len(), |end| end + 1);
        let fault = network.coming.pop_front();
        if let Some(Fault::CutUp(after)) = fault {
            let after = after % packed.len().max(1);
            self.up += after.saturating_sub(head) as u64;
            if server.part(packed.get(..after).unwrap_or_default()).is_ok() {
                network.astonishing.push("half a part was taken".into());
            }
            return self.broken(device, env, network, "cut up");
        }
        if matches!(fault, Some(Fault::Portal | Fault::BadGateway { after: false })) {
            return self.instead_of_the_server(device, env, network, fault);
        }
        self.up += (packed.len() - head) as u64;
        let first = server.part(packed);
        let heard = match fault {
            Some(Fault::Duplicate | Fault::DuplicateHeard) => {
                network.struck.push("duplicate");
                server.part(packed)
            }
            Some(Fault::BadGateway { after: true }) => {
                return self.instead_of_the_server(device, env, network, fault);
            }
            Some(Fault::LostAnswer | Fault::Late | Fault::CutDown { .. }) => {
                return self.broken(device, env, network, "lost answer");
            }
            _ => first,
        };
        if network.one_way == Some(OneWay::Up) {
            return self.broken(device, env, network, "one-way partition");
        }
        match heard {
            Ok(answer) => {
                self.tell(device, env, Event::Answered(answer))?;
                Ok(FilesStep::Sent)
            }
            Err(problem) => self.refused(device, env, problem),
        }
    }

    fn instead_of_the_server(
        &mut self,
        device: &Device,
        env: &SetEnv,
        network: &mut Network,
        fault: Option<Fault>,
    ) -> Result<FilesStep, SyncError> {
        let name = fault.map_or("", Fault::name);
        network.struck.push(name);
        let status = if fault == Some(Fault::Portal) { 200 } else { 502 };
        self.tell(device, env, Event::Problem { status, problem: None })?;
        Ok(FilesStep::Heard(name))
    }

    fn get(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        range: &Range,
    ) -> Result<FilesStep, SyncError> {
        let fault = network.coming.pop_front();
        match fault {
            Some(Fault::Portal | Fault::BadGateway { .. }) => {
                return self.instead_of_the_server(device, env, network, fault);
            }
            Some(Fault::CutUp(_) | Fault::Late | Fault::LostAnswer) => {
                return self.broken(device, env, network, "cut up");
            }
            _ if network.one_way == Some(OneWay::Up) => {
                return self.broken(device, env, network, "one-way partition");
            }
            _ => {}
        }
        let readable = server.device_of_token(&range.token).and_then(|device| {
            let of = server.readable(device, &range.row, &range.hash);
            of.map_err(|_| Problem::new(ProblemCode::Unavailable, "kho đang bận"))
        });
        match readable {
            Ok(Some(of)) => {
                let cut = match fault {
                    Some(Fault::CutDown { after, .. }) => {
                        Some(range.from + after as u64 % (range.to - range.from).max(1))
                    }
                    _ => None,
                };
                self.next = Next::Read(Box::new(Reading { of, at: range.from, to: range.to, cut }));
                Ok(FilesStep::Asked)
            }
            Ok(None) => self.refused(device, env, Problem::new(ProblemCode::NotFound, "không có tệp này")),
            Err(problem) => self.refused(device, env, problem),
        }
    }

    fn read(
        &mut self,
        device: &Device,
        server: &Server,
        env: &SetEnv,
        network: &mut Network,
        mut reading: Box<Reading>,
    ) -> Result<FilesStep, SyncError> {
        if reading.at >= reading.to {
            self.tell(device, env, Event::Finished)?;
            return Ok(FilesStep::Heard("finished"));
        }
        let Ok(mut bytes) = server.read_on(&reading.of, reading.at) else {
            self.tell(device, env, Event::Cut)?;
            return Ok(FilesStep::Heard("broken off by the server"));
        };
        let end = reading.cut.unwrap_or(reading.to).min(reading.to);
        bytes.truncate(usize::try_from(end - reading.at).unwrap_or(usize::MAX));
        if bytes.is_empty() {
            return self.broken(device, env, network, "cut down");
        }
        let came = bytes.len() as u64;
        self.down += came;
        reading.at += came;
        let cut = reading.cut.is_some_and(|cut| cut <= reading.at);
        self.next = Next::Read(reading);
        self.tell(device, env, Event::Bytes(&bytes))?;
        if cut && matches!(self.next, Next::Read(_)) {
            return self.broken(device, env, network, "cut down");
        }
        Ok(FilesStep::Came(came))
    }
}

impl Device {
    /// Sends and fetches files through the world's network until nothing is left to do, or something breaks; with the
    /// bytes that went up and came down.
    ///
    /// # Panics
    /// Where the store fails.
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn move_files(&self, world: &mut World, terms: &Terms) -> (Stop, u64, u64) {
        let mut run = FilesRun::begin(self, &world.env, terms).expect("the store works");
        loop {
            let step =
                run.step(self, &world.server, &world.env, &mut world.network).expect("the store works");
            if let FilesStep::Over(stop) = step {
                return (stop, run.up, run.down);
            }
        }
    }

    /// A sync as the app does it: words up, their files up, both taken; then files down under these terms. Says how
    /// the last step ended.
    pub fn sync_with_files(&self, world: &mut World, terms: &Terms) -> engine::Stop {
        let up = Terms { down: None, ..terms.clone() };
        for terms in [&up, terms] {
            let stop = self.sync(world);
            if stop != engine::Stop::Done {
                return stop;
            }
            match self.move_files(world, terms).0 {
                Stop::Done | Stop::ExchangeFirst => {}
                Stop::Cut => return engine::Stop::Cut,
                Stop::EnrolAgain => return engine::Stop::EnrolAgain,
                Stop::ServerFault => return engine::Stop::ServerFault,
                Stop::NotUnderstood => return engine::Stop::NotUnderstood,
            }
        }
        engine::Stop::Done
    }
}
