//! Fields that every answer bears, whatever answered: what a browser and a proxy may do with it.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Nothing is loaded, framed or sent anywhere; the one page has its style in its own words.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Half a year. Only where this server does TLS itself: behind a proxy it is the proxy's to say.
const TLS_ONLY: &str = "max-age=15552000";

/// Whether this server does TLS itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secure(pub(super) bool);

pub(super) async fn headers(State(Secure(secure)): State<Secure>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let fields = answer.headers_mut();
    for (name, value) in ALWAYS {
        fields.insert(name, HeaderValue::from_static(value));
    }
    if secure {
        fields.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    // What is somebody's is kept by nobody on the way; who answers with what may be kept says so.
    fields.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}
