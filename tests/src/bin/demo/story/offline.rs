//! Without a network: reading, the meeting with its check-ins, and two feedbacks.

use std::fs;

use serde_json::Value;
use sotay_tests::sample::{photo, story::PLAN};

use super::{Story, before::THE_MEETING};
use crate::{
    facts::{counts, holds, rows, text},
    telling::{chapter, tell},
    trouble::{Trouble, trouble},
};

/// Why Cúc is not there: stays with the cell's officers.
pub(super) const REASON: &str = "Đi khám mắt ở bệnh viện tỉnh";
/// Topics of what Lan writes.
pub(super) const BIN: &str = "Chỗ đặt bể rác gần nguồn nước";
/// Enough of it to name it.
pub(super) const THE_BIN: &str = "bể rác";
/// The photo that goes with it.
pub(super) const PHOTO: &str = "be-rac-canh-gieng.png";
pub(super) const LAMP: &str = "Đường vào nhà văn hóa thiếu đèn";

pub(super) fn play(story: &mut Story<'_>) -> Result<(), Trouble> {
    chapter(5, "Máy chủ dừng; không có mạng, mọi người vẫn đọc");
    story.office.closes()?;
    tell("");
    story.lan.tries(&["sync"])?;
    read(story)?;
    open_and_check_in(story)?;
    mark_and_close(story)?;
    write_feedback(story)
}

fn read(story: &Story<'_>) -> Result<(), Trouble> {
    tell("");
    story.lan.types(&["read", PLAN])?;
    story.minh.types(&["search", "be", "chua", "vo", "thuoc", "tru", "sau"])?;
    story.hoa.types(&["meetings", "show"])?;
    story.mai.types(&["directives", "--type", "KH", "--limit", "3"])?;
    tell("");
    for person in story.everyone() {
        let directive = person.asks(&["read", PLAN])?;
        let whole = directive.to_string().contains("Trước ngày")
            && directive.to_string().contains("phản ánh ngay với Văn phòng Đảng ủy");
        let sentence = format!("{} đọc được toàn văn Kế hoạch {PLAN} khi không có mạng", person.name);
        holds(whole, &sentence, &directive)?;
    }
    Ok(())
}

fn open_and_check_in(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(6, "Cuộc họp, không có mạng: Hòa mở điểm danh, Lan và Minh gõ sáu chữ số");
    let shown = story.hoa.types(&["meetings", "open"])?;
    story.lan.types(&["checkin", &digits(&shown)?])?;
    tell("\nMinh đến sau một lát; Hòa cho xem lại mã, rồi tự điểm danh:\n");
    let shown = story.hoa.types(&["code"])?;
    story.minh.types(&["checkin", &digits(&shown)?])?;
    story.hoa.types(&["checkin", &digits(&shown)?])?;
    tell("");
    for person in [&story.lan, &story.minh] {
        let meetings = person.asks(&["meetings", "list"])?;
        let mine = rows(&meetings).first().and_then(|of| of.get("mine")).cloned().unwrap_or_default();
        let sentence = format!("Trên máy của {}: đã ghi, chờ xác nhận", person.name);
        holds(text(&mine, "claim") == "recorded", &sentence, &meetings)?;
    }
    Ok(())
}

/// `Mã điểm danh: 493 027  (còn 21 giây)`, as Lan reads it from Hòa's screen.
fn digits(shown: &str) -> Result<String, Trouble> {
    let line = shown.lines().find_map(|line| line.split_once("Mã điểm danh:"));
    let code = line.and_then(|(_, code)| code.split('(').next()).unwrap_or_default();
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 6 {
        Ok(digits)
    } else {
        Err(trouble("máy của Hòa không cho xem sáu chữ số"))
    }
}

fn mark_and_close(story: &Story<'_>) -> Result<(), Trouble> {
    tell(
        "\nĐồng chí Tư tuổi đã tám mươi, không có điện thoại; đồng chí Cúc xin phép vắng. Hòa điểm danh giúp:\n",
    );
    story.hoa.types(&["mark", "Tư", "present"])?;
    story.hoa.types(&["mark", "Cúc", "excused", "--reason", REASON])?;
    story.hoa.types(&["meetings", "close"])?;
    story.hoa.types(&["roll", THE_MEETING])?;
    let roll = story.hoa.asks(&["roll", THE_MEETING])?;
    let here = roll.get("counts").cloned().unwrap_or_default();
    let sentence =
        "Máy của Hòa đã ghi 1 có mặt, 1 vắng có lý do; ba người tự điểm danh thì khi có mạng mới biết";
    holds(counts(&here, &[("strength", 5), ("present", 1), ("excused", 1)]), sentence, &roll)
}

fn write_feedback(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(7, "Vẫn không có mạng: Lan viết hai phản ánh, một kèm ảnh");
    let lan = &story.lan;
    let taken = lan.file(PHOTO);
    fs::write(&taken, photo::bin_beside_the_well())?;
    lan.types(&[
        "feedback",
        "new",
        BIN,
        "Điểm đặt bể chứa vỏ thuốc trừ sâu ở đầu ngõ 2 chỉ cách giếng chung hơn mười mét. \
         Đề nghị Đảng ủy xem lại trước khi ra quân.",
        "--photo",
        &taken.to_string_lossy(),
    ])?;
    lan.types(&[
        "feedback",
        "new",
        LAMP,
        "Đoạn từ cầu treo đến nhà văn hóa thôn không có đèn, các cụ đi họp buổi tối rất khó.",
    ])?;
    lan.types(&["feedback", "list"])?;
    lan.types(&["status"])?;
    let status = lan.asks(&["status"])?;
    let sentence = "Máy của Lan giữ ba việc chờ gửi: một lần điểm danh và hai phản ánh";
    holds(counts(&status, &[("pending", 3), ("held", 0), ("needs_attention", 0)]), sentence, &status)?;
    let threads = lan.asks(&["feedback", "list"])?;
    let all_wait = rows(&threads).iter().all(|of| state(of) == "pending");
    holds(all_wait && rows(&threads).len() == 2, "Cả hai phản ánh ghi rõ là chưa gửi", &threads)
}

/// What became of a row that somebody wrote.
fn state(of: &Value) -> &str {
    of.get("sync").map(|sync| text(sync, "state")).unwrap_or_default()
}
