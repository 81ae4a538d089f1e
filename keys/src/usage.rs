//! What was typed wrong, in a sentence, instead of clap's English.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Prints help, or what is wrong with what was typed.
pub(crate) fn explain(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(2);
    }
    eprintln!("{}", sentence(error));
    ExitCode::from(2)
}

/// The parsers of this program answer in Vietnamese; the one for numbers is not its own.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    if error.is::<std::num::ParseIntError>() { "cần một số nguyên".into() } else { error.to_string() }
}

fn sentence(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(written).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("còn thiếu: {}", of(ContextKind::InvalidArg)),
        ErrorKind::UnknownArgument => format!("không có tùy chọn “{}”", of(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => format!("không có lệnh “{}”", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "chưa nói lệnh nào".to_owned(),
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            format!("còn thiếu giá trị của {}", of(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidValue => {
            let (value, valid) = (of(ContextKind::InvalidValue), of(ContextKind::ValidValue));
            format!("“{value}” không đúng cho {}: chọn một trong {valid}", of(ContextKind::InvalidArg))
        }
        ErrorKind::ValueValidation => {
            let cause = std::error::Error::source(error).map(cause).unwrap_or_default();
            format!("“{}” không đúng: {cause}", of(ContextKind::InvalidValue))
        }
        ErrorKind::TooManyValues => format!("thừa “{}”", of(ContextKind::InvalidValue)),
        ErrorKind::ArgumentConflict if of(ContextKind::InvalidArg) == of(ContextKind::PriorArg) => {
            format!("{} được gõ hai lần", of(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => {
            format!("không dùng chung được: {}, {}", of(ContextKind::InvalidArg), of(ContextKind::PriorArg))
        }
        _ => "lệnh gõ chưa đúng".to_owned(),
    };
    let meant = match of(ContextKind::SuggestedSubcommand) {
        meant if meant.is_empty() => of(ContextKind::SuggestedArg),
        meant => meant,
    };
    let meant = if meant.is_empty() { String::new() } else { format!(" (có phải “{meant}”?)") };
    format!("Lỗi: {what}{meant}. Xem cách gõ: sotay-keys --help, hoặc sotay-keys LỆNH --help.")
}

fn written(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        _ => String::new(),
    }
}
