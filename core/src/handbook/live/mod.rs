//! A handbook kept live: the schedule is told what happens, and what it answers is done.
//!
//! One future does all of it, polled by whoever holds it: signals of the shell, the run that goes on, the line on which
//! the server pokes, a look at the store, and the clock. It only waits, on channels and on the workers, so a phone may
//! poll it on any thread. All decisions are the schedule's ([`crate::sync::schedule`]); there is none here.

mod line;
#[cfg(test)]
mod tests;

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use sotay_protocol::env::Timestamp;

use self::line::{Heard, Line};
use super::{Handbook, HandbookError, Inner, SyncEnd, SyncHandle, SyncStop};
use crate::{
    store::Changes,
    sync::{
        schedule::{Answer, Closed, Ended, Facts, Happened, Listen, Network, Next, Outcome, Plan, Schedule},
        status::{self, Listening},
    },
};

/// No sleep is shorter: a timer that wakes a little early must not keep the phone awake.
const LEAST_SLEEP: Duration = Duration::from_millis(20);
/// A clock that went so much further, or less far, than time did was set.
const JUMP: Duration = Duration::from_secs(60);
/// Tables that say whether there is something to send or to fetch.
const TABLES: [&str; 4] = ["command", "blob", "upload", "file_setting"];

/// What a shell tells. It need not tell anything: without, the app counts as in the foreground, on a network that may be
/// paid by the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Network(Network),
    /// The person's wish: large things and news not on a network that is paid by the byte.
    UnmeteredOnly(bool),
    Battery {
        low: bool,
    },
    PowerSaver(bool),
    Foreground,
    Background,
    /// In the background, leave to work for so long.
    Window(Duration),
    WindowEnded,
    /// A push without content, where the server has nobody on the line.
    Poked,
    /// Cập nhật ngay.
    SyncNow,
}

/// Tells a handbook that is kept live, and ends it; dropping it does nothing.
#[derive(Debug, Clone)]
pub struct LiveHandle(UnboundedSender<Told>);

impl LiveHandle {
    pub fn tell(&self, signal: Signal) {
        // Nobody listens any more once it has ended.
        let _ = self.0.unbounded_send(Told::Signal(signal));
    }

    /// What landed stays; the future ends.
    pub fn cancel(&self) {
        let _ = self.0.unbounded_send(Told::End);
    }
}

#[derive(Debug)]
enum Told {
    Signal(Signal),
    /// The store changed in a way that may concern the next run.
    Changed,
    Enrolled,
    Paused,
    Resumed,
    End,
}

/// Where the one live future of a handbook is told.
#[derive(Default)]
pub(super) struct Alive(Mutex<Option<UnboundedSender<Told>>>);

impl Alive {
    fn tell(&self, told: Told) {
        if let Some(tell) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = tell.unbounded_send(told);
        }
    }

    pub(super) fn enrolled(&self) {
        self.tell(Told::Enrolled);
    }

    pub(super) fn paused(&self) {
        self.tell(Told::Paused);
    }

    pub(super) fn resumed(&self) {
        self.tell(Told::Resumed);
    }

    pub(super) fn shut(&self) {
        self.tell(Told::End);
    }
}

impl Handbook {
    /// Keeps the handbook live until cancelled, shut down or dropped: syncs when the person has done something, when
    /// the server pokes, and now and then; waits for better times where there is no network. A pause suspends it.
    ///
    /// The future's error is [`HandbookError::SyncRunning`] where another one keeps it live already.
    pub fn live(&self) -> (LiveHandle, BoxFuture<'static, Result<(), HandbookError>>) {
        let (tell, told) = unbounded();
        let (handle, handbook) = (LiveHandle(tell.clone()), self.clone());
        let live = async move {
            let inner = Arc::clone(&handbook.inner);
            let _alive = come_alive(&inner, tell.clone())?;
            let watch = move |changes: &Changes| {
                if TABLES.iter().any(|table| changes.contains(*table)) {
                    let _ = tell.unbounded_send(Told::Changed);
                }
            };
            let _watching = inner.store.observe(watch);
            Driver::new(handbook, told).drive().await;
            Ok(())
        };
        (handle, live.boxed())
    }
}

fn come_alive(inner: &Arc<Inner>, tell: UnboundedSender<Told>) -> Result<Lives, HandbookError> {
    let mut alive = inner.alive.0.lock().unwrap_or_else(PoisonError::into_inner);
    if alive.is_some() {
        return Err(HandbookError::SyncRunning);
    }
    *alive = Some(tell);
    Ok(Lives(Arc::clone(inner)))
}

/// Held by the one future that keeps a handbook live.
struct Lives(Arc<Inner>);

impl Drop for Lives {
    fn drop(&mut self) {
        *self.0.alive.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.goes_on(|going_on| (going_on.next, going_on.listening) = (None, Listening::No));
    }
}

