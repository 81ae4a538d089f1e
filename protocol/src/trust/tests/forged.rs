//! Bits that were flipped, words that were taken from elsewhere.

use super::*;

/// The text with one bit changed, at every place where that leaves text.
fn bent(text: &str) -> impl Iterator<Item = String> + '_ {
    (0..text.len()).filter_map(|place| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] ^= 1;
        String::from_utf8(bytes).ok()
    })
}

fn with_text(signed: &Signed, text: String) -> Signed {
    Signed { text, signature: signed.signature.clone() }
}

#[test]
fn a_flipped_bit_in_any_signed_paper_makes_it_none() {
    let province = Province::new();
    let request = Request {
        format: FORMAT,
        organisation: yen_son(),
        organisation_name: "Đảng ủy xã Yên Sơn".into(),
        holder: officer("Mai"),
        key: province.mai.public(),
        seal: None,
        at: day(0),
    };
    let papers = [
        province.root_words.clone(),
        province.commune_words.clone(),
        province.mai_words.clone(),
        province.server_words.clone(),
        province.revoked(3, &[(&province.mai_words, day(100))], &province.commune),
        Succession::sign(Root::sign("Trung ương", &key(9), day(0)), Some(day(9)), &province.root, day(1)),
        request.sign(&province.mai),
        wipes::order(&province).sign(&province.commune),
    ];
    for paper in &papers {
        assert!(Paper::of(paper).is_some());
        let mut changed = 0;
        for text in bent(&paper.text) {
            assert_eq!(Paper::of(&with_text(paper, text.clone())), None, "{text}");
            changed += 1;
        }
        assert!(changed > 100, "{changed}");
        for place in 0..paper.signature.0.len() {
            let mut other = paper.clone();
            other.signature.0[place] ^= 1;
            assert_eq!(Paper::of(&other), None, "bit of the signature at {place}");
        }
    }
}

#[test]
fn a_flipped_bit_in_what_mai_signed_or_in_its_receipt_is_never_genuine() {
    let province = Province::new();
    let (phone, directive) = (province.phone(), province.published(day(30)));
    assert!(is_genuine(&statement(&directive, &phone)));
    for text in bent(&directive.statement) {
        let other = Directive { statement: text, ..directive.clone() };
        assert!(!is_genuine(&statement(&other, &phone)), "{}", other.statement);
    }
    for text in bent(directive.document.as_deref().unwrap()) {
        let other = Directive { document: Some(text), ..directive.clone() };
        assert_eq!(statement(&other, &phone), quarantined(Distrust::OtherWords));
    }
    let signed = directive.signed.clone().unwrap();
    let judged =
        |signed: Attestation| statement(&Directive { signed: Some(signed), ..directive.clone() }, &phone);
    for text in bent(&signed.receipt.text) {
        assert!(!is_genuine(&judged(Attestation {
            receipt: with_text(&signed.receipt, text),
            ..signed.clone()
        })));
    }
    for place in 0..64 {
        let mut other = signed.clone();
        other.signature.0[place] ^= 1;
        assert_eq!(judged(other), quarantined(Distrust::WrongReceipt));
        let mut other = signed.clone();
        other.receipt.signature.0[place] ^= 1;
        assert_eq!(judged(other), quarantined(Distrust::WrongReceipt));
    }
}

#[test]
fn a_receipt_is_for_one_text_in_one_place() {
    let province = Province::new();
    let (phone, directive) = (province.phone(), province.published(day(30)));
    let elsewhere = Scope::org(Id::derived("xã khác", &[]));
    let id = directive_id(&plan());
    let judged = Verdicts::of(&directive, id, elsewhere, &phone).statement;
    assert_eq!(judged, quarantined(Distrust::WrongReceipt));
    let mut other = directive.clone();
    let taken = province.attested("{}", Purpose::Directive, day(30)).receipt;
    other.signed.as_mut().unwrap().receipt = taken;
    assert_eq!(statement(&other, &phone), quarantined(Distrust::WrongReceipt));
    let of_another = Id::derived("văn bản khác", &[]);
    let judged = Verdicts::of(&directive, of_another, scope(), &phone).statement;
    assert_eq!(judged, quarantined(Distrust::OtherWords), "it would stand as what replaces another");
}

#[test]
fn what_was_signed_for_one_purpose_counts_for_no_other() {
    let province = Province::new();
    let (phone, mut directive) = (province.phone(), Directive::of(&plan()));
    directive.signed = Some(province.attested(&directive.statement, Purpose::Ruling, day(30)));
    assert_eq!(statement(&directive, &phone), quarantined(Distrust::BadSignature));
}

#[test]
fn words_without_a_signature_are_not_those_of_who_signs_all() {
    let province = Province::new();
    let stripped = Directive { signed: None, ..province.published(day(30)) };
    assert_eq!(statement(&stripped, &province.phone()), quarantined(Distrust::Unsigned));
    let of_old = Statement { date: chrono::NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(), ..plan() };
    let id = directive_id(&of_old);
    let judged = Verdicts::of(&Directive::of(&of_old), id, scope(), &province.phone()).statement;
    assert_eq!(judged, Verdict::Unsigned, "before it had keys nobody could sign");
    // A cell without keys of its own prints the committee's name over its words.
    let borrowed = |name: &str, date| {
        let issuer = Id::derived("chi bộ", &[]);
        let words = Statement { issuer, issuer_name: name.into(), date, ..plan() };
        Verdicts::of(&Directive::of(&words), directive_id(&words), scope(), &province.phone()).statement
    };
    let named = province.phone().certificates().next().unwrap().1.organisation_name.to_uppercase();
    assert_eq!(borrowed(&named.replace(' ', "  "), plan().date), quarantined(Distrust::Unsigned));
    assert_eq!(borrowed("Chi bộ thôn Đồi Chè", plan().date), Verdict::Unsigned);
    let none = Keyring::pinned(&Root::of(&province.root_words).unwrap());
    assert_eq!(statement(&stripped, &none), Verdict::Unsigned);
    // A certificate that was never believed obliges nobody; one that ran out still does.
    let mut phone = province.phone();
    assert!(phone.publishes(yen_son(), day(9_999)));
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.commune_words, day(0))],
        &province.root
    )));
    assert!(!phone.publishes(yen_son(), day(30)));
}

#[test]
fn what_is_too_long_or_of_a_newer_format_is_none() {
    let province = Province::new();
    let mut long = certificate(officer("Mai"), &[Duty::Publish], &province.mai, day(9), &province.commune);
    long.organisation_name = "x".repeat(crate::limits::PAPER);
    assert_eq!(Paper::of(&long.sign(&province.commune)), None);
    let mut newer = certificate(officer("Mai"), &[Duty::Publish], &province.mai, day(9), &province.commune);
    newer.format = FORMAT + 1;
    assert_eq!(Paper::of(&newer.sign(&province.commune)), None);
    let twice = province.mai_words.text.replace("{\"format\":1,", "{\"format\":1,\"format\":1,");
    let signature = province.commune.sign(Purpose::Certificate, twice.as_bytes());
    assert_eq!(Paper::of(&Signed { text: twice, signature }), None);
    let deep = format!("{{\"format\":1,\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let signature = province.commune.sign(Purpose::Certificate, deep.as_bytes());
    assert_eq!(Paper::of(&Signed { text: deep, signature }), None);
}
