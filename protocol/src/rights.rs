//! Who may do what, and who follows which scope: one function of roles, the tree, the action and the time.
//!
//! Every handler of the server calls [`allowed`]; the phone calls it too, to know what a screen enables.
//! Rights on a command are judged at the time it was made, with roles as the server recorded them, so a
//! secretary whose term ended while the cell was offline keeps the meeting they held.

use std::collections::BTreeSet;

use crate::{
    attendance::{self, Claim},
    command::Command,
    drafts,
    env::Timestamp,
    feedback::{self, Reply, Thread},
    id::Id,
    meetings,
    members::{Membership, Office, Role},
    organisations::Tree,
    refusal::Refusal,
    row::view,
    scope::{Scope, ScopeKind},
};

/// A member with all offices and memberships that the server ever recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub member: Id,
    pub roles: Vec<Role>,
    pub memberships: Vec<Membership>,
}

/// A narrower readership: those who hold `office` in or below `organisation`. Its scope has this id.
#[must_use]
pub fn audience_id(organisation: Id, office: Office) -> Id {
    let name = match office {
        Office::Secretary => "audience secretary",
        Office::DeputySecretary => "audience deputy_secretary",
        Office::CommitteeMember => "audience committee_member",
        Office::Staff => "audience staff",
    };
    Id::derived(name, &[organisation])
}

impl Standing {
    #[must_use]
    pub fn offices(&self, organisation: Id, at: Timestamp) -> BTreeSet<Office> {
        self.roles
            .iter()
            .filter(|role| role.organisation == organisation && role.holds(at))
            .map(|role| role.office)
            .collect()
    }

    #[must_use]
    pub fn belongs_to(&self, cell: Id, at: Timestamp) -> bool {
        self.memberships.iter().any(|membership| membership.cell == cell && membership.holds(at))
    }

    /// Every scope that this member's devices follow at `at`.
    #[must_use]
    pub fn follows(&self, tree: &Tree, at: Timestamp) -> BTreeSet<Scope> {
        let mut scopes = BTreeSet::from([Scope::member(self.member)]);
        for membership in self.memberships.iter().filter(|membership| membership.holds(at)) {
            scopes.insert(Scope::cell(membership.cell));
            scopes.extend(tree.upward(membership.cell).map(Scope::org));
        }
        for role in self.roles.iter().filter(|role| role.holds(at)) {
            scopes.insert(Scope::desk(role.organisation));
            for above in tree.upward(role.organisation) {
                scopes.insert(Scope::org(above));
                scopes.insert(Scope::audience(audience_id(above, role.office)));
            }
        }
        scopes
    }

    /// Whether `desk` is one this member may write to: an organisation they stand in or below.
    fn stands_below(&self, desk: Id, tree: &Tree, at: Timestamp) -> bool {
        self.follows(tree, at).contains(&Scope::org(desk))
    }
}

/// Whether the member may give `command` at `at`.
///
/// # Errors
/// [`Refusal::NotAllowed`], or [`Refusal::UnknownKind`] for a command that nobody may give.
pub fn allowed(standing: &Standing, tree: &Tree, command: &Command, at: Timestamp) -> Result<(), Refusal> {
    const LEADS: [Office; 2] = [Office::Secretary, Office::DeputySecretary];
    const MARKS: [Office; 3] = [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember];
    let scope = command.row.scope;
    let holds = |offices: &[Office]| {
        let held = standing.offices(scope.id, at);
        offices.iter().any(|office| held.contains(office))
    };
    let own = scope == Scope::member(standing.member);
    let right = match (command.kind.as_str(), command.row.kind.as_str(), scope.kind) {
        (meetings::CREATE | meetings::EDIT, meetings::MEETING, ScopeKind::Cell) => holds(&LEADS),
        (attendance::MARK, attendance::ATTENDANCE, ScopeKind::Cell) => holds(&MARKS),
        (attendance::RECORD_OPENING | attendance::EDIT_OPENING, attendance::OPENING, ScopeKind::Desk) => {
            holds(&LEADS)
        }
        (attendance::CHECK_IN, attendance::CLAIM, ScopeKind::Member) => {
            own && standing.belongs_to(view::<Claim>(&command.body)?.cell, at)
        }
        (feedback::SUBMIT, feedback::THREAD, ScopeKind::Member) => {
            own && standing.stands_below(view::<Thread>(&command.body)?.desk, tree, at)
        }
        (feedback::REPLY, feedback::THREAD, ScopeKind::Member) => {
            view::<Reply>(&command.body)?;
            own
        }
        (drafts::SIGN | drafts::RETURN, drafts::DRAFT, ScopeKind::Desk) => holds(&LEADS),
        (feedback::RECEIVE | feedback::ANSWER, feedback::CASE, ScopeKind::Desk) => {
            !standing.offices(scope.id, at).is_empty()
        }
        _ => return Err(Refusal::UnknownKind),
    };
    if right { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// When a command counts as made: what its device says, kept between the last exchange that had not heard
/// of its number and the first that had, and within 35 days before the latter.
#[must_use]
pub fn judged_at(made_at: Timestamp, not_heard: Option<Timestamp>, heard: Timestamp) -> Timestamp {
    let oldest = heard.minus(crate::env::days(35));
    let earliest = not_heard.map_or(oldest, |not_heard| not_heard.max(oldest)).min(heard);
    made_at.clamp(earliest, heard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{RowRef, body};

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
            assert_eq!(allowed(who, &village(), what, at(when)), expected, "{who:?} {what:?} {when}");
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
}
