//! Plans at work: files that people edit, and lines that are done one by one, or not.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::ledger::Ledger;
use super::line::{Heading, Line};
use super::plan::{Step, plan, plan_appended};
use super::reading::{Limits, Reading};
use crate::domain::feed::Kept;
use crate::store::FeedLine;

const LIMITS: Limits = Limits { line_bytes: 1 << 10 };

fn heading() -> String {
    r#"{"type":"conversation","data":{"title":"t"}}"#.to_owned()
}

fn message(id: u32, body: &str) -> String {
    format!(r#"{{"type":"message","data":{{"id":"{id}","author":"Ana","body":"{body}"}}}}"#)
}

fn read(lines: &[String]) -> Reading {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Reading::whole(text.as_bytes(), LIMITS)
}

/// What the store does with a step, as far as lines go.
fn perform(ledger: &mut Ledger, step: &Step) {
    ledger.keep(match step.clone() {
        Step::Say { line, number } => {
            Kept::Line(FeedLine { digest: line.digest(), id: line.id, number, seq: 1, unreadable: None })
        }
        Step::Obscure { id, digest } => {
            let known = ledger.lines[&id].clone();
            Kept::Line(FeedLine { unreadable: Some(digest), ..known })
        }
        Step::Drop { id } => Kept::NoLine(id),
        Step::MarkBad { digest } => Kept::Bad(digest),
        Step::UnmarkBad { digest } => Kept::NotBad(digest),
    });
}

fn look(ledger: &mut Ledger, lines: &[String]) -> Vec<Step> {
    let everything: BTreeSet<String> = ledger.lines.keys().cloned().collect();
    let steps = plan(ledger, &read(lines), &everything).steps;
    for step in &steps {
        perform(ledger, step);
    }
    steps
}

/// The lines that have become messages, with digests of what they say.
fn said(ledger: &Ledger) -> Vec<(String, String)> {
    ledger.lines.values().map(|line| (line.id.clone(), line.digest.clone())).collect()
}

/// The same of a file.
fn to_be_said(lines: &[String]) -> Vec<(String, String)> {
    let mut said: Vec<_> =
        read(lines).lines.into_iter().map(|line| (line.line.id.clone(), line.line.digest())).collect();
    said.sort();
    said
}

#[test]
fn a_new_an_edited_and_a_removed_line_are_one_step_each() {
    let mut ledger = Ledger::default();
    let mut lines = vec![heading(), message(1, "a"), message(2, "b")];
    assert_eq!(look(&mut ledger, &lines).len(), 2);
    assert_eq!(look(&mut ledger, &lines), []);
    lines[1] = message(1, "c");
    lines.insert(2, message(3, "d"));
    let steps = look(&mut ledger, &lines);
    assert!(matches!(&steps[..], [Step::Say { line: Line { id: first, .. }, .. }, Step::Say { .. }] if first == "1"));
    lines.remove(3);
    assert_eq!(look(&mut ledger, &lines), [Step::Drop { id: "2".into() }]);
    lines.swap(1, 2);
    assert_eq!(look(&mut ledger, &lines), [], "a line may move");
}

#[test]
fn what_is_gone_only_now_is_withheld() {
    let mut ledger = Ledger::default();
    look(&mut ledger, &[heading(), message(1, "a"), message(2, "b")]);
    let plan = plan(&ledger, &read(&[heading()]), &BTreeSet::from(["1".to_owned()]));
    assert_eq!(plan.steps, [Step::Drop { id: "1".into() }]);
    assert_eq!(plan.withheld, BTreeSet::from(["2".to_owned()]));
}

#[test]
fn a_line_that_becomes_unreadable_keeps_its_message_until_it_is_mended_or_removed() {
    let mut ledger = Ledger::default();
    let mut lines = vec![heading(), message(1, "a"), message(2, "b"), message(3, "c")];
    look(&mut ledger, &lines);
    lines[2] = "{\"type\":\"mess".to_owned();
    assert!(matches!(&look(&mut ledger, &lines)[..], [Step::Obscure { id, .. }] if id == "2"));
    assert_eq!(look(&mut ledger, &lines), []);
    lines[2] = "{\"type\":\"messag".to_owned();
    assert!(matches!(&look(&mut ledger, &lines)[..], [Step::Obscure { id, .. }] if id == "2"));
    let mut removed = lines.clone();
    removed.remove(2);
    assert_eq!(look(&mut ledger.clone(), &removed), [Step::Drop { id: "2".into() }]);
    lines[2] = message(2, "b");
    assert!(matches!(&look(&mut ledger, &lines)[..], [Step::Say { .. }]));
    assert_eq!(said(&ledger), to_be_said(&lines));
}

#[test]
fn an_unreadable_line_elsewhere_explains_no_missing_one() {
    let mut ledger = Ledger::default();
    let mut lines = vec![heading(), message(1, "a"), message(2, "b"), message(3, "c")];
    look(&mut ledger, &lines);
    lines.remove(1);
    lines.push("nonsense".to_owned());
    let steps = look(&mut ledger, &lines);
    assert!(matches!(&steps[..], [Step::Drop { id }, Step::MarkBad { .. }] if id == "1"), "{steps:?}");
    lines.remove(1);
    assert_eq!(look(&mut ledger, &lines), [Step::Drop { id: "2".into() }], "it was unreadable before");
    lines.pop();
    assert!(matches!(look(&mut ledger, &lines)[..], [Step::UnmarkBad { .. }]));
}

#[test]
fn what_was_appended_is_planned_alone_if_it_is_new() {
    let mut ledger = Ledger::default();
    let lines = [heading(), message(1, "a")];
    look(&mut ledger, &lines);
    let tail = read(&lines).tail.unwrap();
    let appended = |id| {
        let text = format!("{}\n{}\n", message(1, "a"), message(id, "z"));
        Reading::appended(text.as_bytes(), &tail, LIMITS).unwrap()
    };
    assert_eq!(plan_appended(&ledger, &appended(2)).map(|steps| steps.len()), Some(1));
    assert_eq!(plan_appended(&ledger, &appended(1)), None);
}

#[test]
fn a_heading_is_told_from_another() {
    let heading = |title: &str| Heading { id: None, title: title.into(), metadata: Default::default() };
    assert_eq!(heading("a").digest(), heading("a").digest());
    assert_ne!(heading("a").digest(), heading("b").digest());
}

/// What happens to a file, or to whoever reads it.
#[derive(Clone, Debug)]
enum Event {
    Insert {
        at: Index,
        id: u32,
        body: u8,
    },
    Edit {
        at: Index,
        body: u8,
    },
    Garble {
        at: Index,
        with: u8,
    },
    Mend {
        at: Index,
    },
    Remove {
        at: Index,
    },
    Swap {
        one: Index,
        other: Index,
    },
    /// A look, of which only so many steps are done before a crash.
    Look {
        done: usize,
        all_due: bool,
    },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (any::<Index>(), 0..40_u32, 0..4_u8).prop_map(|(at, id, body)| Event::Insert { at, id, body }),
        3 => (any::<Index>(), 0..4_u8).prop_map(|(at, body)| Event::Edit { at, body }),
        2 => (any::<Index>(), 0..4_u8).prop_map(|(at, with)| Event::Garble { at, with }),
        2 => any::<Index>().prop_map(|at| Event::Mend { at }),
        3 => any::<Index>().prop_map(|at| Event::Remove { at }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Event::Swap { one, other }),
        6 => (0..8_usize, any::<bool>()).prop_map(|(done, all_due)| Event::Look { done, all_due }),
    ]
}

