//! The interposed functions are linked into programs that depend on `sim`, and obey the run that a thread entered.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sim::interpose;

/// What a program sees of the world when it asks past the platform.
#[derive(Clone, PartialEq, Debug)]
struct Seen {
    hash_map_order: Vec<u32>,
    getrandom: [u8; 19],
    rand: u64,
    wall_ms: u128,
    monotonic_step: Duration,
    entropy_calls: u64,
    clock_calls: u64,
}

#[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is what the net must catch")]
fn look() -> Seen {
    let mut map = std::collections::HashMap::new();
    for number in 0..64u32 {
        map.insert(number, ());
    }
    let mut random = [0; 19];
    getrandom::fill(&mut random).expect("entropy");
    let before = std::time::Instant::now();
    interpose::set_elapsed(interpose::elapsed() + Duration::from_millis(10));
    Seen {
        hash_map_order: map.keys().copied().collect(),
        getrandom: random,
        rand: any::<u64>().new_tree(&mut TestRunner::default()).expect("no filter").current(),
        wall_ms: std::time::SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis(),
        monotonic_step: before.elapsed(),
        entropy_calls: interpose::entropy_calls(),
        clock_calls: interpose::clock_calls(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a run has a thread of its own")]
fn on_fresh_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::spawn(work)
}

fn look_inside(seed: u64) -> Seen {
    on_fresh_thread(move || {
        let _run = interpose::enter(seed);
        interpose::set_elapsed(Duration::from_secs(5));
        interpose::set_wall_offset_ms(-1_000);
        look()
    })
    .join()
    .expect("no panic")
}

#[test]
fn inside_a_run_everything_is_a_function_of_the_seed() {
    let first = look_inside(8841);
    assert_eq!(first, look_inside(8841));
    assert_eq!(first.wall_ms, 1_767_225_600_000 + 5_010 - 1_000);
    assert_eq!(first.monotonic_step, Duration::from_millis(10));
    assert!(first.entropy_calls >= 3, "somebody draws entropy past the net: {first:?}");
    assert!(first.clock_calls >= 3, "somebody reads a clock past the net: {first:?}");

    let other = look_inside(8842);
    assert_ne!(first.hash_map_order, other.hash_map_order);
    assert_ne!(first.getrandom, other.getrandom);
    assert_ne!(first.rand, other.rand);
}

#[test]
fn outside_of_runs_everything_is_real() {
    let [first, second] = [(); 2].map(|()| on_fresh_thread(look).join().expect("no panic"));
    assert_ne!(first.hash_map_order, second.hash_map_order);
    assert_ne!(first.getrandom, second.getrandom);
    assert_ne!(first.rand, second.rand);
    assert!(first.wall_ms > 1_767_225_600_000, "before this was written: {}", first.wall_ms);
    assert_eq!((first.entropy_calls, second.entropy_calls), (0, 0));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this is what the net must not catch")]
fn a_thread_that_left_its_run_is_back_in_the_real_world() {
    let (inside, outside) = on_fresh_thread(|| {
        let run = interpose::enter(1);
        let inside = std::time::SystemTime::now();
        drop(run);
        (inside, std::time::SystemTime::now())
    })
    .join()
    .expect("no panic");
    assert_eq!(inside.duration_since(UNIX_EPOCH).expect("after 1970").as_secs(), 1_767_225_600);
    assert!(outside > inside);
}

#[test]
fn two_runs_side_by_side_do_not_disturb_each_other() {
    let alone = [look_inside(1), look_inside(2)];
    // The first run is entered, then the second looks at everything, then the first does.
    let (first_is_inside, wait_for_first) = mpsc::channel();
    let (second_is_done, wait_for_second) = mpsc::channel();
    let first = on_fresh_thread(move || {
        let _run = interpose::enter(1);
        interpose::set_elapsed(Duration::from_secs(5));
        interpose::set_wall_offset_ms(-1_000);
        first_is_inside.send(()).expect("the second waits");
        wait_for_second.recv().expect("the second sends");
        look()
    });
    wait_for_first.recv().expect("the first sends");
    let second = look_inside(2);
    second_is_done.send(()).expect("the first waits");
    assert_eq!([first.join().expect("no panic"), second], alone);
}

#[test]
fn a_thread_enters_one_run_at_a_time() {
    let result = on_fresh_thread(|| {
        let _run = interpose::enter(1);
        let _another = interpose::enter(2);
    })
    .join();
    assert!(result.is_err());
}
