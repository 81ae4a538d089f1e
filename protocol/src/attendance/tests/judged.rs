//! What Hòa's log says of claims.

use super::*;

fn log(opening: Opening) -> Log {
    Log { opening, author: id("Hòa") }
}

fn typed(after: u64) -> Proof {
    Proof::Digits(opening(None).code_at(evening(after)))
}

fn by(name: &str) -> Signer {
    Signer::Member { member: id(name), revoked_at: None }
}

fn scanned(after: u64) -> Proof {
    Proof::Signed(shown(after), by("Hòa"))
}

/// Nobody but who recorded the log led the cell.
fn said(proof: &Proof, logs: &[Log], now: Timestamp, before: Before) -> Option<ClaimState> {
    judge(proof, logs, &|_, _| false, now, before)
}

fn first(proof: &Proof, logs: &[Log], now: Timestamp) -> Option<ClaimState> {
    said(proof, logs, now, Before::default())
}

#[test]
fn a_code_of_any_step_of_the_meeting_is_confirmed_when_the_log_comes() {
    let logs = [log(opening(Some(5400)))];
    for proof in [typed, scanned] {
        for within in [0, 2400, 5400] {
            let said = first(&proof(within), &logs, Timestamp::MAX);
            assert_eq!(said, Some(ClaimState::ConfirmedLater), "{within}");
        }
        assert_eq!(first(&proof(5431), &logs, Timestamp::MAX), Some(ClaimState::Wrong));
    }
    let before = Shown::sign(
        id("Đồi Chè"),
        id("máy"),
        &opening(None),
        evening(0).minus(Duration::from_secs(31)),
        &key(3),
    );
    let before = Proof::Signed(before.unwrap(), by("Hòa"));
    assert_eq!(first(&before, &logs, Timestamp::MAX), Some(ClaimState::Wrong), "a step before the opening");
}

#[test]
fn without_a_closed_log_nothing_is_called_wrong() {
    assert_eq!(first(&typed(600), &[], Timestamp::MAX), None);
    assert_eq!(first(&scanned(600), &[], Timestamp::MAX), None);
    let open = [log(opening(None))];
    let nonsense = Proof::Digits("not it".into());
    assert_eq!(first(&nonsense, &open, evening(600)), None);
    assert_eq!(first(&typed(600), &open, evening(600)), Some(ClaimState::ConfirmedLater));
    let of_nobody = Proof::Signed(shown(600), Signer::Nobody);
    assert_eq!(first(&of_nobody, &open, evening(600)), None);
    assert_eq!(first(&of_nobody, &[log(opening(Some(900)))], evening(900)), Some(ClaimState::Wrong));
}

#[test]
fn only_a_signed_code_that_came_while_its_step_ran_was_seen_in_time() {
    let open = [log(opening(None))];
    assert_eq!(first(&scanned(600), &open, evening(629)), Some(ClaimState::Confirmed));
    assert_eq!(first(&scanned(600), &open, evening(631)), Some(ClaimState::ConfirmedLater), "after its step");
    assert_eq!(
        first(&typed(600), &open, evening(601)),
        Some(ClaimState::ConfirmedLater),
        "digits say no hour"
    );
    // The server's clock goes an hour fast; Hòa's device knew it when she opened.
    let fast = |ahead| [log(Opening { server_ahead: ahead, ..opening(None) })];
    let hour = 3_600_000;
    assert_eq!(first(&scanned(600), &fast(Some(hour)), evening(3600 + 629)), Some(ClaimState::Confirmed));
    assert_eq!(
        first(&scanned(600), &fast(Some(hour)), evening(3600 + 631)),
        Some(ClaimState::ConfirmedLater)
    );
    assert_eq!(
        first(&scanned(600), &fast(None), evening(601)),
        Some(ClaimState::ConfirmedLater),
        "never compared"
    );
}

