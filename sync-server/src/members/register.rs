//! Importing the list of members: what each row says against what the server knows.
//!
//! A member is known by their card; who has none, by name, birth date and cell together. Members who are
//! not in the file stay as they are: a list of one cell is no statement about the others.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Membership, Office, Profile, Role},
    organisations::Level,
    scope::Scope,
};

use super::{
    import::{self, MemberRecord},
    rows,
};
use crate::{
    error::{Change, ImportError, Imported},
    server::Server,
    spreadsheet::{RowError, name_key},
    standing::{cell_of, standing},
    store::{Reader, Result as Stored, StoredMember, StoredOrganisation, Transaction},
};

/// One row of the file, with who it is about.
struct Planned {
    member: StoredMember,
    known: bool,
    cell: Id,
    /// Offices that the row says, and the organisations it can speak of.
    offices: BTreeSet<(Id, Office)>,
    speaks_of: BTreeSet<Id>,
}

impl Server {
    /// Adds and changes members, all or nothing.
    ///
    /// # Errors
    /// Rows whose cell nobody knows or that fit two members, or the store's.
    pub fn import_members(&self, records: &[MemberRecord]) -> Result<Imported, ImportError> {
        let now = self.env.now();
        let new_ids: Vec<Id> = records.iter().map(|_| Id::random(&*self.env)).collect();
        let scopes = self.store.read_with(|reader| {
            let planned = match plan(reader, records, &new_ids, now)? {
                Ok(planned) => planned,
                Err(rows) => return Ok(Err(rows)),
            };
            let mut scopes = BTreeSet::new();
            for one in &planned {
                scopes.extend(rows::scopes(reader, one.member.id)?);
                scopes.insert(Scope::cell(one.cell));
            }
            Ok(Ok(scopes))
        })?;
        let scopes = scopes.map_err(ImportError::Rows)?;
        let locked: Vec<Scope> = scopes.iter().copied().collect();
        let imported = self.store.write_with(&locked, |tx| {
            let planned = match plan(tx, records, &new_ids, now)? {
                Ok(planned) => planned,
                Err(rows) => return Ok(Err(rows)),
            };
            let mut imported = Imported::default();
            for one in planned {
                register(tx, self.id(), &one, now, &mut imported)?;
            }
            Ok(Ok(imported))
        })?;
        self.tell(&scopes, None);
        imported.map_err(ImportError::Rows)
    }
}

fn register(
    tx: &mut dyn Transaction,
    server: Id,
    planned: &Planned,
    now: Timestamp,
    imported: &mut Imported,
) -> Stored<()> {
    let member = &planned.member;
    let stored = tx.member(member.id)?;
    tx.put_member(member)?;
    let (before, _) = standing(tx, member.id)?;
    let old_cell = cell_of(&before, now);
    let mut moved = false;
    if old_cell != Some(planned.cell) {
        if let Some(old) = old_cell {
            tx.end_membership(member.id, old, now)?;
            imported.transferred += 1;
            moved = true;
        }
        tx.put_membership(member.id, &Membership { cell: planned.cell, from: now, until: None })?;
    }
    let held: BTreeSet<(Id, Office)> = before
        .roles
        .iter()
        .filter(|role| role.holds(now))
        .map(|role| (role.organisation, role.office))
        .collect();
    for (organisation, office) in &held {
        let spoken_of = planned.speaks_of.contains(organisation) || old_cell == Some(*organisation);
        if spoken_of && !planned.offices.contains(&(*organisation, *office)) {
            tx.end_role(member.id, *organisation, *office, now)?;
            imported.ended_offices += 1;
        }
    }
    for (organisation, office) in planned.offices.difference(&held) {
        let role = Role { organisation: *organisation, office: *office, from: now, until: None };
        tx.put_role(member.id, &role)?;
    }
    let written = rows::bring_up(tx, server, member, now)?;
    imported.count(match (planned.known, written || moved || stored.as_ref() != Some(member)) {
        (false, _) => Change::Added,
        (true, true) => Change::Changed,
        (true, false) => Change::Nothing,
    });
    Ok(())
}

