//! Lan's pass, as Hòa's phone scans it without a network.

use super::*;
use crate::qr::Mark as Code;

fn lans(at: Timestamp) -> Pass {
    Pass::sign(id("Lan"), id("máy của Lan"), id("cuộc họp"), at, &key(5)).unwrap()
}

fn known() -> PassKey {
    PassKey { member: id("Lan"), key: key(5).public() }
}

fn check(pass: &Pass, now: Timestamp) -> Result<PassFound, NoPass> {
    pass.check(id("cuộc họp"), Some(&known()), now)
}

#[test]
fn hoas_phone_knows_lans() {
    let pass = lans(evening(600));
    let text = pass.text();
    assert!(text.starts_with("SOTAY:T1:") && text.len() < 190);
    assert_eq!(Pass::read(&text).as_ref(), Ok(&pass));
    assert_eq!(check(&pass, evening(610)), Ok(PassFound::Verified));
    let unknown = pass.check(id("cuộc họp"), None, evening(610));
    assert_eq!(unknown, Ok(PassFound::UnknownDevice), "a new phone, of which hers has not heard");
}

#[test]
fn a_flipped_bit_in_any_field_of_the_pass_makes_it_none() {
    for text in bent(&lans(evening(600)).text(), Code::Pass) {
        let Ok(read) = Pass::read(&text) else { continue };
        let by_its_device = (read.device == id("máy của Lan")).then(known);
        match read.check(id("cuộc họp"), by_its_device.as_ref(), evening(610)) {
            Err(_) => {}
            Ok(found) => assert_eq!(found, PassFound::UnknownDevice, "of a device that nobody knows"),
        }
        assert!(!read.verifies(&key(5).public()));
    }
}

#[test]
fn a_pass_that_somebody_photographed_is_soon_worth_nothing() {
    let pass = lans(evening(600));
    assert_eq!(check(&pass, evening(600 + 170)), Ok(PassFound::Verified));
    assert_eq!(check(&pass, evening(600 + 181)), Err(NoPass::Expired));
    assert_eq!(pass.check(id("cuộc họp"), None, evening(900)), Err(NoPass::Expired));
    let next_month = pass.check(id("cuộc họp tháng 1"), Some(&known()), evening(610));
    assert_eq!(next_month, Err(NoPass::OtherMeeting));
}

#[test]
fn clocks_that_differ_by_a_minute_do_no_harm() {
    assert_eq!(check(&lans(evening(600)), evening(545)), Ok(PassFound::Verified));
    assert_eq!(check(&lans(evening(600)), evening(530)), Err(NoPass::Ahead));
    assert!(Pass::sign(id("Lan"), id("máy"), id("cuộc họp"), Timestamp::from_millis(-1), &key(5)).is_none());
}

#[test]
fn minh_makes_no_pass_of_lans() {
    let by_his_phone =
        Pass::sign(id("Lan"), id("máy của Minh"), id("cuộc họp"), evening(600), &key(6)).unwrap();
    let his = PassKey { member: id("Minh"), key: key(6).public() };
    let found = by_his_phone.check(id("cuộc họp"), Some(&his), evening(610));
    assert_eq!(found, Err(NoPass::Forged), "his phone speaks for him alone");
    let as_hers = Pass::sign(id("Lan"), id("máy của Lan"), id("cuộc họp"), evening(600), &key(6)).unwrap();
    assert_eq!(check(&as_hers, evening(610)), Err(NoPass::Forged));
    let shown_for_his = Pass { member: id("Minh"), ..lans(evening(600)) };
    assert_eq!(check(&shown_for_his, evening(610)), Err(NoPass::Forged));
}
