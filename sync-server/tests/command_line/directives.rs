//! A document is published, replaced, withdrawn, looked for, and taken out again.

use std::process::Output;

use crate::office::Office;

const LETTERHEAD: &str = "ĐẢNG BỘ TỈNH PHÚ THỌ\n\nĐẢNG ỦY XÃ YÊN SƠN\n\nSố 21-KH/ĐU\n\n\
    Yên Sơn, ngày 03 tháng 12 năm 2025\n\n# KẾ HOẠCH\n\nvề làm đường thôn\n\n---\n\n\
    | Việc | Hạn |\n|---|---|\n| Đổ bê tông | 30/6 |\n";

#[test]
fn a_document_is_published_once() {
    let office = Office::ready();
    let publish = |number: &str, abstract_: &str| {
        let words =
            ["publish", "ke-hoach.md", "--number", number, "--date", "03/12/2025", "--abstract", abstract_];
        office.run(&words)
    };
    let said = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(said(publish("17-KH/ĐU", "Kế hoạch làm đường")), "Đã ban hành Kế hoạch 17-KH/ĐU.\n");
    assert!(said(publish("17-KH/ĐU", "Kế hoạch làm đường")).contains("đã được ban hành từ trước"));
    assert!(said(publish("17-KH/ĐU", "Kế hoạch làm cầu")).contains("với nội dung khác"));
    assert!(said(publish("5-QĐ/ĐU", "Về làm đường")).contains("--type"));
    assert!(said(publish("số năm", "Về làm đường")).contains("17-KH/ĐU"));
    office.write("anh.png", "ảnh");
    let said = ["--number", "18-KH/ĐU", "--date", "03/12/2025", "--abstract", "x"];
    let picture = office.complains(&[&["publish", "anh.png"], &said[..]].concat());
    assert!(picture.contains(".docx"), "{picture}");
}

#[test]
fn what_a_letterhead_says_is_shown_and_wants_a_word() {
    let office = Office::ready();
    office.write("lam-duong.md", LETTERHEAD);
    let unsure = office.run(&["publish", "lam-duong.md"]);
    assert!(!unsure.status.success());
    let (card, why) = (String::from_utf8(unsure.stdout).unwrap(), String::from_utf8(unsure.stderr).unwrap());
    for line in [
        "Kế hoạch (đọc từ văn bản)",
        "21-KH/ĐU (đọc từ văn bản)",
        "03/12/2025 (đọc từ văn bản)",
        "Đảng ủy xã Yên Sơn (đọc từ văn bản)",
        "về làm đường thôn (đọc từ văn bản)",
        "lam-duong.md",
    ] {
        assert!(card.contains(line), "{line}: {card}");
    }
    assert!(why.contains("--yes") && why.lines().count() == 1, "{why}");
    let dry = office.says("publish lam-duong.md --dry-run");
    assert!(dry.contains("21-KH/ĐU") && dry.contains("# KẾ HOẠCH"), "{dry}");
    assert!(office.complains(&["original", "21-KH/ĐU", "--out", "x.md"]).contains("không có văn bản nào"));
    let done = office.says("publish lam-duong.md --yes");
    assert!(done.ends_with("Đã ban hành Kế hoạch 21-KH/ĐU.\n"), "{done}");
    let words = ["--number", "21-KH/ĐU", "--date", "3/12/2025", "--abstract", "về làm đường thôn"];
    let again = office.says_all(&[&["publish", "lam-duong.md"], &words[..]].concat());
    assert_eq!(again, "Kế hoạch 21-KH/ĐU đã được ban hành từ trước, không có gì thay đổi.\n", "one document");
    let unlike = ["--number", "22-KH/ĐU", "--date", "04/12/2025", "--abstract", "về làm đường thôn"];
    let output = office.run(&[&["publish", "lam-duong.md"], &unlike[..]].concat());
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && warned.contains("văn bản ghi 21-KH/ĐU"), "{warned}");
}

