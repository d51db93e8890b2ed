//! Every error code and every close code of the contract is given by some operation on a real socket (REQUIREMENTS.md
//! WS-12): one row for each, its provocation beside it. A code that no request of these provokes names the test that does,
//! or says why none can.
//!
//! The lists are the enums themselves: a code without a row does not compile.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use serde_json::json;
use system::Server;
use system::client::CallError;
use system::config::Secret;
use system::platform::{Backend, BoxFuture, OsPlatform, Platform, Work};
use system::protocol::{
    AcceptInvitation, ChangePassword, CloseCode, CreateInvitation, CreateUser, CreatedInvitation, Epoch, ErrorCode,
    FileId, Login, MessageId, Position, Role, RoomId, SUBPROTOCOL, ServerFrame, StreamId, Timestamp, Visibility,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    Company, LiveServer, Person, RawAnswer, RawRequest, Schemas, Socket, handshake, password, quick, read_until_closed,
};

/// What gives a code.
enum Given {
    /// The provocation: this came of it.
    Here(Result<(), String>),
    /// A test of this suite, for what it takes is more than a request: `folder/file.rs::test`.
    By(&'static str),
    /// Nothing can, and why.
    ByNothing(&'static str),
}

#[tokio::test]
async fn each_error_code_is_given() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for code in error_codes() {
        let given = world.provoke(code).await;
        wrong.extend(problem(&format!("{code:?}"), "ErrorCode", given));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_close_code_is_given() {
    let mut wrong = Vec::new();
    for code in CloseCode::ALL {
        wrong.extend(problem(&format!("{code:?}"), "CloseCode", close(code).await));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As the published documents list them.
fn error_codes() -> Vec<ErrorCode> {
    let schemas = &Schemas::published().openapi["components"]["schemas"]["ErrorCode"];
    let variants = schemas["oneOf"].as_array().into_iter().flatten();
    let names = variants.flat_map(|variant| {
        let several = variant["enum"].as_array().cloned().unwrap_or_default();
        several.into_iter().chain(variant.get("const").cloned())
    });
    let codes: Vec<ErrorCode> = names.map(|name| serde_json::from_value(name).unwrap()).collect();
    assert!(codes.len() >= 40, "the document lists {} error codes", codes.len());
    codes
}

/// What is wrong with a row, if anything.
fn problem(code: &str, kind: &str, given: Given) -> Option<String> {
    match given {
        Given::Here(outcome) => outcome.err().map(|got| format!("{code}: {got}")),
        Given::By(test) => {
            let (file, name) = test.split_once("::").expect("file::test");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sockets").join(file);
            let text = fs::read_to_string(&path).unwrap_or_default();
            let proves = text.contains(&format!("async fn {name}()")) && text.contains(&format!("{kind}::{code}"));
            (!proves).then(|| format!("{code}: {test} is not there, or does not name it"))
        }
        Given::ByNothing(why) => why.is_empty().then(|| format!("{code}: no reason")),
    }
}

/// A company in which everything has gone wrong already that a code needs.
struct World {
    server: LiveServer,
    company: Company,
    guest: Person,
    /// Of `general`, where the owner says everything.
    room: RoomId,
    archived: RoomId,
    deleted: MessageId,
    reply: MessageId,
    used: CreatedInvitation,
    revoked: CreatedInvitation,
    /// Of which nothing has come yet.
    upload: FileId,
    /// Whole, of ten bytes.
    file: FileId,
}

impl World {
    async fn new() -> Self {
        let server = LiveServer::with(|config| {
            config.auth.invitation_ms = 1_000;
            config.quota.user_bytes = 1_000;
        })
        .await;
        let company = Company::register(server.address, "acme").await;
        let guest = company.hire("gus", Role::Guest).await;
        let room = company.room("general", Visibility::Public, &[&guest]).await.id;
        let archived = company.room("attic", Visibility::Public, &[]).await.id;
        let (rest, token) = (&company.rest, company.owner.token());
        rest.archive_room(token, archived).await.unwrap();
        let message = company.post(room, "a message").await.id;
        let deleted = company.post(room, "gone").await.id;
        rest.delete_message(token, (room, deleted), None).await.unwrap();
        let thread = rest.open_thread(token, room, message, &company.key()).await.unwrap();
        let reply = rest.post_reply(token, (room, thread.id), "a reply", &company.key()).await.unwrap().id;
        let invite = async |name: &str| {
            let body = CreateInvitation { email: format!("{name}@acme.test"), role: Role::Guest };
            rest.invite(token, &body, &company.key()).await.unwrap()
        };
        let used = invite("used").await;
        rest.accept(&acceptance(&used), &company.key()).await.unwrap();
        let revoked = invite("revoked").await;
        rest.revoke_invitation(token, revoked.invitation.id).await.unwrap();
        let tus = |request: RawRequest| request.token(token).header("Tus-Resumable", "1.0.0");
        let create = async || {
            let creation = tus(RawRequest::api("POST", "/files")).header("Upload-Length", "10");
            let answer = creation.header("Upload-Metadata", "filename YS50eHQ=").send(server.address).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            serde_json::from_value::<FileId>(answer.json()["id"].clone()).unwrap()
        };
        let (upload, file) = (create().await, create().await);
        let content = tus(RawRequest::api("PATCH", &format!("/files/{file}"))).header("Upload-Offset", "0");
        let content = content.header("Content-Type", "application/offset+octet-stream").body("0123456789");
        assert_eq!(content.send(server.address).await.status, 204);
        Self { guest, room, archived, deleted, reply, used, revoked, upload, file, company, server }
    }

    fn token(&self) -> &str {
        self.company.owner.token()
    }

    /// A request of the owner's must be refused with this code.
    async fn sends(&self, code: ErrorCode, request: RawRequest) -> Given {
        let answer = request.send(self.server.address).await;
        Given::Here(match answer.status {
            200..300 => Err(format!("{answer:?}")),
            status if status == code.status() && answer.problem().code == code => Ok(()),
            _ => Err(format!("{answer:?}")),
        })
    }

    async fn post(&self, code: ErrorCode, path: &str, body: &str) -> Given {
        self.sends(code, RawRequest::api("POST", path).token(self.token()).json(body)).await
    }

    async fn tus(&self, code: ErrorCode, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Given {
        let request = RawRequest::api(method, path).token(self.token()).header("Tus-Resumable", "1.0.0");
        let with_headers = |request: RawRequest, (name, value): &(&str, &str)| request.header(name, value);
        self.sends(code, headers.iter().fold(request, with_headers).body(body)).await
    }

    async fn provoke(&self, code: ErrorCode) -> Given {
        let Self { company, room, .. } = self;
        let (rest, token, address) = (&company.rest, self.token(), self.server.address);
        let messages = format!("/rooms/{room}/messages");
        let chunk: [(&str, &str); 1] = [("Content-Type", "application/offset+octet-stream")];
        match code {
            ErrorCode::InvalidRequest => self.post(code, "/rooms", "{").await,
            ErrorCode::InvalidValue => self.post(code, "/rooms", r#"{"name":"","visibility":"public"}"#).await,
            ErrorCode::TooLarge => {
                let body = json!({"body": "x".repeat(4 << 20)}).to_string();
                self.post(code, &messages, &body).await
            }
            ErrorCode::UnsupportedMediaType => {
                let request = RawRequest::api("POST", "/rooms").token(token).header("Content-Type", "text/plain");
                self.sends(code, request.body("a room, please")).await
            }
            ErrorCode::UnknownCommand => said(address, token, true, "message.shout", code).await,
            ErrorCode::UnexpectedCommand => said(address, token, false, "unsubscribe", code).await,
            ErrorCode::NotFound => self.sends(code, RawRequest::api("GET", "/nowhere")).await,
            ErrorCode::MethodNotAllowed => self.sends(code, RawRequest::api("PATCH", "/rooms").token(token)).await,
            ErrorCode::Unauthenticated => self.sends(code, RawRequest::api("GET", "/rooms")).await,
            ErrorCode::HandshakeRefused => knocks(address, "nonsense", code).await,
            ErrorCode::WrongCredentials => {
                let login = Login { email: "owner@acme.test".into(), password: "wrong-1".into(), device: "x".into() };
                refused(code, rest.login(&login).await)
            }
            ErrorCode::SessionRevoked => {
                let brief = company.log_in("owner@acme.test").await;
                rest.logout(brief.token()).await.unwrap();
                refused(code, rest.me(brief.token()).await)
            }
            ErrorCode::RefreshTokenInvalid => refused(code, rest.refresh("nonsense").await),
            ErrorCode::Forbidden => refused(code, rest.users(self.guest.token(), None).await),
            ErrorCode::LastOwner => refused(code, rest.change_role(token, company.owner.id(), Role::Member).await),
            ErrorCode::EmailTaken => {
                let (email, name) = ("gus@acme.test".to_owned(), "Gus".to_owned());
                let user = CreateUser { email, name, password: password(), role: Role::Guest };
                refused(code, rest.create_user(token, &user, &company.key()).await)
            }
            ErrorCode::WrongPassword => {
                let change = ChangePassword { current: "wrong-1".into(), new: "another-1".into() };
                refused(code, rest.change_password(token, &change).await)
            }
            ErrorCode::VersionConflict => {
                let request = RawRequest::api("PATCH", &format!("/rooms/{room}")).token(token);
                self.sends(code, request.header("If-Match", "\"99\"").json(r#"{"name":"other"}"#)).await
            }
            ErrorCode::RoomArchived => {
                refused(code, rest.post_message(token, self.archived, "too late", &company.key()).await)
            }
            ErrorCode::InvitationUsed => refused(code, rest.accept(&acceptance(&self.used), "another").await),
            ErrorCode::InvitationExpired => {
                let body = CreateInvitation { email: "late@acme.test".into(), role: Role::Guest };
                let late = rest.invite(token, &body, &company.key()).await.unwrap();
                sleep(Duration::from_millis(1_100)).await;
                refused(code, rest.accept(&acceptance(&late), "late").await)
            }
            ErrorCode::InvitationRevoked => refused(code, rest.accept(&acceptance(&self.revoked), "taken-back").await),
            ErrorCode::MessageDeleted => {
                refused(code, rest.edit_message(token, (*room, self.deleted), "again", None).await)
            }
            ErrorCode::NestedThread => refused(code, rest.open_thread(token, *room, self.reply, &company.key()).await),
            ErrorCode::IdempotencyKeyReused => {
                rest.post_message(token, *room, "once", "the-same").await.unwrap();
                refused(code, rest.post_message(token, *room, "twice", "the-same").await)
            }
            ErrorCode::RateLimited => Given::By("live/limits.rs::guesses_are_slowed_down_and_good_logins_are_not"),
            ErrorCode::LimitReached => {
                let server = LiveServer::with(|config| config.limits.connections_per_address = 1).await;
                let company = Company::register(server.address, "small").await;
                let (_one, _) = Socket::follow_all(server.address, company.owner.token()).await;
                knocks(server.address, company.owner.token(), code).await
            }
            ErrorCode::Unavailable => {
                let server = LiveServer::with(|config| config.limits.connections = 1).await;
                let company = Company::register(server.address, "small").await;
                let (_one, _) = Socket::follow_all(server.address, company.owner.token()).await;
                knocks(server.address, company.owner.token(), code).await
            }
            ErrorCode::StorageFailed => with_a_failing_disk().await,
            ErrorCode::Timeout => {
                let server = LiveServer::with(|config| config.http.request_timeout_ms = 200).await;
                let company = Company::register(server.address, "slow").await;
                let head = format!(
                    "POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
                     Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
                    company.owner.token()
                );
                breaks_off(server.address, &head, code).await
            }
            ErrorCode::PositionLost => {
                let after = Position { seq: 0, epoch: Epoch(99) };
                refused(code, rest.events(token, StreamId::Room(*room), after, 10).await)
            }
            ErrorCode::UploadOffsetMismatch => {
                let headers = [chunk[0], ("Upload-Offset", "7")];
                self.tus(code, "PATCH", &format!("/files/{}", self.upload), &headers, "789").await
            }
            ErrorCode::ChecksumMismatch => {
                let checksum = ("Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
                let headers = [chunk[0], ("Upload-Offset", "0"), checksum];
                self.tus(code, "PATCH", &format!("/files/{}", self.upload), &headers, "hello").await
            }
            ErrorCode::QuotaExceeded => {
                let headers = [("Upload-Length", "100000"), ("Upload-Metadata", "filename YS50eHQ=")];
                self.tus(code, "POST", "/files", &headers, "").await
            }
            ErrorCode::TusVersionUnsupported => {
                let request = RawRequest::api("POST", "/files").token(token).header("Tus-Resumable", "0.2.2");
                self.sends(code, request.header("Upload-Length", "10")).await
            }
            ErrorCode::BodyTooSlow => Given::By("files/slowness.rs::who_stalls_is_told_and_keeps_what_was_sent"),
            ErrorCode::FileIncomplete => {
                let path = format!("/files/{}/content", self.upload);
                self.sends(code, RawRequest::api("GET", &path).token(token)).await
            }
            ErrorCode::RangeNotSatisfiable => {
                let request = RawRequest::api("GET", &format!("/files/{}/content", self.file)).token(token);
                self.sends(code, request.header("Range", "bytes=10-")).await
            }
            ErrorCode::ContentDamaged => {
                Given::By("files/downloads.rs::damage_is_found_where_it_is_read_and_never_served")
            }
            ErrorCode::Internal => Given::ByNothing(
                "it is our own bug: there is none that a request reaches. What panics in a command is provoked below, as \
                 close code 1011",
            ),
        }
    }
}

fn acceptance(invited: &CreatedInvitation) -> AcceptInvitation {
    AcceptInvitation { token: invited.token.clone(), name: "New".into(), password: password(), device: "test".into() }
}

fn refused<T: std::fmt::Debug>(code: ErrorCode, outcome: Result<T, CallError>) -> Given {
    Given::Here(match outcome {
        Err(error) if error.code() == Some(code) => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

/// A command must be refused.
async fn said(address: std::net::SocketAddr, token: &str, greeted: bool, kind: &str, code: ErrorCode) -> Given {
    let mut socket = Socket::open(address, token).await;
    if greeted {
        socket.hello(json!({"follow": []})).await;
    }
    Given::Here(match socket.ask(kind, json!({"stream": "room:01890000-0000-7000-8000-000000000001"})).await {
        ServerFrame::Error(_, error) if error.code == code => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

/// An upgrade must be refused.
async fn knocks(address: std::net::SocketAddr, token: &str, code: ErrorCode) -> Given {
    let bearer = format!("Bearer {token}");
    let headers = [(AUTHORIZATION, bearer.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
    Given::Here(match handshake(address, &headers).await {
        Err(answer) if answer.problem().code == code => Ok(()),
        Err(answer) => Err(format!("{answer:?}")),
        Ok(_) => Err("it was upgraded".to_owned()),
    })
}

/// A request that does not go on must be answered all the same.
async fn breaks_off(address: std::net::SocketAddr, head: &str, code: ErrorCode) -> Given {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = RawAnswer::parse(&read_until_closed(&mut stream).await);
    Given::Here(if answer.problem().code == code { Ok(()) } else { Err(format!("{answer:?}")) })
}

/// A machine whose disk, or whose entropy, fails when it is told to.
#[derive(Debug)]
struct Failing {
    machine: OsPlatform,
    disk_fails: Arc<AtomicBool>,
    entropy_fails: AtomicBool,
}

impl Failing {
    fn new(directory: &Path) -> Arc<Self> {
        let (disk_fails, entropy_fails) = (Arc::default(), AtomicBool::new(false));
        Arc::new(Self { machine: OsPlatform::new(directory), disk_fails, entropy_fails })
    }
}

impl Platform for Failing {
    fn now(&self) -> Timestamp {
        self.machine.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        assert!(!self.entropy_fails.load(Ordering::Relaxed), "no entropy, as the test wants it");
        self.machine.fill_random(bytes);
    }

    fn open_database(&self) -> io::Result<Backend> {
        Ok(Box::new(FailingDisk { disk: self.machine.open_database()?, fails: self.disk_fails.clone() }))
    }

    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        self.machine.run_blocking(work)
    }
}

#[derive(Debug)]
struct FailingDisk {
    disk: Backend,
    fails: Arc<AtomicBool>,
}

impl FailingDisk {
    fn works(&self) -> io::Result<()> {
        if self.fails.load(Ordering::Relaxed) { Err(io::Error::other("the disk is broken")) } else { Ok(()) }
    }
}

impl redb::StorageBackend for FailingDisk {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.works()?;
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.works()?;
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.works()?;
        self.disk.write(offset, data)
    }
}

async fn with_a_failing_disk() -> Given {
    let directory = tempfile::tempdir().unwrap();
    let platform = Failing::new(directory.path());
    let server = LiveServer::on(Server::start(quick(), platform.clone()).await.unwrap()).await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    platform.disk_fails.store(true, Ordering::Relaxed);
    let posted = company.rest.post_message(company.owner.token(), room.id, "kept?", &company.key()).await;
    refused(ErrorCode::StorageFailed, posted)
}

/// The rows of close codes.
async fn close(code: CloseCode) -> Given {
    match code {
        CloseCode::Normal => {
            let (_server, _, mut socket) = following(|_| {}).await;
            socket.send(Message::Close(None)).await;
            // RFC 6455 §5.5.1: an answer to a close without a code has none either, or says 1000.
            let answered = socket.until_closed().await.1;
            Given::Here(match answered {
                None | Some(1000 | 1005) => Ok(()),
                other => Err(format!("{other:?}")),
            })
        }
        CloseCode::GoingAway => {
            Given::By("program/stopping.rs::a_client_that_reads_only_when_the_deadline_is_near_is_told_to_go_away")
        }
        CloseCode::ProtocolError => {
            let (_server, _, mut socket) = following(|_| {}).await;
            // Opcode 3 does not exist.
            socket.tcp().write_all(&[0x83, 0x80, 0, 0, 0, 0]).await.unwrap();
            closed(socket, code).await
        }
        CloseCode::UnsupportedData => {
            let (_server, _, mut socket) = following(|_| {}).await;
            for _ in 0..31 {
                socket.send(Message::binary(vec![0xff])).await;
            }
            closed(socket, code).await
        }
        CloseCode::InvalidData => {
            let (_server, _, mut socket) = following(|_| {}).await;
            socket.tcp().write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).await.unwrap();
            closed(socket, code).await
        }
        CloseCode::PolicyViolation => {
            let server = LiveServer::with(|config| config.websocket.hello_timeout_ms = 100).await;
            let company = Company::register(server.address, "acme").await;
            closed(Socket::open(server.address, company.owner.token()).await, code).await
        }
        CloseCode::TooLarge => {
            let (_server, _, mut socket) = following(|config| config.websocket.frame_bytes = 1_024).await;
            socket.say_text("x".repeat(4 * 1_024 + 1)).await;
            closed(socket, code).await
        }
        CloseCode::Internal => {
            let directory = tempfile::tempdir().unwrap();
            let platform = Failing::new(directory.path());
            let server = LiveServer::on(Server::start(quick(), platform.clone()).await.unwrap()).await;
            let company = Company::register(server.address, "acme").await;
            let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
            platform.entropy_fails.store(true, Ordering::Relaxed);
            socket.say(json!({"type": "pong"})).await;
            let given = closed(socket, code).await;
            platform.entropy_fails.store(false, Ordering::Relaxed);
            given
        }
        CloseCode::ServiceRestart => {
            let (server, _, socket) = following(|_| {}).await;
            let stopped = server.stop();
            let given = closed(socket, code).await;
            stopped.await.unwrap().unwrap();
            given
        }
        CloseCode::TryAgainLater => {
            let operator = "an-operators-token-of-at-least-32-characters";
            let (server, company, first) = following(|config| config.operator.token = Secret::new(operator)).await;
            let (second, _) = Socket::follow_all(server.address, company.owner.token()).await;
            let lower = RawRequest::api("PUT", "/operator/limits").json(r#"{"connections": 1}"#).token(operator);
            assert_eq!(lower.send(server.address).await.status, 200);
            drop(first);
            closed(second, code).await
        }
        CloseCode::TokenExpired => {
            let (_server, _, socket) = following(|config| config.auth.access_token_ms = 2_000).await;
            closed(socket, code).await
        }
        CloseCode::SlowConsumer => {
            Given::By("websocket/slow_reader.rs::a_slow_reader_is_closed_others_go_on_and_it_resumes")
        }
        CloseCode::HeartbeatLost => {
            let (_server, _, socket) = following(|config| {
                config.websocket.heartbeat_ms = 100;
                config.websocket.silence_ms = 300;
            })
            .await;
            closed(socket, code).await
        }
        CloseCode::RateLimited => Given::By("live/pace.rs::who_says_too_much_is_warned_then_slowed_down_then_closed"),
        CloseCode::Superseded | CloseCode::LimitReached => {
            let newest_wins = code == CloseCode::Superseded;
            let (server, company, oldest) = following(|config| {
                config.limits.connections_per_user = 1;
                config.limits.newest_connection_wins = newest_wins;
            })
            .await;
            let newest = Socket::open(server.address, company.owner.token()).await;
            closed(if newest_wins { oldest } else { newest }, code).await
        }
        CloseCode::Unauthorized => {
            let (_server, company, socket) = following(|_| {}).await;
            company.rest.logout(company.owner.token()).await.unwrap();
            closed(socket, code).await
        }
        CloseCode::Forbidden => {
            let (server, company, _) = following(|_| {}).await;
            let mia = company.hire("mia", Role::Member).await;
            let (socket, _) = Socket::follow_all(server.address, mia.token()).await;
            company.rest.deactivate(company.owner.token(), mia.id()).await.unwrap();
            closed(socket, code).await
        }
    }
}

/// A server, a company, and its owner's connection.
async fn following(adjust: impl FnOnce(&mut system::Config)) -> (LiveServer, Company, Socket) {
    let server = LiveServer::with(adjust).await;
    let company = Company::register(server.address, "acme").await;
    let (socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    (server, company, socket)
}

async fn closed(mut socket: Socket, code: CloseCode) -> Given {
    let (frames, got) = socket.until_closed().await;
    let as_expected = got == Some(code.number());
    Given::Here(if as_expected { Ok(()) } else { Err(format!("closed with {got:?} after {frames:?}")) })
}
