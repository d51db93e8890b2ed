//! Access tokens that open nothing (REQUIREMENTS.md CG-5, IT-1, WS-5, WS-14).

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, decode_header, encode};
use serde_json::{Value, json};
use system::auth::TokenSigner;
use system::protocol::{ErrorCode, Timestamp};
use system::store::KeyringRecord;
use tokio::time::sleep;

use super::routes::{Route, with_token};
use super::unchanged::Unchanged;
use crate::support::{Company, LiveServer, Person, RawAnswer, RawRequest};

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
    let stranger = TokenSigner::new(&KeyringRecord::new([0; 32], Timestamp(0), 1)).unwrap();
    // Signed by a key of another server, under the name of this one's.
    let kid = decode_header(good).unwrap().kid;
    assert!(kid.is_some());
    let bad = [
        String::new(),
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        none.clone(),
        format!("{none}{signature}"),
        format!("{head}.{tampered}"),
        format!("{head}."),
        forged(owner, &Header::new(Algorithm::HS256)),
        forged(owner, &Header { kid: kid.clone(), ..Header::new(Algorithm::HS256) }),
        forged(owner, &Header { kid, ..Header::new(Algorithm::HS512) }),
        owner.session.tokens.refresh_token.clone(),
        stranger.access(owner.id(), owner.session.session, Timestamp(0), 1 << 50).0,
    ];
    let refused = |answer: &RawAnswer, route: &Route| {
        assert_eq!(answer.status, 401, "{} {} ({}): {answer:?}", route.method, route.path, route.name);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        if route.method != "HEAD" {
            answer.refused(401, ErrorCode::Unauthenticated);
        }
    };
    for route in with_token() {
        let path = route.at(|before, _| match before {
            "rooms" => acme.room.id.to_string(),
            "streams" => acme.company.stream().to_string(),
            "users" | "members" => acme.member.id().to_string(),
            "connections" => "1".to_owned(),
            _ => "01890000-0000-7000-8000-000000000001".to_owned(),
        });
        // A body that would be refused too: whoever has no token learns nothing of it.
        let request = route.request(&path, route.takes_json.then_some(&json!({})));
        refused(&request.send(server.address).await, &route);
        let basic = request.clone().header("Authorization", &format!("Basic {good}"));
        refused(&basic.send(server.address).await, &route);
        // Nor does a token in the URL open anything.
        let in_url = route.request(&format!("{path}?access_token={good}"), route.takes_json.then_some(&json!({})));
        refused(&in_url.send(server.address).await, &route);
        for token in &bad {
            let answer = request.clone().token(token).send(server.address).await;
            match route.is_server_wide() && !token.is_empty() {
                true => drop(answer.refused(403, ErrorCode::Forbidden)),
                false => refused(&answer, &route),
            }
        }
    }
    acme.check().await;
}

#[tokio::test]
async fn a_token_ends_by_time_by_logout_and_by_deactivation() {
    let server = LiveServer::with(|config| config.auth.access_token_ms = 6_000).await;
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

    while rooms(company.owner.token()).send(server.address).await.status == 200 {
        sleep(Duration::from_millis(100)).await;
    }
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
