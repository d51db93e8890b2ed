//! `kill -9`, again and again, while people post, roles change and whatever else has a workload here goes on.
//!
//! Nothing that was acknowledged is lost, nothing is doubled, `stormglass verify` finds the database whole after each
//! death, and everybody finds back by themselves (REQUIREMENTS.md CG-1, CG-2, CG-3, CG-7, IT-8). The server is the real
//! program on a real disk; what a power loss adds to that is the simulation's to show.
//!
//! `cargo test` runs a few rounds. More of them:
//!
//!     cargo test -p system --test kill -- --times 200
//!
//! A test program of its own, without libtest: its rounds are one story, and it takes a number.

mod arguments;
mod server;
mod stage;
mod storm;
mod workload;
mod workloads;

use std::process::ExitCode;

use arguments::Wanted;

#[expect(clippy::print_stdout, reason = "this program's report is what it prints")]
fn main() -> ExitCode {
    let times = match arguments::read(std::env::args().skip(1)) {
        Wanted::Storm { times } => times,
        Wanted::List => {
            println!("kill_storm: test");
            return ExitCode::SUCCESS;
        }
        Wanted::Nothing => return ExitCode::SUCCESS,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    // A panic in it says what is wrong, and where, and ends the program with 101.
    println!("{}", runtime.block_on(storm::run(times)));
    ExitCode::SUCCESS
}
