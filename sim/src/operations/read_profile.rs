//! `read_profile`: a device reads its own user over REST (IT-2).

super::looking::looking! {
    /// A look at one's own user.
    ReadProfile, "read_profile", "a device reads its own user over REST", 1, "reads its profile over REST", ReadProfile
}
