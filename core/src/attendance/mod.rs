//! Điểm danh: check-ins of this member, and for the secretary the openings and marks.

mod codes;
mod deeds;
mod passes;
mod roll;
#[cfg(test)]
mod tests;

use rusqlite::types::Value;
use sotay_protocol::attendance::{
    ATTENDANCE as ATTENDANCE_KIND, ATTENDANCE_NOTE, Attendance, AttendanceNote, CLAIM, Claim, OPENING,
    Opening, PASS_KEY, PassKey,
};

pub(crate) use self::roll::{count, last_claim};
pub use self::{
    codes::{Believed, CodeScan, CodeView, Unread, check_in, check_in_scanned, current_code},
    deeds::{close, mark, open},
    passes::{PassRefused, PassScan, PassView, PassWorth, my_pass, scan},
    roll::{Counts, Roll, RollLine, TrailLine, roll},
};
use crate::store::table::{Table, drawn, text};

pub static ATTENDANCE: Table = Table {
    kind: ATTENDANCE_KIND,
    name: "attendance",
    version: 1,
    drawing: 1,
    columns: &["meeting", "member", "state", "mode", "late"],
    draw: |body| {
        let of: Attendance = drawn(body)?;
        Ok(vec![
            Value::Text(of.meeting.to_string()),
            Value::Text(of.member.to_string()),
            text(&of.state),
            text(&of.mode),
            Value::Integer(of.late.into()),
        ])
    },
};

pub static NOTES: Table = Table {
    kind: ATTENDANCE_NOTE,
    name: "attendance_note",
    version: 1,
    drawing: 1,
    columns: &[],
    draw: |body| drawn::<AttendanceNote>(body).map(|_| vec![]),
};

pub static OPENINGS: Table = Table {
    kind: OPENING,
    name: "opening",
    version: 1,
    drawing: 1,
    columns: &["meeting", "opened_at", "closed_at"],
    draw: |body| {
        let of: Opening = drawn(body)?;
        Ok(vec![
            Value::Text(of.meeting.to_string()),
            Value::Integer(of.opened_at.millis()),
            of.closed_at.map_or(Value::Null, |at| Value::Integer(at.millis())),
        ])
    },
};

/// Of the cell's devices, for who leads it.
pub static PASS_KEYS: Table = Table {
    kind: PASS_KEY,
    name: "pass_key",
    version: 1,
    drawing: 1,
    columns: &[],
    draw: |body| drawn::<PassKey>(body).map(|_| vec![]),
};

pub static CLAIMS: Table = Table {
    kind: CLAIM,
    name: "claim",
    version: 1,
    drawing: 1,
    columns: &["meeting", "at", "state"],
    draw: |body| {
        let of: Claim = drawn(body)?;
        Ok(vec![Value::Text(of.meeting.to_string()), Value::Integer(of.at.millis()), text(&of.state)])
    },
};
