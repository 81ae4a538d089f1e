//! The story from its first line to its last. What each chapter asserts fails the demo where it is not so.

mod after;
mod before;
mod offline;

use std::{thread::sleep, time::Duration};

use sotay_protocol::env::{Env as _, SystemEnv};
use sotay_tests::sample::{self, Sample};

use crate::{
    office::Office,
    person::Person,
    programs::Programs,
    stage::Stage,
    telling::tell,
    trouble::{Trouble, trouble},
};

/// The commune is the same each time.
const SEED: u64 = 1;
/// How often the server is looked after once the story is over.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Story<'a> {
    sample: Sample,
    office: Office<'a>,
    lan: Person<'a>,
    minh: Person<'a>,
    /// Secretary of the cell.
    hoa: Person<'a>,
    /// Of the committee's office.
    mai: Person<'a>,
    /// Of the meeting, as one types it.
    day: String,
    time: String,
}

pub(crate) fn play(stage: &Stage, once: bool) -> Result<(), Trouble> {
    let began = SystemEnv.now();
    let programs = Programs::find()?;
    let files = stage.folder().join("tep-cua-xa");
    let sample = sample::write(&files, SEED)
        .map_err(|error| trouble(format!("không ghi được tệp của xã mẫu: {error}")))?;
    let person = |name, folder| Person::new(name, folder, stage, &programs);
    let (day, time) = before::next_half_hour()?;
    let mut story = Story {
        day,
        time,
        sample,
        office: Office::new(stage, &programs, files),
        lan: person("Lan", "lan")?,
        minh: person("Minh", "minh")?,
        hoa: person("Hòa", "hoa")?,
        mai: person("Mai", "mai")?,
    };
    before::play(&mut story)?;
    offline::play(&mut story)?;
    after::play(&mut story)?;
    let seconds = (SystemEnv.now().millis() - began.millis()) / 1000;
    tell(&format!("\nCâu chuyện diễn ra đúng như đã kể, trong {seconds} giây."));
    if once {
        return story.office.closes();
    }
    stage.story_is_over();
    say_what_next(&story);
    while story.office.is_open()? {
        sleep(LOOK);
    }
    Err(trouble("máy chủ đã dừng mà không ai bảo"))
}

fn say_what_next(story: &Story<'_>) {
    tell("\nMáy chủ vẫn chạy. Mở một cửa sổ dòng lệnh khác và dán: bốn máy của bốn đồng chí, và máy chủ.\n");
    for (alias, person) in
        [("lan", &story.lan), ("minh", &story.minh), ("hoa", &story.hoa), ("mai", &story.mai)]
    {
        tell(&format!("  alias {alias}='{}'", person.in_a_shell()));
    }
    tell(&format!("  alias maychu='{}'", story.office.in_a_shell()));
    tell("\nRồi thử, chẳng hạn:\n");
    for (line, why) in [
        ("lan search chuyen doi so", "tìm không dấu vẫn thấy"),
        ("lan directives --unread", "văn bản Lan chưa đọc"),
        (
            "minh feedback new \"Loa thôn\" \"Loa ngõ 3 hỏng đã một tuần.\"",
            "Minh viết phản ánh, chưa cần mạng",
        ),
        ("minh sync && mai sync && mai desk list", "gửi đi; Mai thấy"),
        ("hoa roll \"ra quân\"", "danh sách người dự, chỉ chi bộ có"),
        ("mai report", "cấp ủy chỉ thấy số lượng"),
        ("maychu original 17-KH/ĐU --out ke-hoach.docx", "lấy lại tệp Word đã ban hành"),
        ("maychu device list 064120185", "các máy của Lan, xem khi máy chủ đang chạy"),
        ("lan --help", "mọi lệnh của sổ tay"),
    ] {
        tell(&format!("  {line:<62}  {why}"));
    }
    tell("\nBấm Ctrl-C ở cửa sổ này để dừng máy chủ và xóa mọi thứ của buổi trình diễn.");
}

impl Story<'_> {
    fn everyone(&self) -> [&Person<'_>; 4] {
        [&self.lan, &self.minh, &self.hoa, &self.mai]
    }
}
