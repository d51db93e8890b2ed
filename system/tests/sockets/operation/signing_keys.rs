//! Rotating the key that signs tokens: nobody is logged out, nothing is closed, and nobody else may (CG-5, WS-6).

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::join_all;
use jsonwebtoken::decode_header;
use serde_json::json;
use system::config::Secret;
use system::platform::OsPlatform;
use system::protocol::{AcceptInvitation, CreateInvitation, ErrorCode, Role, SigningKeys};
use system::{Config, Server};

use super::runs::OPERATOR_TOKEN;
use crate::support::{Company, LiveServer, RawRequest, Socket, quick, rest_at};

fn operated(config: &mut Config) {
    config.operator.token = Secret::new(OPERATOR_TOKEN);
}

/// Asks as the operator.
async fn keys(address: SocketAddr, method: &str, path: &str) -> SigningKeys {
    let answer = RawRequest::api(method, path).token(OPERATOR_TOKEN).send(address).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

async fn rotate(address: SocketAddr) -> SigningKeys {
    keys(address, "POST", "/operator/signing-key/rotate").await
}

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test]
async fn a_rotation_logs_nobody_out_and_closes_nothing() {
    let server = LiveServer::with(operated).await;
    let address = server.address;
    let company = Company::register(address, "acme").await;
    let (mut socket, _) = Socket::follow_all(address, company.owner.token()).await;
    let first = keys(address, "GET", "/operator/signing-key").await;
    let [only] = &first.keys[..] else { panic!("{first:?}") };
    assert_eq!((kid(company.owner.token()), &only.ends_at), (only.id.clone(), &None));

    let rotated = rotate(address).await;
    let [earlier, newest] = &rotated.keys[..] else { panic!("{rotated:?}") };
    assert_eq!(earlier.id, only.id);
    assert!(newest.id != only.id && newest.ends_at.is_none());
    // The longest lifetime is that of a refresh token.
    let kept_ms = earlier.ends_at.unwrap().ms_since(newest.created_at);
    assert!(kept_ms >= Config::default().auth.refresh_token_ms, "{kept_ms}");
    assert_eq!(keys(address, "GET", "/operator/signing-key").await, rotated);

    // Nothing of before has ended, and what is new is of the new key.
    let tokens = &company.owner.session.tokens;
    assert!(company.rest.me(&tokens.access_token).await.is_ok(), "the old access token is good");
    let room = company.room("general", system::protocol::Visibility::Public, &[]).await;
    socket.hear_event().await;
    socket.assert_open().await;
    let renewed = company.rest.refresh(&tokens.refresh_token).await.unwrap();
    assert_eq!((kid(&renewed.access_token), kid(&renewed.refresh_token)), (newest.id.clone(), newest.id.clone()));
    company.post(room.id, "still there").await;
    socket.ask("auth.refresh", json!({"token": renewed.access_token})).await;
    socket.assert_open().await;
    // A lost answer is repeated, with either key.
    let again = company.rest.refresh(&tokens.refresh_token).await.unwrap();
    assert_eq!(again.refresh_token, renewed.refresh_token);
    rotate(address).await;
    let again = company.rest.refresh(&tokens.refresh_token).await.unwrap();
    assert!(company.rest.refresh(&again.refresh_token).await.is_ok(), "it is the same link");
    Socket::follow_all(address, &renewed.access_token).await.0.assert_open().await;
}

#[tokio::test]
async fn keys_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || {
        let mut config = quick();
        operated(&mut config);
        LiveServer::on(Server::start(config, Arc::new(OsPlatform::new(directory.path()))).await.unwrap()).await
    };
    let server = start().await;
    let company = Company::register(server.address, "acme").await;
    let rotated = rotate(server.address).await;
    let later = company.log_in("owner@acme.test").await;
    server.stop().await.unwrap().unwrap();

    let server = start().await;
    assert_eq!(keys(server.address, "GET", "/operator/signing-key").await, rotated);
    let rest = rest_at(server.address);
    for person in [&company.owner, &later] {
        assert!(rest.me(person.token()).await.is_ok());
        assert!(rest.refresh(&person.session.tokens.refresh_token).await.is_ok());
    }
    let company = company.at(server.address);
    let newest = company.log_in("owner@acme.test").await;
    assert_eq!(kid(newest.token()), rotated.keys[1].id);
}

#[tokio::test]
async fn an_invitation_of_before_is_accepted_and_told_again_as_it_was() {
    let server = LiveServer::with(operated).await;
    let company = Company::register(server.address, "acme").await;
    let request = CreateInvitation { email: "mia@acme.test".to_owned(), role: Role::Member };
    let invite = async || company.rest.invite(company.owner.token(), &request, "invite-mia").await.unwrap();
    let invited = invite().await;
    rotate(server.address).await;
    assert_eq!(invite().await.token, invited.token, "a repeat tells the same token");
    let (name, password) = ("Mia".to_owned(), "secret-1".to_owned());
    let accept = AcceptInvitation { token: invited.token, name, password, device: "test".to_owned() };
    let session = company.rest.accept(&accept, "accept-mia").await.unwrap();
    assert_eq!(session.user.email, "mia@acme.test");
}

#[tokio::test]
async fn rotations_amid_refreshes_disturb_none() {
    let server = LiveServer::with(operated).await;
    let address = server.address;
    let company = Company::register(address, "acme").await;
    let mut people = Vec::new();
    for _ in 0..8 {
        people.push(company.log_in("owner@acme.test").await);
    }
    let refreshing = people.iter().map(async |person| {
        let rest = rest_at(address);
        let mut tokens = person.session.tokens.clone();
        for _ in 0..20 {
            tokens = rest.refresh(&tokens.refresh_token).await.unwrap();
            rest.me(&tokens.access_token).await.unwrap();
        }
        kid(&tokens.access_token)
    });
    let rotating = async {
        let mut rotated = Vec::new();
        for _ in 0..10 {
            rotated.push(rotate(address).await);
        }
        rotated
    };
    let (used, rotated) = tokio::join!(join_all(refreshing), rotating);
    let last = rotated.last().unwrap();
    assert_eq!(last.keys.len(), 11, "the first, and one of each rotation");
    assert!(used.iter().all(|kid| last.keys.iter().any(|key| key.id == *kid)), "{used:?} {last:?}");
}

#[tokio::test]
async fn whoever_rotates_without_an_end_is_refused_until_keys_are_forgotten() {
    let server = LiveServer::with(operated).await;
    let company = Company::register(server.address, "acme").await;
    for count in 2..=64 {
        assert_eq!(rotate(server.address).await.keys.len(), count);
    }
    let request = RawRequest::api("POST", "/operator/signing-key/rotate").token(OPERATOR_TOKEN);
    let refused = request.send(server.address).await;
    refused.refused(429, ErrorCode::RateLimited);
    assert!(refused.headers["retry-after"].parse::<u64>().unwrap() > 0, "{refused:?}");
    assert!(company.rest.me(company.owner.token()).await.is_ok(), "the first key verifies still");
}
