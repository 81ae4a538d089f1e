//! Organisations, members, memberships and roles.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Membership, Office, Role},
    organisations::Organisation,
};

use super::{
    Link, failed,
    values::{json, of_word, parsed, parsed_if_there, text, time, time_if_there, to_json, word},
};
use crate::store::{ReadMembers, Result, StoredMember, StoredOrganisation, WriteMembers};

fn organisation(row: &Row<'_>) -> rusqlite::Result<StoredOrganisation> {
    let organisation =
        Organisation { name: row.get(2)?, level: of_word(row, 3)?, parent: parsed_if_there(row, 1)? };
    Ok(StoredOrganisation { id: parsed(row, 0)?, organisation })
}

fn member(row: &Row<'_>) -> rusqlite::Result<StoredMember> {
    Ok(StoredMember { id: parsed(row, 0)?, profile: json(row, 1)? })
}

fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    Ok(Role {
        organisation: parsed(row, 0)?,
        office: of_word(row, 1)?,
        from: time(row, 2)?,
        until: time_if_there(row, 3)?,
    })
}

fn membership(row: &Row<'_>) -> rusqlite::Result<Membership> {
    Ok(Membership { cell: parsed(row, 0)?, from: time(row, 1)?, until: time_if_there(row, 2)? })
}

impl ReadMembers for Link<'_> {
    fn organisation(&self, id: Id) -> Result<Option<StoredOrganisation>> {
        self.connection
            .prepare_cached("SELECT id, parent, name, level FROM organisation WHERE id = ?1")
            .and_then(|mut select| select.query_row([text(&id)], organisation).optional())
            .map_err(failed)
    }

    fn organisations(&self) -> Result<Vec<StoredOrganisation>> {
        self.connection
            .prepare_cached("SELECT id, parent, name, level FROM organisation ORDER BY id")
            .and_then(|mut select| select.query_map([], organisation)?.collect())
            .map_err(failed)
    }

    fn member(&self, id: Id) -> Result<Option<StoredMember>> {
        self.connection
            .prepare_cached("SELECT id, profile FROM member WHERE id = ?1")
            .and_then(|mut select| select.query_row([text(&id)], member).optional())
            .map_err(failed)
    }

    fn members_with_card(&self, card: &str) -> Result<Vec<StoredMember>> {
        self.connection
            .prepare_cached("SELECT id, profile FROM member WHERE card = ?1 ORDER BY id")
            .and_then(|mut select| select.query_map([card], member)?.collect())
            .map_err(failed)
    }

    fn members_born(&self, birth: chrono::NaiveDate) -> Result<Vec<StoredMember>> {
        self.connection
            .prepare_cached("SELECT id, profile FROM member WHERE birth = ?1 ORDER BY id")
            .and_then(|mut select| select.query_map([text(&birth)], member)?.collect())
            .map_err(failed)
    }

    fn roles(&self, member: Id) -> Result<Vec<Role>> {
        self.connection
            .prepare_cached(
                "SELECT organisation, office, from_at, until_at FROM role WHERE member = ?1
                 ORDER BY organisation, office, from_at",
            )
            .and_then(|mut select| select.query_map([text(&member)], role)?.collect())
            .map_err(failed)
    }

    fn memberships(&self, member: Id) -> Result<Vec<Membership>> {
        self.connection
            .prepare_cached(
                "SELECT cell, from_at, until_at FROM membership WHERE member = ?1 ORDER BY from_at, cell",
            )
            .and_then(|mut select| select.query_map([text(&member)], membership)?.collect())
            .map_err(failed)
    }

    fn members_of(&self, cell: Id) -> Result<Vec<(Id, Membership)>> {
        self.connection
            .prepare_cached(
                "SELECT cell, from_at, until_at, member FROM membership WHERE cell = ?1
                 ORDER BY member, from_at",
            )
            .and_then(|mut select| {
                let stay = |row: &Row<'_>| Ok((parsed(row, 3)?, membership(row)?));
                select.query_map([text(&cell)], stay)?.collect()
            })
            .map_err(failed)
    }

    fn holders(&self, organisation: Id) -> Result<Vec<(Id, Role)>> {
        self.connection
            .prepare_cached(
                "SELECT organisation, office, from_at, until_at, member FROM role WHERE organisation = ?1
                 ORDER BY member, office, from_at",
            )
            .and_then(|mut select| {
                let held = |row: &Row<'_>| Ok((parsed(row, 4)?, role(row)?));
                select.query_map([text(&organisation)], held)?.collect()
            })
            .map_err(failed)
    }
}

impl WriteMembers for Link<'_> {
    fn put_organisation(&mut self, stored: &StoredOrganisation) -> Result<()> {
        let Organisation { name, level, parent } = &stored.organisation;
        self.connection
            .prepare_cached(
                "INSERT INTO organisation (id, parent, name, level) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET
                    parent = excluded.parent, name = excluded.name, level = excluded.level",
            )
            .and_then(|mut insert| {
                insert.execute(params![text(&stored.id), parent.map(|id| text(&id)), name, word(level)])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_member(&mut self, stored: &StoredMember) -> Result<()> {
        let profile = &stored.profile;
        self.connection
            .prepare_cached(
                "INSERT INTO member (id, birth, card, profile) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET
                    birth = excluded.birth, card = excluded.card, profile = excluded.profile",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&stored.id),
                    text(&profile.birth),
                    profile.card,
                    to_json(profile)
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_role(&mut self, member: Id, role: &Role) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO role (member, organisation, office, from_at, until_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (member, organisation, office, from_at) DO UPDATE SET
                    until_at = excluded.until_at",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&member),
                    text(&role.organisation),
                    word(&role.office),
                    role.from.millis(),
                    role.until.map(Timestamp::millis)
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn end_role(&mut self, member: Id, organisation: Id, office: Office, at: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE role SET until_at = ?4
                 WHERE member = ?1 AND organisation = ?2 AND office = ?3 AND until_at IS NULL",
            )
            .and_then(|mut update| {
                update.execute(params![text(&member), text(&organisation), word(&office), at.millis()])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_membership(&mut self, member: Id, membership: &Membership) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO membership (member, cell, from_at, until_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (member, cell, from_at) DO UPDATE SET until_at = excluded.until_at",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&member),
                    text(&membership.cell),
                    membership.from.millis(),
                    membership.until.map(Timestamp::millis)
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn end_membership(&mut self, member: Id, cell: Id, at: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE membership SET until_at = ?3
                 WHERE member = ?1 AND cell = ?2 AND until_at IS NULL",
            )
            .and_then(|mut update| update.execute(params![text(&member), text(&cell), at.millis()]))
            .map_err(failed)?;
        Ok(())
    }
}
