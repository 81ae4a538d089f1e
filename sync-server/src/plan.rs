//! What is to be written, decided before anything is.
//!
//! Importing a list, transferring a member and ending an office are all a [`Plan`], made by reading alone:
//! looking at it is the dry run, carrying it out is the deed. Rejected: doing the import in a transaction
//! that is then given up, since a dry run would keep everyone else from writing for as long.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    meetings::MEETING,
    members::{Membership, Office, Role},
    row::{Row, RowRef},
    scope::Scope,
};

use crate::{
    attendance::devices_changed,
    audit,
    error::ImportError,
    exchange::push_errand,
    imported::Report,
    server::Server,
    spreadsheet::RowError,
    store::{
        Errand, NewEntry, Reader, Result as Stored, StoreError, StoredMember, StoredOrganisation, Transaction,
    },
};

/// Writes in their order, and what they mean to a person.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) writes: Vec<Write>,
    pub(crate) report: Report,
}

/// A plan for a list, or every line of it that stands in the way.
pub(crate) type Planned = Result<Plan, Vec<RowError>>;

#[derive(Debug)]
pub(crate) enum Write {
    Organisation(StoredOrganisation),
    Member(StoredMember),
    Stay { member: Id, stay: Membership },
    EndOfStay { member: Id, cell: Id },
    Role { member: Id, role: Role },
    EndOfRole { member: Id, organisation: Id, office: Office },
    Row { at: RowRef, version: u32, author: Id, body: String, made: Option<[u8; 32]> },
    Burial(RowRef),
    Errand(Errand),
}

impl Write {
    pub(crate) fn row(at: RowRef, row: &Row, made: Option<[u8; 32]>) -> Stored<Self> {
        let body =
            serde_json::to_string(&row.body).map_err(|_| StoreError::GivenUp("a body is not JSON".into()))?;
        Ok(Self::Row { at, version: row.version, author: row.author, body, made })
    }

    /// The row, unless it stands so already: it then keeps its number, and nobody is sent it again.
    pub(crate) fn row_if_changed(
        reader: &(impl Reader + ?Sized),
        at: RowRef,
        row: &Row,
    ) -> Stored<Option<Self>> {
        let entry = reader.entry(&at)?;
        let standing = entry.as_ref().and_then(|entry| entry.row().ok().flatten());
        if standing.as_ref() == Some(row) {
            return Ok(None);
        }
        Self::row(at, row, entry.and_then(|entry| entry.made)).map(Some)
    }

    /// What has to be locked for it.
    fn scope(&self) -> Scope {
        match self {
            Self::Organisation(stored) => Scope::org(stored.id),
            Self::Member(stored) => Scope::member(stored.id),
            Self::Stay { member, .. }
            | Self::EndOfStay { member, .. }
            | Self::Role { member, .. }
            | Self::EndOfRole { member, .. } => Scope::member(*member),
            Self::Row { at, .. } | Self::Burial(at) => at.scope,
            Self::Errand(errand) => errand.scope(),
        }
    }

    fn carry_out(&self, tx: &mut dyn Transaction, server: &Server, now: Timestamp) -> Stored<()> {
        match self {
            Self::Organisation(stored) => tx.put_organisation(stored),
            Self::Member(stored) => tx.put_member(stored),
            Self::Stay { member, stay } => {
                tx.put_membership(*member, stay)?;
                devices_changed(tx, *member, now)
            }
            Self::EndOfStay { member, cell } => {
                tx.end_membership(*member, *cell, now)?;
                devices_changed(tx, *member, now)
            }
            Self::Role { member, role } => tx.put_role(*member, role),
            Self::EndOfRole { member, organisation, office } => {
                tx.end_role(*member, *organisation, *office, now)
            }
            Self::Row { at, version, author, body, made } => {
                let new = NewEntry { version: *version, author: *author, body, made: *made, at: now };
                tx.put(at, &new).map(drop)
            }
            Self::Burial(at) => tx.bury(at, now).map(drop),
            Self::Errand(errand) => push_errand(server, tx, *errand, now),
        }
    }
}