/// Nobody looks at the card of a script, so another issuer than the printed one is never put in its place.
#[test]
fn an_issuer_that_the_server_does_not_know_is_asked_for() {
    let office = Office::ready();
    let text = LETTERHEAD.replace("ĐẢNG ỦY XÃ YÊN SƠN", "ĐẢNG ỦY XÃ MÂY TRẮNG");
    office.write("ke-hoach.md", &text);
    let asked = office.complains(&["publish", "ke-hoach.md", "--yes"]);
    assert!(asked.contains("“ĐẢNG ỦY XÃ MÂY TRẮNG”") && asked.contains("--issuer"), "{asked}");
    office.says_all(&["publish", "ke-hoach.md", "--yes", "--issuer", "Đảng ủy xã Yên Sơn"]);
}

#[test]
fn the_original_comes_back_byte_for_byte_and_over_nothing() {
    let office = Office::ready();
    let text = LETTERHEAD.repeat(3_000);
    office.write("lam-duong.md", &text);
    office.says("publish lam-duong.md --yes");
    let said = office.says_all(&["original", "21-KH/ĐU", "--out", "ra.md"]);
    assert!(said.contains("Kế hoạch 21-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn"), "{said}");
    assert!(std::fs::read(office.path("ra.md")).unwrap() == text.as_bytes());
    office.write("ra.md", "của tôi");
    let there = office.complains(&["original", "21-KH/ĐU", "--out", "ra.md"]);
    assert!(there.contains("--force"), "{there}");
    assert_eq!(std::fs::read_to_string(office.path("ra.md")).unwrap(), "của tôi");
    office.says_all(&["original", "21-KH/ĐU", "--out", "ra.md", "--force"]);
    assert!(std::fs::read(office.path("ra.md")).unwrap() == text.as_bytes());
    let nowhere = office.complains(&["original", "21-KH/ĐU", "--out", "khong/co/ra.md"]);
    assert!(nowhere.contains("hãy kiểm tra thư mục"), "{nowhere}");
    // The same number of a cell.
    let of_cell = LETTERHEAD.replace("ĐẢNG ỦY XÃ YÊN SƠN", "CHI BỘ THÔN ĐỒI CHÈ");
    office.write("cua-chi-bo.md", &of_cell);
    office.says("publish cua-chi-bo.md --yes");
    let two = office.complains(&["original", "21-KH/ĐU", "--out", "hai.md"]);
    assert!(two.contains("có 2 văn bản") && two.contains("Chi bộ thôn Đồi Chè"), "{two}");
    let one = ["original", "21-KH/ĐU", "--issuer", "chi bộ thôn đồi chè", "--out", "hai.md"];
    office.says_all(&one);
    assert_eq!(std::fs::read_to_string(office.path("hai.md")).unwrap(), of_cell);
}

/// A page that is one picture, as a scanner makes it.
fn scanned() -> Vec<u8> {
    use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};
    let [catalog, pages, page, picture, content] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut of_page = pdf.page(page);
    of_page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(pages).contents(content);
    of_page.resources().x_objects().pair(Name(b"P"), picture);
    of_page.finish();
    let mut image = pdf.image_xobject(picture, &[128]);
    image.width(1).height(1).color_space().device_gray();
    image.bits_per_component(8);
    image.finish();
    let mut drawn = Content::new();
    drawn.save_state().transform([595.0, 0.0, 0.0, 842.0, 0.0, 0.0]).x_object(Name(b"P")).restore_state();
    pdf.stream(content, &drawn.finish());
    pdf.finish()
}

