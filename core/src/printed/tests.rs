//! Lan scans what is handed to her; what her phone holds of it.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DirectiveType, Standing, Urgency},
    env::Timestamp,
    id::Id,
    members::Office,
    printed::Printed,
    qr::NotRead,
    trust::{Distrust, Verdict},
};

use super::{
    Finding, Why,
    found::{as_it_stands, of},
    held::Held,
};
use crate::directives::DirectiveLine;

fn paper() -> Printed {
    Printed {
        directive_type: DirectiveType::KeHoach,
        number: "17-KH/ĐU".parse().unwrap(),
        issuer: Id::derived("xã", &[]),
        date: NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(),
        sha256: "ab".repeat(32),
    }
}

fn genuine() -> Verdict {
    Verdict::Genuine {
        signer: "Trần Thị Mai".into(),
        office: Office::Secretary,
        organisation_name: "Đảng ủy xã Yên Sơn".into(),
        bad_since: None,
        at: Timestamp::MIN,
    }
}

/// As `paper` says it, with this verdict.
fn held(paper: &Printed, verdict: Option<Verdict>) -> Held {
    let line = DirectiveLine {
        id: paper.directive(),
        directive_type: paper.directive_type,
        number: paper.number.to_string(),
        issuer: paper.issuer,
        issuer_name: "Đảng ủy xã Yên Sơn".into(),
        date: paper.date,
        abstract_: "Ra quân vệ sinh".into(),
        urgency: Urgency::Normal,
        standing: Standing::InForce,
        unread: true,
        replacement_withdrawn: false,
        verdict,
        ruling_verdict: None,
        issuer_signs: true,
    };
    Held { line, sha256: paper.sha256.clone(), replaced_by: None }
}

fn why(paper: &Printed, held: &[Held]) -> Why {
    of(paper, held).0
}

#[test]
fn only_what_was_found_genuine_makes_a_paper_right_or_wrong() {
    let forged = Printed { sha256: "cd".repeat(32), ..paper() };
    let table = [
        (Some(genuine()), Why::InForce, Why::OtherWords),
        (Some(Verdict::Unsigned), Why::NotSigned, Why::OtherWords),
        (Some(Verdict::Unknown), Why::NotVerified, Why::NotVerified),
        (None, Why::NotVerified, Why::NotVerified),
        (
            Some(Verdict::Quarantined { why: Distrust::BadSignature }),
            Why::NotBelieved(Distrust::BadSignature),
            Why::NothingToCompare,
        ),
    ];
    for (verdict, same, other) in table {
        let here = [held(&paper(), verdict.clone())];
        assert_eq!((why(&paper(), &here), why(&forged, &here)), (same, other), "{verdict:?}");
    }
    assert_eq!(why(&paper(), &[]), Why::NotHere);
}

#[test]
fn a_second_one_put_beside_it_makes_the_genuine_one_no_worse() {
    let forged = Printed { sha256: "cd".repeat(32), ..paper() };
    let beside = held(&forged, Some(Verdict::Quarantined { why: Distrust::WrongReceipt }));
    let here = [beside, held(&paper(), Some(genuine()))];
    assert_eq!(why(&paper(), &here), Why::InForce);
    assert_eq!(why(&forged, &here), Why::OtherWords);
}

#[test]
fn one_thing_changed_on_a_code_is_told_as_false() {
    let here = [held(&paper(), Some(genuine()))];
    for bent in [
        Printed { directive_type: DirectiveType::QuyDinh, ..paper() },
        Printed { number: "18-KH/ĐU".parse().unwrap(), ..paper() },
        Printed { issuer: Id::derived("xã khác", &[]), ..paper() },
        Printed { date: NaiveDate::from_ymd_opt(2025, 12, 4).unwrap(), ..paper() },
    ] {
        assert_eq!(why(&bent, &here), Why::OtherHead, "{bent:?}");
        assert_eq!(why(&bent, &here).finding(), Finding::False);
    }
}

/// Two guidelines of one number, one of 2018 and one of 2022, are both genuine: numbers begin anew with each term.
#[test]
fn another_day_under_the_same_number_may_be_another_directive() {
    let here = [held(&paper(), Some(genuine()))];
    let of_before =
        Printed { date: NaiveDate::from_ymd_opt(2018, 7, 6).unwrap(), sha256: "cd".repeat(32), ..paper() };
    assert_eq!(why(&of_before, &here), Why::OtherDay(paper().date));
    assert_eq!(why(&of_before, &here).finding(), Finding::Unknown);
}

#[test]
fn what_became_of_it_counts_where_it_is_signed() {
    let withdrawn = |ruling| {
        let of = held(&paper(), Some(genuine()));
        let line = DirectiveLine { standing: Standing::Withdrawn, ruling_verdict: ruling, ..of.line };
        as_it_stands(&Held { line, ..of })
    };
    assert_eq!(withdrawn(Some(genuine())), Why::Withdrawn);
    assert_eq!(withdrawn(Some(Verdict::Quarantined { why: Distrust::Unsigned })), Why::InForce);
    assert_eq!(withdrawn(Some(Verdict::Unknown)), Why::RulingNotVerified);
    assert_eq!(withdrawn(None), Why::RulingNotVerified);
}

#[test]
fn strange_codes_are_no_forgeries_and_bent_ones_are() {
    let finding = |of| Why::of_code(of).finding();
    for of in [NotRead::Strange, NotRead::OtherKind, NotRead::Newer] {
        assert_eq!(finding(of), Finding::Unknown);
    }
    assert_eq!(finding(NotRead::Damaged), Finding::False);
}
