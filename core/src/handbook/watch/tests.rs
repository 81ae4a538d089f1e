//! Lan's screens hear what is so, and then what changes.

use super::super::{
    tests::{Postbox, enrolled, first_sync, now, of_lan, setup},
    *,
};
use crate::screens::home::{Home, MainAction};

/// What one screen was told.
fn told<T: Clone + Send + 'static>() -> (Arc<Mutex<Vec<T>>>, impl Fn(T) + Send + Sync + 'static) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    (told, move |value| tell.lock().unwrap().push(value))
}

#[test]
fn a_screen_hears_its_value_at_once_and_then_what_differs() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let lan = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let (homes, tell) = told::<Home>();
    let watch = lan.home().watch(tell);
    assert_eq!(homes.lock().unwrap().len(), 1, "at once");
    assert_eq!(homes.lock().unwrap()[0].main, MainAction::Enrol);

    post.answers(Ok((200, enrolled("Lan"))));
    now(lan.enrol(of_lan(), EnrolOptions::default())).unwrap();
    post.answers(Ok((200, first_sync())));
    now(lan.sync(|_| {}).1).unwrap();
    let seen = homes.lock().unwrap().clone();
    assert!(seen.windows(2).all(|two| two[0] != two[1]), "never the same twice");
    assert_eq!(seen.last().unwrap().updated, "Cập nhật lúc 19:25 hôm nay");
    assert_eq!(seen.last(), now(lan.home().now()).ok().as_ref());

    let before = homes.lock().unwrap().len();
    now(lan.pause()).unwrap();
    assert_eq!(now(lan.home().now()).map(drop), Err(HandbookError::Paused));
    now(lan.resume()).unwrap();
    assert_eq!(homes.lock().unwrap().len(), before, "nothing has changed by sleeping");
    lan.speak(Lang::En);
    assert_eq!(homes.lock().unwrap().last().unwrap().updated, "Updated at 19:25 today");

    watch.cancel();
    lan.speak(Lang::Vi);
    assert_eq!(homes.lock().unwrap().len(), before + 1, "nothing after the end");
    assert!(lan.inner.watchers.is_idle());
}

#[test]
fn what_watches_may_ask_the_handbook_and_end_itself() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let lan = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let (slot, asked) = (Arc::new(Mutex::new(None::<Watch>)), Arc::new(Mutex::new(0)));
    let (own, count, again) = (Arc::clone(&slot), Arc::clone(&asked), lan.clone());
    let watch = lan.overview().watch(move |_| {
        *count.lock().unwrap() += 1;
        assert!(now(again.status()).is_ok());
        drop(own.lock().unwrap().take());
    });
    *slot.lock().unwrap() = Some(watch);
    post.answers(Ok((200, enrolled("Lan"))));
    now(lan.enrol(of_lan(), EnrolOptions::default())).unwrap();
    assert_eq!(*asked.lock().unwrap(), 2, "at once, and at the change by which it ended");
    lan.speak(Lang::En);
    assert_eq!(*asked.lock().unwrap(), 2);
}

#[test]
fn a_screen_of_what_is_not_here_says_nothing() {
    let (folder, post) = (tempfile::tempdir().unwrap(), Arc::new(Postbox::default()));
    let lan = now(Handbook::open(setup(folder.path(), &post))).unwrap();
    let nobody = lan.thread(crate::village::id("không có"));
    let (heard, tell) = told();
    let _watch = nobody.watch(tell);
    assert_eq!(now(nobody.now()).map(drop), Err(HandbookError::NotFound));
    assert!(heard.lock().unwrap().is_empty());
}
