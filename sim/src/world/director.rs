//! The director: walks through the phases of a run (DESIGN.md §2) and lets each step happen at its time.

use std::sync::Arc;
use std::time::Duration;

use properties::trace::{Observation, Phase};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::cast::Cast;
use super::leak::Leak;
use super::levers::Levers;
use super::{finale, stage};
use crate::history::{Action, History};

/// What the hosts of devices wait for: the cast that they enter, once the stage is set.
pub(super) type Curtain = watch::Receiver<Option<Cast>>;

/// Runs a history from setup to the last read. `curtain` lifts when the stage is set; `entered` hears each device that
/// has begun.
pub(super) async fn direct(
    history: Arc<History>,
    levers: Levers,
    leak: Option<Leak>,
    curtain: watch::Sender<Option<Cast>>,
    mut entered: mpsc::Receiver<()>,
) {
    let _ = levers.runtime.set(Handle::current());
    let recorder = levers.recorder.clone();
    let phase = |phase| recorder.record(Observation::Phase { phase });

    phase(Phase::Setup);
    let mut stage = match stage::set(&history, &levers.weather, &recorder).await {
        Ok(stage) => stage,
        Err(error) => {
            let (what_was_read, reason) = ("the setup".to_owned(), error.to_string());
            recorder.record(Observation::FinalReadFailed { what_was_read, reason });
            return;
        }
    };
    levers.feed.set_company(stage.company);
    let cast = Cast::new(&history, &stage, &levers, leak);
    levers.set_cast(cast.clone());
    curtain.send_replace(Some(cast.clone()));
    for _ in history.devices() {
        // None: a device's host ended early, which the recovery will show.
        let _ = entered.recv().await;
    }
    finale::await_synchronised(&cast, &recorder, Instant::now()).await;

    phase(Phase::Storm);
    storm(&history, &levers, &cast).await;

    levers.heal();
    phase(Phase::Healed);
    let healed = Instant::now();
    if history.is_handed_over()
        && let Err(error) = stage.take_back(&history).await
    {
        let (what_was_read, reason) = ("the company as its owner".to_owned(), error.to_string());
        recorder.record(Observation::FinalReadFailed { what_was_read, reason });
    }
    finale::await_recovery(&cast, &recorder, healed).await;
    if history.has_feed() {
        sleep_until(healed + finale::FEED_QUIET).await;
        levers.feed.report();
        finale::await_synchronised(&cast, &recorder, healed).await;
    }

    if history.has_files() {
        finale::read_files(&cast).await;
        finale::await_uploads(&mut stage, &cast, &recorder).await;
    }

    phase(Phase::Quiet);
    finale::compare(&mut stage, &cast, &recorder).await;
    finale::part(&mut stage, &cast, &recorder, &levers.machine).await;
    finale::leave(&mut stage, &cast, &recorder, &levers.machine).await;
    phase(Phase::End);
}

async fn storm(history: &Arc<History>, levers: &Levers, cast: &Cast) {
    let begin = Instant::now();
    for step in &history.steps {
        sleep_until(begin + Duration::from_millis(step.at_ms)).await;
        match &step.action {
            Action::Fault(fault) => levers.strike(step.id, fault),
            Action::Accept(accept) => cast.admit(history, step, accept),
            Action::Feed(feed) => levers.feed.perform(step.id, feed, step.action.what()),
            _ => cast.perform(step),
        }
    }
    sleep_until(begin + Duration::from_millis(history.settings.storm_ms)).await;
}
