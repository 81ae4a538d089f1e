//! Certificates: for organisations by a root, for officers' devices and servers by their organisation.

use std::{
    collections::BTreeSet,
    io::{BufRead, IsTerminal, Write},
    path::Path,
};

use sotay_protocol::{
    env::{Env, Timestamp},
    id::Id,
    signature::SigningKey,
    trust::{Certificate, Duty, FORMAT, Holder, Request, spoken},
};

use crate::{
    Said,
    args::{Certify, CertifyOfficer, CertifyOrganisation, CertifyServer, duties},
    days,
    failure::Failure,
    files,
    home::Home,
    passphrase,
    sealed::{KeyFile, Owner},
    words,
};

/// What the certificate will say that the request does not.
struct Terms {
    name: String,
    duties: BTreeSet<Duty>,
    from: Timestamp,
    until: Timestamp,
}

pub(crate) fn organisation(wanted: &CertifyOrganisation, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let (digits, request) = asked(&wanted.common)?;
    if request.holder != Holder::Organisation {
        return Err(refused(&request, "gốc chỉ cấp cho tổ chức; cán bộ và máy chủ do khóa của tổ chức cấp"));
    }
    let key = KeyFile::read(&wanted.common.by)?;
    if key.head.owner != Owner::Root {
        return Err(Failure::OtherKey(wanted.common.by.clone(), key.head.owner.said(), Owner::Root.said()));
    }
    let terms = Terms {
        name: request.organisation_name.clone(),
        duties: duties(&wanted.duties),
        from: from(&wanted.common, env),
        until: wanted.until.ends(),
    };
    let next = "Việc tiếp theo: cất chứng thư cạnh tệp khóa của tổ chức, và đưa cho người quản trị máy chủ:\n  sotay-server trust import";
    certify(&wanted.common, &digits, &request, &terms, (&key, phrase), next)
}

pub(crate) fn officer(wanted: &CertifyOfficer, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let (digits, request) = asked(&wanted.common)?;
    if !matches!(request.holder, Holder::Officer { .. }) {
        return Err(refused(&request, "đây không phải là yêu cầu của máy cán bộ"));
    }
    let duties = duties(&wanted.duties);
    if duties.contains(&Duty::Server) {
        return Err(refused(&request, "việc “server” chỉ dành cho máy chủ"));
    }
    let (key, own) = issuer(&wanted.common, &request, opens_check_in_alone(&duties), env)?;
    let from = from(&wanted.common, env);
    let of_another = own.organisation != request.organisation;
    let name = if of_another { &request.organisation_name } else { &own.organisation_name };
    let terms = Terms { name: name.clone(), duties, from, until: wanted.until.ends() };
    within(&terms, &own)?;
    let next = "Việc tiếp theo: đưa chứng thư cho người quản trị máy chủ; máy của cán bộ nhận qua lần đồng bộ sau:\n  sotay-server trust import";
    certify(&wanted.common, &digits, &request, &terms, (&key, phrase), next)
}

pub(crate) fn server(wanted: &CertifyServer, phrase: Option<&Path>, env: &dyn Env) -> Said {
    let (digits, request) = asked(&wanted.common)?;
    if !matches!(request.holder, Holder::Server { .. }) {
        return Err(refused(&request, "đây không phải là yêu cầu của máy chủ"));
    }
    let (key, own) = issuer(&wanted.common, &request, false, env)?;
    let terms = Terms {
        name: own.organisation_name.clone(),
        duties: BTreeSet::from([Duty::Server]),
        from: from(&wanted.common, env),
        until: wanted.until.map_or(own.until, days::Moment::ends),
    };
    within(&terms, &own)?;
    let next = "Việc tiếp theo: trên máy chủ chạy\n  sotay-server trust import";
    certify(&wanted.common, &digits, &request, &terms, (&key, phrase), next)
}

fn refused(request: &Request, why: &str) -> Failure {
    let who = words::holder(&request.holder, &request.organisation_name);
    Failure::Refused(format!("yêu cầu là của {who}: {why}"))
}

fn asked(common: &Certify) -> Result<(String, Request), Failure> {
    let (signed, request) = files::request(&common.request)?;
    Ok((spoken(&signed.sha256()), request))
}

fn from(common: &Certify, env: &dyn Env) -> Timestamp {
    common.from.map_or_else(|| env.now(), days::Moment::begins)
}

/// A cell has no key of its own as a rule: who opens its check-in, and does nothing else with the key, is certified from
/// above. Whether this organisation stands above the cell is looked at on the server and on the phones.
fn opens_check_in_alone(duties: &BTreeSet<Duty>) -> bool {
    duties.iter().eq([&Duty::Secretary])
}

