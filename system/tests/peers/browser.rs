//! A browser's own WebSocket and fetch, in a headless Chromium: a page that an allowed origin serves, with a page of another
//! origin inside it.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{Stage, of_the_machine, run_within};

/// A browser that has hung is no reason to wait for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// Nothing that a browser does for its own sake, and nothing that needs a screen, a user or more than this machine.
const QUIETLY: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
];

/// REST across origins with headers that are read; the handshake with a token as a subprotocol, and refused ones; messages of
/// one's own, of others, and missed ones after a resume; an upload by a binary frame; a foreign origin that gets at nothing;
/// a session's end (REQUIREMENTS.md IT-1, WS-2, WS-5, WS-15, WS-17).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_joins_in_and_a_foreign_one_cannot() {
    let Some(browser) = of_the_machine(&["chromium", "chromium-browser", "google-chrome"]) else { return };
    let home = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
    let (home_origin, foreign_origin) = (origin(&home), origin(&foreign));
    let stage = Stage::with(|config| {
        config.http.allowed_origins = vec![home_origin.clone()];
        config.websocket.allowed_origins = vec![home_origin.clone()];
    })
    .await;
    let mate = stage.another_session().await;
    let filled = |page: &str| {
        page.replace("SERVER", &stage.address.to_string())
            .replace("ROOM", &stage.room.id.to_string())
            .replace("TOKEN", stage.token())
            .replace("MATE", &mate.tokens.access_token)
            .replace("FOREIGN", &foreign_origin)
    };
    let page = filled(include_str!("pages/index.html"));
    let elsewhere = filled(include_str!("pages/foreign.html"));
    let complete = Arc::new(Notify::new());
    let told = complete.clone();
    let home_pages = Router::new()
        .route("/", get(async move || Html(page)))
        .route("/page.js", get(async || ([(CONTENT_TYPE, "text/javascript")], include_str!("pages/page.js"))))
        .route("/complete", get(async move || complete.notified().await).post(async move || told.notify_one()));
    let foreign_pages = Router::new().route("/foreign.html", get(async move || Html(elsewhere)));
    let serving = [
        tokio::spawn(async move { axum::serve(home, home_pages).await }),
        tokio::spawn(async move { axum::serve(foreign, foreign_pages).await }),
    ];

    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(browser);
    command.args(QUIETLY).arg(format!("--user-data-dir={}", profile.path().display()));
    let dom = run_within(command.arg("--dump-dom").arg(format!("{home_origin}/")), PATIENCE).await;
    serving.iter().for_each(tokio::task::JoinHandle::abort);
    let report = dom.split_once("<pre id=\"report\">").and_then(|(_, rest)| Some(rest.split_once("</pre>")?.0));
    let report = report.unwrap_or_else(|| panic!("no report: {dom}"));
    assert_eq!(report.trim().lines().last(), Some("all of it holds"), "{report}");
}
