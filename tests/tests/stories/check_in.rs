//! An evening in Đồi Chè: codes on Hòa's screen, passes on the members' phones, most of it without a network; and what the
//! server makes of it when the log comes.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use sotay_core::{
    attendance::{self, Believed, CodeScan, PassScan, PassWorth, RollLine},
    sync::commands::CommandState,
    trust,
    words::{Lang, Words},
};
use sotay_protocol::{
    attendance::{ATTENDANCE, CLAIM, Opening, PASS_KEY, Pass, Shown, attendance_id},
    env::{Env, days},
    id::Id,
    row::RowRef,
    scope::Scope,
    signature::{Base64, SigningKey},
    trust::{Certificate, Distrust, Duty, FORMAT, Holder, Request, Root},
};
use sotay_tests::world::{COMMITTEE, DOI_CHE, Device};

use crate::village::{Village, assert_one_picture, states, sync};

struct Evening {
    village: Village,
}

impl Evening {
    fn new(seed: u64) -> Self {
        Self { village: Village::new(seed) }
    }

    /// The commune has keys; with them Hòa's phone was certified to open check-in of her cell, and no more.
    fn with_keys(seed: u64) -> Self {
        let mut evening = Self::new(seed);
        let cell = evening.cell();
        let commune = evening.village.world.commune.organisation(COMMITTEE);
        let [root, own] = [71, 72].map(|seed| SigningKey::from_seed([seed; 32]));
        let env = evening.village.world.env.clone();
        let asked = evening.village.hoa.store().write(|tx| trust::request(tx, &*env, cell)).unwrap().unwrap();
        let Request { holder, key, organisation_name, .. } = Request::of(&asked.request).unwrap();
        let certificate =
            |organisation, name: &str, holder, duties: &[Duty], key: Base64, by: &SigningKey| {
                let certificate = Certificate {
                    format: FORMAT,
                    organisation,
                    organisation_name: name.into(),
                    holder,
                    duties: BTreeSet::from_iter(duties.iter().copied()),
                    key,
                    seal: None,
                    from: env.now().minus(days(1)),
                    until: env.now() + days(365),
                    issuer: by.public(),
                };
                certificate.sign(by)
            };
        let duties = [Duty::Publish, Duty::Secretary, Duty::Server];
        let papers = [
            Root::sign("Đảng bộ tỉnh", &root, env.now()),
            certificate(commune, COMMITTEE, Holder::Organisation, &duties, own.public(), &root),
            certificate(cell, &organisation_name, holder, &[Duty::Secretary], key, &own),
        ];
        let named = papers.map(|paper| ("tệp".to_owned(), paper));
        evening.village.world.server.import_trust(&named).unwrap();
        evening.syncs_hoa();
        evening
    }

    fn cell(&self) -> Id {
        self.village.world.commune.organisation(DOI_CHE)
    }

    fn syncs(&mut self, phone: &Device) {
        sync(phone, &mut self.village.world);
    }

    fn syncs_hoa(&mut self) {
        sync(&self.village.hoa, &mut self.village.world);
    }

    fn later(&self, seconds: u64) {
        self.village.world.env.pass(Duration::from_secs(seconds));
    }

    fn meeting(&self) -> Id {
        self.village.meeting.id
    }

    fn opens(&self) -> attendance::CodeView {
        let (env, meeting) = (self.village.world.env.clone(), self.meeting());
        self.village.hoa.store().write(|tx| attendance::open(tx, &*env, meeting)).unwrap()
    }

    fn closes(&self) {
        let (env, meeting) = (self.village.world.env.clone(), self.meeting());
        self.village.hoa.store().write(|tx| attendance::close(tx, &*env, meeting)).unwrap();
    }

    /// What Hòa's screen shows now.
    fn shows(&self) -> attendance::CodeView {
        let (now, meeting) = (self.village.world.env.now(), self.meeting());
        let read = |store: &rusqlite::Connection| attendance::current_code(store, meeting, now);
        self.village.hoa.store().read(read).unwrap().unwrap()
    }

    fn scans(&self, phone: &Device, text: &str) -> CodeScan {
        let env = self.village.world.env.clone();
        phone.store().write(|tx| attendance::check_in_scanned(tx, &*env, text)).unwrap()
    }

    fn types(&self, phone: &Device, code: &str) {
        let (env, meeting) = (self.village.world.env.clone(), self.meeting());
        phone.store().write(|tx| attendance::check_in(tx, &*env, meeting, code)).unwrap();
    }

    fn pass_of(&self, phone: &Device) -> String {
        let (env, meeting) = (self.village.world.env.clone(), self.meeting());
        phone.store().write(|tx| attendance::my_pass(tx, &*env, meeting)).unwrap().qr
    }

