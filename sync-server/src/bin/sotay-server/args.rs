//! The command line, with the help that teaches it.

mod audit;
mod directives;
mod english;
mod kept;
mod lists;
mod serve;
mod trust;

use std::path::PathBuf;

use clap::{ArgAction, Args as Group, Command as Clap, CommandFactory, FromArgMatches, Parser, Subcommand};
use sotay_protocol::id::Id;

pub(crate) use self::{
    audit::AuditDeed,
    directives::{Directives, Original, Print, Publish, Readers, Which, Withdraw},
    kept::{MyData, Purge, RetentionDeed},
    lists::{Export, Import, ListFile, NewFile, Template},
    serve::{LogFormat, PushBy, Serve},
    trust::{Request, TrustDeed},
};
use crate::{config, lang::Lang};

/// More than any command has arguments of its own.
const EVERYWHERE: usize = 100;
const TEMPLATE: &str = "{about-with-newline}\nCách dùng: {usage}\n\n{all-args}{after-help}\n";
const ENGLISH_TEMPLATE: &str = "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}\n";

#[derive(Debug, Parser)]
#[command(
    name = "sotay-server",
    version,
    about = "Máy chủ đồng bộ của Sổ tay đảng viên điện tử",
    long_about = "Máy chủ đồng bộ của Sổ tay đảng viên điện tử: một chương trình và một tệp dữ liệu cho một xã.\n\n\
        Lần đầu sử dụng:\n\
        \n  sotay-server import organisations to-chuc.xlsx\
        \n  sotay-server import members dang-vien.xlsx\
        \n  sotay-server code 123456                       (in mã kích hoạt cho một đảng viên)\
        \n  sotay-server serve --listen 0.0.0.0:8471 --tls-cert xa.pem --tls-key xa.key\n\n\
        Mỗi thiết lập có thể đặt bằng tham số, bằng biến môi trường SOTAY_… hoặc trong một tệp TOML \
        (--config); tham số được ưu tiên trước, rồi đến biến môi trường, rồi đến tệp.",
    after_help = "Các lệnh khác dùng được trong khi máy chủ đang chạy trên cùng tệp dữ liệu.\n\
        Xem từng lệnh: sotay-server LỆNH --help",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// In hướng dẫn này
    #[arg(short = 'h', long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// In phiên bản
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

impl Args {
    /// What was typed; the help's headings are in one language in every command.
    pub(crate) fn typed() -> Result<Self, clap::Error> {
        let lang = Lang::typed();
        let mut command = in_one_language(Self::command(), lang);
        if lang == Lang::En {
            command = english::in_english(command, "");
        }
        command.build();
        let mut matches = usage_in(command, lang).try_get_matches()?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

fn in_one_language(command: Clap, lang: Lang) -> Clap {
    // Under a heading of their own, arguments would stand by the alphabet. What every command has stands last, and its
    // place goes down with it to the commands.
    let mut order = 0;
    command
        .help_template(lang.say(TEMPLATE, ENGLISH_TEMPLATE))
        .subcommand_help_heading(lang.say("Lệnh", "Commands"))
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let heading = if arg.is_positional() {
                lang.say("Tham số", "Arguments")
            } else {
                lang.say("Tùy chọn", "Options")
            };
            order += 1;
            let is_common = arg.is_global_set() || arg.get_id() == "version";
            let everywhere = if is_common { EVERYWHERE } else { 0 };
            arg.help_heading(heading).display_order(everywhere + order).hide_env(true)
        })
        .mut_subcommands(|below| in_one_language(below, lang))
}

/// The line of usage is clap's own, known once the command is built.
fn usage_in(mut command: Clap, lang: Lang) -> Clap {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let usage = match lang {
        Lang::Vi => usage.replace("[OPTIONS]", "[TÙY CHỌN]").replace("<COMMAND>", "<LỆNH>"),
        Lang::En => usage.to_owned(),
    };
    command.override_usage(usage).mut_subcommands(|below| usage_in(below, lang))
}

