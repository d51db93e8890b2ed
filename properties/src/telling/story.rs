//! The story of a run: one line for each observation that matters to somebody who wants to know what happened.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use system::protocol::{Command, ServerFrame};

use super::words::who_and_what;
use crate::index::Index;
use crate::trace::{At, Entry, Observation, Phase, Trace};

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Line {
    /// When.
    pub at: At,
    /// Who: a device, or `server`, `fault`, `history`, `auditor`, `world`.
    pub who: String,
    /// What they did or saw.
    pub what: String,
}

/// How much of a run is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The storm and the way out of it: what the history asked for, what it led to, and what is left when all is quiet.
    /// Each thing is told once, by whoever it matters to.
    Storm,
    /// Everything but heartbeats and what the server logs of its daily business: the setup, the last reads, and what was
    /// said to bring each step about.
    Whole,
}

/// Tells a trace.
pub fn tell(trace: &Trace, scope: Scope) -> Vec<Line> {
    let index = Index::new(trace);
    let mut chooser = Chooser::new(scope);
    let chosen = trace.entries.iter().enumerate().filter(|(_, observed)| chooser.chooses(observed));
    let mut lines: Vec<Line> = chosen
        .map(|(entry, observed)| {
            let (who, what) = who_and_what(&index, entry);
            Line { at: observed.at, who, what }
        })
        .collect();
    // The clocks of two hosts may differ by less than anything takes from one to the other.
    lines.sort_by_key(|line| line.at);
    lines
}

/// Goes through a trace in order and chooses what is told.
struct Chooser<'t> {
    scope: Scope,
    phase: Phase,
    /// Something went wrong: that it is over is news.
    faulty: bool,
    /// Devices that a step has just let do something, and when: how they set about it is not news.
    acting: BTreeSet<(&'t str, At)>,
}

impl<'t> Chooser<'t> {
    fn new(scope: Scope) -> Self {
        Self { scope, phase: Phase::Setup, faulty: false, acting: BTreeSet::new() }
    }

    fn chooses(&mut self, observed: &'t Entry) -> bool {
        if let Observation::Phase { phase } = observed.what {
            self.phase = phase;
        }
        is_news(&observed.what)
            && match self.scope {
                Scope::Whole => true,
                Scope::Storm => self.is_of_the_storm(observed),
            }
    }

    fn is_of_the_storm(&mut self, Entry { at, what }: &'t Entry) -> bool {
        let in_storm = matches!(self.phase, Phase::Storm | Phase::Healed);
        match what {
            Observation::Phase { phase: Phase::Healed } => self.faulty,
            Observation::Phase { phase } => matches!(phase, Phase::Storm | Phase::Quiet),
            Observation::Believed { .. } | Observation::FinalReadFailed { .. } | Observation::Hung { .. } => true,
            Observation::SawPresence { .. } => false,
            // Nobody was away for less than a glance.
            Observation::Recovered { after_ms, .. } => *after_ms > 0,
            _ if !in_storm => false,
            Observation::Step { device, .. } => {
                self.acting.insert((device, *at));
                true
            }
            Observation::Fault { .. } => {
                self.faulty = true;
                true
            }
            // The welcome tells of the connection, the answered request of the login, the refusal of giving up.
            Observation::ConnectionOpened { .. } | Observation::LoggedIn { .. } | Observation::Refused { .. } => false,
            Observation::FrameSent { device, frame, .. } => {
                !is_step(&frame.command) || !self.acting.contains(&(&**device, *at))
            }
            Observation::Requested { device, .. } => !self.acting.contains(&(&**device, *at)),
            _ => true,
        }
    }
}

/// Whether a command is what a step of a history does, or what a client does by itself: the step tells of it.
fn is_step(command: &Command) -> bool {
    matches!(
        command,
        Command::MessageSend(_)
            | Command::MessageEdit(_)
            | Command::MessageDelete(_)
            | Command::Read(_)
            | Command::StatusSet(_)
            | Command::Typing(_)
            | Command::Subscribe(_)
            | Command::Unsubscribe(_)
            | Command::AuthRefresh(_)
    )
}

/// Neither a heartbeat nor what the server logs of its daily business.
fn is_news(observation: &Observation) -> bool {
    match observation {
        Observation::Content { .. } => false,
        Observation::FrameSent { frame, .. } => frame.command != Command::Pong,
        Observation::FrameReceived { frame, .. } => **frame != ServerFrame::Ping,
        Observation::Logged { level, .. } => *level != "INFO",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, kind_of_fault};
    use crate::trace::FaultChange;

    /// Ben says m1 by a step of the history; then the world is as quiet as a scene is.
    fn scene() -> Trace {
        let mut scene = Scene::company();
        let text = "message.send \"m1\" to general".to_owned();
        scene.observe(Observation::Step { step: 4, device: "ben/phone".into(), text });
        let step = scene.trace.entries.len() - 1;
        let event = scene.says("ben/phone", "general", "m1");
        scene.trace.entries[step + 1].at = scene.trace.entries[step].at;
        scene.all_get(&event);
        scene.receives("ana/phone", ServerFrame::Ping);
        scene.ends()
    }

    fn told(trace: &Trace, scope: Scope) -> Vec<String> {
        tell(trace, scope).iter().map(|line| format!("{}: {}", line.who, line.what)).collect()
    }

    #[test]
    fn the_storm_is_told_once_each_by_whoever_it_matters_to() {
        assert_eq!(
            told(&scene(), Scope::Storm),
            [
                "world: the storm begins",
                "ben/phone: step 4: message.send \"m1\" to general",
                "server: committed general#5 message.created \"m1\"",
                "ana/phone: receives general#5 message.created \"m1\"",
                "ben/phone: receives general#5 message.created \"m1\"",
                "ana/phone: is back, 0.120 s after the heal",
                "ben/phone: is back, 0.120 s after the heal",
                "world: all is quiet",
                "ana/phone: is connected, at company#5, general#5, ana#2",
                "ben/phone: is connected, at company#5, general#5, ben#2",
            ]
        );
    }

    #[test]
    fn that_faults_are_over_is_news_where_there_were_any() {
        let mut trace = scene();
        let storm =
            trace.entries.iter().position(|entry| matches!(entry.what, Observation::Phase { phase: Phase::Storm }));
        let storm = storm.expect("a scene has a storm");
        let (change, text) = (FaultChange::Began, "cut ana/phone".to_owned());
        let what = Observation::Fault { kind: kind_of_fault("cut"), step: 1, change, text };
        trace.entries.insert(storm + 1, Entry { at: trace.entries[storm].at, what });
        let told = told(&trace, Scope::Storm);
        assert_eq!(told[1], "fault: cut ana/phone");
        assert!(told.contains(&"world: all faults are over".to_owned()), "{told:?}");
    }

    #[test]
    fn everything_but_heartbeats_can_be_told() {
        let whole = told(&scene(), Scope::Whole);
        for line in [
            "world: the company comes to be",
            "server: starts",
            "server: committed company#3 user.created (ana is a member)",
            "ana/phone: hello",
            "ben/phone: message.send \"m1\" to general",
            "auditor: reads the log of room general: it ends at 5",
            "auditor: counts 0 online",
        ] {
            assert!(whole.contains(&line.to_owned()), "{line} is not in {whole:#?}");
        }
        assert!(!whole.iter().any(|line| line.contains("ping")), "{whole:#?}");
    }
}
