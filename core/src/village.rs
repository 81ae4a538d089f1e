//! For tests: a commune, a cell of five and a committee's office, each person with a phone of their own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, Ordering},
};

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use sotay_protocol::{
    attachment::Attachment,
    directives::{Directive, DirectiveType, Number, Statement, Urgency, directive_id},
    document::{Block, Document},
    enrol::EnrolAnswer,
    env::{Env, Timestamp},
    exchange::{End, Outcome, OutcomeLine},
    frame::Frame,
    id::Id,
    members::{MemberState, MembershipEntry, Office, RoleEntry, RosterEntry},
    organisations::{Level, Organisation},
    scope::Scope,
    signature::SigningKey,
};

use crate::{
    directives::DIRECTIVES,
    members::{MEMBERSHIPS, ROLES, ROSTER},
    organisations::ORGANISATIONS,
    store::{
        Store, StoreError, StoreKey,
        table::{Kept, Table},
    },
    sync::{
        device,
        engine::{Engine, Event},
    },
    words::{Lang, Words},
};

pub(crate) const CELL: &str = "Chi bộ thôn Đồi Chè";
pub(crate) const COMMUNE: &str = "Đảng ủy xã Thanh Sơn";
const COLLEAGUES: [&str; 5] =
    ["Hoàng Thị Cúc", "Lê Thị Hòa", "Nguyễn Thị Lan", "Trần Văn Minh", "Phạm Văn Tư"];

pub(crate) fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

/// A clock that stands until it is set, and random bytes that are not.
#[derive(Debug)]
pub(crate) struct SetEnv {
    now: Mutex<Timestamp>,
    filled: AtomicU8,
}

impl SetEnv {
    /// Wednesday, 3 December 2025, at this time.
    pub(crate) fn at(hour: u32, minute: u32) -> Arc<Self> {
        let env = Self { now: Mutex::new(Timestamp::MIN), filled: AtomicU8::new(1) };
        env.set(3, hour, minute);
        Arc::new(env)
    }

    /// A day of December 2025.
    pub(crate) fn set(&self, day: u32, hour: u32, minute: u32) {
        *self.now.lock().unwrap() = december(day, hour, minute);
    }
}

impl Env for SetEnv {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.filled.fetch_add(1, Ordering::SeqCst);
        }
    }
}

pub(crate) fn december(day: u32, hour: u32, minute: u32) -> Timestamp {
    let date = NaiveDate::from_ymd_opt(2025, 12, day).unwrap();
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    Words::new(Lang::Vi, Timestamp::MIN).moment_of(date, time)
}

/// The phone of one of them, after its first sync.
pub(crate) struct Phone {
    pub store: Store,
    pub env: Arc<SetEnv>,
    _folder: tempfile::TempDir,
    seq: Mutex<u64>,
}

impl Phone {
    /// The secretary of the cell.
    pub(crate) fn of_hoa() -> Self {
        Self::of("Lê Thị Hòa", CELL, Some((CELL, Office::Secretary)))
    }

    pub(crate) fn of_lan() -> Self {
        Self::of("Nguyễn Thị Lan", CELL, None)
    }

    /// An officer of the commune's committee.
    pub(crate) fn of_mai() -> Self {
        Self::of("Đỗ Thị Mai", "Chi bộ Cơ quan", Some((COMMUNE, Office::Staff)))
    }

