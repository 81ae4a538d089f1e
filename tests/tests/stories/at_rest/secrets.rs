//! Fifty words that stand nowhere but where they were planted, and a search for them in whatever form a file could hold them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use sotay_core::search::fold::fold;
use sotay_protocol::signature::Base64;
use unicode_normalization::UnicodeNormalization;

/// Where one of the secrets is planted. What they are called is for the reader of a failure.
pub(super) const PLACES: [&str; 50] = [
    "trích yếu văn bản đã đọc",
    "tên mục của văn bản",
    "lời văn bản",
    "ô bảng của văn bản",
    "tên tệp bản gốc",
    "trong bản gốc",
    "trích yếu văn bản chưa đọc",
    "lời văn bản chưa đọc",
    "lý do thu hồi",
    "trích yếu dự thảo",
    "lời dự thảo",
    "lời văn bản đã ký",
    "tên cơ quan gốc",
    "tên máy lúc kích hoạt",
    "tên máy đặt lại",
    "tên cuộc họp",
    "nơi họp",
    "nội dung họp",
    "đường dẫn họp",
    "tên cuộc họp Lan tạo",
    "nơi họp Lan chọn",
    "nội dung họp Lan soạn",
    "chỗ Lan sửa bị vướng",
    "chỗ Hòa sửa",
    "lý do Hòa ghi",
    "lý do Lan ghi",
    "đảng viên thứ nhất",
    "đảng viên thứ hai",
    "tên ảnh của người khác",
    "chủ đề phản ánh",
    "lời phản ánh",
    "tên ảnh phản ánh",
    "trong ảnh phản ánh",
    "lời gửi thêm",
    "lời trả lời của Mai",
    "chủ đề niêm phong",
    "lời niêm phong",
    "tên ảnh niêm phong",
    "trong ảnh niêm phong",
    "lời trả lời niêm phong",
    "chủ đề của người khác",
    "lời của người khác",
    "trong ảnh của người khác",
    "lời Lan trả lời",
    "chủ đề chưa gửi",
    "lời chưa gửi",
    "tên ảnh chưa gửi",
    "trong ảnh chưa gửi",
    "dòng của bản mới hơn",
    "địa chỉ đánh thức",
];

const FRUITS: [&str; 10] = ["xoài", "bưởi", "gấc", "nhãn", "khế", "lựu", "vải", "đào", "mơrừng", "thịquả"];
const METALS: [&str; 5] = ["bạcròng", "đồngđỏ", "sắtnguội", "thiếchàn", "vàngcốm"];

/// The word that stands at a place and nowhere else.
pub(super) fn secret(place: &str) -> String {
    let at = PLACES.iter().position(|of| *of == place).unwrap();
    format!("{}{}", FRUITS[at % 10], METALS[at / 10])
}

/// What is looked for, by what it is called.
pub(super) struct Search {
    names: Vec<String>,
    patterns: AhoCorasick,
}

/// In base64 as it stands wherever the bytes begin in what is written so; what the neighbours have a part in is left out.
fn in_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let after = |before: usize| {
        let text: String = Base64([vec![0; before], bytes.to_vec()].concat()).into();
        text.as_bytes()[[0, 2, 3][before]..(before + bytes.len()) * 8 / 6].to_vec()
    };
    (0..3).map(after).collect()
}

fn in_hex(bytes: &[u8]) -> [Vec<u8>; 2] {
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [text.to_uppercase().into_bytes(), text.into_bytes()]
}

fn of_bytes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let in_addresses = |of: &u8| match of {
        b'+' => b'-',
        b'/' => b'_',
        _ => *of,
    };
    let mut forms = vec![bytes.to_vec()];
    for text in in_base64(bytes) {
        forms.push(text.iter().map(in_addresses).collect());
        forms.push(text);
    }
    forms.extend(in_hex(bytes));
    forms
}

/// As written, in capitals, with marks apart, without marks as the search folds it, and each of these in UTF-8 and UTF-16, as
/// JSON and addresses escape them, in base64 and in hex.
pub(super) fn forms_of(words: &str) -> BTreeSet<Vec<u8>> {
    let apart: String = words.nfd().collect();
    let spelled = [words.to_owned(), words.to_uppercase(), apart, fold(words), fold(words).to_uppercase()];
    let mut forms = BTreeSet::new();
    for text in &spelled {
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let json = text.chars().map(|letter| match letter {
            ' '..='~' => letter.to_string(),
            _ => format!("\\u{:04x}", u32::from(letter)),
        });
        let address = text.bytes().map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        forms.extend(of_bytes(text.as_bytes()));
        forms.extend(of_bytes(&little));
        forms.extend(of_bytes(&big));
        forms.extend([json.collect::<String>().into_bytes(), address.collect::<String>().into_bytes()]);
    }
    forms
}

impl Search {
    /// For the fifty words, and for bytes that are no words.
    pub(super) fn new(bytes: &[(&str, Vec<u8>)]) -> Self {
        let words = PLACES
            .iter()
            .flat_map(|place| forms_of(&secret(place)).into_iter().map(|form| ((*place).to_owned(), form)));
        let bytes = bytes
            .iter()
            .flat_map(|(name, bytes)| of_bytes(bytes).into_iter().map(|form| ((*name).to_owned(), form)));
        let (names, patterns): (Vec<_>, Vec<_>) = words.chain(bytes).unzip();
        let shortest = patterns.iter().map(Vec::len).min().unwrap();
        assert!(shortest >= 8, "a form of {shortest} bytes would be found by chance");
        let patterns =
            AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(patterns).unwrap();
        Self { names, patterns }
    }

    pub(super) fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<String> {
        let found = self.patterns.find_overlapping_iter(bytes);
        found.map(|found| self.names[found.pattern().as_usize()].clone()).collect()
    }

    /// In which file what was found; and how many bytes were looked at.
    pub(super) fn in_folder(&self, folder: &Path) -> (BTreeMap<String, BTreeSet<String>>, u64) {
        let (mut found, mut size) = (BTreeMap::new(), 0);
        for (name, bytes) in files(folder) {
            size += bytes.len() as u64;
            let here = self.in_bytes(&[name.as_bytes(), b"\n", bytes.as_slice()].concat());
            if !here.is_empty() {
                found.insert(name, here);
            }
        }
        (found, size)
    }
}

/// Every file under a folder, by its path in it. One that went while it was looked for is none.
pub(super) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut all, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(of) = folders.pop() {
        for entry in fs::read_dir(&of).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                all.insert(path.strip_prefix(folder).unwrap().display().to_string(), bytes);
            }
        }
    }
    all
}
