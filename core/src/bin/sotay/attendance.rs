//! `checkin`, `code`, `pass`, `roll`, `mark`, scanning, and opening and closing check-in.

use std::time::Duration;

use serde_json::json;
use sotay_core::{
    attendance::{CodeScan, CodeView, Counts, PassScan, Roll, RollLine, TrailLine},
    handbook::HandbookError,
    meetings::MeetingLine,
    outbox::RowState,
    words::{Lang, Words},
};
use sotay_protocol::{meetings::MeetingState, refusal::Refusal};

use crate::{
    Desk, Failure, Outcome,
    args::{CheckinArgs, MarkArgs},
    meetings::{chosen, chosen_to_see, leaders_only},
    pick::{Named, pick},
    qr,
    screen::{Screen, short},
};

pub(crate) async fn open(desk: &Desk<'_>, typed: Option<&str>) -> Outcome {
    let words = desk.words();
    let meeting = chosen(desk, typed).await?;
    let opened = desk.handbook.attendance().open(meeting.id).await;
    let code = opened.map_err(|error| match error {
        HandbookError::Refused(Refusal::WrongState) if meeting.meeting_state == MeetingState::Open => {
            Failure::Said(
                words
                    .say(
                        "Cuộc họp này đang mở điểm danh rồi; xem mã: sotay code",
                        "Check-in of this meeting is open already; see the code: sotay code",
                    )
                    .to_owned(),
            )
        }
        other => leaders_only(other, words),
    })?;
    desk.screen.show(&code, || {
        let opened = words.say("Đã mở điểm danh", "Check-in is open");
        let mut out = vec![format!("{opened}: {}, {}.", meeting.title, words.meeting_time(meeting.starts_at))];
        out.extend(digits(desk.screen, words, &code));
        out.push(
            words
                .say(
                    "Mã đổi sau mỗi 30 giây; xem mã mới: sotay code --watch. Không có mạng vẫn điểm danh được.",
                    "The code changes every 30 seconds; see the new one: sotay code --watch. No network is needed.",
                )
                .to_owned(),
        );
        out
    });
    Ok(())
}

/// The QR for those who scan, and `493 027` beneath, the way one reads it out.
fn digits(screen: &Screen, words: Words, of: &CodeView) -> Vec<String> {
    let (first, last) = of.code.split_at_checked(3).unwrap_or((&of.code, ""));
    let left = match words.lang {
        Lang::Vi => format!("còn {} giây", of.seconds_left),
        Lang::En => format!("{} seconds left", of.seconds_left),
    };
    let mut out = of.qr.as_ref().map(|text| qr::drawn(screen, words, text)).unwrap_or_default();
    out.push(format!(
        "{}: {}  ({left})",
        words.say("Mã điểm danh", "Check-in code"),
        screen.bold(&format!("{first} {last}"))
    ));
    out.extend(
        Some(words.believed(of.believed)).filter(|said| !said.is_empty()).map(|said| format!("{said}.")),
    );
    out
}

pub(crate) async fn close(desk: &Desk<'_>, typed: Option<&str>) -> Outcome {
    let words = desk.words();
    let meeting = chosen(desk, typed).await?;
    let closed = desk.handbook.attendance().close(meeting.id).await;
    closed.map_err(|error| match error {
        HandbookError::Refused(Refusal::WrongState) => Failure::Said(
            words
                .say("Cuộc họp này không đang mở điểm danh", "Check-in of this meeting is not open")
                .to_owned(),
        ),
        other => leaders_only(other, words),
    })?;
    let counts = desk.handbook.attendance().roll(meeting.id).await?.counts;
    desk.screen.show(&counts, || {
        let closed = words.say("Đã đóng điểm danh", "Check-in is closed");
        vec![
            format!("{closed}: {}.", meeting.title),
            format!("{}.", count(words, counts)),
            format!("{}.", words.row_state(&RowState::Pending)),
        ]
    });
    Ok(())
}

