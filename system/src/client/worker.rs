//! Carries out the outbox's REST operations one by one, in order, each until it has a definite answer (PROTOCOL.md,
//! promise 8; REQUIREMENTS.md CG-3).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::backoff::Backoff;
use super::operation::{Operation, Outcome, Refusal};
use super::outbox::Item;
use super::session::{Distrust, SentAway};
use super::shared::Shared;
use super::upload::{Step, Steps};
use super::{Answer, Connector, Exchange};
use crate::protocol::ErrorReply;

/// Works while the client is wanted to be open.
pub(super) async fn run<C: Connector>(shared: Arc<Shared<C>>) {
    let mut wishes = shared.wishes();
    while wishes.opened().await {
        tokio::select! {
            biased;
            () = wishes.withdrawn() => {}
            SentAway(reason) = work(&shared) => shared.send_away(&SentAway(reason)),
        }
    }
}

/// Works until the server sends the client away. What is interrupted stays in the outbox, under its key.
async fn work<C: Connector>(shared: &Shared<C>) -> SentAway {
    loop {
        let item = shared.state().outbox.first_for_rest();
        let Some(item) = item else {
            shared.operation_added.notified().await;
            continue;
        };
        match perform(shared, &item).await {
            Ok(Outcome::Refused(refusal)) => shared.refuse(item.ticket, refusal),
            Ok(outcome) => shared.settle(item.ticket, outcome),
            Err(sent_away) => return sent_away,
        }
    }
}

async fn perform<C: Connector>(shared: &Shared<C>, item: &Item) -> Result<Outcome, SentAway> {
    match &*item.operation {
        Operation::UploadFile(upload) => return perform_upload(shared, Steps::new(upload, &item.key)).await,
        Operation::SendFile(upload) => return perform_upload(shared, Steps::by_frames(upload, &item.key)).await,
        _ => {}
    }
    let Some(request) = item.operation.request(&item.key) else {
        let old = shared.session.access().await?;
        shared.session.distrust(&old.token, Distrust::Expired);
        shared.session.access().await?;
        return Ok(Outcome::Refreshed);
    };
    let mut backoff = Backoff::new(&shared.config.timing);
    loop {
        let retry_after_ms = match shared.session.send(request.clone()).await? {
            Exchange::Answered(answer) if answer.succeeded() => {
                remember_credentials(shared, &item.operation);
                return Ok(Outcome::Answered(answer));
            }
            // A fresh token was refused too: the server's clock jumps, or it just lost its sessions. Not the operation
            // is at fault.
            Exchange::Answered(answer) if answer.temporary() || answer.status == 401 => answer.retry_after_ms,
            Exchange::Answered(answer) => return Ok(Outcome::Refused(refusal(&answer))),
            Exchange::Lost { .. } | Exchange::Unsent { .. } => None,
        };
        let wait = backoff.next(&*shared.platform);
        sleep(wait.max(Duration::from_millis(retry_after_ms.unwrap_or(0)))).await;
    }
}

/// A client that changed what it logs in with logs in with that.
fn remember_credentials<C: Connector>(shared: &Shared<C>, operation: &Operation) {
    match operation {
        Operation::UpdateProfile { email, .. } => shared.session.credentials_changed(email.as_deref(), None),
        Operation::ChangePassword { new, .. } => shared.session.credentials_changed(None, Some(new)),
        _ => {}
    }
}

async fn perform_upload<C: Connector>(shared: &Shared<C>, mut steps: Steps<'_>) -> Result<Outcome, SentAway> {
    let mut backoff = Backoff::new(&shared.config.timing);
    loop {
        let step = match steps.frame() {
            Some(piece) => match steps.take_reply(shared.send_piece(piece).await) {
                Ok(step) => step,
                Err(ErrorReply { code, message, .. }) => {
                    return Ok(Outcome::Refused(Refusal { code: Some(code), message }));
                }
            },
            None => steps.take(shared.session.send(steps.request()).await?),
        };
        match step {
            Step::On => {
                backoff.reset();
                sleep(steps.pause()).await;
            }
            Step::Done(answer) => return Ok(Outcome::Answered(answer)),
            Step::Refused(answer) => return Ok(Outcome::Refused(refusal(&answer))),
            Step::Wait { retry_after_ms, .. } => {
                let wait = backoff.next(&*shared.platform);
                sleep(wait.max(Duration::from_millis(retry_after_ms.unwrap_or(0)))).await;
            }
        }
    }
}

fn refusal(answer: &Answer) -> Refusal {
    match answer.problem() {
        Some(problem) => Refusal { code: Some(problem.code), message: problem.detail },
        None => Refusal { code: None, message: format!("answered with status {}", answer.status) },
    }
}
