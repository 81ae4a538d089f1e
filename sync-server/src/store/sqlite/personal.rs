//! What is kept of one person, and what goes with time.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{
    env::Timestamp,
    exchange::Outcome,
    id::Id,
    retention::{Retained, Rule},
    row::{Body, RowRef},
    scope::{Scope, ScopeKind},
};

use super::{
    Link,
    devices::{activation, outcome},
    failed,
    values::{json, number, of_word, parsed, text, time, time_if_there, to_column, to_json, word},
};
use crate::store::{
    About, Activation, Heard, ReadPersonal, Result, StoredOutcome, WriteBlobs, WritePersonal,
};

fn rule(row: &Row<'_>) -> rusqlite::Result<Rule> {
    Ok(Rule {
        kind: of_word::<Retained>(row, 0)?,
        from: time(row, 1)?,
        days: row.get(2)?,
        basis: row.get(3)?,
        set_by: row.get(4)?,
        set_at: time(row, 5)?,
    })
}

fn about(row: &Row<'_>) -> rusqlite::Result<About> {
    let body: Vec<u8> = row.get(6)?;
    Ok(About {
        row: RowRef { scope: parsed::<Scope>(row, 0)?, kind: row.get(1)?, id: parsed(row, 2)? },
        author: parsed(row, 3)?,
        at: time(row, 4)?,
        archived: row.get(5)?,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn place(row: &Row<'_>) -> rusqlite::Result<RowRef> {
    Ok(RowRef { scope: parsed::<Scope>(row, 0)?, kind: row.get(1)?, id: parsed(row, 2)? })
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl ReadPersonal for Link<'_> {
    fn rules(&self) -> Result<Vec<Rule>> {
        self.connection
            .prepare_cached(
                "SELECT kind, from_at, days, basis, set_by, set_at FROM retention ORDER BY kind, from_at, set_at",
            )
            .and_then(|mut select| select.query_map([], rule)?.collect())
            .map_err(failed)
    }

    fn rows_about(&self, member: Id) -> Result<Vec<About>> {
        const WHERE: &str = "body IS NOT NULL AND kind <> 'directive'
            AND (scope = ?2 OR id = ?1 OR author = ?1 OR instr(CAST(body AS TEXT), ?1) > 0)";
        let sql = format!(
            "SELECT scope, kind, id, author, at, 0, body FROM entry WHERE {WHERE}
             UNION ALL SELECT scope, kind, id, author, at, 1, body FROM archive WHERE {WHERE} ORDER BY 1, 2, 3"
        );
        self.connection
            .prepare(&sql)
            .and_then(|mut select| {
                select.query_map([text(&member), text(&Scope::member(member))], about)?.collect()
            })
            .map_err(failed)
    }

    fn activations_for(&self, member: Id) -> Result<Vec<Activation>> {
        self.connection
            .prepare("SELECT hash, member, until, tries, key, device FROM activation WHERE member = ?1 ORDER BY until")
            .and_then(|mut select| select.query_map([text(&member)], activation)?.collect())
            .map_err(failed)
    }

    fn commands_of(&self, device: Id) -> Result<Vec<(u64, StoredOutcome)>> {
        self.connection
            .prepare(
                "SELECT hash, signature, outcome, at, text, number FROM outcome WHERE device = ?1 ORDER BY number",
            )
            .and_then(|mut select| {
                let line = |row: &Row<'_>| Ok((number(row, 5)?, outcome(row)?));
                select.query_map([text(&device)], line)?.collect()
            })
            .map_err(failed)
    }

    fn heard_of(&self, device: Id) -> Result<Vec<Heard>> {
        self.connection
            .prepare("SELECT highest, not_heard_at, heard_at FROM heard WHERE device = ?1 ORDER BY highest")
            .and_then(|mut select| {
                let heard = |row: &Row<'_>| {
                    Ok(Heard {
                        highest: number(row, 0)?,
                        not_heard_at: time_if_there(row, 1)?,
                        heard_at: time(row, 2)?,
                    })
                };
                select.query_map([text(&device)], heard)?.collect()
            })
            .map_err(failed)
    }

    fn happened_before(
        &self,
        kind: &str,
        before: Timestamp,
        after: Option<(Scope, Id)>,
        most: usize,
    ) -> Result<Vec<RowRef>> {
        let (scope, id) = after.map_or_else(Default::default, |(scope, id)| (text(&scope), text(&id)));
        self.connection
            .prepare_cached(
                "SELECT scope, kind, id FROM
                    (SELECT scope, kind, id FROM entry WHERE kind = ?1 AND happened < ?2
                     UNION ALL SELECT scope, kind, id FROM archive WHERE kind = ?1 AND happened < ?2 AND at < ?2) AS old
                 WHERE (scope, id) > (?3, ?4) ORDER BY scope, id LIMIT ?5",
            )
            .and_then(|mut select| {
                let of = params![kind, before.millis(), scope, id, limit(most)];
                select.query_map(of, place)?.collect()
            })
            .map_err(failed)
    }

    fn left_before(&self, before: Timestamp) -> Result<Vec<Id>> {
        // Who never belonged anywhere was not brought here by mistake only.
        self.connection
            .prepare(
                "SELECT id FROM member WHERE EXISTS (SELECT 1 FROM membership WHERE membership.member = member.id)
                   AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.member = member.id
                                   AND (until_at IS NULL OR until_at >= ?1))
                   AND NOT EXISTS (SELECT 1 FROM role WHERE role.member = member.id
                                   AND (until_at IS NULL OR until_at >= ?1))
                 ORDER BY id",
            )
            .and_then(|mut select| select.query_map([before.millis()], |row| parsed(row, 0))?.collect())
            .map_err(failed)
    }

    fn named_devices(&self, revoked_before: Timestamp) -> Result<Vec<Id>> {
        self.connection
            .prepare("SELECT id FROM device WHERE revoked_at < ?1 AND name <> '' ORDER BY id")
            .and_then(|mut select| {
                select.query_map([revoked_before.millis()], |row| parsed(row, 0))?.collect()
            })
            .map_err(failed)
    }

    fn words_before(&self, before: Timestamp) -> Result<u64> {
        self.connection
            .prepare("SELECT count(*) FROM outcome WHERE text IS NOT NULL AND at < ?1")
            .and_then(|mut select| select.query_row([before.millis()], |row| number(row, 0)))
            .map_err(failed)
    }

    fn codes_before(&self, before: Timestamp) -> Result<u64> {
        self.connection
            .prepare("SELECT count(*) FROM activation WHERE until < ?1")
            .and_then(|mut select| select.query_row([before.millis()], |row| number(row, 0)))
            .map_err(failed)
    }

    fn unscrubbed(&self) -> Result<Option<Timestamp>> {
        self.connection
            .prepare_cached("SELECT since FROM scrub")
            .and_then(|mut select| select.query_row([], |row| time(row, 0)).optional())
            .map_err(failed)
    }
}

impl Link<'_> {
    /// Number, hash and outcome stay, and no value that somebody wrote.
    fn forget_words(&self, device: Id, number: u64, kept: Outcome) -> rusqlite::Result<()> {
        let kept = match kept {
            Outcome::Conflicted { .. } => Outcome::Conflicted { current: Body::new() },
            kept => kept,
        };
        self.connection
            .prepare_cached(
                "UPDATE outcome SET text = NULL, signature = NULL, row = NULL, outcome = ?3
                 WHERE device = ?1 AND number = ?2",
            )?
            .execute(params![text(&device), to_column(number), to_json(&kept)])
            .map(drop)
    }

    fn forget_where(&self, condition: &str, of: &[&dyn rusqlite::ToSql]) -> Result<u64> {
        let forget = || {
            let sql = format!("SELECT device, number, outcome FROM outcome WHERE {condition}");
            let found = self
                .connection
                .prepare_cached(&sql)?
                .query_map(of, |row| Ok((parsed(row, 0)?, number(row, 1)?, json(row, 2)?)))?
                .collect::<rusqlite::Result<Vec<(Id, u64, Outcome)>>>()?;
            for (device, number, outcome) in &found {
                self.forget_words(*device, *number, outcome.clone())?;
            }
            Ok(found.len() as u64)
        };
        forget().map_err(failed)
    }

    fn delete(&self, sql: &str, of: &[&dyn rusqlite::ToSql]) -> Result<u64> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut delete| delete.execute(of))
            .map(|gone| gone as u64)
            .map_err(failed)
    }
}