/// A file as its writer sees it: each line has an identifier and a text, or is garbled.
#[derive(Default)]
struct Draft(Vec<(u32, u8, Option<u8>)>);

impl Draft {
    fn change(&mut self, event: &Event) {
        let lines = &mut self.0;
        let count = lines.len();
        match *event {
            Event::Insert { at, id, body } => {
                let place = at.index(count + 1);
                lines.insert(place, (id, body, None));
            }
            Event::Look { .. } => {}
            _ if lines.is_empty() => {}
            Event::Edit { at, body } => lines[at.index(count)].1 = body,
            Event::Garble { at, with } => lines[at.index(count)].2 = Some(with),
            Event::Mend { at } => lines[at.index(count)].2 = None,
            Event::Remove { at } => drop(lines.remove(at.index(count))),
            Event::Swap { one, other } => lines.swap(one.index(count), other.index(count)),
        }
    }

    fn lines(&self) -> Vec<String> {
        let line = |&(id, body, garbled): &(u32, u8, Option<u8>)| match garbled {
            Some(with) => format!("{{\"type\":\"{with}"),
            None => message(id, &format!("b{body}")),
        };
        std::iter::once(heading()).chain(self.0.iter().map(line)).collect()
    }
}

proptest! {
    /// RF-2: whatever happens to a file, whenever it is looked at, and wherever a crash ends what a look wants to do,
    /// in the end each readable line is one message, and there is none besides but of lines that cannot be read.
    #[test]
    fn every_sequence_of_edits_crashes_and_looks_ends_in_the_files_lines(
        events in prop::collection::vec(event(), 0..60)
    ) {
        let (mut file, mut ledger) = (Draft::default(), Ledger::default());
        for event in &events {
            file.change(event);
            if let Event::Look { done, all_due } = event {
                let due: BTreeSet<String> =
                    if *all_due { ledger.lines.keys().cloned().collect() } else { BTreeSet::new() };
                for step in plan(&ledger, &read(&file.lines()), &due).steps.iter().take(*done) {
                    perform(&mut ledger, step);
                }
            }
        }
        look(&mut ledger, &file.lines());
        prop_assert_eq!(look(&mut ledger, &file.lines()), [], "the second look finds nothing to do");
        let unreadable = ledger.lines.values().filter(|line| line.unreadable.is_some()).count();
        prop_assert!(unreadable <= read(&file.lines()).bad.iter().filter(|bad| bad.garbled).count());
        let readable = ledger.lines.values().filter(|line| line.unreadable.is_none());
        let readable: Vec<_> = readable.map(|line| (line.id.clone(), line.digest.clone())).collect();
        prop_assert_eq!(readable, to_be_said(&file.lines()));

        // Once everything is mended, nothing is left of it.
        for line in &mut file.0 {
            line.2 = None;
        }
        look(&mut ledger, &file.lines());
        prop_assert_eq!(look(&mut ledger, &file.lines()), []);
        prop_assert_eq!(said(&ledger), to_be_said(&file.lines()));
    }
}
