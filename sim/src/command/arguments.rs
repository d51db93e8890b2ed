//! The arguments: what can be typed after `cargo sim`.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::duration::parse_duration;
use super::{judge, schema};
use crate::fuzz::shard::Shard;
use crate::fuzz::worker::Trouble;
use crate::load::Part;
use crate::scenarios::model::{Category, Priority};
use crate::seeds::{Asked, SeedRange, parse_seed};
use crate::workspace::default_output;
use crate::world::Leak;

/// Everything after `cargo sim`.
#[derive(Parser, Debug)]
#[command(
    name = "sim",
    bin_name = "cargo sim",
    about = "Finds bugs in a real-time backend from one number, and replays them",
    after_help = EXIT_CODES,
    disable_help_subcommand = true,
    max_term_width = 100,
    propagate_version = true,
    version
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub subcommand: Sub,

    /// Write one JSON document to standard output instead of text; equal runs give equal bytes
    #[arg(long, global = true)]
    pub json: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 held, 1 violated, 2 vacuous, 3 not deterministic, 64 wrong usage, 70 our own error.
Begin with: cargo sim run";

/// What can be done.
#[derive(Subcommand, Debug)]
pub enum Sub {
    /// Run histories, the saved ones first, and judge them by every property
    Run(Run),
    /// Run named scenarios, in the simulation or on a real server, and count what they cover
    Scenarios(Scenarios),
    /// Run one history again, told step by step
    Replay(Replay),
    /// Search for the smallest history that still breaks the same property
    Shrink(Shrink),
    /// Judge a trace that was kept, without running anything
    Judge(judge::Arguments),
    /// Run fresh seeds and changed histories for as long as you like, and keep what they find
    Fuzz(Fuzz),
    /// Put the folders of several campaigns together
    Merge(Merge),
    /// Run seeds in two processes and compare everything that happened
    CheckDeterminism(CheckDeterminism),
    /// Name what exists: properties, operations, faults, profiles, scenarios
    List(List),
    /// Measure the real server over real sockets: memory, latencies, throughput
    Load(Load),
    /// Run what a campaign hands over: its worker process
    #[command(hide = true)]
    FuzzWorker(FuzzWorker),
    /// Measure the properties with bugs that are planted in a copy of the server
    Planted(Planted),
    /// Measure the properties and the tests with mutants of the server's core
    Mutants(super::mutants::Arguments),
    /// Print the JSON Schema of a document that --json writes
    Schema(schema::Arguments),
    /// Print the fingerprint of each run: the second process of check-determinism
    #[command(hide = true)]
    Fingerprints(Fingerprints),
    /// Print who asked past the platform: the watched process of check-determinism
    #[command(hide = true)]
    Leaks(Fingerprints),
    /// Print the trace of one run: the second look of check-determinism
    #[command(hide = true)]
    Trace(Trace),
    /// Search or shrink as standard input says: what planted has a program with a bug do
    #[command(hide = true)]
    Hunt,
    /// Run histories until the mutant of this process is noticed: what mutants has the copy's program do
    #[command(hide = true)]
    Trial,
}

const VARIABLES: &str = "\
SIM_SEED, SIM_SEEDS and SIM_PROFILE stand for --seed, --seeds and --profile, in cargo test too.
A property that never had anything to check makes the campaign vacuous: exit code 2.
For example: cargo sim run --seeds 0..1000";

/// `cargo sim run`
#[derive(Args, Debug)]
#[command(after_help = VARIABLES)]
pub struct Run {
    /// Run the history of this one seed, and nothing else
    #[arg(long, value_name = "N", value_parser = parse_seed, conflicts_with = "seeds")]
    pub seed: Option<u64>,

    /// Run the histories of these seeds, B not among them [default: 0..64]
    #[arg(long, value_name = "A..B")]
    pub seeds: Option<SeedRange>,

    /// Draw the histories from this profile [default: standard]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Run this many simulations side by side [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Go on after a failure, and report every one
    #[arg(long)]
    pub keep_going: bool,

    /// Search for histories in which this is worse: begin with the worst of the seeds, and change it
    #[arg(long, value_name = "MEASURE", conflicts_with = "keep_going")]
    pub worst: Option<Measure>,

