//! What a result tells of what was observed: answers, pushes, figures and log lines, read from the trace.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use properties::trace::{At, DeviceName, Observation, Trace};
use serde_json::Value;
use system::protocol::ServerFrame;

use super::coverage::{Documented, Exercised};
use super::model::{IntegrationEvent, LogLine, Metric, MetricKind, SeenEvent, SeenResponse};

/// Every answer, in the order of the requests.
pub(super) fn responses(trace: &Trace) -> Vec<SeenResponse> {
    let mut seen: Vec<SeenResponse> = Vec::new();
    let mut open: BTreeMap<(DeviceName, u32), (usize, At)> = BTreeMap::new();
    for entry in &trace.entries {
        let (key, status, body) = match &entry.what {
            Observation::Requested { device, request, method, path, .. } => {
                open.insert((device.clone(), *request), (seen.len(), entry.at));
                seen.push(SeenResponse {
                    device: device.to_string(),
                    method: method.to_string(),
                    path: path.to_string(),
                    status: None,
                    code: None,
                    at_ms: entry.at.as_ms(),
                    took_ms: 0.0,
                });
                continue;
            }
            Observation::Answered { device, request, status, body } => {
                ((device.clone(), *request), Some(*status), Some(body))
            }
            Observation::AnswerLost { device, request, .. } => ((device.clone(), *request), None, None),
            _ => continue,
        };
        let Some((index, began)) = open.remove(&key) else { continue };
        let response = &mut seen[index];
        response.status = status;
        response.took_ms = milliseconds(began, entry.at);
        if status.is_some_and(|status| status >= 400) {
            response.code =
                body.and_then(|body| serde_json::from_str::<Value>(body).ok()?["code"].as_str().map(str::to_owned));
        }
    }
    seen
}

/// Every push and every answer to a command, in the order in which they came.
pub(super) fn events(trace: &Trace) -> Vec<SeenEvent> {
    let seen = trace.entries.iter().filter_map(|entry| match &entry.what {
        Observation::FrameReceived { device, frame, .. } => Some(SeenEvent {
            device: device.to_string(),
            kind: frame.kind().to_owned(),
            position: match &**frame {
                ServerFrame::Event(event) => Some(format!("{}#{}", event.stream, event.seq)),
                _ => None,
            },
            at_ms: entry.at.as_ms(),
        }),
        _ => None,
    });
    seen.collect()
}

/// The worst of each kind of call, and of the delivery of each type of event.
pub(super) fn metrics(responses: &[SeenResponse], events: &[IntegrationEvent], ended_ms: u64) -> Vec<Metric> {
    let documented = Documented::published();
    let mut calls: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    // What never was answered, and the handshake of a WebSocket, are no answers of an API.
    for response in responses.iter().filter(|response| response.status.is_some_and(|status| status != 101)) {
        if let Some(endpoint) = documented.endpoint_of(&response.method, &response.path) {
            calls.entry(endpoint.to_string()).or_default().push(response.took_ms);
        }
    }
    let mut deliveries: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for event in events {
        deliveries.entry(event.kind().to_owned()).or_default().extend(event.processing_ms);
    }
    let told = |kind, figures: BTreeMap<String, Vec<f64>>| {
        figures.into_iter().filter(|(_, figures)| !figures.is_empty()).map(move |(operation, mut figures)| {
            figures.sort_by(f64::total_cmp);
            let (median, worst) = (figures[figures.len() / 2], figures[figures.len() - 1]);
            let metric = Metric::new(kind, operation, worst, ended_ms);
            metric.with("statistic", "worst").with("samples", figures.len()).with("median", format!("{median:.1}"))
        })
    };
    told(MetricKind::ApiResponse, calls).chain(told(MetricKind::WebsocketDelivery, deliveries)).collect()
}

/// What the server logged.
pub(super) fn logs(trace: &Trace) -> Vec<LogLine> {
    let logged = trace.entries.iter().filter_map(|entry| match &entry.what {
        Observation::Logged { level, message, fields } => {
            let mut text = message.to_string();
            for (name, value) in fields {
                // Writing to a string cannot fail.
                let _ = write!(text, " {name}={value}");
            }
            Some(LogLine { at_ms: entry.at.as_ms(), level: level.to_string(), text })
        }
        _ => None,
    });
    logged.collect()
}

/// Which of the endpoints and of the types of frames that a scenario names nobody asked or heard.
pub(super) fn unseen(
    (endpoints, events): (&'static [&'static str], &'static [&'static str]),
    exercised: &Exercised,
) -> (Vec<&'static str>, Vec<&'static str>) {
    let asked: Vec<String> = exercised.endpoints.keys().map(ToString::to_string).collect();
    let unasked = endpoints.iter().filter(|endpoint| !asked.iter().any(|asked| asked == *endpoint));
    let unheard = events.iter().filter(|event| !exercised.pushes.contains(**event));
    (unasked.copied().collect(), unheard.copied().collect())
}

pub(super) fn milliseconds(from: At, to: At) -> f64 {
    // Below 2^53 µs, which is 285 years, this is exact.
    to.0.saturating_sub(from.0) as f64 / 1_000.0
}