fn plan(
    reader: &(impl Reader + ?Sized),
    records: &[MemberRecord],
    new_ids: &[Id],
    now: Timestamp,
) -> Stored<Result<Vec<Planned>, Vec<RowError>>> {
    let organisations: BTreeMap<String, StoredOrganisation> = reader
        .organisations()?
        .into_iter()
        .map(|stored| (name_key(&stored.organisation.name), stored))
        .collect();
    let (mut planned, mut errors) = (Vec::with_capacity(records.len()), Vec::new());
    for (record, new_id) in records.iter().zip(new_ids) {
        match plan_one(reader, &organisations, record, *new_id, now)? {
            Ok(one) => planned.push(one),
            Err(reason) => errors.push(RowError::new(&record.place, reason)),
        }
    }
    Ok(if errors.is_empty() { Ok(planned) } else { Err(errors) })
}

fn plan_one(
    reader: &(impl Reader + ?Sized),
    organisations: &BTreeMap<String, StoredOrganisation>,
    record: &MemberRecord,
    new_id: Id,
    now: Timestamp,
) -> Stored<Result<Planned, String>> {
    let Some(cell) = organisations.get(&name_key(&record.cell)) else {
        return Ok(Err(format!("chưa có chi bộ “{}”", record.cell)));
    };
    if cell.organisation.level != Level::Cell {
        return Ok(Err(format!("“{}” không phải là chi bộ", record.cell)));
    }
    let mut offices = BTreeSet::new();
    for office in record.offices.iter().flatten() {
        let organisation = match office.of {
            import::Level::Cell => Some(cell.id),
            import::Level::Committee => cell.organisation.parent,
        };
        match organisation {
            Some(organisation) => offices.insert((organisation, office.office)),
            None => return Ok(Err(format!("“{}” không có cấp ủy cấp trên để giữ chức vụ", record.cell))),
        };
    }
    let known = match known(reader, record, cell.id, now)? {
        Ok(known) => known,
        Err(reason) => return Ok(Err(reason)),
    };
    let card = record.card.clone().or_else(|| known.as_ref().and_then(|known| known.profile.card.clone()));
    let profile = Profile {
        name: record.name.clone(),
        birth: record.birth,
        gender: record.gender,
        card,
        joined: record.joined,
        official: record.official,
        phone: match &record.phone {
            Some(phone) => phone.clone(),
            None => known.as_ref().and_then(|known| known.profile.phone.clone()),
        },
    };
    let spoken_of = record.offices.as_ref().map(|_| [Some(cell.id), cell.organisation.parent]);
    let speaks_of = spoken_of.into_iter().flatten().flatten().collect();
    let id = known.as_ref().map_or(new_id, |known| known.id);
    let member = StoredMember { id, profile };
    Ok(Ok(Planned { member, known: known.is_some(), cell: cell.id, offices, speaks_of }))
}

/// Who the row is about, if the server knows them.
fn known(
    reader: &(impl Reader + ?Sized),
    record: &MemberRecord,
    cell: Id,
    now: Timestamp,
) -> Stored<Result<Option<StoredMember>, String>> {
    if let Some(card) = &record.card {
        let mut with_card = reader.members_with_card(card)?;
        match with_card.len() {
            0 => {}
            1 => return Ok(Ok(with_card.pop())),
            _ => return Ok(Err(format!("số thẻ đảng {card} đang thuộc hai đảng viên trên máy chủ"))),
        }
    }
    let key = name_key(&record.name);
    let mut same = Vec::new();
    for member in reader.members_born(record.birth)? {
        // A card that was written down later does not make another person; two cards do.
        let other_card = member.profile.card.is_some() && record.card.is_some();
        if !other_card
            && name_key(&member.profile.name) == key
            && cell_of(&standing(reader, member.id)?.0, now) == Some(cell)
        {
            same.push(member);
        }
    }
    if same.len() > 1 {
        return Ok(Err("trùng họ tên, ngày sinh và chi bộ với hai đảng viên: cần ghi số thẻ đảng".into()));
    }
    Ok(Ok(same.pop()))
}
