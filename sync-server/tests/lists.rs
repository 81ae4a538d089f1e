//! Lists at the command line: looked at, brought in, taken out, and templates for them.

#![expect(clippy::unwrap_used, reason = "a test, also in what its plays share")]

use std::{
    path::PathBuf,
    process::{Command, Output},
};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n\
    Chi bộ thôn Khe Nước;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;0010001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;0912000001\n\
    Lê Thị Hòa;07/08/1970;Nữ;0010003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;Bí thư;\n";

/// A folder in which an officer works.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let office = Self { folder: tempfile::tempdir().unwrap() };
        office.write("to-chuc.csv", ORGANISATIONS);
        office.write("dang-vien.csv", MEMBERS);
        office
    }

    /// With both lists brought in.
    fn ready() -> Self {
        let office = Self::new();
        office.says("import organisations to-chuc.csv");
        office.says("import members dang-vien.csv");
        office
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-server"));
        command.current_dir(self.folder.path()).args(words.split(' '));
        for name in ["SOTAY_DB", "SOTAY_CONFIG"] {
            command.env_remove(name);
        }
        command.output().unwrap()
    }

    fn says(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn complains(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_list_is_looked_at_before_it_is_brought_in() {
    let office = Office::new();
    let looked = office.says("import organisations to-chuc.csv --dry-run");
    let expected = "Xem trước tổ chức: 3 mới, 0 thay đổi, 0 giữ nguyên.\n\
        Sẽ thêm 3 tổ chức:\n  \
        + Đảng ủy xã Yên Sơn\n  \
        + Chi bộ thôn Đồi Chè, trực thuộc Đảng ủy xã Yên Sơn\n  \
        + Chi bộ thôn Khe Nước, trực thuộc Đảng ủy xã Yên Sơn\n\
        Chưa ghi gì. Để nhập, chạy lại lệnh này mà không có --dry-run.\n";
    assert_eq!(looked, expected);
    assert_eq!(office.files(), ["dang-vien.csv", "to-chuc.csv"], "no database was made");
    assert!(office.complains("import members dang-vien.csv --dry-run").contains("import organisations"));
    office.says("import organisations to-chuc.csv");
    let looked = office.says("import members dang-vien.csv --dry-run");
    assert!(
        looked.contains("  + Lê Thị Hòa, sinh 07/08/1970, Chi bộ thôn Đồi Chè (Bí thư chi bộ)\n"),
        "{looked}"
    );
    office.says("import members dang-vien.csv");
    let second = MEMBERS
        .replace("0912000001", "0987000001")
        .replace("Chi bộ thôn Đồi Chè;Bí thư", "Chi bộ thôn Khe Nước;");
    office.write("lan-hai.csv", &second);
    let expected = "Xem trước đảng viên: 0 mới, 2 thay đổi, 0 giữ nguyên.\n\
        Sẽ thay đổi 2 đảng viên:\n  \
        ~ Nguyễn Thị Lan, sinh 03/02/1985\n      \
        số điện thoại: 0912000001 → 0987000001\n  \
        ~ Lê Thị Hòa, sinh 07/08/1970\n      \
        chi bộ: Chi bộ thôn Đồi Chè → Chi bộ thôn Khe Nước\n      \
        chức vụ: bỏ Bí thư chi bộ\n\
        Sẽ kết thúc 1 chức vụ:\n  \
        - Bí thư Chi bộ thôn Đồi Chè: Lê Thị Hòa, sinh 07/08/1970\n\
        Chưa ghi gì. Để nhập, chạy lại lệnh này mà không có --dry-run.\n";
    assert_eq!(office.says("import members lan-hai.csv --dry-run"), expected);
    assert_eq!(office.says("import members lan-hai.csv --dry-run"), expected, "nothing was written");
    let done = office.says("import members lan-hai.csv");
    assert!(
        done.starts_with(
            "Đã nhập đảng viên: 0 mới, 2 thay đổi, 0 giữ nguyên.\nChuyển sinh hoạt: 1 đồng chí.\n"
        )
    );
}

#[test]
fn sheets_that_are_no_list_are_passed_over_and_said_so() {
    let office = Office::ready();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, text) in [("Đảng viên", MEMBERS), ("Ghi chú", "Danh sách này do văn phòng lập.")] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        for (line, row) in text.lines().zip(0..) {
            for (cell, column) in line.split(';').zip(0..) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    workbook.save(office.path("so.xlsx")).unwrap();
    let said = office.says("import members so.xlsx");
    let expected = "Lưu ý: Trang tính “Ghi chú” không có danh sách đảng viên nên không đọc.\n\
        Đã nhập đảng viên: 0 mới, 0 thay đổi, 2 giữ nguyên.\n";
    assert_eq!(said, expected);
}

#[test]
fn a_long_list_is_told_as_far_as_a_screen_is_of_use() {
    let office = Office::ready();
    let mut many = MEMBERS.to_owned();
    for card in 20_000..20_250 {
        many.push_str(&format!("Mai;01/02/1988;Nữ;{card};03/02/2012;03/02/2013;Chi bộ thôn Khe Nước;;\n"));
    }
    office.write("nhieu.csv", &many);
    let looked = office.says("import members nhieu.csv --dry-run");
    assert_eq!(looked.lines().count(), 1 + 1 + 200 + 1 + 1, "{looked}");
    assert!(looked.contains("  và 50 dòng nữa\n"), "{looked}");
}

#[test]
fn a_list_of_offices_is_brought_in() {
    let office = Office::ready();
    office.write(
        "chuc-vu.csv",
        "Họ và tên;Ngày sinh;Số thẻ đảng;Tổ chức;Chức vụ\nNguyễn Thị Lan;;0010001;Chi bộ thôn Đồi Chè;Bí thư\n",
    );
    let done = office.says("import roles chuc-vu.csv");
    let expected = "Đã nhập chức vụ: 1 mới, 0 thay đổi, 0 giữ nguyên.\n\
        Kết thúc 1 chức vụ:\n  - Bí thư Chi bộ thôn Đồi Chè: Lê Thị Hòa, sinh 07/08/1970\n";
    assert_eq!(done, expected);
    assert!(office.says("import roles chuc-vu.csv").contains("0 mới, 0 thay đổi, 1 giữ nguyên"));
}

#[test]
fn what_is_exported_and_imported_again_changes_nothing() {
    let office = Office::ready();
    for (kind, lines) in [("organisations", 3), ("members", 2), ("roles", 1)] {
        for form in ["xlsx", "csv"] {
            let file = format!("{kind}.{form}");
            let said = office.says(&format!("export {kind} {file}"));
            assert!(said.starts_with(&format!("Đã ghi {lines} ")), "{said}");
            let looked = office.says(&format!("import {kind} {file} --dry-run"));
            assert!(looked.contains(&format!("0 mới, 0 thay đổi, {lines} giữ nguyên")), "{looked}");
            let again = office.complains(&format!("export {kind} {file}"));
            assert!(again.contains("--force"), "{again}");
            office.says(&format!("export {kind} {file} --force"));
        }
    }
    assert!(office.complains("export members dang-vien.pdf").contains(".xlsx hoặc .csv"));
    assert!(office.complains("export members khong/co.xlsx").contains("không có thư mục"));
    assert!(office.files().iter().all(|name| !name.ends_with(".tmp")), "{:?}", office.files());
    let lines = std::fs::read_to_string(office.path("members.csv")).unwrap();
    assert!(lines.starts_with("\u{feff}Họ và tên;Ngày sinh;"), "{lines}");
}

#[cfg(unix)]
#[test]
fn what_holds_cards_and_telephones_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::ready();
    office.says("export members rieng.xlsx");
    let mode = std::fs::metadata(office.path("rieng.xlsx")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_template_is_made_and_says_that_nothing_is_in_it_yet() {
    let office = Office::ready();
    for (kind, of) in [
        ("organisations", "tổ chức"),
        ("members", "đảng viên"),
        ("roles", "chức vụ"),
        ("meetings", "cuộc họp"),
    ] {
        let file = format!("mau-{kind}.xlsx");
        assert!(office.says(&format!("import template {kind} {file}")).contains("Hướng dẫn"));
        let empty = office.complains(&format!("import {kind} {file}"));
        assert!(empty.contains(&format!("tệp không có {of} nào")), "{empty}");
    }
    assert!(office.complains("import template members mau-members.xlsx").contains("--force"));
    assert!(office.complains("import template members mau.csv").contains(".xlsx"));
    assert!(office.complains("import template").contains("--help"));
}

#[test]
fn a_bad_line_is_named_with_its_file_and_nothing_is_brought_in() {
    let office = Office::ready();
    office.write("sai.csv", &MEMBERS.replace("Khe Nước", "Mây").replace("Đồi Chè;;", "Mây;;"));
    for words in ["import members sai.csv", "import members sai.csv --dry-run"] {
        let complaint = office.complains(words);
        assert!(
            complaint.starts_with("Lỗi: chưa nhập gì, hãy sửa tệp sai.csv rồi nhập lại:\nDòng 2: "),
            "{complaint}"
        );
        assert!(complaint.contains("chưa có chi bộ “Chi bộ thôn Mây”"), "{complaint}");
    }
}

#[test]
fn the_help_speaks_vietnamese_and_names_the_columns() {
    let office = Office::new();
    for (words, expected) in [
        ("import --help", "members: Họ và tên; Ngày sinh; "),
        ("import members --help", "--dry-run"),
        ("import template --help", "Mẫu danh sách đảng viên"),
        ("import template roles --help", "--force"),
        ("export --help", "sotay-server export members dang-vien.xlsx"),
        ("export members --help", "TỆP.xlsx"),
    ] {
        let help = office.says(words);
        assert!(help.contains(expected), "{words}: {help}");
        for english in ["Usage", "Options", "OPTIONS", "Arguments", "Commands", "COMMAND", "Print ", "[env"] {
            assert!(!help.contains(english), "{words}: {english}\n{help}");
        }
    }
}
