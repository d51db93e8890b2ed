//! How a device reaches the server: through the weather.

use std::io;
use std::sync::Arc;

use system::client::{Connector, Purpose};
use system::platform::BoxFuture;

use crate::network::{Weather, Wire};

/// What the weather calls the connections of WebSockets.
pub(super) const WEB_SOCKET: &str = "ws";

/// Connects one device.
pub(crate) struct WeatherConnector {
    weather: Weather,
    device: Arc<str>,
}

impl WeatherConnector {
    pub(super) fn new(weather: Weather, device: &str) -> Self {
        Self { weather, device: device.into() }
    }
}

impl Connector for WeatherConnector {
    type Stream = Wire;

    fn connect(&self, purpose: Purpose) -> BoxFuture<io::Result<Wire>> {
        let (weather, device) = (self.weather.clone(), self.device.clone());
        let purpose = match purpose {
            Purpose::Rest => "rest",
            Purpose::WebSocket => WEB_SOCKET,
        };
        Box::pin(async move { weather.connect(&device, purpose).await })
    }

    fn authority(&self) -> &str {
        "server"
    }
}
