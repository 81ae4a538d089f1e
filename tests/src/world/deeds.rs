//! What people do on their phones, as the commands that the app would make of it.

use serde_json::{Value, json};
use sotay_core::{
    store::{Store, StoreError},
    sync::commands::{self, Draft, SubmitError},
    tables,
};
use sotay_protocol::{
    attendance::{
        self, ATTENDANCE, AttendanceState, CLAIM, Claim, ClaimState, Mark, Mode, OPENING, Opening,
        attendance_id,
    },
    edit::Edit,
    env::Env,
    feedback::{self, Answer, CASE, Case, FeedbackState, Message, Reply, Side, THREAD, Thread},
    id::Id,
    meetings::{self, Form, MEETING, Meeting, MeetingState},
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    signature::Base64,
};

use super::Device;

fn shown(store: &rusqlite::Connection, row: &RowRef) -> Result<Body, SubmitError> {
    let table = tables::of_kind(&row.kind).ok_or(SubmitError::Refused(Refusal::UnknownKind))?;
    let (kept, _) = table.get(store, row.scope, row.id)?.ok_or(SubmitError::Refused(Refusal::NoSuchRow))?;
    Ok(kept.row()?.body)
}

fn edit(
    store: &rusqlite::Connection,
    env: &dyn Env,
    kind: &'static str,
    row: &RowRef,
    fields: &Value,
) -> Result<u64, SubmitError> {
    let seen = shown(store, row)?;
    let mut wanted = seen.clone();
    wanted.extend(body(fields));
    let edit = body(&Edit::between(&seen, &wanted));
    commands::submit(store, env, Draft { kind, row: row.clone(), needs: vec![row.clone()], body: edit })
}

impl Device {
    /// # Errors
    /// As [`commands::submit`].
    pub fn submit(&self, env: &dyn Env, draft: Draft) -> Result<u64, SubmitError> {
        self.store().write(|store| commands::submit(store, env, draft))
    }

