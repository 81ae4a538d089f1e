//! An office that is a few lines in memory, and what Lan's phone does with its files.

use std::{cell::RefCell, collections::BTreeMap};

use sotay_protocol::{
    attachment::{Attachment, PartAnswer, PartHead},
    directives::DIRECTIVE,
    feedback::THREAD,
    id::Id,
    problem::{Problem, ProblemCode},
    row::RowRef,
    scope::Scope,
    signature::sha256_hex,
};

use crate::{
    attachments::{
        photo::Clean,
        transfer::{Action, Event, Report, Stop, Transfer},
        *,
    },
    directives::DIRECTIVES,
    feedback,
    store::StoreError,
    sync::schedule::FilesDown,
    village::{COMMUNE, Phone, id},
};

pub(super) const MEGABYTE: usize = 1_000_000;

/// Bytes that are nobody else's.
pub(super) fn bytes(name: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ name).collect()
}

pub(super) fn file(name: &str, of: &[u8]) -> Attachment {
    Attachment { name: name.into(), media: "image/jpeg".into(), size: of.len() as u64, hash: sha256_hex(of) }
}

pub(super) fn photo(name: u8, length: usize) -> Clean {
    let bytes = bytes(name, length);
    Clean { file: file("cau.jpg", &bytes), bytes }
}

/// The server's half: what it has of each file, and what it will give.
#[derive(Default)]
pub(super) struct Office {
    pub(super) uploads: RefCell<BTreeMap<(Id, String), Vec<u8>>>,
    pub(super) files: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Bytes of files that went over the network, up and down.
    pub(super) travelled: RefCell<u64>,
    /// Requests in order: `up` with its bytes, `ask`, or the first of the hash that was asked for.
    pub(super) asked: RefCell<Vec<String>>,
}

impl Office {
    pub(super) fn has(&self, of: &[u8]) -> Attachment {
        self.files.borrow_mut().insert(sha256_hex(of), of.to_vec());
        file("goc.pdf", of)
    }

    pub(super) fn part(&self, body: &[u8]) -> PartAnswer {
        let (head, part) = PartHead::unpack(body).unwrap();
        *self.travelled.borrow_mut() += part.len() as u64;
        self.asked.borrow_mut().push(if part.is_empty() { "ask".into() } else { "up".into() });
        let mut uploads = self.uploads.borrow_mut();
        let of = uploads.entry((head.device, head.hash)).or_default();
        let end = usize::try_from(head.at).unwrap() + part.len();
        if head.at <= of.len() as u64 && end > of.len() {
            of.truncate(usize::try_from(head.at).unwrap());
            of.extend_from_slice(part);
        }
        PartAnswer { have: of.len() as u64 }
    }

    pub(super) fn got(&self, hash: &str) -> bool {
        let uploads = self.uploads.borrow();
        uploads.iter().any(|((_, of), bytes)| of == hash && sha256_hex(bytes) == hash)
    }
}

/// Steps until the run is over, or so many bytes have travelled; then the connection breaks, or the phone dies.
pub(super) fn transfer(
    lan: &Phone,
    office: &Office,
    terms: &Terms,
    cut_after: u64,
    killed: bool,
) -> (Stop, Report) {
    let start = *office.travelled.borrow();
    let (mut run, mut action) = Transfer::begin(&lan.store, lan.env.as_ref(), terms.clone()).unwrap();
    let mut body: Vec<u8> = Vec::new();
    loop {
        let cut = *office.travelled.borrow() - start >= cut_after;
        if cut && killed {
            return (Stop::Cut, run.report().clone());
        }
        let event = match &action {
            Action::Stop(stop) => return (*stop, run.report().clone()),
            _ if cut => Event::Cut,
            Action::Post(packed) => Event::Answered(office.part(packed)),
            Action::Get(range) => {
                office.asked.borrow_mut().push(range.hash[..6].to_owned());
                assert_eq!(range.token, "thẻ");
                let files = office.files.borrow();
                match files.get(&range.hash) {
                    None => {
                        let problem = Some(Problem::new(ProblemCode::NotFound, "không có"));
                        Event::Problem { status: 404, problem }
                    }
                    Some(whole) => {
                        let (from, to) = (range.from as usize, range.to as usize);
                        body = whole.get(from..to).unwrap_or_default().to_vec();
                        Event::Bytes(&[])
                    }
                }
            }
            Action::Read if body.is_empty() => Event::Finished,
            Action::Read => Event::Bytes(&[]),
        };
        // Bytes come in pieces that are no round number.
        let piece: Vec<u8> = match event {
            Event::Bytes(_) => body.drain(..body.len().min(40_000)).collect(),
            _ => Vec::new(),
        };
        *office.travelled.borrow_mut() += piece.len() as u64;
        let event = if let Event::Bytes(_) = event { Event::Bytes(&piece) } else { event };
        action = run.on(&lan.store, lan.env.as_ref(), event).unwrap();
    }
}

