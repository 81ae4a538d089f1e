//! `desk older`, `desk older-reports`, `meetings older`: what is too old to be on this device, asked of the server.

use std::cmp::Reverse;

use sotay_core::{
    feedback::CaseView,
    handbook::HandbookError,
    meetings::{OlderMeeting, ReportView},
    words::{Lang, Words},
};
use sotay_protocol::id::Id;

use crate::{
    Desk, Failure, Outcome,
    feedback::turns,
    meetings::{report_head, report_row},
    screen::Screen,
};

/// The page that was asked for, of every desk or cell of this person.
struct Found<T> {
    rows: Vec<T>,
    not_understood: u32,
    more: bool,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), not_understood: 0, more: false }
    }
}

/// Rows, how many are of a newer kind, and where the next page begins.
type Page<T> = (Vec<T>, u32, Option<String>);

impl<T> Found<T> {
    /// Turns pages, from the newest on, as far as the one with this number, from 1.
    async fn turn(
        &mut self,
        page: u32,
        mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, HandbookError>,
    ) -> Result<(), Failure> {
        let (mut before, mut left) = (None, page.max(1));
        loop {
            let (rows, not_understood, next) = ask(before).await?;
            left -= 1;
            if left == 0 {
                self.rows.extend(rows);
                self.not_understood += not_understood;
                self.more |= next.is_some();
                return Ok(());
            }
            match next {
                Some(next) => before = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// What stands under the rows.
    fn end(&self, words: Words, nothing: &str, command: &str, page: u32) -> Vec<String> {
        let mut out = Vec::new();
        if self.rows.is_empty() {
            out.push(match words.lang {
                _ if page <= 1 => nothing.to_owned(),
                Lang::Vi => format!("Không có trang {page}."),
                Lang::En => format!("There is no page {page}."),
            });
        }
        let newer = self.not_understood;
        if newer > 0 {
            out.push(match words.lang {
                Lang::Vi => format!("{newer} mục cần ứng dụng mới hơn mới xem được."),
                Lang::En => format!("{newer} of them want a newer app."),
            });
        }
        if self.more {
            let next = page.max(1) + 1;
            out.push(match words.lang {
                Lang::Vi => format!("Còn nữa: sotay {command} {next}"),
                Lang::En => format!("There is more: sotay {command} {next}"),
            });
        }
        out
    }
}

pub(crate) async fn cases(desk: &Desk<'_>, page: u32) -> Outcome {
    let words = desk.words();
    let mut found: Found<CaseView> = Found::default();
    for of in desks(desk).await? {
        let ask = async |before| {
            let page = desk.handbook.feedback().older(of, before).await?;
            Ok((page.cases, page.not_understood, page.next))
        };
        found.turn(page, ask).await?;
    }
    desk.screen.show(&found.rows, || {
        let mut out: Vec<String> =
            found.rows.iter().flat_map(|case| case_rows(desk.screen, words, case)).collect();
        let nothing = words.say("Kho lưu trữ không có phản ánh nào.", "The archive has no feedback.");
        out.extend(found.end(words, nothing, "desk older", page));
        out
    });
    Ok(())
}

fn case_rows(screen: &Screen, words: Words, case: &CaseView) -> Vec<String> {
    let line = &case.line;
    let from = format!("  {}, {}; {}", line.member_name, line.cell_name, words.ago(line.since));
    let mut out = vec![screen.bold(&line.topic), from];
    out.extend(turns(
        screen,
        words,
        (&case.messages, &case.letters),
        &[],
        (&line.desk_name, &line.member_name),
    ));
    out.push(String::new());
    out
}

/// The desks that this person serves.
async fn desks(desk: &Desk<'_>) -> Result<Vec<Id>, Failure> {
    let offices = desk.handbook.members().me().await?.offices;
    let mut desks: Vec<Id> = offices.iter().map(|office| office.organisation).collect();
    desks.sort();
    desks.dedup();
    if desks.is_empty() {
        let text = desk
            .words()
            .say("Bàn việc dành cho cán bộ của cấp ủy.", "The desk is for officers of a committee.");
        return Err(Failure::Said(text.to_owned()));
    }
    Ok(desks)
}

pub(crate) async fn reports(desk: &Desk<'_>, page: u32) -> Outcome {
    let words = desk.words();
    let mut found: Found<ReportView> = Found::default();
    for of in desks(desk).await? {
        let ask = async |before| {
            let page = desk.handbook.meetings().older_reports(of, before).await?;
            Ok((page.reports, page.not_understood, page.next))
        };
        found.turn(page, ask).await?;
    }
    // Each desk's page goes by the meetings; a month of several desks stands together.
    found.rows.sort_by_key(|report| Reverse(report.counts.starts_at));
    let month = |report: &ReportView| words.month(words.date_of(report.counts.starts_at));
    desk.screen.show(&found.rows, || {
        let mut out = Vec::new();
        for of in found.rows.chunk_by(|one, other| month(one) == month(other)) {
            out.extend(of.first().map(|first| report_head(desk.screen, words, &month(first), of)));
            out.extend(of.iter().flat_map(|report| report_row(desk.screen, words, report)));
        }
        let nothing = words.say("Kho lưu trữ không có báo cáo nào.", "The archive has no report.");
        out.extend(found.end(words, nothing, "desk older-reports", page));
        out
    });
    Ok(())
}

pub(crate) async fn meetings(desk: &Desk<'_>, page: u32) -> Outcome {
    let words = desk.words();
    let mut found: Found<OlderMeeting> = Found::default();
    for cell in desk.handbook.members().me().await?.cells {
        let ask = async |before| {
            let page = desk.handbook.meetings().older(cell.id, before).await?;
            Ok((page.meetings, page.not_understood, page.next))
        };
        found.turn(page, ask).await?;
    }
    desk.screen.show(&found.rows, || {
        let mut out: Vec<String> =
            found.rows.iter().flat_map(|of| meeting_rows(desk.screen, words, of)).collect();
        let nothing = words.say("Kho lưu trữ không có cuộc họp nào.", "The archive has no meeting.");
        out.extend(found.end(words, nothing, "meetings older", page));
        out
    });
    Ok(())
}

fn meeting_rows(screen: &Screen, words: Words, of: &OlderMeeting) -> Vec<String> {
    let (when, mine) = (words.meeting_time(of.line.starts_at), words.mine(of.line.mine));
    let (present, excused, absent) = (of.present, of.excused, of.absent);
    vec![
        screen.bold(&of.line.title),
        format!("  {when}, {}; {mine}", of.line.place),
        match words.lang {
            Lang::Vi => {
                format!("  Có mặt {present}, vắng có lý do {excused}, vắng không lý do {absent}")
            }
            Lang::En => format!("  {present} present, {excused} excused, {absent} absent"),
        },
    ]
}
