//! `POST /v1/parts`: a part of a file on its way up. Signed by the device, so it needs no token.

use axum::{Json, body::Body, extract::State, http::HeaderMap};
use sotay_protocol::{
    attachment::{PART_MEDIA_TYPE, PartAnswer},
    limits,
};

use super::{
    Driver,
    answer::{Refused, check_media_type, read},
};

pub(super) async fn part(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PartAnswer>, Refused> {
    check_media_type(&headers, PART_MEDIA_TYPE)?;
    let body = read(body, limits::PART_REQUEST).await?;
    let server = driver.server.clone();
    Ok(Json(driver.blocking(move || server.part(&body)).await??))
}
