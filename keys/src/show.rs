//! What a file is, and whether it holds, in words.

use std::path::Path;

use sotay_protocol::{
    env::{Env, Timestamp},
    signature::{Base64, sha256_hex},
    trust::{
        Certificate, Distrust, Duty, Holder, Keyring, Paper, Revocations, Root, Signed, Succession, spoken,
    },
};

use crate::{
    Said, args::Show, days, failure::Failure, files, home::Home, passphrase, sealed::KeyFile, words,
};

pub(crate) fn show(wanted: &Show, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let said = wanted.files.iter().map(|file| one(wanted, file, phrase, env.now()));
    Ok(said.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn one(wanted: &Show, file: &Path, phrase: Option<&Path>, now: Timestamp) -> Said {
    if let Ok(key) = KeyFile::read(file) {
        return of_key(wanted, file, &key, phrase);
    }
    let (signed, paper) = files::paper(file)?;
    let home = Home::of(file);
    let keys = keyring(wanted, &home, &signed)?;
    let body = match &paper {
        Paper::Root(root) => of_root(root),
        Paper::Succession(of) => of_succession(of, keys.as_ref()),
        Paper::Certificate(certificate) => of_certificate(&signed, certificate, keys.as_ref(), now),
        Paper::Revocations(list) => of_revocations(list, &home),
        Paper::Wipe(wipe) => format!(
            "  Thiết bị:  {}\n  Lúc:       {}\n  Lý do:     {}\n  Chứng thư của bên ra lệnh: {}\n",
            wipe.device,
            days::said(wipe.at),
            wipe.reason,
            spoken(&wipe.by)
        ),
        Paper::Request(request) => format!(
            "  Của:               {}\n  Mã tổ chức:        {}\n  Lúc:               {}\n  Dãy số đối chiếu:  {}\n  Chữ ký đúng: bên xin giữ khóa này\n",
            words::holder(&request.holder, &request.organisation_name),
            request.organisation,
            days::said(request.at),
            spoken(&signed.sha256())
        ),
    };
    Ok(format!("{}: {}\n{body}", file.display(), words::paper(&paper)))
}

/// With the root that was named, or the only one that lies beside the file.
fn keyring(wanted: &Show, home: &Home, own: &Signed) -> Result<Option<Keyring>, Failure> {
    let root = match &wanted.root {
        Some(file) => Some(files::root(file)?.1),
        None => match home.roots().as_slice() {
            [root] => Some((*root).clone()),
            _ => None,
        },
    };
    Ok(root.map(|root| {
        let mut keys = Keyring::pinned(&root);
        let here = home.papers().map(|(signed, _)| signed);
        for signed in here.chain([own]) {
            let _ =
                keys.add_succession(signed) || keys.add_certificate(signed) || keys.add_revocations(signed);
        }
        keys
    }))
}

fn of_key(wanted: &Show, file: &Path, key: &KeyFile, phrase: Option<&Path>) -> Said {
    let head = &key.head;
    let mut said = format!(
        "{}: {} “{}” (BÍ MẬT)\n  Tạo lúc:      {}\n  Dấu vân tay:  {}\n",
        file.display(),
        head.owner.said(),
        head.name,
        days::said(head.made_at),
        print_of(&head.public)
    );
    if wanted.open {
        key.open(file, &passphrase::known(phrase, file)?)?;
        said += "  Mật khẩu đúng, khóa còn nguyên vẹn\n";
    } else {
        said += "  Chưa thử mật khẩu (thêm --open để thử)\n";
    }
    Ok(said)
}

fn print_of(key: &Base64) -> String {
    spoken(&sha256_hex(&key.0))
}

fn of_root(root: &Root) -> String {
    format!(
        "  Tên:          {}\n  Tạo lúc:      {}\n  Dấu vân tay:  {}\n  Đầy đủ:       {}\n  Chữ ký đúng; hãy so dấu vân tay với người giữ gốc\n",
        root.name,
        days::said(root.made_at),
        spoken(&root.fingerprint()),
        root.fingerprint()
    )
}

fn of_succession(of: &Succession, keys: Option<&Keyring>) -> String {
    let other = Root::of(&of.other);
    let name = other.as_ref().map_or("?", |root| root.name.as_str());
    let print = other.as_ref().map(|root| spoken(&root.fingerprint())).unwrap_or_default();
    let how = match of.ends {
        Some(ends) => format!("thay thế gốc {} từ {}", print_of(&of.root), days::said(ends)),
        None => format!("đứng trên gốc {}", print_of(&of.root)),
    };
    let holds = match keys {
        None => "Chưa kiểm được: hãy chỉ ra gốc bằng --root",
        Some(keys) if other.is_some() && keys.knows_root(&sha256_hex(&of.root.0)) => "Có giá trị",
        Some(_) => "KHÔNG có giá trị: gốc nói lời này không phải là gốc được tin",
    };
    format!("  “{name}” ({print}) {how}\n  Viết lúc {}\n  {holds}\n", days::said(of.at))
}

fn of_certificate(signed: &Signed, of: &Certificate, keys: Option<&Keyring>, now: Timestamp) -> String {
    let mut said = format!(
        "  Của:      {}\n  Việc:     {}\n  Giá trị:  từ {} đến {}\n  Khóa:     {}\n  Bên cấp:  {}\n",
        words::holder(&of.holder, &of.organisation_name),
        words::duties(&of.duties),
        days::said(of.from),
        days::last(of.until),
        print_of(&of.key),
        print_of(&of.issuer)
    );
    said += &match keys {
        None => "  Chữ ký đúng, nhưng chưa biết của gốc nào: hãy chỉ ra gốc bằng --root\n".to_owned(),
        Some(keys) => match holds(&signed.sha256(), of, keys, now) {
            Ok(None) => "  Còn giá trị\n".to_owned(),
            Ok(Some(since)) => format!("  Còn giá trị, nhưng sẽ bị thu hồi từ {}\n", days::said(since)),
            Err(why) => format!("  KHÔNG có giá trị: {}\n", words::distrust(why)),
        },
    };
    said
}

fn holds(
    sha256: &str,
    of: &Certificate,
    keys: &Keyring,
    now: Timestamp,
) -> Result<Option<Timestamp>, Distrust> {
    if of.holder == Holder::Organisation {
        return keys.organisation_chain(sha256, now);
    }
    let duty = of.duties.iter().next().ok_or(Distrust::WrongDuty)?;
    let chain = keys.chain(sha256, *duty, now).or_else(|why| {
        // Whether who certified stands above is for phones, which know who stands where.
        let all = keys.certificates().map(|(_, known)| known.organisation);
        let upward: Vec<_> = std::iter::once(of.organisation).chain(all).collect();
        if *duty == Duty::Secretary { keys.secretary(sha256, &upward, now) } else { Err(why) }
    });
    chain.map(|chain| chain.bad_since)
}

fn of_revocations(list: &Revocations, home: &Home) -> String {
    let mut said = format!(
        "  Số:       {}\n  Lúc:      {}\n  Bên cấp:  {}\n  Chữ ký đúng\n",
        list.number,
        days::said(list.at),
        print_of(&list.issuer)
    );
    for entry in &list.revoked {
        let known = home.certificates().find(|(_, signed, _)| signed.sha256() == entry.certificate);
        let who = known.map_or_else(
            || spoken(&entry.certificate),
            |(.., of)| words::holder(&of.holder, &of.organisation_name),
        );
        said +=
            &format!("  Thu hồi:  {who}, không tin từ {}: {}\n", days::said(entry.bad_since), entry.reason);
    }
    if home.revocations(&list.issuer).is_some_and(|newest| newest.number > list.number) {
        said += "  KHÔNG còn mới: cùng thư mục có danh sách số lớn hơn\n";
    }
    said
}
