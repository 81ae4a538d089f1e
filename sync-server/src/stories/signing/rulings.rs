//! Withdrawal and replacement are signed too.

use sotay_protocol::{
    directives::Standing,
    drafts::{Draft, DraftState},
    exchange::Outcome,
    refusal::Refusal,
    row::RowRef,
    trust::{Verdict, Verdicts},
};

use super::{Chest, WORDS, directive, plan, reader, refused, row, with_file};
use crate::{
    directives::{Published, Withdrawn},
    testing::*,
};

fn signed(village: &Village, hoa: &mut Phone, certificate: &str, number: u32) -> Published {
    let published = village.server.publish(&with_file(number)).unwrap();
    let draft = village.drafts().into_iter().find(|(_, draft)| draft.directive == published.id).unwrap();
    let sign = hoa.signs(&draft, certificate);
    hoa.sync(&village.server, &[&sign]).applied(sign.number);
    published
}

fn waiting(village: &Village) -> Vec<RowRef> {
    let waiting = village.drafts().into_iter().filter(|(_, draft)| draft.state == DraftState::Waiting);
    waiting.map(|(row, _)| row).collect()
}

#[test]
fn a_withdrawal_is_signed_and_takes_the_words_with_it() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let published = signed(&village, &mut hoa, &certificate, 18);
    let (mut lan, root) = reader(&village);
    lan.sync(&village.server, &[]);
    let before = directive(&lan, &published);

    assert_eq!(village.server.withdraw(&row(&published), "Ban hành nhầm").unwrap(), Withdrawn::Waits);
    village.later(60);
    assert_eq!(village.server.withdraw(&row(&published), "Ban hành nhầm").unwrap(), Withdrawn::WaitsSince);
    assert_eq!(village.server.withdraw(&row(&published), "Lý do khác").unwrap(), Withdrawn::WaitsSince);
    assert_eq!(waiting(&village).len(), 1, "a directive is withdrawn once");
    lan.sync(&village.server, &[]);
    assert_eq!(directive(&lan, &published), before, "it stands until it is signed");

    let draft = village.drafts().into_iter().find(|(_, draft)| draft.ruling.is_some()).unwrap();
    assert_eq!(draft.1.read().unwrap().number.to_string(), "18-KH/ĐU", "the leader reads what it is about");
    let sign = hoa.signs(&draft, &certificate);
    hoa.sync(&village.server, &[&sign]).applied(2);
    lan.sync(&village.server, &[]);
    let after = directive(&lan, &published);
    assert_eq!((after.standing, &after.document), (Standing::Withdrawn, &None));
    assert_eq!((&after.statement, &after.signed), (&before.statement, &before.signed));
    let verdicts = Verdicts::of(&after, published.id, published.scope, &lan.keyring(&root));
    assert!(matches!(verdicts.statement, Verdict::Genuine { .. }), "{verdicts:?}");
    assert!(matches!(verdicts.ruling, Some(Verdict::Genuine { .. })), "{verdicts:?}");
    // Nothing of its words is left, at the desk neither.
    let mut mai = village.phone("Mai");
    mai.sync(&village.server, &[]);
    assert!(!mai.heard().contains(WORDS));
    assert_eq!(village.server.withdraw(&row(&published), "Lý do khác").unwrap(), Withdrawn::Before);
}

#[test]
fn a_replacement_waits_for_what_replaces_and_both_are_signed() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let old = signed(&village, &mut hoa, &certificate, 18);
    let new = village.server.publish_in_place_of(&plan(19, "Kế hoạch mới.", None), Some(&row(&old))).unwrap();
    assert!(new.waits && new.replacing_waits);
    let drafts: Vec<_> =
        village.drafts().into_iter().filter(|(_, draft)| draft.state == DraftState::Waiting).collect();
    let of_new = drafts.iter().find(|(_, draft)| draft.ruling.is_none()).unwrap();
    let of_old = drafts.iter().find(|(_, draft)| draft.ruling.is_some()).unwrap();
    let (rules, signs) = (hoa.signs(of_old, &certificate), hoa.signs(of_new, &certificate));
    let answer = hoa.sync(&village.server, &[&rules]);
    let Outcome::Held { missing, .. } = answer.outcome(2) else { panic!("{answer:?}") };
    assert_eq!(*missing, [row(&new)], "nobody is sent to what nobody can read");
    let answer = hoa.sync(&village.server, &[&rules, &signs]);
    answer.applied(3);
    hoa.sync(&village.server, &[&rules]).applied(2);
    let (mut lan, root) = reader(&village);
    lan.sync(&village.server, &[]);
    let replaced = directive(&lan, &old);
    assert_eq!((replaced.standing, replaced.replaced_by), (Standing::Replaced, Some(new.id)));
    for of in [&old, &new] {
        let verdicts = Verdicts::of(&directive(&lan, of), of.id, of.scope, &lan.keyring(&root));
        assert!(matches!(verdicts.statement, Verdict::Genuine { .. }), "{verdicts:?}");
        let right = matches!(verdicts.ruling, None | Some(Verdict::Genuine { .. }));
        assert!(right, "{verdicts:?}");
    }
}

#[test]
fn a_ruling_on_what_changed_since_is_not_signed() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let published = signed(&village, &mut hoa, &certificate, 18);
    village.server.publish_in_place_of(&with_file(19), Some(&row(&published))).unwrap();
    assert_eq!(village.server.withdraw(&row(&published), "Ban hành nhầm").unwrap(), Withdrawn::Waits);
    let ruled = |standing| {
        let of = |draft: &Draft| draft.ruled().map(|ruled| ruled.standing) == standing;
        let waits = |(_, draft): &(RowRef, Draft)| draft.state == DraftState::Waiting && of(draft);
        village.drafts().into_iter().find(waits).unwrap()
    };
    let [new, withdrawn, replaced] = [None, Some(Standing::Withdrawn), Some(Standing::Replaced)]
        .map(|of| hoa.signs(&ruled(of), &certificate));
    hoa.sync(&village.server, &[&new, &withdrawn]).applied(3);
    let stands = village.row(&row(&published));
    assert_eq!(*hoa.sync(&village.server, &[&replaced]).outcome(4), refused(Refusal::DraftChanged));
    assert_eq!(village.row(&row(&published)), stands, "it stays withdrawn");
}

#[test]
fn what_is_for_deputies_reaches_somebody_only_where_there_is_one() {
    let village = Village::new();
    let commune = crate::directives::Issuer::Id(village.commune);
    let holds = |office| village.server.somebody_holds(office, &commune).unwrap();
    assert!(holds(sotay_protocol::members::Office::Secretary), "of a cell below");
    assert!(!holds(sotay_protocol::members::Office::DeputySecretary));
}
