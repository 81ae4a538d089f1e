//! The server over HTTP: routes, and nothing but driving. Every answer is made by [`Server`]; blocking work
//! runs in tokio's pool, a frame at a time.

mod accept;
mod answer;
mod archive;
mod attachments;
mod background;
mod console;
mod enrol;
mod events;
mod gate;
mod headers;
mod limits;
mod my_data;
mod openapi;
mod page;
mod parts;
mod push;
mod server;
mod sync;

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use futures_util::{FutureExt, future};
use sotay_protocol::{
    id::Id,
    problem::{Problem, ProblemCode},
    scope::Scope,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore, broadcast, watch},
};

use self::{
    accept::Door,
    answer::Refused,
    headers::Secure,
    limits::Limits,
    push::{Connected, Pushing},
};
pub use self::{accept::Patience, openapi::DOCUMENT as OPENAPI};
use crate::{push::Push, server::Server, tls::Tls};

/// Blocking calls at a time. SQLite has one writer; more threads would only wait for it.
const BLOCKING: usize = 64;
/// Pokes that a slow listener may lag behind; it is then poked once for all.
const POKES: usize = 256;
/// How long requests under way may go on after the order to stop.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Scopes that a commit changed, and whose exchange it was.
type Poke = Arc<(BTreeSet<Scope>, Option<Id>)>;

#[derive(Clone)]
struct Driver {
    server: Server,
    blocking: Arc<Semaphore>,
    limits: Arc<Limits>,
    pokes: broadcast::Sender<Poke>,
    work: Arc<Notify>,
    stopping: watch::Receiver<bool>,
    connected: Arc<Connected>,
    patience: Patience,
    /// Browsers reach it under TLS, done here or by a proxy in front.
    secure: bool,
}

/// Method, path and what answers there; the OpenAPI document names exactly these.
fn routes() -> [(&'static str, &'static str, MethodRouter<Driver>); 20] {
    [
        ("post", "/v1/sync", post(sync::sync)),
        ("get", "/v1/root", get(enrol::root)),
        ("post", "/v1/enrol", post(enrol::enrol)),
        ("post", "/v1/fork", post(enrol::fork)),
        ("get", "/v1/events", get(events::events)),
        ("get", "/v1/attachments/{scope}/{kind}/{id}/{hash}", get(attachments::attachment)),
        ("post", "/v1/parts", post(parts::part)),
        ("get", "/v1/archive/{scope}", get(archive::archive)),
        ("post", "/v1/console/sign-in", post(console::sign_in)),
        ("post", "/v1/console/look", post(console::look)),
        ("post", "/v1/console/approve", post(console::approve)),
        ("post", "/v1/console/session", post(console::session)),
        ("post", "/v1/console/link", post(console::link)),
        ("get", "/v1/console/me", get(console::me)),
        ("post", "/v1/console/sign-out", post(console::sign_out)),
        ("get", "/v1/server", get(server::server)),
        ("post", "/v1/my-data", post(my_data::my_data)),
        ("get", "/v1/openapi.json", get(openapi::openapi)),
        ("get", "/healthz", get(healthz)),
        ("get", "/", get(page::page)),
    ]
}

/// Method, in small letters, and path of everything that is answered.
#[must_use]
pub fn served() -> Vec<(&'static str, &'static str)> {
    routes().into_iter().map(|(method, path, _)| (method, path)).collect()
}

/// Serves until `shutdown` comes; requests under way are then finished, for ten seconds at most.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    server: Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_with(server, listener, shutdown, Serving::default()).await
}

/// How a server is served.
#[derive(Debug, Clone, Default)]
pub struct Serving {
    /// Phones without a connection are poked through this.
    pub push: Option<Arc<dyn Push>>,
    /// TLS by the server itself.
    pub tls: Option<Arc<Tls>>,
    /// A proxy on the way does TLS, and says in `X-Forwarded-For` who asks.
    pub behind_proxy: bool,
    pub patience: Patience,
}

