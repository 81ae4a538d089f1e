//! With the network back: everyone syncs, the committee sees counts, an answer comes.

use std::fs;

use sotay_tests::sample::{
    photo,
    story::{CELL, CUC, HOA, LAN, MINH, TU},
};

use super::{
    Story,
    before::{MEETING, THE_MEETING},
    offline::{BIN, LAMP, PHOTO, REASON, THE_BIN},
};
use crate::{
    facts::{counts, holds, rows, text},
    person::Person,
    telling::{chapter, tell},
    trouble::Trouble,
};

const ANSWER: &str = "Cảm ơn đồng chí. Đảng ủy đã giao công chức địa chính cùng chi bộ chọn chỗ khác, \
    cách nguồn nước ít nhất 50 mét, xong trước thứ Bảy.";

pub(super) fn play(story: &mut Story<'_>) -> Result<(), Trouble> {
    sync_all(story)?;
    confirm(story)?;
    report(story)?;
    answer(story)?;
    read_answer(story)
}

fn sync_all(story: &mut Story<'_>) -> Result<(), Trouble> {
    chapter(8, "Máy chủ chạy lại ở địa chỉ cũ; mọi người cập nhật, Hòa sau cùng");
    story.office.opens()?;
    tell("");
    for person in [&story.lan, &story.minh, &story.mai] {
        person.types(&["sync"])?;
    }
    let mine = story.lan.asks(&["meetings", "show", THE_MEETING])?;
    let waits = "Chưa có sổ của Hòa, điểm danh của Lan vẫn là “chờ xác nhận”";
    let claim = mine.get("mine").map(|of| text(of, "claim"));
    holds(claim == Some("recorded"), waits, &mine)?;
    story.hoa.types(&["sync"]).map(drop)
}

fn confirm(story: &Story<'_>) -> Result<(), Trouble> {
    tell("\nMáy chủ đã có sổ điểm danh của Hòa và xét các lần điểm danh. Mọi người cập nhật lần nữa:\n");
    for person in story.everyone() {
        person.types(&["sync"])?;
    }
    story.lan.types(&["meetings", "show", THE_MEETING])?;
    story.hoa.types(&["roll", THE_MEETING])?;
    tell("");
    for person in [&story.lan, &story.minh] {
        let meeting = person.asks(&["meetings", "show", THE_MEETING])?;
        let attended = meeting.get("mine").map(|of| text(of, "attendance"));
        holds(attended == Some("present"), &format!("{} được xác nhận có mặt", person.name), &meeting)?;
    }
    let roll = story.hoa.asks(&["roll", THE_MEETING])?;
    let all = roll.get("counts").cloned().unwrap_or_default();
    let wanted = [("strength", 5), ("present", 4), ("excused", 1), ("absent", 0), ("claimed", 0)];
    holds(counts(&all, &wanted), "Sổ của chi bộ: 5 đảng viên, 4 có mặt, 1 vắng có lý do", &roll)
}

fn report(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(9, "Mai, Văn phòng Đảng ủy, xem báo cáo: số lượng, không có tên");
    let mai = &story.mai;
    let month = story.day.split_once('/').map_or("", |(_, month)| month);
    mai.types(&["report", "--month", month])?;
    let reports = mai.asks(&["report"])?;
    let held = rows(&reports).iter().find(|of| text(of, "title") == MEETING).cloned().unwrap_or_default();
    let wanted =
        [("strength", 5), ("present", 4), ("excused", 1), ("absent", 0), ("claimed", 0), ("unknown", 0)];
    let right =
        text(&held, "cell_name") == CELL && text(&held, "state") == "closed" && counts(&held, &wanted);
    holds(right, "Báo cáo của chi bộ thôn Đồi Chè: 5 đảng viên, 4 có mặt, 1 vắng có lý do", &reports)?;
    let said = reports.to_string();
    let names = [LAN, MINH, HOA, TU, CUC].map(|of| of.name);
    let silent = !names.iter().any(|name| said.contains(name)) && !said.contains(REASON);
    holds(silent, "Báo cáo không có tên ai, không có lý do vắng", &reports)?;
    tell("\nDanh sách người dự chỉ ở trong chi bộ; máy của Mai không có:\n");
    mai.tries(&["roll", THE_MEETING]).map(drop)
}

fn answer(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(10, "Mai đọc hai phản ánh, trả lời một");
    let mai = &story.mai;
    mai.types(&["desk", "list"])?;
    let cases = mai.asks(&["desk", "list"])?;
    let has = |topic| {
        rows(&cases).iter().any(|of| text(of, "topic") == topic && text(of, "member_name") == LAN.name)
    };
    holds(has(BIN) && has(LAMP) && rows(&cases).len() == 2, "Bàn việc có cả hai phản ánh của Lan", &cases)?;
    mai.types(&["desk", "show", THE_BIN])?;
    look_at_photo(mai)?;
    mai.types(&["desk", "answer", THE_BIN, ANSWER])?;
    mai.types(&["sync"]).map(drop)
}

/// Whole, and without what Lan's camera noted beside it.
fn look_at_photo(mai: &Person<'_>) -> Result<(), Trouble> {
    let files = mai.asks(&["files", "list"])?;
    let files = files.get("files").cloned().unwrap_or_default();
    let at = rows(&files).iter().position(|of| text(of, "name") == PHOTO);
    let number = at.map(|at| (at + 1).to_string()).unwrap_or_default();
    let copy = mai.file("anh-cua-phan-anh.png");
    mai.types(&["files", "open", &number, "--out", &copy.to_string_lossy()])?;
    let seen = fs::read(copy)?;
    let (taken, head) = (photo::bin_beside_the_well(), b"\x89PNG\r\n\x1a\n");
    let picture = seen.starts_with(head) && taken.ends_with(seen.get(head.len() + 25..).unwrap_or(b"?"));
    let noted = photo::NOTES.iter().any(|note| seen.windows(note.len()).any(|of| of == note.as_bytes()));
    holds(picture && !noted, "Mai xem được ảnh của Lan; nơi chụp và tên máy đã được bỏ", &files)
}

fn read_answer(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(11, "Lan cập nhật và đọc câu trả lời");
    let lan = &story.lan;
    lan.types(&["sync"])?;
    lan.types(&["feedback", "list"])?;
    lan.types(&["feedback", "show", THE_BIN])?;
    let thread = lan.asks(&["feedback", "show", THE_BIN])?;
    let last = thread.get("messages").and_then(|all| rows(all).last()).cloned().unwrap_or_default();
    let answered = text(&thread, "feedback_state") == "answered"
        && text(&last, "side") == "desk"
        && text(&last, "words") == ANSWER;
    holds(answered, "Lan đọc đúng câu trả lời của Đảng ủy", &thread)?;
    let other = lan.asks(&["feedback", "show", LAMP])?;
    holds(text(&other, "feedback_state") == "sent", "Phản ánh kia ghi là đã gửi, chưa có trả lời", &other)?;
    story.everyone().into_iter().try_for_each(nothing_waits)
}

/// Nothing that anybody wrote was lost on the way.
fn nothing_waits(person: &Person<'_>) -> Result<(), Trouble> {
    let status = person.asks(&["status"])?;
    let sentence = format!("Máy của {} không còn việc nào chờ gửi hay cần xem lại", person.name);
    holds(counts(&status, &[("pending", 0), ("held", 0), ("needs_attention", 0)]), &sentence, &status)
}
