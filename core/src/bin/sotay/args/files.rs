//! What can be typed after `files`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum FilesDeed {
    /// Danh sách tệp, mới nhất trước
    #[command(override_usage = "sotay files list")]
    List,
    /// Đánh dấu để luôn có trên máy; tệp về ở lần cập nhật tới
    #[command(override_usage = "sotay files get <TỆP>")]
    Get {
        /// Số hoặc mã trong danh sách, hoặc vài chữ trong tên
        #[arg(value_name = "TỆP")]
        file: String,
    },
    /// Bỏ đánh dấu
    #[command(override_usage = "sotay files drop <TỆP>")]
    Drop {
        /// Số hoặc mã trong danh sách, hoặc vài chữ trong tên
        #[arg(value_name = "TỆP")]
        file: String,
    },
    /// Chép một tệp ra ngoài sổ tay để xem; bản chép không còn được mã hóa
    #[command(override_usage = "sotay files open <TỆP> --out <CHỖ>")]
    Open {
        /// Số hoặc mã trong danh sách, hoặc vài chữ trong tên
        #[arg(value_name = "TỆP")]
        file: String,
        /// Chép vào đâu
        #[arg(long, value_name = "CHỖ")]
        out: PathBuf,
        /// Ghi đè lên tệp đã có
        #[arg(long)]
        force: bool,
    },
    /// Chỗ dành cho tệp: xem, hoặc đặt lại
    #[command(override_usage = "sotay files room [TÙY CHỌN]")]
    Room {
        /// Nhiều nhất bao nhiêu MB, từ 10 đến 100000
        #[arg(long, value_name = "SỐ")]
        mb: Option<u64>,
        /// Tệp chưa mở hay đánh dấu chỉ về qua mạng không tính tiền: yes hoặc no
        #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
        unmetered_only: Option<bool>,
    },
    /// Dọn mọi tệp có thể tải lại; tệp chờ gửi vẫn giữ
    #[command(override_usage = "sotay files clear")]
    Clear,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("phải là yes hoặc no".to_owned()),
    }
}
