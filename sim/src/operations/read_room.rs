//! `read_room`: a device reads a room's messages over REST (PROTOCOL 6, IT-3).

super::reading::reading! {
    /// A look at a room's messages.
    ReadRoom, "read_room", "a device reads a room's messages over REST", 6, "reads {} over REST", ReadMessages
}
