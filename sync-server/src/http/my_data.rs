//! `POST /v1/my-data`: what the server keeps of whoever asks.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use sotay_protocol::{
    json::depth,
    limits,
    my_data::MyDataRequest,
    problem::{Problem, ProblemCode},
};

use super::{
    Driver,
    answer::{Refused, check_media_type, read},
};

/// A request has a few hundred bytes.
const BODY: usize = 16 * 1024;

pub(super) async fn my_data(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    check_media_type(&headers, "application/json")?;
    let bytes = read(body, BODY).await?;
    let malformed = || Problem::new(ProblemCode::Malformed, "Yêu cầu không đúng khuôn dạng.");
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
    if depth(text) > limits::DEPTH {
        return Err(malformed().into());
    }
    let request: MyDataRequest = serde_json::from_str(text).map_err(|_| malformed())?;
    let server = driver.server.clone();
    let answer = driver.blocking(move || server.my_data(&request)).await??;
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    // A person's affairs: no proxy on the way keeps them.
    let fields = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((fields, answer).into_response())
}
