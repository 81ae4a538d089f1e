//! Photographs that Lan sends with her words, and papers that Mai answers with: up in parts, held, applied, read.

mod apart;
mod room;
mod wire;

use std::sync::Arc;

use serde_json::{Value, json};
use sotay_protocol::{
    attachment::{Attachment, PartAnswer, PartHead},
    command::Command,
    env::{Env, Timestamp},
    exchange::{Outcome, Sent},
    feedback::{ANSWER, CASE, REPLY, SUBMIT, THREAD, case_id},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::{sha256, sha256_hex},
};

use crate::{
    Server,
    store::{Store, Upload, sqlite::SqliteStore},
    testing::*,
};

/// A photograph of `size` bytes; no two parts of it, and no two photographs, are alike.
fn photo(name: &str, size: usize) -> (Attachment, Vec<u8>) {
    let of = |number: u32| sha256(format!("{name} {number}").as_bytes());
    let mut bytes: Vec<u8> = (0..=u32::try_from(size / 32).unwrap()).flat_map(of).collect();
    bytes.truncate(size);
    (named(name, &bytes), bytes)
}

fn named(name: &str, bytes: &[u8]) -> Attachment {
    let (name, media) = (format!("{name}.jpg"), "image/jpeg".to_owned());
    Attachment { name, media, size: bytes.len() as u64, hash: sha256_hex(bytes) }
}

fn message(village: &Village, side: &str, files: &[&Attachment]) -> Value {
    let id = Id::random(&*village.env);
    json!({"id": id, "side": side, "at": EVENING, "words": "Ảnh kèm theo.", "attachments": files})
}

fn case_of(village: &Village, thread: &RowRef) -> RowRef {
    RowRef::new(Scope::desk(village.commune), CASE, case_id(thread.id))
}

fn now(village: &Village) -> Timestamp {
    village.env.now()
}

fn held(files: &[&Attachment]) -> Outcome {
    Outcome::Held { missing: vec![], files: files.iter().map(|file| file.hash.clone()).collect() }
}

impl Phone {
    fn writes_with(&mut self, village: &Village, files: &[&Attachment]) -> Command {
        let row = RowRef::new(Scope::member(self.member), THREAD, Id::random(&*village.env));
        let messages = [message(village, "member", files)];
        self.command(
            SUBMIT,
            row,
            &json!({"desk": village.commune, "topic": "Cầu hỏng", "messages": messages}),
        )
    }

    fn replies_with(&mut self, village: &Village, thread: &RowRef, files: &[&Attachment]) -> Command {
        let message = message(village, "member", files);
        self.command(REPLY, thread.clone(), &json!({"desk": village.commune, "message": message}))
    }

    fn answers_with(&mut self, village: &Village, thread: &RowRef, files: &[&Attachment]) -> Command {
        let message = message(village, "desk", files);
        let body = json!({"member": thread.scope.id, "thread": thread.id, "message": message});
        self.command(ANSWER, case_of(village, thread), &body)
    }

    fn sealed(&self, file: &Attachment, at: usize, bytes: &[u8]) -> Vec<u8> {
        PartHead::seal(self.server, self.device, file, at as u64, bytes, &self.key).packed(bytes)
    }

    fn part(&self, server: &Server, file: &Attachment, at: usize, bytes: &[u8]) -> Result<u64, Problem> {
        server.part(&self.sealed(file, at, bytes)).map(|PartAnswer { have }| have)
    }

    /// How much of it the server has.
    fn asks(&self, server: &Server, file: &Attachment) -> u64 {
        self.part(server, file, 0, &[]).unwrap()
    }

    /// From where the server says, part by part.
    fn uploads(&self, server: &Server, file: &Attachment, bytes: &[u8]) -> Result<(), Problem> {
        let mut have = self.asks(server, file);
        while have < file.size {
            let at = usize::try_from(have).unwrap();
            let part = &bytes[at..bytes.len().min(at + limits::PART)];
            let now = self.part(server, file, at, part)?;
            assert_eq!(now, have + part.len() as u64);
            have = now;
        }
        Ok(())
    }

    /// The file, read to its end through the row.
    fn reads(&self, server: &Server, row: &RowRef, file: &Attachment) -> Option<Vec<u8>> {
        let of = server.readable(self.device, row, &file.hash).unwrap()?;
        let mut bytes = Vec::new();
        loop {
            let next = server.read_on(&of, bytes.len() as u64).unwrap();
            assert!(next.len() <= limits::PART);
            if next.is_empty() {
                return Some(bytes);
            }
            bytes.extend(next);
        }
    }
}