    /// Hòa's phone reads a pass.
    fn reads(&self, pass: &str) -> PassScan {
        let env = self.village.world.env.clone();
        self.village.hoa.store().write(|tx| attendance::scan(tx, &*env, pass)).unwrap()
    }

    /// What the cell has of somebody.
    fn attended(&self, who: &Device) -> Option<Value> {
        let row =
            RowRef::new(Scope::cell(self.cell()), ATTENDANCE, attendance_id(self.meeting(), who.member));
        self.village.world.server_picture(self.village.hoa.member).remove(&row)
    }

    /// The states of somebody's claims, in the order in which they were made.
    fn claims(&self, of: &Device) -> Vec<String> {
        let mut claims: Vec<Value> = self
            .village
            .world
            .server_picture(of.member)
            .into_iter()
            .filter(|(row, _)| row.kind == CLAIM)
            .map(|(_, body)| body)
            .collect();
        claims.sort_by_key(|claim| claim["at"].as_i64());
        claims.iter().map(|claim| claim["state"].as_str().unwrap_or("recorded").to_owned()).collect()
    }

    /// Somebody's line on Hòa's roll.
    fn line(&self, who: &Device) -> RollLine {
        let words = self.words();
        let read = |store: &rusqlite::Connection| attendance::roll(store, self.meeting(), &words);
        let roll = self.village.hoa.store().read(read).unwrap().unwrap();
        roll.lines.into_iter().find(|line| line.member == who.member).unwrap()
    }

    fn words(&self) -> Words {
        Words::new(Lang::Vi, self.village.world.env.now())
    }
}

fn worth(scan: &PassScan) -> Option<PassWorth> {
    match scan {
        PassScan::Marked { found, .. } => Some(*found),
        _ => None,
    }
}

#[test]
fn lan_scans_on_the_mountain_and_is_confirmed_when_the_log_comes() {
    let mut evening = Evening::with_keys(201);
    let lan = evening.village.phone("Lan");
    // Neither has a network from here on.
    assert_eq!(evening.opens().believed, Believed::Certified);
    evening.later(600);
    let text = evening.shows().qr.unwrap();
    let told = evening.scans(&lan, &text);
    let CodeScan::Recorded { shown_by, .. } = &told else { panic!("{told:?}") };
    assert_eq!(shown_by.as_deref(), Some("Quàng Thị Hòa"));
    assert!(evening.words().code_scan(&told).contains("đã kiểm tra"));
    evening.later(4800);
    evening.closes();

    // Lan is the first in the valley: nobody has the log yet.
    evening.later(3 * 3600);
    evening.syncs(&lan);
    evening.village.world.relay();
    assert_eq!(evening.claims(&lan), ["recorded"]);
    assert_eq!(evening.attended(&lan).unwrap()["state"], "claimed");
    evening.syncs_hoa();
    evening.village.world.relay();
    assert_eq!(evening.claims(&lan), ["confirmed_later"]);
    let seen = evening.attended(&lan).unwrap();
    assert_eq!((&seen["state"], &seen["late"]), (&json!("present"), &json!(true)));
    assert_eq!((&seen["evidence"], seen.get("qr")), (&json!("signed_code"), None), "the code stays Lan's");
    evening.syncs_hoa();
    assert_eq!(evening.words().known_by(&evening.line(&lan)), "quét mã QR, xác nhận sau");
    evening.syncs(&lan);
    assert_one_picture(&lan, &evening.village.world);
    assert_one_picture(&evening.village.hoa, &evening.village.world);
}

#[test]
fn a_code_is_seen_in_time_while_its_step_runs_and_sent_on_never() {
    let mut evening = Evening::with_keys(202);
    let (lan, minh) = (evening.village.phone("Lan"), evening.village.phone("Minh"));
    evening.opens();
    evening.syncs_hoa();
    let text = evening.shows().qr.unwrap();
    evening.scans(&lan, &text);
    evening.syncs(&lan);
    assert_eq!(evening.claims(&lan), ["confirmed"], "in the same exchange");
    let seen = evening.attended(&lan).unwrap();
    assert_eq!(
        (&seen["state"], seen.get("late"), &seen["evidence"]),
        (&json!("present"), None, &json!("signed_code"))
    );

    // Somebody sends Minh a photograph of the screen; he is at home, and an hour late.
    evening.later(3600);
    assert!(matches!(evening.scans(&minh, &text), CodeScan::Recorded { .. }), "his phone cannot tell");
    evening.syncs(&minh);
    assert_eq!(evening.claims(&minh), ["confirmed_later"]);
    evening.syncs_hoa();
    let said = |who: &Device| evening.words().known_by(&evening.line(who));
    assert_eq!((said(&lan), said(&minh)), ("quét mã QR, đúng lúc", "quét mã QR, xác nhận sau"));
}

