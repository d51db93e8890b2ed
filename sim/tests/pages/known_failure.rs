//! A failure that is known: what a server would have shown that delivers a resumed stream from its head.
//!
//! The mistake itself is not in the server any more, so the run is a real one of the committed history, and one push is
//! taken out of what its device saw. The property finds that as it found the mistake.

use properties::check_all;
use properties::trace::{At, Entry, Observation, Phase, Trace};
use sim::failure::Failure;
use sim::history::Saved;
use sim::judge::{Outcome, judge};
use sim::report::{FaultWindow, Origin, page};
use system::protocol::ServerFrame;

const HISTORY: &str = include_str!("../../histories/resume-counted-from-the-head.json");

/// What it breaks.
pub const PROPERTY: &str = "ordering/gapless";

/// The failure, as a campaign would have found it.
pub fn known_failure() -> Failure {
    let history = Saved::parse(HISTORY).expect("the history can be run").history;
    let mut run = judge(&history).run;
    leave_out(&mut run.trace, "hana/laptop", "m3");
    let judgements = check_all(&run.trace);
    let mut failure = Failure::new(history, Outcome { run, judgements }, PROPERTY, Origin::Seed, 240)
        .expect("what is left breaks the property");
    let storm = |entry: &&Entry| matches!(entry.what, Observation::Phase { phase: Phase::Storm });
    let begin = failure.outcome.run.trace.entries.iter().find(storm).expect("there is a storm").at;
    let window = FaultWindow { kind: "cut".into(), from: begin, to: At(begin.0 + 96_000), is_bounded: true };
    failure.report.windows = vec![window];
    failure.report.commit = "d654965 and changes".into();
    failure.report.file = "target/sim/1/history.json".into();
    failure
}

/// Its page.
pub fn page() -> String {
    let failure = known_failure();
    page::html(&page::failure(&failure.report, &failure.outcome.run.trace))
}

/// Takes the push of a message out of what a device saw.
fn leave_out(trace: &mut Trace, whose: &str, text: &str) {
    let before = trace.entries.len();
    trace.entries.retain(|entry| match &entry.what {
        Observation::FrameReceived { device, frame, .. } if &**device == whose => match &**frame {
            ServerFrame::Event(event) => event.body.message().is_none_or(|message| message.body != text),
            _ => true,
        },
        _ => true,
    });
    assert_eq!(trace.entries.len() + 1, before, "it was pushed once");
}
