//! Letterheads as committees print them and as readers hand them over.

use sotay_protocol::{
    document::{Block, Cell, Item, KnownBlock, Span, TableRow},
    id::Id,
    organisations::{Level, Organisation},
};

use super::*;

fn bold(text: &str) -> Block {
    Block::Known(KnownBlock::Paragraph { spans: vec![Span { bold: true, ..Span::plain(text) }] })
}

fn lines(text: &str) -> Vec<Block> {
    text.lines().map(|line| Block::paragraph(line.trim())).collect()
}

fn table(rows: &[[&str; 2]]) -> Block {
    let row = |cells: &[&str; 2]| TableRow {
        heading: false,
        cells: cells.iter().map(|text| Cell::new(vec![Span::plain(*text)])).collect(),
    };
    Block::table(rows.iter().map(row).collect())
}

fn of(blocks: Vec<Block>) -> Guess {
    guess(&Document::new(blocks))
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn plan() -> Guess {
    Guess {
        number: "17-KH/ĐU".parse().ok(),
        date: day(2025, 12, 3),
        issuer_name: Some("ĐẢNG ỦY XÃ THANH SƠN".into()),
        directive_type: Some(DirectiveType::KeHoach),
        abstract_: Some("sinh hoạt chi bộ quý I năm 2026".into()),
        urgency: None,
    }
}

const BODY: &str = "Thực hiện Hướng dẫn số 26-HD/BTGDVTW, ngày 20 tháng 10 năm 2025 của Ban Tuyên giáo, Đảng ủy xã \
    xây dựng kế hoạch như sau:\nI. MỤC ĐÍCH, YÊU CẦU\n1. Mục đích";

#[test]
fn one_plan_is_read_alike_in_every_order() {
    let title = "KẾ HOẠCH\nsinh hoạt chi bộ quý I năm 2026\n-----";
    let heads: Vec<(&str, Vec<Block>)> = vec![
        (
            "a table of one row",
            vec![table(&[[
                "ĐẢNG BỘ TỈNH PHÚ THỌ\nĐẢNG ỦY XÃ THANH SƠN\n*\nSố 17-KH/ĐU",
                "ĐẢNG CỘNG SẢN VIỆT NAM\nThanh Sơn, ngày 03 tháng 12 năm 2025",
            ]])],
        ),
        (
            "a table of three rows",
            vec![table(&[
                ["ĐẢNG BỘ TỈNH PHÚ THỌ\nĐẢNG ỦY XÃ THANH SƠN", "ĐẢNG CỘNG SẢN VIỆT NAM"],
                ["*", ""],
                ["Số: 17 - KH/ĐU", "Thanh Sơn, ngày 3/12/2025"],
            ])],
        ),
        (
            "tabs",
            lines(
                "ĐẢNG BỘ TỈNH PHÚ THỌ\tĐẢNG CỘNG SẢN VIỆT NAM\nĐẢNG ỦY XÃ THANH SƠN\n*\n\
                 Số\t17-KH/ĐU\tThanh Sơn, ngày 03 tháng 12 năm 2025",
            ),
        ),
        (
            "both columns in one line",
            lines(
                "ĐẢNG BỘ TỈNH PHÚ THỌ ĐẢNG CỘNG SẢN VIỆT NAM\nĐẢNG ỦY XÃ THANH SƠN\n*\n\
                 Số 17-KH/ĐU Thanh Sơn, ngày 03 tháng 12 năm 2025",
            ),
        ),
        (
            "the right column beside the issuer",
            lines(
                "ĐẢNG BỘ TỈNH PHÚ THỌ ĐẢNG CỘNG SẢN VIỆT NAM\n\
                 ĐẢNG ỦY XÃ THANH SƠN Thanh Sơn, ngày 03 tháng 12 năm 2025\n* Số 17–KH/ĐU",
            ),
        ),
        (
            "the left column as one paragraph",
            lines(
                "ĐẢNG BỘ TỈNH PHÚ THỌ ĐẢNG ỦY XÃ THANH SƠN * Số 17-KH/ ĐU\nĐẢNG CỘNG SẢN VIỆT NAM\n\
                 Thanh Sơn, ngày 03 tháng 12\nnăm 2025",
            ),
        ),
        (
            "the right column first",
            lines(
                "ĐẢNG CỘNG SẢN VIỆT NAM\nThanh Sơn, ngày 03-12-2025\nĐẢNG BỘ TỈNH PHÚ THỌ\nĐẢNG ỦY XÃ\nTHANH SƠN\n\
                 *\nSố 17-KH/ĐU",
            ),
        ),
        (
            "letters of old typing tools, and marks set apart",
            lines(
                "ÐẢNG BỘ TỈNH PHÚ THỌ\nÐẢNG UỶ XÃ THANH SƠN\n*\nSo\u{302}\u{301} 17-KH/ÐU\n\
                 Thanh Sơn, nga\u{300}y 03 tháng 12 năm 2025",
            ),
        ),
    ];
    for (which, mut blocks) in heads {
        blocks.extend(lines(title));
        blocks.extend(lines(BODY));
        let mut read = of(blocks);
        read.issuer_name = read.issuer_name.map(|name| name.replace("UỶ", "ỦY"));
        assert_eq!(read, plan(), "{which}");
    }
}

#[test]
fn a_number_is_read_where_it_is_one() {
    let number = |line: &str| of(lines(&format!("ĐẢNG ỦY XÃ THANH SƠN\n{line}\nKẾ HOẠCH"))).number;
    for (line, expected) in [
        ("Số 17-KH/ĐU", "17-KH/ĐU"),
        ("Số: 5-QĐ/ĐU", "05-QĐ/ĐU"),
        ("Số:05-QĐ/ĐU", "05-QĐ/ĐU"),
        ("SỐ 50 - CT / TW", "50-CT/TW"),
        ("Số 57-NQ/TƯ", "57-NQ/TƯ"),
        ("Số 01/NQ-TU", "01-NQ/TU"),
        ("Số 113-CTR/TU", "113-CTr/TU"),
        ("Số 12—TTr/ĐU.", "12-TTr/ĐU"),
        ("* Số 05-TB/BCĐTW", "05-TB/BCĐTW"),
        ("Số 26-HD/BTGDVTW", "26-HD/BTGDVTW"),
    ] {
        assert_eq!(number(line).map(|number| number.to_string()).as_deref(), Some(expected), "{line}");
    }
    for line in [
        "Số      -KH/ĐU",
        "Số ……-KH/ĐU",
        "Số: ___ -KH/ĐU",
        "Số",
        "Số 17",
        "Số 17-XX/ĐU",
        "Số 17a-KH/ĐU",
        "Số 17/2025/QĐ-UBND",
        "Số 0-KH/ĐU",
        "Số lượng 17-KH/ĐU",
        "Theo Công văn Số 12-CV/TU",
        "(Kèm theo Quyết định số 05-QĐ/ĐU)",
        "Số 99999999999-KH/ĐU",
    ] {
        assert_eq!(number(line), None, "{line}");
    }
}

#[test]
fn a_number_left_free_still_tells_the_type_and_where_the_issuer_ends() {
    let read = of(lines("ĐẢNG ỦY XÃ THANH SƠN\nSố      -CV/ĐU\nV/v trực Tết\nKính gửi: Các chi bộ"));
    assert_eq!((read.number, read.directive_type), (None, Some(DirectiveType::CongVan)));
    assert_eq!(read.issuer_name.as_deref(), Some("ĐẢNG ỦY XÃ THANH SƠN"));
    assert_eq!(read.abstract_.as_deref(), Some("V/v trực Tết"));
}

#[test]
fn a_date_is_the_letterheads_and_no_other() {
    let date = |line: &str| of(lines(&format!("ĐẢNG ỦY XÃ THANH SƠN\nSố 17-KH/ĐU\n{line}\nKẾ HOẠCH"))).date;
    for line in [
        "Thanh Sơn, ngày 03 tháng 12 năm 2025",
        "Thanh Sơn, Ngày 3 tháng 12 năm 2025.",
        "ngày 3/12/2025",
        "Thanh Sơn ngày 03.12.2025",
        "TP. Hồ Chí Minh, ngày 03  tháng 12  năm 2025",
        "Phường 12, ngày 03-12-2025",
        "P. Việt Trì, ngày 03 / 12 / 2025",
    ] {
        assert_eq!(date(line), day(2025, 12, 3), "{line}");
    }
    for line in [
        "Thanh Sơn, ngày    tháng 12 năm 2025",
        "Thanh Sơn, ngày 31 tháng 02 năm 2025",
        "Thanh Sơn, ngày 03 tháng 13 năm 2025",
        "Thanh Sơn, ngày 03 tháng 12 năm 25",
        "Căn cứ Nghị quyết 01-NQ/ĐU, ngày 03 tháng 12 năm 2025",
        "ngày 03 tháng 12 năm 2025 của Ban Chấp hành",
        "(Ban hành kèm theo Quyết định số 05-QĐ/ĐU ngày 03/12/2025)",
    ] {
        assert_eq!(date(line), None, "{line}");
    }
}

#[test]
fn the_issuer_is_the_lower_of_the_two_lines() {
    let issuer = |above: &str| of(lines(&format!("{above}\n*\nSố 05-QĐ/ĐU"))).issuer_name;
    for (above, expected) in [
        ("ĐẢNG BỘ TỈNH PHÚ THỌ\nĐẢNG ỦY XÃ THANH SƠN", "ĐẢNG ỦY XÃ THANH SƠN"),
        ("ĐẢNG ỦY XÃ THANH SƠN\nCHI BỘ THÔN ĐỒI CHÈ", "CHI BỘ THÔN ĐỒI CHÈ"),
        ("ĐẢNG ỦY XÃ THANH SƠN CHI BỘ THÔN ĐỒI CHÈ", "CHI BỘ THÔN ĐỒI CHÈ"),
        ("BAN CHẤP HÀNH TRUNG ƯƠNG", "BAN CHẤP HÀNH TRUNG ƯƠNG"),
        ("ĐẢNG ỦY XÃ THANH SƠN\nBAN TUYÊN GIÁO VÀ DÂN VẬN", "BAN TUYÊN GIÁO VÀ DÂN VẬN"),
        (
            "ĐẢNG BỘ TỈNH PHÚ THỌ\nĐẢNG ỦY CÁC CƠ QUAN ĐẢNG\nTỈNH PHÚ THỌ",
            "ĐẢNG ỦY CÁC CƠ QUAN ĐẢNG TỈNH PHÚ THỌ",
        ),
        ("TỈNH ỦY PHÚ THỌ\n-----", "TỈNH ỦY PHÚ THỌ"),
        ("KHẨN\nTỈNH ỦY PHÚ THỌ\nDỰ THẢO", "TỈNH ỦY PHÚ THỌ"),
        ("ĐẢNG CỘNG SẢN VIỆT NAM\nTỈNH ỦY PHÚ THỌ", "TỈNH ỦY PHÚ THỌ"),
    ] {
        assert_eq!(issuer(above).as_deref(), Some(expected), "{above}");
    }
    assert_eq!(issuer("ĐẢNG CỘNG SẢN VIỆT NAM\nLÀNG TA"), None);
}

#[test]
fn the_line_in_capitals_is_the_type() {
    let read = |number: &str, title: &str| {
        of(lines(&format!("ĐẢNG ỦY XÃ THANH SƠN\n{number}\n{title}"))).directive_type
    };
    for (title, expected) in [
        ("QUYẾT ĐỊNH", DirectiveType::QuyetDinh),
        ("QUY ĐỊNH", DirectiveType::QuyDinh),
        ("Q U Y   Đ Ị N H", DirectiveType::QuyDinh),
        ("QUYẾT ĐỊNH về việc kết nạp đảng viên", DirectiveType::QuyetDinh),
        ("NGHỊ QUYẾT", DirectiveType::NghiQuyet),
        ("CHỈ THỊ", DirectiveType::ChiThi),
        ("THÔNG BÁO", DirectiveType::ThongBao),
        ("BÁO CÁO", DirectiveType::BaoCao),
        ("TỜ TRÌNH", DirectiveType::ToTrinh),
        ("CHƯƠNG TRÌNH", DirectiveType::ChuongTrinh),
        ("KẾT LUẬN", DirectiveType::KetLuan),
        ("HƯỚNG DẪN", DirectiveType::HuongDan),
        ("QUY CHẾ", DirectiveType::QuyChe),
    ] {
        assert_eq!(read("Số 05-QĐ/ĐU", title), Some(expected), "{title}");
    }
    for title in ["Quyết định này có hiệu lực từ ngày ký.", "Nay quy định như sau", "QUY ĐỊNHX"]
    {
        assert_eq!(read("Số 05-QĐ/ĐU", title), None, "{title}: QĐ is two types");
    }
    assert_eq!(read("Số 05-KH/ĐU", "không có dòng loại"), Some(DirectiveType::KeHoach));
}

#[test]
fn the_abstract_ends_where_the_text_begins() {
    let read = |blocks: Vec<Block>| {
        let mut all = lines("ĐẢNG ỦY XÃ THANH SƠN\nSố 05-QĐ/ĐU");
        all.extend(blocks);
        of(all).abstract_
    };
    for (text, expected) in [
        ("QUYẾT ĐỊNH\nvề việc kết nạp đảng viên\n- Căn cứ Điều lệ Đảng;", Some("về việc kết nạp đảng viên")),
        (
            "QUYẾT ĐỊNH\nvề việc chỉ định bí thư\nchi bộ thôn Đồi Chè\n-----\nCăn cứ",
            Some("về việc chỉ định bí thư chi bộ thôn Đồi Chè"),
        ),
        (
            "KẾ HOẠCH\nthực hiện Nghị quyết số 57-NQ/TW,\nngày 22/12/2024 của Bộ Chính trị\nThực hiện Nghị quyết số 57-NQ/TW, Đảng ủy xã",
            Some("thực hiện Nghị quyết số 57-NQ/TW, ngày 22/12/2024 của Bộ Chính trị"),
        ),
        ("TỜ TRÌNH\nVề việc công nhận chi ủy\nKính gửi: Đảng ủy xã", Some("Về việc công nhận chi ủy")),
        ("BÁO CÁO\ncông tác tháng 11\n*\nI- KẾT QUẢ", Some("công tác tháng 11")),
        ("BÁO CÁO\nvề sinh hoạt chi bộ\nNội dung chính của báo cáo như sau", Some("về sinh hoạt chi bộ")),
        ("QUYẾT ĐỊNH\nBAN THƯỜNG VỤ ĐẢNG ỦY XÃ\nCăn cứ", None),
        ("QUYẾT ĐỊNH\n- Căn cứ Điều lệ Đảng;", None),
        ("THÔNG BÁO\nĐảng ủy xã thông báo để các chi bộ biết.", None),
        ("KẾ HOẠCH sinh hoạt chi bộ quý I\n-----\nI. MỤC ĐÍCH", Some("sinh hoạt chi bộ quý I")),
    ] {
        assert_eq!(read(lines(text)).as_deref(), expected, "{text}");
    }
    let of_word = vec![
        bold("KẾ HOẠCH"),
        bold("Thực hiện Chỉ thị 50-CT/TW\nTrên địa bàn xã Thanh Sơn"),
        Block::paragraph("sinh hoạt như sau"),
    ];
    assert_eq!(read(of_word).as_deref(), Some("Thực hiện Chỉ thị 50-CT/TW Trên địa bàn xã Thanh Sơn"));
    let in_capitals = vec![bold("KẾ HOẠCH"), bold("TỔ CHỨC ĐẠI HỘI CHI BỘ"), bold("I. MỤC ĐÍCH")];
    assert_eq!(read(in_capitals).as_deref(), Some("TỔ CHỨC ĐẠI HỘI CHI BỘ"));
    let list = vec![bold("KẾ HOẠCH"), Block::Known(KnownBlock::List { items: vec![Item::default()] })];
    assert_eq!(read(list), None);
    let markdown = vec![Block::heading(1, "Kế hoạch sinh hoạt chi bộ quý I"), Block::paragraph("Mục đích")];
    assert_eq!(read(markdown).as_deref(), Some("sinh hoạt chi bộ quý I"));
    let bare = vec![Block::heading(1, "Kế hoạch"), Block::paragraph("Làm đường thôn.")];
    assert_eq!(read(bare), None);
}

#[test]
fn a_letter_says_what_it_is_about_under_its_number() {
    let read = of(vec![
        table(&[[
            "TỈNH ỦY PHÚ THỌ\n*\nSố 132-CV/TU\nV/v tổ chức sinh hoạt\nChuyên đề quý I",
            "ĐẢNG CỘNG SẢN VIỆT NAM\nPhú Thọ, ngày 10 tháng 01 năm 2026",
        ]]),
        Block::paragraph("HỎA TỐC"),
        Block::paragraph("Kính gửi: Các đảng ủy xã, phường"),
        Block::paragraph("Về việc này, Tỉnh ủy đề nghị"),
    ]);
    let expected = Guess {
        number: "132-CV/TU".parse().ok(),
        date: day(2026, 1, 10),
        issuer_name: Some("TỈNH ỦY PHÚ THỌ".into()),
        directive_type: Some(DirectiveType::CongVan),
        abstract_: Some("V/v tổ chức sinh hoạt Chuyên đề quý I".into()),
        urgency: Some(Urgency::Express),
    };
    assert_eq!(read, expected);
    let by_line = lines(
        "TỈNH ỦY PHÚ THỌ ĐẢNG CỘNG SẢN VIỆT NAM\n*\nSố 132-CV/TU Phú Thọ, ngày 10 tháng 01 năm 2026\n\
         Về việc tổ chức sinh hoạt\nchuyên đề quý I\nKính gửi: Các đảng ủy",
    );
    assert_eq!(of(by_line).abstract_.as_deref(), Some("Về việc tổ chức sinh hoạt chuyên đề quý I"));
    let silent = of(lines(
        "TỈNH ỦY PHÚ THỌ\nSố 132-CV/TU\nKính gửi: Các đảng ủy\nVề việc này, Tỉnh ủy giao\nKHẨN\nBÁO CÁO\nkết quả",
    ));
    assert_eq!((silent.abstract_, silent.urgency), (None, None), "the text says nothing of the letter");
    assert_eq!(silent.directive_type, Some(DirectiveType::CongVan));
}

#[test]
fn a_letterhead_in_one_paragraph_is_read_too() {
    let letter = |about: &str, next: &str| {
        let head = "ĐẢNG BỘ TỈNH PHÚ THỌ ĐẢNG ỦY XÃ THANH SƠN * Số 11-CV/ĐU";
        let right = "ĐẢNG CỘNG SẢN VIỆT NAM Thanh Sơn, ngày 25 tháng 7 năm 2025";
        let read = of(lines(&format!("{head} {about} | {right}\n{next}\nKính gửi: Các chi bộ")));
        assert_eq!(
            (read.date, read.issuer_name.as_deref()),
            (day(2025, 7, 25), Some("ĐẢNG ỦY XÃ THANH SƠN"))
        );
        (read.abstract_, read.urgency)
    };
    let about = |words: &str| Some(words.to_owned());
    assert_eq!(letter("V/v ứng phó bão HỎA TỐC", ""), (about("V/v ứng phó bão"), Some(Urgency::Express)));
    assert_eq!(letter("V/v ứng phó bão", ""), (about("V/v ứng phó bão"), None));
    assert_eq!(letter("THƯỢNG KHẨN", ""), (None, Some(Urgency::VeryUrgent)));
    let broken = of(lines("TỈNH ỦY PHÚ THỌ\nSố 11-CV/TU V/v ứng phó\nbão và mưa lớn\nKính gửi: Các chi bộ"));
    assert_eq!(broken.abstract_, None, "half a line is no abstract");
}

#[test]
fn a_stamp_stands_alone() {
    let urgency = |line: &str| of(lines(&format!("{line}\nĐẢNG ỦY XÃ THANH SƠN\nSố 17-KH/ĐU"))).urgency;
    for (line, expected) in [
        ("KHẨN", Urgency::Urgent),
        ("[KHẨN]", Urgency::Urgent),
        ("Độ khẩn: Thượng khẩn", Urgency::VeryUrgent),
        ("THƯỢNG KHẨN", Urgency::VeryUrgent),
        ("HOẢ TỐC", Urgency::Express),
        ("H Ỏ A  T Ố C", Urgency::Express),
    ] {
        assert_eq!(urgency(line), Some(expected), "{line}");
    }
    for line in ["KHẨN TRƯƠNG", "Nhiệm vụ khẩn cấp", ""] {
        assert_eq!(urgency(line), None, "{line}");
    }
}

#[test]
fn a_text_without_letterhead_says_nothing() {
    assert_eq!(of(vec![]), Guess::default());
    assert_eq!(of(lines("Làm đường thôn.\nngày mai bắt đầu\nSố hộ tham gia: 17")), Guess::default());
    assert_eq!(of(vec![Block::scan(1, 9)]), Guess::default());
    let endless = "Số ".repeat(200_000) + &"ngày 1/".repeat(200_000);
    assert_eq!(of(vec![Block::paragraph(endless)]), Guess::default());
}

#[test]
fn an_issuer_ends_where_its_lines_end() {
    let issuer = |head: &str| of(lines(head)).issuer_name;
    // A cell's minutes have no number, and a table that sets the names of who signs beside one another.
    let minutes = "ĐẢNG ỦY XÃ MƯỜNG TẺ\nCHI BỘ BẢN PẮC\n*\nBản Pắc, ngày 03 tháng 11 năm 2025\nBIÊN BẢN\nHọp thường kỳ\n\
                   NỘI DUNG\nTHƯ KÝ\tCHỦ TRÌ";
    assert_eq!(issuer(minutes).as_deref(), Some("CHI BỘ BẢN PẮC"));
    assert_eq!(issuer(&minutes.replace("*\n", "")).as_deref(), Some("CHI BỘ BẢN PẮC"));
    let narrow = "ĐẢNG ỦY XÃ MƯỜNG TẺ\nCHI BỘ TRƯỜNG THCS MƯỜNG\nTẺ\n*\nSố 07-BC/CB";
    assert_eq!(issuer(narrow).as_deref(), Some("CHI BỘ TRƯỜNG THCS MƯỜNG TẺ"));
    let unread =
        of(lines("ĐẢNG BỘ TỈNH SƠN HÀ\nĐ\u{fffd}NG ỦY XÃ\n*\nSố 07-BC/CB\nBÁO CÁO\nvề k\u{fffd}t quả"));
    assert_eq!((unread.issuer_name, unread.abstract_), (None, None));
    let stamped = "CHI BỘ BẢN PẮC\nDỰ THẢO\nKHẨN\nSố 07-BC/CB";
    assert_eq!(issuer(stamped).as_deref(), Some("CHI BỘ BẢN PẮC"));
}

#[test]
fn a_committee_is_known_by_its_organisations_name() {
    let stored = |name: &str| StoredOrganisation {
        id: Id::derived(name, &[]),
        organisation: Organisation { name: name.into(), level: Level::Commune, parent: None },
    };
    let known =
        ["Đảng ủy xã Thanh Sơn", "Đảng bộ tỉnh Phú Thọ", "Chi bộ thôn Đồi Chè", "Ban Tổ chức Tỉnh ủy"]
            .map(stored);
    for (printed, expected) in [
        ("ĐẢNG ỦY XÃ THANH SƠN", Some("Đảng ủy xã Thanh Sơn")),
        ("ĐẢNG UỶ XÃ THANH SƠN", Some("Đảng ủy xã Thanh Sơn")),
        ("ĐẢNG BỘ XÃ THANH SƠN", Some("Đảng ủy xã Thanh Sơn")),
        ("BAN CHẤP HÀNH ĐẢNG BỘ XÃ THANH SƠN", Some("Đảng ủy xã Thanh Sơn")),
        ("ĐẢNG ỦY TỈNH PHÚ THỌ", Some("Đảng bộ tỉnh Phú Thọ")),
        ("CHI BỘ THÔN ĐỒI CHÈ", Some("Chi bộ thôn Đồi Chè")),
        ("ĐẢNG ỦY XÃ THANH SÓN", None),
        ("ĐẢNG ỦY XÃ YÊN SƠN", None),
    ] {
        let found = printed_organisation(printed, &known);
        assert_eq!(found.map(|stored| stored.organisation.name.as_str()), expected, "{printed}");
    }
    let both = ["Đảng ủy xã Thanh Sơn", "Đảng bộ xã Thanh Sơn"].map(stored);
    assert_eq!(printed_organisation("BAN CHẤP HÀNH ĐẢNG BỘ XÃ THANH SƠN", &both), None, "which of the two?");
}
