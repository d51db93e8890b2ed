//! The server's operator: reads the gauges of its live objects, on a connection that no trace tells of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use properties::trace::Word;
use system::client::{Exchange, Method, Request, Rest, Timing, Unobserved};
use tokio::time::sleep;

use super::connector::WeatherConnector;
use super::settings::OPERATOR_TOKEN;
use crate::network::Weather;

/// What the weather calls the operator's connections.
const OPERATOR: &str = "operator";

/// What every metric of the server begins with.
const PREFIX: &str = "stormglass_";

/// What must be empty, or as many as something else, when nobody asks for anything.
const GAUGES: [&str; 10] = [
    "http_connections",
    "http_requests_in_flight",
    "presence_entries",
    "store_operations_waiting",
    "websocket_connections",
    "websocket_longest_queue_bytes",
    "websocket_permits",
    "websocket_queued_bytes",
    "websocket_subscriptions",
    "websocket_tasks",
];

/// How often it is tried: a server that has just come back may not answer at once.
const TRIES: u32 = 5;

/// The operator's hands.
pub(super) struct Operator {
    rest: Rest<WeatherConnector>,
}

impl Operator {
    pub(super) fn new(weather: Weather) -> Self {
        let connector = Arc::new(WeatherConnector::new(weather, OPERATOR));
        Self { rest: Rest::new(connector, Timing::default(), Arc::new(Unobserved)) }
    }

    /// The gauges of the server's live objects.
    ///
    /// # Errors
    /// In a person's words: the server does not tell them.
    pub(super) async fn gauges(&self) -> Result<BTreeMap<Word, i64>, String> {
        let request = Request::new(Method::Get, "/metrics").token(OPERATOR_TOKEN);
        let mut failure = String::new();
        for _ in 0..TRIES {
            match self.rest.send(&request).await {
                Exchange::Answered(answer) if answer.succeeded() => {
                    return Ok(parse(&String::from_utf8_lossy(&answer.bytes)));
                }
                Exchange::Answered(answer) => failure = format!("status {}", answer.status),
                Exchange::Lost { reason } | Exchange::Unsent { reason } => failure = reason,
            }
            sleep(Duration::from_millis(1_000)).await;
        }
        Err(failure)
    }
}

/// What is known by name among the lines of an exposition.
fn parse(text: &str) -> BTreeMap<Word, i64> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(PREFIX)?.split_once(' '));
    lines
        .filter_map(|(name, value)| {
            let known = GAUGES.into_iter().find(|known| *known == name)?;
            Some((known.into(), value.trim().parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_read_by_their_names() {
        let text = "# TYPE stormglass_websocket_connections gauge\nstormglass_websocket_connections 3\n\
            stormglass_websocket_frames_total{direction=\"in\"} 9\nstormglass_websocket_queued_bytes 0\n# EOF\n";
        assert_eq!(
            parse(text),
            BTreeMap::from([("websocket_connections".into(), 3), ("websocket_queued_bytes".into(), 0)])
        );
    }
}
