//! `code`, `codes`, `member`, `device`: what an operator does for single members.

use chrono::NaiveDate;
use sotay_protocol::{env::Timestamp, id::Id, trust::Root};
use sotay_server::{Server, members::FoundMember, vietnam};

use crate::{
    Said,
    args::{Code, DeviceDeed, MemberDeed, Who},
    config::Config,
    files, kept,
};

/// On standard output stands the code alone, for scripts, and the server's address where it was given; for whom it is goes
/// to standard error.
pub(crate) fn code(config: &Config, args: &Code) -> Said {
    let server = config.open_existing()?;
    let root = root(&server)?;
    let address = args.address.as_deref().map(|address| invitation(address, root.as_ref())).transpose()?;
    let member = find(&server, &args.who)?;
    let code = server.issue_code(member.id).map_err(crate::told)?;
    eprintln!("Mã kích hoạt của đồng chí {}, dùng được 14 ngày cùng với ngày sinh:", described(&member));
    say!("{code}");
    match (&address, &root) {
        (Some(address), _) => say!("{address}"),
        (None, Some(root)) => eprintln!(
            "Gốc tin cậy: {}. Địa chỉ máy chủ đưa cho đồng chí cần mang theo dấu vân tay của gốc:\n  \
             https://…#root={}",
            root.name,
            root.fingerprint()
        ),
        (None, None) => {}
    }
    Ok(())
}

pub(crate) fn console_link(config: &Config, who: &Who, address: &str) -> Said {
    let server = config.open_existing()?;
    let member = find(&server, who)?;
    let link = server.console_link(member.id).map_err(crate::told)?;
    eprintln!("Liên kết đăng nhập của đồng chí {}, dùng được một lần trong 15 phút:", described(&member));
    say!("{}/#link={link}", address.trim().trim_end_matches('/'));
    Ok(())
}

fn root(server: &Server) -> Result<Option<Root>, String> {
    let signed = server.root().map_err(crate::told)?;
    Ok(signed.as_ref().and_then(Root::of))
}

/// The server's address as a phone takes it: with the root's fingerprint, so that no other server can take its place.
fn invitation(address: &str, root: Option<&Root>) -> Result<String, String> {
    let address = address.trim().trim_end_matches('/');
    let whole =
        ["https://", "http://"].iter().any(|start| address.len() > start.len() && address.starts_with(start));
    if !whole || address.contains(['#', '?', ' ']) {
        return Err(format!("địa chỉ “{address}” chưa đúng, ví dụ https://sotay.xa.vn"));
    }
    Ok(root.map_or_else(|| address.to_owned(), |root| format!("{address}#root={}", root.fingerprint())))
}

pub(crate) fn codes(config: &Config, cell: &str) -> Said {
    let server = config.open_existing()?;
    let cell = server.organisation_named(cell).map_err(crate::told)?;
    let members = server.members_of(cell.id).map_err(crate::told)?;
    say!("Họ và tên;Ngày sinh;Mã kích hoạt");
    for member in members {
        let code = server.issue_code(member.id).map_err(crate::told)?;
        say!("{};{};{code}", member.name, member.birth.format("%d/%m/%Y"));
    }
    Ok(())
}

pub(crate) fn member(config: &Config, deed: &MemberDeed) -> Said {
    if let MemberDeed::Forget { who, yes } = deed {
        return kept::forget(config, who, *yes);
    }
    let server = config.open_existing()?;
    match deed {
        MemberDeed::Transfer { who, to } => {
            let member = find(&server, who)?;
            let cell = server.organisation_named(to).map_err(crate::told)?;
            server.transfer(member.id, cell.id).map_err(crate::told)?;
            say!("Đồng chí {} đã chuyển sinh hoạt đến {}.", member.name, cell.organisation.name);
        }
        MemberDeed::Forget { .. } => {}
        MemberDeed::EndRole { who, of, office } => {
            let member = find(&server, who)?;
            let organisation = server.organisation_named(of).map_err(crate::told)?;
            let ended = server.end_role(member.id, organisation.id, (*office).into());
            ended.map_err(crate::told)?;
            say!("Chức vụ của đồng chí {} tại {} đã kết thúc.", member.name, organisation.organisation.name);
        }
    }
    Ok(())
}

