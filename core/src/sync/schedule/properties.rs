//! What holds whatever happens, in any order.

use proptest::prelude::*;

use super::*;

/// Longer than any of them waits: an unknown device's twelve hours.
const LONGEST: Duration = Duration::from_secs(13 * 60 * 60);

fn start() -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-10_000_000_i64..10_000_000).prop_map(|millis| Timestamp::from_millis(1_764_000_000_000 + millis))
}

prop_compose! {
    fn facts()(
        enrolled in prop::bool::weighted(0.9),
        last_sync in prop::option::of(moment()),
        token_until in prop::option::of(moment()),
        pending in 0_u64..3,
        up: bool,
        down in prop::option::of(prop_oneof![
            Just(FilesDown::Opened), Just(FilesDown::Wanted), Just(FilesDown::Rest)
        ]),
    ) -> Facts {
        Facts { enrolled, last_sync, token_until, pending, files: FilesLeft { up, down } }
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Done),
        Just(Outcome::NotReached),
        Just(Outcome::Cut),
        prop::option::of(0_u64..1_000_000)
            .prop_map(|later| Outcome::ServerFault { later: later.map(Duration::from_secs) }),
        Just(Outcome::Unknown),
        Just(Outcome::NotUnderstood),
        Just(Outcome::Stopped),
        Just(Outcome::Busy),
        Just(Outcome::Store),
    ]
}

fn network() -> impl Strategy<Value = Network> {
    prop_oneof![Just(Network::None), Just(Network::Metered), Just(Network::Unmetered)]
}

fn happened() -> impl Strategy<Value = Happened> {
    use Happened::*;
    let span = (0_u64..1_000).prop_map(Duration::from_secs);
    let closed = prop_oneof![
        Just(Closed::Broken),
        span.prop_map(|within| Closed::Ended { within }),
        Just(Closed::Refused),
        Just(Closed::Dropped),
    ];
    let span = (0_u64..1_000).prop_map(Duration::from_secs);
    prop_oneof![
        1 => Just(Tick),
        1 => facts().prop_map(Looked),
        1 => network().prop_map(Network),
        1 => any::<bool>().prop_map(UnmeteredOnly),
        1 => any::<bool>().prop_map(|low| Battery { low }),
        1 => any::<bool>().prop_map(PowerSaver),
        1 => Just(Foreground),
        1 => Just(Background),
        1 => moment().prop_map(|until| Window { until }),
        1 => Just(WindowEnded),
        1 => Just(Paused),
        1 => Just(Resumed),
        1 => facts().prop_map(Enrolled),
        4 => Just(Submitted),
        1 => Just(FileOpened),
        2 => span.prop_map(|within| Poked { within }),
        1 => Just(Pressed),
        1 => Just(ClockJumped),
        6 => (outcome(), any::<bool>(), facts())
            .prop_map(|(outcome, moved, facts)| Ended(super::Ended { outcome, moved, facts })),
        1 => Just(LineOpening),
        1 => Just(LineOpened),
        1 => closed.prop_map(LineClosed),
    ]
}

/// Something happens after so many milliseconds, by this chance; time may go back.
fn history() -> impl Strategy<Value = Vec<(i64, u64, Happened)>> {
    let step = prop_oneof![4 => 0_i64..2_000, 2 => 0_i64..2_000_000, 1 => -5_000_000_i64..0];
    prop::collection::vec((step, any::<u64>(), happened()), 1..80)
}

/// The history as a driver would live it: it begins what it is told to begin, and only that.
fn live(history: &[(i64, u64, Happened)], mut seen: impl FnMut(&Schedule, Timestamp, &Happened, Answer)) {
    let (mut schedule, mut now, mut running) = (Schedule::new(start()), start(), false);
    for (step, chance, happened) in history {
        now = Timestamp::from_millis(now.millis() + step);
        let ends = matches!(happened, Happened::Ended(_));
        if ends && !running {
            continue;
        }
        running &= !ends;
        let answer = schedule.on(now, *chance, happened.clone());
        seen(&schedule, now, happened, answer);
        if let Next::Run(_) = answer.sync {
            assert!(!running, "a run was asked for while one ran");
            running = true;
            let answer = schedule.on(now, *chance, Happened::Began);
            seen(&schedule, now, &Happened::Began, answer);
            assert!(!matches!(answer.sync, Next::Run(_)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_two_runs_at_once(history in history()) {
        let mut running = false;
        live(&history, |_, _, happened, answer| {
            match happened {
                Happened::Began => running = true,
                Happened::Ended(_) => running = false,
                _ => {}
            }
            let says = matches!(answer.sync, Next::Running | Next::Stop(_));
            assert_eq!(running, says, "{happened:?}: {answer:?}");
        });
    }

    #[test]
    fn what_was_submitted_has_a_time_unless_something_named_stands_in_its_way(history in history()) {
        let mut unsent = false;
        live(&history, |schedule, now, happened, answer| {
            match happened {
                Happened::Submitted => unsent = true,
                Happened::Began => unsent = false,
                Happened::Ended(of) => unsent |= of.facts.pending > 0,
                _ => {}
            }
            match answer.sync {
                Next::At(due, _) => {
                    assert!(due > now, "a moment that is past is now");
                    assert!(due <= now + LONGEST, "{due:?}");
                    assert!(schedule.wake().is_some_and(|wake| wake <= due));
                }
                Next::Wait(why) if unsent => assert!(
                    matches!(why, Why::Paused | Why::NotEnrolled | Why::NoNetwork | Why::Background),
                    "{why:?}"
                ),
                _ => {}
            }
        });
    }

    #[test]
    fn the_same_history_has_the_same_answers(history in history()) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        live(&history, |_, _, _, answer| first.push(answer));
        live(&history, |_, _, _, answer| second.push(answer));
        prop_assert_eq!(first, second);
    }

    /// A server that always fails, and a driver that does nothing but what it is told: the runs thin out.
    #[test]
    fn a_failing_server_is_never_hammered(
        chances in prop::collection::vec(any::<u64>(), 40),
        outcome in outcome(),
        pending in 0_u64..2,
    ) {
        let (mut schedule, mut now) = (Schedule::new(start()), start());
        let facts = Facts { enrolled: true, pending, ..Facts::default() };
        let mut answer = schedule.on(now, 0, Happened::Enrolled(facts.clone()));
        let mut begun = Vec::new();
        for (failures, chance) in chances.iter().enumerate() {
            if let Next::At(due, _) = answer.sync {
                now = due;
                answer = schedule.on(now, *chance, Happened::Tick);
            }
            prop_assert!(matches!(answer.sync, Next::Run(_)), "{:?}", answer);
            begun.push(now);
            schedule.on(now, *chance, Happened::Began);
            let ended = Ended { outcome, moved: false, facts: facts.clone() };
            answer = schedule.on(now, *chance, Happened::Ended(ended));
            let Next::At(due, why) = answer.sync else { panic!("{answer:?}") };
            prop_assert!(due >= now + PAUSE);
            if why == Why::BackOff && outcome != Outcome::Busy {
                let doubled = BACK_OFF * 2_u32.pow(failures.min(16) as u32);
                prop_assert!(due <= now + doubled.min(BACK_OFF_MOST));
            }
        }
    }
}
