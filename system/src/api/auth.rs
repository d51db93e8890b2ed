//! `/auth`: register a company, log in, refresh, log out.

use axum::extract::State;
use http::StatusCode;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::accounts;
use crate::domain::bounds::Bounds;
use crate::domain::sessions::{self, Refreshed};
use crate::http::{Body, Caller, Correlation, IdempotencyKey, Reply};
use crate::platform::blocking;
use crate::protocol::{ErrorCode, Login, Refresh, Register, Session, Tokens};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, post};
use crate::server::PeerAddress;
use crate::store::Effect;

pub(super) fn routes() -> Routes {
    let register = post("/auth/register", register, "Registers a company with its owner, who is logged in.")
        .created()
        .refuses(&[ErrorCode::EmailTaken, ErrorCode::SessionRevoked]);
    let login = post("/auth/login", login, "Opens a session.").created().refuses(&[
        ErrorCode::WrongCredentials,
        ErrorCode::SessionRevoked,
        ErrorCode::RateLimited,
    ]);
    let refresh = post("/auth/refresh", refresh, "Rotates a refresh token and gives a new access token.")
        .refuses(&[ErrorCode::RefreshTokenInvalid, ErrorCode::SessionRevoked]);
    let logout = post("/auth/logout", logout, "Ends the caller's session and its connections.");
    Routes::new().with(register).with(login).with(refresh).with(logout).of("auth")
}

async fn register(
    State(app): State<App>,
    Correlation(correlation): Correlation,
    IdempotencyKey(key): IdempotencyKey,
    Body(request): Body<Register>,
) -> Answer<Reply<Session>> {
    let hash = hash_password(&app, &request.password, &request.email, key.as_deref()).await;
    let signing = app.signing.clone();
    let session = app
        .store
        .write(&correlation, move |draft| accounts::register(draft, &signing, &request, &hash, key.as_deref()))
        .await?;
    Ok(Reply::created(session))
}

async fn login(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    Correlation(correlation): Correlation,
    Body(request): Body<Login>,
) -> Answer<Reply<Session>> {
    let Login { email, password, device } = request;
    // Before anything that tells of who exists.
    Bounds::default().name("device", &device).check()?;
    let attempt = app.limits.attempt_login(&email, &address)?;
    let record = app.store.read(move |view| accounts::user_by_email(view, &email)).await?;
    let hasher = app.hasher.clone();
    let (user, hash) = blocking(&*app.platform, move || match record {
        Some(record) if hasher.matches(&password, &record.password_hash) => {
            Some((record.user.id, record.password_hash))
        }
        Some(_) => None,
        None => {
            // As slow as for a user who exists: how long the answer takes tells nothing.
            hasher.hash(&password, [0; 16]);
            None
        }
    })
    .await
    .ok_or_else(|| Refusal::new(ErrorCode::WrongCredentials, "check both and try again"))?;
    attempt.succeed();
    let signing = app.signing.clone();
    let session =
        app.store.write(&correlation, move |draft| accounts::login(draft, &signing, user, &hash, &device)).await?;
    Ok(Reply::created(Effect::Done(session)))
}

async fn refresh(
    State(app): State<App>,
    Correlation(correlation): Correlation,
    Body(request): Body<Refresh>,
) -> Answer<Reply<Tokens>> {
    let invalid = |detail| Refusal::new(ErrorCode::RefreshTokenInvalid, detail);
    let claims = app
        .signing
        .signer()
        .read_refresh(&request.refresh_token, app.platform.now())
        .ok_or_else(|| invalid("the refresh token is malformed or forged: log in again"))?;
    let signing = app.signing.clone();
    let refreshed = app.store.write(&correlation, move |draft| sessions::refresh(draft, &signing, &claims)).await?;
    match refreshed {
        Refreshed::Tokens(tokens) => Ok(Reply::ok(*tokens)),
        Refreshed::Reused => Err(invalid("the refresh token was used before, so its session was ended: log in again")),
    }
}

async fn logout(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
) -> Answer<StatusCode> {
    app.store.write(&correlation, move |draft| sessions::logout(draft, actor)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hashes where blocking is allowed: it takes tens of milliseconds.
///
/// Under an idempotency key the salt is made of the user and the key rather than drawn: a repeat has the same hash
/// then, so that repeats can be told from other requests without keeping anything weaker of the password.
pub(super) async fn hash_password(app: &App, password: &str, email: &str, key: Option<&str>) -> String {
    let mut salt = [0; 16];
    app.platform.fill_random(&mut salt);
    if let Some(key) = key {
        salt.copy_from_slice(&Sha256::digest(format!("{email}\0{key}"))[..16]);
    }
    let (hasher, password) = (app.hasher.clone(), password.to_owned());
    blocking(&*app.platform, move || hasher.hash(&password, salt)).await
}
