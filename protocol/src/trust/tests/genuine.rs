//! What was rightly signed stays genuine.

use super::*;

#[test]
fn what_mai_signed_is_genuine_three_years_later_on_a_new_phone() {
    let province = Province::new();
    let directive = province.published(day(30));
    // Mai is retired, her certificate and the server's ran out two years ago; the new ones of others are here too.
    let mut phone = province.phone();
    let (hoa, next) = (key(13), key(14));
    let words = certificate(officer("Hòa"), &[Duty::Publish], &hoa, day(2_000), &province.commune);
    assert!(phone.add_certificate(&words.sign(&province.commune)));
    let words = certificate(
        Holder::Server { server: server() },
        &[Duty::Server],
        &next,
        day(2_000),
        &province.commune,
    );
    assert!(phone.add_certificate(&words.sign(&province.commune)));
    let genuine = Verdict::Genuine {
        signer: "Mai".into(),
        office: Office::Secretary,
        organisation_name: "Đảng ủy xã Yên Sơn".into(),
        bad_since: None,
        at: day(30),
    };
    assert_eq!(statement(&directive, &phone), genuine);
    assert_eq!(statement(&province.published(day(365)), &phone), quarantined(Distrust::NotValidThen));
}

#[test]
fn a_certificate_that_has_not_come_yet_is_waited_for() {
    let province = Province::new();
    let directive = province.published(day(30));
    let mut phone = Keyring::pinned(&Root::of(&province.root_words).unwrap());
    for words in [&province.mai_words, &province.server_words, &province.commune_words] {
        assert_eq!(statement(&directive, &phone), Verdict::Unknown);
        assert!(phone.add_certificate(words));
    }
    assert!(is_genuine(&statement(&directive, &phone)));
}

#[test]
fn a_stolen_phone_signs_nothing_after_the_day_it_was_lost() {
    let province = Province::new();
    let mut phone = province.phone();
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.mai_words, day(100))],
        &province.commune
    )));
    let Verdict::Genuine { bad_since, .. } = statement(&province.published(day(30)), &phone) else {
        panic!("what she signed before stays genuine")
    };
    assert_eq!(bad_since, Some(day(100)), "with a note");
    for late in [day(100), day(101), day(300)] {
        assert_eq!(statement(&province.published(late), &phone), quarantined(Distrust::Revoked));
    }
}

#[test]
fn a_thief_cannot_make_the_receipt_that_would_date_it_back() {
    let province = Province::new();
    let mut phone = province.phone();
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.mai_words, day(100))],
        &province.commune
    )));
    let mut directive = Directive::of(&plan());
    let text = &directive.statement;
    let signature = province.mai.sign(Purpose::Directive, text.as_bytes());
    let receipt = Receipt::new(server(), scope(), (1, 8), Receipt::names(text, &signature), day(30));
    let by_thief = receipt.sign(&province.mai);
    let certificate = province.mai_words.sha256();
    let says = |server_certificate: &Signed| Attestation {
        signature: signature.clone(),
        certificate: certificate.clone(),
        receipt: by_thief.clone(),
        server_certificate: server_certificate.sha256(),
    };
    for (named, why) in [
        (&province.server_words, Distrust::WrongReceipt),
        (&province.mai_words, Distrust::WrongDuty),
        (&province.commune_words, Distrust::WrongHolder),
    ] {
        directive.signed = Some(says(named));
        assert_eq!(statement(&directive, &phone), quarantined(why));
    }
}

#[test]
fn a_server_key_that_was_stolen_dates_nothing_any_more() {
    let province = Province::new();
    let mut phone = province.phone();
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.server_words, day(50))],
        &province.commune
    )));
    assert!(is_genuine(&statement(&province.published(day(30)), &phone)));
    assert_eq!(statement(&province.published(day(60)), &phone), quarantined(Distrust::Revoked));
}

#[test]
fn an_older_list_is_not_taken_in() {
    let province = Province::new();
    let mut phone = province.phone();
    let empty = province.revoked(1, &[], &province.commune);
    assert!(phone.add_revocations(&empty));
    assert!(phone.add_revocations(&province.revoked(
        2,
        &[(&province.mai_words, day(100))],
        &province.commune
    )));
    assert!(!phone.add_revocations(&empty), "a server that would bring the old one back");
    assert_eq!(statement(&province.published(day(200)), &phone), quarantined(Distrust::Revoked));
    assert_eq!(phone.revocations(&province.commune.public()).unwrap().number, 2);
    // Two lists of one number: whichever comes last, both count.
    assert!(phone.add_revocations(&province.revoked(2, &[], &province.commune)));
    assert_eq!(statement(&province.published(day(200)), &phone), quarantined(Distrust::Revoked));
    let forged = province.revoked(9, &[(&province.mai_words, day(0))], &key(66));
    assert!(phone.add_revocations(&forged), "somebody's own list");
    assert!(
        is_genuine(&statement(&province.published(day(30)), &phone)),
        "which says nothing of others' certificates"
    );
}