    fn of(name: &str, cell: &str, office: Option<(&str, Office)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreKey::new([7; 32])).unwrap();
        let phone = Self { store, env: SetEnv::at(19, 25), _folder: folder, seq: Mutex::new(0) };
        let answer = EnrolAnswer {
            server: id("máy chủ"),
            device: id(&format!("máy của {name}")),
            member: id(name),
            member_name: name.to_owned(),
            epoch: 1,
            root: None,
            server_key: None,
        };
        let key = SigningKey::from_seed([1; 32]);
        phone.store.write(|tx| device::enrolled(tx, "http://[::1]", &answer, &key)).unwrap();
        phone.settle_in(name, cell, office);
        phone
    }

    fn settle_in(&self, name: &str, cell: &str, office: Option<(&str, Office)>) {
        let member = Scope::member(id(name));
        for scope in [Scope::org(id(cell)), Scope::org(id(COMMUNE)), Scope::cell(id(cell)), member] {
            self.follow(scope);
        }
        for (name, level, parent) in [(COMMUNE, Level::Commune, None), (cell, Level::Cell, Some(id(COMMUNE)))]
        {
            let of = Organisation { name: name.to_owned(), level, parent };
            self.has(&ORGANISATIONS, Scope::org(id(name)), id(name), &of);
        }
        let membership = MembershipEntry { cell: id(cell), cell_name: cell.to_owned() };
        self.has(&MEMBERSHIPS, member, id("thuộc chi bộ"), &membership);
        if let Some((organisation, office)) = office {
            self.follow(Scope::desk(id(organisation)));
            let role = RoleEntry {
                organisation: id(organisation),
                organisation_name: organisation.to_owned(),
                office,
            };
            self.has(&ROLES, member, id("chức vụ"), &role);
        }
        for name in COLLEAGUES.into_iter().filter(|_| cell == CELL) {
            let office = (name == "Lê Thị Hòa").then_some(Office::Secretary);
            let of = RosterEntry { name: name.to_owned(), office, state: MemberState::Full };
            self.has(&ROSTER, Scope::cell(id(cell)), id(name), &of);
        }
    }

    fn follow(&self, scope: Scope) {
        let sql = "INSERT INTO scope (scope, epoch, seq) VALUES (?1, 1, 1000000)";
        self.store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [scope.to_string()])?)).unwrap();
    }

    /// A row that the server sent.
    pub(crate) fn has(&self, table: &Table, scope: Scope, id: Id, of: &impl Serialize) {
        let mut seq = self.seq.lock().unwrap();
        *seq += 1;
        let body = serde_json::to_string(of).unwrap();
        let kept = Kept { epoch: 1, seq: *seq, generation: 1, version: 1, author: id, body };
        assert!(self.store.write(|tx| table.put(tx, scope, id, &kept, 0)).unwrap());
    }

    /// A directive of the commune; its paragraphs, a line each.
    pub(crate) fn has_directive(&self, number: &str, day: u32, abstract_: &str, text: &str) -> Id {
        let document = Document::new(text.lines().map(Block::paragraph).collect());
        self.has_document(number, day, abstract_, document)
    }

    /// The same with a body of its own, of which the office has the file.
    pub(crate) fn has_document(&self, number: &str, day: u32, abstract_: &str, document: Document) -> Id {
        let original = Attachment {
            name: "van-ban.docx".to_owned(),
            media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document".to_owned(),
            size: 41_800,
            hash: "0".repeat(64),
        };
        let number: Number = number.parse().unwrap();
        let directive_type = DirectiveType::of_code(&number.code).next().unwrap();
        let statement = Statement {
            directive_type,
            number,
            issuer: id(COMMUNE),
            issuer_name: COMMUNE.to_owned(),
            date: NaiveDate::from_ymd_opt(2025, 12, day).unwrap(),
            abstract_: abstract_.to_owned(),
            urgency: Urgency::Normal,
            document,
            original: Some(original),
        };
        let of = Directive::of(&statement);
        let id = directive_id(&statement);
        self.has(&DIRECTIVES, Scope::org(statement.issuer), id, &of);
        id
    }

    pub(crate) fn words(&self) -> Words {
        Words::new(Lang::Vi, self.env.now())
    }

    /// One exchange in which the server says these outcomes and nothing else.
    pub(crate) fn hears(&self, outcomes: Vec<(u64, Outcome)>) {
        let lines = outcomes.into_iter().map(|(number, outcome)| OutcomeLine { number, outcome }).collect();
        let end = End { now: self.env.now(), ..End::default() };
        let (mut engine, _) = Engine::begin(&self.store, self.env.as_ref()).unwrap();
        for frame in [Frame::Outcomes(lines), Frame::End(end)] {
            engine.on(&self.store, self.env.as_ref(), Event::Bytes(&frame.pack().unwrap())).unwrap();
        }
        engine.on(&self.store, self.env.as_ref(), Event::Cut).unwrap();
    }
}
