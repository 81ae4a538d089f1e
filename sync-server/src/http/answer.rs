//! Problems as HTTP answers (RFC 9457), and bodies read up to a limit.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use sotay_protocol::problem::{MEDIA_TYPE, Problem, ProblemCode};

use super::accept::Patience;

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
            ProblemCode::Unavailable => Some(5),
            ProblemCode::TooManyTries => Some(self.0.wait.unwrap_or(3600)),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from(seconds));
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
/// `too_large` over `limit`, at once where it is announced; `too_slow` where nothing comes for too long, or all of it takes too
/// long; `malformed` where it breaks off.
pub(super) async fn read(body: Body, limit: usize, patience: Patience) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(ProblemCode::TooLarge, "Yêu cầu quá lớn.");
    let too_slow =
        |_| Problem::new(ProblemCode::TooSlow, "Yêu cầu đến quá chậm, xin thử lại khi mạng tốt hơn.");
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut pieces = body.into_data_stream();
    let reading = async {
        let mut whole = Vec::new();
        while let Some(piece) =
            tokio::time::timeout(patience.silence, pieces.next()).await.map_err(too_slow)?
        {
            let piece =
                piece.map_err(|_| Problem::new(ProblemCode::Malformed, "Yêu cầu bị đứt giữa chừng."))?;
            if whole.len() + piece.len() > limit {
                return Err(too_large());
            }
            whole.extend_from_slice(&piece);
        }
        Ok(Bytes::from(whole))
    };
    tokio::time::timeout(patience.body, reading).await.map_err(too_slow)?
}
