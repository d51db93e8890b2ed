//! `read_status`: a device reads the status that its user chose, over REST (IT-6).

super::looking::looking! {
    /// A look at one's own status.
    ReadStatus, "read_status", "a device reads the status that its user chose over REST", 2, "reads its status over REST", ReadStatus
}
