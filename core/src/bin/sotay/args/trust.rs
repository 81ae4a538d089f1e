//! What can be typed after `drafts` and `keys`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum DraftDeed {
    /// Danh sách: chờ lâu nhất trước
    #[command(override_usage = "sotay drafts list")]
    List,
    /// Đọc toàn văn dự thảo trước khi ký
    #[command(override_usage = "sotay drafts open <DỰ_THẢO>")]
    Open {
        /// Số thứ tự trong danh sách, số ký hiệu hoặc mã
        #[arg(value_name = "DỰ_THẢO")]
        draft: String,
    },
    /// Trả lại văn phòng, kèm lý do
    #[command(override_usage = "sotay drafts return <DỰ_THẢO> --reason <LÝ_DO>")]
    Return {
        /// Số thứ tự trong danh sách, số ký hiệu hoặc mã
        #[arg(value_name = "DỰ_THẢO")]
        draft: String,
        /// Vì sao, để văn phòng sửa
        #[arg(long, value_name = "LÝ_DO")]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyDeed {
    /// Khóa gốc, danh sách thu hồi và chứng thư của máy này
    #[command(override_usage = "sotay keys show")]
    Show,
    /// In tệp xin chứng thư cho máy này, để gửi người giữ khóa của cơ quan
    #[command(
        override_usage = "sotay keys request [--office <CƠ_QUAN>]",
        after_help = "Ví dụ:\n  sotay keys request > mai.request\n\nGửi tệp cho người giữ khóa của cơ quan, rồi đọc cho nhau nghe các số kiểm tra."
    )]
    Request {
        /// Cho chức vụ ở cơ quan nào, khi đồng chí có nhiều chức vụ
        #[arg(long, value_name = "CƠ_QUAN")]
        office: Option<String>,
    },
}