    /// With --worst, try this many changed histories [default: 200]
    #[arg(long, value_name = "N", requires = "worst")]
    pub runs: Option<NonZeroU64>,

    /// Write a JUnit file too: a test case for each property
    #[arg(long, value_name = "FILE", conflicts_with = "worst")]
    pub junit: Option<PathBuf>,

    /// Where to leave what a failure leaves behind
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = default_output())]
    pub output: PathBuf,

    /// Write a page about the campaign: its tables, and its failures with their timelines
    #[arg(long, value_name = "FILE", conflicts_with = "worst")]
    pub html: Option<PathBuf>,
}

const SUITE: &str = "\
A scenario that needs what a real server cannot give is skipped, with the reason. Nothing is
written to a server that is down, of another version, or not empty.
Exit code 1: a scenario failed, or all were asked for and they do not cover all that the
documents promise. docs/scenarios.md says how to write one.
For example: cargo sim scenarios --category auth";

/// `cargo sim scenarios`
#[derive(Args, Debug)]
#[command(after_help = SUITE)]
pub struct Scenarios {
    /// Only those of this category
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<Category>,

    /// Only those of this priority
    #[arg(long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Only those whose id or name has this in it
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

    /// Run on the real server at this address, or on one that is built and started for it
    #[arg(long, value_name = "http://HOST:PORT|own", conflicts_with = "jobs")]
    pub against: Option<String>,

    /// The file with the token of that server's operator
    #[arg(long, value_name = "FILE", requires = "against")]
    pub operator_token_file: Option<PathBuf>,

    /// Run this many simulations side by side [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// `cargo sim replay`
#[derive(Args, Debug)]
#[command(after_help = "For example: cargo sim replay 8841")]
pub struct Replay {
    /// A seed, or the file of a saved history
    #[arg(value_name = "SEED|FILE")]
    pub subject: String,

    /// Draw the history of a seed from this profile [default: standard]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Tell everything: the setup, what brings each step about, and the last reads
    #[arg(long)]
    pub everything: bool,

    /// Write what was observed to this file, to judge it later
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Write a page about the run, with its timeline
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `cargo sim shrink`
#[derive(Args, Debug)]
#[command(after_help = "For example: cargo sim shrink 8841")]
pub struct Shrink {
    /// A seed, or the file of a saved history
    #[arg(value_name = "SEED|FILE")]
    pub subject: String,

    /// Draw the history of a seed from this profile [default: standard]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Keep this property broken, rather than the first that is
    #[arg(long, value_name = "ID")]
    pub property: Option<String>,

    /// Where to leave the smaller history
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = default_output())]
    pub output: PathBuf,
}

const CAMPAIGNS: &str = "\
A campaign that is killed goes on where it was: type the same command again.
A shard needs --shard, or SIM_SHARD=3/16, or the variables of a GitLab parallel job, or those of a
Kubernetes indexed job with SIM_SHARDS=16. Shards do not talk: merge their folders in the end.
docs/campaigns.md tells what a folder holds.
For example: cargo sim fuzz --for 20m --out target/sim/fuzz";

/// `cargo sim fuzz`
#[derive(Args, Debug)]
#[command(after_help = CAMPAIGNS)]
pub struct Fuzz {
    /// End after this long, such as 90s, 20m or 2h [default: 10m, unless --runs is given]
    #[arg(long = "for", value_name = "TIME", value_parser = parse_duration)]
    pub time: Option<Duration>,

    /// End after this many histories
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: Option<u64>,

    /// Draw the fresh histories from this profile [default: swarm]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Run this many worker processes side by side [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Run only this part of the seeds: K of N, counted from 1 [default: all]
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,

    /// Count the seeds of all shards from this one [default: 0]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    pub first_seed: Option<u64>,

    /// The folder of the campaign: go on where it was, or begin one
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = default_output().join("fuzz"))]
    pub out: PathBuf,

    /// Begin with the corpus of this folder of another campaign, too
    #[arg(long, value_name = "DIRECTORY")]
    pub corpus: Vec<PathBuf>,

    /// Make a failure smaller with at most this many runs
    #[arg(long, value_name = "N", default_value = "1000")]
    pub shrink_runs: u32,

    /// Count a run as hung after this long
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    pub hang_after: Duration,

    /// What the workers are to do wrong: a campaign is tested with it
    #[arg(long, hide = true)]
    pub trouble: Option<Trouble>,
}

