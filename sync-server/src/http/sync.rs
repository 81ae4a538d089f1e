//! `POST /v1/sync`: the exchange's frames as they come.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sotay_protocol::{exchange::MEDIA_TYPE, limits, problem::Problem};

use super::{
    Driver,
    answer::{Refused, check_media_type, read},
    limits::Act,
};
use crate::exchange::Exchange;

pub(super) async fn sync(
    State(driver): State<Driver>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    check_media_type(&headers, MEDIA_TYPE)?;
    let now = driver.server.env.now();
    driver.limits.check_strange(address.ip(), now)?;
    let packed = read(body, limits::REQUEST_PACKED, driver.patience).await?;
    let (server, limits) = (driver.server.clone(), Arc::clone(&driver.limits));
    // The first frame comes before the status, so that a store in trouble is a status and not a cut.
    let begun = driver.blocking(move || {
        let exchange = server.exchange(&packed)?;
        // Only now is it known whose it is: nobody is kept out by what others send in their name.
        limits.count_device(exchange.device(), Act::Exchange, now)?;
        next(exchange)
    });
    let begun =
        begun.await?.inspect_err(|refused| driver.limits.count_strange(address.ip(), refused, now))?;
    let frames = stream::unfold((driver, Some(begun)), |(driver, begun)| async move {
        let (exchange, frame) = begun?;
        let frame = frame?;
        let begun = driver.blocking(move || next(exchange)).await.and_then(|next| next);
        Some(match begun {
            Ok(begun) => (Ok(frame), (driver, Some(begun))),
            // What was yielded stands; the body breaks off, and the phone asks again.
            Err(problem) => (Err(std::io::Error::other(problem.title)), (driver, None)),
        })
    });
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from_stream(frames)).into_response())
}

fn next(mut exchange: Exchange) -> Result<(Exchange, Option<Bytes>), Problem> {
    let frame = exchange.next()?;
    Ok((exchange, frame.map(Bytes::from)))
}
