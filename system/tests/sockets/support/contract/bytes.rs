//! HTTP/1.1 messages and WebSocket frames, taken out of bytes as these pass.

use std::collections::BTreeMap;

/// Bytes of one direction that are not understood yet.
#[derive(Default)]
pub struct Bytes(Vec<u8>);

/// The head of a message.
#[derive(Debug)]
pub struct Head {
    /// The first line, in three parts.
    pub line: [String; 3],
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
}

/// How a body ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl Bytes {
    pub fn extend(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// The next head, once it is whole. `Err`: these bytes are no HTTP.
    pub fn head(&mut self) -> Result<Option<Head>, ()> {
        let Some(end) = find(&self.0, b"\r\n\r\n") else { return Ok(None) };
        let head: Vec<u8> = self.0.drain(..end + 4).collect();
        let text = std::str::from_utf8(&head[..end]).map_err(drop)?;
        let mut lines = text.split("\r\n");
        let mut line = lines.next().unwrap_or_default().splitn(3, ' ').map(str::to_owned);
        let line = [line.next(), line.next(), line.next()].map(Option::unwrap_or_default);
        let mut headers = BTreeMap::new();
        for header in lines {
            let (name, value) = header.split_once(':').ok_or(())?;
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        Ok(Some(Head { line, headers }))
    }

    /// The body, once it is whole.
    pub fn body(&mut self, length: Length) -> Option<Vec<u8>> {
        match length {
            Length::UntilClosed => None,
            Length::Known(length) => (self.0.len() >= length).then(|| self.0.drain(..length).collect()),
            Length::Chunked => {
                let (mut at, mut body) = (0, Vec::new());
                loop {
                    let end = at + find(&self.0[at..], b"\r\n")?;
                    let size = std::str::from_utf8(&self.0[at..end]).ok()?;
                    let size = usize::from_str_radix(size.trim(), 16).ok()?;
                    let data = end + 2;
                    body.extend(self.0.get(data..data + size)?);
                    at = data + size + 2;
                    if self.0.len() < at {
                        return None;
                    }
                    if size == 0 {
                        self.0.drain(..at);
                        return Some(body);
                    }
                }
            }
        }
    }

    /// The next WebSocket frame of a server, once it is whole: its opcode and payload.
    pub fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (first, second) = (*self.0.first()?, *self.0.get(1)?);
        let (length, start) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes(self.0.get(2..4)?.try_into().ok()?)), 4),
            127 => (usize::try_from(u64::from_be_bytes(self.0.get(2..10)?.try_into().ok()?)).ok()?, 10),
            short => (usize::from(short), 2),
        };
        if self.0.len() < start + length {
            return None;
        }
        let frame: Vec<u8> = self.0.drain(..start + length).collect();
        Some((first & 0x0f, frame[start..].to_vec()))
    }
}

impl Head {
    /// How the body that follows ends; `none` without a word about it.
    pub fn length(&self, none: Length) -> Length {
        if self.headers.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            return Length::Chunked;
        }
        self.headers.get("content-length").and_then(|length| length.parse().ok()).map_or(none, Length::Known)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
