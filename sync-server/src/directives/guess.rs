//! Guesses what a document says of itself in its letterhead: number, date, issuer, type, abstract, urgency.
//!
//! The form of the Party's documents is fixed (Hướng dẫn 36-HD/VPTW): at the left the organisation above and the
//! issuer, a star, the number; at the right the name of the Party, place and date; below in the middle the type in
//! capitals, the abstract, and a rule. What comes of it depends on who drew it and who read it: a table without lines,
//! tabs, one line for two columns, one column after the other. So each thing is known by how it is written, and its
//! place only decides between two of a kind. What is not sure is not guessed: an officer would rather type a number
//! than overlook a wrong one.

mod letterhead;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DirectiveType, Number, Urgency},
    document::Document,
    limits,
};

use self::letterhead::{Line, Piece};
use crate::{
    spreadsheet::{fold, name_key},
    store::StoredOrganisation,
};

/// What a document says of itself; `None` where it does not, or not surely.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guess {
    pub number: Option<Number>,
    pub date: Option<NaiveDate>,
    /// As printed, in capitals.
    pub issuer_name: Option<String>,
    /// As its own line says, or else the number's code.
    pub directive_type: Option<DirectiveType>,
    /// As printed, in one line.
    pub abstract_: Option<String>,
    pub urgency: Option<Urgency>,
}

/// How organisations begin. A line in capitals that begins otherwise goes on from the one before.
const ORGANISATIONS: [&str; 24] = [
    "dang bo",
    "dang uy",
    "chi bo",
    "chi uy",
    "tinh uy",
    "thanh uy",
    "huyen uy",
    "quan uy",
    "ban ",
    "bo chinh tri",
    "bo tu lenh",
    "van phong",
    "uy ban",
    "trung tam",
    "trung uong",
    "hoi dong",
    "hoi nong dan",
    "hoi lien hiep",
    "hoi cuu",
    "tieu ban",
    "to dang",
    "mat tran",
    "doan thanh nien",
    "truong ",
];
/// Lines of an abstract; a longer run is something else.
const LINES_OF_ABSTRACT: usize = 6;

/// What stands in the letterhead of `document`.
#[must_use]
pub fn guess(document: &Document) -> Guess {
    let lines = letterhead::lines(document);
    // A title that stands below is one of another document, or a cell of a table.
    let addressed = lines.iter().position(|line| fold(&line.text).starts_with("kinh gui"));
    let head = lines.get(..addressed.unwrap_or(lines.len())).unwrap_or_default();
    let title = head.iter().position(|line| title(line).is_some());
    let head = head.get(..title.unwrap_or(head.len())).unwrap_or_default();
    let pieces = letterhead::pieces(head);
    let number = pieces.iter().find_map(|piece| match piece {
        Piece::Number { number, code } => Some((number.clone(), code.clone())),
        _ => None,
    });
    let (number, code) = number.unwrap_or_default();
    let date = pieces.iter().find_map(|piece| match piece {
        Piece::Date(date) => Some(*date),
        _ => None,
    });
    let by_line = title.and_then(|at| lines.get(at)).and_then(self::title);
    let directive_type = by_line.as_ref().map(|(said, _)| *said).or_else(|| type_of(code.as_deref()?));
    let abstract_ = match (title, &by_line) {
        (Some(at), Some((_, rest))) => abstract_below(lines.get(at..).unwrap_or_default(), rest),
        _ => abstract_beside(head, &pieces),
    };
    Guess {
        number,
        date,
        issuer_name: issuer(&pieces).filter(|words| is_read(words)),
        directive_type,
        abstract_: abstract_.filter(|words| words.len() <= limits::LINE && is_read(words)),
        urgency: head.iter().find_map(|line| stamp(&line.text)).or_else(|| stamp_behind(&pieces)),
    }
}

/// No letter of it was lost by a PDF that draws what it does not say.
fn is_read(words: &str) -> bool {
    !words.contains(char::REPLACEMENT_CHARACTER)
}