#[test]
fn a_scan_is_published_by_what_the_officer_says_of_it() {
    let office = Office::ready();
    std::fs::write(office.path("quet.pdf"), scanned()).unwrap();
    let unknown = office.complains(&["publish", "quet.pdf"]);
    assert!(unknown.contains("hãy ghi bằng --number, --date, --abstract"), "{unknown}");
    let dry = office.says("publish quet.pdf --dry-run");
    assert!(dry.contains("bản quét: đảng viên chỉ đọc được tệp gốc; không tìm kiếm được"), "{dry}");
    assert!(dry.contains("Số, ký hiệu:       chưa rõ") && dry.contains("quet.pdf"), "{dry}");
    let said = ["--number", "30-KH/ĐU", "--date", "03/12/2025", "--abstract", "Kế hoạch quét dọn"];
    let output = office.run(&[&["publish", "quet.pdf"], &said[..]].concat());
    let (done, warned) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(done, "Đã ban hành Kế hoạch 30-KH/ĐU.\n");
    assert!(warned.contains("bản quét"), "{warned}");
    office.says("original 30-KH/ĐU --out ra.pdf");
    assert_eq!(std::fs::read(office.path("ra.pdf")).unwrap(), scanned());
}

#[test]
fn a_plan_takes_the_place_of_another_and_is_withdrawn_in_the_end() {
    let office = Office::ready();
    let publish = |number: &str, more: &[&str]| {
        let words =
            ["publish", "ke-hoach.md", "--number", number, "--date", "03/12/2025", "--abstract", "Làm đường"];
        office.run(&[&words[..], more].concat())
    };
    let said = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    said(publish("17-KH/ĐU", &[]));
    let nothing = said(publish("18-KH/ĐU", &["--replaces", "16-KH/ĐU"]));
    assert!(nothing.contains("--replaces: không có văn bản nào mang số “16-KH/ĐU”"), "{nothing}");
    let replaced = said(publish("18-KH/ĐU", &["--replaces", "17-KH/ĐU"]));
    assert!(replaced.contains("Đã ban hành Kế hoạch 18-KH/ĐU."), "{replaced}");
    assert!(replaced.contains("thay thế Kế hoạch 17-KH/ĐU ngày 03/12/2025"), "{replaced}");
    let itself = said(publish("18-KH/ĐU", &["--replaces", "18-KH/ĐU"]));
    assert!(itself.contains("không thể thay thế chính nó"), "{itself}");

    assert!(office.complains(&["withdraw", "18-KH/ĐU"]).contains("--reason"));
    assert!(office.complains(&["withdraw", "18-KH/ĐU", "--reason", " "]).contains("lý do"));
    assert!(office.complains(&["withdraw", "19-KH/ĐU", "--reason", "x"]).contains("không có văn bản nào"));
    let done = office.says_all(&["withdraw", "18-KH/ĐU", "--reason", "Ban hành nhầm"]);
    assert!(
        done.starts_with("Đã thu hồi Kế hoạch 18-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn."),
        "{done}"
    );
    let again = office.says_all(&["withdraw", "18-KH/ĐU", "--reason", "Ban hành nhầm"]);
    assert!(again.contains("đã được thu hồi từ trước"), "{again}");
    let file = office.complains(&["original", "18-KH/ĐU", "--out", "ra.md"]);
    assert!(file.contains("không kèm tệp gốc"), "{file}");
    assert!(said(publish("18-KH/ĐU", &[])).contains("đã bị thu hồi"));
}

