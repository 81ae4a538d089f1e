//! A renewed organisation certifies all those anew whom it certifies now, in one go: same keys, same duties, a later end.
//!
//! Nobody has to ask again, and no digits are read out: each was certified by this very key before. Who is to go on is for
//! the person at the keyboard to say.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

use sotay_protocol::{
    env::{Env, Timestamp, days},
    signature::Base64,
    trust::{Certificate, Duty, Holder},
};

use crate::{
    Said,
    args::RenewOrganisation,
    days::{Moment, last},
    failure::Failure,
    files,
    home::Home,
    passphrase,
    sealed::KeyFile,
    words,
};

/// What ended longer ago was not to go on.
const LAPSED: std::time::Duration = days(180);

/// One to be made, and where.
struct New {
    file: PathBuf,
    certificate: Certificate,
}

pub(crate) fn renew(wanted: &RenewOrganisation, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let file = KeyFile::read(&wanted.key)?;
    let (home, now) = (Home::of(&wanted.key), env.now());
    let own = home.organisation(&file.head.public, now).ok_or_else(|| {
        Failure::Refused(format!(
            "cạnh {} không có chứng thư còn giá trị của “{}”: hãy xin gốc cấp lại (sotay-keys organisation certify), chép tệp .cert vào \
             cùng thư mục rồi chạy lại lệnh này",
            wanted.key.display(),
            file.head.name
        ))
    })?;
    let until = wanted.until.map_or(own.until, Moment::ends);
    if until <= now || until > own.until {
        return Err(Failure::Refused(format!(
            "chứng thư của “{}” chỉ có giá trị đến {}: hãy chọn --until từ hôm nay đến ngày đó",
            own.organisation_name,
            last(own.until)
        )));
    }
    let left_out = left_out(wanted)?;
    let (new, not) = chosen(&home, own, &left_out, (now, until));
    if new.is_empty() {
        return Err(Failure::Refused(format!(
            "cạnh {} không có chứng thư nào do khóa này cấp cần gia hạn",
            wanted.key.display()
        )));
    }
    let list: String = new.iter().map(|of| line(&of.certificate)).collect();
    confirmed(wanted.yes, &list)?;
    let key = file.open(&wanted.key, &passphrase::known(phrase, &wanted.key)?)?;
    files::free(&new.iter().map(|of| of.file.as_path()).collect::<Vec<_>>())?;
    for of in &new {
        files::write_open(&of.file, &of.certificate.sign(&key))?;
    }
    let made: Vec<String> = new.iter().map(|of| of.file.display().to_string()).collect();
    let not: String = not.iter().map(|of| format!("Không gia hạn:\n{}", line(of))).collect();
    Ok(format!(
        "Đã gia hạn {} chứng thư, đến {}:\n{list}{not}\nViệc tiếp theo: trên máy chủ chạy\n  sotay-server trust import {}",
        new.len(),
        last(until),
        made.join(" ")
    ))
}

fn line(of: &Certificate) -> String {
    let duties = words::duties(&of.duties);
    format!("  {}: {duties}\n", words::holder(&of.holder, &of.organisation_name))
}

/// The keys of those who are not to go on.
fn left_out(wanted: &RenewOrganisation) -> Result<BTreeSet<Base64>, Failure> {
    let read = |file: &PathBuf| files::certificate(file).map(|(_, of)| of.key);
    wanted.without.iter().map(read).collect()
}

/// Of each key that this one certified the newest certificate, made anew; and those that are left out.
fn chosen<'h>(
    home: &'h Home,
    own: &Certificate,
    left_out: &BTreeSet<Base64>,
    (now, until): (Timestamp, Timestamp),
) -> (Vec<New>, Vec<&'h Certificate>) {
    let revoked: BTreeSet<&str> = home
        .revocations(&own.key)
        .into_iter()
        .flat_map(|list| list.revoked.iter().map(|entry| entry.certificate.as_str()))
        .collect();
    let mut newest: BTreeMap<&Base64, (&Path, &Certificate)> = BTreeMap::new();
    for (path, signed, of) in home.certificates() {
        let ours = of.issuer == own.key && of.holder != Holder::Organisation;
        if !ours || revoked.contains(signed.sha256().as_str()) {
            continue;
        }
        let known = newest.entry(&of.key).or_insert((path, of));
        if known.1.until < of.until {
            *known = (path, of);
        }
    }
    let (mut new, mut not) = (Vec::new(), Vec::new());
    for (key, (path, of)) in newest {
        let duties: BTreeSet<Duty> = of.duties.intersection(&own.duties).copied().collect();
        if left_out.contains(key) || of.until + LAPSED < now || duties.is_empty() {
            not.push(of);
        } else if of.until < until {
            let name = own.organisation_name.clone();
            let certificate = Certificate { duties, organisation_name: name, from: now, until, ..of.clone() };
            new.push(New { file: next_to(path), certificate });
        }
    }
    (new, not)
}

/// `mai.cert`, `mai-2.cert`, `mai-3.cert`.
fn next_to(file: &Path) -> PathBuf {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (name, number) = match stem.rsplit_once('-') {
        Some((name, number)) if !name.is_empty() => (name, number.parse().unwrap_or(1)),
        _ => (stem.as_str(), 1),
    };
    let name = if number == 1 { stem.as_str() } else { name };
    let mut later = (number + 1..).map(|number: u32| file.with_file_name(format!("{name}-{number}.cert")));
    later.find(|file| file.symlink_metadata().is_err()).unwrap_or_else(|| file.to_owned())
}

fn confirmed(yes: bool, list: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let no = || {
        Failure::Refused(format!(
            "chưa gia hạn chứng thư nào. Những người và máy sẽ được gia hạn:\n{list}Đồng ý thì thêm --yes; ai đã thôi chức vụ thì thêm \
             --without và tệp chứng thư của người đó"
        ))
    };
    if !std::io::stdin().is_terminal() {
        return Err(no());
    }
    eprint!("Sẽ gia hạn cho:\n{list}Tất cả vẫn giữ chức vụ và máy của mình chứ? Gõ “có” để tiếp tục: ");
    let _ = std::io::stderr().flush();
    let mut typed = String::new();
    let _ = std::io::stdin().lock().read_line(&mut typed);
    if ["có", "co", "c"].contains(&typed.trim().to_lowercase().as_str()) { Ok(()) } else { Err(no()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_certificate_lies_beside_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(next_to(&at("may-chu.cert")), at("may-chu-2.cert"));
        std::fs::write(at("may-chu-2.cert"), "").unwrap();
        assert_eq!(next_to(&at("may-chu.cert")), at("may-chu-3.cert"));
        assert_eq!(next_to(&at("may-chu-2.cert")), at("may-chu-3.cert"));
    }
}
