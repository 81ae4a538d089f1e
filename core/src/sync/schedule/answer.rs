//! The answer: what to do now, or what is waited for.

use std::time::Duration;

use serde::Serialize;
use sotay_protocol::env::Timestamp;

use super::{
    FilesLeft, Network, Place, REFRESH, REFRESH_LISTENING, Reason, SPARING, Schedule, WINDOW_LEAST,
    WINDOW_REFRESH,
};

/// A new token is fetched this long before the old one ends.
const TOKEN_EARLY: Duration = Duration::from_secs(2 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub sync: Next,
    pub events: Listen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Now.
    Run(Plan),
    /// One goes on.
    Running,
    /// One goes on that has to end: the window is over, or the app sleeps.
    Stop(Why),
    /// Not before this moment.
    At(Timestamp, Why),
    /// Not before something happens.
    Wait(Why),
}

/// What a run is of; an exchange is always the first of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub files_up: bool,
    pub files_down: FilesDown,
}

/// Which files are to come down; each with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilesDown {
    /// Those that the person has opened and stands waiting for.
    Opened,
    /// Those that they want to have here.
    Wanted,
    /// All that there is room for.
    Rest,
}

impl Plan {
    pub(super) fn covers(&self, left: &FilesLeft) -> bool {
        (self.files_up && left.up) || left.down.is_some_and(|down| down <= self.files_down)
    }
}

/// Why nothing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// All is done; the moment is that of the next look.
    Idle,
    NotEnrolled,
    Paused,
    NoNetwork,
    Metered,
    Battery,
    Background,
    BackOff,
    ServerAsked,
    /// The server does not know this device: enrol again.
    Unknown,
    /// The person ended the last one.
    Stopped,
    /// More may come in a moment, and go along.
    Gathering,
}

/// What to do about the line on which the server pokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Open it now.
    Open,
    /// It stands, or is being opened.
    Keep,
    At(Timestamp),
    /// Let go of it.
    No(Why),
    /// A token is needed first, which an exchange brings.
    NoToken,
}

/// Until when nothing runs unless the person asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    pub until: Timestamp,
    pub why: Why,
}

impl Hold {
    /// No change of network makes it otherwise.
    pub(super) fn is_server(&self) -> bool {
        matches!(self.why, Why::ServerAsked | Why::Unknown)
    }
}

