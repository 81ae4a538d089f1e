//! A backup brought back: who stays out, what waits, and by what time things are judged.

use std::{io, sync::Arc};

use serde_json::json;
use sotay_protocol::{
    attendance::AttendanceState,
    enrol::{EnrolRequest, ForkRequest},
    env::Env,
    exchange::{Deed, Outcome, Sent},
    problem::ProblemCode,
    refusal::Refusal,
    signature::{Base64, SigningKey, sha256},
};

use super::commands::{edit, meeting};
use crate::{
    Server,
    restore::{CaughtUp, Ledger, Note, Notes},
    store::{Store, sqlite::SqliteStore},
    testing::*,
};

/// A village whose store can be copied.
pub(super) struct Backed {
    pub(super) village: Village,
    live: Arc<SqliteStore>,
}

impl Backed {
    pub(super) fn new() -> Self {
        let live = Arc::new(SqliteStore::in_memory().unwrap());
        Self { village: Village::on(Arc::clone(&live) as Arc<dyn Store>), live }
    }

    pub(super) fn back_up(&self) -> SqliteStore {
        let copy = SqliteStore::in_memory().unwrap();
        self.live.back_up_to(&copy, self.village.env.now()).unwrap();
        copy
    }

    /// The server's machine is lost, and what lies outside the backup is not.
    pub(super) fn restore(&mut self, backup: &SqliteStore) -> CaughtUp {
        self.live = Arc::new(SqliteStore::in_memory().unwrap());
        backup.copy_to(&self.live, &mut |_| {}).unwrap();
        let store = Arc::clone(&self.live) as Arc<dyn Store>;
        let (env, ledger) = (Arc::clone(&self.village.env), Arc::clone(&self.village.server.ledger));
        let (server, caught_up) = Server::with_ledger(Arc::clone(&store), env, ledger).unwrap();
        assert!(caught_up.epoch.is_some() && caught_up.backup_of.is_some());
        (self.village.server, self.village.store) = (server, store);
        caught_up
    }
}

#[test]
fn a_stolen_phone_its_copy_and_its_code_stay_out() {
    let mut backed = Backed::new();
    let village = &backed.village;
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let backup = backed.back_up();
    let key = SigningKey::from_seed([91; 32]);
    let request = EnrolRequest::new(&code, village.birth("Lan"), "Máy bị mất", &key).unwrap();
    let answer = village.server.enrol(&request).unwrap();
    let mut stolen = Phone::new(answer.server, answer.device, answer.member, Arc::clone(&village.env), key);
    let token = stolen.sync(&village.server, &[]).token.unwrap();
    let copied = SigningKey::from_seed([92; 32]);
    let fork = ForkRequest::new(stolen.device, &stolen.key, &copied, village.env.now());
    let mut copy = stolen.copy();
    (copy.device, copy.key) = (village.server.fork(&fork).unwrap().device, copied);
    assert_eq!(village.server.revoke_device(stolen.device).unwrap(), 2);

    backed.restore(&backup);
    let village = &backed.village;
    assert_eq!(village.server.device_of_token(&token).unwrap_err().code, ProblemCode::TokenInvalid);
    for phone in [&mut stolen, &mut copy] {
        let answer = phone.sync(&village.server, &[]);
        assert!(answer.lines.iter().all(|line| line.deed == Deed::Leave) && answer.token.is_none());
        assert!(phone.rows.is_empty());
    }
    // The thief begins anew with a fresh key and the code that the backup took for unused.
    let fresh = SigningKey::from_seed([93; 32]);
    let again = EnrolRequest::new(&code, village.birth("Lan"), "Máy lạ", &fresh).unwrap();
    assert_eq!(village.server.enrol(&again).unwrap_err().code, ProblemCode::CodeUsed);
    assert_eq!(village.server.fork(&fork).unwrap_err().code, ProblemCode::UnknownDevice);
    let wrote = stolen.writes(village, "Tôi là Lan");
    assert_eq!(
        *stolen.sync(&village.server, &[&wrote]).outcome(1),
        Outcome::Refused { code: Refusal::NotAllowed }
    );
}

#[derive(Debug)]
struct Full;

impl Ledger for Full {
    fn note(&self, _: &Note) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn read(&self) -> io::Result<Notes> {
        Ok(Notes::default())
    }
}

#[test]
fn a_revocation_that_cannot_be_noted_is_not_done() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let store = Arc::clone(&village.store);
    let (server, _) =
        Server::with_ledger(store, Arc::<HandEnv>::clone(&village.env), Arc::new(Full)).unwrap();
    let why = server.revoke_device(lan.device).unwrap_err().to_string();
    assert!(why.contains("hãy kiểm tra quyền"), "{why}");
    assert!(!lan.sync(&village.server, &[]).lines.is_empty());
    // One that was done before there was a ledger is noted when the server starts.
    village.server.revoke_device(lan.device).unwrap();
    let (server, _) = Server::with_ledger(
        Arc::clone(&village.store),
        Arc::<HandEnv>::clone(&village.env),
        Arc::new(crate::restore::MemoryLedger::default()),
    )
    .unwrap();
    assert_eq!((server.note_revocations().unwrap(), server.note_revocations().unwrap()), (1, 0));
}

