//! Who may read the metrics: the server's operator, and whoever reaches the listener that is for nothing else.

use system::protocol::ErrorCode;

use super::scrape::{OPERATOR_TOKEN, Scrape, server};
use crate::support::{Company, LiveServer, Program, RawRequest, refused};

#[tokio::test]
async fn on_the_servers_own_listener_its_operator_only() {
    let server = server(|_| {}).await;
    let company = Company::register(server.address, "acme").await;
    let read = RawRequest::new("GET", "/metrics");
    read.clone().send(server.address).await.refused(401, ErrorCode::Unauthenticated);
    read.clone().token(company.owner.token()).send(server.address).await.refused(403, ErrorCode::Forbidden);
    assert_eq!(read.clone().token(OPERATOR_TOKEN).send(server.address).await.status, 200);

    let nobodys = LiveServer::start().await;
    let told = read.token(OPERATOR_TOKEN).send(nobodys.address).await.refused(403, ErrorCode::Forbidden);
    assert!(told.contains("operator.token_file"), "{told}");
}

#[tokio::test]
async fn on_a_listener_of_their_own_whoever_reaches_it_and_nothing_else_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let environment = [("STORMGLASS_METRICS__LISTEN", "127.0.0.1:0"), ("STORMGLASS_LOG__FORMAT", "json")];
    let arguments = ["--listen", "127.0.0.1:0", "--data-directory", "data"];
    let mut program = Program::try_start(directory.path(), &arguments, &environment).await.unwrap();
    let line = program.stderr().lines().find(|line| line.contains("metrics are told")).unwrap().to_owned();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = line["address"].as_str().unwrap().parse().unwrap();

    let answer = RawRequest::new("GET", "/metrics").send(address).await;
    assert_eq!(answer.status, 200);
    let before = Scrape::parse(&answer.body);
    assert_eq!(before.count("http_connections_opened_total", &[]), 0, "the scraper is no client");
    for (method, path, status) in
        [("POST", "/metrics", 405), ("GET", "/", 404), ("GET", "/ready", 404), ("GET", "/api/v1/operator/limits", 404)]
    {
        assert_eq!(RawRequest::new(method, path).send(address).await.status, status, "{method} {path}");
    }
    assert_eq!(RawRequest::new("GET", "/ready").send(program.address).await.status, 204);
    let after = Scrape::parse(&RawRequest::new("GET", "/metrics").send(address).await.body);
    assert_eq!(after.count("http_requests_total", &[("route", "/ready"), ("status", "2xx")]), 1);

    let taken = address.to_string();
    let other = [("STORMGLASS_METRICS__LISTEN", taken.as_str())];
    let failed = refused(directory.path(), &["--listen", "127.0.0.1:0", "--data-directory", "other"], &other).await;
    assert_eq!(failed.code, Some(1));
    assert!(failed.stderr.contains("`metrics.listen`") && failed.stderr.contains(&taken), "{failed:?}");
    program.terminate();
    assert!(program.ended().await.success(), "scrapers do not hold it up");
}
