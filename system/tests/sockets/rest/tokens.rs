//! Access tokens that open nothing (REQUIREMENTS.md CG-5, IT-1, WS-5, WS-14).

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use system::auth::TokenSigner;
use system::protocol::ErrorCode;
use tokio::time::sleep;

use super::unchanged::Unchanged;
use crate::support::{Company, LiveServer, Person, RawRequest};

/// Every resource that wants a token. None of them may tell anything without a good one.
fn resources(acme: &Unchanged) -> Vec<(&'static str, String)> {
    let (room, member, stream) = (acme.room.id, acme.member.id(), acme.company.stream());
    vec![
        ("POST", "/auth/logout".to_owned()),
        ("GET", "/users".to_owned()),
        ("POST", "/users".to_owned()),
        ("GET", format!("/users/{member}")),
        ("PUT", format!("/users/{member}/role")),
        ("POST", format!("/users/{member}/deactivate")),
        ("GET", "/rooms".to_owned()),
        ("POST", "/rooms".to_owned()),
        ("GET", format!("/rooms/{room}")),
        ("PUT", format!("/rooms/{room}/members/{member}")),
        ("DELETE", format!("/rooms/{room}/members/{member}")),
        ("GET", format!("/rooms/{room}/messages")),
        ("POST", format!("/rooms/{room}/messages")),
        ("GET", format!("/streams/{stream}/snapshot")),
        ("GET", format!("/streams/{stream}/events")),
        ("GET", "/presence".to_owned()),
        ("GET", "/operator/connections".to_owned()),
    ]
}

/// A token of the owner with claims and header as given, signed with a key that is not the server's.
fn forged(owner: &Person, header: &Header) -> String {
    let claims = json!({
        "sub": owner.id(), "sid": owner.session.session, "iat": 0, "exp": 4_000_000_000_u64, "typ": "access"
    });
    encode(header, &claims, &EncodingKey::from_secret(b"not the server's key, but 32 byte")).unwrap()
}

#[tokio::test]
async fn no_resource_opens_without_a_good_token() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let owner = &acme.company.owner;
    let good = owner.token();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let claims = head.split_once('.').unwrap().1;
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let swapped = format!("{}A{}", &signature[..9], &signature[10..]);
    let tampered = if swapped == signature { format!("{}B{}", &signature[..9], &signature[10..]) } else { swapped };
    let bad = [
        String::new(),
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        none.clone(),
        format!("{none}{signature}"),
        format!("{head}.{tampered}"),
        format!("{head}."),
        forged(owner, &Header::new(Algorithm::HS256)),
        forged(owner, &Header::new(Algorithm::HS512)),
        owner.session.tokens.refresh_token.clone(),
        TokenSigner::new(&[0; 32]).access(owner.id(), owner.session.session, system::protocol::Timestamp(0), 1 << 50).0,
    ];
    for (method, path) in resources(&acme) {
        // A body that would be refused too: whoever has no token learns nothing of it.
        let request = RawRequest::api(method, &path).json("{}");
        let answer = request.send(server.address).await;
        answer.refused(401, ErrorCode::Unauthenticated);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        request
            .clone()
            .header("Authorization", &format!("Basic {good}"))
            .send(server.address)
            .await
            .refused(401, ErrorCode::Unauthenticated);
        for token in &bad {
            request.clone().token(token).send(server.address).await.refused(401, ErrorCode::Unauthenticated);
        }
        // Nor does a token in the URL open anything.
        let in_url = RawRequest::api(method, &format!("{path}?access_token={good}")).json("{}");
        in_url.send(server.address).await.refused(401, ErrorCode::Unauthenticated);
    }
    acme.check().await;
}

#[tokio::test]
async fn a_token_ends_by_time_by_logout_and_by_deactivation() {
    let server = LiveServer::with(|config| config.auth.access_token_ms = 2_000).await;
    let company = Company::register(server.address, "acme").await;
    let rooms = |token: &str| RawRequest::api("GET", "/rooms").token(token);
    let mia = company.hire("mia", system::protocol::Role::Member).await;
    let second = company.log_in("mia@acme.test").await;

    company.rest.logout(mia.token()).await.unwrap();
    rooms(mia.token()).send(server.address).await.refused(401, ErrorCode::SessionRevoked);
    assert_eq!(rooms(second.token()).send(server.address).await.status, 200, "other sessions stay");
    let refreshed = company.rest.refresh(&mia.session.tokens.refresh_token).await.unwrap_err();
    assert_eq!(refreshed.code(), Some(ErrorCode::SessionRevoked));

    company.rest.deactivate(company.owner.token(), mia.id()).await.unwrap();
    rooms(second.token()).send(server.address).await.refused(401, ErrorCode::SessionRevoked);
    let login = json!({"email": "mia@acme.test", "password": "secret-1", "device": "d"});
    let login = RawRequest::api("POST", "/auth/login").json(login.to_string());
    login.send(server.address).await.refused(401, ErrorCode::SessionRevoked);

    sleep(Duration::from_millis(2_000)).await;
    rooms(company.owner.token()).send(server.address).await.refused(401, ErrorCode::Unauthenticated);
    let tokens = company.rest.refresh(&company.owner.session.tokens.refresh_token).await.unwrap();
    assert_eq!(rooms(&tokens.access_token).send(server.address).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_rotation_and_its_repeat() {
    let server = LiveServer::with(|config| config.auth.refresh_reuse_ms = 400).await;
    let company = Company::register(server.address, "acme").await;
    let first = company.owner.session.tokens.refresh_token.clone();
    let (one, other) = tokio::join!(company.rest.refresh(&first), company.rest.refresh(&first));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.refresh_token, other.refresh_token, "two tabs at once get the same successor");
    let refresh =
        |token: &str| RawRequest::api("POST", "/auth/refresh").json(json!({"refresh_token": token}).to_string());
    for forged in ["x", company.owner.token()] {
        refresh(forged).send(server.address).await.refused(401, ErrorCode::RefreshTokenInvalid);
    }
    sleep(Duration::from_millis(500)).await;
    refresh(&first).send(server.address).await.refused(401, ErrorCode::RefreshTokenInvalid);
    refresh(&one.refresh_token).send(server.address).await.refused(401, ErrorCode::SessionRevoked);
}

#[tokio::test]
async fn wrong_credentials_tell_nothing_of_who_exists() {
    let server = LiveServer::start().await;
    Company::register(server.address, "acme").await;
    let mut told: Vec<Value> = Vec::new();
    for (email, password) in [("owner@acme.test", "secret-2"), ("nobody@acme.test", "secret-1"), ("", "")] {
        let body = json!({"email": email, "password": password, "device": "d"}).to_string();
        let request = RawRequest::api("POST", "/auth/login").header("X-Correlation-Id", "same").json(body);
        let answer = request.send(server.address).await;
        answer.refused(401, ErrorCode::WrongCredentials);
        told.push(answer.json());
    }
    assert!(told.iter().all(|problem| *problem == told[0]), "{told:?}");
}
