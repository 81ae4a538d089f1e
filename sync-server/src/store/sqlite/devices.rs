//! The server itself, devices, outcomes of their commands, activation codes.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{env::Timestamp, exchange::PushAddress, id::Id};

use super::{
    Link, failed,
    values::{
        hash_if_there, json, number, parsed, parsed_if_there, text, time, time_if_there, to_column, to_json,
    },
};
use crate::store::{
    Activation, Device, Heard, ReadDevices, Result, ServerRecord, StoredOutcome, WriteDevices,
    drawn::row_of_command,
};

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: parsed(row, 0)?,
        member: parsed(row, 1)?,
        key: row.get(2)?,
        name: row.get(3)?,
        count: number(row, 4)?,
        last_number: number(row, 5)?,
        forked_from: parsed_if_there(row, 6)?,
        made_at: time(row, 7)?,
        last_exchange_at: time_if_there(row, 8)?,
        revoked_at: time_if_there(row, 9)?,
    })
}

pub(super) fn activation(row: &Row<'_>) -> rusqlite::Result<Activation> {
    Ok(Activation {
        hash: row.get(0)?,
        member: parsed(row, 1)?,
        until: time(row, 2)?,
        tries: row.get(3)?,
        key: row.get(4)?,
        device: parsed_if_there(row, 5)?,
    })
}

pub(super) fn outcome(row: &Row<'_>) -> rusqlite::Result<StoredOutcome> {
    let text: Option<Vec<u8>> = row.get(4)?;
    Ok(StoredOutcome {
        hash: hash_if_there(row, 0)?,
        signature: row.get(1)?,
        outcome: json(row, 2)?,
        at: time(row, 3)?,
        text: text.map(|text| String::from_utf8_lossy(&text).into_owned()),
    })
}

