//! Files of a scene, uploaded and read as an honest server lets them be. Lengths are what counts: bytes have no place in a
//! trace.

use std::collections::BTreeMap;

use system::client::{ToldCreation, ToldPiece, ToldRange};
use system::protocol::{
    ChunkStored, EventBody, File, FileDeleted, FileFailed, FileFailure, FileId, FileState, NewFile, Quota, ServerFrame,
    StreamId, UserId,
};

use super::Scene;
use crate::telling::user_of;
use crate::trace::Observation;

/// What a user may keep, and all together.
pub(crate) const LIMIT_BYTES: u64 = 1_000_000;

/// The number of a chunk in a binary frame.
const REQUEST: u32 = 77;

impl Scene {
    /// A device uploads a file at once; the file as it is complete.
    pub(crate) fn uploads(&mut self, device: &str, room: Option<&str>, name: &str, size: u64) -> File {
        let file = self.creates_upload(device, room, name, size);
        self.continues(device, &file, 0, size, size);
        self.completes(&file)
    }

    /// A device creates an upload, of which the history knows the content.
    pub(crate) fn creates_upload(&mut self, device: &str, room: Option<&str>, name: &str, size: u64) -> File {
        self.is_made_of(name, 0, size, &format!("<{size} bytes, sha256 of {name}>"));
        let room = room.map(|room| self.room(room));
        let new = NewFile { name: name.into(), content_type: "a/b".into(), room, size };
        let told = serde_json::to_string(&ToldCreation { file: new, bytes: 0 }).unwrap();
        let request = self.asks(device, "POST", "/api/v1/files", Some(name), &told);
        let file = File {
            id: FileId(self.uuid()),
            owner: self.user(user_of(device)),
            company: self.the_company().id,
            room,
            name: name.into(),
            content_type: "a/b".into(),
            size,
            offset: 0,
            state: FileState::Uploading,
            created_at: self.now(),
            expires_at: Some(self.now().plus_ms(60_000)),
            completed_at: None,
        };
        self.tells_of(
            user_of(device),
            file.owner,
            vec![(StreamId::User(file.owner), EventBody::FileCreated(file.clone()))],
        );
        self.answers(device, request, 201, &file);
        file
    }

    /// A device sends bytes of an upload in a request; the server says that the upload is `told` far then.
    pub(crate) fn continues(&mut self, device: &str, file: &File, offset: u64, bytes: u64, told: u64) {
        let piece = serde_json::to_string(&ToldPiece { offset, bytes }).unwrap();
        let request = self.asks(device, "PATCH", &format!("/api/v1/files/{}", file.id), None, &piece);
        self.says_offset(device, request, told);
        self.observe(Observation::Answered { device: device.into(), request, status: 204, body: "".into() });
    }

    /// A device asks where an upload is.
    pub(crate) fn asks_upload(&mut self, device: &str, file: &File, told: u64) {
        let request = self.asks(device, "HEAD", &format!("/api/v1/files/{}", file.id), None, "");
        self.says_offset(device, request, told);
        self.observe(Observation::Answered { device: device.into(), request, status: 200, body: "".into() });
    }

    /// A device sends a chunk in a binary frame.
    pub(crate) fn sends_chunk(&mut self, device: &str, file: &File, offset: u64, bytes: u64) {
        let (connection, file) = (self.devices[device].connection, file.id);
        self.observe(Observation::ChunkSent {
            device: device.into(),
            connection,
            request: REQUEST,
            file,
            offset,
            bytes,
        });
    }

    /// The server acknowledges it.
    pub(crate) fn stores_chunk(&mut self, device: &str, file: &File, offset: u64) {
        let stored = ChunkStored { file: file.id, offset };
        self.receives(device, ServerFrame::ChunkStored(Some(REQUEST.to_string()), stored));
    }

