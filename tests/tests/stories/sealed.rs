//! Hòa tells the commune's desk something that only its officers are to read: not who runs the server, not another desk,
//! and not by what is left in the server's files.

mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sotay_core::{
    attachments::{self, FileState, Readings, Terms, photo::Clean},
    devices,
    feedback::{
        self, CaseView, ThreadView,
        sealed::{self, LetterState},
    },
    release::{self, Release},
    store::StoreError,
    sync::{
        commands::{CommandState, SubmitError},
        engine::Stop,
        schedule::FilesDown,
    },
    trust, upgrade,
    words::{Lang, Words},
};
use sotay_protocol::{
    attachment::Attachment,
    env::{Env, Timestamp, days},
    feedback::{CASE, Side, THREAD, case_id},
    id::Id,
    members::Office,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    sealed::{Letter, NotOpened, SealKey, Writer, WriterDevice, recipient},
    signature::{Base64, SigningKey, sha256_hex},
    trust::{CERTIFICATE, Certificate, Duty, FORMAT, Holder, Request, Root, Signed},
};
use sotay_server::{
    members::import::{Level, OfficeRecord},
    store::NewEntry,
};
use sotay_tests::world::{COMMITTEE, Device, KHE_NUOC, World, commune};

use crate::village::{Village, states, sync};

const TOPIC: &str = "Đất công viên nghĩa trang";
const WORDS: &str = "Trưởng bản nhận tiền xanhbiếc của công ty.";
const ANSWER: &str = "Ủy ban kiểm tra hổphách sẽ gặp đồng chí.";
const PHOTO_NAME: &str = "bien-nhan-tim.jpg";
const IN_THE_PHOTO: &str = "ngọcthạch ký nhận";
/// In an ordinary feedback, and in its photo.
const PLAIN: &str = "Đèn đường thủytinh hỏng.";
const IN_THE_PLAIN_PHOTO: &str = "mãnão dưới cột";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn wifi() -> Terms {
    Terms { up: true, down: Some(FilesDown::Rest), readings: Readings::default() }
}

/// Bytes that nobody would take for anything else, with words in them.
fn photo(name: &str, inside: &str) -> Clean {
    let mut bytes: Vec<u8> = (0..300_000_u32).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
    bytes[270_000..270_000 + inside.len()].copy_from_slice(inside.as_bytes());
    let (size, hash) = (bytes.len() as u64, sha256_hex(&bytes));
    Clean { file: Attachment { name: name.into(), media: "image/jpeg".into(), size, hash }, bytes }
}

/// A commune whose committee and whose cell Khe Nước have keys; certificates are given as they are asked for.
struct Play {
    village: Village,
    committee: Id,
    khe_nuoc: Id,
    now: Timestamp,
}

const ROOT: u8 = 211;
const OF_COMMITTEE: u8 = 212;
const OF_KHE_NUOC: u8 = 213;

impl Play {
    fn begin(seed: u64) -> Self {
        let village = Village::new(seed);
        let now = village.world.env.now();
        let (committee, khe_nuoc) = (village.committee(), village.world.commune.organisation(KHE_NUOC));
        let play = Self { village, committee, khe_nuoc, now };
        let own = |desk, name: &str, seed| {
            let of = play.certificate(desk, name, Holder::Organisation, key(seed).public(), None);
            Certificate { issuer: key(ROOT).public(), ..of }.sign(&key(ROOT))
        };
        play.brings_in(&[
            Root::sign("Đảng bộ tỉnh", &key(ROOT), now),
            own(committee, COMMITTEE, OF_COMMITTEE),
            own(khe_nuoc, KHE_NUOC, OF_KHE_NUOC),
        ]);
        play
    }

    fn certificate(
        &self,
        desk: Id,
        name: &str,
        holder: Holder,
        key: Base64,
        seal: Option<Base64>,
    ) -> Certificate {
        Certificate {
            format: FORMAT,
            organisation: desk,
            organisation_name: name.into(),
            holder,
            duties: BTreeSet::from([Duty::Desk]),
            key,
            seal,
            from: self.now.minus(days(1)),
            until: self.now + days(3_650),
            issuer: Base64(Vec::new()),
        }
    }

    fn brings_in(&self, papers: &[Signed]) {
        let named: Vec<_> = papers.iter().map(|paper| ("tệp".to_owned(), paper.clone())).collect();
        self.village.world.server.import_trust(&named).unwrap();
    }

