//! `read_marker`: a device reads how far its user has read a room, and what is unread (PROTOCOL 6, IT-3).

super::reading::reading! {
    /// A look at one's read marker.
    ReadMarker, "read_marker", "a device reads how far its user has read a room, and what is unread", 1, "reads its marker in {} over REST", ReadMarker
}
