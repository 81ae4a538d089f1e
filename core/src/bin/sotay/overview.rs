//! `status`, `me`, `cell`.

use sotay_core::{
    handbook::Status,
    sync::status::{SyncStatus, Unsent},
    words::{Lang, Words},
};

use crate::{Desk, Outcome, screen::short};

pub(crate) async fn status(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let status = desk.handbook.status().await?;
    let sync = desk.handbook.sync_status().await?;
    let begun = desk.handbook.enrolment_begun().await?.is_some();
    let told = Told { status: &status, sync: &sync };
    desk.screen.show(&told, || {
        let Some(of) = &status.enrolled else {
            let text = if begun {
                words.say(
                    "Đang ghi danh dở; khi có mạng đồng chí gõ: sotay enrol.",
                    "Enrolment was begun; when there is a network, type: sotay enrol.",
                )
            } else {
                words.say(
                    "Máy này chưa ghi danh; xem: sotay enrol --help.",
                    "Not enrolled; see: sotay enrol --help.",
                )
            };
            return vec![text.to_owned()];
        };
        let who = match words.lang {
            Lang::Vi => format!("Sổ tay của đồng chí {}, máy chủ {}", of.member_name, of.server_url),
            Lang::En => format!("Handbook of {}, server {}", of.member_name, of.server_url),
        };
        let mut out = vec![desk.screen.bold(&who)];
        if sync.attention.cut_off() {
            out.extend(desk.screen.wrapped(&cut_off(&sync, words), 0));
        }
        out.push(format!("{}.", words.last_sync(of.last_sync)));
        if !sync.attention.cut_off() && sync.unsent.files > 0 {
            // The deeds are among the counts.
            out.push(format!("{}.", words.unsent(&Unsent { deeds: 0, ..sync.unsent })));
        }
        out.extend(counts(words, &status, &sync));
        let notes = words.sync_notes(&sync);
        // Those held are among the counts.
        out.extend(notes.iter().skip(usize::from(sync.attention.held > 0)).map(|note| format!("{note}.")));
        out
    });
    Ok(())
}

/// The whole of it, for a program.
#[derive(serde::Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    status: &'a Status,
    sync: &'a SyncStatus,
}

/// This device can send nothing any more: why, what is not at the server, and the way back.
pub(crate) fn cut_off(of: &SyncStatus, words: Words) -> String {
    let way = words.say(
        "Khi có mã, gõ: sotay enrol MÁY_CHỦ MÃ --birth NGÀY_SINH --again.",
        "With the code, type: sotay enrol SERVER CODE --birth DATE --again.",
    );
    format!("{}. {way}", words.sync_status(of))
}

fn counts(words: Words, status: &Status, sync: &SyncStatus) -> Vec<String> {
    let number = |count: usize| words.number(count as u64);
    let mut of = status.counts;
    let mut out = Vec::new();
    if sync.attention.cut_off() {
        // Why these do not go stands above.
        (of.pending, of.held) = (0, 0);
    } else if of.pending + of.held + of.needs_attention == 0 && sync.unsent.is_all_sent() {
        out.push(words.say("Mọi việc đã ghi đều đã gửi.", "All that was written has been sent.").to_owned());
    }
    for (count, vi, en) in [
        (of.pending, "việc chờ gửi: sotay sync", "to be sent: sotay sync"),
        (of.held, "việc chờ mục khác được nhận", "waiting for something else to be accepted"),
        (
            of.needs_attention,
            "việc cần đồng chí xem lại: sotay attention",
            "need your attention: sotay attention",
        ),
    ] {
        if count > 0 {
            out.push(format!("{} {}.", number(count), words.say(vi, en)));
        }
    }
    for (count, vi, en) in [
        (status.unread_directives, "văn bản chưa đọc", "unread documents"),
        (
            status.quarantined,
            "văn bản bị tách riêng, không tin được: sotay directives --quarantine",
            "documents kept apart, not to be believed: sotay directives --quarantine",
        ),
        (status.not_indexed, "văn bản chưa tìm kiếm được", "documents not searchable yet"),
        (
            status.not_understood,
            "mục của phiên bản mới hơn, cần cập nhật ứng dụng để xem",
            "items of a newer version, to be seen after an update",
        ),
    ] {
        if count > 0 {
            out.push(format!("{} {}.", words.number(count), words.say(vi, en)));
        }
    }
    out
}

pub(crate) async fn me(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let me = desk.handbook.members().me().await?;
    desk.screen.show(&me, || {
        let mut out = vec![desk.screen.bold(&me.name)];
        let mut line =
            |vi: &str, en: &str, value: String| out.push(format!("{}: {value}", words.say(vi, en)));
        if let Some(profile) = &me.profile {
            line("Ngày sinh", "Born", words.full_date(profile.birth));
            line("Giới tính", "Gender", words.gender(profile.gender).to_owned());
            line("Ngày vào Đảng", "Joined", words.full_date(profile.joined));
            if let Some(official) = profile.official {
                line("Ngày chính thức", "Full member since", words.full_date(official));
            }
            if let Some(card) = &profile.card {
                line("Số thẻ đảng", "Card number", card.clone());
            }
            if let Some(phone) = &profile.phone {
                line("Số điện thoại", "Telephone", phone.clone());
            }
        }
        for cell in &me.cells {
            line("Chi bộ", "Cell", cell.name.clone());
        }
        for office in &me.offices {
            line(
                "Chức vụ",
                "Office",
                format!("{}, {}", words.office(office.office), office.organisation_name),
            );
        }
        out
    });
    Ok(())
}

pub(crate) async fn cell(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let members = desk.handbook.members();
    let mut cells = Vec::new();
    for cell in members.me().await?.cells {
        let colleagues = members.roster(cell.id).await?;
        cells.push((cell, colleagues));
    }
    let json: Vec<_> = cells
        .iter()
        .map(|(cell, colleagues)| serde_json::json!({ "id": cell.id, "name": cell.name, "members": colleagues }))
        .collect();
    desk.screen.show(&json, || {
        let mut out = Vec::new();
        for (cell, colleagues) in &cells {
            let count = words.number(colleagues.len() as u64);
            out.push(desk.screen.bold(&format!(
                "{}, {count} {}",
                cell.name,
                words.say("đảng viên", "members")
            )));
            for (at, one) in colleagues.iter().enumerate() {
                let office =
                    one.office.map_or_else(String::new, |office| format!(", {}", words.office(office)));
                let state = words.member_state(one.state);
                out.push(format!(
                    "{:>3}   {}, {state}{office}  {}",
                    at + 1,
                    one.name,
                    desk.screen.dim(&short(one.id))
                ));
            }
        }
        out
    });
    Ok(())
}
