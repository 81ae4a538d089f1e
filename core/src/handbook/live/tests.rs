//! Lan's phone kept live, minute by minute. The clock is turned by hand, so nothing here waits.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{future::ready, stream, task::noop_waker};
use serde_json::json;
use sotay_protocol::{
    enrol::EnrolAnswer,
    env::Env,
    exchange::{Deed, End, Outcome as Told, OutcomeLine, ScopeLine, ScopesHead, Sent},
    frame::{Frame, parse_request, unpack_request},
    meetings,
    problem::{Problem, ProblemCode},
    row::{RowRef, body},
    scope::Scope,
};

use super::*;
use crate::{
    enrolment::Enrolment,
    handbook::{EnrolOptions, Inline, Setup},
    store::{KeyProvider, KeyUnavailable, StoreKey},
    sync::{
        commands::{self, Draft},
        schedule::Why,
        status::{Activity, KeyTrouble, SyncStatus},
    },
    timer::Timer,
    transport::{Answer, Broken, Headers, Transport},
    village::id,
    words::Lang,
};

/// The clock on the wall and every alarm set by it.
#[derive(Default)]
struct Clock {
    millis: AtomicU64,
    alarms: Mutex<Vec<(u64, futures_channel::oneshot::Sender<()>)>>,
    filled: AtomicU64,
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

const BEGIN: u64 = 1_764_000_000_000;

impl Clock {
    fn now(&self) -> u64 {
        self.millis.load(Ordering::SeqCst)
    }
}

impl Env for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis((BEGIN + Clock::now(self)) as i64)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = (self.filled.fetch_add(1, Ordering::SeqCst) % 251) as u8;
        }
    }
}

impl Timer for Clock {
    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        let (tell, told) = futures_channel::oneshot::channel();
        self.alarms.lock().unwrap().push((self.now() + span.as_millis() as u64, tell));
        told.map(drop).boxed()
    }
}

type Line = UnboundedSender<Result<Vec<u8>, Broken>>;

/// The other end.
#[derive(Default)]
struct Server {
    clock: Arc<Clock>,
    /// Why nobody gets through, and what is answered instead.
    away: Mutex<Option<Result<Problem, Broken>>>,
    later: Mutex<Option<Duration>>,
    /// What the next listeners are told; else they are let in.
    no_line: Mutex<Option<ProblemCode>>,
    /// An exchange whose answer does not come.
    hangs: Mutex<bool>,
    lines: Mutex<Vec<Line>>,
    exchanges: AtomicU64,
    calls: AtomicU64,
}

impl Server {
    fn answer(&self, packed: &[u8]) -> Vec<u8> {
        let text = unpack_request(packed).unwrap().1;
        let request = parse_request(&text).unwrap();
        let outcome = |sent: &Sent| match sent {
            Sent::Command(signed) => {
                let command = sotay_protocol::command::Command::parse(&signed.text).unwrap();
                let applied = Told::Applied { scope: command.row.scope, epoch: 1, seq: 1 };
                OutcomeLine { number: command.number, outcome: applied }
            }
            Sent::Skip { skip, .. } => OutcomeLine { number: *skip, outcome: Told::Skipped },
        };
        let outcomes = request.commands.iter().map(outcome).collect();
        let head = ScopesHead { epoch: 1, want_from: None, ahead: Some(0), min_app: 1, wipe: None };
        let follow = ScopeLine { scope: Scope::member(id("Lan")), deed: Deed::Follow, epoch: 1 };
        let lines = if request.cursors.is_empty() { vec![follow] } else { Vec::new() };
        let now = Env::now(&*self.clock);
        let token_until = Some(now + Duration::from_secs(3_600));
        let number = self.exchanges.load(Ordering::SeqCst);
        let end = End { now, token: Some(format!("vé {number}")), token_until, ..End::default() };
        [Frame::Scopes(head, lines), Frame::Outcomes(outcomes), Frame::End(end)]
            .iter()
            .flat_map(|frame| frame.pack().unwrap())
            .collect()
    }

