//! A command in words: who did what to which meeting, thread or case.

use rusqlite::Connection;
use serde_json::Value;
use sotay_protocol::{
    attendance::{self, Claim, Mark, Opening},
    command::Command,
    devices::{self, DEVICE, DeviceEntry},
    drafts::{self, DRAFT, Draft},
    edit::Edit,
    feedback::{self, Answer, Case, Reply, Thread, sealed},
    id::Id,
    meetings::{self, Meeting},
    row::RowRef,
};

use crate::{
    devices::DEVICES,
    drafts::DRAFTS,
    feedback::{CASES, THREADS},
    meetings::MEETINGS,
    members, shown,
    store::StoreError,
    sync::commands,
    words::Words,
};

pub(super) fn in_words(store: &Connection, command: &Command, words: &Words) -> Result<String, StoreError> {
    let row = command.row.id;
    Ok(match command.kind.as_str() {
        meetings::CREATE => {
            format!("{}: {}", words.say("Lên lịch", "Schedule"), name_of_meeting(store, row, words)?)
        }
        meetings::EDIT => {
            let edit: Edit = command.view().unwrap_or_default();
            format!("{}: {}", meeting_edit(&edit, words), name_of_meeting(store, row, words)?)
        }
        attendance::RECORD_OPENING => {
            let of = command.view::<Opening>().map_or(row, |of| of.meeting);
            format!(
                "{}: {}",
                words.say("Ghi mã điểm danh", "Keep the check-in code"),
                name_of_meeting(store, of, words)?
            )
        }
        attendance::EDIT_OPENING => words.say("Ghi giờ đóng điểm danh", "Keep the closing time").to_owned(),
        attendance::CHECK_IN => {
            let of = command.view::<Claim>().map_or(row, |of| of.meeting);
            format!("{}: {}", words.say("Tôi có mặt", "I am present"), name_of_meeting(store, of, words)?)
        }
        attendance::MARK => mark_in_words(store, command, words)?,
        feedback::SUBMIT | sealed::SEAL => {
            format!("{} “{}”", words.say("Phản ánh", "Feedback"), topic_of_thread(store, row, words)?)
        }
        feedback::REPLY | sealed::SEAL_REPLY => {
            format!("{} “{}”", words.say("Viết thêm về", "More about"), topic_of_thread(store, row, words)?)
        }
        feedback::RECEIVE => {
            format!("{} “{}”", words.say("Tiếp nhận", "Receive"), topic_of_case(store, row, words)?)
        }
        sealed::WRAP_THREAD | sealed::WRAP_CASE => {
            words.say("Mở phản ánh niêm phong cho máy mới", "Open a sealed thread to a new device").to_owned()
        }
        feedback::ANSWER | sealed::SEAL_ANSWER => {
            format!("{} “{}”", words.say("Trả lời", "Answer"), topic_of_case(store, row, words)?)
        }
        drafts::SIGN => format!("{} {}", words.say("Ký", "Sign"), name_of_draft(store, row, words)?),
        drafts::RETURN => {
            format!("{} {}", words.say("Trả lại", "Return"), name_of_draft(store, row, words)?)
        }
        devices::EDIT => format!("{} {}", words.say("Đặt tên", "Name"), name_of_device(store, row, words)?),
        devices::REVOKE => {
            format!("{} {}", words.say("Thu hồi", "Take off"), name_of_device(store, row, words)?)
        }
        _ => words.say("Việc của phiên bản khác", "A deed of another version").to_owned(),
    })
}

fn meeting_edit(edit: &Edit, words: &Words) -> &'static str {
    match edit.fields.get("state").and_then(|change| change.now.as_str()) {
        Some("open") => words.say("Mở điểm danh", "Open check-in"),
        Some("closed") => words.say("Đóng điểm danh", "Close check-in"),
        Some("cancelled") => words.say("Hủy", "Cancel"),
        _ => words.say("Sửa", "Change"),
    }
}

fn mark_in_words(store: &Connection, command: &Command, words: &Words) -> Result<String, StoreError> {
    let Ok(mark) = command.view::<Mark>() else { return Ok(words.say("Điểm danh", "Mark").to_owned()) };
    let meeting = name_of_meeting(store, mark.meeting, words)?;
    let name =
        match members::roster(store, command.row.scope.id)?.into_iter().find(|one| one.id == mark.member) {
            Some(colleague) => colleague.name,
            None => words.say("một đảng viên", "a member").to_owned(),
        };
    Ok(format!("{}, {meeting}: {name} {}", words.say("Điểm danh", "Mark"), words.attendance(mark.state)))
}

/// What the person wrote themselves, to be read again where it was not accepted.
pub(super) fn written(store: &Connection, command: &Command) -> Result<Option<String>, StoreError> {
    Ok(match command.kind.as_str() {
        sealed::SEAL | sealed::SEAL_REPLY | sealed::SEAL_ANSWER => {
            crate::feedback::sealed::written(store, command)?.map(|letter| letter.words)
        }
        _ => plain(command),
    })
}

fn plain(command: &Command) -> Option<String> {
    match command.kind.as_str() {
        feedback::SUBMIT => command.view::<Thread>().ok()?.messages.pop().map(|message| message.words),
        feedback::REPLY => Some(command.view::<Reply>().ok()?.message.words),
        feedback::ANSWER => command.view::<Answer>().ok()?.message.map(|message| message.words),
        attendance::MARK => command.view::<Mark>().ok()?.reason,
        drafts::RETURN => Some(command.view::<drafts::Return>().ok()?.reason),
        meetings::CREATE => command.view::<Meeting>().ok().map(|meeting| meeting.title),
        _ => None,
    }
}