#[derive(Debug, Group)]
pub(crate) struct Settings {
    /// Tệp dữ liệu [biến SOTAY_DB; mặc định: sotay.db trong thư mục hiện tại]
    #[arg(long, global = true, value_name = "TỆP", env = "SOTAY_DB")]
    pub(crate) db: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "TỆP",
        env = "SOTAY_CONFIG",
        help = format!("Tệp thiết lập TOML với các khóa {} [biến SOTAY_CONFIG]", config::KEYS)
    )]
    pub(crate) config: Option<PathBuf>,
    /// Ngôn ngữ của hướng dẫn, của lỗi gõ lệnh và lỗi kho dữ liệu: vi hoặc en (English); phần còn lại bằng tiếng Việt
    /// [biến SOTAY_LANG; mặc định: vi]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "vi|en",
        hide_possible_values = true,
        env = "SOTAY_LANG"
    )]
    lang: Option<Lang>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Chạy máy chủ
    #[command(
        after_help = "Ví dụ:\n  sotay-server serve --db /var/lib/sotay/xa.db --listen 0.0.0.0:8471 --tls-cert xa.pem --tls-key xa.key\n  \
        SOTAY_LISTEN=127.0.0.1:0 sotay-server serve      (cổng 0: máy chọn cổng trống và in ra)\n\n\
        Dừng bằng Ctrl-C hoặc SIGTERM: các yêu cầu đang dở được làm xong rồi máy chủ mới dừng."
    )]
    Serve(Serve),
    /// Nhập danh sách tổ chức, đảng viên, chức vụ hoặc cuộc họp từ tệp Excel hoặc CSV
    #[command(subcommand, after_help = lists::every_list())]
    Import(Import),
    /// Xuất danh sách tổ chức, đảng viên hoặc chức vụ ra tệp Excel hoặc CSV
    #[command(
        subcommand,
        after_help = "Tệp xuất ra có đúng các cột mà lệnh import nhận: sửa trong Excel rồi nhập lại được.\n\
        Tệp .xlsx giữ số 0 ở đầu số thẻ và số điện thoại khi mở bằng Excel; tệp .csv thì không.\n\n\
        Ví dụ:\n  sotay-server export members dang-vien.xlsx"
    )]
    Export(Export),
    /// Ban hành một văn bản (Word, PDF hoặc Markdown)
    #[command(
        after_help = "Số, ngày, cơ quan, loại, trích yếu và độ khẩn được đọc từ thể thức văn bản, in ra để xem lại \
        và hỏi trước khi ban hành; tham số nào được ghi thì lấy theo tham số. Ghi đủ --number, --date và --abstract \
        thì không hỏi. Tệp gốc được lưu cùng văn bản để đảng viên tải về.\n\n\
        Ví dụ:\n  sotay-server publish ke-hoach.docx --dry-run          (chỉ xem, không ban hành)\n  \
        sotay-server publish ke-hoach.docx\n  \
        sotay-server publish quy-dinh.pdf --type quy-dinh --yes\n  \
        sotay-server publish ban-quet.pdf --number 17-KH/ĐU --date 03/12/2025 \\\n    \
        --abstract \"Kế hoạch sinh hoạt chi bộ quý I\" --urgency khan --to secretaries"
    )]
    Publish(Publish),
    /// Thu hồi một văn bản đã ban hành: nội dung và tệp gốc bị xóa khỏi máy chủ và mọi điện thoại
    #[command(
        after_help = "Đảng viên vẫn thấy loại, số, ngày, cơ quan ban hành, trích yếu và lý do thu hồi. \
        Việc này không làm lại được.\n\n\
        Ví dụ:\n  sotay-server withdraw 17-KH/ĐU --reason \"Ban hành nhầm bản dự thảo\"\n  \
        sotay-server withdraw 17-KH/ĐU --date 03/12/2025 --reason \"Trái thẩm quyền\""
    )]
    Withdraw(Withdraw),
    /// Xem các văn bản đã ban hành, mới nhất trước
    #[command(after_help = "Ví dụ:\n  sotay-server directives\n  sotay-server directives \"kế hoạch\"")]
    Directives(Directives),
    /// Xem các dự thảo chờ ký, và dự thảo bị trả lại kèm lý do
    #[command(
        after_help = "Sửa một dự thảo: chạy lại publish với cùng số, ký hiệu và ngày; bản mới thay bản đang chờ."
    )]
    Drafts,
    /// Lấy lại tệp gốc của một văn bản đã ban hành
    #[command(after_help = "Ví dụ:\n  sotay-server original 17-KH/ĐU --out ke-hoach.docx\n  \
        sotay-server original 17-KH/ĐU --issuer \"Đảng ủy xã Yên Sơn\" --date 03/12/2025 --out ke-hoach.docx")]
    Original(Original),
    /// In một văn bản ra PDF, kèm mã để điện thoại kiểm tra bản in có đúng không
    #[command(
        after_help = "Bản in có lời văn và mã QR ở cuối. Văn bản có trang là ảnh quét thì chỉ in phiếu kèm mã, để ghim vào bản gốc.\n\n\
        Ví dụ:\n  sotay-server print 17-KH/ĐU --out ke-hoach-17.pdf\n  \
        sotay-server print 17-KH/ĐU --out phieu-17.pdf --sheet"
    )]
    Print(Print),
    /// In mã kích hoạt mới cho một đảng viên
    #[command(after_help = "Ví dụ:\n  sotay-server code 123456\n  \
        sotay-server code \"Nguyễn Thị Lan\" --birth 03/02/1985\n  \
        sotay-server code 123456 --address https://sotay.xa.vn     (in thêm địa chỉ để đưa vào mã QR)\n\n\
        Mã dùng được 14 ngày, cùng với ngày sinh, cho một thiết bị. Khi máy chủ đã có gốc tin cậy, địa chỉ in ra mang theo \
        dấu vân tay của gốc: điện thoại chỉ tin máy chủ có đúng gốc đó.")]
    Code(Code),
    /// In mã kích hoạt mới cho mọi đảng viên của một chi bộ, dưới dạng CSV
    #[command(after_help = "Ví dụ:\n  sotay-server codes \"Chi bộ thôn Đồi Chè\" > ma-kich-hoat.csv")]
    Codes {
        /// Tên chi bộ
        #[arg(value_name = "CHI BỘ")]
        cell: String,
    },
    /// Chuyển sinh hoạt hoặc kết thúc chức vụ của một đảng viên
    #[command(subcommand)]
    Member(MemberDeed),
    /// Xem hoặc thu hồi thiết bị
    #[command(subcommand)]
    Device(DeviceDeed),
    /// Xem máy chủ giữ những gì về một đảng viên, để trả lời yêu cầu bằng văn bản
    #[command(
        name = "my-data",
        after_help = "Đảng viên tự xem và xuất được trên máy của mình. Lệnh này dành cho người vận hành trả lời yêu cầu bằng \
        văn bản.\n\n\
        Ví dụ:\n  sotay-server my-data 123456\n  sotay-server my-data 123456 --out ho-so"
    )]
    MyData(MyData),
    /// Xem hoặc đặt thời hạn lưu dữ liệu cá nhân
    #[command(
        subcommand,
        after_help = "Chưa đặt thời hạn thì không có gì bị xóa. Mỗi thời hạn có ngày áp dụng và căn cứ; những gì quá hạn được \
        xóa mỗi ngày, hoặc bằng lệnh purge.\n\n\
        Ví dụ:\n  sotay-server retention show\n  \
        sotay-server retention set feedback 1826 --basis \"Quy định 12-QĐ/ĐU\" --by \"Nguyễn Thị Mai\""
    )]
    Retention(RetentionDeed),
    /// Xóa những gì đã quá thời hạn lưu, không để lại dấu vết trong tệp dữ liệu
    #[command(
        after_help = "Máy chủ đang chạy tự làm việc này mỗi ngày. Những gì đã xóa được ghi (chỉ mã số) vào tệp .ledger, để khi phục \
        hồi một bản sao lưu cũ thì được xóa lại.\n\n\
        Ví dụ:\n  sotay-server purge --dry-run\n  sotay-server purge"
    )]
    Purge(Purge),
    /// Khóa và chữ ký: nhập gốc tin cậy, chứng thư và danh sách thu hồi do sotay-keys lập
    #[command(
        subcommand,
        after_help = "Khi một tổ chức đã có chứng thư để ban hành văn bản, lệnh publish và withdraw của tổ chức đó gửi dự thảo \
        đến chỗ chờ ký; văn bản chỉ được ban hành khi bí thư hoặc phó bí thư ký trên điện thoại.\n\n\
        Ví dụ:\n  sotay-server trust request --out may-chu.request\n  \
        sotay-server trust import goc.json to-chuc.json may-chu.json\n  \
        sotay-server trust show"
    )]
    Trust(TrustDeed),
    /// Sao lưu dữ liệu, cả khi máy chủ đang chạy
    #[command(
        after_help = "Bản sao lưu là một tệp, đúng như dữ liệu ở một thời điểm; máy chủ và các lệnh khác vẫn làm việc \
        bình thường. Tệp chỉ mang tên đã chọn khi đã đầy đủ, đã ghi xuống đĩa và đã kiểm tra.\n\n\
        Ví dụ:\n  sotay-server backup /mnt/sao-luu/xa-2025-12-03.db\n  \
        sotay-server backup /mnt/sao-luu/xa.db --force          (ghi đè bản cũ)"
    )]
    Backup(Backup),
    /// Phục hồi dữ liệu từ một bản sao lưu (phải dừng máy chủ trước)
    #[command(
        after_help = "Tệp dữ liệu đang có được giữ lại dưới tên khác, không bị xóa. Các điện thoại tự đọc lại và gửi lại \
        những gì đã gửi từ sau bản sao lưu. Thiết bị đã thu hồi vẫn bị thu hồi: sổ thu hồi nằm ở tệp .ledger cạnh tệp \
        dữ liệu; khi phục hồi trên máy khác hãy chép tệp đó sang trước.\n\n\
        Ví dụ:\n  sotay-server restore /mnt/sao-luu/xa-2025-12-03.db --db /var/lib/sotay/xa.db"
    )]
    Restore(Restore),
    /// Sổ kiểm toán: ai đã dùng quyền gì, lúc nào; kiểm tra rằng không ai sửa
    #[command(
        subcommand,
        after_help = "Mỗi việc làm theo quyền (ban hành, ký, điểm danh hộ, cấp mã, thu hồi máy, nhập danh sách, phục hồi…) là một \
        mục trong chuỗi của tổ chức, mục sau mang mã của mục trước. Đầu chuỗi được báo lên cấp trên mỗi ngày."
    )]
    Audit(AuditDeed),
    /// In liên kết đăng nhập bảng điều khiển một lần cho người giữ chức vụ (dùng trong 15 phút)
    #[command(after_help = "Ví dụ:\n  sotay-server console-link 123456 --address https://sotay.xa.vn")]
    ConsoleLink {
        #[command(flatten)]
        who: Who,
        /// Địa chỉ máy chủ mà trình duyệt dùng
        #[arg(long, value_name = "ĐỊA CHỈ")]
        address: String,
    },
    /// Báo với mọi điện thoại địa chỉ mới của máy chủ, có chữ ký của máy chủ
    #[command(
        after_help = "Chạy trước khi chuyển, trên máy chủ đang dùng, rồi để vài ngày cho các điện thoại đồng bộ. Điện thoại giữ địa chỉ \
        cũ đến khi gặp máy chủ ở địa chỉ mới. Máy nào lỡ dịp thì chủ máy gõ: sotay server ĐỊA-CHỈ-MỚI.\n\n\
        Ví dụ:\n  sotay-server move https://sotay-moi.xa.vn"
    )]
    Move(Move),
    /// In mô tả giao diện HTTP (OpenAPI)
    Openapi,
}