    fn refusal(&self, problem: &Problem) -> Answer {
        let body = serde_json::to_vec(problem).unwrap();
        Answer { later: *self.later.lock().unwrap(), ..Answer::whole(problem.status, body) }
    }
}

impl Transport for Server {
    fn get(&self, url: String, headers: Headers) -> BoxFuture<'static, Result<Answer, Broken>> {
        assert!(url.ends_with("/v1/events"), "{url}");
        assert!(
            headers.iter().any(|(name, value)| *name == "authorization" && value.starts_with("Bearer vé "))
        );
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.away.lock().unwrap().is_some() {
            return ready(Err(Broken::NotReached)).boxed();
        }
        if let Some(code) = *self.no_line.lock().unwrap() {
            return ready(Ok(self.refusal(&Problem::new(code, "")))).boxed();
        }
        let (tell, told) = unbounded();
        self.lines.lock().unwrap().push(tell);
        ready(Ok(Answer { status: 200, later: None, body: told.boxed() })).boxed()
    }

    fn post(
        &self,
        url: String,
        _: &'static str,
        body: Vec<u8>,
    ) -> BoxFuture<'static, Result<Answer, Broken>> {
        if url.ends_with("/v1/enrol") {
            let answer = EnrolAnswer {
                server: id("máy chủ"),
                device: id("máy"),
                member: id("Lan"),
                member_name: "Lan".into(),
                epoch: 1,
                root: None,
                server_key: None,
            };
            return ready(Ok(Answer::whole(200, serde_json::to_vec(&answer).unwrap()))).boxed();
        }
        self.exchanges.fetch_add(1, Ordering::SeqCst);
        let answer = match &*self.away.lock().unwrap() {
            Some(Ok(problem)) => Ok(self.refusal(problem)),
            Some(Err(broken)) => Err(*broken),
            None if *self.hangs.lock().unwrap() => {
                Ok(Answer { status: 200, later: None, body: stream::pending().boxed() })
            }
            None => Ok(Answer::whole(200, self.answer(&body))),
        };
        ready(answer).boxed()
    }
}

struct Key(Mutex<Result<StoreKey, KeyUnavailable>>);

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        self.0.lock().unwrap().clone()
    }
}

/// Lan's phone, and the future that keeps it live.
struct Phone {
    clock: Arc<Clock>,
    server: Arc<Server>,
    key: Arc<Key>,
    handbook: Handbook,
    handle: LiveHandle,
    live: Option<BoxFuture<'static, Result<(), HandbookError>>>,
    ended: Option<Result<(), HandbookError>>,
    _folder: tempfile::TempDir,
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits here")
}

impl Phone {
    fn new() -> Self {
        let clock = Arc::new(Clock::default());
        let server = Arc::new(Server { clock: Arc::clone(&clock), ..Server::default() });
        let folder = tempfile::tempdir().unwrap();
        let key = Arc::new(Key(Mutex::new(Ok(StoreKey::new([7; 32])))));
        let setup = Setup {
            folder: folder.path().to_owned(),
            key: Arc::clone(&key) as _,
            workers: Arc::new(Inline),
            env: Arc::clone(&clock) as _,
            transport: Arc::clone(&server) as _,
            timer: Arc::clone(&clock) as _,
            lang: Lang::Vi,
        };
        let handbook = now(Handbook::open(setup)).unwrap();
        let (handle, live) = handbook.live();
        let live = Some(live);
        let mut phone = Self { clock, server, key, handbook, handle, live, ended: None, _folder: folder };
        phone.settle();
        phone
    }

    fn enrolled() -> Self {
        let mut phone = Self::new();
        let of = Enrolment {
            url: "http://127.0.0.1:1/".into(),
            code: "ABCD-EFGH-JKMN".into(),
            birth: chrono::NaiveDate::from_ymd_opt(1985, 2, 3).unwrap(),
            device_name: "Máy của Lan".into(),
        };
        now(phone.handbook.enrol(of, EnrolOptions::default())).unwrap();
        phone.settle();
        phone
    }

