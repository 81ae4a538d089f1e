//! When the next sync is, and of what: a pure state machine without clock, chance or thread of its own.
//!
//! A shell tells what happened (network, battery, foreground, a press), the driver tells what came of a run, and
//! each time the answer is the same function of all that was told: run now, at this moment, or not before something
//! happens, because … Nothing is asked of the platform, so every rule stands in a test of three lines.
//!
//! What was rejected: a timer per reason (they race), and retrying inside a run (it hides from the person why
//! nothing moves).

mod answer;
mod facts;
mod line;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sotay_protocol::env::Timestamp;

use self::{
    answer::Hold,
    line::{Chance, Line},
};
pub use self::{
    answer::{Answer, FilesDown, Listen, Next, Plan, Why},
    facts::{Facts, FilesLeft},
    line::Closed,
};

/// Words typed one after another go up together; somebody who never stops is not waited for.
pub const DEBOUNCE: Duration = Duration::from_secs(1);
pub const DEBOUNCE_MOST: Duration = Duration::from_secs(5);
/// The first back-off is anywhere up to this, each further one up to twice as long.
pub const BACK_OFF: Duration = Duration::from_secs(5);
pub const BACK_OFF_MOST: Duration = Duration::from_secs(15 * 60);
/// Between the end of a run and the next, whatever is asked for, unless the person asks.
pub const PAUSE: Duration = Duration::from_secs(1);
/// The longest that a server may ask to be left alone.
pub const LATER_MOST: Duration = Duration::from_secs(60 * 60);
/// A server that does not know this device is asked again after this and as much again at most: it may be restored.
pub const UNKNOWN: Duration = Duration::from_secs(6 * 60 * 60);
/// Without pokes, what is new is looked for this often while somebody looks on.
pub const REFRESH: Duration = Duration::from_secs(15 * 60);
/// With them, only in case one was lost.
pub const REFRESH_LISTENING: Duration = Duration::from_secs(60 * 60);
/// On a low battery this much more seldom.
const SPARING: u32 = 4;
/// A window is used for news only if they are older than this.
const WINDOW_REFRESH: Duration = Duration::from_secs(10 * 60);
/// With less of a window left, nothing is begun.
const WINDOW_LEAST: Duration = Duration::from_secs(3);
/// Back on a network, news older than this are looked for.
const STALE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    None,
    /// Paid by the byte, as far as the system knows.
    Metered,
    #[default]
    Unmetered,
}

/// Where the app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Foreground,
    Background,
    /// In the background, with leave to work until then.
    Window {
        until: Timestamp,
    },
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The server could not be reached at all.
    NotReached,
    Cut,
    /// The server failed, or asks to come later; after how long, where it says so.
    ServerFault {
        later: Option<Duration>,
    },
    /// The server does not know this device.
    Unknown,
    NotUnderstood,
    /// The person or the system ended it.
    Stopped,
    /// Another run goes on that this schedule did not ask for.
    Busy,
    /// The store's own fault.
    Store,
}

/// A run that is over, with how the store stands after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub outcome: Outcome,
    /// Anything at all went up or came down.
    pub moved: bool,
    pub facts: Facts,
}

/// What a schedule is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Time has passed.
    Tick,
    /// How the store stands, at the beginning or when somebody looked.
    Looked(Facts),
    Network(Network),
    /// The person's own wish: large things and news not on a network that is paid by the byte.
    UnmeteredOnly(bool),
    Battery {
        low: bool,
    },
    PowerSaver(bool),
    Foreground,
    Background,
    Window {
        until: Timestamp,
    },
    WindowEnded,
    Paused,
    Resumed,
    /// For the first time or anew.
    Enrolled(Facts),
    /// The person did something that goes up.
    Submitted,
    /// The person opened a file that is not here.
    FileOpened,
    /// The server says that something is new. Many phones hear it at once: each comes somewhere in this span.
    Poked {
        within: Duration,
    },
    /// Cập nhật ngay.
    Pressed,
    /// The clock shows another time than has passed.
    ClockJumped,
    Began,
    Ended(Ended),
    LineOpening,
    LineOpened,
    LineClosed(Closed),
}

/// Why a run is wanted, the least urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Refresh,
    Files,
    Poke,
    Submission,
    Press,
}

/// A run that something asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    reason: Reason,
    since: Timestamp,
    due: Timestamp,
}

/// All that is known, and with it the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    now: Timestamp,
    network: Network,
    unmetered_only: bool,
    battery_low: bool,
    power_saver: bool,
    place: Place,
    paused: bool,
    facts: Facts,
    /// The plan of the run that goes on, and why it was begun.
    running: Option<(Plan, Reason)>,
    /// The window in which it was begun is over.
    window_over: bool,
    wish: Option<Wish>,
    hold: Option<Hold>,
    failures: u32,
    /// When the last run ended.
    ended: Option<Timestamp>,
    line: Line,
}

