//! Exactly once, in order, judged by the rights of their time.

use serde_json::json;
use sotay_protocol::{
    attendance::{self, attendance_id},
    exchange::{Outcome, Sent},
    feedback,
    id::Id,
    meetings,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};

use crate::testing::*;

fn meeting_row(village: &Village) -> RowRef {
    RowRef::new(Scope::cell(village.cell), "meeting", Id::random(&*village.env))
}

fn meeting() -> serde_json::Value {
    json!({"title": "Sinh hoạt tháng 12", "form": "regular", "starts_at": EVENING, "place": "Nhà văn hóa"})
}

#[test]
fn hoa_plans_a_meeting_and_lan_sees_it() {
    let village = Village::new();
    let (mut hoa, mut lan) = (village.phone("Hòa"), village.phone("Lan"));
    let row = meeting_row(&village);
    let create = hoa.command(meetings::CREATE, row.clone(), &meeting());
    let answer = hoa.sync(&village.server, &[&create]);
    assert!(answer.ended);
    answer.applied(1);
    assert!(hoa.sees(&row).is_some());
    lan.sync(&village.server, &[]);
    assert_eq!(lan.sees(&row).unwrap()["title"], "Sinh hoạt tháng 12");
    let again = lan.sync(&village.server, &[]);
    assert!(again.pages.is_empty() && again.lines.is_empty() && again.ended);
}
