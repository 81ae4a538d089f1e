//! What became of the words: each that a phone had confirmed has to stand on the server, once in each of its two rows.

use std::collections::BTreeMap;

use serde_json::Value;
use sotay_protocol::{
    feedback::{CASE, THREAD},
    id::Id,
    scope::Scope,
};

use crate::{Done, load::Load, office::Office};

/// The figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) confirmed: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
    /// Written by a phone that was killed before it could say so; they stand all the same.
    pub(crate) unheard: usize,
    /// Phones with commands that are not applied though all is well.
    pub(crate) open: Vec<String>,
    pub(crate) damaged: Vec<String>,
}

impl Tally {
    /// Reads the server's file, when nothing runs any more.
    pub(crate) fn take(office: &Office, load: &Load) -> Done<Self> {
        let standing = standing(office)?;
        let mut tally = load.said(|said| {
            let mut tally = Self { confirmed: said.kept.len(), ..Self::default() };
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
        tally.damaged = load.damaged()?;
        let server = rusqlite::Connection::open(office.database())?;
        let said: String = server.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if said != "ok" {
            tally.damaged.push("server".into());
        }
        Ok(tally)
    }

    pub(crate) fn is_well(&self) -> bool {
        let wrong = [&self.lost, &self.doubled, &self.open, &self.damaged];
        self.confirmed > 0 && wrong.iter().all(|of| of.is_empty())
    }

    pub(crate) fn print(&self) {
        println!("confirmed writes  {}", self.confirmed);
        println!("losses            {}", self.lost.len());
        println!("duplicates        {}", self.doubled.len());
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

/// All words that stand, with how often they stand in members' threads and in desks' cases.
fn standing(office: &Office) -> Done<BTreeMap<String, (u32, u32)>> {
    let store = office.store()?;
    let mut standing: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let members = member_scopes(office)?;
    let rows = store.read_with(|reader| {
        let mut rows = reader.rows_of_kind(Scope::desk(office.committee), CASE)?;
        for member in &members {
            rows.extend(reader.rows_of_kind(Scope::member(*member), THREAD)?);
        }
        Ok(rows)
    })?;
    for row in rows {
        let body: Value = serde_json::from_str(row.body.as_deref().unwrap_or("{}"))?;
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
