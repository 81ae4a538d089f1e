//! Activation codes: wrong, locked, used, expired, and given again to the phone whose answer was lost.

use sotay_protocol::{
    enrol::{EnrolRequest, ForkRequest},
    env::{Env, days},
    problem::ProblemCode,
    signature::SigningKey,
};

use crate::testing::*;

fn request(village: &Village, code: &str, key: &SigningKey) -> EnrolRequest {
    EnrolRequest::new(code, village.birth("Lan"), "Máy của Lan", key).unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

#[test]
fn lan_enrols_and_an_answer_lost_is_given_again() {
    let village = Village::new();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let request = request(&village, &code.to_lowercase(), &key(1));
    let answer = village.server.enrol(&request).unwrap();
    assert_eq!((answer.member, answer.member_name.as_str()), (village.people["Lan"], "Lan"));
    assert_eq!((answer.server, answer.epoch), (village.server.id(), 1));
    assert_eq!(village.server.enrol(&request).unwrap(), answer);
    assert_eq!(village.server.devices_of(answer.member).unwrap().len(), 1);
}

#[test]
fn a_used_code_is_of_no_use_to_another_phone() {
    let village = Village::new();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    village.server.enrol(&request(&village, &code, &key(1))).unwrap();
    let problem = village.server.enrol(&request(&village, &code, &key(2))).unwrap_err();
    assert_eq!((problem.code, problem.status), (ProblemCode::CodeUsed, 409));
}

#[test]
fn an_expired_code_says_so() {
    let village = Village::new();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let request = request(&village, &code, &key(1));
    village.later(i64::try_from(days(14).as_secs()).unwrap() - 1);
    assert!(village.server.enrol(&request).is_ok());
    village.later(1);
    let problem = village.server.enrol(&request).unwrap_err();
    assert_eq!((problem.code, problem.status), (ProblemCode::CodeExpired, 410));
}

#[test]
fn ten_wrong_dates_lock_a_code_and_no_other() {
    let village = Village::new();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let mut wrong = EnrolRequest::new(&code, village.birth("Minh"), "Máy lạ", &key(3)).unwrap();
    for _ in 0..10 {
        assert_eq!(village.server.enrol(&wrong).unwrap_err().code, ProblemCode::CodeWrong);
    }
    assert_eq!(village.server.enrol(&wrong).unwrap_err().code, ProblemCode::TooManyTries);
    let right = request(&village, &code, &key(1));
    assert_eq!(village.server.enrol(&right).unwrap_err().status, 429);
    wrong.code = "0000-0000-0000".into();
    assert_eq!(village.server.enrol(&wrong).unwrap_err().code, ProblemCode::BadSignature);
    let unknown = request(&village, "0000-0000-0000", &key(1));
    assert_eq!(village.server.enrol(&unknown).unwrap_err().code, ProblemCode::CodeWrong);
    let other = village.server.issue_code(village.people["Lan"]).unwrap();
    assert!(village.server.enrol(&request(&village, &other, &key(1))).is_ok());
}

#[test]
fn wrong_dates_by_a_stranger_do_not_lock_out_the_phone_that_is_bound() {
    let village = Village::new();
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let right = request(&village, &code, &key(1));
    let answer = village.server.enrol(&right).unwrap();
    let wrong = EnrolRequest::new(&code, village.birth("Minh"), "Máy lạ", &key(3)).unwrap();
    for _ in 0..11 {
        village.server.enrol(&wrong).unwrap_err();
    }
    assert_eq!(village.server.enrol(&right).unwrap(), answer);
}

#[test]
fn a_key_proves_itself_and_belongs_to_one_member() {
    let village = Village::new();
    let codes = ["Lan", "Minh"].map(|name| village.server.issue_code(village.people[name]).unwrap());
    let mut stolen = request(&village, &codes[0], &key(1));
    stolen.key = key(2).public();
    assert_eq!(village.server.enrol(&stolen).unwrap_err().code, ProblemCode::BadSignature);
    stolen.key.0.pop();
    assert_eq!(village.server.enrol(&stolen).unwrap_err().code, ProblemCode::Malformed);
    village.server.enrol(&request(&village, &codes[0], &key(1))).unwrap();
    let minh = EnrolRequest::new(&codes[1], village.birth("Minh"), "Máy của Minh", &key(1)).unwrap();
    assert_eq!(village.server.enrol(&minh).unwrap_err().code, ProblemCode::BadSignature);
}

#[test]
fn revoking_a_phone_revokes_its_copies_and_leaves_the_others() {
    let village = Village::new();
    let (lan, tablet) = (village.phone("Lan"), village.phone("Lan"));
    let now = village.env.now();
    let first = ForkRequest::new(lan.device, &lan.key, &key(51), now);
    let copy = village.server.fork(&first).unwrap().device;
    village.later(1);
    let second = ForkRequest::new(copy, &key(51), &key(52), now);
    let copy_of_copy = village.server.fork(&second).unwrap().device;
    assert_eq!(village.server.revoke_device(lan.device).unwrap(), 3);
    let revoked: Vec<_> = village
        .server
        .devices_of(lan.member)
        .unwrap()
        .into_iter()
        .filter(|device| device.revoked_at.is_some())
        .map(|device| device.id)
        .collect();
    assert!(revoked.contains(&copy_of_copy) && !revoked.contains(&tablet.device));
    assert_eq!(village.server.fork(&first).unwrap_err().code, ProblemCode::UnknownDevice);
}

#[test]
fn only_the_old_key_forks_a_device() {
    let village = Village::new();
    let lan = village.phone("Lan");
    let now = village.env.now();
    let forged = ForkRequest::new(lan.device, &key(60), &key(61), now);
    assert_eq!(village.server.fork(&forged).unwrap_err().code, ProblemCode::BadSignature);
    let unknown = ForkRequest::new(village.commune, &lan.key, &key(61), now);
    assert_eq!(village.server.fork(&unknown).unwrap_err().code, ProblemCode::UnknownDevice);
}
