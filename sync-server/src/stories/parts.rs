//! Photographs that Lan sends with her words, and papers that Mai answers with: up in parts, held, applied, read.

use serde_json::{Value, json};
use sotay_protocol::{
    attachment::{Attachment, PartAnswer, PartHead},
    command::Command,
    exchange::Outcome,
    feedback::{ANSWER, CASE, REPLY, SUBMIT, THREAD, case_id},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    row::RowRef,
    scope::Scope,
    signature::{sha256, sha256_hex},
};

use crate::{Server, testing::*};

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
