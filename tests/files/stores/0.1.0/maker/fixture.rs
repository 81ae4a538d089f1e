//! Makes the fixture store of 0.1.0, in the tree of that release; see the README beside. It is not built with this tree.

use chrono::NaiveDate;
use serde_json::json;
use sotay_core::sync::{
    commands::{self, CommandState},
    engine::Stop,
};
use sotay_core::{directives, search};
use sotay_protocol::{
    attendance::AttendanceState,
    directives::{DIRECTIVE, DirectiveType, Urgency},
    document::{Block, Document},
    env::Env,
    id::Id,
    members::Office,
    row::RowRef,
    scope::Scope,
};
use sotay_server::{
    attachments::Original,
    directives::{Issuer, Publication},
    store::NewEntry,
};
use sotay_tests::world::{COMMITTEE, DOI_CHE, Device, World, network::Fault};
use std::{path::PathBuf, sync::Arc, time::Duration};

fn sync(d: &Device, w: &mut World) {
    assert_eq!(d.sync(w), Stop::Done, "{}", d.person);
}
fn pass(w: &World, s: u64) {
    w.env.pass(Duration::from_secs(s));
}
fn states(d: &Device) -> Vec<(u64, String, CommandState)> {
    d.store()
        .read(|s| commands::list(s))
        .unwrap()
        .into_iter()
        .map(|e| (e.number, e.command.kind.clone(), e.state))
        .collect()
}

