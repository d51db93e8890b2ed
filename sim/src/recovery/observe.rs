//! Recoveries, each with the faults that it was a recovery from.
//!
//! There are two kinds of recoveries:
//!
//! - **in the storm**: a device has lost its connection, and is welcomed again. It counts from the end of what kept it
//!   away (the last end of a fault that it is attributed to), or from the end of the connection where nothing that is over
//!   did.
//! - **after the heal**: a device is connected and holds all that the server holds, counted from the heal. This is what
//!   `recovery/within-30s` judges (IT-8, PROTOCOL.md promise 10).
//!
//! A recovery is attributed to each kind of fault that concerned the device, or the server, at some moment between when
//! the device last heard of the server (or [`BEFORE_US`] before its loss) and when it was back (or the heal). Several may
//! have been at work: each of them gets the sample. Where none was, a token had expired, a session was revoked, or the
//! like.

use std::collections::{BTreeMap, BTreeSet};

use properties::trace::{At, Observation, Phase, Trace};

use super::outage::{Outage, outages};
use super::spell::{Spell, spells};
use crate::history::History;

/// How long before a connection ends, or before the heal, a fault may have been over and still be to blame.
const BEFORE_US: u64 = 1_000_000;

/// One device found back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// Which: `user/device`.
    pub device: String,
    /// How long it took, in simulated milliseconds.
    pub after_ms: u64,
    /// It counts from the storm's heal, and ends with the device in step with the server; else it is one within the
    /// storm, and ends with a connection.
    pub is_after_heal: bool,
    /// The heal had found it with nothing to recover from: it was connected and had everything.
    pub was_in_step: bool,
    /// The kinds of faults from which it recovered; none: no fault was at work.
    pub from: BTreeSet<&'static str>,
}

/// All recoveries of the run of a history, first those within the storm.
pub fn recoveries(history: &History, trace: &Trace) -> Vec<Recovery> {
    let spells = spells(history, trace);
    let (outages, heard) = outages(history, trace);
    let mut recoveries: Vec<Recovery> =
        outages.iter().filter_map(|outage| Some(in_the_storm(outage, outage.back?, &spells))).collect();
    let still_out: BTreeMap<&str, &Outage> =
        outages.iter().filter(|outage| outage.back.is_none()).map(|outage| (&*outage.device, outage)).collect();
    let mut healed = None;
    for observed in &trace.entries {
        match (&observed.what, healed) {
            (Observation::Phase { phase: Phase::Healed }, _) => healed = Some(observed.at),
            (Observation::Recovered { device, after_ms }, Some(healed)) => {
                let outage = still_out.get(&**device).copied();
                let since = match outage {
                    Some(outage) => earliest(outage.heard, outage.lost),
                    None => earliest(heard.get(&**device).copied().unwrap_or(healed), healed),
                };
                recoveries.push(Recovery {
                    device: device.to_string(),
                    after_ms: *after_ms,
                    is_after_heal: true,
                    was_in_step: *after_ms == 0 && outage.is_none(),
                    from: kinds(at_work(&spells, device, since, healed)),
                });
            }
            _ => {}
        }
    }
    recoveries
}

fn in_the_storm(outage: &Outage, back: At, spells: &[Spell]) -> Recovery {
    let blamed: Vec<&Spell> = at_work(spells, &outage.device, earliest(outage.heard, outage.lost), back).collect();
    let over = blamed.iter().map(|spell| spell.until).filter(|until| *until <= back).max();
    let since = over.unwrap_or(outage.lost);
    Recovery {
        device: outage.device.clone(),
        after_ms: At(back.0.saturating_sub(since.0)).as_ms(),
        is_after_heal: false,
        was_in_step: false,
        from: kinds(blamed.into_iter()),
    }
}

fn at_work<'s>(spells: &'s [Spell], device: &str, from: At, to: At) -> impl Iterator<Item = &'s Spell> {
    spells.iter().filter(move |spell| spell.concerns(device) && spell.overlaps(from, to))
}

fn kinds<'s>(spells: impl Iterator<Item = &'s Spell>) -> BTreeSet<&'static str> {
    spells.map(|spell| spell.kind).collect()
}

