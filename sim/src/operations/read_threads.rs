//! `read_threads`: a device reads a room's threads over REST (PROTOCOL 6, IT-3).

super::reading::reading! {
    /// A look at a room's threads.
    ReadThreads, "read_threads", "a device reads a room's threads over REST", 1, "reads the threads of {} over REST", ReadThreads
}
