//! The line on which the server pokes: `GET /v1/events`, opened, read and found silent.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;

use super::super::Inner;
use crate::{
    store::StoreError,
    sync::schedule::Closed,
    transport::{Answer, Broken, sse::Events},
};

/// The server says something at least every 25 seconds, if only that it is there.
const SILENCE: Duration = Duration::from_secs(60);
/// A server without such a line is asked for it this seldom.
const NO_LINE: Duration = Duration::from_secs(10 * 60);

pub(super) enum Heard {
    Opened,
    Poked { within: Duration },
    Closed(Closed),
}

enum State {
    Opening(BoxFuture<'static, Result<Answer, Closed>>),
    Open(BoxStream<'static, Result<Vec<u8>, Broken>>),
}

pub(super) struct Line {
    inner: Arc<Inner>,
    state: State,
    events: Events,
    silence: BoxFuture<'static, ()>,
    /// Over how long the server would have its listeners spread.
    within: Duration,
}

/// What the server says with an event. One of an earlier release says nothing.
#[derive(Deserialize, Default)]
struct Said {
    /// Seconds over which to spread.
    #[serde(default)]
    within: u64,
}

impl Line {
    pub(super) fn open(inner: Arc<Inner>) -> Self {
        let opening = opening(Arc::clone(&inner)).boxed();
        let silence = inner.timer.sleep(SILENCE);
        let (events, within) = (Events::default(), Duration::ZERO);
        Self { inner, state: State::Opening(opening), events, silence, within }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Heard> {
        loop {
            let heard = match &mut self.state {
                State::Opening(opening) => match opening.poll_unpin(context) {
                    Poll::Ready(Ok(answer)) => {
                        self.state = State::Open(answer.body);
                        Some(Heard::Opened)
                    }
                    Poll::Ready(Err(why)) => return Poll::Ready(Heard::Closed(why)),
                    Poll::Pending => break,
                },
                State::Open(body) => match body.poll_next_unpin(context) {
                    Poll::Ready(Some(Ok(bytes))) => self.take(&bytes),
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(Heard::Closed(self.over())),
                    Poll::Pending => break,
                },
            };
            self.silence = self.inner.timer.sleep(SILENCE);
            if let Some(heard) = heard {
                return Poll::Ready(heard);
            }
        }
        match self.silence.poll_unpin(context) {
            Poll::Ready(()) => Poll::Ready(Heard::Closed(Closed::Broken)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn over(&self) -> Closed {
        if self.within.is_zero() { Closed::Broken } else { Closed::Ended { within: self.within } }
    }

    /// Several pokes that came together are one.
    fn take(&mut self, bytes: &[u8]) -> Option<Heard> {
        let Ok(events) = self.events.push(bytes) else { return Some(Heard::Closed(Closed::Broken)) };
        let mut poked = None;
        for event in events {
            let said: Said = serde_json::from_str(&event.data).unwrap_or_default();
            let within = Duration::from_secs(said.within);
            self.within = self.within.max(within);
            if event.name == "changed" {
                poked = Some(poked.map_or(within, |other: Duration| other.min(within)));
            }
        }
        poked.map(|within| Heard::Poked { within })
    }
}

async fn opening(inner: Arc<Inner>) -> Result<Answer, Closed> {
    let known = inner.read(|store, _| token(store)).await.ok().flatten();
    let Some((url, token)) = known else { return Err(Closed::Refused) };
    let headers = vec![("authorization", format!("Bearer {token}")), ("accept", "text/event-stream".into())];
    let answer = inner.transport.get(format!("{url}/v1/events"), headers).await;
    let answer = answer.map_err(|_| Closed::Broken)?;
    match (answer.status, answer.later) {
        (200, _) => Ok(answer),
        (401, _) => Err(Closed::Refused),
        (_, Some(within)) => Err(Closed::Ended { within }),
        (404 | 405, _) => Err(Closed::Ended { within: NO_LINE }),
        _ => Err(Closed::Broken),
    }
}

fn token(store: &Connection) -> Result<Option<(String, String)>, StoreError> {
    let mut statement = store.prepare_cached("SELECT url, token FROM device WHERE token IS NOT NULL")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
