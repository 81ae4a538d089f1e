//! `trust`: what is brought in of keys, and what is asked for.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TrustDeed {
    /// Nhập gốc tin cậy, chứng thư, danh sách thu hồi và lệnh xóa thiết bị
    #[command(
        after_help = "Ví dụ:\n  sotay-server trust import goc.json to-chuc.json may-chu.json bi-thu.json\n\n\
        Thứ tự các tệp không quan trọng. Một tệp không tin được thì không tệp nào được nhập. Nhập lại không thay đổi gì."
    )]
    Import {
        /// Các tệp do sotay-keys lập
        #[arg(value_name = "TỆP", required = true)]
        files: Vec<PathBuf>,
        /// Gốc cũ đã mất: gốc trong các tệp này thay gốc cũ; phải kèm chứng thư mà gốc mới cấp cho mọi tổ chức đã có khóa
        #[arg(long)]
        new_root: bool,
    },
    /// Lập tệp yêu cầu cấp chứng thư cho máy chủ này, để mang đến nơi giữ khóa của tổ chức
    #[command(after_help = "Ví dụ:\n  sotay-server trust request --out may-chu.request\n\n\
        Khóa riêng của máy chủ nằm trong tệp dữ liệu và không rời khỏi đó; bản sao lưu phục hồi dùng lại đúng khóa này.")]
    Request(Request),
    /// Xem gốc tin cậy, chứng thư và danh sách thu hồi trên máy chủ
    Show,
}

#[derive(Debug, Group)]
pub(crate) struct Request {
    /// Tổ chức cấp chứng thư [mặc định: tổ chức đứng đầu]
    #[arg(long, value_name = "TÊN")]
    pub(crate) organisation: Option<String>,
    /// Ghi vào tệp này [mặc định: in ra màn hình]
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: Option<PathBuf>,
    /// Ghi đè nếu tệp đã có
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}
