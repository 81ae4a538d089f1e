//! Of directives: publish, look at, take back, print.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};
use sotay_protocol::{directives::Urgency, members::Office};

#[derive(Debug, Group)]
pub(crate) struct Publish {
    /// Tệp .docx, .pdf hoặc .md
    #[arg(value_name = "TỆP")]
    pub(crate) file: PathBuf,
    /// Số, ký hiệu, ví dụ 17-KH/ĐU [mặc định: đọc từ văn bản]
    #[arg(long, value_name = "SỐ")]
    pub(crate) number: Option<String>,
    /// Loại văn bản, ví dụ quy-dinh [mặc định: đọc từ văn bản, hoặc theo ký hiệu]
    #[arg(long = "type", value_name = "LOẠI")]
    pub(crate) directive_type: Option<String>,
    /// Cơ quan ban hành [mặc định: đọc từ văn bản, hoặc tổ chức đứng đầu]
    #[arg(long, value_name = "TÊN")]
    pub(crate) issuer: Option<String>,
    /// Ngày ban hành, ví dụ 03/12/2025 [mặc định: đọc từ văn bản]
    #[arg(long, value_name = "NGÀY")]
    pub(crate) date: Option<String>,
    /// Trích yếu [mặc định: đọc từ văn bản]
    #[arg(long = "abstract", value_name = "TRÍCH YẾU")]
    pub(crate) abstract_: Option<String>,
    /// Độ khẩn: thuong, khan, thuong-khan hoặc hoa-toc [mặc định: đọc từ văn bản, hoặc thuong]
    #[arg(long, value_enum, value_name = "ĐỘ KHẨN", hide_possible_values = true)]
    pub(crate) urgency: Option<UrgencyArg>,
    /// Chỉ gửi cho những đồng chí giữ chức vụ này: secretaries (bí thư), deputies (phó bí thư), committee (cấp ủy
    /// viên, chi ủy viên), staff (cán bộ văn phòng); không ghi thì gửi cho mọi đảng viên
    #[arg(long, value_enum, value_name = "CHỨC VỤ", hide_possible_values = true)]
    pub(crate) to: Option<Readers>,
    /// Văn bản này thay thế văn bản có số, ký hiệu này; văn bản cũ vẫn đọc được và ghi rõ đã được thay thế
    #[arg(long, value_name = "SỐ")]
    pub(crate) replaces: Option<String>,
    /// Ngày của văn bản được thay thế, khi có nhiều văn bản cùng số
    #[arg(long, value_name = "NGÀY", requires = "replaces")]
    pub(crate) replaces_date: Option<String>,
    /// Ban hành ngay, không hỏi lại những gì đọc từ văn bản
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Chỉ in những gì sẽ được ban hành và nội dung đọc được, không ghi gì
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Directives {
    /// Chỉ những văn bản có các chữ này trong loại, số, ngày, cơ quan ban hành hoặc trích yếu
    #[arg(value_name = "CHỮ")]
    pub(crate) words: Option<String>,
}

/// One directive that was published.
#[derive(Debug, Group)]
pub(crate) struct Which {
    /// Số, ký hiệu, ví dụ 17-KH/ĐU
    #[arg(value_name = "SỐ")]
    pub(crate) number: String,
    /// Cơ quan ban hành, khi nhiều nơi có văn bản cùng số
    #[arg(long, value_name = "TÊN")]
    pub(crate) issuer: Option<String>,
    /// Ngày ban hành, khi có nhiều văn bản cùng số
    #[arg(long, value_name = "NGÀY")]
    pub(crate) date: Option<String>,
    /// Loại văn bản, khi ký hiệu là của nhiều loại
    #[arg(long = "type", value_name = "LOẠI")]
    pub(crate) directive_type: Option<String>,
}

#[derive(Debug, Group)]
pub(crate) struct Withdraw {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Lý do, trong một dòng; đảng viên đọc được
    #[arg(long, value_name = "LÝ DO")]
    pub(crate) reason: String,
}

#[derive(Debug, Group)]
pub(crate) struct Original {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Ghi vào tệp này
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: PathBuf,
    /// Ghi đè nếu tệp đã có
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Print {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Ghi vào tệp này
    #[arg(long, value_name = "TỆP.pdf")]
    pub(crate) out: PathBuf,
    /// Chỉ in phiếu kèm mã, không in lời văn
    #[arg(long)]
    pub(crate) sheet: bool,
    /// Ghi đè nếu tệp đã có
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum UrgencyArg {
    #[value(alias = "normal")]
    Thuong,
    #[value(alias = "urgent")]
    Khan,
    #[value(alias = "very-urgent")]
    ThuongKhan,
    #[value(alias = "express")]
    HoaToc,
}

impl From<UrgencyArg> for Urgency {
    fn from(said: UrgencyArg) -> Self {
        match said {
            UrgencyArg::Thuong => Self::Normal,
            UrgencyArg::Khan => Self::Urgent,
            UrgencyArg::ThuongKhan => Self::VeryUrgent,
            UrgencyArg::HoaToc => Self::Express,
        }
    }
}

/// Offices, as they are said on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Readers {
    /// Bí thư
    #[value(alias = "bi-thu", alias = "secretary")]
    Secretaries,
    /// Phó bí thư
    #[value(alias = "pho-bi-thu", alias = "deputy")]
    Deputies,
    /// Cấp ủy viên, chi ủy viên
    #[value(alias = "cap-uy-vien", alias = "chi-uy-vien")]
    Committee,
    /// Cán bộ văn phòng
    #[value(alias = "van-phong")]
    Staff,
}

impl From<Readers> for Office {
    fn from(said: Readers) -> Self {
        match said {
            Readers::Secretaries => Self::Secretary,
            Readers::Deputies => Self::DeputySecretary,
            Readers::Committee => Self::CommitteeMember,
            Readers::Staff => Self::Staff,
        }
    }
}