    /// From the request that the officer's own phone makes.
    fn certifies(&self, phone: &Device, desk: Id, by: u8) {
        let env = &*self.village.world.env;
        let asked = phone.store().write(|tx| trust::request(tx, env, desk)).unwrap().unwrap();
        let Request { organisation_name, holder, key: asks, seal, .. } = Request::of(&asked.request).unwrap();
        assert!(seal.is_some(), "it asks for the key that opens, too");
        let of = self.certificate(desk, &organisation_name, holder, asks, seal);
        self.brings_in(&[Certificate { issuer: key(by).public(), ..of }.sign(&key(by))]);
    }

    /// As the app does it: what waits is sealed to who is to read it now, then all is sent and fetched, and opened.
    fn syncs(&mut self, phone: &Device) -> usize {
        let (world, mut wraps) = (&mut self.village.world, 0);
        let env = world.env.clone();
        phone.store().write(|tx| sealed::renew(tx, &*env)).unwrap();
        assert_eq!(phone.sync_with_files(world, &wifi()), Stop::Done);
        wraps += looks(phone, world);
        sync(phone, world);
        wraps + looks(phone, world)
    }

    fn hoa_syncs(&mut self) {
        let env = self.village.world.env.clone();
        self.village.hoa.store().write(|tx| sealed::renew(tx, &*env)).unwrap();
        assert_eq!(self.village.hoa.sync_with_files(&mut self.village.world, &wifi()), Stop::Done);
        looks(&self.village.hoa, &self.village.world);
        sync(&self.village.hoa, &mut self.village.world);
        looks(&self.village.hoa, &self.village.world);
    }

    fn words(&self) -> Words {
        Words::new(Lang::Vi, self.village.world.env.now())
    }

    fn hoa_seals(&self, photos: &[Clean]) -> RowRef {
        let (hoa, env) = (&self.village.hoa, &*self.village.world.env);
        let thread = hoa.store().write(|tx| sealed::seal(tx, env, None, (TOPIC, WORDS), photos)).unwrap();
        RowRef::new(Scope::member(hoa.member), THREAD, thread)
    }

    fn case_row(&self, thread: &RowRef) -> RowRef {
        RowRef::new(Scope::desk(self.committee), CASE, case_id(thread.id))
    }

    fn case(&self, phone: &Device, thread: &RowRef) -> CaseView {
        let (words, case) = (self.words(), case_id(thread.id));
        phone.store().read(|store| feedback::case(store, case, &words)).unwrap().unwrap()
    }

    fn thread(&self, thread: &RowRef) -> ThreadView {
        let words = self.words();
        let store = self.village.hoa.store();
        store.read(|store| feedback::thread(store, thread.id, &words)).unwrap().unwrap()
    }

    fn standing(&self, row: &RowRef) -> Value {
        self.village.world.standing_in(&BTreeSet::from([row.scope]))[row].clone()
    }

    /// Thảo, of Khe Nước, gets an office at the committee.
    fn appoints_thao(&self) {
        let world = &self.village.world;
        let birth = world.commune.person("Thảo").birth;
        let mut records = commune::members();
        records.retain(|record| record.birth == birth);
        for record in &mut records {
            record.offices = Some(vec![OfficeRecord { office: Office::Staff, of: Level::Committee }]);
        }
        world.server.import_members(&records).unwrap();
    }

    /// Whoever holds the server's machine puts what they like where they like.
    fn puts(&self, row: &RowRef, version: u32, body: &Value) {
        let world = &self.village.world;
        let (author, at, body) = (world.server.id(), world.env.now(), body.to_string());
        let entry = NewEntry { version, author, body: &body, made: None, at };
        world.store().write_with(&[row.scope], |tx| tx.put(row, &entry).map(drop)).unwrap();
    }
}

/// Judges keys and opens what came; how many commands with wraps it gave.
fn looks(phone: &Device, world: &World) -> usize {
    let mut wraps = 0;
    loop {
        let done = sealed::open_pending(phone.store(), &*world.env, 2).unwrap();
        wraps += done.wraps;
        if done.rows == 0 {
            return wraps;
        }
    }
}

fn why(case: &CaseView) -> Vec<LetterState> {
    case.letters.iter().map(|letter| letter.state.clone()).collect()
}