    /// All that can happen at this moment happens.
    fn settle(&mut self) {
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        for _ in 0..10 {
            let Some(live) = &mut self.live else { return };
            if let Poll::Ready(ended) = live.poll_unpin(&mut context) {
                (self.live, self.ended) = (None, Some(ended));
            }
        }
    }

    /// Time passes, alarm by alarm.
    fn later(&mut self, seconds: u64) {
        let end = self.clock.now() + seconds * 1_000;
        loop {
            let due = {
                let mut alarms = self.clock.alarms.lock().unwrap();
                alarms.retain(|(_, tell)| !tell.is_canceled());
                let next = alarms
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, (at, _))| *at)
                    .map(|(place, (at, _))| (place, *at));
                next.filter(|(_, at)| *at <= end).map(|(place, _)| alarms.remove(place))
            };
            let Some((at, tell)) = due else { break };
            self.clock.millis.fetch_max(at, Ordering::SeqCst);
            let _ = tell.send(());
            self.settle();
        }
        self.clock.millis.fetch_max(end, Ordering::SeqCst);
        self.settle();
    }

    fn tell(&mut self, signal: Signal) {
        self.handle.tell(signal);
        self.settle();
    }

    fn hears(&mut self, text: &str) {
        let line = self.server.lines.lock().unwrap().last().unwrap().clone();
        line.unbounded_send(Ok(text.as_bytes().to_vec())).unwrap();
        self.settle();
    }

    /// How many exchanges and how many calls for a line there were since one last asked.
    fn asked(&self) -> (u64, u64) {
        (self.server.exchanges.swap(0, Ordering::SeqCst), self.server.calls.swap(0, Ordering::SeqCst))
    }

    /// A deed, whoever may do it.
    fn plans(&mut self, title: &str) {
        let meeting = json!({"title": title, "form": "regular", "starts_at": 0, "place": "Nhà văn hóa"});
        let row = RowRef::new(Scope::cell(id("Đồi Chè")), meetings::MEETING, id(title));
        let draft = Draft { kind: meetings::CREATE, row, needs: vec![], body: body(&meeting) };
        now(self.handbook.inner.write(|store, env, _| commands::submit(store, env, draft))).unwrap();
        self.settle();
    }

    fn away(&mut self, why: Option<Result<ProblemCode, Broken>>) {
        *self.server.away.lock().unwrap() = why.map(|why| why.map(|code| Problem::new(code, "")));
    }

    fn status(&self) -> SyncStatus {
        now(self.handbook.sync_status()).unwrap()
    }
}

#[test]
fn lan_enrols_and_from_then_on_hears_of_all_that_is_new() {
    let lan = Phone::new();
    assert_eq!(lan.asked(), (0, 0));
    assert_eq!(lan.status().activity, Activity::Waiting { why: Why::NotEnrolled, until: None });
    let mut lan = Phone::enrolled();
    assert_eq!(lan.asked(), (1, 1), "an exchange, and with its token a line");
    lan.later(20);
    lan.hears(": vẫn còn đây\n\n");
    lan.later(20);
    lan.hears("event: changed\ndata: {}\n\nevent: changed\ndata: {}\n\n");
    assert_eq!(lan.asked(), (1, 0), "two pokes, one exchange");
    lan.hears("event: changed\ndata: {\"within\": 30}\n\n");
    assert_eq!(lan.asked(), (0, 0), "news for many");
    lan.later(30);
    assert_eq!(lan.asked(), (1, 0));
    assert_eq!(lan.status().activity, Activity::Idle);
    // An hour with nothing but signs of life: the token is renewed, the line stands.
    for _ in 0..144 {
        lan.later(25);
        lan.hears(":\n\n");
    }
    assert_eq!(lan.asked(), (1, 0));
}