/// `cargo sim merge`
#[derive(Args, Debug)]
#[command(after_help = "For example: cargo sim merge --out target/sim/merged shard-1 shard-2")]
pub struct Merge {
    /// The folder to merge into; what it was merged of before stays in it
    #[arg(long, value_name = "DIRECTORY")]
    pub out: PathBuf,

    /// The folders of campaigns, and merged ones
    #[arg(value_name = "DIRECTORY", required = true)]
    pub folders: Vec<PathBuf>,
}

/// The worker process of `cargo sim fuzz`
#[derive(Args, Debug)]
pub struct FuzzWorker {
    /// The profile
    #[arg(long)]
    pub profile: String,

    /// What to do wrong
    #[arg(long)]
    pub trouble: Option<Trouble>,
}

const DETERMINISM: &str = "\
What is compared, and how to read a difference: docs/determinism.md. Exit code 3: two runs of one seed differed.
For example: cargo sim check-determinism --seeds 0..64 --load --builds dev,sim";

/// `cargo sim check-determinism`
#[derive(Args, Debug)]
#[command(after_help = DETERMINISM)]
pub struct CheckDeterminism {
    /// Compare the runs of these seeds, B not among them [default: 0..64]
    #[arg(long, value_name = "A..B")]
    pub seeds: Option<SeedRange>,

    /// Draw the histories from this profile [default: standard]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Run this many simulations side by side in this process [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Compare only every Nth of the seeds, beginning with the first
    #[arg(long, value_name = "N", default_value = "1")]
    pub every: NonZeroU64,

    /// Keep the machine busy meanwhile, with two threads for each core that compute, allocate and give way
    #[arg(long)]
    pub load: bool,

    /// Compare with what these profiles of cargo build, instead of this program run again; builds them first
    #[arg(long, value_name = "PROFILE,...", value_delimiter = ',')]
    pub builds: Vec<String>,

    /// List who asks for entropy, the time, the process's number or a thread in a run, and by what path
    #[arg(long)]
    pub leaks: bool,

    /// Put this leak into the world, to see it caught
    #[arg(long, value_name = "LEAK", hide = true)]
    pub put_leak: Option<Leak>,
}

/// `cargo sim list`
#[derive(Args, Debug)]
#[command(after_help = "For example: cargo sim list properties")]
pub struct List {
    /// Only these
    pub what: Option<Listed>,
}

const BOUNDS: &str = "\
Builds the release of the server first, and starts it on a fresh directory for each part. Exit code 1: a bound of
REQUIREMENTS.md was missed. Figures of a busy or another machine say nothing: compare within one run.
For example: cargo sim load idle --connections 2000";

/// `cargo sim load`
#[derive(Args, Debug)]
#[command(after_help = BOUNDS)]
pub struct Load {
    /// Measure only these
    #[arg(value_name = "PART")]
    pub parts: Vec<Part>,

    /// Open this many connections, idle and in the largest room
    #[arg(long, value_name = "N", default_value = "10000")]
    pub connections: NonZeroUsize,

    /// Send this many messages to everybody in a room
    #[arg(long, value_name = "N", default_value = "30")]
    pub broadcasts: NonZeroUsize,

    /// Let this many users post at once
    #[arg(long, value_name = "N", default_value = "64")]
    pub senders: NonZeroUsize,

    /// Let this many users do everything at once
    #[arg(long, value_name = "N", default_value = "100")]
    pub users: NonZeroUsize,

    /// Post, and do everything, for this long
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    pub seconds: NonZeroU64,
}

/// What can be searched for at its worst.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Measure {
    /// How long a device takes from the heal of the storm until it is in step with the server
    Recovery,
}

const PLANTED: &str = "\
A planted bug is a patch in sim/planted/. Each is built in a copy of the workspace below
target/sim/planted/, the first with all dependencies, and kept there until its sources change.
It is searched for in several ways, in each from several seeds that lie far apart. What breaks
without it too is no find. What was measured is kept until it would differ: a
command that was killed goes on when it is typed again. docs/planted.md says how to write a bug.
Exit codes: 1 a bug was not found, 2 one was not measured.
For example: cargo sim planted --only late-goodbye-marks-offline";

