//! Invitations: who may give them, and that each makes one user.

use serde_json::json;
use system::protocol::{
    AcceptInvitation, CreateInvitation, CreatedInvitation, ErrorCode, EventBody, Role, ServerFrame,
};

use crate::support::{Company, LiveServer, Person, RawRequest, Socket, password};

async fn invite(company: &Company, by: &Person, name: &str, role: Role) -> CreatedInvitation {
    let body = CreateInvitation { email: format!("{name}@acme.test"), role };
    company.rest.invite(by.token(), &body, &company.key()).await.unwrap()
}

fn acceptance(invited: &CreatedInvitation) -> AcceptInvitation {
    AcceptInvitation { token: invited.token.clone(), name: "New".into(), password: password(), device: "test".into() }
}

#[tokio::test]
async fn who_accepts_becomes_a_user_and_everybody_hears_of_it_once() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    let before = company.rest.snapshot(company.owner.token(), company.stream()).await.unwrap();
    let invited = invite(&company, &company.owner, "NEW", Role::Member).await;
    assert_eq!((invited.invitation.email.as_str(), invited.invitation.role), ("new@acme.test", Role::Member));
    assert_eq!(
        company.rest.snapshot(company.owner.token(), company.stream()).await.unwrap(),
        before,
        "an invitation is for admins only: the company's stream does not tell of it"
    );
    let session = company.rest.accept(&acceptance(&invited), "accept").await.unwrap();
    assert_eq!((session.user.email.as_str(), session.user.role), ("new@acme.test", Role::Member));
    assert_eq!(session.company, company.owner.session.company);
    let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
    assert_eq!((event.sender, event.body), (company.owner.id(), EventBody::UserCreated(session.user.clone())));
    company.rest.me(&session.tokens.access_token).await.unwrap();
    company.log_in("new@acme.test").await;

    // A repeat under its key is the same user; anybody else comes too late.
    let again = company.rest.accept(&acceptance(&invited), "accept").await.unwrap();
    assert_eq!(again.user, session.user);
    assert_ne!(again.session, session.session);
    let used = company.rest.accept(&acceptance(&invited), "other").await.unwrap_err();
    assert_eq!(used.code(), Some(ErrorCode::InvitationUsed));
    let listed = company.rest.invitations(company.owner.token(), None).await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].accepted_by, Some(session.user.id));
    let late = company.rest.revoke_invitation(company.owner.token(), invited.invitation.id).await.unwrap_err();
    assert_eq!(late.code(), Some(ErrorCode::InvitationUsed));
}

