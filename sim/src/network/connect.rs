//! Opening a connection: a segment up, a segment down, and what the weather makes of them.

use std::io;
use std::sync::Arc;

use tokio::time;
use turmoil::net::TcpStream;

use super::effect::Harm;
use super::link::{Admission, Gate, Way};
use super::retransmission;
use super::weather::Weather;
use super::wire::Wire;
use crate::clock;
use crate::keyed::Key;

/// Where the server listens, by turmoil's names.
const SERVER_ADDRESS: (&str, u16) = ("server", 80);

impl Weather {
    /// Connects `device` (`user/device`) to the server.
    ///
    /// Through a cut, or to a host without power, this does not return until that is over: the caller brings the
    /// timeout. `purpose` (say `ws` or `rest`) names what the connection is for; connections are numbered for each
    /// device and purpose, so that one more of the one leaves the weather of the other as it is.
    ///
    /// # Errors
    /// `ConnectionRefused` if no server listens, or something on the way refuses.
    pub async fn connect(&self, device: &str, purpose: &'static str) -> io::Result<Wire> {
        let device: Arc<str> = device.into();
        let name = (purpose, self.next_ordinal(&device, purpose));
        let handshake = self.connection_key(&device, name).with("handshake");

        self.travel(&device, Way::Up, handshake.with("up")).await;
        let admitted = self.admit(&device).await;
        let answer = match self.living_server() {
            _ if !admitted => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "something on the way refuses")),
            Some(life) => open_stream().await.map(|stream| Wire::new(self.clone(), &device, name, life, stream)),
            None => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "no server runs")),
        };
        // The wire exists already: whoever gives up now leaves a connection that the server must get rid of.
        self.travel(&device, Way::Down, handshake.with("down")).await;
        answer
    }

    /// Waits while attempts to connect hear nothing. False if they are refused.
    async fn admit(&self, device: &Arc<str>) -> bool {
        let mut is_held = false;
        loop {
            let (admission, changed) = self.admission(device);
            match admission {
                Admission::Granted => return true,
                Admission::Refused => return false,
                Admission::Held => {
                    if !is_held {
                        self.with_link(device, |link| link.tally(Harm::HeldAttempts, None, 1));
                    }
                    is_held = true;
                    changed.notified().await;
                }
            }
        }
    }

    /// Waits as long as one segment of a handshake is on its way.
    async fn travel(&self, device: &Arc<str>, way: Way, key: Key) {
        let begun = clock::elapsed();
        time::sleep(self.passage(device, way, (key, key), HANDSHAKE_BYTES)).await;
        let (mut is_held, mut is_lost) = (false, false);
        loop {
            let (gate, changed) = self.gate(device, way);
            match gate {
                Gate::Closed { loses, .. } => {
                    if !is_held {
                        self.with_link(device, |link| link.tally(Harm::HeldAttempts, Some(way), 1));
                    }
                    (is_held, is_lost) = (true, is_lost || loses);
                    changed.notified().await;
                }
                Gate::Open if is_lost => {
                    let now = clock::elapsed();
                    let again = retransmission::of_handshake(begun, now);
                    if again <= now {
                        return;
                    }
                    time::sleep(again - now).await;
                }
                Gate::Open => return,
            }
        }
    }
}

/// What a segment that opens a connection weighs.
const HANDSHAKE_BYTES: usize = 40;

/// turmoil's connection.
///
/// In a task of its own, because dropping turmoil's `connect` half-way leaves its port taken and the server with a
/// connection that nobody ever ends. A stream that arrives after its caller has gone is dropped, which ends it.
async fn open_stream() -> io::Result<TcpStream> {
    tokio::spawn(TcpStream::connect(SERVER_ADDRESS)).await.map_err(io::Error::other)?
}
