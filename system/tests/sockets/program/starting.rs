//! A first start with nothing but defaults, what it prints to try, and what a restart keeps.

use serde_json::{Value, json};
use system::protocol::{API_PREFIX, ServerFrame};

use crate::support::{Program, RawAnswer, RawRequest, Socket, rest_at};

/// All defaults, but for the port: tests run side by side.
const ARGUMENTS: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// A printed curl command, with the token that the shell would put in: what curl would send.
struct Curl {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Curl {
    async fn run(&self, program: &Program) -> RawAnswer {
        let request = RawRequest::new("POST", &self.path).body(&self.body);
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send(program.address).await
    }
}

/// The commands in what was printed, one for each `curl`, read as a shell would.
fn curls(printed: &str, program: &Program, token: &str) -> Vec<Curl> {
    let joined = printed.replace("\\\n", " ").replace("$TOKEN", token);
    joined.lines().filter_map(|line| line.split_once("curl -s ")).map(|(_, command)| curl(command, program)).collect()
}

fn curl(command: &str, program: &Program) -> Curl {
    let (url, rest) = command.split_once(' ').unwrap();
    let path = url.strip_prefix(&format!("http://{}", program.address)).expect("it is this server's URL").to_owned();
    assert!(path.starts_with(API_PREFIX));
    let (mut headers, mut body, mut words) = (Vec::new(), String::new(), words(rest).into_iter());
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "-H" => {
                let header = words.next().unwrap();
                let (name, value) = header.split_once(": ").unwrap();
                headers.push((name.to_owned(), value.to_owned()));
            }
            "-d" => body = words.next().unwrap(),
            "|" | ")" => break,
            other => panic!("what does curl do with {other}?"),
        }
    }
    Curl { path, headers, body }
}

/// Splits at spaces outside of quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in text.chars() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (character, Some(open)) if character == open => quote = None,
            (' ', None) => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(character),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// Does what is printed, line by line; the token and the number of streams that the hello followed.
async fn try_it(program: &Program) -> (String, usize) {
    let printed = program.stdout();
    let registered = curls(&printed, program, "")[0].run(program).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    // What the printed sed cuts out.
    assert_eq!(registered.body.matches(r#""access_token":""#).count(), 1);
    let token = registered.json()["tokens"]["access_token"].as_str().unwrap().to_owned();

    let created = curls(&printed, program, &token)[1].run(program).await;
    assert_eq!((created.status, &created.json()["name"]), (201, &json!("general")), "{created:?}");

    let line = printed.lines().find(|line| line.contains("websocat")).unwrap().replace("$TOKEN", &token);
    let parts = ["websocat", "--protocol", "stormglass.v1.json"].map(str::to_owned).into_iter();
    // websocat's -H would take the URL for one more header, were it not for the equal sign.
    let parts = parts.chain([format!("-H=Authorization: Bearer {token}"), format!("ws://{}/ws", program.address)]);
    assert_eq!(words(line.trim()), parts.collect::<Vec<_>>());
    let mut socket = Socket::open(program.address, &token).await;
    let hello: Value = serde_json::from_str(printed.lines().rfind(|line| line.contains("hello")).unwrap()).unwrap();
    socket.say(hello).await;
    match socket.hear().await {
        ServerFrame::Welcome(Some(id), welcome) if id == "1" => (token, welcome.streams.len()),
        other => panic!("no welcome: {other:?}"),
    }
}

#[tokio::test]
async fn what_it_prints_is_true_and_still_true_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    assert!(program.stdout().contains("keeps its data in stormglass-data\n"));
    assert!(directory.path().join("stormglass-data").is_dir());
    let (token, streams) = try_it(&program).await;
    assert_eq!(streams, 3, "her own, the company's, the room's");
    program.terminate();
    assert!(program.ended().await.success());

    let program = Program::start(directory.path(), &ARGUMENTS).await;
    let rooms = rest_at(program.address).rooms(&token, None).await.expect("a token outlives a restart");
    assert_eq!(rooms.items.len(), 1);
    let (_, streams) = try_it(&program).await;
    assert_eq!(streams, 4, "the same user, and one more room");
}
