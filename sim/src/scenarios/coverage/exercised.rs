//! What crossed the wire, as sets, read from what was observed.

use std::collections::{BTreeMap, BTreeSet};

use properties::trace::{Observation, Trace};
use serde_json::Value;
use system::protocol::ServerFrame;

use super::documented::{Documented, Endpoint};

/// What crossed the wire.
#[derive(Clone, Debug, Default)]
pub struct Exercised {
    /// Every endpoint that was asked, with the statuses that it answered.
    pub endpoints: BTreeMap<Endpoint, BTreeSet<u16>>,
    /// Every command that was sent.
    pub commands: BTreeSet<String>,
    /// Every frame that was heard, by its name in the document.
    pub pushes: BTreeSet<String>,
    /// Every error code that was given.
    pub error_codes: BTreeSet<String>,
    /// Every close code that was received.
    pub close_codes: BTreeSet<u16>,
    /// Every role that somebody had who was logged in or welcomed.
    pub roles: BTreeSet<String>,
}

impl Exercised {
    /// Reads a trace.
    pub fn read(trace: &Trace) -> Self {
        let documented = Documented::published();
        let mut exercised = Self::default();
        let mut asked = BTreeMap::new();
        for entry in &trace.entries {
            match &entry.what {
                Observation::Requested { device, request, method, path, .. } => {
                    if let Some(endpoint) = documented.endpoint_of(method, path) {
                        exercised.endpoints.entry(endpoint.clone()).or_default();
                        asked.insert((device.clone(), *request), endpoint);
                    }
                }
                Observation::Answered { device, request, status, body } => {
                    if let Some(endpoint) = asked.remove(&(device.clone(), *request)) {
                        exercised.endpoints.entry(endpoint.clone()).or_default().insert(*status);
                    }
                    exercised.answered(*status, body);
                }
                Observation::FrameSent { frame, .. } => {
                    exercised.commands.insert(frame.command.kind().to_owned());
                }
                Observation::ChunkSent { .. } => {
                    exercised.commands.insert("chunk".to_owned());
                }
                Observation::FrameReceived { frame, .. } => exercised.heard(frame),
                Observation::ConnectionClosed { code: Some(code), .. } => {
                    exercised.close_codes.insert(*code);
                }
                _ => {}
            }
        }
        exercised
    }

    /// Adds what another has.
    pub fn merge(&mut self, other: Self) {
        for (endpoint, statuses) in other.endpoints {
            self.endpoints.entry(endpoint).or_default().extend(statuses);
        }
        self.commands.extend(other.commands);
        self.pushes.extend(other.pushes);
        self.error_codes.extend(other.error_codes);
        self.close_codes.extend(other.close_codes);
        self.roles.extend(other.roles);
    }

    fn answered(&mut self, status: u16, body: &str) {
        if status < 400 && !body.contains("\"role\"") {
            return;
        }
        let Ok(body) = serde_json::from_str::<Value>(body) else { return };
        let said = |value: &Value| value.as_str().map(str::to_owned);
        if status >= 400 {
            self.error_codes.extend(said(&body["code"]));
        } else if body.get("tokens").is_some() {
            // The answer to register, login and accept.
            self.roles.extend(said(&body["user"]["role"]));
        }
    }

    fn heard(&mut self, frame: &ServerFrame) {
        self.pushes.insert(name_in_document(frame));
        match frame {
            ServerFrame::Welcome(_, welcome) => {
                self.roles.insert(welcome.role.as_str().to_owned());
            }
            ServerFrame::Error(_, error) => {
                self.error_codes.insert(error.code.name());
            }
            _ => {}
        }
    }
}

/// Several frames have the type `ack`; the document tells them apart by what they carry.
pub(in crate::scenarios) fn name_in_document(frame: &ServerFrame) -> String {
    let carries = match frame {
        ServerFrame::ChunkStored(..) => "ChunkStored",
        ServerFrame::TokenRefreshed(..) => "TokenRefreshed",
        ServerFrame::Done(..) => "Done",
        other => return other.kind().to_owned(),
    };
    format!("{}.{carries}", frame.kind())
}
