//! Desks and cells with a past: what leaves a phone, what comes back to it, and what it asks the archive for.

use std::{sync::Arc, time::Duration};

use sotay_core::{
    directives::{DIRECTIVES, count_unread},
    enrolment::Enrolment,
    handbook::{EnrolOptions, Handbook, HandbookError, NoTimer, Setup, Threads},
    store::{KeyProvider, KeyUnavailable, StoreKey},
    transport::HttpTransport,
    words::Lang,
};
use sotay_protocol::{
    attendance::{ATTENDANCE, AttendanceState},
    directives::DIRECTIVE,
    env::days,
    feedback::CASE,
    id::Id,
    meetings::MEETING,
    row::RowRef,
    scope::Scope,
};
use sotay_server::store::{NewEntry, Transaction};
use sotay_tests::world::{DOI_CHE, Device, Run, Step, World, folder};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::village::{Village, assert_one_picture, cursors, directive, rows_of, sync};

fn next_day(world: &World, after: u64) {
    world.env.pass(days(after));
    world.server.daily().unwrap();
}

/// Lan's feedback on the bridge, answered by Mai.
fn an_answered_case(village: &mut Village, lan: &Device, mai: &Device) -> (RowRef, RowRef) {
    let (env, desk) = (village.world.env.clone(), village.committee());
    let thread = lan.feedback(&*env, desk, "Cầu hỏng", "Cầu qua suối đã hỏng.").unwrap();
    sync(lan, &mut village.world);
    sync(mai, &mut village.world);
    let case = mai.cases().pop().unwrap();
    mai.answer(&*env, &case, Some("Xã sẽ sửa.")).unwrap();
    sync(mai, &mut village.world);
    sync(lan, &mut village.world);
    (thread, case)
}

