//! What a scenario runs on: a simulated world of its own, or a real server that others may run on too.

use std::sync::Arc;

use system::client::TcpConnector;
use system::platform::{OsPlatform, Platform};

use crate::platform::FeedFiles;
use crate::scenarios::wire::{Line, SimulatedLine};
use crate::world::Stagehand;

/// What a scenario runs on.
#[derive(Clone)]
pub(in crate::scenarios) enum Ground {
    /// A world of its own.
    Simulated(Box<Stagehand>),
    /// A real server.
    Real(Arc<RealGround>),
}

/// A real server.
#[derive(Debug)]
pub(in crate::scenarios) struct RealGround {
    /// Host and port.
    pub(in crate::scenarios) authority: String,
    /// The token of its operator, if it is known.
    pub(in crate::scenarios) operator_token: Option<String>,
    /// Where its conversation files are, if that is known and can be written to.
    pub(in crate::scenarios) feed_directory: Option<std::path::PathBuf>,
}

/// Where conversation files are.
pub(super) enum FeedGround {
    Simulated(FeedFiles),
    Real(std::path::PathBuf),
}

impl Ground {
    /// The way of a device of this name to the server.
    pub(super) fn line(&self, device: &str) -> Line {
        match self {
            Self::Simulated(stagehand) => Line::Simulated(SimulatedLine(stagehand.connector(device))),
            Self::Real(real) => Line::Real(TcpConnector::new(real.authority.clone())),
        }
    }

    /// The clock and the entropy of a device.
    pub(super) fn platform(&self, device: &str) -> Arc<dyn Platform> {
        match self {
            Self::Simulated(stagehand) => stagehand.platform(device),
            // A device keeps nothing.
            Self::Real(_) => Arc::new(OsPlatform::new("")),
        }
    }

    /// The token of the server's operator, if it is known.
    pub(super) fn operator_token(&self) -> Option<&str> {
        match self {
            Self::Simulated(_) => Some(SIMULATED_OPERATOR_TOKEN),
            Self::Real(real) => real.operator_token.as_deref(),
        }
    }

    /// Where conversation files are, if that is known.
    pub(super) fn feed(&self) -> Option<FeedGround> {
        match self {
            Self::Simulated(stagehand) => Some(FeedGround::Simulated(stagehand.feed())),
            Self::Real(real) => real.feed_directory.clone().map(FeedGround::Real),
        }
    }
}

/// The token of a simulated server's operator.
pub(in crate::scenarios) const SIMULATED_OPERATOR_TOKEN: &str = "the-operators-own-token";
