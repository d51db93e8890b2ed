//! The timeline of a real run: what belongs together is together, and what lasted is there.

use std::sync::LazyLock;

use properties::trace::Trace;
use properties::{Evidence, Violation};

use super::{Arrow, ArrowKind, BandKind, Kind, News, Timeline};
use crate::history::Saved;
use crate::world::{self, Options};

/// Gus sends m3 while Hana's laptop is cut off, and she sends m18, which waits for the cut to end.
static TRACE: LazyLock<Trace> = LazyLock::new(|| {
    let text = include_str!("../../../histories/resume-counted-from-the-head.json");
    let saved = Saved::parse(text).expect("the history can be run");
    world::run(&saved.history, Options::default()).trace
});

fn timeline() -> Timeline {
    Timeline::new(&TRACE, None)
}

/// The first mark of a lane that tells this.
fn mark(timeline: &Timeline, who: &str, what: &str) -> usize {
    let is_it = |mark: &usize| {
        timeline.lanes[timeline.marks.lane[*mark]].name == who
            && timeline.texts[timeline.marks.text[*mark]].starts_with(what)
            && timeline.marks.kind[*mark] != Kind::Step as usize
    };
    let found = (0..timeline.marks.at.len()).find(is_it);
    found.unwrap_or_else(|| panic!("`{who}: {what}` is not in {:#?}", timeline.texts))
}

fn arrow(timeline: &Timeline, mark: usize) -> Arrow {
    *timeline.arrows.iter().find(|arrow| arrow.mark == mark).expect("it has an arrow")
}

#[test]
fn a_command_goes_to_its_commit_and_comes_back_from_it() {
    let timeline = timeline();
    let sent = mark(&timeline, "gus/phone", "message.send \"m3\"");
    let commit = mark(&timeline, "server", "committed support#5");
    let reply = mark(&timeline, "gus/phone", "is acknowledged \"m3\" at support#5");
    let push = mark(&timeline, "gus/phone", "receives support#5");
    let check = |mark, kind| {
        let arrow = arrow(&timeline, mark);
        assert_eq!((arrow.kind, arrow.server_mark), (kind, Some(commit)));
        assert_eq!(arrow.server_at, timeline.marks.at[commit]);
    };
    check(sent, ArrowKind::Request);
    check(reply, ArrowKind::Answer);
    check(push, ArrowKind::Push);
    let causes = [sent, commit, reply, push].map(|mark| timeline.marks.correlation[mark]);
    assert!(causes[0].is_some() && causes.iter().all(|cause| *cause == causes[0]), "{causes:?}");
}

#[test]
fn what_is_pushed_after_a_resume_comes_from_the_resume() {
    let timeline = timeline();
    let push = mark(&timeline, "hana/laptop", "receives support#5");
    let welcome = (0..push).rev().find(|mark| timeline.texts[timeline.marks.text[*mark]].starts_with("is welcomed"));
    let welcome = welcome.expect("she is welcomed again");
    let Arrow { kind, server_mark, server_at, .. } = arrow(&timeline, push);
    assert_eq!((kind, server_mark), (ArrowKind::Push, None), "the commit was long before");
    assert!(server_at > timeline.marks.at[mark(&timeline, "server", "committed support#5")]);
    assert!(server_at <= timeline.marks.at[welcome]);
    // The correlation id is that of the message all the same.
    assert_eq!(
        timeline.marks.correlation[push],
        timeline.marks.correlation[mark(&timeline, "server", "committed support#5")]
    );
}

#[test]
fn a_request_without_a_commit_turns_halfway() {
    let timeline = timeline();
    let hello = mark(&timeline, "hana/laptop", "hello");
    let Arrow { kind, server_mark, server_at, .. } = arrow(&timeline, hello);
    let welcome = mark(&timeline, "hana/laptop", "is welcomed");
    let [sent, answered] = [hello, welcome].map(|mark| timeline.marks.at[mark].0);
    assert_eq!((kind, server_mark, server_at.0), (ArrowKind::Request, None, sent + (answered - sent) / 2));
}

#[test]
fn what_is_sent_again_is_lost_the_first_time() {
    let timeline = timeline();
    let is_it = |mark: &usize| {
        timeline.texts[timeline.marks.text[*mark]] == "message.send \"m18\" to support"
            && timeline.marks.kind[*mark] == Kind::Command as usize
    };
    let sent: Vec<usize> = (0..timeline.marks.at.len()).filter(is_it).collect();
    let [first, again] = sent[..] else { panic!("sent twice: {sent:?}") };
    assert_eq!((arrow(&timeline, first).kind, arrow(&timeline, first).server_mark), (ArrowKind::Lost, None));
    let commit = mark(&timeline, "server", "committed support#6");
    assert_eq!((arrow(&timeline, again).kind, arrow(&timeline, again).server_mark), (ArrowKind::Request, Some(commit)));
}