/// What the person sees who opens the row's one file.
fn opened(phone: &Device, world: &World, row: &RowRef) -> (String, Vec<u8>) {
    let store = phone.store();
    let file = store.read(|store| attachments::of_row(store, row)).unwrap().remove(0);
    assert_eq!(file.state, FileState::Here);
    let readings = Readings::default();
    let open =
        |store: &rusqlite::Transaction<'_>| attachments::open(store, &*world.env, &readings, row, &file.hash);
    let of = store.write::<_, StoreError>(open).unwrap().unwrap();
    assert_eq!(of.size, file.size);
    let mut bytes = Vec::new();
    loop {
        let piece = store.read(|store| attachments::piece(store, &of, bytes.len() as u64)).unwrap();
        if piece.is_empty() {
            return (file.name, bytes);
        }
        bytes.extend(piece);
    }
}

/// Words as they could stand in a file: as they are, and in base64 wherever they begin in it.
fn forms(words: &str) -> Vec<Vec<u8>> {
    let in_base64 = |before: usize| {
        let text: String = Base64([vec![0; before], words.as_bytes().to_vec()].concat()).into();
        // What the neighbours have a part in is left out.
        text.as_bytes()[4..text.len() - 4].to_vec()
    };
    (0..3).map(in_base64).chain([words.as_bytes().to_vec()]).collect()
}

/// In which of the server's files the words stand, in whatever form.
fn found(files: &BTreeMap<String, Vec<u8>>, words: &str) -> Vec<String> {
    let has = |bytes: &[u8]| forms(words).iter().any(|form| bytes.windows(form.len()).any(|at| at == form));
    files.iter().filter(|(_, bytes)| has(bytes)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn hoa_tells_the_desk_what_nobody_who_carries_it_can_read() {
    let mut play = Play::begin(91);
    let (mai, son) = (play.village.phone("Mai"), play.village.phone("Sơn"));
    play.certifies(&mai, play.committee, OF_COMMITTEE);
    play.certifies(&son, play.khe_nuoc, OF_KHE_NUOC);
    play.hoa_syncs();
    let picture = photo(PHOTO_NAME, IN_THE_PHOTO);
    let thread = play.hoa_seals(std::slice::from_ref(&picture));
    play.hoa_syncs();
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Applied));

    // Mai reads it, sees the photo, and answers; Hòa sees who answered.
    play.syncs(&mai);
    let case = play.case(&mai, &thread);
    assert_eq!((case.line.topic.as_str(), case.messages[0].words.as_str()), (TOPIC, WORDS));
    assert_eq!(why(&case), [LetterState::Opened { writer: Writer::Member }]);
    let row = play.case_row(&thread);
    let seen = opened(&mai, &play.village.world, &row);
    assert!(seen == (PHOTO_NAME.to_owned(), picture.bytes.clone()));
    let env = play.village.world.env.clone();
    mai.store().write(|tx| feedback::answer(tx, &*env, row.id, ANSWER)).unwrap();
    play.syncs(&mai);
    play.hoa_syncs();
    let view = play.thread(&thread);
    assert_eq!(view.messages[1].words, ANSWER);
    let said = play.words().letter(&view.letters[1].state);
    assert_eq!(said, format!("Đèo Thị Mai, Cán bộ văn phòng cấp ủy {COMMITTEE}, có chữ ký"));

    // Thảo comes to the office: she reads nothing until a phone that can has synced.
    play.appoints_thao();
    let thao = play.village.phone("Thảo");
    play.certifies(&thao, play.committee, OF_COMMITTEE);
    play.syncs(&thao);
    let closed = play.case(&thao, &thread);
    assert_eq!(closed.line.topic, "Phản ánh niêm phong");
    let not_yet = LetterState::Closed { why: NotOpened::NotForThisDevice };
    assert_eq!(why(&closed), [not_yet.clone(), not_yet.clone()]);
    assert!(play.words().letter(&not_yet).starts_with("Niêm phong, máy này không mở được"));
    assert_eq!(play.syncs(&mai), 1, "her phone opens the case to Thảo's");
    play.syncs(&thao);
    let case = play.case(&thao, &thread);
    let read: Vec<&str> = case.messages.iter().map(|message| message.words.as_str()).collect();
    assert_eq!(read, [WORDS, ANSWER]);
    assert!(opened(&thao, &play.village.world, &row).1 == picture.bytes);
    assert_eq!((play.syncs(&mai), play.syncs(&thao)), (0, 0), "and that was all there was to do");

    // The officer of another desk has no byte of it; and where the server gives him the case, he opens nothing.
    play.syncs(&son);
    assert!(!son.picture().keys().any(|at| at.kind == CASE));
    let stolen = RowRef { scope: Scope::desk(play.khe_nuoc), ..row.clone() };
    play.puts(&stolen, feedback::CASES.version, &play.standing(&row));
    play.syncs(&son);
    assert_eq!(why(&play.case(&son, &thread)), [not_yet.clone(), not_yet]);

    // Nothing of it is in the server's files; what was written openly is.
    let hoa = play.village.hoa.store();
    let plain = photo("den.jpg", IN_THE_PLAIN_PHOTO);
    let plain = std::slice::from_ref(&plain);
    hoa.write(|tx| feedback::submit_with(tx, &*env, None, "Đèn", PLAIN, plain)).unwrap();
    play.hoa_syncs();
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Applied));
    let files = play.village.world.disk().contents();
    assert!(files.contains_key("server.db") && files.contains_key("server.db-wal"), "{:?}", files.keys());
    for planted in [TOPIC, WORDS, ANSWER, PHOTO_NAME, IN_THE_PHOTO] {
        assert_eq!(found(&files, planted), Vec::<String>::new(), "{planted}");
    }
    for planted in ["xanhbiếc", "hổphách", "ngọcthạch", "bien-nhan-tim"] {
        assert_eq!(found(&files, planted), Vec::<String>::new(), "{planted}");
    }
    for planted in [PLAIN, "thủytinh", IN_THE_PLAIN_PHOTO, "mãnão"] {
        assert!(!found(&files, planted).is_empty(), "the scan does not see {planted}");
    }
}

