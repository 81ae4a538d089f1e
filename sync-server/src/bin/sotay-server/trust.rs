//! `trust`: keys come in as files, a request goes out as one.

use std::{collections::BTreeMap, path::Path, time::Duration};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    trust::{Certificate, Duty, Holder, Paper, Revocations, Signed, spoken},
};
use sotay_server::{
    Server,
    directives::FoundDirective,
    trust::{Ending, Taken, Trusted, Whose},
    vietnam,
};

use crate::{
    Said,
    args::{Request, TrustDeed},
    config::Config,
    files, original,
};

pub(crate) fn trust(config: &Config, deed: &TrustDeed) -> Said {
    let server = config.open_existing()?;
    match deed {
        TrustDeed::Import { files, new_root } => {
            let read: Vec<Vec<_>> = files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
            import(&server, &read.concat(), *new_root)
        }
        TrustDeed::Request(args) => request(&server, args),
        TrustDeed::Show => show(&server),
    }
}

/// Stands in each key file of sotay-keys, and in nothing that is signed.
const SECRET: &[u8] = b"\"sotay_key\"";

/// A file holds one signed paper or several, one after another.
fn read(path: &Path) -> Result<Vec<(String, Signed)>, String> {
    let name = path.display().to_string();
    let bytes = files::read(path)?;
    if bytes.windows(SECRET.len()).any(|part| part == SECRET) {
        return Err(format!(
            "{name} là tệp khóa BÍ MẬT, không được để trên máy chủ: hãy xóa tệp này khỏi đây ngay và chỉ mang đến các tệp .root, \
             .cert và danh sách thu hồi. Nếu người khác đã có thể đọc tệp này và biết mật khẩu, hãy thay khóa"
        ));
    }
    let papers: Result<Vec<Signed>, _> = serde_json::Deserializer::from_slice(&bytes).into_iter().collect();
    let papers = papers.ok().filter(|papers| !papers.is_empty());
    let papers = papers.ok_or_else(|| format!("{name}: không phải là tệp do sotay-keys lập"))?;
    Ok(papers.into_iter().map(|signed| (name.clone(), signed)).collect())
}

fn import(server: &Server, papers: &[(String, Signed)], new_root: bool) -> Said {
    let before = Standing::of(server)?;
    let taken = if new_root { server.replace_root(papers) } else { server.import_trust(papers) };
    let taken = taken.map_err(|error| format!("chưa nhập gì. {error}"))?;
    for Taken { paper, stood } in &taken {
        say!("{}{}", described(paper), if *stood { " (đã có từ trước)" } else { "" });
    }
    for Taken { paper, stood } in &taken {
        if let (Paper::Certificate(of), false) = (paper, *stood)
            && of.holder == Holder::Organisation
            && of.duties.contains(&Duty::Publish)
        {
            say!(
                "Từ nay văn bản của {} được ban hành khi lãnh đạo ký trên điện thoại.",
                of.organisation_name
            );
        }
    }
    if taken.iter().any(|of| matches!(of.paper, Paper::Wipe(_))) {
        say!(
            "Máy bị mất tự xóa khi gặp máy chủ lần tới; chưa gặp thì chưa xóa. Xem: sotay-server device list …"
        );
    }
    if new_root {
        say!(
            "Máy nào chưa ghi danh lại vẫn tin gốc cũ cho đến khi chứng thư do gốc cũ cấp hết hạn. Hãy phát mã kích hoạt mới, kèm \
             địa chỉ có dấu vân tay của gốc mới: sotay-server code … --address …"
        );
    }
    noticed(server)?;
    Standing::of(server)?.tell_since(&before);
    Ok(())
}

/// What is believed at a moment, to tell what an import changed.
struct Standing {
    unbelieved: Vec<FoundDirective>,
    /// Officers' devices whose certificate is revoked, with whose they are.
    revoked: BTreeMap<Id, String>,
}

impl Standing {
    fn of(server: &Server) -> Result<Self, String> {
        let trusted = server.trusted().map_err(|error| error.to_string())?;
        let device = |of: &Certificate| match &of.holder {
            Holder::Officer { device, name, .. } => Some((*device, name.clone())),
            _ => None,
        };
        let revoked = trusted.certificates.iter().filter(|(_, revoked)| *revoked);
        Ok(Self {
            unbelieved: server.unbelieved().map_err(|error| error.to_string())?,
            revoked: revoked.filter_map(|(of, _)| device(of)).collect(),
        })
    }

    fn tell_since(&self, before: &Self) {
        let new = self.unbelieved.iter().filter(|of| !before.unbelieved.contains(of));
        let new: Vec<String> = new.map(original::described).collect();
        if !new.is_empty() {
            say!("{} văn bản đã ban hành từ nay không được tin, điện thoại tách riêng:", new.len());
            new.iter().for_each(|of| say!("  {of}"));
            say!("Văn bản nào vẫn đúng thì ban hành lại với số khác và ký bằng chứng thư mới.");
        }
        for (device, name) in self.revoked.iter().filter(|(device, _)| !before.revoked.contains_key(device)) {
            say!(
                "Thu hồi chứng thư không khóa máy của đồng chí {name}: nếu máy bị mất, chạy thêm “sotay-server device revoke \
                 {device}”."
            );
        }
    }
}

/// What keeps leaders from signing, or soon will, where something does.
pub(crate) fn noticed(server: &Server) -> Said {
    let trusted = server.trusted().map_err(|error| error.to_string())?;
    notices(&trusted).iter().for_each(|notice| eprintln!("Lưu ý: {notice}."));
    Ok(())
}

