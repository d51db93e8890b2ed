//! The interposed functions are linked into programs that depend on `sim`, and obey the run that a thread entered.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sim::interpose::{self, Source};

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

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[test]
#[expect(unsafe_code, reason = "this is what the net must catch")]
fn what_is_asked_by_libcs_syscall_is_answered_too() {
    let ask = |seed: u64| {
        let ask = move || {
            let _run = interpose::enter(seed);
            interpose::set_elapsed(Duration::from_secs(5));
            let (mut bytes, mut time) = ([0u8; 8], libc::timespec { tv_sec: 0, tv_nsec: 0 });
            // SAFETY: both places are valid for writes of what is asked for.
            let results = unsafe {
                [
                    libc::syscall(libc::SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), 0),
                    libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, &raw mut time),
                    libc::syscall(libc::SYS_getpid),
                ]
            };
            (bytes, time.tv_sec, results, std::process::id())
        };
        on_fresh_thread(ask).join().expect("no panic")
    };
    let first = ask(8841);
    assert_eq!(first, ask(8841));
    assert_ne!(first.0, ask(8842).0);
    assert_eq!(first.1, 1_767_225_605);
    assert_eq!(first.2, [8, 0, i64::from(first.3)]);
    assert_ne!(first.3, std::process::id(), "outside of a run the number is the real one");
    // What the run does not answer reaches the kernel, whose errors come as libc's.
    // SAFETY: the kernel refuses a file that does not exist.
    let result = unsafe { libc::syscall(libc::SYS_close, -1) };
    assert_eq!((result, std::io::Error::last_os_error().raw_os_error()), (-1, Some(libc::EBADF)));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_watched_thread_tells_who_asked_and_answers_instructions_too() {
    let watched = on_fresh_thread(|| {
        let _run = interpose::enter(7);
        interpose::set_elapsed(Duration::from_secs(5));
        interpose::watch_begin();
        let entropy = [(); 2].map(|()| interpose::entropy_past_libc());
        let time = interpose::nanoseconds_past_libc();
        // SAFETY: every processor of this architecture has it.
        #[expect(unsafe_code, reason = "the counter is read by an intrinsic")]
        let counter = unsafe { std::arch::x86_64::_rdtsc() };
        on_fresh_thread(|| ()).join().expect("no panic");
        (entropy, time, counter, interpose::watch_finish())
    });
    let (entropy, time, counter, watched) = watched.join().expect("no panic");
    let asked = |source, by: &str| {
        let found = watched.asked.iter().find(|asked| asked.source == source && asked.by.contains(by));
        found.map(|asked| (asked.escapes, asked.times)).unwrap_or_else(|| panic!("{by} is not in {watched:?}"))
    };
    assert_eq!(asked(Source::Thread, "pthread_create"), (true, 1));
    if !watched.blind_to.iter().any(|blind| blind.contains("seccomp")) {
        assert_eq!(asked(Source::Entropy, "an instruction"), (true, 2));
        assert_eq!(asked(Source::Clock, "system call clock_gettime"), (true, 1));
        assert_eq!(time, 105_000_000_000, "the run's own clock");
        assert_ne!(entropy[0], entropy[1]);
    }
    if !watched.blind_to.iter().any(|blind| blind.contains("counter")) {
        assert_eq!((asked(Source::Clock, "rdtsc"), counter), ((true, 1), 105_000_000_000));
    }
}