#[test]
fn a_key_of_the_servers_own_is_sealed_to_by_nobody() {
    let mut play = Play::begin(92);
    let mai = play.village.phone("Mai");
    play.certifies(&mai, play.committee, OF_COMMITTEE);
    let server = SealKey::from_secret([66; 32]);
    let holder = Holder::Officer {
        member: Id::derived("ai đó", &[]),
        device: Id::derived("máy ai đó", &[]),
        name: "Cán bộ văn phòng".into(),
        office: Office::Staff,
    };
    let of = play.certificate(play.committee, COMMITTEE, holder, key(66).public(), Some(server.public()));
    // By its own key; and as if the committee had signed it.
    let papers = [
        Certificate { issuer: key(66).public(), ..of.clone() }.sign(&key(66)),
        Certificate { issuer: key(OF_COMMITTEE).public(), ..of.clone() }.sign(&key(66)),
        Certificate { issuer: key(ROOT).public(), holder: Holder::Organisation, ..of }.sign(&key(66)),
    ];
    for paper in &papers {
        let row = RowRef::new(Scope::org(play.committee), CERTIFICATE, Id::derived(&paper.sha256(), &[]));
        play.puts(&row, 1, &serde_json::to_value(paper).unwrap());
    }
    play.hoa_syncs();
    let thread = play.hoa_seals(&[]);
    play.hoa_syncs();
    play.syncs(&mai);
    let body = play.standing(&thread);
    let wraps = body["messages"][0]["sealed"]["wraps"].as_object().unwrap();
    assert!(!wraps.contains_key(&recipient(&server.public())));
    assert_eq!(wraps.len(), 2, "Mai's and Hòa's");
    assert_eq!(play.case(&mai, &thread).messages[0].words, WORDS);

    // What it writes itself, and puts before Hòa's words, is read as nobody's and names nothing.
    let row = play.case_row(&thread);
    let forged = Letter {
        format: sotay_protocol::sealed::FORMAT,
        member: play.village.hoa.member,
        desk: play.committee,
        thread: thread.id,
        message: Id::derived("giả", &[]),
        side: Side::Member,
        at: play.now,
        topic: Some("Việc khác".into()),
        words: "Xin nhắc lại lời tôi đã viết.".into(),
        files: Vec::new(),
        key: server.letter_key().public(),
        certificate: None,
        devices: vec![WriterDevice::of(&server)],
    };
    let env = play.village.world.env.clone();
    let of_mai = mai.store().write(|tx| sealed::ask_with(tx, &*env)).unwrap().unwrap();
    let letter = forged.seal(&server.letter_key(), &[of_mai], &*env).unwrap();
    let mut body = play.standing(&row);
    let message = json!({"id": forged.message, "side": "member", "at": forged.at, "sealed": letter});
    body["messages"].as_array_mut().unwrap().insert(0, message);
    play.puts(&row, feedback::CASES.version, &body);
    play.syncs(&mai);
    let case = play.case(&mai, &thread);
    assert_eq!(case.line.topic, TOPIC);
    assert!(play.words().letter(&case.letters[0].state).starts_with("KHÔNG RÕ AI VIẾT"));
    mai.store().write(|tx| feedback::answer(tx, &*env, row.id, ANSWER)).unwrap();
    play.syncs(&mai);
    let body = play.standing(&row);
    let wraps = body["messages"][2]["sealed"]["wraps"].as_object().unwrap();
    assert!(!wraps.contains_key(&recipient(&server.public())), "nor is it answered");
    assert_eq!(wraps.len(), 2);
}

