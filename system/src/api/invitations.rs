//! `/invitations`: invite, list, revoke. `/auth/accept`: become a user by one.

use axum::extract::State;
use http::StatusCode;

use super::auth::hash_password;
use crate::app::App;
use crate::domain::invitations;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Paged, Reply};
use crate::protocol::{
    AcceptInvitation, CreateInvitation, CreatedInvitation, ErrorCode, Invitation, InvitationId, Page, Session,
};
use crate::refusal::Answer;
use crate::schema::{Routes, delete, get, post};
use crate::store::Draft;

pub(super) fn routes() -> Routes {
    let list = get("/invitations", list, "All invitations into the company.").refuses(&[ErrorCode::Forbidden]);
    let create = post("/invitations", create, "Invites somebody into the company; the token is told here only.")
        .created()
        .refuses(&[ErrorCode::Forbidden, ErrorCode::EmailTaken]);
    let revoke = delete("/invitations/{id}", revoke, "Takes an invitation back.")
        .refuses(&[ErrorCode::Forbidden, ErrorCode::InvitationUsed]);
    let accept =
        post("/auth/accept", accept, "Makes a user of who was invited, and logs them in.").created().refuses(&[
            ErrorCode::NotFound,
            ErrorCode::InvitationUsed,
            ErrorCode::InvitationExpired,
            ErrorCode::InvitationRevoked,
            ErrorCode::EmailTaken,
            ErrorCode::WrongCredentials,
            ErrorCode::SessionRevoked,
        ]);
    Routes::new().with(list).with(create).with(revoke).with(accept).of("invitations")
}

async fn list(State(app): State<App>, Caller(actor): Caller, Paged(paging): Paged) -> Answer<Reply<Page<Invitation>>> {
    app.store.read(move |view| invitations::list(view, actor, &paging)).await.map(Reply::ok)
}

async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    IdempotencyKey(key): IdempotencyKey,
    Body(request): Body<CreateInvitation>,
) -> Answer<Reply<CreatedInvitation>> {
    let signing = app.signing.clone();
    let create = move |draft: &mut Draft<'_>| invitations::create(draft, actor, &signing, &request, key.as_deref());
    Ok(Reply::created(app.store.write(&correlation, create).await?))
}

async fn revoke(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<InvitationId>,
) -> Answer<StatusCode> {
    app.store.write(&correlation, move |draft| invitations::revoke(draft, actor, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn accept(
    State(app): State<App>,
    Correlation(correlation): Correlation,
    IdempotencyKey(key): IdempotencyKey,
    Body(request): Body<AcceptInvitation>,
) -> Answer<Reply<Session>> {
    let hash = hash_password(&app, &request.password, &request.token, key.as_deref()).await;
    let signing = app.signing.clone();
    let accept = move |draft: &mut Draft<'_>| invitations::accept(draft, &signing, &request, &hash, key.as_deref());
    Ok(Reply::created(app.store.write(&correlation, accept).await?))
}
