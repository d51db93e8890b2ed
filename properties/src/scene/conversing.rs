//! Threads and read markers of a scene, done as an honest server does them.

use std::collections::BTreeSet;

use system::protocol::{
    Event, EventBody, LastReply, Message, ReadMarker, Status, StreamId, Thread, ThreadId, ThreadReplied, UserId,
    UserStatus,
};

use super::Scene;
use crate::telling::user_of;

impl Scene {
    /// A user chooses a status.
    pub(crate) fn chooses(&mut self, name: &str, status: Status, text: Option<&str>) -> Event {
        let user = self.user(name);
        let chosen = UserStatus { user, status, text: text.map(str::to_owned) };
        self.commit(name, vec![(StreamId::User(user), EventBody::StatusUpdated(chosen))]).remove(0)
    }

    /// A user opens the thread of a message.
    pub(crate) fn opens_thread(&mut self, by: &str, root: &Event) -> Thread {
        let root = root.body.message().expect("a thread is opened on a message").clone();
        let thread = Thread {
            id: ThreadId(self.uuid()),
            room: root.room,
            root: root.id,
            opened_by: self.user(by),
            opened_at: self.now(),
            seq: self.next_seq(root.room),
            replies: 0,
            last_reply: None,
        };
        self.commit(by, vec![(StreamId::Room(root.room), EventBody::ThreadOpened(thread.clone()))]);
        thread
    }

    /// A device replies in the thread of a message, and the server tells whom it should. Gives back the reply's event.
    pub(crate) fn replies(&mut self, device: &str, root: &Event, body: &str) -> Event {
        let by = user_of(device).to_owned();
        let root = root.body.message().expect("a reply is to a message").clone();
        let stream = StreamId::Room(root.room);
        let room = self.rooms().find(|room| room.id == root.room).expect("the scene has the room").name.clone();
        let opened = self.logs[&stream].iter().rev().find_map(|event| match &event.body {
            EventBody::ThreadOpened(thread) | EventBody::ThreadUpdated(thread) if thread.root == root.id => {
                Some(thread.clone())
            }
            _ => None,
        });
        let mut thread = opened.expect("the message has a thread");
        self.sends_in(device, &room, Some(thread.id), body, body);
        let reply = Message { thread: Some(thread.id), ..self.message(&room, &by, body) };
        let followers = self.followers(&thread, root.author);
        let members = self.members(root.room);
        let Message { id, author, seq, created_at, .. } = reply;
        thread.replies += 1;
        thread.last_reply = Some(LastReply { message: id, author, seq, created_at });
        let replied = ThreadReplied { thread: thread.id, room: root.room, message: id };
        let told = followers.into_iter().filter(|user| *user != author && members.contains_key(user));
        let mut bodies = vec![(stream, EventBody::MessageCreated(reply)), (stream, EventBody::ThreadUpdated(thread))];
        bodies.extend(told.map(|user| (StreamId::User(user), EventBody::ThreadReplied(replied))));
        self.commit(&by, bodies).remove(0)
    }

    /// A user has read all of a room.
    pub(crate) fn reads(&mut self, user: &str, room: &str) {
        let seq = self.next_seq(self.room(room)) - 1;
        self.marks(user, room, seq, 0);
    }

    /// A user's marker is moved, with a number of unread messages.
    pub(crate) fn marks(&mut self, user: &str, room: &str, seq: u64, unread: u64) {
        let marker = ReadMarker { room: self.room(room), seq, unread };
        self.commit(user, vec![(StreamId::User(self.user(user)), EventBody::ReadUpdated(marker))]);
    }

    fn followers(&self, thread: &Thread, root_author: UserId) -> BTreeSet<UserId> {
        let replies = self.logs[&StreamId::Room(thread.room)].iter().filter_map(|event| match &event.body {
            EventBody::MessageCreated(message) if message.thread == Some(thread.id) => Some(message.author),
            _ => None,
        });
        replies.chain([root_author, thread.opened_by]).collect()
    }
}
