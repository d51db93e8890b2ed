//! The typed calls about rooms and their members.

use super::calls::{delete, get, paged, patch, post, put};
use super::{CallError, Connector, Rest};
use crate::protocol::{CreateRoom, Member, Page, Room, RoomId, UpdateRoom, UserId};

impl<C: Connector> Rest<C> {
    /// `GET /rooms`.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn rooms(&self, token: &str, cursor: Option<&str>) -> Result<Page<Room>, CallError> {
        self.call(&get(paged("/rooms", cursor)).token(token)).await
    }

    /// `POST /rooms`.
    pub async fn create_room(&self, token: &str, body: &CreateRoom, key: &str) -> Result<Room, CallError> {
        self.call(&post("/rooms").token(token).key(key).json(body)).await
    }

    /// `GET /rooms/{id}`.
    pub async fn room(&self, token: &str, room: RoomId) -> Result<Room, CallError> {
        self.call(&get(format!("/rooms/{room}")).token(token)).await
    }

    /// `PATCH /rooms/{id}`: only if it has `version`, where one is given.
    pub async fn update_room(
        &self,
        token: &str,
        room: RoomId,
        body: &UpdateRoom,
        version: Option<u64>,
    ) -> Result<Room, CallError> {
        self.call(&patch(format!("/rooms/{room}")).token(token).version(version).json(body)).await
    }

    /// `POST /rooms/{id}/archive`. Archiving it again changes nothing.
    pub async fn archive_room(&self, token: &str, room: RoomId) -> Result<Room, CallError> {
        self.call(&post(format!("/rooms/{room}/archive")).token(token)).await
    }

    /// `POST /rooms/{id}/unarchive`. Taking it out of the archive again changes nothing.
    pub async fn unarchive_room(&self, token: &str, room: RoomId) -> Result<Room, CallError> {
        self.call(&post(format!("/rooms/{room}/unarchive")).token(token)).await
    }

    /// `DELETE /rooms/{id}`, with all that is in it. A repeat under the same key succeeds.
    pub async fn delete_room(&self, token: &str, room: RoomId, key: &str) -> Result<(), CallError> {
        self.call_without_answer(&delete(format!("/rooms/{room}")).token(token).key(key)).await
    }

    /// `GET /rooms/{id}/members`.
    pub async fn members(&self, token: &str, room: RoomId, cursor: Option<&str>) -> Result<Page<Member>, CallError> {
        self.call(&get(paged(&format!("/rooms/{room}/members"), cursor)).token(token)).await
    }

    /// `PUT /rooms/{id}/members/{user}`. Adding a member again changes nothing.
    pub async fn add_member(&self, token: &str, room: RoomId, user: UserId) -> Result<(), CallError> {
        self.call_without_answer(&put(format!("/rooms/{room}/members/{user}")).token(token)).await
    }

    /// `DELETE /rooms/{id}/members/{user}`. Removing somebody who is no member changes nothing.
    pub async fn remove_member(&self, token: &str, room: RoomId, user: UserId) -> Result<(), CallError> {
        self.call_without_answer(&delete(format!("/rooms/{room}/members/{user}")).token(token)).await
    }
}
