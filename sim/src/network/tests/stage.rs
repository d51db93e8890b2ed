//! Plays a device's script and the weather's cues against an echoing server.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use turmoil::Sim;
use turmoil::net::TcpListener;

use crate::clock;
use crate::faults::Direction;
use crate::interpose;
use crate::network::{Condition, FaultEffect, ServerEnd, Weather, Wire};

pub(super) const DEVICE: &str = "ana/phone";
const TICK: Duration = Duration::from_millis(10);

/// What the weather or the server does, and when.
pub(super) type Cue = (u64, Change);

#[derive(Clone, Copy)]
pub(super) enum Change {
    Cut(u32, Direction),
    Stall(u32),
    Begin(u32, Condition),
    Vanish,
    End(u32),
    Reset,
    Stop,
    Kill,
    LosePower,
    Start,
}

/// What was seen in one play.
#[derive(PartialEq, Debug)]
pub(super) struct Seen {
    pub(super) device: Log,
    pub(super) server: Log,
    pub(super) effects: Vec<FaultEffect>,
    /// What killing the server, or its loss of power, broke.
    pub(super) broken: usize,
}

/// Lines with their simulated milliseconds. Clones are the same log.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Log(Rc<RefCell<Vec<(u64, String)>>>);

impl Log {
    pub(super) fn add(&self, line: impl Into<String>) {
        self.0.borrow_mut().push((now_ms(), line.into()));
    }

    /// When that line was first written.
    #[track_caller]
    pub(super) fn at(&self, line: &str) -> u64 {
        self.find(line).unwrap_or_else(|| panic!("no {line:?} in {self:?}"))
    }

    pub(super) fn find(&self, line: &str) -> Option<u64> {
        self.0.borrow().iter().find(|(_, found)| found == line).map(|(at, _)| *at)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.0.borrow().iter().map(|(_, line)| line.clone()).collect()
    }
}

/// Plays `device` with latencies between these bounds, until it returns.
pub(super) fn play<F>(latency_ms: (u64, u64), cues: &[Cue], device: impl FnOnce(Weather, Log) -> F) -> Seen
where
    F: Future<Output = io::Result<()>> + 'static,
{
    let weather = Weather::new(8841, latency_ms.0, latency_ms.1);
    let seen = Seen { device: Log::default(), server: Log::default(), effects: Vec::new(), broken: 0 };
    play_with(weather, seen, cues, device)
}

fn play_with<F>(weather: Weather, mut seen: Seen, cues: &[Cue], device: impl FnOnce(Weather, Log) -> F) -> Seen
where
    F: Future<Output = io::Result<()>> + 'static,
{
    let mut sim = turmoil::Builder::new()
        .tick_duration(TICK)
        .simulation_duration(Duration::from_secs(600))
        .min_message_latency(Duration::ZERO)
        .max_message_latency(Duration::ZERO)
        .tcp_capacity(1_024)
        .rng_seed(1)
        .build();
    let (log, listening) = (seen.server.clone(), weather.clone());
    sim.host("server", move || serve(listening.clone(), log.clone()));
    let future = device(weather.clone(), seen.device.clone());
    sim.client("devices", async move { Ok(future.await?) });
    interpose::set_elapsed(Duration::ZERO);
    weather.server_started();

    let mut cues = cues.iter().peekable();
    loop {
        interpose::set_elapsed(sim.elapsed());
        while let Some((_, change)) = cues.next_if(|(at_ms, _)| Duration::from_millis(*at_ms) <= sim.elapsed()) {
            seen.broken += apply(*change, &weather, &mut sim);
        }
        if sim.step().expect("the play goes on") {
            break;
        }
    }
    seen.effects = weather.take_effects();
    seen
}

/// What the change broke at once.
fn apply(change: Change, weather: &Weather, sim: &mut Sim<'_>) -> usize {
    match change {
        Change::Cut(step, direction) => {
            weather.begin(step, DEVICE, Condition::Closed { direction, loses: true });
        }
        Change::Stall(step) => {
            weather.begin(step, DEVICE, Condition::Closed { direction: Direction::Both, loses: false });
        }
        Change::Begin(step, condition) => weather.begin(step, DEVICE, condition),
        Change::Vanish => weather.vanish(7, DEVICE),
        Change::End(step) => weather.end(step),
        Change::Reset => weather.reset(7, DEVICE),
        Change::Stop => {
            sim.crash("server");
            weather.server_stopped();
        }
        Change::Kill => {
            sim.crash("server");
            return weather.server_killed();
        }
        Change::LosePower => {
            sim.crash("server");
            return weather.server_power_lost();
        }
        Change::Start => {
            sim.bounce("server");
            weather.server_started();
        }
    }
    0
}

/// Echoes everything. To `deaf` it stops reading, to `flood` it answers more than the window holds, to `bye` by an end.
async fn serve(weather: Weather, log: Log) -> turmoil::Result {
    let listener = TcpListener::bind(("0.0.0.0", 80)).await?;
    loop {
        let stream = weather.server_end(listener.accept().await?.0)?;
        log.add("accepted");
        let log = log.clone();
        tokio::task::spawn_local(async move {
            match echo(stream, &log).await {
                Ok(()) => log.add("end"),
                Err(error) => log.add(format!("error {:?}", error.kind())),
            }
        });
    }
}

async fn echo(mut stream: ServerEnd, log: &Log) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        let text = String::from_utf8_lossy(&buffer[..count]);
        match &*text {
            "" => return Ok(()),
            "deaf" => std::future::pending().await,
            "bye" => return Ok(()),
            "flood" => {
                let mut written = 0;
                while written < 4 * 1024 * 1024 {
                    written += stream.write(&[b'x'; 1_024]).await?;
                    log.add(format!("flooded {written}"));
                }
            }
            _ => {
                log.add(&*text);
                stream.write_all(&buffer[..count]).await?;
            }
        }
    }
}

/// Reads once and writes down what came.
pub(super) async fn hear(wire: &mut Wire, log: &Log) -> io::Result<()> {
    let mut buffer = [0; 1_024];
    match wire.read(&mut buffer).await {
        Ok(0) => log.add("end"),
        Ok(count) => log.add(String::from_utf8_lossy(&buffer[..count])),
        Err(error) => log.add(format!("error {:?}", error.kind())),
    }
    Ok(())
}

/// Writes, and writes down when.
pub(super) async fn say(wire: &mut Wire, log: &Log, text: &str) -> io::Result<()> {
    log.add(format!("say {text}"));
    wire.write_all(text.as_bytes()).await
}

pub(super) async fn until_ms(at_ms: u64) {
    tokio::time::sleep(Duration::from_millis(at_ms.saturating_sub(now_ms()))).await;
}

pub(super) fn now_ms() -> u64 {
    u64::try_from(clock::elapsed().as_millis()).expect("a short play")
}
