//! `audit`: what is asked of the chains of acts.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditDeed {
    /// Tính lại toàn bộ chuỗi, đối chiếu với các đầu chuỗi đã báo, và nói rõ sai ở đâu
    #[command(after_help = "Ví dụ:\n  sotay-server audit verify\n  \
        sotay-server audit verify --org \"Chi bộ thôn Đồi Chè\" --head 17:3f0a…   (đầu chuỗi ghi trên điện thoại cấp trên)\n\n\
        Lệnh kết thúc với lỗi khi có chuỗi không khớp.")]
    Verify {
        /// Chỉ tổ chức này [mặc định: mọi tổ chức]
        #[arg(long, value_name = "TÊN")]
        org: Option<String>,
        /// Đầu chuỗi đã được báo nơi khác: số mục và mã, ví dụ 17:3f0a…
        #[arg(long, value_name = "SỐ:MÃ", requires = "org")]
        head: Vec<String>,
    },
    /// Xem các mục của một tổ chức: ai, lúc nào, việc gì, trên dòng nào; chỉ có mã số, không có tên hay nội dung
    #[command(after_help = "Ví dụ:\n  sotay-server audit show --org \"Đảng ủy xã Yên Sơn\" --last 50")]
    Show {
        /// Tổ chức [mặc định: chuỗi của chính máy chủ]
        #[arg(long, value_name = "TÊN")]
        org: Option<String>,
        /// Chỉ bấy nhiêu mục mới nhất [mặc định: 100]
        #[arg(long, value_name = "SỐ", default_value_t = 100, hide_default_value = true)]
        last: u64,
    },
}
