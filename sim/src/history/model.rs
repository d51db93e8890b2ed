//! The types of a history: data that is drawn, shrunk, saved, edited by hand and run. Nothing here runs it.

use serde::{Deserialize, Serialize};
use system::protocol::{Role, Visibility};

use crate::faults::{Fault, Population};

/// What happens in one run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The key of all weather: latencies, torn writes, backoffs. Not of the steps: those are written out below.
    pub seed: u64,
    /// The profile that the history was drawn from.
    pub profile: String,
    /// Sizes and intervals of the world.
    pub settings: Settings,
    /// Who exists when the storm begins. The auditor, the company's first owner, comes on top.
    pub users: Vec<UserPlan>,
    /// Which rooms exist when the storm begins.
    pub rooms: Vec<RoomPlan>,
    /// What happens, by time.
    pub steps: Vec<Step>,
}

/// Sizes and intervals of the world.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long the storm lasts, in simulated milliseconds. No step is later.
    pub storm_ms: u64,
    /// How long an access token is good for.
    pub access_token_ms: u64,
    /// The least latency between a device and the server, one way.
    pub latency_min_ms: u64,
    /// The greatest latency between a device and the server, one way.
    pub latency_max_ms: u64,
    /// The greatest time that a blocking piece of work (a commit, a read) takes.
    pub disk_max_ms: u64,
}

/// A user and their devices.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserPlan {
    /// A first name in lower case, unique.
    pub name: String,
    /// The role at the beginning.
    pub role: Role,
    /// The devices, each unique for the user: `phone`, `laptop`.
    pub devices: Vec<String>,
}

/// A room that exists when the storm begins.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomPlan {
    /// Its name, unique.
    pub name: String,
    /// Who may join it.
    pub visibility: Visibility,
    /// The names of its members. The auditor creates it.
    pub members: Vec<String>,
}

/// One thing that happens.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Given when the history was drawn; never changes when others are removed. Names the step's own randomness.
    pub id: u32,
    /// When, in simulated milliseconds since the storm began.
    pub at_ms: u64,
    /// What.
    pub action: Action,
}

/// What can happen. On disk: `{"do": "send", "device": "ana/phone", …}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// A device sends a message on its WebSocket.
    Send {
        /// `user/device`.
        device: String,
        /// The room's name.
        room: String,
        /// The text, unique in the history.
        body: String,
    },
    /// A device posts a message over REST.
    Post {
        /// `user/device`.
        device: String,
        /// The room's name.
        room: String,
        /// The text, unique in the history.
        body: String,
    },
    /// A device creates a room.
    CreateRoom {
        /// `user/device`.
        device: String,
        /// The new room's name, unique in the history.
        room: String,
        /// Who may join it.
        visibility: Visibility,
    },
    /// A device adds a user to a room; itself: joins it.
    AddMember {
        /// `user/device`.
        device: String,
        /// The room's name.
        room: String,
        /// The user's name.
        user: String,
    },
    /// A device removes a user from a room; itself: leaves it.
    RemoveMember {
        /// `user/device`.
        device: String,
        /// The room's name.
        room: String,
        /// The user's name.
        user: String,
    },
    /// A device changes a user's role.
    ChangeRole {
        /// `user/device`.
        device: String,
        /// The user's name.
        user: String,
        /// The new role.
        role: Role,
    },
    /// A device deactivates a user.
    Deactivate {
        /// `user/device`.
        device: String,
        /// The user's name.
        user: String,
    },
    /// A device reads a room's messages over REST.
    ReadRoom {
        /// `user/device`.
        device: String,
        /// The room's name.
        room: String,
    },
    /// A device refreshes its access token now, rather than when it must.
    RefreshToken {
        /// `user/device`.
        device: String,
    },
    /// A device closes its connection and stays away.
    Close {
        /// `user/device`.
        device: String,
    },
    /// A device that stayed away comes back.
    Open {
        /// `user/device`.
        device: String,
    },
    /// Something goes wrong.
    Fault(Fault),
}

impl History {
    /// Every device: `user/device`, in the order of the plan.
    pub fn devices(&self) -> impl Iterator<Item = String> {
        self.users.iter().flat_map(UserPlan::device_names)
    }

    /// Who exists, for a fault to be about.
    pub fn population(&self) -> Population {
        Population {
            users: self.users.iter().map(|user| user.name.clone()).collect(),
            devices: self.devices().collect(),
        }
    }

    /// The faults among the steps, by time.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.steps.iter().filter_map(|step| step.action.fault())
    }
}

impl UserPlan {
    /// The user's devices as steps name them: `user/device`.
    pub fn device_names(&self) -> impl Iterator<Item = String> {
        self.devices.iter().map(|device| format!("{}/{device}", self.name))
    }
}

impl Action {
    /// The device that does it; none for a fault.
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Send { device, .. }
            | Self::Post { device, .. }
            | Self::CreateRoom { device, .. }
            | Self::AddMember { device, .. }
            | Self::RemoveMember { device, .. }
            | Self::ChangeRole { device, .. }
            | Self::Deactivate { device, .. }
            | Self::ReadRoom { device, .. }
            | Self::RefreshToken { device }
            | Self::Close { device }
            | Self::Open { device } => Some(device),
            Self::Fault(_) => None,
        }
    }

    /// The room that it is about, the new one of a creation included.
    pub fn room(&self) -> Option<&str> {
        match self {
            Self::Send { room, .. }
            | Self::Post { room, .. }
            | Self::CreateRoom { room, .. }
            | Self::AddMember { room, .. }
            | Self::RemoveMember { room, .. }
            | Self::ReadRoom { room, .. } => Some(room),
            Self::ChangeRole { .. }
            | Self::Deactivate { .. }
            | Self::RefreshToken { .. }
            | Self::Close { .. }
            | Self::Open { .. }
            | Self::Fault(_) => None,
        }
    }

    /// The user that it is done to.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::AddMember { user, .. }
            | Self::RemoveMember { user, .. }
            | Self::ChangeRole { user, .. }
            | Self::Deactivate { user, .. } => Some(user),
            _ => None,
        }
    }

    /// The text of a message.
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Send { body, .. } | Self::Post { body, .. } => Some(body),
            _ => None,
        }
    }

    /// The fault, if it is one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            _ => None,
        }
    }
}
