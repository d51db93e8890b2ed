//! What is looked at only when somebody asks: how many live objects there are, counted where they are kept. That they
//! agree with what is counted as it comes and goes shows that nothing is leaked (REQUIREMENTS.md CG-6, WS-9).

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::register::{byte_gauge, gauge};
use crate::app::App;
use crate::hub::Census;

/// Gauges that are set before each exposition.
#[derive(Debug)]
pub(super) struct LiveGauges {
    connections: Gauge,
    subscriptions: Gauge,
    permits: Gauge,
    queued: Gauge,
    longest_queue: Gauge,
    presence: Gauge,
    waiting: Gauge,
    size: Gauge,
    signing_keys: Gauge,
    draining: Gauge,
}

impl LiveGauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        Self {
            connections: gauge(registry, "websocket_connections", "Connections in the registry"),
            subscriptions: gauge(registry, "websocket_subscriptions", "Streams that connections follow, each for each"),
            permits: gauge(registry, "websocket_permits", "Connections that count towards the limits"),
            queued: byte_gauge(registry, "websocket_queued", "What waits for all connections together"),
            longest_queue: byte_gauge(registry, "websocket_longest_queue", "What waits for the slowest connection"),
            presence: gauge(registry, "presence_entries", "Users with a connection, or with one within the grace"),
            waiting: gauge(registry, "store_operations_waiting", "Operations that wait for the writer"),
            size: byte_gauge(registry, "store_size", "The database's file"),
            signing_keys: gauge(registry, "signing_keys", "Keys that tokens are verified with"),
            draining: gauge(registry, "draining", "1 while the server is being emptied, or stops"),
        }
    }
}

/// Everything that a server counts, as text, by [`EXPOSITION_MEDIA_TYPE`](super::EXPOSITION_MEDIA_TYPE).
pub(crate) fn scrape(app: &App) -> String {
    let live = &app.metrics.live;
    let set = |gauge: &Gauge, count: usize| {
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    };
    let Census { connections, subscriptions, users, queued_bytes, longest_queue_bytes } = app.hub.census();
    set(&live.connections, connections);
    set(&live.subscriptions, subscriptions);
    set(&live.presence, users);
    set(&live.queued, queued_bytes);
    set(&live.longest_queue, longest_queue_bytes);
    set(&live.permits, app.limits.permits() as usize);
    set(&live.waiting, app.store.waiting());
    live.size.set(i64::try_from(app.store.size_bytes()).unwrap_or(i64::MAX));
    set(&live.signing_keys, app.signing.signer().key_count());
    set(&live.draining, usize::from(app.is_stopping() || app.hub.is_draining()));
    app.metrics.expose()
}
