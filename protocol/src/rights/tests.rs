//! The rule by which rights are judged, in a village; and the table, cell by cell.

use super::*;
use crate::{
    attendance,
    command::{self as kinds},
    feedback, meetings,
    row::{RowRef, body},
};

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn village() -> Tree {
    Tree::new([(id("xã"), None), (id("Đồi Chè"), Some(id("xã"))), (id("Khe Nước"), Some(id("xã")))])
}

fn member(name: &str, cell: &str, roles: Vec<Role>) -> Standing {
    let membership = Membership { cell: id(cell), from: Timestamp::MIN, until: None };
    Standing { member: id(name), roles, memberships: vec![membership] }
}

fn role(organisation: &str, office: Office, until: Option<i64>) -> Role {
    Role { organisation: id(organisation), office, from: Timestamp::MIN, until: until.map(at) }
}

#[expect(clippy::needless_pass_by_value, reason = "reads better at the call")]
fn command(kind: &str, row: RowRef, fields: serde_json::Value) -> Command {
    Command {
        device: id("máy"),
        number: 1,
        kind: kind.into(),
        version: 1,
        row,
        made_at: at(0),
        needs: vec![],
        body: body(&fields),
    }
}

#[test]
fn lan_follows_her_cell_and_all_above_it_and_no_desk() {
    let lan = member("Lan", "Đồi Chè", vec![]);
    let expected = [
        Scope::org(id("Đồi Chè")),
        Scope::org(id("xã")),
        Scope::cell(id("Đồi Chè")),
        Scope::member(id("Lan")),
    ];
    assert_eq!(lan.follows(&village(), at(5)), BTreeSet::from(expected));
}

#[test]
fn a_table_of_who_may_do_what() {
    let lan = member("Lan", "Đồi Chè", vec![]);
    let hoa = member("Hòa", "Đồi Chè", vec![role("Đồi Chè", Office::Secretary, Some(100))]);
    let other = member("Sơn", "Khe Nước", vec![role("Khe Nước", Office::Secretary, None)]);
    let mai = member("Mai", "Khe Nước", vec![role("xã", Office::Staff, None)]);
    let cell = Scope::cell(id("Đồi Chè"));
    let meeting = command(meetings::CREATE, RowRef::new(cell, "meeting", id("m")), serde_json::json!({}));
    let mark = command(attendance::MARK, RowRef::new(cell, "attendance", id("a")), serde_json::json!({}));
    let desk = Scope::desk(id("xã"));
    let answer = command(feedback::ANSWER, RowRef::new(desk, "case", id("c")), serde_json::json!({}));
    let claim = |of: &Standing| {
        let row = RowRef::new(Scope::member(of.member), "claim", id("k"));
        let fields =
            serde_json::json!({"meeting": id("m"), "cell": id("Đồi Chè"), "code": "000000", "at": 0});
        command(attendance::CHECK_IN, row, fields)
    };
    let no = Err(Refusal::NotAllowed);
    for (who, what, when, expected) in [
        (&hoa, &meeting, 50, Ok(())),
        (&hoa, &meeting, 100, no),
        (&lan, &meeting, 50, no),
        (&other, &meeting, 50, no),
        (&mai, &meeting, 50, no),
        (&hoa, &mark, 50, Ok(())),
        (&lan, &mark, 50, no),
        (&mai, &answer, 50, Ok(())),
        (&hoa, &answer, 50, no),
        (&lan, &claim(&lan), 50, Ok(())),
        (&lan, &claim(&hoa), 50, no),
        (&other, &claim(&other), 50, no),
    ] {
        let action = Action::Give(what);
        assert_eq!(
            allowed(Caller::Member(who), &village(), action, at(when)),
            expected,
            "{who:?} {what:?} {when}"
        );
    }
}

#[test]
fn made_at_is_kept_between_the_exchanges_that_saw_the_number_come() {
    let (yesterday, today) = (at(1_000), at(2_000));
    assert_eq!(judged_at(at(1_500), Some(yesterday), today), at(1_500));
    assert_eq!(judged_at(at(1), Some(yesterday), today), yesterday);
    assert_eq!(judged_at(at(9_999), Some(yesterday), today), today);
    let late = Timestamp::MIN + crate::env::days(100);
    assert_eq!(judged_at(at(0), None, late), late.minus(crate::env::days(35)));
}

#[test]
fn the_table_and_what_is_carried_out_name_the_same_commands() {
    let rights: BTreeSet<_> = table::COMMANDS.iter().map(|right| (right.command, right.row)).collect();
    let known: BTreeSet<_> = kinds::KINDS.iter().map(|kind| (kind.command, kind.row)).collect();
    assert_eq!(rights, known);
    assert_eq!(rights.len(), table::COMMANDS.len(), "a command stands once");
}

#[test]
fn nobody_has_a_right_over_an_organisation_below_or_beside_theirs() {
    let grants = table::READS.iter().map(|right| right.grants);
    let grants = grants.chain(table::COMMANDS.iter().map(|right| right.grants));
    for (_, relations) in grants.flatten() {
        assert!(!relations.contains(&Relation::Elsewhere));
    }
    let mai = member("Mai", "Khe Nước", vec![role("xã", Office::Secretary, None)]);
    for scope in [Scope::cell(id("Đồi Chè")), Scope::desk(id("Đồi Chè")), Scope::org(id("Đồi Chè"))]
    {
        let read = allowed(Caller::Member(&mai), &village(), Action::Read(scope), at(1));
        assert_eq!(read, Err(Refusal::NotAllowed), "{scope}");
    }
}

#[test]
fn a_revoked_device_and_a_stranger_may_do_nothing_that_a_member_may() {
    let hoa = member("Hòa", "Đồi Chè", vec![role("Đồi Chè", Office::Secretary, None)]);
    let row = RowRef::new(Scope::cell(id("Đồi Chè")), "meeting", id("m"));
    let meeting = command(meetings::CREATE, row, serde_json::json!({}));
    for action in
        [Action::Give(&meeting), Action::Read(Scope::member(id("Hòa"))), Action::Enter("get", "/v1/events")]
    {
        assert_eq!(allowed(Caller::Member(&hoa), &village(), action, at(1)), Ok(()));
        for caller in [Caller::Revoked, Caller::Stranger] {
            assert_eq!(allowed(caller, &village(), action, at(1)), Err(Refusal::NotAllowed));
        }
    }
    let no_such = Action::Enter("get", "/v1/khong-co");
    assert_eq!(allowed(Caller::Device, &village(), no_such, at(1)), Err(Refusal::NotAllowed));
}
