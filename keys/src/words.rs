//! The field's words for what stands in papers.

use std::collections::BTreeSet;

use sotay_protocol::{
    members::Office,
    trust::{Distrust, Duty, Holder, Paper},
};

pub(crate) fn office(office: Office) -> &'static str {
    match office {
        Office::Secretary => "Bí thư",
        Office::DeputySecretary => "Phó bí thư",
        Office::CommitteeMember => "Ủy viên",
        Office::Staff => "Cán bộ văn phòng",
    }
}

pub(crate) fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::Publish => "ký văn bản",
        Duty::Desk => "mở thư kín gửi cấp ủy",
        Duty::Secretary => "mở điểm danh cuộc họp",
        Duty::Revoke => "thu hồi thiết bị",
        Duty::Server => "xác nhận thời điểm ban hành (máy chủ)",
    }
}

pub(crate) fn duties(duties: &BTreeSet<Duty>) -> String {
    duties.iter().map(|of| duty(*of)).collect::<Vec<_>>().join("; ")
}

/// Whose key it is, of the organisation of that name.
pub(crate) fn holder(holder: &Holder, organisation: &str) -> String {
    match holder {
        Holder::Organisation => format!("tổ chức {organisation}"),
        Holder::Officer { name, office: held, .. } => {
            format!("đồng chí {name}, {} {organisation}", office(*held))
        }
        Holder::Server { server } => format!("máy chủ {server} của {organisation}"),
    }
}

pub(crate) fn paper(paper: &Paper) -> &'static str {
    match paper {
        Paper::Root(_) => "khóa gốc (phần công khai)",
        Paper::Succession(_) => "lời của gốc về một gốc khác",
        Paper::Certificate(_) => "chứng thư",
        Paper::Revocations(_) => "danh sách thu hồi",
        Paper::Request(_) => "yêu cầu cấp chứng thư",
        Paper::Wipe(_) => "lệnh xóa thiết bị",
    }
}

pub(crate) fn distrust(why: Distrust) -> &'static str {
    match why {
        Distrust::Missing => "thiếu chứng thư của bên cấp; hãy chép vào cùng thư mục",
        Distrust::ForeignRoot => "bên cấp không thuộc gốc được tin",
        Distrust::WrongParent => "bên cấp không được phép cấp chứng thư này",
        Distrust::NotValidThen => "chưa đến hạn hoặc đã hết hạn",
        Distrust::Revoked => "đã bị thu hồi",
        _ => "chứng thư không đúng mục đích",
    }
}
