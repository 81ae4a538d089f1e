//! What counts no longer: a new list with all of the last one, under the next number.

use std::path::Path;

use sotay_protocol::{
    env::{Env, Timestamp},
    limits,
    signature::Base64,
    trust::{Certificate, FORMAT, Paper, Revocations, Revoked, Signed},
};

use crate::{
    Said, args::Revoke, days, failure::Failure, files, home::Home, passphrase, sealed::KeyFile, words,
};

pub(crate) fn revoke(wanted: &Revoke, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let file = KeyFile::read(&wanted.by)?;
    let issuer = &file.head.public;
    let papers =
        wanted.certificates.iter().map(|file| files::certificate(file)).collect::<Result<Vec<_>, _>>()?;
    for (path, (_, certificate)) in wanted.certificates.iter().zip(&papers) {
        if certificate.issuer != *issuer {
            return Err(Failure::Refused(format!(
                "{} không phải do khóa {} cấp: chỉ bên đã cấp mới thu hồi được",
                path.display(),
                wanted.by.display()
            )));
        }
    }
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.len() > limits::LINE {
        return Err(Failure::Refused("lý do không được để trống hoặc quá dài: hãy ghi bằng --reason".into()));
    }
    let home = Home::of(&wanted.by);
    let mut list = last(wanted, &home, issuer)?;
    list.number += 1;
    list.at = env.now();
    for (signed, _) in &papers {
        add(&mut list, signed.sha256(), wanted, reason);
    }
    let beside = files::beside(&wanted.by, &format!("revocations-{}", list.number));
    let out = wanted.out.clone().unwrap_or_else(|| beside.clone());
    // The next list goes on from the one that lies beside the key.
    let copy = (!files::in_one_folder(&out, &wanted.by)).then_some(beside.as_path());
    files::free(&[Some(out.as_path()), copy].into_iter().flatten().collect::<Vec<_>>())?;
    let key = file.open(&wanted.by, &passphrase::known(phrase, &wanted.by)?)?;
    let signed = list.sign(&key);
    if Revocations::of(&signed).is_none() {
        return Err(Failure::Refused("danh sách thu hồi đã quá dài: hãy tạo khóa mới cho tổ chức".into()));
    }
    files::write_open(&out, &signed)?;
    copy.map_or(Ok(()), |copy| files::write_open(copy, &signed))?;
    Ok(told(wanted, &list, &papers, &home, (&out, copy)) + &warned(wanted, &papers, list.at))
}

/// The list that the new one goes on from. Without it the new one would take back what was revoked, and its number
/// would be refused everywhere.
fn last(wanted: &Revoke, home: &Home, issuer: &Base64) -> Result<Revocations, Failure> {
    let empty = Revocations {
        format: FORMAT,
        issuer: issuer.clone(),
        number: 0,
        at: Default::default(),
        revoked: Vec::new(),
    };
    if let Some(file) = &wanted.list {
        return match files::paper(file)? {
            (_, Paper::Revocations(list)) if list.issuer == *issuer => Ok(list),
            _ => Err(Failure::Refused(format!(
                "{} không phải là danh sách thu hồi của khóa này",
                file.display()
            ))),
        };
    }
    match (home.revocations(issuer), wanted.first) {
        (Some(list), false) => Ok(list.clone()),
        (None, true) => Ok(empty),
        (Some(list), true) => Err(Failure::Refused(format!(
            "đây không phải lần thu hồi đầu tiên: đã có danh sách số {}; hãy bỏ --first",
            list.number
        ))),
        (None, false) => Err(Failure::Refused(
            "cạnh tệp khóa không có danh sách thu hồi nào: nếu khóa này chưa từng thu hồi, hãy thêm --first; nếu đã có, \
            hãy chép danh sách mới nhất vào cùng thư mục hoặc chỉ ra bằng --list"
                .into(),
        )),
    }
}

