//! The façade over a server that is a few frames in memory. Nothing here waits, so nothing needs a runtime.

use std::sync::{Arc, Mutex};

use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream,
};
use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest},
    env::Env,
    exchange::{Deed, End, ScopeLine, ScopesHead},
    frame::{Frame, unpack_request},
    problem::{Problem, ProblemCode},
    refusal::Refusal,
    scope::Scope,
    signature::{Base64, SigningKey},
    trust::{Root, Signed},
};

use super::*;
use crate::{
    enrolment::Enrolment,
    store::{KeyUnavailable, StoreKey},
    transport::{Answer, Broken, Headers},
    village::{SetEnv, id},
};

/// A status and a body, or neither.
type Said = Result<(u16, Vec<u8>), Broken>;

/// What the server does next; nothing once it is empty.
#[derive(Default)]
pub(super) struct Postbox {
    answers: Mutex<Vec<Said>>,
    asked: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Postbox {
    pub(super) fn answers(&self, next: Said) {
        self.answers.lock().unwrap().insert(0, next);
    }

    /// With which the phone has enrolled.
    pub(super) fn key(&self) -> Base64 {
        let asked = self.asked.lock().unwrap();
        let (_, body) = asked.iter().rfind(|(url, _)| url.ends_with("/v1/enrol")).unwrap();
        serde_json::from_slice::<EnrolRequest>(body).unwrap().key
    }
}

impl Transport for Postbox {
    fn get(&self, url: String, _: Headers) -> BoxFuture<'static, Result<Answer, Broken>> {
        self.post(url, "", Vec::new())
    }

    fn post(
        &self,
        url: String,
        _: &'static str,
        body: Vec<u8>,
    ) -> BoxFuture<'static, Result<Answer, Broken>> {
        self.asked.lock().unwrap().push((url, body));
        let next = self.answers.lock().unwrap().pop().unwrap_or(Err(Broken::NotReached));
        // In pieces of ten bytes, as bad networks bring them.
        let answer = next.map(|(status, body)| {
            let pieces: Vec<_> = body.chunks(10).map(|piece| Ok(piece.to_vec())).collect();
            Answer { status, later: None, body: stream::iter(pieces).boxed() }
        });
        ready(answer).boxed()
    }
}

struct Key(Result<StoreKey, KeyUnavailable>);

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        self.0.clone()
    }
}

pub(super) fn setup(folder: &std::path::Path, transport: &Arc<Postbox>) -> Setup {
    Setup {
        folder: folder.to_owned(),
        key: Arc::new(Key(Ok(StoreKey::new([7; 32])))),
        workers: Arc::new(Inline),
        env: SetEnv::at(19, 25),
        transport: Arc::clone(transport) as Arc<dyn Transport>,
        timer: Arc::new(NoTimer),
        lang: Lang::Vi,
    }
}

pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits here")
}

pub(super) fn of_lan() -> Enrolment {
    Enrolment {
        url: "http://127.0.0.1:1/".into(),
        code: "ABCD-EFGH-JKMN".into(),
        birth: chrono::NaiveDate::from_ymd_opt(1985, 2, 3).unwrap(),
        device_name: "Máy của Lan".into(),
    }
}

pub(super) fn enrolled(member: &str) -> Vec<u8> {
    enrolled_under(member, None)
}

pub(super) fn enrolled_under(member: &str, root: Option<Signed>) -> Vec<u8> {
    let answer = EnrolAnswer {
        server: id("máy chủ"),
        device: id("máy"),
        member: id(member),
        member_name: member.into(),
        epoch: 1,
        root,
        server_key: None,
    };
    serde_json::to_vec(&answer).unwrap()
}

fn problem(code: ProblemCode) -> Said {
    Ok((code.status(), serde_json::to_vec(&Problem::new(code, "")).unwrap()))
}

pub(super) fn first_sync() -> Vec<u8> {
    let head = ScopesHead { epoch: 1, want_from: None, ahead: None, min_app: 1, wipe: None };
    let line = ScopeLine { scope: Scope::member(id("Lan")), deed: Deed::Follow, epoch: 1 };
    let end = End { now: SetEnv::at(19, 25).now(), ..End::default() };
    [Frame::Scopes(head, vec![line]), Frame::End(end)]
        .iter()
        .flat_map(|frame| frame.pack().unwrap())
        .collect()
}