fn earliest(heard: At, lost: At) -> At {
    heard.min(At(lost.0.saturating_sub(BEFORE_US)))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use properties::trace::{Concern, Entry, FaultChange, FaultKind, ServerChange};
    use system::protocol::{Timestamp, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::faults::{Cut, Direction, Fault, HalfOpen, Kill, Reset, Target};
    use crate::history::{Action, Profile, Step};

    const CUT: FaultKind = FaultKind { name: Cow::Borrowed("cut"), concerns: Concern::Connections, lasts: true };
    const RESET: FaultKind = FaultKind { name: Cow::Borrowed("reset"), concerns: Concern::Connections, lasts: false };
    const HALF_OPEN: FaultKind =
        FaultKind { name: Cow::Borrowed("half_open"), concerns: Concern::Connections, lasts: false };
    const KILL: FaultKind = FaultKind { name: Cow::Borrowed("kill"), concerns: Concern::Process, lasts: false };

    /// Four faults, as steps 1 to 4; a trace says which of them happen.
    fn history() -> History {
        let target = Target::User("ana".into());
        let faults = [
            Fault::Cut(Cut { target: target.clone(), direction: Direction::Both, for_ms: 9_000 }),
            Fault::Reset(Reset { target: target.clone() }),
            Fault::HalfOpen(HalfOpen { target }),
            Fault::Kill(Kill { down_ms: 500 }),
        ];
        let steps = (1..).zip(faults).map(|(id, fault)| Step { id, at_ms: 0, action: Action::Fault(fault) }).collect();
        History { users: vec![], rooms: vec![], steps, ..History::from_seed(1, &Profile::calm()) }
    }

    #[derive(Default)]
    struct Told(Trace);

    impl Told {
        fn at(mut self, ms: u64, what: Observation) -> Self {
            self.0.entries.push(Entry { at: At(ms * 1_000), what });
            self
        }

        fn opens(self, ms: u64, device: &str) -> Self {
            let (user, token_expires_at) = (UserId(Uuid::from_u128(1)), Timestamp(0));
            self.at(ms, Observation::ConnectionOpened { device: device.into(), connection: 1, user, token_expires_at })
        }

        fn loses(self, ms: u64, device: &str) -> Self {
            let (code, reason) = (None, "reading: reset".to_owned());
            self.at(ms, Observation::ConnectionClosed { device: device.into(), connection: 1, code, reason })
        }

        fn begins(self, ms: u64, kind: FaultKind, step: u32) -> Self {
            self.at(ms, Observation::Fault { kind, step, change: FaultChange::Began, text: String::new() })
        }

        fn ends(self, ms: u64, kind: FaultKind, step: u32) -> Self {
            self.at(ms, Observation::Fault { kind, step, change: FaultChange::Ended, text: String::new() })
        }

        fn server(self, ms: u64, change: ServerChange) -> Self {
            self.at(ms, Observation::Server { incarnation: 1, change })
        }

        fn healed(self, ms: u64) -> Self {
            self.at(ms, Observation::Phase { phase: Phase::Healed })
        }

        fn recovered(self, ms: u64, device: &str, after_ms: u64) -> Self {
            self.at(ms, Observation::Recovered { device: device.into(), after_ms })
        }

        #[track_caller]
        fn check(&self, expected: &[(&str, u64, &[&str])]) {
            let seen = recoveries(&history(), &self.0);
            let seen: Vec<_> = seen
                .iter()
                .map(|seen| (&*seen.device, seen.after_ms, seen.from.iter().copied().collect::<Vec<_>>()))
                .collect();
            let expected: Vec<_> = expected.iter().map(|(device, ms, from)| (*device, *ms, from.to_vec())).collect();
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_recovery_counts_from_the_end_of_what_kept_the_device_away() {
        let reset = Told::default().opens(0, "ana/phone").begins(5_000, RESET, 2).loses(5_000, "ana/phone");
        reset.opens(5_400, "ana/phone").check(&[("ana/phone", 400, &["reset"])]);
        // It notices only when it has heard nothing for long: that is a part of its recovery.
        let half_open = Told::default().opens(0, "ana/phone").begins(5_000, HALF_OPEN, 3).loses(20_000, "ana/phone");
        half_open.opens(20_500, "ana/phone").check(&[("ana/phone", 15_500, &["half_open"])]);
        let cut = Told::default().opens(0, "ana/phone").begins(1_000, CUT, 1).loses(6_000, "ana/phone");
        cut.ends(10_000, CUT, 1).opens(11_200, "ana/phone").check(&[("ana/phone", 1_200, &["cut"])]);
        let kill = Told::default().opens(0, "ben/phone").begins(1_000, KILL, 4).server(1_040, ServerChange::Killed);
        let kill = kill.loses(1_100, "ben/phone").server(1_600, ServerChange::Started);
        kill.server(1_700, ServerChange::Listening).opens(1_950, "ben/phone").check(&[("ben/phone", 250, &["kill"])]);
    }

    #[test]
    fn only_faults_that_concern_the_device_and_the_time_are_blamed() {
        let other = Told::default().opens(0, "ben/phone").begins(5_000, RESET, 2).loses(5_000, "ben/phone");
        other.opens(5_400, "ben/phone").check(&[("ben/phone", 400, &[])]);
        let earlier = Told::default().begins(1_000, RESET, 2).opens(8_000, "ana/phone").loses(9_000, "ana/phone");
        earlier.opens(9_300, "ana/phone").check(&[("ana/phone", 300, &[])]);
        // Several at once: the sample counts for each, from the last that was over.
        let both = Told::default().opens(0, "ana/phone").begins(1_000, CUT, 1).begins(1_500, RESET, 2);
        let both = both.loses(1_500, "ana/phone").ends(3_000, CUT, 1).opens(3_700, "ana/phone");
        both.check(&[("ana/phone", 700, &["cut", "reset"])]);
    }

    #[test]
    fn after_the_heal_a_device_is_judged_by_when_it_is_in_step() {
        let out = Told::default().opens(0, "ana/phone").begins(1_000, CUT, 1).loses(16_000, "ana/phone");
        let out = out.healed(20_000).recovered(28_100, "ana/phone", 8_100);
        out.check(&[("ana/phone", 8_100, &["cut"])]);
        let calm = Told::default().opens(0, "ana/phone").begins(1_000, CUT, 1).ends(2_000, CUT, 1);
        let calm = calm.opens(9_000, "ana/phone").healed(20_000).recovered(20_000, "ana/phone", 0);
        calm.check(&[("ana/phone", 0, &[])]);
        assert!(recoveries(&history(), &calm.0)[0].was_in_step);
    }

    #[test]
    fn whom_the_server_sends_away_for_good_does_not_recover() {
        let closed = Observation::ConnectionClosed {
            device: "ana/phone".into(),
            connection: 1,
            code: Some(4503),
            reason: "deactivated".into(),
        };
        Told::default().opens(0, "ana/phone").at(3_000, closed).opens(30_000, "ana/phone").check(&[]);
    }
}
