//! `connections/welcome`: a connection begins with one welcome, which says who is welcomed to what, and says it truly.

use system::protocol::{ClientFrame, Command, Follow, ServerFrame, StreamId, UserId, Welcome};

use crate::index::{Connection, Index, Seen, Standing, Timeline, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Welcomed;

/// How much later than the look at the token the server's clock may be read for the welcome.
const LOOK_MS: u64 = 1_000;

impl Property for Welcomed {
    fn id(&self) -> &'static str {
        "connections/welcome"
    }

    fn statement(&self) -> &'static str {
        "each connection hears nothing of any stream before its one welcome, which answers its hello, names its user, \
         their role, a token that is good, and every stream that they may follow"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-1", "IT-1", "IT-14", "PROTOCOL 4", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a stream is named only to who may follow it (rights/revocation does), that a position is the right one \
         (ordering/gapless does), nor handshakes that are refused"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no device was welcomed")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        checked += Case { index, connection }.check()?;
    }
    Ok(checked)
}

struct Case<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
}

impl<'t> Case<'_, 't> {
    fn check(&self) -> Result<u64, Violation> {
        let mut hello = None;
        let mut welcomed = None;
        for frame in &self.connection.frames {
            match frame.seen {
                Seen::Sent(ClientFrame { id, command: Command::Hello(said) }) => {
                    hello = Some((frame.entry, id.as_deref(), said.follow == Follow::All));
                }
                Seen::Received(ServerFrame::Welcome(id, welcome)) => {
                    if let Some(first) = welcomed.replace(frame.entry) {
                        return Err(self.violation("is welcomed once", "it is welcomed again", first, frame.entry));
                    }
                    let Some((asked, _, follows_all)) = hello.filter(|hello| hello.1 == id.as_deref()) else {
                        let expected = "is welcomed in answer to its hello";
                        return Err(self.violation(expected, "the welcome answers none", frame.entry, frame.entry));
                    };
                    self.says_the_truth(asked, frame.entry, welcome, follows_all)?;
                }
                Seen::Received(received) if welcomed.is_none() && !may_come_before(received) => {
                    let observed = format!("it hears `{}` first", received.kind());
                    let begin = hello.map_or(frame.entry, |hello| hello.0);
                    return Err(self.violation("hears its welcome first", &observed, begin, frame.entry));
                }
                // What else was said is not known.
                Seen::Unreadable => break,
                _ => {}
            }
        }
        Ok(u64::from(welcomed.is_some()))
    }

    fn says_the_truth(&self, asked: usize, entry: usize, welcome: &Welcome, all: bool) -> Result<(), Violation> {
        let index = self.index;
        if let Some(user) = index.users.get(&**self.connection.device)
            && *user != welcome.user
        {
            let observed = format!("it is welcomed as {}", index.names().user(welcome.user));
            return Err(self.violation("is welcomed as its user", &observed, asked, entry));
        }
        let over_ms = welcome.server_time.ms_since(welcome.token_expires_at);
        if over_ms > LOOK_MS && index.troubles().clock_is_true(index.at(asked), index.at(entry)) {
            let observed = format!("its token was over for {over_ms} ms");
            return Err(self.violation("is welcomed only with a token that is good", &observed, asked, entry));
        }
        if !index.log.is_complete() {
            return Ok(());
        }
        let window = Window::between(asked, index.log.horizon(entry));
        let had_role = |standing: &Timeline<Standing>| standing.could(window, |held| held.role == welcome.role);
        if !index.rights.standing(welcome.user).is_some_and(had_role) {
            let observed = format!("it is told that they are {}", welcome.role.as_str());
            return Err(self.violation("is told its user's role", &observed, asked, entry));
        }
        let named = |stream: StreamId| welcome.streams.iter().any(|state| state.stream == stream);
        let missing = self.may_surely_follow(welcome.user, asked, window).find(|stream| all && !named(*stream));
        match missing {
            None => Ok(()),
            Some(stream) => {
                let expected = format!("follows {} from its welcome on", index.names().stream(stream));
                Err(self.violation(&expected, "the welcome does not name it", asked, entry))
            }
        }
    }

    /// What a user may follow in a time, whenever in it the server looked.
    fn may_surely_follow(&self, user: UserId, asked: usize, window: Window) -> impl Iterator<Item = StreamId> {
        let rights = &self.index.rights;
        // What began within the time may have been looked for before.
        let began = move |was: &Timeline<bool>| was.changes().first().is_some_and(|first| first.span.to < asked);
        let surely = move |stream: StreamId| {
            let Some(standing) = rights.standing(user) else { return false };
            let always = match stream {
                StreamId::Company(_) => {
                    !standing.could(window, |held| !held.is_at_least(system::protocol::Role::Member))
                }
                StreamId::User(owner) => owner == user && !standing.could(window, |held| !held.active),
                StreamId::Room(room) => {
                    !rights.is_gone(room)
                        && !standing.could(window, |held| !held.active)
                        && rights
                            .membership(room, user)
                            .is_some_and(|was| began(was) && !was.could(window, |is_in| !is_in))
                }
            };
            always && rights.could_follow(user, stream, window)
        };
        self.index.log.streams().map(|(stream, _)| stream).filter(move |stream| surely(*stream))
    }

    fn violation(&self, expected: &str, observed: &str, link: usize, breaks: usize) -> Violation {
        Violation {
            expected: format!("{} {expected}", possessive(self.connection.device)),
            observed: observed.to_owned(),
            evidence: Story::new(self.index).link(link).breaks(breaks).tell(),
        }
    }
}

