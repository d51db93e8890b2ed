//! Who watches a client: told of everything that crosses the wire, to the byte, at the moment it does.

use std::sync::Arc;

use super::{ReplicaError, SavedLogin};
use crate::protocol::{
    ChunkFrame, ClientFrame, Presence, PresenceState, ServerFrame, SessionId, StreamId, Timestamp, Typing, UserId,
};

/// Is told what a client does and hears. Every method does nothing unless it is written.
///
/// WebSocket connections and REST requests are counted from 1, each by itself. A connection counts from its upgrade,
/// so every frame has an ordinal; it is *opened* only by its `welcome`, and closed exactly once, welcomed or not. A
/// request counts from the moment that its connection stands: when none comes about, nothing crossed the wire and
/// nothing is told. Each request is then either answered or lost. The methods are called in the midst of the client's
/// work and must return quickly.
pub trait Observer: Send + Sync + 'static {
    /// A login with the password succeeded.
    fn logged_in(&self, user: UserId, session: SessionId) {
        let _ = (user, session);
    }

    /// The client has new tokens, after a login or a renewal. A program that wants to stay logged in when it is started
    /// again keeps this in the place of what it was told before.
    fn login_changed(&self, login: &SavedLogin) {
        let _ = login;
    }

    /// A WebSocket was welcomed.
    fn connection_opened(&self, connection: u32, user: UserId, token_expires_at: Timestamp) {
        let _ = (connection, user, token_expires_at);
    }

    /// A WebSocket ended; `code` is the close code, where one was received.
    fn connection_closed(&self, connection: u32, code: Option<u16>, reason: &str) {
        let _ = (connection, code, reason);
    }

    /// A frame was handed to the transport.
    fn frame_sent(&self, connection: u32, frame: &Arc<ClientFrame>) {
        let _ = (connection, frame);
    }

    /// A chunk of an upload was handed to the transport, in a binary frame.
    fn chunk_sent(&self, connection: u32, chunk: &ChunkFrame) {
        let _ = (connection, chunk);
    }

    /// A frame came: its text to the byte, and what it says.
    fn frame_received(&self, connection: u32, text: &Arc<str>, frame: &Arc<ServerFrame>) {
        let _ = (connection, text, frame);
    }

    /// Everybody of the company who is not offline: what was known of presence before is void.
    fn presence_known(&self, state: &PresenceState) {
        let _ = state;
    }

    /// Somebody of the company looks different from now on. An older word than one heard before, by its generation, is
    /// to be ignored.
    fn presence_changed(&self, presence: &Presence) {
        let _ = presence;
    }

    /// Somebody types in a room, for as long as the push says.
    fn typing(&self, typing: &Typing) {
        let _ = typing;
    }

    /// A frame came that is none of the protocol's. The connection stays.
    fn frame_unreadable(&self, connection: u32, text: &str, error: &str) {
        let _ = (connection, text, error);
    }

    /// A REST request is being sent. Passwords and tokens may be in its body. `body` is its text; of uploads and of ranges
    /// it is [`ToldCreation`](super::ToldCreation), [`ToldPiece`](super::ToldPiece) or [`ToldRange`](super::ToldRange).
    fn requested(&self, request: u32, method: &'static str, path: &str, idempotency_key: Option<&str>, body: &str) {
        let _ = (request, method, path, idempotency_key, body);
    }

    /// The answer to a REST request, which is told of next, says where an upload is.
    fn upload_offset(&self, request: u32, offset: u64) {
        let _ = (request, offset);
    }

    /// A REST request was answered; of content that is no JSON, `body` is its [description](super::described).
    fn answered(&self, request: u32, status: u16, body: &str) {
        let _ = (request, status, body);
    }

    /// No answer to a REST request came: whether it took effect is not known.
    fn answer_lost(&self, request: u32, reason: &str) {
        let _ = (request, reason);
    }

    /// An operation is given up for good, because the server refused it.
    fn refused(&self, operation: &str, reason: &str) {
        let _ = (operation, reason);
    }

    /// What the server pushed does not fit the copy of a stream: the server broke a promise, or the client is wrong.
    /// The client goes on from a snapshot.
    fn replica_broken(&self, stream: StreamId, error: &ReplicaError) {
        let _ = (stream, error);
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