const RENEW: &str = "hãy làm theo mục “Chứng thư của tổ chức hết hạn” trong hướng dẫn vận hành";

fn notices(trusted: &Trusted) -> Vec<String> {
    let expired = trusted.ending.iter().any(|of| of.left.is_none() && of.who == Whose::Organisation);
    let unready = trusted.root.is_some() && trusted.certified_until.is_none() && !expired;
    let mut out: Vec<String> = trusted.ending.iter().map(ending).collect();
    if unready {
        out.push(
            "máy chủ chưa có chứng thư còn hạn để xác nhận chữ ký, nên chưa ai ký ban hành được: chạy “sotay-server trust \
             request”, xin cấp chứng thư, rồi nhập bằng “sotay-server trust import”"
                .into(),
        );
    }
    out
}

fn ending(of: &Ending) -> String {
    let (name, day) = (&of.name, last_day(of.until));
    let whose = match of.who {
        Whose::Organisation => format!("chứng thư của {name}"),
        Whose::Server => format!("chứng thư của máy chủ này, do {name} cấp,"),
        Whose::Officer => format!("chứng thư của đồng chí {name}"),
    };
    match (of.left, of.who) {
        (Some(0), _) => format!("{whose} hết hạn hôm nay: {RENEW}"),
        (Some(left), _) => format!("{whose} hết hạn ngày {day}, còn {left} ngày: {RENEW}"),
        (None, Whose::Officer) => format!("{whose} đã hết hạn ngày {day}: đồng chí đó chưa ký được; {RENEW}"),
        (None, _) => format!("{whose} đã hết hạn ngày {day}: chưa ai ký ban hành được; {RENEW}"),
    }
}

/// What a backup does not have: papers that came after it.
pub(crate) fn after_restore(server: &Server) -> Said {
    if server.root().map_err(|error| error.to_string())?.is_some() {
        eprintln!(
            "Chứng thư và danh sách thu hồi nhận sau bản sao lưu không còn ở đây: hãy nhập lại mọi tệp do sotay-keys lập \
             bằng “sotay-server trust import …” trước khi chạy máy chủ."
        );
    }
    Ok(())
}

fn described(paper: &Paper) -> String {
    match paper {
        Paper::Root(of) => format!("Gốc tin cậy {}, dấu vân tay {}", of.name, spoken(&of.fingerprint())),
        Paper::Succession(_) => "Lời của gốc tin cậy về một gốc khác".into(),
        Paper::Certificate(of) => format!("Chứng thư: {}", whose(of)),
        Paper::Revocations(of) => listed(of),
        Paper::Request(_) => "Yêu cầu cấp chứng thư".into(),
        Paper::Wipe(of) => format!("Lệnh xóa thiết bị {}, ký ngày {}: {}", of.device, day(of.at), of.reason),
    }
}

fn whose(of: &Certificate) -> String {
    let holder = match &of.holder {
        Holder::Organisation => of.organisation_name.clone(),
        Holder::Officer { name, .. } => format!("đồng chí {name}, {}", of.organisation_name),
        Holder::Server { .. } => format!("máy chủ này, do {} cấp", of.organisation_name),
    };
    format!("{holder}; từ {} đến {}", day(of.from), last_day(of.until))
}

fn listed(of: &Revocations) -> String {
    format!("Danh sách thu hồi số {}, lập ngày {}: {} chứng thư", of.number, day(of.at), of.revoked.len())
}

fn request(server: &Server, args: &Request) -> Said {
    let signed =
        server.request_certificate(args.organisation.as_deref()).map_err(|error| error.to_string())?;
    let text = serde_json::to_string(&signed).map_err(|_| "không lập được yêu cầu")? + "\n";
    match &args.out {
        Some(path) => {
            files::write(path, text.as_bytes(), args.force, files::Readers::Everyone)?;
            say!("Đã ghi yêu cầu cấp chứng thư vào {}.", path.display());
        }
        None => tell!("{text}"),
    }
    eprintln!("Dãy số đối chiếu, đọc cho người giữ khóa nghe: {}", spoken(&signed.sha256()));
    Ok(())
}

fn show(server: &Server) -> Said {
    let trusted = server.trusted().map_err(|error| error.to_string())?;
    let Some(root) = &trusted.root else {
        say!("Máy chủ chưa có gốc tin cậy: văn bản được ban hành không có chữ ký số.");
        return Ok(());
    };
    say!("Gốc tin cậy {}, dấu vân tay {}", root.name, spoken(&root.fingerprint()));
    say!("  Đầy đủ: {}", root.fingerprint());
    match trusted.certified_until {
        Some(until) => say!("Máy chủ xác nhận chữ ký được đến ngày {}.", last_day(until)),
        None => say!("Máy chủ chưa xác nhận chữ ký được."),
    }
    for (of, revoked) in &trusted.certificates {
        say!("Chứng thư: {}{}", whose(of), if *revoked { " [đã thu hồi]" } else { "" });
    }
    trusted.revocations.iter().for_each(|of| say!("{}", listed(of)));
    notices(&trusted).iter().for_each(|notice| eprintln!("Lưu ý: {notice}."));
    Ok(())
}

/// The last day of a time that ends before `until`.
fn last_day(until: Timestamp) -> String {
    day(until.minus(Duration::from_millis(1)))
}

fn day(at: Timestamp) -> String {
    vietnam::clock(at).format("%d/%m/%Y").to_string()
}