pub(crate) fn device(config: &Config, deed: &DeviceDeed) -> Said {
    let server = config.open_existing()?;
    match deed {
        DeviceDeed::List { who } => {
            let member = find(&server, who)?;
            let devices = server.devices_of(member.id).map_err(crate::told)?;
            if devices.is_empty() {
                say!("Đồng chí {} chưa có thiết bị nào.", member.name);
            }
            for device in devices {
                let last = device.last_exchange_at.map_or_else(|| "chưa đồng bộ".into(), day_and_hour);
                let state = if device.revoked_at.is_some() { "đã thu hồi" } else { "đang dùng" };
                let wipe = server.wipe_ordered(&device).map_err(crate::told)?;
                let wipe =
                    wipe.map_or_else(String::new, |at| format!(", có lệnh xóa ký {}", day_and_hour(at)));
                say!("{}  {}  {state}{wipe}, đồng bộ lần cuối: {last}", device.id, device.name);
            }
        }
        DeviceDeed::Revoke { device } => revoke(&server, *device)?,
        DeviceDeed::Target { device, out, force } => {
            let target = server.wipe_target(*device).map_err(crate::told)?;
            let text = serde_json::to_string_pretty(&target).map_err(|_| "không lập được tệp")? + "\n";
            files::write(out, text.as_bytes(), *force, files::Readers::Owner)?;
            say!(
                "Đã ghi “{}” của đồng chí {} vào {}.",
                target.device_name,
                target.member_name,
                out.display()
            );
            eprintln!("Dãy số đối chiếu, đọc cho người giữ khóa nghe: {}", target.digits());
        }
    }
    Ok(())
}

fn revoke(server: &Server, device: Id) -> Said {
    match server.revoke_device(device).map_err(crate::told)? {
        0 => say!("Thiết bị này đã bị thu hồi từ trước."),
        revoked => say!("Đã thu hồi {revoked} thiết bị."),
    }
    Ok(())
}

pub(crate) fn find(server: &Server, who: &Who) -> Result<FoundMember, String> {
    let digits: String = who.member.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-')).collect();
    let is_card = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let found = match (&who.birth, is_card) {
        (None, true) => server.members_with_card(&digits),
        (Some(birth), false) => {
            let birth = date(birth)?;
            server.members_named(&who.member, birth)
        }
        (Some(_), true) => return Err("chỉ cần số thẻ đảng, hoặc họ và tên cùng --birth".into()),
        (None, false) => {
            return Err("tìm theo họ và tên thì cần thêm ngày sinh, ví dụ --birth 03/02/1985".into());
        }
    };
    let mut found = found.map_err(crate::told)?;
    match (found.pop(), found.len()) {
        (Some(member), 0) => Ok(member),
        (Some(_), _) => Err("có nhiều đồng chí trùng như vậy: hãy tìm theo số thẻ đảng".into()),
        (None, _) => Err("không có đảng viên nào như vậy trên máy chủ".into()),
    }
}

pub(crate) fn date(written: &str) -> Result<NaiveDate, String> {
    let written = written.trim();
    NaiveDate::parse_from_str(written, "%d/%m/%Y").map_err(|_| {
        let numbers: Vec<_> = written.split('/').map(str::parse::<u16>).collect();
        if matches!(numbers.as_slice(), [Ok(_), Ok(_), Ok(_)]) {
            return format!("ngày {written} không có trong lịch");
        }
        format!("“{written}” chưa đúng dạng ngày/tháng/năm, ví dụ 03/12/2025")
    })
}

fn described(member: &FoundMember) -> String {
    let cell = member.cell.as_deref().unwrap_or("chưa có chi bộ");
    format!("{} ({cell})", member.name)
}

pub(crate) fn day_and_hour(at: Timestamp) -> String {
    vietnam::clock(at).format("%d/%m/%Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_none_is_told_from_what_is_no_day() {
        assert_eq!(date(" 3/12/2025 "), Ok(NaiveDate::from_ymd_opt(2025, 12, 3).unwrap()));
        assert_eq!(date("31/11/2025").unwrap_err(), "ngày 31/11/2025 không có trong lịch");
        for bad in ["2025-12-03", "hôm nay", "3/12", ""] {
            assert!(date(bad).unwrap_err().contains("ví dụ 03/12/2025"), "{bad}");
        }
    }
}
