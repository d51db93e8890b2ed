//! The examples, run against a real server (REQUIREMENTS.md WS-D1, WS-18).

use std::time::Duration;

use tokio::time::timeout;

use crate::support::LiveServer;

#[expect(dead_code, reason = "its `main` reads the command line")]
#[path = "../../examples/authentication.rs"]
mod authentication;
#[expect(dead_code, reason = "its `main` reads the command line")]
#[path = "../../examples/broadcast.rs"]
mod broadcast;
#[expect(dead_code, reason = "its `main` reads the command line")]
#[path = "../../examples/one_to_one.rs"]
mod one_to_one;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_session_lives_and_ends() {
    let server = LiveServer::start().await;
    timeout(PATIENCE, authentication::run(&server.address.to_string())).await.unwrap().unwrap();
}

#[tokio::test]
async fn two_people_talk() {
    let server = LiveServer::start().await;
    timeout(PATIENCE, one_to_one::run(&server.address.to_string())).await.unwrap().unwrap();
}

#[tokio::test]
async fn everybody_hears_one_voice() {
    let server = LiveServer::start().await;
    timeout(PATIENCE, broadcast::run(&server.address.to_string())).await.unwrap().unwrap();
}
