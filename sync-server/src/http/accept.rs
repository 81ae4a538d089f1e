//! Connections: who is let in, for how long they may take to say what they want, and how large its head may be.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request},
};
use futures_util::future;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::until_stopping;
use crate::tls::Tls;

/// At a time. More wait at the door.
const CONNECTIONS: usize = 8_192;
/// Fields of a request's head, and the bytes of all of it: what phones and browsers send has some ten and two kilobytes.
const FIELDS: usize = 64;
const HEAD: usize = 32 * 1024;
/// After a failure of the machine's own, as where it has no more files to open.
const REST: Duration = Duration::from_millis(500);

/// How long somebody may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the handshake of TLS, and for the head of each request.
    pub head: Duration,
    /// Without a byte of the body.
    pub silence: Duration,
    /// For all of the body: one of the largest size still comes through at 7 KB a second.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            silence: Duration::from_secs(30),
            body: Duration::from_secs(300),
        }
    }
}

/// How connections are taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Door {
    pub(super) tls: Option<Arc<Tls>>,
    /// A proxy on the way says who asks.
    pub(super) behind_proxy: bool,
    pub(super) patience: Patience,
}

/// Until the order to stop; what is under way is then finished.
pub(super) async fn accept(
    listener: TcpListener,
    app: Router,
    door: Door,
    stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = Box::pin(until_stopping(stopping));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = match future::select(stop, Box::pin(listener.accept())).await {
            future::Either::Left(_) => break,
            future::Either::Right((accepted, waiting)) => {
                stop = waiting;
                accepted
            }
        };
        match accepted {
            Ok((stream, address)) => {
                let (app, door, watcher) = (app.clone(), door.clone(), graceful.watcher());
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the driver brings a task for each connection"
                )]
                drop(tokio::spawn(async move {
                    serve(stream, address, app, door, watcher).await;
                    drop(permit);
                }));
            }
            Err(error) if is_theirs(&error) => {}
            Err(error) => {
                tracing::error!(kind = ?error.kind(), "no connection can be taken");
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Somebody went away before they were let in.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve(stream: TcpStream, address: SocketAddr, app: Router, door: Door, watcher: Watcher) {
    // Frames are small writes one after another: held back for the phone's acknowledgement, an exchange that brings
    // nothing new takes 48 ms instead of 4. Without it the answer comes all the same, only later.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &door.tls else { return talk(stream, address, app, &door, watcher).await };
    let shaking = TlsAcceptor::from(tls.config()).accept(stream);
    match tokio::time::timeout(door.patience.head, shaking).await {
        Ok(Ok(stream)) => talk(stream, address, app, &door, watcher).await,
        Ok(Err(error)) => tracing::debug!(kind = ?error.kind(), "no TLS with somebody"),
        Err(_) => tracing::debug!("somebody took too long for TLS"),
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: SocketAddr,
    app: Router,
    door: &Door,
    watcher: Watcher,
) {
    let behind_proxy = door.behind_proxy;
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        let from = if behind_proxy { forwarded(request.headers()) } else { None };
        let from = from.map_or(address, |from| SocketAddr::new(from, 0));
        request.extensions_mut().insert(ConnectInfo(from));
        app.clone().call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(door.patience.head);
    builder.max_headers(FIELDS).max_buf_size(HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    // Whoever hangs up, or sends what is no HTTP, was answered as far as there is an answer.
    let _ = watcher.watch(connection).await;
}

/// Who asks, as the last proxy on the way says; what came before it anybody can have written.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_nearest_proxy_says_who_asks() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded(&headers), None);
        headers.append("x-forwarded-for", "10.9.9.9, 113.160.1.2".parse().unwrap());
        assert_eq!(forwarded(&headers), Some(IpAddr::from([113, 160, 1, 2])));
        headers.append("x-forwarded-for", "2001:db8::7".parse().unwrap());
        assert_eq!(forwarded(&headers), "2001:db8::7".parse().ok());
        headers.append(
            "x-forwarded-for",
            "không rõ".parse().unwrap_or(axum::http::HeaderValue::from_static("x")),
        );
        assert_eq!(forwarded(&headers), None);
    }
}
