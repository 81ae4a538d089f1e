//! What a stranger may send that is no file: signed papers, frames, commands, activation codes. Each is read as the product
//! reads it, and what must hold of any of it is asserted. `cargo xtask fuzz` bends it; a test replays what it begins from.

use std::collections::BTreeSet;

use sotay_protocol::{
    attendance::{Pass, PassFound, PassKey, Shown, ShownBy},
    command::{Command, apply},
    directives::{Directive, Number, directive_id},
    enrol::{EnrolRequest, normal_code},
    env::Timestamp,
    frame::{Frame, FrameReader, parse_request, unpack_request},
    id::Id,
    limits,
    printed::Printed,
    qr::{self, Mark},
    row::Row,
    scope::Scope,
    signature::{Base64, Purpose, SigningKey},
    trust::{Attestation, Duty, FORMAT, Keyring, Paper, Receipt, Root, Signed, Verdict, Verdicts},
};

/// What is read, by the word that names it; also the ending of the files that it begins from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Papers,
    Frames,
    Commands,
    Codes,
    /// What a camera read.
    Scans,
}

impl Reader {
    pub const ALL: [(&'static str, Self); 5] = [
        ("papers", Self::Papers),
        ("frames", Self::Frames),
        ("commands", Self::Commands),
        ("codes", Self::Codes),
        ("scans", Self::Scans),
    ];

    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, reader)| *reader)
    }

    /// Whether anything of it was what it seemed to be.
    ///
    /// # Panics
    /// Where something does not hold that must.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        match self {
            Self::Papers => papers(&text),
            Self::Frames => frames(bytes),
            Self::Commands => commands(&text),
            Self::Codes => codes(&text),
            Self::Scans => scans(&text),
        }
    }
}

const MOST_LINES: usize = 64;
const DUTIES: [Duty; 5] = [Duty::Publish, Duty::Desk, Duty::Secretary, Duty::Revoke, Duty::Server];
/// Key 1 is the root that the phone was told of, key 4 a server's.
const KEYS: std::ops::RangeInclusive<u8> = 1..=6;

fn key(nth: u8) -> SigningKey {
    SigningKey::from_seed([nth; 32])
}

/// Lines that say who signs (`1` to `6`), for what, and the words: `2c {…}` is a certificate by key 2. In the words `@3` is key
/// 3, `@@3` that key's own words as a root, `#0` the hash of the first line's words. `3d1.2.1767200400000 {…}` is a
/// directive by key 3, under the certificates of lines 1 and 2, received at that time.
fn papers(text: &str) -> bool {
    let (mut signed, mut directives): (Vec<Signed>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in text.lines().take(MOST_LINES) {
        let _ = serde_json::from_str::<Signed>(line).map(|of| Paper::of(&of));
        if line.get(1..2) == Some("d") {
            directives.push(line);
        } else if let Some(of) = paper(line, &signed) {
            signed.push(of);
        }
    }
    let (there, back) = (ring(signed.iter()), ring(signed.iter().rev()));
    for (sha256, of) in there.certificates() {
        for at in
            [of.from, Timestamp::from_millis(of.until.millis().saturating_sub(1)), of.until, Timestamp::MAX]
        {
            for duty in DUTIES {
                assert_eq!(
                    there.chain(sha256, duty, at),
                    back.chain(sha256, duty, at),
                    "in whatever order they came"
                );
            }
            assert_eq!(there.organisation_chain(sha256, at), back.organisation_chain(sha256, at));
            assert_eq!(there.publishes(of.organisation, at), back.publishes(of.organisation, at));
        }
    }
    // All are judged, whatever the first of them is.
    let judged: Vec<_> = directives.iter().map(|line| judge(line, &signed, &there, &back)).collect();
    let genuine = |verdict: &Option<Verdict>| matches!(verdict, Some(Verdict::Genuine { .. }));
    judged.iter().all(genuine) && there.certificates().next().is_some()
}

fn ring<'a>(papers: impl Iterator<Item = &'a Signed>) -> Keyring {
    let root = Root { format: FORMAT, name: "Gốc".into(), key: key(1).public(), made_at: Timestamp::MIN };
    let mut keys = Keyring::pinned(&root);
    for of in papers {
        let _ = keys.add_succession(of) || keys.add_certificate(of) || keys.add_revocations(of);
    }
    keys
}