pub(super) fn all(lan: &Phone, office: &Office) -> (Stop, Report) {
    transfer(lan, office, &wifi(), u64::MAX, false)
}

pub(super) fn wifi() -> Terms {
    Terms { up: true, down: Some(FilesDown::Rest), ..Terms::default() }
}

pub(super) fn sending() -> Terms {
    Terms { up: true, ..Terms::default() }
}

pub(super) fn metered() -> Terms {
    Terms { down: Some(FilesDown::Wanted), ..wifi() }
}

impl Phone {
    pub(super) fn may_fetch(&self) {
        let sql = "UPDATE device SET token = 'thẻ'";
        self.store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [])?)).unwrap();
    }

    /// A directive of the commune with this original.
    pub(super) fn has_original(&self, number: &str, of: &Attachment) -> RowRef {
        let stands = self.has_directive(number, 1, "Về vệ sinh môi trường", "Điều 1.");
        self.names(stands, of)
    }

    pub(super) fn names(&self, directive: Id, of: &Attachment) -> RowRef {
        let scope = Scope::org(id(COMMUNE));
        let stands = self.store.read(|store| DIRECTIVES.get(store, scope, directive)).unwrap().unwrap().0;
        let mut body: serde_json::Value = serde_json::from_str(&stands.body).unwrap();
        let mut statement: serde_json::Value =
            serde_json::from_str(body["statement"].as_str().unwrap()).unwrap();
        statement["original"] = serde_json::to_value(of).unwrap();
        body["statement"] = statement.to_string().into();
        self.has(&DIRECTIVES, scope, directive, &body);
        RowRef::new(scope, DIRECTIVE, directive)
    }

    pub(super) fn files(&self, row: &RowRef) -> Vec<FileView> {
        self.store.read(|store| of_row(store, row)).unwrap()
    }

    pub(super) fn state(&self, row: &RowRef) -> FileState {
        self.files(row)[0].state
    }

    pub(super) fn opens(&self, row: &RowRef) -> Option<Opened> {
        let hash = self.files(row)[0].hash.clone();
        self.opens_with(row, &hash, &Readings::default())
    }

    pub(super) fn opens_with(&self, row: &RowRef, hash: &str, readings: &Readings) -> Option<Opened> {
        self.store.write(|tx| open(tx, self.env.as_ref(), readings, row, hash)).unwrap()
    }

    pub(super) fn reads(&self, of: &Opened) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let next = self.store.read(|store| piece(store, of, out.len() as u64)).unwrap();
            if next.is_empty() {
                return out;
            }
            out.extend(next);
        }
    }

    pub(super) fn count(&self, sql: &str) -> u64 {
        self.store.read(|store| Ok::<_, StoreError>(store.query_row(sql, [], |row| row.get(0))?)).unwrap()
    }

    pub(super) fn sends(&self, topic: &str, photos: &[Clean]) -> RowRef {
        let env = self.env.as_ref();
        let thread =
            self.store.write(|tx| feedback::submit_with(tx, env, None, topic, "Cầu gãy.", photos)).unwrap();
        RowRef::new(Scope::member(id("Nguyễn Thị Lan")), THREAD, thread)
    }

    pub(super) fn waits(&self) -> (u64, u64) {
        self.store.read(waiting).unwrap()
    }
}
