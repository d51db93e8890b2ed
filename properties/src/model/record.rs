//! What an event changes of the state. Whether it may was asked before.
//!
//! What several streams tell alike is taken from one of them: users from the company's, rooms from their own, files from
//! their owner's.

use system::protocol::{Event, EventBody, StreamId};

use super::answer::without_progress;
use super::state::{RoomState, State};

impl State {
    /// Takes an event into the state.
    pub(super) fn record(&mut self, event: &Event) {
        self.heads.insert(event.stream, event.seq);
        match event.stream {
            StreamId::Company(_) => self.record_of_company(&event.body),
            StreamId::Room(room) => match &event.body {
                EventBody::RoomCreated(created) => drop(self.rooms.insert(room, RoomState::new(created.clone()))),
                EventBody::RoomDeleted(_) => {
                    self.rooms.remove(&room);
                    self.heads.remove(&event.stream);
                }
                body => {
                    if let Some(room) = self.rooms.get_mut(&room) {
                        room.record(body);
                    }
                }
            },
            StreamId::User(_) => self.record_of_user(&event.body, event),
        }
    }

    fn record_of_company(&mut self, body: &EventBody) {
        match body {
            EventBody::CompanyCreated(company) => self.company = Some(company.clone()),
            EventBody::UserCreated(user) | EventBody::UserUpdated(user) => {
                self.users.insert(user.id, user.clone());
            }
            _ => {}
        }
    }

    fn record_of_user(&mut self, body: &EventBody, event: &Event) {
        match body {
            EventBody::ReadUpdated(marker) => {
                if let (StreamId::User(user), Some(room)) = (event.stream, self.rooms.get_mut(&marker.room)) {
                    room.read.insert(user, marker.seq);
                }
            }
            EventBody::StatusUpdated(chosen) => drop(self.statuses.insert(chosen.user, chosen.clone())),
            EventBody::SessionRevoked(revoked) => drop(self.revoked.insert(revoked.session)),
            EventBody::FileCreated(file) | EventBody::FileCompleted(file) => {
                self.files.insert(file.id, without_progress(file.clone()));
            }
            EventBody::FileFailed(failed) => drop(self.files.remove(&failed.file)),
            EventBody::FileDeleted(deleted) => drop(self.files.remove(&deleted.file)),
            EventBody::QuotaUpdated(quota) => self.user_limit_bytes = Some(quota.limit_bytes),
            _ => {}
        }
    }
}

impl RoomState {
    fn record(&mut self, body: &EventBody) {
        match body {
            EventBody::RoomUpdated(room) => self.room = room.clone(),
            EventBody::MemberAdded(member) => drop(self.members.insert(member.user, member.clone())),
            EventBody::MemberRemoved(removed) => {
                self.members.remove(&removed.user);
                // The marker belongs to the membership.
                self.read.remove(&removed.user);
            }
            EventBody::MessageCreated(message) => {
                self.places.insert(message.id, message.seq);
                if let Some(thread) = message.thread {
                    self.followers.entry(thread).or_default().insert(message.author);
                }
                self.messages.insert(message.seq, message.clone());
            }
            EventBody::MessageUpdated(message) | EventBody::MessageDeleted(message) => {
                self.messages.insert(message.seq, message.clone());
            }
            EventBody::ThreadOpened(thread) => {
                let author = self.message(thread.root).map(|root| root.author);
                let followers = author.into_iter().chain([thread.opened_by]).collect();
                self.followers.insert(thread.id, followers);
                self.threads.insert(thread.id, thread.clone());
            }
            EventBody::ThreadUpdated(thread) => drop(self.threads.insert(thread.id, thread.clone())),
            _ => {}
        }
    }
}
