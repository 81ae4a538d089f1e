//! An app of the previous release in a newer world: it goes on with what it can read, loses nothing of what it
//! cannot, and has all of it once it is updated.

use serde_json::{Value, json};
use sotay_core::{
    directives, feedback, meetings,
    outbox::RowState,
    release::{self, MADE_UP, Release},
    store::StoreError,
    sync::device,
    upgrade,
    words::{Lang, Words},
};
use sotay_protocol::{
    directives::DIRECTIVE,
    env::{Env, days},
    id::Id,
    meetings::MEETING_REPORT,
    row::RowRef,
    scope::Scope,
};
use sotay_server::store::NewEntry;
use sotay_tests::world::{Device, KHE_NUOC, World};

use crate::village::{Village, assert_one_picture, rows_of, sync};

/// This thread's apps are of 0.1.0 until this goes.
struct Old;

impl Old {
    fn apps() -> Self {
        release::pretend(Some(Release::V0_1));
        Self
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        release::pretend(None);
    }
}

/// A newer server writes a row.
fn put(world: &World, row: &RowRef, version: u32, body: &Value) {
    let (author, at, body) = (world.server.id(), world.env.now(), body.to_string());
    let entry = NewEntry { version, author, body: &body, made: None, at };
    world.store().write_with(&[row.scope], |tx| tx.put(row, &entry).map(drop)).unwrap();
}

fn unread(phone: &Device) -> Vec<(String, u32)> {
    // Devices and their keys are of no app of that time; they are not what is told here.
    let sql = "SELECT kind, version FROM unread WHERE kind NOT IN ('device', 'pass_key') ORDER BY kind, id";
    let read = |store: &rusqlite::Connection| -> Result<Vec<_>, StoreError> {
        Ok(store
            .prepare(sql)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?)
    };
    phone.store().read(read).unwrap()
}

/// The meeting as the new app's server has it since: moved, and with a field that 0.1.0 has never heard of.
fn newer_form(village: &Village) -> Value {
    let standing = village.world.server_picture(village.hoa.member);
    let mut body = standing[&village.meeting].clone();
    body["place"] = json!("Trường tiểu học");
    body["livestream"] = json!({ "by": "loa bản" });
    body
}

#[test]
fn what_an_old_app_cannot_read_is_marked_and_appears_with_the_update() {
    let old = Old::apps();
    let mut village = Village::new(31);
    let lan = village.phone("Lan");
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    put(&village.world, &meeting, MADE_UP, &newer_form(&village));
    let poll = RowRef::new(meeting.scope, "poll", Id::random(&*env));
    put(&village.world, &poll, 1, &json!({ "question": "Đổi giờ họp?" }));
    sync(&lan, &mut village.world);
    assert_eq!(unread(&lan), [("meeting".to_owned(), MADE_UP), ("poll".to_owned(), 1)]);

    // On the screen: the form that this app can show, marked.
    let words = Words::new(Lang::Vi, env.now());
    let line = || lan.store().read(|store| meetings::list(store, &words)).unwrap().remove(0);
    assert_eq!((line().place.as_str(), line().sync), ("Nhà văn hóa bản", Some(RowState::Outdated)));
    assert_eq!(words.row_state(&RowState::Outdated), "Có bản mới hơn; mời đồng chí cập nhật ứng dụng để xem");
    // She checks in at it all the same.
    village.hoa.open_meeting(&*env, &meeting).unwrap();
    let code = village.hoa.code(&*env, &meeting).unwrap().unwrap();
    let claim = lan.check_in(&*env, &meeting, &code).unwrap();
    sync(&village.hoa, &mut village.world);
    sync(&lan, &mut village.world);
    assert!(village.world.server_picture(lan.member).contains_key(&claim));

    drop(old);
    let done = upgrade::run(lan.store()).unwrap();
    assert_eq!((done.taken_up, unread(&lan).len()), (2, 1), "a poll is for an app newer still");
    assert_eq!((line().place.as_str(), line().sync), ("Trường tiểu học", None));
    let shown = lan.picture();
    assert_eq!(shown[&meeting]["livestream"]["by"], json!("loa bản"));
    sync(&lan, &mut village.world);
    let mut standing = village.world.server_picture(lan.member);
    standing.remove(&poll);
    assert_eq!(lan.picture(), standing);
}

