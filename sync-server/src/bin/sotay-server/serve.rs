//! `serve`: the runtime, the listener, the logs, the end.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use sotay_protocol::env::{Timestamp, days};
use sotay_server::{Serving, tls::Tls, vietnam};
use tokio::{net::TcpListener, signal};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{
    Said,
    args::{LogFormat, Serve},
    config::Config,
    trust,
};

/// So long before its end a certificate is spoken of.
const SOON: Duration = days(30);

pub(crate) fn serve(config: &Config, args: &Serve) -> Said {
    start_log(config.log_format(args), &config.log(args))?;
    let fresh = !config.db().exists();
    let server = config.open()?.with_min_app(config.min_app(args));
    server.note_revocations().map_err(crate::told)?;
    let serving =
        Serving { push: config.push(args)?, behind_proxy: config.behind_proxy(args), ..Serving::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|_| "máy không đủ tài nguyên để chạy máy chủ")?;
    runtime.block_on(async {
        let listener = listen(&config.listen(args)).await?;
        let serving = Serving { tls: config.tls(args)?, ..serving };
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        check_plain(address, &serving)?;
        say(address, serving.tls.is_some());
        #[cfg(unix)]
        if let Some(tls) = &serving.tls {
            let tls = Arc::clone(tls);
            #[expect(
                clippy::disallowed_methods,
                reason = "the program brings the one task that hears SIGHUP"
            )]
            drop(tokio::spawn(reload_on_hangup(tls)));
        }
        // Once it runs: where it does not, the one thing said is why.
        if fresh {
            eprintln!(
                "Chú ý: chưa có tệp dữ liệu {}, máy chủ bắt đầu với tệp mới, chưa có tổ chức nào. Nếu gõ nhầm tên thì dừng lại (Ctrl-C), \
                 xóa tệp mới và xem lại --db.",
                config.db().display()
            );
        }
        if let Some(notice) = serving.tls.as_ref().and_then(|tls| tls_ends(tls, server.now())) {
            eprintln!("Lưu ý: {notice}.");
        }
        trust::noticed(&server)?;
        if let Some(behind) = server.behind() {
            say!("Chú ý: {behind}.");
        }
        sotay_server::serve_with(server, listener, told_to_stop(), serving)
            .await
            .map_err(|error| format!("máy chủ dừng vì lỗi mạng: {error}"))?;
        say!("Máy chủ đã dừng.");
        Ok(())
    })
}

/// What phones send is signed, and is for nobody else to read: beyond this machine it goes plain only where a proxy in front
/// encrypts it.
fn check_plain(address: SocketAddr, serving: &Serving) -> Said {
    if serving.tls.is_some() || serving.behind_proxy || address.ip().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "địa chỉ {address} nhận kết nối từ ngoài máy này, mà đường truyền chưa được mã hóa: hãy thêm --tls-cert và --tls-key, \
         hoặc --plain-behind-proxy nếu phía trước có proxy làm TLS, hoặc --listen 127.0.0.1:{} để chỉ dùng trên máy này",
        address.port()
    ))
}

/// That phones will soon not meet this server any more, or do not now.
fn tls_ends(tls: &Tls, now: Timestamp) -> Option<String> {
    let until = tls.ended_by(now + SOON)?;
    let day = vietnam::clock(until).format("%d/%m/%Y");
    let renew = "hãy gia hạn; tệp mới được nhận khi máy chủ đang chạy";
    Some(if until > now {
        let left = (until.millis() - now.millis()) / 86_400_000;
        format!("chứng chỉ TLS hết hạn ngày {day}, còn {left} ngày: {renew}")
    } else {
        format!("chứng chỉ TLS đã hết hạn ngày {day}, điện thoại không kết nối được: {renew}")
    })
}

/// The operator, or what renews certificates, says that there is a new one.
#[cfg(unix)]
async fn reload_on_hangup(tls: Arc<Tls>) {
    let Ok(mut hangups) = signal::unix::signal(signal::unix::SignalKind::hangup()) else { return };
    while hangups.recv().await.is_some() {
        match tls.reload() {
            Ok(true) => tracing::info!("chứng chỉ TLS mới được dùng từ nay"),
            Ok(false) => tracing::info!("tệp chứng chỉ TLS không thay đổi"),
            Err(error) => tracing::error!("chứng chỉ TLS cũ vẫn được dùng: {error}"),
        }
    }
}

/// Whoever started this with port 0 reads the port here.
fn say(address: SocketAddr, tls: bool) {
    let scheme = if tls { "https" } else { "http" };
    say!("Máy chủ Sổ tay chạy tại {scheme}://{address} (listening on {address})");
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
