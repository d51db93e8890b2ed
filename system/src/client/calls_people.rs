//! The typed calls about users, invitations and sessions.

use super::calls::{delete, get, paged, patch, post, put};
use super::{CallError, Connector, Rest};
use crate::protocol::{
    AcceptInvitation, Account, ChangePassword, ChangeRole, CreateInvitation, CreateUser, CreatedInvitation, Invitation,
    InvitationId, Page, Role, Session, SessionId, SessionInfo, UpdateProfile, User, UserId,
};

impl<C: Connector> Rest<C> {
    /// `GET /auth/sessions`: the caller's own that have not ended.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn sessions(&self, token: &str, cursor: Option<&str>) -> Result<Page<SessionInfo>, CallError> {
        self.call(&get(paged("/auth/sessions", cursor)).token(token)).await
    }

    /// `DELETE /auth/sessions/{id}`: one of the caller's own. Ending it again changes nothing.
    pub async fn revoke_session(&self, token: &str, session: SessionId) -> Result<(), CallError> {
        self.call_without_answer(&delete(format!("/auth/sessions/{session}")).token(token)).await
    }

    /// `POST /invitations`.
    pub async fn invite(
        &self,
        token: &str,
        body: &CreateInvitation,
        key: &str,
    ) -> Result<CreatedInvitation, CallError> {
        self.call(&post("/invitations").token(token).key(key).json(body)).await
    }

    /// `GET /invitations`.
    pub async fn invitations(&self, token: &str, cursor: Option<&str>) -> Result<Page<Invitation>, CallError> {
        self.call(&get(paged("/invitations", cursor)).token(token)).await
    }

    /// `DELETE /invitations/{id}`. Revoking it again changes nothing.
    pub async fn revoke_invitation(&self, token: &str, invitation: InvitationId) -> Result<(), CallError> {
        self.call_without_answer(&delete(format!("/invitations/{invitation}")).token(token)).await
    }

    /// `POST /auth/accept`: becomes a user, who is logged in.
    pub async fn accept(&self, body: &AcceptInvitation, key: &str) -> Result<Session, CallError> {
        self.call(&post("/auth/accept").key(key).json(body)).await
    }

    /// `GET /users`.
    pub async fn users(&self, token: &str, cursor: Option<&str>) -> Result<Page<User>, CallError> {
        self.call(&get(paged("/users", cursor)).token(token)).await
    }

    /// `POST /users`.
    pub async fn create_user(&self, token: &str, body: &CreateUser, key: &str) -> Result<User, CallError> {
        self.call(&post("/users").token(token).key(key).json(body)).await
    }

    /// `GET /users/{id}`.
    pub async fn user(&self, token: &str, user: UserId) -> Result<User, CallError> {
        self.call(&get(format!("/users/{user}")).token(token)).await
    }

    /// `GET /users/me`.
    pub async fn me(&self, token: &str) -> Result<User, CallError> {
        self.call(&get("/users/me").token(token)).await
    }

    /// `GET /users/{id}/account`: what only the user and their admins see.
    pub async fn account(&self, token: &str, user: UserId) -> Result<Account, CallError> {
        self.call(&get(format!("/users/{user}/account")).token(token)).await
    }

    /// `PATCH /users/me`: only if it has `version`, where one is given.
    pub async fn update_profile(
        &self,
        token: &str,
        body: &UpdateProfile,
        version: Option<u64>,
    ) -> Result<User, CallError> {
        self.call(&patch("/users/me").token(token).version(version).json(body)).await
    }

    /// `PUT /users/me/password`: ends all other sessions of the caller.
    pub async fn change_password(&self, token: &str, body: &ChangePassword) -> Result<(), CallError> {
        self.call_without_answer(&put("/users/me/password").token(token).json(body)).await
    }

    /// `PUT /users/{id}/role`.
    pub async fn change_role(&self, token: &str, user: UserId, role: Role) -> Result<User, CallError> {
        self.change_role_of(token, user, role, None).await
    }

    /// `PUT /users/{id}/role`, only if the user has `version`, where one is given.
    pub async fn change_role_of(
        &self,
        token: &str,
        user: UserId,
        role: Role,
        version: Option<u64>,
    ) -> Result<User, CallError> {
        self.call(&put(format!("/users/{user}/role")).token(token).version(version).json(&ChangeRole { role })).await
    }

    /// `POST /users/{id}/deactivate`.
    pub async fn deactivate(&self, token: &str, user: UserId) -> Result<(), CallError> {
        self.call_without_answer(&post(format!("/users/{user}/deactivate")).token(token)).await
    }

    /// `POST /users/{id}/activate`.
    pub async fn activate(&self, token: &str, user: UserId) -> Result<User, CallError> {
        self.call(&post(format!("/users/{user}/activate")).token(token)).await
    }
}
