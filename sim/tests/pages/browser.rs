//! A headless Chromium, driven over its own protocol: real keys, real sizes, real colours.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A browser that has hung is no reason to wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing that a browser does for its own sake, and nothing that needs a screen, a user or more than this machine.
const QUIETLY: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--password-store=basic",
    "--remote-debugging-port=0",
];

/// One browser with one page. It ends when it is dropped.
pub struct Browser {
    child: Child,
    _profile: tempfile::TempDir,
    socket: WebSocketStream<TcpStream>,
    session: String,
    commands: u64,
}

/// What a page is looked at with.
#[derive(Clone, Copy)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
    pub is_dark: bool,
    pub is_phone: bool,
}

impl Browser {
    /// Starts one.
    pub async fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(QUIETLY).arg(format!("--user-data-dir={}", profile.path().display()));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("the browser can be started");
        let port_file = profile.path().join("DevToolsActivePort");
        let told = timeout(PATIENCE, async {
            loop {
                if let Ok(text) = std::fs::read_to_string(&port_file)
                    && let Some((port, path)) = text.split_once('\n')
                {
                    return (port.to_owned(), path.trim().to_owned());
                }
                sleep(Duration::from_millis(50)).await;
            }
        });
        let (port, path) = told.await.expect("the browser says where it listens");
        let address = format!("127.0.0.1:{port}");
        let stream = TcpStream::connect(&address).await.expect("the browser listens");
        let url = format!("ws://{address}{path}");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("the browser talks");
        let mut browser = Self { child, _profile: profile, socket, session: String::new(), commands: 0 };
        let target = browser.command("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.command("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().expect("a session").to_owned();
        browser.command("Page.enable", json!({})).await;
        browser
    }

    /// Opens a file on this screen, and waits until it is there.
    pub async fn open(&mut self, file: &Path, screen: Screen) {
        let Screen { width, height, is_dark, is_phone } = screen;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.command("Emulation.setEmulatedMedia", features).await;
        self.command("Page.navigate", json!({"url": format!("file://{}", file.display())})).await;
        self.wait_for("performance.getEntriesByName('interactive').length === 1").await;
    }

    /// What an expression is.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let told = self.command("Runtime.evaluate", asked).await;
        assert!(told.get("exceptionDetails").is_none(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub async fn wait_for(&mut self, expression: &str) {
        let wait = async {
            while self.evaluate(expression).await != Value::Bool(true) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("it never came to be: {expression}"));
    }

    /// Presses a key that has a letter, and lets it go.
    pub async fn press(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        let text = if key == "Enter" { "\r" } else { text };
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "ArrowDown" => 40,
            "ArrowUp" => 38,
            _ => 0,
        };
        let down = json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.command("Input.dispatchKeyEvent", down).await;
        self.command("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key})).await;
    }

    /// Points at the middle of what a selector finds first.
    pub async fn point_at(&mut self, selector: &str) {
        let middle = format!(
            "(() => {{
                const box = document.querySelector('{selector}').getBoundingClientRect();
                return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }};
            }})()"
        );
        let at = self.evaluate(&middle).await;
        let moved = json!({"type": "mouseMoved", "x": at["x"], "y": at["y"]});
        self.command("Input.dispatchMouseEvent", moved).await;
    }

    /// Types a text wherever the focus is.
    pub async fn type_text(&mut self, text: &str) {
        self.command("Input.insertText", json!({"text": text})).await;
    }

    /// What the screen shows, as PNG.
    pub async fn screenshot(&mut self, file: &Path) {
        let shot = self.command("Page.captureScreenshot", json!({"format": "png"})).await;
        let data = shot["data"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("a picture in base64");
        std::fs::write(file, bytes).expect("the picture can be written");
    }

    async fn command(&mut self, method: &str, parameters: Value) -> Value {
        self.commands += 1;
        let number = self.commands;
        let mut frame = json!({"id": number, "method": method, "params": parameters});
        if !self.session.is_empty() {
            frame["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(frame.to_string())).await.expect("the browser takes commands");
        let reply = timeout(PATIENCE, async {
            loop {
                let message = self.socket.next().await.expect("the browser is there").expect("the browser talks");
                let Message::Text(text) = message else { continue };
                let reply: Value = serde_json::from_str(&text).expect("the browser talks JSON");
                if reply["id"] == json!(number) {
                    return reply;
                }
            }
        });
        let reply = reply.await.unwrap_or_else(|_| panic!("{method} was not answered"));
        assert!(reply.get("error").is_none(), "{method}: {reply}");
        reply["result"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It is ours, and may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
