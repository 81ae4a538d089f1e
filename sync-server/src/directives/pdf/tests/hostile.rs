use super::drawn::{Page, pdf};
use super::{DocumentError, read};

/// Numbered objects, with the table that says where they are.
fn file(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{table}\n%%EOF").bytes());
    out
}

fn stream(content: &str) -> String {
    format!("<</Length {}>>\nstream\n{content}\nendstream", content.len())
}

#[test]
fn what_is_no_pdf_says_so() {
    assert_eq!(read(b""), Err(DocumentError::NotPdf));
    assert_eq!(read("Kế hoạch số 17".as_bytes()), Err(DocumentError::NotPdf));
    assert_eq!(read(b"PK\x03\x04"), Err(DocumentError::NotPdf));
    assert_eq!(read(b"%PDF-1.7\n"), Err(DocumentError::Damaged));
    assert_eq!(read(&vec![b'a'; 21 * 1024 * 1024]), Err(DocumentError::FileTooLarge));
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_or_less_text() {
    let whole = pdf(&[Page::default().text(85.0, 100.0, "Đồng chí Lan chủ trì cuộc họp chi bộ")]);
    let long = read(&whole).unwrap().text().len();
    for cut in (0..whole.len()).step_by(13) {
        if let Ok(document) = read(&whole[..cut]) {
            assert!(document.text().len() <= long);
        }
    }
}

#[test]
fn a_file_under_a_password_says_so() {
    let secret = "<</Filter/Standard/V 1/R 2/O<00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff>/U<ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100>/P -4>>";
    let locked = file(
        &[
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R>>",
            secret,
        ],
        "/Encrypt 4 0 R/ID[<00><00>]",
    );
    assert_eq!(read(&locked), Err(DocumentError::Encrypted));
}

#[test]
fn pages_in_a_circle_and_pages_without_end_are_bounded() {
    let circle = file(&["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"], "");
    assert_eq!(read(&circle), Err(DocumentError::NoPages));
    let page = "<</Type/Page>>".repeat(3_001);
    let many =
        file(&["<</Type/Catalog/Pages 2 0 R>>", &format!("<</Type/Pages/Kids[{page}]/Count 3001>>")], "");
    assert_eq!(read(&many), Err(DocumentError::TooManyPages));
}

fn one_page(content: &str, more: &[&str]) -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>>>";
    let content = stream(content);
    let mut objects =
        vec!["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page, &content];
    objects.extend(more);
    file(&objects, "")
}

#[test]
fn a_page_of_endless_strokes_names_the_page() {
    let strokes = one_page(&"q Q ".repeat(2_000_000), &[]);
    assert_eq!(read(&strokes), Err(DocumentError::PageTooFull(1)));
}

/// Each form draws the next ten times: ten to the power of their number.
#[test]
fn forms_in_forms_come_to_an_end() {
    let form = |next: usize| {
        let content = "/A Do ".repeat(10);
        let length = content.len();
        format!(
            "<</Type/XObject/Subtype/Form/Resources<</XObject<</A {next} 0 R>>>>/Length {length}>>\nstream\n{content}\nendstream"
        )
    };
    let forms: Vec<String> = (6..14).map(form).collect();
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    assert_eq!(read(&one_page("/A Do", &forms)), Err(DocumentError::PageTooFull(1)));
    let circle = [form(6), form(5)];
    assert_eq!(read(&one_page("/A Do", &[&circle[0], &circle[1]])), Err(DocumentError::Empty));
}

/// Typed over the page, filled in, and stamped.
#[test]
fn what_is_stuck_on_a_page_is_read_too() {
    let stuck = |kind: &str, what: &str| format!("<</Subtype/{kind}/Rect[100 700 300 720]/{what}>>");
    let with = |stuck: &str| {
        file(
            &[
                "<</Type/Catalog/Pages 2 0 R>>",
                "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                &format!("<</Type/Page/Parent 2 0 R/Annots[{stuck}]>>"),
            ],
            "",
        )
    };
    let text = |stuck: &str| read(&with(stuck)).map(|document| document.text());
    assert_eq!(text(&stuck("FreeText", "Contents(So 17-KH)")), Ok("So 17-KH\n".to_owned()));
    assert_eq!(text(&stuck("Widget", "FT/Tx/V(Tran Mai)")), Ok("Tran Mai\n".to_owned()));
    assert_eq!(text(&stuck("Text", "Contents(xem lai)")), Err(DocumentError::Empty));
    let stamp = stuck("Stamp", "Contents<FEFF004D1EAC0054>") + &stuck("FreeText", "Contents(Ke hoach)");
    assert_eq!(text(&stamp), Err(DocumentError::Secret));
}

#[test]
fn arrays_in_arrays_and_saves_without_end_do_no_harm() {
    let deep = one_page(&format!("{}{} TJ", "[".repeat(100_000), "]".repeat(100_000)), &[]);
    assert_eq!(read(&deep), Err(DocumentError::Empty));
    let saves = one_page(&"q ".repeat(500_000), &[]);
    assert_eq!(read(&saves), Err(DocumentError::Empty));
}

#[test]
fn more_words_than_a_directive_may_have_name_the_page() {
    let mut page = Page::default();
    let line = "Đảng viên trong chi bộ làm theo nghị quyết ".repeat(10);
    for at in 0..120_u8 {
        page = page.show(20.0, 30.0 + 6.0 * f32::from(at), 1.0, "F", &line);
    }
    let pages = vec![page; 40];
    assert_eq!(read(&pdf(&pages)), Err(DocumentError::TextTooLongAt(33)));
}
