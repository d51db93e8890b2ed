//! `/users`: the people of the company.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};

use super::auth::hash_password;
use crate::app::App;
use crate::domain::users;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Reply};
use crate::protocol::{ChangeRole, CreateUser, Page, User, UserId};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(read))
        .route("/users/{id}/role", put(change_role))
        .route("/users/{id}/deactivate", post(deactivate))
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