/// The organisation's key that is to sign, and its certificate, which lies beside it.
fn issuer(
    common: &Certify,
    request: &Request,
    for_one_below: bool,
    env: &dyn Env,
) -> Result<(KeyFile, Certificate), Failure> {
    let key = KeyFile::read(&common.by)?;
    let Owner::Organisation { organisation } = key.head.owner else {
        let wanted = Owner::Organisation { organisation: Id::derived("", &[]) };
        return Err(Failure::OtherKey(common.by.clone(), key.head.owner.said(), wanted.said()));
    };
    if organisation != request.organisation && !for_one_below {
        let why = "cấp trên chỉ cấp cho bí thư chi bộ việc mở điểm danh: --duties secretary";
        return Err(refused(request, &format!("khóa là của “{}”; {why}", key.head.name)));
    }
    let home = Home::of(&common.by);
    let own = home.organisation(&key.head.public, env.now()).cloned().ok_or_else(|| {
        Failure::Refused(format!(
            "cạnh {} không có chứng thư còn giá trị của “{}”: hãy chép tệp .cert mà gốc đã cấp vào cùng thư mục, hoặc xin gốc cấp lại",
            common.by.display(),
            key.head.name
        ))
    })?;
    Ok((key, own))
}

/// A certificate that says more than its issuer's would be believed by nobody.
fn within(terms: &Terms, own: &Certificate) -> Result<(), Failure> {
    let beyond: BTreeSet<Duty> = terms.duties.difference(&own.duties).copied().collect();
    if !beyond.is_empty() {
        return Err(Failure::Refused(format!(
            "chứng thư của “{}” không cho phép: {}",
            own.organisation_name,
            words::duties(&beyond)
        )));
    }
    if terms.until > own.until || terms.from < own.from {
        return Err(Failure::Refused(format!(
            "chứng thư của “{}” chỉ có giá trị từ {} đến {}: hãy chọn thời hạn nằm trong đó, hoặc xin gốc cấp lại",
            own.organisation_name,
            days::said(own.from),
            days::last(own.until)
        )));
    }
    Ok(())
}

fn certify(
    common: &Certify,
    digits: &str,
    request: &Request,
    terms: &Terms,
    (file, phrase): (&KeyFile, Option<&Path>),
    next: &str,
) -> Said {
    let out = common.out.clone().unwrap_or_else(|| files::beside(&common.request, "cert"));
    files::free(&[&out])?;
    if terms.until <= terms.from {
        return Err(Failure::Refused(
            "ngày hết giá trị phải sau ngày bắt đầu: hãy xem lại --from và --until".into(),
        ));
    }
    if request.key == file.head.public {
        return Err(Failure::Refused("một khóa không tự cấp chứng thư cho mình".into()));
    }
    let who = words::holder(&request.holder, &terms.name);
    confirmed(common.confirm.as_deref(), digits, &who)?;
    let key: SigningKey = file.open(&common.by, &passphrase::known(phrase, &common.by)?)?;
    let certificate = Certificate {
        format: FORMAT,
        organisation: request.organisation,
        organisation_name: terms.name.clone(),
        holder: request.holder.clone(),
        duties: terms.duties.clone(),
        key: request.key.clone(),
        seal: request.seal.clone(),
        from: terms.from,
        until: terms.until,
        issuer: key.public(),
    };
    files::write_open(&out, &certificate.sign(&key))?;
    Ok(format!(
        "Đã cấp chứng thư cho {who}.\n  Tệp:      {}\n  Việc:     {}\n  Giá trị:  từ {} đến {}\n\n{next} {}",
        out.display(),
        words::duties(&terms.duties),
        days::said(terms.from),
        days::last(terms.until),
        out.display()
    ))
}

/// That the digits of what is signed were read out by who asks: a file on a stick may have been exchanged on its way.
pub(crate) fn confirmed(typed: Option<&str>, digits: &str, who: &str) -> Result<(), Failure> {
    let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    if let Some(typed) = typed {
        let same = plain(typed).eq_ignore_ascii_case(&plain(digits));
        return if same { Ok(()) } else { Err(Failure::OtherDigits(digits.to_owned())) };
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NotConfirmed(digits.to_owned()));
    }
    eprint!(
        "Tệp của {who}.\nDãy số đối chiếu: {digits}\nBên kia đọc đúng dãy số này chứ? Gõ “có” để tiếp tục: "
    );
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    let yes = ["có", "co", "c"].contains(&line.trim().to_lowercase().as_str());
    if yes { Ok(()) } else { Err(Failure::NotConfirmed(digits.to_owned())) }
}
