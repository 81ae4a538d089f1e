//! Whatever a file draws, the layout comes to an end with some document or with a reason.

use proptest::prelude::*;

use super::super::{
    super::body::Body,
    flow,
    layout::lay_out,
    sheet::{Glyph, Point, Sheet, Style},
};

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => 0.0_f32..850.0,
        2 => (0_u8..60).prop_map(|step| f32::from(step) * 14.0),
        1 => prop_oneof![
            Just(f32::NAN),
            Just(f32::INFINITY),
            Just(f32::NEG_INFINITY),
            Just(f32::MAX),
            Just(-0.0),
            Just(1e9),
            Just(-500.0),
        ],
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (number(), number()).prop_map(|(x, y)| Point { x, y })
}

fn glyph() -> impl Strategy<Value = Glyph> {
    let letters = prop_oneof![
        6 => "[a-zđ0-9 ]",
        1 => Just("\u{323}".to_owned()),
        1 => Just(String::new()),
        1 => Just("1.".to_owned()),
        1 => Just("- Nơi nhận: T/M".to_owned()),
    ];
    let size = prop_oneof![4 => Just(14.0_f32), 2 => Just(9.0_f32), 1 => number()];
    (letters, point(), point(), any::<bool>(), size, any::<[bool; 3]>()).prop_map(
        |(letters, from, to, level, size, [bold, italic, furniture])| Glyph {
            letters: letters.into(),
            from,
            to: if level { Point { x: from.x + size * 0.5, y: from.y } } else { to },
            size,
            style: Style { bold, italic },
            furniture,
        },
    )
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let glyphs = prop::collection::vec(glyph(), 0..120);
    let rules = prop::collection::vec((point(), point(), any::<bool>(), any::<bool>()), 0..60);
    (glyphs, rules, number(), number()).prop_map(|(glyphs, rules, width, height)| {
        let mut sheet = Sheet::new(width, height);
        for (a, b, lies, straight) in rules {
            let b = match (straight, lies) {
                (false, _) => b,
                (true, true) => Point { y: a.y, ..b },
                (true, false) => Point { x: a.x, ..b },
            };
            if lies { sheet.rule(a, b) } else { sheet.filled(a, b) }
        }
        glyphs.into_iter().for_each(|glyph| sheet.show(glyph));
        sheet
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_soup_of_letters_and_lines_breaks_the_layout(sheets in prop::collection::vec(sheet(), 1..4)) {
        let pages = sheets.into_iter().map(|sheet| lay_out(sheet.upright())).collect();
        let mut body = Body::default();
        let _ = flow::write(pages, &mut body).and_then(|()| body.finish());
    }
}
