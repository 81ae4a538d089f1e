//! Lan's phone was stolen: it obeys one order and no other.

use std::collections::BTreeSet;

use sotay_protocol::{
    env::{Env, Timestamp, days},
    exchange::{ChangesHead, Deed, End, Entry, ScopeLine, ScopesHead},
    frame::Frame,
    id::Id,
    members::{MEMBERSHIP, MembershipEntry, Office},
    organisations::{Level, ORGANISATION, Organisation},
    problem::{Problem, ProblemCode},
    scope::Scope,
    signature::{Base64, SigningKey},
    trust::{Certificate, Distrust, Duty, FORMAT, Holder, NotObeyed, Root, Signed, Wipe, WipeOrder},
};

use super::*;
use crate::{
    handbook::{
        EnrolOptions, SyncStop,
        tests::{enrolled_under, of_lan},
    },
    village::{CELL, COMMUNE, SetEnv, id},
    words::Words,
};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn evening() -> Timestamp {
    SetEnv::at(19, 25).now()
}

fn root() -> Signed {
    Root::sign("Đảng bộ tỉnh", &key(1), evening().minus(days(9)))
}

fn certificate(organisation: &str, duty: Duty, of: &SigningKey, holder: Holder, by: &SigningKey) -> Signed {
    Certificate {
        format: FORMAT,
        organisation: id(organisation),
        organisation_name: organisation.into(),
        holder,
        duties: BTreeSet::from([duty]),
        key: of.public(),
        seal: None,
        from: evening().minus(days(9)),
        until: evening() + days(9),
        issuer: by.public(),
    }
    .sign(by)
}

fn of_commune(duty: Duty) -> Signed {
    certificate(COMMUNE, duty, &key(2), Holder::Organisation, &key(1))
}

/// Signed by the commune, for a device that is called «máy».
fn order(of: &Base64, papers: Vec<Signed>) -> WipeOrder {
    let (by, issuer) = (papers[0].sha256(), key(2).public());
    let (at, reason) = (evening().minus(days(1)), "Mất điện thoại".to_owned());
    let wipe = Wipe { format: FORMAT, device: id("máy"), key: of.clone(), at, reason, by, issuer };
    WipeOrder { wipe: wipe.sign(&key(2)), papers }
}

fn said(lines: Vec<ScopeLine>, wipe: Option<WipeOrder>, rows: Vec<Frame>) -> Vec<u8> {
    let head = ScopesHead { epoch: 1, want_from: None, ahead: None, min_app: 1, wipe: wipe.map(Box::new) };
    let end = End { now: evening(), ..End::default() };
    let frames = [vec![Frame::Scopes(head, lines)], rows, vec![Frame::End(end)]].concat();
    frames.iter().flat_map(|frame| frame.pack().unwrap()).collect()
}

fn row(scope: Scope, kind: &str, of: Id, body: &impl serde::Serialize) -> Frame {
    let body = serde_json::value::to_raw_value(body).unwrap();
    let entry = Entry { seq: 1, kind: kind.into(), version: 1, id: of, author: of, body: Some(body) };
    Frame::Changes(ChangesHead { scope, epoch: 1, from: 0, to: 1, begun: 0 }, vec![entry])
}

/// Lan stands in her cell, and that below the commune.
fn settled() -> Vec<u8> {
    let organisation = |name: &str, level, parent| Organisation { name: name.to_owned(), level, parent };
    let [member, cell, commune] = [Scope::member(id("Lan")), Scope::org(id(CELL)), Scope::org(id(COMMUNE))];
    let follow = |scope| ScopeLine { scope, deed: Deed::Follow, epoch: 1 };
    let membership = MembershipEntry { cell: id(CELL), cell_name: CELL.into() };
    let rows = vec![
        row(member, MEMBERSHIP, id("chi bộ của Lan"), &membership),
        row(cell, ORGANISATION, id(CELL), &organisation(CELL, Level::Cell, Some(id(COMMUNE)))),
        row(commune, ORGANISATION, id(COMMUNE), &organisation(COMMUNE, Level::Commune, None)),
    ];
    said([member, cell, commune].map(follow).to_vec(), None, rows)
}

/// Taken off: it follows nothing any more.
fn taken_off(wipe: Option<WipeOrder>) -> Vec<u8> {
    let left = [Scope::member(id("Lan")), Scope::org(id(CELL)), Scope::org(id(COMMUNE))];
    said(left.map(|scope| ScopeLine { scope, deed: Deed::Leave, epoch: 1 }).to_vec(), wipe, Vec::new())
}

struct Play {
    folder: tempfile::TempDir,
    keys: Arc<Keystore>,
    post: Arc<Postbox>,
    lan: Handbook,
}

