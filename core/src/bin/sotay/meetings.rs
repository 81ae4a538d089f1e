//! `meetings` and `report`.

use chrono::{NaiveDate, NaiveTime};
use serde_json::json;
use sotay_core::{
    handbook::HandbookError,
    meetings::{MeetingChange, MeetingLine, NewMeeting, ReportView},
    screens::meetings::{MeetingRow, MeetingScreen, groups, meeting, next},
    search::fold::fold,
    words::{Lang, Words},
};
use sotay_protocol::{
    id::Id,
    meetings::{Form, MeetingState},
    refusal::Refusal,
};

use crate::{
    Desk, Failure, Outcome,
    args::{ChangeArgs, MeetingDeed},
    attendance, older,
    pick::{Named, pick},
    screen::{Screen, short},
};

pub(crate) async fn run(desk: &Desk<'_>, deed: MeetingDeed) -> Outcome {
    match deed {
        MeetingDeed::List => list(desk).await,
        MeetingDeed::Older { page } => older::meetings(desk, page).await,
        MeetingDeed::Show { meeting } => show(desk, meeting.as_deref()).await,
        MeetingDeed::New { at, place, title, thematic, link, agenda } => {
            let starts_at = moment(desk.words(), at);
            let form = if thematic { Form::Thematic } else { Form::Regular };
            create(desk, NewMeeting { cell: None, title, form, starts_at, place, link, agenda }).await
        }
        MeetingDeed::Edit { meeting, change } => edit(desk, &meeting, change).await,
        MeetingDeed::Cancel { meeting } => cancel(desk, &meeting).await,
        MeetingDeed::Open { meeting } => attendance::open(desk, meeting.as_deref()).await,
        MeetingDeed::Close { meeting } => attendance::close(desk, meeting.as_deref()).await,
    }
}

fn moment(words: Words, (date, time): (NaiveDate, NaiveTime)) -> sotay_protocol::env::Timestamp {
    words.moment_of(date, time)
}

pub(crate) fn change(words: Words, of: ChangeArgs) -> MeetingChange {
    MeetingChange {
        title: of.title,
        form: None,
        starts_at: of.at.map(|at| moment(words, at)),
        place: of.place,
        link: of.link,
        agenda: (!of.agenda.is_empty()).then_some(of.agenda),
    }
}

/// The meeting that is meant, to look at: where none is named and none is ahead, the last one.
pub(crate) async fn chosen_to_see(desk: &Desk<'_>, typed: Option<&str>) -> Result<MeetingLine, Failure> {
    let last = desk.handbook.meetings().list().await?.into_iter().next();
    match last.filter(|last| typed.is_none() && !last.upcoming) {
        Some(last) => Ok(last),
        None => chosen(desk, typed).await,
    }
}

/// The meeting that is meant; where none is named, the open one, else the next.
pub(crate) async fn chosen(desk: &Desk<'_>, typed: Option<&str>) -> Result<MeetingLine, Failure> {
    let lines = desk.handbook.meetings().list().await?;
    let id = match typed {
        Some(typed) => {
            let named = |line: &MeetingLine| Named { id: line.id, name: line.title.clone() };
            let rows: Vec<Named> = lines.iter().map(named).collect();
            Some(pick(typed, &rows, desk.words())?)
        }
        None => next(&lines).map(|line| line.id),
    };
    let line = lines.into_iter().find(|line| Some(line.id) == id);
    line.ok_or_else(|| {
        let text = desk.words().say(
            "Máy chưa có cuộc họp nào sắp tới; có mạng thì gõ “sotay sync”, hoặc xem “sotay meetings list” rồi gõ số của cuộc họp",
            "No meeting ahead on this device; type \"sotay sync\" when there is a network, or a number of \"sotay meetings list\"",
        );
        Failure::Said(text.to_owned())
    })
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let lines = desk.handbook.meetings().list().await?;
    desk.screen.show(&lines, || {
        if lines.is_empty() {
            return vec![words.say("Chưa có cuộc họp nào.", "No meetings yet.").to_owned()];
        }
        let (mut out, mut number) = (Vec::new(), 0);
        for group in groups(lines.clone(), &words) {
            out.push(desk.screen.bold(&group.title));
            for of in &group.rows {
                number += 1;
                out.extend(row(desk.screen, words, number, of));
            }
        }
        out
    });
    Ok(())
}