fn code<T: std::fmt::Debug>(of: Result<T, Problem>) -> ProblemCode {
    of.unwrap_err().code
}

#[test]
fn lan_sends_a_photograph_and_mai_answers_with_a_paper() {
    let village = Village::new();
    let server = &village.server;
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let (bridge, bytes) = photo("cầu", 600_000);
    let thread = lan.writes_with(&village, &[&bridge]);
    assert_eq!(*lan.sync(server, &[&thread]).outcome(1), held(&[&bridge]));
    assert_eq!(village.row(&thread.row), None, "nothing stands before the photograph is there");
    lan.uploads(server, &bridge, &bytes).unwrap();
    assert_eq!(lan.asks(server, &bridge), 600_000);
    lan.sync(server, &[&thread]).applied(1);
    mai.sync(server, &[]);
    let case = case_of(&village, &thread.row);
    let seen = &mai.sees(&case).unwrap()["messages"][0]["attachments"][0];
    assert_eq!(*seen, serde_json::to_value(&bridge).unwrap());
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    assert!(mai.reads(server, &case, &bridge).unwrap() == bytes);
    assert_eq!(mai.reads(server, &thread.row, &bridge), None, "the thread is Lan's own");
    assert_eq!(lan.asks(server, &bridge), 0, "the upload went with the command");

    let (paper, bytes) = photo("công văn", 300);
    let answer = mai.answers_with(&village, &thread.row, &[&paper]);
    assert_eq!(*mai.sync(server, &[&answer]).outcome(1), held(&[&paper]));
    mai.uploads(server, &paper, &bytes).unwrap();
    mai.sync(server, &[&answer]).applied(1);
    lan.sync(server, &[]);
    assert_eq!(lan.sees(&thread.row).unwrap()["messages"][1]["attachments"][0]["hash"], paper.hash);
    assert!(lan.reads(server, &thread.row, &paper).unwrap() == bytes);
    assert!(mai.reads(server, &case, &paper).unwrap() == bytes);
}

#[test]
fn an_upload_cut_anywhere_goes_on_where_it_was_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let open = || -> Arc<dyn Store> { Arc::new(SqliteStore::open(&path).unwrap()) };
    let village = Village::on(open());
    let mut lan = village.phone("Lan");
    let mut server = village.server.clone();
    let (bridge, bytes) = photo("cầu", 3 * limits::PART + 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    for (number, part) in bytes.chunks(limits::PART).enumerate() {
        let at = number * limits::PART;
        assert_eq!(*lan.sync(&server, &[&thread]).outcome(1), held(&[&bridge]));
        // The connection breaks off in mid-part: what came is no part.
        let sealed = lan.sealed(&bridge, at, part);
        for length in [sealed.len() / 2, sealed.len() - 1, 40, 0] {
            assert!(server.part(&sealed[..length]).is_err());
        }
        assert_eq!(lan.asks(&server, &bridge), at as u64);
        // The server keeps the part and stops, and its answer is lost.
        server.part(&sealed).unwrap();
        server = Server::new(open(), village.env.clone()).unwrap();
        let have = (at + part.len()) as u64;
        assert_eq!(lan.asks(&server, &bridge), have);
        assert_eq!(lan.part(&server, &bridge, at, part), Ok(have), "the part again");
        assert_eq!(lan.part(&server, &bridge, 0, &bytes[..1000]), Ok(have), "an old one");
    }
    let stands = lan.sync(&server, &[&thread]).applied(1);
    assert!(lan.reads(&server, &thread.row, &bridge).unwrap() == bytes);
    assert_eq!(lan.sync(&server, &[&thread]).applied(1), stands, "once more changes nothing");
}

