//! `GET /v1/root`, `POST /v1/enrol` and `POST /v1/fork`.

use std::net::SocketAddr;

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, State},
    http::HeaderMap,
};
use serde::de::DeserializeOwned;
use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest, ForkAnswer, ForkRequest},
    json::depth,
    limits,
    problem::{Problem, ProblemCode},
    trust::Signed,
};

use super::{
    Driver,
    accept::Patience,
    answer::{Refused, check_media_type, read},
};

/// Either request has a few hundred bytes.
const BODY: usize = 16 * 1024;

/// The root under which what this server publishes is judged: a phone compares it with its invitation before it spends the code.
/// It is no secret.
pub(super) async fn root(State(driver): State<Driver>) -> Result<Json<Option<Signed>>, Refused> {
    let server = driver.server.clone();
    let root = driver.blocking(move || server.root()).await?.map_err(|error| {
        tracing::error!(%error, "the root cannot be read");
        Problem::new(ProblemCode::Unavailable, "Kho dữ liệu không trả lời.")
    })?;
    Ok(Json(root))
}

pub(super) async fn enrol(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EnrolAnswer>, Refused> {
    driver.limits.count_address(address.ip(), driver.server.env.now())?;
    let request: EnrolRequest = json(&headers, body, driver.patience).await?;
    let key = request.key.0.clone();
    driver.limits.check_key(&key, driver.server.env.now())?;
    let server = driver.server.clone();
    let answer = driver.blocking(move || server.enrol(&request)).await?;
    if answer.as_ref().is_err_and(|problem| problem.code == ProblemCode::CodeWrong) {
        driver.limits.count_wrong(key, driver.server.env.now());
    }
    Ok(Json(answer?))
}

pub(super) async fn fork(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ForkAnswer>, Refused> {
    driver.limits.count_address(address.ip(), driver.server.env.now())?;
    let request: ForkRequest = json(&headers, body, driver.patience).await?;
    let server = driver.server.clone();
    Ok(Json(driver.blocking(move || server.fork(&request)).await??))
}

pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    patience: Patience,
) -> Result<T, Problem> {
    check_media_type(headers, "application/json")?;
    let bytes = read(body, BODY, patience).await?;
    let malformed = || Problem::new(ProblemCode::Malformed, "Yêu cầu không đúng khuôn dạng.");
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
    if depth(text) > limits::DEPTH {
        return Err(malformed());
    }
    serde_json::from_str(text).map_err(|_| malformed())
}
