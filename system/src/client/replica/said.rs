//! What events of messages, threads and read markers change in a state. Of a room, only the newest messages and threads
//! are there: a change of an older one changes nothing here.

use crate::protocol::{Message, ReadMarker, ReadPosition, Room, RoomId, Thread};

pub(super) fn add_message(
    room: &Room,
    messages: &mut Vec<Message>,
    message: &Message,
    seq: u64,
) -> Result<(), &'static str> {
    if message.room != room.id {
        return Err("it is about another room");
    }
    if message.seq != seq {
        return Err("the message has another position than its event");
    }
    // Messages are ordered by position and this one is the newest, but its identifier must be new.
    if messages.iter().any(|other| other.id == message.id) {
        return Err("the message exists already");
    }
    messages.push(message.clone());
    Ok(())
}

pub(super) fn change_message(messages: &mut [Message], message: &Message, earlier: bool) -> Result<(), &'static str> {
    let Ok(place) = messages.binary_search_by_key(&message.seq, |other| other.seq) else {
        return older_or(earlier, messages.first().map(|oldest| oldest.seq), message.seq, "the message does not exist");
    };
    let known = &mut messages[place];
    if known.id != message.id {
        return Err("another message is at its position");
    }
    if message.version != known.version + 1 {
        return Err("its version is not the next one");
    }
    known.clone_from(message);
    Ok(())
}

pub(super) fn add_thread(
    room: &Room,
    threads: &mut Vec<Thread>,
    thread: &Thread,
    seq: u64,
) -> Result<(), &'static str> {
    if thread.room != room.id {
        return Err("it is about another room");
    }
    if thread.seq != seq {
        return Err("the thread has another position than its event");
    }
    if threads.iter().any(|other| other.id == thread.id || other.root == thread.root) {
        return Err("the thread exists already");
    }
    threads.push(thread.clone());
    Ok(())
}

pub(super) fn change_thread(threads: &mut [Thread], thread: &Thread, earlier: bool) -> Result<(), &'static str> {
    let Ok(place) = threads.binary_search_by_key(&thread.seq, |other| other.seq) else {
        return older_or(earlier, threads.first().map(|oldest| oldest.seq), thread.seq, "the thread does not exist");
    };
    if threads[place].id != thread.id {
        return Err("another thread is at its position");
    }
    threads[place].clone_from(thread);
    Ok(())
}

pub(super) fn move_marker(
    rooms: &[RoomId],
    reads: &mut Vec<ReadPosition>,
    marker: &ReadMarker,
) -> Result<(), &'static str> {
    if rooms.binary_search(&marker.room).is_err() {
        return Err("the user is not in the room");
    }
    let read = ReadPosition { room: marker.room, seq: marker.seq };
    match reads.binary_search_by_key(&read.room, |other| other.room) {
        Ok(place) if reads[place].seq >= read.seq => return Err("the marker does not go on"),
        Ok(place) => reads[place] = read,
        Err(place) => reads.insert(place, read),
    }
    Ok(())
}

/// Keeps the last `limit` items, and remembers that there were others.
pub(super) fn keep_newest<T>(items: &mut Vec<T>, limit: usize, earlier: &mut bool) {
    if items.len() > limit {
        items.drain(..items.len() - limit);
        *earlier = true;
    }
}

/// Something that is not here is fine if it can be older than all that is.
fn older_or(earlier: bool, oldest: Option<u64>, seq: u64, missing: &'static str) -> Result<(), &'static str> {
    if earlier && oldest.is_none_or(|oldest| seq < oldest) { Ok(()) } else { Err(missing) }
}