impl Schedule {
    /// An app in the foreground, on a network of which nothing is known yet.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            network: Network::default(),
            unmetered_only: false,
            battery_low: false,
            power_saver: false,
            place: Place::Foreground,
            paused: false,
            facts: Facts::default(),
            running: None,
            window_over: false,
            wish: None,
            hold: None,
            failures: 0,
            ended: None,
            line: Line::default(),
        }
    }

    /// Takes in what happened, and answers. `chance` is any number at all: what is to be spread is spread by it.
    pub fn on(&mut self, now: Timestamp, chance: u64, happened: Happened) -> Answer {
        self.clock(now);
        self.take_in(Chance(chance), happened);
        self.answer()
    }

    /// Whether the line stands on which the server pokes.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.line.is_open()
    }

    fn take_in(&mut self, chance: Chance, happened: Happened) {
        match happened {
            Happened::Tick => {}
            Happened::Looked(facts) => self.looked(facts),
            Happened::Network(network) => self.network(network, chance),
            Happened::UnmeteredOnly(only) => {
                self.unmetered_only = only;
                self.files();
            }
            Happened::Battery { low } => {
                self.battery_low = low;
                self.files();
            }
            Happened::PowerSaver(on) => {
                self.power_saver = on;
                self.files();
            }
            Happened::Foreground => self.awake(Place::Foreground),
            Happened::Background => self.place = Place::Background,
            Happened::WindowEnded => self.window_ended(),
            Happened::Window { until } => self.awake(Place::Window { until }),
            Happened::Paused => self.paused = true,
            Happened::Resumed => {
                self.paused = false;
                self.awake(self.place);
            }
            Happened::Enrolled(facts) => {
                self.forget_failures();
                self.looked(facts);
                self.wish(Reason::Refresh, self.now);
            }
            Happened::Submitted => self.submitted(),
            Happened::FileOpened => {
                self.facts.files.down = Some(FilesDown::Opened);
                self.wish(Reason::Files, self.now);
            }
            Happened::Poked { within } => self.wish(Reason::Poke, self.now + chance.up_to(within)),
            Happened::Pressed => {
                self.forget_failures();
                self.wish(Reason::Press, self.now);
            }
            Happened::ClockJumped => {
                // What this phone thinks of the server's time is to be asked anew, and no connection is what it was.
                self.line.closed(self.now, Closed::Broken, chance);
                self.wish(Reason::Refresh, self.now + chance.up_to(PAUSE));
            }
            Happened::Began => self.began(),
            Happened::Ended(ended) => self.ended(ended, chance),
            Happened::LineOpening => self.line.opening(),
            Happened::LineOpened => self.line.opened(self.now),
            Happened::LineClosed(why) => {
                self.line.closed(self.now, why, chance);
                if why == Closed::Refused {
                    self.wish(Reason::Refresh, self.now);
                }
            }
        }
    }

    fn window_ended(&mut self) {
        self.window_over = self.running.is_some() && matches!(self.place, Place::Window { .. });
        self.place = Place::Background;
    }

    fn forget_failures(&mut self) {
        (self.failures, self.hold) = (0, None);
        self.line.at_once();
    }

    /// A clock set back takes all that was planned with it: nobody waits a year for the year to come again.
    fn clock(&mut self, now: Timestamp) {
        if now < self.now {
            let back = now.millis().saturating_sub(self.now.millis());
            let shift = |at: &mut Timestamp| *at = Timestamp::from_millis(at.millis().saturating_add(back));
            if let Some(wish) = &mut self.wish {
                shift(&mut wish.since);
                shift(&mut wish.due);
            }
            if let Some(hold) = &mut self.hold {
                shift(&mut hold.until);
            }
            if let Some(ended) = &mut self.ended {
                shift(ended);
            }
            self.line.shift(shift);
        }
        self.now = now;
    }

    /// The more urgent reason and the earlier moment win.
    fn wish(&mut self, reason: Reason, due: Timestamp) {
        let wish = self.wish.get_or_insert(Wish { reason, since: self.now, due });
        wish.reason = wish.reason.max(reason);
        wish.due = wish.due.min(due);
    }

    /// Each further word moves the moment on, up to a limit; what is due for another reason stays due.
    fn submitted(&mut self) {
        self.facts.pending = self.facts.pending.max(1);
        let due = self.now + DEBOUNCE;
        let may = self.wish.is_some_and(|wish| self.may(wish.reason).is_ok());
        match &mut self.wish {
            Some(wish) if wish.reason == Reason::Submission => {
                wish.due = due.min(wish.since + DEBOUNCE_MOST).max(self.now);
            }
            Some(wish) if may && wish.due <= due => wish.reason = wish.reason.max(Reason::Submission),
            _ => self.wish = Some(Wish { reason: Reason::Submission, since: self.now, due }),
        }
    }

    fn looked(&mut self, facts: Facts) {
        if facts.token_until != self.facts.token_until {
            self.line.new_token();
        }
        self.facts = facts;
        if self.facts.pending > 0 {
            self.wish(Reason::Submission, self.now);
        }
        self.files();
    }

    /// Files that may travel now and did not before.
    fn files(&mut self) {
        if self.running.is_none() && self.plan(Reason::Files).covers(&self.facts.files) {
            self.wish(Reason::Files, self.now);
        }
    }

    fn network(&mut self, network: Network, chance: Chance) {
        let was = std::mem::replace(&mut self.network, network);
        if was == network || network == Network::None {
            return;
        }
        self.failures = 0;
        self.hold = self.hold.filter(Hold::is_server);
        self.line.at_once();
        // Files that may not travel any more are no reason.
        let wasted = !self.plan(Reason::Files).covers(&self.facts.files);
        self.wish = self.wish.filter(|wish| wish.reason != Reason::Files || !wasted);
        if self.facts.is_older(self.now, STALE) {
            // A mast that comes back finds a whole valley waiting.
            self.wish(Reason::Refresh, self.now + chance.up_to(PAUSE * 2));
        }
        self.files();
    }

    fn awake(&mut self, place: Place) {
        (self.place, self.window_over) = (place, false);
        self.hold = self.hold.filter(Hold::is_server);
        self.line.at_once();
        let old = if matches!(place, Place::Window { .. }) { WINDOW_REFRESH } else { STALE };
        if self.facts.is_older(self.now, old) && !(self.is_sparing() && place != Place::Foreground) {
            self.wish(Reason::Refresh, self.now);
        }
        if self.facts.pending > 0 {
            self.wish(Reason::Submission, self.now);
        }
        self.files();
    }

    fn is_sparing(&self) -> bool {
        self.battery_low || self.power_saver
    }

    fn began(&mut self) {
        let reason = self.reason();
        self.running = Some((self.plan(reason), reason));
        self.wish = None;
    }

    fn ended(&mut self, ended: Ended, chance: Chance) {
        let Some((plan, reason)) = self.running.take() else { return self.looked(ended.facts) };
        let before = std::mem::replace(&mut self.facts, ended.facts);
        if before.token_until != self.facts.token_until {
            self.line.new_token();
        }
        (self.ended, self.window_over) = (Some(self.now), false);
        if ended.outcome == Outcome::Done {
            // What could have travelled and did not is a failure as well, or it would be tried again at once for ever.
            let left = self.facts.pending > 0 || plan.covers(&self.facts.files);
            match (left, ended.moved) {
                (false, _) => (self.failures, self.hold) = (0, None),
                (true, true) => {
                    (self.failures, self.hold) = (0, None);
                    self.wish(self.again(reason), self.now + PAUSE);
                }
                (true, false) => self.back_off(reason, Why::BackOff, chance),
            }
            return;
        }
        match ended.outcome {
            Outcome::ServerFault { later: Some(later) } => {
                self.failures = self.failures.saturating_add(1);
                let until = self.now + later.min(LATER_MOST) + chance.up_to(BACK_OFF);
                self.wait_until(reason, until, Why::ServerAsked);
            }
            Outcome::Unknown => {
                self.wait_until(reason, self.now + UNKNOWN + chance.up_to(UNKNOWN), Why::Unknown);
            }
            Outcome::Stopped => self.wait_until(reason, self.now + BACK_OFF_MOST, Why::Stopped),
            Outcome::Busy => self.wait_until(reason, self.now + PAUSE + chance.up_to(BACK_OFF), Why::BackOff),
            _ => self.back_off(reason, Why::BackOff, chance),
        }
    }

    fn back_off(&mut self, reason: Reason, why: Why, chance: Chance) {
        let most = BACK_OFF.saturating_mul(2_u32.saturating_pow(self.failures.min(16))).min(BACK_OFF_MOST);
        self.failures = self.failures.saturating_add(1);
        self.wait_until(reason, self.now + chance.up_to(most).max(PAUSE), why);
    }

    fn wait_until(&mut self, reason: Reason, until: Timestamp, why: Why) {
        self.hold = Some(Hold { until, why });
        self.wish(self.again(reason), self.now);
    }

    /// Why the next run is wanted where this one left something undone. A press is answered once; after that it is a
    /// wish like any other, though the person may have meant it to cost something.
    fn again(&self, reason: Reason) -> Reason {
        let unsent = self.facts.pending > 0 || reason == Reason::Press;
        if unsent { Reason::Submission } else { reason }
    }
}