#[test]
fn an_answer_that_mai_wrote_offline_finds_its_case_though_it_has_left_the_desk() {
    let mut village = Village::new(41);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let other = village.phone("Mai");
    let (thread, case) = an_answered_case(&mut village, &lan, &mai);
    mai.answer(&*village.world.env, &case, Some("Cầu đã xong, mời bà con đi lại.")).unwrap();
    next_day(&village.world, 367);
    sync(&other, &mut village.world);
    assert_eq!(rows_of(&other.picture(), CASE), 0);
    sync(&mai, &mut village.world);
    for phone in [&lan, &other, &mai] {
        sync(phone, &mut village.world);
        assert_one_picture(phone, &village.world);
    }
    assert_eq!(other.picture()[&case]["messages"].as_array().unwrap().len(), 3);
    assert_eq!(lan.picture()[&thread]["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn a_reply_of_lans_brings_the_case_back_to_every_phone_of_the_desk() {
    let mut village = Village::new(42);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let (thread, case) = an_answered_case(&mut village, &lan, &mai);
    next_day(&village.world, 367);
    sync(&mai, &mut village.world);
    assert_eq!(rows_of(&mai.picture(), CASE), 0);
    lan.reply(&*village.world.env, &thread, "Cầu lại hỏng rồi.").unwrap();
    sync(&lan, &mut village.world);
    next_day(&village.world, 1);
    sync(&mai, &mut village.world);
    assert_one_picture(&mai, &village.world);
    assert_eq!(mai.picture()[&case]["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn an_old_meeting_goes_with_its_marks_and_comes_back_with_them() {
    let mut village = Village::new(43);
    let (lan, minh) = (village.phone("Lan"), village.world.commune.person("Minh").id);
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    village.hoa.mark(&*env, &meeting, minh, AttendanceState::Excused, Some("Đi viện")).unwrap();
    sync(&village.hoa, &mut village.world);
    sync(&lan, &mut village.world);
    // Another mark, made in time, on a phone that lay in a drawer for two years.
    village.hoa.mark(&*env, &meeting, lan.member, AttendanceState::Present, None).unwrap();
    next_day(&village.world, 800);
    sync(&lan, &mut village.world);
    let shown = lan.picture();
    assert_eq!((rows_of(&shown, MEETING), rows_of(&shown, ATTENDANCE)), (0, 0));
    sync(&village.hoa, &mut village.world);
    village.world.relay();
    for phone in [&lan, &village.hoa] {
        sync(phone, &mut village.world);
        assert_one_picture(phone, &village.world);
        let shown = phone.picture();
        assert_eq!((rows_of(&shown, MEETING), rows_of(&shown, ATTENDANCE)), (1, 2), "{}", phone.person);
    }
    next_day(&village.world, 1);
    for phone in [&lan, &village.hoa] {
        sync(phone, &mut village.world);
        assert_one_picture(phone, &village.world);
        assert_eq!(rows_of(&phone.picture(), ATTENDANCE), 0);
    }
}

/// Cases that were answered, faster than by writing each.
fn fill_desk(village: &Village, cases: u32) {
    let desk = Scope::desk(village.committee());
    let (author, at) = (village.world.server.id(), sotay_protocol::env::Env::now(&*village.world.env));
    let put = |tx: &mut dyn Transaction| {
        for number in 0..cases {
            let row = RowRef::new(desk, CASE, Id::derived(&format!("việc {number}"), &[]));
            let body = serde_json::json!({"member": author, "member_name": "Lan", "cell_name": DOI_CHE,
                "thread": author, "topic": format!("Việc {number}"), "messages": [], "state": "answered"});
            tx.put(&row, &NewEntry { version: 1, author, body: &body.to_string(), made: None, at })?;
        }
        Ok(())
    };
    village.world.store().write_with(&[desk], put).unwrap();
}

#[test]
fn a_desk_that_is_cleared_while_mai_reads_it_for_the_first_time_ends_as_it_is() {
    let mut village = Village::new(44);
    fill_desk(&village, 3_000);
    village.world.env.pass(days(367));
    let lan = village.phone("Lan");
    let desk = village.committee();
    lan.feedback(&*village.world.env, desk, "Cầu hỏng", "Cầu qua suối đã hỏng.").unwrap();
    sync(&lan, &mut village.world);
    let mai = village.world.enrol("Mai");
    let env = village.world.env.clone();
    let mut run = Run::begin(&mai, &env).unwrap();
    let mut steps = 0;
    loop {
        let world = &mut village.world;
        if let Step::Over(_) = run.step(&mai, &world.server, &env, &mut world.network).unwrap() {
            break;
        }
        steps += 1;
        if steps == 3 {
            village.world.server.daily().unwrap();
        }
    }
    sync(&mai, &mut village.world);
    assert_one_picture(&mai, &village.world);
    assert_eq!(rows_of(&mai.picture(), CASE), 1);
}

#[test]
fn a_first_sync_that_is_cut_at_every_page_passes_below_the_floor_and_comes_to_its_end() {
    let mut village = Village::new(47);
    fill_desk(&village, 3_000);
    let desk = Scope::desk(village.committee());
    let now = sotay_protocol::env::Env::now(&*village.world.env);
    let bury = |tx: &mut dyn Transaction| {
        for number in 0..40 {
            tx.bury(&RowRef::new(desk, CASE, Id::derived(&format!("việc {number}"), &[])), now)?;
        }
        Ok(())
    };
    village.world.store().write_with(&[desk], bury).unwrap();
    next_day(&village.world, 185);
    let floor = village.world.store().read_with(|reader| reader.head(desk)).unwrap().floor;
    assert!(floor > 3_000, "above most of what is to be read");
    let mai = village.world.enrol("Mai");
    let at = |device: &Device| {
        cursors(device).into_iter().find(|(scope, ..)| *scope == desk.to_string()).map(|(.., seq)| seq)
    };
    let env = village.world.env.clone();
    let mut exchanges = 0;
    loop {
        exchanges += 1;
        assert!(exchanges < 100, "it goes on where it was cut");
        let (mut run, before) = (Run::begin(&mai, &env).unwrap(), at(&mai));
        let over = loop {
            let world = &mut village.world;
            match run.step(&mai, &world.server, &env, &mut world.network).unwrap() {
                Step::Over(stop) => break Some(stop),
                _ if at(&mai) > before.max(Some(0)) => break None,
                _ => {}
            }
        };
        if over.is_some() {
            break;
        }
    }
    assert!(exchanges > 3, "{exchanges}");
    assert_one_picture(&mai, &village.world);
    assert_eq!(rows_of(&mai.picture(), CASE), 2_960);
    assert!(cursors(&mai).iter().all(|(_, _, generation, _)| *generation == 1), "without a reset");
}

#[test]
fn what_is_withdrawn_while_lan_reads_leaves_no_word_on_her_phone() {
    const DRAFT: &str = "Lời của bản dự thảo";
    let mut village = Village::new(45);
    let committee = village.committee();
    let published = village.world.server.publish(&directive(committee, 17, DRAFT)).unwrap();
    let minh = village.phone("Minh");
    let lan = village.world.enrol("Lan");
    let env = village.world.env.clone();
    let mut run = Run::begin(&lan, &env).unwrap();
    let world = &mut village.world;
    run.step(&lan, &world.server, &env, &mut world.network).unwrap();
    let row = RowRef::new(published.scope, DIRECTIVE, published.id);
    world.server.withdraw(&row, "Ban hành nhầm").unwrap();
    while !matches!(run.step(&lan, &world.server, &env, &mut world.network).unwrap(), Step::Over(_)) {}
    for phone in [&lan, &minh] {
        sync(phone, &mut village.world);
        assert_one_picture(phone, &village.world);
        sotay_core::search::index_pending(phone.store(), 100).unwrap();
        let kept: String = phone
            .store()
            .read(|store| {
                let sql = format!("SELECT body FROM {} WHERE id = ?1", DIRECTIVES.name);
                Ok::<_, sotay_core::store::StoreError>(store.query_row(
                    &sql,
                    [published.id.to_string()],
                    |row| row.get(0),
                )?)
            })
            .unwrap();
        assert!(!kept.contains(DRAFT) && kept.contains("17-KH/ĐU"), "{}: {kept}", phone.person);
        let found = |typed: &str| {
            phone.store().read(|store| sotay_core::search::find(store, typed, 9)).unwrap().total
        };
        assert_eq!((found("ban du thao"), found("ke hoach so 17")), (0, 1));
        assert_eq!(phone.store().read(count_unread).unwrap(), 0);
    }
}

struct Key;

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new([7; 32]))
    }
}

/// A handbook as an app holds it, over real HTTP.
async fn handbook(folder: &std::path::Path, world: &World, url: &str, name: &str) -> Handbook {
    let setup = Setup {
        folder: folder.to_owned(),
        key: Arc::new(Key),
        workers: Arc::new(Threads::new(2).unwrap()),
        env: Arc::clone(&world.env) as _,
        transport: Arc::new(HttpTransport::new().unwrap()),
        timer: Arc::new(NoTimer),
        lang: Lang::Vi,
    };
    let handbook = Handbook::open(setup).await.unwrap();
    let person = world.commune.person(name);
    let enrolment = Enrolment {
        url: url.to_owned(),
        code: world.server.issue_code(person.id).unwrap(),
        birth: person.birth,
        device_name: "Máy".into(),
    };
    handbook.enrol(enrolment, EnrolOptions::default()).await.unwrap();
    handbook
}

#[test]
fn mai_turns_the_pages_of_the_archive_and_none_of_them_stays_on_her_phone() {
    let mut village = Village::new(46);
    let desk = village.committee();
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    an_answered_case(&mut village, &lan, &mai);
    let mark = |village: &Village, of: Id| {
        let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
        village.hoa.mark(&*env, &meeting, of, AttendanceState::Present, None).unwrap();
    };
    mark(&village, village.hoa.member);
    sync(&village.hoa, &mut village.world);
    village.world.relay();
    next_day(&village.world, 400);
    fill_desk(&village, 60);
    next_day(&village.world, 400);

    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let served = sotay_server::serve(village.world.server.clone(), listener, async move {
            let _ = stopped.await;
        });
        let served = runtime.spawn(served);
        let place = folder();
        let office = handbook(&place.path().join("mai"), &village.world, &url, "Mai").await;
        assert_eq!(office.sync(|_| ()).1.await.unwrap().stop, sotay_core::handbook::SyncStop::Done);
        assert!(office.feedback().cases().await.unwrap().is_empty());
        let first = office.feedback().older(desk, None).await.unwrap();
        assert_eq!((first.cases.len(), first.next.is_some()), (50, true));
        let second = office.feedback().older(desk, first.next).await.unwrap();
        assert_eq!((second.cases.len(), second.next), (11, None));
        let oldest = second.cases.last().unwrap();
        assert_eq!((oldest.line.topic.as_str(), oldest.messages.len()), ("Cầu hỏng", 2));
        assert!(office.feedback().cases().await.unwrap().is_empty(), "shown and not kept");
        let reports = office.meetings().older_reports(desk, None).await.unwrap();
        assert_eq!((reports.reports.len(), reports.reports[0].counts.present), (1, 1));
        let cell = village.world.commune.organisation(DOI_CHE);
        let not_hers = office.feedback().older(cell, None).await;
        assert_eq!(not_hers, Err(HandbookError::NotFound), "and nothing of a desk that she does not serve");

        let hoa = handbook(&place.path().join("hoa"), &village.world, &url, "Hòa").await;
        hoa.sync(|_| ()).1.await.unwrap();
        assert!(hoa.meetings().list().await.unwrap().is_empty());
        // Her token has expired by now: a new one is fetched on the way.
        village.world.env.pass(Duration::from_secs(48 * 60 * 60));
        let older = hoa.meetings().older(cell, None).await.unwrap();
        assert_eq!((older.meetings.len(), older.meetings[0].present), (1, 1));
        assert!(matches!(
            older.meetings[0].line.mine,
            sotay_core::meetings::Mine::Attendance(AttendanceState::Present)
        ));
        stop.send(()).unwrap();
        served.await.unwrap().unwrap();
        assert_eq!(hoa.meetings().older(cell, None).await, Err(HandbookError::Offline));
        assert!(hoa.words().handbook_error(HandbookError::Offline).contains("máy chủ"));
        for one in [office, hoa] {
            one.shutdown().await.unwrap();
        }
    });
}
