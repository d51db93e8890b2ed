//! `/rooms/{id}/files`: the complete files of a room. Uploads are in `uploads.rs`, content is in `downloads.rs`.

use axum::extract::State;

use super::uploads::Paging;
use crate::app::App;
use crate::domain::files;
use crate::http::{Caller, Id, Params, Reply};
use crate::protocol::{ErrorCode, File, Page, RoomId};
use crate::refusal::Answer;
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let list = get("/rooms/{id}/files", list, "The complete files of a room, oldest first.");
    Routes::new().with(list.refuses(&[ErrorCode::Forbidden, ErrorCode::InvalidValue])).of("files")
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Params(paging): Params<Paging>,
) -> Answer<Reply<Page<File>>> {
    let limit = paging.limit(&app);
    app.store
        .read(move |view| files::list_room(view, actor, room, paging.cursor.as_deref(), limit))
        .await
        .map(Reply::ok)
}
