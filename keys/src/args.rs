//! The command line, with the help that teaches it.

use std::{collections::BTreeSet, path::PathBuf};

use clap::{
    ArgAction, ArgGroup, Args as Group, Command as Clap, CommandFactory, FromArgMatches, Parser, Subcommand,
    ValueEnum,
};
use sotay_protocol::{id::Id, trust::Duty};

use crate::days::Moment;

/// More than any command has arguments of its own.
const EVERYWHERE: usize = 100;
const TEMPLATE: &str = "{about-with-newline}\nCách dùng: {usage}\n\n{all-args}{after-help}\n";

#[derive(Debug, Parser)]
#[command(
    name = "sotay-keys",
    version,
    about = "Khóa và chứng thư của Sổ tay đảng viên điện tử",
    long_about = "Khóa và chứng thư của Sổ tay đảng viên điện tử. Chương trình không nối mạng: hãy chạy trên một máy \
        không cắm mạng, chuyển tệp bằng USB.\n\n\
        Lần đầu sử dụng:\n\
        \n  sotay-keys root new tinh.key --name \"Đảng bộ tỉnh Phú Thọ\"\
        \n  sotay-keys organisation new yenson.key --of may-chu.request\
        \n  sotay-keys organisation certify yenson.request --by tinh.key --until 31/12/2035\
        \n  sotay-keys server certify may-chu.request --by yenson.key\
        \n  sotay-keys officer certify mai.request --by yenson.key --duties publish,desk --until 31/12/2030\n\n\
        Tệp .key là bí mật: để trong két, có bản sao ở nơi khác. Các tệp khác ai đọc cũng được.",
    after_help = "Xem từng lệnh: sotay-keys LỆNH --help",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Args {
    /// Đọc mật khẩu từ dòng đầu của một tệp, dùng trong kịch bản; nếu không thì hỏi trên bàn phím
    #[arg(long, global = true, value_name = "TỆP")]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// In hướng dẫn này
    #[arg(short = 'h', long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// In phiên bản
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Khóa gốc: điện thoại tin khóa này từ lúc kích hoạt
    #[command(subcommand)]
    Root(Root),
    /// Khóa của một tổ chức: chứng thực cán bộ và máy chủ của tổ chức đó
    #[command(subcommand)]
    Organisation(Organisation),
    /// Chứng thư cho máy của cán bộ
    #[command(subcommand)]
    Officer(Officer),
    /// Chứng thư cho máy chủ
    #[command(subcommand)]
    Server(Server),
    /// Thu hồi chứng thư: viết danh sách thu hồi mới, số tăng thêm một
    #[command(
        after_help = "Văn bản mà máy chủ nhận trước --since vẫn là thật, kèm ghi chú; từ --since trở đi không được tin.\n\n\
        Ví dụ:\n  sotay-keys revoke mai.cert --by yenson.key --since \"03/12/2025 10:00\" --reason \"Mất điện thoại\""
    )]
    Revoke(Revoke),
    /// Lệnh xóa một thiết bị bị mất: máy ấy xóa hết khi gặp máy chủ lần tới
    #[command(
        after_help = "Tệp thiết bị do “sotay-server device target” ghi; với máy của cán bộ có thể dùng chứng thư (.cert). Cạnh tệp \
        khóa phải có chứng thư của tổ chức.\n\n\
        Ví dụ:\n  sotay-keys wipe may-lan.device --by yenson.key --reason \"Mất điện thoại\""
    )]
    Wipe(WipeDevice),
    /// Gốc giới thiệu một gốc khác: gốc thay thế mình, hoặc gốc ở cấp trên
    #[command(
        after_help = "Ví dụ:\n  sotay-keys succeed moi.root --by cu.key --replaced-from 01/01/2027\n  \
        sotay-keys succeed tinh.root --by xa.key --above"
    )]
    Succeed(Succeed),
    /// Nói một tệp là gì và còn giá trị không
    #[command(after_help = "Ví dụ:\n  sotay-keys show mai.cert\n  sotay-keys show mai.cert --root tinh.root")]
    Show(Show),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Root {
    /// Tạo khóa gốc: tệp khóa và phần công khai (.root)
    #[command(after_help = "Ví dụ:\n  sotay-keys root new tinh.key --name \"Đảng bộ tỉnh Phú Thọ\"")]
    New(NewRoot),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Organisation {
    /// Tạo khóa của tổ chức và yêu cầu cấp chứng thư (.request)
    #[command(
        after_help = "Mã và tên tổ chức lấy từ một yêu cầu của máy chủ hoặc của cán bộ (--of), hoặc gõ bằng --id và \
        --name.\n\nVí dụ:\n  sotay-keys organisation new yenson.key --of may-chu.request"
    )]
    New(NewOrganisation),
    /// Gốc cấp chứng thư cho tổ chức
    #[command(
        after_help = "Ví dụ:\n  sotay-keys organisation certify yenson.request --by tinh.key --until 31/12/2035"
    )]
    Certify(CertifyOrganisation),
    /// Khóa của tổ chức cấp lại chứng thư cho mọi cán bộ và máy chủ của mình, sau khi gốc đã gia hạn cho tổ chức
    #[command(
        after_help = "Cạnh tệp khóa phải có chứng thư mới của tổ chức và các chứng thư đã cấp (.cert). Chứng thư đã thu hồi, hoặc đã hết \
        hạn quá 180 ngày, không được gia hạn.\n\n\
        Ví dụ:\n  sotay-keys organisation renew yenson.key\n  \
        sotay-keys organisation renew yenson.key --until 31/12/2035 --without hoa.cert"
    )]
    Renew(RenewOrganisation),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Officer {
    /// Tổ chức cấp chứng thư cho máy của một cán bộ
    #[command(after_help = "Cạnh tệp khóa phải có chứng thư của tổ chức (.cert).\n\nVí dụ:\n  \
        sotay-keys officer certify mai.request --by yenson.key --duties publish,desk --until 31/12/2030")]
    Certify(CertifyOfficer),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    /// Tổ chức cấp chứng thư cho máy chủ
    #[command(after_help = "Ví dụ:\n  sotay-keys server certify may-chu.request --by yenson.key")]
    Certify(CertifyServer),
}