impl Plan {
    /// What it does to whom, by the organisation in whose chain that stands. Rows tell nothing more: each is of an
    /// organisation, a member or a meeting of an organisation.
    fn acts(
        &self,
        reader: &dyn Reader,
        server: Id,
        now: Timestamp,
    ) -> Stored<BTreeMap<(Id, &'static str), Vec<Id>>> {
        let mut acts: BTreeMap<(Id, &'static str), Vec<Id>> = BTreeMap::new();
        for write in &self.writes {
            let (at, of) = match write {
                Write::Organisation(stored) => ((stored.id, "organisation.register"), stored.id),
                Write::Member(stored) => {
                    ((audit::home(reader, stored.id, server, now)?, "member.register"), stored.id)
                }
                Write::Stay { member, stay } => ((stay.cell, "membership.begin"), *member),
                Write::EndOfStay { member, cell } => ((*cell, "membership.end"), *member),
                Write::Role { member, role } => ((role.organisation, "role.begin"), *member),
                Write::EndOfRole { member, organisation, .. } => ((*organisation, "role.end"), *member),
                Write::Row { at, .. } if at.kind == MEETING => ((at.scope.id, "meeting.import"), at.id),
                Write::Row { .. } | Write::Burial(_) | Write::Errand(_) => continue,
            };
            acts.entry(at).or_default().push(of);
        }
        Ok(acts)
    }

    fn scopes(&self) -> BTreeSet<Scope> {
        self.writes.iter().map(Write::scope).collect()
    }
}

impl Server {
    /// What `plan` would do.
    pub(crate) fn foresee(
        &self,
        plan: impl Fn(&dyn Reader) -> Stored<Planned>,
    ) -> Result<Report, ImportError> {
        let planned = self.store.read_with(|reader| plan(reader))?;
        planned.map(|plan| plan.report).map_err(ImportError::Rows)
    }

    /// Does what `plan` says, all or nothing. It is made once to know which scopes to lock, and again
    /// inside the transaction, where nothing can come between it and the deed.
    pub(crate) fn fulfil<E>(
        &self,
        now: Timestamp,
        plan: impl Fn(&dyn Reader) -> Stored<Result<Plan, E>>,
    ) -> Stored<Result<Report, E>> {
        let first = match self.store.read_with(|reader| plan(reader))? {
            Ok(plan) if plan.writes.is_empty() => return Ok(Ok(plan.report)),
            Ok(plan) => plan.scopes(),
            Err(why) => return Ok(Err(why)),
        };
        let locked: Vec<Scope> = first.iter().copied().collect();
        let done = self.store.write_with(&locked, |tx| {
            let plan = match plan(&*tx)? {
                Ok(plan) => plan,
                Err(why) => return Ok(Err(why)),
            };
            // Somebody else changed the register in between: what is to be done now was not locked.
            if !plan.scopes().is_subset(&first) {
                return Err(StoreError::Busy);
            }
            plan.writes.iter().try_for_each(|write| write.carry_out(tx, self, now))?;
            for ((organisation, deed), rows) in plan.acts(&*tx, self.id(), now)? {
                audit::note(tx, organisation, audit::Deed { actor: self.id(), deed, at: now }, &rows)?;
            }
            Ok(Ok(plan.report))
        })?;
        self.tell(&first, None);
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::testing::Village;

    #[test]
    fn what_was_not_locked_is_not_written() {
        let village = Village::new();
        let turn = Cell::new(0);
        // Between the first look and the deed somebody moved Lan to the other cell.
        let plan = |_: &dyn Reader| {
            turn.set(turn.get() + 1);
            let cell = if turn.get() == 1 { village.cell } else { village.other_cell };
            let line = RowRef::new(Scope::cell(cell), "roster_entry", village.people["Lan"]);
            Ok(Ok::<_, ()>(Plan { writes: vec![Write::Burial(line)], ..Plan::default() }))
        };
        let done = village.server.fulfil(village.server.env.now(), plan);
        assert!(matches!(done, Err(StoreError::Busy)), "{done:?}");
        let line = RowRef::new(Scope::cell(village.cell), "roster_entry", village.people["Lan"]);
        assert!(village.row(&line).is_some());
    }
}
