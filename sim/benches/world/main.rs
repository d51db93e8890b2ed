//! What a run costs: histories per second on one core, against the same histories on the world as turmoil's own
//! documentation builds it (a host for each device, ticks of 1 ms), what a history of each profile costs, and where the
//! time and the memory go.
//!
//! A plain program and no benchmark library, since what is wanted is the ratio of two ways in one run. The two take
//! turns, because the speed of a machine drifts; what is compared is processor time, because others use it too; and
//! medians are taken. The ratio and the memory do not depend on the machine, so a missed bound fails the benchmark.
//! The rate does: a missed rate is shown, no more.

mod attribution;
mod histories;
mod memory;
mod parts;
mod profiles;
mod sampling;
mod stopwatch;

use std::process::ExitCode;

use properties::check_all;
use sim::history::History;
use sim::world::{self, Options, Run};

use histories::Standard;
use memory::MIB;
use stopwatch::{Spent, median};

/// How many histories are measured, from seed 0.
const HISTORIES: u64 = 8;

/// How often each is.
const ROUNDS: u64 = 5;

/// Histories per second that one core should run.
const RATE_WANTED: f64 = 50.0;

/// How many times more a host for each device and ticks of 1 ms should cost.
const RATIO_WANTED: f64 = 15.0;

/// The share of a run that its record may take: the trace and the hash chain.
const RECORD_LIMIT: f64 = 0.15;

/// What one run may need.
const MEMORY_LIMIT_BYTES: usize = 64 * MIB;

/// The way that turmoil's documentation shows.
fn host_per_device() -> Options {
    Options { tick_ms: 1, host_per_device: true, ..Options::default() }
}

fn main() -> ExitCode {
    let histories: Vec<Standard> = (0..HISTORIES).map(Standard::draw).collect();
    // The first run pays for what a process does once; the second is every other's equal.
    let (_, peak_bytes) = memory::peak_of(|| whole(&histories[0], Options::default()));
    let resident_bytes = memory::peak_resident_bytes();

    let mut ours: Vec<Vec<Spent>> = histories.iter().map(|_| Vec::new()).collect();
    let mut theirs = Vec::new();
    for round in 0..ROUNDS {
        for (standard, spent) in histories.iter().zip(&mut ours) {
            spent.push(stopwatch::time(|| whole(standard, Options::default())).1);
        }
        let index = (round % HISTORIES) as usize;
        let (run, spent) = stopwatch::time(|| whole(&histories[index], host_per_device()));
        histories[index].assert_is_standard(&run);
        theirs.push((index, spent));
    }

    let each: Vec<Spent> = ours.iter().map(|spent| median(spent)).collect();
    let one = Spent::mean(&each);
    let ratios: Vec<f64> = theirs.iter().map(|(index, spent)| spent.processor_ms / each[*index].processor_ms).collect();
    let ratio = stopwatch::median_of(&ratios);
    let simulated_s = histories.iter().map(|standard| standard.simulated_s).sum::<f64>() / HISTORIES as f64;
    let rate = 1e3 / one.processor_ms;

    say(&format!(
        "{HISTORIES} standard histories of {simulated_s:.0} simulated s each, {ROUNDS} rounds, one thread, medians"
    ));
    bound("histories/s on one core", format!("{rate:.1}"), format!("{RATE_WANTED}"), rate >= RATE_WANTED);
    say(&format!("  {:<44} {:>10.1}", "the same by the wall clock, with what else ran", 1e3 / one.wall_ms));
    say(&format!("  {:<44} {:>10.0}", "simulated s per s", rate * simulated_s));
    let ratio_holds = ratio >= RATIO_WANTED;
    bound(
        "cheaper than a host per device at 1 ms ticks",
        format!("{ratio:.1}x"),
        format!("{RATIO_WANTED}x"),
        ratio_holds,
    );
    let memory_holds = peak_bytes < MEMORY_LIMIT_BYTES;
    let in_mib = |bytes: usize| format!("{:.1} MiB", bytes as f64 / MIB as f64);
    bound("allocated by one run, at its peak", in_mib(peak_bytes), in_mib(MEMORY_LIMIT_BYTES), memory_holds);
    say(&format!("  {:<44} {:>10}", "resident, the program with it", in_mib(resident_bytes)));

    say("a history of each profile");
    for profiles::Cost { profile, ms, simulated_s } in profiles::measure() {
        say(&format!("  {profile:<44} {ms:>7.2} ms  {:>5.1} histories/s of {simulated_s:.0} simulated s", 1e3 / ms));
    }

    let (shares, samples) = parts::sampled(&histories, |standard| drop(whole(standard, Options::default())));
    say(&format!("of the time of one history, by {samples} samples of the stack"));
    for (part, share) in shares {
        say(&format!("  {:<44} {:>7.2} ms  {:>4.1} %", part.name(), share * one.processor_ms, 100.0 * share));
    }
    say("of the time of one history, by doing it alone");
    let mut record_holds = true;
    for parts::Alone { name, ms } in parts::alone(&histories) {
        let share = ms / one.processor_ms;
        if name == parts::RECORD {
            record_holds = share < RECORD_LIMIT;
            let wanted = format!("less than {:.0} %", 100.0 * RECORD_LIMIT);
            bound(name, format!("{ms:.2} ms  {:.1} %", 100.0 * share), wanted, record_holds);
        } else {
            say(&format!("  {name:<44} {ms:>7.2} ms  {:>4.1} %", 100.0 * share));
        }
    }
    if ratio_holds && memory_holds && record_holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All that a campaign does for one seed: draws the history, runs it, judges the trace.
fn whole(standard: &Standard, options: Options) -> Run {
    let history: History = histories::draw(standard.seed);
    let run = world::run(&history, options);
    assert_eq!(check_all(&run.trace).len(), properties::all().len());
    run
}

fn bound(what: &str, measured: String, wanted: String, holds: bool) {
    let verdict = if holds { "holds" } else { "MISSED" };
    say(&format!("  {what:<44} {measured:>10}  wanted {wanted}: {verdict}"));
}

#[expect(clippy::print_stdout, reason = "a benchmark's only output")]
fn say(line: &str) {
    println!("{line}");
}
