//! `server`: a commune that has no keys goes to another address.

use crate::stage::Village;

#[test]
fn without_keys_a_phone_follows_the_key_that_it_first_heard_of() {
    let mut village = Village::new();
    let lan = village.lan();
    lan.says(&["feedback", "new", "Cầu treo", "Ván mục ba tấm."]);
    let elsewhere = village.opens_elsewhere();
    let why = lan.complains(&["server", &elsewhere]);
    assert!(
        why.contains("máy chủ chưa ký xác nhận địa chỉ này"),
        "its own server, which has not said so: {why}"
    );
    let mut other = Village::new();
    let strange = other.opens_elsewhere();
    other.office(&["move", &strange]);
    let why = lan.complains(&["server", &strange]);
    assert!(why.contains("Nơi này không phải máy chủ của đồng chí"), "{why}");

    assert!(village.office(&["move", &elsewhere]).contains(&elsewhere));
    assert!(lan.says(&["server", &elsewhere]).contains(&elsewhere));
    lan.says(&["sync"]);
    let status = lan.says(&["status"]);
    assert!(status.contains("Mọi việc đã ghi đều đã gửi") && status.contains(&elsewhere), "{status}");
}
