use sotay_protocol::{
    document::{Span, TableRow},
    organisations::Organisation,
};

use super::*;

fn number(text: &str) -> Option<Number> {
    Some(text.parse().unwrap())
}

fn guess() -> Guess {
    Guess {
        number: number("17-KH/ĐU"),
        date: NaiveDate::from_ymd_opt(2025, 12, 3),
        issuer_name: Some("ĐẢNG ỦY XÃ YÊN SƠN".into()),
        directive_type: Some(DirectiveType::KeHoach),
        abstract_: Some("sinh hoạt chi bộ quý I".into()),
        urgency: Some(Urgency::Urgent),
    }
}

fn organisations() -> Vec<StoredOrganisation> {
    let commune = Id::derived("xã", &[]);
    let of = |name: &str, level, parent| StoredOrganisation {
        id: Id::derived(name, &[]),
        organisation: Organisation { name: name.into(), level, parent },
    };
    let mut top = of("Đảng ủy xã Yên Sơn", Level::Commune, None);
    top.id = commune;
    vec![top, of("Chi bộ thôn Đồi Chè", Level::Cell, Some(commune))]
}

fn card(flags: Flags, guess: Guess) -> Card {
    let mut card = Card::of(flags, guess);
    card.choose_issuer(&organisations()).unwrap();
    card
}

#[test]
fn the_card_says_each_value_and_who_says_it() {
    let document = Document::new(vec![
        Block::heading(1, "KẾ HOẠCH"),
        Block::paragraph("việc ".repeat(1_500)),
        Block::table(vec![TableRow::default()]),
        Block::note("1", vec![Span::plain("Điều 24.")]),
        Block::scan(2, 3),
    ]);
    let original = Original { name: "kế hoạch.docx".into(), media: "a/b".into(), bytes: vec![0; 12_650] };
    let flags = Flags {
        date: NaiveDate::from_ymd_opt(2025, 12, 4),
        abstract_: Some("Kế hoạch sinh hoạt chi bộ quý I".into()),
        ..Flags::default()
    };
    let written = card(flags, guess()).written(&document, &original, Some(Office::Secretary));
    let expected = "\
Văn bản sẽ ban hành:
  Loại văn bản:      Kế hoạch (đọc từ văn bản)
  Số, ký hiệu:       17-KH/ĐU (đọc từ văn bản)
  Ngày ban hành:     04/12/2025 (theo tham số)
  Cơ quan ban hành:  Đảng ủy xã Yên Sơn (đọc từ văn bản)
  Trích yếu:         Kế hoạch sinh hoạt chi bộ quý I (theo tham số)
  Độ khẩn:           Khẩn (đọc từ văn bản)
  Người nhận:        các đồng chí bí thư
  Nội dung:          1 đề mục, 1 đoạn, 1 bảng, 1 chú thích, 1.505 chữ
  Tệp gốc:           kế hoạch.docx, 13 kB
  Lưu ý: tham số ghi ngày 04/12/2025, văn bản ghi 03/12/2025
  Lưu ý: trang 2–3 là ảnh quét: chỉ đọc được trong tệp gốc, không tìm kiếm được
";
    assert_eq!(written, expected, "\n{written}");
}

#[test]
fn letters_that_could_not_be_read_are_counted() {
    let document = Document::new(vec![Block::paragraph("K\u{fffd} ho\u{fffd}ch")]);
    let warnings = card(Flags::default(), guess()).warnings(&document);
    assert!(warnings.iter().any(|one| one.starts_with("2 chữ cái không đọc được")), "{warnings:?}");
    let read = Document::new(vec![Block::paragraph("Kế hoạch")]);
    assert_eq!(card(Flags::default(), guess()).warnings(&read), Vec::<String>::new());
}

#[test]
fn what_nobody_says_is_asked_for_by_its_flag() {
    let missing = card(Flags::default(), Guess::default()).check().unwrap_err();
    assert!(missing.ends_with("hãy ghi bằng --number, --date, --abstract"), "{missing}");
    let two_types = Guess { number: number("05-QĐ/ĐU"), directive_type: None, ..guess() };
    let missing = card(Flags::default(), two_types.clone()).check().unwrap_err();
    assert!(missing.contains("Quyết định hoặc Quy định: hãy ghi rõ bằng --type"), "{missing}");
    let printed = Guess { directive_type: Some(DirectiveType::QuyDinh), ..two_types.clone() };
    assert_eq!(card(Flags::default(), printed).values().unwrap().1, DirectiveType::QuyDinh);
    for said in ["Quy định", "quy-dinh", "quy_dinh", "QUY ĐỊNH"] {
        let flags = Flags { directive_type: Some(said.into()), ..Flags::default() };
        assert_eq!(card(flags, two_types.clone()).values().unwrap().1, DirectiveType::QuyDinh, "{said}");
    }
    let wrong = Flags { directive_type: Some("Chỉ thị".into()), ..Flags::default() };
    assert!(card(wrong, guess()).check().is_err());
    assert!(card(Flags::default(), Guess { directive_type: None, ..guess() }).check().is_ok());
}

#[test]
fn what_flag_and_text_say_apart_is_shown() {
    let document = Document::default();
    assert!(card(Flags::default(), guess()).warnings(&document).is_empty());
    let flags = Flags {
        number: number("18-CT/ĐU"),
        abstract_: Some("Về làm cầu".into()),
        issuer: Some("Chi bộ thôn Đồi Chè".into()),
        urgency: Some(Urgency::Normal),
        ..Flags::default()
    };
    let warnings = card(flags, guess()).warnings(&document).join("\n");
    for expected in [
        "số 18-CT/ĐU, văn bản ghi 17-KH/ĐU",
        "Thường, văn bản ghi Khẩn",
        "ban hành là Chỉ thị, văn bản ghi KẾ HOẠCH",
        "“sinh hoạt chi bộ quý I”",
        "“ĐẢNG ỦY XÃ YÊN SƠN”",
    ] {
        assert!(warnings.contains(expected), "{expected}: {warnings}");
    }
    let stranger = Guess { issuer_name: Some("TỈNH ỦY PHÚ THỌ".into()), ..guess() };
    let card = card(Flags::default(), stranger);
    assert_eq!(card.by_issuer(), BY_DEFAULT);
    assert!(card.warnings(&document)[0].contains("“TỈNH ỦY PHÚ THỌ”"));
}

#[test]
fn a_scanned_document_is_said_to_be_one() {
    let document = Document::new(vec![Block::scan(1, 9)]);
    let warnings = card(Flags::default(), guess()).warnings(&document);
    assert_eq!(warnings, ["bản quét: đảng viên chỉ đọc được tệp gốc; không tìm kiếm được"]);
}

#[test]
fn sizes_are_written_as_people_read_them() {
    for (bytes, expected) in [
        (7, "1 kB"),
        (12_650, "13 kB"),
        (1_048_576, "1,0 MB"),
        (20_971_520, "21,0 MB"),
        (5_000_000_000, "5.000,0 MB"),
    ] {
        assert_eq!(size(bytes), expected);
    }
}
