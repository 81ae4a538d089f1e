//! `/v1/console/…`: a browser signs in with an officer's phone. The session is a cookie that no script reads and no other site
//! sends; a request that changes anything must come from this very site besides.

use std::net::SocketAddr;

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sotay_protocol::{
    console::{Approval, Asking, Fetch, Link, Look, Session, SignIn},
    problem::{Problem, ProblemCode},
};

use super::{Driver, answer::Refused, enrol::json};
use crate::console::{Browser, Entered, Officer};

/// What a browser says of itself is shown, and cut.
const NAME: usize = 200;
const LIFE_SECONDS: u32 = 8 * 60 * 60;

/// Under TLS the name itself binds the cookie to this host and to TLS.
fn name(secure: bool) -> &'static str {
    if secure { "__Host-sotay" } else { "sotay-console" }
}

fn said(headers: &HeaderMap, field: header::HeaderName) -> Option<&str> {
    headers.get(field).and_then(|value| value.to_str().ok())
}

/// The site that asks, which must be the one that is asked.
///
/// # Errors
/// `cross_site`.
fn origin(headers: &HeaderMap) -> Result<String, Problem> {
    let (origin, host) = (said(headers, header::ORIGIN), said(headers, header::HOST));
    let own = origin.zip(host).filter(|(origin, host)| {
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(*host)
    });
    own.map(|(origin, _)| origin.to_owned()).ok_or_else(|| {
        Problem::new(ProblemCode::CrossSite, "Yêu cầu phải đến từ chính trang của máy chủ này.")
    })
}

fn cookie(headers: &HeaderMap, secure: bool) -> Result<String, Problem> {
    let mut pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = pairs.find_map(|pairs| {
        pairs.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name(secure)).then(|| value.to_owned())
        })
    });
    found.ok_or_else(|| Problem::new(ProblemCode::SignedOut, "Chưa đăng nhập."))
}

fn shown(officer: Officer) -> Session {
    let Officer { name, organisations, until, .. } = officer;
    Session { waiting: false, member_name: Some(name), organisations, until: Some(until) }
}

fn begun(Entered { cookie, officer }: Entered, secure: bool) -> Response {
    let guard = if secure { "; Secure" } else { "" };
    let field = format!(
        "{}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LIFE_SECONDS}{guard}",
        name(secure)
    );
    let mut answer = Json(shown(officer)).into_response();
    if let Ok(field) = HeaderValue::from_str(&field) {
        answer.headers_mut().insert(header::SET_COOKIE, field);
    }
    answer
}

pub(super) async fn sign_in(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<SignIn>, Refused> {
    driver.limits.count_address(address.ip(), driver.server.env.now())?;
    let name = said(&headers, header::USER_AGENT).unwrap_or_default().chars().take(NAME).collect();
    let browser = Browser { name, address: address.ip().to_string(), origin: origin(&headers)? };
    let server = driver.server.clone();
    Ok(Json(driver.blocking(move || server.console_ask(&browser)).await??))
}

pub(super) async fn look(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Asking>, Refused> {
    let look: Look = json(&headers, body, driver.patience).await?;
    let server = driver.server.clone();
    Ok(Json(driver.blocking(move || server.console_look(&look)).await??))
}

pub(super) async fn approve(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refused> {
    let approval: Approval = json(&headers, body, driver.patience).await?;
    let server = driver.server.clone();
    driver.blocking(move || server.console_approve(&approval)).await??;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn session(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    origin(&headers)?;
    let fetch: Fetch = json(&headers, body, driver.patience).await?;
    let server = driver.server.clone();
    Ok(match driver.blocking(move || server.console_fetch(&fetch)).await?? {
        Some(entered) => begun(entered, driver.secure),
        None => {
            let waiting =
                Session { waiting: true, member_name: None, organisations: Vec::new(), until: None };
            Json(waiting).into_response()
        }
    })
}

pub(super) async fn link(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    driver.limits.count_address(address.ip(), driver.server.env.now())?;
    origin(&headers)?;
    let Link { link } = json(&headers, body, driver.patience).await?;
    let server = driver.server.clone();
    Ok(begun(driver.blocking(move || server.console_by_link(&link)).await??, driver.secure))
}

pub(super) async fn me(State(driver): State<Driver>, headers: HeaderMap) -> Result<Json<Session>, Refused> {
    let cookie = cookie(&headers, driver.secure)?;
    let server = driver.server.clone();
    Ok(Json(shown(driver.blocking(move || server.console_session(&cookie)).await??)))
}

pub(super) async fn sign_out(State(driver): State<Driver>, headers: HeaderMap) -> Result<Response, Refused> {
    origin(&headers)?;
    let cookie = cookie(&headers, driver.secure)?;
    let server = driver.server.clone();
    driver
        .blocking(move || {
            server.console_session(&cookie)?;
            server.console_leave(&cookie)
        })
        .await??;
    let field = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", name(driver.secure));
    let mut answer = StatusCode::NO_CONTENT.into_response();
    if let Ok(field) = HeaderValue::from_str(&field) {
        answer.headers_mut().insert(header::SET_COOKIE, field);
    }
    Ok(answer)
}
