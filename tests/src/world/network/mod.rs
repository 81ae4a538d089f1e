//! What lies between a phone and the server, step by step: one frame at a time, and whatever breaks.

mod run;

use std::collections::VecDeque;

use sotay_protocol::problem::{Problem, ProblemCode};
use sotay_server::{Exchange, Server};

pub use self::run::{Run, Step};

/// What befalls one request. Counts of bytes go round: taken modulo the length of a request.
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
    /// The phone gives up before the request has arrived; it arrives when others of this phone did, or never.
    Late,
    /// Each piece of the answer is so many steps under way, while others go on.
    Slow(usize),
    /// A gateway answers 502 in the server's place, which may have done everything.
    BadGateway { after: bool },
    /// Somebody's sign-in page answers in the server's place.
    Portal,
    /// Whoever answers says that the device is not known.
    Denied,
}

/// Whoever has the server's machine, or stands in its place: makes of each packed frame what they like.
pub struct Liar(Box<dyn FnMut(Vec<u8>) -> Vec<u8> + Send>);

impl Liar {
    pub fn new(tells: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) -> Self {
        Self(Box::new(tells))
    }
}

impl std::fmt::Debug for Liar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Liar").finish_non_exhaustive()
    }
}

impl Fault {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CutUp(_) => "cut up",
            Self::CutDown { .. } => "cut down",
            Self::LostAnswer => "lost answer",
            Self::Duplicate | Self::DuplicateHeard => "duplicate",
            Self::Late => "late request",
            Self::Slow(_) => "slow answer",
            Self::BadGateway { .. } => "bad gateway",
            Self::Portal => "sign-in page",
            Self::Denied => "said to be unknown",
        }
    }
}

/// In which direction alone bytes get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneWay {
    /// Requests arrive, answers do not.
    Up,
    /// An answer under way still comes, requests do not arrive.
    Down,
}

/// Whether the server has counted a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Surely,
    Perhaps,
}

/// One device's way to the server.
#[derive(Debug, Default)]
pub struct Network {
    /// Nothing gets through.
    pub partitioned: bool,
    /// Where it is not partitioned: the one direction that is left.
    pub one_way: Option<OneWay>,
    /// What befalls the next requests, in order; after these all goes well.
    pub coming: VecDeque<Fault>,
    /// What really befell, newest last.
    pub struck: Vec<&'static str>,
    /// What answered in the place of the server's true answer, if anything has since this was last looked at.
    pub in_its_place: Option<Fault>,
    /// Who tells this phone something else than the server does.
    pub liar: Option<Liar>,
    /// What should never have happened, such as half a request that was taken.
    pub astonishing: Vec<String>,
    /// Exchanges that the server has not noticed to be cut.
    pub lingering: Vec<Exchange>,
    /// Requests that the phone has given up and that are still under way.
    pub late: VecDeque<Vec<u8>>,
    /// The last request that reached the server.
    pub last_request: Option<Vec<u8>>,
    /// Requests that came late, of a device that the server does not know.
    pub unknown: Vec<Vec<u8>>,
    /// Requests that the server has taken since somebody looked; of some nobody knows, for it failed at them.
    pub taken: Vec<(Vec<u8>, Taken)>,
}

impl Network {
    pub fn next(&mut self, fault: Fault) {
        self.coming.push_back(fault);
    }

    /// Everything gets through again, and nothing is planned.
    pub fn heal(&mut self) {
        self.partitioned = false;
        self.one_way = None;
        self.coming.clear();
    }

    /// A packed frame as the phone gets it.
    fn tell(&mut self, packed: Vec<u8>) -> Vec<u8> {
        match &mut self.liar {
            Some(liar) => (liar.0)(packed),
            None => packed,
        }
    }

    /// An old request comes again: the server has to refuse it.
    pub fn replay(&mut self, server: &Server) {
        let Some(packed) = &self.last_request else { return };
        self.struck.push("duplicate");
        let again = server.exchange(packed);
        self.expect_no_second(again.map(drop), "again");
    }

    /// A request that the phone gave up arrives; it counts if nothing newer of this phone came before it. False
    /// where none is under way.
    pub fn arrive_late(&mut self, server: &Server) -> bool {
        let Some(packed) = self.late.pop_front() else { return false };
        self.struck.push("reordered request");
        match self.arrive(server, &packed) {
            Ok(exchange) => self.lingering.push(exchange),
            Err(problem) if problem.code == ProblemCode::CountReplayed || problem.status >= 500 => {}
            Err(problem) if problem.code == ProblemCode::UnknownDevice => self.unknown.push(packed),
            Err(problem) => self.astonishing.push(format!("a late request was answered {problem:?}")),
        }
        true
    }

    /// A request reaches the server. One at which it dies, or fails, may have been taken.
    fn arrive(&mut self, server: &Server, packed: &[u8]) -> Result<Exchange, Problem> {
        self.taken.push((packed.to_vec(), Taken::Perhaps));
        let answer = server.exchange(packed);
        match &answer {
            Ok(_) => {
                self.taken.pop();
                self.taken.push((packed.to_vec(), Taken::Surely));
                self.last_request = Some(packed.to_vec());
            }
            Err(problem) if problem.status >= 500 => {}
            Err(_) => drop(self.taken.pop()),
        }
        answer
    }

    fn expect_no_second(&mut self, heard: Result<(), Problem>, how: &str) {
        match heard {
            Err(problem) if problem.code == ProblemCode::CountReplayed || problem.status >= 500 => {}
            other => self.astonishing.push(format!("a request sent {how} was answered {other:?}")),
        }
    }
}