    /// All bytes of an upload are there.
    pub(crate) fn completes(&mut self, file: &File) -> File {
        let completed_at = Some(self.now());
        let (state, offset) = (FileState::Complete, file.size);
        let file = File { state, offset, expires_at: None, completed_at, ..file.clone() };
        let owner = self.name_of(file.owner);
        let body = || EventBody::FileCompleted(file.clone());
        let room = file.room.map(|room| (StreamId::Room(room), body()));
        let bodies = [Some((StreamId::User(file.owner), body())), room].into_iter().flatten().collect();
        self.tells_of(&owner, file.owner, bodies);
        file
    }

    /// A device deletes a file, or ends an upload.
    pub(crate) fn deletes_file(&mut self, device: &str, file: &File) {
        let request = self.asks(device, "DELETE", &format!("/api/v1/files/{}", file.id), None, "");
        let by = user_of(device).to_owned();
        let deleted = FileDeleted { file: file.id, room: file.room, deleted_by: self.user(&by) };
        let own = StreamId::User(file.owner);
        let bodies = match (file.state, file.room) {
            (FileState::Uploading, _) => {
                vec![(own, EventBody::FileFailed(FileFailed { file: file.id, reason: FileFailure::Terminated }))]
            }
            (FileState::Complete, None) => vec![(own, EventBody::FileDeleted(deleted))],
            (FileState::Complete, Some(room)) => {
                vec![(StreamId::Room(room), EventBody::FileDeleted(deleted)), (own, EventBody::FileDeleted(deleted))]
            }
        };
        self.tells_of(&by, file.owner, bodies);
        self.observe(Observation::Answered { device: device.into(), request, status: 204, body: "".into() });
    }

    /// A device reads all of a file.
    pub(crate) fn downloads(&mut self, device: &str, file: &File, described: &str) {
        self.reads_content(device, file, 200, "", described);
    }

    /// A device reads a range of a file.
    pub(crate) fn downloads_range(&mut self, device: &str, file: &File, from: u64, to: u64, described: &str) {
        let range = serde_json::to_string(&ToldRange { from, to }).unwrap();
        self.reads_content(device, file, 206, &range, described);
    }

    /// The history knows what a part of a file is made of.
    pub(crate) fn is_made_of(&mut self, file: &str, from: u64, to: u64, described: &str) {
        self.observe(Observation::Content { file: file.into(), from, to, described: described.into() });
    }

    fn reads_content(&mut self, device: &str, file: &File, status: u16, range: &str, described: &str) {
        let request = self.asks(device, "GET", &format!("/api/v1/files/{}/content", file.id), None, range);
        self.observe(Observation::Answered { device: device.into(), request, status, body: described.into() });
    }

    fn says_offset(&mut self, device: &str, request: u32, offset: u64) {
        self.observe(Observation::UploadOffset { device: device.into(), request, offset });
    }

    /// Commits what happens to files of a user, and the quota that it leaves them.
    fn tells_of(&mut self, by: &str, owner: UserId, mut bodies: Vec<(StreamId, EventBody)>) {
        let own = StreamId::User(owner);
        let logged = self.logs.get(&own).into_iter().flatten().map(|event| &event.body);
        let all = logged.chain(bodies.iter().filter(|(stream, _)| *stream == own).map(|(_, body)| body));
        let mut files = BTreeMap::new();
        for body in all {
            match body {
                EventBody::FileCreated(file) | EventBody::FileCompleted(file) => {
                    files.insert(file.id, (file.state, file.size));
                }
                EventBody::FileFailed(failed) => drop(files.remove(&failed.file)),
                EventBody::FileDeleted(deleted) => drop(files.remove(&deleted.file)),
                _ => {}
            }
        }
        let taken = |wanted| files.values().filter(|(state, _)| *state == wanted).map(|(_, size)| size).sum();
        let (used_bytes, reserved_bytes) = (taken(FileState::Complete), taken(FileState::Uploading));
        let quota = Quota { limit_bytes: LIMIT_BYTES, used_bytes, reserved_bytes };
        bodies.push((own, EventBody::QuotaUpdated(quota)));
        self.commit(by, bodies);
    }

    fn name_of(&self, user: UserId) -> String {
        let named = self.users.iter().find(|(_, known)| known.id == user);
        named.map(|(name, _)| name.clone()).expect("the scene has the user")
    }
}