#[test]
fn an_app_from_before_keeps_what_is_sealed_and_writes_nothing_openly_into_it() {
    let mut play = Play::begin(93);
    let mai = play.village.phone("Mai");
    play.certifies(&mai, play.committee, OF_COMMITTEE);
    play.hoa_syncs();
    let thread = play.hoa_seals(&[]);
    play.hoa_syncs();
    release::pretend(Some(Release::V0_1));
    let old = play.village.phone("Hòa");
    assert!(old.picture_of(&[THREAD]).is_empty());
    let env = play.village.world.env.clone();
    let reply = old.store().write(|tx| feedback::reply(tx, &*env, thread.id, "Lời rõ."));
    assert!(reply.is_err(), "it has no such thread to write into");
    release::pretend(None);
    upgrade::run(old.store()).unwrap();
    looks(&old, &play.village.world);
    let words = play.words();
    let view = old.store().read(|store| feedback::thread(store, thread.id, &words)).unwrap().unwrap();
    assert_eq!(view.line.topic, "Phản ánh niêm phong");
    assert_eq!(view.letters[0].state, LetterState::Closed { why: NotOpened::NotForThisDevice });
}

#[test]
fn hoas_second_phone_reads_and_writes_once_she_has_compared_it() {
    let mut play = Play::begin(94);
    let mai = play.village.phone("Mai");
    play.certifies(&mai, play.committee, OF_COMMITTEE);
    play.hoa_syncs();
    let thread = play.hoa_seals(&[]);
    play.hoa_syncs();
    let second = play.village.phone("Hòa");
    // Each phone tells its keys, and hears the other's.
    for _ in 0..2 {
        play.syncs(&second);
        play.hoa_syncs();
    }
    let (words, env) = (play.words(), play.village.world.env.clone());
    let seen = |phone: &Device| {
        phone.store().read(|store| feedback::thread(store, thread.id, &words)).unwrap().unwrap().letters
    };
    let closed = LetterState::Closed { why: NotOpened::NotForThisDevice };
    assert_eq!(seen(&second)[0].state, closed, "that the server lists it is not enough");
    let compares = |phone: &Device, other: &Device| {
        assert!(phone.store().write(|tx| devices::compare(tx, other.id)).unwrap());
    };
    compares(&play.village.hoa, &second);
    compares(&second, &play.village.hoa);
    play.hoa_syncs();
    play.syncs(&second);
    assert_eq!(seen(&second)[0].state, LetterState::Opened { writer: Writer::Member });
    // The desk would not know it yet: she is told so, and nothing is sent.
    let tried = second.store().write(|tx| feedback::reply(tx, &*env, thread.id, "Từ máy mới."));
    assert!(matches!(tried, Err(SubmitError::Refused(Refusal::NotNamed))), "{tried:?}");
    let first = play.village.hoa.store();
    first.write(|tx| feedback::reply(tx, &*env, thread.id, "Tôi có thêm một máy.")).unwrap();
    play.hoa_syncs();
    play.syncs(&second);
    second.store().write(|tx| feedback::reply(tx, &*env, thread.id, "Từ máy mới.")).unwrap();
    play.syncs(&second);
    play.syncs(&mai);
    let case = play.case(&mai, &thread);
    assert_eq!(case.messages[2].words, "Từ máy mới.");
    assert!(why(&case).iter().all(|state| *state == LetterState::Opened { writer: Writer::Member }));
    // And the answer comes to both.
    mai.store().write(|tx| feedback::answer(tx, &*env, case.line.id, ANSWER)).unwrap();
    play.syncs(&mai);
    play.syncs(&second);
    play.hoa_syncs();
    for phone in [&second, &play.village.hoa] {
        let state = seen(phone)[3].state.clone();
        assert!(matches!(state, LetterState::Opened { writer: Writer::Officer { .. } }), "{state:?}");
    }
}