/// One that stands there already is believed no later than it was.
fn add(list: &mut Revocations, certificate: String, wanted: &Revoke, reason: &str) {
    let bad_since = wanted.since.begins();
    match list.revoked.iter_mut().find(|entry| entry.certificate == certificate) {
        Some(known) if known.bad_since <= bad_since => {}
        Some(known) => (known.bad_since, known.reason) = (bad_since, reason.to_owned()),
        None => list.revoked.push(Revoked { certificate, bad_since, reason: reason.to_owned() }),
    }
}

fn told(
    wanted: &Revoke,
    list: &Revocations,
    papers: &[(Signed, Certificate)],
    home: &Home,
    (out, copy): (&Path, Option<&Path>),
) -> String {
    let mut words =
        format!("Đã viết danh sách thu hồi số {} ({} chứng thư).\n", list.number, list.revoked.len());
    for (signed, certificate) in papers {
        let who = words::holder(&certificate.holder, &certificate.organisation_name);
        let of = signed.sha256();
        let since = list.revoked.iter().find(|entry| entry.certificate == of).map(|entry| entry.bad_since);
        let since = since.unwrap_or(wanted.since.begins());
        words += &format!("  Thu hồi: {who}, không tin từ {}", days::said(since));
        if since < wanted.since.begins() {
            words += " (đã thu hồi từ lần trước; ngày sớm hơn giữ nguyên)";
        }
        words.push('\n');
    }
    words += &format!("  Tệp:     {}\n", out.display());
    if let Some(copy) = copy {
        words += &format!("  Bản giữ cạnh tệp khóa: {}\n", copy.display());
    }
    let named = |sha256: &str| list.revoked.iter().any(|entry| entry.certificate == sha256);
    for (path, signed, of) in home.certificates() {
        let same_key = papers.iter().any(|(_, revoked)| revoked.key == of.key && revoked.issuer == of.issuer);
        if same_key && !named(&signed.sha256()) {
            words += &format!(
                "\nChú ý: {} là chứng thư khác của cùng khóa và vẫn có giá trị; nếu máy bị mất, hãy thu hồi cả chứng thư đó.\n",
                path.display()
            );
        }
    }
    words
        + &format!(
            "\nViệc tiếp theo:\n  1. Đưa ngay cho người quản trị máy chủ: sotay-server trust import {}\n  \
        2. Giữ tệp này cạnh tệp khóa: lần thu hồi sau đi tiếp từ đây.\n  \
        3. Máy bị mất: trên máy chủ chạy thêm sotay-server device revoke để máy đó không đồng bộ được nữa.\n  \
        4. Cán bộ dùng máy khác: lấy yêu cầu từ máy mới rồi cấp chứng thư mới; không cần đến gốc.",
            out.display()
        )
}

/// Days; more of what somebody signed is seldom taken back on purpose.
const LONG: u64 = 35;

/// What `--since` does that may not be meant.
fn warned(wanted: &Revoke, papers: &[(Signed, Certificate)], now: Timestamp) -> String {
    let since = wanted.since.begins();
    let mut words = String::new();
    if since > now {
        words += &format!(
            "\n\nChú ý: --since {} ở tương lai: từ nay đến lúc đó chữ ký bằng chứng thư này vẫn được tin. Nếu máy đã mất, \
            hãy thu hồi lại với ngày giờ mất máy.",
            days::said(since)
        );
    }
    if papers.iter().any(|(_, of)| since <= of.from) {
        words += &format!(
            "\n\nChú ý: --since {} sớm hơn ngày chứng thư có giá trị: mọi văn bản đã ký bằng chứng thư này, từ văn bản đầu \
            tiên, không còn được tin.",
            days::said(since)
        );
    } else if since + sotay_protocol::env::days(LONG) < now {
        words += &format!(
            "\n\nChú ý: --since {} đã lâu: mọi văn bản ký từ đó đến nay không còn được tin.",
            days::said(since)
        );
    }
    words
}
