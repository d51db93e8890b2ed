//! What a new user sees: that it works, and what to type next.

use system::Config;

/// Prints how to try the server with curl and websocat.
pub(crate) fn print(config: &Config, address: &str) {
    let api = format!("http://{address}/api/v1");
    anstream::println!(
        r#"stormglass serves http://{address} and keeps its data in {directory}

Try it: register a company, open the WebSocket with the token, say hello.

    TOKEN=$(curl -s {api}/auth/register -H 'Content-Type: application/json' \
      -d '{{"company":"Acme","name":"Ana","email":"ana@acme.test","password":"secret-1","device":"shell"}}' \
      | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    curl -s {api}/rooms -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
      -d '{{"name":"general","visibility":"public"}}'
    websocat --protocol stormglass.v1.json -H "Authorization: Bearer $TOKEN" ws://{address}/ws
    {{"type":"hello","id":"1","data":{{"follow":"all"}}}}
"#,
        directory = config.data_directory
    );
}