/// A row as one would call it: “cuộc họp 3/12”.
pub(super) fn name_of_row(store: &Connection, row: &RowRef, words: &Words) -> Result<String, StoreError> {
    match row.kind.as_str() {
        meetings::MEETING => name_of_meeting(store, row.id, words),
        feedback::THREAD => topic_of_thread(store, row.id, words),
        feedback::CASE => topic_of_case(store, row.id, words),
        DRAFT => name_of_draft(store, row.id, words),
        DEVICE => name_of_device(store, row.id, words),
        attendance::OPENING => Ok(words.say("mã điểm danh", "the check-in code").to_owned()),
        _ => Ok(words.say("một mục khác", "something else").to_owned()),
    }
}

fn name_of_meeting(store: &Connection, id: Id, words: &Words) -> Result<String, StoreError> {
    let shown = shown::one::<Meeting>(store, &MEETINGS, id)?.map(|row| row.of);
    let meeting = match shown {
        Some(meeting) => Some(meeting),
        None => made_by_me(store, id, meetings::CREATE)?.and_then(|command| command.view::<Meeting>().ok()),
    };
    Ok(match meeting {
        Some(meeting) => {
            let day = words.short_date(words.date_of(meeting.starts_at));
            format!("{} {day}", words.say("cuộc họp", "meeting of"))
        }
        None => words.say("cuộc họp", "the meeting").to_owned(),
    })
}

fn topic_of_thread(store: &Connection, id: Id, words: &Words) -> Result<String, StoreError> {
    if let Some(row) = shown::one::<Thread>(store, &THREADS, id)?.filter(|row| !row.of.sealed) {
        return Ok(row.of.topic);
    }
    if let Some(topic) = sealed_topic(store, id, words)? {
        return Ok(topic);
    }
    let made = made_by_me(store, id, feedback::SUBMIT)?.and_then(|command| command.view::<Thread>().ok());
    Ok(made.map_or_else(|| words.say("phản ánh", "feedback").to_owned(), |thread| thread.topic))
}

/// As its first letter says; of one that was refused, as its maker's command still does.
fn sealed_topic(store: &Connection, id: Id, words: &Words) -> Result<Option<String>, StoreError> {
    if let Some(row) = shown::one::<Thread>(store, &THREADS, id)? {
        return crate::feedback::topic(store, &row.row(feedback::THREAD), words).map(Some);
    }
    let Some(made) = made_by_me(store, id, sealed::SEAL)? else { return Ok(None) };
    Ok(crate::feedback::sealed::written(store, &made)?.and_then(|letter| letter.topic))
}

fn topic_of_case(store: &Connection, id: Id, words: &Words) -> Result<String, StoreError> {
    let row = shown::one::<Case>(store, &CASES, id)?;
    if let Some(row) = row.as_ref().filter(|row| row.of.sealed) {
        return crate::feedback::topic(store, &row.row(feedback::CASE), words);
    }
    Ok(row.map_or_else(|| words.say("phản ánh", "feedback").to_owned(), |row| row.of.topic))
}

fn name_of_draft(store: &Connection, id: Id, words: &Words) -> Result<String, StoreError> {
    let of = shown::one::<Draft>(store, &DRAFTS, id)?.and_then(|row| row.of.read().ok());
    Ok(of.map_or_else(
        || words.say("dự thảo", "the draft").to_owned(),
        |of| format!("{} {}", of.directive_type.name(), of.number),
    ))
}

fn name_of_device(store: &Connection, id: Id, words: &Words) -> Result<String, StoreError> {
    let of = shown::one::<DeviceEntry>(store, &DEVICES, id)?;
    Ok(of.map_or_else(|| words.say("máy", "the device").to_owned(), |row| format!("“{}”", row.of.name)))
}

/// A row that was refused is in no table; its maker's command still says what it was to be.
fn made_by_me(store: &Connection, id: Id, kind: &str) -> Result<Option<Command>, StoreError> {
    let mut made = commands::of_id(store, id)?.into_iter().map(|entry| entry.command);
    Ok(made.rfind(|command| command.kind == kind))
}

/// Field names of a conflict and their values, in words.
impl Words {
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        match name {
            "name" => self.say("Tên", "Name"),
            "title" => self.say("Tên", "Title"),
            "form" => self.say("Hình thức", "Form"),
            "starts_at" => self.say("Giờ họp", "Time"),
            "place" => self.say("Địa điểm", "Place"),
            "link" => self.say("Đường dẫn", "Link"),
            "agenda" => self.say("Nội dung", "Agenda"),
            "state" => self.say("Trạng thái", "State"),
            "opened_at" => self.say("Giờ mở điểm danh", "Opened"),
            "closed_at" => self.say("Giờ đóng điểm danh", "Closed"),
            other => other,
        }
        .to_owned()
    }

    #[must_use]
    pub fn field_value(&self, name: &str, value: &Value) -> String {
        match (name, value) {
            (_, Value::Null) => self.say("(để trống)", "(empty)").to_owned(),
            ("starts_at" | "opened_at" | "closed_at", Value::Number(millis)) => {
                let at = sotay_protocol::env::Timestamp::from_millis(millis.as_i64().unwrap_or(0));
                self.moment(at)
            }
            ("state", value) => match serde_json::from_value(value.clone()) {
                Ok(state) => self.meeting_state(state, self.now).to_owned(),
                Err(_) => value.to_string(),
            },
            ("form", value) => match serde_json::from_value(value.clone()) {
                Ok(form) => self.form(form).to_owned(),
                Err(_) => value.to_string(),
            },
            (_, Value::String(text)) => text.clone(),
            (_, Value::Array(items)) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                items.join("; ")
            }
            (_, value) => value.to_string(),
        }
    }
}
