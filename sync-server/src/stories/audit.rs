//! Who used which right stands in a chain: an operator who changes the past is found out.

use std::sync::Arc;

use rusqlite::Connection;
use sotay_protocol::{
    attendance::AttendanceState,
    audit::{AUDIT_HEAD, hex},
    feedback::case_id,
    id::Id,
    retention::Retained,
    row::RowRef,
    scope::Scope,
};

use super::{restores::Backed, scopes::plan};
use crate::{
    Server,
    audit::{AuditFault, AuditReport, ToldHead},
    store::{Store, sqlite::SqliteStore},
    testing::*,
};

fn verified(village: &Village) -> AuditReport {
    village.server.verify_audit(village.cell, &[]).unwrap()
}

fn deeds(server: &Server, organisation: Id) -> Vec<String> {
    server.audit(organisation, 0, 1_000).unwrap().into_iter().map(|act| act.deed).collect()
}

/// An evening in the cell, and what it leaves in its chain.
fn evening(village: &Village) -> Phone {
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(village);
    let mark = hoa.marks(village, &row, "Tư", AttendanceState::Present);
    hoa.sync(&village.server, &[&create, &mark]);
    hoa
}

#[test]
fn each_use_of_a_right_is_an_entry_and_holds_ids_alone() {
    let village = Village::new();
    let mut hoa = evening(&village);
    let mut lan = village.phone("Lan");
    let thread = lan.writes(&village, "Đường lầy quá");
    lan.sync(&village.server, &[&thread]).applied(1);
    village.server.publish(&plan(17, "Làm đường.", None)).unwrap();
    village.server.revoke_device(hoa.device).unwrap();
    hoa.sync(&village.server, &[]);
    let cell = deeds(&village.server, village.cell);
    for deed in
        ["member.register", "role.begin", "code.issue", "device.enrol", "meeting.create", "attendance.mark"]
    {
        assert!(cell.iter().any(|known| known == deed), "{deed}: {cell:?}");
    }
    assert_eq!(cell.last().unwrap(), "device.revoke");
    assert!(!cell.iter().any(|deed| deed.starts_with("thread.")), "what people write is nobody's audit");
    assert!(deeds(&village.server, village.commune).contains(&"directive.publish".to_owned()));
    for organisation in village.server.audited().unwrap() {
        let report = village.server.verify_audit(organisation, &[]).unwrap();
        assert_eq!((report.fault, report.lost), (None, vec![]));
    }
    let all = format!("{:?}", village.server.audit(village.cell, 0, 1_000).unwrap());
    assert!(!all.contains("Hòa") && !all.contains("Tư") && !all.contains("Sinh hoạt"));
}

#[test]
fn a_refused_command_leaves_no_entry() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let before = verified(&village).entries;
    let (_, create) = lan.plans_a_meeting(&village);
    lan.sync(&village.server, &[&create]);
    assert_eq!(verified(&village).entries, before);
}

#[test]
fn the_commune_is_told_each_day_where_its_cells_stand() {
    let village = Village::new();
    evening(&village);
    village.server.daily().unwrap();
    let told = RowRef::new(Scope::desk(village.commune), AUDIT_HEAD, village.cell);
    let head = village.row(&told).unwrap();
    let report = verified(&village);
    assert_eq!((head["number"].as_u64(), head["hash"].as_str()), (Some(report.entries), Some(&*report.hash)));
    let mut mai = village.phone("Mai");
    mai.sync(&village.server, &[]);
    assert_eq!(mai.sees(&told).unwrap()["name"], CELL, "an officer's phone keeps it");
    village.server.daily().unwrap();
    mai.sync(&village.server, &[]);
    let again = mai.sync(&village.server, &[]);
    assert!(again.pages.is_empty(), "what was told is not told again");
}

