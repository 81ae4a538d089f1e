//! Sinh hoạt chi bộ: meetings of a cell, and their counts for the committee above.

pub mod import;
mod plan;
mod report;

use sotay_protocol::id::Id;

pub(crate) use self::report::report;
use crate::{
    commands::{Deed, Stop},
    store::{Errand, Transaction},
};

/// A meeting is planned, changed, opened, closed or called off.
pub(crate) fn change(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let written = deed.write(tx)?;
    if written.changed {
        let (cell, meeting): (Id, Id) = (deed.command.row.scope.id, deed.command.row.id);
        deed.leave_errand(Errand::Report { cell, meeting });
    }
    Ok(written.seq)
}
