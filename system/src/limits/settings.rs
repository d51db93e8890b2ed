//! The numbers: part of the configuration, and the body of `GET` and `PUT /operator/limits`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much one may ask for. 0 is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// WebSockets in all. One more is refused before its upgrade with 503; when this is lowered, the newest are closed
    /// with 1013.
    pub connections: u32,
    /// WebSockets of one address. One more is refused before its upgrade with 429. Off by default: behind a load balancer
    /// all come from one address.
    pub connections_per_address: u32,
    /// WebSockets of one user.
    pub connections_per_user: u32,
    /// What happens to a user's WebSocket too many. True: it takes the place of the user's oldest, which is closed with
    /// 4030. False: it is closed itself, with 4513.
    pub newest_connection_wins: bool,
    /// Frames that one WebSocket may send in a second, on average. Past it comes a `warning`; then the server reads as
    /// slowly as this.
    pub frames_per_second: u32,
    /// Frames that may come at once before that.
    pub frames_burst: u32,
    /// After how many frames that had to wait, without a pause between them, the WebSocket is closed with 4029.
    pub frames_throttled: u32,
    /// REST requests and handshakes of one user in a second, on average. Past it comes 429 with `Retry-After`; every answer
    /// says in `RateLimit` how many are left.
    pub requests_per_second: u32,
    /// REST requests and handshakes of one user that may come at once before that.
    pub requests_burst: u32,
    /// The same of one address, whoever calls. Off by default: behind a load balancer all come from one address.
    pub requests_per_second_per_address: u32,
    /// Those of one address that may come at once before that.
    pub requests_burst_per_address: u32,
    /// TCP connections in all, from their beginning until they end or become a WebSocket. One more is answered with 503
    /// before it is read, and ended.
    pub http_connections: u32,
    /// TCP connections of one address. One more is answered with 429 before it is read, and ended. Off by default: behind a
    /// load balancer all come from one address.
    pub http_connections_per_address: u32,
    /// Failed logins of one email in a minute, on average, and at once. Of one address ten times as many.
    pub login_failures_per_minute: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            connections: 100_000,
            connections_per_address: 0,
            connections_per_user: 64,
            newest_connection_wins: true,
            frames_per_second: 200,
            frames_burst: 1_000,
            frames_throttled: 2_000,
            requests_per_second: 100,
            requests_burst: 1_000,
            requests_per_second_per_address: 0,
            requests_burst_per_address: 1_000,
            http_connections: 20_000,
            http_connections_per_address: 0,
            login_failures_per_minute: 10,
        }
    }
}
