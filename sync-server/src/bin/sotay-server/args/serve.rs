//! `serve`: how the server runs.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum, builder::FalseyValueParser};

#[derive(Debug, Group)]
pub(crate) struct Serve {
    /// Địa chỉ và cổng [biến SOTAY_LISTEN; mặc định: 127.0.0.1:8471]
    #[arg(long, value_name = "ĐỊA CHỈ:CỔNG", env = "SOTAY_LISTEN")]
    pub(crate) listen: Option<String>,
    /// Dạng nhật ký: text hoặc json [biến SOTAY_LOG_FORMAT; mặc định: text]
    #[arg(long, value_enum, value_name = "DẠNG", hide_possible_values = true, env = "SOTAY_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Phiên bản ứng dụng cũ nhất còn được coi là mới; ứng dụng cũ hơn vẫn đọc và giữ việc đã ghi, và nhắc cập nhật
    /// [biến SOTAY_MIN_APP; mặc định: 1]
    #[arg(long, value_name = "SỐ", env = "SOTAY_MIN_APP")]
    pub(crate) min_app: Option<u32>,
    /// Mức nhật ký: error, warn, info, debug [biến SOTAY_LOG; mặc định: info]
    #[arg(long, value_name = "MỨC", env = "SOTAY_LOG")]
    pub(crate) log: Option<String>,
    /// Đánh thức điện thoại không giữ kết nối, không gửi nội dung: unifiedpush hoặc none [biến SOTAY_PUSH; mặc định: none]
    #[arg(long, value_enum, value_name = "CÁCH", hide_possible_values = true, env = "SOTAY_PUSH")]
    pub(crate) push: Option<PushBy>,
    /// Cho phép địa chỉ đánh thức nằm trong mạng nội bộ (khi xã tự chạy máy phân phối UnifiedPush)
    /// [biến SOTAY_PUSH_INSIDE; mặc định: không]
    #[arg(long, env = "SOTAY_PUSH_INSIDE", value_parser = FalseyValueParser::new())]
    pub(crate) push_inside: bool,
    /// Chứng chỉ TLS (tệp PEM, gồm cả chuỗi): máy chủ tự mã hóa đường truyền, và tự dùng chứng chỉ mới khi tệp thay đổi
    /// [biến SOTAY_TLS_CERT]
    #[arg(long, value_name = "TỆP", env = "SOTAY_TLS_CERT")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Khóa riêng của chứng chỉ (tệp PEM) [biến SOTAY_TLS_KEY]
    #[arg(long, value_name = "TỆP", env = "SOTAY_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Máy chủ đứng sau một proxy làm TLS và ghi X-Forwarded-For: cho phép không mã hóa trên địa chỉ ngoài máy này
    /// [biến SOTAY_PLAIN_BEHIND_PROXY; mặc định: không]
    #[arg(long, env = "SOTAY_PLAIN_BEHIND_PROXY", value_parser = FalseyValueParser::new(), conflicts_with = "tls_cert")]
    pub(crate) plain_behind_proxy: bool,
}

/// Who carries pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushBy {
    Unifiedpush,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}
