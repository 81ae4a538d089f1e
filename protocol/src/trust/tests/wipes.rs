//! Lan's phone was stolen: who may empty it, and who may not.

use super::*;

fn phone_of_lan() -> (Id, SigningKey) {
    (Id::derived("máy bị lấy của Lan", &[]), key(31))
}

/// Lan's cell, the commune and the province.
fn above_lan() -> BTreeSet<Id> {
    BTreeSet::from([Id::derived("Đồi Chè", &[]), yen_son(), Id::derived("tỉnh", &[])])
}

/// By the commune's own key, on day 50.
pub(super) fn order(province: &Province) -> Wipe {
    let (device, of_device) = phone_of_lan();
    Wipe {
        format: FORMAT,
        device,
        key: of_device.public(),
        at: day(50),
        reason: "Mất điện thoại".into(),
        by: province.commune_words.sha256(),
        issuer: province.commune.public(),
    }
}

/// What Lan's phone says to it on day 60, when it believes `keys`.
fn judged(wipe: Signed, papers: &[&Signed], keys: &Keyring, now: Timestamp) -> Result<Ordered, NotObeyed> {
    let (device, of_device) = phone_of_lan();
    let order = WipeOrder { wipe, papers: papers.iter().map(|paper| (*paper).clone()).collect() };
    order.judge((device, &of_device.public()), keys.clone(), &above_lan(), now)
}

fn refused(why: Distrust) -> Result<Ordered, NotObeyed> {
    Err(NotObeyed::Distrusted(why))
}

/// Mai's phone, certified for these.
fn mai_for(province: &Province, duties: &[Duty], until: Timestamp) -> Signed {
    certificate(officer("Mai"), duties, &province.mai, until, &province.commune).sign(&province.commune)
}

fn by_mai(province: &Province, words: &Signed) -> Wipe {
    Wipe { by: words.sha256(), issuer: province.mai.public(), ..order(province) }
}

#[test]
fn a_stolen_phone_obeys_its_commune_and_says_who_it_was() {
    let province = Province::new();
    let root_alone = Keyring::pinned(&Root::of(&province.root_words).unwrap());
    let by_key = order(&province).sign(&province.commune);
    // It follows nothing any more: the chain comes along.
    let ordered = judged(by_key.clone(), &[&province.commune_words], &root_alone, day(60)).unwrap();
    assert_eq!((ordered.organisation.as_str(), ordered.officer), ("Đảng ủy xã Yên Sơn", None));
    assert_eq!((ordered.at, ordered.reason.as_str()), (day(50), "Mất điện thoại"));
    assert_eq!(judged(by_key, &[], &root_alone, day(60)), refused(Distrust::Missing));

    let words = mai_for(&province, &[Duty::Revoke], day(365));
    let by_her = by_mai(&province, &words).sign(&province.mai);
    let ordered = judged(by_her, &[&words, &province.commune_words], &root_alone, day(60)).unwrap();
    assert_eq!(ordered.officer, Some(("Mai".into(), Office::Secretary)));
}

#[test]
fn a_thief_who_sets_the_clock_back_saves_nothing() {
    let province = Province::new();
    let long_ago = day(60).minus(days(9_000));
    let signed = order(&province).sign(&province.commune);
    assert!(judged(signed, &[&province.commune_words], &province.phone(), long_ago).is_ok());
}

#[test]
fn no_other_phone_is_emptied_by_it() {
    let province = Province::new();
    let (device, of_device) = phone_of_lan();
    let (other, other_key) = (Id::derived("máy mới của Lan", &[]), key(32));
    let order = WipeOrder { wipe: order(&province).sign(&province.commune), papers: Vec::new() };
    for (id, key) in [(other, &of_device), (device, &other_key), (other, &other_key)] {
        let judged = order.judge((id, &key.public()), province.phone(), &above_lan(), day(60));
        assert_eq!(judged, Err(NotObeyed::OtherDevice));
    }
}

#[test]
fn who_has_not_the_duty_empties_nothing() {
    let province = Province::new();
    let publishes = by_mai(&province, &province.mai_words).sign(&province.mai);
    assert_eq!(judged(publishes, &[], &province.phone(), day(60)), refused(Distrust::WrongDuty));

    let words = certificate(
        Holder::Server { server: server() },
        &[Duty::Server, Duty::Revoke],
        &province.server,
        day(365),
        &province.commune,
    )
    .sign(&province.commune);
    let by_server = Wipe { by: words.sha256(), issuer: province.server.public(), ..order(&province) }
        .sign(&province.server);
    assert_eq!(judged(by_server, &[&words], &province.phone(), day(60)), refused(Distrust::WrongHolder));

    // An organisation that may publish and no more.
    let words =
        certificate(Holder::Organisation, &[Duty::Publish], &province.commune, day(365), &province.root)
            .sign(&province.root);
    let by_key = Wipe { by: words.sha256(), ..order(&province) }.sign(&province.commune);
    assert_eq!(judged(by_key, &[&words], &province.phone(), day(60)), refused(Distrust::WrongDuty));
}

