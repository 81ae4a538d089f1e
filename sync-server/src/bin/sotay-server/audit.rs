//! `audit`: whether the chains of acts hold, and what stands in them.

use sotay_protocol::id::Id;
use sotay_server::{
    Server,
    audit::{AuditFault, AuditReport, ToldHead},
};

use crate::{Said, args::AuditDeed, config::Config, people::day_and_hour};

pub(crate) fn audit(config: &Config, deed: &AuditDeed) -> Said {
    let server = config.open_existing()?;
    match deed {
        AuditDeed::Verify { org, head } => verify(&server, org.as_deref(), head),
        AuditDeed::Show { org, last } => show(&server, org.as_deref(), *last),
    }
}

fn verify(server: &Server, org: Option<&str>, heads: &[String]) -> Said {
    let told: Vec<ToldHead> = heads.iter().map(|head| told(server, head)).collect::<Result<_, _>>()?;
    let organisations = match org {
        Some(name) => vec![server.organisation_named(name).map_err(crate::told)?.id],
        None => server.audited().map_err(crate::told)?,
    };
    let mut wrong = 0;
    for organisation in &organisations {
        let report = server.verify_audit(*organisation, &told).map_err(crate::told)?;
        say!("{}: {}", name(server, *organisation)?, sentence(&report));
        for (when, number) in &report.lost {
            say!(
                "  Phục hồi lúc {}: các mục đã báo đến số {number} không có trong bản sao lưu, nay không còn.",
                day_and_hour(*when)
            );
        }
        wrong += usize::from(report.fault.is_some());
    }
    if wrong == 0 {
        say!("Đã kiểm tra {} chuỗi: khớp.", organisations.len());
        Ok(())
    } else {
        Err(format!(
            "{wrong} trong {} chuỗi không khớp: lịch sử trên máy chủ đã bị sửa từ bên ngoài. Hãy giữ nguyên tệp dữ liệu và tệp \
             .ledger, rồi báo cấp ủy cấp trên",
            organisations.len()
        ))
    }
}

fn told(server: &Server, head: &str) -> Result<ToldHead, String> {
    let read = || {
        let (number, hash) = head.split_once(':')?;
        let hash = hash.trim().to_lowercase();
        let whole = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        Some(ToldHead { number: number.trim().parse().ok()?, hash: whole.then_some(hash)?, at: server.now() })
    };
    read()
        .ok_or_else(|| format!("“{head}” không phải là đầu chuỗi: cần số mục, dấu hai chấm và mã 64 chữ số"))
}

fn sentence(of: &AuditReport) -> String {
    let Some(fault) = &of.fault else {
        return format!("{} mục, khớp với {} đầu chuỗi đã báo; mã {}", of.entries, of.compared, of.hash);
    };
    match fault {
        AuditFault::Gap { expected, found } => {
            format!("SAI: thiếu mục {expected}, tiếp theo lại là mục {found}")
        }
        AuditFault::Broken { number } => format!("SAI: mục {number} không nối với mục trước nó"),
        AuditFault::Changed { number } => format!("SAI: mục {number} đã bị sửa"),
        AuditFault::NotAsTold { number } => {
            format!("SAI: mục {number} không phải là mục đã báo lên cấp trên; lịch sử đã bị viết lại")
        }
        AuditFault::CutOff { told, has } => {
            format!("SAI: đã báo đến mục {told}, nay chỉ còn đến mục {has}; phần cuối đã bị cắt")
        }
    }
}

fn show(server: &Server, org: Option<&str>, last: u64) -> Said {
    let organisation = match org {
        Some(name) => server.organisation_named(name).map_err(crate::told)?.id,
        None => server.id(),
    };
    let end = server.verify_audit(organisation, &[]).map_err(crate::told)?.entries;
    let most = usize::try_from(last).unwrap_or(usize::MAX);
    let acts = server.audit(organisation, end.saturating_sub(last), most).map_err(crate::told)?;
    if acts.is_empty() {
        say!("Chưa có mục nào.");
    }
    for act in acts {
        let rows: Vec<String> = act.rows.iter().map(Id::to_string).collect();
        let actor = if act.actor == server.id() { "máy chủ".to_owned() } else { act.actor.to_string() };
        say!("{:>6}  {}  {}  {}  {}", act.number, day_and_hour(act.at), act.deed, actor, rows.join(" "));
    }
    Ok(())
}

fn name(server: &Server, organisation: Id) -> Result<String, String> {
    if organisation == server.id() {
        return Ok("Máy chủ".into());
    }
    let all = server.organisations().map_err(crate::told)?;
    let found = all.into_iter().find(|stored| stored.id == organisation);
    Ok(found.map_or_else(|| organisation.to_string(), |stored| stored.organisation.name))
}
