//! `/users`: the people of the company.

use axum::extract::State;

use super::auth::hash_password;
use crate::app::App;
use crate::domain::users;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Reply};
use crate::protocol::{ChangeRole, CreateUser, ErrorCode, Page, User, UserId};
use crate::refusal::Answer;
use crate::schema::{Routes, get, post, put};

pub(super) fn routes() -> Routes {
    const REFUSED: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::LastOwner];
    let list = get("/users", list, "The users of the company.").refuses(&[ErrorCode::Forbidden]);
    let create = post("/users", create, "Creates a user of the company.")
        .created()
        .refuses(&[ErrorCode::Forbidden, ErrorCode::EmailTaken]);
    let read = get("/users/{id}", read, "One user; guests see only themselves.");
    let change_role = put("/users/{id}/role", change_role, "Gives a user another role.").refuses(REFUSED);
    let deactivate =
        post("/users/{id}/deactivate", deactivate, "Takes a user out of service, with all their sessions.")
            .refuses(REFUSED);
    Routes::new().with(list).with(create).with(read).with(change_role).with(deactivate).of("users")
}

async fn list(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<Page<User>>> {
    let items = app.store.read(move |view| users::list(view, actor)).await?;
    Ok(Reply::ok(Page { items, next: None }))
}

async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    IdempotencyKey(key): IdempotencyKey,
    Body(request): Body<CreateUser>,
) -> Answer<Reply<User>> {
    let hash = hash_password(&app, &request.password, &request.email, key.as_deref()).await;
    let created = app
        .store
        .write(&correlation, move |draft| users::create(draft, actor, &request, &hash, key.as_deref()))
        .await?;
    Ok(Reply::created(created))
}

async fn read(State(app): State<App>, Caller(actor): Caller, Id(id): Id<UserId>) -> Answer<Reply<User>> {
    app.store.read(move |view| users::get(view, actor, id)).await.map(Reply::ok)
}

async fn change_role(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<UserId>,
    Body(ChangeRole { role }): Body<ChangeRole>,
) -> Answer<Reply<User>> {
    app.store.write(&correlation, move |draft| users::change_role(draft, actor, id, role)).await.map(Reply::ok)
}

async fn deactivate(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<UserId>,
) -> Answer<Reply<User>> {
    app.store.write(&correlation, move |draft| users::deactivate(draft, actor, id)).await.map(Reply::ok)
}
