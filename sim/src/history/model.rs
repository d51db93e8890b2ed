//! The types of a history: data that is drawn, shrunk, saved, edited by hand and run. Nothing here runs it.

use serde::{Deserialize, Serialize};
use system::protocol::{Role, Visibility};

use crate::faults::{DuplicateTab, Fault, Population};
use crate::operations::{Action, Noun};

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
    /// The company's founder is a member while the storm lasts, if a user of the history is an owner: who is the last
    /// owner then is one of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
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

impl History {
    /// Every device: `user/device`, in the order of the plan.
    pub fn devices(&self) -> impl Iterator<Item = String> {
        self.users.iter().flat_map(UserPlan::device_names)
    }

    /// The devices of those who accept an invitation: `user/device`. They are there from that step on.
    pub fn invited_devices(&self) -> impl Iterator<Item = String> {
        self.steps.iter().filter_map(|step| step.action.makes(Noun::Device).map(str::to_owned))
    }

    /// The doubles that devices may get for a while: `user/device`.
    pub fn doubles(&self) -> impl Iterator<Item = String> {
        self.steps.iter().flat_map(|step| match step.action.fault() {
            Some(Fault::DuplicateTab(DuplicateTab { target, .. })) => {
                let devices = self.devices().filter(|device| target.covers(device));
                devices.map(|device| DuplicateTab::name(&device, step.id)).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Who exists, for a fault to be about.
    pub fn population(&self) -> Population {
        Population {
            users: self.users.iter().map(|user| user.name.clone()).collect(),
            devices: self.devices().collect(),
        }
    }

    /// Whether the founder hands the company over to the owners among the users.
    pub fn is_handed_over(&self) -> bool {
        self.settings.handed_over && self.users.iter().any(|user| user.role == Role::Owner)
    }

    /// Whether anything is written to conversation files.
    pub fn has_feed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Feed(_)))
    }

    /// Whether anybody uploads a file.
    pub fn has_files(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::UploadFile(_)))
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
