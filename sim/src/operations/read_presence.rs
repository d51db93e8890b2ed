//! `read_presence`: a device reads who of the company is there, over REST (IT-6).

super::looking::looking! {
    /// A look at who is there.
    ReadPresence, "read_presence", "a device reads who of the company is there over REST", 2, "reads who is there over REST", ReadPresence
}