#[test]
fn what_is_ruled_purged_and_forgotten_is_an_entry_of_ids() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let (thread, open) = (lan.writes(&village, "Đường lầy quá"), lan.writes(&village, "Đèn hỏng"));
    lan.sync(&village.server, &[&thread, &open]).applied(2);
    mai.sync(&village.server, &[]);
    let answer = mai.answers(&village, &thread.row, "Đang san lại.");
    mai.sync(&village.server, &[&answer]).applied(1);
    village.server.issue_code(lan.member).unwrap();
    village.server.revoke_device(mai.device).unwrap();
    for kind in [Retained::Feedback, Retained::Commands, Retained::Codes, Retained::Devices] {
        village.server.set_retention(kind, Some(90), None, "Quy định 12-QĐ/ĐU", "Mai").unwrap();
    }
    village.later(120 * 24 * 60 * 60);
    village.server.daily().unwrap();
    let own = deeds(&village.server, village.server.id());
    for deed in ["retention.feedback", "retention.devices", "purge.commands", "purge.codes"] {
        assert!(own.iter().any(|known| known == deed), "{deed}: {own:?}");
    }
    let ids = |organisation, deed: &str| -> Vec<Id> {
        let acts = village.server.audit(organisation, 0, 1_000).unwrap();
        acts.into_iter().filter(|act| act.deed == deed).flat_map(|act| act.rows).collect()
    };
    assert_eq!(ids(village.commune, "purge.rows"), [case_id(thread.row.id)]);
    assert_eq!(ids(village.cell, "purge.rows"), [thread.row.id], "a member's own stand with their cell");
    let everywhere = |deed| -> Vec<Id> {
        village
            .server
            .audited()
            .unwrap()
            .into_iter()
            .flat_map(|organisation| ids(organisation, deed))
            .collect()
    };
    assert_eq!(everywhere("purge.names"), [mai.device]);
    let before = verified(&village).entries;
    village.server.daily().unwrap();
    assert_eq!(
        (verified(&village).entries, deeds(&village.server, village.server.id()).len()),
        (before, own.len())
    );

    village.server.forget_member(lan.member).unwrap();
    assert_eq!(deeds(&village.server, village.cell).last().unwrap(), "member.forget");
    assert_eq!(ids(village.cell, "member.forget"), [lan.member]);
    village.server.forget_member(lan.member).unwrap();
    assert_eq!(ids(village.cell, "member.forget"), [lan.member], "she was forgotten once");
    for organisation in village.server.audited().unwrap() {
        assert_eq!(village.server.verify_audit(organisation, &[]).unwrap().fault, None);
    }
}

/// A village on a disk, where its operator can reach around the server.
fn on_disk() -> (tempfile::TempDir, Village, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let village = Village::on(Arc::new(SqliteStore::open(&path).unwrap()) as Arc<dyn Store>);
    evening(&village);
    village.server.daily().unwrap();
    let hand = Connection::open(&path).unwrap();
    (folder, village, hand)
}

#[test]
fn whatever_an_operator_changes_is_found_and_named() {
    let (_folder, village, hand) = on_disk();
    let report = verified(&village);
    assert_eq!((&report.fault, report.compared), (&None, 2));
    let (last, cell) = (report.entries, village.cell.to_string());
    let other = village.people["Lan"].to_string();
    let changes = [
        ("at = at + 1", AuditFault::Changed { number: 2 }),
        ("actor = '{other}'", AuditFault::Changed { number: 2 }),
        ("deed = 'role.end'", AuditFault::Changed { number: 2 }),
        ("rows = '{other}'", AuditFault::Changed { number: 2 }),
        ("rows = ''", AuditFault::Changed { number: 2 }),
        ("previous = randomblob(32)", AuditFault::Broken { number: 2 }),
        ("hash = randomblob(32)", AuditFault::Changed { number: 2 }),
        ("number = 9999", AuditFault::Gap { expected: 2, found: 3 }),
    ];
    for (change, fault) in changes {
        let change = change.replace("{other}", &other);
        hand.execute_batch("CREATE TABLE kept AS SELECT * FROM audit").unwrap();
        let sql = format!("UPDATE audit SET {change} WHERE organisation = '{cell}' AND number = 2");
        assert_eq!(hand.execute(&sql, []).unwrap(), 1);
        assert_eq!(verified(&village).fault, Some(fault), "{change}");
        hand.execute_batch("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept")
            .unwrap();
        assert_eq!(verified(&village).fault, None);
    }
    let cut = format!("DELETE FROM audit WHERE organisation = '{cell}' AND number = {last}");
    hand.execute(&cut, []).unwrap();
    assert_eq!(verified(&village).fault, Some(AuditFault::CutOff { told: last, has: last - 1 }));
}