impl WritePersonal for Link<'_> {
    fn put_rule(&mut self, rule: &Rule) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO retention (kind, from_at, days, basis, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (kind, from_at, set_at) DO NOTHING",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    word(&rule.kind),
                    rule.from.millis(),
                    rule.days,
                    rule.basis,
                    rule.set_by,
                    rule.set_at.millis()
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn forget_archived(&mut self, row: &RowRef) -> Result<bool> {
        self.check_locked(row.scope)?;
        if !matches!(row.scope.kind, ScopeKind::Cell | ScopeKind::Desk) {
            return Ok(false);
        }
        let gone = self.delete(
            "DELETE FROM archive WHERE scope = ?1 AND kind = ?2 AND id = ?3",
            &[&text(&row.scope), &row.kind, &text(&row.id)],
        )?;
        if gone > 0 {
            self.drop_blobs(row)?;
        }
        Ok(gone > 0)
    }

    fn forget_commands_on(&mut self, row: Id) -> Result<u64> {
        self.forget_where("row = ?1", &[&text(&row)])
    }

    fn forget_commands_before(&mut self, before: Timestamp, most: usize) -> Result<u64> {
        // What is held is judged anew by its words.
        self.forget_where(
            "text IS NOT NULL AND at < ?1 AND json_extract(outcome, '$.outcome') <> 'held' ORDER BY at LIMIT ?2",
            &[&before.millis(), &limit(most)],
        )
    }

    fn forget_commands_of(&mut self, device: Id) -> Result<u64> {
        self.forget_where("device = ?1 AND text IS NOT NULL", &[&text(&device)])
    }

    fn forget_codes_before(&mut self, before: Timestamp) -> Result<u64> {
        self.delete("DELETE FROM activation WHERE until < ?1", &[&before.millis()])
    }

    fn forget_claims(&mut self, cell: Id, meeting: Id) -> Result<u64> {
        self.delete("DELETE FROM claim WHERE cell = ?1 AND meeting = ?2", &[&text(&cell), &text(&meeting)])
    }

    fn forget_device_name(&mut self, device: Id) -> Result<()> {
        self.delete("UPDATE device SET name = '' WHERE id = ?1", &[&text(&device)]).map(drop)
    }

    fn forget_member(&mut self, member: Id) -> Result<bool> {
        let id = text(&member);
        let known = self.delete("DELETE FROM member WHERE id = ?1", &[&id])? > 0;
        for sql in [
            "DELETE FROM membership WHERE member = ?1",
            "DELETE FROM role WHERE member = ?1",
            "DELETE FROM activation WHERE member = ?1",
            "DELETE FROM claim WHERE member = ?1",
            "DELETE FROM push WHERE device IN (SELECT id FROM device WHERE member = ?1)",
            "DELETE FROM heard WHERE device IN (SELECT id FROM device WHERE member = ?1)",
            "UPDATE device SET name = '' WHERE member = ?1",
        ] {
            self.delete(sql, &[&id])?;
        }
        Ok(known)
    }

    fn mark_scrub(&mut self, since: Option<Timestamp>) -> Result<()> {
        match since {
            Some(at) => {
                self.delete("INSERT OR IGNORE INTO scrub (one, since) VALUES (1, ?1)", &[&at.millis()])
            }
            None => self.delete("DELETE FROM scrub", &[]),
        }
        .map(drop)
    }
}
