//! `import` and `export`: lists of organisations, members, offices and meetings.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};
use sotay_server::lists::{List, MEETINGS, MEMBERS, ORGANISATIONS, ROLES};

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Nhập danh sách tổ chức đảng
    #[command(after_help = columns(&ORGANISATIONS, "sotay-server import organisations to-chuc.xlsx"))]
    Organisations(ListFile),
    /// Nhập danh sách đảng viên
    #[command(after_help = columns(&MEMBERS, "sotay-server import members dang-vien.xlsx --dry-run"))]
    Members(ListFile),
    /// Nhập danh sách chức vụ; không kết thúc chức vụ nào, trừ khi có bí thư mới
    #[command(after_help = columns(&ROLES, "sotay-server import roles chuc-vu.xlsx --dry-run"))]
    Roles(ListFile),
    /// Nhập lịch họp dự kiến của các chi bộ
    #[command(after_help = columns(&MEETINGS, "sotay-server import meetings lich-hop.xlsx"))]
    Meetings(ListFile),
    /// Tạo tệp Excel mẫu để điền, có ví dụ và hướng dẫn từng cột
    #[command(subcommand, after_help = "Ví dụ:\n  sotay-server import template members dang-vien.xlsx")]
    Template(Template),
}

#[derive(Debug, Group)]
pub(crate) struct ListFile {
    /// Tệp Excel (.xlsx, .xls) hoặc CSV
    #[arg(value_name = "TỆP")]
    pub(crate) file: PathBuf,
    /// Chỉ xem những gì sẽ được thêm, thay đổi, giữ nguyên; không ghi gì
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Template {
    /// Mẫu danh sách tổ chức đảng
    Organisations(NewFile),
    /// Mẫu danh sách đảng viên
    Members(NewFile),
    /// Mẫu danh sách chức vụ
    Roles(NewFile),
    /// Mẫu lịch họp chi bộ
    Meetings(NewFile),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Xuất danh sách tổ chức đảng
    #[command(after_help = "Ví dụ:\n  sotay-server export organisations to-chuc.xlsx")]
    Organisations(NewFile),
    /// Xuất danh sách đảng viên, kể cả số thẻ, ngày sinh và số điện thoại
    #[command(after_help = "Ví dụ:\n  sotay-server export members dang-vien.xlsx")]
    Members(NewFile),
    /// Xuất danh sách chức vụ của đảng viên
    #[command(after_help = "Ví dụ:\n  sotay-server export roles chuc-vu.xlsx")]
    Roles(NewFile),
}

#[derive(Debug, Group)]
pub(crate) struct NewFile {
    /// Tệp sẽ được tạo
    #[arg(value_name = "TỆP.xlsx")]
    pub(crate) file: PathBuf,
    /// Ghi đè nếu tệp đã có
    #[arg(long)]
    pub(crate) force: bool,
}

/// Under `import --help`.
pub(super) fn every_list() -> String {
    let lists = [
        ("organisations", &ORGANISATIONS),
        ("members", &MEMBERS),
        ("roles", &ROLES),
        ("meetings", &MEETINGS),
    ];
    let lists = lists.map(|(kind, list)| format!("  {kind}: {}", names(list)));
    format!(
        "Nhận tệp Excel (.xlsx, .xls) và CSV (UTF-8). Cả tệp được kiểm tra trước; nếu có dòng sai, mọi dòng sai được \
        báo và không có gì được nhập. Nhập lại lần nữa thì cập nhật, không tạo trùng.\n\n\
        Cột của từng danh sách:\n{}\n\n\
        Ví dụ:\n  sotay-server import template members dang-vien.xlsx   (tạo tệp mẫu để điền)\n  \
        sotay-server import members dang-vien.xlsx --dry-run  (xem trước, chưa ghi gì)\n  \
        sotay-server import members dang-vien.xlsx",
        lists.join("\n")
    )
}

fn columns(list: &List, example: &str) -> String {
    format!("Cột: {}\n\nVí dụ:\n  {example}", names(list))
}

fn names(list: &List) -> String {
    list.columns().collect::<Vec<_>>().join("; ")
}