/// ` (còn 3 ngày)`, where it has not begun.
fn ahead(of: &MeetingRow) -> String {
    of.ahead.as_ref().map_or_else(String::new, |left| format!(" ({left})"))
}

fn row(screen: &Screen, words: Words, number: usize, of: &MeetingRow) -> Vec<String> {
    let (line, time, ahead) = (&of.line, &of.time, ahead(of));
    let mut out = vec![
        format!("{number:>3}   {}  {}", screen.bold(&line.title), screen.dim(&short(line.id))),
        format!("      {time}{ahead}, {}", line.place),
    ];
    let mine = of.mine.as_ref().map(|mine| format!("; {}: {mine}", words.say("tôi", "me")));
    out.push(format!("      {}{}", of.state, mine.unwrap_or_default()));
    out.extend(of.sync.iter().flat_map(|sync| screen.wrapped(sync, 6)));
    out
}

async fn show(desk: &Desk<'_>, typed: Option<&str>) -> Outcome {
    let words = desk.words();
    let id = chosen_to_see(desk, typed).await?.id;
    let view = desk.handbook.meetings().show(id).await?;
    desk.screen.show(&view, || page(desk.screen, words, &meeting(view.clone(), &words)));
    Ok(())
}

fn page(screen: &Screen, words: Words, view: &MeetingScreen) -> Vec<String> {
    let (line, ahead) = (&view.row.line, ahead(&view.row));
    let label = |vi, en| words.say(vi, en);
    let mut out = vec![
        screen.bold(&line.title),
        format!("{}: {}{ahead}", label("Lúc", "When"), view.row.time),
        format!("{}: {}", label("Nơi họp", "Where"), line.place),
    ];
    if let Some(link) = &view.link {
        out.push(format!("{}: {link}", label("Trực tuyến", "Online")));
    }
    out.push(format!("{}: {}", label("Trạng thái", "State"), view.row.state));
    if !view.agenda.is_empty() {
        out.push(format!("{}:", label("Nội dung", "Agenda")));
        for (at, item) in view.agenda.iter().enumerate() {
            out.extend(screen.wrapped(&format!("{}. {item}", at + 1), 2));
        }
    }
    out.push(format!("{}: {}", label("Điểm danh của tôi", "My attendance"), view.mine));
    out.extend(view.row.sync.iter().flat_map(|sync| screen.wrapped(sync, 0)));
    out
}

async fn create(desk: &Desk<'_>, new: NewMeeting) -> Outcome {
    let words = desk.words();
    let (starts_at, place) = (new.starts_at, new.place.clone());
    let id = desk.handbook.meetings().create(new).await.map_err(|error| match error {
        HandbookError::Refused(Refusal::Empty) => Failure::Said(
            words
                .say(
                    "Chưa lên lịch: tên, nơi họp và từng nội dung không được để trống",
                    "Not planned: title, place and each agenda item need words",
                )
                .to_owned(),
        ),
        other => leaders_only(other, words),
    })?;
    let late = if starts_at <= words.now {
        words.say(
            " Giờ này đã qua; nếu gõ nhầm thì sửa: sotay meetings edit.",
            " That time has passed; if it was mistyped: sotay meetings edit.",
        )
    } else {
        ""
    };
    let when = words.meeting_time(starts_at);
    let saved = words.row_state(&sotay_core::outbox::RowState::Pending);
    let sentence = match words.lang {
        Lang::Vi => format!("Đã lên lịch cuộc họp lúc {when}, {place} ({}). {saved}.{late}", short(id)),
        Lang::En => format!("Meeting planned: {when}, {place} ({}). {saved}.{late}", short(id)),
    };
    desk.screen.done(&json!({ "id": id }), sentence);
    Ok(())
}

/// "Not allowed" in the words of this feature.
pub(crate) fn leaders_only(error: HandbookError, words: Words) -> Failure {
    match error {
        HandbookError::Refused(Refusal::NotAllowed) => Failure::Said(
            words
                .say(
                    "Chưa làm được: đây là việc của bí thư, phó bí thư chi bộ; mời đồng chí nhờ bí thư làm",
                    "Not done: this is for the secretary or deputy of the cell; please ask them",
                )
                .to_owned(),
        ),
        other => other.into(),
    }
}

