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
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let lang = std::env::var("SOTAY_LANG").unwrap_or_default();
    let sentence = if in_english(&typed, &lang) { english(error) } else { vietnamese(error) };
    if typed.iter().any(|argument| argument == "--json") {
        eprintln!("{}", serde_json::json!({ "error": "usage", "message": sentence }));
    } else {
        eprintln!("{sentence}");
    }
    ExitCode::from(2)
}

/// Looked for by hand: what cannot be understood as a whole may still say its language.
fn in_english(typed: &[String], variable: &str) -> bool {
    let said = typed.windows(2).any(|pair| pair == ["--lang", "en"]);
    let other =
        typed.windows(2).any(|pair| pair == ["--lang", "vi"]) || typed.iter().any(|one| one == "--lang=vi");
    said || typed.iter().any(|one| one == "--lang=en") || (variable == "en" && !other)
}

/// Clap's own words, before its hints.
fn english(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(written).unwrap_or_default();
    if error.kind() == ErrorKind::ValueValidation {
        let (value, argument) = (of(ContextKind::InvalidValue), of(ContextKind::InvalidArg));
        return format!("'{value}' does not fit {argument}. See: sotay --help, or sotay COMMAND --help.");
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let first =
        lines.next().unwrap_or_default().trim_start_matches("error: ").trim_end_matches(':').to_owned();
    let rest = lines.collect::<Vec<_>>().join(", ");
    let rest = if rest.is_empty() { rest } else { format!(": {rest}") };
    format!("{first}{rest}. See: sotay --help, or sotay COMMAND --help.")
}

/// The parsers of this program answer in Vietnamese; the one for numbers is not its own.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    if error.is::<std::num::ParseIntError>() { "cần một số nguyên".into() } else { error.to_string() }
}

fn vietnamese(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(written).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("Còn thiếu: {}", of(ContextKind::InvalidArg)),
        ErrorKind::UnknownArgument => format!("Không có tùy chọn “{}”", of(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => format!("Không có lệnh “{}”", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "Chưa nói lệnh nào".to_owned(),
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            format!("Còn thiếu giá trị của {}", of(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidValue => {
            let (value, valid) = (of(ContextKind::InvalidValue), of(ContextKind::ValidValue));
            format!("“{value}” không đúng cho {}: chọn một trong {valid}", of(ContextKind::InvalidArg))
        }
        ErrorKind::ValueValidation => {
            let cause = std::error::Error::source(error).map(cause).unwrap_or_default();
            format!("“{}” không đúng: {cause}", of(ContextKind::InvalidValue))
        }
        ErrorKind::TooManyValues => format!("Thừa “{}”", of(ContextKind::InvalidValue)),
        ErrorKind::ArgumentConflict if of(ContextKind::InvalidArg) == of(ContextKind::PriorArg) => {
            format!("{} được gõ hai lần", of(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => {
            format!("Không dùng chung được: {}, {}", of(ContextKind::InvalidArg), of(ContextKind::PriorArg))
        }
        _ => "Lệnh gõ chưa đúng".to_owned(),
    };
    let meant = match of(ContextKind::SuggestedSubcommand) {
        meant if meant.is_empty() => of(ContextKind::SuggestedArg),
        meant => meant,
    };
    let meant = if meant.is_empty() { String::new() } else { format!(" (có phải “{meant}”?)") };
    format!("{what}{meant}. Xem cách gõ: sotay --help, hoặc sotay LỆNH --help.")
}

fn written(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        _ => String::new(),
    }
}
