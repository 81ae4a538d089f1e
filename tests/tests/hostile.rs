//! What `cargo xtask fuzz` begins from is read as it is bent there: so each beginning stays one. And the threat model names
//! tests that are there.
#![expect(clippy::unwrap_used, reason = "what cannot be read has to stop the test")]

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
    let end = Frame::End(End { now: Timestamp::MIN, ..End::default() });
    let stream =
        [Frame::Outcomes(Vec::<OutcomeLine>::new()), end].map(|frame| frame.pack().unwrap()).concat();
    for cut in 0..stream.len() {
        let _ = Reader::Frames.read(&stream[..cut]);
    }
    assert!(Reader::Codes.read(Id::derived("mã", &[]).to_string().as_bytes()));
}

/// A row of the threat model that names a test which is gone would promise what nobody shows.
#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/SECURITY.md")).unwrap();
    let mut sources = String::new();
    for folder in ["protocol/src", "core/src", "sync-server", "keys", "tests"] {
        gather(&root.join(folder), &mut sources);
    }
    let shown =
        page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split(" | ").nth(2));
    let quoted = shown.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names: Vec<&str> = quoted.map(|name| name.rsplit("::").next().unwrap_or(name)).collect();
    let tests = names.iter().filter(|name| name.contains('_') && !name.contains(['/', ' ', '.']));
    let mut count = 0;
    for name in tests {
        assert!(sources.contains(&format!("fn {name}(")), "{name}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

fn gather(folder: &Path, into: &mut String) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
