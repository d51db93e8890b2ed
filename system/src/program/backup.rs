//! `stormglass backup`: of a data directory at rest, or of a running server.

use std::path::Path;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::backup_file::BackupFile;
use super::data_directory;
use super::failure::Failure;
use crate::Config;
use crate::platform::{OsPlatform, Platform};
use crate::protocol::{API_PREFIX, Problem};
use crate::store::Newest;
use crate::store::backup::{Contents, Dump};

/// How long a server may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most of a problem body that is read.
const PROBLEM_BYTES: usize = 64 << 10;

/// Backs up a data directory that no server has open.
pub(super) fn of_directory(config: &Config, to: &Path) -> Result<(), Failure> {
    let directory = config.data_directory.clone();
    let mut file = BackupFile::create(to)?;
    let database = data_directory::open(config).map_err(|failure| match data_directory::is_in_use(&failure) {
        true => Failure::BackupInUse { directory: directory.clone() },
        false => failure,
    })?;
    let store = |source| Failure::Store { directory: directory.clone(), source };
    let now = OsPlatform::new(&directory).now();
    let mut dump = Dump::new(Newest::open(&database).map_err(store)?.view(), now);
    while let Some(piece) = dump.next_piece().map_err(store)? {
        file.write(&piece)?;
    }
    tell(&file.finish()?, to);
    Ok(())
}

/// Backs up a running server, as its operator.
pub(super) fn of_server(config: &Config, server: &str, to: &Path) -> Result<(), Failure> {
    let failed = |problem: String| Failure::Server { server: server.to_owned(), problem };
    if config.operator.token.is_empty() {
        return Err(failed(
            "a backup needs the operator's token: set operator.token_file, here as for the server".into(),
        ));
    }
    let mut file = BackupFile::create(to)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let mut body = ask(config.operator.token.reveal(), server).await.map_err(failed)?;
        loop {
            let frame = timeout(PATIENCE, body.frame()).await.map_err(|_| failed("it fell silent".into()))?;
            let Some(frame) = frame else { return Ok::<_, Failure>(()) };
            let frame = frame.map_err(|error| failed(format!("it broke off: {error}")))?;
            if let Some(data) = frame.data_ref() {
                file.write(data)?;
            }
        }
    })?;
    tell(&file.finish()?, to);
    Ok(())
}

/// The body of the server's backup, or what is wrong.
async fn ask(token: &str, server: &str) -> Result<Incoming, String> {
    let answered = async {
        let stream = TcpStream::connect(server).await.map_err(|error| format!("it does not answer: {error}"))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| format!("it speaks no HTTP: {error}"))?;
        tokio::spawn(connection);
        let request = Request::get(format!("{API_PREFIX}/operator/backup"))
            .header(HOST, server)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(Empty::<Bytes>::new())
            .map_err(|error| format!("it cannot be asked: {error}"))?;
        sender.send_request(request).await.map_err(|error| format!("it did not answer: {error}"))
    };
    let answer = timeout(PATIENCE, answered).await.map_err(|_| "it did not answer in time".to_owned())??;
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(answer.into_body());
    }
    let body = Limited::new(answer.into_body(), PROBLEM_BYTES).collect().await;
    let problem = body.ok().and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
    Err(problem
        .map_or_else(|| format!("it answered {status}"), |problem| format!("{}: {}", problem.title, problem.detail)))
}

fn tell(contents: &Contents, to: &Path) {
    use std::io::Write;
    let Contents { header, rows, bytes } = contents;
    let (to, event) = (to.display(), header.last_commit);
    // The backup is there, whoever reads this.
    let _ = writeln!(
        anstream::stdout(),
        "{to}: {rows} rows in {bytes} bytes, up to event {event}, read back and checked\n\
         to put it into a new directory: stormglass restore --from {to} --data-directory DIRECTORY"
    );
}
