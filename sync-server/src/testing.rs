//! A village and its phones, for the stories: a server in memory, and a phone that keeps what it is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use sotay_protocol::{
    command::Command,
    enrol::EnrolRequest,
    env::{Env, Timestamp},
    exchange::{ChangesHead, Cursor, Deed, Entry, Envelope, Outcome, PushAddress, Request, ScopeLine, Sent},
    frame::{Frame, FrameReader, pack_request},
    id::Id,
    limits,
    members::Office,
    problem::Problem,
    row::{Body, RowRef, body},
    scope::Scope,
    signature::SigningKey,
    trust::{Signed, WipeOrder},
};

use crate::{
    Exchange, Server,
    members::import as members,
    organisations::import as organisations,
    spreadsheet::sheets,
    store::{Store, sqlite::SqliteStore},
};

/// A clock that is set by hand, and randomness that is the same each time.
#[derive(Debug)]
pub(crate) struct HandEnv {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl Env for HandEnv {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
            let random = sotay_protocol::signature::sha256(&drawn.to_be_bytes());
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

pub(crate) struct Village {
    pub(crate) server: Server,
    pub(crate) env: Arc<HandEnv>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) commune: Id,
    pub(crate) cell: Id,
    pub(crate) other_cell: Id,
    pub(crate) people: BTreeMap<String, Id>,
}

pub(crate) const COMMUNE: &str = "Đảng ủy xã Yên Sơn";
pub(crate) const CELL: &str = "Chi bộ thôn Đồi Chè";
pub(crate) const OTHER: &str = "Chi bộ thôn Khe Nước";
/// 03/12/2025, 19:30 in Vietnam.
pub(crate) const EVENING: i64 = 1_764_765_000_000;

pub(crate) const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n\
    Chi bộ thôn Khe Nước;Chi bộ;Đảng ủy xã Yên Sơn\n";

/// Lan, Minh and old Tư are of Đồi Chè, where Hòa is secretary; Sơn leads Khe Nước; Mai sits in the
/// commune's office.
pub(crate) const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Minh;05/06/1990;Nam;10002;03/02/2015;03/02/2016;Chi bộ thôn Đồi Chè;;\n\
    Hòa;07/08/1970;Nữ;10003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;Bí thư;\n\
    Tư;09/10/1944;Nam;10004;03/02/1970;03/02/1971;Chi bộ thôn Đồi Chè;;\n\
    Sơn;11/12/1975;Nam;10005;03/02/2000;03/02/2001;Chi bộ thôn Khe Nước;Bí thư;\n\
    Mai;01/02/1988;Nữ;10006;03/02/2012;03/02/2013;Chi bộ thôn Khe Nước;Cán bộ văn phòng Đảng ủy;\n";

pub(crate) fn read_members(file: &str) -> Vec<members::MemberRecord> {
    members::read(&sheets(file.as_bytes()).unwrap()).unwrap().records
}

impl Village {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(SqliteStore::in_memory().unwrap()))
    }

    pub(crate) fn on(store: Arc<dyn Store>) -> Self {
        let env = Arc::new(HandEnv { now: AtomicI64::new(EVENING), drawn: AtomicU64::new(1) });
        let server = Server::new(Arc::clone(&store), Arc::<HandEnv>::clone(&env)).unwrap();
        server
            .import_organisations(
                &organisations::read(&sheets(ORGANISATIONS.as_bytes()).unwrap()).unwrap().records,
            )
            .unwrap();
        server.import_members(&read_members(MEMBERS)).unwrap();
        let [commune, cell, other_cell] =
            [COMMUNE, CELL, OTHER].map(|name| server.organisation_named(name).unwrap().id);
        let mut people = BTreeMap::new();
        for cell in [cell, other_cell] {
            people.extend(server.members_of(cell).unwrap().into_iter().map(|found| (found.name, found.id)));
        }
        let village = Self { server, env, store, commune, cell, other_cell, people };
        village.later(60);
        village
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.env.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn birth(&self, name: &str) -> chrono::NaiveDate {
        let id = self.people[name];
        self.store.read_with(|reader| reader.member(id)).unwrap().unwrap().profile.birth
    }

    /// A phone of `name`, enrolled.
    pub(crate) fn phone(&self, name: &str) -> Phone {
        let key = SigningKey::generate(&*self.env);
        let code = self.server.issue_code(self.people[name]).unwrap();
        let request = EnrolRequest::new(&code, self.birth(name), &format!("Máy của {name}"), &key).unwrap();
        let answer = self.server.enrol(&request).unwrap();
        Phone::new(answer.server, answer.device, answer.member, Arc::clone(&self.env), key)
    }

    pub(crate) fn end_secretary(&self, name: &str) {
        self.server.end_role(self.people[name], self.cell, Office::Secretary).unwrap();
    }

    /// The row as the server has it.
    pub(crate) fn row(&self, at: &RowRef) -> Option<Body> {
        let entry = self.store.read_with(|reader| reader.entry(at)).unwrap();
        entry.and_then(|entry| entry.row().unwrap()).map(|row| row.body)
    }
}