#[derive(Debug, Group)]
pub(crate) struct NewRoot {
    /// Tệp khóa sẽ tạo, như tinh.key
    #[arg(value_name = "TỆP KHÓA")]
    pub(crate) file: PathBuf,
    /// Tên người đọc sẽ thấy, như "Đảng bộ tỉnh Phú Thọ"
    #[arg(long, value_name = "TÊN")]
    pub(crate) name: String,
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("which").args(["of", "id"]).required(true))]
pub(crate) struct NewOrganisation {
    /// Tệp khóa sẽ tạo, như yenson.key
    #[arg(value_name = "TỆP KHÓA")]
    pub(crate) file: PathBuf,
    /// Yêu cầu đã có mã và tên của tổ chức
    #[arg(long, value_name = "YÊU CẦU")]
    pub(crate) of: Option<PathBuf>,
    /// Mã của tổ chức
    #[arg(long, value_name = "MÃ", requires = "name")]
    pub(crate) id: Option<Id>,
    /// Tên của tổ chức, như "Đảng ủy xã Yên Sơn"
    #[arg(long, value_name = "TÊN")]
    pub(crate) name: Option<String>,
}

/// What every certifying command asks for.
#[derive(Debug, Group)]
pub(crate) struct Certify {
    /// Tệp yêu cầu (.request)
    #[arg(value_name = "YÊU CẦU")]
    pub(crate) request: PathBuf,
    /// Tệp khóa của bên cấp
    #[arg(long, value_name = "TỆP KHÓA")]
    pub(crate) by: PathBuf,
    /// Có giá trị từ ngày (hoặc ngày giờ) nào [mặc định: bây giờ]
    #[arg(long, value_name = "NGÀY")]
    pub(crate) from: Option<Moment>,
    /// Dãy số đối chiếu đã đọc cho nhau nghe; không ghi thì được hỏi
    #[arg(long, value_name = "DÃY SỐ")]
    pub(crate) confirm: Option<String>,
    /// Tệp chứng thư sẽ viết [mặc định: cạnh yêu cầu, đuôi .cert]
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct CertifyOrganisation {
    #[command(flatten)]
    pub(crate) common: Certify,
    /// Được làm những việc nào, cách nhau bằng dấu phẩy: publish (ký văn bản), desk (mở thư kín gửi cấp ủy), secretary (mở
    /// điểm danh), revoke (thu hồi thiết bị), server (xác nhận thời điểm ban hành) [mặc định: tất cả]
    #[arg(long, value_name = "VIỆC", value_delimiter = ',', default_values = ["publish", "desk", "secretary", "revoke", "server"], hide_default_value = true, hide_possible_values = true)]
    pub(crate) duties: Vec<DutyWord>,
    /// Hết giá trị sau ngày nào
    #[arg(long, value_name = "NGÀY")]
    pub(crate) until: Moment,
}

#[derive(Debug, Group)]
pub(crate) struct RenewOrganisation {
    /// Tệp khóa của tổ chức
    #[arg(value_name = "TỆP KHÓA")]
    pub(crate) key: PathBuf,
    /// Hết giá trị sau ngày nào [mặc định: cùng lúc với chứng thư của tổ chức]
    #[arg(long, value_name = "NGÀY")]
    pub(crate) until: Option<Moment>,
    /// Không gia hạn cho người có chứng thư này
    #[arg(long, value_name = "CHỨNG THƯ")]
    pub(crate) without: Vec<PathBuf>,
    /// Đồng ý với danh sách in ra, không hỏi lại
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Group)]
pub(crate) struct CertifyOfficer {
    #[command(flatten)]
    pub(crate) common: Certify,
    /// Được làm những việc nào, cách nhau bằng dấu phẩy: publish (ký văn bản), desk (mở thư kín gửi cấp ủy), secretary (mở
    /// điểm danh), revoke (thu hồi thiết bị)
    #[arg(long, value_name = "VIỆC", value_delimiter = ',', required = true, hide_possible_values = true)]
    pub(crate) duties: Vec<DutyWord>,
    /// Hết giá trị sau ngày nào, không muộn hơn chứng thư của tổ chức
    #[arg(long, value_name = "NGÀY")]
    pub(crate) until: Moment,
}

