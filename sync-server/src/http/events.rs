//! `GET /v1/events`: pokes a connected device when something it follows has changed. A poke says no more than over how
//! many seconds to spread, where many listen; what changed comes by an exchange.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{StreamExt, stream};
use sotay_protocol::{
    id::Id,
    problem::{Problem, ProblemCode},
    scope::Scope,
};
use tokio_stream::wrappers::BroadcastStream;

use super::{
    Driver, Poke,
    answer::Refused,
    gate::{Address, Shown},
    limits::Act,
    push::Connection,
    until_stopping,
};
use crate::{error::ServerError, token::Seen};

/// How often is looked for what other processes wrote, for rights that changed, and at the token.
const LOOK: Duration = Duration::from_secs(5);
/// Listeners that may come back at once; for more, each is told over how many seconds to spread.
const AT_ONCE: usize = 100;
/// A comment line keeps connections through gateways alive.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

/// What a listener knows of its device.
struct Listener {
    driver: Driver,
    device: Id,
    token: String,
    at: Address,
    heads: Vec<(Scope, u64, u64)>,
    /// Whoever holds this is poked here and by nothing else.
    _connection: Connection,
}

enum Heard {
    /// Some commit of this process.
    Commit(Poke),
    /// More commits than were waited for.
    Many,
    Look,
}

pub(super) async fn events(
    State(driver): State<Driver>,
    Extension(shown): Extension<Shown>,
) -> Result<Response, Refused> {
    // Listening begins before the first look, so that nothing falls between the two.
    let pokes =
        BroadcastStream::new(driver.pokes.subscribe()).map(|poke| poke.map_or(Heard::Many, Heard::Commit));
    let Shown { device, seen, token, at } = shown;
    driver.limits.count_device(device, Act::Listen, driver.server.env.now())?;
    let connection = driver.connected.hold(device)?;
    let mut listener =
        Listener { driver: driver.clone(), device, token, at, heads: Vec::new(), _connection: connection };
    listener.look().await?;
    // What changed between the device's exchange and now, nobody would poke it for.
    let missed = Seen::of(listener.heads.iter().copied()) != seen;
    let greeting = match (missed, listener.within()) {
        (true, _) => Some("changed"),
        // It is to know how to come back when this process ends.
        (false, 1..) => Some("hello"),
        (false, 0) => None,
    };
    let greeting = stream::iter(greeting.map(|name| Ok(listener.event(name))));
    let looks = stream::unfold((), |()| async {
        tokio::time::sleep(LOOK).await;
        Some((Heard::Look, ()))
    });
    let events = stream::unfold(
        (listener, stream::select(pokes, looks.boxed())),
        |(mut listener, mut heard)| async move {
            loop {
                let poked = listener.hear(heard.next().await?).await.ok()?;
                if poked {
                    let event = Ok::<_, Infallible>(listener.event("changed"));
                    return Some((event, (listener, heard)));
                }
            }
        },
    );
    let events = greeting.chain(events).take_until(until_stopping(driver.stopping.clone()));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

impl Listener {
    /// Seconds over which all that listen here come back one by one.
    fn within(&self) -> usize {
        self.driver.pokes.receiver_count() / AT_ONCE
    }

    fn event(&self, name: &str) -> Event {
        let data = match self.within() {
            0 => "{}".to_owned(),
            within => format!("{{\"within\":{within}}}"),
        };
        Event::default().event(name).data(data)
    }

    /// Whether the device is to be poked. Fails where the stream is to end.
    async fn hear(&mut self, heard: Heard) -> Result<bool, Problem> {
        match heard {
            Heard::Commit(poke) => {
                let (scopes, by) = &*poke;
                let concerns = self.heads.iter().any(|(scope, ..)| scopes.contains(scope));
                if concerns {
                    self.look().await?;
                }
                // Its own exchange brings its own changes down.
                Ok(concerns && *by != Some(self.device))
            }
            Heard::Many => self.look().await.map(|_| true),
            Heard::Look => self.look().await,
        }
    }

    /// Looks at the token, the rights and the heads; whether anything stands elsewhere than before.
    async fn look(&mut self) -> Result<bool, Problem> {
        let (server, device) = (self.driver.server.clone(), self.device);
        let (token, at) = (self.token.clone(), self.at);
        let look = move || {
            server.shown_by_token(&token, at)?;
            let heads = server.followed_by(device).and_then(|scopes: BTreeSet<_>| server.heads(&scopes));
            heads.map_err(|error| match error {
                ServerError::Store(error) => crate::error::problem(&error),
                ServerError::Refused(why) => Problem::new(ProblemCode::Internal, why),
            })
        };
        let heads = self.driver.blocking(look).await??;
        let changed = heads != self.heads;
        self.heads = heads;
        Ok(changed)
    }
}