    /// A meeting in an hour and a half.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn new_meeting(&self, env: &dyn Env, cell: Id, title: &str) -> Result<RowRef, SubmitError> {
        let row = RowRef::new(Scope::cell(cell), MEETING, Id::random(env));
        let meeting = Meeting {
            title: title.into(),
            form: Form::Regular,
            starts_at: env.now() + std::time::Duration::from_secs(90 * 60),
            place: "Nhà văn hóa bản".into(),
            link: None,
            agenda: vec!["Học tập Nghị quyết".into()],
            state: MeetingState::Planned,
            opened_at: None,
            closed_at: None,
        };
        let (kind, needs) = (meetings::CREATE, vec![]);
        self.submit(env, Draft { kind, row: row.clone(), needs, body: body(&meeting) })?;
        Ok(row)
    }

    /// Sets fields of a meeting.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn edit_meeting(&self, env: &dyn Env, meeting: &RowRef, fields: &Value) -> Result<u64, SubmitError> {
        self.store().write(|store| edit(store, env, meetings::EDIT, meeting, fields))
    }

    /// Opens a meeting and begins to show codes; the row of the opening.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn open_meeting(&self, env: &dyn Env, meeting: &RowRef) -> Result<RowRef, SubmitError> {
        let mut secret = vec![0; 32];
        env.fill(&mut secret);
        let opening = Opening {
            meeting: meeting.id,
            secret: Base64(secret),
            opened_at: env.now(),
            closed_at: None,
            server_ahead: None,
        };
        let row = RowRef::new(Scope::desk(meeting.scope.id), OPENING, Id::random(env));
        self.store().write(|store| {
            let fields = json!({ "state": MeetingState::Open, "opened_at": env.now() });
            edit(store, env, meetings::EDIT, meeting, &fields)?;
            let (kind, needs) = (attendance::RECORD_OPENING, vec![meeting.clone()]);
            commands::submit(store, env, Draft { kind, row: row.clone(), needs, body: body(&opening) })?;
            Ok(row.clone())
        })
    }

    /// Closes a meeting and all its openings.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn close_meeting(&self, env: &dyn Env, meeting: &RowRef) -> Result<u64, SubmitError> {
        let openings = self.openings(meeting)?;
        self.store().write(|store| {
            for (row, opening) in &openings {
                if opening.closed_at.is_none() {
                    let fields = json!({ "closed_at": env.now() });
                    edit(store, env, attendance::EDIT_OPENING, row, &fields)?;
                }
            }
            let fields = json!({ "state": MeetingState::Closed, "closed_at": env.now() });
            edit(store, env, meetings::EDIT, meeting, &fields)
        })
    }

    /// The openings of a meeting that this device knows.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn openings(&self, meeting: &RowRef) -> Result<Vec<(RowRef, Opening)>, StoreError> {
        let of = |(row, body): (RowRef, Value)| {
            let opening: Opening = serde_json::from_value(body).ok()?;
            (opening.meeting == meeting.id).then_some((row, opening))
        };
        let rows = super::picture::picture_of(self.store(), |kind| kind == OPENING)?;
        Ok(rows.into_iter().filter_map(of).collect())
    }

    /// The six digits that the secretary's device shows now.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn code(&self, env: &dyn Env, meeting: &RowRef) -> Result<Option<String>, StoreError> {
        let openings = self.openings(meeting)?;
        let open = openings.iter().find(|(_, opening)| opening.closed_at.is_none());
        Ok(open.map(|(_, opening)| opening.code_at(env.now())))
    }

    /// # Errors
    /// As [`commands::submit`].
    pub fn check_in(&self, env: &dyn Env, meeting: &RowRef, code: &str) -> Result<RowRef, SubmitError> {
        let row = RowRef::new(Scope::member(self.member), CLAIM, Id::random(env));
        let claim = Claim {
            meeting: meeting.id,
            cell: meeting.scope.id,
            code: code.into(),
            qr: None,
            at: env.now(),
            state: ClaimState::Recorded,
        };
        let (kind, needs) = (attendance::CHECK_IN, vec![meeting.clone()]);
        self.submit(env, Draft { kind, row: row.clone(), needs, body: body(&claim) })?;
        Ok(row)
    }

    /// # Errors
    /// As [`commands::submit`].
    pub fn mark(
        &self,
        env: &dyn Env,
        meeting: &RowRef,
        member: Id,
        state: AttendanceState,
        reason: Option<&str>,
    ) -> Result<u64, SubmitError> {
        let mark = Mark {
            id: Id::random(env),
            meeting: meeting.id,
            member,
            state,
            mode: (state == AttendanceState::Present).then_some(Mode::InPerson),
            reason: reason.map(str::to_owned),
            pass: None,
            evidence: None,
        };
        let row = RowRef::new(meeting.scope, ATTENDANCE, attendance_id(meeting.id, member));
        let (kind, needs) = (attendance::MARK, vec![meeting.clone()]);
        self.submit(env, Draft { kind, row, needs, body: body(&mark) })
    }

    fn message(env: &dyn Env, side: Side, words: &str) -> Message {
        Message {
            id: Id::random(env),
            side,
            at: env.now(),
            words: words.into(),
            attachments: Vec::new(),
            sealed: None,
        }
    }

    /// Feedback to the desk of an organisation; the row of the thread.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn feedback(&self, env: &dyn Env, desk: Id, topic: &str, words: &str) -> Result<RowRef, SubmitError> {
        let row = RowRef::new(Scope::member(self.member), THREAD, Id::random(env));
        let messages = vec![Self::message(env, Side::Member, words)];
        let thread =
            Thread { desk, topic: topic.into(), messages, state: FeedbackState::Sent, sealed: false };
        let (kind, needs) = (feedback::SUBMIT, vec![]);
        self.submit(env, Draft { kind, row: row.clone(), needs, body: body(&thread) })?;
        Ok(row)
    }

    /// The member adds to their own thread.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn reply(&self, env: &dyn Env, thread: &RowRef, words: &str) -> Result<u64, SubmitError> {
        let seen = self.store().read(|store| shown(store, thread))?;
        let of: Thread = sotay_protocol::row::view(&seen).map_err(SubmitError::Refused)?;
        let reply = Reply { desk: of.desk, message: Self::message(env, Side::Member, words) };
        let (kind, needs) = (feedback::REPLY, vec![thread.clone()]);
        self.submit(env, Draft { kind, row: thread.clone(), needs, body: body(&reply) })
    }

    /// The desk says that it has taken the matter up (without words), or answers.
    ///
    /// # Errors
    /// As [`commands::submit`].
    pub fn answer(&self, env: &dyn Env, case: &RowRef, words: Option<&str>) -> Result<u64, SubmitError> {
        let seen = self.store().read(|store| shown(store, case))?;
        let of: Case = sotay_protocol::row::view(&seen).map_err(SubmitError::Refused)?;
        let message = words.map(|words| Self::message(env, Side::Desk, words));
        let kind = if message.is_some() { feedback::ANSWER } else { feedback::RECEIVE };
        let answer = Answer { member: of.member, thread: of.thread, message };
        self.submit(env, Draft { kind, row: case.clone(), needs: vec![case.clone()], body: body(&answer) })
    }

    /// Rows of a kind that the device shows.
    #[must_use]
    pub fn rows(&self, kind: &str) -> Vec<RowRef> {
        self.picture_of(&[kind]).into_keys().collect()
    }

    /// The cases that this device shows.
    #[must_use]
    pub fn cases(&self) -> Vec<RowRef> {
        self.rows(CASE)
    }

    /// Everything in the outbox.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn outbox(&self) -> Result<Vec<commands::Entry>, StoreError> {
        let store: &Store = self.store();
        store.read(commands::list)
    }
}
