//! Files read by a real child process, with its limits.

#![expect(clippy::unwrap_used, reason = "a test, also in what its plays share")]

use std::{
    io::{Cursor, Write},
    path::Path,
};

use sotay_server::files::{FileError, Limits, MAX_FILE, Reader};
use zip::{ZipWriter, write::SimpleFileOptions};

fn reader(limits: Limits) -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_sotay-server").into(), limits)
}

fn word(document: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(document).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_plan_comes_back_as_its_document() {
    let text = "# Kế hoạch\n\nQuét dọn đường làng.\n";
    let document = reader(Limits::default()).document("ke-hoach.md", text.as_bytes()).unwrap();
    assert_eq!(document.text(), "Kế hoạch\nQuét dọn đường làng.\n");
}

#[test]
fn a_refusal_comes_back_as_its_sentence() {
    let reader = reader(Limits::default());
    let refused = reader.document("ke-hoach.docx", b"PK\x03\x04 and then nothing").unwrap_err();
    assert!(matches!(refused, FileError::Refused(_)) && refused.to_string().contains("chép lại tệp gốc"));
    let refused = reader.document("ke-hoach.md", b"\xff\xfe").unwrap_err();
    assert_eq!(refused.to_string(), "tệp không ở bảng mã UTF-8");
    assert!(matches!(reader.sheets(&vec![b'a'; MAX_FILE + 1]), Err(FileError::TooLarge)));
}

/// A million paragraphs of one letter are more than a child of 128 MiB can hold.
#[test]
fn a_file_that_needs_too_much_memory_is_stopped_and_said_so() {
    let paragraphs = "<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(1_000_000);
    let document = format!("<w:document><w:body>{paragraphs}</w:body></w:document>");
    let small = Limits { memory: 128 * 1024 * 1024, seconds: 30 };
    let stopped = reader(small).document("ke-hoach.docx", &word(document.as_bytes())).unwrap_err();
    assert!(matches!(stopped, FileError::TooMuchMemory), "{stopped}");
}

/// Nine million paragraphs without a word.
#[test]
fn a_file_that_takes_too_long_is_stopped_and_said_so() {
    let document = format!("<w:document><w:body>{}</w:body></w:document>", "<w:p/>".repeat(9_000_000));
    let brief = Limits { seconds: 1, ..Limits::default() };
    let stopped = reader(brief).document("ke-hoach.docx", &word(document.as_bytes())).unwrap_err();
    assert!(matches!(stopped, FileError::TooLong), "{stopped}");
}

/// A child that is asked for nothing it knows says nothing, and one that cannot be started is told of.
#[test]
fn what_is_no_child_of_ours_is_no_answer() {
    let other = Reader::new(Path::new("/bin/true").into(), Limits::default());
    assert!(matches!(other.document("a.md", b"# A"), Err(FileError::Broken)));
    let absent = Reader::new(Path::new("/no/such/program").into(), Limits::default());
    assert!(matches!(absent.document("a.md", b"# A"), Err(FileError::Program(_))));
}