impl Play {
    /// Lan has enrolled by an invitation, or by an address that somebody told her, and synced.
    fn begin(invited: bool) -> Self {
        let (folder, keys) = (tempfile::tempdir().unwrap(), Keystore::new());
        let post = Arc::new(Postbox::default());
        let lan = now(Handbook::open(Self::setup(folder.path(), &keys, &post))).unwrap();
        let print = Root::of(&root()).unwrap().fingerprint();
        if invited {
            post.answers(Ok((200, serde_json::to_vec(&root()).unwrap())));
        }
        post.answers(Ok((200, enrolled_under("Lan", Some(root())))));
        let mut invitation = of_lan();
        if invited {
            invitation.url = format!("{}#root={print}", invitation.url);
        }
        now(lan.enrol(invitation, EnrolOptions::default())).unwrap();
        let play = Self { folder, keys, post, lan };
        assert_eq!(play.hears(settled()), SyncStop::Done);
        play
    }

    fn setup(folder: &Path, keys: &Arc<Keystore>, post: &Arc<Postbox>) -> Setup {
        Setup { key: Arc::clone(keys) as _, ..setup(folder, post) }
    }

    fn starts(&self) -> Result<Handbook, HandbookError> {
        now(Handbook::open(Self::setup(self.folder.path(), &self.keys, &self.post)))
    }

    /// What waits goes up once more after it, to nobody.
    fn hears(&self, answer: Vec<u8>) -> SyncStop {
        self.post.answers(Ok((200, answer)));
        now(self.lan.sync(|_| {}).1).unwrap().stop
    }

    fn order(&self) -> WipeOrder {
        order(&self.post.key(), vec![of_commune(Duty::Revoke)])
    }

    fn writes(&self) {
        let words = ("Cầu treo".to_owned(), "Ván mục ba tấm.".to_owned());
        now(self.lan.feedback().submit(None, words.0, words.1)).unwrap();
    }

    fn has_kept_all(&self) {
        assert_eq!(now(self.lan.commands().list()).unwrap().len(), 1);
        assert_eq!(Handbook::ending(self.folder.path()), None);
        assert_eq!(*self.keys.key.lock().unwrap(), Some([7; 32]));
    }

    fn refused(&self) -> Option<NotObeyed> {
        now(self.lan.trust().view()).unwrap().lists.refused_wipe.map(|refused| refused.why)
    }
}

fn told(play: &Play) -> String {
    let ending = Handbook::ending(play.folder.path()).unwrap();
    assert!(ending.done);
    Words::new(crate::words::Lang::Vi, evening()).ending(&ending).unwrap()
}

#[test]
fn a_stolen_phone_is_wiped_and_says_by_whose_order() {
    let play = Play::begin(true);
    play.writes();
    // Taken off first, it keeps what its owner wrote; then the order comes.
    assert_ne!(play.hears(taken_off(None)), SyncStop::Wiped);
    play.has_kept_all();
    assert_eq!(play.hears(taken_off(Some(play.order()))), SyncStop::Wiped);
    assert_eq!(left(play.folder.path()), ["handbook.ending"]);
    assert_eq!(*play.keys.key.lock().unwrap(), None, "the key is gone");
    assert_eq!(now(play.lan.status()).err(), Some(HandbookError::Shut));
    let why = told(&play);
    assert!(why.starts_with(&format!("Máy này đã được xóa theo lệnh của {COMMUNE}, ký lúc 19:25")), "{why}");
    assert!(why.contains("Mất điện thoại"), "{why}");
    let note = fs::read_to_string(play.folder.path().join("handbook.ending")).unwrap();
    assert!(!note.contains("Lan") && !note.contains("Cầu treo"), "{note}");

    // Who begins anew is told no longer.
    let anew = play.starts().unwrap();
    assert_eq!(now(anew.status()).unwrap().enrolled, None);
    assert!(Handbook::ending(play.folder.path()).is_some(), "opened and not enrolled: it is still said");
    play.post.answers(Ok((200, enrolled_under("Lan", Some(root())))));
    now(anew.enrol(of_lan(), EnrolOptions::default())).unwrap();
    assert_eq!(Handbook::ending(play.folder.path()), None);
}

#[test]
fn an_officer_who_ordered_it_is_named() {
    let play = Play::begin(true);
    let holder = Holder::Officer {
        member: id("Mai"),
        device: id("máy của Mai"),
        name: "Đỗ Thị Mai".into(),
        office: Office::Secretary,
    };
    let of_mai = certificate(COMMUNE, Duty::Revoke, &key(3), holder, &key(2));
    let wipe = Wipe {
        format: FORMAT,
        device: id("máy"),
        key: play.post.key(),
        at: evening(),
        reason: "Mất điện thoại".into(),
        by: of_mai.sha256(),
        issuer: key(3).public(),
    };
    let order = WipeOrder { wipe: wipe.sign(&key(3)), papers: vec![of_mai, of_commune(Duty::Revoke)] };
    assert_eq!(play.hears(taken_off(Some(order))), SyncStop::Wiped);
    assert!(told(&play).contains(&format!("lệnh của đồng chí Đỗ Thị Mai, Bí thư {COMMUNE}, ký lúc")));
}

