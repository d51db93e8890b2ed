//! What becomes true of devices and of the server, so that a page can say what was the case at any moment.
//!
//! Positions move with the marks of pushes and commits; here is the rest. Of what came before the part that is shown, only
//! what is still true when it begins is kept.

use std::collections::{BTreeMap, BTreeSet};

use properties::trace::{Observation, ServerChange};
use system::protocol::{EventBody, ServerFrame, StreamId, UserId};

use super::model::{Change, News};

/// Collects changes in the order of the marks.
#[derive(Default)]
pub(super) struct Changes<'t> {
    users: BTreeMap<&'t str, UserId>,
    follows: BTreeMap<&'t str, BTreeSet<usize>>,
    before: BTreeMap<(usize, u8, usize), News>,
    changes: Vec<Change>,
}

impl<'t> Changes<'t> {
    /// Learns of an observation. `mark` is none before the part that is shown.
    pub(super) fn observe(
        &mut self,
        mark: Option<usize>,
        lane: usize,
        what: &'t Observation,
        mut stream: impl FnMut(StreamId) -> usize,
    ) {
        let mut tell = |news| Self::tell(&mut self.before, &mut self.changes, mark, lane, news);
        match what {
            Observation::LoggedIn { device, user, .. } => {
                self.users.insert(device, *user);
            }
            Observation::ConnectionOpened { connection, .. } => tell(News::Connected { connection: *connection }),
            Observation::ConnectionClosed { .. } => tell(News::Away),
            Observation::Server { incarnation, change } => {
                let is = match change {
                    ServerChange::Started => "starting",
                    ServerChange::Listening => "up",
                    _ => "down",
                };
                tell(News::Server { incarnation: *incarnation, is });
            }
            Observation::Committed { stream: committed, seq, .. } if mark.is_none() => {
                tell(News::Head { stream: stream(*committed), seq: *seq });
            }
            Observation::FrameReceived { device, frame, .. } => match &**frame {
                ServerFrame::Welcome(_, welcome) => {
                    tell(News::Role { role: welcome.role.as_str() });
                    let now: BTreeSet<usize> = welcome.streams.iter().map(|state| stream(state.stream)).collect();
                    let follows = self.follows.entry(device).or_default();
                    follows.difference(&now).for_each(|gone| tell(News::Leaves { stream: *gone }));
                    *follows = now;
                    for state in &welcome.streams {
                        tell(News::Follows { stream: stream(state.stream), seq: state.seq });
                    }
                }
                ServerFrame::Subscribed(_, state) => {
                    let place = stream(state.stream);
                    self.follows.entry(device).or_default().insert(place);
                    tell(News::Follows { stream: place, seq: state.seq });
                }
                ServerFrame::Unsubscribed(_, gone) => {
                    let place = stream(gone.stream);
                    self.follows.entry(device).or_default().remove(&place);
                    tell(News::Leaves { stream: place });
                }
                ServerFrame::Event(event) => {
                    if mark.is_none() {
                        tell(News::Follows { stream: stream(event.stream), seq: event.seq });
                    }
                    if let EventBody::UserUpdated(user) = &event.body
                        && self.users.get(&**device) == Some(&user.id)
                    {
                        tell(News::Role { role: user.role.as_str() });
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// All of them: first what was true when the part that is shown begins.
    pub(super) fn finish(self) -> Vec<Change> {
        let before = self.before.into_iter().map(|((lane, ..), news)| Change { mark: 0, lane, news });
        before.chain(self.changes).collect()
    }

    fn tell(
        before: &mut BTreeMap<(usize, u8, usize), News>,
        changes: &mut Vec<Change>,
        mark: Option<usize>,
        lane: usize,
        news: News,
    ) {
        let (about, stream) = match &news {
            News::Connected { .. } | News::Away => (0, 0),
            News::Role { .. } => (1, 0),
            News::Server { .. } => (2, 0),
            News::Follows { stream, .. } | News::Leaves { stream } => (3, *stream),
            News::Head { stream, .. } => (4, *stream),
        };
        match mark {
            Some(mark) => changes.push(Change { mark, lane, news }),
            // The newest about the same thing is all that counts later.
            None => drop(before.insert((lane, about, stream), news)),
        }
    }
}