#[test]
fn a_line_that_falls_silent_or_breaks_is_opened_again_with_patience() {
    let mut lan = Phone::enrolled();
    lan.asked();
    lan.later(59);
    assert_eq!(lan.asked(), (0, 0));
    lan.later(4);
    assert_eq!(lan.asked(), (0, 1), "a minute of silence is the end");
    // A server without room: it is asked ever more seldom.
    *lan.server.no_line.lock().unwrap() = Some(ProblemCode::Unavailable);
    lan.server.lines.lock().unwrap().clear();
    lan.settle();
    lan.later(3_600);
    let (exchanges, calls) = lan.asked();
    assert!((3..=60).contains(&calls) && exchanges <= 5, "{exchanges} {calls}");
    // And never after a token that is refused without another one.
    *lan.server.no_line.lock().unwrap() = Some(ProblemCode::TokenInvalid);
    lan.later(3_600);
    let (exchanges, calls) = lan.asked();
    assert!(calls <= exchanges + 1 && exchanges <= 60, "{exchanges} {calls}");
    *lan.server.no_line.lock().unwrap() = None;
    lan.tell(Signal::SyncNow);
    assert_eq!(lan.asked().1, 1, "who asks is served");
}

#[test]
fn what_lan_writes_goes_up_by_itself_and_once() {
    let mut lan = Phone::enrolled();
    lan.asked();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let _watching = lan.handbook.observe_sync(move |status, _| told.lock().unwrap().push(status.clone()));
    assert_eq!(heard.lock().unwrap().len(), 1, "what is so now is told at once");
    for title in ["Họp tổ", "Họp chi bộ"] {
        lan.plans(title);
    }
    assert_eq!(lan.asked(), (0, 0), "more may come in a moment");
    assert_eq!(lan.status().unsent.deeds, 2);
    lan.later(2);
    assert_eq!(lan.asked(), (1, 0), "both together, and no second time for their being answered");
    assert!(lan.status().unsent.is_all_sent());
    lan.later(60);
    let heard = heard.lock().unwrap();
    assert!(heard.windows(2).all(|two| two[0] != two[1]), "only what is new is told");
    let deeds: Vec<u64> = heard.iter().map(|status| status.unsent.deeds).collect();
    assert!(deeds.starts_with(&[0, 1]) && deeds.contains(&2) && deeds.ends_with(&[0]), "{deeds:?}");
    let running = |status: &SyncStatus| matches!(status.activity, Activity::Running(_));
    assert!(heard.iter().any(running) && !running(heard.last().unwrap()));
    assert_eq!(heard.last().unwrap(), &lan.status());
}

#[test]
fn without_a_server_lan_is_told_and_with_a_network_it_goes_on() {
    let mut lan = Phone::enrolled();
    lan.away(Some(Err(Broken::NotReached)));
    lan.server.lines.lock().unwrap().clear();
    lan.tell(Signal::SyncNow);
    let Activity::Waiting { why: Why::BackOff, until: Some(until) } = lan.status().activity else {
        panic!("{:?}", lan.status())
    };
    assert!(until > Env::now(&*lan.clock));
    lan.asked();
    lan.later(3_600);
    let (exchanges, calls) = lan.asked();
    assert!((5..=40).contains(&exchanges) && calls <= 60, "{exchanges} {calls}");
    lan.tell(Signal::Network(Network::None));
    assert_eq!(lan.status().activity, Activity::Waiting { why: Why::NoNetwork, until: None });
    lan.later(86_400);
    assert_eq!(lan.asked(), (0, 0));
    lan.away(None);
    lan.tell(Signal::Network(Network::Metered));
    lan.later(3);
    assert_eq!(lan.asked(), (1, 1));
    assert_eq!(lan.status().activity, Activity::Idle);
    // Asked to come later, it comes later.
    *lan.server.later.lock().unwrap() = Some(Duration::from_secs(600));
    lan.away(Some(Ok(ProblemCode::Unavailable)));
    lan.tell(Signal::SyncNow);
    assert!(matches!(lan.status().activity, Activity::Waiting { why: Why::ServerAsked, .. }));
    lan.asked();
    lan.later(590);
    assert_eq!(lan.asked().0, 0);
    lan.later(30);
    assert_eq!(lan.asked().0, 1);
    // A server that does not know the phone is not asked all day long.
    lan.away(Some(Ok(ProblemCode::UnknownDevice)));
    lan.tell(Signal::SyncNow);
    assert!(lan.status().attention.enrol_again);
    lan.away(Some(Err(Broken::NotReached)));
    lan.tell(Signal::SyncNow);
    assert!(lan.status().attention.enrol_again, "to be out of reach is no answer");
    lan.away(Some(Ok(ProblemCode::UnknownDevice)));
    lan.tell(Signal::SyncNow);
    lan.asked();
    lan.later(6 * 3_600);
    assert_eq!(lan.asked().0, 0);
}