#[test]
fn a_wipe_that_was_cut_off_goes_on_at_the_next_start() {
    let play = Play::begin(true);
    play.writes();
    // The keystore is busy: the files go, and the key is asked for again.
    *play.keys.erases.lock().unwrap() = false;
    play.post.answers(Ok((200, taken_off(Some(play.order())))));
    assert_eq!(now(play.lan.sync(|_| {}).1).err(), Some(HandbookError::KeyLocked));
    assert!(!Handbook::ending(play.folder.path()).unwrap().done);
    assert_eq!(play.starts().err(), Some(HandbookError::KeyLocked));
    *play.keys.erases.lock().unwrap() = true;
    let anew = play.starts().unwrap();
    assert_eq!(now(anew.status()).unwrap().enrolled, None);
    assert!(told(&play).contains("theo lệnh của"));
}

#[test]
fn killed_after_the_order_was_noted_and_before_anything_else_the_next_start_ends_it() {
    let play = Play::begin(true);
    play.writes();
    let why = Why::Wiped {
        organisation: COMMUNE.into(),
        officer: None,
        signed_at: evening(),
        reason: "Mất điện thoại".into(),
    };
    store::begin_ending(play.folder.path(), why, evening()).unwrap();
    play.lan.shut_now();
    let old = *play.keys.key.lock().unwrap();
    let anew = play.starts().unwrap();
    assert_eq!(now(anew.status()).unwrap().enrolled, None);
    assert_ne!(*play.keys.key.lock().unwrap(), old);
    assert!(told(&play).contains("theo lệnh của"));
}

#[test]
fn what_is_no_true_order_wipes_nothing_and_is_said() {
    let play = Play::begin(true);
    play.writes();
    assert_ne!(play.hears(taken_off(None)), SyncStop::Wiped);
    let own = play.post.key();
    let forged = Certificate::of(&certificate(COMMUNE, Duty::Revoke, &key(2), Holder::Organisation, &key(9)));
    let neighbours = certificate("xã bên", Duty::Revoke, &key(2), Holder::Organisation, &key(1));
    let of_stranger = forged.unwrap().sign(&key(9));
    let other_key = order(&key(44).public(), vec![of_commune(Duty::Revoke)]);
    let mut bent = play.order();
    bent.wipe.text = bent.wipe.text.replace("Mất", "Bán");
    for (order, why) in [
        (order(&own, vec![of_commune(Duty::Publish)]), Distrust::WrongDuty.into()),
        (order(&own, vec![neighbours]), Distrust::WrongOrganisation.into()),
        (order(&own, vec![of_stranger]), Distrust::ForeignRoot.into()),
        (WipeOrder { papers: Vec::new(), ..play.order() }, Distrust::Missing.into()),
        (bent, Distrust::Malformed.into()),
        (other_key, NotObeyed::OtherDevice),
    ] {
        assert_ne!(play.hears(taken_off(Some(order))), SyncStop::Wiped);
        assert_eq!(play.refused(), Some(why));
        play.has_kept_all();
    }
    let view = now(play.lan.trust().view()).unwrap();
    let notes = play.lan.words().list_notes(&view.lists);
    assert!(
        notes.iter().any(|note| note.contains("lệnh viết cho máy khác; không có gì bị xóa")),
        "{notes:?}"
    );
}

#[test]
fn a_root_that_the_server_alone_told_of_orders_nothing() {
    let play = Play::begin(false);
    play.writes();
    assert_ne!(play.hears(taken_off(Some(play.order()))), SyncStop::Wiped);
    assert_eq!(play.refused(), Some(NotObeyed::RootNotCompared));
    play.has_kept_all();
}

#[test]
fn no_other_answer_of_a_server_wipes_anything() {
    let play = Play::begin(true);
    play.writes();
    let codes = [
        ProblemCode::UnknownDevice,
        ProblemCode::BadSignature,
        ProblemCode::WrongServer,
        ProblemCode::NotAllowed,
    ];
    let problems = codes.map(|code| (code.status(), serde_json::to_vec(&Problem::new(code, "")).unwrap()));
    let bare = [401, 403, 404, 410, 451, 500].map(|status| (status, b"wipe".to_vec()));
    for answer in problems.into_iter().chain(bare) {
        play.post.answers(Ok(answer));
        let end = now(play.lan.sync(|_| {}).1).unwrap();
        assert_ne!(end.stop, SyncStop::Wiped);
        play.has_kept_all();
    }
    assert_ne!(play.hears(taken_off(None)), SyncStop::Wiped);
    play.has_kept_all();
}
