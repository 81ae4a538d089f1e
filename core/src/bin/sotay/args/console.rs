//! `console`: letting a browser in.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ConsoleDeed {
    /// Xem ai đang xin đăng nhập bằng mã QR, rồi cho vào bằng cách chọn đúng số hiện trên trình duyệt của chính mình
    #[command(
        override_usage = "sotay console approve <MÃ_QR> [--number <SỐ>]",
        after_help = "Ví dụ:\n  sotay console approve SOTAY:K1:…:              (xem trình duyệt, nơi và lúc đang xin vào)\n  \
        sotay console approve SOTAY:K1:…: --number 42  (cho vào)\n\n\
        Chỉ cho vào khi chính mình đang đăng nhập và số trên màn hình máy tính là một trong ba số. Chọn sai thì yêu cầu bị hủy."
    )]
    Approve {
        /// Nội dung mã QR trên màn hình máy tính
        #[arg(value_name = "MÃ_QR")]
        qr: String,
        /// Số có hai chữ số trên màn hình máy tính
        #[arg(long, value_name = "SỐ")]
        number: Option<u8>,
    },
    /// Đầu chuỗi kiểm toán của các tổ chức cấp dưới, như máy này đã được báo; để đối chiếu với máy chủ
    #[command(
        override_usage = "sotay console heads",
        after_help = "Đối chiếu trên máy chủ: sotay-server audit verify --org \"TÊN TỔ CHỨC\" --head SỐ:MÃ"
    )]
    Heads,
}
