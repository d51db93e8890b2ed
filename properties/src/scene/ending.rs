//! How a scene ends: all is quiet, everything is read, everybody leaves.

use std::sync::Arc;

use system::protocol::{
    ConnectionList, Epoch, EventBody, Message, PresenceList, Snapshot, SnapshotState, StreamId, UserId, Visibility,
};

use super::Scene;
use crate::telling::user_of;
use crate::trace::{Belief, Observation, Phase, Replica, Trace};

impl Scene {
    /// Everything heals, and every open device is in step.
    pub(crate) fn ends(mut self) -> Trace {
        self.observe(Observation::Phase { phase: Phase::Healed });
        let open = self.devices.iter().filter(|(_, device)| device.open).map(|(name, _)| name.clone());
        let open: Vec<String> = open.collect();
        for device in &open {
            self.observe(Observation::Recovered { device: device.as_str().into(), after_ms: 120 });
        }
        self.observe(Observation::Phase { phase: Phase::Quiet });
        for device in &open {
            let user = self.user(user_of(device));
            let belief = Arc::new(self.belief(user));
            self.observe(Observation::Believed { device: device.as_str().into(), user, belief });
        }
        self.reads_everything();
        for device in &open {
            self.closes(device);
        }
        self.observe(Observation::Phase { phase: Phase::Left });
        let list = ConnectionList { connections: Vec::new(), subscriptions: 0 };
        self.observe(Observation::FinalConnections { list });
        self.observe(Observation::FinalPresence { list: PresenceList { users: Vec::new(), next: None } });
        self.observe(Observation::Phase { phase: Phase::End });
        self.trace
    }

    fn reads_everything(&mut self) {
        for (stream, events) in self.logs.clone() {
            let snapshot = Arc::new(self.snapshot(stream));
            self.observe(Observation::FinalSnapshot { snapshot });
            self.observe(Observation::FinalLog { stream, epoch: Epoch(1), events: Arc::new(events) });
        }
        let silent: Vec<UserId> = self.users.values().map(|user| user.id).collect();
        for stream in silent.into_iter().map(StreamId::User) {
            if !self.logs.contains_key(&stream) {
                let snapshot = Arc::new(self.snapshot(stream));
                self.observe(Observation::FinalSnapshot { snapshot });
                self.observe(Observation::FinalLog { stream, epoch: Epoch(1), events: Arc::default() });
            }
        }
    }

    fn belief(&self, user: UserId) -> Belief {
        let replica = |stream| {
            let Snapshot { seq, epoch, state, .. } = self.snapshot(stream);
            (stream, Replica { seq, epoch, state: Some(state) })
        };
        let streams = self.streams_of(user).into_iter().map(replica).collect();
        Belief { connected: true, wants_connection: true, role: None, outbox: 0, streams }
    }

    fn snapshot(&self, stream: StreamId) -> Snapshot {
        let state = match stream {
            StreamId::Company(_) => {
                let mut users: Vec<_> = self.users.values().cloned().collect();
                users.sort_by_key(|user| user.id);
                let rooms = self.rooms().filter(|room| room.visibility == Visibility::Public).cloned().collect();
                SnapshotState::Company { company: self.the_company().clone(), users, rooms }
            }
            StreamId::Room(id) => {
                let room = self.rooms().find(|room| room.id == id).expect("the scene has the room").clone();
                let members = self.members(id).into_values().collect();
                SnapshotState::Room {
                    room,
                    members,
                    messages: self.messages(stream),
                    earlier: false,
                    threads: Vec::new(),
                    earlier_threads: false,
                }
            }
            StreamId::User(id) => {
                let user = self.users.values().find(|user| user.id == id).expect("the scene has the user").clone();
                let rooms =
                    self.rooms().map(|room| room.id).filter(|room| self.members(*room).contains_key(&id)).collect();
                SnapshotState::User { user, rooms, reads: Vec::new() }
            }
        };
        let seq = self.logs.get(&stream).and_then(|log| log.last()).map_or(0, |event| event.seq);
        Snapshot { stream, seq, epoch: Epoch(1), state, read: None }
    }

    fn messages(&self, stream: StreamId) -> Vec<Message> {
        let said = self.logs[&stream].iter().filter_map(|event| match &event.body {
            EventBody::MessageCreated(message) => Some(message.clone()),
            _ => None,
        });
        said.collect()
    }
}
