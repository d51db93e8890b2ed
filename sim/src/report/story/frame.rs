//! WebSocket frames in a person's words. Heartbeats are nobody's story.

use system::protocol::{ClientFrame, Command, Event, EventBody, Follow, ServerFrame, StreamState};

/// What a device said.
pub fn sent(frame: &ClientFrame) -> Option<String> {
    Some(match &frame.command {
        Command::Hello(hello) => {
            let at: Vec<_> =
                hello.positions.iter().map(|position| format!("{}#{}", position.stream, position.seq)).collect();
            let at = if at.is_empty() { "anew".to_owned() } else { format!("at {}", at.join(", ")) };
            match &hello.follow {
                Follow::All => format!("hello {at}"),
                Follow::These(streams) => {
                    let streams: Vec<_> = streams.iter().map(ToString::to_string).collect();
                    format!("hello {at}, to follow {}", streams.join(", "))
                }
            }
        }
        Command::Subscribe(subscribe) => match subscribe.position {
            Some(position) => format!("subscribe {} from {}", subscribe.stream, position.seq),
            None => format!("subscribe {} from now on", subscribe.stream),
        },
        Command::Unsubscribe(unsubscribe) => format!("unsubscribe {}", unsubscribe.stream),
        Command::MessageSend(message) => format!("message.send {} {:?}", message.room, message.body),
        Command::AuthRefresh(_) => "auth.refresh".to_owned(),
        Command::Pong => return None,
    })
}

/// What the server said.
pub fn received(frame: &ServerFrame) -> Option<String> {
    Some(match frame {
        ServerFrame::Welcome(_, welcome) => {
            let streams: Vec<_> = welcome.streams.iter().map(stream_state).collect();
            format!("welcome as {}: {}", welcome.role.as_str(), streams.join(", "))
        }
        ServerFrame::Subscribed(_, state) => format!("subscribed {}", stream_state(state)),
        ServerFrame::Unsubscribed(_, gone) => match &gone.reason {
            Some(reason) => format!("unsubscribed {}: {reason}", gone.stream),
            None => format!("unsubscribed {}", gone.stream),
        },
        ServerFrame::Ack(_, ack) => {
            let duplicate = if ack.duplicate { ", a repeat" } else { "" };
            format!("ack {}#{} {:?}{duplicate}", ack.stream, ack.seq, ack.object.body)
        }
        ServerFrame::TokenRefreshed(_, token) => format!("ack, the token is good until {}", token.token_expires_at),
        ServerFrame::Error(_, error) => format!("error {:?}: {}", error.code, error.message),
        ServerFrame::Event(event) => self::event(event),
        ServerFrame::Ping => return None,
        ServerFrame::TokenExpiring(token) => format!("token.expiring at {}", token.expires_at),
        ServerFrame::Presence(presence) => {
            format!("{} is {}", presence.user, if presence.online { "online" } else { "offline" })
        }
        ServerFrame::Closing(closing) => {
            let reconnect = if closing.reconnect { "come back" } else { "do not come back" };
            format!("closing with {}: {reconnect}", closing.code)
        }
    })
}

fn stream_state(state: &StreamState) -> String {
    let recovered = if state.recovered { "recovered" } else { "take the snapshot" };
    format!("{}#{} {recovered}", state.stream, state.seq)
}

fn event(event: &Event) -> String {
    let about = match &event.body {
        EventBody::CompanyCreated(company) => company.name.clone(),
        EventBody::UserCreated(user) => format!("{} as {}", user.id, user.role.as_str()),
        EventBody::UserUpdated(user) => {
            format!("{} is {}{}", user.id, user.role.as_str(), if user.active { "" } else { ", deactivated" })
        }
        EventBody::RoomCreated(room) | EventBody::RoomJoined(room) => room.name.clone(),
        EventBody::MemberAdded(member) => member.user.to_string(),
        EventBody::MemberRemoved(member) => member.user.to_string(),
        EventBody::MessageCreated(message) => format!("{:?}", message.body),
        EventBody::RoomLeft(left) => left.room.to_string(),
        EventBody::SessionRevoked(revoked) => revoked.session.to_string(),
    };
    format!("{}#{} {} {about}", event.stream, event.seq, event.body.kind())
}
