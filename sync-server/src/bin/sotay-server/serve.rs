//! `serve`: the runtime, the listener, the logs, the end.

use std::{io::Write, net::SocketAddr};

use tokio::{net::TcpListener, signal};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{
    Said,
    args::{LogFormat, Serve},
    config::Config,
};

pub(crate) fn serve(config: &Config, args: &Serve) -> Said {
    start_log(config.log_format(args), &config.log(args))?;
    let server = config.open()?.with_min_app(config.min_app(args));
    server.note_revocations().map_err(crate::told)?;
    let push = config.push(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|_| "máy không đủ tài nguyên để chạy máy chủ")?;
    runtime.block_on(async {
        let listener = listen(&config.listen(args)).await?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        say(address);
        if let Some(behind) = server.behind() {
            say!("Chú ý: {behind}.");
        }
        sotay_server::serve_pushing(server, listener, told_to_stop(), push)
            .await
            .map_err(|error| format!("máy chủ dừng vì lỗi mạng: {error}"))?;
        say!("Máy chủ đã dừng.");
        Ok(())
    })
}

/// Whoever started this with port 0 reads the port here.
fn say(address: SocketAddr) {
    say!("Máy chủ Sổ tay chạy tại http://{address} (listening on {address})");
    let _ = std::io::stdout().flush();
}

async fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("địa chỉ {address} đang được chương trình khác dùng: hãy dừng chương trình đó hoặc chọn cổng khác bằng --listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("không được phép dùng địa chỉ {address}: hãy chọn cổng từ 1024 trở lên bằng --listen")
        }
        _ => format!("không mở được địa chỉ {address}: hãy kiểm tra --listen, ví dụ 127.0.0.1:8471"),
    })
}

fn start_log(format: LogFormat, level: &str) -> Said {
    // A word that is no level would name a module, and all else would be silent.
    let known = level.contains('=') || level.parse::<LevelFilter>().is_ok();
    let filter = EnvFilter::try_new(level).ok().filter(|_| known).ok_or_else(|| {
        format!("mức nhật ký “{level}” không hợp lệ: hãy dùng error, warn, info hoặc debug")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Ctrl-C, or SIGTERM where there is one.
async fn told_to_stop() {
    let interrupted = signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        let terminated = Box::pin(async move { terminated.recv().await });
        futures_util::future::select(Box::pin(interrupted), terminated).await;
        return;
    }
    let _ = interrupted.await;
}
