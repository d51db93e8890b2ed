//! What a new user sees: that it works, and what to type next.

use std::io::Write;

use crate::Config;

/// Prints how to try the server with curl and websocat.
///
/// The lines work again after a restart: the idempotency key makes the second registration a repeat of the first.
pub(crate) fn print(config: &Config, address: &str) {
    let api = format!("http://{address}/api/v1");
    let text = format!(
        r#"stormglass serves http://{address} and keeps its data in {directory}

Try it: register a company, open the WebSocket with the token, say hello.

    TOKEN=$(curl -s {api}/auth/register -H 'Content-Type: application/json' -H 'Idempotency-Key: try' \
      -d '{{"company":"Acme","name":"Ana","email":"ana@acme.test","password":"secret-1","device":"shell"}}' \
      | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    curl -s {api}/rooms -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
      -d '{{"name":"general","visibility":"public"}}'
    websocat --protocol stormglass.v1.json -H="Authorization: Bearer $TOKEN" ws://{address}/ws
    {{"type":"hello","id":"1","data":{{"follow":"all"}}}}

The server pings every {heartbeat_s} s. Whoever stays silent for {silence_s} s is disconnected: answer with

    {{"type":"pong"}}

All that there is to say: http://{address}/docs
"#,
        directory = config.data_directory,
        heartbeat_s = config.websocket.heartbeat_ms / 1_000,
        silence_s = config.websocket.silence_ms / 1_000,
    );
    // Whoever started the server may not want to read this; the server is none the worse for it.
    let _ = writeln!(anstream::stdout(), "{text}");
}