fn signer(line: &str) -> Option<SigningKey> {
    let nth = line.get(..1)?.parse().ok()?;
    KEYS.contains(&nth).then(|| key(nth))
}

fn paper(line: &str, before: &[Signed]) -> Option<Signed> {
    let purpose = match line.get(1..2)? {
        "r" => Purpose::Root,
        "s" => Purpose::Succession,
        "c" => Purpose::Certificate,
        "l" => Purpose::Revocations,
        "q" => Purpose::Request,
        _ => return None,
    };
    let text = filled(line.get(2..)?.trim(), before);
    let signature = signer(line)?.sign(purpose, text.as_bytes());
    let of = Signed { text, signature };
    let _ = Paper::of(&of);
    Some(of)
}

fn filled(text: &str, before: &[Signed]) -> String {
    let mut text = text.to_owned();
    for nth in KEYS {
        let (words, public) = (format!("\"@@{nth}\""), format!("@{nth}"));
        if text.contains(&words) {
            let root = Root::sign("Gốc khác", &key(nth), Timestamp::MIN);
            text = text.replace(&words, &serde_json::to_string(&root).unwrap_or_default());
        }
        if text.contains(&public) {
            text = text.replace(&public, &String::from(key(nth).public()));
        }
    }
    for (nth, of) in before.iter().enumerate().rev() {
        text = text.replace(&format!("#{nth}"), &of.sha256());
    }
    text
}

