//! The driver of files: the transfer's actions over the transport, its events back.

use std::sync::Arc;

use sotay_protocol::{
    attachment::{PART_MEDIA_TYPE, PartAnswer},
    env::Env,
};

use super::{
    HandbookError, Inner,
    life::Syncing,
    on_workers,
    sync::SyncStop,
    wire::{self, Seen, Wire},
};
use crate::{
    attachments::{
        Terms, room,
        transfer::{Action, Event, Report, Stop, Transfer},
    },
    store::Store,
};

/// How a run of files ended.
pub(super) struct Moved {
    pub stop: SyncStop,
    /// Only an exchange brings it further: for a token, or for what came up to be taken.
    pub exchange_first: bool,
    pub report: Report,
}

pub(super) async fn transfer(
    inner: &Arc<Inner>,
    syncing: &Arc<Syncing>,
    terms: Terms,
    tell: &(dyn Fn(&Report) + Send + Sync),
) -> Result<Moved, HandbookError> {
    let begin = move |store: &Store, env: &dyn Env| Transfer::begin(store, env, terms);
    let (url, mut run, mut action) = wire::begin(inner, syncing, begin).await?;
    let mut wire = Wire::to(inner, url);
    loop {
        tell(run.report());
        let seen = match action {
            Action::Stop(stop) => {
                let report = run.report().clone();
                let exchange_first = stop == Stop::ExchangeFirst;
                return Ok(Moved { stop: ended(stop, &wire), exchange_first, report });
            }
            Action::Post(packed) => wire::whole(wire.post("/v1/parts", PART_MEDIA_TYPE, packed).await).await,
            Action::Get(range) => {
                let token = format!("Bearer {}", range.token);
                let headers = vec![("authorization", token), ("range", range.bytes())];
                let answer = wire.get(&range.path(), headers).await;
                wire.begin(answer).await
            }
            Action::Read => wire.read().await,
        };
        let feed = move |store: &Store, env: &dyn Env| {
            let action = run.on(store, env, event(&seen))?;
            Ok((run, action))
        };
        (run, action) = wire::turn(inner, syncing, feed).await?;
    }
}

fn event(seen: &Seen<PartAnswer>) -> Event<'_> {
    match seen {
        Seen::Answered(answer) => Event::Answered(*answer),
        Seen::Bytes(bytes) => Event::Bytes(bytes),
        Seen::Finished => Event::Finished,
        Seen::Cut => Event::Cut,
        Seen::Problem { status, problem } => Event::Problem { status: *status, problem: problem.clone() },
    }
}

fn ended(stop: Stop, wire: &Wire<'_>) -> SyncStop {
    match stop {
        Stop::Done | Stop::ExchangeFirst => SyncStop::Done,
        Stop::Cut => wire.cut(),
        Stop::EnrolAgain => SyncStop::EnrolAgain,
        Stop::ServerFault => SyncStop::ServerFault,
        Stop::NotUnderstood => SyncStop::NotUnderstood,
    }
}

/// Gives back to the phone what files left that made room.
pub(super) async fn tidy(inner: &Arc<Inner>, syncing: &Arc<Syncing>) -> Result<(), HandbookError> {
    let (store, held) = (inner.store.clone(), Arc::clone(syncing));
    let tidy = move || {
        let _syncing = held;
        room::give_back(&store)
    };
    Ok(on_workers(inner.workers.as_ref(), tidy).await??)
}
