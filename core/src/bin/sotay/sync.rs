//! `enrol` and `sync`: the two commands that need a network.

use std::io::{IsTerminal, Write, stderr};

use futures_util::future::{Either, select};
use sotay_core::{
    enrolment::Enrolment,
    handbook::{EnrolOptions, HandbookError, Progress, Stage, SyncEnd, SyncStop},
    sync::status::SyncStatus,
    transport::Distrust,
    words::{Lang, Words},
};

use sotay_protocol::trust::spoken;

use crate::{Desk, Failure, Outcome, args::EnrolArgs, home, overview::cut_off};

pub(crate) async fn enrol(desk: &Desk<'_>, of: EnrolArgs) -> Outcome {
    let words = desk.words();
    let options = EnrolOptions { again: of.again, plain_http: of.plain_http };
    let begun = desk.handbook.enrolment_begun().await?;
    let wanted = match (of.server, of.code, of.birth, begun) {
        (Some(url), Some(code), Some(birth), _) => {
            let device_name = of.device_name.unwrap_or_else(|| words.say("Dòng lệnh", "Terminal").to_owned());
            let url = of.root.map_or(url.clone(), |root| format!("{url}#root={root}"));
            Enrolment { url, code, birth, device_name }
        }
        (None, None, None, Some(begun)) => begun,
        _ => {
            return Err(Failure::Said(
                words
                    .say(
                        "Cần đủ địa chỉ máy chủ, mã và ngày sinh: sotay enrol https://sotay.xa.vn ABCD-EFGH-JKMN --birth 03/02/1985",
                        "Server, code and date of birth are needed: sotay enrol https://sotay.xa.vn ABCD-EFGH-JKMN --birth 03/02/1985",
                    )
                    .to_owned(),
            ));
        }
    };
    let answer = desk.handbook.enrol(wanted, options).await.map_err(|error| match error {
        HandbookError::Offline if desk.handbook.distrust().is_some() => {
            Failure::Said(desk.handbook.distrust().map(|why| said_of(why, words)).unwrap_or_default())
        }
        HandbookError::Offline => Failure::Said(
            words
                .say(
                    "Chưa nối được với máy chủ; mã vẫn giữ, khi có mạng đồng chí gõ “sotay enrol” để làm tiếp",
                    "The server cannot be reached; the code is kept, type \"sotay enrol\" when there is a network",
                )
                .to_owned(),
        ),
        HandbookError::AlreadyEnrolled => Failure::Said(
            words
                .say(
                    "Sổ tay này đã ghi danh; chỉ khi máy chủ không còn biết máy này mới ghi danh lại, bằng cách gõ thêm --again",
                    "This handbook is enrolled already; only if the server does not know it any more, add --again",
                )
                .to_owned(),
        ),
        other => other.into(),
    })?;
    let sentence = match words.lang {
        Lang::Vi => {
            format!("Đã ghi danh máy này cho đồng chí {}. Tiếp theo: sotay sync.", answer.member_name)
        }
        Lang::En => format!("This device is enrolled for {}. Next: sotay sync.", answer.member_name),
    };
    let root = desk.handbook.trust().view().await?.root;
    let first_use = root.filter(|root| !root.compared).map(|root| {
        let print = words.say("Dấu vân tay", "Fingerprint");
        format!("{} {print}: {}.", crate::keys::first_use(words), spoken(&root.fingerprint))
    });
    desk.screen.show(&answer, || std::iter::once(sentence).chain(first_use).collect());
    Ok(())
}