#[test]
fn parts_of_any_size_in_any_order_are_one_file() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", limits::PART + 5000);
    let of = |from: usize, to: usize| lan.part(server, &bridge, from, &bytes[from..to]).unwrap();
    assert_eq!(of(100, 200), 0, "a part beyond what is there is not kept");
    assert_eq!(of(0, 100), 100);
    assert_eq!(of(50, 300), 300, "one that lies over the end adds what is new");
    assert_eq!(of(0, 300), 300);
    assert_eq!(of(300, limits::PART + 100), limits::PART as u64 + 100);
    assert_eq!(of(limits::PART + 200, bytes.len()), limits::PART as u64 + 100);
    assert_eq!(of(limits::PART, bytes.len()), bytes.len() as u64);
    let thread = lan.writes_with(&village, &[&bridge]);
    lan.sync(server, &[&thread]).applied(1);
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 32, failure_persistence: None, ..Default::default() })]

    /// Whatever stretches come in whatever order, what the server has grows without a gap and ends as the file.
    #[test]
    fn any_stretches_of_a_file_come_to_the_file(
        stretches in proptest::collection::vec((0_usize..3000, 1_usize..1500), 0..20)
    ) {
        let village = Village::new();
        let server = &village.server;
        let mut lan = village.phone("Lan");
        let (bridge, bytes) = photo("cầu", 3000);
        let mut have = 0;
        for (from, length) in stretches {
            let to = bytes.len().min(from + length);
            let now = lan.part(server, &bridge, from, &bytes[from..to]).unwrap();
            let expected = if from as u64 <= have { have.max(to as u64) } else { have };
            assert_eq!(now, expected);
            have = now;
        }
        lan.uploads(server, &bridge, &bytes).unwrap();
        let thread = lan.writes_with(&village, &[&bridge]);
        lan.sync(server, &[&thread]).applied(1);
        assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    }
}

/// The last part was committed, and the server stopped before it looked at the whole.
#[test]
fn a_file_that_nobody_has_looked_at_is_not_there() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", 1000);
    let (device, hash, id) = (lan.device, sha256(&bytes), village.commune);
    let upload = Upload { device, hash, id, size: 1000, have: 1000, verified: false, at: now(&village) };
    village.store.write_with(&[], |tx| tx.put_part(&upload, &bytes)).unwrap();
    let thread = lan.writes_with(&village, &[&bridge]);
    assert_eq!(*lan.sync(server, &[&thread]).outcome(1), held(&[&bridge]));
    assert_eq!(lan.asks(server, &bridge), 1000, "the question brings it about");
    lan.sync(server, &[&thread]).applied(1);
}

#[test]
fn other_bytes_than_the_hash_says_are_dropped_and_may_come_again() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", limits::PART + 10);
    let thread = lan.writes_with(&village, &[&bridge]);
    let mut spoilt = bytes.clone();
    spoilt[77] ^= 1;
    assert_eq!(code(lan.uploads(server, &bridge, &spoilt)), ProblemCode::HashWrong);
    assert_eq!(lan.asks(server, &bridge), 0);
    assert_eq!(*lan.sync(server, &[&thread]).outcome(1), held(&[&bridge]));
    // The phone's first idea of the size was wrong.
    let longer = Attachment { size: bridge.size + 1, ..bridge.clone() };
    assert_eq!(lan.part(server, &longer, 0, &bytes[..limits::PART]), Ok(limits::PART as u64));
    assert_eq!(lan.part(server, &bridge, 0, &bytes[..100]), Ok(100), "begun anew");
    lan.uploads(server, &bridge, &bytes).unwrap();
    assert_eq!(code(lan.part(server, &longer, 0, &bytes[..100])), ProblemCode::HashWrong);
    // A command that says another size of it was never true.
    let lie = lan.writes_with(&village, &[&longer]);
    let refused = Outcome::Refused { code: Refusal::Malformed };
    let answer = lan.sync(server, &[&thread, &lie]);
    answer.applied(1);
    assert_eq!(*answer.outcome(2), refused);
    assert_eq!(lan.asks(server, &bridge), bridge.size, "what is refused uses nothing up");
    let mended = lan.replies_with(&village, &thread.row, &[&bridge]);
    lan.sync(server, &[&mended]).applied(3);
}

#[test]
fn what_is_refused_anyway_is_refused_before_its_files_are_sent() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let (bridge, _) = photo("cầu", 1000);
    let wordless = {
        let mut thread = lan.writes_with(&village, &[&bridge]);
        thread.body["messages"][0]["words"] = json!("");
        thread
    };
    let elsewhere = {
        let mut thread = lan.writes_with(&village, &[&bridge]);
        thread.body["desk"] = json!(village.other_cell);
        thread
    };
    let upper =
        lan.writes_with(&village, &[&Attachment { hash: bridge.hash.to_uppercase(), ..bridge.clone() }]);
    let answer = lan.sync(&village.server, &[&wordless, &elsewhere, &upper]);
    for (number, code) in [(1, Refusal::Empty), (2, Refusal::NotAllowed), (3, Refusal::Malformed)] {
        assert_eq!(*answer.outcome(number), Outcome::Refused { code });
    }
}

