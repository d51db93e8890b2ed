//! `read_members`: a device reads who is in a room over REST (PROTOCOL 6, IT-3).

super::reading::reading! {
    /// A look at a room's members.
    ReadMembers, "read_members", "a device reads who is in a room over REST", 1, "reads the members of {} over REST", ReadMembers
}
