//! How a scene ends: all is quiet, everything is read, everybody leaves.

use std::collections::BTreeSet;
use std::sync::Arc;

use system::protocol::{
    ConnectionList, Epoch, EventBody, Message, Presence, PresenceList, Role, Snapshot, SnapshotState, Status, StreamId,
    UserId, Visibility,
};

use super::Scene;
use crate::telling::user_of;
use crate::trace::{Belief, Idle, Observation, Phase, Replica, SeenPresence, Trace};

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
        self.wait_ms(15_000);
        self.see_each_other(&open);
        let (stay, leave): (Vec<_>, Vec<_>) = (0..).zip(open).partition(|(place, _)| place % 2 == 0);
        for (_, device) in &leave {
            self.closes(device);
        }
        self.wait_ms(16_000);
        self.rests(stay.len());
        self.observe(Observation::Phase { phase: Phase::Parted });
        let stay: Vec<String> = stay.into_iter().map(|(_, device)| device).collect();
        self.see_each_other(&stay);
        for device in &stay {
            self.closes(device);
        }
        self.observe(Observation::Phase { phase: Phase::Left });
        let list = ConnectionList { connections: Vec::new(), subscriptions: 0 };
        self.observe(Observation::FinalConnections { list });
        self.observe(Observation::FinalPresence { list: PresenceList { users: Vec::new(), next: None } });
        self.observe(Observation::Phase { phase: Phase::End });
        self.trace
    }

    /// For the last ten seconds nobody has asked for anything, and so many devices were connected.
    fn rests(&mut self, devices: usize) {
        let idle = Idle {
            for_ms: 10_000,
            devices: devices as u64,
            tasks_before: 9,
            tasks_after: 9,
            disk_bytes_before: 500_000,
            disk_bytes_after: 500_000,
            ..Idle::default()
        };
        self.observe(Observation::Idled { idle });
        let connections = i64::try_from(devices).expect("a scene is small");
        let gauges = ["websocket_connections", "websocket_permits"].map(|gauge| (gauge.into(), connections));
        self.observe(Observation::LiveObjects { gauges: gauges.into() });
    }

    /// Each of these devices says whom it sees; guests see nobody.
    fn see_each_other(&mut self, devices: &[String]) {
        let mut users: Vec<Presence> = devices.iter().map(|device| self.looks(user_of(device))).collect();
        users.retain(|seen| seen.status != Status::Offline);
        users.sort_by_key(|seen| seen.user);
        users.dedup_by_key(|seen| seen.user);
        let seen = Arc::new(SeenPresence { users, complete: true, typing: Vec::new() });
        for device in devices {
            if self.users[user_of(device)].role > Role::Guest {
                let (device, seen) = (device.as_str().into(), Some(seen.clone()));
                self.observe(Observation::SawPresence { device, seen });
            }
        }
    }

    /// How a user who is there looks.
    fn looks(&self, name: &str) -> Presence {
        let (stream, user) = (self.company_stream(), self.user(name));
        let chosen = self.logs.get(&StreamId::User(user)).and_then(|log| {
            log.iter().rev().find_map(|event| match &event.body {
                EventBody::StatusUpdated(chosen) => Some(chosen.clone()),
                _ => None,
            })
        });
        let (status, text) = chosen.map_or((Status::Online, None), |chosen| (chosen.status, chosen.text));
        Presence { stream, user, status, text, generation: 1 }
    }

    fn reads_everything(&mut self) {
        for (stream, events) in self.logs.clone() {
            // Of two who were given one name only the later is known by it.
            let is_known = |user: UserId| self.users.values().any(|known| known.id == user);
            if !matches!(stream, StreamId::User(user) if !is_known(user)) {
                let snapshot = Arc::new(self.snapshot(stream));
                self.observe(Observation::FinalSnapshot { snapshot });
            }
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
        Belief { connected: true, wants_connection: true, role: None, outbox: 0, streams, left: BTreeSet::new() }
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