#[test]
fn lan_enrols_over_a_bad_network_and_syncs() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let enrol = |of: Enrolment, again| now(handbook.enrol(of, EnrolOptions { again, plain_http: false }));
    assert_eq!(now(handbook.sync(|_| {}).1), Err(HandbookError::NotEnrolled));
    assert_eq!(enrol(Enrolment { code: "ngắn".into(), ..of_lan() }, false), Err(HandbookError::CodeWrong));
    assert_eq!(
        enrol(Enrolment { url: "http://xa.vn".into(), ..of_lan() }, false),
        Err(HandbookError::BadAddress)
    );
    assert_eq!(enrol(of_lan(), false), Err(HandbookError::Offline));
    assert_eq!(now(handbook.enrolment_begun()).unwrap().map(|of| of.url), Some("http://127.0.0.1:1".into()));

    for (code, error) in [
        (ProblemCode::TooManyTries, HandbookError::TooManyTries),
        (ProblemCode::Unavailable, HandbookError::ServerFault),
    ] {
        post.answers(problem(code));
        assert_eq!(enrol(of_lan(), false), Err(error));
    }
    post.answers(Ok((200, enrolled("Lan"))));
    assert_eq!(enrol(of_lan(), false).unwrap().member_name, "Lan");
    let asked: Vec<_> = post.asked.lock().unwrap().drain(..).collect();
    let key = |body: &[u8]| serde_json::from_slice::<EnrolRequest>(body).unwrap().key;
    let keys: Vec<_> = asked.iter().map(|(_, body)| key(body)).collect();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| *key == keys[0]), "the same key each time");

    assert_eq!(enrol(of_lan(), false), Err(HandbookError::AlreadyEnrolled));
    post.answers(Ok((200, enrolled("Minh"))));
    assert_eq!(enrol(of_lan(), true), Err(HandbookError::AnotherMember));

    let stages = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&stages);
    post.answers(Ok((200, first_sync())));
    let (_, run) = handbook.sync(move |progress| seen.lock().unwrap().push(progress.stage));
    let end = now(run).unwrap();
    assert_eq!((end.stop, end.exchanges), (SyncStop::Done, 1));
    assert_eq!(stages.lock().unwrap()[..2], [Stage::Connecting, Stage::Exchanging]);
    let (url, body) = post.asked.lock().unwrap().pop().unwrap();
    assert_eq!(url, "http://127.0.0.1:1/v1/sync");
    assert_eq!(unpack_request(&body).unwrap().0.device, id("máy"));
    let status = now(handbook.status()).unwrap();
    assert_eq!(handbook.words().last_sync(status.enrolled.unwrap().last_sync), "Cập nhật lúc 19:25 hôm nay");
}

#[test]
fn lan_compares_the_root_with_her_invitation() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let root = |seed| Root::sign("Đảng bộ xã", &SigningKey::from_seed([seed; 32]), SetEnv::at(8, 0).now());
    let print = |seed| Root::of(&root(seed)).unwrap().fingerprint();
    let told = |seed| Ok((200, enrolled_under("Lan", Some(root(seed)))));
    let invited = |seed| Enrolment { url: format!("{}#root={}", of_lan().url, print(seed)), ..of_lan() };
    let enrol = |of, again| now(handbook.enrol(of, EnrolOptions { again, plain_http: false })).map(drop);
    let pinned = || now(handbook.trust().view()).unwrap().root;

    let asked = |seed| Ok((200, serde_json::to_vec(&root(seed)).unwrap()));

    post.answers(asked(9));
    assert_eq!(
        enrol(invited(1), false),
        Err(HandbookError::WrongRoot),
        "another server answers at this address"
    );
    post.answers(Ok((200, b"null".to_vec())));
    assert_eq!(enrol(invited(1), false), Err(HandbookError::WrongRoot), "or one that says nothing of a root");
    let seen: Vec<String> = post.asked.lock().unwrap().drain(..).map(|(url, _)| url).collect();
    assert_eq!(seen, ["http://127.0.0.1:1/v1/root"; 2], "and neither was given the code");
    for of_code in [told(9), Ok((200, enrolled("Lan")))] {
        post.answers(Ok((404, Vec::new())));
        post.answers(of_code);
        assert_eq!(
            enrol(invited(1), false),
            Err(HandbookError::WrongRoot),
            "an older server says so too late"
        );
    }
    assert_eq!((now(handbook.status()).unwrap().enrolled, pinned()), (None, None));
    let begun = now(handbook.enrolment_begun()).unwrap().unwrap();
    assert!(begun.url.ends_with(&print(1)), "to be tried again with what the invitation says");
    post.answers(asked(1));
    post.answers(told(1));
    assert_eq!(enrol(begun, false), Ok(()));
    assert_eq!(pinned().map(|root| (root.fingerprint, root.compared)), Some((print(1), true)));

    post.answers(told(9));
    assert_eq!(enrol(of_lan(), true), Ok(()), "who types the address alone compares nothing");
    assert_eq!(
        pinned().map(|root| (root.fingerprint, root.compared)),
        Some((print(1), true)),
        "and keeps the root"
    );
}

