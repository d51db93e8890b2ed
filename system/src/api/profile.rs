//! `/users/me`: the caller's own profile and password.

use axum::extract::State;
use http::StatusCode;

use super::auth::hash_password;
use crate::app::App;
use crate::domain::profile::{self, PasswordChanged};
use crate::http::{Body, Caller, Correlation, IfMatch, Reply};
use crate::platform::blocking;
use crate::protocol::{ChangePassword, ErrorCode, UpdateProfile, User};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get, patch, put};
use crate::store::Draft;

pub(super) fn routes() -> Routes {
    const ME: &str = "/users/me";
    let read = get(ME, read, "The caller.");
    let update = patch(ME, update, "Changes the caller's name or email.").refuses(&[ErrorCode::EmailTaken]);
    let change_password = put(
        "/users/me/password",
        change_password,
        "Gives the caller another password, and ends all of their other sessions.",
    );
    Routes::new().with(read).with(update).with(change_password.refuses(&[ErrorCode::WrongPassword])).of("users")
}

async fn read(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<User>> {
    let user = app.store.read(move |view| profile::me(view, actor)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}

async fn update(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    IfMatch(expected): IfMatch,
    Body(request): Body<UpdateProfile>,
) -> Answer<Reply<User>> {
    let user = app.store.write(&correlation, move |draft| profile::change(draft, actor, &request, &expected)).await?;
    Ok(Reply::ok(user).version(|user| user.version))
}

/// A call whose answer was lost can be repeated: the password that is the new one already is taken for the current one.
async fn change_password(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Body(ChangePassword { current, new }): Body<ChangePassword>,
) -> Answer<StatusCode> {
    profile::check_password(&new)?;
    let new_hash = hash_password(&app, &new, "", None).await;
    loop {
        let verified = app.store.read(move |view| profile::own_record(view, actor)).await?.password_hash;
        let (hasher, current, new, hash) = (app.hasher.clone(), current.clone(), new.clone(), verified.clone());
        let matches = move || hasher.matches(&current, &hash) || hasher.matches(&new, &hash);
        if !blocking(&*app.platform, matches).await {
            return Err(Refusal::new(ErrorCode::WrongPassword, "it was not changed: check it and try again"));
        }
        let new_hash = new_hash.clone();
        let change = move |draft: &mut Draft<'_>| profile::change_password(draft, actor, &verified, &new_hash);
        if app.store.write(&correlation, change).await? == PasswordChanged::Done {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
}