/// [`serve`], and phones without a connection are poked through `push`, where there is one.
///
/// # Errors
/// As there.
pub async fn serve_pushing(
    server: Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
    push: Option<Arc<dyn Push>>,
) -> std::io::Result<()> {
    serve_with(server, listener, shutdown, Serving { push, ..Serving::default() }).await
}

/// [`serve`], in whatever way.
///
/// # Errors
/// As there.
pub async fn serve_with(
    server: Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
    Serving { push, tls, behind_proxy, patience }: Serving,
) -> std::io::Result<()> {
    let pushing = push.map(Pushing::new);
    let server = match pushing.clone() {
        Some(pushing) => server.with_told(Arc::new(move |device, stands| pushing.told(device, stands))),
        None => server,
    };
    let (pokes, _) = broadcast::channel(POKES);
    let (stop, stopping) = watch::channel(false);
    let work = Arc::new(Notify::new());
    let server = server.with_listener({
        let (pokes, work) = (pokes.clone(), Arc::clone(&work));
        Arc::new(move |scopes: &BTreeSet<Scope>, by| {
            // Nobody listening is no fault.
            let _ = pokes.send(Arc::new((scopes.clone(), by)));
            if by.is_some() {
                work.notify_one();
            }
        })
    });
    let driver = Driver {
        server,
        blocking: Arc::new(Semaphore::new(BLOCKING)),
        limits: Arc::default(),
        pokes,
        work,
        stopping: stopping.clone(),
        connected: Arc::default(),
        patience,
        secure: tls.is_some() || behind_proxy,
    };
    let background = background::start(driver.clone());
    let pushing = pushing.map(|pushing| pushing.start(driver.clone()));
    let reloading = tls.clone().map(|tls| background::reload(tls, stopping.clone()));
    let app = router(driver, Secure(tls.is_some()));
    let stopped = async move {
        shutdown.await;
        let _ = stop.send(true);
    };
    let door = Door { tls, behind_proxy, patience };
    let serving = accept::accept(listener, app, door, stopping.clone());
    let serving = future::join(serving, stopped).map(|(served, ())| served);
    let too_long = async move {
        until_stopping(stopping).await;
        tokio::time::sleep(LAST_WORDS).await;
        Ok(())
    };
    let done = future::select(serving.boxed(), too_long.boxed()).await.factor_first().0;
    // The last batch of background work ends before the store is closed.
    let _ = background.await;
    if let Some(reloading) = reloading {
        let _ = reloading.await;
    }
    if let Some(pushing) = pushing {
        let _ = pushing.await;
    }
    done
}

async fn until_stopping(mut stopping: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is the end as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn router(driver: Driver, secure: Secure) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (method, path, answers)| {
            let gate = from_fn_with_state((driver.clone(), (method, path)), gate::gate);
            router.route(path, answers.layer(gate))
        })
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(from_fn(log))
        .layer(from_fn_with_state(secure, headers::headers))
        .with_state(driver)
}

async fn nothing_here() -> Refused {
    Problem::new(ProblemCode::NotFound, "Không có gì ở địa chỉ này.").into()
}

async fn healthz(State(driver): State<Driver>) -> Result<Response, Refused> {
    let server = driver.server.clone();
    driver.blocking(move || server.check()).await?.map_err(|error| {
        tracing::error!(%error, "the store does not answer");
        Problem::new(ProblemCode::Unavailable, "Kho dữ liệu không trả lời.")
    })?;
    Ok(axum::Json(serde_json::json!({"status": "ok"})).into_response())
}

/// One line per request: route and status, nothing of who asked.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<axum::extract::MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("-", axum::extract::MatchedPath::as_str);
    tracing::info!(%method, route, status = response.status().as_u16(), "request");
    response
}

impl Driver {
    /// Runs `work` in the blocking pool.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::new(ProblemCode::Unavailable, "Máy chủ đang dừng, xin thử lại sau.");
        let _permit = self.blocking.acquire().await.map_err(|_| busy())?;
        #[expect(clippy::disallowed_methods, reason = "the driver brings the blocking pool")]
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| {
            tracing::error!(%error, "blocking work broke off");
            Problem::new(ProblemCode::Internal, "Máy chủ gặp lỗi, xin thử lại sau.")
        })
    }
}