fn main() {
    let out = PathBuf::from(std::env::args().nth(1).unwrap());
    let mut w = World::new(10);
    let env = w.env.clone();
    let (cell, committee) = (w.commune.organisation(DOI_CHE), w.commune.organisation(COMMITTEE));
    for n in 1..=3u32 {
        let publication = Publication {
            issuer: Issuer::Id(committee),
            directive_type: DirectiveType::KeHoach,
            number: format!("{n}-KH/ĐU").parse().unwrap(),
            date: NaiveDate::from_ymd_opt(2025, 12, n).unwrap(),
            abstract_: ["Về chăm sóc chè vụ đông", "Về tu sửa cầu treo", "Về phòng cháy rừng"]
                [n as usize - 1]
                .into(),
            urgency: Urgency::Normal,
            document: Document::new(vec![
                Block::heading(1, "Mục đích"),
                Block::paragraph(
                    [
                        "Các chi bộ vận động nhân dân đốn chè đúng kỹ thuật.",
                        "Ván cầu treo đã mục, thay trước mùa lũ.",
                        "Phát dọn đường băng cản lửa.",
                    ][n as usize - 1],
                ),
            ]),
            original: (n == 2).then(|| Original {
                name: "ke-hoach.txt".into(),
                media: "text/plain".into(),
                bytes: "Bản gốc: ván cầu treo.".as_bytes().to_vec(),
            }),
            audience: None,
        };
        w.server.publish(&publication).unwrap();
    }
    // A row of a kind that 0.1.0 does not know.
    let poll = RowRef::new(Scope::cell(cell), "poll", Id::random(&*env));
    let (author, at) = (w.server.id(), env.now());
    w.store()
        .write_with(&[poll.scope], |tx| {
            tx.put(
                &poll,
                &NewEntry {
                    version: 1, author, body: r#"{"question":"Đổi giờ họp?"}"#, made: None, at
                },
            )
            .map(drop)
        })
        .unwrap();
    let (lan, lan2, minh) = (w.enrol("Lan"), w.enrol("Lan"), w.enrol("Minh"));
    for d in [&lan, &lan2, &minh] {
        sync(d, &mut w);
    }
    search_index(&lan);
    let first = lan.rows(DIRECTIVE)[0].id;
    lan.store().write(|s| directives::read(s, first)).unwrap();

    // A meeting from its plan to its report.
    let held = lan.new_meeting(&*env, cell, "Sinh hoạt chi bộ tháng 11").unwrap();
    let planned = lan.new_meeting(&*env, cell, "Sinh hoạt chi bộ tháng 12").unwrap();
    sync(&lan, &mut w);
    for d in [&lan2, &minh] {
        sync(d, &mut w);
    }
    pass(&w, 3600);
    lan.open_meeting(&*env, &held).unwrap();
    let code = lan.code(&*env, &held).unwrap().unwrap();
    minh.check_in(&*env, &held, &code).unwrap();
    lan.check_in(&*env, &held, &code).unwrap();
    let tam = w.commune.person("Tám").id;
    lan.mark(&*env, &held, tam, AttendanceState::Excused, Some("Đi viện")).unwrap();
    pass(&w, 3600);
    lan.close_meeting(&*env, &held).unwrap();
    sync(&lan, &mut w);
    sync(&minh, &mut w);
    w.relay();

    // Feedback: Minh's, answered; Lan's own.
    minh.feedback(&*env, committee, "Cầu treo", "Ván cầu treo đã mục.").unwrap();
    minh.feedback(&*env, committee, "Trạm y tế", "Thiếu thuốc.").unwrap();
    let own = lan.feedback(&*env, committee, "Đường lên nương", "Xin tu sửa đường lên nương chè.").unwrap();
    sync(&minh, &mut w);
    sync(&lan, &mut w);
    let case_of = |topic: &str, lan: &Device| {
        let p = lan.picture();
        lan.cases().into_iter().find(|c| p[c]["topic"] == json!(topic)).unwrap()
    };
    let case = case_of("Cầu treo", &lan);
    let other_case = case_of("Trạm y tế", &lan);
    lan.answer(&*env, &case, Some("Xã sẽ thay ván trong tháng 12.")).unwrap();
    sync(&lan, &mut w);
    sync(&minh, &mut w);

    // Refused: by the office's list she is not the secretary when she plans this one; marks on it are held.
    w.server.end_role(lan.member, cell, Office::Secretary).unwrap();
    pass(&w, 60);
    let refused = lan.new_meeting(&*env, cell, "Sinh hoạt chuyên đề").unwrap();
    lan.new_meeting(&*env, cell, "Họp thừa").unwrap();
    sync(&lan, &mut w);
    let entries = lan.outbox().unwrap();
    let thua =
        entries.iter().find(|e| e.command.body.get("title") == Some(&json!("Họp thừa"))).unwrap().entry;
    lan.store().write(|s| commands::dismiss(s, &*env, thua)).unwrap();
    w.server.import_members(&sotay_tests::world::commune::members()).unwrap();
    pass(&w, 60);
    lan.mark(&*env, &refused, w.commune.person("Minh").id, AttendanceState::Present, None).unwrap();
    sync(&lan, &mut w);

    // Parked: one is left so, one was taken up again and waits under another number.
    w.fail_at(Arc::new(|c: &sotay_protocol::command::Command| {
        matches!(c.body.get("topic").and_then(|t| t.as_str()), Some("Điện" | "Nước"))
    }));
    lan.feedback(&*env, committee, "Điện", "Xin kéo điện lên bản trên.").unwrap();
    sync(&lan, &mut w);
    // Conflicted: her other phone moved the meeting first. Applied and still folded, and parked: the outcomes came,
    // and the connection broke before the rows.
    lan2.edit_meeting(&*env, &planned, &json!({ "place": "Trường tiểu học" })).unwrap();
    sync(&lan2, &mut w);
    lan.edit_meeting(&*env, &planned, &json!({ "place": "Trạm y tế" })).unwrap();
    let applied = lan.reply(&*env, &own, "Đoạn qua suối hỏng nặng nhất.").unwrap();
    lan.feedback(&*env, committee, "Nước", "Bể nước bị rò.").unwrap();
    let one = |sql: &str, lan: &Device| {
        lan.store()
            .read::<_, sotay_core::store::StoreError>(|s| {
                Ok(s.query_row(sql, [], |r| r.get::<_, bool>(0)).unwrap_or(false))
            })
            .unwrap()
    };
    for _ in 0..40 {
        let nuoc = lan
            .outbox()
            .unwrap()
            .into_iter()
            .find(|e| e.command.body.get("topic") == Some(&json!("Nước")))
            .unwrap();
        if nuoc.state == CommandState::Parked {
            break;
        }
        w.network.next(Fault::CutDown { after: 240, beyond: 0 });
        println!("{:?}", lan.sync(&mut w));
    }
    println!(
        "applied and folded: {}",
        one(&format!("SELECT state = 'applied' AND folded FROM command WHERE entry = {applied}"), &lan)
    );
    w.fail_at(Arc::new(|_: &sotay_protocol::command::Command| false));
    let nuoc = lan
        .outbox()
        .unwrap()
        .into_iter()
        .find(|e| e.command.body.get("topic") == Some(&json!("Nước")))
        .unwrap();
    assert_eq!(nuoc.state, CommandState::Parked);

    pass(&w, 3600);
    // Offline, on the way home.
    lan.feedback(&*env, committee, "Trường học", "Lớp cắm bản thiếu bàn ghế.").unwrap();
    // Sent, and no answer heard: it goes up and the way back breaks.
    w.network.next(Fault::CutUp(300));
    lan.sync(&mut w);
    lan.reply(&*env, &own, "Xin cho biết khi nào làm.").unwrap();
    let next = lan.new_meeting(&*env, cell, "Sinh hoạt chi bộ tháng 1").unwrap();
    lan.mark(&*env, &next, w.commune.person("Minh").id, AttendanceState::Excused, Some("Đi công tác"))
        .unwrap();
    lan.edit_meeting(&*env, &next, &json!({ "title": "Sinh hoạt chi bộ tháng 01/2026" })).unwrap();
    lan.edit_meeting(&*env, &planned, &json!({ "agenda": ["Học tập Nghị quyết", "Bàn việc làm đường"] }))
        .unwrap();
    lan.answer(&*env, &other_case, None).unwrap();
    lan.answer(&*env, &other_case, Some("Trạm y tế sẽ nhận thuốc tuần sau.")).unwrap();
    lan.store().write(|s| commands::retry(s, &*env, nuoc.entry)).unwrap();
    for s in states(&lan) {
        println!("{s:?}");
    }
    let n: Vec<(String, i64)> = [
        "organisation",
        "profile",
        "role",
        "membership",
        "roster_entry",
        "directive",
        "opened",
        "meeting",
        "attendance",
        "attendance_note",
        "opening",
        "claim",
        "thread",
        "feedback_case",
        "meeting_report",
        "base",
        "unread",
        "command",
        "scope",
        "search",
        "to_index",
    ]
    .iter()
    .map(|t| {
        (
            t.to_string(),
            lan.store()
                .read::<_, sotay_core::store::StoreError>(|s| {
                    Ok(s.query_row(&format!("SELECT count(*) FROM {t}"), [], |r| r.get(0)).unwrap())
                })
                .unwrap(),
        )
    })
    .collect();
    println!("{n:?}");
    println!(
        "states: {:?}",
        lan.store()
            .read::<_, sotay_core::store::StoreError>(|s| Ok(s
                .prepare("SELECT state, folded, count(*) FROM command GROUP BY 1, 2")
                .unwrap()
                .query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?, r.get::<_, i64>(2)?)))
                .unwrap()
                .map(Result::unwrap)
                .collect::<Vec<_>>()))
            .unwrap()
    );
    println!("now {:?} server {} lan {} device {}", env.now(), w.server.id(), lan.member, lan.id);
    lan.store().write::<_, sotay_core::store::StoreError>(|_| Ok(())).unwrap();
    lan.store().checkpoint().unwrap();
    std::fs::create_dir_all(&out).unwrap();
    let folder = lan.store().path().parent().unwrap().to_owned();
    drop((lan2, minh));
    drop(lan);
    for f in ["handbook.db", "key.check"] {
        std::fs::copy(folder.join(f), out.join(f)).unwrap();
    }
    // the server
    let server = std::fs::read_dir(folder.parent().unwrap().parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.file_name().unwrap() == "server-0")
        .unwrap();
    let _ = w.restart_server();
    let server = server.with_file_name("server-1").join("server.db");
    let plain = rusqlite::Connection::open(&server).unwrap();
    plain.execute("VACUUM INTO ?1", [out.join("server.db").to_str().unwrap()]).unwrap();
    // The phone's store without its cipher, to be small in a repository; and its cipher, without its contents.
    let key = sotay_core::store::StoreKey::new([7; 32]);
    let open = |path: &std::path::Path| {
        let c = rusqlite::Connection::open(path).unwrap();
        c.pragma_update(None, "key", key.pragma().as_str()).unwrap();
        c.execute_batch("PRAGMA cipher_plaintext_header_size = 32; PRAGMA cipher_page_size = 16384;")
            .unwrap();
        c
    };
    println!("key {}", key.pragma().as_str());
    let phone = open(&out.join("handbook.db"));
    let version: i64 = phone.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    phone.execute_batch(&format!("PRAGMA temp_store = MEMORY; ATTACH '{}' AS plain KEY ''; SELECT sqlcipher_export('plain'); PRAGMA plain.user_version = {version};", out.join("plain.db").display())).unwrap();
    println!("version {version}");
    drop(phone);
    let cipher = open(&out.join("cipher.db"));
    cipher.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE word (said TEXT NOT NULL) STRICT; INSERT INTO word VALUES ('Chào đồng chí');").unwrap();
    drop(cipher);
    let pack = |name: &str, to: &str| {
        std::fs::write(
            out.join(to),
            zstd::encode_all(&std::fs::read(out.join(name)).unwrap()[..], 19).unwrap(),
        )
        .unwrap()
    };
    pack("plain.db", "handbook.db.zst");
    pack("server.db", "server.db.zst");
    for f in std::fs::read_dir(&out).unwrap() {
        let f = f.unwrap();
        println!("{:?} {}", f.file_name(), f.metadata().unwrap().len());
    }
}

fn search_index(d: &Device) {
    while search::index_pending(d.store(), search::BATCH).unwrap() > 0 {}
}
