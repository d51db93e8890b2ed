//! Who operates. Two kinds, by the `Authorization: Bearer` header:
//!
//! - whoever holds the server's operator token (`operator.token_file`) operates the whole server;
//! - owners and admins operate their own company's connections, with their access token.
//!
//! The operator's token is compared in constant time and never logged. Where none is configured, nobody operates the
//! whole server.

use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::caller::{Caller, bearer};
use crate::app::App;
use crate::domain::rights::{acting, require_role};
use crate::protocol::{CompanyId, ErrorCode, Role, User};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// Who operates.
#[derive(Clone, Debug)]
pub enum Operator {
    /// The whole server.
    Server,
    /// Their own company.
    Company(Box<User>),
}

/// Who operates the whole server: nobody else passes.
#[derive(Clone, Copy, Debug)]
pub struct ServerOperator;

impl Operator {
    /// Whose connections they see; `None` is everybody's.
    pub fn company(&self) -> Option<CompanyId> {
        match self {
            Self::Server => None,
            Self::Company(user) => Some(user.company),
        }
    }

    /// What a log calls them.
    pub fn name(&self) -> String {
        match self {
            Self::Server => "the server's operator".to_owned(),
            Self::Company(user) => user.id.to_string(),
        }
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if holds_token(app, parts) {
            return Ok(Self::Server);
        }
        let Caller(actor) = Caller::from_request_parts(parts, app).await?;
        app.store
            .read(move |view| {
                let user = acting(view, actor)?;
                require_role(&user, Role::Admin)?;
                Ok(Self::Company(Box::new(user)))
            })
            .await
    }
}

impl FromRequestParts<App> for ServerOperator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if holds_token(app, parts) {
            return Ok(Self);
        }
        if bearer(&parts.headers).is_none() {
            let detail = "send the operator's token as `Authorization: Bearer <token>`";
            return Err(Refusal::new(ErrorCode::Unauthenticated, detail));
        }
        Err(Refusal::forbidden(match app.config.operator.token.is_empty() {
            true => "this server has no operator: set operator.token_file and start it again",
            false => "only the server's operator may do this, with the token of operator.token_file",
        }))
    }
}

impl Describe for Operator {
    fn describe(operation: &mut Operation<'_>) {
        Caller::describe(operation);
        operation.refuses(&[ErrorCode::Forbidden]);
    }
}

impl Describe for ServerOperator {
    fn describe(operation: &mut Operation<'_>) {
        operation.authenticated();
        operation.refuses(&[ErrorCode::Unauthenticated, ErrorCode::Forbidden]);
    }
}

fn holds_token(app: &App, parts: &Parts) -> bool {
    let token = &app.config.operator.token;
    let Some(given) = bearer(&parts.headers) else { return false };
    // Digests are equally long, whatever was given.
    let equal: bool = Sha256::digest(given).ct_eq(&Sha256::digest(token.reveal())).into();
    equal && !token.is_empty()
}