impl Schedule {
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer { sync: self.next(), events: self.listen() }
    }

    fn next(&self) -> Next {
        let hindrance = self.hindrance();
        if self.running.is_some() {
            let over = matches!(self.place, Place::Window { until } if until <= self.now);
            return match hindrance {
                Some(why @ Why::Paused) => Next::Stop(why),
                _ if over || self.window_over => Next::Stop(Why::Background),
                _ => Next::Running,
            };
        }
        if let Some(why) = hindrance {
            return Next::Wait(why);
        }
        let (reason, due, why) = match self.first() {
            Ok(due) => due,
            Err(why) => return Next::Wait(why),
        };
        let rested =
            self.ended.filter(|_| reason != Reason::Press).map_or(Timestamp::MIN, |at| at + super::PAUSE);
        let held = self.hold.map_or(Timestamp::MIN, |hold| hold.until);
        let at = due.max(rested).max(held);
        match self.hold {
            _ if at <= self.now => Next::Run(self.plan(reason)),
            Some(hold) if hold.until == at => Next::At(at, hold.why),
            _ => Next::At(at, why),
        }
    }

    /// When to ask again if nothing happens before.
    #[must_use]
    pub fn wake(&self) -> Option<Timestamp> {
        let Answer { sync, events } = self.answer();
        let at = match sync {
            Next::At(at, _) => Some(at),
            Next::Running => match self.place {
                Place::Window { until } => Some(until),
                _ => None,
            },
            _ => None,
        };
        let line = match events {
            Listen::At(at) => Some(at),
            _ => None,
        };
        at.into_iter().chain(line).min()
    }

    /// What no reason overcomes.
    fn hindrance(&self) -> Option<Why> {
        if self.paused {
            return Some(Why::Paused);
        }
        if !self.facts.enrolled {
            return Some(Why::NotEnrolled);
        }
        if self.network == Network::None {
            return Some(Why::NoNetwork);
        }
        match self.place {
            Place::Foreground => None,
            Place::Window { until } if self.now + WINDOW_LEAST <= until => None,
            Place::Window { .. } | Place::Background => Some(Why::Background),
        }
    }

    /// What is first due, of what was asked for and what comes round by itself.
    fn first(&self) -> Result<(Reason, Timestamp, Why), Why> {
        let asked = self.wish.map(|wish| {
            let why = if wish.reason == Reason::Submission { Why::Gathering } else { Why::Idle };
            (wish.reason, wish.due, why)
        });
        match (asked, self.refresh()) {
            (Some(asked), _) if self.may(asked.0).is_err() => self.may(asked.0).map(|()| asked),
            (Some(asked), Ok(round)) if round < asked.1 => Ok((asked.0, round, Why::Idle)),
            (Some(asked), _) => Ok(asked),
            (None, Ok(round)) => Ok((Reason::Refresh, round, Why::Idle)),
            (None, Err(why)) => Err(why),
        }
    }

    pub(super) fn reason(&self) -> Reason {
        self.wish.map_or(Reason::Refresh, |wish| wish.reason)
    }

    /// Whether the network and the battery are worth this reason.
    pub(super) fn may(&self, reason: Reason) -> Result<(), Why> {
        let metered = self.unmetered_only && self.network == Network::Metered;
        match reason {
            Reason::Press | Reason::Submission | Reason::Files => Ok(()),
            Reason::Poke | Reason::Refresh if metered => Err(Why::Metered),
            Reason::Refresh if self.is_sparing() && self.place != Place::Foreground => Err(Why::Battery),
            Reason::Poke | Reason::Refresh => Ok(()),
        }
    }

    /// When news are looked for without anybody's asking.
    fn refresh(&self) -> Result<Timestamp, Why> {
        self.may(Reason::Refresh)?;
        let listening = self.line.is_open();
        let span = match self.place {
            Place::Window { .. } => WINDOW_REFRESH,
            _ if listening => REFRESH_LISTENING,
            _ => REFRESH,
        };
        let span = if self.is_sparing() { span * SPARING } else { span };
        // A sync in the future was made under another clock.
        let last = self.facts.last_sync.map(|at| at.min(self.now)).max(self.ended);
        let round = last.map_or(self.now, |at| at + span);
        let token = match self.facts.token_until {
            Some(until) if self.wants_line().is_ok() => {
                let early = until.minus(TOKEN_EARLY);
                // One that another clock put far off serves until it is refused.
                early.max(self.ended.map_or(Timestamp::MIN, |at| at + REFRESH))
            }
            _ => Timestamp::MAX,
        };
        Ok(round.min(token))
    }

    pub(super) fn plan(&self, reason: Reason) -> Plan {
        let unmetered = self.network == Network::Unmetered;
        let pressed = reason == Reason::Press;
        let files_down = if unmetered && !self.is_sparing() {
            FilesDown::Rest
        } else if unmetered || !self.unmetered_only || pressed {
            FilesDown::Wanted
        } else {
            FilesDown::Opened
        };
        Plan { files_up: unmetered || !self.unmetered_only || pressed, files_down }
    }

    fn wants_line(&self) -> Result<(), Why> {
        if let Some(why) = self.hindrance() {
            return Err(why);
        }
        if self.place != Place::Foreground {
            return Err(Why::Background);
        }
        if self.power_saver {
            return Err(Why::Battery);
        }
        self.may(Reason::Poke)
    }

    fn listen(&self) -> Listen {
        if let Err(why) = self.wants_line() {
            return Listen::No(why);
        }
        if !self.line.is_closed() {
            return Listen::Keep;
        }
        let valid = self.facts.token_until.is_some_and(|until| self.now < until);
        if self.line.refused || !valid {
            return Listen::NoToken;
        }
        match self.line.retry {
            Some(at) if self.now < at => Listen::At(at),
            _ => Listen::Open,
        }
    }
}