#[test]
fn the_app_sleeps_and_wakes() {
    let mut lan = Phone::enrolled();
    lan.asked();
    *lan.server.hangs.lock().unwrap() = true;
    lan.tell(Signal::SyncNow);
    assert!(matches!(lan.status().activity, Activity::Running(_)));
    now(lan.handbook.pause()).unwrap();
    lan.settle();
    assert_eq!(lan.status().activity, Activity::Waiting { why: Why::Paused, until: None });
    assert_eq!(lan.asked(), (1, 0));
    assert!(lan.server.lines.lock().unwrap().iter().all(Line::is_closed), "nobody listens");
    lan.later(3_600);
    assert_eq!(lan.asked(), (0, 0));

    *lan.key.0.lock().unwrap() = Err(KeyUnavailable::Temporary);
    assert_eq!(now(lan.handbook.resume()), Err(HandbookError::KeyLocked));
    assert_eq!(lan.status().attention.key, Some(KeyTrouble::Locked));
    *lan.key.0.lock().unwrap() = Ok(StoreKey::new([7; 32]));
    *lan.server.hangs.lock().unwrap() = false;
    now(lan.handbook.resume()).unwrap();
    lan.settle();
    assert_eq!(lan.asked(), (1, 1));
    assert_eq!((lan.status().activity, lan.status().attention.key), (Activity::Idle, None));

    lan.tell(Signal::Background);
    assert!(lan.server.lines.lock().unwrap().iter().all(Line::is_closed));
    lan.later(7_200);
    assert_eq!(lan.asked(), (0, 0));
    *lan.server.hangs.lock().unwrap() = true;
    lan.tell(Signal::Window(Duration::from_secs(25)));
    assert_eq!(lan.asked(), (1, 0), "a window has no use for a line");
    lan.later(26);
    assert_eq!(
        lan.status().activity,
        Activity::Waiting { why: Why::Background, until: None },
        "it ended in time"
    );
}

#[test]
fn one_future_keeps_it_live_and_ends_when_told() {
    let mut lan = Phone::enrolled();
    let (_, second) = lan.handbook.live();
    assert_eq!(now(second), Err(HandbookError::SyncRunning));
    lan.handle.cancel();
    lan.settle();
    assert_eq!(lan.ended, Some(Ok(())));
    assert_eq!(lan.status().activity, Activity::Idle);
    let (handle, live) = lan.handbook.live();
    (lan.handle, lan.live, lan.ended) = (handle, Some(live), None);
    lan.settle();
    now(lan.handbook.shutdown()).unwrap();
    lan.settle();
    assert_eq!(lan.ended, Some(Ok(())));
}

#[test]
fn a_clock_that_is_set_is_noticed() {
    let mut lan = Phone::enrolled();
    lan.asked();
    // Set on by a day between two alarms: they ring, and the clock shows another time than has passed.
    lan.clock.millis.fetch_add(86_400_000, Ordering::SeqCst);
    lan.later(1);
    lan.later(3);
    let (exchanges, calls) = lan.asked();
    assert!((1..=2).contains(&exchanges) && calls == 1, "{exchanges} {calls}");
    assert_eq!(lan.status().attention.clock, None, "the server's went with it here");
}
