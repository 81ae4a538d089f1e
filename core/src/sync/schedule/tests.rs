//! Days of a phone, line by line: when (in seconds), what happened, and what the schedule answered.

use super::*;

/// Chance that spreads by half of 10 s, of 2 s and of nearly every other span here.
const HALF: u64 = 1_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000 + seconds * 1_000)
}

fn facts(last_sync: Option<i64>, pending: u64) -> Facts {
    Facts {
        enrolled: true,
        last_sync: last_sync.map(at),
        token_until: last_sync.map(|seconds| at(seconds + 3_600)),
        pending,
        files: FilesLeft::default(),
    }
}

fn done(last_sync: i64) -> Happened {
    Happened::Ended(Ended { outcome: Outcome::Done, moved: true, facts: facts(Some(last_sync), 0) })
}

fn failed(outcome: Outcome, last_sync: Option<i64>, pending: u64) -> Happened {
    Happened::Ended(Ended { outcome, moved: false, facts: facts(last_sync, pending) })
}

fn said(sync: Next) -> String {
    match sync {
        Next::Run(plan) => format!("run {:?}{}", plan.files_down, if plan.files_up { "" } else { " not up" }),
        Next::At(due, why) => {
            let since = due.millis() - at(0).millis();
            format!("at {} {why:?}", since as f64 / 1_000.0)
        }
        other => format!("{other:?}"),
    }
}

fn heard(events: Listen) -> String {
    match events {
        Listen::At(due) => format!("at {}", (due.millis() - at(0).millis()) as f64 / 1_000.0),
        other => format!("{other:?}"),
    }
}

fn play(schedule: &mut Schedule, lines: &[(i64, Happened, &str)]) {
    for (number, (seconds, happened, expected)) in lines.iter().enumerate() {
        let answer = schedule.on(at(*seconds), HALF, happened.clone());
        assert_eq!(said(answer.sync), *expected, "line {number}: {happened:?}");
    }
}

fn play_line(schedule: &mut Schedule, lines: &[(i64, Happened, &str)]) {
    for (number, (seconds, happened, expected)) in lines.iter().enumerate() {
        let answer = schedule.on(at(*seconds), HALF, happened.clone());
        assert_eq!(heard(answer.events), *expected, "line {number}: {happened:?}");
    }
}

/// Lan's phone in her hand, all done.
fn idle() -> Schedule {
    let mut schedule = Schedule::new(at(0));
    schedule.on(at(0), HALF, Happened::Looked(facts(None, 0)));
    schedule.on(at(0), HALF, Happened::Began);
    schedule.on(at(2), HALF, done(2));
    schedule
}

#[test]
fn lan_opens_the_app_and_puts_it_away() {
    use Happened::*;
    let mut schedule = Schedule::new(at(0));
    play(
        &mut schedule,
        &[
            (0, Tick, "Wait(NotEnrolled)"),
            (0, Enrolled(facts(None, 0)), "run Rest"),
            (0, Began, "Running"),
            (9, done(9), "at 909 Idle"),
            (9, LineOpening, "at 909 Idle"),
            // Poked, there is no need to look round so often.
            (9, LineOpened, "at 3489 Idle"),
            (100, Poked { within: Duration::ZERO }, "run Rest"),
            (100, Began, "Running"),
            (101, done(101), "at 3581 Idle"),
            (200, Background, "Wait(Background)"),
            (300, Poked { within: Duration::ZERO }, "Wait(Background)"),
            (900, Foreground, "run Rest"),
        ],
    );
}

#[test]
fn words_typed_one_after_another_go_up_together() {
    use Happened::*;
    play(
        &mut idle(),
        &[
            (10, Submitted, "at 11 Gathering"),
            (10, Submitted, "at 11 Gathering"),
            (11, Submitted, "at 12 Gathering"),
            (12, Submitted, "at 13 Gathering"),
            (13, Submitted, "at 14 Gathering"),
            (14, Submitted, "at 15 Gathering"),
            // Somebody who never stops is not waited for.
            (15, Submitted, "run Rest"),
        ],
    );
}

#[test]
fn what_happens_during_a_run_is_one_more_run() {
    use Happened::*;
    let none = Duration::ZERO;
    let mut schedule = idle();
    play(
        &mut schedule,
        &[
            (10, Pressed, "run Rest"),
            (10, Began, "Running"),
            (11, Submitted, "Running"),
            (11, Poked { within: none }, "Running"),
            (12, Poked { within: none }, "Running"),
            (12, Submitted, "Running"),
            (20, done(20), "at 21 Gathering"),
            (21, Tick, "run Rest"),
            (21, Began, "Running"),
            (22, done(22), "at 922 Idle"),
            (30, Pressed, "run Rest"),
            (30, Began, "Running"),
            // The person does not wait for a second's rest.
            (31, Pressed, "Running"),
            (32, done(32), "run Rest"),
        ],
    );
}