pub(crate) async fn code(desk: &Desk<'_>, typed: Option<&str>, watch: bool) -> Outcome {
    let words = desk.words();
    let meeting = chosen(desk, typed).await?;
    loop {
        let code = desk.handbook.attendance().current_code(meeting.id).await?.ok_or_else(|| {
            Failure::Said(
                words
                    .say(
                        "Máy này không mở điểm danh cuộc họp này; bí thư mở bằng: sotay meetings open",
                        "This device has not opened check-in of this meeting; the secretary does: sotay meetings open",
                    )
                    .to_owned(),
            )
        })?;
        let read = desk.screen.show(&code, || digits(desk.screen, words, &code));
        if !watch || !read {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(u64::from(code.seconds_left.max(1)))).await;
    }
}

pub(crate) async fn check_in(desk: &Desk<'_>, of: CheckinArgs) -> Outcome {
    let words = desk.words();
    let (code, typed) = match (of.qr, of.code) {
        (Some(text), _) => return check_in_scanned(desk, text).await,
        (None, Some(code)) => (code, of.meeting.as_deref()),
        (None, None) => return Ok(()),
    };
    let meeting = chosen(desk, typed).await?;
    let recorded = desk.handbook.attendance().check_in(meeting.id, code).await;
    recorded.map_err(|error| match error {
        HandbookError::Refused(Refusal::Malformed) => Failure::Said(
            words
                .say(
                    "Mã điểm danh là sáu chữ số; mời đồng chí xem lại trên máy của bí thư",
                    "The check-in code is six digits; please look at the secretary's device again",
                )
                .to_owned(),
        ),
        other => other.into(),
    })?;
    let said = words.say("Đã ghi điểm danh, chờ xác nhận", "Check-in recorded, to be confirmed");
    let saved = words.row_state(&RowState::Pending);
    desk.screen
        .done(&json!({ "meeting": meeting.id }), format!("{said}: {}. {saved}.", title(words, &meeting)));
    Ok(())
}

pub(crate) async fn check_in_scanned(desk: &Desk<'_>, text: String) -> Outcome {
    let words = desk.words();
    let scan = desk.handbook.attendance().check_in_scanned(text).await?;
    if !matches!(scan, CodeScan::Recorded { .. }) {
        return Err(Failure::Said(words.code_scan(&scan)));
    }
    let saved = words.row_state(&RowState::Pending);
    desk.screen.done(&scan, format!("{}. {saved}.", words.code_scan(&scan)));
    Ok(())
}

/// My own pass, to hold before the secretary's device.
pub(crate) async fn pass(desk: &Desk<'_>, typed: Option<&str>) -> Outcome {
    let words = desk.words();
    let meeting = chosen(desk, typed).await?;
    let pass = desk.handbook.attendance().my_pass(meeting.id).await?;
    desk.screen.show(&pass, || {
        let mut out = qr::drawn(desk.screen, words, &pass.qr);
        out.push(format!("{}: {}", desk.screen.bold(&pass.name), title(words, &meeting)));
        out.push(
            words
                .say(
                    "Đưa cho máy của bí thư quét trong hai phút; quá hai phút thì gõ lại: sotay pass",
                    "Let the secretary's device scan it within two minutes; after that: sotay pass",
                )
                .to_owned(),
        );
        out
    });
    Ok(())
}

/// The secretary's device reads a member's pass.
pub(crate) async fn scan_pass(desk: &Desk<'_>, text: String) -> Outcome {
    let words = desk.words();
    let scan = desk.handbook.attendance().scan(text).await.map_err(|error| leaders_only(error, words))?;
    if !matches!(scan, PassScan::Marked { .. }) {
        return Err(Failure::Said(words.pass_scan(&scan)));
    }
    desk.screen.done(&scan, format!("{}.", words.pass_scan(&scan)));
    Ok(())
}

fn title(words: Words, meeting: &MeetingLine) -> String {
    format!("{}, {}", meeting.title, words.meeting_time(meeting.starts_at))
}

