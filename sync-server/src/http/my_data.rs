//! `POST /v1/my-data`: what the server keeps of whoever asks.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use sotay_protocol::my_data::MyDataRequest;

use super::{Driver, answer::Refused, enrol::json, limits::Act};
use crate::my_data::ADDRESS;

pub(super) async fn my_data(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let request: MyDataRequest = json(&headers, body, driver.patience).await?;
    let (server, token) = (driver.server.clone(), request.token.clone());
    let (device, _) = driver.blocking(move || server.shown_by_token(&token, ADDRESS)).await??;
    driver.limits.count_device(device, Act::Own, driver.server.env.now())?;
    let server = driver.server.clone();
    let answer = driver.blocking(move || server.my_data(&request)).await??;
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    // A person's affairs: no proxy on the way keeps them.
    let fields = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((fields, answer).into_response())
}