/// What a look at the store found.
#[derive(Debug, Clone)]
struct Look {
    facts: Facts,
    given_out: u64,
}

struct Run {
    handle: SyncHandle,
    future: BoxFuture<'static, (Result<SyncEnd, HandbookError>, Option<Look>)>,
}

struct Sleep {
    begun: Timestamp,
    due: Timestamp,
    future: BoxFuture<'static, ()>,
}

struct Driver {
    handbook: Handbook,
    schedule: Schedule,
    told: UnboundedReceiver<Told>,
    facts: Facts,
    /// Deeds that the schedule knows of; before the first look none is news.
    given_out: Option<u64>,
    run: Option<Run>,
    line: Option<Line>,
    look: Option<BoxFuture<'static, Option<Look>>>,
    look_again: bool,
    enrolled: bool,
    sleep: Option<Sleep>,
}

impl Driver {
    fn new(handbook: Handbook, told: UnboundedReceiver<Told>) -> Self {
        let mut schedule = Schedule::new(handbook.inner.env.now());
        schedule.on(handbook.inner.env.now(), 0, Happened::Network(Network::Metered));
        Self {
            handbook,
            schedule,
            told,
            facts: Facts::default(),
            given_out: None,
            run: None,
            line: None,
            look: None,
            look_again: false,
            enrolled: false,
            sleep: None,
        }
    }

    async fn drive(mut self) {
        self.look();
        while let Some(happened) = poll_fn(|context| self.poll(context)).await {
            self.act(happened);
        }
    }

