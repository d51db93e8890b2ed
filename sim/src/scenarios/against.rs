//! Real servers to run scenarios on: one of somebody else's, which must be of this version and empty, or one of our own.
//!
//! Nothing is written to a server before all that is known: it is asked for its document, whether it is ready, and for the
//! head of a backup, which says whether anything was ever committed.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use system::Config;
use system::config::Secret;
use system::schema::openapi;
use system::store::backup::BackupReader;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::model::{Metric, MetricKind, Setting};
use super::scene::RealGround;
use crate::load::{Program, ServerError, ServerProcess};

/// How long a server may take to answer a question about itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than the head of a backup has, and far less than a document has.
const HEAD_BYTES: usize = 8 << 10;

/// The token of our own server's operator.
const OWN_TOKEN: &str = "the-operators-own-token";

/// A server on which no scenario can run.
#[derive(Debug, thiserror::Error)]
pub enum AgainstError {
    /// The address is none.
    #[error("`{0}` is no address of a server: expected http://HOST:PORT, or `own` for one of its own")]
    Address(String),
    /// Nobody answers.
    #[error("no server answers at {authority}: {reason}")]
    Down {
        /// Host and port.
        authority: String,
        /// What went wrong.
        reason: String,
    },
    /// It answers something that this server's program does not.
    #[error("what answers at {0} is no server of this kind: it has no openapi.json of Stormglass")]
    Foreign(String),
    /// It is of another version.
    #[error("the server at {authority} is of version {theirs}, and the scenarios are of {ours}")]
    Version {
        /// Host and port.
        authority: String,
        /// Its version.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// It takes no work.
    #[error("the server at {authority} is not ready: it answered /ready with {status}")]
    NotReady {
        /// Host and port.
        authority: String,
        /// What it answered.
        status: u16,
    },
    /// Nobody can see whether it is empty.
    #[error("nobody can see whether the server at {0} is empty without its operator's token")]
    NoToken(String),
    /// The token is not the operator's.
    #[error("the server at {authority} does not take the operator's token: it answered {status}")]
    Token {
        /// Host and port.
        authority: String,
        /// What it answered.
        status: u16,
    },
    /// The file of the token cannot be read.
    #[error("cannot read the operator's token from `{}`: {source}", file.display())]
    TokenFile {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody uses it.
    #[error("the server at {authority} is not empty: {commits} commits were made on it")]
    NotEmpty {
        /// Host and port.
        authority: String,
        /// How many.
        commits: u64,
    },
    /// Our own does not start.
    #[error(transparent)]
    Own(#[from] ServerError),
}

/// A server of somebody else's, of which it is known that it is of this version, ready and empty.
pub(super) async fn somebody_elses(address: &str, token: Option<String>) -> Result<RealGround, AgainstError> {
    let authority = authority(address)?;
    let asks = Asks { authority: authority.clone() };
    let (_, document) = asks.get("/openapi.json", None, usize::MAX).await?;
    let document: Value = serde_json::from_slice(&document).unwrap_or_default();
    let version = |document: &Value| document["info"]["version"].as_str().unwrap_or_default().to_owned();
    let ours = openapi();
    if document["info"]["title"] != ours["info"]["title"] {
        return Err(AgainstError::Foreign(authority));
    }
    if document != ours {
        let (mut theirs, ours) = (version(&document), version(&ours));
        if theirs == ours {
            theirs.push_str(" of another build");
        }
        return Err(AgainstError::Version { authority, theirs, ours });
    }
    let (status, _) = asks.get("/ready", None, HEAD_BYTES).await?;
    if status >= 300 {
        return Err(AgainstError::NotReady { authority, status });
    }
    let Some(token) = token else { return Err(AgainstError::NoToken(authority)) };
    let (status, head) = asks.get("/api/v1/operator/backup", Some(&token), HEAD_BYTES).await?;
    if status != 200 {
        return Err(AgainstError::Token { authority, status });
    }
    let reader = BackupReader::begin(&*head).map_err(|_| AgainstError::Foreign(authority.clone()))?;
    match reader.header().last_commit {
        0 => Ok(RealGround { authority, operator_token: Some(token), feed_directory: None }),
        commits => Err(AgainstError::NotEmpty { authority, commits }),
    }
}

fn authority(address: &str) -> Result<String, AgainstError> {
    let refused = || AgainstError::Address(address.to_owned());
    let authority = address.strip_prefix("http://").map(|rest| rest.trim_end_matches('/')).ok_or_else(refused)?;
    let port = authority.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>()));
    match port {
        Some(Ok(_)) if !authority.contains('/') => Ok(authority.to_owned()),
        _ => Err(refused()),
    }
}

/// Questions about a server.
struct Asks {
    authority: String,
}

impl Asks {
    /// Reads no more of the answer than so many bytes: a backup may be long.
    async fn get(&self, path: &str, token: Option<&str>, most: usize) -> Result<(u16, Vec<u8>), AgainstError> {
        let down = |reason: String| AgainstError::Down { authority: self.authority.clone(), reason };
        let asked = async {
            let stream = TcpStream::connect(&self.authority).await.map_err(|error| error.to_string())?;
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
            let carrier = tokio::spawn(async move { drop(connection.await) });
            let mut request = http::Request::builder().uri(path).header(HOST, &self.authority);
            if let Some(token) = token {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
            let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
            let (status, mut body, mut bytes) = (answer.status().as_u16(), answer.into_body(), Vec::new());
            while bytes.len() < most
                && let Some(frame) = body.frame().await
            {
                bytes.extend(frame.map_err(|error| error.to_string())?.into_data().unwrap_or_default());
            }
            carrier.abort();
            Ok((status, bytes))
        };
        match timeout(PATIENCE, asked).await {
            Ok(answer) => answer.map_err(down),
            Err(_) => Err(down(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
}

/// The program of our own servers, and the one that most scenarios run on.
#[derive(Debug)]
pub(super) struct OwnServers {
    program: Program,
    main: OwnServer,
}

/// A server of our own, in a process of its own. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct OwnServer {
    process: ServerProcess,
    pub(super) ground: Arc<RealGround>,
    /// What it held when it had just started.
    baseline_bytes: u64,
    _feed: TempDir,
}

impl OwnServers {
    /// Builds the program, and starts the server that most scenarios run on.
    pub(super) fn start() -> Result<Self, AgainstError> {
        let program = Program::build()?;
        let main = OwnServer::start(&program, None)?;
        Ok(Self { program, main })
    }

    /// The one that most scenarios run on.
    pub(super) fn main(&self) -> &OwnServer {
        &self.main
    }

    /// One with settings of its own, for one scenario.
    pub(super) fn with(&self, setting: Setting) -> Result<OwnServer, AgainstError> {
        OwnServer::start(&self.program, Some(setting))
    }
}

impl OwnServer {
    fn start(program: &Program, setting: Option<Setting>) -> Result<Self, AgainstError> {
        let feed = tempfile::tempdir().map_err(ServerError::from)?;
        let mut config = Config::default();
        config.operator.token = Secret::new(OWN_TOKEN);
        config.feed.directory = feed.path().to_string_lossy().into_owned();
        if let Some(setting) = setting {
            setting(&mut config);
        }
        let process = program.start_with(&config)?;
        let ground = RealGround {
            authority: process.address.to_string(),
            operator_token: Some(OWN_TOKEN.to_owned()),
            feed_directory: Some(feed.path().to_owned()),
        };
        let baseline_bytes = process.memory_bytes()?;
        Ok(Self { process, ground: Arc::new(ground), baseline_bytes, _feed: feed })
    }

    /// The processor time that it has used so far.
    pub(super) fn processor_time(&self) -> Option<Duration> {
        self.process.processor_time().ok()
    }

    /// What it holds beyond what it held when it had just started, and how busy it was since then.
    pub(super) fn figures(&self, used_before: Option<Duration>, elapsed: Duration) -> Vec<Metric> {
        let at_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let memory = self.process.memory_bytes().ok().map(|bytes| {
            let more = bytes.saturating_sub(self.baseline_bytes);
            let metric = Metric::new(MetricKind::Memory, "server", more as f64, at_ms);
            metric.with("baseline_bytes", self.baseline_bytes)
        });
        let processor = used_before.zip(self.processor_time()).map(|(before, after)| {
            let busy = after.saturating_sub(before).as_secs_f64() / elapsed.as_secs_f64().max(0.001);
            Metric::new(MetricKind::Cpu, "server", busy * 100.0, at_ms)
        });
        memory.into_iter().chain(processor).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        assert_eq!(authority("http://127.0.0.1:7440/").ok().as_deref(), Some("127.0.0.1:7440"));
        for wrong in ["127.0.0.1:7440", "https://x:1", "http://x", "http://:1", "http://x:1/api", "http://x:port"] {
            assert!(matches!(authority(wrong), Err(AgainstError::Address(_))), "{wrong}");
        }
    }
}