#[test]
fn a_reply_waits_for_its_thread_and_for_its_files_at_once() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", 1000);
    let thread = lan.writes_with(&village, &[]);
    let mut reply = lan.replies_with(&village, &thread.row, &[&bridge]);
    reply.needs = vec![thread.row.clone()];
    let later = lan.writes_with(&village, &[&bridge]);
    let spent = Sent::Skip { skip: 1, hash: None };
    let (reply_sent, later_sent) = (lan.sign(&reply), lan.sign(&later));
    let answer = lan.send(server, vec![spent, reply_sent, later_sent]).unwrap();
    let both = Outcome::Held { missing: vec![thread.row.clone()], files: vec![bridge.hash.clone()] };
    assert_eq!(*answer.outcome(2), both);
    lan.uploads(server, &bridge, &bytes).unwrap();
    let answer = lan.sync(server, &[&reply, &later]);
    assert_eq!(*answer.outcome(2), Outcome::Held { missing: vec![thread.row.clone()], files: vec![] });
    answer.applied(3);
    assert_eq!(lan.asks(server, &bridge), 1000, "the reply still waits, and needs it");
    let mut again = thread;
    again.number = lan.highest + 1;
    lan.highest += 1;
    lan.sync(server, &[&again]).applied(4);
    lan.sync(server, &[&reply]).applied(2);
    assert_eq!(lan.asks(server, &bridge), 0);
}

#[test]
fn one_photograph_in_two_messages_is_sent_once() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", 1000);
    let first = lan.writes_with(&village, &[&bridge, &bridge]);
    assert_eq!(*lan.sync(server, &[&first]).outcome(1), held(&[&bridge]), "named twice, missing once");
    let second = lan.writes_with(&village, &[&bridge]);
    assert_eq!(*lan.sync(server, &[&first, &second]).outcome(2), held(&[&bridge]));
    lan.uploads(server, &bridge, &bytes).unwrap();
    // The third was written since, and comes in the same exchange.
    let third = lan.writes_with(&village, &[&bridge]);
    let answer = lan.sync(server, &[&first, &second, &third]);
    let stand = [1, 2, 3].map(|number| answer.applied(number));
    for thread in [&first, &second, &third] {
        assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    }
    assert_eq!(lan.asks(server, &bridge), 0);
    let again = lan.sync(server, &[&first, &second, &third]);
    assert_eq!([1, 2, 3].map(|number| again.applied(number)), stand, "once more changes nothing");
    let scope = Scope::member(lan.member);
    assert_eq!(village.store.read_with(|reader| reader.blob_bytes_in(scope)).unwrap(), 1000);
}

#[test]
fn an_old_part_that_comes_again_changes_nothing() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", limits::PART + 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    let [first, last] =
        [0, limits::PART].map(|at| lan.sealed(&bridge, at, &bytes[at..bytes.len().min(at + limits::PART)]));
    server.part(&first).unwrap();
    server.part(&last).unwrap();
    assert_eq!(server.part(&first).unwrap().have, bridge.size);
    lan.sync(server, &[&thread]).applied(1);
    assert_eq!(server.part(&last).unwrap().have, 0, "nothing is begun in the middle");
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    // Somebody who recorded all of it can only have it sent once more, for nobody.
    server.part(&first).unwrap();
    server.part(&last).unwrap();
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    village.later(31 * 24 * 3600);
    server.daily().unwrap();
    assert_eq!(lan.asks(server, &bridge), 0);
}

#[test]
fn the_same_parts_at_the_same_time_are_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let village = Village::on(Arc::new(SqliteStore::open(&folder.path().join("xa.db")).unwrap()));
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", 4 * limits::PART + 1000);
    let sealed: Vec<Vec<u8>> = bytes
        .chunks(limits::PART)
        .enumerate()
        .map(|(number, part)| lan.sealed(&bridge, number * limits::PART, part))
        .collect();
    let sealed = Arc::new(sealed);
    #[expect(clippy::disallowed_methods, reason = "this very story is about threads")]
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (server, sealed) = (village.server.clone(), Arc::clone(&sealed));
            std::thread::spawn(move || {
                sealed.iter().map(|part| server.part(part).unwrap().have).fold(0, u64::max)
            })
        })
        .collect();
    for sender in senders {
        assert_eq!(sender.join().unwrap(), bridge.size);
    }
    let thread = lan.writes_with(&village, &[&bridge]);
    lan.sync(&village.server, &[&thread]).applied(1);
    assert!(lan.reads(&village.server, &thread.row, &bridge).unwrap() == bytes);
}