    /// What happens next; `None` at the end.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Happened>> {
        while let Poll::Ready(told) = self.told.poll_next_unpin(context) {
            let Some(told) = told else { return Poll::Ready(None) };
            match told {
                Told::End => return Poll::Ready(None),
                Told::Changed => self.look(),
                Told::Enrolled => {
                    self.enrolled = true;
                    self.look();
                }
                Told::Paused => return Poll::Ready(Some(Happened::Paused)),
                Told::Resumed => {
                    self.look();
                    return Poll::Ready(Some(Happened::Resumed));
                }
                Told::Signal(signal) => return Poll::Ready(Some(self.signal(signal))),
            }
        }
        if let Some(run) = &mut self.run
            && let Poll::Ready((end, look)) = run.future.poll_unpin(context)
        {
            self.run = None;
            return Poll::Ready(Some(Happened::Ended(self.ended(end, look))));
        }
        if let Some(line) = &mut self.line
            && let Poll::Ready(heard) = line.poll(context)
        {
            return Poll::Ready(Some(self.heard(&heard)));
        }
        while let Some(look) = &mut self.look {
            let Poll::Ready(found) = look.poll_unpin(context) else { break };
            self.look = None;
            if std::mem::take(&mut self.look_again) {
                self.look();
            }
            if let Some(happened) = found.and_then(|found| self.looked(found)) {
                return Poll::Ready(Some(happened));
            }
        }
        if let Some(sleep) = &mut self.sleep
            && sleep.future.poll_unpin(context).is_ready()
        {
            return Poll::Ready(Some(self.woke()));
        }
        Poll::Pending
    }

    /// Tells the schedule, and does what it answers until there is nothing more to do at this moment.
    fn act(&mut self, happened: Happened) {
        let mut answer = self.on(happened);
        loop {
            answer = match (answer.sync, answer.events) {
                (Next::Run(plan), _) => {
                    self.begin(plan);
                    self.on(Happened::Began)
                }
                (_, Listen::Open) => {
                    self.line = Some(Line::open(Arc::clone(&self.handbook.inner)));
                    self.on(Happened::LineOpening)
                }
                (_, Listen::No(_)) if self.line.is_some() => {
                    self.line = None;
                    self.on(Happened::LineClosed(Closed::Dropped))
                }
                _ => break,
            };
        }
        if let (Next::Stop(_), Some(run)) = (answer.sync, &self.run) {
            run.handle.cancel();
        }
        let listens = answer.events;
        self.handbook.inner.goes_on(|going_on| {
            going_on.next = Some(answer.sync);
            going_on.listening = listening(going_on.listening, listens, self.schedule.is_listening());
        });
        self.arm();
    }

    fn on(&mut self, happened: Happened) -> Answer {
        let env = &self.handbook.inner.env;
        let mut chance = [0; 8];
        env.fill(&mut chance);
        self.schedule.on(env.now(), u64::from_le_bytes(chance), happened)
    }

    fn signal(&self, signal: Signal) -> Happened {
        match signal {
            Signal::Network(network) => Happened::Network(network),
            Signal::UnmeteredOnly(only) => Happened::UnmeteredOnly(only),
            Signal::Battery { low } => Happened::Battery { low },
            Signal::PowerSaver(on) => Happened::PowerSaver(on),
            Signal::Foreground => Happened::Foreground,
            Signal::Background => Happened::Background,
            Signal::Window(span) => Happened::Window { until: self.handbook.inner.env.now() + span },
            Signal::WindowEnded => Happened::WindowEnded,
            Signal::Poked => Happened::Poked { within: Duration::ZERO },
            Signal::SyncNow => Happened::Pressed,
        }
    }

    fn begin(&mut self, plan: Plan) {
        let (handle, sync) = self.handbook.sync_as(plan, |_| {});
        let inner = Arc::clone(&self.handbook.inner);
        let run = async move {
            let end = sync.await;
            (end, look(&inner).await)
        };
        self.run = Some(Run { handle, future: run.boxed() });
    }

    fn ended(&mut self, end: Result<SyncEnd, HandbookError>, look: Option<Look>) -> Ended {
        let moved = end.as_ref().is_ok_and(|end| {
            let judged = end.applied + end.refused + end.conflicted + end.parked;
            judged + end.rows + end.file_bytes_up + end.file_bytes_down > 0
        });
        let outcome = match end.map(|end| end.stop) {
            Ok(SyncStop::Done) => Outcome::Done,
            Ok(SyncStop::Offline) => Outcome::NotReached,
            Ok(SyncStop::Cut) => Outcome::Cut,
            Ok(SyncStop::Cancelled | SyncStop::Wiped) | Err(HandbookError::Paused | HandbookError::Shut) => {
                Outcome::Stopped
            }
            Ok(SyncStop::EnrolAgain) => Outcome::Unknown,
            Ok(SyncStop::ServerFault) => Outcome::ServerFault { later: self.handbook.inner.board.later() },
            Ok(SyncStop::NotUnderstood) => Outcome::NotUnderstood,
            Err(HandbookError::SyncRunning) => Outcome::Busy,
            Err(_) => Outcome::Store,
        };
        if let Some(look) = look {
            self.facts = look.facts;
        }
        // A look that was begun before the end is of no use any more; what was done meanwhile is told by the next.
        if self.look.take().is_some() {
            self.look();
        }
        Ended { outcome, moved, facts: self.facts.clone() }
    }

    fn heard(&mut self, heard: &Heard) -> Happened {
        match *heard {
            Heard::Opened => Happened::LineOpened,
            Heard::Poked { within } => Happened::Poked { within },
            Heard::Closed(why) => {
                self.line = None;
                Happened::LineClosed(why)
            }
        }
    }

    /// Asks the store, unless it is being asked; then once more.
    fn look(&mut self) {
        if self.look.is_some() {
            self.look_again = true;
            return;
        }
        let inner = Arc::clone(&self.handbook.inner);
        self.look = Some(async move { look(&inner).await }.boxed());
    }

    fn looked(&mut self, found: Look) -> Option<Happened> {
        self.facts = found.facts.clone();
        let before = self.given_out.replace(found.given_out);
        if std::mem::take(&mut self.enrolled) {
            return Some(Happened::Enrolled(found.facts));
        }
        if before.is_some_and(|before| before < found.given_out) {
            return Some(Happened::Submitted);
        }
        // A run's own writing is told at its end.
        self.run.is_none().then_some(Happened::Looked(found.facts))
    }

    /// Sleeps until the schedule wants to be asked again.
    fn arm(&mut self) {
        let Some(due) = self.schedule.wake() else {
            self.sleep = None;
            return;
        };
        let begun = self.handbook.inner.env.now();
        if self.sleep.as_ref().is_some_and(|sleep| sleep.due == due && sleep.begun <= begun) {
            return;
        }
        let millis = due.millis().saturating_sub(begun.millis());
        let span = Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(LEAST_SLEEP);
        let future = self.handbook.inner.timer.sleep(span);
        self.sleep = Some(Sleep { begun, due, future });
    }

    fn woke(&mut self) -> Happened {
        let now = self.handbook.inner.env.now();
        let Some(sleep) = self.sleep.take() else { return Happened::Tick };
        let off = now.millis().abs_diff(sleep.due.millis());
        if u128::from(off) > JUMP.as_millis() { Happened::ClockJumped } else { Happened::Tick }
    }
}

/// What a person is told of the line. One that is being opened is what it was before: news of each try would be noise.
fn listening(before: Listening, answer: Listen, open: bool) -> Listening {
    match answer {
        Listen::Keep | Listen::Open if open => Listening::Yes,
        Listen::Keep | Listen::Open => before,
        Listen::At(_) => Listening::Lost,
        // A first token is on its way with the first exchange; a line that stood is missed.
        Listen::NoToken if before == Listening::No => Listening::No,
        Listen::NoToken => Listening::Lost,
        Listen::No(_) => Listening::No,
    }
}

async fn look(inner: &Inner) -> Option<Look> {
    let read = inner.read(|store, _| {
        Ok::<_, crate::store::StoreError>(Look {
            facts: status::facts(store)?,
            given_out: status::given_out(store)?,
        })
    });
    read.await.ok()
}
