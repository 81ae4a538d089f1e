//! Problems as HTTP answers (RFC 9457), and bodies read up to a limit.

use std::{error::Error, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use sotay_protocol::problem::{MEDIA_TYPE, Problem, ProblemCode};

/// A body of the largest size still comes through at 7 KB a second.
const BODY_TIME: Duration = Duration::from_secs(300);

pub(super) struct Refused(Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let wait = match self.0.code {
            ProblemCode::Unavailable => Some("5"),
            ProblemCode::TooManyTries => Some("3600"),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static(seconds));
        }
        response
    }
}

/// The short-lived token of a GET request.
///
/// # Errors
/// `token_invalid` where there is none.
pub(super) fn bearer(headers: &HeaderMap) -> Result<String, Problem> {
    let said = || {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    };
    said().ok_or_else(|| Problem::new(ProblemCode::TokenInvalid, "Mã truy cập không hợp lệ."))
}

/// # Errors
/// `unsupported_media_type` unless the request says that it carries `expected`.
pub(super) fn check_media_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim();
    if said.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::UnsupportedMediaType, format!("Yêu cầu phải có kiểu {expected}.")))
}

/// # Errors
/// `too_large` over `limit`; `malformed` where the body breaks off or takes too long.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let broken = || Problem::new(ProblemCode::Malformed, "Yêu cầu bị đứt giữa chừng.");
    let read = tokio::time::timeout(BODY_TIME, to_bytes(body, limit)).await.map_err(|_| broken())?;
    read.map_err(|error| {
        let over = std::iter::successors(error.source(), |error| (*error).source())
            .any(|source| source.to_string().contains("length limit"));
        if over { Problem::new(ProblemCode::TooLarge, "Yêu cầu quá lớn.") } else { broken() }
    })
}
