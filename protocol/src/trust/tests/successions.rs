//! Roots that name other roots.

use super::*;

fn said(other: &SigningKey, ends: Option<Timestamp>, by: &SigningKey, at: Timestamp) -> Signed {
    Succession::sign(Root::sign("Gốc khác", other, day(0)), ends, by, at)
}

fn knows(phone: &Keyring, root: &SigningKey) -> bool {
    phone.knows_root(&crate::signature::sha256_hex(&root.public().0))
}

#[test]
fn a_new_root_follows_and_the_old_one_begins_nothing() {
    let (province, next) = (Province::new(), key(8));
    let mut phone = province.phone();
    assert!(phone.add_succession(&said(&next, Some(day(100)), &province.root, day(50))));
    assert!(is_genuine(&statement(&province.published(day(99)), &phone)), "what was published stays");
    assert_eq!(statement(&province.published(day(100)), &phone), quarantined(Distrust::NotValidThen));
    let again =
        certificate(Holder::Organisation, &EVERYTHING, &province.commune, day(3_650), &next).sign(&next);
    assert!(phone.add_certificate(&again));
    assert!(is_genuine(&statement(&province.published(day(101)), &phone)), "under the new one it goes on");
    // Whoever finds the old key in a drawer names no root of their own.
    let thief = key(66);
    assert!(phone.add_succession(&said(&thief, None, &province.root, day(101))));
    assert!(!knows(&phone, &thief) && knows(&phone, &next));
}

#[test]
fn roots_are_followed_whatever_order_their_words_come_in() {
    let roots = [key(1), key(30), key(31), key(32)];
    let mut words: Vec<Signed> =
        roots.windows(2).map(|pair| said(&pair[1], Some(day(100)), &pair[0], day(50))).collect();
    words.push(said(&roots[0], None, &roots[3], day(60)));
    for turn in 0..words.len() {
        let mut phone = Province::new().phone();
        words.rotate_left(turn);
        for (nth, of) in words.iter().rev().enumerate() {
            assert!(phone.add_succession(of), "{nth}");
        }
        assert!(roots.iter().all(|root| knows(&phone, root)), "{turn}");
    }
}

#[test]
fn a_stranger_names_no_root() {
    let (province, thief) = (Province::new(), key(66));
    let mut phone = province.phone();
    assert!(phone.add_succession(&said(&key(67), None, &thief, day(1))), "well signed, and of no weight");
    assert!(!knows(&phone, &key(67)) && !knows(&phone, &thief));
    // Words in which the other root never spoke itself.
    let mut root = Root::sign("Gốc khác", &thief, day(0));
    root.text = root.text.replace("Gốc khác", "Gốc này!");
    assert!(!phone.add_succession(&Succession::sign(root, None, &province.root, day(1))));
    // A root's own words are not words about another.
    assert!(!phone.add_succession(&province.root_words));
}
