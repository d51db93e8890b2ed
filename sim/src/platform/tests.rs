//! Simulated machines at work.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use system::platform::{Platform, blocking};
use tokio::time::{Instant, timeout};

use super::SimPlatform;
use crate::clock::WallClock;
use crate::disk::Disk;
use crate::interpose;
use crate::keyed::Key;

const PATIENCE: Duration = Duration::from_secs(60);

fn server(incarnation: u32, disk: &Disk) -> SimPlatform {
    SimPlatform::server(8841, incarnation, disk.clone(), 20, WallClock::default())
}

/// Runs `work` under a paused clock.
fn simulate<T>(work: impl Future<Output = T>) -> T {
    interpose::set_elapsed(Duration::ZERO);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

fn random(platform: &SimPlatform) -> [u8; 16] {
    let mut bytes = [0; 16];
    platform.fill_random(&mut bytes);
    bytes
}

#[test]
fn entropy_is_a_function_of_seed_and_machine_and_never_repeats() {
    interpose::set_elapsed(Duration::ZERO);
    let disk = Disk::new();
    let (first, again, next_life) = (server(1, &disk), server(1, &disk), server(2, &disk));
    let phone = SimPlatform::device(8841, "ana/phone", WallClock::default());
    let drawn = random(&first);
    assert_eq!(drawn, random(&again));
    for other in [random(&first), random(&next_life), random(&phone)] {
        assert_ne!(drawn, other);
    }
    assert_eq!(server(3, &disk).new_uuid(), server(3, &disk).new_uuid());
}

#[test]
fn blocking_work_is_done_at_once_and_takes_a_keyed_time() {
    let durations = |seed| {
        simulate(async move {
            let platform = SimPlatform::server(seed, 1, Disk::new(), 20, WallClock::default());
            let mut durations = Vec::new();
            for number in 0..20 {
                let begun = Instant::now();
                assert_eq!(blocking(&platform, move || number).await, number);
                durations.push(begun.elapsed().as_millis());
            }
            durations
        })
    };
    let first = durations(1);
    assert_eq!(first, durations(1));
    assert_ne!(first, durations(2));
    assert!(first.iter().all(|&taken| taken <= 20), "{first:?}");
    assert!(first.iter().max() > first.iter().min(), "{first:?}");
}

#[test]
fn work_whose_caller_has_gone_was_done_all_the_same() {
    simulate(async {
        let (sender, receiver) = std::sync::mpsc::channel();
        drop(server(1, &Disk::new()).run_blocking(Box::new(move || sender.send(()).expect("the test listens"))));
        receiver.try_recv().expect("the work was done");
    });
}

#[test]
fn a_killed_machine_never_answers() {
    simulate(async {
        let disk = Disk::new();
        let platform = server(1, &disk);
        let waiting = platform.run_blocking(Box::new(|| {}));
        disk.kill();
        assert!(timeout(PATIENCE, waiting).await.is_err());
        assert!(timeout(PATIENCE, blocking(&platform, || ())).await.is_err());
        assert!(platform.open_database().is_err());
        blocking(&server(2, &disk), || ()).await;
    });
}

#[test]
fn a_machine_whose_power_fails_at_work_never_answers() {
    simulate(async {
        let disk = Disk::new();
        let platform = server(1, &disk);
        let backend = platform.open_database().expect("a new disk");
        disk.arm_power_loss(0, Key::new(1));
        let work = move || backend.write(0, b"half a commit").expect("redb would panic, or say so");
        assert!(timeout(PATIENCE, blocking(&platform, work)).await.is_err());
        assert!(disk.power_failed());
    });
}

#[test]
fn a_panic_at_work_is_its_callers() {
    simulate(async {
        let platform = server(1, &Disk::new());
        let outcome = catch_unwind(AssertUnwindSafe(|| platform.run_blocking(Box::new(|| panic!("a bug")))));
        assert!(outcome.is_err());
    });
}

#[test]
fn a_device_has_a_clock_of_its_own_and_no_disk() {
    interpose::set_elapsed(Duration::from_secs(1));
    let phone = SimPlatform::device(8841, "ana/phone", WallClock::with_offset_ms(250));
    assert_eq!(phone.now().to_string(), "2026-01-01T00:00:01.250Z");
    assert_eq!(phone.open_database().map(drop).map_err(|error| error.kind()), Err(io::ErrorKind::Unsupported));
}

#[test]
fn on_a_host_the_clock_is_exact() {
    let mut sim = turmoil::Builder::new().tick_duration(Duration::from_millis(10)).build();
    interpose::set_elapsed(Duration::ZERO);
    sim.client("devices", async {
        let phone = SimPlatform::device(8841, "ana/phone", WallClock::default());
        tokio::time::sleep(Duration::from_millis(23)).await;
        assert_eq!(phone.now().to_string(), "2026-01-01T00:00:00.023Z");
        Ok(())
    });
    sim.run().expect("the clock is exact");
}
