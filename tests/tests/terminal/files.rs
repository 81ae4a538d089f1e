//! `files`, and what a message takes along.

use crate::stage::Village;

/// A PNG that a decoder need not open: its parts, and a picture of so many bytes.
pub(crate) fn photo(seed: u8, length: usize) -> Vec<u8> {
    let chunk = |name: &[u8; 4], inner: &[u8]| {
        let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
        [&length[..], &name[..], inner, &[0; 4]].concat()
    };
    let (head, picture) = (chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &vec![seed; length]));
    [b"\x89PNG\r\n\x1a\n".to_vec(), head, picture, chunk(b"IEND", &[])].concat()
}

/// The letters at the end of the line in which `name` stands.
fn code(list: &str, name: &str) -> String {
    let (_, rest) = list.split_once(name).expect(list);
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|letter| letter.is_ascii_hexdigit());
    rest.split_whitespace().find(is_code).expect(list).to_owned()
}

#[test]
fn a_file_keeps_its_name_whatever_comes_after_it() {
    let village = Village::new();
    let lan = village.lan();
    let (bridge, road) =
        (village.write("cau.png", &photo(1, 9_000)), village.write("duong.png", &photo(2, 700)));
    let (bridge, road) = (bridge.to_str().unwrap(), road.to_str().unwrap());
    // The same photo twice in one message, and once more in another: it is one file, and one waits.
    lan.says(&["feedback", "new", "Cầu treo", "Gãy.", "--photo", bridge, "--photo", bridge]);
    lan.says(&["feedback", "new", "Cầu treo, nhắc lại", "Vẫn gãy.", "--photo", bridge]);
    let list = lan.says(&["files"]);
    assert_eq!(list.matches("cau.png").count(), 1, "{list}");
    assert!(list.ends_with("1 tệp, 10 kB trên 200 MB"), "{list}");
    assert!(lan.says(&["status"]).contains("1 tệp (10 kB) chờ gửi"));
    let name = code(&list, "cau.png");
    for deed in ["get", "drop"] {
        let why = lan.complains(&["files", deed, &name]);
        assert!(why.contains("Ảnh “cau.png” của đồng chí đang chờ gửi"), "{why}");
    }
    lan.says(&["sync"]);
    lan.says(&["feedback", "new", "Đường thôn", "Lở.", "--photo", road]);
    let list = lan.says(&["files"]);
    assert!(list.find("duong.png") < list.find("cau.png"), "the newest first: {list}");
    assert_eq!(code(&list, "cau.png"), name);
    let out = village.write("ra.png", b"");
    lan.says(&["files", "open", &name, "--out", out.to_str().unwrap(), "--force"]);
    assert_eq!(std::fs::read(&out).unwrap(), photo(1, 9_000));
    lan.says(&["files", "open", "2", "--out", out.to_str().unwrap(), "--force"]);
    assert!(lan.says(&["files", "get", "cau"]).contains("cau.png"));
}

#[test]
fn what_cannot_be_set_or_sent_is_said_with_its_reason() {
    let village = Village::new();
    let lan = village.lan();
    for mb in ["0", "9", "100001", "99999999999999"] {
        let why = lan.complains(&["files", "room", "--mb", mb]);
        assert!(why.contains("từ 10 MB đến 100.000 MB"), "{mb}: {why}");
    }
    assert!(lan.says(&["files", "room", "--mb", "500"]).contains("0 tệp, 0 kB trên 500 MB"));
    let empty = village.write("rong.jpg", b"");
    let why = lan.complains(&["feedback", "new", "Cầu", "Gãy.", "--photo", empty.to_str().unwrap()]);
    assert!(why.contains("tệp rỗng"), "{why}");
}

/// Mai shows what was done; Lan sees it.
#[test]
fn an_officers_answer_takes_a_photo_along() {
    let village = Village::new();
    let (lan, mai) = (village.lan(), village.mai());
    lan.says(&["feedback", "new", "Cầu treo", "Ván mục ba tấm."]);
    lan.says(&["sync"]);
    mai.says(&["sync"]);
    let mended = village.write("cau-moi.png", &photo(3, 5_000));
    mai.says(&["desk", "answer", "1", "Đã thay ván.", "--photo", mended.to_str().unwrap()]);
    assert!(mai.says(&["desk", "show", "1"]).contains("cau-moi.png, 6 kB: chờ gửi khi có mạng"));
    mai.says(&["sync"]);
    lan.says(&["sync"]);
    let read = lan.says(&["feedback", "show", "1"]);
    assert!(read.contains("Đã thay ván.") && read.contains("cau-moi.png, 6 kB: có trên máy"), "{read}");
    let out = village.write("xem.png", b"");
    lan.says(&["files", "open", "1", "--out", out.to_str().unwrap(), "--force"]);
    assert_eq!(std::fs::read(&out).unwrap(), photo(3, 5_000));
}
