//! The server's time. It never goes back.
//!
//! Rights are judged by time: an office counts from when it was recorded. Were the machine's clock set back by three days,
//! what was recorded in these days would lie ahead, and whoever was appointed in them would hold nothing. So the server
//! goes on from the latest time that it has used, which it reads from its own rows when it opens, at half speed until the
//! machine's clock has caught up. Rejected: to stand still until then. Tokens would not expire and nothing would grow old
//! for as long as the clock was wrong, which for one that once stood in 2099 is for ever.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sotay_protocol::env::{Env, Timestamp};

use crate::vietnam;

/// Clocks are set by seconds all the time; by more than this, something is wrong.
const BEHIND: Duration = Duration::from_secs(5 * 60);

/// The machine's clock and randomness, with a time that goes forward only.
#[derive(Debug)]
pub(crate) struct Clock {
    env: Arc<dyn Env>,
    state: Mutex<State>,
}

/// While the machine's clock is behind, time goes on from `from` as it does from `since`, at half its speed.
#[derive(Debug, Clone, Copy)]
struct State {
    latest: Timestamp,
    from: Timestamp,
    since: Timestamp,
    /// What the machine's clock showed last.
    shown: Timestamp,
}

/// How far the machine's clock is behind the server's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    pub by: Duration,
    /// The server's time.
    pub now: Timestamp,
}

impl Clock {
    /// `latest`: before this it is not, whatever the machine's clock shows.
    pub(crate) fn new(env: Arc<dyn Env>, latest: Timestamp) -> Self {
        let shown = env.now();
        let latest = latest.max(shown);
        Self { env, state: Mutex::new(State { latest, from: latest, since: shown, shown }) }
    }

    fn look(&self) -> State {
        let shown = self.env.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if shown >= state.latest {
            *state = State { latest: shown, from: shown, since: shown, shown };
        } else {
            if shown < state.shown {
                (state.from, state.since) = (state.latest, shown);
            }
            let gone = u64::try_from(shown.millis() - state.since.millis()).unwrap_or(0);
            state.latest = state.latest.max(state.from + Duration::from_millis(gone / 2));
            state.shown = shown;
        }
        *state
    }

    /// Where it is so by more than clocks are set by.
    pub(crate) fn behind(&self) -> Option<Behind> {
        let state = self.look();
        let by = u64::try_from(state.latest.millis() - state.shown.millis()).unwrap_or(0);
        let by = Duration::from_millis(by);
        (by > BEHIND).then_some(Behind { by, now: state.latest })
    }
}

impl Env for Clock {
    fn now(&self) -> Timestamp {
        self.look().latest
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.env.fill(bytes);
    }
}

/// For the operator.
impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.by.as_secs() / 60;
        let said = match (minutes / (24 * 60), minutes / 60) {
            (0, 0) => format!("{minutes} phút"),
            (0, hours) => format!("{hours} giờ"),
            (days, _) => format!("{days} ngày"),
        };
        write!(
            f,
            "đồng hồ của máy này chậm hơn {said} so với giờ mà máy chủ đã dùng ({}): máy chủ tính tiếp từ giờ đó, mọi chức vụ, \
             điểm danh đã ghi vẫn có hiệu lực; hãy đặt lại đồng hồ của máy và bật tự chỉnh giờ qua mạng (NTP)",
            vietnam::clock(self.now).format("%H:%M %d/%m/%Y")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Wall(Mutex<i64>);

    impl Env for Wall {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(*self.0.lock().unwrap())
        }

        fn fill(&self, _: &mut [u8]) {}
    }

    const HOUR: i64 = 3_600_000;

    #[test]
    fn it_goes_at_half_speed_from_the_latest_time_until_the_machine_has_caught_up() {
        let wall = Arc::new(Wall::default());
        let clock = Clock::new(Arc::clone(&wall) as _, Timestamp::MIN);
        let at = |hours: i64| {
            *wall.0.lock().unwrap() = hours * HOUR;
            (clock.now().millis() / HOUR, clock.behind().map(|of| of.by.as_secs() / 3_600))
        };
        assert_eq!([at(100), at(28), at(48)], [(100, None), (100, Some(72)), (110, Some(62))]);
        // Set back again, and again later.
        assert_eq!([at(10), at(20), at(15)], [(110, Some(100)), (115, Some(95)), (115, Some(100))]);
        assert_eq!([at(65), at(165), at(166)], [(140, Some(75)), (165, None), (166, None)]);
    }

    #[test]
    fn an_opened_server_goes_on_from_what_it_has_recorded() {
        let clock = Clock::new(Arc::new(Wall::default()), Timestamp::from_millis(72 * HOUR));
        assert_eq!(clock.now().millis(), 72 * HOUR);
        let said = clock.behind().unwrap().to_string();
        assert!(said.starts_with(
            "đồng hồ của máy này chậm hơn 3 ngày so với giờ mà máy chủ đã dùng (07:00 04/01/1970)"
        ));
    }
}
