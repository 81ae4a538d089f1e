//! Reading the archive, a page at a time.

use serde_json::value::RawValue;
use sotay_protocol::{
    archive::{Archive, ArchivedRow},
    env::Timestamp,
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    scope::Scope,
};

use crate::{
    error::problem,
    server::Server,
    store::{Archived, Reader, Result, StoreError},
};

/// Rows of a page at most, without those that belong to them.
const ROWS: usize = 50;
/// What stands around a body.
const AROUND: usize = 320;

/// Where a page of the archive begins, as it travels.
///
/// # Errors
/// `malformed` for what no page said.
pub fn archive_cursor(text: &str) -> std::result::Result<(Timestamp, Id), Problem> {
    let malformed = || Problem::new(ProblemCode::Malformed, "Vị trí đọc trong kho lưu trữ không đúng.");
    let (happened, id) = text.split_once('.').ok_or_else(malformed)?;
    let happened = happened.parse().map(Timestamp::from_millis).map_err(|_| malformed())?;
    Ok((happened, id.parse().map_err(|_| malformed())?))
}

impl Server {
    /// A page of what has left the window of `scope`, for a device that follows it.
    ///
    /// # Errors
    /// `not_found` where the device does not follow the scope, whether or not there is one; the store's troubles.
    pub fn archive(
        &self,
        device: Id,
        scope: Scope,
        kind: &str,
        before: Option<(Timestamp, Id)>,
    ) -> std::result::Result<Archive, Problem> {
        let now = self.env.now();
        let page = self.store.read_with(|reader| {
            let Some(device) = reader.device(device)? else { return Ok(None) };
            if !crate::exchange::may_read(reader, &device, scope, now)? {
                return Ok(None);
            }
            page(reader, scope, kind, before).map(Some)
        });
        page.map_err(|error| problem(&error))?.ok_or_else(|| {
            Problem::new(ProblemCode::NotFound, "Không có kho lưu trữ này, hoặc đồng chí không còn được xem.")
        })
    }
}

fn page(reader: &dyn Reader, scope: Scope, kind: &str, before: Option<(Timestamp, Id)>) -> Result<Archive> {
    let found = reader.archive(scope, kind, before, ROWS + 1, limits::FRAME)?;
    let (mut rows, mut bytes, mut next) = (Vec::new(), 0, None);
    for (at, row) in found.iter().enumerate() {
        let mut family = vec![told(row)?];
        for belonging in reader.archive_belonging(scope, row.id)? {
            family.push(told(&belonging)?);
        }
        bytes += family.iter().map(|row| row.body.get().len() + AROUND).sum::<usize>();
        if at == ROWS || (bytes > limits::FRAME && at > 0) {
            next = at.checked_sub(1).and_then(|last| found.get(last));
            break;
        }
        rows.extend(family);
    }
    Ok(Archive { rows, next: next.map(|last| format!("{}.{}", last.happened.millis(), last.id)) })
}

fn told(of: &Archived) -> Result<ArchivedRow> {
    let body = RawValue::from_string(of.body.clone());
    Ok(ArchivedRow {
        kind: of.kind.clone(),
        id: of.id,
        version: of.version,
        author: of.author,
        happened: of.happened,
        belongs_to: of.belongs_to,
        body: body.map_err(|_| StoreError::GivenUp("a body in the archive is not JSON".into()))?,
    })
}
