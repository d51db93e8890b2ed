//! Histories in which something goes wrong: cables, processes, power.

use properties::trace::{Observation, ServerChange};
use system::protocol::{Ack, ClientFrame, Command, ServerFrame};

use crate::told::Told;

/// How often a device sent a message with this text.
fn sendings(told: &Told, device: &str, text: &str) -> usize {
    let is_it = |frame: &ClientFrame| matches!(&frame.command, Command::MessageSend(send) if send.body == text);
    told.sent(device).filter(|frame| is_it(frame)).count()
}

/// The acknowledgements that a device received: the text, and whether it was a repeat.
fn acknowledged<'t>(told: &'t Told, device: &str) -> Vec<(&'t str, bool)> {
    let ack = |frame: &'t ServerFrame| match frame {
        ServerFrame::Ack(_, Ack { object, duplicate, .. }) => Some((object.message()?.body.as_str(), *duplicate)),
        _ => None,
    };
    told.received(device).filter_map(|frame| ack(frame)).collect()
}

fn server(told: &Told, change: fn(&ServerChange) -> bool) -> usize {
    told.count(|what| matches!(what, Observation::Server { change: changed, .. } if change(changed)))
}

#[test]
fn resume_after_a_cut() {
    let told = Told::new("resume-after-a-cut");
    assert_eq!((told.effects("cut"), told.ends("ana/phone"), told.ends("ben/phone")), (1, 1, 0));
    assert_eq!(told.heard("ana/phone"), ["can you hear me?", "now?", "and now?", "hello?"]);
    let resumed = |frame: &ServerFrame| match frame {
        ServerFrame::Welcome(_, welcome) => welcome.streams.iter().all(|state| state.recovered),
        _ => false,
    };
    assert_eq!(told.received("ana/phone").filter(|frame| resumed(frame)).count(), 1);
    told.accept();
}

#[test]
fn one_way_cut() {
    let told = Told::new("one-way-cut");
    assert_eq!((told.effects("cut"), told.ends("ana/phone")), (1, 1));
    assert_eq!(sendings(&told, "ana/phone", "are you there?"), 2);
    assert_eq!(acknowledged(&told, "ana/phone"), [("are you there?", true)]);
    assert_eq!(told.heard("ben/phone"), ["are you there?", "yes, loud and clear"]);
    told.accept();
}

#[test]
fn retry_with_the_same_key() {
    let told = Told::new("retry-with-the-same-key");
    assert_eq!((told.effects("reset"), told.ends("ana/phone")), (1, 1));
    assert_eq!(sendings(&told, "ana/phone", "only once"), 2);
    assert_eq!(acknowledged(&told, "ana/phone"), [("only once", true)]);
    assert_eq!((told.heard("ana/phone"), told.heard("ben/phone")), (vec!["only once"], vec!["only once"]));
    told.accept();
}

#[test]
fn power_loss_in_the_middle_of_a_commit() {
    let told = Told::new("power-loss-in-the-middle-of-a-commit");
    let torn = |change: &ServerChange| matches!(change, ServerChange::PowerLost { lost_writes, unsynced_writes } if 0 < *lost_writes && lost_writes < unsynced_writes);
    assert_eq!((server(&told, torn), told.effects("power_loss")), (1, 1));
    assert_eq!(
        (sendings(&told, "ana/phone", "in the dark"), sendings(&told, "ben/phone", "who turned off the light?")),
        (2, 2)
    );
    // Both sent again as soon as they were back: who was first is the weather's affair.
    let heard = told.heard("ana/phone");
    assert_eq!((heard.len(), heard[0]), (3, "safe"));
    assert!(["in the dark", "who turned off the light?"].iter().all(|body| heard.iter().any(|other| other == body)));
    assert_eq!(told.heard("ben/phone"), heard);
    told.accept();
}

#[test]
fn kill_and_resume() {
    let told = Told::new("kill-and-resume");
    assert_eq!((server(&told, |change| *change == ServerChange::Killed), told.effects("kill")), (1, 1));
    assert_eq!(server(&told, |change| *change == ServerChange::Started), 2);
    assert_eq!((told.ends("ana/phone"), told.ends("ben/phone")), (1, 1));
    assert_eq!(told.heard("ana/phone"), ["before the end", "is it only me?"]);
    told.accept();
}

#[test]
fn graceful_restart() {
    let told = Told::new("graceful-restart");
    assert_eq!((server(&told, |change| *change == ServerChange::Stopped), told.effects("restart")), (1, 1));
    for device in ["ana/phone", "ben/phone"] {
        let closing = |frame: &ServerFrame| matches!(frame, ServerFrame::Closing(closing) if closing.reconnect);
        assert_eq!(told.received(device).filter(|frame| closing(frame)).count(), 1, "{device} is told");
        assert_eq!(told.ends(device), 1);
        assert_eq!(told.heard(device), ["before", "after"]);
    }
    told.accept();
}

#[test]
fn kill_between_commit_and_answer() {
    let told = Told::new("kill-between-commit-and-answer");
    assert_eq!((server(&told, |change| *change == ServerChange::Killed), told.effects("kill")), (1, 1));
    assert_eq!(
        (sendings(&told, "ana/phone", "did you get this?"), sendings(&told, "ben/phone", "not this one")),
        (2, 1)
    );
    assert_eq!(acknowledged(&told, "ana/phone"), [("did you get this?", true)], "it was committed the first time");
    assert_eq!(told.heard("ben/phone"), ["not this one", "did you get this?"]);
    told.accept();
}

#[test]
fn reset_between_welcome_and_snapshot() {
    let told = Told::new("reset-between-welcome-and-snapshot");
    assert_eq!((told.effects("reset"), told.ends("ben/phone"), told.ends("ana/phone")), (1, 1, 0));
    assert_eq!(told.heard("ana/phone"), ["before Ben", "welcome, Ben", "are you there?"]);
    let strays = told.heard("ben/phone").into_iter().filter(|text| *text == "before Ben").count();
    assert_eq!(strays, 0, "what was said before he followed is in the snapshot");
    told.accept();
}
