//! Điểm danh: saying that one is there.

use std::sync::Arc;

use crate::{HandbookError, handbook::Held, runtime, values::Id};

#[derive(Debug, uniffi::Object)]
pub struct Attendance(pub(crate) Arc<Held>);

#[uniffi::export(async_runtime = "tokio")]
impl Attendance {
    /// Checks in with the six digits that the secretary's device shows; works without a network. Throws
    /// `Refused` with `Malformed` for what is not six digits, with `WrongState` for a cancelled meeting.
    pub async fn check_in(&self, meeting: Id, code: String) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.check_in(meeting, code).await }).await
    }
}
