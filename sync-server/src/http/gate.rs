//! Before every address: who comes is asked by the one table of rights, and what a token says reaches a handler only from here.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    organisations::Tree,
    problem::{Problem, ProblemCode},
    rights::{
        Action, Caller, allowed,
        table::{Shows, endpoint},
    },
};

use super::{
    Driver,
    answer::{Refused, bearer},
};
use crate::token::Seen;

/// Method, in small letters, and path as it is mounted.
pub(super) type Address = (&'static str, &'static str);

/// What the token of a request says, which was looked at.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) device: Id,
    pub(super) seen: Seen,
    /// To be looked at again by what lasts long.
    pub(super) token: String,
    pub(super) at: Address,
}

pub(super) async fn gate(
    State((driver, at)): State<(Driver, Address)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let (method, path) = at;
    match endpoint(method, path).map(|row| row.shows) {
        // What has no row is answered to nobody.
        None => return Err(Problem::new(ProblemCode::NotFound, "Không có gì ở địa chỉ này.").into()),
        Some(Shows::Token) => {
            let token = bearer(request.headers())?;
            let (server, shown) = (driver.server.clone(), token.clone());
            let now = driver.server.env.now();
            let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
            if let Some(address) = address {
                driver.limits.check_strange(address, now)?;
            }
            let shown = driver.blocking(move || server.shown_by_token(&shown, at)).await?;
            let (device, seen) = shown.inspect_err(|refused| {
                if let Some(address) = address {
                    driver.limits.count_strange(address, refused, now);
                }
            })?;
            request.extensions_mut().insert(Shown { device, seen, token, at });
        }
        // Known by what the body or the cookie says: the server asks the table when it has read it.
        Some(Shows::Signature | Shows::Secret | Shows::Session) => {}
        Some(Shows::Nothing | Shows::Code) => {
            let open =
                allowed(Caller::Stranger, &Tree::default(), Action::Enter(method, path), Timestamp::MIN);
            open.map_err(|_| Problem::new(ProblemCode::NotFound, "Không có gì ở địa chỉ này."))?;
        }
    }
    Ok(next.run(request).await)
}
