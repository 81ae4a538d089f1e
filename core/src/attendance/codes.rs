//! The codes of a meeting: what the secretary's device shows, digits and QR, and what a member's phone makes of a QR.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attendance::{CHECK_IN, CLAIM, Claim, ClaimState, Opening, STEP_SECONDS, Shown as ShownCode, ShownBy},
    env::{Env, Timestamp},
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    qr::NotRead,
    refusal::Refusal,
    row::{RowRef, body},
    scope::Scope,
    trust::Distrust,
};

use super::{CLAIMS, OPENINGS};
use crate::{
    deed::give,
    meetings::MEETINGS,
    members, organisations,
    shown::{self, Shown},
    store::StoreError,
    sync::{
        commands::{Draft, SubmitError},
        device,
    },
    trust,
};

/// What to show now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeView {
    pub meeting: Id,
    /// Six digits.
    pub code: String,
    /// The text of the QR that stands beside them; `None` by a clock from before 1970.
    pub qr: Option<String>,
    pub believed: Believed,
    /// Until the next ones.
    pub seconds_left: u32,
}

/// What the members' phones make of the QR of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Believed {
    Certified,
    /// Phones take it as they take six digits: nobody above has keys for more.
    NoKeys,
    /// They refuse it: this device needs a certificate. The digits serve.
    NotCertified,
}

/// What became of a QR that a member scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "scan", rename_all = "snake_case")]
pub enum CodeScan {
    /// It is kept, to be confirmed, and sent with the next sync.
    Recorded {
        meeting: Id,
        /// `None` where the meeting has not come to this phone yet: the claim waits for it.
        title: Option<String>,
        /// Whose device showed it, as their certificate says; `None` where there are no keys to say so.
        shown_by: Option<String>,
        /// When, by that device's clock, to half a minute.
        shown_at: Timestamp,
    },
    /// Nothing was kept.
    NotRead { why: Unread },
    /// Nothing was kept: it is of a cell that this member does not belong to.
    OtherCell,
    /// Nothing was kept: it is not shown by who may open check-in here. The six digits may still be typed.
    NotBelieved { why: Distrust },
}

/// Why a text is not the code that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    Strange,
    OtherKind,
    Newer,
    Damaged,
}

impl From<NotRead> for Unread {
    fn from(why: NotRead) -> Self {
        match why {
            NotRead::Strange => Self::Strange,
            NotRead::OtherKind => Self::OtherKind,
            NotRead::Newer => Self::Newer,
            NotRead::Damaged => Self::Damaged,
        }
    }
}

pub(super) fn open_openings(store: &Connection, meeting: Id) -> Result<Vec<Shown<Opening>>, StoreError> {
    let tail = "WHERE meeting = ?1 AND closed_at IS NULL ORDER BY opened_at DESC, id DESC";
    shown::all(store, &OPENINGS, tail, [meeting.to_string()])
}

/// What the secretary's device shows now; `None` where check-in is not open here.
///
/// # Errors
/// The store's own fault.
pub fn current_code(store: &Connection, meeting: Id, now: Timestamp) -> Result<Option<CodeView>, StoreError> {
    let open = open_openings(store, meeting)?;
    open.first().map(|opening| code_view(store, opening.scope.id, &opening.of, now)).transpose()
}

pub(super) fn code_view(
    store: &Connection,
    cell: Id,
    opening: &Opening,
    now: Timestamp,
) -> Result<CodeView, StoreError> {
    let past = now.millis().div_euclid(1000).rem_euclid(STEP_SECONDS);
    let seconds_left = u32::try_from(STEP_SECONDS - past).unwrap_or(0);
    let device = device::load(store)?;
    let shown = device.and_then(|of| ShownCode::sign(cell, of.device, opening, now, &of.key));
    let believed = match &shown {
        Some(shown) => match judge(store, shown, now)? {
            Ok(ShownBy::Certified { .. }) => Believed::Certified,
            Ok(ShownBy::NoKeys) => Believed::NoKeys,
            Err(_) => Believed::NotCertified,
        },
        None => Believed::NotCertified,
    };
    let qr = shown.as_ref().map(ShownCode::text);
    Ok(CodeView { meeting: opening.meeting, code: opening.code_at(now), qr, believed, seconds_left })
}

