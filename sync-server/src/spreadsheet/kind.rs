//! What a file is, by its content: names lie (HTML saved as .xls is common, and Excel opens it without a word).

use std::io::Cursor;

use zip::ZipArchive;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Xlsx,
    Xls,
    /// No spreadsheet that is read here; what it is and what to do, in words for the officer.
    Other(&'static str),
}

macro_rules! save_as {
    ($what:literal) => {
        concat!($what, "; hãy mở bằng Excel và lưu lại dưới dạng “Excel Workbook (.xlsx)”")
    };
}

pub(super) const DAMAGED: &str =
    "tệp Excel bị hỏng hoặc bị cắt cụt; hãy lấy lại bản gốc, mở bằng Excel rồi lưu lại";
pub(super) const ENCRYPTED: &str = "tệp Excel đặt mật khẩu; hãy mở bằng Excel, bỏ mật khẩu (Tệp › Thông tin › Bảo vệ sổ làm việc) rồi lưu lại";

/// OLE compound file: Office before 2007, and anything of Office under a password.
const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

impl Kind {
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Other("tệp trống");
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return of_zip(bytes);
        }
        if bytes.starts_with(&OLE) {
            return of_ole(bytes);
        }
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Self::Other(DAMAGED);
        }
        let signatures: [(&[u8], &'static str); 11] = [
            (b"%PDF", "đây là tệp PDF, không phải bảng tính; hãy nhập danh sách từ tệp Excel"),
            (b"\x89PNG", "đây là tệp ảnh, không phải bảng tính; hãy nhập danh sách từ tệp Excel"),
            (b"\xFF\xD8\xFF", "đây là tệp ảnh, không phải bảng tính; hãy nhập danh sách từ tệp Excel"),
            (b"GIF8", "đây là tệp ảnh, không phải bảng tính; hãy nhập danh sách từ tệp Excel"),
            (b"BM\0", "đây là tệp ảnh, không phải bảng tính; hãy nhập danh sách từ tệp Excel"),
            (b"{\\rtf", "đây là tệp Word (RTF), không phải bảng tính; hãy chép bảng sang Excel rồi lưu lại"),
            (b"Rar!", "đây là tệp nén RAR; hãy giải nén rồi nhập tệp Excel bên trong"),
            (b"7z\xBC\xAF", "đây là tệp nén 7z; hãy giải nén rồi nhập tệp Excel bên trong"),
            (b"\x1F\x8B", "đây là tệp nén GZ; hãy giải nén rồi nhập tệp Excel bên trong"),
            (b"\x09\x08", save_as!("đây là tệp Excel đời quá cũ (trước năm 1997)")),
            (b"\x09\x04", save_as!("đây là tệp Excel đời quá cũ (trước năm 1997)")),
        ];
        match signatures.iter().find(|(signature, _)| bytes.starts_with(signature)) {
            Some((_, reason)) => Self::Other(reason),
            None => of_text(bytes),
        }
    }
}

fn of_zip(bytes: &[u8]) -> Kind {
    let Ok(zip) = ZipArchive::new(Cursor::new(bytes)) else { return Kind::Other(DAMAGED) };
    let has = |name: &str| zip.index_for_name(name).is_some();
    let begins = |folder: &str| zip.file_names().flatten().any(|name| name.starts_with(folder));
    if has("xl/workbook.bin") {
        Kind::Other(save_as!("đây là tệp Excel nhị phân (.xlsb)"))
    } else if begins("word/") {
        Kind::Other("đây là tệp Word, không phải bảng tính; hãy chép bảng sang Excel rồi lưu lại")
    } else if begins("ppt/") {
        Kind::Other("đây là tệp PowerPoint, không phải bảng tính; hãy nhập danh sách từ tệp Excel")
    } else if has("mimetype") && has("content.xml") {
        Kind::Other(save_as!("đây là tệp của LibreOffice (.ods, .odt)"))
    } else if has("[Content_Types].xml") {
        Kind::Xlsx
    } else if zip.is_empty() {
        Kind::Other(DAMAGED)
    } else {
        Kind::Other("đây là tệp nén ZIP, không phải bảng tính; hãy giải nén rồi nhập tệp Excel bên trong")
    }
}

/// By the names of its streams, which stand there in UTF-16 [MS-CFB 2.6.1].
fn of_ole(bytes: &[u8]) -> Kind {
    let has = |name: &str| {
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).chain([0, 0]).collect();
        bytes.windows(utf16.len()).any(|window| window == utf16)
    };
    if has("EncryptedPackage") {
        Kind::Other(ENCRYPTED)
    } else if has("WordDocument") {
        Kind::Other("đây là tệp Word, không phải bảng tính; hãy chép bảng sang Excel rồi lưu lại")
    } else if has("PowerPoint Document") {
        Kind::Other("đây là tệp PowerPoint, không phải bảng tính; hãy nhập danh sách từ tệp Excel")
    } else if has("Workbook") || has("Book") {
        Kind::Xls
    } else {
        Kind::Other(DAMAGED)
    }
}

fn of_text(bytes: &[u8]) -> Kind {
    let head =
        String::from_utf8_lossy(bytes.get(..2_000.min(bytes.len())).unwrap_or_default()).to_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let is_html = ["<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<div"];
    if is_html.iter().any(|opening| head.starts_with(opening))
        || head.starts_with("mime-version:")
        || (head.starts_with("<?xml") && head.contains("<html"))
    {
        Kind::Other(save_as!("đây là trang web (HTML) mang tên tệp Excel"))
    } else if head.starts_with("<?xml") || head.starts_with("<!doctype") {
        Kind::Other(save_as!("đây là tệp XML, chưa phải sổ làm việc Excel"))
    } else {
        Kind::Csv
    }
}