/// What one exchange brought.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) lines: Vec<ScopeLine>,
    pub(crate) want_from: Option<u64>,
    pub(crate) outcomes: Vec<(u64, Outcome)>,
    pub(crate) pages: Vec<ChangesHead>,
    pub(crate) ended: bool,
    pub(crate) token: Option<String>,
    pub(crate) min_app: u32,
    pub(crate) wipe: Option<Box<WipeOrder>>,
}

impl Answer {
    pub(crate) fn outcome(&self, number: u64) -> &Outcome {
        &self.outcomes.iter().find(|(of, _)| *of == number).expect("an outcome").1
    }

    pub(crate) fn applied(&self, number: u64) -> u64 {
        match self.outcome(number) {
            Outcome::Applied { seq, .. } => *seq,
            other => panic!("{number}: {other:?}"),
        }
    }
}

pub(crate) struct Phone {
    pub(crate) server: Id,
    pub(crate) device: Id,
    pub(crate) member: Id,
    pub(crate) key: SigningKey,
    pub(crate) env: Arc<HandEnv>,
    pub(crate) count: u64,
    pub(crate) epoch: u64,
    pub(crate) highest: u64,
    pub(crate) cursors: BTreeMap<Scope, (u64, u64)>,
    /// Rows with the generation in which they came.
    pub(crate) rows: BTreeMap<RowRef, (Value, u64)>,
    pub(crate) push: Option<PushAddress>,
    /// What it says of its own keys.
    pub(crate) keys: Option<Signed>,
    generations: BTreeMap<Scope, u64>,
    resetting: BTreeSet<Scope>,
    /// As the last page of a reading from the beginning said.
    begun: BTreeMap<Scope, u64>,
    unpacked: Mutex<Vec<u8>>,
}

impl Phone {
    pub(crate) fn new(server: Id, device: Id, member: Id, env: Arc<HandEnv>, key: SigningKey) -> Self {
        Self {
            server,
            device,
            member,
            key,
            env,
            count: 0,
            epoch: 0,
            highest: 0,
            cursors: BTreeMap::new(),
            rows: BTreeMap::new(),
            push: None,
            keys: None,
            generations: BTreeMap::new(),
            resetting: BTreeSet::new(),
            begun: BTreeMap::new(),
            unpacked: Mutex::default(),
        }
    }

    /// The same store on another machine.
    pub(crate) fn copy(&self) -> Self {
        let key = SigningKey::from_seed(*self.key.seed());
        let mut copy = Self::new(self.server, self.device, self.member, Arc::clone(&self.env), key);
        (copy.count, copy.epoch, copy.highest) = (self.count, self.epoch, self.highest);
        copy.cursors = self.cursors.clone();
        copy.begun = self.begun.clone();
        copy.rows = self.rows.clone();
        copy
    }