/// CG-3: two at once, and the token makes one user.
#[tokio::test]
async fn of_many_who_accept_at_once_one_becomes_a_user() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let invited = invite(&company, &company.owner, "new", Role::Admin).await;
    let mut accepts = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let body = serde_json::to_string(&acceptance(&invited)).unwrap();
        let accept = RawRequest::api("POST", "/auth/accept").json(body);
        let address = server.address;
        accepts.spawn(async move { accept.send(address).await.status });
    }
    let mut statuses = accepts.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    assert_eq!(company.rest.users(company.owner.token(), None).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn an_invitation_that_does_not_hold_makes_nobody() {
    let server = LiveServer::with(|config| config.auth.invitation_ms = 4_000).await;
    let company = Company::register(server.address, "acme").await;
    let admin = company.hire("ada", Role::Admin).await;
    let refused = async |invited: &CreatedInvitation, code: ErrorCode| {
        let error = company.rest.accept(&acceptance(invited), &company.key()).await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
    };
    let revoked = invite(&company, &admin, "revoked", Role::Guest).await;
    company.rest.revoke_invitation(admin.token(), revoked.invitation.id).await.unwrap();
    company.rest.revoke_invitation(admin.token(), revoked.invitation.id).await.unwrap();
    refused(&revoked, ErrorCode::InvitationRevoked).await;

    let of_demoted = invite(&company, &admin, "demoted", Role::Guest).await;
    company.rest.change_role(company.owner.token(), admin.id(), Role::Member).await.unwrap();
    refused(&of_demoted, ErrorCode::InvitationRevoked).await;

    let taken = invite(&company, &company.owner, "taken", Role::Guest).await;
    company.hire("taken", Role::Guest).await;
    refused(&taken, ErrorCode::EmailTaken).await;

    let forged = CreatedInvitation { token: company.owner.token().to_owned(), ..taken.clone() };
    refused(&forged, ErrorCode::NotFound).await;
    let (head, signature) = taken.token.rsplit_once('.').unwrap();
    let forged = CreatedInvitation { token: format!("{head}.{}", signature.to_lowercase()), ..taken };
    refused(&forged, ErrorCode::NotFound).await;

    let late = invite(&company, &company.owner, "late", Role::Guest).await;
    tokio::time::sleep(std::time::Duration::from_millis(4_100)).await;
    refused(&late, ErrorCode::InvitationExpired).await;
    assert_eq!(company.rest.users(company.owner.token(), None).await.unwrap().items.len(), 3);
}

/// WS-5.
#[tokio::test]
async fn only_admins_invite_and_nobody_above_themselves() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let admin = company.hire("ada", Role::Admin).await;
    let mia = company.hire("mia", Role::Member).await;
    let by_owner = invite(&company, &company.owner, "second", Role::Owner).await;
    for (person, method, path, body) in [
        (&mia, "POST", "/invitations".to_owned(), json!({"email": "a@acme.test", "role": "guest"})),
        (&mia, "GET", "/invitations".to_owned(), json!(null)),
        (&mia, "DELETE", format!("/invitations/{}", by_owner.invitation.id), json!(null)),
        (&admin, "POST", "/invitations".to_owned(), json!({"email": "a@acme.test", "role": "owner"})),
        (&admin, "DELETE", format!("/invitations/{}", by_owner.invitation.id), json!(null)),
    ] {
        let request = RawRequest::api(method, &path).token(person.token());
        let request = if body.is_null() { request } else { request.json(body.to_string()) };
        let answer = request.send(server.address).await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        answer.refused(403, ErrorCode::Forbidden);
    }
    let post =
        |body: serde_json::Value| RawRequest::api("POST", "/invitations").token(admin.token()).json(body.to_string());
    let taken = post(json!({"email": "Mia@acme.test", "role": "guest"})).send(server.address).await;
    taken.refused(409, ErrorCode::EmailTaken);
    post(json!({"email": "x", "role": "guest"})).send(server.address).await.refused(422, ErrorCode::InvalidValue);
    post(json!({"email": "a@b", "role": "king"})).send(server.address).await.refused(400, ErrorCode::InvalidRequest);
}

/// PROTOCOL 8: the token is told again to who repeats the call, and stands nowhere in the clear.
#[tokio::test]
async fn a_repeated_invitation_is_the_same_one() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let body = CreateInvitation { email: "new@acme.test".into(), role: Role::Member };
    let first = company.rest.invite(company.owner.token(), &body, "invite").await.unwrap();
    let post = RawRequest::api("POST", "/invitations").token(company.owner.token()).header("Idempotency-Key", "invite");
    let again = post.clone().json(serde_json::to_string(&body).unwrap()).send(server.address).await;
    assert_eq!((again.status, again.headers["idempotency-replayed"].as_str()), (201, "true"));
    assert_eq!(serde_json::from_str::<CreatedInvitation>(&again.body).unwrap(), first);
    let other = post.json(json!({"email": "other@acme.test", "role": "member"}).to_string());
    other.send(server.address).await.refused(409, ErrorCode::IdempotencyKeyReused);
    let listed = RawRequest::api("GET", "/invitations").token(company.owner.token()).send(server.address).await;
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
    assert!(!listed.body.contains(&first.token));
    company.rest.accept(&acceptance(&first), "accept").await.unwrap();
}