pub(crate) async fn sync(desk: &Desk<'_>, metered: bool) -> Outcome {
    let words = desk.words();
    let _alone = home::sync_alone(&desk.folder)?;
    let live = stderr().is_terminal() && !desk.screen.json;
    let tell = move |progress: &Progress| {
        if live {
            let _ = write!(stderr(), "\r\u{1b}[K{}", stage(progress, words));
            let _ = stderr().flush();
        }
    };
    let (handle, run) = if metered { desk.handbook.sync(tell) } else { desk.handbook.sync_all(tell) };
    let stopped = Box::pin(tokio::signal::ctrl_c());
    let end = match select(run, stopped).await {
        Either::Left((end, _)) => end,
        Either::Right((_, run)) => {
            handle.cancel();
            run.await
        }
    };
    if live {
        let _ = write!(stderr(), "\r\u{1b}[K");
    }
    let end = end?;
    if end.stop == SyncStop::Wiped {
        return Err(Failure::Said(home::ending(&desk.folder, words).unwrap_or_default()));
    }
    let status = desk.handbook.status().await?;
    let sync = desk.handbook.sync_status().await?;
    let gone = matches!(end.stop, SyncStop::Done | SyncStop::EnrolAgain) && sync.attention.cut_off();
    let problem =
        if gone { Some(cut_off(&sync, words)) } else { problem(end.stop, words).map(str::to_owned) };
    let distrust = desk.handbook.distrust().filter(|_| end.stop == SyncStop::Offline);
    let problem = distrust.map(|why| said_of(why, words)).or(problem);
    let attention = status.counts.needs_attention;
    if problem.is_none() || desk.screen.json || end.rows + end.applied + end.files_up + end.files_down > 0 {
        let notes = notes(&sync, words);
        desk.screen.show(&end, || [summary(&end, attention, words), notes].concat());
    }
    match problem {
        None => Ok(()),
        Some(sentence) => Err(Failure::Said(sentence)),
    }
}

/// A wrong clock, an app that is too old: said also to those who type nothing but this.
fn notes(of: &SyncStatus, words: Words) -> Vec<String> {
    let notes = words.sync_notes(of).into_iter().skip(usize::from(of.attention.held > 0));
    notes.map(|note| format!("{note}.")).collect()
}

fn stage(of: &Progress, words: Words) -> String {
    match of.stage {
        Stage::Connecting => words.say("Đang nối với máy chủ…", "Connecting…").to_owned(),
        Stage::Exchanging => {
            let (rows, size) = (words.number(of.rows), words.size(of.bytes_down));
            match words.lang {
                Lang::Vi => format!("Đang cập nhật: gửi {}, nhận {rows} mục, {size}…", words.number(of.sent)),
                Lang::En => format!("Updating: {} sent, {rows} received, {size}…", words.number(of.sent)),
            }
        }
        Stage::Files => {
            let (at, of) = (words.size(of.file_at), words.size(of.file_of));
            match words.lang {
                Lang::Vi => format!("Đang chuyển tệp: {at} trên {of}…"),
                Lang::En => format!("Transferring a file: {at} of {of}…"),
            }
        }
        Stage::Verifying => {
            let text = words.say("Đang kiểm tra chữ ký", "Checking signatures");
            format!("{text}: {}…", words.number(of.verified))
        }
        Stage::Indexing => {
            let text = words.say("Đang chuẩn bị tìm kiếm", "Preparing search");
            format!("{text}: {}…", words.number(of.indexed))
        }
    }
}

fn summary(end: &SyncEnd, attention: usize, words: Words) -> Vec<String> {
    let counts = [
        (end.applied, "được nhận", "accepted"),
        (end.held, "đang chờ mục khác", "waiting for others"),
        (end.refused + end.conflicted + end.parked, "chưa được nhận", "not accepted"),
    ];
    let said: Vec<String> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, vi, en)| format!("{} {}", words.number(*count), words.say(vi, en)))
        .collect();
    let sent = if said.is_empty() {
        String::new()
    } else {
        format!("{}: {}. ", words.say("Đã gửi", "Sent"), said.join(", "))
    };
    let received = match end.rows {
        0 => words.say("Không có gì mới", "Nothing new").to_owned(),
        rows => match words.lang {
            Lang::Vi => format!("Đã nhận {} mục", words.number(rows)),
            Lang::En if rows == 1 => "Received 1 item".into(),
            Lang::En => format!("Received {} items", words.number(rows)),
        },
    };
    let mut lines = vec![format!("{sent}{received} ({}).", both_ways(end, words))];
    for (count, bytes, vi, en) in [
        (end.files_up, end.file_bytes_up, "Đã gửi tệp", "Files sent"),
        (end.files_down, end.file_bytes_down, "Đã nhận tệp", "Files received"),
    ] {
        if count > 0 {
            lines.push(format!("{}: {} ({}).", words.say(vi, en), words.number(count), words.size(bytes)));
        }
    }
    if attention > 0 {
        lines.push(match words.lang {
            Lang::Vi => format!("{attention} việc cần đồng chí xem lại: sotay attention."),
            Lang::En => format!("{attention} need your attention: sotay attention."),
        });
    }
    lines
}

