//! `desk older`, `meetings older`: what is too old to be on this device, asked of the server.

use sotay_core::{
    feedback::CaseView,
    meetings::{OlderMeeting, OlderMeetings},
    words::{Lang, Words},
};
use sotay_protocol::id::Id;

use crate::{Desk, Failure, Outcome, feedback::turns};

/// Pages of each desk, one after another, as far as the one that is asked for.
pub(crate) async fn cases(desk: &Desk<'_>, page: u32) -> Outcome {
    let words = desk.words();
    let mut found: Vec<CaseView> = Vec::new();
    let (mut not_understood, mut more) = (0, false);
    for of in desks(desk).await? {
        let (mut before, mut left) = (None, page.max(1));
        loop {
            let one = desk.handbook.feedback().older(of, before).await?;
            left -= 1;
            if left == 0 {
                found.extend(one.cases);
                not_understood += one.not_understood;
                more |= one.next.is_some();
                break;
            }
            match one.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
    }
    desk.screen.show(&found, || {
        let mut out = Vec::new();
        for case in &found {
            let line = &case.line;
            out.push(desk.screen.bold(&line.topic));
            out.push(format!("  {}, {}; {}", line.member_name, line.cell_name, words.ago(line.since)));
            out.extend(turns(desk.screen, words, &case.messages, &line.desk_name, &line.member_name));
            out.push(String::new());
        }
        let nothing = words.say("Kho lưu trữ không có phản ánh nào.", "The archive has no feedback.");
        out.extend(end(words, found.is_empty(), nothing, not_understood, more, ("desk", page)));
        out
    });
    Ok(())
}

/// The desks that this person serves.
async fn desks(desk: &Desk<'_>) -> Result<Vec<Id>, Failure> {
    let mut offices: Vec<Id> =
        desk.handbook.members().me().await?.offices.iter().map(|office| office.organisation).collect();
    offices.sort();
    offices.dedup();
    if offices.is_empty() {
        let text = desk
            .words()
            .say("Bàn việc dành cho cán bộ của cấp ủy.", "The desk is for officers of a committee.");
        return Err(Failure::Said(text.to_owned()));
    }
    Ok(offices)
}

pub(crate) async fn meetings(desk: &Desk<'_>, page: u32) -> Outcome {
    let words = desk.words();
    let mut found: Vec<OlderMeeting> = Vec::new();
    let (mut not_understood, mut more) = (0, false);
    for cell in desk.handbook.members().me().await?.cells {
        let (mut before, mut left) = (None, page.max(1));
        loop {
            let one: OlderMeetings = desk.handbook.meetings().older(cell.id, before).await?;
            left -= 1;
            if left == 0 {
                found.extend(one.meetings);
                not_understood += one.not_understood;
                more |= one.next.is_some();
                break;
            }
            match one.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
    }
    desk.screen.show(&found, || {
        let mut out: Vec<String> = Vec::new();
        for of in &found {
            out.push(desk.screen.bold(&of.line.title));
            out.push(format!(
                "  {}, {}; {}",
                words.meeting_time(of.line.starts_at),
                of.line.place,
                words.mine(of.line.mine)
            ));
            out.push(match words.lang {
                Lang::Vi => format!(
                    "  Có mặt {}, vắng có lý do {}, vắng không lý do {}",
                    of.present, of.excused, of.absent
                ),
                Lang::En => {
                    format!("  {} present, {} excused, {} absent", of.present, of.excused, of.absent)
                }
            });
        }
        let nothing = words.say("Kho lưu trữ không có cuộc họp nào.", "The archive has no meeting.");
        out.extend(end(words, found.is_empty(), nothing, not_understood, more, ("meetings", page)));
        out
    });
    Ok(())
}

/// What stands under a page.
fn end(
    words: Words,
    empty: bool,
    nothing: &str,
    not_understood: u32,
    more: bool,
    (command, page): (&str, u32),
) -> Vec<String> {
    let mut out = Vec::new();
    if empty {
        out.push(nothing.to_owned());
    }
    if not_understood > 0 {
        out.push(match words.lang {
            Lang::Vi => format!("{not_understood} mục cần ứng dụng mới hơn mới xem được."),
            Lang::En => format!("{not_understood} of them want a newer app."),
        });
    }
    if more {
        let next = page.max(1) + 1;
        out.push(match words.lang {
            Lang::Vi => format!("Còn nữa: sotay {command} older {next}"),
            Lang::En => format!("There is more: sotay {command} older {next}"),
        });
    }
    out
}
