//! What this server keeps of one person, for that person: asked for by their own device, or answered by the operator to a
//! written request.
//!
//! Nothing is listed by hand that could be forgotten: of rows, all that bear the person's id are looked at, of whatever kind,
//! and a test holds that every table and kind is named in [`kept`]. What is theirs is given in full; of what
//! others wrote or did beside them, only that it stands: its words are others' too.

use serde::Serialize;
use serde_json::{json, value::RawValue};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    kept,
    my_data::{Mention, MyData, MyDataRequest, Record, is_theirs},
    problem::{Problem, ProblemCode},
    scope::Scope,
    signature::Base64,
};

use crate::{
    error::{ServerError, problem},
    server::Server,
    store::{About, Chained, Device, Reader, Result as Stored, StoreError},
};

/// By which the table of rights knows it.
pub(crate) const ADDRESS: (&str, &str) = ("post", "/v1/my-data");
/// Acts of a chain that are read at once.
const ACTS: usize = 1_000;

impl Server {
    /// What is kept of the member whose device asks.
    ///
    /// # Errors
    /// A typed problem: for a token of another device or none, a signature that is not this device's, one that was revoked.
    pub fn my_data(&self, request: &MyDataRequest) -> Result<MyData, Problem> {
        if request.server != self.id() {
            return Err(Problem::new(ProblemCode::WrongServer, "Yêu cầu này dành cho máy chủ khác."));
        }
        let (shown, _) = self.shown_by_token(&request.token, ADDRESS)?;
        if shown != request.device {
            return Err(Problem::new(ProblemCode::TokenInvalid, "Mã truy cập không hợp lệ."));
        }
        let device = self.store.read_with(|reader| reader.device(request.device));
        let device = device.map_err(|error| problem(&error))?;
        let may = |device: &Device| {
            device.may_enter(ADDRESS.0, ADDRESS.1) && request.verifies(&Base64(device.key.clone()))
        };
        let device = device.filter(may);
        let device = device
            .ok_or_else(|| Problem::new(ProblemCode::BadSignature, "Chữ ký của thiết bị không đúng."))?;
        let now = self.env.now();
        self.store.read_with(|reader| all_of(reader, device.member, now)).map_err(|error| problem(&error))
    }

    /// The same for the operator.
    ///
    /// # Errors
    /// The store's.
    pub fn kept_of(&self, member: Id) -> Result<MyData, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| all_of(reader, member, now))?)
    }
}

fn all_of(reader: &dyn Reader, member: Id, now: Timestamp) -> Stored<MyData> {
    let mut records = Vec::new();
    if let Some(of) = reader.member(member)? {
        records.push(record("profile", "member", &of.profile)?);
    }
    for stay in reader.memberships(member)? {
        let of = json!({"cell": stay.cell, "from": stay.from, "until": stay.until});
        records.push(record("places", "membership", &of)?);
    }
    for role in reader.roles(member)? {
        let of = json!({
            "organisation": role.organisation, "office": role.office, "from": role.from, "until": role.until
        });
        records.push(record("places", "role", &of)?);
    }
    for code in reader.activations_for(member)? {
        let of = json!({"until": code.until, "wrong_tries": code.tries, "device": code.device});
        records.push(record("codes", "activation", &of)?);
    }
    for device in reader.devices_of(member)? {
        of_device(reader, &device, &mut records)?;
    }
    for organisation in reader.audited()? {
        of_chain(reader, organisation, member, &mut records)?;
    }
    let mut mentions = Vec::new();
    for about in reader.rows_about(member)? {
        let written_by_me = about.author == member;
        if is_theirs(&about.row, &about.body, member) {
            records.push(of_row(&about)?);
        } else {
            let About { row, at, archived, .. } = about;
            mentions.push(Mention { row, archived, written_by_me, at });
        }
    }
    Ok(MyData { member, at: now, records, mentions, rules: reader.rules()? })
}

fn of_device(reader: &dyn Reader, device: &Device, records: &mut Vec<Record>) -> Stored<()> {
    let push = reader.push_address(device.id)?;
    let heard = reader.heard_of(device.id)?;
    let heard: Vec<Timestamp> = heard.iter().map(|heard| heard.heard_at).collect();
    let of = json!({
        "id": device.id, "name": device.name, "key": Base64(device.key.clone()), "copy_of": device.forked_from,
        "made_at": device.made_at, "last_exchange_at": device.last_exchange_at, "revoked_at": device.revoked_at,
        "woken_at": push, "brought_work_at": heard,
    });
    records.push(record("devices", "device", &of)?);
    for upload in reader.uploads_of(device.id)? {
        let hash: String = upload.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let of = json!({"device": device.id, "sha256": hash, "size": upload.size, "have": upload.have, "at": upload.at});
        records.push(record("feedback", "upload", &of)?);
    }
    for (number, outcome) in reader.commands_of(device.id)? {
        let of = json!({
            "device": device.id, "number": number, "at": outcome.at, "outcome": outcome.outcome,
            "signed_text": outcome.text, "signature": outcome.signature.map(Base64),
        });
        records.push(record("commands", "outcome", &of)?);
    }
    Ok(())
}

/// What the member did in office, and what was done about them.
fn of_chain(reader: &dyn Reader, organisation: Id, member: Id, records: &mut Vec<Record>) -> Stored<()> {
    let mut after = 0;
    loop {
        let some = reader.audit(organisation, after, ACTS)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.act.number;
        for Chained { act, .. } in &some {
            if act.actor == member || act.rows.contains(&member) {
                let of = json!({
                    "organisation": act.organisation, "number": act.number, "at": act.at, "deed": act.deed,
                    "done_by_me": act.actor == member, "rows": act.rows,
                });
                records.push(record("audit", "audit", &of)?);
            }
        }
    }
}

fn record(entry: &str, of: &str, body: &impl Serialize) -> Stored<Record> {
    let body = serde_json::value::to_raw_value(body);
    let body = body.map_err(|_| StoreError::GivenUp("what is kept cannot be written as JSON".into()))?;
    Ok(Record { entry: entry.into(), of: of.into(), body })
}

fn of_row(about: &About) -> Stored<Record> {
    let body = RawValue::from_string(about.body.clone());
    let body = body.map_err(|_| StoreError::GivenUp("a body is not JSON".into()))?;
    #[derive(Serialize)]
    struct Standing<'a> {
        scope: Scope,
        id: Id,
        written_at: Timestamp,
        archived: bool,
        row: &'a RawValue,
    }
    let About { row, at, archived, .. } = about;
    let of = Standing { scope: row.scope, id: row.id, written_at: *at, archived: *archived, row: &body };
    record(kept::of_kind(&row.kind), &row.kind, &of)
}
