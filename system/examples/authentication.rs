//! One login for REST and WebSocket: register, log in, refresh, log out (REQUIREMENTS.md WS-D1, IT-1, CG-5).
//!
//! Start a server with `cargo run -p system`, then: `cargo run -p system --example authentication`. An address other than
//! 127.0.0.1:7440 is the only argument.

#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::sync::Arc;

use system::Config;
use system::client::{CallError, Rest, TcpConnector, Timing, Unobserved};
use system::platform::{OsPlatform, Platform};
use system::protocol::{Login, Register};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = std::env::args().nth(1).unwrap_or_else(|| Config::default().listen);
    run(&authority).await
}

/// Goes through the life of a session at a server.
pub async fn run(authority: &str) -> Result<(), Box<dyn Error>> {
    let rest = Rest::new(Arc::new(TcpConnector::new(authority)), Timing::default(), Arc::new(Unobserved));
    // Emails are unique in the whole server, so each run takes another.
    let email = format!("ana-{}@example.com", OsPlatform::new(".").new_uuid());
    let password = "correct horse!".to_owned();

    let register = Register {
        company: "Acme".into(),
        email: email.clone(),
        name: "Ana".into(),
        password: password.clone(),
        device: "laptop".into(),
    };
    let registered = rest.register(&register, &email).await?;
    println!("registered {} of {} as {}", registered.user.name, registered.company.name, registered.user.role.as_str());

    let session = rest.login(&Login { email, password, device: "phone".into() }).await?;
    println!("logged in; the access token is good until {}", session.tokens.access_expires_at);

    let tokens = rest.refresh(&session.tokens.refresh_token).await?;
    println!("refreshed; each refresh token is good for one refresh, the next one came with it");

    let users = rest.users(&tokens.access_token, None).await?;
    println!("the company has {} user", users.items.len());

    rest.logout(&tokens.access_token).await?;
    match rest.users(&tokens.access_token, None).await {
        Err(CallError::Refused(problem)) if problem.status == 401 => println!("logged out: {}", problem.detail),
        other => return Err(format!("a token of an ended session was not refused: {other:?}").into()),
    }
    Ok(())
}
