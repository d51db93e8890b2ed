//! `connections/replies`: each reply answers a command of this connection, once, and with what answers such a command.

use std::collections::BTreeMap;

use system::protocol::{ClientFrame, ServerFrame};

use crate::index::{Connection, Index, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Replies;

impl Property for Replies {
    fn id(&self) -> &'static str {
        "connections/replies"
    }

    fn statement(&self) -> &'static str {
        "a reply answers one command of the same connection, which had none before, and is of a kind that answers it"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-1", "WS-12", "WS-2"]
    }

    fn does_not_verify(&self) -> &'static str {
        "what a reply says, when it comes (latency/answer does), nor in which order replies come"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no command was answered")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection)?;
    }
    Ok(checked)
}

/// What a device asked under an `id`.
#[derive(Clone, Copy)]
struct Asked {
    entry: usize,
    /// Its name on the wire.
    kind: &'static str,
    /// What it was answered by.
    answered: Option<usize>,
}

fn check_connection(index: &Index<'_>, connection: &Connection<'_>) -> Result<u64, Violation> {
    let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
    let mut checked = 0;
    for frame in &connection.frames {
        let entry = frame.entry;
        match frame.seen {
            Seen::Sent(ClientFrame { id: Some(id), command }) => {
                asked.insert(id.clone(), Asked { entry, kind: command.kind(), answered: None });
            }
            Seen::Sent(_) => {}
            Seen::Chunk(chunk) => {
                asked.insert(chunk.request.to_string(), Asked { entry, kind: "chunk", answered: None });
            }
            Seen::Received(reply) => {
                let Some(id) = reply.reply_to() else { continue };
                checked += 1;
                let wrong = match asked.get_mut(id) {
                    None => Some(("gets replies to its own commands only", None, "it never asked anything as that")),
                    Some(Asked { entry, answered: Some(before), .. }) => {
                        Some(("gets one reply to a command", Some([*entry, *before]), "it gets a second"))
                    }
                    Some(command) if !answers(reply, command.kind) => Some((
                        "gets a reply of a kind that answers what it asked",
                        Some([command.entry; 2]),
                        "it gets one of another kind",
                    )),
                    Some(command) => {
                        command.answered = Some(entry);
                        None
                    }
                };
                if let Some((expected, links, observed)) = wrong {
                    let story = links.into_iter().flatten().fold(Story::new(index), Story::link);
                    return Err(Violation {
                        expected: format!("{} {expected}", possessive(connection.device)),
                        observed: format!("{observed}: `{}` with the id {id}", reply.kind()),
                        evidence: story.breaks(entry).tell(),
                    });
                }
            }
            // What it said, and to what, is not known.
            Seen::Unreadable => break,
        }
    }
    Ok(checked)
}

/// Whether a reply can answer a command of this name.
fn answers(reply: &ServerFrame, kind: &str) -> bool {
    match reply {
        ServerFrame::Error(..) => true,
        ServerFrame::Welcome(..) => kind == "hello",
        ServerFrame::Subscribed(..) => kind == "subscribe",
        ServerFrame::Unsubscribed(..) => kind == "unsubscribe",
        ServerFrame::TokenRefreshed(..) => kind == "auth.refresh",
        ServerFrame::ChunkStored(..) => kind == "chunk",
        ServerFrame::Done(..) => kind == "typing",
        ServerFrame::Ack(..) => {
            matches!(kind, "message.send" | "message.edit" | "message.delete" | "read" | "status.set")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Command, Done, StartTyping};

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};
    use crate::trace::Trace;

    fn types(scene: &mut Scene, device: &str) {
        let room = scene.room("general");
        scene.sent(device, Some("7"), Command::Typing(StartTyping { room }));
    }

    fn done(scene: &mut Scene, device: &str) {
        scene.receives(device, ServerFrame::Done(Some("7".into()), Done {}));
    }

    #[track_caller]
    fn check(scene: Scene, expected: &str) {
        assert_eq!(violated(&Replies, &scene.ends()).expected, format!("ana's phone {expected}"));
    }

    #[test]
    fn a_reply_to_what_another_asked_is_a_violation() {
        let mut scene = Scene::company();
        types(&mut scene, "ben/phone");
        done(&mut scene, "ana/phone");
        check(scene, "gets replies to its own commands only");
    }

    #[test]
    fn a_second_reply_is_a_violation() {
        let mut scene = Scene::company();
        types(&mut scene, "ana/phone");
        done(&mut scene, "ana/phone");
        done(&mut scene, "ana/phone");
        check(scene, "gets one reply to a command");
    }

    #[test]
    fn a_reply_of_another_kind_is_a_violation() {
        let mut scene = Scene::company();
        scene.sends("ana/phone", "general", "m1", "7");
        done(&mut scene, "ana/phone");
        check(scene, "gets a reply of a kind that answers what it asked");
    }

    #[test]
    fn a_reply_each_holds_and_an_id_may_come_again_on_another_connection() {
        let mut scene = Scene::company();
        types(&mut scene, "ana/phone");
        types(&mut scene, "ben/phone");
        done(&mut scene, "ben/phone");
        done(&mut scene, "ana/phone");
        scene.closes("ana/phone");
        scene.opens("ana/phone");
        types(&mut scene, "ana/phone");
        done(&mut scene, "ana/phone");
        held(&Replies, &scene.ends());
    }

    #[test]
    fn where_nobody_asks_there_is_nothing_to_check() {
        vacuous(&Replies, &Trace::default());
    }
}