#[test]
fn a_request_is_paired_with_what_alone_can_have_come_of_it() {
    let timeline = timeline();
    let create = mark(&timeline, "auditor", "POST /rooms {name: support");
    let commit = mark(&timeline, "server", "committed support#1 room.created");
    let cause = timeline.marks.correlation[create];
    assert!(cause.is_some() && cause == timeline.marks.correlation[commit], "{cause:?}");
    assert_eq!(arrow(&timeline, create).server_mark, Some(commit));
}

#[test]
fn what_lasted_is_a_band_in_the_lanes_that_it_concerns() {
    let timeline = timeline();
    let bands = |who: &str| {
        let of_lane = timeline.bands.iter().filter(|band| timeline.lanes[band.lane].name == who);
        of_lane.map(|band| band.kind).collect::<Vec<_>>()
    };
    assert_eq!(bands("world"), [BandKind::Fault]);
    assert_eq!(bands("server"), [BandKind::Up]);
    assert_eq!(bands("gus/phone"), [BandKind::Connected]);
    assert_eq!(bands("hana/laptop"), [BandKind::Connected, BandKind::Fault, BandKind::Away, BandKind::Connected]);
    let away = timeline.bands.iter().find(|band| band.kind == BandKind::Away).expect("she was away");
    assert_eq!(away.text, "not connected: silent for too long");
}

fn violation() -> Violation {
    let story = Timeline::new(&TRACE, None);
    let push = mark(&story, "hana/laptop", "receives support#5");
    let at = story.marks.at[push];
    let sentence = story.texts[story.marks.text[push]].clone();
    let evidence = vec![
        Evidence::new(at, "hana/laptop", "resume in room support after 4"),
        Evidence::breaking(at, "hana/laptop", sentence),
    ];
    Violation { expected: "a".into(), observed: "b".into(), evidence }
}

#[test]
fn a_proof_is_found_among_the_events_or_stands_there_in_its_own_words() {
    let timeline = Timeline::new(&TRACE, Some(&violation()));
    let [own, found] = &timeline.proof[..] else { panic!("two links: {:?}", timeline.proof) };
    let (own, found) = if own.breaks_it { (found, own) } else { (own, found) };
    assert_eq!(timeline.marks.kind[own.mark], Kind::Proof as usize);
    assert_eq!(timeline.marks.kind[found.mark], Kind::Push as usize);
    assert!(found.breaks_it && !own.breaks_it);
    let proved: Vec<_> = timeline.lanes.iter().filter(|lane| lane.in_proof).map(|lane| &*lane.name).collect();
    assert_eq!(proved, ["hana/laptop"]);
    assert_eq!(timeline.lanes[2].name, "hana/laptop", "the lanes of the proof come first");
}

#[test]
fn of_too_long_a_run_the_part_around_the_violation_is_shown() {
    let whole = timeline();
    let part = Timeline::with_most(&TRACE, Some(&violation()), 40);
    assert_eq!((part.marks.at.len(), part.marks.text.len()), (40, 40));
    assert!(part.proof.iter().any(|link| link.breaks_it));
    let [note] = &part.left_out[..] else { panic!("one note: {:?}", part.left_out) };
    let all = whole.marks.at.len() + 1;
    assert!(note.starts_with(&format!("40 of {all} events are shown: those around the violation, from ")), "{note}");
    assert!(whole.left_out.is_empty());
    for arrow in &part.arrows {
        assert!(arrow.mark < 40 && arrow.server_mark.is_none_or(|mark| mark < 40));
    }
    // What was true when the part begins is known though nothing of it is shown.
    let head = part.changes.iter().filter(|change| change.mark == 0);
    let known: Vec<_> = head.map(|change| &change.news).collect();
    assert!(known.iter().any(|news| matches!(news, News::Head { .. })), "{known:?}");
    assert!(known.iter().any(|news| matches!(news, News::Server { is: "up", .. })), "{known:?}");
}

#[test]
fn equal_runs_have_equal_timelines() {
    let text = |timeline: &Timeline| serde_json::to_string(timeline).expect("it is data");
    assert_eq!(text(&timeline()), text(&timeline()));
}
