//! `GET /v1/archive/{scope}?kind=…&before=…`: what has left the window of a desk or a cell, a page at a time.

use axum::{
    Extension,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sotay_protocol::problem::{Problem, ProblemCode};

use super::{Driver, answer::Refused, gate::Shown, limits::Act};
use crate::windows::archive_cursor;

fn nothing() -> Problem {
    Problem::new(ProblemCode::NotFound, "Không có kho lưu trữ này, hoặc đồng chí không còn được xem.")
}

#[derive(Deserialize)]
pub(super) struct Asked {
    kind: String,
    before: Option<String>,
}

pub(super) async fn archive(
    State(driver): State<Driver>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Asked>, QueryRejection>,
    Extension(shown): Extension<Shown>,
) -> Result<Response, Refused> {
    driver.limits.count_device(shown.device, Act::File, driver.server.env.now())?;
    let Path(scope) = path.map_err(|_| nothing())?;
    let asked = query.map_err(|_| Problem::new(ProblemCode::Malformed, "Yêu cầu phải nói kind là gì."));
    let Query(Asked { kind, before }) = asked?;
    let before = before.as_deref().map(archive_cursor).transpose()?;
    let server = driver.server.clone();
    let page = driver
        .blocking(move || server.archive(shown.device, scope.parse().map_err(|_| nothing())?, &kind, before));
    let page = serde_json::to_vec(&page.await??).unwrap_or_default();
    // A person's affairs: no proxy on the way keeps them.
    let fields = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((fields, page).into_response())
}
