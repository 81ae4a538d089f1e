//! Writes the sample commune into a folder: `sample DIR [--seed N]`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sotay_tests::sample;

/// Ghi xã mẫu Thanh Sơn (tổ chức, đảng viên, văn bản, lịch họp) ra một thư mục.
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
            println!("  to-chuc.csv    {} tổ chức đảng", sample.organisation_count);
            println!("  dang-vien.csv  {} đảng viên", sample.member_count);
            println!("  van-ban.csv    {} văn bản, trong thư mục van-ban", sample.publications.len());
            println!("  cuoc-hop.csv   {} cuộc họp", sample.meetings.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Không ghi được vào {}: {error}", options.dir.display());
            ExitCode::FAILURE
        }
    }
}
