//! The storm: start, let everybody work, kill, verify, start again; at the end, compare exactly.

use std::time::Duration;
use std::{fmt, fs};

use tokio::time::{Instant, sleep, timeout};

use crate::server::{Server, verify};
use crate::stage::{PATIENCE, Stage};
use crate::workload::Workload;
use crate::workloads;

/// Cheap passwords, a free port, and tokens that outlive the storm.
const SETTINGS: &str = "listen = '127.0.0.1:0'\ndata_directory = 'data'\n\
    [password]\nmemory_kib = 8\niterations = 1\n[auth]\naccess_token_ms = 86400000\n[feed]\ndirectory = 'feed'\n\
    [limits]\nrequests_per_second = 0\n";

/// Every so often the server is killed while it is still starting.
const EARLY: u32 = 5;

/// What was done and found.
pub struct Report {
    deaths: u32,
    early: u32,
    events: u64,
    done: Vec<(&'static str, usize)>,
    took: Duration,
}

/// Kills the server this many times, and checks everything each time.
pub async fn run(times: u32) -> Report {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let began = Instant::now();
    Server::prepare(directory.path(), SETTINGS);
    fs::create_dir(directory.path().join("feed")).expect("there is room for a directory");
    let mut server = Server::start(directory.path());
    let stage = Stage::set(server.address().await, directory.path().join("feed")).await;
    let mut workloads = workloads::begin(&stage).await;
    let (mut early, mut events) = (0, 0);
    for death in 0..times {
        at_work(&workloads).await;
        // Somewhere within what a batch of messages takes.
        sleep(Duration::from_millis(u64::from(death) * 7 % 31)).await;
        server.kill();
        let now = verify(directory.path());
        assert!(now > events, "the log grows: {events} events, then {now}");
        events = now;
        server = Server::start(directory.path());
        if death % EARLY == 0 {
            early += 1;
            sleep(Duration::from_millis(u64::from(death) * 3 % 60)).await;
            server.kill();
            // More, since a start reads the conversation files; never less.
            let now = verify(directory.path());
            assert!(now >= events, "a start loses nothing: {events} events, then {now}");
            events = now;
            server = Server::start(directory.path());
        }
        stage.way.leads_to(server.address().await);
        for workload in &mut workloads {
            workload.check(&stage).await;
        }
    }
    at_work(&workloads).await;
    let mut done = Vec::new();
    for workload in workloads {
        done.push((workload.name(), workload.finish(&stage).await));
    }
    server.kill();
    events = verify(directory.path());
    Report { deaths: times, early, events, done, took: began.elapsed() }
}

/// Waits until each workload is connected and has been answered something new.
async fn at_work(workloads: &[Box<dyn Workload>]) {
    let before: Vec<usize> = workloads.iter().map(|workload| workload.acknowledged()).collect();
    for (workload, before) in workloads.iter().zip(before) {
        let working = async {
            while !workload.is_connected() || workload.acknowledged() <= before {
                sleep(Duration::from_millis(2)).await;
            }
        };
        assert!(timeout(PATIENCE, working).await.is_ok(), "{} go on after a restart", workload.name());
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deaths, early, events, done, took } = self;
        let done: Vec<_> = done.iter().map(|(name, count)| format!("{count} {name}")).collect();
        write!(
            formatter,
            "kill_storm: killed {deaths} times at work and {early} times while starting, in {:.0} s: nothing lost, nothing \
             doubled, verified each time\n  acknowledged {}; {events} events in the log",
            took.as_secs_f64(),
            done.join(", ")
        )
    }
}
