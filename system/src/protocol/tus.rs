//! The words of the tus 1.0 protocol (<https://tus.io/protocols/resumable-upload>) that the server and its client share:
//! header names, the metadata of an upload, checksums of bodies.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha256;

use super::{FieldError, NewFile};

/// The only version of the protocol that is spoken here.
pub const TUS_VERSION: &str = "1.0.0";

/// Its extensions that are spoken here.
pub const TUS_EXTENSIONS: &str = "creation,creation-with-upload,checksum,expiration,termination";

/// The algorithms that an `Upload-Checksum` may name.
pub const TUS_CHECKSUM_ALGORITHMS: &str = "sha1,sha256,crc32";

/// The media type of a body with bytes of an upload.
pub const TUS_CONTENT_TYPE: &str = "application/offset+octet-stream";

const NAME: &str = "filename";
const CONTENT_TYPE: &str = "filetype";
const ROOM: &str = "room";

/// What a file is when nobody says it.
const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

impl NewFile {
    /// Reads an `Upload-Metadata` header: pairs of a key and a Base64 value, `filename`, `filetype` and `room`.
    ///
    /// # Errors
    /// A key that is unknown or comes twice, a value that is not Base64 or not of its kind, no `filename`.
    pub fn from_metadata(metadata: &str, size: u64) -> Result<Self, FieldError> {
        let wrong = |field: &str, message: &str| FieldError { field: field.to_owned(), message: message.to_owned() };
        let (mut name, mut content_type, mut room) = (None, None, None);
        for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let value = value.ok_or_else(|| wrong(key, "must be Base64 of UTF-8"))?;
            let place = match key {
                NAME => &mut name,
                CONTENT_TYPE => &mut content_type,
                ROOM => &mut room,
                _ => return Err(wrong(key, "is unknown: Upload-Metadata has filename, filetype and room")),
            };
            if place.replace(value).is_some() {
                return Err(wrong(key, "comes twice"));
            }
        }
        Ok(Self {
            name: name.ok_or_else(|| wrong(NAME, "is missing in Upload-Metadata"))?,
            content_type: content_type
                .filter(|content_type| !content_type.is_empty())
                .unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
            room: match room {
                Some(room) => Some(room.parse().map_err(|_| wrong(ROOM, "must be the identifier of a room"))?),
                None => None,
            },
            size,
        })
    }

    /// The header that [`NewFile::from_metadata`] reads.
    pub fn to_metadata(&self) -> String {
        let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
        let mut pairs = vec![pair(NAME, &self.name), pair(CONTENT_TYPE, &self.content_type)];
        pairs.extend(self.room.map(|room| pair(ROOM, &room.to_string())));
        pairs.join(",")
    }
}

/// An `Upload-Checksum`: what the bytes of a body must add up to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checksum {
    algorithm: Algorithm,
    digest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Sha1,
    Sha256,
    Crc32,
}

/// An `Upload-Checksum` that cannot be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChecksumError {
    /// Its algorithm is none of ours.
    #[error("the algorithm of Upload-Checksum is not supported: use {TUS_CHECKSUM_ALGORITHMS}")]
    Unsupported,
    /// It is no algorithm and a Base64 digest of its length.
    #[error("Upload-Checksum is an algorithm, a space, and the digest in Base64")]
    Malformed,
}

impl Checksum {
    /// The SHA-256 of `bytes`.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self { algorithm: Algorithm::Sha256, digest: Algorithm::Sha256.digest(bytes) }
    }

    /// Whether these are the bytes.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.algorithm.digest(bytes) == self.digest
    }
}

impl std::fmt::Display for Checksum {
    /// As the header has it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.algorithm {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Crc32 => "crc32",
        };
        write!(formatter, "{name} {}", STANDARD.encode(&self.digest))
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(header: &str) -> Result<Self, ChecksumError> {
        let (name, digest) = header.trim().split_once(' ').ok_or(ChecksumError::Malformed)?;
        let algorithm = match name {
            "sha1" => Algorithm::Sha1,
            "sha256" => Algorithm::Sha256,
            "crc32" => Algorithm::Crc32,
            _ => return Err(ChecksumError::Unsupported),
        };
        let digest = STANDARD.decode(digest.trim()).map_err(|_| ChecksumError::Malformed)?;
        if digest.len() != algorithm.digest(b"").len() {
            return Err(ChecksumError::Malformed);
        }
        Ok(Self { algorithm, digest })
    }
}

impl Algorithm {
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        use sha2::Digest;
        match self {
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Crc32 => crc32fast::hash(bytes).to_be_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_survives_the_wire() {
        let file = NewFile {
            name: "Ünïcode, with comma.txt".to_owned(),
            content_type: "text/plain; charset=utf-8".to_owned(),
            room: Some("01890000-0000-7000-8000-000000000001".parse().unwrap()),
            size: 7,
        };
        assert_eq!(NewFile::from_metadata(&file.to_metadata(), 7), Ok(file));
        let plain = NewFile::from_metadata(" filename YQ== ", 0).unwrap();
        assert_eq!((plain.name.as_str(), plain.content_type.as_str()), ("a", DEFAULT_CONTENT_TYPE));
    }

    #[test]
    fn wrong_metadata_is_named() {
        let check = |metadata: &str, field: &str, hint: &str| {
            let error = NewFile::from_metadata(metadata, 0).unwrap_err();
            assert_eq!(error.field, field, "{metadata}");
            assert!(error.message.contains(hint), "{metadata}: {}", error.message);
        };
        check("", "filename", "missing");
        check("filename !", "filename", "Base64");
        check("filename /w==", "filename", "UTF-8");
        check("filename YQ==,filename YQ==", "filename", "twice");
        check("filename YQ==,mood YQ==", "mood", "unknown");
        check("filename YQ==,room YQ==", "room", "identifier");
    }

    #[test]
    fn checksums_are_those_of_the_protocols_own_example_and_of_common_tools() {
        let checksum = |text: &str| text.parse::<Checksum>();
        assert!(checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").unwrap().matches(b"hello world"));
        assert!(checksum("crc32 DUoRhQ==").unwrap().matches(b"hello world"));
        let sha256 = Checksum::sha256(b"hello world");
        assert_eq!(sha256.to_string(), "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
        assert_eq!(checksum(&sha256.to_string()), Ok(sha256.clone()));
        assert!(!sha256.matches(b"hello World"));
        assert_eq!(checksum("md5 XrY7u+Ae7tCTyyK7j1rNww=="), Err(ChecksumError::Unsupported));
        for malformed in ["", "sha1", "sha1 !", "sha1 YQ=="] {
            assert_eq!(checksum(malformed), Err(ChecksumError::Malformed), "{malformed}");
        }
    }
}