pub(crate) async fn mark(desk: &Desk<'_>, of: MarkArgs) -> Outcome {
    let words = desk.words();
    let meeting = chosen(desk, of.meeting.as_deref()).await?;
    let roll = desk.handbook.attendance().roll(meeting.id).await?;
    let named = |line: &RollLine| Named { id: line.member, name: line.name.clone() };
    let rows: Vec<Named> = roll.lines.iter().map(named).collect();
    let member = pick(&of.member, &rows, words)?;
    let name = rows.into_iter().find(|row| row.id == member).map(|row| row.name).unwrap_or_default();
    let state = of.state.into();
    let book = desk.handbook.attendance();
    let marked = book.mark(meeting.id, member, state, of.mode.map(Into::into), of.reason).await;
    marked.map_err(|error| leaders_only(error, words))?;
    let said = format!("{name}: {}", words.attendance(state));
    let saved = words.row_state(&RowState::Pending);
    desk.screen.done(
        &json!({ "meeting": meeting.id, "member": member, "state": state }),
        format!("{said} ({}). {saved}.", title(words, &meeting)),
    );
    Ok(())
}

pub(crate) async fn roll(desk: &Desk<'_>, typed: Option<&str>, trail: bool) -> Outcome {
    let words = desk.words();
    let meeting = chosen_to_see(desk, typed).await?;
    let roll = desk.handbook.attendance().roll(meeting.id).await?;
    desk.screen.show(&roll, || page(desk.screen, words, &meeting, &roll, trail));
    Ok(())
}

fn count(words: Words, of: Counts) -> String {
    let counts = [
        (of.present, "có mặt", "present"),
        (of.excused, "vắng có lý do", "excused"),
        (of.absent, "vắng không lý do", "absent"),
        (of.claimed, "chờ xác nhận", "to be confirmed"),
        (of.unknown, "chưa điểm danh", "not marked yet"),
    ];
    let said: Vec<String> =
        counts.iter().map(|(count, vi, en)| format!("{count} {}", words.say(vi, en))).collect();
    format!("{} {}: {}", of.strength, words.say("đảng viên", "members"), said.join(", "))
}

fn page(screen: &Screen, words: Words, meeting: &MeetingLine, roll: &Roll, trail: bool) -> Vec<String> {
    let mut out = vec![screen.bold(&title(words, meeting)), count(words, roll.counts)];
    for (at, line) in roll.lines.iter().enumerate() {
        let office = line.office.map_or_else(String::new, |office| format!(" ({})", words.office(office)));
        let state = line
            .attendance
            .map_or(words.say("chưa điểm danh", "not marked yet"), |of| words.attendance(of));
        let mode = line.mode.map_or_else(String::new, |mode| format!(", {}", words.mode(mode)));
        let by = Some(words.known_by(line)).filter(|by| !by.is_empty());
        let by = by.map_or_else(String::new, |by| format!(", {by}"));
        let reason = line.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        out.push(format!(
            "{:>3}   {}{office}  {}",
            at + 1,
            screen.bold(&line.name),
            screen.dim(&short(line.member))
        ));
        out.push(format!("      {state}{mode}{reason}{by}"));
        if trail {
            out.extend(line.trail.iter().flat_map(|of| screen.wrapped(&mark_made(words, of), 8)));
        }
        if let Some(sync) = line.sync.as_ref().filter(|sync| !sync.is_applied()) {
            out.extend(screen.wrapped(&words.row_state(sync), 6));
        }
    }
    if roll.lines.iter().any(|line| line.awaits_secretary) {
        let hint = words.say(
            "Ai chờ bí thư quyết định thì điểm danh bằng tay: sotay mark.",
            "Who waits for the secretary is marked by hand: sotay mark.",
        );
        out.extend(screen.wrapped(hint, 0));
    }
    if !trail && roll.lines.iter().any(|line| line.trail.len() > 1) {
        let hint = words.say(
            "Có người đã được sửa điểm danh; xem các lần ghi: sotay roll --trail.",
            "Some marks were corrected; see all of them: sotay roll --trail.",
        );
        out.extend(screen.wrapped(hint, 0));
    }
    out
}

/// `19:41 3/12/2025, Lê Thị Hòa: vắng có lý do: Đi viện`.
fn mark_made(words: Words, of: &TrailLine) -> String {
    let (state, at) = (words.attendance(of.state), words.meeting_time(of.at));
    let by = of.by_name.clone().unwrap_or_else(|| short(of.by));
    let mode = of.mode.map_or_else(String::new, |mode| format!(", {}", words.mode(mode)));
    let scanned = if of.scanned { words.say(", quét thẻ", ", by the pass") } else { "" };
    let reason = of.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!("– {at}, {by}: {state}{mode}{scanned}{reason}")
}
