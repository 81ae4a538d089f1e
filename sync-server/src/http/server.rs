//! `GET /v1/server`: which server this is, and where it says that it is to be found. For everyone: it is what a phone reads
//! before it says a word of its own.

use axum::{Json, extract::State};
use sotay_protocol::{
    problem::{Problem, ProblemCode},
    trust::ServerAnswer,
};

use super::{Driver, answer::Refused};

pub(super) async fn server(State(driver): State<Driver>) -> Result<Json<ServerAnswer>, Refused> {
    let server = driver.server.clone();
    let answer = driver.blocking(move || server.answer()).await?.map_err(|error| {
        tracing::error!(%error, "the store does not answer");
        Problem::new(ProblemCode::Unavailable, "Kho dữ liệu không trả lời.")
    })?;
    Ok(Json(answer))
}