#[test]
fn a_code_that_will_never_do_is_not_tried_again() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    for (code, error) in [
        (ProblemCode::CodeWrong, HandbookError::CodeWrong),
        (ProblemCode::CodeUsed, HandbookError::CodeUsed),
        (ProblemCode::CodeExpired, HandbookError::CodeExpired),
    ] {
        post.answers(problem(code));
        assert_eq!(now(handbook.enrol(of_lan(), EnrolOptions::default())), Err(error));
        assert_eq!(now(handbook.enrolment_begun()), Ok(None));
    }
}

#[test]
fn a_sync_that_comes_to_nothing_says_why() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    post.answers(Ok((200, enrolled("Lan"))));
    now(handbook.enrol(of_lan(), EnrolOptions::default())).unwrap();
    let cut = first_sync()[..20].to_vec();
    for (answer, stop) in [
        (Err(Broken::NotReached), SyncStop::Offline),
        (Err(Broken::Cut), SyncStop::Cut),
        (Ok((200, cut)), SyncStop::Cut),
        (Ok((200, b"<html>Wi-Fi</html>".to_vec())), SyncStop::NotUnderstood),
        (problem(ProblemCode::UnknownDevice), SyncStop::EnrolAgain),
        (problem(ProblemCode::Unavailable), SyncStop::ServerFault),
        (Ok((502, b"Bad Gateway".to_vec())), SyncStop::ServerFault),
    ] {
        post.answers(answer);
        assert_eq!(now(handbook.sync(|_| {}).1).unwrap().stop, stop);
    }
    let (handle, run) = handbook.sync(|_| {});
    handle.cancel();
    assert_eq!(now(run).unwrap().stop, SyncStop::Cancelled);
    post.answers(Ok((200, first_sync())));
    assert_eq!(now(handbook.sync(|_| {}).1).unwrap().stop, SyncStop::Done, "none of it hinders the next");
}

#[test]
fn two_syncs_do_not_run_at_once() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let held = now(handbook.inner.begin_sync()).map_err(drop).unwrap();
    assert_eq!(now(handbook.sync(|_| {}).1), Err(HandbookError::SyncRunning));
    drop(held);
    assert_eq!(now(handbook.sync(|_| {}).1), Err(HandbookError::NotEnrolled));
}

#[test]
fn an_app_is_told_what_it_can_act_on() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let with = |key| Setup { key: Arc::new(Key(key)), ..setup(folder.path(), &post) };
    let locked = now(Handbook::open(with(Err(KeyUnavailable::Temporary))));
    assert_eq!(locked.map(drop), Err(HandbookError::KeyLocked));
    now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let other = now(Handbook::open(with(Ok(StoreKey::new([8; 32])))));
    assert_eq!(other.map(drop), Err(HandbookError::KeyLost));

    let handbook = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let nothing = id("không có");
    assert_eq!(now(handbook.meetings().show(nothing)), Err(HandbookError::NotFound));
    assert_eq!(now(handbook.directives().read(nothing)), Err(HandbookError::NotFound));
    assert_eq!(now(handbook.attendance().open(nothing)), Err(HandbookError::NotFound));
    assert_eq!(now(handbook.members().me()), Err(HandbookError::NotEnrolled));
    assert_eq!(
        now(handbook.feedback().submit(None, "a".into(), "b".into())),
        Err(HandbookError::NotEnrolled)
    );
    let words = handbook.words();
    let said = words.handbook_error(HandbookError::Refused(Refusal::NotAMember));
    assert_eq!(
        said,
        "Chưa làm được: người này không có trong chi bộ; mời đồng chí cập nhật danh sách rồi xem lại"
    );
    handbook.speak(Lang::En);
    assert_eq!(handbook.words().handbook_error(HandbookError::KeyLocked), "Unlock the phone once to read");
}

#[test]
fn work_on_threads_is_awaited_and_a_panic_costs_one_job() {
    let workers = Threads::new(1).unwrap();
    let wait = |future: BoxFuture<'static, Result<u8, HandbookError>>| {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    };
    let workers: Arc<dyn Workers> = Arc::new(workers);
    let run = |work: fn() -> u8| {
        let workers = Arc::clone(&workers);
        wait(async move { on_workers(workers.as_ref(), work).await }.boxed())
    };
    assert_eq!(run(|| panic!("a job that fails")), Err(HandbookError::Internal));
    assert_eq!(run(|| 3), Ok(3));
}
