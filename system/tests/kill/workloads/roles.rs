//! Role changes: each that was acknowledged happened, once, in the order in which they were asked for (CG-1, IT-14).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use system::client::{Client, Operation, Outcome};
use system::protocol::{EventBody, Role, StreamId, User, UserId};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::stage::{Log, PATIENCE, Stage, Way};
use crate::workload::{Doing, Workload};

/// Two people whose roles never rest.
pub struct Roles {
    stream: StreamId,
    device: Client<Way>,
    people: Vec<Person>,
    quiet: Arc<AtomicBool>,
    log: Log,
}

/// One of them.
struct Person {
    user: UserId,
    changing: JoinHandle<()>,
    asked: Arc<AtomicUsize>,
    acknowledged: Arc<Mutex<Vec<Role>>>,
}

/// One after the other, for ever: no two that follow each other are equal, so each change is an event.
const ROUND: [Role; 3] = [Role::Admin, Role::Guest, Role::Member];

impl Roles {
    pub async fn begin(stage: &Stage) -> Self {
        let device = stage.device("owner").await;
        let quiet = Arc::new(AtomicBool::new(false));
        let mut people = Vec::new();
        for name in ["ida", "kim"] {
            let user = stage.hire(name, Role::Member).await;
            let (asked, acknowledged) = (Arc::new(AtomicUsize::new(0)), Arc::default());
            let change = Change { client: device.clone(), user };
            let changing = tokio::spawn(change.go_on(quiet.clone(), asked.clone(), Arc::clone(&acknowledged)));
            people.push(Person { user, changing, asked, acknowledged });
        }
        Self { stream: StreamId::Company(stage.company), device, people, quiet, log: Log::default() }
    }

    async fn compare(&mut self, stage: &Stage) {
        // Before the log is read: whatever is in it must be found there.
        let acknowledged: Vec<_> =
            self.people.iter().map(|person| person.acknowledged.lock().unwrap().clone()).collect();
        stage.read_on(self.stream, &mut self.log).await;
        for (person, acknowledged) in self.people.iter().zip(acknowledged) {
            let changes = self.changes_of(person.user);
            // Read after the log: it cannot hold more than was asked for.
            let asked = person.asked.load(Ordering::Relaxed);
            assert!(changes.len() >= acknowledged.len(), "an acknowledged role change is lost");
            assert_eq!(changes[..acknowledged.len()], acknowledged, "role changes are lost, doubled or out of order");
            assert!(changes.len() <= asked, "{} role changes happened, {asked} were asked for", changes.len());
            assert!(changes.iter().zip(ROUND.iter().cycle()).all(|(is, asked)| is == asked), "{changes:?}");
        }
    }

    /// The roles that the log says the user was given, in its order.
    fn changes_of(&self, user: UserId) -> Vec<Role> {
        let bodies = self.log.events.iter().map(|event| &event.body);
        let updates = bodies.filter_map(|body| match body {
            EventBody::UserUpdated(updated) if updated.id == user => Some(updated.role),
            _ => None,
        });
        updates.collect()
    }
}

impl Workload for Roles {
    fn name(&self) -> &'static str {
        "role changes"
    }

    fn acknowledged(&self) -> usize {
        self.people.iter().map(|person| person.acknowledged.lock().unwrap().len()).sum()
    }

    fn is_connected(&self) -> bool {
        self.device.standing().connected
    }

    fn check<'a>(&'a mut self, stage: &'a Stage) -> Doing<'a, ()> {
        Box::pin(self.compare(stage))
    }

    fn finish(mut self: Box<Self>, stage: &Stage) -> Doing<'_, usize> {
        Box::pin(async move {
            self.quiet.store(true, Ordering::Relaxed);
            for person in &mut self.people {
                timeout(PATIENCE, &mut person.changing).await.expect("everything is answered in the end").unwrap();
            }
            self.compare(stage).await;
            for person in &self.people {
                let acknowledged = person.acknowledged.lock().unwrap().clone();
                assert_eq!(self.changes_of(person.user), acknowledged, "exactly what was acknowledged happened");
            }
            self.device.shutdown().await;
            self.acknowledged()
        })
    }
}

/// Somebody whose role is changed.
struct Change {
    client: Client<Way>,
    user: UserId,
}

impl Change {
    async fn go_on(self, quiet: Arc<AtomicBool>, asked: Arc<AtomicUsize>, acknowledged: Arc<Mutex<Vec<Role>>>) {
        let Self { client, user } = self;
        for role in ROUND.into_iter().cycle() {
            if quiet.load(Ordering::Relaxed) {
                return;
            }
            asked.fetch_add(1, Ordering::Relaxed);
            match client.perform(Operation::ChangeRole { user, role }, None).await {
                Outcome::Answered(answer) => {
                    let user: User = serde_json::from_str(&answer.body).unwrap();
                    assert_eq!(user.role, role, "the answer says what was done");
                    acknowledged.lock().unwrap().push(role);
                }
                other => panic!("a role change was not answered: {other:?}"),
            }
        }
    }
}
