//! Somebody hands Lan a printed copy, far from any network.

use std::collections::BTreeSet;

use hayro_syntax::{Pdf, content::ops::TypedInstruction, page::Page};
use serde_json::{Value, json};
use sotay_core::printed::{Finding, ScanView, scan};
use sotay_protocol::{
    directives::{DIRECTIVE, Directive},
    env::{Env, days},
    printed::Printed,
    row::RowRef,
};
use sotay_server::directives::{Published, Withdrawn};
use sotay_tests::world::Device;

use super::play::*;
use crate::village::{directive, sync};

fn row(of: &Published) -> RowRef {
    RowRef::new(of.scope, DIRECTIVE, of.id)
}

/// A dot of a camera is so many dots of the drawing across.
const FINE: usize = 3;
/// Points around the code that are in the picture too.
const MARGIN: f64 = 12.0;

/// What a camera sees of the squares on the pages of a PDF, in greys, `dots` to the inch.
fn read_by_camera(pdf: &[u8], dots: usize) -> String {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    for page in pdf.pages().iter() {
        let Some((side, dark)) = drawn(page, (dots * FINE) as f64 / 72.0) else { continue };
        let grey = |x: usize, y: usize| {
            let fine = (0..FINE * FINE).map(|of| (x * FINE + of % FINE, y * FINE + of / FINE));
            let light = fine.filter(|(x, y)| !dark[y * side + x]).count();
            u8::try_from(light * 255 / (FINE * FINE)).unwrap()
        };
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(side / FINE, side / FINE, grey);
        if let [code] = seen.detect_grids().as_slice() {
            return code.decode().unwrap().1;
        }
    }
    panic!("no code on any page")
}

/// The dots of the part of a page on which squares are drawn, and how many there are on a side; `None` where there are none.
fn drawn(page: &Page<'_>, scale: f64) -> Option<(usize, Vec<bool>)> {
    let (mut squares, mut steps) = (Vec::new(), page.typed_operations());
    while let Some(step) = steps.next() {
        if let TypedInstruction::RectPath(of) = step {
            squares.push([of.0, of.1, of.2, of.3].map(|of| of.as_f64()));
        }
    }
    let left = squares.iter().map(|[x, ..]| *x).reduce(f64::min)? - MARGIN;
    let top = squares.iter().map(|[_, y, _, height]| y + height).reduce(f64::max)? + MARGIN;
    let right = squares.iter().map(|[x, _, width, _]| x + width).reduce(f64::max)? + MARGIN;
    let at = |of: f64| (of * scale).round() as usize;
    let side = at(right - left);
    let mut dark = vec![false; side * side];
    for [x, y, width, height] in squares {
        for line in at(top - y - height)..at(top - y) {
            dark[line * side + at(x - left)..line * side + at(x + width - left)].fill(true);
        }
    }
    Some((side, dark))
}