#[test]
fn a_directive_in_an_older_form_than_has_come_says_so_when_it_is_opened() {
    let old = Old::apps();
    let mut village = Village::new(37);
    village.put_directives(2);
    let lan = village.phone("Lan");
    let [first, second] = lan.rows(DIRECTIVE).try_into().unwrap();
    let mut body = village.world.server_picture(lan.member)[&first].clone();
    body["pinned"] = json!(true);
    put(&village.world, &first, MADE_UP, &body);
    sync(&lan, &mut village.world);
    let words = Words::new(Lang::Vi, village.world.env.now());
    let of_newer_version = |row: &RowRef| {
        let view = lan.store().read(|store| directives::read(store, row.id, &words)).unwrap().unwrap();
        view.of_newer_version
    };
    assert_eq!((of_newer_version(&first), of_newer_version(&second)), (true, false));
    drop(old);
    upgrade::run(lan.store()).unwrap();
    assert!(!of_newer_version(&first));
}

#[test]
fn what_was_written_over_an_unreadable_row_stands_over_it_when_it_is_taken_up() {
    let old = Old::apps();
    let mut village = Village::new(32);
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    put(&village.world, &meeting, MADE_UP, &newer_form(&village));
    sync(&village.hoa, &mut village.world);
    assert_eq!(unread(&village.hoa), [("meeting".to_owned(), MADE_UP)]);
    let shown = |village: &Village| village.hoa.picture()[&meeting].clone();
    // On the way home, without a network.
    village.hoa.edit_meeting(&*env, &meeting, &json!({ "title": "Họp chi bộ" })).unwrap();
    let before = shown(&village);
    assert_eq!((&before["title"], &before["place"]), (&json!("Họp chi bộ"), &json!("Nhà văn hóa bản")));
    drop(old);
    upgrade::run(village.hoa.store()).unwrap();
    let after = shown(&village);
    assert_eq!((&after["title"], &after["place"]), (&json!("Họp chi bộ"), &json!("Trường tiểu học")));
    assert_eq!(after["livestream"]["by"], json!("loa bản"));
    sync(&village.hoa, &mut village.world);
    assert_eq!(shown(&village), after);
    assert_one_picture(&village.hoa, &village.world);
}

#[test]
fn tombstone_reset_and_leave_reach_what_an_old_app_cannot_read() {
    let old = Old::apps();
    let mut village = Village::new(33);
    let mai = village.phone("Mai");
    let (env, committee) = (village.world.env.clone(), village.committee());
    let cell = village.world.commune.organisation(KHE_NUOC);
    let rows: Vec<RowRef> = [Scope::desk(committee), Scope::cell(cell), Scope::cell(cell)]
        .map(|scope| RowRef::new(scope, "poll", Id::random(&*env)))
        .into();
    for row in &rows {
        put(&village.world, row, 1, &json!({}));
    }
    sync(&mai, &mut village.world);
    let polls = || unread(&mai).iter().filter(|(kind, _)| kind == "poll").count();
    assert_eq!(polls(), 3);
    let at = env.now();
    village.world.store().write_with(&[rows[1].scope], |tx| tx.bury(&rows[1], at).map(drop)).unwrap();
    sync(&mai, &mut village.world);
    assert_eq!(polls(), 2, "a tombstone");

    // So long without a network that the tombstone of another is gone: the scopes are read anew.
    village.world.store().write_with(&[rows[2].scope], |tx| tx.bury(&rows[2], at).map(drop)).unwrap();
    village.world.server.begin_epoch().unwrap();
    sync(&mai, &mut village.world);
    assert_eq!(polls(), 1, "a reset");

    village.world.server.end_role(mai.member, committee, sotay_protocol::members::Office::Staff).unwrap();
    env.pass(days(1));
    sync(&mai, &mut village.world);
    assert_eq!(unread(&mai), [], "a scope that is left");
    drop(old);
    upgrade::run(mai.store()).unwrap();
    assert_one_picture(&mai, &village.world);
}

