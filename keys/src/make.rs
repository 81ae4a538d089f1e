//! New keys: a root's, an organisation's.

use std::path::Path;

use sotay_protocol::{
    env::Env,
    limits,
    trust::{FORMAT, Holder, Request, Root, spoken},
};

use crate::{
    Said,
    args::{NewOrganisation, NewRoot},
    failure::Failure,
    files, passphrase,
    sealed::{KeyFile, Owner},
};

pub(crate) fn root(new: &NewRoot, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let public = files::beside(&new.file, "root");
    files::free(&[&new.file, &public])?;
    let name = named(&new.name)?;
    let (sealed, key) = KeyFile::new(Owner::Root, name, &passphrase::new(phrase)?, env)?;
    let signed = Root::sign(name, &key, env.now());
    let fingerprint = Root::of(&signed).map(|root| root.fingerprint()).unwrap_or_default();
    files::write_secret(&new.file, &sealed)?;
    files::write_open(&public, &signed)?;
    Ok(format!(
        "Đã tạo khóa gốc “{name}”.\n  Khóa (bí mật):   {}\n  Phần công khai:  {}\n  Dấu vân tay:     {}\n  Đầy đủ:          {fingerprint}\n\n\
        Việc tiếp theo:\n  1. Sao tệp khóa ra hai USB, cất ở hai két khác nhau; mất hết thì không ai lập lại được gốc này.\n  \
        2. Đưa {} cho người quản trị máy chủ: sotay-server trust import.\n  \
        3. Cấp chứng thư cho tổ chức: sotay-keys organisation certify YÊU-CẦU --by {} --until NGÀY",
        new.file.display(),
        public.display(),
        spoken(&fingerprint),
        public.display(),
        new.file.display(),
    ))
}

pub(crate) fn organisation(new: &NewOrganisation, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let asks = files::beside(&new.file, "request");
    files::free(&[&new.file, &asks])?;
    let (organisation, said) = match (&new.of, new.id) {
        (Some(request), _) => {
            let (_, request) = files::request(request)?;
            (request.organisation, request.organisation_name)
        }
        (None, Some(id)) => (id, String::new()),
        (None, None) => return Err(Failure::Refused("cần --of hoặc --id".into())),
    };
    let name = named(new.name.as_deref().unwrap_or(&said))?;
    let owner = Owner::Organisation { organisation };
    let (sealed, key) = KeyFile::new(owner, name, &passphrase::new(phrase)?, env)?;
    let request = Request {
        format: FORMAT,
        organisation,
        organisation_name: name.to_owned(),
        holder: Holder::Organisation,
        key: key.public(),
        seal: None,
        at: env.now(),
    };
    let signed = request.sign(&key);
    files::write_secret(&new.file, &sealed)?;
    files::write_open(&asks, &signed)?;
    Ok(format!(
        "Đã tạo khóa của “{name}” (mã {organisation}).\n  Khóa (bí mật):      {}\n  Yêu cầu chứng thư:  {}\n  Dãy số đối chiếu:   {}\n\n\
        Việc tiếp theo:\n  1. Sao tệp khóa ra USB, cất vào két của cấp ủy.\n  2. Đưa {} cho người giữ khóa gốc và đọc dãy số cho nhau nghe:\n     \
        sotay-keys organisation certify {} --by GỐC.key --until NGÀY\n  3. Cất chứng thư nhận lại (.cert) cạnh {}.",
        new.file.display(),
        asks.display(),
        spoken(&signed.sha256()),
        asks.display(),
        asks.display(),
        new.file.display(),
    ))
}

fn named(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    if name.is_empty() || name.len() > limits::LINE || name.chars().any(char::is_control) {
        return Err(Failure::Refused(
            "tên không được để trống, quá dài hoặc có ký tự lạ: hãy ghi tên đầy đủ bằng --name".into(),
        ));
    }
    Ok(name)
}
