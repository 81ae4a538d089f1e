//! Who may do what, and who follows which scope: one function of roles, the tree, the action and the time.
//!
//! Every handler of the server calls [`allowed`]; the phone calls it too, to know what a screen enables. What it says stands
//! as data in [`table`]. Rights on a command are judged at the time it was made, with roles as the server recorded them, so a
//! secretary whose term ended while the cell was offline keeps the meeting they held.

pub mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use self::table::{About, Capacity, Comer, Must, Relation};
use crate::{
    command::Command,
    env::Timestamp,
    id::Id,
    members::{Membership, Office, Role},
    organisations::Tree,
    refusal::Refusal,
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

    /// As what the member comes at `at`, and in which organisation they are that.
    fn capacities(&self, at: Timestamp) -> impl Iterator<Item = (Capacity, Id)> {
        let cells = self.memberships.iter().filter(move |membership| membership.holds(at));
        let roles = self.roles.iter().filter(move |role| role.holds(at));
        cells
            .map(|membership| (Capacity::Member, membership.cell))
            .chain(roles.map(|role| (Capacity::Holder(role.office), role.organisation)))
    }

    /// Every scope that this member's devices follow at `at`.
    #[must_use]
    pub fn follows(&self, tree: &Tree, at: Timestamp) -> BTreeSet<Scope> {
        let mut scopes = BTreeSet::new();
        for right in table::READS {
            if matches!(right.about, About::Oneself) {
                scopes.insert(Scope { kind: right.scope, id: self.member });
            }
            for (capacity, place) in self.capacities(at) {
                let mut read = |organisation, relation| {
                    if table::granted(right.grants, capacity, relation) {
                        scopes.extend(scope_of(right.scope, organisation, capacity));
                    }
                };
                read(place, Relation::Own);
                for above in tree.upward(place).skip(1) {
                    read(above, Relation::Below);
                }
            }
        }
        scopes
    }
}

/// The scope of this kind of an organisation, for who comes so.
fn scope_of(kind: ScopeKind, organisation: Id, capacity: Capacity) -> Option<Scope> {
    let id = match (kind, capacity) {
        (ScopeKind::Audience, Capacity::Holder(office)) => audience_id(organisation, office),
        (ScopeKind::Audience, Capacity::Member) => return None,
        _ => organisation,
    };
    Some(Scope { kind, id })
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// Nobody that the server knows.
    Stranger,
    /// A device that was revoked: whatever its member may do, it may not.
    Revoked,
    /// A device with rights, of whose member nothing has to be known.
    Device,
    /// The same, with what its member is.
    Member(&'a Standing),
    /// A browser in which a member signed in.
    Session(&'a Standing),
}

impl Caller<'_> {
    fn comer(self) -> Comer {
        match self {
            Self::Stranger => Comer::Stranger,
            Self::Revoked => Comer::Revoked,
            Self::Device | Self::Member(_) => Comer::Device,
            Self::Session(_) => Comer::Session,
        }
    }

    fn holds_office(self, at: Timestamp) -> bool {
        match self {
            Self::Member(standing) | Self::Session(standing) => {
                standing.roles.iter().any(|role| role.holds(at))
            }
            Self::Stranger | Self::Revoked | Self::Device => false,
        }
    }

    /// Every scope that the caller may read at `at`.
    #[must_use]
    pub fn follows(self, tree: &Tree, at: Timestamp) -> BTreeSet<Scope> {
        match self {
            Self::Member(standing) => standing.follows(tree, at),
            Self::Stranger | Self::Revoked | Self::Device | Self::Session(_) => BTreeSet::new(),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// To be answered at an address: its method in small letters, and its path as it is mounted.
    Enter(&'a str, &'a str),
    /// To read what stands in a scope, or stood.
    Read(Scope),
    /// To give a command.
    Give(&'a Command),
}

/// Whether `caller` may do `action` at `at`: everything that the server answers or does is asked here. What [`table`] does not
/// name, nobody may.
///
/// # Errors
/// [`Refusal::NotAllowed`]; [`Refusal::UnknownKind`] for a command that nobody may give; [`Refusal::Malformed`] for one that
/// does not say what it is about.
pub fn allowed(caller: Caller<'_>, tree: &Tree, action: Action<'_>, at: Timestamp) -> Result<(), Refusal> {
    let right = match action {
        Action::Enter(method, path) => table::endpoint(method, path).is_some_and(|row| {
            let office = row.must != Must::HoldOffice || caller.holds_office(at);
            office && row.comers.contains(&caller.comer())
        }),
        Action::Read(scope) => caller.follows(tree, at).contains(&scope),
        Action::Give(command) => {
            let row = table::command(&command.kind, &command.row.kind, command.row.scope.kind);
            let row = row.ok_or(Refusal::UnknownKind)?;
            match caller {
                Caller::Member(standing) => row.allows(standing, tree, command, at)?,
                Caller::Stranger | Caller::Revoked | Caller::Device | Caller::Session(_) => false,
            }
        }
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
