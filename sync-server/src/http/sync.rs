//! `POST /v1/sync`: the exchange's frames as they come.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sotay_protocol::{exchange::MEDIA_TYPE, limits, problem::Problem};

use super::{
    Driver,
    answer::{Refused, check_media_type, read},
};
use crate::exchange::Exchange;

pub(super) async fn sync(
    State(driver): State<Driver>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    check_media_type(&headers, MEDIA_TYPE)?;
    let packed = read(body, limits::REQUEST_PACKED).await?;
    let server = driver.server.clone();
    // The first frame comes before the status, so that a store in trouble is a status and not a cut.
    let begun = driver.blocking(move || server.exchange(&packed).and_then(next)).await??;
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
