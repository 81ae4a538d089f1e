//! Members and their offices as the lists that import reads: exported and imported again, nothing changes.

use std::collections::BTreeSet;

use sotay_protocol::{env::Timestamp, id::Id, members::Office, organisations::Level};

use super::{import, import::OfficeRecord, listed, offices, registered::Registered};
use crate::{
    error::ServerError,
    lists,
    organisations::Organisations,
    server::Server,
    spreadsheet::{Cell, Sheet, fold, name_key},
    store::{Reader, Result as Stored, StoredOrganisation},
};

impl Server {
    /// Everyone who belongs to a cell now, cell by cell.
    ///
    /// # Errors
    /// The store's.
    pub fn export_members(&self) -> Result<Sheet, ServerError> {
        let now = self.env.now();
        let lines = self.store.read_with(|reader| {
            let organisations = Organisations::read(reader)?;
            let mut lines = Vec::new();
            for cell in organisations.in_order() {
                for member in members_of(reader, cell.id, now)? {
                    lines.push(listed::line(&organisations, &member, now));
                }
            }
            Ok(lines)
        })?;
        Ok(lists::MEMBERS.sheet(lines))
    }

    /// Every office that is held now, organisation by organisation.
    ///
    /// # Errors
    /// The store's.
    pub fn export_roles(&self) -> Result<Sheet, ServerError> {
        let now = self.env.now();
        let lines = self.store.read_with(|reader| {
            let organisations = Organisations::read(reader)?;
            let mut lines = Vec::new();
            for organisation in organisations.in_order() {
                lines.extend(offices_in(reader, organisation, now)?);
            }
            Ok(lines)
        })?;
        Ok(lists::ROLES.sheet(lines))
    }
}

fn members_of(reader: &dyn Reader, cell: Id, now: Timestamp) -> Stored<Vec<Registered>> {
    let mut found = Vec::new();
    let staying = reader.members_of(cell)?.into_iter().filter(|(_, stay)| stay.holds(now));
    for id in staying.map(|(member, _)| member).collect::<BTreeSet<_>>() {
        let Some(stored) = reader.member(id)? else { continue };
        let member = Registered::read(reader, stored)?;
        if member.cell(now) == Some(cell) {
            found.push(member);
        }
    }
    found.sort_by_cached_key(|member| by_name(&member.member.profile.name));
    Ok(found)
}

fn offices_in(
    reader: &dyn Reader,
    organisation: &StoredOrganisation,
    now: Timestamp,
) -> Stored<Vec<Vec<Cell>>> {
    let of = match organisation.organisation.level {
        Level::Cell => import::Level::Cell,
        _ => import::Level::Committee,
    };
    let mut lines = Vec::new();
    for (member, role) in reader.holders(organisation.id)?.into_iter().filter(|(_, role)| role.holds(now)) {
        let words = offices::in_a_list(OfficeRecord { office: role.office, of });
        let (Some(words), Some(stored)) = (words, reader.member(member)?) else { continue };
        let profile = stored.profile;
        let key: (Office, _) = (role.office, by_name(&profile.name));
        let line = vec![
            Cell::Text(profile.name),
            Cell::Date(profile.birth),
            profile.card.map_or(Cell::Empty, Cell::Text),
            Cell::Text(organisation.organisation.name.clone()),
            Cell::Text(words.into()),
        ];
        lines.push((key, line));
    }
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// Vietnamese lists go by the given name, which stands last.
fn by_name(name: &str) -> (String, String, String) {
    let plain = fold(name);
    let given = plain.rsplit(' ').next().unwrap_or_default().to_owned();
    (given, plain, name_key(name))
}
