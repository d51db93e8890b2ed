//! Settings that cannot be: exit 64, and one line that names the key and what would be right.

use std::fs;
use std::path::Path;

use crate::support::{Refused, refused};

/// That the program refuses these settings and names what is wrong with them.
async fn check(directory: &Path, arguments: &[&str], environment: &[(&str, &str)], said: &[&str]) {
    let before = fs::read_dir(directory).unwrap().count();
    let Refused { code, stdout, stderr } = refused(directory, arguments, environment).await;
    assert_eq!((code, stdout.as_str()), (Some(64), ""), "{stderr}");
    // clap adds its usage below.
    let line = stderr.lines().next().unwrap_or_default();
    for part in said {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
    assert!(line.starts_with("error: ") || stderr.lines().count() == 1, "{stderr}");
    assert_eq!(fs::read_dir(directory).unwrap().count(), before, "nothing is written");
}

#[tokio::test]
async fn a_file_that_cannot_be() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("stormglass.toml");
    for (text, said) in [
        ("listenn = 'x'", &["`listenn`", "stormglass.toml", "is no setting", "listen, data_directory"][..]),
        ("[websocket]\nheart_ms = 5", &["`websocket.heart_ms`", "is no setting", "heartbeat_ms"]),
        ("[websocket]\nheartbeat_ms = 'soon'", &["`websocket.heartbeat_ms`", "found string \"soon\"", "u64"]),
        ("[websocket]\nheartbeat_ms = -1", &["`websocket.heartbeat_ms`", "-1"]),
        ("[websocket]\nheartbeat_ms = 5", &["`websocket.heartbeat_ms` is 5: it must be from 100 to 86400000"]),
        ("[auth]\naccess_token_ms = 1999", &["`auth.access_token_ms` is 1999: it must be from 2000"]),
        ("[password]\nmemory_kib = 8\nparallelism = 2", &["`password.parallelism` is 2"]),
        ("[websocket", &["stormglass.toml", "line 1, column 11"]),
        ("websocket = 3", &["`websocket`", "found signed int `3`"]),
    ] {
        fs::write(&file, text).unwrap();
        check(directory.path(), &["--config", "stormglass.toml"], &[], said).await;
    }
    check(directory.path(), &["--config", "absent.toml"], &[], &["absent.toml", "check --config"]).await;
    check(directory.path(), &["--config", "."], &[], &["is no file"]).await;
}

#[tokio::test]
async fn an_environment_that_cannot_be() {
    let directory = tempfile::tempdir().unwrap();
    for (name, value, said) in [
        ("STORMGLASS_WEBSOCKET__HEARTBEAT_MS", "soon", &["found string \"soon\"", "u64"][..]),
        ("STORMGLASS_WEBSOCKET__HEART_MS", "5", &["is no setting", "heartbeat_ms"]),
        ("STORMGLASS_COLOUR", "blue", &["is no setting"]),
    ] {
        check(directory.path(), &[], &[(name, value)], &[&[name], said].concat()).await;
    }
    let short = [("STORMGLASS_OPERATOR__TOKEN", "short-and-secret")];
    check(
        directory.path(),
        &["verify"],
        &[("STORMGLASS_OPERATOR__TOKEN", "short")],
        &["`operator.token`", "16 to 256"],
    )
    .await;
    let printed = refused(directory.path(), &["--print-config"], &short).await;
    assert!(printed.stdout.contains("[operator]") && !printed.stdout.contains("secret"), "{}", printed.stdout);
    let absent = [("STORMGLASS_OPERATOR__TOKEN_FILE", "absent")];
    check(directory.path(), &[], &absent, &["operator.token_file", "absent", "cannot be read"]).await;
    let bound = [("STORMGLASS_WEBSOCKET__HEARTBEAT_MS", "5")];
    check(directory.path(), &[], &bound, &["`websocket.heartbeat_ms` is 5"]).await;
}

#[tokio::test]
async fn flags_that_cannot_be() {
    let directory = tempfile::tempdir().unwrap();
    check(directory.path(), &["--colour"], &[], &["unexpected argument '--colour'"]).await;
    check(directory.path(), &["serve"], &[], &["unrecognized subcommand 'serve'"]).await;
    check(directory.path(), &["--log-json", "verify"], &[], &["'--log-json' is for serving"]).await;
    check(directory.path(), &["backup"], &[], &["required arguments were not provided"]).await;
    check(directory.path(), &["--config"], &[], &["a value is required for '--config <FILE>'"]).await;
    check(directory.path(), &["--listen", "here"], &[], &["cannot listen on here", "--listen"]).await;
    check(directory.path(), &["--listen", "127.0.0.1:99999"], &[], &["cannot listen on 127.0.0.1:99999"]).await;
}

#[tokio::test]
async fn the_later_source_wins_and_what_is_printed_prints_itself_again() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.toml"), "listen = 'file:1'\ndata_directory = 'file'\n[http]\npage_items = 7")
        .unwrap();
    let arguments = ["--config", "a.toml", "--data-directory", "flag", "--print-config"];
    let environment = [("STORMGLASS_LISTEN", "environment:1"), ("STORMGLASS_DATA_DIRECTORY", "environment")];
    let first = refused(directory.path(), &arguments, &environment).await;
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    for line in ["listen = \"environment:1\"", "data_directory = \"flag\"", "page_items = 7", "heartbeat_ms = 10000"] {
        assert!(first.stdout.lines().any(|printed| printed == line), "{line} is not in {}", first.stdout);
    }
    fs::write(directory.path().join("b.toml"), &first.stdout).unwrap();
    let second = refused(directory.path(), &["--config", "b.toml", "--print-config"], &[]).await;
    assert_eq!((second.code, second.stdout), (Some(0), first.stdout));
}
