//! Passwords: what they must be, and what becomes of sessions when one is changed (SC-2, CG-5).

use serde_json::json;
use system::protocol::{ChangePassword, CloseCode, ErrorCode, Login, Role};

use crate::support::{Company, LiveServer, RawRequest, Socket, password};

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current: current.into(), new: new.into() }
}

#[tokio::test]
async fn another_password_ends_all_other_sessions_and_only_those() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let other = company.log_in("mia@acme.test").await;
    let (mut mine, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut others, _) = Socket::follow_all(server.address, other.token()).await;
    company.rest.change_password(mia.token(), &change(&password(), "another-2")).await.unwrap();

    assert_eq!(others.close_code().await, CloseCode::Unauthorized.number());
    mine.hear_event().await;
    mine.assert_open().await;
    assert_eq!(company.rest.me(other.token()).await.unwrap_err().code(), Some(ErrorCode::SessionRevoked));
    let refreshed = company.rest.refresh(&other.session.tokens.refresh_token).await.unwrap_err();
    assert_eq!(refreshed.code(), Some(ErrorCode::SessionRevoked));
    company.rest.refresh(&mia.session.tokens.refresh_token).await.unwrap();
    let login = |password: &str| Login { email: "mia@acme.test".into(), password: password.into(), device: "d".into() };
    assert_eq!(company.rest.login(&login(&password())).await.unwrap_err().code(), Some(ErrorCode::WrongCredentials));
    company.rest.login(&login("another-2")).await.unwrap();
    // The call was repeated: its answer was lost.
    company.rest.change_password(mia.token(), &change(&password(), "another-2")).await.unwrap();
    let refused = company.rest.change_password(mia.token(), &change(&password(), "third-33")).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::WrongPassword));
}

/// Two changes at once from the same password: one is done, and the other is told that it came too late.
#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let put = |new: &str| {
        let body = json!({"current": password(), "new": new}).to_string();
        RawRequest::api("PUT", "/users/me/password").token(mia.token()).json(body)
    };
    let (one, two) = (put("first-11"), put("second-2"));
    let (one, two) = tokio::join!(one.send(server.address), two.send(server.address));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403], "{one:?} {two:?}");
}

#[tokio::test]
async fn a_login_with_a_password_that_was_just_changed_opens_nothing_that_lasts() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    for round in 0..10 {
        let name: &'static str = Box::leak(format!("mia{round}").into_boxed_str());
        let mia = company.hire(name, Role::Member).await;
        let login = json!({"email": format!("{name}@acme.test"), "password": password(), "device": "late"}).to_string();
        let login = RawRequest::api("POST", "/auth/login").json(login);
        let change = change(&password(), "another-2");
        let (changed, late) =
            tokio::join!(company.rest.change_password(mia.token(), &change), login.send(server.address));
        changed.unwrap();
        if late.status == 201 {
            let token = late.json()["tokens"]["access_token"].as_str().unwrap().to_owned();
            let used = company.rest.me(&token).await.unwrap_err();
            assert_eq!(used.code(), Some(ErrorCode::SessionRevoked), "it was opened before, so it has ended");
        } else {
            late.refused(401, ErrorCode::WrongCredentials);
        }
    }
}

/// SC-2: wherever a password is set.
#[tokio::test]
async fn a_password_that_is_too_weak_is_refused_everywhere() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let owner = company.owner.token();
    for weak in ["short-1", "nothingspecial1", "", &"x-".repeat(101)] {
        for (method, path, field, body) in [
            (
                "POST",
                "/auth/register",
                "password",
                json!({"company": "c", "email": "a@b", "name": "n", "password": weak, "device": "d"}),
            ),
            ("POST", "/users", "password", json!({"email": "a@b", "name": "n", "password": weak, "role": "guest"})),
            ("PUT", "/users/me/password", "new", json!({"current": password(), "new": weak})),
            ("POST", "/auth/accept", "password", json!({"token": "t", "name": "n", "password": weak, "device": "d"})),
        ] {
            let request = RawRequest::api(method, path).token(owner).json(body.to_string());
            let answer = request.send(server.address).await;
            assert_eq!(answer.status, 422, "{path} {weak:?}: {answer:?}");
            answer.refused(422, ErrorCode::InvalidValue);
            assert_eq!(answer.problem().errors[0].field, field);
        }
    }
    company.log_in("owner@acme.test").await;
}
