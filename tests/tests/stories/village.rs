//! What the stories share: a village where a meeting was planned and everyone has synced once.

use chrono::NaiveDate;
use serde_json::json;
use sotay_core::{store::StoreError, sync::commands::CommandState, sync::engine::Stop};
use sotay_protocol::{
    directives::{DIRECTIVE, DirectiveType, Statement, Urgency, directive_id},
    document::{Block, Document},
    env::Env,
    id::Id,
    row::RowRef,
    scope::Scope,
};
use sotay_server::{
    directives::{Issuer, Publication},
    store::{NewEntry, Transaction},
};
use sotay_tests::world::{DOI_CHE, Device, Picture, World};

/// The cell's meeting, planned by Hòa and known to the server.
pub(crate) struct Village {
    pub(crate) world: World,
    pub(crate) hoa: Device,
    pub(crate) meeting: RowRef,
}

impl Village {
    pub(crate) fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let hoa = world.enrol("Hòa");
        let cell = world.commune.organisation(DOI_CHE);
        sync(&hoa, &mut world);
        let meeting = hoa.new_meeting(&*world.env, cell, "Sinh hoạt chi bộ tháng 12").unwrap();
        sync(&hoa, &mut world);
        Self { world, hoa, meeting }
    }

    /// A phone that has synced once.
    pub(crate) fn phone(&mut self, name: &str) -> Device {
        let device = self.world.enrol(name);
        sync(&device, &mut self.world);
        device
    }

    /// As many directives of 2 KB, faster than by publishing each.
    pub(crate) fn put_directives(&self, count: u32) {
        let (committee, at) = (self.committee(), self.world.env.now());
        let scope = Scope::org(committee);
        let words = "Nhân dân trong bản cùng nhau giữ gìn đường làng, ngõ xóm sạch đẹp. ".repeat(20);
        let put = |tx: &mut dyn Transaction| {
            for ordinal in 1..=count {
                let of = directive(committee, ordinal, &words);
                let statement = Statement {
                    directive_type: of.directive_type,
                    number: of.number,
                    issuer: committee,
                    issuer_name: "Đảng ủy xã".into(),
                    date: of.date,
                    abstract_: of.abstract_,
                    urgency: of.urgency,
                    document: of.document,
                    original: None,
                };
                let row = RowRef::new(scope, DIRECTIVE, directive_id(&statement));
                let statement = serde_json::to_string(&statement).unwrap();
                let body = json!({ "statement": statement, "standing": "in_force" }).to_string();
                let author = self.world.server.id();
                tx.put(&row, &NewEntry { version: 1, author, body: &body, made: None, at })?;
            }
            Ok(())
        };
        self.world.store().write_with(&[scope], put).unwrap();
    }

    pub(crate) fn committee(&self) -> Id {
        self.world.commune.organisation(sotay_tests::world::COMMITTEE)
    }
}

pub(crate) fn sync(device: &Device, world: &mut World) {
    assert_eq!(device.sync(world), Stop::Done, "{} syncs", device.person);
}

/// The states of everything in the outbox, oldest first.
pub(crate) fn states(device: &Device) -> Vec<CommandState> {
    device.outbox().unwrap().into_iter().map(|entry| entry.state).collect()
}

pub(crate) fn rows_of(picture: &Picture, kind: &str) -> usize {
    picture.keys().filter(|row| row.kind == kind).count()
}

/// The device shows just what the server has for its member, but for rows on which something still waits.
pub(crate) fn assert_one_picture(device: &Device, world: &World) {
    let outbox = device.outbox().unwrap();
    let waits = |row: &RowRef| outbox.iter().any(|of| of.state.is_pending() && of.command.row == *row);
    let (mut shown, mut standing) = (device.picture(), world.server_picture(device.member));
    shown.retain(|row, _| !waits(row));
    standing.retain(|row, _| !waits(row));
    for (row, body) in &shown {
        assert_eq!(standing.get(row), Some(body), "{} shows {row:?}", device.person);
    }
    for row in standing.keys() {
        assert!(shown.contains_key(row), "{} does not show {row:?}", device.person);
    }
}

pub(crate) fn directive(issuer: Id, ordinal: u32, words: &str) -> Publication {
    Publication {
        issuer: Issuer::Id(issuer),
        directive_type: DirectiveType::KeHoach,
        number: format!("{ordinal}-KH/ĐU").parse().unwrap(),
        date: NaiveDate::from_ymd_opt(2025, 12, 1).unwrap(),
        abstract_: format!("Kế hoạch số {ordinal}"),
        urgency: Urgency::Normal,
        document: Document::new(vec![Block::heading(1, "Mục đích"), Block::paragraph(words)]),
        original: None,
        audience: None,
    }
}

/// How far each scope was taken in: (scope, epoch, generation, seq).
pub(crate) fn cursors(device: &Device) -> Vec<(String, u64, u64, u64)> {
    let sql = "SELECT scope, epoch, generation, seq FROM scope ORDER BY scope";
    let read = |store: &rusqlite::Connection| -> Result<Vec<_>, StoreError> {
        let mut statement = store.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    device.store().read(read).unwrap()
}
