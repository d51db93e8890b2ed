//! What can go wrong in a simulated world: the faults that histories have, whenever a body says so.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::person::Person;
use super::stop::Stop;
use super::whole::Scene;
use crate::faults::{Fault, Target};
use crate::world::Stagehand;

/// How long a server may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// What can go wrong.
pub struct Faults {
    stagehand: Stagehand,
    scene: Scene,
}

impl Faults {
    pub(super) fn new(stagehand: Stagehand, scene: Scene) -> Self {
        Self { stagehand, scene }
    }

    /// Lets a fault strike now. It ends as it says, or with [`Faults::heal`].
    pub fn strike(&self, fault: &Fault) {
        self.stagehand.strike(self.scene.next_step(), fault);
    }

    /// Ends every fault that lasts; a server that is down comes up at once.
    pub fn heal(&self) {
        self.stagehand.heal();
    }

    /// Waits until the server's process runs again, and answers.
    ///
    /// # Errors
    /// It does not within a minute.
    pub async fn server_is_back(&self) -> Result<(), Stop> {
        let give_up = Instant::now() + PATIENCE;
        while Instant::now() < give_up {
            let ready = crate::scenarios::wire::Ask::get("/ready");
            if self.stagehand.server_is_up() && self.scene.asks(&ready).await.is_ok_and(|reply| reply.status < 300) {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err(Stop::because("the server did not come back within a minute"))
    }
}

impl Person {
    /// All devices of this person, for a fault to be about.
    pub fn target(&self) -> Target {
        Target::User(self.name().to_owned())
    }
}
