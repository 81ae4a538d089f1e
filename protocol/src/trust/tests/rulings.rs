//! What became of a directive: told by its issuer, or by somebody else.

use super::*;
use crate::directives::Standing;

fn withdrawn(province: &Province) -> Directive {
    let mut directive = province.published(day(30)).withdrawn("Ban hành nhầm", day(40)).unwrap();
    let ruling = directive.ruling.clone().unwrap();
    directive.ruling_signed = Some(province.attested(&ruling, Purpose::Ruling, day(40)));
    directive
}

fn ruling(directive: &Directive, keys: &Keyring) -> Option<Verdict> {
    let judged = verdicts(directive, keys);
    assert!(is_genuine(&judged.statement), "a false ruling takes nothing from what Mai signed");
    judged.ruling
}

#[test]
fn mai_withdraws_what_she_signed() {
    let province = Province::new();
    let phone = province.phone();
    assert_eq!(ruling(&province.published(day(30)), &phone), None);
    assert!(is_genuine(&ruling(&withdrawn(&province), &phone).unwrap()));
}

#[test]
fn a_false_withdrawn_is_told_apart() {
    let province = Province::new();
    let (phone, published) = (province.phone(), province.published(day(30)));
    let unsigned = Some(quarantined(Distrust::Unsigned));
    // Its standing alone is changed.
    let other = Directive { standing: Standing::Withdrawn, document: None, ..published.clone() };
    assert_eq!(ruling(&other, &phone), unsigned);
    // A ruling that nobody signed, dated before the commune had keys.
    let other = published.withdrawn("Bịa đặt", Timestamp::MIN).unwrap();
    assert_eq!(ruling(&other, &phone), unsigned);
    // A replacement that nobody named.
    let other = Directive { replaced_by: Some(Id::derived("văn bản giả", &[])), ..published.clone() };
    assert_eq!(ruling(&other, &phone), unsigned);
    let other = published.replaced(Id::derived("văn bản giả", &[]), day(40));
    assert_eq!(ruling(&other, &phone), unsigned);
}

#[test]
fn a_ruling_is_on_one_directive_and_says_one_thing() {
    let province = Province::new();
    let (phone, directive) = (province.phone(), withdrawn(&province));
    let back = Directive {
        standing: Standing::InForce,
        document: province.published(day(30)).document,
        ..directive.clone()
    };
    assert_eq!(
        ruling(&back, &phone),
        Some(quarantined(Distrust::OtherWords)),
        "nobody takes it back in silence"
    );
    let mut text = directive.ruling.clone().unwrap();
    text = text.replace("nhầm", "đúng");
    let other = Directive { ruling: Some(text), ..directive.clone() };
    assert_eq!(ruling(&other, &phone), Some(quarantined(Distrust::WrongReceipt)));
    // A ruling on another directive.
    let mut another = Directive::of(&Statement { abstract_: "Việc khác".into(), ..plan() });
    another.signed = Some(province.attested(&another.statement, Purpose::Directive, day(30)));
    let another = Directive {
        standing: Standing::Withdrawn,
        document: None,
        ruling: directive.ruling.clone(),
        ruling_signed: directive.ruling_signed.clone(),
        ..another
    };
    assert_eq!(ruling(&another, &phone), Some(quarantined(Distrust::OtherWords)));
}

#[test]
fn where_nobody_has_keys_rulings_stay_as_they_were() {
    let phone = Keyring::default();
    let withdrawn = Directive::of(&plan()).withdrawn("Ban hành nhầm", day(40)).unwrap();
    let judged = verdicts(&withdrawn, &phone);
    assert_eq!((judged.statement, judged.ruling), (Verdict::Unsigned, Some(Verdict::Unsigned)));
    // Also of the first form, whose statement loses its words.
    let text = serde_json::to_string(&plan()).unwrap();
    let first: Directive = serde_json::from_value(serde_json::json!({"statement": text})).unwrap();
    let judged = verdicts(&first.withdrawn("Ban hành nhầm", day(40)).unwrap(), &phone);
    assert_eq!(judged.ruling, Some(Verdict::Unsigned));
}
