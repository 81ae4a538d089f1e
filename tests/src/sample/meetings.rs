//! Three months of meetings: each cell once a month, and once in the quarter on a theme.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use super::cells::{Cell, Kind};
use super::dice::Dice;
use super::story;
use super::workbook::Value;

pub(super) const HEADER: [&str; 7] =
    ["Chi bộ", "Tên cuộc họp", "Hình thức", "Ngày", "Giờ", "Địa điểm", "Nội dung"];

const STREAM: u64 = 2;
const YEAR: i32 = 2025;
const MONTHS: [u32; 3] = [10, 11, 12];
/// The 16th of the 8th, 9th and 10th lunar months of Ất Tỵ: boats stay home at the full moon.
const FULL_MOONS: [(u32, u32); 3] = [(7, 10), (5, 11), (5, 12)];

/// A meeting as a cell announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    pub cell: &'static str,
    /// Sinh hoạt chuyên đề, not thường kỳ.
    pub thematic: bool,
    pub title: String,
    pub date: NaiveDate,
    pub time: NaiveTime,
    pub place: String,
    pub agenda: Vec<&'static str>,
}

const THEMES: [&str; 8] = [
    "Học tập và làm theo tấm gương tiết kiệm của Bác",
    "Đảng viên đi đầu trong chuyển đổi số ở thôn",
    "Giữ rừng đầu nguồn và nguồn nước sạch",
    "Nâng cao chất lượng sinh hoạt chi bộ",
    "Phát triển kinh tế hộ từ cây chè và rau vụ đông",
    "Phòng, chống ma túy trong thanh niên",
    "Xây dựng nông thôn mới kiểu mẫu",
    "Trách nhiệm nêu gương của đảng viên nơi cư trú",
];

const WORKS: [&str; 10] = [
    "Đánh giá kết quả tháng trước, bàn nhiệm vụ tháng này",
    "Thông báo văn bản mới của Đảng ủy xã",
    "Bàn việc sửa mương nội đồng trước vụ xuân",
    "Rà soát hộ nghèo, hộ cận nghèo",
    "Xét giới thiệu quần chúng học lớp cảm tình Đảng",
    "Phân công đảng viên phụ trách hộ",
    "Góp ý dự thảo báo cáo tổng kết năm",
    "Bàn việc trực gác phòng cháy rừng",
    "Tình hình thu nộp đảng phí",
    "Chuẩn bị Ngày hội Đại đoàn kết toàn dân tộc",
];

pub(super) fn generate(cells: &[Cell], seed: u64) -> Vec<Meeting> {
    let mut dice = Dice::new(seed, STREAM);
    let mut meetings: Vec<Meeting> = cells.iter().flat_map(|cell| of_cell(cell, &mut dice)).collect();
    meetings.sort_by_key(|meeting| (meeting.date, meeting.time));
    meetings
}

fn of_cell(cell: &Cell, dice: &mut Dice) -> Vec<Meeting> {
    let day = if cell.name == story::CELL { 3 } else { dice.between(2, 8) };
    let thematic_month = dice.pick(&MONTHS);
    let (time, place) = (hour(cell, dice), room(cell));
    let mut meetings = Vec::new();
    for (month, full_moon) in MONTHS.into_iter().zip(FULL_MOONS) {
        let date = match cell.kind {
            Kind::Fishing => day_of(full_moon.0, full_moon.1),
            Kind::Hamlet => day_of(day, month),
            Kind::School | Kind::Office | Kind::Works => working_day(day_of(day, month)),
        };
        meetings.push(Meeting {
            cell: cell.name,
            thematic: false,
            title: format!("Sinh hoạt thường kỳ tháng {month:02}/{YEAR}"),
            date,
            time,
            place: place.clone(),
            agenda: agenda(dice),
        });
        if month == thematic_month {
            let theme = dice.pick(&THEMES);
            meetings.push(Meeting {
                cell: cell.name,
                thematic: true,
                title: format!("Sinh hoạt chuyên đề: {theme}"),
                date: working_day(
                    date.checked_add_days(Days::new(u64::from(dice.between(9, 15)))).unwrap_or(date),
                ),
                time,
                place: place.clone(),
                agenda: vec!["Báo cáo chuyên đề", "Thảo luận", "Kết luận, phân công thực hiện"],
            });
        }
    }
    meetings
}

/// The first two items stand on every agenda; then two or three of the others.
fn agenda(dice: &mut Dice) -> Vec<&'static str> {
    let mut agenda: Vec<&'static str> = WORKS.iter().take(2).copied().collect();
    for _ in 0..dice.between(2, 3) {
        let work = dice.pick(&WORKS);
        if !agenda.contains(&work) {
            agenda.push(work);
        }
    }
    agenda
}

fn hour(cell: &Cell, dice: &mut Dice) -> NaiveTime {
    let (hour, minute) = match cell.kind {
        _ if cell.name == story::CELL => (19, 30),
        Kind::Hamlet => (19, 30 * dice.between(0, 1)),
        Kind::Fishing => (8, 0),
        Kind::School => (16, 30),
        Kind::Office | Kind::Works => (14 + dice.between(0, 2), 0),
    };
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

fn room(cell: &Cell) -> String {
    let own = cell.name.trim_start_matches("Chi bộ ");
    match cell.kind {
        Kind::Hamlet => format!("Nhà văn hóa {own}"),
        Kind::Fishing => "Nhà nổi bến thôn Làng Chài".to_owned(),
        Kind::School => format!("Phòng hội đồng {own}"),
        Kind::Office | Kind::Works => format!("Phòng họp {own}"),
    }
}

/// Offices and schools do not meet on a Saturday or Sunday.
fn working_day(date: NaiveDate) -> NaiveDate {
    let later = match date.weekday().num_days_from_monday() {
        5 => 2,
        6 => 1,
        _ => 0,
    };
    date.checked_add_days(Days::new(later)).unwrap_or(date)
}

fn day_of(day: u32, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(YEAR, month, day).unwrap_or_default()
}

pub(super) fn row(meeting: &Meeting) -> [Value; 7] {
    [
        Value::text(meeting.cell),
        Value::text(&meeting.title),
        Value::text(if meeting.thematic { "Chuyên đề" } else { "Thường kỳ" }),
        Value::Date(meeting.date),
        Value::Time(meeting.time),
        Value::text(&meeting.place),
        Value::text(meeting.agenda.join(" | ")),
    ]
}
