//! What became of the words: each that a phone had confirmed has to stand on the server, once in each of its two rows.

use std::collections::BTreeMap;

use serde_json::Value;
use sotay_protocol::{
    attachment::named_by,
    feedback::{CASE, THREAD},
    id::Id,
    row::RowRef,
    scope::Scope,
};

use crate::{Done, load::Load, office::Office};

/// The figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) confirmed: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
    /// Photos that stand, in threads and in cases.
    pub(crate) photos: usize,
    /// Photos that a row names and the server does not have.
    pub(crate) without_bytes: Vec<String>,
    /// Written by a phone that was killed before it could say so; they stand all the same.
    pub(crate) unheard: usize,
    /// Parked on the way, and taken up again by their person.
    pub(crate) parked: u64,
    /// Phones with commands that are not applied though all is well.
    pub(crate) open: Vec<String>,
    pub(crate) damaged: Vec<String>,
}

impl Tally {
    /// Reads the server's file, when nothing runs any more.
    pub(crate) fn take(office: &Office, load: &Load) -> Done<Self> {
        let rows = rows(office)?;
        let standing = standing(&rows)?;
        let mut tally = load.said(|said| {
            let mut tally = Self { confirmed: said.kept.len(), parked: said.parked, ..Self::default() };
            for words in said.kept.keys() {
                match standing.get(words) {
                    Some((1.., 1..)) => {}
                    _ => tally.lost.push(words.clone()),
                }
            }
            tally.unheard = standing.keys().filter(|words| !said.kept.contains_key(*words)).count();
            let open = said.open_at_end.iter().filter(|(_, open)| **open > 0);
            tally.open = open.map(|(phone, open)| format!("{phone}: {open}")).collect();
            tally
        });
        let doubled = standing.iter().filter(|(_, (threads, cases))| *threads > 1 || *cases > 1);
        tally.doubled = doubled.map(|(words, _)| words.clone()).collect();
        (tally.photos, tally.without_bytes) = photos(office, &rows)?;
        tally.damaged = load.damaged()?;
        let server = rusqlite::Connection::open(office.database())?;
        let said: String = server.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if said != "ok" {
            tally.damaged.push("server".into());
        }
        Ok(tally)
    }

    pub(crate) fn is_well(&self) -> bool {
        let wrong = [&self.lost, &self.doubled, &self.without_bytes, &self.open, &self.damaged];
        self.confirmed > 0 && wrong.iter().all(|of| of.is_empty())
    }

    pub(crate) fn print(&self) {
        println!("confirmed writes  {}", self.confirmed);
        println!("losses            {}", self.lost.len());
        println!("duplicates        {}", self.doubled.len());
        println!("photos            {} ({} without bytes)", self.photos, self.without_bytes.len());
        println!("parked, taken up  {}", self.parked);
        println!("written, unheard  {}", self.unheard);
        println!("damaged stores    {}", self.damaged.len());
        println!("not applied       {}", self.open.len());
        for (what, of) in [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("open", &self.open),
            ("damaged", &self.damaged),
        ] {
            of.iter().take(10).for_each(|words| println!("  {what}: {words}"));
        }
    }
}

/// Members' threads and the desk's cases.
fn rows(office: &Office) -> Done<Vec<(RowRef, String)>> {
    let members = member_scopes(office)?;
    let scopes = members.into_iter().map(|member| (Scope::member(member), THREAD));
    let scopes: Vec<_> = scopes.chain([(Scope::desk(office.committee), CASE)]).collect();
    let rows = office.store()?.read_with(|reader| {
        let mut rows = Vec::new();
        for (scope, kind) in &scopes {
            for entry in reader.rows_of_kind(*scope, kind)? {
                rows.push((RowRef::new(*scope, kind, entry.id), entry.body.unwrap_or_default()));
            }
        }
        Ok(rows)
    })?;
    Ok(rows)
}

/// All words that stand, with how often they stand in members' threads and in desks' cases.
fn standing(rows: &[(RowRef, String)]) -> Done<BTreeMap<String, (u32, u32)>> {
    let mut standing: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (row, body) in rows {
        let body: Value = serde_json::from_str(body)?;
        let messages = body.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
        for words in messages.iter().filter_map(|message| message.get("words")?.as_str()) {
            let counts = standing.entry(words.to_owned()).or_default();
            match row.kind.as_str() {
                CASE => counts.1 += 1,
                _ => counts.0 += 1,
            }
        }
    }
    Ok(standing)
}

/// How many photos rows name, and those whose bytes are not there.
fn photos(office: &Office, rows: &[(RowRef, String)]) -> Done<(usize, Vec<String>)> {
    let store = office.store()?;
    let (mut count, mut without) = (0, Vec::new());
    for (row, body) in rows {
        for file in named_by(&row.kind, body) {
            count += 1;
            let hash = (0..64)
                .step_by(2)
                .map(|at| file.hash.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
            let hash: Option<Vec<u8>> = hash.collect();
            let hash = hash.and_then(|hash| hash.try_into().ok()).ok_or("a row names a hash that is none")?;
            if store.read_with(|reader| reader.blob_size(row, &hash))? != Some(file.size) {
                without.push(format!("{} of {}", file.hash, row.kind));
            }
        }
    }
    Ok((count, without))
}

fn member_scopes(office: &Office) -> Done<Vec<Id>> {
    let store = office.store()?;
    let mut members = Vec::new();
    for person in &office.people {
        members.extend(
            store.read_with(|reader| reader.members_born(person.birth))?.iter().map(|member| member.id),
        );
    }
    Ok(members)
}
