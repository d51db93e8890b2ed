//! `stormglass health`: asks a server whether it is ready, for health checks of containers that have no curl.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::failure::Failure;

/// Longer than a healthy server needs, shorter than what container engines wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `/ready` of the server at `listen`; an address for all interfaces means this machine.
pub(super) fn run(listen: &str) -> Result<(), Failure> {
    let server = listen.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    let asked = runtime.block_on(async { timeout(PATIENCE, ask(&server)).await });
    let not_ready = |problem: String| Failure::NotReady { server: server.clone(), problem };
    match asked {
        Err(_) => Err(not_ready(format!("it said nothing for {} seconds", PATIENCE.as_secs()))),
        Ok(Err(error)) => Err(not_ready(error.to_string())),
        Ok(Ok(status)) if status == "204" => Ok(()),
        Ok(Ok(status)) => Err(not_ready(format!("it answers {status}"))),
    }
}

/// The status of the answer.
async fn ask(server: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    // The status line is at the very beginning: "HTTP/1.1 204 ".
    let mut line = [0; 13];
    stream.read_exact(&mut line).await?;
    Ok(String::from_utf8_lossy(&line[9..12]).into_owned())
}
