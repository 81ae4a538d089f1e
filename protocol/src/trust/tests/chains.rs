//! Chains that do not hold: of wrong duty, time, parent, organisation or root.

use super::*;

/// A directive that `by` signed under `words`, as the commune's server published it.
fn under(province: &Province, words: &Signed, by: &SigningKey, at: Timestamp) -> Directive {
    let mut directive = Directive::of(&plan());
    let signature = by.sign(Purpose::Directive, directive.statement.as_bytes());
    let names = Receipt::names(&directive.statement, &signature);
    let receipt = Receipt::new(server(), scope(), (1, 7), names, at).sign(&province.server);
    let (certificate, server_certificate) = (words.sha256(), province.server_words.sha256());
    directive.signed = Some(Attestation { signature, certificate, receipt, server_certificate });
    directive
}

/// What is said of a directive that Hòa signs on day 30 with this certificate.
fn hoa(change: impl FnOnce(&mut Certificate), by: &SigningKey) -> Verdict {
    let (province, hoa) = (Province::new(), key(13));
    let mut words = certificate(officer("Hòa"), &[Duty::Publish], &hoa, day(365), by);
    change(&mut words);
    let words = words.sign(by);
    let mut phone = province.phone();
    assert!(phone.add_certificate(&words));
    statement(&under(&province, &words, &hoa, day(30)), &phone)
}

#[test]
fn every_wrong_chain_has_its_reason() {
    let commune = key(2);
    assert!(is_genuine(&hoa(|_| {}, &commune)));
    let why = |change: fn(&mut Certificate)| hoa(change, &commune);
    assert_eq!(why(|of| of.duties = BTreeSet::from([Duty::Desk])), quarantined(Distrust::WrongDuty));
    assert_eq!(why(|of| of.until = day(30)), quarantined(Distrust::NotValidThen));
    assert_eq!(why(|of| of.from = day(31)), quarantined(Distrust::NotValidThen));
    assert_eq!(why(|of| of.organisation = Id::derived("xã khác", &[])), quarantined(Distrust::WrongParent));
    assert_eq!(why(|of| of.key = key(66).public()), quarantined(Distrust::BadSignature));
    assert_eq!(why(|of| of.holder = Holder::Server { server: server() }), quarantined(Distrust::WrongHolder));
    assert_eq!(why(|of| of.holder = Holder::Organisation), quarantined(Distrust::WrongHolder));
}

#[test]
fn only_an_organisation_certifies_officers() {
    assert_eq!(hoa(|_| {}, &key(3)), quarantined(Distrust::WrongParent), "Mai's phone may not");
    assert_eq!(hoa(|_| {}, &key(1)), quarantined(Distrust::WrongParent), "the root itself may not");
    assert_eq!(hoa(|_| {}, &key(66)), Verdict::Unknown, "a key that nobody knows");
}

#[test]
fn an_organisation_under_a_strange_root_is_believed_in_nothing() {
    let (province, thief, hoa) = (Province::new(), key(66), key(13));
    let false_commune = key(67);
    let own = certificate(Holder::Organisation, &EVERYTHING, &false_commune, day(3_650), &thief).sign(&thief);
    let words =
        certificate(officer("Hòa"), &[Duty::Publish], &hoa, day(365), &false_commune).sign(&false_commune);
    let mut phone = province.phone();
    assert!(phone.add_certificate(&own) && phone.add_certificate(&words));
    let judged = statement(&under(&province, &words, &hoa, day(30)), &phone);
    assert_eq!(judged, quarantined(Distrust::ForeignRoot));
    // A stranger who certifies the commune's own key makes its officers neither more nor less than they are.
    for from in 1..100 {
        let mut own = certificate(Holder::Organisation, &EVERYTHING, &province.commune, day(3_650), &thief);
        own.from = day(from);
        assert!(phone.add_certificate(&own.sign(&thief)));
    }
    assert!(is_genuine(&statement(&province.published(day(30)), &phone)));
    assert_eq!(statement(&province.published(day(3_000)), &phone), quarantined(Distrust::NotValidThen));
}

