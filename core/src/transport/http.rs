//! HTTP by reqwest and rustls with *ring*, on a small runtime of its own.
//!
//! The runtime is the transport's, so that whoever polls a future of the handbook (a phone's main thread, a
//! test) only waits on a channel: UniFFI polls Rust futures on the caller's thread, which has no reactor.

use std::time::Duration;

use futures_channel::oneshot;
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Either, select},
    stream::unfold,
};
use tokio::{runtime::Runtime, sync::mpsc};

use super::{Answer, Broken, Distrust, Headers, ServerTrust, Transport};
use crate::timer::Timer;

/// On a bad network a handshake takes seconds.
const CONNECT: Duration = Duration::from_secs(20);
/// Nothing at all for this long is a broken connection; the whole may take hours.
const SILENCE: Duration = Duration::from_secs(60);
/// Pieces of the body that wait for the store before the network is asked to wait.
const PIECES: usize = 8;

/// No root certificates, or no runtime: there will be no sync on this machine.
#[derive(Debug, thiserror::Error)]
#[error("secure connections cannot be set up on this device")]
pub struct TlsUnavailable;

#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// For this very machine: never through a proxy.
    local: reqwest::Client,
    runtime: Option<Runtime>,
}

impl HttpTransport {
    /// With the machine's own root certificates.
    ///
    /// # Errors
    /// [`TlsUnavailable`].
    pub fn new() -> Result<Self, TlsUnavailable> {
        Self::trusting(&ServerTrust::default())
    }

    /// With what a closed network's configuration says.
    ///
    /// # Errors
    /// [`TlsUnavailable`].
    pub fn trusting(trust: &ServerTrust) -> Result<Self, TlsUnavailable> {
        // Taken already is as good: there is one provider in the tree.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sotay-net")
            .enable_all()
            .build()
            .map_err(|_| TlsUnavailable)?;
        let client = builder(trust)?.build().map_err(|_| TlsUnavailable)?;
        let local = builder(trust)?.no_proxy().build().map_err(|_| TlsUnavailable)?;
        Ok(Self { client, local, runtime: Some(runtime) })
    }
}

fn builder(trust: &ServerTrust) -> Result<reqwest::ClientBuilder, TlsUnavailable> {
    let builder = reqwest::Client::builder();
    let builder = match trust.config().map_err(|_| TlsUnavailable)? {
        Some(config) => builder.tls_backend_preconfigured(config),
        None => builder,
    };
    Ok(builder
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("sotay/", env!("CARGO_PKG_VERSION"))))
}

impl Drop for HttpTransport {
    fn drop(&mut self) {
        // Waiting for it would panic inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl HttpTransport {
    fn client(&self, url: &str) -> &reqwest::Client {
        if is_local(url) { &self.local } else { &self.client }
    }

    fn send(&self, request: reqwest::RequestBuilder) -> BoxFuture<'static, Result<Answer, Broken>> {
        let (tell, told) = oneshot::channel();
        if let Some(runtime) = &self.runtime {
            // Ends by itself when the answer is dropped: its channel is closed then.
            drop(runtime.spawn(carry(request, tell)));
        }
        async move { told.await.unwrap_or(Err(Broken::Cut)) }.boxed()
    }
}

impl Timer for HttpTransport {
    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        let (tell, told) = oneshot::channel();
        if let Some(runtime) = &self.runtime {
            drop(runtime.spawn(async move {
                // Whoever stopped waiting does not keep the runtime's clock.
                let mut tell = tell;
                let over = Box::pin(tokio::time::sleep(span));
                if let Either::Left(_) = select(over, tell.cancellation()).await {
                    let _ = tell.send(());
                }
            }));
        }
        told.map(drop).boxed()
    }
}

impl Transport for HttpTransport {
    fn get(&self, url: String, headers: Headers) -> BoxFuture<'static, Result<Answer, Broken>> {
        let request = self.client(&url).get(url);
        self.send(headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)))
    }

    fn post(
        &self,
        url: String,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> BoxFuture<'static, Result<Answer, Broken>> {
        let request = self.client(&url).post(url).header("content-type", media_type).body(body);
        self.send(request)
    }
}

async fn carry(request: reqwest::RequestBuilder, tell: oneshot::Sender<Result<Answer, Broken>>) {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            let broken = match Distrust::of(&error) {
                Some(why) => Broken::Untrusted(why),
                None if error.is_connect() || error.is_builder() => Broken::NotReached,
                None => Broken::Cut,
            };
            let _ = tell.send(Err(broken));
            return;
        }
    };
    let (pieces, queue) = mpsc::channel(PIECES);
    let body = unfold(queue, async |mut queue| queue.recv().await.map(|piece| (piece, queue)));
    let later =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let answer = Answer {
        status: response.status().as_u16(),
        later: later.map(Duration::from_secs),
        body: body.boxed(),
    };
    if tell.send(Ok(answer)).is_err() {
        return;
    }
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        let last = piece.is_err();
        let piece = piece.map(|bytes| bytes.to_vec()).map_err(|_| Broken::Cut);
        if pieces.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// An address of this very machine, to which plain HTTP may go.
#[must_use]
pub(crate) fn is_local(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread::Builder,
    };

    use super::*;

    /// A server on this machine that answers one request with these bytes and hangs up.
    fn answers_once(with: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/sync", listener.local_addr().unwrap());
        let serve = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).unwrap();
            stream.write_all(with).unwrap();
        };
        Builder::new().spawn(serve).unwrap();
        url
    }

    /// Polled without a reactor, as a phone does.
    fn ask(transport: &HttpTransport, url: String) -> Result<(u16, Result<Vec<u8>, Broken>), Broken> {
        waited(async {
            let answer = transport.post(url, "text/plain", b"hoi".to_vec()).await?;
            Ok((answer.status, answer.read(1000).await))
        })
    }

    fn waited<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn an_answer_comes_whole_or_is_said_to_be_broken() {
        let transport = HttpTransport::new().unwrap();
        let whole = answers_once(b"HTTP/1.1 503 x\r\ncontent-length: 5\r\n\r\nchao!");
        assert_eq!(ask(&transport, whole), Ok((503, Ok(b"chao!".to_vec()))));
        let cut = answers_once(b"HTTP/1.1 200 x\r\ncontent-length: 50\r\n\r\nchao!");
        assert_eq!(ask(&transport, cut), Ok((200, Err(Broken::Cut))));
        let not_http = answers_once(b"rubbish\r\n\r\n");
        assert_eq!(ask(&transport, not_http), Err(Broken::Cut));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(ask(&transport, format!("http://{closed}/")), Err(Broken::NotReached));
        assert_eq!(ask(&transport, "no address".into()), Err(Broken::NotReached));
    }

    #[test]
    fn only_this_machine_is_local() {
        for url in
            ["http://127.0.0.1:8080/v1/sync", "http://localhost", "http://[::1]:1/", "https://127.1.2.3/"]
        {
            assert!(is_local(url), "{url}");
        }
        for url in ["http://10.0.0.1/", "http://localhost.xa.vn/", "https://sotay.xa.vn", "127.0.0.1", ""] {
            assert!(!is_local(url), "{url}");
        }
    }
}
