//! Every kind of operation has its sentence and its form on disk.

use std::collections::BTreeSet;

use super::*;
use crate::history::Step;

/// An action as it stands in a saved history, and how it is told.
const TOLD: &[(&str, &str)] = &[
    (r#"{"do":"send","device":"ana/phone","room":"general","body":"m17"}"#, "message.send \"m17\" to general"),
    (r#"{"do":"post","device":"ana/phone","room":"general","body":"m18"}"#, "posts \"m18\" to general over REST"),
    (
        r#"{"do":"create_room","device":"ana/phone","room":"room-1","visibility":"private"}"#,
        "creates the private room room-1",
    ),
    (r#"{"do":"add_member","device":"ana/phone","room":"general","user":"ben"}"#, "adds ben to general"),
    (r#"{"do":"add_member","device":"ana/phone","room":"general","user":"ana"}"#, "joins general"),
    (r#"{"do":"remove_member","device":"ana/phone","room":"general","user":"ben"}"#, "removes ben from general"),
    (r#"{"do":"remove_member","device":"ana/phone","room":"general","user":"ana"}"#, "leaves general"),
    (r#"{"do":"change_role","device":"ana/phone","user":"ben","role":"admin"}"#, "makes ben an admin"),
    (r#"{"do":"deactivate","device":"ana/phone","user":"ben"}"#, "deactivates ben"),
    (r#"{"do":"read_room","device":"ana/phone","room":"general"}"#, "reads general over REST"),
    (
        r#"{"do":"edit_message","device":"ana/phone","room":"general","message":"m17","body":"m20","careful":true,"over":"rest"}"#,
        "edits \"m17\" in general, if it still is as it was seen, to \"m20\" over REST",
    ),
    (
        r#"{"do":"delete_message","device":"ana/phone","room":"general","message":"m17","over":"websocket"}"#,
        "deletes \"m17\" in general",
    ),
    (
        r#"{"do":"open_thread","device":"ana/phone","room":"general","message":"m17"}"#,
        "opens the thread of \"m17\" in general",
    ),
    (
        r#"{"do":"reply","device":"ana/phone","room":"general","thread":"m17","body":"m21","over":"websocket"}"#,
        "replies \"m21\" to \"m17\" in general",
    ),
    (
        r#"{"do":"mark_read","device":"ana/phone","room":"general","behind":2,"over":"rest"}"#,
        "has read all but the last 2 events of general over REST",
    ),
    (r#"{"do":"read_threads","device":"ana/phone","room":"general"}"#, "reads the threads of general over REST"),
    (
        r#"{"do":"read_replies","device":"ana/phone","room":"general","thread":"m17"}"#,
        "reads the replies to \"m17\" in general over REST",
    ),
    (r#"{"do":"read_marker","device":"ana/phone","room":"general"}"#, "reads its marker in general over REST"),
    (r#"{"do":"search","device":"ana/phone","room":"general","query":"m1"}"#, "searches general for \"m1\""),
    (
        r#"{"do":"update_room","device":"ana/phone","room":"general","title":"t30","visibility":"private"}"#,
        "renames general to \"t30\" and makes it private",
    ),
    (r#"{"do":"archive_room","device":"ana/phone","room":"general"}"#, "archives general"),
    (r#"{"do":"unarchive_room","device":"ana/phone","room":"general"}"#, "takes general out of the archive"),
    (r#"{"do":"delete_room","device":"ana/phone","room":"general"}"#, "deletes general and all that is in it"),
    (r#"{"do":"activate","device":"ana/phone","user":"ben"}"#, "activates ben again"),
    (r#"{"do":"update_profile","device":"ana/phone","title":"t31"}"#, "calls its user \"t31\""),
    (r#"{"do":"change_password","device":"ana/phone"}"#, "changes its user's password"),
    (r#"{"do":"revoke_session","device":"ana/phone","of":"ana/laptop"}"#, "ends the session of ana/laptop"),
    (r#"{"do":"invite","device":"ana/phone","guest":"guest-7","role":"member"}"#, "invites guest-7 as member"),
    (r#"{"do":"accept","device":"guest-7/phone"}"#, "accepts the invitation and begins"),
    (r#"{"do":"revoke_invitation","device":"ana/phone","guest":"guest-7"}"#, "takes back the invitation of guest-7"),
    (r#"{"do":"read_members","device":"ana/phone","room":"general"}"#, "reads the members of general over REST"),
    (r#"{"do":"look_around","device":"ana/phone","at":"sessions"}"#, "reads its sessions over REST"),
    (
        r#"{"do":"upload_file","device":"ana/phone","file":"file-3.bin","bytes":1000,"piece_bytes":1000,"pause_ms":0,"over":"rest"}"#,
        "uploads file-3.bin of 1000 bytes",
    ),
    (
        r#"{"do":"upload_file","device":"ana/phone","room":"general","file":"file-3.bin","bytes":100000,"piece_bytes":50000,"pause_ms":250,"over":"websocket"}"#,
        "uploads file-3.bin of 100000 bytes to general in pieces of 50000, 0.250 s apart by binary frames",
    ),
    (r#"{"do":"end_upload","device":"ana/phone","file":"file-3.bin"}"#, "ends the upload of file-3.bin"),
    (
        r#"{"do":"download_file","device":"ana/phone","file":"file-3.bin","from_percent":0,"to_percent":100}"#,
        "downloads file-3.bin",
    ),
    (
        r#"{"do":"download_file","device":"ana/phone","room":"general","file":"file-3.bin","from_percent":20,"to_percent":70}"#,
        "downloads file-3.bin of general from 20 % to 70 %",
    ),
    (r#"{"do":"delete_file","device":"ana/phone","file":"file-3.bin"}"#, "deletes file-3.bin"),
    (r#"{"do":"read_files","device":"ana/phone","room":"general"}"#, "reads the files of general over REST"),
    (r#"{"do":"read_own_files","device":"ana/phone"}"#, "reads its own files over REST"),
    (r#"{"do":"read_quota","device":"ana/phone"}"#, "reads its quota over REST"),
    (r#"{"do":"refresh_token","device":"ana/phone"}"#, "refreshes its token"),
    (
        r#"{"do":"set_status","device":"ana/phone","status":"busy","text":"at lunch","over":"rest"}"#,
        "chooses to be busy, \"at lunch\", over REST",
    ),
    (r#"{"do":"set_status","device":"ana/phone","status":"away","over":"websocket"}"#, "chooses to be away"),
    (r#"{"do":"typing","device":"ana/phone","room":"general"}"#, "types in general"),
    (r#"{"do":"unsubscribe","device":"ana/phone","stream":{"room":"general"}}"#, "unsubscribes from general"),
    (r#"{"do":"subscribe","device":"ana/phone","stream":"company"}"#, "subscribes to the company again"),
    (
        r#"{"do":"catch_up","device":"ana/phone","stream":{"room":"general"},"behind":5,"limit":20}"#,
        "reads up to 20 events of general from 5 before the last one that it has, over REST",
    ),
    (r#"{"do":"read_snapshot","device":"ana/phone","stream":"company"}"#, "reads the state of the company over REST"),
    (r#"{"do":"read_profile","device":"ana/phone"}"#, "reads its profile over REST"),
    (r#"{"do":"read_status","device":"ana/phone"}"#, "reads its status over REST"),
    (r#"{"do":"read_presence","device":"ana/phone"}"#, "reads who is there over REST"),
    (r#"{"do":"close","device":"ana/phone"}"#, "closes its connection"),
    (r#"{"do":"open","device":"ana/phone"}"#, "opens a connection again"),
    (r#"{"do":"feed","room":"talk","edit":"open"}"#, "writes a new file of talk"),
    (
        r#"{"do":"feed","room":"talk","edit":{"append":{"line":1,"body":"m17","torn_ms":0}}}"#,
        "appends line 1 \"m17\" to talk",
    ),
    (
        r#"{"do":"feed","room":"talk","edit":{"append":{"line":1,"body":"m17","torn_ms":250}}}"#,
        "appends line 1 \"m17\" to talk in two writes, 0.250 s apart",
    ),
    (r#"{"do":"feed","room":"talk","edit":{"edit":{"line":1,"body":"m18"}}}"#, "makes line 1 of talk \"m18\""),
    (r#"{"do":"feed","room":"talk","edit":{"garble":{"line":1}}}"#, "makes line 1 of talk unreadable"),
    (r#"{"do":"feed","room":"talk","edit":{"drop_line":{"line":1}}}"#, "takes line 1 out of talk"),
    (r#"{"do":"feed","room":"talk","edit":"rename"}"#, "renames the file of talk"),
    (r#"{"do":"feed","room":"talk","edit":"remove"}"#, "removes the file of talk"),
];

#[test]
fn each_kind_has_its_sentence_and_keeps_its_form_on_disk() {
    let mut told = BTreeSet::new();
    for (json, sentence) in TOLD {
        let action: Action = serde_json::from_str(json).expect(json);
        assert_eq!(serde_json::to_string(&action).expect("an action is plain data"), *json);
        let step = Step { id: 1, at_ms: 0, action };
        assert_eq!(step.to_string(), format!("{}  {sentence}", step.action.who()));
        assert!(
            json.starts_with(&format!(r#"{{"do":"{}","#, step.action.kind())),
            "the tag on disk is the kind's name"
        );
        told.insert(step.action.kind());
    }
    for kind in KINDS {
        assert!(told.contains(kind.name), "`{}` has no line above", kind.name);
        assert!(!kind.summary.is_empty() && (kind.weight > 0) == kind.strategy.is_some(), "{}", kind.name);
    }
    assert_eq!(KINDS.len(), told.len(), "each kind has a name of its own");
}

#[test]
fn an_unknown_field_of_an_operation_is_refused() {
    let error = serde_json::from_str::<Action>(r#"{"do":"close","device":"ana/phone","for_ms":5}"#).unwrap_err();
    assert!(error.to_string().contains("unknown field `for_ms`, expected `device`"), "{error}");
}

#[test]
fn an_upload_is_made_simpler_until_it_is_one_byte_at_once() {
    let upload = UploadFile {
        room: Some("general".to_owned()),
        bytes: 150_000,
        piece_bytes: 40_000,
        pause_ms: 100,
        over: Way::Websocket,
        ..UploadFile::small("ana/phone".to_owned())
    };
    let mut simplest = Action::from(upload);
    for _ in 0..40 {
        match simplest.deed().and_then(|deed| deed.simpler().pop()) {
            Some(simpler) => simplest = simpler,
            None => break,
        }
    }
    let Action::UploadFile(UploadFile { bytes, pause_ms, over, .. }) = simplest else { panic!("{simplest:?}") };
    assert_eq!((bytes, pause_ms, over), (0, 0, Way::Rest));
}