#[test]
fn what_was_done_to_a_row_that_is_lost_waits_until_its_maker_sends_it_again() {
    let mut backed = Backed::new();
    let village = &backed.village;
    let (mut hoa, mut tablet) = (village.phone("Hòa"), village.phone("Hòa"));
    let backup = backed.back_up();
    let (row, create) = hoa.plans_a_meeting(village);
    hoa.sync(&village.server, &[&create]).applied(1);
    tablet.sync(&village.server, &[]);
    let mut school = meeting();
    school["place"] = json!("Trường học");
    let moved = edit(&mut tablet, &row, &meeting(), &school);
    tablet.sync(&village.server, &[&moved]).applied(1);

    backed.restore(&backup);
    let village = &backed.village;
    assert_eq!(tablet.sync(&village.server, &[&moved]).want_from, Some(1));
    let held = tablet.sync(&village.server, &[&moved]);
    assert_eq!(*held.outcome(1), Outcome::Held { missing: vec![row.clone()], files: vec![] });
    assert_eq!(hoa.sync(&village.server, &[&create]).want_from, Some(1));
    hoa.sync(&village.server, &[&create]).applied(1);
    tablet.sync(&village.server, &[&moved]).applied(1);
    assert_eq!(village.row(&row).unwrap()["place"], "Trường học");

    // Where nobody can have it any more, and on a server that lost nothing, it is refused.
    let nowhere = sotay_protocol::row::RowRef { id: village.commune, ..row };
    let lost = edit(&mut tablet, &nowhere, &meeting(), &school);
    let waits = tablet.sync(&village.server, &[&lost]);
    assert!(matches!(waits.outcome(2), Outcome::Held { .. }));
    village.later(36 * 24 * 3600);
    let refused = Outcome::Refused { code: Refusal::NoSuchRow };
    assert_eq!(*tablet.sync(&village.server, &[&lost]).outcome(2), refused);
    let whole = Village::new();
    let mut hoa = whole.phone("Hòa");
    let lost = edit(&mut hoa, &nowhere, &meeting(), &school);
    let refused_at_once = hoa.sync(&whole.server, &[&lost]);
    assert!(matches!(refused_at_once.outcome(1), Outcome::Refused { .. }));
}

/// The restored server hears of her numbers anew, and judges them as if she had been without a network.
#[test]
fn an_office_is_judged_by_what_the_server_knows_and_by_the_time_of_the_deed() {
    let mut backed = Backed::new();
    let village = &backed.village;
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(village);
    hoa.sync(&village.server, &[&create]).applied(1);
    let backup = backed.back_up();
    village.later(3600);
    let mark = hoa.marks(village, &row, "Tư", AttendanceState::Present);
    village.later(3600);
    hoa.sync(&village.server, &[&mark]).applied(2);
    village.later(24 * 3600);
    backed.restore(&backup);
    // Her term ends before her phone has sent it again.
    let village = &backed.village;
    village.end_secretary("Hòa");
    village.later(60);
    let late = hoa.marks(village, &row, "Lan", AttendanceState::Present);
    assert_eq!(hoa.sync(&village.server, &[&mark, &late]).want_from, Some(2));
    let answer = hoa.sync(&village.server, &[&mark, &late]);
    answer.applied(2);
    assert_eq!(*answer.outcome(3), Outcome::Refused { code: Refusal::NotAllowed }, "made after her term");
}

#[test]
fn what_hoa_did_while_an_older_request_travelled_is_judged_by_its_own_time() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]).applied(1);
    village.later(3600);
    let on_its_way = hoa.request(vec![]);
    let mark = hoa.marks(&village, &row, "Tư", AttendanceState::Present);
    village.later(60);
    village.end_secretary("Hòa");
    village.later(60);
    let mut exchange = village.server.exchange(&on_its_way).unwrap();
    while exchange.next().unwrap().is_some() {}
    village.later(60);
    hoa.sync(&village.server, &[&mark]).applied(2);
    // An hour later nothing can have been on its way for so long.
    village.later(3600);
    hoa.sync(&village.server, &[]);
    let mut late = hoa.marks(&village, &row, "Lan", AttendanceState::Present);
    late.made_at = mark.made_at;
    let refused = Outcome::Refused { code: Refusal::NotAllowed };
    assert_eq!(*hoa.sync(&village.server, &[&late]).outcome(3), refused);
}

#[test]
fn a_skip_that_stands_for_another_command_is_told_so() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let one = lan.writes(&village, "Việc thứ nhất");
    lan.sync(&village.server, &[&one]).applied(1);
    let skip = |text: &str| Sent::Skip { skip: 1, hash: Some(Base64(sha256(text.as_bytes()).to_vec())) };
    let signed = one.sign(&lan.key).text;
    let answer =
        lan.send(&village.server, vec![skip("việc khác"), Sent::Skip { skip: 2, hash: None }]).unwrap();
    assert_eq!(answer.outcomes, [(1, Outcome::Forked)]);
    lan.send(&village.server, vec![skip(&signed)]).unwrap().applied(1);
    lan.send(&village.server, vec![Sent::Skip { skip: 1, hash: None }]).unwrap().applied(1);
}