#[test]
fn a_meeting_that_nobody_below_has_heard_of_waits_with_its_check_ins() {
    let mut evening = Evening::new(203);
    let lan = evening.village.phone("Lan");
    let (env, cell) = (evening.village.world.env.clone(), evening.cell());
    // Called together on the mountain; Lan's phone has never heard of it.
    evening.village.meeting = evening.village.hoa.new_meeting(&*env, cell, "Họp đột xuất").unwrap();
    let shown = evening.opens();
    assert_eq!(shown.believed, Believed::NoKeys);
    let told = evening.scans(&lan, &shown.qr.unwrap());
    assert!(matches!(&told, CodeScan::Recorded { title: None, shown_by: None, .. }), "{told:?}");
    assert!(evening.words().code_scan(&told).contains("như sáu chữ số"), "never called verified");
    evening.syncs(&lan);
    assert_eq!(states(&lan), [CommandState::Held], "without its meeting");
    evening.later(3600);
    evening.closes();
    evening.syncs_hoa();
    evening.syncs(&lan);
    evening.village.world.relay();
    assert_eq!(
        (states(&lan).as_slice(), evening.claims(&lan)),
        (&[CommandState::Applied][..], vec!["confirmed_later".to_owned()])
    );
}

#[test]
fn another_cells_secretary_shows_nothing_that_counts() {
    let mut evening = Evening::with_keys(204);
    let lan = evening.village.phone("Lan");
    evening.opens();
    // Sơn has seen Hòa's screen, and shows one like it that his own phone signed; or one that says it was hers.
    let seen = Shown::read(&evening.shows().qr.unwrap()).unwrap();
    let opening = Opening {
        meeting: seen.meeting,
        secret: Base64(vec![1; 32]),
        opened_at: evening.village.world.env.now(),
        closed_at: None,
        server_ahead: None,
    };
    let key = SigningKey::from_seed([99; 32]);
    for device in [Id::derived("máy của Sơn", &[]), seen.device] {
        let of_his = Shown::sign(seen.cell, device, &opening, evening.village.world.env.now(), &key).unwrap();
        let told = evening.scans(&lan, &Shown { code: seen.code, ..of_his }.text());
        let CodeScan::NotBelieved { why } = told else { panic!("{told:?}") };
        let expected = if device == seen.device { Distrust::BadSignature } else { Distrust::Missing };
        assert_eq!(why, expected);
    }
    assert!(lan.outbox().unwrap().is_empty(), "nothing was kept, and no try was spent");
}

#[test]
fn three_wrong_ones_from_two_phones_wait_for_the_secretarys_hand() {
    let mut evening = Evening::new(205);
    let (lan, minh) = (evening.village.phone("Lan"), evening.village.phone("Minh"));
    let other = evening.village.phone("Lan");
    let opened = evening.opens();
    evening.syncs_hoa();
    let mut forged = Shown::read(&opened.qr.unwrap()).unwrap();
    forged.signature.0[0] ^= 1;
    let wrong = |add: u32| format!("{:06}", (opened.code.parse::<u32>().unwrap() + add) % 1_000_000);
    evening.types(&lan, &wrong(1));
    evening.syncs(&lan);
    evening.later(1);
    evening.types(&other, &wrong(2));
    evening.syncs(&other);
    evening.later(1);
    evening.scans(&lan, &forged.text());
    evening.syncs(&lan);
    // A fourth try finds nothing out, though it is right.
    evening.later(1);
    evening.types(&other, &opened.code);
    evening.types(&minh, &opened.code);
    evening.syncs(&other);
    evening.syncs(&minh);
    assert_eq!(evening.claims(&lan), ["recorded"; 4]);
    assert_eq!(evening.claims(&minh), ["confirmed_later"], "what Lan spent is not his");

    evening.later(3600);
    evening.closes();
    evening.syncs_hoa();
    evening.village.world.relay();
    assert_eq!(evening.claims(&lan), ["wrong", "wrong", "wrong", "awaits_secretary"]);
    evening.syncs_hoa();
    let line = evening.line(&lan);
    assert!(line.awaits_secretary);
    assert_eq!(evening.words().known_by(&line), "chờ bí thư quyết định");
    let (env, meeting) = (evening.village.world.env.clone(), evening.village.meeting.clone());
    let state = sotay_protocol::attendance::AttendanceState::Present;
    evening.village.hoa.mark(&*env, &meeting, lan.member, state, Some("Tôi thấy đồng chí ấy")).unwrap();
    evening.syncs_hoa();
    let seen = evening.attended(&lan).unwrap();
    assert_eq!((&seen["source"], seen.get("awaits_secretary")), (&json!("mark"), None));
    assert_eq!(evening.line(&lan).trail.len(), 1);
    assert_one_picture(&evening.village.hoa, &evening.village.world);
}

