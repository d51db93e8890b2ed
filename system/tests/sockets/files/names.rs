//! Names and media types: whatever a client says, it is a name and stays one.

use system::protocol::{ErrorCode, NewFile};

use super::tus::{Tus, new_file};
use crate::support::{Company, LiveServer};

#[tokio::test]
async fn paths_and_control_characters_are_no_names() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let long = "ä".repeat(128);
    for name in [
        "",
        " ",
        ".",
        "..",
        "a/b",
        "/etc/passwd",
        "..\\a",
        "a\\b",
        "a\nb",
        "a\0",
        "a\r\nX: y",
        "\u{7f}",
        "a\u{85}b",
        &long,
    ] {
        let answer = tus.creation(&new_file(name, None, 1)).send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        assert_eq!(answer.problem().errors[0].field, "filename", "{name:?}");
    }
    for content_type in ["text", "/", "text/", "/plain", "text/pl ain", "text/plain\r\nX: y", "täxt/plain", "a/b/c"] {
        let file = NewFile { content_type: content_type.to_owned(), ..new_file("a", None, 1) };
        let answer = tus.creation(&file).send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        assert_eq!(answer.problem().errors[0].field, "filetype", "{content_type:?}");
    }
}

#[tokio::test]
async fn a_name_stays_in_its_place() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    for (name, expected) in [
        ("a b.txt", r#"attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt"#),
        (r#"x"; filename="y"#, r#"attachment; filename="x_; filename=_y"; filename*=UTF-8''x%22%3B%20filename%3D%22y"#),
        ("Grüße.txt", r#"attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"#),
        ("...", r#"attachment; filename="..."; filename*=UTF-8''..."#),
    ] {
        let file = NewFile { content_type: "text/html".to_owned(), ..new_file(name, None, 2) };
        let created = tus.creation(&file).header("Content-Type", "application/offset+octet-stream").body("<>");
        let created = created.send(server.address).await;
        assert_eq!(created.json()["name"], name);
        let path = created.headers["location"].strip_prefix("/api/v1").unwrap().to_owned() + "/content";
        let answer = tus.request("GET", &path).send(server.address).await;
        assert_eq!(answer.headers["content-disposition"], expected);
        // No browser takes what a user uploaded for a page of this server.
        assert_eq!(answer.headers["content-type"], "text/html");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["content-security-policy"], "default-src 'none'; sandbox");
    }
}