impl ReadDevices for Link<'_> {
    fn server(&self) -> Result<Option<ServerRecord>> {
        self.connection
            .prepare_cached("SELECT id, epoch, key FROM server")
            .and_then(|mut select| {
                let server = |row: &Row<'_>| {
                    Ok(ServerRecord { id: parsed(row, 0)?, epoch: number(row, 1)?, key: row.get(2)? })
                };
                select.query_row([], server).optional()
            })
            .map_err(failed)
    }

    fn device(&self, id: Id) -> Result<Option<Device>> {
        self.connection
            .prepare_cached(
                "SELECT id, member, key, name, count, last_number, forked_from, made_at, last_exchange_at,
                    revoked_at FROM device WHERE id = ?1",
            )
            .and_then(|mut select| select.query_row([text(&id)], device).optional())
            .map_err(failed)
    }

    fn device_with_key(&self, key: &[u8]) -> Result<Option<Device>> {
        self.connection
            .prepare_cached(
                "SELECT id, member, key, name, count, last_number, forked_from, made_at, last_exchange_at,
                    revoked_at FROM device WHERE key = ?1",
            )
            .and_then(|mut select| select.query_row([key], device).optional())
            .map_err(failed)
    }

    fn devices_of(&self, member: Id) -> Result<Vec<Device>> {
        self.connection
            .prepare_cached(
                "SELECT id, member, key, name, count, last_number, forked_from, made_at, last_exchange_at,
                    revoked_at FROM device WHERE member = ?1 ORDER BY made_at, id",
            )
            .and_then(|mut select| select.query_map([text(&member)], device)?.collect())
            .map_err(failed)
    }

    fn devices(&self, after: Option<(Id, Id)>, most: usize) -> Result<Vec<Device>> {
        let (member, id) =
            after.map_or((String::new(), String::new()), |(member, id)| (text(&member), text(&id)));
        self.connection
            .prepare_cached(
                "SELECT id, member, key, name, count, last_number, forked_from, made_at, last_exchange_at,
                    revoked_at FROM device WHERE (member, id) > (?1, ?2) ORDER BY member, id LIMIT ?3",
            )
            .and_then(|mut select| {
                select.query_map(params![member, id, to_column(most as u64)], device)?.collect()
            })
            .map_err(failed)
    }

    fn outcome(&self, device: Id, number: u64) -> Result<Option<StoredOutcome>> {
        self.connection
            .prepare_cached(
                "SELECT hash, signature, outcome, at, text FROM outcome WHERE device = ?1 AND number = ?2",
            )
            .and_then(|mut select| {
                select.query_row(params![text(&device), to_column(number)], outcome).optional()
            })
            .map_err(failed)
    }

    fn heard(&self, device: Id, number_: u64) -> Result<Option<Heard>> {
        self.connection
            .prepare_cached(
                "SELECT highest, not_heard_at, heard_at FROM heard
                 WHERE device = ?1 AND highest >= ?2 ORDER BY highest LIMIT 1",
            )
            .and_then(|mut select| {
                let heard = |row: &Row<'_>| {
                    Ok(Heard {
                        highest: number(row, 0)?,
                        not_heard_at: time_if_there(row, 1)?,
                        heard_at: time(row, 2)?,
                    })
                };
                select.query_row(params![text(&device), to_column(number_)], heard).optional()
            })
            .map_err(failed)
    }

    fn highest_heard(&self, device: Id) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT coalesce(max(highest), 0) FROM heard WHERE device = ?1")
            .and_then(|mut select| select.query_row([text(&device)], |row| number(row, 0)))
            .map_err(failed)
    }

    fn activation(&self, hash: &[u8]) -> Result<Option<Activation>> {
        self.connection
            .prepare_cached("SELECT hash, member, until, tries, key, device FROM activation WHERE hash = ?1")
            .and_then(|mut select| select.query_row([hash], activation).optional())
            .map_err(failed)
    }

    fn activations_of(&self, device: Id) -> Result<Vec<Activation>> {
        self.connection
            .prepare_cached(
                "SELECT hash, member, until, tries, key, device FROM activation WHERE device = ?1 ORDER BY hash",
            )
            .and_then(|mut select| select.query_map([text(&device)], activation)?.collect())
            .map_err(failed)
    }

    fn push_address(&self, device: Id) -> Result<Option<PushAddress>> {
        self.connection
            .prepare_cached("SELECT provider, token FROM push WHERE device = ?1")
            .and_then(|mut select| {
                let address = |row: &Row<'_>| Ok(PushAddress { provider: row.get(0)?, token: row.get(1)? });
                select.query_row([text(&device)], address).optional()
            })
            .map_err(failed)
    }

    fn push_addresses(&self) -> Result<Vec<(Id, PushAddress)>> {
        self.connection
            .prepare_cached("SELECT device, provider, token FROM push ORDER BY device")
            .and_then(|mut select| {
                let line = |row: &Row<'_>| {
                    Ok((parsed(row, 0)?, PushAddress { provider: row.get(1)?, token: row.get(2)? }))
                };
                select.query_map([], line)?.collect()
            })
            .map_err(failed)
    }

    fn revoked(&self) -> Result<Vec<Device>> {
        self.connection
            .prepare_cached(
                "SELECT id, member, key, name, count, last_number, forked_from, made_at, last_exchange_at,
                    revoked_at FROM device WHERE revoked_at IS NOT NULL ORDER BY made_at, id",
            )
            .and_then(|mut select| select.query_map([], device)?.collect())
            .map_err(failed)
    }

    fn latest(&self) -> Result<Option<Timestamp>> {
        self.connection
            .prepare_cached(
                "SELECT max(at) FROM
                   (SELECT max(made_at, coalesce(last_exchange_at, 0), coalesce(revoked_at, 0)) AS at FROM device
                    UNION ALL SELECT max(from_at, coalesce(until_at, 0)) FROM role
                    UNION ALL SELECT max(from_at, coalesce(until_at, 0)) FROM membership)",
            )
            .and_then(|mut select| select.query_row([], |row| time_if_there(row, 0)))
            .map_err(failed)
    }

    fn backup_of(&self) -> Result<Option<Timestamp>> {
        self.connection
            .prepare_cached("SELECT made_at FROM backup")
            .and_then(|mut select| select.query_row([], |row| time(row, 0)).optional())
            .map_err(failed)
    }
}

