//! What is kept of people: `my-data`, `retention`, `purge`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};
use sotay_protocol::retention::Retained;

use super::Who;

#[derive(Debug, Group)]
pub(crate) struct MyData {
    #[command(flatten)]
    pub(crate) who: Who,
    /// Ghi tất cả vào thư mục này, dưới dạng JSON; không ghi thì chỉ in tóm tắt
    #[arg(long, value_name = "THƯ MỤC")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionDeed {
    /// Xem thời hạn đang áp dụng cho từng loại và ai đã đặt
    Show,
    /// Đặt thời hạn cho một loại; thời hạn cũ vẫn được ghi lại
    #[command(
        after_help = "Loại: feedback (phản ánh đã trả lời), attendance (điểm danh), reasons (lý do vắng), check-ins (mã điểm \
        danh), commands (nguyên văn việc đã gửi), codes (mã kích hoạt), devices (tên thiết bị đã thu hồi), left-members \
        (người đã rời tổ chức).\n\n\
        Ví dụ:\n  sotay-server retention set feedback 1826 --basis \"Quy định 12-QĐ/ĐU\" --by \"Nguyễn Thị Mai\"\n  \
        sotay-server retention set attendance forever --basis \"Quy chế 03-QC/ĐU\" --by \"Nguyễn Thị Mai\""
    )]
    Set {
        /// Loại, như “sotay-server retention show” in ra
        #[arg(value_name = "LOẠI", value_parser = kind)]
        kind: Retained,
        /// Số ngày, hoặc forever (giữ mãi)
        #[arg(value_name = "NGÀY", value_parser = days)]
        days: Days,
        /// Căn cứ: văn bản cho phép hoặc yêu cầu thời hạn này
        #[arg(long, value_name = "CĂN CỨ")]
        basis: String,
        /// Người đặt
        #[arg(long, value_name = "HỌ TÊN")]
        by: String,
        /// Áp dụng từ ngày, ví dụ 01/01/2026 [mặc định: từ bây giờ]
        #[arg(long, value_name = "NGÀY")]
        from: Option<String>,
    },
}

/// `None` for good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days(pub(crate) Option<u32>);

#[derive(Debug, Group)]
pub(crate) struct Purge {
    /// Chỉ in những gì đã quá thời hạn, không xóa
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn kind(text: &str) -> Result<Retained, String> {
    Retained::of_word(text).ok_or_else(|| {
        let all: Vec<String> = Retained::ALL.iter().map(|kind| kind.word().replace('_', "-")).collect();
        format!("loại là một trong: {}", all.join(", "))
    })
}

fn days(text: &str) -> Result<Days, String> {
    if text == "forever" {
        return Ok(Days(None));
    }
    let days = text.parse().ok().filter(|days| *days > 0);
    days.map(|days| Days(Some(days))).ok_or_else(|| "phải là một số ngày từ 1, hoặc forever".to_owned())
}
