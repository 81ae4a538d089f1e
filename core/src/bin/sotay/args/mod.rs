//! What can be typed. The help teaches: each command with an example.

mod console;
mod devices;
mod feedback;
mod files;
mod meetings;
mod trust;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{
    ArgAction, Args as ClapArgs, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use sotay_core::words::{Lang, typed_date};
use sotay_protocol::directives::DirectiveType;

pub(crate) use self::{
    console::ConsoleDeed,
    devices::{DeviceDeed, PinDeed},
    feedback::{AttentionDeed, DeskDeed, FeedbackDeed},
    files::FilesDeed,
    meetings::{ChangeArgs, CheckinArgs, MarkArgs, MeetingDeed},
    trust::{DraftDeed, KeyDeed},
};

const TEMPLATE: &str = "{about-with-newline}\nCách dùng: {usage}\n\n{all-args}{after-help}\n";
const GENERAL: &str = "Tùy chọn chung";

const EXAMPLES: &str = "\
Ví dụ, từ đầu:
  sotay enrol https://sotay.xa.vn ABCD-EFGH-JKMN --birth 03/02/1985
  sotay sync                       nhận văn bản, gửi việc đã ghi
  sotay directives                 danh sách văn bản
  sotay read 1                     đọc văn bản số 1 trong danh sách
  sotay search ve sinh moi truong  tìm, gõ không dấu cũng được
  sotay checkin 493027             điểm danh cuộc họp sắp tới bằng sáu chữ số
  sotay status                     còn gì chưa gửi, còn gì cần xem lại

Mọi lệnh đều làm được khi không có mạng; việc đã ghi sẽ gửi ở lần “sotay sync” sau.
Chỗ nào cần chỉ một mục (văn bản, cuộc họp, phản ánh…) thì gõ số thứ tự trong danh sách,
hoặc đầu hay đuôi của mã mục, hoặc vài chữ chỉ riêng mục đó có.";

/// Sổ tay đảng viên trên dòng lệnh: đọc văn bản, sinh hoạt chi bộ, điểm danh, phản ánh; có mạng thì gửi
#[derive(Debug, Parser)]
#[command(
    name = "sotay",
    version,
    override_usage = "sotay [TÙY CHỌN] <LỆNH>",
    after_help = EXAMPLES,
    subcommand_help_heading = "Lệnh",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    next_help_heading = GENERAL
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub deed: Deed,
    /// Thư mục của sổ tay [mặc định: $XDG_DATA_HOME/sotay hoặc ~/.local/share/sotay]
    #[arg(long, global = true, value_name = "THƯ_MỤC", env = "SOTAY_HOME", hide_env = true)]
    pub home: Option<PathBuf>,
    /// Tệp khóa của sổ tay, nằm ngoài thư mục sổ tay [mặc định: trong $XDG_CONFIG_HOME/sotay hoặc ~/.config/sotay]
    #[arg(long, global = true, value_name = "TỆP", env = "SOTAY_KEY_FILE", hide_env = true)]
    pub key_file: Option<PathBuf>,
    /// Chứng chỉ gốc (PEM) của mạng riêng: chỉ tin máy chủ do nó chứng nhận [biến SOTAY_SERVER_ROOT]
    #[arg(long, global = true, value_name = "TỆP", env = "SOTAY_SERVER_ROOT", hide_env = true)]
    pub server_root: Option<PathBuf>,
    /// SHA-256 khóa công khai của máy chủ, 64 chữ số: không tin khóa nào khác [biến SOTAY_SERVER_PIN]
    #[arg(long, global = true, value_name = "MÃ", env = "SOTAY_SERVER_PIN", hide_env = true)]
    pub server_pin: Option<String>,
    /// Đọc mã PIN từ dòng đầu của một tệp, dùng trong kịch bản; nếu không thì hỏi trên bàn phím
    #[arg(long, global = true, value_name = "TỆP", env = "SOTAY_PIN_FILE", hide_env = true)]
    pub pin_file: Option<PathBuf>,
    /// Ngôn ngữ: vi (mặc định) hoặc en (English)
    #[arg(
        long,
        global = true,
        value_name = "vi|en",
        env = "SOTAY_LANG",
        hide_env = true,
        default_value = "vi",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub lang: LangArg,
    /// In dạng JSON cho chương trình khác đọc; giờ tính bằng mili giây từ 1970
    #[arg(long, global = true)]
    pub json: bool,
    /// Không tô đậm, không màu
    #[arg(long, global = true)]
    pub no_color: bool,
    /// In phiên bản
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    /// In hướng dẫn này; “sotay LỆNH --help” để xem hướng dẫn của một lệnh
    #[arg(short = 'h', long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

impl Args {
    /// What was typed; headings of the help are the same in every command.
    pub(crate) fn typed() -> Result<Self, clap::Error> {
        let mut matches = in_vietnamese(Self::command()).try_get_matches()?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

fn in_vietnamese(command: Command) -> Command {
    // Under a heading of their own, arguments would stand by the alphabet.
    let mut order = 0;
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading("Lệnh")
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "Tham số" } else { "Tùy chọn" };
            order += 1;
            let arg = arg.display_order(order);
            if arg.get_help_heading().is_none() { arg.help_heading(heading) } else { arg }
        })
        .mut_subcommands(in_vietnamese)
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangArg {
    Vi,
    En,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::Vi => Self::Vi,
            LangArg::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Deed {
    /// Ghi danh máy này bằng mã kích hoạt và ngày sinh
    #[command(
        override_usage = "sotay enrol <MÁY_CHỦ> <MÃ> --birth <NGÀY_SINH>",
        after_help = "Ví dụ:\n  sotay enrol https://sotay.xa.vn ABCD-EFGH-JKMN --birth 03/02/1985\n\nMất mạng giữa chừng thì gõ “sotay enrol” một mình để làm tiếp; mã không bị mất."
    )]
    Enrol(EnrolArgs),
    /// Cập nhật: gửi việc đã ghi, nhận văn bản và tin mới
    #[command(
        override_usage = "sotay sync [--metered]",
        after_help = "Ví dụ:\n  sotay sync\n  sotay sync --metered\n\nMất mạng giữa chừng không sao: lần sau làm tiếp từ chỗ đã đến."
    )]
    Sync {
        /// Mạng tính tiền theo dung lượng: chỉ nhận tệp mà đồng chí đã mở hoặc đánh dấu
        #[arg(long)]
        metered: bool,
    },
    /// Danh sách văn bản, mới nhất trước
    #[command(
        override_usage = "sotay directives [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay directives\n  sotay directives --unread\n  sotay directives --type KH --limit 10\n\nDấu • là chưa đọc."
    )]
    Directives(DirectiveArgs),
    /// Đọc một văn bản
    #[command(
        override_usage = "sotay read <VĂN_BẢN>",
        after_help = "Ví dụ:\n  sotay read 1\n  sotay read 17-KH/ĐU"
    )]
    Read {
        /// Số thứ tự trong danh sách, hoặc số ký hiệu, hoặc mã
        #[arg(value_name = "VĂN_BẢN")]
        directive: String,
    },
    /// Tìm trong văn bản; gõ có dấu hay không dấu đều được
    #[command(
        override_usage = "sotay search <TỪ>...",
        after_help = "Ví dụ:\n  sotay search vệ sinh môi trường\n  sotay search ha noi\n  sotay search 17-KH/ĐU"
    )]
    Search {
        /// Các từ cần có; từ cuối có thể gõ dở
        #[arg(value_name = "TỪ", required = true)]
        words: Vec<String>,
        /// Nhiều nhất bao nhiêu kết quả [mặc định: 20]
        #[arg(
            long,
            value_name = "SỐ",
            default_value_t = 20,
            hide_default_value = true,
            value_parser = at_least_one
        )]
        limit: u32,
    },
    /// Soi một mã: bản in có đúng là văn bản đã ban hành không, thẻ của đảng viên (máy của bí thư), mã điểm danh
    #[command(
        override_usage = "sotay scan <MÃ_HOẶC_SỐ>",
        after_help = "Ví dụ:\n  sotay scan 17-KH/ĐU\n  sotay scan 'SOTAY:P1:…:'\n  zbarimg --raw -q ban-in.png | sotay scan -\n  sotay scan 'SOTAY:T1:…:'\n\nKhông cần mạng. Để mã trong dấu nháy đơn. Không có máy ảnh thì gõ số văn bản, rồi so dãy số in dưới mã."
    )]
    Scan {
        /// Mã QR, số văn bản, hoặc dấu - để đọc mã từ chương trình khác
        #[arg(value_name = "MÃ_HOẶC_SỐ", allow_hyphen_values = true)]
        paper: String,
    },
    /// Dự thảo chờ ký (bí thư, phó bí thư của cơ quan ban hành)
    #[command(
        override_usage = "sotay drafts [LỆNH]",
        after_help = "Ví dụ:\n  sotay drafts\n  sotay drafts open 1\n  sotay sign 1\n  sotay drafts return 1 --reason \"Sửa lại thời hạn ở mục 2\""
    )]
    Drafts {
        #[command(subcommand)]
        deed: Option<DraftDeed>,
    },
    /// Ký một dự thảo ngay trên máy này; có mạng thì ban hành ở lần cập nhật sau
    #[command(
        override_usage = "sotay sign <DỰ_THẢO>",
        after_help = "Ví dụ:\n  sotay drafts open 1\n  sotay sign 1\n\nMáy cần có chứng thư còn hiệu lực: xem “sotay keys”."
    )]
    Sign {
        /// Số thứ tự trong danh sách, số ký hiệu hoặc mã
        #[arg(value_name = "DỰ_THẢO")]
        draft: String,
    },
    /// Khóa gốc mà máy này tin, chứng thư ký của máy, và xin chứng thư
    #[command(
        override_usage = "sotay keys [LỆNH]",
        after_help = "Ví dụ:\n  sotay keys\n  sotay keys request > mai.request"
    )]
    Keys {
        #[command(subcommand)]
        deed: Option<KeyDeed>,
    },
    /// Địa chỉ máy chủ; khi máy chủ đã chuyển mà máy này lỡ dịp thì gõ kèm địa chỉ mới
    #[command(
        override_usage = "sotay server [ĐỊA_CHỈ]",
        after_help = "Chỉ chuyển khi chính máy chủ của đồng chí ký xác nhận địa chỉ mới; trước đó không có gì được gửi đến đó.\n\nVí dụ:\n  sotay server\n  sotay server https://sotay-moi.xa.vn"
    )]
    Server {
        /// Địa chỉ mới của máy chủ
        #[arg(value_name = "ĐỊA_CHỈ")]
        url: Option<String>,
    },
    /// Các máy của tôi: đặt tên, thu hồi máy mất
    #[command(
        override_usage = "sotay devices [LỆNH]",
        after_help = "Ví dụ:\n  sotay devices\n  sotay devices rename 1 \"Máy để ở nhà\"\n  sotay devices revoke 2\n  sotay devices compared 2\n\nMáy đang dùng không tự thu hồi mình: muốn bỏ sổ tay trên máy này thì dùng “sotay forget”."
    )]
    Devices {
        #[command(subcommand)]
        deed: Option<DeviceDeed>,
    },
    /// Mã PIN của sổ tay trên máy này: không bắt buộc
    #[command(
        override_usage = "sotay pin <set|change|remove>",
        after_help = "Ví dụ:\n  sotay pin set\n  sotay pin change\n  sotay pin remove\n\nNhập sai không làm mất gì; sai từ lần thứ năm phải đợi lâu dần. Quên mã PIN thì chỉ còn “sotay forget” rồi ghi danh lại."
    )]
    Pin {
        #[command(subcommand)]
        deed: PinDeed,
    },
    /// Xóa hẳn sổ tay trên máy này: khóa trước, tệp sau; không lấy lại được
    #[command(
        override_usage = "sotay forget [--yes]",
        after_help = "Việc chưa gửi cũng mất. Văn bản và lịch họp vẫn ở máy chủ: ghi danh lại bằng mã kích hoạt mới là có."
    )]
    Forget {
        /// Không hỏi lại
        #[arg(long)]
        yes: bool,
    },
    /// Cất sổ tay đã mất khóa sang một bên để bắt đầu lại; không xóa gì
    #[command(
        override_usage = "sotay set-aside",
        after_help = "Sổ tay cũ nằm lại trong thư mục con aside-… của thư mục sổ tay: tìm lại được khóa thì vẫn mở được."
    )]
    SetAside,
    /// Sinh hoạt chi bộ: danh sách, lên lịch, mở và đóng điểm danh
    #[command(
        override_usage = "sotay meetings [LỆNH]",
        after_help = "Ví dụ:\n  sotay meetings list\n  sotay meetings new --at \"03/12/2025 19:30\" --place \"Nhà văn hóa thôn\"\n  sotay meetings open 1\n  sotay meetings close 1"
    )]
    Meetings {
        #[command(subcommand)]
        deed: Option<MeetingDeed>,
    },
    /// Điểm danh: tôi có mặt, với sáu chữ số hoặc mã QR mà bí thư cho xem
    #[command(
        override_usage = "sotay checkin <SÁU_CHỮ_SỐ> [CUỘC_HỌP]\n           sotay checkin --qr <MÃ_QR>",
        after_help = "Ví dụ:\n  sotay checkin 493027\n  sotay checkin 493027 2\n  sotay checkin --qr 'SOTAY:C1:…:'\n\nMã QR được kiểm tra ngay trên máy, không cần mạng."
    )]
    Checkin(CheckinArgs),
    /// Thẻ của tôi: mã QR để bí thư quét, không cần mạng ở cả hai máy
    #[command(override_usage = "sotay pass [CUỘC_HỌP]", after_help = "Ví dụ:\n  sotay pass\n  sotay pass 2")]
    Pass {
        /// Cuộc họp [mặc định: cuộc đang điểm danh, không thì cuộc sắp tới]
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
    },
    /// Mã QR và sáu chữ số đang hiện (máy của bí thư, phó bí thư)
    #[command(
        override_usage = "sotay code [CUỘC_HỌP] [--watch]",
        after_help = "Ví dụ:\n  sotay code\n  sotay code 1 --watch"
    )]
    Code {
        /// Cuộc họp [mặc định: cuộc đang điểm danh]
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
        /// In tiếp mỗi khi đổi mã, đến khi bấm Ctrl-C
        #[arg(long)]
        watch: bool,
    },
    /// Danh sách điểm danh của một cuộc họp
    #[command(
        override_usage = "sotay roll [CUỘC_HỌP] [--trail]",
        after_help = "Ví dụ:\n  sotay roll\n  sotay roll 2\n  sotay roll --trail"
    )]
    Roll {
        /// Cuộc họp [mặc định: cuộc đang điểm danh, không thì cuộc sắp tới]
        #[arg(value_name = "CUỘC_HỌP")]
        meeting: Option<String>,
        /// Cả các lần đã ghi bằng tay: ai ghi, lúc nào, lý do (cấp ủy chi bộ)
        #[arg(long)]
        trail: bool,
    },
    /// Điểm danh giúp một đảng viên (bí thư, phó bí thư, chi ủy viên)
    #[command(
        override_usage = "sotay mark <ĐẢNG_VIÊN> <present|excused|absent> [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay mark Tư present\n  sotay mark \"Nguyễn Văn Sáu\" excused --reason \"Đi viện\"\n  sotay mark 3 present --mode remote --meeting 2"
    )]
    Mark(MarkArgs),
    /// Phản ánh, kiến nghị của tôi với cấp ủy
    #[command(
        override_usage = "sotay feedback [LỆNH]",
        after_help = "Ví dụ:\n  sotay feedback new \"Đường thôn hỏng\" \"Đoạn qua suối lở sau mưa, xe không qua được.\"\n  sotay feedback list\n  sotay feedback show 1"
    )]
    Feedback {
        #[command(subcommand)]
        deed: Option<FeedbackDeed>,
    },
    /// Bàn việc của cấp ủy: đọc và trả lời phản ánh
    #[command(
        override_usage = "sotay desk [LỆNH]",
        after_help = "Ví dụ:\n  sotay desk list\n  sotay desk show 1\n  sotay desk answer 1 \"Đảng ủy đã giao địa chính kiểm tra trong tuần này.\""
    )]
    Desk {
        #[command(subcommand)]
        deed: Option<DeskDeed>,
    },
    /// Báo cáo sinh hoạt: cuộc họp nào, bao nhiêu người dự (chỉ số lượng, không có tên)
    #[command(
        override_usage = "sotay report [TÙY CHỌN]",
        after_help = "Ví dụ:\n  sotay report\n  sotay report --month 12/2025\n  sotay report --cell \"Đồi Chè\""
    )]
    Report {
        /// Chỉ một tháng: 12/2025
        #[arg(long, value_name = "THÁNG", value_parser = month)]
        month: Option<NaiveDate>,
        /// Chỉ những chi bộ có các chữ này trong tên; gõ không dấu cũng được
        #[arg(long, value_name = "CHI_BỘ")]
        cell: Option<String>,
    },
    /// Giữ kết nối: tự cập nhật khi có tin mới, in ra những gì mới đến
    #[command(
        override_usage = "sotay watch",
        after_help = "Ví dụ:\n  sotay watch\n\nBấm Ctrl-C để dừng; những gì đã nhận vẫn giữ."
    )]
    Watch,
    /// Tệp: bản gốc của văn bản, ảnh của phản ánh
    #[command(
        override_usage = "sotay files [LỆNH]",
        after_help = "Ví dụ:\n  sotay files\n  sotay files open 1 --out ke-hoach-17.pdf\n  sotay files get 2\n  sotay files room --mb 500\n\nTệp được gọi bằng số hoặc mã trong danh sách của “sotay files”; số đổi khi có tệp mới, mã thì không. Dấu * là tệp được đánh dấu để luôn có trên máy."
    )]
    Files {
        #[command(subcommand)]
        deed: Option<FilesDeed>,
    },
    /// Bảng điều khiển: cho trình duyệt của mình vào
    #[command(override_usage = "sotay console <LỆNH>")]
    Console {
        #[command(subcommand)]
        deed: ConsoleDeed,
    },
    /// Tình hình: chờ gửi, đang chờ mục khác, cần xem lại, cập nhật lần cuối
    #[command(override_usage = "sotay status")]
    Status,
    /// Những việc chưa gửi xong, và việc cần xem lại
    #[command(
        override_usage = "sotay attention [LỆNH]",
        after_help = "Ví dụ:\n  sotay attention\n  sotay attention show 1\n  sotay attention retry 1\n  sotay attention dismiss 2\n  sotay attention mend 1 --place \"Trường tiểu học\"\n\nSố ở đây là số trong danh sách của “sotay attention”."
    )]
    Attention {
        #[command(subcommand)]
        deed: Option<AttentionDeed>,
    },
    /// Hồ sơ của tôi: tất cả những gì được giữ về tôi
    #[command(override_usage = "sotay me")]
    Me,
    /// Dữ liệu của tôi: những gì được giữ về tôi, để làm gì, bao lâu, ai xem được
    #[command(
        name = "my-data",
        override_usage = "sotay my-data [export <THƯ_MỤC>]",
        after_help = "Ví dụ:\n  sotay my-data\n  sotay my-data export ho-so-cua-toi\n\nCó mạng thì gồm cả những gì máy chủ giữ; không có mạng thì chỉ những gì có trên máy này."
    )]
    MyData {
        #[command(subcommand)]
        deed: Option<MyDataDeed>,
    },
    /// Đảng viên trong chi bộ của tôi
    #[command(override_usage = "sotay cell")]
    Cell,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MyDataDeed {
    /// Ghi tất cả vào một thư mục: trang để đọc, JSON và các tệp
    #[command(
        override_usage = "sotay my-data export <THƯ_MỤC>",
        after_help = "Ví dụ:\n  sotay my-data export ho-so-cua-toi"
    )]
    Export {
        /// Thư mục, sẽ được tạo nếu chưa có
        #[arg(value_name = "THƯ_MỤC")]
        folder: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EnrolArgs {
    /// Địa chỉ máy chủ, trên giấy mời cùng với mã
    #[arg(value_name = "MÁY_CHỦ")]
    pub server: Option<String>,
    /// Mã kích hoạt, 12 chữ: ABCD-EFGH-JKMN
    #[arg(value_name = "MÃ")]
    pub code: Option<String>,
    /// Ngày sinh: 03/02/1985
    #[arg(long, value_name = "NGÀY_SINH", value_parser = date)]
    pub birth: Option<NaiveDate>,
    /// Dấu vân tay khóa gốc, trên giấy mời cùng với mã: 64 chữ số và chữ a–f
    #[arg(long, value_name = "DẤU_VÂN_TAY")]
    pub root: Option<String>,
    /// Tên gọi của máy này [mặc định: Dòng lệnh]
    #[arg(long, value_name = "TÊN")]
    pub device_name: Option<String>,
    /// Ghi danh lại khi máy chủ không còn biết máy này; mọi thứ vẫn giữ
    #[arg(long)]
    pub again: bool,
    /// Cho phép http:// đến máy khác, chỉ để thử trong mạng riêng
    #[arg(long)]
    pub plain_http: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DirectiveArgs {
    /// Chỉ văn bản chưa đọc
    #[arg(long)]
    pub unread: bool,
    /// Chỉ một loại, theo tên hoặc chữ tắt: KH, "Nghị quyết"
    #[arg(long = "type", value_name = "LOẠI", value_parser = directive_type)]
    pub directive_type: Option<DirectiveType>,
    /// Những văn bản bị tách riêng vì chữ ký không tin được
    #[arg(long)]
    pub quarantine: bool,
    /// Nhiều nhất bao nhiêu văn bản [mặc định: tất cả]
    #[arg(long, value_name = "SỐ", value_parser = at_least_one)]
    pub limit: Option<u32>,
}

fn date(text: &str) -> Result<NaiveDate, String> {
    typed_date(text).ok_or_else(|| "ngày phải có dạng 03/02/1985".to_owned())
}

fn at_least_one(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "phải là một số, từ 1 trở lên".to_owned())
}

/// The first day of the month.
fn month(text: &str) -> Result<NaiveDate, String> {
    typed_date(&format!("1/{}", text.trim())).ok_or_else(|| "tháng phải có dạng 12/2025".to_owned())
}

fn directive_type(text: &str) -> Result<DirectiveType, String> {
    use sotay_core::search::fold::fold;
    let typed = fold(text);
    let known =
        DirectiveType::ALL.into_iter().find(|(_, name, code)| fold(name) == typed || fold(code) == typed);
    known.map(|(of, ..)| of).ok_or_else(|| {
        let codes: Vec<String> =
            DirectiveType::ALL.iter().map(|(_, name, code)| format!("{name} ({code})")).collect();
        format!("loại văn bản là một trong: {}", codes.join(", "))
    })
}
