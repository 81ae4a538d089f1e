//! Plays of an evening: Hòa opens check-in in Đồi Chè, Lan and Minh come, Sơn leads another cell, and some try to pass for
//! there.

mod judged;
mod passes;
mod screens;

use std::time::Duration;

use super::*;
use crate::signature::SigningKey;

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// 03/12/2025, when Hòa opened, and `after` seconds later, by her clock.
fn evening(after: u64) -> Timestamp {
    Timestamp::from_millis(1_764_765_000_000) + Duration::from_secs(after)
}

fn opening(closed_after: Option<u64>) -> Opening {
    Opening {
        meeting: id("cuộc họp"),
        secret: Base64(vec![9; 32]),
        opened_at: evening(0),
        closed_at: closed_after.map(evening),
        server_ahead: Some(0),
    }
}

/// What Hòa's device shows.
fn shown(after: u64) -> Shown {
    Shown::sign(id("Đồi Chè"), id("máy của Hòa"), &opening(None), evening(after), &key(3)).unwrap()
}

/// All texts that differ from this one by one bit of what it carries.
fn bent(text: &str, mark: crate::qr::Mark) -> Vec<String> {
    let bytes = crate::qr::read(text, mark).unwrap();
    let flip = |bit: usize| {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        crate::qr::written(mark, &bent)
    };
    (0..bytes.len() * 8).map(flip).collect()
}