#[test]
fn who_did_not_lead_the_cell_showed_nothing() {
    let logs = [log(opening(Some(5400)))];
    let judged = |signer, led: &dyn Fn(Id, Timestamp) -> bool| {
        judge(&Proof::Signed(shown(600), signer), &logs, led, Timestamp::MAX, Before::default())
    };
    assert_eq!(judged(by("Sơn"), &|_, _| false), Some(ClaimState::Wrong), "another cell's secretary");
    let deputy = |member, at| member == id("Tâm") && at == evening(0);
    assert_eq!(judged(by("Tâm"), &deputy), Some(ClaimState::ConfirmedLater));
    let lost = |at| Signer::Member { member: id("Hòa"), revoked_at: Some(at) };
    assert_eq!(judged(lost(evening(0)), &deputy), Some(ClaimState::Wrong));
    assert_eq!(
        judged(lost(evening(9000)), &deputy),
        Some(ClaimState::ConfirmedLater),
        "lost after the meeting"
    );
    // A device that the server does not know: no more than the digits of that very step.
    assert_eq!(judged(Signer::Unknown, &deputy), Some(ClaimState::ConfirmedLater));
    let guessed = Shown { code: (shown(600).code + 1) % 1_000_000, ..shown(600) };
    let guessed = Proof::Signed(guessed, Signer::Unknown);
    assert_eq!(first(&guessed, &logs, Timestamp::MAX), Some(ClaimState::Wrong));
    let other_step = Proof::Signed(Shown { step: shown(600).step + 1, ..shown(600) }, Signer::Unknown);
    assert_eq!(first(&other_step, &logs, Timestamp::MAX), Some(ClaimState::Wrong));
    let elsewhere = Proof::Signed(Shown { meeting: id("cuộc khác"), ..shown(600) }, by("Hòa"));
    assert_eq!(first(&elsewhere, &logs, Timestamp::MAX), Some(ClaimState::Wrong));
}

#[test]
fn after_three_wrong_ones_the_secretary_decides_and_nobody_finds_a_code_by_trying() {
    let closed = [log(opening(Some(5400)))];
    let open = [log(opening(None))];
    let mut before = Before::default();
    let tries = [Proof::Digits("not it".into()), Proof::Signed(shown(600), Signer::Nobody), scanned(9000)];
    for proof in &tries {
        assert_eq!(said(proof, &open, evening(700), before), None);
        before.count(ClaimState::Recorded);
    }
    assert_eq!(said(&typed(600), &open, evening(700), before), None, "a fourth try is told nothing");
    let mut before = Before::default();
    for proof in &tries {
        let state = said(proof, &closed, evening(700), before).unwrap();
        assert_eq!(state, ClaimState::Wrong);
        before.count(state);
    }
    for right in [typed(600), scanned(600)] {
        assert_eq!(said(&right, &closed, evening(700), before), Some(ClaimState::AwaitsSecretary));
    }
    let two = Before { wrong: 1, open: 1 };
    assert_eq!(said(&typed(600), &open, evening(700), two), Some(ClaimState::ConfirmedLater));
}

#[test]
fn what_a_newer_app_adds_is_read_by_this_one_and_what_this_one_adds_by_those_before() {
    let row = serde_json::json!({ "meeting": id("m"), "member": id("Lan"), "state": "present",
        "source": "mark", "evidence": "voice" });
    let read: Attendance = serde_json::from_value(row).unwrap();
    assert_eq!((read.source, read.evidence), (Source::Mark, Some(Evidence::Other)));
    let of_0_1 =
        serde_json::json!({ "meeting": id("m"), "member": id("Lan"), "state": "claimed", "source": "claim" });
    let mut plain: Attendance = serde_json::from_value(of_0_1.clone()).unwrap();
    assert_eq!(serde_json::to_value(&plain).unwrap(), of_0_1);
    plain.evidence = Some(Evidence::Pass);
    assert_eq!(
        serde_json::to_value(&plain).unwrap()["source"],
        "claim",
        "never a word that 0.1.0 does not know"
    );
}
