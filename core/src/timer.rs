//! Waiting, behind a trait: the core's own runtime in the product, a hand that turns the clock in tests.
//!
//! A phone polls the handbook's futures on a thread without a reactor, so whoever waits only waits on a channel.

use std::time::Duration;

use futures_util::future::BoxFuture;

pub trait Timer: Send + Sync {
    /// Ends after this long by a clock that nobody sets. May end late, where the machine slept.
    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()>;
}

/// Time that never passes: for a handbook that nobody keeps live.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTimer;

impl Timer for NoTimer {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}
