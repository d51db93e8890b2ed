//! `/users`: the people of the company.

use axum::extract::State;

use super::auth::hash_password;
use crate::app::App;
use crate::domain::{profile, users};
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, IfMatch, Paged, Reply};
use crate::protocol::{Account, ChangeRole, CreateUser, ErrorCode, Page, User, UserId};
use crate::refusal::Answer;
use crate::schema::{Routes, get, post, put};

pub(super) fn routes() -> Routes {
    const REFUSED: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::LastOwner];
    const FORBIDDEN: &[ErrorCode] = &[ErrorCode::Forbidden];
    let list = get("/users", list, "The users of the company.").refuses(FORBIDDEN);
    let create = post("/users", create, "Creates a user of the company.")
        .created()
        .refuses(&[ErrorCode::Forbidden, ErrorCode::EmailTaken]);
    let read = get("/users/{id}", read, "One user; guests see only themselves.");
    let account = get("/users/{id}/account", account, "What only a user and their admins see of the user.");
    let change_role = put("/users/{id}/role", change_role, "Gives a user another role.").refuses(REFUSED);
    let deactivate =
        post("/users/{id}/deactivate", deactivate, "Takes a user out of service, with all their sessions.");
    let activate = post("/users/{id}/activate", activate, "Puts a user back into service.");
    let routes = Routes::new().with(list).with(create).with(read).with(account.refuses(FORBIDDEN)).with(change_role);
    routes.with(deactivate.refuses(REFUSED)).with(activate.refuses(FORBIDDEN)).of("users")
}

async fn list(State(app): State<App>, Caller(actor): Caller, Paged(paging): Paged) -> Answer<Reply<Page<User>>> {
    app.store.read(move |view| users::list(view, actor, &paging)).await.map(Reply::ok)
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
    Ok(Reply::created(created).version(|user| user.version))
}

async fn read(State(app): State<App>, Caller(actor): Caller, Id(id): Id<UserId>) -> Answer<Reply<User>> {
    let user = app.store.read(move |view| users::get(view, actor, id)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}

async fn account(State(app): State<App>, Caller(actor): Caller, Id(id): Id<UserId>) -> Answer<Reply<Account>> {
    let now = app.platform.now();
    app.store.read(move |view| profile::account(view, actor, id, now)).await.map(Reply::ok)
}

async fn change_role(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<UserId>,
    IfMatch(expected): IfMatch,
    Body(ChangeRole { role }): Body<ChangeRole>,
) -> Answer<Reply<User>> {
    let user =
        app.store.write(&correlation, move |draft| users::change_role(draft, actor, id, role, &expected)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}

async fn deactivate(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<UserId>,
) -> Answer<Reply<User>> {
    let user = app.store.write(&correlation, move |draft| users::deactivate(draft, actor, id)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}

async fn activate(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<UserId>,
) -> Answer<Reply<User>> {
    let user = app.store.write(&correlation, move |draft| users::activate(draft, actor, id)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}
