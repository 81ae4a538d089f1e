//! `original`: the file from which a directive was read, byte for byte.

use std::{fs::OpenOptions, io::Write};

use sotay_protocol::directives::Number;
use sotay_server::{
    Server,
    directives::{FoundDirective, Wanted},
};

use crate::{
    Said,
    args::{self, Which},
    config::Config,
    people, publish,
};

/// Numbers that are named where the one that was typed is none.
const NEAR: usize = 3;

pub(crate) fn original(config: &Config, args: &args::Original) -> Said {
    if args.out.exists() && !args.force {
        return Err(already_there(args));
    }
    let server = config.open_existing()?;
    let directive = &find(&server, &args.which)?;
    let readable = directive.original.as_ref();
    let readable = readable.ok_or_else(|| {
        format!("{} không kèm tệp gốc, hoặc đã được thu hồi cùng tệp gốc", described(directive))
    })?;
    let bytes = server.original(readable).map_err(crate::told)?;
    let mut options = OpenOptions::new();
    // A file that came to be there in the meantime is not written over either.
    if args.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.write(true).open(&args.out).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => already_there(args),
        _ => {
            format!("không ghi được tệp {}: hãy kiểm tra thư mục, quyền ghi và chỗ trống", args.out.display())
        }
    })?;
    say!("Đã ghi tệp gốc của {} vào {}.", described(directive), args.out.display());
    Ok(())
}

fn already_there(args: &args::Original) -> String {
    format!("đã có tệp {}: hãy chọn tên khác, hoặc thêm --force để ghi đè", args.out.display())
}

/// The one that is meant.
pub(crate) fn find(server: &Server, which: &Which) -> Result<FoundDirective, String> {
    // What has not the form of a number was typed for one all the same: it is answered with those that there are.
    let Ok(number) = which.number.parse::<Number>() else { return Err(unknown(server, &which.number)?) };
    let date = which.date.as_deref().map(people::date).transpose()?;
    let like = |issuer: Option<String>, date| {
        let wanted = Wanted { number: number.clone(), issuer, date };
        server.directives_like(&wanted).map_err(crate::told)
    };
    let mut found = like(which.issuer.clone(), date)?;
    if let Some(said) = &which.directive_type {
        found.retain(|directive| publish::is_type(directive.directive_type, said));
    }
    if found.len() > 1 {
        return Err(several(&found));
    }
    if let Some(found) = found.pop() {
        return Ok(found);
    }
    let others = like(None, None)?;
    if others.is_empty() {
        return Err(unknown(server, &which.number)?);
    }
    Err(format!("có số {number}, nhưng không đúng --issuer, --date hoặc --type đã ghi:\n{}", lines(&others)))
}

/// No directive has the number: what was looked for, which ones are nearest, and where all of them stand.
fn unknown(server: &Server, typed: &str) -> Result<String, String> {
    let near = server.directives_near(typed, NEAR).map_err(crate::told)?;
    let typed = typed.trim();
    Ok(if near.is_empty() {
        format!("không có văn bản nào mang số “{typed}”: trên máy chủ chưa có văn bản nào được ban hành")
    } else {
        format!(
            "không có văn bản nào mang số “{typed}”; gần giống nhất là:\n{}\n\
             Xem mọi văn bản đã ban hành: sotay-server directives",
            lines(&near)
        )
    })
}

pub(crate) fn described(directive: &FoundDirective) -> String {
    let FoundDirective { directive_type, number, issuer_name, date, .. } = directive;
    format!("{} {number} ngày {} của {issuer_name}", directive_type.name(), date.format("%d/%m/%Y"))
}

fn several(found: &[FoundDirective]) -> String {
    format!(
        "có {} văn bản như vậy, hãy ghi thêm --issuer, --date hoặc --type:\n{}",
        found.len(),
        lines(found)
    )
}

fn lines(found: &[FoundDirective]) -> String {
    found.iter().map(|found| format!("  {}", described(found))).collect::<Vec<_>>().join("\n")
}