impl WriteDevices for Link<'_> {
    fn put_server(&mut self, server: &ServerRecord) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO server (one, id, epoch, key) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (one) DO UPDATE SET id = excluded.id, epoch = excluded.epoch, key = excluded.key",
                params![text(&server.id), to_column(server.epoch), server.key],
            )
            .map_err(failed)?;
        Ok(())
    }

    fn lock_device(&mut self, id: Id) -> Result<Option<Device>> {
        self.device(id)
    }

    fn put_device(&mut self, device: &Device) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO device (id, member, key, name, count, last_number, forked_from, made_at,
                    last_exchange_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (id) DO UPDATE SET
                    name = excluded.name, count = excluded.count, last_number = excluded.last_number,
                    last_exchange_at = excluded.last_exchange_at, revoked_at = excluded.revoked_at",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&device.id),
                    text(&device.member),
                    device.key,
                    device.name,
                    to_column(device.count),
                    to_column(device.last_number),
                    device.forked_from.map(|id| text(&id)),
                    device.made_at.millis(),
                    device.last_exchange_at.map(Timestamp::millis),
                    device.revoked_at.map(Timestamp::millis),
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_outcome(&mut self, device: Id, number: u64, outcome: &StoredOutcome) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO outcome (device, number, hash, signature, outcome, at, text, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (device, number) DO UPDATE SET outcome = excluded.outcome, at = excluded.at",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&device),
                    to_column(number),
                    outcome.hash,
                    outcome.signature,
                    to_json(&outcome.outcome),
                    outcome.at.millis(),
                    outcome.text.as_ref().map(String::as_bytes),
                    outcome.text.as_deref().and_then(row_of_command).as_ref().map(text),
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_heard(&mut self, device: Id, heard: &Heard) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO heard (device, highest, not_heard_at, heard_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (device, highest) DO NOTHING",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&device),
                    to_column(heard.highest),
                    heard.not_heard_at.map(Timestamp::millis),
                    heard.heard_at.millis()
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_activation(&mut self, activation: &Activation) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO activation (hash, member, until, tries, key, device)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (hash) DO UPDATE SET
                    tries = excluded.tries, key = excluded.key, device = excluded.device",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    activation.hash,
                    text(&activation.member),
                    activation.until.millis(),
                    activation.tries,
                    activation.key,
                    activation.device.map(|id| text(&id)),
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn put_push(&mut self, device: Id, address: Option<&PushAddress>) -> Result<()> {
        let put = || {
            self.connection.prepare_cached("DELETE FROM push WHERE device = ?1")?.execute([text(&device)])?;
            let Some(PushAddress { provider, token }) = address else { return Ok(()) };
            self.connection
                .prepare_cached("DELETE FROM push WHERE provider = ?1 AND token = ?2")?
                .execute([provider, token])?;
            self.connection
                .prepare_cached("INSERT INTO push (device, provider, token) VALUES (?1, ?2, ?3)")?
                .execute(params![text(&device), provider, token])?;
            Ok(())
        };
        put().map_err(failed)
    }

    fn mark_backup(&mut self, made_at: Option<Timestamp>) -> Result<()> {
        match made_at {
            Some(at) => self
                .connection
                .execute("INSERT OR REPLACE INTO backup (one, made_at) VALUES (1, ?1)", [at.millis()]),
            None => self.connection.execute("DELETE FROM backup", []),
        }
        .map_err(failed)?;
        Ok(())
    }
}
