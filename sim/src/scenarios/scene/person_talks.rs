//! What people do most, as verbs. Everything else is said with the typed calls of [`Person::rest`].

use system::protocol::{CreateRoom, Message, Role, Room, RoomId, Thread, Visibility};

use super::person::Person;
use super::stop::Stop;

impl Person {
    /// Creates a room.
    ///
    /// # Errors
    /// The server refuses it; so for every verb here.
    pub async fn creates_room(&self, name: &str, visibility: Visibility) -> Result<Room, Stop> {
        let body = CreateRoom { name: name.to_owned(), visibility };
        Ok(self.rest().create_room(&self.token(), &body, &self.scene().new_name()).await?)
    }

    /// Creates a public room with these people in it.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn creates_room_with(&self, name: &str, people: &[&Self]) -> Result<Room, Stop> {
        let room = self.creates_room(name, Visibility::Public).await?;
        for person in people {
            self.adds(person, room.id).await?;
        }
        Ok(room)
    }

    /// Adds somebody to a room.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn adds(&self, person: &Self, room: RoomId) -> Result<(), Stop> {
        Ok(self.rest().add_member(&self.token(), room, person.id()).await?)
    }

    /// Removes somebody from a room.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn removes(&self, person: &Self, room: RoomId) -> Result<(), Stop> {
        Ok(self.rest().remove_member(&self.token(), room, person.id()).await?)
    }

    /// Says something in a room, over REST.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn posts(&self, room: RoomId, body: &str) -> Result<Message, Stop> {
        Ok(self.rest().post_message(&self.token(), room, body, &self.scene().new_name()).await?)
    }

    /// Changes what they said.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn edits(&self, message: &Message, body: &str) -> Result<Message, Stop> {
        Ok(self.rest().edit_message(&self.token(), (message.room, message.id), body, None).await?)
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn deletes(&self, message: &Message) -> Result<(), Stop> {
        self.rest().delete_message(&self.token(), (message.room, message.id), None).await?;
        Ok(())
    }

    /// Opens a thread under a message.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn opens_thread(&self, message: &Message) -> Result<Thread, Stop> {
        Ok(self.rest().open_thread(&self.token(), message.room, message.id, &self.scene().new_name()).await?)
    }

    /// Replies in a thread.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn replies(&self, thread: &Thread, body: &str) -> Result<Message, Stop> {
        let place = (thread.room, thread.id);
        Ok(self.rest().post_reply(&self.token(), place, body, &self.scene().new_name()).await?)
    }

    /// Gives somebody another role.
    ///
    /// # Errors
    /// See [`Person::creates_room`].
    pub async fn makes(&self, person: &Self, role: Role) -> Result<(), Stop> {
        self.rest().change_role(&self.token(), person.id(), role).await?;
        Ok(())
    }
}