/// The organisation that is printed so. A committee signs for its organisation: “Đảng ủy xã”, “Đảng bộ xã” and “Ban
/// Chấp hành Đảng bộ xã” are one.
#[must_use]
pub fn printed_organisation<'a>(
    printed: &str,
    known: &'a [StoredOrganisation],
) -> Option<&'a StoredOrganisation> {
    let wanted = name_key(printed);
    let same = |key: &str| known.iter().find(|stored| name_key(&stored.organisation.name) == key);
    let plain = |key: &str| {
        let key = ["Ban Chấp hành", "Ban Thường vụ"]
            .iter()
            .find_map(|committee| key.strip_prefix(&format!("{} ", name_key(committee))))
            .unwrap_or(key);
        let of = |words: &str| key.strip_prefix(&format!("{} ", name_key(words)));
        match of("Đảng ủy").or_else(|| of("Đảng bộ")) {
            Some(place) => format!("đảng {place}"),
            None => key.to_owned(),
        }
    };
    same(&wanted).or_else(|| {
        let wanted = plain(&wanted);
        let mut alike = known.iter().filter(|stored| plain(&name_key(&stored.organisation.name)) == wanted);
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// The type that the line names, and the words behind it. It stands in capitals, or in a heading.
fn title(line: &Line) -> Option<(DirectiveType, String)> {
    let letters = squeezed(&line.text);
    for (directive_type, name, _) in DirectiveType::ALL {
        if letters == squeezed(name) && (line.heading || is_capitals(&line.text)) {
            return Some((directive_type, String::new()));
        }
        // “KẾ HOẠCH sinh hoạt chi bộ”, as a reader of PDF joins it.
        let count = name.chars().count();
        let (start, rest) = line.text.split_at(line.text.char_indices().nth(count).map_or(0, |(at, _)| at));
        let named = fold(start) == fold(name) && rest.starts_with([' ', ':']);
        if named && (line.heading || is_capitals(start)) {
            return Some((directive_type, rest.trim_start_matches([' ', ':', '-', '–']).to_owned()));
        }
    }
    None
}

fn type_of(code: &str) -> Option<DirectiveType> {
    let mut known = DirectiveType::of_code(code);
    known.next().filter(|_| known.next().is_none())
}

/// The lower of the lines at the left, above the number. A line that follows at once is the rest of a name that a narrow
/// column broke, be it a single short word; behind a drawn line or the date comes something else.
fn issuer(pieces: &[Piece]) -> Option<String> {
    const STAMPS: [&str; 4] = ["du thao", "mat", "toi mat", "tuyet mat"];
    let number = pieces.iter().position(|piece| matches!(piece, Piece::Number { .. }));
    let above = pieces.get(..number.unwrap_or(pieces.len())).unwrap_or_default();
    let mut named: Option<String> = None;
    let mut goes_on = false;
    for piece in above {
        let Piece::Words(words) = piece else {
            goes_on = false;
            continue;
        };
        if stamp(words).is_some() || STAMPS.contains(&fold(words).as_str()) {
            continue;
        }
        let name = words.trim_matches(|letter: char| !letter.is_alphanumeric());
        if is_organisation(name) {
            named = Some(lower_of_two(name).to_owned());
            goes_on = true;
        } else if !is_capitals(words) {
            goes_on = false;
        } else if let Some(named) = named.as_mut().filter(|_| goes_on) {
            named.push(' ');
            named.push_str(name);
        }
    }
    named
}

/// Where both lines came as one: an organisation has no other in its name, but for whom it belongs to.
fn lower_of_two(words: &str) -> &str {
    let above = ["ĐẢNG BỘ ", "ĐẢNG ỦY ", "ĐẢNG UỶ "].iter().any(|start| words.starts_with(start));
    let lower = ["ĐẢNG ỦY ", "ĐẢNG UỶ ", "CHI BỘ "].iter().filter_map(|start| words.rfind(start)).max();
    match lower {
        Some(at) if above && at > 0 => words.get(at..).unwrap_or(words),
        _ => words,
    }
}

/// The lines under the title. Where they are bold, all that is; else what goes on in small letters.
fn abstract_below(lines: &[Line], rest: &str) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    let (title, lines) = lines.split_first()?;
    let mut bold = None;
    if !rest.is_empty() {
        words.push(rest);
        bold = Some(title.bold);
    }
    for line in lines {
        let goes_on = match bold {
            None => !line.is_rule() && may_begin(line),
            // A line of one block with the one before goes on in any case, for it was broken by hand.
            Some(bold) => line.bold == bold && !opens_body(line) && (bold || begins_small(&line.text)),
        };
        if line.item || !goes_on || words.len() == LINES_OF_ABSTRACT {
            break;
        }
        bold = Some(line.bold);
        words.push(&line.text);
    }
    joined(&words)
}

fn may_begin(line: &Line) -> bool {
    let is_title = line.bold || begins_small(&line.text) || fold(&line.text).starts_with("ve ");
    let opens = ["can cu", "kinh gui"].iter().any(|start| fold(&line.text).starts_with(start));
    is_title && !opens && !is_organisation(&line.text) && !is_numbered(&line.text)
}

/// A letter has no title: its abstract stands under its number.
fn abstract_beside(lines: &[Line], pieces: &[Piece]) -> Option<String> {
    // Without a number it may be any text.
    pieces.iter().find(|piece| matches!(piece, Piece::Number { .. }))?;
    let begins = |line: &Line| is_about(&line.text);
    let Some(at) = lines.iter().position(begins) else { return abstract_behind(lines, pieces) };
    let (first, rest) = lines.get(at..)?.split_first()?;
    let mut words = vec![first.text.as_str()];
    for line in rest.iter().take(LINES_OF_ABSTRACT - 1) {
        let goes_on = line.group == first.group || begins_small(&line.text);
        if !goes_on || line.is_rule() || opens_body(line) || letterhead::is_dated(&line.text) {
            break;
        }
        words.push(&line.text);
    }
    joined(&words)
}

fn is_about(words: &str) -> bool {
    let words = fold(words);
    ["v/v", "v/ v", "ve viec"].iter().any(|start| words.starts_with(start))
}

/// The same in one line with the number, where it does not go on in the next.
fn abstract_behind(lines: &[Line], pieces: &[Piece]) -> Option<String> {
    let words = pieces.iter().find_map(|piece| match piece {
        Piece::Words(words) if is_about(words) => Some(words.as_str()),
        _ => None,
    })?;
    let at = lines.iter().position(|line| line.text.contains(words))?;
    let ends = lines.get(at + 1).is_none_or(|next| !begins_small(&next.text));
    joined(&[without_stamp(words).0]).filter(|_| ends)
}

fn joined(words: &[&str]) -> Option<String> {
    let words = words.join(" ");
    let words = words.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '*' | '_'));
    // A sentence that ends is text, not its abstract.
    let is_sentence = words.ends_with(['.', ';', ':']);
    (!words.is_empty() && !is_sentence).then(|| words.to_owned())
}