fn judge(
    store: &Connection,
    shown: &ShownCode,
    now: Timestamp,
) -> Result<Result<ShownBy, Distrust>, StoreError> {
    let upward = organisations::upward(store, shown.cell)?;
    Ok(shown.judge(&upward, &trust::keyring(store)?, now))
}

/// This member's own check-in with the six digits: recorded, to be confirmed. The same digits twice are
/// one check-in.
///
/// # Errors
/// [`SubmitError::Refused`]: `malformed` for what is not six digits, `wrong_state` for a cancelled meeting.
pub fn check_in(store: &Connection, env: &dyn Env, meeting: Id, typed: &str) -> Result<(), SubmitError> {
    let code: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let row = crate::meetings::row_of(store, meeting)?;
    check_state(Some(&row.of))?;
    let same = claims(store, meeting)?
        .into_iter()
        .any(|claim| claim.of.code == code && claim.of.state != ClaimState::Wrong);
    if same {
        return Ok(());
    }
    claim(
        store,
        env,
        &Claim { meeting, cell: row.scope.id, code, qr: None, at: env.now(), state: ClaimState::Recorded },
    )
}

/// This member's own check-in with the QR on the secretary's screen, which is verified here without a network. It need not
/// be a meeting that this phone has heard of.
///
/// # Errors
/// [`SubmitError::Refused`]: `wrong_state` for a cancelled meeting.
pub fn check_in_scanned(store: &Connection, env: &dyn Env, text: &str) -> Result<CodeScan, SubmitError> {
    let shown = match ShownCode::read(text) {
        Ok(shown) => shown,
        Err(why) => return Ok(CodeScan::NotRead { why: why.into() }),
    };
    trust::catch_up(store)?;
    let (meeting, cell) = (shown.meeting, shown.cell);
    if members::my_cells(store)?.iter().all(|of| of.id != cell) {
        return Ok(CodeScan::OtherCell);
    }
    let known = shown::one::<Meeting>(store, &MEETINGS, meeting)?;
    if known.as_ref().is_some_and(|row| row.scope != Scope::cell(cell)) {
        return Ok(CodeScan::NotBelieved { why: Distrust::WrongOrganisation });
    }
    check_state(known.as_ref().map(|row| &row.of))?;
    let shown_by = match judge(store, &shown, env.now())? {
        Ok(ShownBy::Certified { name }) => Some(name),
        Ok(ShownBy::NoKeys) => None,
        Err(why) => return Ok(CodeScan::NotBelieved { why }),
    };
    let qr = shown.text();
    if claims(store, meeting)?.iter().all(|claim| claim.of.qr.as_ref() != Some(&qr)) {
        let (code, state) = (shown.digits(), ClaimState::Recorded);
        claim(store, env, &Claim { meeting, cell, code, qr: Some(qr), at: env.now(), state })?;
    }
    let title = known.map(|row| row.of.title);
    Ok(CodeScan::Recorded { meeting, title, shown_by, shown_at: shown.at() })
}

fn check_state(meeting: Option<&Meeting>) -> Result<(), SubmitError> {
    match meeting {
        Some(of) if of.state == MeetingState::Cancelled => Err(SubmitError::Refused(Refusal::WrongState)),
        _ => Ok(()),
    }
}

fn claims(store: &Connection, meeting: Id) -> Result<Vec<Shown<Claim>>, StoreError> {
    shown::all(store, &CLAIMS, "WHERE meeting = ?1 ORDER BY at", [meeting.to_string()])
}

fn claim(store: &Connection, env: &dyn Env, claim: &Claim) -> Result<(), SubmitError> {
    let me = device::identity(store)?.ok_or(SubmitError::NotEnrolled)?.member;
    let draft = Draft {
        kind: CHECK_IN,
        row: RowRef::new(Scope::member(me), CLAIM, Id::random(env)),
        needs: vec![RowRef::new(Scope::cell(claim.cell), MEETING, claim.meeting)],
        body: body(claim),
    };
    give(store, env, draft).map(drop)
}
