//! Messages, over the WebSocket and over REST, from several devices at once (CG-1, CG-2, CG-3).

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use system::client::{Client, Operation, Outcome};
use system::protocol::{EventBody, Message, Role, RoomId, StreamId};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::stage::{Log, PATIENCE, Stage, Way, until};
use crate::workload::{Doing, Workload};

/// Devices that talk, and what they were told of it.
pub struct Posts {
    stream: StreamId,
    devices: Vec<Client<Way>>,
    talking: Vec<JoinHandle<()>>,
    quiet: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<Message>>>,
    /// How many of those were found.
    found: usize,
    log: Log,
    /// How many events of it were looked at.
    seen: usize,
    bodies: BTreeSet<String>,
}

impl Posts {
    pub async fn begin(stage: &Stage) -> Self {
        let people = [stage.hire("mia", Role::Member).await, stage.hire("tom", Role::Guest).await];
        let room = stage.room("posts", &people).await;
        let (quiet, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (mut devices, mut talking) = (Vec::new(), Vec::new());
        for (number, name) in ["owner", "mia", "mia", "tom"].into_iter().enumerate() {
            let client = stage.device(name).await;
            let heard = Talk { client: client.clone(), name: format!("{name} {number}"), room };
            talking.push(tokio::spawn(heard.go_on(quiet.clone(), Arc::clone(&acknowledged))));
            devices.push(client);
        }
        Self {
            stream: StreamId::Room(room),
            devices,
            talking,
            quiet,
            acknowledged,
            found: 0,
            log: Log::default(),
            seen: 0,
            bodies: BTreeSet::new(),
        }
    }

    /// Compares what was acknowledged up to now with the log.
    async fn compare(&mut self, stage: &Stage) {
        // Before the log is read: whatever is in it must be found there.
        let acknowledged = self.acknowledged.lock().unwrap()[self.found..].to_vec();
        stage.read_on(self.stream, &mut self.log).await;
        for event in &self.log.events[self.seen..] {
            if let EventBody::MessageCreated(message) = &event.body {
                assert!(self.bodies.insert(message.body.clone()), "{:?} is there twice", message.body);
            }
        }
        self.seen = self.log.events.len();
        for message in &acknowledged {
            let place = usize::try_from(message.seq).unwrap() - 1;
            let there = self.log.events.get(place).map(|event| &event.body);
            assert_eq!(there, Some(&EventBody::MessageCreated(message.clone())), "an acknowledged message is lost");
        }
        self.found += acknowledged.len();
    }
}

impl Workload for Posts {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn is_connected(&self) -> bool {
        self.devices.iter().all(|device| device.standing().connected)
    }

    fn check<'a>(&'a mut self, stage: &'a Stage) -> Doing<'a, ()> {
        Box::pin(self.compare(stage))
    }

    fn finish(mut self: Box<Self>, stage: &Stage) -> Doing<'_, usize> {
        Box::pin(async move {
            self.quiet.store(true, Ordering::Relaxed);
            for talking in std::mem::take(&mut self.talking) {
                timeout(PATIENCE, talking).await.expect("everything is answered in the end").unwrap();
            }
            self.compare(stage).await;
            // Everything that was sent was answered in the end, so the log holds exactly what was acknowledged.
            assert_eq!(self.bodies.len(), self.found, "there is a message that nobody was told of");
            let snapshot = stage.asked(async || stage.rest.snapshot(&stage.token, self.stream).await).await;
            for device in &self.devices {
                let is_there = |at: &system::protocol::Position| at.seq == snapshot.seq;
                until(device, |standing| standing.positions.get(&self.stream).is_some_and(is_there)).await;
                let belief = device.belief();
                assert_eq!(belief.standing.broken, 0, "nothing was ever delivered that did not fit");
                device.shutdown().await;
            }
            self.found
        })
    }
}

/// One device that talks.
struct Talk {
    client: Client<Way>,
    name: String,
    room: RoomId,
}

impl Talk {
    /// A few messages at a time, each with a text of its own, until it is told to be quiet.
    async fn go_on(self, quiet: Arc<AtomicBool>, acknowledged: Arc<Mutex<Vec<Message>>>) {
        let Self { client, name, room } = self;
        let mut sent = 0;
        while !quiet.load(Ordering::Relaxed) {
            let mut pending = Vec::new();
            for place in 0..4 {
                let body = format!("{name}: {sent}");
                sent += 1;
                pending.push(match place {
                    0 => client.perform(Operation::PostMessage { room, body }, None),
                    _ => client.perform(Operation::SendMessage { room, body }, None),
                });
            }
            for pending in pending {
                let message = message_of(pending.await);
                acknowledged.lock().unwrap().push(message);
            }
        }
    }
}

fn message_of(outcome: Outcome) -> Message {
    match outcome {
        Outcome::Acknowledged(ack) => ack.object.message().expect("it was a message that was sent").clone(),
        Outcome::Answered(answer) => serde_json::from_str(&answer.body).unwrap(),
        other => panic!("a message was not answered: {other:?}"),
    }
}