#[test]
fn another_commune_signs_nothing_for_yen_son() {
    let (province, binh, lan) = (Province::new(), key(22), key(23));
    let elsewhere = |mut words: Certificate| {
        words.organisation = Id::derived("xã Yên Bình", &[]);
        words
    };
    let own = elsewhere(certificate(Holder::Organisation, &EVERYTHING, &binh, day(3_650), &province.root));
    let words = elsewhere(certificate(officer("Lan"), &[Duty::Publish], &lan, day(365), &binh)).sign(&binh);
    let mut phone = province.phone();
    assert!(phone.add_certificate(&own.sign(&province.root)) && phone.add_certificate(&words));
    let judged = statement(&under(&province, &words, &lan, day(30)), &phone);
    assert_eq!(judged, quarantined(Distrust::WrongOrganisation));
    // It certifies an officer "of Yên Sơn".
    let words = certificate(officer("Lan"), &[Duty::Publish], &lan, day(365), &binh).sign(&binh);
    assert!(phone.add_certificate(&words));
    let judged = statement(&under(&province, &words, &lan, day(30)), &phone);
    assert_eq!(judged, quarantined(Distrust::WrongParent));
}

#[test]
fn who_loses_the_organisation_loses_its_officers() {
    let province = Province::new();
    let mut phone = province.phone();
    let list = province.revoked(1, &[(&province.commune_words, day(60))], &province.root);
    assert!(phone.add_revocations(&list));
    assert_eq!(statement(&province.published(day(90)), &phone), quarantined(Distrust::Revoked));
    let Verdict::Genuine { bad_since, .. } = statement(&province.published(day(30)), &phone) else {
        panic!()
    };
    assert_eq!(bad_since, Some(day(60)));
    assert_eq!(phone.organisation_chain(&province.commune_words.sha256(), day(30)), Ok(Some(day(60))));
    assert_eq!(phone.organisation_chain(&province.commune_words.sha256(), day(90)), Err(Distrust::Revoked));
}

#[test]
fn a_renewed_organisation_keeps_what_was_published_and_may_lose_a_duty() {
    let province = Province::new();
    let renewed = |duties: &[Duty]| {
        let mut words =
            certificate(Holder::Organisation, duties, &province.commune, day(9_000), &province.root);
        words.from = day(200);
        words.sign(&province.root)
    };
    let mut phone = province.phone();
    // The old one ends on day 200, the new one no longer publishes.
    let list = province.revoked(1, &[(&province.commune_words, day(200))], &province.root);
    assert!(phone.add_revocations(&list));
    assert!(phone.add_certificate(&renewed(&[Duty::Desk, Duty::Server])));
    assert!(is_genuine(&statement(&province.published(day(199)), &phone)));
    assert_eq!(statement(&province.published(day(201)), &phone), quarantined(Distrust::Revoked));
    assert!(phone.add_certificate(&renewed(&EVERYTHING)));
    assert!(is_genuine(&statement(&province.published(day(201)), &phone)));
}

#[test]
fn certified_by_two_roots_it_holds_while_one_of_them_does() {
    let province = Province::new();
    let central = key(9);
    let above = Succession::sign(Root::sign("Trung ương", &central, day(0)), None, &province.root, day(1));
    let second = certificate(Holder::Organisation, &EVERYTHING, &province.commune, day(3_650), &central)
        .sign(&central);
    let mut phone = province.phone();
    assert!(phone.add_succession(&above) && phone.add_certificate(&second));
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.commune_words, day(20))],
        &province.root
    )));
    assert!(
        is_genuine(&statement(&province.published(day(30)), &phone)),
        "the other root still stands by it"
    );
    assert!(phone.add_revocations(&province.revoked(1, &[(&second, day(25))], &central)));
    assert_eq!(statement(&province.published(day(30)), &phone), quarantined(Distrust::Revoked));
}
