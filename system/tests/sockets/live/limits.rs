//! Connections and logins too many (REQUIREMENTS.md WS-10, WS-11, CG-6).

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use serde_json::json;
use system::config::Secret;
use system::protocol::{CloseCode, ErrorCode, SUBPROTOCOL};

use crate::support::{Company, LiveServer, RawAnswer, RawRequest, Socket, handshake};

async fn refused(server: &LiveServer, token: &str) -> RawAnswer {
    let bearer = format!("Bearer {token}");
    let headers = [(AUTHORIZATION, bearer.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
    handshake(server.address, &headers).await.map(drop).expect_err("it is refused")
}

#[tokio::test]
async fn one_too_many_of_an_address_or_in_all_is_told_why_and_nothing_stays_counted() {
    for (in_all, status, code) in [(false, 429, ErrorCode::LimitReached), (true, 503, ErrorCode::Unavailable)] {
        let server = LiveServer::with(|config| {
            let limits = &mut config.limits;
            let limit = if in_all { &mut limits.connections } else { &mut limits.connections_per_address };
            *limit = 2;
        })
        .await;
        let company = Company::register(server.address, "acme").await;
        let token = company.owner.token();
        // Handshakes that are refused for another reason are not counted either.
        for _ in 0..5 {
            refused(&server, "nonsense").await.refused(403, ErrorCode::HandshakeRefused);
        }
        for _ in 0..3 {
            let (mut first, _) = Socket::follow_all(server.address, token).await;
            let (second, _) = Socket::follow_all(server.address, token).await;
            let answer = refused(&server, token).await;
            assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
            answer.refused(status, code);
            first.assert_open().await;
            drop((first, second));
            while !company.rest.connections(token).await.unwrap().connections.is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            // The permit is given back a moment after the hub has forgotten the connection.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn a_users_newest_connection_wins_or_is_closed_itself() {
    for newest_wins in [true, false] {
        let server = LiveServer::with(|config| {
            config.limits.connections_per_user = 2;
            config.limits.newest_connection_wins = newest_wins;
        })
        .await;
        let company = Company::register(server.address, "acme").await;
        let mut sockets = Vec::new();
        for _ in 0..2 {
            sockets.push(Socket::follow_all(server.address, company.owner.token()).await.0);
        }
        let mut newest = Socket::open(server.address, company.owner.token()).await;
        if newest_wins {
            assert_eq!(sockets.remove(0).close_code().await, CloseCode::Superseded.number());
            newest.hello(json!({})).await;
        } else {
            assert_eq!(newest.close_code().await, CloseCode::LimitReached.number());
        }
        for socket in &mut sockets {
            socket.assert_open().await;
        }
    }
}

#[tokio::test]
async fn the_operator_lowers_the_limits_and_the_newest_are_asked_to_come_back() {
    let operator = "an-operators-token-of-at-least-32-characters";
    let server = LiveServer::with(|config| config.operator.token = Secret::new(operator)).await;
    let company = Company::register(server.address, "acme").await;
    let (mut first, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut second, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let put = |body: &str| RawRequest::api("PUT", "/operator/limits").json(body);
    let answer = put(r#"{"connections": 1}"#).token(company.owner.token()).send(server.address).await;
    assert!(matches!(answer.status, 401 | 403), "an owner is no operator of the server: {answer:?}");
    put(r#"{"conections": 1}"#).token(operator).send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    let answer = put(r#"{"connections": 1}"#).token(operator).send(server.address).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(second.close_code().await, CloseCode::TryAgainLater.number());
    first.assert_open().await;
    refused(&server, company.owner.token()).await.refused(503, ErrorCode::Unavailable);
}

#[tokio::test]
async fn guesses_are_slowed_down_and_good_logins_are_not() {
    let server = LiveServer::with(|config| config.limits.login_failures_per_minute = 3).await;
    let company = Company::register(server.address, "acme").await;
    for _ in 0..10 {
        company.log_in("owner@acme.test").await;
    }
    let guess = json!({"email": "owner@acme.test", "password": "wrong-1", "device": "x"}).to_string();
    let mut codes = Vec::new();
    for _ in 0..6 {
        let answer = RawRequest::api("POST", "/auth/login").json(&guess).send(server.address).await;
        codes.push(answer.problem().code);
    }
    assert_eq!(codes[..3], [ErrorCode::WrongCredentials; 3]);
    assert_eq!(codes[5], ErrorCode::RateLimited, "{codes:?}");
    let other = json!({"email": "nobody@acme.test", "password": "wrong-1", "device": "x"}).to_string();
    let answer = RawRequest::api("POST", "/auth/login").json(&other).send(server.address).await;
    answer.refused(401, ErrorCode::WrongCredentials);
}
