//! What Lan, Hòa and Mai see, and in which words.

use sotay_protocol::{
    exchange::Outcome,
    feedback::{FeedbackState, Message, Side, Thread},
    meetings::{Form, Meeting, MeetingState},
    refusal::Refusal,
    scope::Scope,
};

use super::{
    directives,
    feedback::{rows, thread},
    home::{self, BannerKind, Home, MainAction, Told},
    meetings::{self, MeetingAction},
};
use crate::{
    attendance,
    directives::Filter,
    feedback::{self as book, THREADS},
    meetings::{self as cell, MEETINGS},
    outbox,
    shown::Page,
    store::StoreError,
    sync::status::{self, ClockOff, GoingOn, KeyTrouble},
    village::{CELL, COMMUNE, Phone, december, id},
    words::{Lang, Words},
};

fn meets(phone: &Phone, day: u32, state: MeetingState) -> sotay_protocol::id::Id {
    let of = Meeting {
        title: format!("Sinh hoạt ngày {day}"),
        form: Form::Regular,
        starts_at: december(day, 19, 30),
        place: "Nhà văn hóa thôn".into(),
        link: None,
        agenda: vec![],
        state,
        opened_at: None,
        closed_at: None,
    };
    phone.has(&MEETINGS, Scope::cell(id(CELL)), id(&of.title), &of);
    id(&of.title)
}

fn home_of(phone: &Phone, going_on: &GoingOn) -> Home {
    let words = phone.words();
    let told = phone.store.read(|store| -> Result<Told, StoreError> {
        let sync = status::status(&status::stored(store)?, going_on);
        Told::read(store, true, sync, &words)
    });
    home::home(told.unwrap(), &words)
}

#[test]
fn lans_first_screen_leads_to_what_comes_first() {
    let lan = Phone::of_lan();
    let quiet = GoingOn::default();
    let nothing = home_of(&lan, &quiet);
    assert_eq!(nothing.nothing_new.as_deref(), Some("Hôm nay không có gì mới"));
    assert_eq!((nothing.main, nothing.updated.as_str()), (MainAction::UpdateNow, "Chưa cập nhật lần nào"));

    for day in 1..=3 {
        lan.has_directive(&format!("{day}-KH/ĐU"), day, "Vệ sinh môi trường", "Điều 1.");
    }
    lan.has_directive("4-CV/ĐU", 2, "Họp thôn", "Điều 1.");
    let read = home_of(&lan, &quiet);
    assert_eq!((read.main, read.nothing_new), (MainAction::ReadDirective, None));
    let titles: Vec<&str> = read.documents.iter().map(|row| row.title.as_str()).collect();
    assert_eq!((titles.len(), titles[0]), (3, "Kế hoạch 03-KH/ĐU"));
    assert_eq!(read.documents[0].under, "Đảng ủy xã Thanh Sơn, hôm nay");
    assert_eq!(read.more_documents.as_deref(), Some("còn 1 văn bản chưa đọc"));

    meets(&lan, 3, MeetingState::Planned);
    let before = home_of(&lan, &quiet);
    let meeting = before.meeting.unwrap();
    assert_eq!((before.main, meeting.time.as_str()), (MainAction::SeeMeeting, "19:30 hôm nay"));
    assert_eq!((meeting.ahead.as_deref(), meeting.state.as_str()), (Some("còn 5 phút"), "sắp họp"));

    let open = meets(&lan, 3, MeetingState::Open);
    let begun = home_of(&lan, &quiet);
    assert_eq!((begun.main, begun.badges.meetings), (MainAction::CheckIn, 1));
    lan.store.write(|tx| attendance::check_in(tx, lan.env.as_ref(), open, "123456")).unwrap();
    let said = home_of(&lan, &quiet);
    assert_eq!(
        (said.main, said.badges.meetings),
        (MainAction::SeeMeeting, 0),
        "it was said, and is not asked again"
    );
    assert_eq!(said.meeting.unwrap().action, MeetingAction::Look);
    assert_eq!(said.waiting.as_deref(), Some("1 việc chờ gửi"));

    lan.hears(vec![(1, Outcome::Refused { code: Refusal::NotAllowed })]);
    let refused = home_of(&lan, &quiet);
    assert_eq!((refused.main, refused.badges.attention), (MainAction::LookAtAttention, 1));
    assert_eq!(refused.attention.as_deref(), Some("1 việc cần đồng chí xem lại"));
}

