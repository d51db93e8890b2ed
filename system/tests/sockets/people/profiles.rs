//! What users change about themselves, deactivation and its undoing, and accounts.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, Login, Role, ServerFrame, StreamId, UpdateProfile};

use crate::support::{Company, LiveServer, RawRequest, Socket, password};

/// IT-3: the answer and the events on both streams are the same object.
#[tokio::test]
async fn a_profile_changes_everywhere_at_once() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    let body = UpdateProfile { name: Some("Mia Müller".into()), email: Some("Mia.M@acme.test".into()) };
    let changed = company.rest.update_profile(mia.token(), &body, Some(1)).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.email.as_str()), ("Mia Müller", "mia.m@acme.test"));
    assert_eq!((changed.version, changed.role), (2, Role::Member));
    for stream in [company.stream(), StreamId::User(mia.id())] {
        let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
        assert_eq!((event.stream, event.body), (stream, EventBody::UserUpdated(changed.clone())));
    }
    assert_eq!(company.rest.me(mia.token()).await.unwrap(), changed);
    assert_eq!(company.rest.user(company.owner.token(), mia.id()).await.unwrap(), changed);
    // A repeat, whose version is an old one by now, is no conflict: it is done.
    assert_eq!(company.rest.update_profile(mia.token(), &body, Some(1)).await.unwrap(), changed);

    company.log_in("mia.m@acme.test").await;
    let old = Login { email: "mia@acme.test".into(), password: password(), device: "test".into() };
    assert_eq!(company.rest.login(&old).await.unwrap_err().code(), Some(ErrorCode::WrongCredentials));
    company.hire("mia", Role::Member).await;
}

#[tokio::test]
async fn a_profile_that_cannot_be_is_refused_and_changes_nothing() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let patch =
        |body: serde_json::Value| RawRequest::api("PATCH", "/users/me").token(mia.token()).json(body.to_string());
    for (body, status, code) in [
        (json!({"name": ""}), 422, ErrorCode::InvalidValue),
        (json!({"name": "a\u{1b}[2J"}), 422, ErrorCode::InvalidValue),
        (json!({"name": "x".repeat(101)}), 422, ErrorCode::InvalidValue),
        (json!({"email": "nobody"}), 422, ErrorCode::InvalidValue),
        (json!({"email": "OWNER@acme.test"}), 409, ErrorCode::EmailTaken),
        (json!({"role": "owner"}), 400, ErrorCode::InvalidRequest),
        (json!({"active": true}), 400, ErrorCode::InvalidRequest),
    ] {
        let answer = patch(body.clone()).send(server.address).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        answer.refused(status, code);
    }
    let stale = patch(json!({"name": "Mia"})).header("If-Match", "\"9\"").send(server.address).await;
    stale.refused(412, ErrorCode::VersionConflict);
    assert_eq!(company.rest.me(mia.token()).await.unwrap(), mia.session.user);
    assert_eq!(patch(json!({})).send(server.address).await.json()["version"], 1, "nothing to change is no change");
}

#[tokio::test]
async fn who_was_deactivated_comes_back_as_they_were() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let admin = company.hire("ada", Role::Admin).await;
    let room = company.room("general", system::protocol::Visibility::Private, &[&mia]).await;
    company.rest.deactivate(admin.token(), mia.id()).await.unwrap();
    let login = Login { email: "mia@acme.test".into(), password: password(), device: "test".into() };
    assert_eq!(company.rest.login(&login).await.unwrap_err().code(), Some(ErrorCode::SessionRevoked));
    let back = company.rest.activate(admin.token(), mia.id()).await.unwrap();
    assert_eq!((back.active, back.version), (true, 3));
    assert_eq!(company.rest.activate(admin.token(), mia.id()).await.unwrap(), back);
    assert_eq!(company.rest.me(mia.token()).await.unwrap_err().code(), Some(ErrorCode::SessionRevoked));
    let mia = company.log_in("mia@acme.test").await;
    let (_, welcome) = Socket::follow_all(server.address, mia.token()).await;
    assert!(welcome.streams.iter().any(|state| state.stream == StreamId::Room(room.id)));
    let refused = company.rest.activate(mia.token(), admin.id()).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Forbidden));
    company.rest.deactivate(company.owner.token(), admin.id()).await.unwrap();
    let owner = company.hire("olga", Role::Owner).await;
    company.rest.deactivate(company.owner.token(), owner.id()).await.unwrap();
    let ada = company.hire("ada2", Role::Admin).await;
    let refused = company.rest.activate(ada.token(), owner.id()).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Forbidden), "only owners touch owners");
}

/// SC-2: the last login is known, to the user and to admins, and no login is told to everybody.
#[tokio::test]
async fn the_last_login_is_in_the_account_and_in_no_stream() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let body = system::protocol::CreateUser {
        email: "mia@acme.test".into(),
        name: "Mia".into(),
        password: password(),
        role: Role::Member,
    };
    let mia = company.rest.create_user(company.owner.token(), &body, "mia").await.unwrap();
    let account = company.rest.account(company.owner.token(), mia.id).await.unwrap();
    assert_eq!((account.last_login_at, account.sessions), (None, 0));
    let before = company.rest.snapshot(company.owner.token(), company.stream()).await.unwrap();
    let first = company.log_in("mia@acme.test").await;
    let at = company.rest.account(first.token(), mia.id).await.unwrap().last_login_at.unwrap();
    let second = company.log_in("mia@acme.test").await;
    let account = company.rest.account(company.owner.token(), mia.id).await.unwrap();
    assert!(account.last_login_at.unwrap() >= at);
    assert_eq!(account.sessions, 2);
    assert_eq!(company.rest.snapshot(company.owner.token(), company.stream()).await.unwrap(), before);
    let refused = company.rest.account(second.token(), company.owner.id()).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Forbidden));
    assert!(company.rest.account(company.owner.token(), company.owner.id()).await.unwrap().last_login_at.is_some());
}