fn opens_body(line: &Line) -> bool {
    const OPENINGS: [&str; 9] = [
        "can cu",
        "kinh gui",
        "thuc hien",
        "dieu ",
        "chuong ",
        "phan thu ",
        "noi nhan",
        "muc ",
        "theo de nghi",
    ];
    let words = fold(line.text.trim_start_matches(['-', '–', '+', ' ']));
    line.is_rule()
        || is_numbered(&line.text)
        || is_organisation(&line.text)
        || (!begins_small(&line.text) && OPENINGS.iter().any(|start| words.starts_with(start)))
}

/// In capitals, and beginning like one: “BAN HÀNH QUY CHẾ” is none.
fn is_organisation(line: &str) -> bool {
    let words = fold(line);
    let begins = ORGANISATIONS.iter().any(|start| words.starts_with(start));
    begins && is_capitals(line) && !words.starts_with("ban hanh")
}

/// “I.”, “1.”, “a)” or a dash.
fn is_numbered(text: &str) -> bool {
    let Some((number, _)) = text.split_once(['.', ')', '-', '–', ' ']) else { return false };
    let roman = !number.is_empty() && number.chars().all(|letter| "IVX".contains(letter));
    let digits =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|digit| digit.is_ascii_digit());
    let marked = text.get(number.len()..).is_some_and(|rest| rest.starts_with(['.', ')', '-', '–']));
    number.is_empty() || ((roman || digits || number.chars().count() == 1) && marked)
}

/// Độ khẩn, alone on its line.
fn stamp(text: &str) -> Option<Urgency> {
    let letters = squeezed(text);
    let letters = letters.strip_prefix("dokhan").filter(|rest| !rest.is_empty()).unwrap_or(&letters);
    match letters {
        "khan" => Some(Urgency::Urgent),
        "thuongkhan" => Some(Urgency::VeryUrgent),
        "hoatoc" | "hoatochengio" => Some(Urgency::Express),
        _ => None,
    }
}

/// A stamp in one line with the number.
fn stamp_behind(pieces: &[Piece]) -> Option<Urgency> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Words(words) => stamp(words).or_else(|| without_stamp(words).1.filter(|_| is_about(words))),
        _ => None,
    })
}

fn without_stamp(words: &str) -> (&str, Option<Urgency>) {
    ["HỎA TỐC HẸN GIỜ", "HỎA TỐC", "HOẢ TỐC", "THƯỢNG KHẨN", "KHẨN"]
        .iter()
        .find_map(|name| Some((words.strip_suffix(name)?.trim_end(), stamp(name))))
        .unwrap_or((words, None))
}

/// The bare letters, so that “K Ế  H O Ạ C H” is read too.
fn squeezed(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphabetic()).collect()
}

/// Letters are there, and none is small.
fn is_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

fn begins_small(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|letter| letter.is_lowercase() || letter.is_ascii_digit() || letter == '(')
}
