//! Screens are told which tables changed, once per transaction, and of nothing else.

use std::sync::{Arc, Mutex};

use sotay_core::store::Changes;

use crate::village::{Village, directive, sync};

#[test]
fn a_new_directive_is_told_to_those_who_watch_directives_and_to_nobody_else() {
    let mut village = Village::new(13);
    let lan = village.phone("Lan");
    let heard: Arc<Mutex<Vec<Changes>>> = Arc::default();
    let tell = Arc::clone(&heard);
    let _watching = lan.store().observe(move |changes| tell.lock().unwrap().push(changes.clone()));
    let times = |table: &str| heard.lock().unwrap().iter().filter(|changes| changes.contains(table)).count();

    sync(&lan, &mut village.world);
    let screens =
        ["directive", "meeting", "attendance", "thread", "roster_entry", "organisation", "claim", "command"];
    assert_eq!(screens.map(times), [0; 8], "nothing new: no screen is woken");

    let committee = village.committee();
    for ordinal in 1..=30 {
        village.world.server.publish(&directive(committee, ordinal, "Nội dung văn bản.")).unwrap();
    }
    sync(&lan, &mut village.world);
    assert_eq!(times("directive"), 1, "thirty rows in one frame are one transaction");
    assert_eq!(
        ["meeting", "attendance", "thread", "roster_entry", "organisation", "claim", "command"].map(times),
        [0; 7]
    );

    lan.feedback(&*village.world.env, committee, "Cầu treo", "Ván đã mục.").unwrap();
    assert_eq!((times("thread"), times("command")), (1, 1));
    assert_eq!(times("directive"), 1);
}
