//! What can be typed after `feedback`, `desk` and `attention`.

use std::path::PathBuf;

use clap::Subcommand;

use super::ChangeArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum FeedbackDeed {
    /// Viết phản ánh mới
    #[command(
        override_usage = "sotay feedback new <VIỆC_GÌ> [LỜI]",
        after_help = "Ví dụ:\n  sotay feedback new \"Đường thôn hỏng\" \"Đoạn qua suối lở sau mưa.\"\n  sotay feedback new \"Đường thôn hỏng\" < loi.txt\n  sotay feedback new \"Cầu gãy\" \"Ván mục ba tấm.\" --photo cau.jpg\n  sotay feedback new \"Đất công\" \"Lời chỉ cán bộ được cấp chứng thư mới đọc được.\" --sealed\n\nKhông niêm phong: cán bộ của cấp ủy nhận và người quản trị máy chủ đọc được, và biết tên đồng chí.\nNiêm phong (--sealed): chỉ máy của cán bộ được cấp chứng thư và máy của đồng chí mở được; người quản trị máy chủ không đọc được."
    )]
    New {
        /// Việc gì, trong một dòng
        #[arg(value_name = "VIỆC_GÌ")]
        topic: String,
        /// Lời; không ghi thì đọc từ bàn phím hoặc tệp
        #[arg(value_name = "LỜI")]
        words: Option<String>,
        /// Gửi cấp ủy nào [mặc định: cấp ủy ngay trên chi bộ]
        #[arg(long, value_name = "CẤP_ỦY")]
        to: Option<String>,
        /// Kèm ảnh JPEG, PNG hoặc WebP, nhiều nhất 5 ảnh; nơi chụp và tên máy được xóa khỏi ảnh
        #[arg(long = "photo", value_name = "TỆP_ẢNH")]
        photo: Vec<PathBuf>,
        /// Niêm phong: chỉ cán bộ được cấp chứng thư của cấp ủy nhận mở được, người quản trị máy chủ thì không
        #[arg(long)]
        sealed: bool,
    },
    /// Tìm trong các phản ánh niêm phong đã mở được trên máy này
    #[command(override_usage = "sotay feedback find <CHỮ>…")]
    Find {
        /// Chữ cần tìm, có dấu hay không dấu
        #[arg(value_name = "CHỮ", required = true)]
        typed: Vec<String>,
    },
    /// Phản ánh của tôi
    #[command(override_usage = "sotay feedback list")]
    List,
    /// Đọc một phản ánh và lời đáp
    #[command(override_usage = "sotay feedback show <PHẢN_ÁNH>")]
    Show {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "PHẢN_ÁNH")]
        thread: String,
    },
    /// Viết thêm vào một phản ánh
    #[command(override_usage = "sotay feedback reply <PHẢN_ÁNH> [LỜI]")]
    Reply {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "PHẢN_ÁNH")]
        thread: String,
        /// Lời; không ghi thì đọc từ bàn phím hoặc tệp
        #[arg(value_name = "LỜI")]
        words: Option<String>,
        /// Kèm ảnh JPEG, PNG hoặc WebP, nhiều nhất 5 ảnh; nơi chụp và tên máy được xóa khỏi ảnh
        #[arg(long = "photo", value_name = "TỆP_ẢNH")]
        photo: Vec<PathBuf>,
    },
    /// Các cấp ủy có thể gửi đến
    #[command(override_usage = "sotay feedback desks")]
    Desks,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeskDeed {
    /// Phản ánh gửi đến bàn: chờ lâu nhất trước
    #[command(override_usage = "sotay desk list [TÙY CHỌN]")]
    List {
        /// Nhiều nhất bao nhiêu phản ánh [mặc định: tất cả]
        #[arg(long, value_name = "SỐ", value_parser = super::at_least_one)]
        limit: Option<u32>,
    },
    /// Phản ánh đã trả lời từ trên một năm trước: đọc từ kho lưu trữ của máy chủ, cần có mạng
    #[command(override_usage = "sotay desk older [TRANG]")]
    Older {
        /// Trang thứ mấy, từ mới đến cũ
        #[arg(value_name = "TRANG", default_value_t = 1, hide_default_value = true)]
        page: u32,
    },
    /// Báo cáo sinh hoạt của các chi bộ từ trên một năm trước: đọc từ kho lưu trữ, cần có mạng
    #[command(override_usage = "sotay desk older-reports [TRANG]")]
    OlderReports {
        /// Trang thứ mấy, từ mới đến cũ
        #[arg(value_name = "TRANG", default_value_t = 1, hide_default_value = true)]
        page: u32,
    },
    /// Đọc một phản ánh
    #[command(override_usage = "sotay desk show <PHẢN_ÁNH>")]
    Show {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "PHẢN_ÁNH")]
        case: String,
    },
    /// Báo cho đảng viên biết là đã tiếp nhận
    #[command(override_usage = "sotay desk receive <PHẢN_ÁNH>")]
    Receive {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "PHẢN_ÁNH")]
        case: String,
    },
    /// Trả lời
    #[command(override_usage = "sotay desk answer <PHẢN_ÁNH> [LỜI] [TÙY CHỌN]")]
    Answer {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "PHẢN_ÁNH")]
        case: String,
        /// Lời; không ghi thì đọc từ bàn phím hoặc tệp
        #[arg(value_name = "LỜI")]
        words: Option<String>,
        /// Kèm ảnh JPEG, PNG hoặc WebP, nhiều nhất 5 ảnh; nơi chụp và tên máy được xóa khỏi ảnh
        #[arg(long = "photo", value_name = "TỆP_ẢNH")]
        photo: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AttentionDeed {
    /// Danh sách những việc chưa xong
    #[command(override_usage = "sotay attention list")]
    List,
    /// Xem một việc: trạng thái, lần gửi cuối; khi có hai bản thì cả hai bản cạnh nhau
    #[command(override_usage = "sotay attention show <SỐ>")]
    Show {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
    },
    /// Khi có hai bản: chọn từng mục, hoặc viết lại
    #[command(
        override_usage = "sotay attention resolve <SỐ> [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay attention show 1\n  sotay attention resolve 1 --mine \"địa điểm\" --theirs \"giờ họp\"\n  sotay attention resolve 1 --both \"nội dung\" --place \"Nhà văn hóa, phòng lớn\"\n\nMục nào chỉ một bên sửa thì không cần chọn: bản đã sửa được giữ."
    )]
    Resolve {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
        /// Mục lấy bản của tôi; lặp lại cho từng mục
        #[arg(long, value_name = "MỤC")]
        mine: Vec<String>,
        /// Mục lấy bản hiện có; lặp lại cho từng mục
        #[arg(long, value_name = "MỤC")]
        theirs: Vec<String>,
        /// Mục gộp cả hai bản (nội dung họp)
        #[arg(long, value_name = "MỤC")]
        both: Vec<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Gửi lại như cũ
    #[command(override_usage = "sotay attention retry <SỐ>")]
    Retry {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
    },
    /// Đã xem, bỏ qua việc này
    #[command(override_usage = "sotay attention dismiss <SỐ>")]
    Dismiss {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
    },
    /// Khi có hai bản: lấy bản của tôi
    #[command(override_usage = "sotay attention keep-mine <SỐ>")]
    KeepMine {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
    },
    /// Sửa rồi gửi lại: cuộc họp, hoặc lời của phản ánh
    #[command(override_usage = "sotay attention mend <SỐ> [TÙY CHỌN]")]
    Mend {
        /// Số trong danh sách
        #[arg(value_name = "SỐ")]
        item: usize,
        #[command(flatten)]
        change: ChangeArgs,
        /// Lời mới của phản ánh hoặc câu trả lời
        #[arg(long, value_name = "LỜI")]
        words: Option<String>,
    },
}