#[test]
fn an_officer_of_the_old_app_has_the_reports_once_it_is_updated() {
    let old = Old::apps();
    let mut village = Village::new(34);
    let mai = village.phone("Mai");
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    village.hoa.open_meeting(&*env, &meeting).unwrap();
    village.hoa.close_meeting(&*env, &meeting).unwrap();
    sync(&village.hoa, &mut village.world);
    village.world.relay();
    sync(&mai, &mut village.world);
    assert_eq!(rows_of(&mai.picture(), MEETING_REPORT), 0);
    assert_eq!(unread(&mai).first().map(|(kind, _)| kind.as_str()), Some(MEETING_REPORT));
    drop(old);
    upgrade::run(mai.store()).unwrap();
    assert_eq!(unread(&mai), []);
    assert_one_picture(&mai, &village.world);
}

#[test]
fn below_min_app_lan_reads_and_writes_on_and_is_told_to_update() {
    let old = Old::apps();
    let mut village = Village::new(35);
    let lan = village.phone("Lan");
    let env = village.world.env.clone();
    let told = || lan.store().read(device::identity).unwrap().unwrap().needs_update;
    assert!(!told());
    village.world.server = village.world.server.clone().with_min_app(2);
    let words = newer_form(&village);
    put(&village.world, &village.meeting, 1, &words);
    let thread = lan.feedback(&*env, village.committee(), "Cầu treo", "Ván đã mục.").unwrap();
    sync(&lan, &mut village.world);
    assert!(told());
    assert_eq!(lan.picture()[&village.meeting]["place"], json!("Trường tiểu học"), "it goes on reading");
    assert!(village.world.server_picture(lan.member).contains_key(&thread), "and on writing");
    assert!(lan.picture().contains_key(&thread), "what she wrote is there");

    drop(old);
    assert!(!told(), "it was updated");
    upgrade::run(lan.store()).unwrap();
    sync(&lan, &mut village.world);
    assert_one_picture(&lan, &village.world);
}

#[test]
fn an_old_app_that_replies_loses_nothing_of_a_newer_turn() {
    let old = Old::apps();
    let mut village = Village::new(36);
    let (lan, env) = (village.phone("Lan"), village.world.env.clone());
    let thread = lan.feedback(&*env, village.committee(), "Cầu treo", "Ván đã mục.").unwrap();
    sync(&lan, &mut village.world);
    // Her other phone, of the new app, has added a photo; the desk's app something newer still.
    let photo = json!({ "name": "cau.jpg", "media": "image/jpeg", "size": 3, "hash": "a".repeat(64) });
    let mut body = village.world.server_picture(lan.member)[&thread].clone();
    body["messages"][0]["attachments"] = json!([photo]);
    body["messages"][0]["seen_by"] = json!(["Mai"]);
    body["priority"] = json!("high");
    put(&village.world, &thread, 1, &body);
    sync(&lan, &mut village.world);
    lan.reply(&*env, &thread, "Cần thay trước mùa lũ.").unwrap();
    let whole = |picture: &sotay_tests::world::Picture| {
        let of = &picture[&thread];
        assert_eq!(of["messages"].as_array().unwrap().len(), 2);
        assert_eq!(of["messages"][0]["attachments"], json!([photo]));
        assert_eq!((&of["messages"][0]["seen_by"], &of["priority"]), (&json!(["Mai"]), &json!("high")));
    };
    whole(&lan.picture());
    sync(&lan, &mut village.world);
    whole(&village.world.server_picture(lan.member));
    whole(&lan.picture());
    drop(old);
    let words = Words::new(Lang::Vi, env.now());
    let view = lan.store().read(|store| feedback::thread(store, thread.id, &words)).unwrap().unwrap();
    assert_eq!((view.messages.len(), view.messages[0].attachments.len()), (2, 1));
}