#[test]
fn one_banner_at_a_time_the_gravest_first() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let told = |change: &dyn Fn(&mut Told)| {
        let mut told = Told {
            enrolled: true,
            sync: status::SyncStatus::default(),
            meetings: vec![],
            threads: vec![],
            unread: vec![],
            unread_count: 0,
            drafts: vec![],
        };
        change(&mut told);
        let home = home::home(told, &words);
        (home.banner.map(|banner| (banner.kind, banner.sentence)), home.main)
    };
    assert_eq!(told(&|_| {}), (None, MainAction::UpdateNow));
    let (banner, main) = told(&|of| of.enrolled = false);
    assert_eq!((banner.unwrap().0, main), (BannerKind::NotEnrolled, MainAction::Enrol));
    let slow = ClockOff { fast: false, millis: 11 * 60_000 };
    let (banner, _) = told(&|of| of.sync.attention.clock = Some(slow));
    assert_eq!(
        banner.unwrap(),
        (BannerKind::ClockOff, "Đồng hồ máy này chậm 11 phút; mời đồng chí chỉnh lại giờ".into())
    );
    let (banner, main) = told(&|of| {
        (of.sync.attention.taken_off, of.sync.attention.update_needed) = (true, true);
    });
    assert_eq!((banner.unwrap().0, main), (BannerKind::TakenOff, MainAction::Enrol));
    let (banner, _) = told(&|of| {
        (of.sync.attention.key, of.enrolled) = (Some(KeyTrouble::Locked), false);
    });
    assert_eq!(banner.unwrap(), (BannerKind::KeyLocked, "Mở khóa máy một lần để đọc".into()));
}

#[test]
fn documents_stand_under_the_headings_of_their_days() {
    let lan = Phone::of_lan();
    lan.env.set(19, 8, 0);
    for (number, day) in
        [("01-KH/ĐU", 2), ("02-KH/ĐU", 10), ("03-KH/ĐU", 16), ("04-KH/ĐU", 18), ("05-KH/ĐU", 19)]
    {
        lan.has_directive(number, day, "Vệ sinh môi trường", "Điều 1.");
    }
    let list = |filter: &Filter, words: &Words| {
        let page = Page { skip: 0, take: 100 };
        let lines = lan.store.read(|store| crate::directives::list(store, filter, page)).unwrap();
        directives::list(lines, filter, 2, words)
    };
    let all = list(&Filter::default(), &lan.words());
    let headed: Vec<(&str, Vec<&str>)> = all
        .groups
        .iter()
        .map(|group| (group.title.as_str(), group.rows.iter().map(|row| row.line.number.as_str()).collect()))
        .collect();
    assert_eq!(
        headed,
        [
            ("Mới", vec!["05-KH/ĐU", "04-KH/ĐU"]),
            ("Tuần này", vec!["03-KH/ĐU"]),
            ("Tháng này", vec!["02-KH/ĐU", "01-KH/ĐU"]),
        ]
    );
    assert_eq!(all.groups[0].rows[1].under, "Đảng ủy xã Thanh Sơn, hôm qua");
    assert_eq!(all.groups[2].rows[1].under, "Đảng ủy xã Thanh Sơn, thứ Ba 2/12");
    assert_eq!((all.apart.as_deref(), all.empty), (Some("2 văn bản bị tách riêng, không tin được"), None));
    let other = Filter {
        directive_type: Some(sotay_protocol::directives::DirectiveType::CongVan),
        ..Filter::default()
    };
    assert_eq!(list(&other, &lan.words()).empty.as_deref(), Some("Không có văn bản nào như vậy"));
    let english = Words { lang: Lang::En, ..lan.words() };
    assert_eq!(list(&Filter::default(), &english).groups[0].title, "New");
}