#[test]
fn who_looks_for_a_number_that_is_none_is_shown_the_nearest_and_where_all_of_them_stand() {
    let office = Office::ready();
    let withdraw =
        |more: &[&str]| office.complains(&[&["withdraw", "99-XX/ĐU", "--reason", "x"], more].concat());
    assert!(withdraw(&[]).contains("“99-XX/ĐU”: trên máy chủ chưa có văn bản nào"));
    assert_eq!(office.says("directives"), "Chưa có văn bản nào được ban hành.\n");
    for (number, date) in [("17-KH/ĐU", "03/12/2025"), ("9-NQ/ĐU", "04/12/2025"), ("99-CV/ĐU", "02/12/2025")]
    {
        let words = ["publish", "ke-hoach.md", "--number", number, "--date", date, "--abstract", "Làm đường"];
        office.says_all(&words);
    }
    let said = withdraw(&[]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "{said}");
    assert!(
        lines[0].contains("“99-XX/ĐU”") && lines[1].contains("Công văn 99-CV/ĐU ngày 02/12/2025"),
        "{said}"
    );
    assert!(lines[4].ends_with("sotay-server directives"), "{said}");
    let other_day = ["withdraw", "17-KH/ĐU", "--date", "05/12/2025", "--reason", "x"];
    let said = office.complains(&other_day);
    assert!(said.contains("không đúng") && said.contains("17-KH/ĐU ngày 03/12/2025"), "{said}");

    office.says_all(&["withdraw", "17-KH/ĐU", "--reason", "Nhầm"]);
    let listed = office.says("directives");
    assert!(
        listed.starts_with("Nghị quyết 09-NQ/ĐU ngày 04/12/2025 của Đảng ủy xã Yên Sơn\n  Làm đường\n"),
        "{listed}"
    );
    assert!(
        listed.contains("Kế hoạch 17-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn [đã thu hồi]"),
        "{listed}"
    );
    assert!(listed.ends_with("3 văn bản.\n"), "{listed}");
    let plans = office.says_all(&["directives", "KẾ HOẠCH"]);
    assert!(plans.ends_with("1 trong 3 văn bản có “KẾ HOẠCH”.\n"), "{plans}");
}

#[test]
fn a_replacement_that_is_older_or_reaches_fewer_is_published_with_a_word() {
    let office = Office::ready();
    let publish = |number: &str, date: &str, more: &[&str]| {
        let words = ["publish", "ke-hoach.md", "--number", number, "--date", date];
        let said = office.run(&[&words[..], more].concat());
        String::from_utf8([said.stdout, said.stderr].concat()).unwrap()
    };
    let said = ["--abstract", "Làm đường"];
    publish("17-KH/ĐU", "03/12/2025", &said);
    let older = publish("18-KH/ĐU", "01/12/2025", &[&said[..], &["--replaces", "17-KH/ĐU"]].concat());
    assert!(
        older.contains(
            "Lưu ý: văn bản này ghi ngày 01/12/2025, trước văn bản được thay thế (ngày 03/12/2025)"
        ),
        "{older}"
    );
    assert!(
        older.contains("Đã ban hành Kế hoạch 18-KH/ĐU.") && !older.contains("những đồng chí còn lại"),
        "{older}"
    );

    // What was read wants a word, or --yes; the notice stands above the question in both.
    let narrower = ["--replaces", "18-KH/ĐU", "--to", "secretaries"];
    office.write("in-san.md", LETTERHEAD);
    for more in [&["--dry-run"][..], &[], &["--yes"]] {
        let said = office.run(&[&["publish", "in-san.md"], &narrower[..], more].concat());
        let said = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
        let expected = "  Lưu ý: văn bản cũ gửi mọi đảng viên thuộc cơ quan ban hành và cấp dưới, văn bản này chỉ gửi các đồng \
            chí bí thư: những đồng chí còn lại";
        assert!(said.contains(expected) && !said.contains("văn bản này ghi ngày"), "{more:?}: {said}");
        assert_eq!(said.contains("Đã ban hành"), more == ["--yes"], "{more:?}: {said}");
    }
    let wider = publish("20-KH/ĐU", "03/12/2025", &[&said[..], &["--replaces", "21-KH/ĐU"]].concat());
    assert!(wider.contains("Đã ban hành") && !wider.contains("Lưu ý"), "{wider}");
    let of_a_cell =
        ["--replaces", "20-KH/ĐU", "--issuer", "Chi bộ thôn Đồi Chè", "--replaces-date", "03/12/2025"];
    let elsewhere = publish("21-KH/CB", "03/12/2025", &[&said[..], &of_a_cell].concat());
    assert!(elsewhere.contains("không đúng --issuer"), "{elsewhere}");
}
