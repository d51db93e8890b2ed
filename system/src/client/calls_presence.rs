//! The typed calls about who is there, and the status that one chose.

use super::calls::{get, put};
use super::{CallError, Connector, Rest};
use crate::protocol::{PresenceList, StatusSet, UserStatus};

impl<C: Connector> Rest<C> {
    /// `GET /presence`: who of the company is online, the first page.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn presence(&self, token: &str) -> Result<PresenceList, CallError> {
        self.call(&get("/presence").token(token)).await
    }

    /// `GET /users/me/status`: what the caller chose.
    pub async fn status(&self, token: &str) -> Result<UserStatus, CallError> {
        self.call(&get("/users/me/status").token(token)).await
    }

    /// `PUT /users/me/status`: seen by everybody who may, and kept until another is chosen.
    pub async fn set_status(&self, token: &str, body: &StatusSet) -> Result<UserStatus, CallError> {
        self.call(&put("/users/me/status").token(token).json(body)).await
    }
}
