//! Steps in a person's words, as reports and replays tell them.

use std::fmt;

use system::protocol::{Role, Visibility};

use super::{Action, Step};

impl Action {
    /// Who does it: `ana/phone`, or `fault`.
    pub fn who(&self) -> &str {
        self.device().unwrap_or("fault")
    }

    /// What they do: `message.send "m17" to general`.
    pub fn what(&self) -> String {
        match self {
            Self::Send { room, body, .. } => format!("message.send {body:?} to {room}"),
            Self::Post { room, body, .. } => format!("posts {body:?} to {room} over REST"),
            Self::CreateRoom { room, visibility, .. } => format!("creates the {} room {room}", adjective(*visibility)),
            Self::AddMember { room, user, .. } if self.is_by(user) => format!("joins {room}"),
            Self::AddMember { room, user, .. } => format!("adds {user} to {room}"),
            Self::RemoveMember { room, user, .. } if self.is_by(user) => format!("leaves {room}"),
            Self::RemoveMember { room, user, .. } => format!("removes {user} from {room}"),
            Self::ChangeRole { user, role, .. } => format!("makes {user} {}", with_article(*role)),
            Self::Deactivate { user, .. } => format!("deactivates {user}"),
            Self::ReadRoom { room, .. } => format!("reads {room} over REST"),
            Self::RefreshToken { .. } => "refreshes its token".to_owned(),
            Self::Close { .. } => "closes its connection".to_owned(),
            Self::Open { .. } => "opens a connection again".to_owned(),
            Self::Fault(fault) => fault.describe(),
        }
    }

    fn is_by(&self, user: &str) -> bool {
        self.device().and_then(|device| device.split_once('/')).is_some_and(|(owner, _)| owner == user)
    }
}

impl fmt::Display for Step {
    /// On one line: `ana/phone  message.send "m17" to general`. A fault speaks for itself.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action.device() {
            Some(device) => write!(formatter, "{device}  {}", self.action.what()),
            None => formatter.write_str(&self.action.what()),
        }
    }
}

fn adjective(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Guest => "a guest",
        Role::Member => "a member",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, PowerLoss};

    #[test]
    fn each_step_has_its_sentence() {
        let device = || "ana/phone".to_owned();
        let room = || "general".to_owned();
        let check = |action: Action, expected: &str| {
            assert_eq!(Step { id: 1, at_ms: 0, action }.to_string(), expected);
        };
        check(
            Action::Send { device: device(), room: room(), body: "m17".into() },
            "ana/phone  message.send \"m17\" to general",
        );
        check(
            Action::Post { device: device(), room: room(), body: "m18".into() },
            "ana/phone  posts \"m18\" to general over REST",
        );
        check(
            Action::CreateRoom { device: device(), room: "room-1".into(), visibility: Visibility::Private },
            "ana/phone  creates the private room room-1",
        );
        let add = |user: &str| Action::AddMember { device: device(), room: room(), user: user.into() };
        check(add("ben"), "ana/phone  adds ben to general");
        check(add("ana"), "ana/phone  joins general");
        let remove = |user: &str| Action::RemoveMember { device: device(), room: room(), user: user.into() };
        check(remove("ben"), "ana/phone  removes ben from general");
        check(remove("ana"), "ana/phone  leaves general");
        check(
            Action::ChangeRole { device: device(), user: "ben".into(), role: Role::Admin },
            "ana/phone  makes ben an admin",
        );
        check(Action::Deactivate { device: device(), user: "ben".into() }, "ana/phone  deactivates ben");
        check(Action::ReadRoom { device: device(), room: room() }, "ana/phone  reads general over REST");
        check(Action::RefreshToken { device: device() }, "ana/phone  refreshes its token");
        check(Action::Close { device: device() }, "ana/phone  closes its connection");
        check(Action::Open { device: device() }, "ana/phone  opens a connection again");
        check(
            Action::Fault(Fault::PowerLoss(PowerLoss { after_operations: 12, down_ms: 2_000 })),
            "power loss, 12 disk operations later, down for 2.000 s",
        );
    }
}