async fn edit(desk: &Desk<'_>, typed: &str, of: ChangeArgs) -> Outcome {
    let words = desk.words();
    let id = chosen(desk, Some(typed)).await?.id;
    let edited = desk.handbook.meetings().edit(id, change(words, of)).await;
    edited.map_err(|error| leaders_only(error, words))?;
    changed(desk, id, words.say("Đã sửa cuộc họp", "The meeting is changed"));
    Ok(())
}

async fn cancel(desk: &Desk<'_>, typed: &str) -> Outcome {
    let words = desk.words();
    let id = chosen(desk, Some(typed)).await?.id;
    desk.handbook.meetings().cancel(id).await.map_err(|error| leaders_only(error, words))?;
    changed(desk, id, words.say("Đã hủy cuộc họp", "The meeting is cancelled"));
    Ok(())
}

fn changed(desk: &Desk<'_>, id: Id, what: &str) {
    let saved = desk.words().row_state(&sotay_core::outbox::RowState::Pending);
    desk.screen.done(&json!({ "id": id }), format!("{what}. {saved}."));
}

pub(crate) async fn report(desk: &Desk<'_>, only: Option<NaiveDate>, cell: Option<&str>) -> Outcome {
    let words = desk.words();
    let mut reports = desk.handbook.meetings().reports().await?;
    let month = |report: &ReportView| words.month(words.date_of(report.counts.starts_at));
    if let Some(only) = only {
        reports.retain(|report| month(report) == words.month(only));
    }
    if let Some(cell) = cell.map(fold) {
        reports.retain(|report| fold(&report.counts.cell_name).contains(&cell));
    }
    desk.screen.show(&reports, || {
        if reports.is_empty() && (only.is_some() || cell.is_some()) {
            let text = words.say(
                "Không có cuộc họp nào như vậy; xem cả báo cáo: sotay report.",
                "There is no such meeting; see the whole report: sotay report.",
            );
            return vec![text.to_owned()];
        }
        if reports.is_empty() {
            let text = words.say(
                "Chưa có cuộc họp nào trong báo cáo. Báo cáo dành cho cấp ủy và cấp ủy chi bộ.",
                "No meeting to report on. Reports are for committees and officers of a cell.",
            );
            return vec![text.to_owned()];
        }
        let mut out = Vec::new();
        for of in reports.chunk_by(|one, other| month(one) == month(other)) {
            out.extend(of.first().map(|first| report_head(desk.screen, words, &month(first), of)));
            out.extend(of.iter().flat_map(|report| report_row(desk.screen, words, report)));
        }
        out
    });
    Ok(())
}

/// `Tháng 12/2025: 43 cuộc họp, 40 đã điểm danh`.
pub(crate) fn report_head(screen: &Screen, words: Words, month: &str, of: &[ReportView]) -> String {
    let met = of.iter().filter(|report| was_opened(report)).count();
    let (all, met) = (words.number(of.len() as u64), words.number(met as u64));
    screen.bold(&match words.lang {
        Lang::Vi => format!("{month}: {all} cuộc họp, {met} đã điểm danh"),
        Lang::En => format!("{month}: {all} meetings, {met} with check-in"),
    })
}

fn was_opened(report: &ReportView) -> bool {
    matches!(report.counts.state, MeetingState::Open | MeetingState::Closed)
}

pub(crate) fn report_row(screen: &Screen, words: Words, report: &ReportView) -> Vec<String> {
    let of = &report.counts;
    let head = format!(
        "  {}  {}, {}",
        screen.bold(&of.cell_name),
        words.meeting_time(of.starts_at),
        words.meeting_state(of.state, of.starts_at)
    );
    if !was_opened(report) && report.unknown == of.strength {
        return vec![head];
    }
    let counts = [
        (of.present, "có mặt", "present"),
        (of.excused, "vắng có lý do", "excused"),
        (of.absent, "vắng không lý do", "absent"),
        (of.claimed, "chờ xác nhận", "to be confirmed"),
        (report.unknown, "chưa rõ", "not known"),
    ];
    let said: Vec<String> = counts
        .iter()
        .enumerate()
        .filter(|(at, (count, ..))| *at == 0 || *count > 0)
        .map(|(at, (count, vi, en))| match of.strength {
            strength if at == 0 && strength > 0 => {
                format!("{count} {} ({}%)", words.say(vi, en), count.saturating_mul(100) / strength)
            }
            _ => format!("{count} {}", words.say(vi, en)),
        })
        .collect();
    let strength = words.say("đảng viên", "members");
    vec![head, format!("    {} {strength}: {}", of.strength, said.join(", "))]
}