#[test]
fn who_may_not_is_told_why_and_what_is_over_stands_under_its_month() {
    let (lan, hoa) = (Phone::of_lan(), Phone::of_hoa());
    for phone in [&lan, &hoa] {
        meets(phone, 1, MeetingState::Closed);
        meets(phone, 6, MeetingState::Planned);
    }
    let of = id("Sinh hoạt ngày 6");
    let screen = |phone: &Phone| {
        let words = phone.words();
        let view = phone.store.read(|store| cell::show(store, of, &words)).unwrap().unwrap();
        meetings::meeting(view, &words)
    };
    let office = Some("việc của bí thư, phó bí thư hoặc cấp ủy viên chi bộ");
    let (hers, secretarys) = (screen(&lan), screen(&hoa));
    assert_eq!((hers.deeds.open.as_deref(), hers.deeds.check_in), (office, None));
    assert_eq!(secretarys.deeds.open, None);
    assert_eq!(secretarys.deeds.close.as_deref(), Some("cuộc họp chưa mở điểm danh"));
    assert_eq!(
        (hers.row.time.as_str(), hers.row.ahead.as_deref()),
        ("19:30 thứ Bảy này", Some("còn 3 ngày"))
    );
    assert_eq!((hers.row.mine, hers.mine.as_str()), (None, "chưa điểm danh"));

    let words = lan.words();
    let lines = lan.store.read(|store| cell::list(store, &words)).unwrap();
    let groups = meetings::groups(lines, &words);
    let titles: Vec<&str> = groups.iter().map(|group| group.title.as_str()).collect();
    assert_eq!(titles, ["Sắp tới", "Tháng 12/2025"]);
    assert_eq!(
        groups[1].rows[0].mine.as_deref(),
        Some("chưa điểm danh"),
        "it was held, and Lan is not on its list"
    );
}

#[test]
fn a_thread_says_how_far_it_is_and_who_speaks() {
    let lan = Phone::of_lan();
    let topic = "Đường thôn hỏng";
    let written =
        lan.store.write(|tx| book::submit(tx, lan.env.as_ref(), None, topic, "Lở sau mưa.")).unwrap();
    let words = lan.words();
    let row =
        |words: &Words| rows(lan.store.read(|store| book::threads(store, words)).unwrap(), words).remove(0);
    let screen =
        || thread(lan.store.read(|store| book::thread(store, written, &words)).unwrap().unwrap(), &words);
    assert_eq!((row(&words).state.as_str(), row(&words).time.as_str()), ("đã ghi", "19:25 hôm nay"));
    assert_eq!(row(&words).sync.as_deref(), Some("Đã ghi trên máy, sẽ gửi khi có mạng"));
    let scope = Scope::member(id("Nguyễn Thị Lan"));
    lan.hears(vec![(1, Outcome::Applied { scope, epoch: 1, seq: 2_000_000 })]);
    assert_eq!((row(&words).state.as_str(), row(&words).sync), ("đã gửi", None));
    assert_eq!(screen().news.as_deref(), Some("Đã gửi lúc 19:25"));

    let mine = screen().turns.remove(0).message;
    let answer = Message {
        id: id("lời đáp"),
        side: Side::Desk,
        at: december(3, 19, 20),
        words: "Tuần này sửa.".into(),
        attachments: vec![],
        sealed: None,
    };
    let of = Thread {
        desk: id(COMMUNE),
        topic: topic.into(),
        messages: vec![mine, answer],
        state: FeedbackState::Answered,
        sealed: false,
    };
    lan.has(&THREADS, scope, written, &of);
    let answered = screen();
    let turns: Vec<(&str, &str)> =
        answered.turns.iter().map(|turn| (turn.who.as_str(), turn.time.as_str())).collect();
    assert_eq!(turns, [("Tôi", "19:25 hôm nay"), (COMMUNE, "19:20 hôm nay")]);
    assert_eq!((answered.news, answered.no_reply), (None, None), "when it went up is no longer the news");
    assert_eq!(home_of(&lan, &GoingOn::default()).answers[0].state, "đã trả lời");
    assert_eq!(home_of(&lan, &GoingOn::default()).main, MainAction::ReadAnswer);
}

#[test]
fn nothing_can_be_sealed_to_a_desk_without_officers() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let desks = lan.store.read(|store| book::desks(store, words.now)).unwrap();
    let choices = super::feedback::desks(desks, &words);
    assert!(
        choices.iter().all(|of| of.no_seal.as_deref() == Some(words.refusal(Refusal::DeskWithoutOfficers)))
    );
    assert!(choices.iter().any(|of| of.desk.usual && of.desk.name == COMMUNE));
    assert!(lan.store.read(|store| outbox::list(store, &words)).unwrap().is_empty());
}