/// What went over the network, files among it: `↓ 3,2 MB, ↑ 2 kB`.
fn both_ways(end: &SyncEnd, words: Words) -> String {
    format!("↓ {}, ↑ {}", words.size(end.bytes_down), words.size(end.bytes_up))
}

/// Somebody was there, and is not believed.
fn said_of(why: Distrust, words: Words) -> String {
    let (vi, en) = why.sentence();
    words.say(vi, en).to_owned()
}

fn problem(stop: SyncStop, words: Words) -> Option<&'static str> {
    Some(match stop {
        SyncStop::Done => return None,
        SyncStop::Offline => words.say(
            "Chưa nối được với máy chủ; việc đã ghi vẫn giữ, khi có mạng đồng chí gõ lại: sotay sync",
            "The server cannot be reached; what you wrote is kept, type again when there is a network: sotay sync",
        ),
        SyncStop::Cut => words.say(
            "Mạng bị ngắt giữa chừng; những gì đã nhận vẫn giữ, gõ lại để làm tiếp: sotay sync",
            "The connection broke; what came is kept, type again to go on: sotay sync",
        ),
        SyncStop::Cancelled => words.say(
            "Đã dừng; những gì đã nhận vẫn giữ, gõ lại để làm tiếp: sotay sync",
            "Stopped; what came is kept, type again to go on: sotay sync",
        ),
        SyncStop::EnrolAgain => words.say(
            "Máy chủ không còn biết máy này; mời đồng chí xin mã mới rồi gõ: sotay enrol MÁY_CHỦ MÃ --birth NGÀY_SINH --again; mọi thứ vẫn giữ",
            "The server does not know this device any more; ask for a new code and type: sotay enrol SERVER CODE --birth DATE --again; everything is kept",
        ),
        SyncStop::ServerFault => words.say(
            "Máy chủ đang trục trặc; việc đã ghi vẫn giữ, lát nữa đồng chí gõ lại: sotay sync",
            "The server has a fault; what you wrote is kept, type again later: sotay sync",
        ),
        SyncStop::NotUnderstood => words.say(
            "Không hiểu lời máy chủ; có thể cần cập nhật ứng dụng, vẫn đọc được và việc đã ghi vẫn giữ",
            "The server was not understood; an update may be needed, reading works and what you wrote is kept",
        ),
        SyncStop::Wiped => words.say("Máy này đã được xóa theo lệnh", "This device was wiped by order"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_ends_in_one_sentence() {
        let words = crate::now_in(Lang::Vi);
        let end = SyncEnd {
            stop: SyncStop::Done,
            exchanges: 1,
            rows: 1_234,
            bytes_up: 2_000,
            bytes_down: 3_247_000,
            sent: 3,
            applied: 2,
            refused: 1,
            conflicted: 0,
            held: 0,
            parked: 0,
            indexed: 40,
            files_up: 1,
            files_down: 0,
            file_bytes_up: 1_500_000,
            file_bytes_down: 0,
        };
        assert_eq!(
            summary(&end, 1, words),
            [
                "Đã gửi: 2 được nhận, 1 chưa được nhận. Đã nhận 1.234 mục (↓ 3,2 MB, ↑ 2 kB).",
                "Đã gửi tệp: 1 (1,5 MB).",
                "1 việc cần đồng chí xem lại: sotay attention."
            ]
        );
        let nothing = SyncEnd {
            rows: 0,
            sent: 0,
            applied: 0,
            refused: 0,
            bytes_down: 0,
            bytes_up: 700,
            files_up: 0,
            ..end
        };
        assert_eq!(summary(&nothing, 0, words), ["Không có gì mới (↓ 0 kB, ↑ 1 kB)."]);
    }
}