#[derive(Debug, Group)]
pub(crate) struct CertifyServer {
    #[command(flatten)]
    pub(crate) common: Certify,
    /// Hết giá trị sau ngày nào [mặc định: cùng lúc với chứng thư của tổ chức]
    #[arg(long, value_name = "NGÀY")]
    pub(crate) until: Option<Moment>,
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("before").args(["list", "first"]))]
pub(crate) struct Revoke {
    /// Các chứng thư bị thu hồi
    #[arg(value_name = "CHỨNG THƯ", required = true)]
    pub(crate) certificates: Vec<PathBuf>,
    /// Tệp khóa đã cấp các chứng thư đó
    #[arg(long, value_name = "TỆP KHÓA")]
    pub(crate) by: PathBuf,
    /// Không tin từ ngày giờ nào: khi mất máy, hoặc khi thôi giữ chức vụ
    #[arg(long, value_name = "NGÀY GIỜ")]
    pub(crate) since: Moment,
    /// Vì sao, cho người đọc
    #[arg(long, value_name = "LÝ DO")]
    pub(crate) reason: String,
    /// Danh sách thu hồi mới nhất, nếu không nằm cạnh tệp khóa
    #[arg(long, value_name = "TỆP")]
    pub(crate) list: Option<PathBuf>,
    /// Khóa này chưa từng thu hồi chứng thư nào
    #[arg(long)]
    pub(crate) first: bool,
    /// Tệp danh sách sẽ viết [mặc định: cạnh tệp khóa, đuôi .revocations-SỐ]
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct WipeDevice {
    /// Tệp chỉ đích danh thiết bị
    #[arg(value_name = "THIẾT BỊ")]
    pub(crate) device: PathBuf,
    /// Tệp khóa của tổ chức ra lệnh
    #[arg(long, value_name = "TỆP KHÓA")]
    pub(crate) by: PathBuf,
    /// Vì sao; máy sẽ nói lại lý do này
    #[arg(long, value_name = "LÝ DO")]
    pub(crate) reason: String,
    /// Dãy số đối chiếu đã đọc cho nhau nghe; không ghi thì được hỏi
    #[arg(long, value_name = "DÃY SỐ")]
    pub(crate) confirm: Option<String>,
    /// Tệp lệnh sẽ viết [mặc định: cạnh tệp thiết bị, đuôi .wipe]
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("how").args(["replaced_from", "above"]).required(true))]
pub(crate) struct Succeed {
    /// Gốc kia (.root)
    #[arg(value_name = "GỐC")]
    pub(crate) other: PathBuf,
    /// Tệp khóa của gốc đang được tin
    #[arg(long, value_name = "TỆP KHÓA")]
    pub(crate) by: PathBuf,
    /// Gốc kia thay thế gốc này: từ ngày giờ đó không gì mới dưới gốc này được tin
    #[arg(long, value_name = "NGÀY GIỜ")]
    pub(crate) replaced_from: Option<Moment>,
    /// Gốc kia ở cấp trên: cả hai cùng có giá trị
    #[arg(long)]
    pub(crate) above: bool,
    /// Dãy số đối chiếu của gốc kia đã đọc cho nhau nghe; không ghi thì được hỏi
    #[arg(long, value_name = "DÃY SỐ")]
    pub(crate) confirm: Option<String>,
    /// Tệp sẽ viết [mặc định: cạnh tệp khóa, đuôi .succession]
    #[arg(long, value_name = "TỆP")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Show {
    /// Các tệp cần xem
    #[arg(value_name = "TỆP", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Gốc được tin [mặc định: tệp .root duy nhất cùng thư mục]
    #[arg(long, value_name = "GỐC")]
    pub(crate) root: Option<PathBuf>,
    /// Thử mở tệp khóa bằng mật khẩu
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DutyWord {
    /// Ký văn bản
    Publish,
    /// Mở thư kín gửi cấp ủy
    Desk,
    /// Mở điểm danh cuộc họp
    Secretary,
    /// Thu hồi thiết bị
    Revoke,
    /// Xác nhận thời điểm ban hành (máy chủ)
    Server,
}

impl From<DutyWord> for Duty {
    fn from(word: DutyWord) -> Self {
        match word {
            DutyWord::Publish => Self::Publish,
            DutyWord::Desk => Self::Desk,
            DutyWord::Secretary => Self::Secretary,
            DutyWord::Revoke => Self::Revoke,
            DutyWord::Server => Self::Server,
        }
    }
}

pub(crate) fn duties(words: &[DutyWord]) -> BTreeSet<Duty> {
    words.iter().map(|word| (*word).into()).collect()
}

impl Args {
    /// What was typed; the help's headings are Vietnamese in every command.
    pub(crate) fn typed() -> Result<Self, clap::Error> {
        let mut command = in_vietnamese(Self::command());
        command.build();
        let mut matches = usage_in_vietnamese(command).try_get_matches()?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

fn in_vietnamese(command: Clap) -> Clap {
    let mut order = 0;
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading("Lệnh")
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "Tham số" } else { "Tùy chọn" };
            order += 1;
            let everywhere = if arg.is_global_set() { EVERYWHERE } else { 0 };
            arg.help_heading(heading).display_order(everywhere + order)
        })
        .mut_subcommands(in_vietnamese)
}

/// The line of usage is clap's own, known once the command is built.
fn usage_in_vietnamese(mut command: Clap) -> Clap {
    let usage = command.render_usage().to_string();
    let usage =
        usage.trim_start_matches("Usage: ").replace("[OPTIONS]", "[TÙY CHỌN]").replace("<COMMAND>", "<LỆNH>");
    command.override_usage(usage).mut_subcommands(usage_in_vietnamese)
}
