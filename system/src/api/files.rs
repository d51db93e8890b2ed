//! `/rooms/{id}/files`: the complete files of a room. Uploads are in `uploads.rs`, content is in `downloads.rs`.

use axum::extract::State;

use crate::app::App;
use crate::domain::files;
use crate::domain::paging::Paging;
use crate::http::{Caller, Id, Paged, Reply};
use crate::protocol::{ErrorCode, File, Page, RoomId};
use crate::refusal::Answer;
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let list = get("/rooms/{id}/files", list, "The complete files of a room, oldest first.");
    Routes::new().with(list.refuses(&[ErrorCode::Forbidden])).of("files")
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Paged(paging): Paged,
) -> Answer<Reply<Page<File>>> {
    let Paging { cursor, limit } = paging;
    app.store.read(move |view| files::list_room(view, actor, room, cursor.as_deref(), limit)).await.map(Reply::ok)
}
