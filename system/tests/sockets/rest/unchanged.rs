//! A company that watches over itself: whatever is refused must have changed nothing.

use std::collections::BTreeMap;

use system::protocol::{EventPage, Role, Room, Snapshot, StreamId, Visibility};

use crate::support::{Company, LiveServer, Person, whole_state};

/// A company with a member, a guest and a room of all three, and what it looked like when it was made.
pub struct Unchanged {
    pub company: Company,
    pub member: Person,
    pub guest: Person,
    pub room: Room,
    before: BTreeMap<StreamId, (Snapshot, EventPage)>,
}

impl Unchanged {
    pub async fn on(server: &LiveServer) -> Self {
        let company = Company::register(server.address, "acme").await;
        let member = company.hire("mia", Role::Member).await;
        let guest = company.hire("gus", Role::Guest).await;
        let room = company.room("general", Visibility::Private, &[&member, &guest]).await;
        company.post(room.id, "the first message").await;
        let before = whole_state(&company.rest, company.owner.token(), company.stream()).await.unwrap();
        Self { company, member, guest, room, before }
    }

    /// Nothing is other than it was, in any stream.
    pub async fn check(&self) {
        let after = whole_state(&self.company.rest, self.company.owner.token(), self.company.stream()).await.unwrap();
        assert_eq!(after, self.before);
    }

    /// The path of the room's messages.
    pub fn messages(&self) -> String {
        format!("/rooms/{}/messages", self.room.id)
    }
}