/// What tells nothing of any stream.
fn may_come_before(frame: &ServerFrame) -> bool {
    matches!(
        frame,
        ServerFrame::Ping
            | ServerFrame::TokenExpiring(_)
            | ServerFrame::TokenRefreshed(..)
            | ServerFrame::Warning(_)
            | ServerFrame::Error(..)
            | ServerFrame::Closing(_)
    )
}

#[cfg(test)]
mod tests {
    use system::protocol::Role;

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};
    use crate::trace::{Observation, Trace};

    /// A scene in which the last welcome of ana's phone is changed.
    fn changed(change: impl FnOnce(&mut Welcome)) -> Trace {
        let mut scene = Scene::company();
        scene.closes("ana/phone");
        let entry = scene.opens("ana/phone");
        let Observation::FrameReceived { frame, .. } = &mut scene.trace.entries[entry].what else {
            panic!("a welcome")
        };
        let ServerFrame::Welcome(id, mut welcome) = (**frame).clone() else { panic!("a welcome") };
        change(&mut welcome);
        *frame = ServerFrame::Welcome(id, welcome).into();
        scene.ends()
    }

    #[track_caller]
    fn check(trace: &Trace, expected: &str) {
        assert_eq!(violated(&Welcomed, trace).expected, format!("ana's phone {expected}"));
    }

    #[test]
    fn a_second_welcome_and_one_that_answers_nothing_are_violations() {
        let mut scene = Scene::company();
        let entry = scene.opens("ana/phone");
        let Observation::FrameReceived { frame, .. } = &scene.trace.entries[entry].what else { panic!("a welcome") };
        let again = (**frame).clone();
        scene.receives("ana/phone", again.clone());
        check(&scene.ends(), "is welcomed once");

        let mut scene = Scene::company();
        scene.opens("ana/phone");
        let ServerFrame::Welcome(_, welcome) = again else { panic!("a welcome") };
        let Observation::FrameReceived { frame, .. } = &mut scene.trace.entries[entry].what else {
            panic!("a welcome")
        };
        *frame = ServerFrame::Welcome(Some("other".into()), welcome).into();
        check(&scene.ends(), "is welcomed in answer to its hello");
    }

    #[test]
    fn a_word_of_a_stream_before_the_welcome_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ben/phone", "general", "m1");
        let entry = scene.opens("ana/phone");
        scene.gets("ana/phone", &event);
        let last = scene.trace.entries.len() - 1;
        scene.trace.entries.swap(entry, last);
        check(&scene.ends(), "hears its welcome first");
    }

    #[test]
    fn a_welcome_that_does_not_tell_the_truth_is_a_violation() {
        let ben = Scene::company().user("ben");
        check(&changed(|welcome| welcome.user = ben), "is welcomed as its user");
        check(&changed(|welcome| welcome.role = Role::Admin), "is told its user's role");
        check(
            &changed(|welcome| welcome.streams.retain(|state| !matches!(state.stream, StreamId::Room(_)))),
            "follows room general from its welcome on",
        );
        let over = |welcome: &mut Welcome| welcome.server_time = welcome.token_expires_at.plus_ms(1_500);
        check(&changed(over), "is welcomed only with a token that is good");
    }

    #[test]
    fn a_right_that_changes_meanwhile_and_a_ping_before_hold() {
        let mut scene = Scene::company();
        scene.receives("ana/phone", ServerFrame::Ping);
        scene.removes("auditor", "general", "ana");
        scene.opens("ana/phone");
        held(&Welcomed, &scene.ends());
        held(&Welcomed, &changed(|_| {}));
    }

    #[test]
    fn where_nobody_is_welcomed_there_is_nothing_to_check() {
        vacuous(&Welcomed, &Trace::default());
    }
}