/// Every hash made anew, so that the chain holds in itself.
fn write_anew(hand: &Connection, village: &Village, without: u64) {
    let acts = village.server.audit(village.cell, 0, 1_000).unwrap();
    let cell = village.cell.to_string();
    hand.execute("DELETE FROM audit WHERE organisation = ?1", [&cell]).unwrap();
    let mut previous = sotay_protocol::audit::BEGINNING;
    for (number, act) in (1..).zip(acts.into_iter().filter(|act| act.number != without)) {
        let act = sotay_protocol::audit::Act { number, previous, ..act };
        let rows: Vec<String> = act.rows.iter().map(ToString::to_string).collect();
        previous = act.hash();
        hand.execute(
            "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            rusqlite::params![
                cell,
                i64::try_from(number).unwrap(),
                act.at.millis(),
                act.actor.to_string(),
                act.deed,
                rows.join(" "),
                act.previous,
                previous
            ],
        )
        .unwrap();
    }
}

#[test]
fn a_history_that_was_written_anew_does_not_lead_to_what_was_told() {
    let (_folder, village, hand) = on_disk();
    let told = verified(&village);
    let mut hoa = village.phone("Hòa");
    let (_, another) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&another]).applied(1);
    write_anew(&hand, &village, 2);
    let fault = Some(AuditFault::NotAsTold { number: told.entries });
    assert_eq!(verified(&village).fault, fault);
    // He takes back what the server's own disk was told. What stands on Mai's phone he does not reach.
    let village =
        Village { server: Server::new(village.store.clone(), village.env.clone()).unwrap(), ..village };
    hand.execute("DELETE FROM entry WHERE kind = 'audit_head'", []).unwrap();
    assert_eq!(verified(&village).fault, None);
    let phones = ToldHead { number: told.entries, hash: told.hash, at: village.server.now() };
    assert_eq!(village.server.verify_audit(village.cell, &[phones]).unwrap().fault, fault);
}

#[test]
fn a_restore_is_an_entry_and_says_what_it_lost() {
    let mut backed = Backed::new();
    evening(&backed.village);
    backed.village.server.daily().unwrap();
    let backup = backed.back_up();
    let before = verified(&backed.village).entries;
    backed.village.later(3_600);
    let mut son = backed.village.phone("Hòa");
    let (_, create) = son.plans_a_meeting(&backed.village);
    son.sync(&backed.village.server, &[&create]).applied(1);
    backed.village.server.daily().unwrap();
    let told = verified(&backed.village);
    assert!(told.entries > before);

    backed.village.later(60);
    let caught_up = backed.restore(&backup);
    let lost: Vec<_> = caught_up.audit_lost.iter().map(|(of, entries, _)| (*of, *entries)).collect();
    assert_eq!(lost, [(backed.village.cell, told.entries - before)]);
    let village = &backed.village;
    assert_eq!(deeds(&village.server, village.cell).last().unwrap(), "server.restore");
    let report = verified(village);
    assert_eq!(report.fault, None, "a restore is no forgery");
    assert_eq!(report.lost.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [told.entries]);
    let acts = village.server.audit(village.cell, before - 1, 10).unwrap();
    assert_eq!(acts[1].previous, acts[0].hash());
    assert_eq!(hex(&acts[1].hash()), report.hash);
}
