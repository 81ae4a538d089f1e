//! What can be typed after `meetings` and `mark`.

use chrono::{NaiveDate, NaiveTime};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sotay_core::words::{typed_date, typed_time};
use sotay_protocol::attendance::{AttendanceState, Mode};

#[derive(Debug, Subcommand)]
pub(crate) enum MeetingDeed {
    /// Các cuộc họp: sắp tới trước, rồi đã qua
    #[command(override_usage = "sotay meetings list")]
    List,
    /// Các cuộc họp từ trên hai năm trước: đọc từ kho lưu trữ của máy chủ, cần có mạng
    #[command(override_usage = "sotay meetings older [TRANG]")]
    Older {
        /// Trang thứ mấy, từ mới đến cũ
        #[arg(value_name = "TRANG", default_value_t = 1, hide_default_value = true)]
        page: u32,
    },
    /// Xem một cuộc họp
    #[command(override_usage = "sotay meetings show [CUỘC_HỌP]")]
    Show {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
    },
    /// Lên lịch một cuộc họp
    #[command(
        override_usage = "sotay meetings new --at <NGÀY GIỜ> --place <NƠI> [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay meetings new --at \"03/12/2025 19:30\" --place \"Nhà văn hóa thôn\" --agenda \"Kiểm điểm tháng 11\" --agenda \"Bàn vệ sinh môi trường\""
    )]
    New {
        /// Ngày và giờ: "03/12/2025 19:30"
        #[arg(long, value_name = "NGÀY GIỜ", value_parser = moment)]
        at: (NaiveDate, NaiveTime),
        /// Nơi họp
        #[arg(long, value_name = "NƠI")]
        place: String,
        /// Tên cuộc họp [mặc định: Sinh hoạt thường kỳ tháng 12/2025]
        #[arg(long, value_name = "TÊN")]
        title: Option<String>,
        /// Sinh hoạt chuyên đề (không nói thì là thường kỳ)
        #[arg(long)]
        thematic: bool,
        /// Đường dẫn họp trực tuyến
        #[arg(long, value_name = "ĐỊA_CHỈ")]
        link: Option<String>,
        /// Một nội dung; lặp lại cho từng nội dung
        #[arg(long, value_name = "NỘI_DUNG")]
        agenda: Vec<String>,
    },
    /// Sửa giờ, nơi, tên hoặc nội dung của cuộc họp
    #[command(
        override_usage = "sotay meetings edit <CUỘC_HỌP> [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay meetings edit 1 --place \"Trường tiểu học\""
    )]
    Edit {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Hủy một cuộc họp chưa mở
    #[command(override_usage = "sotay meetings cancel <CUỘC_HỌP>")]
    Cancel {
        /// Số thứ tự hoặc mã
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: String,
    },
    /// Mở điểm danh và cho xem sáu chữ số
    #[command(override_usage = "sotay meetings open [CUỘC_HỌP]")]
    Open {
        /// Số thứ tự hoặc mã [mặc định: cuộc sắp tới]
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
    },
    /// Đóng điểm danh
    #[command(override_usage = "sotay meetings close [CUỘC_HỌP]")]
    Close {
        /// Số thứ tự hoặc mã [mặc định: cuộc đang điểm danh]
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ChangeArgs {
    /// Ngày và giờ: "03/12/2025 19:30"
    #[arg(long, value_name = "NGÀY GIỜ", value_parser = moment)]
    pub at: Option<(NaiveDate, NaiveTime)>,
    /// Nơi họp
    #[arg(long, value_name = "NƠI")]
    pub place: Option<String>,
    /// Tên cuộc họp
    #[arg(long, value_name = "TÊN")]
    pub title: Option<String>,
    /// Đường dẫn họp trực tuyến
    #[arg(long, value_name = "ĐỊA_CHỈ")]
    pub link: Option<String>,
    /// Một nội dung; lặp lại cho từng nội dung, thay cho toàn bộ nội dung cũ
    #[arg(long, value_name = "NỘI_DUNG")]
    pub agenda: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckinArgs {
    /// Sáu chữ số trên máy của bí thư
    #[arg(value_name = "SÁU_CHỮ_SỐ", required_unless_present = "qr")]
    pub code: Option<String>,
    /// Cuộc họp [mặc định: cuộc đang điểm danh, không thì cuộc sắp tới]
    #[arg(value_name = "CUỘC_HỌP")]
    pub meeting: Option<String>,
    /// Mã QR trên máy của bí thư, như máy quét đọc được; mã tự nói là cuộc họp nào
    #[arg(long, value_name = "MÃ_QR", conflicts_with = "code")]
    pub qr: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MarkArgs {
    /// Tên, số thứ tự trong “sotay roll”, hoặc mã
    #[arg(value_name = "ĐẢNG_VIÊN")]
    pub member: String,
    /// present (có mặt), excused (vắng có lý do), absent (vắng không lý do)
    #[arg(value_name = "TRẠNG_THÁI", hide_possible_values = true)]
    pub state: StateArg,
    /// Cuộc họp [mặc định: cuộc đang điểm danh, không thì cuộc sắp tới]
    #[arg(long, value_name = "CUỘC_HỌP")]
    pub meeting: Option<String>,
    /// in-person (trực tiếp), online (trực tuyến), remote (bộ đàm, điện thoại)
    #[arg(long, value_name = "CÁCH_DỰ", hide_possible_values = true)]
    pub mode: Option<ModeArg>,
    /// Lý do; chỉ cấp ủy chi bộ xem được
    #[arg(long, value_name = "LÝ_DO")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StateArg {
    #[value(aliases = ["có mặt", "co-mat", "p"])]
    Present,
    #[value(aliases = ["vắng có lý do", "vang-co-ly-do", "e"])]
    Excused,
    #[value(aliases = ["vắng", "vang", "a"])]
    Absent,
}

impl From<StateArg> for AttendanceState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Present => Self::Present,
            StateArg::Excused => Self::Excused,
            StateArg::Absent => Self::Absent,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeArg {
    #[value(aliases = ["in_person", "truc-tiep"])]
    InPerson,
    #[value(aliases = ["truc-tuyen"])]
    Online,
    #[value(aliases = ["bo-dam", "dien-thoai"])]
    Remote,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::InPerson => Self::InPerson,
            ModeArg::Online => Self::Online,
            ModeArg::Remote => Self::Remote,
        }
    }
}

fn moment(text: &str) -> Result<(NaiveDate, NaiveTime), String> {
    let (day, time) = text.trim().split_once(char::is_whitespace).unwrap_or((text, ""));
    typed_date(day)
        .zip(typed_time(time.trim().trim_start_matches("lúc").trim()))
        .ok_or_else(|| "ngày giờ phải có dạng \"03/12/2025 19:30\"".to_owned())
}