#[derive(Debug, Group)]
pub(crate) struct Backup {
    /// Ghi vào tệp này
    #[arg(value_name = "TỆP")]
    pub(crate) file: PathBuf,
    /// Ghi đè nếu tệp đã có
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Move {
    /// Địa chỉ mới mà điện thoại dùng, ví dụ https://sotay-moi.xa.vn
    #[arg(value_name = "ĐỊA CHỈ")]
    pub(crate) url: String,
}

#[derive(Debug, Group)]
pub(crate) struct Restore {
    /// Bản sao lưu
    #[arg(value_name = "TỆP")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Group)]
pub(crate) struct Code {
    #[command(flatten)]
    pub(crate) who: Who,
    /// Địa chỉ máy chủ mà điện thoại dùng; được in kèm dấu vân tay của gốc tin cậy
    #[arg(long, value_name = "ĐỊA CHỈ")]
    pub(crate) address: Option<String>,
}

/// One member: by card number, or by name and birth date.
#[derive(Debug, Group)]
pub(crate) struct Who {
    /// Số thẻ đảng, hoặc họ và tên (khi đó cần --birth)
    #[arg(value_name = "ĐẢNG VIÊN")]
    pub(crate) member: String,
    /// Ngày sinh, ví dụ 03/02/1985
    #[arg(long, value_name = "NGÀY")]
    pub(crate) birth: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberDeed {
    /// Chuyển sinh hoạt đảng sang chi bộ khác; chức vụ ở chi bộ cũ kết thúc
    #[command(after_help = "Ví dụ:\n  sotay-server member transfer 123456 --to \"Chi bộ thôn Khe Nước\"")]
    Transfer {
        #[command(flatten)]
        who: Who,
        /// Tên chi bộ nơi đến
        #[arg(long, value_name = "CHI BỘ")]
        to: String,
    },
    /// Xóa mọi dữ liệu riêng của một đồng chí trên máy chủ và thu hồi mọi thiết bị; không làm lại được
    #[command(after_help = "Ví dụ:\n  sotay-server member forget 123456 --yes")]
    Forget {
        #[command(flatten)]
        who: Who,
        /// Thực hiện
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Kết thúc một chức vụ từ lúc này
    #[command(
        after_help = "Ví dụ:\n  sotay-server member end-role 123456 --of \"Chi bộ thôn Đồi Chè\" --office bi-thu"
    )]
    EndRole {
        #[command(flatten)]
        who: Who,
        /// Tên tổ chức
        #[arg(long, value_name = "TỔ CHỨC")]
        of: String,
        /// Chức vụ: bi-thu, pho-bi-thu, cap-uy-vien hoặc van-phong
        #[arg(long, value_enum, value_name = "CHỨC VỤ", hide_possible_values = true)]
        office: Readers,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceDeed {
    /// Các thiết bị của một đảng viên
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Thu hồi một thiết bị bị mất, cùng các bản sao của nó
    Revoke {
        /// Mã thiết bị, như lệnh list in ra
        #[arg(value_name = "THIẾT BỊ", value_parser = device)]
        device: Id,
    },
    /// Ghi tệp chỉ đích danh một thiết bị, để người giữ khóa lập lệnh xóa bằng “sotay-keys wipe”
    Target {
        /// Mã thiết bị, như lệnh list in ra
        #[arg(value_name = "THIẾT BỊ", value_parser = device)]
        device: Id,
        /// Ghi vào tệp này
        #[arg(long, value_name = "TỆP")]
        out: PathBuf,
        /// Ghi đè nếu tệp đã có
        #[arg(long)]
        force: bool,
    },
}

fn device(text: &str) -> Result<Id, String> {
    text.parse().map_err(|_| "mã thiết bị phải như lệnh “sotay-server device list” in ra".to_owned())
}