#[test]
fn who_was_revoked_empties_nothing_whatever_day_the_order_bears() {
    let province = Province::new();
    let words = mai_for(&province, &[Duty::Revoke], day(365));
    let list = province.revoked(1, &[(&words, day(55))], &province.commune);
    let by_her = by_mai(&province, &words).sign(&province.mai);
    let mut phone = province.phone();
    assert!(phone.add_certificate(&words) && phone.add_revocations(&list));
    for now in [day(52), day(60)] {
        assert_eq!(judged(by_her.clone(), &[], &phone, now), refused(Distrust::Revoked), "it knew");
        let told = judged(by_her.clone(), &[&words, &list], &province.phone(), now);
        assert_eq!(told, refused(Distrust::Revoked), "it is told with the order");
    }
    let above = province.revoked(1, &[(&province.commune_words, day(58))], &province.root);
    let by_key = order(&province).sign(&province.commune);
    assert_eq!(judged(by_key, &[&above], &province.phone(), day(60)), refused(Distrust::Revoked));
}

#[test]
fn who_is_in_office_no_longer_or_not_yet_empties_nothing() {
    let province = Province::new();
    let words = mai_for(&province, &[Duty::Revoke], day(55));
    let by_her = by_mai(&province, &words);
    let judged_on = |wipe: &Wipe, now| judged(wipe.sign(&province.mai), &[&words], &province.phone(), now);
    assert!(judged_on(&by_her, day(54)).is_ok());
    assert_eq!(judged_on(&by_her, day(60)), refused(Distrust::NotValidThen), "it ran out");
    assert_eq!(judged_on(&Wipe { at: day(56), ..by_her }, day(54)), refused(Distrust::NotValidThen));
}

#[test]
fn another_communes_keys_and_a_strangers_root_empty_nothing() {
    let province = Province::new();
    let (thief, stranger) = (key(66), key(67));
    let own = certificate(Holder::Organisation, &EVERYTHING, &thief, day(365), &province.root);
    let neighbours =
        Certificate { organisation: Id::derived("xã bên", &[]), ..own.clone() }.sign(&province.root);
    let made_up = Certificate { issuer: stranger.public(), ..own }.sign(&stranger);
    for (words, why) in [(&neighbours, Distrust::WrongOrganisation), (&made_up, Distrust::ForeignRoot)] {
        let wipe = Wipe { by: words.sha256(), issuer: thief.public(), ..order(&province) }.sign(&thief);
        assert_eq!(judged(wipe, &[words], &province.phone(), day(60)), refused(why));
    }
    // In the commune's name, by who has not its key.
    let wipe = Wipe { issuer: thief.public(), ..order(&province) }.sign(&thief);
    assert_eq!(judged(wipe, &[], &province.phone(), day(60)), refused(Distrust::BadSignature));
    let wipe = order(&province).sign(&thief);
    assert_eq!(judged(wipe, &[], &province.phone(), day(60)), refused(Distrust::Malformed));
    // What the commune signed for something else.
    let text = order(&province).sign(&province.commune).text;
    let signature = province.commune.sign(Purpose::Revocations, text.as_bytes());
    assert_eq!(
        judged(Signed { text, signature }, &[], &province.phone(), day(60)),
        refused(Distrust::Malformed)
    );
    // A phone that was told of no root obeys nobody.
    let wipe = order(&province).sign(&province.commune);
    let none = Keyring::default();
    assert_eq!(judged(wipe, &[&province.commune_words], &none, day(60)), refused(Distrust::ForeignRoot));
}

#[test]
fn a_root_that_followed_while_the_phone_was_away_comes_along() {
    let province = Province::new();
    let new = key(9);
    let follows =
        Succession::sign(Root::sign("Gốc mới", &new, day(20)), Some(day(30)), &province.root, day(20));
    let renewed =
        certificate(Holder::Organisation, &EVERYTHING, &province.commune, day(900), &new).sign(&new);
    let wipe = Wipe { by: renewed.sha256(), ..order(&province) }.sign(&province.commune);
    assert_eq!(
        judged(wipe.clone(), &[&renewed], &province.phone(), day(60)),
        refused(Distrust::ForeignRoot),
        "nobody it believes says so"
    );
    assert!(judged(wipe, &[&renewed, &follows], &province.phone(), day(60)).is_ok());
}