#[test]
fn a_server_that_is_away_is_tried_ever_more_seldom() {
    let mut schedule = idle();
    schedule.on(at(10), HALF, Happened::Submitted);
    let mut now = at(11);
    let mut most = Vec::new();
    for _ in 0..10 {
        schedule.on(now, 0, Happened::Tick);
        schedule.on(now, 0, Happened::Began);
        let mut longest = schedule.clone();
        let cut = failed(Outcome::NotReached, Some(2), 1);
        // With the largest chance there is.
        let spans: Vec<i64> = [0, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000]
            .into_iter()
            .map(|chance| match longest.clone().on(now, chance, cut.clone()).sync {
                Next::At(due, Why::BackOff) => due.millis() - now.millis(),
                other => panic!("{other:?}"),
            })
            .collect();
        longest.on(now, 0, cut.clone());
        assert_eq!(spans[0], 1_000, "never at once");
        most.push(spans.iter().max().unwrap() / 1_000);
        schedule = longest;
        now = now + Duration::from_secs(900);
    }
    assert_eq!(most, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    // Another network, or a press, and what was learned of the old one says nothing.
    let elsewhere = schedule.clone().on(now, 0, Happened::Network(Network::Metered));
    assert_eq!(said(elsewhere.sync), "run Wanted");
    schedule.on(now, 0, Happened::Began);
    schedule.on(now, HALF, failed(Outcome::Cut, Some(2), 1));
    assert_eq!(said(schedule.on(now, 0, Happened::Pressed).sync), "run Rest");
}

#[test]
fn without_a_network_nothing_is_tried_and_nothing_forgotten() {
    use Happened::*;
    play(
        &mut idle(),
        &[
            (10, Network(super::Network::None), "Wait(NoNetwork)"),
            (20, Submitted, "Wait(NoNetwork)"),
            (25, Pressed, "Wait(NoNetwork)"),
            (90_000, Tick, "Wait(NoNetwork)"),
            (90_001, Network(super::Network::Metered), "run Wanted"),
        ],
    );
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_left_alone() {
    use Happened::*;
    let later = |seconds| Outcome::ServerFault { later: Some(Duration::from_secs(seconds)) };
    let mut schedule = idle();
    schedule.on(at(10), HALF, Submitted);
    play(
        &mut schedule,
        &[
            (11, Tick, "run Rest"),
            (11, Began, "Running"),
            (12, failed(later(300), Some(2), 1), "at 313 ServerAsked"),
            (13, Submitted, "at 313 ServerAsked"),
            (14, Network(super::Network::Metered), "at 313 ServerAsked"),
            (15, Background, "Wait(Background)"),
            (16, Foreground, "at 313 ServerAsked"),
            (17, Pressed, "run Wanted"),
            (17, Began, "Running"),
            (18, failed(Outcome::Unknown, Some(2), 1), "at 21619 Unknown"),
            (19, Enrolled(facts(None, 1)), "run Wanted"),
        ],
    );
    let day = later(86_400);
    schedule.on(at(19), HALF, Began);
    let answer = schedule.on(at(20), HALF, failed(day, Some(2), 1));
    assert_eq!(said(answer.sync), "at 3621 ServerAsked", "no server puts a phone off for a day");
}

#[test]
fn mobile_data_and_a_low_battery_are_spared() {
    use Happened::*;
    let metered = || Network(super::Network::Metered);
    play(
        &mut idle(),
        &[
            (3, metered(), "at 902 Idle"),
            (10, UnmeteredOnly(true), "Wait(Metered)"),
            (20, Poked { within: Duration::ZERO }, "Wait(Metered)"),
            // What the person wrote is small and goes all the same; their photos wait.
            (30, Submitted, "at 31 Gathering"),
            (31, Tick, "run Opened not up"),
            (31, Began, "Running"),
            (32, done(32), "Wait(Metered)"),
            (33, Pressed, "run Wanted"),
            (33, Began, "Running"),
            // A word written in the meantime is as urgent as any.
            (
                34,
                Ended(super::Ended { outcome: Outcome::Done, moved: true, facts: facts(Some(34), 1) }),
                "at 35 Gathering",
            ),
        ],
    );
    play(
        &mut idle(),
        &[
            (3, Battery { low: true }, "at 3482 Idle"),
            (10, Pressed, "run Wanted"),
            (10, Began, "Running"),
            (11, done(11), "at 3491 Idle"),
            (20, Background, "Wait(Background)"),
            (9_000, Window { until: at(9_025) }, "Wait(Battery)"),
            (9_001, Submitted, "at 9002 Gathering"),
        ],
    );
}

#[test]
fn in_the_background_there_are_only_windows() {
    use Happened::*;
    let mut schedule = idle();
    play(
        &mut schedule,
        &[
            (10, Background, "Wait(Background)"),
            (11, Submitted, "Wait(Background)"),
            (100, Window { until: at(125) }, "run Rest"),
            (100, Began, "Running"),
            (110, done(110), "at 710 Idle"),
            (111, WindowEnded, "Wait(Background)"),
            // Nothing waits, and the news are two minutes old.
            (230, Window { until: at(255) }, "at 710 Idle"),
            (254, Submitted, "Wait(Background)"),
            (255, WindowEnded, "Wait(Background)"),
            (900, Window { until: at(925) }, "run Rest"),
            (900, Began, "Running"),
            (924, Tick, "Running"),
            (925, Tick, "Stop(Background)"),
            (925, failed(Outcome::Stopped, Some(110), 1), "Wait(Background)"),
            (930, Window { until: at(955) }, "run Rest"),
            (930, Began, "Running"),
            (931, WindowEnded, "Stop(Background)"),
        ],
    );
    assert_eq!(schedule.wake(), None);
    let mut paused = idle();
    play(
        &mut paused,
        &[
            (20, Pressed, "run Rest"),
            (20, Began, "Running"),
            (21, Paused, "Stop(Paused)"),
            (21, failed(Outcome::Stopped, Some(2), 0), "Wait(Paused)"),
            (22, Pressed, "Wait(Paused)"),
            (40, Resumed, "run Rest"),
        ],
    );
}

#[test]
fn files_travel_when_the_network_is_right() {
    use Happened::*;
    let left = |up, down| Looked(Facts { files: FilesLeft { up, down }, ..facts(Some(2), 0) });
    let metered = || Network(super::Network::Metered);
    let mut schedule = idle();
    schedule.on(at(3), HALF, metered());
    play(
        &mut schedule,
        &[
            (4, left(false, Some(FilesDown::Rest)), "at 902 Idle"),
            (5, Network(super::Network::Unmetered), "run Rest"),
            (5, Began, "Running"),
            // They did not come: no reason to ask again and again.
            (
                6,
                Ended(super::Ended {
                    outcome: Outcome::Done,
                    moved: false,
                    facts: Facts {
                        files: FilesLeft { up: false, down: Some(FilesDown::Rest) },
                        ..facts(Some(6), 0)
                    },
                }),
                "at 7 BackOff",
            ),
            (6, metered(), "at 906 Idle"),
            (7, left(true, Some(FilesDown::Wanted)), "run Wanted"),
        ],
    );
    let mut opened = idle();
    opened.on(at(3), HALF, metered());
    opened.on(at(3), HALF, UnmeteredOnly(true));
    assert_eq!(said(opened.on(at(4), HALF, left(false, Some(FilesDown::Wanted))).sync), "Wait(Metered)");
    assert_eq!(said(opened.on(at(5), HALF, FileOpened).sync), "run Opened not up");
}

#[test]
fn a_clock_that_is_set_takes_the_plans_with_it() {
    use Happened::*;
    let day = 86_400;
    let mut schedule = idle();
    schedule.on(at(10), HALF, Pressed);
    schedule.on(at(10), HALF, Began);
    play(
        &mut schedule,
        &[
            (11, failed(Outcome::Cut, Some(2), 1), "at 12 BackOff"),
            // A year back: it is still a second.
            (11 - 365 * day, ClockJumped, "at -31535988 BackOff"),
            (12 - 365 * day, Tick, "run Rest"),
            (12 - 365 * day, Began, "Running"),
            (13 - 365 * day, done(13 - 365 * day), "at -31535087 Idle"),
            // Five years on: it was long ago, and is looked for once.
            (5 * 365 * day, ClockJumped, "run Rest"),
        ],
    );
}

#[test]
fn the_line_is_opened_again_with_patience() {
    use Happened::*;
    let broken = || LineClosed(Closed::Broken);
    let mut schedule = Schedule::new(at(0));
    play_line(
        &mut schedule,
        &[
            (0, Tick, "No(NotEnrolled)"),
            (0, Enrolled(facts(None, 0)), "NoToken"),
            (0, Began, "NoToken"),
            (2, done(2), "Open"),
            (2, LineOpening, "Keep"),
            (3, broken(), "at 4"),
            (4, Tick, "Open"),
            (4, LineOpening, "Keep"),
            (4, LineOpened, "Keep"),
            (40, broken(), "at 41"),
            (41, LineOpening, "Keep"),
            (41, LineOpened, "Keep"),
            // The token's end: an exchange first, and then again.
            (42, LineClosed(Closed::Refused), "NoToken"),
            (42, Began, "NoToken"),
            (43, done(43), "Open"),
            (44, Network(super::Network::None), "No(NoNetwork)"),
            (45, Network(super::Network::Metered), "Open"),
            (46, Background, "No(Background)"),
            (47, Foreground, "Open"),
            (48, PowerSaver(true), "No(Battery)"),
        ],
    );
}

#[test]
fn a_server_that_restarts_is_not_stormed() {
    let mut schedule = idle();
    schedule.on(at(10), HALF, Happened::LineOpening);
    schedule.on(at(10), HALF, Happened::LineOpened);
    let within = Duration::from_secs(120);
    let answer = schedule.on(at(60), 90_000, Happened::LineClosed(Closed::Ended { within }));
    assert_eq!(heard(answer.events), "at 150");
    let answer = schedule.on(at(61), 90_000, Happened::Poked { within });
    assert_eq!(said(answer.sync), "at 151 Idle", "nor after news for all");
}
