//! `read_files`: a device reads which files a room has (PROTOCOL 6, IT-3).

super::reading::reading! {
    /// A look at a room's files.
    ReadFiles, "read_files", "a device reads which files a room has", 1, "reads the files of {} over REST", ReadFiles
}
