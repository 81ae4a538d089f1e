//! What is no spreadsheet, or none that can be opened, is told so by what it is, whatever its name says.

use super::*;

fn ole(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(1_024, 0);
    bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4_096, 0);
    bytes
}

/// A list that LibreOffice wrote.
fn xls() -> Vec<u8> {
    let file =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/files/libreoffice/dang-vien-1.xls");
    std::fs::read(file).unwrap()
}

/// The same, said to be encrypted: the record after the beginning of its stream is made a FILEPASS [MS-XLS 2.4.117].
fn xls_under_password() -> Vec<u8> {
    let mut bytes = xls();
    let beginning = [0x09, 0x08, 0x10, 0x00, 0x00, 0x06, 0x05, 0x00];
    let at = bytes.windows(8).position(|window| window == beginning).unwrap() + 20;
    bytes[at] = 0x2F;
    bytes[at + 1] = 0;
    bytes[at + 4] = 1;
    bytes
}

#[test]
fn each_other_kind_of_file_says_what_it_is_and_what_to_do() {
    let content = ("[Content_Types].xml", CONTENT_TYPES.as_bytes());
    for (bytes, expected) in [
        (vec![], "tệp trống"),
        (zipped(&[content, ("word/document.xml", b"<w/>")]), "tệp Word"),
        (zipped(&[content, ("ppt/presentation.xml", b"<p/>")]), "PowerPoint"),
        (zipped(&[content, ("xl/workbook.bin", b"..")]), ".xlsb"),
        (zipped(&[("mimetype", b"application/vnd.oasis"), ("content.xml", b"<o/>")]), ".ods"),
        (zipped(&[("anh.jpg", b"..")]), "tệp nén ZIP"),
        (ole("WordDocument"), "tệp Word"),
        (ole("EncryptedPackage"), "đặt mật khẩu"),
        (ole("Root Entry"), "bị hỏng"),
        (xls_under_password(), "đặt mật khẩu"),
        (b"%PDF-1.7".to_vec(), "PDF"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "tệp ảnh"),
        (b"\xff\xd8\xff\xe0".to_vec(), "tệp ảnh"),
        (b"{\\rtf1".to_vec(), "Word (RTF)"),
        (b"Rar!\x1a".to_vec(), "RAR"),
        (b"\xef\xbb\xbf\n<html><table><tr><td>Lan</td></tr></table>".to_vec(), "trang web (HTML)"),
        (b"MIME-Version: 1.0".to_vec(), "trang web (HTML)"),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), "tệp XML"),
        (vec![0x09, 0x04, 0x06, 0x00], "đời quá cũ"),
    ] {
        let said = refusal(&bytes);
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(bytes.is_empty() || said.contains("hãy"), "{said}");
    }
}

#[test]
fn a_file_cut_short_is_said_to_be_so() {
    let whole = by_hand(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#, "Họ và tên", "");
    assert_eq!(sheets(&whole).unwrap()[0].rows.len(), 1);
    for length in (4..whole.len()).step_by(7) {
        assert!(refusal(&whole[..length]).contains("bị hỏng"), "{length}");
    }
    let whole = xls();
    for length in (600..whole.len() - 1).step_by(53).chain([whole.len() - 1]) {
        match sheets(&whole[..length]) {
            // What is missing holds no list: the author, or room that was never used.
            Ok(read) => assert!(read == sheets(&whole).unwrap(), "{length}"),
            Err(errors) => assert!(report(&errors).contains("bị hỏng"), "{length}"),
        }
    }
    assert!(refusal(b"PK\x05\x06\0\0").contains("bị hỏng"));
}
