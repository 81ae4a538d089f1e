//! Before the meeting: the commune's files go in, four people enrol, a plan is published.

use chrono::{DateTime, Duration, FixedOffset, Timelike as _};
use sotay_protocol::env::{Env as _, SystemEnv};
use sotay_tests::sample::{
    Publication,
    story::{HOA, LAN, MAI, MINH, PLAN},
};

use super::Story;
use crate::{
    facts::{holds, rows, text},
    office::lists,
    telling::{chapter, tell},
    trouble::{Trouble, trouble},
};

pub(super) const MEETING: &str = "Sinh hoạt chuyên đề: ra quân vệ sinh môi trường";
/// Words of it that no other meeting has, as people would name it.
pub(super) const THE_MEETING: &str = "ra quân";
/// Vietnam's time.
const EAST: i32 = 7 * 60 * 60;

pub(super) fn play(story: &mut Story<'_>) -> Result<(), Trouble> {
    import(story)?;
    enrol(story)?;
    plan_the_meeting(story)?;
    publish_the_plan(story)
}

fn import(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(1, "Văn phòng Đảng ủy xã Thanh Sơn nhập danh sách và văn bản");
    let sample = &story.sample;
    tell(&format!(
        "Xã có {} tổ chức đảng, {} đảng viên, {} văn bản, {} cuộc họp, nằm trong những tệp Excel, Word và PDF như các xã vẫn có.\n",
        sample.organisation_count,
        sample.member_count,
        sample.publications.len(),
        sample.meetings.len(),
    ));
    let [organisations, members, roles, meetings] = &lists(sample);
    let import = |(what, file): &(&str, String)| story.office.types(&["import", what, file]);
    import(organisations)?;
    tell("\nDanh sách đảng viên: xem trước, chưa ghi gì; rồi nhập:\n");
    let (what, file) = members;
    let said = story.office.types(&["import", what, file, "--dry-run"])?;
    let all = format!("{} mới", sample.member_count);
    holds(said.contains(&all), "Xem trước đã nói đúng số đảng viên sẽ thêm", &said.into())?;
    [members, roles, meetings].into_iter().try_for_each(|list| import(list).map(drop))?;
    tell("\nNhập lại lần nữa thì không ai bị trùng:\n");
    let said = story.office.types(&["import", what, file])?;
    let same = format!("0 mới, 0 thay đổi, {} giữ nguyên", sample.member_count);
    holds(said.contains(&same), "Nhập lại danh sách không thêm và không đổi gì", &said.into())?;
    tell(
        "\nBan hành văn bản, mỗi văn bản một lệnh “sotay-server publish”, từ tệp Word và PDF. Số, ngày, cơ quan, \
         loại và trích yếu đọc từ chính văn bản; chỉ một bản quét ảnh phải ghi bằng tay:\n",
    );
    story.office.publishes_all(&all_but_the_plan(story))
}

fn all_but_the_plan<'a>(story: &'a Story<'_>) -> Vec<&'a Publication> {
    story.sample.publications.iter().filter(|of| of.number != PLAN).collect()
}

fn enrol(story: &mut Story<'_>) -> Result<(), Trouble> {
    chapter(2, "Máy chủ chạy; bốn đồng chí ghi danh, mỗi người một máy");
    let url = format!("http://{}", story.office.opens()?);
    tell("\nVăn phòng in mã kích hoạt cho từng người. Mỗi máy có thư mục và tệp khóa riêng.\n");
    for (person, of) in story.everyone().into_iter().zip([LAN, MINH, HOA, MAI]) {
        let said = story.office.types(&["code", of.card])?;
        let code = said.lines().last().unwrap_or_default().trim();
        let birth = of.birth().format("%d/%m/%Y").to_string();
        let device = format!("Máy của {}", person.name);
        let words = ["enrol", &url, code, "--birth", &birth, "--device-name", &device];
        let said = person.types(&words)?;
        holds(
            said.contains(of.name),
            &format!("Máy của {} đã ghi danh cho {}", person.name, of.name),
            &said.into(),
        )?;
    }
    tell("\nLần cập nhật đầu tiên:\n");
    let wanted = all_but_the_plan(story).len();
    for person in story.everyone() {
        person.types(&["sync"])?;
        let directives = person.asks(&["directives"])?;
        let sentence = format!("Máy của {} có {wanted} văn bản", person.name);
        holds(rows(&directives).len() == wanted, &sentence, &directives)?;
    }
    Ok(())
}

fn plan_the_meeting(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(3, "Bí thư Hòa lên lịch cuộc họp chi bộ");
    story.hoa.types(&[
        "meetings",
        "new",
        "--at",
        &format!("{} {}", story.day, story.time),
        "--place",
        "Nhà văn hóa thôn Đồi Chè",
        "--title",
        MEETING,
        "--thematic",
        "--agenda",
        "Đọc và bàn Kế hoạch 17-KH/ĐU",
        "--agenda",
        "Phân công đảng viên phụ trách từng ngõ",
    ])?;
    story.hoa.types(&["sync"]).map(drop)
}

/// Day and time of the meeting, ahead of now whenever the demo is played.
pub(super) fn next_half_hour() -> Result<(String, String), Trouble> {
    let now = DateTime::from_timestamp_millis(SystemEnv.now().millis());
    let vietnam = FixedOffset::east_opt(EAST);
    let (now, vietnam) = now.zip(vietnam).ok_or_else(|| trouble("đồng hồ của máy này không đúng"))?;
    let now = now.with_timezone(&vietnam);
    let at = now + Duration::minutes(30 - i64::from(now.minute() % 30));
    Ok((at.format("%d/%m/%Y").to_string(), at.format("%H:%M").to_string()))
}

fn publish_the_plan(story: &Story<'_>) -> Result<(), Trouble> {
    chapter(4, "Kế hoạch 17-KH/ĐU được ban hành từ tệp Word; mọi người cập nhật");
    let plan = story.sample.plan().ok_or_else(|| trouble("xã mẫu không có Kế hoạch 17-KH/ĐU"))?;
    tell("Văn phòng xem trước những gì máy đọc được, gồm cả bảng và chú thích, rồi mới ban hành:\n");
    let seen = story.office.looks_over(plan)?;
    holds(seen.contains(&plan.abstract_), "Máy đọc được trích yếu từ tệp Word", &seen.into())?;
    story.office.publishes(plan)?;
    let same = story.office.has_original(plan)?;
    holds(same, "Tệp gốc lấy lại từ máy chủ đúng từng byte", &PLAN.into())?;
    tell("");
    for person in story.everyone() {
        person.types(&["sync"])?;
    }
    tell("");
    let wanted = story.sample.publications.len();
    for person in story.everyone() {
        let directives = person.asks(&["directives"])?;
        let has_plan = rows(&directives).iter().any(|of| text(of, "number") == PLAN);
        let sentence = format!("Máy của {} có {wanted} văn bản, trong đó có Kế hoạch {PLAN}", person.name);
        holds(has_plan && rows(&directives).len() == wanted, &sentence, &directives)?;
    }
    for person in [&story.lan, &story.minh] {
        let meetings = person.asks(&["meetings", "list"])?;
        let first = rows(&meetings).first().map(|of| text(of, "title"));
        let sentence = format!("Máy của {} đã có cuộc họp sắp tới", person.name);
        holds(first == Some(MEETING), &sentence, &meetings)?;
    }
    Ok(())
}
