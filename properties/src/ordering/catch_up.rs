//! `ordering/catch-up`: what a stream's events and its state are over REST agrees with what is pushed.

use std::collections::BTreeMap;

use system::protocol::{Epoch, Event, EventPage, Snapshot, StreamId};

use crate::index::{Answer, Index, Operation, Request};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct CatchUp;

impl Property for CatchUp {
    fn id(&self) -> &'static str {
        "ordering/catch-up"
    }

    fn statement(&self) -> &'static str {
        "the events of a stream that REST answers with follow the position that was asked for without gap or repeat, are \
         of its history and the very ones that are pushed, and neither they nor a snapshot leave out what was committed \
         before the asking"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-2", "IT-12", "PROTOCOL 1", "PROTOCOL 3", "PROTOCOL 5"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a snapshot is what its events add up to (recovery/within-30s does, at the end), nor who may read \
         (rights/unauthorized does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody read events over REST")
    }
}

/// Every event as it was pushed first, where the final log does not have it: of rooms that were deleted.
type Pushed<'t> = BTreeMap<(StreamId, Epoch, u64), &'t Event>;

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut pushed = Pushed::new();
    for event in index.connections.iter().flat_map(|connection| connection.events()).map(|(_, event)| event) {
        if index.log.event(event.stream, event.seq).is_none() {
            pushed.entry((event.stream, event.epoch, event.seq)).or_insert(event);
        }
    }
    let mut checked = 0;
    for request in &index.requests {
        let Some(answer) = request.success() else { continue };
        match request.operation {
            Operation::ReadEvents(stream) => {
                if let Some(page) = answer.object::<EventPage>() {
                    check_page(index, request, answer, stream, &page, &pushed)?;
                    checked += 1;
                }
            }
            Operation::ReadSnapshot(stream) => {
                if let Some(snapshot) = answer.object::<Snapshot>() {
                    check_age(index, request, answer, stream, snapshot.seq)?;
                }
            }
            _ => {}
        }
    }
    Ok(checked)
}

fn check_page(
    index: &Index<'_>,
    request: &Request<'_>,
    answer: Answer<'_>,
    stream: StreamId,
    page: &EventPage,
    pushed: &Pushed<'_>,
) -> Result<(), Violation> {
    let names = index.names();
    let device = possessive(request.device);
    let violation = |expected: String, observed: String| Violation {
        expected,
        observed,
        evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
    };
    let after = number(request.path, "after").unwrap_or(0);
    if let Some(asked) = number(request.path, "epoch").filter(|asked| *asked != u64::from(page.epoch.0)) {
        return Err(violation(
            format!("{device}, whose position is of epoch {asked}, is told that it is of another history"),
            format!("it reads {} in epoch {}", names.stream(stream), page.epoch.0),
        ));
    }
    for (seq, event) in (after + 1..).zip(&page.events) {
        let place = names.place(stream, seq);
        if (event.stream, event.seq, event.epoch) != (stream, seq, page.epoch) {
            let got = names.place(event.stream, event.seq);
            return Err(violation(format!("{device} reads {place} next"), format!("it reads {got}")));
        }
        let logged = index.log.stream(stream).filter(|log| log.epoch == page.epoch).and_then(|log| log.event(seq));
        let known = logged.or_else(|| pushed.get(&(stream, page.epoch, seq)).copied());
        if known.is_some_and(|known| known != event) {
            return Err(violation(
                format!("{device} reads {place} as everybody does"),
                format!("it reads {}, by other fields", telling::event(names, event)),
            ));
        }
        if known.is_none() && index.log.is_complete() && index.log.gone(stream).is_none() {
            return Err(violation(
                format!("{place}, which {device} read, is in the final log"),
                "the final log has nothing there".to_owned(),
            ));
        }
    }
    let last = page.events.last().map_or(after, |event| event.seq);
    if page.more != (last < page.seq) {
        return Err(violation(
            format!(
                "{device}, who read {} up to {last} of {}, is told whether there is more",
                names.stream(stream),
                page.seq
            ),
            format!("it is told that there is {}", if page.more { "more" } else { "no more" }),
        ));
    }
    if page.events.is_empty() && page.more {
        return Err(violation(
            format!("{device} reads something of what came after {after}"),
            "it reads nothing, and there is more".to_owned(),
        ));
    }
    check_age(index, request, answer, stream, page.seq)
}

/// What was committed before the asking is in the answer.
fn check_age(
    index: &Index<'_>,
    request: &Request<'_>,
    answer: Answer<'_>,
    stream: StreamId,
    seq: u64,
) -> Result<(), Violation> {
    let Some(next) = index.log.committed(stream, seq + 1).filter(|committed| *committed < request.entry) else {
        return Ok(());
    };
    let names = index.names();
    Err(Violation {
        expected: format!(
            "{} learns of {}, committed before it asked",
            possessive(request.device),
            names.place(stream, seq + 1)
        ),
        observed: format!("it is told that {} ends at {seq}", names.stream(stream)),
        evidence: Story::new(index).link(next).link(request.entry).breaks(answer.entry).tell(),
    })
}

/// A number in the query of a path.
fn number(path: &str, name: &str) -> Option<u64> {
    let (_, query) = path.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};
    use crate::trace::Trace;

    /// Ana reads what was said after position 4 of general, in which two messages stand at 5 and 6.
    fn reads(change: impl FnOnce(&mut EventPage)) -> Trace {
        let mut scene = Scene::company();
        let first = scene.says("ben/phone", "general", "m1");
        let second = scene.says("ben/phone", "general", "m2");
        let stream = first.stream;
        let path = format!("/api/v1/streams/{stream}/events?after=4&epoch=1&limit=50");
        let request = scene.asks("ana/phone", "GET", &path, None, "");
        let mut page = EventPage { stream, events: vec![first, second], seq: 6, epoch: Epoch(1), more: false };
        change(&mut page);
        scene.answers("ana/phone", request, 200, &page);
        scene.ends()
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut EventPage), expected: &str, observed: &str) {
        let violation = violated(&CatchUp, &reads(change));
        assert_eq!((violation.expected.as_str(), violation.observed.as_str()), (expected, observed));
    }

    #[test]
    fn pages_that_are_not_the_stream_are_violations() {
        check(|page| drop(page.events.remove(0)), "ana's phone reads general#5 next", "it reads general#6");
        check(
            |page| page.events[1].correlation_id = "another".into(),
            "ana's phone reads general#6 as everybody does",
            "it reads general#6 message.created \"m2\", by other fields",
        );
        check(
            |page| drop(page.events.pop()),
            "ana's phone, who read room general up to 5 of 6, is told whether there is more",
            "it is told that there is no more",
        );
        check(
            |page| {
                page.events.pop();
                page.seq = 5;
            },
            "ana's phone learns of general#6, committed before it asked",
            "it is told that room general ends at 5",
        );
        check(
            |page| (page.events, page.more) = (Vec::new(), true),
            "ana's phone reads something of what came after 4",
            "it reads nothing, and there is more",
        );
        check(
            |page| page.epoch = Epoch(2),
            "ana's phone, whose position is of epoch 1, is told that it is of another history",
            "it reads room general in epoch 2",
        );
    }

    #[test]
    fn pages_that_are_the_stream_hold() {
        held(&CatchUp, &reads(|_| {}));
        held(
            &CatchUp,
            &reads(|page| {
                page.events.pop();
                page.more = true;
            }),
        );
    }

    #[test]
    fn without_a_reader_there_is_nothing_to_check() {
        vacuous(&CatchUp, &Scene::company().ends());
    }
}
