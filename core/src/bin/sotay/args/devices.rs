//! What can be typed after `devices` and `pin`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceDeed {
    /// Danh sách các máy, máy đang dùng trước
    #[command(override_usage = "sotay devices list")]
    List,
    /// Đặt tên khác cho một máy
    #[command(override_usage = "sotay devices rename <MÁY> <TÊN>")]
    Rename {
        /// Số thứ tự trong danh sách, tên hoặc mã
        #[arg(value_name = "MÁY")]
        device: String,
        #[arg(value_name = "TÊN")]
        name: String,
    },
    /// Thu hồi một máy khác của tôi: máy đó không nhận được gì nữa
    #[command(override_usage = "sotay devices revoke <MÁY>")]
    Revoke {
        /// Số thứ tự trong danh sách, tên hoặc mã
        #[arg(value_name = "MÁY")]
        device: String,
    },
    /// Tôi đã thấy hai máy hiện cùng một dãy số: lời niêm phong được mở trên máy đó
    #[command(override_usage = "sotay devices compared <MÁY>")]
    Compared {
        /// Số thứ tự trong danh sách, tên hoặc mã
        #[arg(value_name = "MÁY")]
        device: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PinDeed {
    /// Đặt mã PIN
    #[command(override_usage = "sotay pin set [--new-pin-file <TỆP>]")]
    Set {
        /// Đọc mã PIN mới từ dòng đầu của một tệp
        #[arg(long, value_name = "TỆP")]
        new_pin_file: Option<PathBuf>,
    },
    /// Đổi mã PIN
    #[command(override_usage = "sotay pin change [--new-pin-file <TỆP>]")]
    Change {
        /// Đọc mã PIN mới từ dòng đầu của một tệp
        #[arg(long, value_name = "TỆP")]
        new_pin_file: Option<PathBuf>,
    },
    /// Bỏ mã PIN
    #[command(override_usage = "sotay pin remove")]
    Remove,
}
