//! REST requests by route, and the TCP connections under everything.

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

use super::register::{counter, counters, gauge, seconds_of};
use super::{Labelled, Metrics};
use crate::protocol::ErrorCode;

/// What is counted of REST.
#[derive(Debug)]
pub struct HttpMetrics {
    connections: Gauge,
    connections_opened: Counter,
    requests: Labelled<3, Counter>,
    duration: Labelled<2, Histogram>,
    in_flight: Gauge,
    refusals: Labelled<1, Counter>,
}

/// A TCP connection that is open, until this is dropped. A WebSocket's ends here when it is upgraded.
#[derive(Debug)]
pub struct OpenStream(Arc<Metrics>);

/// A request that is being answered. Dropped before [`InFlight::answered`] was said, it was abandoned by its client.
#[derive(Debug)]
pub struct InFlight {
    metrics: Arc<Metrics>,
    method: &'static str,
    route: String,
    begun: Instant,
    status: &'static str,
}

impl HttpMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix("http");
        let labels = ["method", "route", "status"];
        Self {
            connections: gauge(registry, "connections", "TCP connections that are open, those of WebSockets excepted"),
            connections_opened: counter(registry, "connections_opened", "TCP connections that were accepted"),
            requests: counters(registry, "requests", "Requests by route and class of status", labels),
            duration: seconds_of(
                registry,
                "request_duration",
                "From a request's head to its answer's",
                ["method", "route"],
            ),
            in_flight: gauge(registry, "requests_in_flight", "Requests that are being answered"),
            refusals: counters(registry, "refusals", "Answers that are problems, by their code", ["code"]),
        }
    }

    /// A problem was answered.
    pub fn refused(&self, code: ErrorCode) {
        self.refusals.of([code.name().into()]).inc();
    }
}

impl OpenStream {
    /// A TCP connection was accepted.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        metrics.http.connections_opened.inc();
        metrics.http.connections.inc();
        Self(metrics)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.http.connections.dec();
    }
}

impl InFlight {
    /// A request's head has come. `route` is the path as the code has it, `/rooms/{id}`; none: no route fits.
    pub fn new(metrics: Arc<Metrics>, method: &http::Method, route: Option<String>) -> Self {
        metrics.http.in_flight.inc();
        let route = route.unwrap_or_else(|| "none".to_owned());
        Self { metrics, method: method_name(method), route, begun: Instant::now(), status: "abandoned" }
    }

    /// It is answered with this status.
    pub fn answered(mut self, status: u16) {
        self.status = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let http = &self.metrics.http;
        let route = std::mem::take(&mut self.route);
        http.in_flight.dec();
        http.requests.of([self.method.into(), route.clone().into(), self.status.into()]).inc();
        http.duration.of([self.method.into(), route.into()]).observe(self.begun.elapsed().as_secs_f64());
    }
}

/// A client may send any method.
fn method_name(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
