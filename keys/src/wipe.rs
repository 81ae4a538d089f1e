//! That a lost device forget all: an order that names it, by an organisation's key.

use std::path::Path;

use sotay_protocol::{
    env::Env,
    limits,
    trust::{Certificate, Duty, FORMAT, Holder, Paper, Signed, Wipe, WipeTarget},
};

use crate::{
    Said,
    args::WipeDevice,
    certify::confirmed,
    days,
    failure::Failure,
    files,
    home::Home,
    passphrase,
    sealed::{KeyFile, Owner},
    words,
};

pub(crate) fn wipe(wanted: &WipeDevice, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let file = KeyFile::read(&wanted.by)?;
    if file.head.owner == Owner::Root {
        return Err(Failure::OtherKey(wanted.by.clone(), file.head.owner.said(), "khóa của tổ chức"));
    }
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.len() > limits::LINE {
        return Err(Failure::Refused("lý do không được để trống hoặc quá dài: hãy ghi bằng --reason".into()));
    }
    let (target, who) = target(&wanted.device)?;
    let now = env.now();
    let home = Home::of(&wanted.by);
    let may = |of: &&(&Path, &Signed, &Certificate)| {
        let (.., of) = of;
        of.holder == Holder::Organisation
            && of.key == file.head.public
            && of.duties.contains(&Duty::Revoke)
            && of.holds(now)
    };
    let certificates: Vec<_> = home.certificates().collect();
    let own = certificates.iter().filter(may).max_by_key(|(.., of)| of.until);
    let Some((_, words, own)) = own else {
        return Err(Failure::Refused(
            "cạnh tệp khóa không có chứng thư còn hạn của tổ chức có việc thu hồi thiết bị (revoke): hãy chép vào cùng thư mục"
                .into(),
        ));
    };
    let out = wanted.out.clone().unwrap_or_else(|| files::beside(&wanted.device, "wipe"));
    files::free(&[&out])?;
    confirmed(wanted.confirm.as_deref(), &target.digits(), &who)?;
    let key = file.open(&wanted.by, &passphrase::known(phrase, &wanted.by)?)?;
    let wipe = Wipe {
        format: FORMAT,
        device: target.device,
        key: target.key,
        at: now,
        reason: reason.to_owned(),
        by: words.sha256(),
        issuer: file.head.public.clone(),
    };
    files::write_open(&out, &wipe.sign(&key))?;
    Ok(format!(
        "Đã lập lệnh xóa {who}.\n  Bên ra lệnh: {}\n  Hiệu lực:    máy nghe theo đến hết hạn chứng thư ({})\n  Tệp:         {}\n\n\
         Việc tiếp theo:\n  1. Trên máy chủ, nếu chưa làm: sotay-server device revoke {}\n  \
         2. Đưa tệp này cho người quản trị máy chủ: sotay-server trust import {}\n  \
         3. Không lấy lại được: máy đã xóa thì lời chưa gửi trên máy cũng mất.",
        own.organisation_name,
        days::last(own.until),
        out.display(),
        wipe.device,
        out.display()
    ))
}

/// From the server's file, or from the certificate of an officer's device; with whose it is, for people.
fn target(file: &Path) -> Result<(WipeTarget, String), Failure> {
    if let Ok(target) = serde_json::from_str::<WipeTarget>(&files::text(file)?) {
        let who = format!("máy “{}” của đồng chí {}", target.device_name, target.member_name);
        return Ok((target, who));
    }
    match files::paper(file) {
        Ok((_, Paper::Certificate(Certificate { holder, key, organisation_name, .. }))) => match &holder {
            Holder::Officer { device, name, .. } => {
                let who = format!("máy của {}", words::holder(&holder, &organisation_name));
                let (device_name, member_name) = (String::new(), name.clone());
                Ok((WipeTarget { device: *device, key, device_name, member_name }, who))
            }
            _ => Err(Failure::NoTarget(file.to_owned())),
        },
        _ => Err(Failure::NoTarget(file.to_owned())),
    }
}
