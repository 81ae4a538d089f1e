//! What the rights of a member rest on, read from the store: roles, memberships, and the organisations
//! above them.

use std::collections::BTreeMap;

use sotay_protocol::{env::Timestamp, id::Id, organisations::Tree, rights::Standing};

use crate::store::{Reader, Result};

/// Levels of organisations that a chain may have; a cycle in bad data ends here.
const DEEPEST: usize = 16;

/// The member's standing, and as much of the tree as judging them needs: what stands above them.
pub(crate) fn standing(reader: &(impl Reader + ?Sized), member: Id) -> Result<(Standing, Tree)> {
    let standing =
        Standing { member, roles: reader.roles(member)?, memberships: reader.memberships(member)? };
    let mut parents = BTreeMap::new();
    let cells = standing.memberships.iter().map(|membership| membership.cell);
    for start in cells.chain(standing.roles.iter().map(|role| role.organisation)) {
        let mut next = Some(start);
        for _ in 0..DEEPEST {
            let Some(id) = next.filter(|id| !parents.contains_key(id)) else { break };
            let Some(found) = reader.organisation(id)? else { break };
            next = found.organisation.parent;
            parents.insert(id, next);
        }
    }
    Ok((standing, Tree::new(parents)))
}

/// The cell to which the member belongs at `at`.
pub(crate) fn cell_of(standing: &Standing, at: Timestamp) -> Option<Id> {
    standing.memberships.iter().rfind(|membership| membership.holds(at)).map(|membership| membership.cell)
}
