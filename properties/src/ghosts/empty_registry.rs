//! `ghosts/empty-registry`: when everybody has left, nobody is there.

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::{Observation, Phase};

/// See the module.
pub(crate) struct EmptyRegistry;

impl Property for EmptyRegistry {
    fn id(&self) -> &'static str {
        "ghosts/empty-registry"
    }

    fn statement(&self) -> &'static str {
        "when all devices have left, the server holds no connection, no subscription, and nobody is online"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-6", "WS-4", "IT-6", "PROTOCOL 9"]
    }

    fn does_not_verify(&self) -> &'static str {
        "memory, nor how soon a connection is gone while others stay"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no device was ever connected, or nobody looked when all had left")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    if index.connections.iter().all(|connection| connection.user.is_none()) {
        return Ok(0);
    }
    let mut checked = 0;
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        let ghosts = match &observed.what {
            Observation::FinalConnections { list } => {
                let devices = list.connections.iter().map(|connection| {
                    let device = index.sessions.get(&connection.session).map(ToString::to_string);
                    device.unwrap_or_else(|| index.names().user(connection.user))
                });
                let mut ghosts: Vec<String> = devices.map(|device| format!("a connection of {device}")).collect();
                if list.subscriptions > 0 {
                    ghosts.push(format!("{} subscriptions", list.subscriptions));
                }
                ghosts
            }
            Observation::FinalPresence { list } => {
                list.online.iter().map(|user| format!("{} online", index.names().user(*user))).collect()
            }
            _ => continue,
        };
        if !ghosts.is_empty() {
            return Err(haunted(index, entry, &ghosts));
        }
        checked += 1;
    }
    Ok(checked)
}

fn haunted(index: &Index<'_>, entry: usize, ghosts: &[String]) -> Violation {
    // The last end of a connection that named a ghost is where the server should have let go.
    let ends =
        index.connections.iter().filter(|connection| ghosts.iter().any(|ghost| ghost.ends_with(&**connection.device)));
    let last = ends.filter_map(|connection| connection.closed).max();
    Violation {
        expected: "when all devices have left, the server holds nothing of them".to_owned(),
        observed: format!("it holds {}", ghosts.join(", ")),
        evidence: Story::new(index).link(last).link(index.phases.get(&Phase::Left).copied()).breaks(entry).tell(),
    }
}
