//! Whether an answer is true in a state: what the model says to its question, without changing anything.

use system::protocol::{ErrorCode, File, FileId, FileState, QuotaScope, Timestamp};

use super::answer::Answer;
use super::ask::{Ask, Said};
use super::decide::{Drawn, Step, decide, read};
use super::run::Run;
use super::state::Kept;
use super::wanted::{Reading, Version, Wanted};
use crate::trace::At;

impl Run<'_, '_> {
    /// Whether what was answered is what the model says now, without a change.
    pub(super) fn is_true(&self, ask: &Ask<'_>) -> bool {
        let Some(response) = &ask.response else { return false };
        if let Some(kept) = self.kept(ask) {
            return match &response.said {
                Said::Refused { code: ErrorCode::IdempotencyKeyReused, .. } => kept.wanted != ask.wanted,
                // Who comes in a second time is who they are by now.
                Said::Done { answer: Answer::User(user), .. } if is_session(&ask.wanted) => {
                    matches!(&kept.answer, Answer::User(made) if made.id == user.id)
                }
                Said::Done { answer, duplicate, .. } => {
                    kept.wanted == ask.wanted && kept.answer == *answer && *duplicate != Some(false)
                }
                Said::Refused { code: ErrorCode::SessionRevoked, .. } => {
                    matches!(self.decide(ask), Err(ErrorCode::SessionRevoked))
                }
                _ => false,
            };
        }
        match &response.said {
            Said::Done { answer, position, .. } => match &ask.wanted {
                Wanted::Read(reading) => {
                    read(&self.state, (&self.index.log, &self.order), ask.actor, reading, Some(answer))
                        .is_ok_and(|seen| seen == *answer)
                }
                _ => match self.decide(ask) {
                    Ok(Step::Same { answer: same, stream }) => {
                        let place = stream.map(|stream| (stream, self.state.head(stream)));
                        same == *answer && (position.is_none() || *position == place)
                    }
                    _ => false,
                },
            },
            Said::Refused { code, .. } => self.refuses(ask, *code),
            Said::Unknown { .. } => true,
        }
    }

    fn refuses(&self, ask: &Ask<'_>, code: ErrorCode) -> bool {
        let expired = |file: FileId| self.files.expired.contains(&file) && self.state.files.contains_key(&file);
        // A clock that jumps ends the time of an upload that nobody was told of, or takes that back.
        let jumped = |file: FileId| {
            let is_under_way = |file: &File| file.state == FileState::Uploading;
            self.state.files.get(&file).is_some_and(is_under_way)
                && !self.index.troubles().clock_is_true(At(0), At(u64::MAX))
        };
        if code == ErrorCode::NotFound && ask.wanted.file().is_some_and(|file| expired(file) || jumped(file)) {
            // An upload whose time is over is no more, whether it was told to have ended yet or not.
            return true;
        }
        if code == ErrorCode::NotFound && matches!(ask.wanted, Wanted::RevokeSession(_)) {
            // Whose session it is no event tells: another's is not found.
            return true;
        }
        if code == ErrorCode::QuotaExceeded {
            return self.exceeds(ask);
        }
        let decided = match &ask.wanted {
            Wanted::Read(reading) => {
                match read(&self.state, (&self.index.log, &self.order), ask.actor, reading, None) {
                    // In which epoch a stream counted that is gone no log tells.
                    Ok(_) if code == ErrorCode::PositionLost && self.is_of_one_gone(reading) => return true,
                    seen => seen.map(drop),
                }
            }
            _ => match self.decide(ask) {
                // The version that it was made from stood in a header.
                Ok(_) if code == ErrorCode::VersionConflict => return self.may_conflict(&ask.wanted),
                decided => decided.map(drop),
            },
        };
        decided == Err(code)
    }

    fn is_of_one_gone(&self, reading: &Reading) -> bool {
        matches!(reading, Reading::Events(stream, ..) if self.index.log.gone(*stream).is_some())
    }

    /// Whether an upload does not fit into a quota, by the numbers that its refusal gives.
    fn exceeds(&self, ask: &Ask<'_>) -> bool {
        let numbers = match ask.response.as_ref().map(|response| &response.said) {
            Some(Said::Refused { quota: Some(numbers), .. }) => numbers,
            _ => return false,
        };
        let Wanted::CreateUpload(file) = &ask.wanted else { return false };
        let owner = (numbers.scope == QuotaScope::User).then_some(ask.actor.user);
        let taken = self.state.taken(owner, numbers.limit_bytes);
        let right = (taken.used_bytes, taken.reserved_bytes, file.size)
            == (numbers.used_bytes, numbers.reserved_bytes, numbers.asked_bytes);
        let full = taken.used_bytes + taken.reserved_bytes + file.size > numbers.limit_bytes;
        right && full && self.decide(ask).is_ok()
    }

    /// Whether a change can have been made from another version than the one that there is.
    fn may_conflict(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Edit { room, message, version: Version::Untold, .. } => {
                let found = self.state.rooms.get(room).and_then(|room| room.message(*message));
                found.is_some_and(|message| message.version > 1)
            }
            _ => false,
        }
    }

    pub(super) fn decide(&self, ask: &Ask<'_>) -> Result<Step, ErrorCode> {
        // What fits into a quota is asked where its numbers are told.
        let drawn = Drawn { limit_bytes: Some(u64::MAX), ..Drawn::at(Timestamp(0)) };
        decide(&self.state, ask.actor, &ask.wanted, drawn)
    }

    pub(super) fn kept(&self, ask: &Ask<'_>) -> Option<&Kept> {
        self.state.kept.get(&(ask.actor.user, ask.wanted.once()?, ask.key?.to_owned()))
    }
}

fn is_session(wanted: &Wanted) -> bool {
    matches!(wanted, Wanted::Register { .. } | Wanted::CreateUser { .. })
}
