//! Leaks that the world is given on purpose, to show that each is caught and named (SIM-3).
//!
//! They are what slips into a program unseen: an order by address, entropy and a clock past libc, a thread that races, the
//! number of the process in a name. Here they are in the world and not in the server, whose code has no place for them;
//! what must catch them is the same: two processes that are compared, and the detector that watches a run.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;

use crate::interpose;

/// A leak that is put into the world.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Leak {
    /// Devices begin in the order of the addresses of their names.
    AddressOrder,
    /// Keys of steps hold entropy that a system call of their own fetched.
    Entropy,
    /// Devices wait before they begin, for as long as the last digits of a clock say that a system call of their own read.
    Clock,
    /// Devices begin in the order in which a thread for each got to the same list.
    HelperThread,
    /// The name of each device's program holds the number of the process.
    ProcessId,
}

/// How long a thread that races takes before it writes itself down: long enough for the next to have begun.
const RACE_ROUNDS: u32 = 200_000;

impl Leak {
    /// The order in which these devices begin.
    pub(super) fn order(self, devices: &[String]) -> Vec<String> {
        match self {
            Self::AddressOrder => by_address(devices),
            Self::HelperThread => by_race(devices),
            Self::Entropy | Self::Clock | Self::ProcessId => devices.to_vec(),
        }
    }

    /// How long a device waits before it begins.
    pub(super) fn pause(self) -> Duration {
        match self {
            // The clock's last digits: of two processes that begin in the same moment, every device waits differently.
            Self::Clock => Duration::from_micros(interpose::nanoseconds_past_libc() % 30_000),
            _ => Duration::ZERO,
        }
    }

    /// The key of a step.
    pub(super) fn key(self, key: String) -> String {
        match self {
            Self::Entropy => format!("{key}-{:016x}", interpose::entropy_past_libc()),
            _ => key,
        }
    }

    /// The name of a device's program.
    pub(super) fn program(self, name: &str) -> String {
        match self {
            Self::ProcessId => format!("{name}-{}", std::process::id()),
            _ => name.to_owned(),
        }
    }
}

/// A name on the heap, with a block of another size behind it, as a program has them that does more than this.
struct Boxed<'a> {
    block: Box<[u8; 48]>,
    name: &'a String,
    _other: Vec<u8>,
}

fn by_address(devices: &[String]) -> Vec<String> {
    let boxed = |name| Boxed { block: Box::new([0; 48]), name, _other: vec![0; name.len() * 16] };
    let mut boxed: Vec<Boxed<'_>> = devices.iter().map(boxed).collect();
    boxed.sort_unstable_by_key(|boxed| std::ptr::from_ref(&*boxed.block).addr());
    boxed.iter().map(|boxed| boxed.name.clone()).collect()
}

fn by_race(devices: &[String]) -> Vec<String> {
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let start = |name: &String| {
        let (name, arrived) = (name.clone(), Arc::clone(&arrived));
        let run = move || {
            for round in 0..RACE_ROUNDS {
                std::hint::black_box(round);
            }
            arrived.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        };
        thread::Builder::new().spawn(run)
    };
    let threads: Vec<_> = devices.iter().map(start).collect();
    for thread in threads.into_iter().flatten() {
        // A thread that could not be had, or panicked, is not in the list, and the run shows it.
        let _ = thread.join();
    }
    let order = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    order.clone()
}