    /// Everything that ever came down, unpacked.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.unpacked.lock().unwrap()).into_owned()
    }

    pub(crate) fn command(&mut self, kind: &str, row: RowRef, body_: &impl serde::Serialize) -> Command {
        self.highest += 1;
        Command {
            device: self.device,
            number: self.highest,
            kind: kind.into(),
            version: 1,
            row,
            made_at: self.env.now(),
            needs: vec![],
            body: body(body_),
        }
    }

    pub(crate) fn sign(&self, command: &Command) -> Sent {
        Sent::Command(command.sign(&self.key))
    }

    pub(crate) fn request(&mut self, commands: Vec<Sent>) -> Vec<u8> {
        self.count += 1;
        let cursors = self.cursors.iter();
        let request = Request {
            app: 1,
            epoch: self.epoch,
            highest: self.highest,
            cursors: cursors
                .map(|(scope, (epoch, seq))| {
                    let begun = self.begun.get(scope).copied().unwrap_or_default();
                    Cursor { scope: *scope, epoch: *epoch, seq: *seq, begun }
                })
                .collect(),
            push: self.push.clone(),
            keys: self.keys.clone(),
            commands,
        };
        self.packed(&serde_json::to_string(&request).unwrap())
    }

    pub(crate) fn packed(&self, request: &str) -> Vec<u8> {
        let envelope = Envelope::seal(self.server, self.device, self.count, request, &self.key);
        pack_request(&envelope, request).unwrap()
    }

    /// A whole exchange.
    pub(crate) fn sync(&mut self, server: &Server, commands: &[&Command]) -> Answer {
        let sent = commands.iter().map(|command| self.sign(command)).collect();
        self.send(server, sent).unwrap()
    }

    pub(crate) fn send(&mut self, server: &Server, sent: Vec<Sent>) -> Result<Answer, Problem> {
        let packed = self.request(sent);
        let mut exchange = server.exchange(&packed)?;
        let mut answer = Answer::default();
        self.take_all(&mut exchange, &mut answer)?;
        Ok(answer)
    }

    pub(crate) fn take_all(&mut self, exchange: &mut Exchange, answer: &mut Answer) -> Result<(), Problem> {
        while let Some(packed) = exchange.next()? {
            self.take(&packed, answer);
        }
        Ok(())
    }

    pub(crate) fn take(&mut self, packed: &[u8], answer: &mut Answer) {
        let mut reader = FrameReader::new(limits::FRAME_HARD);
        reader.push(packed);
        let unpacked = reader.next_frame().unwrap().expect("one whole frame");
        assert!(reader.is_empty());
        self.take_unpacked(&unpacked, answer);
    }

    pub(crate) fn take_unpacked(&mut self, unpacked: &[u8], answer: &mut Answer) {
        self.unpacked.lock().unwrap().extend_from_slice(unpacked);
        match Frame::read(unpacked).unwrap() {
            Frame::Scopes(head, lines) => {
                self.epoch = head.epoch;
                answer.min_app = head.min_app;
                answer.wipe = answer.wipe.take().or(head.wipe);
                answer.want_from = answer.want_from.or(head.want_from);
                lines.iter().for_each(|line| self.take_scope(line));
                answer.lines.extend(lines);
            }
            Frame::Outcomes(lines) => {
                assert!(lines.len() <= limits::OUTCOMES);
                answer.outcomes.extend(lines.into_iter().map(|line| (line.number, line.outcome)));
            }
            Frame::Changes(head, entries) => {
                assert!(unpacked.len() <= limits::FRAME || entries.len() == 1);
                self.take_page(&head, entries);
                answer.pages.push(head);
            }
            Frame::End(end) => {
                for scope in std::mem::take(&mut self.resetting) {
                    let now = self.generations[&scope];
                    self.rows.retain(|at, (_, generation)| at.scope != scope || *generation >= now);
                }
                (answer.ended, answer.token) = (true, end.token);
            }
            Frame::Unknown => panic!("a frame nobody knows"),
        }
    }

    fn take_scope(&mut self, line: &ScopeLine) {
        match line.deed {
            Deed::Follow => {
                self.cursors.insert(line.scope, (line.epoch, 0));
            }
            Deed::Leave => {
                self.cursors.remove(&line.scope);
                self.rows.retain(|at, _| at.scope != line.scope);
            }
            Deed::Reset => {
                self.cursors.insert(line.scope, (line.epoch, 0));
                *self.generations.entry(line.scope).or_default() += 1;
                self.resetting.insert(line.scope);
            }
        }
    }

    fn take_page(&mut self, head: &ChangesHead, entries: Vec<Entry>) {
        assert_eq!(self.cursors[&head.scope], (head.epoch, head.from), "a page begins where the last ended");
        let generation = self.generations.get(&head.scope).copied().unwrap_or_default();
        for entry in entries {
            let at = RowRef::new(head.scope, &entry.kind, entry.id);
            match entry.row().unwrap() {
                Some(row) => drop(self.rows.insert(at, (Value::Object(row.body), generation))),
                None => drop(self.rows.remove(&at)),
            }
        }
        self.cursors.insert(head.scope, (head.epoch, head.to));
        self.begun.insert(head.scope, head.begun);
    }

    pub(crate) fn sees(&self, at: &RowRef) -> Option<&Value> {
        self.rows.get(at).map(|(body, _)| body)
    }

    pub(crate) fn kinds(&self, kind: &str) -> Vec<&Value> {
        self.rows.iter().filter(|(at, _)| at.kind == kind).map(|(_, (body, _))| body).collect()
    }
}

pub(crate) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}