#[test]
fn hoa_scans_passes_without_a_network_and_a_new_phone_is_shown_by_hand() {
    let mut evening = Evening::new(206);
    let (lan, son) = (evening.village.phone("Lan"), evening.village.phone("Sơn"));
    evening.village.world.relay();
    evening.syncs_hoa();
    evening.syncs(&lan);
    evening.syncs(&son);
    let keys = |phone: &Device| phone.rows(PASS_KEY).len();
    assert_eq!(
        (keys(&evening.village.hoa), keys(&lan), keys(&son)),
        (2, 0, 1),
        "of each cell, for who leads it alone"
    );
    // Minh's phone enrols after Hòa's last word from the server.
    let minh = evening.village.phone("Minh");
    evening.opens();
    evening.later(300);
    let lans = Pass::read(&evening.pass_of(&lan)).unwrap();
    assert_eq!(worth(&evening.reads(&lans.text())), Some(PassWorth::Verified));
    assert_eq!(worth(&evening.reads(&evening.pass_of(&minh))), Some(PassWorth::UnknownDevice));
    let sons = Pass { member: son.member, device: Id::derived("máy của Sơn", &[]), ..lans };
    assert_eq!(evening.reads(&sons.text()), PassScan::NotAMember);
    let old = evening.pass_of(&lan);
    evening.later(300);
    assert!(matches!(evening.reads(&old), PassScan::NoPass { .. }), "a photograph of an old pass");
    evening.later(3600);
    evening.closes();
    evening.syncs_hoa();
    evening.village.world.relay();
    let evidence =
        |who: &Device| evening.attended(who).map(|seen| (seen["state"].clone(), seen["evidence"].clone()));
    assert_eq!(evidence(&lan), Some((json!("present"), json!("pass"))));
    assert_eq!(evidence(&minh), Some((json!("present"), json!("pass_by_hand"))));
    let seen = evening.attended(&lan).unwrap();
    assert_eq!((&seen["source"], seen.get("pass")), (&json!("mark"), None), "the pass stays at the desk");
    evening.syncs_hoa();
    assert_eq!(evening.words().known_by(&evening.line(&lan)), "quét thẻ tại chỗ");
    assert_one_picture(&evening.village.hoa, &evening.village.world);
}

#[test]
fn a_pass_of_a_phone_that_was_taken_off_is_worth_no_more_than_a_word() {
    let mut evening = Evening::new(207);
    let lan = evening.village.phone("Lan");
    evening.village.world.relay();
    evening.syncs_hoa();
    evening.opens();
    // Lan's phone was stolen, and revoked; Hòa's has not heard of it.
    let device = evening.village.hoa.rows(PASS_KEY).into_iter().map(|row| row.id).find(|id| {
        let of = evening.village.world.store().read_with(|reader| reader.device(*id)).unwrap();
        of.is_some_and(|of| of.member == lan.member)
    });
    evening.village.world.server.revoke_device(device.unwrap()).unwrap();
    evening.later(60);
    assert_eq!(
        worth(&evening.reads(&evening.pass_of(&lan))),
        Some(PassWorth::Verified),
        "as far as it knows"
    );
    evening.village.world.relay();
    evening.syncs_hoa();
    assert_eq!(evening.attended(&lan).unwrap()["evidence"], "pass_by_hand", "the server knows better");
    assert_eq!(evening.village.hoa.rows(PASS_KEY).len(), 1, "its key has gone from her phone");
    evening.later(60);
    assert_eq!(worth(&evening.reads(&evening.pass_of(&lan))), Some(PassWorth::Already));
    assert_one_picture(&evening.village.hoa, &evening.village.world);
}

#[test]
fn an_app_of_before_reads_what_rests_on_new_evidence() {
    let mut evening = Evening::new(208);
    let lan = evening.village.phone("Lan");
    evening.village.world.relay();
    evening.syncs_hoa();
    evening.opens();
    evening.syncs_hoa();
    let text = evening.shows().qr.unwrap();
    evening.scans(&lan, &text);
    evening.reads(&evening.pass_of(&lan));
    evening.syncs(&lan);
    evening.syncs_hoa();
    sotay_core::release::pretend(Some(sotay_core::release::Release::V0_1));
    let old = evening.village.phone("Lan");
    let count = |kind| old.rows(kind).len();
    let (attended, claims) = (count(ATTENDANCE), count(CLAIM));
    sotay_core::release::pretend(None);
    assert_eq!((attended, claims), (1, 1), "shown, not set aside");
}
