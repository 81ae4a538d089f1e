//! What a root says of another: its successor, or one above it.

use std::path::Path;

use sotay_protocol::{
    env::Env,
    trust::{Succession, spoken},
};

use crate::{
    Said,
    args::Succeed,
    certify::confirmed,
    days,
    failure::Failure,
    files, passphrase,
    sealed::{KeyFile, Owner},
};

pub(crate) fn succeed(wanted: &Succeed, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let (signed, other) = files::root(&wanted.other)?;
    let file = KeyFile::read(&wanted.by)?;
    if file.head.owner != Owner::Root {
        return Err(Failure::OtherKey(wanted.by.clone(), file.head.owner.said(), Owner::Root.said()));
    }
    if other.key == file.head.public {
        return Err(Failure::Refused("đó chính là gốc này: hãy chỉ ra tệp .root của gốc kia".into()));
    }
    let now = env.now();
    let ends = wanted.replaced_from.map(days::Moment::begins);
    if ends.is_some_and(|ends| ends < now) {
        // What it says of its successor would come after its own end.
        return Err(Failure::Refused("ngày thay thế đã qua: hãy chọn từ bây giờ trở đi".into()));
    }
    let out = wanted.out.clone().unwrap_or_else(|| files::beside(&wanted.by, "succession"));
    files::free(&[&out])?;
    let who = format!("gốc “{}”", other.name);
    confirmed(wanted.confirm.as_deref(), &spoken(&other.fingerprint()), &who)?;
    let key = file.open(&wanted.by, &passphrase::known(phrase, &wanted.by)?)?;
    files::write_open(&out, &Succession::sign(signed, ends, &key, now))?;
    let (said, next) = match ends {
        Some(ends) => (
            format!("“{}” thay thế “{}” từ {}", other.name, file.head.name, days::said(ends)),
            format!(
                "  2. Trước ngày đó, gốc mới cấp lại chứng thư cho từng tổ chức; văn bản đã ban hành vẫn là thật.\n  \
                3. Từ ngày đó hủy mọi bản sao của {}.",
                wanted.by.display()
            ),
        ),
        None => (
            format!("“{}” đứng trên “{}”; cả hai cùng có giá trị", other.name, file.head.name),
            "  2. Điện thoại đã kích hoạt tin cả hai gốc sau lần đồng bộ tới, không phải kích hoạt lại."
                .to_owned(),
        ),
    };
    Ok(format!(
        "Đã viết: {said}.\n  Tệp: {}\n\nViệc tiếp theo:\n  1. Đưa cho người quản trị máy chủ: sotay-server trust import {} {}\n{next}",
        out.display(),
        wanted.other.display(),
        out.display()
    ))
}
