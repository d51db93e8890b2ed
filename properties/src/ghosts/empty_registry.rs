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
            Observation::FinalPresence { list } => list
                .users
                .iter()
                .map(|seen| format!("{} {}", index.names().user(seen.user), seen.status.as_str()))
                .collect(),
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

#[cfg(test)]
mod tests {
    use system::protocol::{CompanyId, Connection, Presence, SessionId, Status, StreamId, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::Trace;

    fn with_last_look(change: impl Fn(&mut Observation)) -> Trace {
        let mut trace = Scene::company().ends();
        trace.entries.iter_mut().for_each(|entry| change(&mut entry.what));
        trace
    }

    fn session_of(trace: &Trace, name: &str) -> SessionId {
        let mut logins = trace.entries.iter().filter_map(|entry| match &entry.what {
            Observation::LoggedIn { device, session, .. } if &**device == name => Some(*session),
            _ => None,
        });
        logins.next_back().expect("the device logged in")
    }

    #[test]
    fn a_connection_that_stays_is_a_violation() {
        let mut trace = Scene::company().ends();
        let session = session_of(&trace, "ben/phone");
        let user = crate::index::Index::new(&trace).users["ben/phone"];
        for entry in &mut trace.entries {
            if let Observation::FinalConnections { list } = &mut entry.what {
                let ghost = Connection {
                    id: 7,
                    user,
                    company: CompanyId(Uuid::from_u128(1)),
                    session,
                    address: "10.0.0.2".to_owned(),
                    connected_at: Timestamp(0),
                    attributes: std::collections::BTreeMap::new(),
                    streams: 3,
                    queue_bytes: 0,
                };
                list.connections.push(ghost);
                list.subscriptions = 3;
            }
        }
        let violation = violated(&EmptyRegistry, &trace);
        assert_eq!(violation.expected, "when all devices have left, the server holds nothing of them");
        assert_eq!(violation.observed, "it holds a connection of ben/phone, 3 subscriptions");
        assert_eq!(
            chain(&violation),
            [
                "ben/phone: connection 1 ends with 1000: the device closed it",
                "world: everybody has left",
                "auditor: counts 1 connections and 3 subscriptions <- breaks it",
            ]
        );
    }

    #[test]
    fn a_user_who_stays_online_is_a_violation() {
        let ana = {
            let trace = Scene::company().ends();
            crate::index::Index::new(&trace).users["ana/phone"]
        };
        let violation = violated(
            &EmptyRegistry,
            &with_last_look(|what| {
                if let Observation::FinalPresence { list } = what {
                    list.users.push(Presence {
                        stream: StreamId::User(ana),
                        user: ana,
                        status: Status::Online,
                        text: None,
                        generation: 1,
                    });
                }
            }),
        );
        assert_eq!(violation.observed, "it holds ana online");
    }

    #[test]
    fn an_empty_registry_holds() {
        held(&EmptyRegistry, &Scene::company().ends());
    }

    #[test]
    fn where_nobody_ever_was_there_is_nothing_to_check() {
        vacuous(&EmptyRegistry, &Scene::empty().ends());
    }
}