impl Play {
    fn scans(&self, phone: &Device, text: &str) -> ScanView {
        let mut found = scan(phone.store(), text, &self.words()).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// Printed by the office, read by a camera.
    fn printed(&self, of: &Published) -> String {
        let copy = self.village.world.server.copy(&row(of), false).unwrap();
        assert_eq!((copy.sheet_only, copy.unsigned, copy.missing.len()), (false, false, 0));
        let (sharp, coarse) = (read_by_camera(&copy.pdf, 200), read_by_camera(&copy.pdf, 120));
        assert_eq!(sharp, coarse);
        sharp
    }
}

#[test]
fn a_printed_copy_is_genuine_until_its_issuer_takes_it_back() {
    let mut play = Play::begin(81);
    let of = play.signed(18);
    let text = play.printed(&of);
    let lan = play.phone("Lan");
    let found = play.scans(&lan, &text);
    assert_eq!((found.finding, found.word.as_str()), (Finding::Genuine, "ĐÚNG"));
    assert!(found.sentence.contains("Kế hoạch 18-KH/ĐU ngày 01/12/2025"), "{}", found.sentence);
    assert!(found.sentence.contains("Thật: Quàng Thị Hòa"), "{}", found.sentence);
    assert!(
        found.sentence.contains("so lời văn"),
        "a code can be copied onto other words: {}",
        found.sentence
    );
    let copy = play.village.world.server.copy(&row(&of), true).unwrap();
    assert!(copy.sheet_only);
    assert_eq!(read_by_camera(&copy.pdf, 150), text);
    let numbered = play.scans(&lan, "18-KH/ĐU");
    assert_eq!((numbered.finding, numbered.digits.as_ref()), (Finding::Genuine, Some(&copy.digits)));

    // The office withdraws it, and Hòa signs that.
    let withdrawn = play.village.world.server.withdraw(&row(&of), "Ban hành nhầm").unwrap();
    assert_eq!(withdrawn, Withdrawn::Waits);
    sync(&play.village.hoa, &mut play.village.world);
    let draft = play.waiting()[0].id;
    play.hoa_signs(draft).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    assert_eq!(play.scans(&lan, &text).finding, Finding::Genuine, "Lan's phone has not heard of it");
    play.syncs(&lan);
    let found = play.scans(&lan, &text);
    assert_eq!((found.finding, found.word.as_str()), (Finding::Withdrawn, "ĐÃ THU HỒI"));
    assert!(play.village.world.server.copy(&row(&of), false).is_err(), "nor is it printed any more");
}

#[test]
fn what_takes_the_place_of_a_copy_is_named() {
    let mut play = Play::begin(82);
    let old = play.signed(18);
    let text = play.printed(&old);
    let new = directive(play.cell, 19, WORDS);
    play.village.world.server.publish_in_place_of(&new, Some(&row(&old))).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    let with: Vec<_> = play.waiting().into_iter().map(|line| line.goes_with.unwrap()).collect();
    assert_eq!(
        BTreeSet::from_iter(with),
        ["Kế hoạch 18-KH/ĐU", "Kế hoạch 19-KH/ĐU"].map(String::from).into()
    );
    let drafts: Vec<_> = play.waiting().into_iter().map(|line| (line.ruling.is_some(), line.id)).collect();
    for is_ruling in [false, true] {
        let (_, id) = drafts.iter().find(|(ruling, _)| *ruling == is_ruling).unwrap();
        play.hoa_signs(*id).unwrap();
    }
    sync(&play.village.hoa, &mut play.village.world);
    let lan = play.phone("Lan");
    let found = play.scans(&lan, &text);
    assert_eq!((found.finding, found.word.as_str()), (Finding::Replaced, "ĐÃ THAY THẾ"));
    assert!(found.sentence.contains("19-KH/ĐU"), "{}", found.sentence);
    assert_eq!(found.replaced_by.unwrap().number, "19-KH/ĐU");
}

#[test]
fn a_copy_that_lan_has_not_heard_of_is_not_known_and_her_picture_has_an_age() {
    let mut play = Play::begin(83);
    let lan = play.phone("Lan");
    play.village.world.env.pass(std::time::Duration::from_hours(3 * 24));
    let of = play.signed(18);
    let text = play.printed(&of);
    let found = play.scans(&lan, &text);
    assert_eq!((found.finding, found.word.as_str()), (Finding::Unknown, "CHƯA BIẾT"));
    assert!(found.sentence.contains("Cập nhật 3 ngày trước"), "{}", found.sentence);
    play.syncs(&lan);
    assert_eq!(play.scans(&lan, &text).finding, Finding::Genuine);
    assert_eq!(play.scans(&lan, "99-KH/ĐU").finding, Finding::Unknown);
    assert_eq!(play.scans(&lan, "https://sotay.xa.vn").finding, Finding::Unknown);
}

#[test]
fn a_forged_copy_is_false_whatever_was_changed_on_it() {
    let mut play = Play::begin(84);
    let of = play.signed(18);
    let lan = play.phone("Lan");
    let text = play.printed(&of);
    let good = Printed::read(&text).unwrap();
    let other = |hex: &str| hex.replace('a', "b").replace('1', "2");
    for forged in [
        Printed { sha256: other(&good.sha256), ..good.clone() },
        Printed { number: "81-KH/ĐU".parse().unwrap(), ..good.clone() },
        Printed { date: good.date.succ_opt().unwrap(), ..good.clone() },
        Printed { issuer: play.village.committee(), ..good.clone() },
    ] {
        let found = play.scans(&lan, &forged.text());
        assert_eq!((found.finding, found.word.as_str()), (Finding::False, "KHÔNG ĐÚNG"), "{forged:?}");
        assert!(found.sentence.contains("báo văn phòng cấp ủy"), "{}", found.sentence);
    }
    // Any one letter of the code.
    for place in 0..text.len() {
        let mut bent = text.clone();
        let letter = if &text[place..=place] == "7" { "8" } else { "7" };
        bent.replace_range(place..=place, letter);
        let found = play.scans(&lan, &bent);
        assert_ne!(found.finding, Finding::Genuine, "{bent}");
    }
}

#[test]
fn a_copy_of_words_that_are_kept_apart_is_false_and_a_lie_about_a_genuine_one_changes_nothing() {
    let mut play = Play::begin(85);
    let (good, bad) = (play.signed(18), play.signed(19));
    let (genuine, of_bad) = (play.printed(&good), play.printed(&bad));
    play.tampers(&bad, |body| {
        body["statement"] = json!(body["statement"].as_str().unwrap().replace("số 19", "số 91"));
    });
    // A hostile server says that the other was withdrawn.
    let now = play.village.world.env.now();
    play.tampers(&good, |body| {
        let of: Directive = serde_json::from_value(body.clone()).unwrap();
        let fields = serde_json::to_value(of.withdrawn("Bịa", now).unwrap()).unwrap();
        let Value::Object(fields) = fields else { panic!("a directive is an object") };
        let body = body.as_object_mut().unwrap();
        body.remove("document");
        body.extend(fields);
    });
    let lan = play.phone("Lan");
    let found = play.scans(&lan, &genuine);
    assert_eq!(found.finding, Finding::Genuine);
    assert!(found.sentence.contains("Lời báo thu hồi không tin được"), "{}", found.sentence);
    assert_ne!(play.scans(&lan, &of_bad).finding, Finding::Genuine);
    let forged = play.village.world.standing_in(&[bad.scope].into())[&row(&bad)].clone();
    let forged: Directive = serde_json::from_value(forged).unwrap();
    let forged = Printed::of(&forged).unwrap();
    assert_eq!(
        play.scans(&lan, &forged.text()).finding,
        Finding::False,
        "as it stands on the server, and nobody signed it"
    );
    assert!(play.village.world.server.copy(&row(&bad), false).is_err(), "the office hears of it too");
}

#[test]
fn a_copy_without_a_signature_proves_nothing() {
    let mut play = Play::begin(86);
    play.village.put_directives(1);
    let committee = play.village.committee();
    let lan = play.phone("Lan");
    let line = list(&lan).into_iter().find(|line| line.issuer == committee).unwrap();
    let text = {
        let of = directive(committee, 1, "");
        let body = lan.picture_of(&[DIRECTIVE]).into_iter().find(|(row, _)| row.id == line.id).unwrap().1;
        let paper = Printed::of(&serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!(paper.number, of.number);
        paper.text()
    };
    let found = play.scans(&lan, &text);
    assert_eq!(found.finding, Finding::Unknown);
    assert!(found.sentence.contains("chưa ký số"), "{}", found.sentence);
    assert_eq!(found.digits, None);
}

#[test]
fn a_copy_stays_right_after_its_signer_has_gone() {
    let mut play = Play::begin(87);
    let of = play.signed(18);
    let text = play.printed(&of);
    play.village.world.env.pass(std::time::Duration::from_hours(24 * 400));
    let since = play.village.world.env.now().minus(days(30));
    let list = play.revokes(1, &[(&play.of_hoa_as_kept(), since)]);
    play.brings_in(&[list]);
    let lan = play.phone("Lan");
    let found = play.scans(&lan, &text);
    assert_eq!(found.finding, Finding::Genuine);
    assert!(found.sentence.contains("bị thu hồi sau đó"), "{}", found.sentence);
}