fn judge(line: &str, papers: &[Signed], there: &Keyring, back: &Keyring) -> Option<Verdict> {
    let (head, statement) = line.get(2..)?.split_once(' ')?;
    let mut names = head.split('.');
    let mut named =
        || names.next()?.parse::<usize>().ok().and_then(|nth| papers.get(nth)).map(Signed::sha256);
    let (certificate, server_certificate) = (named()?, named()?);
    let at = Timestamp::from_millis(names.next()?.parse().ok()?);
    let scope = Scope::org(Id::derived("xã", &[]));
    let signature = signer(line)?.sign(Purpose::Directive, statement.as_bytes());
    let sha256 = Receipt::names(statement, &signature);
    let receipt = Receipt::new(Id::derived("máy chủ", &[]), scope, (1, 1), sha256, at).sign(&key(4));
    let signed =
        Some(Attestation { signature, certificate: certificate.clone(), receipt, server_certificate });
    let mut of: Directive = serde_json::from_str(r#"{"statement":""}"#).ok()?;
    (of.statement, of.signed) = (statement.to_owned(), signed);
    let id = of.read().ok().map_or(scope.id, |read| directive_id(&read));
    let verdict = Verdicts::of(&of, id, scope, there);
    assert_eq!(verdict, Verdicts::of(&of, id, scope, back));
    if let Verdict::Genuine { .. } = verdict.statement {
        assert!(there.chain(&certificate, Duty::Publish, at).is_ok());
        let mut other = of.clone();
        other.signed.as_mut()?.signature = Base64(vec![0; 64]);
        assert!(!matches!(Verdicts::of(&other, id, scope, there).statement, Verdict::Genuine { .. }));
    }
    Some(verdict.statement)
}

/// As it came, and in two pieces: the same frames, up to the same fault.
fn frames(bytes: &[u8]) -> bool {
    let _ = unpack_request(bytes).map(|(_, text)| parse_request(&text).map(drop));
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (whole, pieces) = (unpacked(&[bytes]), unpacked(&[first, second]));
    assert_eq!(whole, pieces);
    let mut any = false;
    for plain in whole.iter().map(Vec::as_slice).chain([bytes]) {
        assert!(plain.len() <= limits::FRAME_HARD || plain == bytes);
        let Ok(frame) = Frame::read(plain) else { continue };
        any = true;
        let packed = frame.pack().unwrap_or_default();
        if let [again] = &unpacked(&[&packed])[..]
            && let Ok(again) = Frame::read(again)
        {
            assert_eq!(again.pack().unwrap_or_default(), packed, "what was read is written as it was");
        }
    }
    any
}

fn unpacked(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut reader = FrameReader::new(limits::FRAME_HARD);
    let mut out = Vec::new();
    for piece in pieces {
        reader.push(piece);
        while let Ok(Some(frame)) = reader.next_frame() {
            out.push(frame);
        }
    }
    out
}

/// The body of the row as it stands, or an empty line; then the command's text.
fn commands(text: &str) -> bool {
    let (row, text) = text.split_once('\n').unwrap_or(("", text));
    let Ok(command) = Command::parse(text) else { return false };
    assert!(Command::kept(text).is_ok_and(|kept| kept == command));
    assert!(command.scopes().len() <= 2 && command.scopes().contains(&command.row.scope));
    let _ = command.attachments();
    let author = Id::derived("Lan", &[]);
    let row = serde_json::from_str(row).ok().map(|body| Row { version: 1, author, body });
    for current in [None, row.as_ref()] {
        for maker in [author, Id::derived("Mai", &[])] {
            if let Ok(after) = apply(current, &command, maker) {
                let kept: BTreeSet<&String> = after.body.keys().collect();
                let before = current.map(|row| row.body.keys().collect::<BTreeSet<_>>()).unwrap_or_default();
                assert!(before.is_subset(&kept), "fields that nobody knows stay");
            }
        }
    }
    true
}

fn codes(text: &str) -> bool {
    let mut any = false;
    for line in text.lines() {
        if let Some(code) = normal_code(line) {
            any = true;
            assert_eq!((normal_code(&code).as_ref(), code.len()), (Some(&code), 12));
        }
        if let Ok(number) = line.parse::<Number>() {
            any = true;
            assert_eq!(number.to_string().parse::<Number>().as_ref(), Ok(&number));
        }
        any |= line.parse::<Id>().is_ok_and(|id| id.to_string().parse() == Ok(id));
        any |= serde_json::from_str::<EnrolRequest>(line)
            .is_ok_and(|request| !request.proves_key() || normal_code(&request.code).is_some());
    }
    any
}

/// A paper has one text, and what is read of a code is written as it was.
fn scans(text: &str) -> bool {
    let mut any = false;
    for line in text.lines() {
        for mark in Mark::ALL {
            if let Ok(bytes) = qr::read(line, mark) {
                any = true;
                assert_eq!(qr::written(mark, &bytes), line.trim());
            }
        }
        if let Ok(paper) = Printed::read(line) {
            assert_eq!(
                (paper.text().as_str(), Printed::read(&paper.text())),
                (line.trim(), Ok(paper.clone()))
            );
            assert_eq!(Mark::of(line), Some(Mark::Paper));
        }
        check_in(line);
    }
    any
}

/// A code of the secretary's screen, or a member's pass: one text each, and nothing in it is believed without a key.
fn check_in(line: &str) {
    let key = key(3).public();
    if let Ok(shown) = Shown::read(line) {
        assert_eq!(shown.text(), line.trim());
        assert!(shown.digits().len() == 6 && shown.at() >= Timestamp::MIN);
        let judged = shown.judge(&[shown.cell], &ring(std::iter::empty()), shown.at());
        assert_eq!(judged, Ok(ShownBy::NoKeys));
        let _ = shown.verifies(&key);
    }
    if let Ok(pass) = Pass::read(line) {
        assert_eq!(pass.text(), line.trim());
        let known = PassKey { member: pass.member, key: key.clone() };
        let (meeting, at) = (pass.meeting, pass.at());
        assert_eq!(pass.check(meeting, None, at), Ok(PassFound::UnknownDevice));
        assert!(pass.check(meeting, Some(&known), at).is_err() || pass.verifies(&key));
    }
}
