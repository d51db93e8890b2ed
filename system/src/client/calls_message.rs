//! The typed calls about messages, threads and read markers.

use super::calls::{delete, get, paged, patch, post, put};
use super::query::encoded;
use super::{CallError, Connector, Rest};
use crate::protocol::{
    EditMessage, MarkRead, Message, MessageId, OpenThread, Page, PostMessage, ReadMarker, RoomId, Thread, ThreadId,
};

impl<C: Connector> Rest<C> {
    /// `GET /rooms/{id}/messages`.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn messages(&self, token: &str, room: RoomId, cursor: Option<&str>) -> Result<Page<Message>, CallError> {
        self.call(&get(paged(&format!("/rooms/{room}/messages"), cursor)).token(token)).await
    }

    /// `GET /rooms/{id}/messages?query=`: those that hold a text.
    pub async fn search_messages(
        &self,
        token: &str,
        room: RoomId,
        query: &str,
        cursor: Option<&str>,
    ) -> Result<Page<Message>, CallError> {
        let mut path = format!("/rooms/{room}/messages?query={}", encoded(query));
        if let Some(cursor) = cursor {
            path.push_str("&cursor=");
            path.push_str(cursor);
        }
        self.call(&get(path).token(token)).await
    }

    /// `POST /rooms/{id}/messages`.
    pub async fn post_message(&self, token: &str, room: RoomId, body: &str, key: &str) -> Result<Message, CallError> {
        let body = PostMessage { body: body.to_owned() };
        self.call(&post(format!("/rooms/{room}/messages")).token(token).key(key).json(&body)).await
    }

    /// `GET /rooms/{id}/messages/{message}`.
    pub async fn message(&self, token: &str, room: RoomId, message: MessageId) -> Result<Message, CallError> {
        self.call(&get(format!("/rooms/{room}/messages/{message}")).token(token)).await
    }

    /// `PATCH /rooms/{id}/messages/{message}`: only if it has `version`, where one is given.
    pub async fn edit_message(
        &self,
        token: &str,
        (room, message): (RoomId, MessageId),
        body: &str,
        version: Option<u64>,
    ) -> Result<Message, CallError> {
        let body = EditMessage { body: body.to_owned() };
        let path = format!("/rooms/{room}/messages/{message}");
        self.call(&patch(path).token(token).version(version).json(&body)).await
    }

    /// `DELETE /rooms/{id}/messages/{message}`: only if it has `version`, where one is given. Deleting it again changes
    /// nothing.
    pub async fn delete_message(
        &self,
        token: &str,
        (room, message): (RoomId, MessageId),
        version: Option<u64>,
    ) -> Result<Message, CallError> {
        self.call(&delete(format!("/rooms/{room}/messages/{message}")).token(token).version(version)).await
    }

    /// `POST /rooms/{id}/threads`. The thread that the message has already is given as it is.
    pub async fn open_thread(
        &self,
        token: &str,
        room: RoomId,
        message: MessageId,
        key: &str,
    ) -> Result<Thread, CallError> {
        self.call(&post(format!("/rooms/{room}/threads")).token(token).key(key).json(&OpenThread { message })).await
    }

    /// `GET /rooms/{id}/threads`.
    pub async fn threads(&self, token: &str, room: RoomId, cursor: Option<&str>) -> Result<Page<Thread>, CallError> {
        self.call(&get(paged(&format!("/rooms/{room}/threads"), cursor)).token(token)).await
    }

    /// `GET /rooms/{id}/threads/{thread}`.
    pub async fn thread(&self, token: &str, room: RoomId, thread: ThreadId) -> Result<Thread, CallError> {
        self.call(&get(format!("/rooms/{room}/threads/{thread}")).token(token)).await
    }

    /// `GET /rooms/{id}/threads/{thread}/messages`.
    pub async fn replies(
        &self,
        token: &str,
        (room, thread): (RoomId, ThreadId),
        cursor: Option<&str>,
    ) -> Result<Page<Message>, CallError> {
        self.call(&get(paged(&format!("/rooms/{room}/threads/{thread}/messages"), cursor)).token(token)).await
    }

    /// `POST /rooms/{id}/threads/{thread}/messages`.
    pub async fn post_reply(
        &self,
        token: &str,
        (room, thread): (RoomId, ThreadId),
        body: &str,
        key: &str,
    ) -> Result<Message, CallError> {
        let body = PostMessage { body: body.to_owned() };
        self.call(&post(format!("/rooms/{room}/threads/{thread}/messages")).token(token).key(key).json(&body)).await
    }

    /// `GET /rooms/{id}/read`: how far the caller has read a room.
    pub async fn read_marker(&self, token: &str, room: RoomId) -> Result<ReadMarker, CallError> {
        self.call(&get(format!("/rooms/{room}/read")).token(token)).await
    }

    /// `PUT /rooms/{id}/read`. An earlier position than before changes nothing.
    pub async fn mark_read(&self, token: &str, room: RoomId, seq: u64) -> Result<ReadMarker, CallError> {
        self.call(&put(format!("/rooms/{room}/read")).token(token).json(&MarkRead { seq })).await
    }
}
