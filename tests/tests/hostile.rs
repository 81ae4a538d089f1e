//! What `cargo xtask fuzz` begins from is read as it is bent there: so each beginning stays one.

use std::{fs, path::Path};

use sotay_protocol::{
    command::Command,
    env::Timestamp,
    exchange::{End, OutcomeLine},
    frame::Frame,
    id::Id,
};
use sotay_tests::hostile::Reader;

#[test]
fn every_beginning_is_read_without_harm_and_is_what_it_seems() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("files/hostile");
    for (word, reader) in Reader::ALL {
        let mut count = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == word) {
                assert!(reader.read(&fs::read(&path).unwrap()), "{}", path.display());
                count += 1;
            }
        }
        assert!(count > 0, "{word}");
    }
}

#[test]
fn ten_thousand_brackets_and_cut_frames_do_no_harm() {
    let deep = format!("\n{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(!Reader::Commands.read(deep.as_bytes()));
    assert!(Command::parse(deep.trim()).is_err());
    let paper = format!("1c {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(!Reader::Papers.read(paper.as_bytes()));
    let end = Frame::End(End { now: Timestamp::MIN, token: None, token_until: None });
    let stream =
        [Frame::Outcomes(Vec::<OutcomeLine>::new()), end].map(|frame| frame.pack().unwrap()).concat();
    for cut in 0..stream.len() {
        let _ = Reader::Frames.read(&stream[..cut]);
    }
    assert!(Reader::Codes.read(Id::derived("mã", &[]).to_string().as_bytes()));
}
