//! `watch`, and what `status` says when nothing can be sent any more.

use crate::stage::Village;

#[test]
fn who_watches_hears_that_the_line_is_gone_and_that_it_is_back() {
    let mut village = Village::new();
    let mai = village.mai();
    let mut watch = mai.watches();
    watch.hears("Cập nhật lúc");
    let lan = village.lan();
    lan.says(&["feedback", "new", "Cầu treo", "Ván mục ba tấm."]);
    lan.says(&["sync"]);
    watch.hears("Phản ánh gửi đến bàn");
    village.closes();
    watch.hears("Mất đường báo tin của máy chủ, đang nối lại; tin mới có thể đến chậm.");
    village.opens();
    watch.hears("Đã nối lại đường báo tin.");
}

#[test]
fn a_watch_begun_without_a_server_says_one_thing_and_no_other_between() {
    let mut village = Village::new();
    let mai = village.mai();
    village.closes();
    let mut watch = mai.watches();
    watch.hears_all(&["Chưa nối được với máy chủ, sẽ thử lại lúc", "Mất đường báo tin"]);
    village.opens();
    watch.hears("Mọi việc đã ghi đều đã gửi");
    let between = watch.heard.iter().filter(|line| line.contains("Mọi việc đã ghi đều đã gửi"));
    assert!(between.count() <= 2, "before the first try, and after the last: {:#?}", watch.heard);
}

#[test]
fn on_a_revoked_device_each_command_says_so_and_status_tells_what_did_not_go() {
    let village = Village::new();
    let lan = village.lan();
    lan.says(&["feedback", "new", "Cầu treo", "Ván mục ba tấm."]);
    village.revokes("10001");
    let mut watch = lan.watches();
    watch.hears("Máy này đã được gỡ khỏi sổ tay");
    assert!(!watch.ends(), "it does not wait for ever");
    assert!(lan.says(&["attention"]).contains("Chưa được nhận: máy này đã được gỡ khỏi sổ tay"));
    let status = lan.says(&["status"]);
    assert!(status.contains("1 việc cần đồng chí xem lại"), "{status}");
    // She may have it wait; it waits, and nobody says that it went.
    lan.says(&["attention", "retry", "1"]);
    let status = lan.says(&["status"]);
    let left = "1 việc chưa gửi được, sẽ gửi sau khi máy này được ghi danh lại";
    assert!(status.contains(left) && !status.contains("sotay sync"), "{status}");
    assert!(lan.complains(&["sync"]).contains("Máy này đã được gỡ khỏi sổ tay"));
    assert!(lan.says(&["status"]).contains("1 việc cần đồng chí xem lại"), "sent in vain, and still hers");
    let refused = lan.complains(&["feedback", "new", "Đèn đường", "Ba bóng cháy."]);
    assert!(refused.contains("máy này đã được gỡ khỏi sổ tay") && !refused.contains("quyền"), "{refused}");
}
