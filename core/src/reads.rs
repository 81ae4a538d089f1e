//! What a screen's read costs, counted in the store's own steps: it does not grow with what the screen does not show.
//! A look at the query's plan would let through a walk along an index, and forbid that of a table with one row.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rusqlite::Connection;
use sotay_protocol::{
    attachment::Attachment,
    attendance::{Attendance, AttendanceState, Claim, ClaimState, Opening, Source, attendance_id},
    directives::DirectiveType,
    env::{Env, SystemEnv},
    feedback::{CASE, Case, FeedbackState, Message, Side, Thread},
    meetings::{Form, Meeting, MeetingState},
    row::RowRef,
    scope::Scope,
    signature::Base64,
};

use crate::{
    attachments, attendance,
    directives::{self, Filter},
    feedback, meetings, outbox, search,
    shown::Page,
    store::StoreError,
    sync::status,
    village::{CELL, COMMUNE, Phone, december, id},
};

const SCREEN: Page = Page { skip: 0, take: 20 };

/// The phone of the cell's secretary, with so many of each thing.
fn with(many: u32) -> Phone {
    let hoa = Phone::of_hoa();
    for nth in 0..many {
        let directive =
            hoa.has_directive(&format!("{}-KH/ĐU", nth + 1), 1 + nth % 28, "Dọn vệ sinh", "Một dòng.");
        if nth % 2 == 0 {
            hoa.store.write(|tx| directives::mark_opened(tx, directive)).unwrap();
        }
        meeting(&hoa, nth);
        words(&hoa, nth);
    }
    // Sent and applied within the month; and as much again that only a newer app can read.
    hoa.store
        .write(|tx| {
            for nth in 0..many {
                let of = feedback::submit(tx, &SystemEnv, None, "Điện", &format!("Mất điện lần {nth}"));
                of.map(drop).unwrap();
            }
            tx.execute_batch(
                "UPDATE command SET state = 'applied', folded = 0, kept_until = 9000000000000;
                 INSERT INTO unread (scope, kind, id, epoch, seq, generation, version, author, body, tried)
                   SELECT scope, 'poll', id, epoch, seq, generation, version, author, body, 1000 FROM directive;",
            )?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
    while search::index_pending(&hoa.store, 500).unwrap() > 0 {}
    hoa
}

fn meeting(hoa: &Phone, nth: u32) {
    let (cell, me) = (Scope::cell(id(CELL)), id("Lê Thị Hòa"));
    let of = id(&format!("cuộc họp {nth}"));
    let starts_at = december(1 + nth % 28, 19, 30);
    let meeting = Meeting {
        title: "Sinh hoạt".into(),
        form: Form::Regular,
        starts_at,
        place: "Nhà văn hóa".into(),
        link: None,
        agenda: Vec::new(),
        state: MeetingState::Closed,
        opened_at: None,
        closed_at: None,
    };
    hoa.has(&meetings::MEETINGS, cell, of, &meeting);
    let attended = Attendance {
        meeting: of,
        member: me,
        state: AttendanceState::Present,
        mode: None,
        source: Source::Claim,
        late: false,
        evidence: None,
        awaits_secretary: false,
    };
    hoa.has(&attendance::ATTENDANCE, cell, attendance_id(of, me), &attended);
    let claim = Claim {
        meeting: of,
        cell: cell.id,
        code: "123456".into(),
        qr: None,
        at: starts_at,
        state: ClaimState::Confirmed,
    };
    hoa.has(&attendance::CLAIMS, Scope::member(me), id(&format!("điểm danh {nth}")), &claim);
    let secret = Base64(vec![1; 32]);
    let opening = Opening { meeting: of, secret, opened_at: starts_at, closed_at: None, server_ahead: None };
    hoa.has(&attendance::OPENINGS, Scope::desk(id(CELL)), id(&format!("mã {nth}")), &opening);
}

fn words(hoa: &Phone, nth: u32) {
    let photo = Attachment {
        name: "anh.jpg".into(),
        media: "image/jpeg".into(),
        size: 1_000,
        hash: format!("{nth:064x}"),
    };
    let message = Message {
        id: id(&format!("lời {nth}")),
        side: Side::Member,
        at: december(1, 8, 0),
        words: "Đường hỏng".into(),
        attachments: vec![photo],
        sealed: None,
    };
    let (topic, messages) = ("Đường".to_owned(), vec![message]);
    let thread = Thread {
        desk: id(COMMUNE),
        topic: topic.clone(),
        messages: messages.clone(),
        state: FeedbackState::Sent,
        sealed: false,
    };
    hoa.has(&feedback::THREADS, Scope::member(id("Lê Thị Hòa")), id(&format!("phản ánh {nth}")), &thread);
    let case = Case {
        member: id("Nguyễn Thị Lan"),
        member_name: "Nguyễn Thị Lan".into(),
        cell_name: CELL.into(),
        thread: id(&format!("phản ánh {nth}")),
        topic,
        messages,
        state: FeedbackState::Sent,
        sealed: false,
    };
    hoa.has(&feedback::CASES, Scope::desk(id(CELL)), id(&format!("việc {nth}")), &case);
}

type Read = fn(&Connection, &Phone);

/// What a person opens, or sees a screenful of.
const SCREENS: &[(&str, Read)] = &[
    ("directives", |store, _| {
        assert_eq!(directives::list(store, &Filter::default(), SCREEN).unwrap().len(), 20);
    }),
    ("directives of a type", |store, _| {
        let filter = Filter { directive_type: Some(DirectiveType::KeHoach), ..Filter::default() };
        assert_eq!(directives::list(store, &filter, SCREEN).unwrap().len(), 20);
    }),
    ("how many are unread", |store, _| {
        directives::count_unread(store).unwrap();
    }),
    ("a directive", |store, phone| {
        let line = &directives::list(store, &Filter::default(), Page { skip: 0, take: 1 }).unwrap()[0];
        assert!(directives::read(store, line.id, &phone.words()).unwrap().is_some());
        let row = RowRef::new(Scope::org(id(COMMUNE)), "directive", line.id);
        assert_eq!(attachments::of_row(store, &row).unwrap().len(), 1);
    }),
    ("a meeting", |store, phone| {
        assert!(meetings::show(store, id("cuộc họp 3"), &phone.words()).unwrap().is_some());
    }),
    ("a meeting's roll", |store, phone| {
        assert!(attendance::roll(store, id("cuộc họp 3"), &phone.words()).unwrap().is_some());
    }),
    ("a meeting's code", |store, phone| {
        assert!(attendance::current_code(store, id("cuộc họp 3"), phone.env.now()).unwrap().is_some());
    }),
    ("a thread", |store, phone| {
        assert!(feedback::thread(store, id("phản ánh 3"), &phone.words()).unwrap().is_some());
    }),
    ("cases", |store, phone| {
        assert_eq!(feedback::cases_page(store, &phone.words(), SCREEN).unwrap().len(), 20);
    }),
    ("a case", |store, phone| {
        assert!(feedback::case(store, id("việc 3"), &phone.words()).unwrap().is_some());
    }),
    ("a case's files", |store, _| {
        assert_eq!(attachments::of_id(store, CASE, id("việc 3")).unwrap().len(), 1);
    }),
    ("files", |store, _| {
        assert!(attachments::list(store, SCREEN).unwrap().len() >= 20);
    }),
    ("what needs attention", |store, phone| {
        assert!(outbox::list(store, &phone.words()).unwrap().is_empty());
        assert_eq!(outbox::counts(store).unwrap(), outbox::Counts::default());
    }),
    ("how sync stands", |store, _| {
        status::stored(store).unwrap();
        status::facts(store).unwrap();
    }),
    ("what is not indexed", |store, _| {
        assert_eq!(search::waiting(store).unwrap(), 0);
    }),
];

/// Steps of the store's machine that a read takes.
fn steps(phone: &Phone, read: Read) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = |store: &Connection| -> Result<(), StoreError> {
        count_steps(store, Some(Arc::clone(&count)))?;
        read(store, phone);
        Ok(count_steps(store, None)?)
    };
    phone.store.read(counted).unwrap();
    count.load(Ordering::SeqCst)
}

fn count_steps(store: &Connection, into: Option<Arc<AtomicUsize>>) -> rusqlite::Result<()> {
    let handler = into.map(|count| {
        move || {
            count.fetch_add(1, Ordering::SeqCst);
            false
        }
    });
    store.progress_handler(1, handler)
}

#[test]
fn a_screen_costs_no_more_on_a_phone_that_has_ten_times_as_much() {
    let (few, many) = (with(30), with(300));
    for (screen, read) in SCREENS {
        let (few, many) = (steps(&few, *read), steps(&many, *read));
        assert!(many <= few + few / 4, "{screen}: {few} steps with 30 of each thing, {many} with 300");
    }
}

#[test]
fn a_list_costs_as_much_as_it_is_long() {
    let (few, many) = (with(20), with(200));
    let lists: [(&str, Read); 3] = [
        ("meetings", |store, phone| drop(meetings::list(store, &phone.words()).unwrap())),
        ("threads", |store, phone| drop(feedback::threads(store, &phone.words()).unwrap())),
        ("cases", |store, phone| drop(feedback::cases(store, &phone.words()).unwrap())),
    ];
    for (list, read) in lists {
        let (few, many) = (steps(&few, read), steps(&many, read));
        assert!(many <= few * 12, "{list}: {few} steps with 20 of each thing, {many} with 200");
    }
}

#[test]
fn an_exchange_does_not_go_through_what_was_applied() {
    let exchange = |many: u32| {
        let phone = with(many);
        let count = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&count);
        let watch = |store: &Connection| Ok::<_, StoreError>(count_steps(store, Some(counting))?);
        phone.store.write(|store| watch(store)).unwrap();
        phone.hears(Vec::new());
        count.load(Ordering::SeqCst)
    };
    let (few, many) = (exchange(30), exchange(300));
    assert!(many <= few + few / 4, "{few} steps after 30 deeds, {many} after 300");
}