/// `cargo sim planted`
#[derive(Args, Debug)]
#[command(after_help = PLANTED)]
pub struct Planted {
    /// Only the bug of this name; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,

    /// Search this profile, plain and guided [default: standard plain, swarm plain and guided]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Search this many ranges of seeds in each way: the median of them counts
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u64).range(1..))]
    pub ranges: u64,

    /// Begin the first range with this seed; the others follow 10000 apart
    #[arg(long, value_name = "N", default_value = "0", value_parser = parse_seed)]
    pub first_seed: u64,

    /// Run at most this many histories in each range
    #[arg(long, value_name = "N", default_value = "5000", value_parser = clap::value_parser!(u64).range(1..))]
    pub most: u64,

    /// Search at most this long for each bug, all ranges together
    #[arg(long = "for", value_name = "TIME", default_value = "20s", value_parser = parse_duration)]
    pub time: Duration,

    /// Run this many simulations side by side [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Write the table to sim/planted/SCOREBOARD.md too
    #[arg(long, conflicts_with = "only")]
    pub write: bool,

    /// Build and search nothing: tell what was measured before, with the same sources and bounds
    #[arg(long)]
    pub known: bool,

    /// Only look whether each bug still applies to the server: builds and runs nothing
    #[arg(long, conflicts_with_all = ["write", "known", "profile", "ranges", "first_seed", "most", "time", "jobs"])]
    pub check: bool,
}

/// What can be listed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Listed {
    /// What must always hold
    Properties,
    /// What users do
    Operations,
    /// What can go wrong
    Faults,
    /// What histories can be drawn from
    Profiles,
    /// Named scenarios
    Scenarios,
}

/// The second process of `cargo sim check-determinism`
#[derive(Args, Clone, Debug)]
pub struct Fingerprints {
    /// The seeds
    #[arg(long)]
    pub seeds: SeedRange,

    /// The profile
    #[arg(long)]
    pub profile: String,

    /// Only every Nth of the seeds
    #[arg(long)]
    pub every: NonZeroU64,

    /// How many simulations run side by side
    #[arg(long)]
    pub jobs: NonZeroUsize,

    /// A leak in the world
    #[arg(long)]
    pub put_leak: Option<Leak>,
}

/// The second look of `cargo sim check-determinism`
#[derive(Args, Debug)]
pub struct Trace {
    /// The seed
    #[arg(long)]
    pub seed: u64,

    /// The profile
    #[arg(long)]
    pub profile: String,

    /// A leak in the world
    #[arg(long)]
    pub put_leak: Option<Leak>,
}

impl Run {
    /// What was asked for by flags.
    pub fn asked(&self) -> Asked {
        Asked { seed: self.seed, seeds: self.seeds, profile: self.profile.clone() }
    }
}

impl CheckDeterminism {
    /// What was asked for by flags.
    pub fn asked(&self) -> Asked {
        Asked { seed: None, seeds: self.seeds, profile: self.profile.clone() }
    }
}

/// The command as clap knows it: for help texts.
pub fn cli() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        cli().debug_assert();
    }

    #[test]
    fn flags_are_read() {
        let read = |line: &str| Arguments::try_parse_from(line.split(' ')).map(|arguments| arguments.subcommand);
        let Ok(Sub::Run(run)) = read("sim run --seeds 3..9 --profile calm --jobs 2 --keep-going --json") else {
            panic!("refused")
        };
        assert_eq!((run.seeds, run.profile.as_deref()), ("3..9".parse().ok(), Some("calm")));
        assert_eq!((run.jobs, run.keep_going), (NonZeroUsize::new(2), true));
        assert!(matches!(read("sim replay 7"), Ok(Sub::Replay(Replay { subject, .. })) if subject == "7"));
        assert!(matches!(read("sim list faults"), Ok(Sub::List(List { what: Some(Listed::Faults) }))));
        for line in ["sim", "sim run --jobs 0", "sim run --seed 1 --seeds 1..2", "sim list ghosts", "sim shrink"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
