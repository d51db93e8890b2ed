//! `ordering/silent`: of a stream that is not followed any more, nothing comes until it is followed again.
//!
//! Gapless events are ordering/gapless's matter. Here it is what has no position: presence, typing, the progress of files;
//! and that a stream which a device left at its own wish does not come back by itself.

use std::collections::BTreeMap;

use system::protocol::{ServerFrame, StreamId};

use crate::index::{Connection, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Silent;

impl Property for Silent {
    fn id(&self) -> &'static str {
        "ordering/silent"
    }

    fn statement(&self) -> &'static str {
        "after a stream is unsubscribed nothing of it reaches the connection, with or without a position, until it is \
         subscribed again; one that the device left itself comes back only by its own asking"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-7", "IT-14", "PROTOCOL 4", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that the right to the stream was lost in time (rights/revocation does), nor that a followed stream says \
         anything (ordering/gapless and recovery/within-30s do)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no stream was unsubscribed")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection)?;
    }
    Ok(checked)
}

/// How a stream that was followed on a connection stands.
#[derive(Clone, Copy)]
enum Standing {
    Followed,
    /// The server took it away.
    Lost(usize),
    /// The device left it.
    Left(usize),
}

fn check_connection(index: &Index<'_>, connection: &Connection<'_>) -> Result<u64, Violation> {
    let mut streams: BTreeMap<StreamId, Standing> = BTreeMap::new();
    let mut checked = 0;
    for (entry, frame) in connection.received() {
        let stream = match frame {
            ServerFrame::Welcome(_, welcome) => {
                streams = welcome.streams.iter().map(|state| (state.stream, Standing::Followed)).collect();
                continue;
            }
            ServerFrame::Unsubscribed(id, gone) => {
                if let Some(standing) = streams.get_mut(&gone.stream)
                    && matches!(standing, Standing::Followed)
                {
                    *standing = if id.is_some() { Standing::Left(entry) } else { Standing::Lost(entry) };
                    checked += 1;
                }
                continue;
            }
            ServerFrame::Subscribed(id, state) => {
                let by_itself = id.is_none();
                match streams.insert(state.stream, Standing::Followed) {
                    Some(Standing::Left(left)) if by_itself => {
                        return Err(broken(index, connection, state.stream, left, entry, "it is subscribed unasked"));
                    }
                    _ => continue,
                }
            }
            ServerFrame::Event(event) => event.stream,
            ServerFrame::Presence(seen) => seen.stream,
            ServerFrame::PresenceState(state) => state.stream,
            ServerFrame::Typing(typing) => typing.stream,
            ServerFrame::FileProgress(progress) => progress.stream,
            _ => continue,
        };
        match streams.get(&stream) {
            Some(Standing::Followed) => {}
            Some(Standing::Left(since) | Standing::Lost(since)) => {
                let what = format!("it is sent {}", frame.kind());
                return Err(broken(index, connection, stream, *since, entry, &what));
            }
            None => {
                let what = format!("it is sent {}, and never followed it", frame.kind());
                let since = connection.welcome().map_or(0, |(welcomed, _)| welcomed);
                return Err(broken(index, connection, stream, since, entry, &what));
            }
        }
    }
    Ok(checked)
}

fn broken(
    index: &Index<'_>,
    connection: &Connection<'_>,
    stream: StreamId,
    since: usize,
    entry: usize,
    observed: &str,
) -> Violation {
    let stream = index.names().stream(stream);
    let at = index.trace.entries[since].at;
    Violation {
        expected: format!("{} hears nothing of {stream} after {at}", possessive(connection.device)),
        observed: observed.to_owned(),
        evidence: Story::new(index).link(since).breaks(entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Epoch, ErrorCode, StreamState, Typing, Unsubscribed};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    fn unsubscribed(scene: &mut Scene, id: Option<&str>, code: Option<ErrorCode>) {
        let stream = scene.room_stream("general");
        let gone = Unsubscribed { stream, code, reason: None };
        scene.receives("ana/phone", ServerFrame::Unsubscribed(id.map(str::to_owned), gone));
    }

    fn subscribed(scene: &mut Scene, id: Option<&str>) {
        let state = StreamState { stream: scene.room_stream("general"), seq: 4, epoch: Epoch(1), recovered: false };
        scene.receives("ana/phone", ServerFrame::Subscribed(id.map(str::to_owned), state));
    }

    fn typing(scene: &mut Scene) {
        let (stream, user) = (scene.room_stream("general"), scene.user("ben"));
        scene.receives("ana/phone", ServerFrame::Typing(Typing { stream, user, expires_ms: 6_000 }));
    }

    #[test]
    fn a_push_without_a_position_after_the_right_was_lost_is_a_violation() {
        let mut scene = Scene::company();
        unsubscribed(&mut scene, None, Some(ErrorCode::Forbidden));
        typing(&mut scene);
        let violation = violated(&Silent, &scene.ends());
        assert_eq!(violation.observed, "it is sent typing");
        assert_eq!(
            chain(&violation),
            [
                "ana/phone: is unsubscribed from room general",
                "ana/phone: hears that ben types in room general <- breaks it",
            ]
        );
    }

    #[test]
    fn a_stream_that_was_left_and_comes_back_unasked_is_a_violation() {
        let mut scene = Scene::company();
        unsubscribed(&mut scene, Some("1"), None);
        subscribed(&mut scene, None);
        assert_eq!(violated(&Silent, &scene.ends()).observed, "it is subscribed unasked");
    }

    #[test]
    fn a_push_of_a_stream_that_was_never_followed_is_a_violation() {
        let mut scene = Scene::company();
        scene.has_room("den", system::protocol::Visibility::Private, &["ben"]);
        let (stream, user) = (scene.room_stream("den"), scene.user("ben"));
        scene.receives("ana/phone", ServerFrame::Typing(Typing { stream, user, expires_ms: 6_000 }));
        assert_eq!(violated(&Silent, &scene.ends()).observed, "it is sent typing, and never followed it");
    }

    #[test]
    fn silence_until_it_is_followed_again_holds() {
        let mut scene = Scene::company();
        unsubscribed(&mut scene, Some("1"), None);
        subscribed(&mut scene, Some("2"));
        typing(&mut scene);
        unsubscribed(&mut scene, None, Some(ErrorCode::Forbidden));
        subscribed(&mut scene, None);
        typing(&mut scene);
        held(&Silent, &scene.ends());
    }

    #[test]
    fn without_an_end_of_following_there_is_nothing_to_check() {
        vacuous(&Silent, &Scene::company().ends());
    }
}
