//! How what was done on one side of the server showed on the other (SC-5): a REST call and the pushes that it caused.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use system::protocol::UserId;

use super::move_refused::{MoveRefused, advance};

/// One side of the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// REST.
    Api,
    /// The WebSocket.
    Websocket,
}

/// Something that was done on one side and is to show on the other.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct IntegrationEvent {
    /// The type of the event, from the published document: `message.created`.
    #[serde(rename = "type")]
    kind: String,
    /// Where it was done. Where it shows is always the other side.
    source: Side,
    target: Side,
    /// Who did it.
    pub user: Option<UserId>,
    /// What it is about.
    pub resource: Resource,
    /// The `data` of the event.
    pub payload: Value,
    /// When it was asked for, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// How far it is.
    state: EventState,
    /// Every device that saw it, in the order in which they did.
    pub deliveries: Vec<Delivery>,
    /// From the answer to the call until the first device saw it; absent as long as none has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processing_ms: Option<f64>,
    /// How often the call had to be repeated.
    pub retries: u32,
    /// What went wrong, where something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The name of the call, in the server's log too.
    pub correlation_id: String,
}

/// What an event is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Resource {
    /// `message`, `room`, `user`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its identifier.
    pub id: String,
}

/// One device saw an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Delivery {
    /// Which: `ben/socket-1`.
    pub device: String,
    /// When, in milliseconds since the scenario began.
    pub at_ms: u64,
}

/// How far an event is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// The call was sent.
    Pending,
    /// The call was answered.
    Processing,
    /// Some device saw the event.
    Processed,
    /// The answer to the call was lost, and it was sent again.
    Retrying,
    /// The call was refused, or its answer lost for good.
    Error,
    /// Nobody will see it.
    Failed,
}

impl Side {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Api => Self::Websocket,
            Self::Websocket => Self::Api,
        }
    }
}

impl EventState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Processing, Self::Processed, Self::Retrying, Self::Error, Self::Failed];

    /// What may follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::Processing, Self::Retrying],
            Self::Processing => &[Self::Processed, Self::Retrying],
            Self::Retrying => &[Self::Processing, Self::Error],
            Self::Error => &[Self::Failed],
            Self::Processed | Self::Failed => &[],
        }
    }
}

impl fmt::Display for EventState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Retrying => "retrying",
            Self::Error => "error",
            Self::Failed => "failed",
        })
    }
}

impl IntegrationEvent {
    /// Something was done at `source`, at that time, under that name.
    pub fn new(kind: String, source: Side, resource: Resource, at_ms: u64, correlation_id: String) -> Self {
        Self {
            kind,
            source,
            target: source.other(),
            user: None,
            resource,
            payload: Value::Null,
            at_ms,
            state: EventState::Pending,
            deliveries: Vec::new(),
            processing_ms: None,
            retries: 0,
            error: None,
            correlation_id,
        }
    }

    /// The type of the event.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Where it was done.
    pub fn source(&self) -> Side {
        self.source
    }

    /// Where it is to show.
    pub fn target(&self) -> Side {
        self.target
    }

    /// How far it is.
    pub fn state(&self) -> EventState {
        self.state
    }

    /// Whether some device saw it.
    pub fn processed(&self) -> bool {
        self.state == EventState::Processed
    }

    /// Moves on.
    ///
    /// # Errors
    /// `to` may not follow.
    pub fn advance(&mut self, to: EventState) -> Result<(), MoveRefused> {
        let next = self.state.next();
        advance(("the state of an event", "SC-5"), &mut self.state, next, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_and_target_are_never_the_same() {
        for side in [Side::Api, Side::Websocket] {
            let resource = Resource { kind: "room".into(), id: "1".into() };
            let event = IntegrationEvent::new("room.created".into(), side, resource, 0, "c-1".into());
            assert_ne!(event.source(), event.target());
        }
    }

    #[test]
    fn a_state_moves_only_as_the_requirement_says() {
        use EventState::{Error, Failed, Pending, Processed, Processing, Retrying};
        let allowed = [
            (Pending, Processing),
            (Pending, Retrying),
            (Processing, Processed),
            (Processing, Retrying),
            (Retrying, Processing),
            (Retrying, Error),
            (Error, Failed),
        ];
        for from in EventState::ALL {
            for to in EventState::ALL {
                assert_eq!(from.next().contains(&to), allowed.contains(&(from, to)), "{from} to {to}");
            }
        }
    }
}
