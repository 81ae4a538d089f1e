//! `POST /v1/parts`: a part of a file on its way up. Signed by the device, so it needs no token.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, State},
    http::HeaderMap,
};
use sotay_protocol::{
    attachment::{PART_MEDIA_TYPE, PartAnswer},
    limits,
};

use super::{
    Driver,
    answer::{Refused, check_media_type, read},
    limits::Act,
};

pub(super) async fn part(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PartAnswer>, Refused> {
    check_media_type(&headers, PART_MEDIA_TYPE)?;
    let now = driver.server.env.now();
    driver.limits.check_strange(address.ip(), now)?;
    let body = read(body, limits::PART_REQUEST, driver.patience).await?;
    let (server, limits) = (driver.server.clone(), Arc::clone(&driver.limits));
    let taken = driver
        .blocking(move || server.part_where(&body, &|device| limits.count_device(device, Act::Part, now)));
    let taken =
        taken.await?.inspect_err(|refused| driver.limits.count_strange(address.ip(), refused, now))?;
    Ok(Json(taken))
}
