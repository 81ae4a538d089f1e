//! `print`: a directive on paper, with the code that phones check.

use crate::{Said, args, config::Config, files, original};

/// Letters that are named where the fonts lack them.
const NAMED: usize = 10;

pub(crate) fn print(config: &Config, args: &args::Print) -> Said {
    let server = config.open_existing()?;
    let directive = original::find(&server, &args.which)?;
    let copy = server.copy(&directive.row, args.sheet).map_err(crate::told)?;
    files::write(&args.out, &copy.pdf, args.force, files::Readers::Everyone)?;
    let what = original::described(&directive);
    say!("Đã in {what} ra {}. Dãy số dưới mã: {}.", args.out.display(), copy.digits);
    if copy.sheet_only && !args.sheet {
        say!(
            "Văn bản có phần là ảnh nên chỉ in phiếu kèm mã: hãy ghim phiếu vào bản gốc (sotay-server original {} --out …).",
            directive.number
        );
    }
    if copy.unsigned {
        eprintln!(
            "Lưu ý: văn bản này chưa có chữ ký số, nên điện thoại soi mã chỉ báo CHƯA BIẾT: giống hay khác bản trên máy."
        );
    }
    if !copy.missing.is_empty() {
        let letters: Vec<String> = copy.missing.iter().take(NAMED).map(ToString::to_string).collect();
        eprintln!(
            "Lưu ý: phông chữ không có {} ký tự ({}), bản in để ô trống ở đó: hãy in từ tệp gốc và ghim phiếu (--sheet).",
            copy.missing.len(),
            letters.join(" ")
        );
    }
    Ok(())
}
