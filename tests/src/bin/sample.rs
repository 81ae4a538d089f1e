//! Writes the sample commune into a folder: `sample DIR [--seed N]`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sotay_tests::sample;

/// Ghi xã mẫu Thanh Sơn (tổ chức, đảng viên, chức vụ, văn bản, lịch họp) ra một thư mục, dưới dạng tệp Excel, Word và PDF.
#[derive(Debug, Parser)]
struct Options {
    /// Thư mục để ghi; sẽ được tạo nếu chưa có.
    dir: PathBuf,
    /// Cùng một số thì ra cùng một xã.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match sample::write(&options.dir, options.seed) {
        Ok(sample) => {
            println!("Đã ghi xã mẫu vào {}:", options.dir.display());
            println!("  to-chuc.xlsx    {} tổ chức đảng", sample.organisation_count);
            println!("  dang-vien.xlsx  {} đảng viên", sample.member_count);
            println!("  chuc-vu.xlsx    cấp ủy và cán bộ văn phòng");
            println!("  cuoc-hop.xlsx   {} cuộc họp", sample.meetings.len());
            println!(
                "  van-ban.xlsx    sổ {} văn bản; các tệp Word và PDF ở van-ban/",
                sample.publications.len()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Không ghi được vào {}: {error}", options.dir.display());
            ExitCode::FAILURE
        }
    }
}
